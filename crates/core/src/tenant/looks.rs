//! What an operator wrote for pages: texts, theme and page template. They are documents of their own
//! (contract 05 §18), kept in memory with the rest of the configuration because every page asks for
//! them.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::liquid::Template;

/// The kind under which texts are stored, by `{prompt}/{language}`.
pub const TEXTS: &str = "prompts/custom-text";
/// The kind under which themes are stored; there is one, `default`.
pub const THEMES: &str = "branding/themes";
/// The kind under which page templates are stored.
pub const PAGE_TEMPLATES: &str = "branding/templates";
/// The tags a page template needs: what belongs into `head`, and the page itself.
pub const PAGE_TAGS: [&str; 2] = ["auth0:head", "auth0:widget"];

/// A stored document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its kind.
    pub kind: String,
    /// Its name among its kind.
    pub name: String,
    /// What it holds.
    pub content: Map<String, Value>,
}

/// What an operator wrote for pages.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    texts: HashMap<String, Map<String, Value>>,
    /// The theme, as it was sent.
    pub theme: Option<Map<String, Value>>,
    /// What stands around every page.
    pub page: Option<Template>,
}

impl Looks {
    pub(super) fn of(documents: Vec<Document>) -> Self {
        let mut looks = Self::default();
        for Document { kind, name, content } in documents {
            match kind.as_str() {
                TEXTS => drop(looks.texts.insert(name, content)),
                THEMES => looks.theme = Some(content),
                PAGE_TEMPLATES => {
                    let source = content.get("body").and_then(Value::as_str).unwrap_or_default();
                    // It parsed when it was written.
                    looks.page = Template::parse_with(source, &PAGE_TAGS).ok();
                }
                _ => {}
            }
        }
        looks
    }

    /// The texts of a screen of a prompt in a language.
    #[must_use]
    pub fn texts(&self, prompt: &str, screen: &str, language: &str) -> Option<&Map<String, Value>> {
        self.texts.get(&format!("{prompt}/{language}"))?.get(screen)?.as_object()
    }
}
