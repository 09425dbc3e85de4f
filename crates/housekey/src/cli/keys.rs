//! `housekey keys …`.

use anyhow::Result;
use clap::{Args, Subcommand};
use housekey_core::tenant::rotate_keys;
use serde_json::json;

use super::output;
use super::target::Target;

/// Rotate signing keys
#[derive(Debug, Subcommand)]
pub enum Keys {
    Rotate(Rotate),
}

impl Keys {
    pub(super) async fn run(self) -> Result<()> {
        let Self::Rotate(command) = self;
        command.run().await
    }
}

/// Sign with the next key from now on; what was signed before stays valid
#[derive(Debug, Args)]
#[command(
    long_about = "Sign with the next key from now on.\n\n\
        The next key has been published all the time, so nobody has to fetch it first; the former \
        one stays published, so what it signed stays valid.",
    after_help = "Examples:\n  housekey keys rotate --config housekey.toml --tenant acme\n  \
        housekey keys rotate --data .housekey --tenant dev"
)]
pub struct Rotate {
    #[command(flatten)]
    target: Target,
    /// Whose keys
    #[arg(long, value_name = "NAME")]
    tenant: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Rotate {
    async fn run(self) -> Result<()> {
        let house = self.target.open().await?;
        let tenant = house.tenant(&self.tenant).await?;
        let kid = rotate_keys(&house.app, &tenant.id).await?;
        house.database.close().await;
        let value = json!({ "tenant": self.tenant, "kid": kid });
        output::print(self.json, &value, &format!("tenant {} signs with key {kid}", self.tenant))
    }
}
