//! What surrounds every page, whatever it says.

use serde::Serialize;

use super::{Background, Brand, Color, WebAddress};

/// Facts of the request that every page of it shares.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    /// BCP 47 tag for `html[lang]`.
    pub language: String,
    /// The nonce named in this response's `Content-Security-Policy`.
    pub nonce: String,
    /// The tenant's friendly name; stands where a logo would.
    pub tenant_name: String,
    /// The application a person is on the way to, where one is known.
    pub client_name: Option<String>,
    /// Where the tenant offers help.
    pub support_url: Option<String>,
    /// Whether browsers may fill in codes that were sent.
    pub otp_autocomplete: bool,
    /// The tenant's colours.
    pub brand: Brand,
}

/// A link with its text.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// Where it leads.
    pub url: String,
    /// What it says.
    pub text: String,
}

impl Link {
    /// A link saying `text`, leading to `url`.
    pub fn new(url: impl Into<String>, text: impl Into<String>) -> Self {
        Self { url: url.into(), text: text.into() }
    }
}

impl Frame {
    /// The same around a page that is not there in other languages.
    #[must_use]
    pub fn in_english(self) -> Self {
        Self { language: "en".to_owned(), ..self }
    }

    /// An application's page in a tenant without branding.
    pub(super) fn sample() -> Self {
        Self {
            language: "en".to_owned(),
            nonce: "c2FtcGxlLW5vbmNl".to_owned(),
            tenant_name: "Acme Cloud".to_owned(),
            client_name: Some("Acme Notes".to_owned()),
            support_url: None,
            otp_autocomplete: true,
            brand: Brand::default(),
        }
    }

    /// A tenant with everything filled in and no application.
    pub(super) fn branded_sample() -> Self {
        Self {
            client_name: None,
            support_url: Some("https://acme.example/help".to_owned()),
            brand: Brand {
                primary: Color::parse("#7a2e8e"),
                page_background: Color::parse("#f3eef5").map(Background::Plain),
                logo: WebAddress::parse("https://cdn.example/logo.png"),
                favicon: WebAddress::parse("https://cdn.example/icon.png"),
                font: WebAddress::parse("https://fonts.example/acme.woff2"),
                background_image: WebAddress::parse("https://cdn.example/hills.jpg"),
                any_images: false,
                properties: vec![("--heading", "#112233".to_owned())],
            },
            ..Self::sample()
        }
    }
}
