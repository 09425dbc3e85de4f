//! `GET /me/v1/authentication-methods` with a token from a real login.

use anyhow::{Context, Result, ensure};
use http::{HeaderValue, StatusCode, header};
use http_body_util::Full;

use crate::{
    client::{self, Client},
    load::Operation,
    login::{Account, login},
    workload::{Bench, Pair, connect},
};

const NAME: &str = "GET authentication-methods";
const SCOPE: &str = "openid read:me:authentication_methods";

/// Measures it.
pub async fn measure(bench: &Bench<'_>) -> Result<Pair> {
    bench.measure(NAME, List::connect).await
}

/// One connection and its token.
pub struct List {
    client: Client,
    authorization: HeaderValue,
}

impl List {
    /// Connects and signs in.
    pub async fn connect(account: Account) -> Result<Self> {
        let mut client = connect(&account).await?;
        let tokens = login(&mut client, &account, SCOPE).await?;
        let mut list =
            Self { client, authorization: format!("Bearer {}", tokens.access).try_into()? };
        let body = list.request().await?;
        let text = String::from_utf8(body.to_vec()).context("the list is not UTF-8")?;
        // The demo user has a password, so an empty list would not be this user's.
        ensure!(text.contains(r#""type":"password""#), "{NAME}: not the user's list: {text}");
        Ok(list)
    }

    async fn request(&mut self) -> Result<bytes::Bytes> {
        let request = client::get("/me/v1/authentication-methods")
            .header(header::AUTHORIZATION, self.authorization.clone())
            .body(Full::default())?;
        Ok(self.client.send(request).await?.expect(StatusCode::OK, NAME)?.body)
    }
}

impl Operation for List {
    async fn once(&mut self) -> Result<()> {
        self.request().await.map(drop)
    }
}
