//! An operator's template around a page (contract 05 §18). It is HTML of the tenant's own, but runs no
//! script and loads nothing but pictures: its style elements get the page's nonce, the policy
//! forbids the rest.

use housekey_core::Call;
use housekey_core::liquid::Escaping;
use housekey_core::tenant::looks::PAGE_TAGS;
use serde_json::{Map, Value, json};

use crate::view::{Frame, Texts};

/// What a template may tell apart.
pub(super) struct Shown<'a> {
    pub screen: &'a str,
    pub frame: &'a Frame,
    pub texts: &'a Texts,
}

/// The page inside the tenant's template; none if it has none, or if the page is none of those that
/// have a card.
pub(super) fn wrapped(call: &Call, page: &str, shown: &Shown<'_>) -> Option<String> {
    let template = call.tenant.looks.page.as_ref()?;
    let head = between(page, "<head>", "</head>")?;
    let widget = between(page, "<body class=\"_widget-auto-layout\">", "</body>")?;
    // Stand-ins, because what is ours is not to be read as the operator's.
    let marks = PAGE_TAGS.map(|tag| format!("<!--{tag} {}-->", shown.frame.nonce));
    let variables = variables(call, shown, &marks);
    let now = call.now.0.div_euclid(1000);
    let printed = match template.render(&variables, Escaping::Html, now) {
        Ok(printed) => printed,
        Err(error) => {
            tracing::warn!(tenant = %call.tenant.id, %error, "the page template could not be used");
            return None;
        }
    };
    let styled = printed.replace("<style", &format!("<style nonce=\"{}\"", shown.frame.nonce));
    Some(styled.replacen(&marks[0], head, 1).replacen(&marks[1], widget, 1))
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    rest.rsplit_once(end).map(|(inner, _)| inner)
}

fn variables(call: &Call, shown: &Shown<'_>, marks: &[String; 2]) -> Value {
    let settings = &call.tenant.settings;
    let (frame, screen) = (shown.frame, shown.screen);
    let prompt = super::prompt::name(screen);
    let mut variables = Map::from_iter([
        ("locale".to_owned(), json!(frame.language)),
        ("dir".to_owned(), json!("ltr")),
        (
            "prompt".to_owned(),
            json!({ "name": prompt, "screen": { "name": screen, "texts": shown.texts } }),
        ),
        (
            "application".to_owned(),
            json!({ "name": frame.client_name.as_ref().unwrap_or(&frame.tenant_name) }),
        ),
        (
            "tenant".to_owned(),
            json!({
                "friendly_name": frame.tenant_name,
                "support_email": settings.support_email,
                "support_url": settings.support_url,
                "picture_url": settings.picture_url,
            }),
        ),
        (
            "branding".to_owned(),
            json!({
                "logo_url": settings.branding.logo_url,
                "colors": {
                    "primary": settings.branding.primary,
                    "page_background": settings.branding.page_background,
                },
            }),
        ),
    ]);
    for (tag, mark) in PAGE_TAGS.into_iter().zip(marks) {
        variables.insert(tag.to_owned(), json!(mark));
    }
    variables.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inside_is_found() {
        assert_eq!(between("a<head>x</head>b", "<head>", "</head>"), Some("x"));
        assert_eq!(
            between("<body class=\"page\">x</body>", "<body class=\"_w\">", "</body>"),
            None
        );
    }
}
