//! `housekey client …`.

use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use housekey_core::client::{
    self, AppType, AuthMethod, ClientSettings, GrantType, GrantedScope, RefreshTokenSettings,
};
use housekey_core::scope::ScopeSet;
use housekey_core::tenant::LoadedTenant;
use serde_json::json;

use super::output;
use super::target::Target;

/// Register applications
#[derive(Debug, Subcommand)]
pub enum Client {
    Create(Create),
}

impl Client {
    pub(super) async fn run(self) -> Result<()> {
        let Self::Create(command) = self;
        command.run().await
    }
}

/// Register an application and print its credentials
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  housekey client create --config housekey.toml --tenant acme \
    --name Shop --type spa --callback https://shop.acme.example --me-scopes all\n  \
    housekey client create --config housekey.toml --tenant acme --name Portal \
    --type regular_web --callback https://portal.acme.example/callback \
    --me-scopes read:me:factors,read:me:authentication_methods")]
pub struct Create {
    #[command(flatten)]
    target: Target,
    /// The tenant it belongs to
    #[arg(long, value_name = "NAME")]
    tenant: String,
    /// The name people see
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Kind of application; spa and native keep no secret
    #[arg(long = "type", value_enum)]
    kind: Kind,
    /// Where people may be sent back to after sign-in; may be repeated
    #[arg(long = "callback", value_name = "URL")]
    callbacks: Vec<String>,
    /// Where people may be sent to after logout; may be repeated
    #[arg(long = "logout-url", value_name = "URL")]
    logout_urls: Vec<String>,
    /// Origins that may call from a browser; may be repeated
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// What it may ask the My Account API for: `all`, or scopes with commas between them
    #[arg(long, value_name = "SCOPES")]
    me_scopes: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Kind {
    Spa,
    Native,
    RegularWeb,
    NonInteractive,
}

impl Create {
    async fn run(self) -> Result<()> {
        let house = self.target.open().await?;
        let tenant = house.tenant(&self.tenant).await?;
        let scope = self.me_scopes.as_deref().map(|list| scopes(list, &tenant)).transpose()?;
        let settings = ClientSettings {
            callbacks: self.callbacks,
            allowed_logout_urls: self.logout_urls,
            web_origins: self.origins.clone(),
            allowed_origins: self.origins,
            ..settings(self.name, self.kind)
        };
        let created = client::create(&house.app, &tenant.id, settings, scope).await?;
        let secret = created.client.reveal_secret(&house.app, &tenant.id)?;
        house.database.close().await;
        let id = created.client.id.as_str();
        let value = json!({ "client_id": id, "client_secret": secret });
        let text = output::facts(&[("client_id", Some(id)), ("client_secret", secret.as_deref())]);
        output::print(self.json, &value, &text)
    }
}

/// What suits applications of that kind.
fn settings(name: String, kind: Kind) -> ClientSettings {
    let common = ClientSettings { name, ..ClientSettings::default() };
    match kind {
        Kind::Spa => ClientSettings {
            app_type: AppType::Spa,
            token_endpoint_auth_method: AuthMethod::None,
            refresh_token: RefreshTokenSettings {
                rotating: true,
                ..RefreshTokenSettings::default()
            },
            ..common
        },
        Kind::Native => ClientSettings {
            app_type: AppType::Native,
            token_endpoint_auth_method: AuthMethod::None,
            ..common
        },
        Kind::RegularWeb => common,
        Kind::NonInteractive => ClientSettings {
            app_type: AppType::NonInteractive,
            grant_types: vec![GrantType::ClientCredentials],
            ..common
        },
    }
}

fn scopes(list: &str, tenant: &LoadedTenant) -> Result<GrantedScope> {
    if list == "all" {
        return Ok(GrantedScope::All);
    }
    let scopes = ScopeSet::parse(&list.replace(',', " "));
    let Some(api) = tenant.my_account() else {
        bail!("tenant {} has no My Account API", tenant.id)
    };
    if let Some(unknown) = scopes.iter().find(|scope| !api.has_scope(scope)) {
        let known: Vec<_> = api.settings.scopes.iter().map(|scope| &*scope.value).collect();
        bail!("{unknown:?} is no scope of the My Account API; it has {}", known.join(", "));
    }
    Ok(GrantedScope::Only(scopes))
}
