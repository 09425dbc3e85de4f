//! `housekey tenant …`.

use anyhow::Result;
use clap::{Args, Subcommand};
use housekey_core::id::TenantId;
use housekey_core::tenant::{self, Configuration, NewTenant, TenantSettings};
use serde::Serialize;

use super::factors::Factors;
use super::limits::Limits;
use super::output;
use super::phone_provider::PhoneProviderCommand;
use super::push_provider::PushProviderCommand;
use super::target::Target;

/// Create and list tenants, and say on which hosts they answer and what their people may use
#[derive(Debug, Subcommand)]
pub enum Tenant {
    Create(Create),
    Factors(Factors),
    Host(Host),
    Limits(Limits),
    List(List),
    #[command(subcommand)]
    PhoneProvider(PhoneProviderCommand),
    #[command(subcommand)]
    PushProvider(PushProviderCommand),
}

impl Tenant {
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Self::Create(command) => command.run().await,
            Self::Factors(command) => command.run().await,
            Self::Host(command) => command.run().await,
            Self::Limits(command) => command.run().await,
            Self::List(command) => command.run().await,
            Self::PhoneProvider(command) => command.run().await,
            Self::PushProvider(command) => command.run().await,
        }
    }
}

/// Create a tenant: signing key, user directory, My Account API and account page
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  housekey tenant create --config housekey.toml acme \
    --host login.acme.example --friendly-name \"Acme\"")]
pub struct Create {
    #[command(flatten)]
    target: Target,
    /// Short name: 3 to 63 lower-case letters, digits and dashes
    name: String,
    /// The host on which it answers, with a port if people see one
    #[arg(long, value_name = "HOST[:PORT]")]
    host: String,
    /// The name people see on pages and in mail
    #[arg(long, value_name = "NAME", default_value = "")]
    friendly_name: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Create {
    async fn run(self) -> Result<()> {
        let house = self.target.open().await?;
        let new = NewTenant {
            id: TenantId::from_raw(&self.name),
            host: self.host.clone(),
            settings: TenantSettings {
                friendly_name: self.friendly_name,
                ..TenantSettings::default()
            },
            clients: Vec::new(),
        };
        tenant::create(&house.app, new).await?;
        house.database.close().await;
        let line = Line {
            name: self.name,
            host: self.host,
            other_hosts: Vec::new(),
            friendly_name: String::new(),
        };
        let text = format!("tenant {} answers on {}", line.name, line.host);
        output::print(self.json, &line, &text)
    }
}

/// Let a tenant answer on a further host, a custom domain, or no longer
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  housekey tenant host --config housekey.toml --tenant acme \
    --add id.acme.example\n\nWho points a host's DNS at this server decides that the tenant may \
    speak for it; nothing is checked here.")]
#[group(id = "change", required = true, multiple = false)]
pub struct Host {
    #[command(flatten)]
    target: Target,
    /// The tenant
    #[arg(long, value_name = "NAME")]
    tenant: String,
    /// A host to answer on, with a port if people see one
    #[arg(long, value_name = "HOST[:PORT]", group = "change")]
    add: Option<String>,
    /// The domain whose passkeys work there: the host, or one that it is part of
    #[arg(long, value_name = "DOMAIN", requires = "add")]
    relying_party: Option<String>,
    /// A host to answer on no longer
    #[arg(long, value_name = "HOST[:PORT]", group = "change")]
    remove: Option<String>,
}

impl Host {
    async fn run(self) -> Result<()> {
        let house = self.target.open().await?;
        let id = house.tenant(&self.tenant).await?.id.clone();
        let text = if let Some(host) = &self.add {
            tenant::add_host(&house.app, &id, host, self.relying_party.as_deref()).await?;
            format!("tenant {id} answers on {host}, too")
        } else {
            let host = self.remove.unwrap_or_default();
            tenant::remove_host(&house.app, &id, &host).await?;
            format!("tenant {id} answers on {host} no longer")
        };
        house.database.close().await;
        output::print(false, &(), &text)
    }
}

/// List all tenants
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  housekey tenant list --config housekey.toml --json")]
pub struct List {
    #[command(flatten)]
    target: Target,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line {
    name: String,
    host: String,
    other_hosts: Vec<String>,
    friendly_name: String,
}

impl List {
    async fn run(self) -> Result<()> {
        let house = self.target.open().await?;
        let registry = house.app.store().registry();
        let mut lines = Vec::new();
        for id in registry.tenants().await? {
            lines.extend(registry.configuration(&id).await?.map(line));
        }
        house.database.close().await;
        let text: String = lines.iter().map(in_text).collect();
        let text = if text.is_empty() { "no tenants yet".to_owned() } else { text };
        output::print(self.json, &lines, &text)
    }
}

fn line(configuration: Configuration) -> Line {
    let (own, other): (Vec<_>, Vec<_>) =
        configuration.domains.into_iter().partition(|domain| domain.canonical);
    Line {
        name: configuration.tenant.id.as_str().to_owned(),
        host: own.into_iter().map(|domain| domain.host).collect(),
        other_hosts: other.into_iter().map(|domain| domain.host).collect(),
        friendly_name: configuration.tenant.settings.friendly_name,
    }
}

fn in_text(line: &Line) -> String {
    let Line { name, host, other_hosts, friendly_name } = line;
    format!("{name:16}  {host:32}  {friendly_name}  {}\n", other_hosts.join(", "))
}
