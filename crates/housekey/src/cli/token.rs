//! `housekey token`.

use anyhow::{Context, Result, anyhow};
use clap::Args;
use housekey_core::Call;
use housekey_core::id::ClientId;
use housekey_core::token::TokenResponse;
use housekey_core::token::grant::{GrantError, for_operator};
use serde_json::{Value, json};

use super::output;
use super::target::Target;
use crate::house::local_call;

/// Print an access token with which an application acts for itself
#[derive(Debug, Args)]
#[command(
    long_about = "Print an access token with which an application acts for itself.\n\n\
        For scripts on this machine: who can read the configuration needs no client secret. The \
        token is the one that `client_credentials` at /oauth/token would give, with the same \
        client grant behind it, and the log tells of it.",
    after_help = "Examples:\n  \
        token=$(housekey token --config housekey.toml --tenant acme --client CLIENT_ID)\n  \
        curl -H \"Authorization: Bearer $token\" https://login.acme.example/api/v2/clients\n\n  \
        housekey token --config housekey.toml --tenant acme --client CLIENT_ID \\\n    \
        --audience https://api.acme.example/ --scope read:things --json\n\n\
        `housekey client create --type non_interactive --management-scopes all` makes an \
        application that may manage the tenant."
)]
pub struct Token {
    #[command(flatten)]
    target: Target,
    /// The tenant
    #[arg(long, value_name = "NAME")]
    tenant: String,
    /// The application
    #[arg(long, value_name = "CLIENT_ID")]
    client: String,
    /// The API; by default the Management API
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
    /// Scopes with commas between them; by default all of the client grant
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// Print the whole answer as JSON
    #[arg(long)]
    json: bool,
}

impl Token {
    pub(super) async fn run(self) -> Result<()> {
        let is_secure = self.target.is_secure()?;
        let house = self.target.open().await?;
        let call =
            local_call(&house, house.tenant(&self.tenant).await?, is_secure, "housekey token");
        let client = call.tenant.client(&ClientId::from_raw(&self.client)).cloned();
        let client = client.with_context(|| {
            format!("tenant {} has no application {}", self.tenant, self.client)
        })?;
        let audience = self.audience.unwrap_or_else(|| format!("{}api/v2/", call.issuer));
        let scope = self.scope.map(|scopes| scopes.replace(',', " "));
        let outcome = for_operator(&house.app, &call, &client, &audience, scope.as_deref()).await;
        house.database.close().await;
        let token = outcome.map_err(|error| told(&error, &call, &self.client))?;
        output::print(self.json, &answer(&token), &token.access_token)
    }
}

fn answer(token: &TokenResponse) -> Value {
    json!({
        "access_token": token.access_token,
        "token_type": "Bearer",
        "expires_in": token.expires_in,
        "scope": token.scope.to_string(),
    })
}

/// What is wrong, and how to mend it.
fn told(error: &GrantError, call: &Call, client: &str) -> anyhow::Error {
    match error {
        GrantError::UnknownAudience { audience } => {
            let canonical = call.canonical_issuer();
            let known: Vec<_> = call
                .tenant
                .resource_servers()
                .map(|api| api.audience(&call.issuer, &canonical))
                .collect();
            anyhow!("there is no API {audience}; there is {}", known.join(", "))
        }
        GrantError::NoClientGrant { audience } => anyhow!(
            "nobody allowed {client} to act for itself at {audience}: make a client grant, at the \
             Management API or with `housekey client create --management-scopes`"
        ),
        GrantError::NotAuthorized { audience } => {
            anyhow!("{audience} does not let {client} act for itself")
        }
        GrantError::ScopeNotGranted(scope) => {
            anyhow!("the client grant of {client} does not have {scope}")
        }
        GrantError::GrantNotAllowed(grant) => anyhow!(
            "{client} may not use {grant}: it needs that grant type, and must be an application \
             that keeps a secret"
        ),
        GrantError::Proof(_) => {
            anyhow!("tokens for {client} are bound to a key, which only the application has")
        }
        GrantError::Fault(fault) => anyhow!("{}", fault.chain()),
        other => anyhow!("no token: {other:?}"),
    }
}
