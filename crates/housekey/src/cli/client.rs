//! `housekey client …`.

use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use housekey_core::client::{
    self, AndroidApp, AppType, AuthMethod, ClientSettings, FirstGrants, GrantType, GrantedScope,
    IosApp, MobileSettings, RefreshTokenSettings,
};
use housekey_core::resource_server::ResourceServerKind;
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
    --me-scopes read:me:factors,read:me:authentication_methods\n  \
    housekey client create --config housekey.toml --tenant acme --name Deploy \
    --type non_interactive --management-scopes all")]
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
    /// Let it sign people up and in with passkeys on pages of its own
    #[arg(long)]
    passkeys: bool,
    /// Its Android app, which may use passkeys of the tenant's hosts
    #[arg(long, value_name = "PACKAGE", requires = "android_fingerprints")]
    android_package: Option<String>,
    /// SHA-256 of a certificate the Android app is signed with; may be repeated
    #[arg(long = "android-fingerprint", value_name = "AB:CD:…", requires = "android_package")]
    android_fingerprints: Vec<String>,
    /// Its iOS app, which may use passkeys of the tenant's hosts
    #[arg(long, value_name = "TEAM.BUNDLE")]
    ios_app: Option<String>,
    /// What it may ask the My Account API for: `all`, or scopes with commas between them
    #[arg(long, value_name = "SCOPES")]
    me_scopes: Option<String>,
    /// What it may do at the Management API by itself: `all`, or scopes with commas between them
    #[arg(long, value_name = "SCOPES")]
    management_scopes: Option<String>,
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
        let mobile = self.mobile()?;
        let house = self.target.open().await?;
        let tenant = house.tenant(&self.tenant).await?;
        let of = |kind: ResourceServerKind, list: Option<&str>| {
            list.map(|list| scopes(list, &tenant, &kind)).transpose()
        };
        let grants = FirstGrants {
            my_account: of(ResourceServerKind::MyAccount, self.me_scopes.as_deref())?,
            management: of(ResourceServerKind::Management, self.management_scopes.as_deref())?,
        };
        let kind = settings(self.name, self.kind);
        let passkeys = self.passkeys.then_some(GrantType::Webauthn);
        let settings = ClientSettings {
            grant_types: kind.grant_types.iter().copied().chain(passkeys).collect(),
            mobile,
            callbacks: self.callbacks,
            allowed_logout_urls: self.logout_urls,
            web_origins: self.origins.clone(),
            allowed_origins: self.origins,
            ..kind
        };
        let created = client::create(&house.app, &tenant.id, settings, grants).await?;
        let secret = created.reveal_secret(&house.app, &tenant.id)?;
        house.database.close().await;
        let id = created.id.as_str();
        let value = json!({ "client_id": id, "client_secret": secret });
        let text = output::facts(&[("client_id", Some(id)), ("client_secret", secret.as_deref())]);
        output::print(self.json, &value, &text)
    }
}

impl Create {
    fn mobile(&self) -> Result<MobileSettings> {
        if let Some(wrong) = self.android_fingerprints.iter().find(|own| !is_fingerprint(own)) {
            bail!(
                "{wrong:?} is no SHA-256 fingerprint: 32 pairs of digits with colons between them"
            );
        }
        let android = self.android_package.clone().map(|app_package_name| AndroidApp {
            app_package_name,
            sha256_cert_fingerprints: self.android_fingerprints.clone(),
        });
        let ios = match self.ios_app.as_deref().map(|app| app.split_once('.')) {
            None => None,
            Some(Some((team, bundle))) if !team.is_empty() && !bundle.is_empty() => {
                Some(IosApp { team_id: team.to_owned(), app_bundle_identifier: bundle.to_owned() })
            }
            Some(_) => bail!("an iOS app is named by its team, a dot and its bundle"),
        };
        Ok(MobileSettings { android, ios })
    }
}

fn is_fingerprint(text: &str) -> bool {
    let pairs: Vec<_> = text.split(':').collect();
    pairs.len() == 32
        && pairs.iter().all(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What suits applications of that kind.
fn settings(name: String, kind: Kind) -> ClientSettings {
    let common = ClientSettings { name, ..ClientSettings::default() };
    match kind {
        Kind::Spa => ClientSettings {
            app_type: Some(AppType::Spa),
            token_endpoint_auth_method: Some(AuthMethod::None),
            refresh_token: RefreshTokenSettings {
                rotating: true,
                ..RefreshTokenSettings::default()
            },
            ..common
        },
        Kind::Native => ClientSettings {
            app_type: Some(AppType::Native),
            token_endpoint_auth_method: Some(AuthMethod::None),
            ..common
        },
        Kind::RegularWeb => ClientSettings { app_type: Some(AppType::RegularWeb), ..common },
        Kind::NonInteractive => ClientSettings {
            app_type: Some(AppType::NonInteractive),
            grant_types: vec![GrantType::ClientCredentials],
            ..common
        },
    }
}

fn scopes(list: &str, tenant: &LoadedTenant, kind: &ResourceServerKind) -> Result<GrantedScope> {
    if list == "all" {
        return Ok(GrantedScope::All);
    }
    let scopes = ScopeSet::parse(&list.replace(',', " "));
    let Some(api) = tenant.resource_servers().find(|api| api.kind == *kind) else {
        bail!("tenant {} has no My Account API", tenant.id)
    };
    if let Some(unknown) = scopes.iter().find(|scope| !api.has_scope(scope)) {
        let known: Vec<_> = api.settings.scopes.iter().map(|scope| &*scope.value).collect();
        let name = &api.settings.name;
        bail!("{unknown:?} is no scope of the {name}; it has {}", known.join(", "));
    }
    Ok(GrantedScope::Only(scopes))
}
