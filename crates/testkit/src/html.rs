//! As much of a page as a person without JavaScript uses: its form, its links, its texts.

/// A page's form.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Hidden fields, in order.
    pub hidden: Vec<(String, String)>,
    /// Where it posts to; none is the page's own URL.
    pub action: Option<String>,
}

/// Each tag of that name, whole.
fn tags<'a>(html: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    html.split('<').filter_map(move |rest| {
        let tag = rest.split('>').next()?;
        let own = tag.split_ascii_whitespace().next()?;
        (own == name).then_some(tag)
    })
}

/// An attribute of a tag, unescaped.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = tag[start..].split('"').next()?;
    Some(unescape(value))
}

/// Text as a browser shows it.
#[must_use]
pub fn unescape(text: &str) -> String {
    const ENTITIES: [(&str, &str); 6] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ];
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, own)| text.replace(entity, own))
}

/// The page's form.
#[must_use]
pub fn form(html: &str) -> Form {
    let hidden = tags(html, "input")
        .filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"))
        .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)))
        .collect();
    Form { hidden, action: tags(html, "form").find_map(|tag| attribute(tag, "action")) }
}

/// Where the first link that contains `part` leads.
#[must_use]
pub fn link(html: &str, part: &str) -> Option<String> {
    tags(html, "a").filter_map(|tag| attribute(tag, "href")).find(|url| url.contains(part))
}

/// The keys of the errors a page shows, `field:key` or `:key` for the whole form.
#[must_use]
pub fn errors(html: &str) -> Vec<String> {
    html.split('<')
        .filter_map(|tag| {
            let key = attribute(tag, "data-error-code")?;
            let id = attribute(tag, "id").unwrap_or_default();
            Some(format!("{}:{key}", id.trim_start_matches("error-element-")))
        })
        .collect()
}

/// Which screen it is: the class that tests of applications select.
#[must_use]
pub fn screen(html: &str) -> Option<String> {
    let class = tags(html, "main").find_map(|tag| attribute(tag, "class"))?;
    class.strip_prefix("_widget ").map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<main class="_widget login-id"><form method="POST">
        <input type="hidden" name="state" value="a&amp;b">
        <input type="text" name="username" value="">
        <span id="error-element-username" data-error-code="no-identifier">x</span>
        <a href="/u/signup?state=a&amp;b">Sign up</a></form></main>"#;

    #[test]
    fn reads_forms_links_and_errors() {
        assert_eq!(form(PAGE).hidden, [("state".to_owned(), "a&b".to_owned())]);
        assert_eq!(form(PAGE).action, None);
        assert_eq!(link(PAGE, "/u/signup").as_deref(), Some("/u/signup?state=a&b"));
        assert_eq!(errors(PAGE), ["username:no-identifier"]);
        assert_eq!(screen(PAGE).as_deref(), Some("login-id"));
    }

    #[test]
    fn entities_are_read_once() {
        assert_eq!(unescape("&amp;lt; &lt;"), "&lt; <");
    }
}
