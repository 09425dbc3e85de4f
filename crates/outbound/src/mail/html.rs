//! The HTML half of a mail, from an embedded template that escapes what it prints.

use std::sync::LazyLock;

use housekey_core::port::OutgoingMessage;
use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior, context};

const NAME: &str = "mail.html";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
        .add_template(NAME, include_str!("../../templates/mail.html"))
        .expect("the embedded template parses: a test renders it");
    environment
});

/// The message as an HTML document.
pub(super) fn render(message: &OutgoingMessage) -> Result<String, minijinja::Error> {
    let content = message.content.clone();
    let lines = |paragraph: &str| paragraph.lines().map(Value::from).collect::<Value>();
    TEMPLATES.get_template(NAME)?.render(context! {
        tenant => message.from_name.as_str(),
        subject => content.subject,
        paragraphs => content.text.split("\n\n").map(lines).collect::<Value>(),
        code => content.code,
        link => content.link,
        link_label => content.link_label.as_deref().unwrap_or("Continue"),
    })
}

#[cfg(test)]
mod tests {
    use housekey_core::id::{MessageId, TenantId};
    use housekey_core::message::{Channel, Content};
    use housekey_core::port::Route;
    use housekey_core::time::Timestamp;

    use super::*;

    fn rendered(text: &str, code: Option<&str>, link: Option<&str>) -> String {
        render(&OutgoingMessage {
            id: MessageId::from_raw("msg_1"),
            tenant: TenantId::from_raw("acme"),
            channel: Channel::Email,
            route: Route::Mail,
            at: Timestamp(0),
            dies_at: Timestamp(1),
            to: "ada@example.com".to_owned(),
            from_name: "Smith & <b>Sons</b>".to_owned(),
            content: Content {
                subject: "Hello".to_owned(),
                text: text.to_owned(),
                code: code.map(ToOwned::to_owned),
                link: link.map(ToOwned::to_owned),
                link_label: link.map(|_| "<Go>".to_owned()),
                ..Content::default()
            },
        })
        .expect("renders")
    }

    #[test]
    fn what_people_wrote_is_escaped() {
        let html = rendered("From: <script>alert(1)</script>", None, None);
        assert!(!html.contains("<script>") && !html.contains("<b>Sons"), "{html}");
        assert!(html.contains("Smith &amp; &lt;b&gt;Sons"), "{html}");
    }

    #[test]
    fn a_link_on_its_own_becomes_a_button() {
        let link = "https://acme.example/r?a=1&b=2";
        let html = rendered(&format!("Here:\n\n{link}\n\nBye."), None, Some(link));
        assert_eq!(html.matches("<a href=").count(), 1, "{html}");
        assert!(html.contains("a=1&amp;b=2") && html.contains(">&lt;Go&gt;</a>"), "{html}");
    }

    #[test]
    fn a_code_stands_out_and_lines_stay_lines() {
        let html = rendered("Your code: 123456\n\nWhen: now\nFrom: here", Some("123456"), None);
        assert_eq!(html.matches("123456").count(), 2, "{html}");
        assert!(html.contains("When: now<br>"), "{html}");
    }
}
