//! What a tenant's pages look like (contract 05 §18).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What pages look like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Branding {
    /// The main colour, `#rrggbb`.
    pub primary: Option<String>,
    /// The colour behind everything, `#rrggbb`; pages know no other backgrounds, which are kept.
    pub page_background: Option<Value>,
    /// The logo.
    pub logo_url: Option<String>,
    /// The icon of the page.
    pub favicon_url: Option<String>,
    /// The font.
    pub font_url: Option<String>,
    /// What is kept for tools.
    pub kept: Map<String, Value>,
}
