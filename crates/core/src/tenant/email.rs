//! How a tenant's mail leaves, where it has a provider of its own (contract 05 §18).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Fault;
use crate::id::TenantId;
use crate::port::{Route, SmtpRoute};
use crate::seal::{SealedText, Sealer};

/// The name under which secrets are sealed.
pub const SEALED_AS: &str = "email.provider";
/// The one provider this version speaks with.
pub const SMTP: &str = "smtp";

/// A mail provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EmailProvider {
    /// Which.
    pub name: String,
    /// Whether it is used.
    pub enabled: bool,
    /// Who mail comes from.
    pub default_from_address: Option<String>,
    /// What of its credentials may be shown.
    pub credentials: Map<String, Value>,
    /// What of them may not.
    pub sealed: BTreeMap<String, SealedText>,
    /// Settings, which are kept.
    pub settings: Map<String, Value>,
}

impl EmailProvider {
    /// The way mail takes.
    ///
    /// # Errors
    /// If a secret does not open.
    pub fn route(&self, tenant: &TenantId, sealer: &Sealer) -> Result<Route, Fault> {
        if self.name != SMTP {
            return Ok(Route::Unsupported(format!("the mail provider {}", self.name)));
        }
        let text =
            |name: &str| self.credentials.get(name).and_then(Value::as_str).unwrap_or_default();
        let port = self.credentials.get("smtp_port").and_then(Value::as_u64);
        let password = self.sealed.get("smtp_pass");
        let password = password.map(|sealed| sealed.open(tenant, SEALED_AS, sealer)).transpose()?;
        Ok(Route::Smtp(SmtpRoute {
            host: text("smtp_host").to_owned(),
            port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(587),
            credentials: password.map(|password| (text("smtp_user").to_owned(), password)),
            from: self.default_from_address.clone(),
        }))
    }
}
