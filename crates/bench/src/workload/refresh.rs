//! Refresh exchange with rotation: each gives an access token for My Account, an ID token and the
//! next refresh token.

use anyhow::{Context, Result, ensure};

use crate::{
    client::{self, Client},
    load::Operation,
    login::{Account, Tokens, login},
    workload::{Bench, Pair, connect},
};

const SCOPE: &str = "openid offline_access read:me:authentication_methods";

/// Measures it.
pub async fn measure(bench: &Bench<'_>) -> Result<Pair> {
    bench.measure("refresh exchange", Refresh::connect).await
}

/// One connection and its token family.
pub struct Refresh {
    client: Client,
    client_id: String,
    token: String,
}

impl Refresh {
    /// Connects and signs in.
    pub async fn connect(account: Account) -> Result<Self> {
        let mut client = connect(&account).await?;
        let tokens = login(&mut client, &account, SCOPE).await?;
        let token = tokens.refresh.context("the login gave no refresh token")?;
        Ok(Self { client, client_id: account.client_id, token })
    }
}

impl Operation for Refresh {
    async fn once(&mut self) -> Result<()> {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.client_id),
            ("refresh_token", &self.token),
        ];
        let (request, body) = client::post_form("/oauth/token", &fields)?;
        let tokens = Tokens::read(self.client.send(request.body(body)?).await?)?;
        let next = tokens.refresh.context("the refresh gave no next refresh token")?;
        ensure!(next != self.token, "the refresh token was not rotated");
        self.token = next;
        Ok(())
    }
}
