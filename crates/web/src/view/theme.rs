//! A tenant's theme (contract 05 §18) as custom properties of the style sheet. Every value is read
//! into a colour, a number or a word of ours: nothing of an operator's text stands in a style element.

use serde_json::{Map, Value};

use super::{Color, WebAddress};

/// Which colour of a theme is which custom property.
const COLORS: [(&str, &str); 15] = [
    ("base_focus_color", "--focus"),
    ("body_text", "--text"),
    ("error", "--danger"),
    ("header", "--heading"),
    ("input_background", "--input"),
    ("input_border", "--control"),
    ("input_filled_text", "--input-ink"),
    ("input_labels_placeholders", "--label"),
    ("links_focused_components", "--link"),
    ("primary_button_label", "--primary-ink"),
    ("secondary_button_border", "--outline"),
    ("secondary_button_label", "--outline-ink"),
    ("success", "--good"),
    ("widget_background", "--surface"),
    ("widget_border", "--line"),
];

/// What a theme says, as far as pages have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// Custom properties with their values.
    pub properties: Vec<(&'static str, String)>,
    /// The main colour.
    pub primary: Option<Color>,
    /// The colour behind everything.
    pub page_background: Option<Color>,
    /// A picture behind everything.
    pub background_image: Option<WebAddress>,
    /// The logo.
    pub logo: Option<WebAddress>,
    /// The font of everything.
    pub font: Option<WebAddress>,
}

impl Theme {
    /// Reads a theme as the Management API has it; what cannot be read is left out.
    #[must_use]
    pub fn parse(theme: &Map<String, Value>) -> Self {
        let part = |name: &str| theme.get(name).unwrap_or(&Value::Null);
        let (colors, borders) = (part("colors"), part("borders"));
        let (fonts, widget, page) = (part("fonts"), part("widget"), part("page_background"));
        let color = |value: &Value| value.as_str().and_then(Color::parse);
        let address = |value: &Value| value.as_str().and_then(WebAddress::parse);
        let mut properties = Vec::new();
        for (name, property) in COLORS {
            if let Some(color) = color(&colors[name]) {
                properties.push((property, color.css()));
            }
        }
        properties.extend(corners(borders));
        if let Some(size) = pixels(&fonts["reference_text_size"], 12, 24) {
            properties.push(("--size", size));
        }
        if let Some(height) = pixels(&widget["logo_height"], 1, 100) {
            properties.push(("--logo-height", height));
        }
        let alignments = ["left", "center", "right"];
        let align = widget["header_text_alignment"].as_str();
        if let Some(align) = alignments.into_iter().find(|own| Some(*own) == align) {
            properties.push(("--header-align", align.to_owned()));
        }
        if widget["logo_position"] == "none" {
            properties.push(("--logo-display", "none".to_owned()));
        }
        Self {
            properties,
            primary: color(&colors["primary_button"]),
            page_background: color(&page["background_color"]),
            background_image: address(&page["background_image_url"]),
            logo: address(&widget["logo_url"]),
            font: address(&fonts["font_url"]),
        }
    }
}

/// Corners and shadows.
fn corners(borders: &Value) -> Vec<(&'static str, String)> {
    let mut properties = Vec::new();
    for (style, radius, property) in [
        ("buttons_style", "button_border_radius", "--radius-button"),
        ("inputs_style", "input_border_radius", "--radius-input"),
    ] {
        let value = match borders[style].as_str() {
            Some("pill") => Some("999px".to_owned()),
            Some("sharp") => Some("0".to_owned()),
            _ => pixels(&borders[radius], 0, 50),
        };
        properties.extend(value.map(|value| (property, value)));
    }
    let widget = pixels(&borders["widget_corner_radius"], 0, 50);
    properties.extend(widget.map(|radius| ("--radius-large", radius)));
    for (weight, property) in
        [("button_border_weight", "--button-line"), ("input_border_weight", "--input-line")]
    {
        properties.extend(pixels(&borders[weight], 0, 10).map(|width| (property, width)));
    }
    properties.extend(
        pixels(&borders["widget_border_weight"], 0, 10).map(|width| ("--widget-line", width)),
    );
    if borders["show_widget_shadow"] == false {
        properties.push(("--shadow", "none".to_owned()));
    }
    properties
}

/// A number of pixels in a range.
fn pixels(value: &Value, least: u64, most: u64) -> Option<String> {
    value.as_u64().map(|number| format!("{}px", number.clamp(least, most)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_can_be_read_is_used() {
        let theme = json!({
            "colors": { "primary_button": "#123", "error": "red;}", "header": "#445566" },
            "borders": { "buttons_style": "pill", "widget_corner_radius": 5000, "show_widget_shadow": false },
            "fonts": { "reference_text_size": "16px;}", "font_url": "javascript:x" },
            "widget": { "header_text_alignment": "left;}", "logo_url": "https://cdn.example/l.svg" },
            "page_background": { "background_color": 7 },
        });
        let theme = Theme::parse(theme.as_object().expect("an object"));
        let properties: Vec<_> =
            theme.properties.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(
            properties,
            [
                "--heading: #445566",
                "--radius-button: 999px",
                "--radius-large: 50px",
                "--shadow: none"
            ]
        );
        assert!(theme.primary.is_some() && theme.logo.is_some());
        assert_eq!((theme.font, theme.page_background, theme.background_image), (None, None, None));
        assert_eq!(Theme::parse(&Map::new()), Theme::default());
    }
}
