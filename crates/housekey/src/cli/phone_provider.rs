//! `housekey tenant phone-provider …`.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use housekey_core::factor::phone::is_calling_code;
use housekey_core::secret::SecretText;
use housekey_core::tenant::change_settings;
use housekey_core::tenant::phone::{
    DeliveryMethods, PhoneProvider, PhoneProviderConfiguration, TwilioConfiguration,
};

use super::output;
use super::target::{Target, secret_from_stdin};

/// Say who sends a tenant's text messages and makes its calls
#[derive(Debug, Subcommand)]
pub enum PhoneProviderCommand {
    Twilio(Twilio),
    Webhook(Webhook),
    None(NoProvider),
    DefaultCountry(DefaultCountry),
}

impl PhoneProviderCommand {
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Self::Twilio(command) => command.run().await,
            Self::Webhook(command) => command.run().await,
            Self::None(command) => command.run().await,
            Self::DefaultCountry(command) => command.run().await,
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
    /// It sends no text messages
    #[arg(long)]
    no_text: bool,
    /// It makes no calls
    #[arg(long, conflicts_with = "no_text")]
    no_voice: bool,
}

/// Use Twilio, or whoever speaks its form
#[derive(Debug, Args)]
#[command(
    long_about = "Use Twilio, or whoever speaks its form. The auth token is read from standard \
        input.",
    after_help = "Example:\n  housekey tenant phone-provider twilio --config housekey.toml \
        --tenant acme --sid AC123 --from +12025550100 < auth-token.txt"
)]
pub struct Twilio {
    #[command(flatten)]
    common: Common,
    /// Account SID
    #[arg(long, value_name = "SID")]
    sid: String,
    /// Number or name that messages come from; calls need a number
    #[arg(long, value_name = "NUMBER", required_unless_present = "messaging_service")]
    from: Option<String>,
    /// SID of a messaging service that chooses the sender
    #[arg(long, value_name = "SID")]
    messaging_service: Option<String>,
    /// Address of the API, if it is not Twilio's own
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// Use a web address of your own that takes signed requests
#[derive(Debug, Args)]
#[command(
    long_about = "Use a web address of your own that takes signed requests. The secret they are \
        signed with is read from standard input; docs/delivery.md describes the request.",
    after_help = "Example:\n  housekey tenant phone-provider webhook --config housekey.toml \
        --tenant acme --url https://sms.acme.example/send < secret.txt"
)]
pub struct Webhook {
    #[command(flatten)]
    common: Common,
    /// Where requests go
    #[arg(long, value_name = "URL")]
    url: String,
}

/// Use nobody: no text message leaves and no call is made
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  housekey tenant phone-provider none --config housekey.toml \
    --tenant acme")]
pub struct NoProvider {
    #[command(flatten)]
    target: Target,
    /// The tenant
    #[arg(long, value_name = "NAME")]
    tenant: String,
}

/// Say to which country numbers without a country code belong
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  housekey tenant phone-provider default-country \
    --config housekey.toml --tenant acme 49")]
pub struct DefaultCountry {
    #[command(flatten)]
    target: Target,
    /// The tenant
    #[arg(long, value_name = "NAME")]
    tenant: String,
    /// The country's calling code; without it numbers have to name their country
    #[arg(value_name = "CALLING_CODE")]
    calling_code: Option<String>,
}

impl Twilio {
    async fn run(self) -> Result<()> {
        let configuration = PhoneProviderConfiguration::Twilio(TwilioConfiguration {
            sid: self.sid,
            default_from: self.from,
            mssid: self.messaging_service,
            base_url: self.base_url,
        });
        store(self.common, configuration).await
    }
}

impl Webhook {
    async fn run(self) -> Result<()> {
        store(self.common, PhoneProviderConfiguration::Webhook { url: self.url }).await
    }
}

async fn store(common: Common, configuration: PhoneProviderConfiguration) -> Result<()> {
    let credential: SecretText = secret_from_stdin()?;
    let delivery_methods = DeliveryMethods { text: !common.no_text, voice: !common.no_voice };
    let house = common.target.open().await?;
    let id = house.tenant(&common.tenant).await?.id.clone();
    let (sealer, random) = (house.app.sealer(), house.app.random());
    let provider =
        PhoneProvider::new(&id, configuration, delivery_methods, &credential, sealer, random)?;
    change_settings(&house.app, &id, |settings| settings.phone.provider = Some(provider.clone()))
        .await?;
    house.database.close().await;
    output::print(false, &(), &format!("tenant {id} has a phone provider"))
}

impl NoProvider {
    async fn run(self) -> Result<()> {
        let house = self.target.open().await?;
        let id = house.tenant(&self.tenant).await?.id.clone();
        change_settings(&house.app, &id, |settings| settings.phone.provider = None).await?;
        house.database.close().await;
        output::print(false, &(), &format!("tenant {id} has no phone provider"))
    }
}

impl DefaultCountry {
    async fn run(self) -> Result<()> {
        if let Some(wrong) = self.calling_code.as_deref().filter(|code| !is_calling_code(code)) {
            bail!("{wrong} is no calling code: write one to three digits, such as 49");
        }
        let house = self.target.open().await?;
        let id = house.tenant(&self.tenant).await?.id.clone();
        change_settings(&house.app, &id, |settings| {
            settings.phone.default_calling_code.clone_from(&self.calling_code);
        })
        .await?;
        house.database.close().await;
        let text = match &self.calling_code {
            Some(code) => format!("tenant {id} reads numbers without a country as +{code}"),
            None => format!("tenant {id} asks for numbers with their country code"),
        };
        output::print(false, &(), &text)
    }
}
