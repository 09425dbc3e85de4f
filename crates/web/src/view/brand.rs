//! A tenant's colours, as far as pages use them.
//!
//! They end up inside a style element, where HTML escaping protects nothing; so a colour is parsed
//! into a type that cannot hold anything else.

use serde::Serialize;
use serde_json::Value;
use url::Url;

/// Colours a tenant chose; absent ones fall back to the style sheet's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Brand {
    /// Buttons and other marks of the main action.
    pub primary: Option<Color>,
    /// The page behind the card, in the light scheme.
    pub page_background: Option<Background>,
    /// A picture in the place of the tenant's name.
    pub logo: Option<WebAddress>,
    /// The icon of the page.
    pub favicon: Option<WebAddress>,
    /// The font of everything.
    pub font: Option<WebAddress>,
    /// A picture behind everything.
    pub background_image: Option<WebAddress>,
    /// Whether a template of the tenant's brings pictures from wherever it wants.
    pub any_images: bool,
    /// Custom properties of the style sheet, with their values.
    pub properties: Vec<(&'static str, String)>,
}

impl Brand {
    /// Where pictures come from, besides us.
    #[must_use]
    pub fn image_origins(&self) -> Vec<String> {
        [&self.logo, &self.favicon, &self.background_image]
            .into_iter()
            .flatten()
            .map(WebAddress::origin)
            .collect()
    }

    /// Where the font comes from.
    #[must_use]
    pub fn font_origin(&self) -> Option<String> {
        self.font.as_ref().map(WebAddress::origin)
    }
}

/// What is behind everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum Background {
    /// One colour.
    Plain(Color),
    /// One colour that turns into another.
    Gradient {
        /// At the beginning.
        start: Color,
        /// At the end.
        end: Color,
        /// Degrees, clockwise from upwards.
        angle: u16,
    },
}

impl Background {
    /// Reads a colour, or an object as the Management API has it.
    #[must_use]
    pub fn parse(value: &Value) -> Option<Self> {
        if let Some(text) = value.as_str() {
            return Color::parse(text).map(Self::Plain);
        }
        let color = |name: &str| value[name].as_str().and_then(Color::parse);
        let angle = value["angle_deg"].as_u64().and_then(|angle| u16::try_from(angle % 360).ok());
        let is_linear = value["type"] == "linear-gradient";
        let (start, end) = (color("start")?, color("end")?);
        is_linear.then_some(Self::Gradient { start, end, angle: angle.unwrap_or(0) })
    }
}

impl From<Background> for String {
    fn from(background: Background) -> Self {
        match background {
            Background::Plain(color) => color.css(),
            Background::Gradient { start, end, angle } => {
                format!("linear-gradient({angle}deg, {}, {})", start.css(), end.css())
            }
        }
    }
}

/// An address on the web that may stand in a style sheet and, by its origin, in a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct WebAddress(String);

impl WebAddress {
    /// Reads an `https` URL that holds nothing that could end it in a style sheet.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "https")?;
        let is_plain = |c: char| c.is_ascii_graphic() && !"'\"()<>\\;,".contains(c);
        url.as_str().chars().all(is_plain).then(|| Self(url.into()))
    }

    /// Scheme, host and port, as a policy names them.
    fn origin(&self) -> String {
        Url::parse(&self.0).map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
    }
}

/// An opaque sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "Shades")]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

/// What a template reads of a colour.
#[derive(Serialize)]
struct Shades {
    css: String,
    ink: &'static str,
}

impl Color {
    /// Reads `#rgb` or `#rrggbb`; anything else is not a colour.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let wide = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 => digits.to_owned(),
            _ => return None,
        };
        let channel = |at: usize| u8::from_str_radix(&wide[at..at + 2], 16).ok();
        Some(Self { red: channel(0)?, green: channel(2)?, blue: channel(4)? })
    }

    /// As style sheets have it.
    #[must_use]
    pub fn css(self) -> String {
        let Self { red, green, blue } = self;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// Black or white, whichever is easier to read on this colour (WCAG 2.2, contrast ratio).
    fn ink(self) -> &'static str {
        let luminance = self.luminance();
        let on_white = 1.05 / (luminance + 0.05);
        let on_black = (luminance + 0.05) / 0.05;
        if on_white >= on_black { "#ffffff" } else { "#000000" }
    }

    /// WCAG 2.2, relative luminance.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl From<Color> for Shades {
    fn from(color: Color) -> Self {
        Self { css: color.css(), ink: color.ink() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_forms_are_the_same_colour() {
        assert_eq!(Color::parse("#0af"), Color::parse("#00AAFF"));
        assert!(Color::parse("#0af").is_some());
    }

    #[test]
    fn nothing_but_a_hex_colour_parses() {
        for text in ["", "#", "red", "0059d6", "#0059d", "#00é", "#fff;}", "#12345g", "url(x)"] {
            assert_eq!(Color::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_cannot_end_what_it_stands_in() {
        let good =
            WebAddress::parse("https://cdn.example:8443/a/logo.png?v=1").expect("an address");
        assert_eq!(good.origin(), "https://cdn.example:8443");
        for text in [
            "",
            "logo.png",
            "http://cdn.example/a",
            "javascript:x",
            "data:image/png;base64,x",
            "https://cdn.example/a');x",
            "https://cdn.example/a)x",
            "https://a.example/;b",
        ] {
            assert_eq!(WebAddress::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ink_is_the_more_readable_of_black_and_white() {
        assert_eq!(Color::parse("#ffd400").map(Color::ink), Some("#000000"));
        assert_eq!(Color::parse("#0b3d91").map(Color::ink), Some("#ffffff"));
    }
}
