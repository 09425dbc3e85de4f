//! A tenant's settings for push messages: who carries them, and with which credentials.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Fault;
use crate::guardian::PushService;
use crate::id::TenantId;
use crate::port::{PushCarrier, Random};
use crate::seal::{SealedText, Sealer};
use crate::secret::SecretText;

/// The names under which credentials are sealed.
const FCM: &str = "push.fcm";
const APNS: &str = "push.apns";
const WEBHOOK: &str = "push.webhook";
const KEPT: &str = "push.kept";

/// How push messages leave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PushSettings {
    /// Which of the ways below is used; none means push is off.
    pub provider: Option<PushProvider>,
    /// Google's way to Android.
    pub fcm: Option<FcmSettings>,
    /// Apple's way.
    pub apns: Option<ApnsSettings>,
    /// A web address that takes signed requests.
    pub webhook: Option<PushWebhook>,
    /// Providers that tools set up and this version does not use, by name.
    pub kept: BTreeMap<String, KeptProvider>,
}

/// A provider that is kept for tools.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptProvider {
    /// What may be shown.
    pub shown: Map<String, Value>,
    /// What may not.
    pub sealed: BTreeMap<String, SealedText>,
}

impl KeptProvider {
    /// Takes over a member, or forgets it if there is none.
    ///
    /// # Errors
    /// Only if the cryptographic library fails.
    pub fn seal(
        &mut self,
        tenant: &TenantId,
        name: &str,
        secret: Option<&SecretText>,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<(), Fault> {
        match secret {
            None => self.sealed.remove(name),
            Some(secret) => {
                let sealed = SealedText::seal(tenant, KEPT, secret, sealer, random)?;
                self.sealed.insert(name.to_owned(), sealed)
            }
        };
        Ok(())
    }
}

/// Who carries push messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PushProvider {
    /// Nobody: messages stay in the outbox, where dev mode shows them.
    Outbox,
    /// Google and Apple.
    Direct,
    /// The webhook.
    Webhook,
}

/// A project at Firebase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FcmSettings {
    /// Where the API is, if not at Google.
    pub base_url: Option<String>,
    /// The service account's JSON file.
    pub sealed_credentials: SealedText,
}

/// An app at Apple, with a key for provider tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApnsSettings {
    /// The app.
    pub bundle_id: String,
    /// The developer team.
    pub team_id: String,
    /// The key's id.
    pub key_id: String,
    /// Whether the app was built for development.
    pub sandbox: bool,
    /// Where the API is, if not at Apple.
    pub base_url: Option<String>,
    /// The key as PEM (`.p8`).
    pub sealed_key: SealedText,
}

/// A web address that takes signed requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushWebhook {
    /// Where.
    pub url: String,
    /// What requests are signed with.
    pub sealed_secret: SealedText,
}

impl FcmSettings {
    /// A project, reached with its service account's JSON file.
    ///
    /// # Errors
    /// Only if the cryptographic library fails.
    pub fn new(
        tenant: &TenantId,
        base_url: Option<String>,
        credentials: &SecretText,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<Self, Fault> {
        let sealed_credentials = SealedText::seal(tenant, FCM, credentials, sealer, random)?;
        Ok(Self { base_url, sealed_credentials })
    }
}

impl ApnsSettings {
    /// Seals the key of provider tokens.
    ///
    /// # Errors
    /// Only if the cryptographic library fails.
    pub fn seal_key(
        tenant: &TenantId,
        key: &SecretText,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<SealedText, Fault> {
        SealedText::seal(tenant, APNS, key, sealer, random)
    }
}

impl PushWebhook {
    /// A web address and the secret it shares with us.
    ///
    /// # Errors
    /// Only if the cryptographic library fails.
    pub fn new(
        tenant: &TenantId,
        url: String,
        secret: &SecretText,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<Self, Fault> {
        let sealed_secret = SealedText::seal(tenant, WEBHOOK, secret, sealer, random)?;
        Ok(Self { url, sealed_secret })
    }
}

impl PushSettings {
    /// Settings that keep messages in the outbox.
    #[must_use]
    pub fn outbox() -> Self {
        Self { provider: Some(PushProvider::Outbox), ..Self::default() }
    }

    /// Whether anything can be sent.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        match self.provider {
            None => false,
            Some(PushProvider::Outbox) => true,
            Some(PushProvider::Direct) => self.fcm.is_some() || self.apns.is_some(),
            Some(PushProvider::Webhook) => self.webhook.is_some(),
        }
    }

    /// Who carries messages to a device of `service`, with credentials; none if nobody does.
    ///
    /// # Errors
    /// If a credential does not open.
    pub fn carrier(
        &self,
        tenant: &TenantId,
        service: PushService,
        sealer: &Sealer,
    ) -> Result<Option<PushCarrier>, Fault> {
        let provider = self.provider;
        Ok(match (provider, service, &self.fcm, &self.apns, &self.webhook) {
            (Some(PushProvider::Outbox), ..) => Some(PushCarrier::Outbox),
            (Some(PushProvider::Direct), PushService::Gcm, Some(fcm), ..) => {
                let credentials = fcm.sealed_credentials.open(tenant, FCM, sealer)?;
                Some(PushCarrier::Fcm { base_url: fcm.base_url.clone(), credentials })
            }
            (Some(PushProvider::Direct), PushService::Apns, _, Some(apns), _) => {
                let key = apns.sealed_key.open(tenant, APNS, sealer)?;
                Some(PushCarrier::Apns { settings: Box::new(apns.clone()), key })
            }
            (Some(PushProvider::Webhook), _, _, _, Some(webhook)) => {
                let secret = webhook.sealed_secret.open(tenant, WEBHOOK, sealer)?;
                Some(PushCarrier::Webhook { url: webhook.url.clone(), secret })
            }
            _ => None,
        })
    }
}
