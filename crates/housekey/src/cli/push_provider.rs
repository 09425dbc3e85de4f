//! `housekey tenant push-provider …`.

use anyhow::Result;
use clap::{Args, Subcommand};
use housekey_core::id::TenantId;
use housekey_core::secret::SecretText;
use housekey_core::tenant::change_settings;
use housekey_core::tenant::push::{
    ApnsSettings, FcmSettings, PushProvider, PushSettings, PushWebhook,
};

use super::output;
use super::target::{Target, secret_from_stdin};
use crate::house::House;

/// Say who carries a tenant's push messages
#[derive(Debug, Subcommand)]
pub enum PushProviderCommand {
    Fcm(Fcm),
    Apns(Apns),
    Webhook(Webhook),
    None(NoProvider),
}

impl PushProviderCommand {
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Self::Fcm(command) => command.run().await,
            Self::Apns(command) => command.run().await,
            Self::Webhook(command) => command.run().await,
            Self::None(command) => command.run().await,
        }
    }
}

/// What every provider is told with.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    target: Target,
    /// The tenant
    #[arg(long, value_name = "NAME")]
    tenant: String,
}

impl Common {
    async fn open(self) -> Result<(House, TenantId)> {
        let house = self.target.open().await?;
        let id = house.tenant(&self.tenant).await?.id.clone();
        Ok((house, id))
    }
}

/// Reach Android devices through Google
#[derive(Debug, Args)]
#[command(
    long_about = "Reach Android devices through Google (FCM HTTP v1). The service account's JSON \
        file is read from standard input.",
    after_help = "Example:\n  housekey tenant push-provider fcm --config housekey.toml \
        --tenant acme < service-account.json"
)]
pub struct Fcm {
    #[command(flatten)]
    common: Common,
    /// Address of the API, if it is not Google's own
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// Reach Apple devices
#[derive(Debug, Args)]
#[command(
    long_about = "Reach Apple devices (APNs). The key of provider tokens, a .p8 file, is read from \
        standard input.",
    after_help = "Example:\n  housekey tenant push-provider apns --config housekey.toml \
        --tenant acme --bundle-id com.acme.app --team-id ABCDE12345 --key-id FGHIJ67890 \
        < AuthKey.p8"
)]
pub struct Apns {
    #[command(flatten)]
    common: Common,
    /// The app
    #[arg(long, value_name = "ID")]
    bundle_id: String,
    /// The developer team
    #[arg(long, value_name = "ID")]
    team_id: String,
    /// The key's id
    #[arg(long, value_name = "ID")]
    key_id: String,
    /// The app was built for development
    #[arg(long)]
    sandbox: bool,
    /// Address of the API, if it is not Apple's own
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// Use a web address of your own that takes signed requests
#[derive(Debug, Args)]
#[command(
    long_about = "Use a web address of your own that takes signed requests. The secret they are \
        signed with is read from standard input; docs/delivery.md describes the request.",
    after_help = "Example:\n  housekey tenant push-provider webhook --config housekey.toml \
        --tenant acme --url https://push.acme.example/send < secret.txt"
)]
pub struct Webhook {
    #[command(flatten)]
    common: Common,
    /// Where requests go
    #[arg(long, value_name = "URL")]
    url: String,
}

/// Use nobody and forget all credentials
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  housekey tenant push-provider none --config housekey.toml \
    --tenant acme")]
pub struct NoProvider {
    #[command(flatten)]
    common: Common,
}

impl Fcm {
    async fn run(self) -> Result<()> {
        let credentials = secret_from_stdin()?;
        let (house, id) = self.common.open().await?;
        let (sealer, random) = (house.app.sealer(), house.app.random());
        let fcm = FcmSettings::new(&id, self.base_url, &credentials, sealer, random)?;
        store(house, &id, |push| {
            (push.provider, push.fcm) = (Some(PushProvider::Direct), Some(fcm.clone()));
        })
        .await
    }
}

impl Apns {
    async fn run(self) -> Result<()> {
        let key: SecretText = secret_from_stdin()?;
        let (house, id) = self.common.open().await?;
        let sealed_key = ApnsSettings::seal_key(&id, &key, house.app.sealer(), house.app.random())?;
        let apns = ApnsSettings {
            bundle_id: self.bundle_id,
            team_id: self.team_id,
            key_id: self.key_id,
            sandbox: self.sandbox,
            base_url: self.base_url,
            sealed_key,
        };
        store(house, &id, |push| {
            (push.provider, push.apns) = (Some(PushProvider::Direct), Some(apns.clone()));
        })
        .await
    }
}

impl Webhook {
    async fn run(self) -> Result<()> {
        let secret = secret_from_stdin()?;
        let (house, id) = self.common.open().await?;
        let (sealer, random) = (house.app.sealer(), house.app.random());
        let webhook = PushWebhook::new(&id, self.url, &secret, sealer, random)?;
        store(house, &id, |push| {
            (push.provider, push.webhook) = (Some(PushProvider::Webhook), Some(webhook.clone()));
        })
        .await
    }
}

impl NoProvider {
    async fn run(self) -> Result<()> {
        let (house, id) = self.common.open().await?;
        store(house, &id, |push| *push = PushSettings::default()).await
    }
}

async fn store(
    house: House,
    id: &TenantId,
    change: impl Fn(&mut PushSettings) + Send + Sync,
) -> Result<()> {
    change_settings(&house.app, id, |settings| change(&mut settings.push)).await?;
    let found = house.tenant(id.as_str()).await?;
    let text = match found.settings.push.provider {
        None => format!("tenant {id} has no push provider"),
        Some(PushProvider::Outbox) => format!("tenant {id} keeps push messages in the outbox"),
        Some(PushProvider::Webhook) => format!("tenant {id} sends push messages to its webhook"),
        Some(PushProvider::Direct) => {
            let push = &found.settings.push;
            let carriers = [("FCM", push.fcm.is_some()), ("APNs", push.apns.is_some())];
            let names: Vec<_> =
                carriers.into_iter().filter_map(|(name, is)| is.then_some(name)).collect();
            format!("tenant {id} sends push messages through {}", names.join(" and "))
        }
    };
    house.database.close().await;
    output::print(false, &(), &text)
}
