//! `housekey user …`.

use std::io::Read;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use housekey_core::user::{self, NewUser, Profile};
use serde_json::json;

use super::output;
use super::target::Target;
use super::user_export::Export;
use super::user_import::Import;

/// Add people, bring them here, and write them down
#[derive(Debug, Subcommand)]
pub enum User {
    Create(Create),
    Export(Export),
    Import(Import),
}

impl User {
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Self::Create(command) => command.run().await,
            Self::Export(command) => command.run().await,
            Self::Import(command) => command.run().await,
        }
    }
}

/// Add a person to a tenant's user directory
#[derive(Debug, Args)]
#[command(
    long_about = "Add a person to a tenant's user directory.\n\nWithout a password the person \
        chooses one by \"Forgot your password?\" on the sign-in page.",
    after_help = "Example:\n  housekey user create --config housekey.toml --tenant acme \
        --email ada@acme.example --password-stdin < password.txt"
)]
pub struct Create {
    #[command(flatten)]
    target: Target,
    /// The tenant
    #[arg(long, value_name = "NAME")]
    tenant: String,
    /// The person's mail address
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The address is known to be the person's
    #[arg(long)]
    email_verified: bool,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Create {
    async fn run(self) -> Result<()> {
        let password = if self.password_stdin { Some(password_from_stdin()?) } else { None };
        let house = self.target.open().await?;
        let tenant = house.tenant(&self.tenant).await?;
        let new = NewUser {
            id: None,
            profile: Profile {
                email: Some(self.email),
                email_verified: self.email_verified,
                ..Profile::default()
            },
            password,
        };
        let user = user::create(&house.app, &tenant, new).await?;
        house.database.close().await;
        let id = user.id.as_str();
        let email = user.profile.email.as_deref();
        let text = output::facts(&[("user_id", Some(id)), ("email", email)]);
        output::print(self.json, &json!({ "user_id": id, "email": email }), &text)
    }
}

/// All of standard input but a line end at its end.
fn password_from_stdin() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("reading the password")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
