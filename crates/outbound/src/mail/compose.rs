//! From a message to a mail (RFC 5322): the same words as plain text and as HTML.

use housekey_core::port::{DeliveryError, OutgoingMessage, Random, SystemRandom};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use super::html;

pub(super) fn mail(message: &OutgoingMessage, from: &Address) -> Result<Message, DeliveryError> {
    let to: Address = message.to.trim().parse().map_err(|_| refused("not a mail address"))?;
    let sender = Mailbox::new(Some(one_line(&message.from_name)), from.clone());
    let id = format!("<{}@{}>", SystemRandom.hex(16), from.domain());
    let html = html::render(message).map_err(|error| refused(&error.to_string()))?;
    Message::builder()
        .from(sender)
        .to(Mailbox::new(None, to))
        .subject(one_line(&message.content.subject))
        .message_id(Some(id))
        .date_now()
        .raw_header(automatic())
        .multipart(MultiPart::alternative_plain_html(message.content.text.clone(), html))
        .map_err(|error| refused(&error.to_string()))
}

/// Tells vacation responders to keep quiet (RFC 3834 §5).
fn automatic() -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    HeaderValue::new(name, "auto-generated".to_owned())
}

/// Names come from people: a line break in one must not begin a header of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn refused(why: &str) -> DeliveryError {
    DeliveryError::Permanent(why.to_owned())
}

#[cfg(test)]
mod tests {
    use housekey_core::id::{MessageId, TenantId};
    use housekey_core::message::{Channel, Content};
    use housekey_core::port::Route;
    use housekey_core::time::Timestamp;

    use super::*;

    fn message(to: &str, from_name: &str) -> OutgoingMessage {
        OutgoingMessage {
            id: MessageId::from_raw("msg_1"),
            tenant: TenantId::from_raw("acme"),
            channel: Channel::Email,
            route: Route::Mail,
            at: Timestamp(0),
            dies_at: Timestamp(1),
            to: to.to_owned(),
            from_name: from_name.to_owned(),
            content: Content {
                subject: "Choose a new password – Acme".to_owned(),
                text: "Choose one here:\n\nhttps://acme.example/r?a=1&b=2\n\nBye.".to_owned(),
                link: Some("https://acme.example/r?a=1&b=2".to_owned()),
                ..Content::default()
            },
        }
    }

    fn composed(message: &OutgoingMessage) -> String {
        let from = "noreply@acme.example".parse().expect("an address");
        String::from_utf8(mail(message, &from).expect("composes").formatted()).expect("UTF-8")
    }

    #[test]
    fn has_the_headers_of_an_automatic_mail() {
        let text = composed(&message("ada@example.com", "Acme"));
        for header in [
            "From: Acme <noreply@acme.example>\r\n",
            "To: ada@example.com\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: multipart/alternative;",
        ] {
            assert!(text.contains(header), "{header} is missing in {text}");
        }
        assert!(text.contains("\r\nDate: "), "{text}");
        assert!(text.contains("@acme.example>\r\n"), "{text}");
    }

    #[test]
    fn each_mail_has_an_id_of_its_own() {
        let id = |text: String| {
            text.lines().find(|line| line.starts_with("Message-ID: ")).map(ToOwned::to_owned)
        };
        let one = id(composed(&message("ada@example.com", "Acme")));
        assert!(one.is_some());
        assert_ne!(one, id(composed(&message("ada@example.com", "Acme"))));
    }

    #[test]
    fn a_name_cannot_begin_a_header() {
        let text = composed(&message("ada@example.com", "Acme\r\nBcc: eve@example.com"));
        let headers = text.split("\r\n\r\n").next().unwrap_or_default();
        assert!(headers.contains("From: ") && !headers.contains("\nBcc:"), "{headers}");
    }

    #[test]
    fn what_is_no_address_is_refused_for_good() {
        let from = "noreply@acme.example".parse().expect("an address");
        for nonsense in ["", "ada", "ada@", "a b@example.com", "ada@example.com\r\nBcc: x@y.z"] {
            let refusal = mail(&message(nonsense, "Acme"), &from).map(drop);
            assert!(matches!(refusal, Err(DeliveryError::Permanent(_))), "{nonsense}");
        }
    }
}
