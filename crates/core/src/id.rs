//! Identifiers: one type per kind of thing, so that two kinds cannot be mixed up.
//!
//! Shapes follow contract 05 §2.5 and 01 §3.1; they are generated from [`Random`] alone.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::port::Random;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes over an identifier that was read from the wire or from storage.
            pub fn from_raw(raw: impl Into<String>) -> Self {
                Self(raw.into())
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A tenant: its short name, which is also how logs and TOTP labels call it.
    TenantId;
    /// A user: `auth0|` and 24 hexadecimal digits for database users.
    UserId;
    /// An application (RFC 6749 `client_id`): 32 letters and digits.
    ClientId;
    /// A connection: `con_` and 16 letters and digits.
    ConnectionId;
    /// A resource server: 24 hexadecimal digits.
    ResourceServerId;
    /// A client grant: `cgr_` and 16 letters and digits.
    ClientGrantId;
    /// A key of an application: `cred_` and 22 letters and digits.
    CredentialId;
    /// A role: `rol_` and 16 letters and digits.
    RoleId;
    /// A stored consent: 24 hexadecimal digits.
    ConsentId;
    /// An approval: `cns_` and 16 letters and digits.
    ApprovalId;
    /// An organization: `org_` and 16 letters and digits.
    OrganizationId;
    /// The part of an authentication method's id behind the `|`: `dev_` and 16 letters and digits.
    MethodId;
    /// What a person is asked to approve: `cns_` and 16 letters and digits.
    RichConsentId;
    /// A browser session, sent as `sid`.
    SessionId;
    /// A token family: everything that descends from one authorization.
    FamilyId;
    /// A signing key's `kid`.
    KeyId;
    /// A job: `job_` and 16 letters and digits.
    JobId;
    /// A log stream: `lst_` and 16 digits.
    LogStreamId;
    /// A queued message.
    MessageId;
    /// A tenant log event; sorts by time.
    LogId;
}

impl UserId {
    /// A new database user's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("auth0|{}", random.hex(12)))
    }
}

impl ClientId {
    /// A new application's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(random.alphanumeric(32))
    }
}

impl ConnectionId {
    /// A new connection's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("con_{}", random.alphanumeric(16)))
    }
}

impl ResourceServerId {
    /// A new resource server's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(random.hex(12))
    }
}

impl ClientGrantId {
    /// A new client grant's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("cgr_{}", random.alphanumeric(16)))
    }
}

impl CredentialId {
    /// A new key's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("cred_{}", random.alphanumeric(22)))
    }
}

impl RoleId {
    /// A new role's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("rol_{}", random.alphanumeric(16)))
    }
}

impl ConsentId {
    /// A new consent's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(random.hex(12))
    }
}

impl ApprovalId {
    /// A new approval's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("cns_{}", random.alphanumeric(16)))
    }
}

impl OrganizationId {
    /// A new organization's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("org_{}", random.alphanumeric(16)))
    }
}

impl MethodId {
    /// A new authentication method's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("dev_{}", random.alphanumeric(16)))
    }
}

impl RichConsentId {
    /// A new id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("cns_{}", random.alphanumeric(16)))
    }
}

impl SessionId {
    /// A new session's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(random.alphanumeric(32))
    }
}

impl FamilyId {
    /// A new token family's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(random.alphanumeric(24))
    }
}

impl KeyId {
    /// A new signing key's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(random.alphanumeric(21))
    }
}

impl JobId {
    /// A new job's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("job_{}", random.alphanumeric(16)))
    }
}

impl MessageId {
    /// A new queued message's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("msg_{}", random.alphanumeric(22)))
    }
}

impl LogStreamId {
    /// A new log stream's id.
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("lst_{}", random.digits(16)))
    }
}

impl LogId {
    /// What every id begins with.
    const PREFIX: &str = "900";
    /// An id after every other.
    pub const END: &str = "999999999999999999999999999999999999";

    /// A new log event's id: the instant first, so that ids sort by time; of several in one
    /// millisecond `nth` tells the order.
    pub fn generate(random: &dyn Random, now: crate::time::Timestamp, nth: u32) -> Self {
        let (ms, nth) = (now.0.max(0), nth.min(999_999));
        Self(format!("{}{ms:015}{nth:06}{}", Self::PREFIX, random.digits(12)))
    }

    /// What ids of `instant` and later are not below.
    #[must_use]
    pub fn floor(instant: crate::time::Timestamp) -> String {
        format!("{}{:015}", Self::PREFIX, instant.0.clamp(0, 999_999_999_999_999))
    }
}
