//! A tenant's telephone settings: which provider sends, and with which credentials.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Fault;
use crate::factor::phone::PhoneChannel;
use crate::id::TenantId;
use crate::port::{PhoneRoute, Random};
use crate::seal::{SealedText, Sealer};
use crate::secret::SecretText;

use super::FactorSwitches;

/// The name under which the provider's credential is sealed.
const CREDENTIAL: &str = "phone.provider";

/// How text messages and calls leave, and how numbers are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhoneSettings {
    /// The calling code of numbers without one, digits only.
    pub default_calling_code: Option<String>,
    /// Who sends; without one nothing is sent.
    pub provider: Option<PhoneProvider>,
    /// Providers that are set up and not used.
    pub spare: Vec<PhoneProvider>,
    /// How codes may travel once phones are switched on.
    pub message_types: Option<DeliveryMethods>,
    /// What phones are told, where no template of `/branding` says it.
    pub templates: Map<String, Value>,
}

impl PhoneSettings {
    /// The provider set up under a name, used or not.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&PhoneProvider> {
        self.provider.iter().chain(&self.spare).find(|provider| provider.name() == name)
    }

    /// Sets a provider up in place of one of its name. It is used if that was, or nobody is.
    pub fn put(&mut self, provider: PhoneProvider) {
        let name = provider.name();
        self.spare.retain(|own| own.name() != name);
        match &self.provider {
            Some(own) if own.name() != name => self.spare.push(provider),
            _ => self.provider = Some(provider),
        }
    }

    /// Uses the provider of that name, or nobody. False if there is none of that name.
    pub fn select(&mut self, name: Option<&str>) -> bool {
        let mut all: Vec<_> =
            self.provider.take().into_iter().chain(self.spare.drain(..)).collect();
        let at = all.iter().position(|own| Some(own.name()) == name);
        self.provider = at.map(|at| all.remove(at));
        self.spare = all;
        at.is_some() || name.is_none()
    }

    /// Forgets the provider of that name. False if there is none.
    pub fn forget(&mut self, name: &str) -> bool {
        let found = self.named(name).is_some();
        self.spare.retain(|own| own.name() != name);
        if self.provider.as_ref().is_some_and(|own| own.name() == name) {
            self.provider = None;
        }
        found
    }
}

/// A provider with what it is reached and paid with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneProvider {
    /// What it can do.
    pub delivery_methods: DeliveryMethods,
    /// Who it is.
    #[serde(flatten)]
    pub configuration: PhoneProviderConfiguration,
    /// Its credential; the outbox has none.
    pub sealed_credential: Option<SealedText>,
}

/// What a provider can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryMethods {
    /// Text messages.
    pub text: bool,
    /// Calls.
    pub voice: bool,
}

impl DeliveryMethods {
    /// Both.
    pub const ALL: Self = Self { text: true, voice: true };
}

/// Who sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "lowercase")]
pub enum PhoneProviderConfiguration {
    /// Nobody: messages stay in the outbox, where dev mode shows them.
    Outbox,
    /// Twilio, or whoever speaks its form.
    Twilio(TwilioConfiguration),
    /// A web address that takes signed requests.
    Webhook {
        /// Where.
        url: String,
    },
}

/// An account at Twilio. The credential is its auth token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwilioConfiguration {
    /// Account SID.
    pub sid: String,
    /// The number or name messages come from.
    pub default_from: Option<String>,
    /// SID of a messaging service that chooses the sender.
    pub mssid: Option<String>,
    /// Where the API is, if not at Twilio.
    pub base_url: Option<String>,
}

impl PhoneProvider {
    /// What it is called, unique in a tenant.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.configuration {
            PhoneProviderConfiguration::Outbox => "outbox",
            PhoneProviderConfiguration::Twilio(_) => "twilio",
            PhoneProviderConfiguration::Webhook { .. } => "webhook",
        }
    }

    /// A provider that keeps messages in the outbox.
    #[must_use]
    pub fn outbox() -> Self {
        Self {
            delivery_methods: DeliveryMethods::ALL,
            configuration: PhoneProviderConfiguration::Outbox,
            sealed_credential: None,
        }
    }

    /// A provider with its credential: Twilio's auth token, or the webhook's secret.
    ///
    /// # Errors
    /// Only if the cryptographic library fails.
    pub fn new(
        tenant: &TenantId,
        configuration: PhoneProviderConfiguration,
        delivery_methods: DeliveryMethods,
        credential: &SecretText,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<Self, Fault> {
        let sealed = SealedText::seal(tenant, CREDENTIAL, credential, sealer, random)?;
        Ok(Self { delivery_methods, configuration, sealed_credential: Some(sealed) })
    }

    /// What a messenger needs to send.
    ///
    /// # Errors
    /// If the credential is missing or does not open.
    pub fn route(&self, tenant: &TenantId, sealer: &Sealer) -> Result<PhoneRoute, Fault> {
        let credential = || {
            let sealed = self.sealed_credential.as_ref();
            let sealed = sealed.ok_or_else(|| Fault::new("the provider has no credential"))?;
            sealed.open(tenant, CREDENTIAL, sealer)
        };
        Ok(match &self.configuration {
            PhoneProviderConfiguration::Outbox => PhoneRoute::Outbox,
            PhoneProviderConfiguration::Twilio(configuration) => PhoneRoute::Twilio {
                configuration: configuration.clone(),
                auth_token: credential()?,
            },
            PhoneProviderConfiguration::Webhook { url } => {
                PhoneRoute::Webhook { url: url.clone(), secret: credential()? }
            }
        })
    }
}

impl PhoneSettings {
    /// Whether codes may travel by `channel`: switched on, and the provider can.
    #[must_use]
    pub fn allows(&self, switches: FactorSwitches, channel: PhoneChannel) -> bool {
        let able = self.provider.as_ref().map(|provider| provider.delivery_methods);
        let able = able.unwrap_or(DeliveryMethods::ALL);
        match channel {
            PhoneChannel::Sms => switches.sms && able.text,
            PhoneChannel::Voice => switches.voice && able.voice,
        }
    }
}
