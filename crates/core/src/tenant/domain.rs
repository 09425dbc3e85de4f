//! The hosts a tenant answers on: its own, and custom domains (contract 03 §1, 05 §13).

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::secret::HandleHash;
use crate::time::Timestamp;

/// A host name on which a tenant answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Host, with a port when it is not the scheme's default; lower-case.
    pub host: String,
    /// The tenant's own domain, in contrast to custom ones. Each tenant has exactly one.
    pub canonical: bool,
    /// Only verified domains answer.
    pub verified: bool,
    /// The WebAuthn relying party id, if it is not the host: a parent of it.
    pub relying_party_identifier: Option<String>,
    /// What is set and known about a custom one besides.
    pub settings: DomainSettings,
}

/// What is set and known about a custom domain. The serialised form is the stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainSettings {
    /// Who has its certificate.
    pub kind: DomainKind,
    /// What its TXT record has to hold; hosts of the command line have none.
    pub challenge: Option<String>,
    /// When somebody last had the record looked up.
    pub checked_at: Option<Timestamp>,
    /// Why that did not verify it.
    pub failure: Option<String>,
    /// What its owners note about it.
    pub metadata: BTreeMap<String, String>,
    /// The header in which the owner's proxy tells who calls, in lower case.
    pub client_ip_header: Option<String>,
    /// What the owner's proxy shows to be believed, hashed.
    pub proxy_key: Option<HandleHash>,
    /// When it was added, if by the Management API.
    pub created_at: Option<Timestamp>,
    /// What is kept for tools, without an effect.
    pub kept: Map<String, Value>,
}

/// Who has the certificate of a custom domain, in the words of the Management API. Housekey serves
/// both the same way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainKind {
    /// Whoever runs the server.
    Auth0ManagedCerts,
    /// Whoever runs a proxy in front of it.
    #[default]
    SelfManagedCerts,
}

impl DomainKind {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth0ManagedCerts => "auth0_managed_certs",
            Self::SelfManagedCerts => "self_managed_certs",
        }
    }
}

impl Domain {
    /// A verified host without settings of its own.
    pub fn verified(host: impl Into<String>, canonical: bool) -> Self {
        Self {
            host: host.into(),
            canonical,
            verified: true,
            relying_party_identifier: None,
            settings: DomainSettings::default(),
        }
    }

    /// `cd_` and 16 letters and digits, which follow from the host: a tenant has each once.
    #[must_use]
    pub fn id(&self) -> String {
        const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let hash = digest::digest(&digest::SHA256, self.host.as_bytes());
        let of = |byte: &u8| char::from(DIGITS[usize::from(*byte) % DIGITS.len()]);
        format!("cd_{}", hash.as_ref().iter().take(16).map(of).collect::<String>())
    }

    /// The name whose TXT record shows whose the domain is.
    #[must_use]
    pub fn challenge_name(&self) -> String {
        format!("_housekey.{}", without_port(&self.host))
    }

    /// The host's WebAuthn relying party id (contract 04 §10.6).
    #[must_use]
    pub fn relying_party_id(&self) -> &str {
        self.relying_party_identifier.as_deref().unwrap_or_else(|| without_port(&self.host))
    }

    /// Whether `id` may be the host's relying party id: the host, or what it is beneath. Which
    /// parents are too public to be one, browsers know.
    #[must_use]
    pub fn may_have_relying_party(&self, id: &str) -> bool {
        let beneath = without_port(&self.host).strip_suffix(id);
        beneath.is_some_and(|rest| {
            rest.is_empty() || (rest.ends_with('.') && id.contains('.') && !id.starts_with('.'))
        })
    }
}

fn without_port(host: &str) -> &str {
    let port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    port.map_or(host, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relying_parties_are_the_host_or_above_it() {
        let domain = Domain::verified("login.acme.example:8443", false);
        assert_eq!(domain.relying_party_id(), "login.acme.example");
        for id in ["login.acme.example", "acme.example"] {
            assert!(domain.may_have_relying_party(id), "{id}");
        }
        for id in ["", "example", ".acme.example", "me.example", "a.login.acme.example"] {
            assert!(!domain.may_have_relying_party(id), "{id}");
        }
        let localhost = Domain::verified("localhost:4000", true);
        assert_eq!(localhost.relying_party_id(), "localhost");
        assert!(localhost.may_have_relying_party("localhost"));
    }
}
