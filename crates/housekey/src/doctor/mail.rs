//! Whether mail leaves: the connection, its protection, the login, and a mail if one is wished for.

use housekey_core::id::{MessageId, TenantId};
use housekey_core::message::{Channel, Content};
use housekey_core::port::{Clock, Messenger, OutgoingMessage, Route, SystemClock};
use housekey_outbound::{SmtpMessenger, SmtpSettings};

use super::Finding;

const CHECK: &str = "mail";
const LIFETIME: i64 = 60;

pub(super) async fn look(settings: Option<&SmtpSettings>, mail_to: Option<&str>) -> Vec<Finding> {
    let Some(settings) = settings else {
        let told = "the configuration has no [mail]: nobody can reset a password";
        let remedy = "add the section; docs/configuration.md has its keys";
        return vec![Finding::warning(CHECK, told, remedy)];
    };
    let server = format!("{}:{}", settings.host, settings.port);
    let messenger = match SmtpMessenger::new(settings) {
        Ok(messenger) => messenger,
        Err(error) => {
            return vec![Finding::problem(CHECK, error.to_string(), "correct it in [mail]")];
        }
    };
    if let Err(error) = messenger.probe().await {
        let remedy = "compare host, port, tls, username and password in [mail] with what the \
            server's operator says, and see that no firewall is between";
        return vec![Finding::problem(CHECK, format!("{server}: {}", error.reason()), remedy)];
    }
    let mut findings = vec![Finding::ok(CHECK, format!("{server} takes our mail"))];
    if let Some(to) = mail_to {
        findings.push(sent(&messenger, to).await);
    }
    findings
}

async fn sent(messenger: &SmtpMessenger, to: &str) -> Finding {
    let at = SystemClock::default().now();
    let message = OutgoingMessage {
        id: MessageId::from_raw("doctor"),
        tenant: TenantId::from_raw("doctor"),
        channel: Channel::Email,
        route: Route::Mail,
        at,
        dies_at: at.plus_seconds(LIFETIME),
        to: to.to_owned(),
        from_name: "Housekey".to_owned(),
        content: Content {
            subject: "Housekey can send mail".to_owned(),
            text: "`housekey doctor --mail-to` sent this. There is nothing to do.".to_owned(),
            ..Content::default()
        },
    };
    match messenger.deliver(&message).await {
        Ok(()) => Finding::ok(CHECK, format!("a mail to {to} was taken: see whether it arrives")),
        Err(error) => {
            let remedy = "see that the server lets this sender (mail.from) write to that address";
            Finding::problem(CHECK, format!("a mail to {to}: {error}"), remedy)
        }
    }
}
