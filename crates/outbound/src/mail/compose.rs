//! From a message to a mail (RFC 5322): the same words as plain text and as HTML.

use housekey_core::port::{DeliveryError, OutgoingMessage, Random, SystemRandom};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use super::html;

/// Whose address a mail comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// Always the server's: tenants share it, and none may speak for another.
    Shared,
    /// The tenant's, who may choose another for a message.
    Own,
}

pub(super) fn mail(
    message: &OutgoingMessage,
    from: &Address,
    whose: Sender,
) -> Result<Message, DeliveryError> {
    let to: Address = message.to.trim().parse().map_err(|_| refused("not a mail address"))?;
    let sender = sender(message, from, whose);
    let id = format!("<{}@{}>", SystemRandom.hex(16), sender.email.domain());
    let html = match &message.content.html {
        Some(html) => html.clone(),
        None => html::render(message).map_err(|error| refused(&error.to_string()))?,
    };
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

/// Who it comes from: what the message says, as far as it may, else the tenant at `from`.
fn sender(message: &OutgoingMessage, from: &Address, whose: Sender) -> Mailbox {
    let own = message.content.from.as_deref().map(one_line);
    let own = own.and_then(|own| own.trim().parse::<Mailbox>().ok());
    let (name, address) = own.map_or((None, None), |own| (own.name, Some(own.email)));
    let name = name.unwrap_or_else(|| one_line(&message.from_name));
    let address = address.filter(|_| whose == Sender::Own).unwrap_or_else(|| from.clone());
    Mailbox::new(Some(name), address)
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
        String::from_utf8(mail(message, &from, Sender::Shared).expect("composes").formatted())
            .expect("UTF-8")
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
    fn a_message_names_its_sender_where_it_may() {
        let mut own = message("ada@example.com", "Acme");
        own.content.from = Some("Acme Help <help@acme.org>".to_owned());
        let from = "noreply@acme.example".parse().expect("an address");
        let header = |whose| {
            let text = mail(&own, &from, whose).expect("composes").formatted();
            let text = String::from_utf8(text).expect("UTF-8");
            text.lines().find(|line| line.starts_with("From: ")).map(ToOwned::to_owned)
        };
        let expected = Some("From: \"Acme Help\" <help@acme.org>".to_owned());
        assert_eq!(header(Sender::Own), expected);
        let shared = Some("From: \"Acme Help\" <noreply@acme.example>".to_owned());
        assert_eq!(header(Sender::Shared), shared);
    }

    #[test]
    fn html_of_an_operator_is_sent_as_it_is() {
        let mut own = message("ada@example.com", "Acme");
        own.content.html = Some("<p>Theirs</p>".to_owned());
        let text = composed(&own);
        assert!(text.contains("<p>Theirs</p>") && text.contains("Choose one here:"), "{text}");
    }

    #[test]
    fn what_is_no_address_is_refused_for_good() {
        let from = "noreply@acme.example".parse().expect("an address");
        for nonsense in ["", "ada", "ada@", "a b@example.com", "ada@example.com\r\nBcc: x@y.z"] {
            let refusal = mail(&message(nonsense, "Acme"), &from, Sender::Own).map(drop);
            assert!(matches!(refusal, Err(DeliveryError::Permanent(_))), "{nonsense}");
        }
    }
}
