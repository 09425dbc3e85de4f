//! Log streams: events carried to where a tenant wants them (contract 05 §15), in their order,
//! each at least once.

mod category;
mod deliver;
mod privacy;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use category::CATEGORIES;
pub use deliver::{LogBatch, deliver_streams};
pub use privacy::{HideBy, Privacy, PrivateField};

use super::LogEvent;
use crate::error::Fault;
use crate::id::{LogStreamId, TenantId};
use crate::port::Random;
use crate::seal::{SealedText, Sealer};
use crate::secret::SecretText;

/// The name under which addresses with their secrets are sealed.
const SEALED_AS: &str = "log.stream";

/// A log stream.
#[derive(Clone, Debug)]
pub struct LogStream {
    /// `lst_…`.
    pub id: LogStreamId,
    /// What its owner set.
    pub settings: StreamSettings,
    /// The last event that was carried.
    pub position: String,
    /// Failures in a row.
    pub attempts: i64,
}

/// What is set about a stream. The serialised form is the stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamSettings {
    /// How its owner calls it.
    pub name: String,
    /// Whether and how events are carried.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it carries.
    pub status: StreamStatus,
    /// Categories of events; none means all.
    #[serde(default)]
    pub filters: Vec<String>,
    /// What of people is hidden.
    #[serde(default)]
    pub privacy: Option<Privacy>,
    /// Where to, with its secrets, as JSON.
    pub sealed_sink: SealedText,
    /// What is kept for tools.
    #[serde(default)]
    pub kept: Map<String, Value>,
}

/// Whether a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamStatus {
    /// It carries.
    Active,
    /// It waits and goes on where it was.
    Paused,
    /// It is of a type that this version does not carry to.
    Suspended,
}

/// Where events go over HTTP.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpSink {
    /// Where to.
    pub http_endpoint: String,
    /// The body's type.
    pub http_content_type: Option<String>,
    /// How several events become one body.
    pub http_content_format: ContentFormat,
    /// The value of `Authorization`.
    pub http_authorization: Option<String>,
    /// Further headers.
    pub http_custom_headers: Vec<CustomHeader>,
    /// What requests are signed with.
    pub http_signing_secret: String,
}

/// How several events become one body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ContentFormat {
    /// A JSON array.
    #[default]
    JsonArray,
    /// One JSON text a line.
    JsonLines,
    /// One event a request.
    JsonObject,
}

/// A header of its owner's choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomHeader {
    /// Its name.
    pub header: String,
    /// Its value.
    pub value: String,
}

impl StreamSettings {
    /// Seals where events go.
    ///
    /// # Errors
    /// Only if the cryptographic library fails.
    pub fn seal(
        sink: &Value,
        tenant: &TenantId,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<SealedText, Fault> {
        let text = SecretText::new(sink.to_string());
        SealedText::seal(tenant, SEALED_AS, &text, sealer, random)
    }

    /// Where events go.
    ///
    /// # Errors
    /// If it was sealed under another master key.
    pub fn sink(&self, tenant: &TenantId, sealer: &Sealer) -> Result<Value, Fault> {
        let text = self.sealed_sink.open(tenant, SEALED_AS, sealer)?;
        serde_json::from_str(text.expose()).map_err(Fault::new)
    }

    /// Whether an event is to be carried.
    #[must_use]
    pub fn wants(&self, event: &LogEvent) -> bool {
        let own = category::of(event.kind);
        self.filters.is_empty() || self.filters.iter().any(|filter| filter == own)
    }
}
