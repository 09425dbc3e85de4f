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
    /// How names, numbers and codes are asked for and shown, as it was sent.
    pub identifiers: Option<Map<String, Value>>,
    /// What is kept for tools.
    pub kept: Map<String, Value>,
}

/// What of a person's number pages show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneMasking {
    /// All but the country's code.
    HideCountryCode,
    /// The last four digits.
    MaskDigits,
    /// Everything.
    ShowAll,
}

impl Branding {
    /// What of a person's number pages show.
    #[must_use]
    pub fn phone_masking(&self) -> PhoneMasking {
        let display = self.identifiers.as_ref().and_then(|own| own.get("phone_display"));
        match display.and_then(|own| own["masking"].as_str()) {
            Some("show_all") => PhoneMasking::ShowAll,
            Some("hide_country_code") => PhoneMasking::HideCountryCode,
            _ => PhoneMasking::MaskDigits,
        }
    }

    /// Whether browsers may fill in codes that were sent.
    #[must_use]
    pub fn otp_autocomplete(&self) -> bool {
        let own = self.identifiers.as_ref().and_then(|own| own.get("otp_autocomplete"));
        own != Some(&Value::Bool(false))
    }
}
