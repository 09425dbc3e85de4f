//! A full login as the client sees it: from `/authorize` over the pages to the tokens, each time
//! with an empty cookie jar. The connection stays open, as a browser's would between pages.

use anyhow::Result;

use crate::{
    client::Client,
    load::Operation,
    login::{Account, login},
    workload::{Bench, Pair, connect},
};

const SCOPE: &str = "openid profile email read:me:authentication_methods";

/// Measures it.
pub async fn measure(bench: &Bench<'_>) -> Result<Pair> {
    bench.measure("full login", Login::connect).await
}

struct Login {
    client: Client,
    account: Account,
}

impl Login {
    async fn connect(account: Account) -> Result<Self> {
        Ok(Self { client: connect(&account).await?, account })
    }
}

impl Operation for Login {
    async fn once(&mut self) -> Result<()> {
        login(&mut self.client, &self.account, SCOPE).await.map(drop)
    }
}
