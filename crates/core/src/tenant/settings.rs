//! What a tenant's administrators set. Stored as one document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::branding::Branding;
use super::email::EmailProvider;
use super::phone::PhoneSettings;
use super::protection::AttackProtection;
use super::push::PushSettings;
use super::sessions::SessionSettings;
use crate::factor::FactorType;
use crate::guard::Limit;

/// Tenant settings. The serialised form is the stored form: a field is renamed by migration only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent settings, as administrators see them"
)]
pub struct TenantSettings {
    /// The name people see on pages and in messages.
    pub friendly_name: String,
    /// A picture of the tenant, where branding has no logo.
    pub picture_url: Option<String>,
    /// Where people find help.
    pub support_email: Option<String>,
    /// Where people find help.
    pub support_url: Option<String>,
    /// Audience of a request that names none.
    pub default_audience: Option<String>,
    /// The host that links lead to which nobody asked for on another one.
    pub default_domain: Option<String>,
    /// Connection of people who name none.
    pub default_directory: Option<String>,
    /// How sessions live.
    #[serde(flatten)]
    pub sessions: SessionSettings,
    /// Where `/v2/logout` may lead when it names no application.
    pub allowed_logout_urls: Vec<String>,
    /// Ask for the identifier on a page of its own.
    pub identifier_first: bool,
    /// Publish `end_session_endpoint` in the metadata.
    pub rp_logout_discovery: bool,
    /// Do not ask for confirmation before answering on a loopback or custom-scheme callback.
    pub skip_non_verifiable_callback_uri_confirmation_prompt: bool,
    /// Which factors people may enrol and use.
    pub factors: FactorSwitches,
    /// How text messages and calls leave, and how numbers are read.
    pub phone: PhoneSettings,
    /// How push messages leave.
    pub push: PushSettings,
    /// When a second factor is required at login.
    pub mfa_policy: MfaPolicy,
    /// How browsers are spared one.
    pub remembering: Remembering,
    /// Limits of the My Account API; zero switches one off.
    pub my_account_limits: RateLimits,
    /// The limit of each application at the Management API.
    pub management_limit: ManagementLimit,
    /// Serve `/consents` and `/organizations` of the My Account API.
    pub my_account_consents_and_organizations: bool,
    /// End the refresh tokens of a person who changes the password, too.
    pub revoke_refresh_tokens_on_password_change: bool,
    /// Take pushed authorization requests, and publish where (RFC 9126).
    pub pushed_authorization_requests_supported: bool,
    /// Take `resource` (RFC 8707) for `audience` where that is not named.
    pub resource_names_audience: bool,
    /// Days after which log events are removed.
    pub log_retention_days: u32,
    /// Where somebody is led whose login cannot go on.
    pub default_redirection_uri: Option<String>,
    /// Where errors are shown instead of on a page of ours.
    pub error_page_url: Option<String>,
    /// Ask before signing somebody out whose application does not say which session it means.
    pub oidc_logout_prompt_enabled: bool,
    /// Published in the metadata.
    pub acr_values_supported: Vec<String>,
    /// Name the issuer in authorization responses (RFC 9207).
    pub authorization_response_iss: bool,
    /// The languages people may be spoken to in, the usual one first.
    pub enabled_locales: Vec<String>,
    /// What pages look like.
    pub branding: Branding,
    /// How mail leaves, if not as all other tenants' does.
    pub email_provider: Option<EmailProvider>,
    /// How those who guess are warded off.
    pub attack_protection: AttackProtection,
    /// Switches by the names Auth0 has for them; those nobody asks for are kept.
    pub flags: BTreeMap<String, bool>,
    /// What is kept for tools, without an effect.
    pub kept: Map<String, Value>,
    /// The same of resources of their own, by their names.
    pub kept_resources: BTreeMap<String, Map<String, Value>>,
    /// Ask for a nonce of ours in proofs at `/me` and `/userinfo`, too (RFC 9449 §9).
    pub dpop_nonce_at_resources: bool,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            friendly_name: String::new(),
            picture_url: None,
            support_email: None,
            support_url: None,
            default_audience: None,
            default_domain: None,
            default_directory: None,
            sessions: SessionSettings::default(),
            allowed_logout_urls: Vec::new(),
            identifier_first: true,
            rp_logout_discovery: true,
            skip_non_verifiable_callback_uri_confirmation_prompt: false,
            factors: FactorSwitches::default(),
            phone: PhoneSettings::default(),
            push: PushSettings::default(),
            mfa_policy: MfaPolicy::Never,
            remembering: Remembering::default(),
            my_account_limits: RateLimits::default(),
            management_limit: ManagementLimit::default(),
            my_account_consents_and_organizations: true,
            revoke_refresh_tokens_on_password_change: false,
            pushed_authorization_requests_supported: false,
            resource_names_audience: false,
            log_retention_days: 30,
            default_redirection_uri: None,
            error_page_url: None,
            oidc_logout_prompt_enabled: true,
            acr_values_supported: Vec::new(),
            authorization_response_iss: false,
            enabled_locales: vec!["en".to_owned()],
            branding: Branding::default(),
            email_provider: None,
            attack_protection: AttackProtection::default(),
            flags: BTreeMap::new(),
            kept: Map::new(),
            kept_resources: BTreeMap::new(),
            dpop_nonce_at_resources: false,
        }
    }
}

impl TenantSettings {
    /// Whether requests can be pushed: also where they must be.
    #[must_use]
    pub fn takes_pushed_requests(&self) -> bool {
        self.pushed_authorization_requests_supported || self.requires_pushed_requests()
    }

    /// Whether every application has to push its requests.
    #[must_use]
    pub fn requires_pushed_requests(&self) -> bool {
        self.flag("require_pushed_authorization_requests")
    }

    /// Whether a flag is on.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.flags.get(name).copied().unwrap_or(false)
    }
}

/// Which factors a tenant allows. A new tenant allows what needs no provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, one per factor")]
pub struct FactorSwitches {
    /// Authenticator apps.
    pub otp: bool,
    /// Codes by mail.
    pub email: bool,
    /// Codes by text message.
    pub sms: bool,
    /// Codes by phone call.
    pub voice: bool,
    /// Push messages to a device.
    pub push_notification: bool,
    /// Recovery codes.
    pub recovery_code: bool,
    /// Security keys.
    pub webauthn_roaming: bool,
    /// The device's own authenticator.
    pub webauthn_platform: bool,
}

impl Default for FactorSwitches {
    fn default() -> Self {
        Self {
            otp: true,
            email: true,
            sms: false,
            voice: false,
            push_notification: false,
            recovery_code: true,
            webauthn_roaming: false,
            webauthn_platform: false,
        }
    }
}

impl FactorSwitches {
    /// Whether `factor` is on. Primary factors are switched on the connection, not here.
    #[must_use]
    pub fn allow(self, factor: FactorType) -> bool {
        match factor {
            FactorType::Password | FactorType::Passkey => true,
            FactorType::WebauthnPlatform => self.webauthn_platform,
            FactorType::WebauthnRoaming => self.webauthn_roaming,
            FactorType::Totp => self.otp,
            FactorType::Phone => self.sms || self.voice,
            FactorType::Email => self.email,
            FactorType::PushNotification => self.push_notification,
            FactorType::RecoveryCode => self.recovery_code,
        }
    }
}

/// When login asks for a second factor, before policies of an API and Actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MfaPolicy {
    /// At every login of every application.
    AllApplications,
    /// When a login looks risky. Nothing rates risks here, so it asks as little as `Never`
    /// (contract 05 §25 M15).
    ConfidenceScore,
    /// Never by itself.
    Never,
}

/// How browsers are spared a second factor for a while (contract 04 §9.4, 05 §11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembering {
    /// People may wish for it.
    pub offered: bool,
    /// The wish is ticked beforehand.
    pub preset: bool,
    /// Seconds after which a browser that was not used is forgotten.
    pub idle_lifetime: i64,
    /// Seconds after which every browser is.
    pub lifetime: i64,
}

impl Default for Remembering {
    fn default() -> Self {
        Self { offered: true, preset: false, idle_lifetime: 604_800, lifetime: 2_592_000 }
    }
}

/// Limits of the My Account API (contract 01 §6); zero is off. Reads, writes and lists filtered by
/// type are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateLimits {
    /// Reads of the whole tenant in a second.
    #[serde(alias = "tenant_per_second")]
    pub tenant_reads_per_second: u32,
    /// Writes of the whole tenant in a second.
    pub tenant_writes_per_second: u32,
    /// Filtered lists of the whole tenant in a second.
    pub tenant_filtered_reads_per_second: u32,
    /// Reads of one person in a minute.
    pub user_reads_per_minute: u32,
    /// Writes of one person in a minute.
    pub user_writes_per_minute: u32,
    /// Filtered lists of one person in a minute.
    pub user_filtered_reads_per_minute: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            tenant_reads_per_second: 25,
            tenant_writes_per_second: 25,
            tenant_filtered_reads_per_second: 25,
            user_reads_per_minute: 60,
            user_writes_per_minute: 30,
            user_filtered_reads_per_minute: 60,
        }
    }
}

impl RateLimits {
    /// No limit at all.
    pub const OFF: Self = Self {
        tenant_reads_per_second: 0,
        tenant_writes_per_second: 0,
        tenant_filtered_reads_per_second: 0,
        user_reads_per_minute: 0,
        user_writes_per_minute: 0,
        user_filtered_reads_per_minute: 0,
    };
}

/// How many requests an application may make at the Management API (contract 05 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ManagementLimit {
    /// At once; zero is no limit.
    pub burst: u32,
    /// In a second, in the long run; at least one.
    pub per_second: u32,
}

impl Default for ManagementLimit {
    fn default() -> Self {
        Self { burst: 50, per_second: 16 }
    }
}

impl ManagementLimit {
    /// As a bucket.
    #[must_use]
    pub fn limit(self) -> Limit {
        let period_ms = i64::from(self.burst) * 1000 / i64::from(self.per_second.max(1));
        Limit { requests: self.burst, period_ms: period_ms.max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_an_older_version_read_back() {
        let stored = r#"{"tenant_per_second":7,"user_reads_per_minute":5}"#;
        let limits: RateLimits = serde_json::from_str(stored).expect("reads");
        let expected = RateLimits {
            tenant_reads_per_second: 7,
            user_reads_per_minute: 5,
            ..RateLimits::default()
        };
        assert_eq!(limits, expected);
    }
}
