//! The sentences of messages.

use serde_json::Map;

use super::Content;
use crate::guardian::PushPayload;
use crate::id::{ClientId, SessionId, UserId};
use crate::time::Timestamp;

pub(super) fn enrollment_code(code: &str, tenant: &str) -> Content {
    let text = format!(
        "Your code to add this mail address as a sign-in method at {tenant}: {code}\n\nIt is valid \
         for five minutes. If you did not ask for it, do not pass it on, and change your password."
    );
    mailed_code(code, tenant, text)
}

pub(super) fn login_code(code: &str, tenant: &str) -> Content {
    let text = format!(
        "Your code to log in to {tenant}: {code}\n\nIt is valid for five minutes. If you are not \
         logging in, do not pass it on, and change your password: somebody else knows it."
    );
    mailed_code(code, tenant, text)
}

pub(super) fn sign_in_code(code: &str, tenant: &str, minutes: i64) -> Content {
    let text = format!(
        "Your code to log in to {tenant}: {code}\n\nIt is valid for {}. If you are not logging in, \
         do not pass it on.",
        in_words(minutes),
    );
    mailed_code(code, tenant, text)
}

fn in_words(minutes: i64) -> String {
    match minutes {
        1 => "one minute".to_owned(),
        3 => "three minutes".to_owned(),
        5 => "five minutes".to_owned(),
        other => format!("{other} minutes"),
    }
}

fn mailed_code(code: &str, tenant: &str, text: String) -> Content {
    let subject = format!("{code} is your code – {tenant}");
    Content { code: Some(code.to_owned()), ..plain(subject, text) }
}

/// Said twice, digit by digit: a full stop makes a voice pause.
pub(super) fn phone_code(code: &str, purpose: &str, minutes: i64) -> Content {
    let digits = code.chars().map(String::from).collect::<Vec<_>>().join(". ");
    Content {
        subject: String::new(),
        text: format!(
            "{code} is your code {purpose}. It is valid for {}. Do not pass it on.",
            in_words(minutes),
        ),
        spoken: Some(format!(
            "Hello. Your code {purpose} is: {digits}. Once more: {digits}. If you did not ask for \
             it, hang up."
        )),
        code: Some(code.to_owned()),
        ..Content::default()
    }
}

/// News that somebody tried to sign up again.
pub(super) fn already_registered(tenant: &str, account_url: &str) -> Content {
    plain(
        format!("You already have an account – {tenant}"),
        format!(
            "Somebody, perhaps you, tried to sign up at {tenant} with this address. There is an \
             account already.\n\nSign in, or choose a new password there: {account_url}\n\nIf it \
             was not you, there is nothing to do."
        ),
    )
}

/// News that somebody tries passwords.
pub(super) fn guessed(tenant: &str, at: Timestamp, ip: &str, account_url: &str) -> Content {
    plain(
        format!("Somebody tries to sign in to your account – {tenant}"),
        format!(
            "Somebody gave a wrong password for your account at {tenant} many times in a row. \
             Further attempts are slowed down.\n\nWhen: {}\nFrom: {ip}\n\nIf it was you, wait a \
             few minutes and try again, or choose a new password. If not, there is nothing to do \
             as long as your password is hard to guess: {account_url}",
            at.in_words()
        ),
    )
}

/// News of a change, with a link to object if there is one.
pub(super) fn changed(
    subject: String,
    facts: &str,
    account_url: &str,
    objection: Option<&str>,
) -> Content {
    let Some(link) = objection else {
        return plain(
            subject,
            format!(
                "{facts}\n\nIf this was you, there is nothing to do. If not, change your password \
                 and look at your sign-in methods: {account_url}"
            ),
        );
    };
    Content {
        link: Some(link.to_owned()),
        link_label: Some("This was not me".to_owned()),
        ..plain(
            subject,
            format!(
                "{facts}\n\nIf this was you, there is nothing to do. If not, say so here. It logs \
                 everybody out of your account and lets you choose a new password:\n\n{link}\n\n\
                 The link works once, for five days. Your sign-in methods: {account_url}"
            ),
        )
    }
}

pub(super) fn plain(subject: String, text: String) -> Content {
    Content { subject, text, ..Content::default() }
}

pub(super) fn with_link(subject: String, intro: &str, link: &str) -> Content {
    Content {
        link: Some(link.to_owned()),
        ..plain(subject, format!("{intro}\n\n{link}\n\nIf it was not you, there is nothing to do."))
    }
}

/// A link to choose a new password.
pub(super) fn reset(link: &str, tenant: &str) -> Content {
    let intro = format!(
        "Somebody asked for a new password for your account at {tenant}. If it was you, choose one \
         here:"
    );
    with_link(format!("Choose a new password – {tenant}"), &intro, link)
}

/// A question to a device.
pub(super) fn question(tenant: &str, payload: &PushPayload) -> Content {
    let source = payload.source.in_words();
    Content {
        subject: format!("Log in to {tenant}?"),
        text: format!("Somebody logs in with {source}. Approve only if it is you."),
        data: Some(payload.members()),
        ..Content::default()
    }
}

/// A trial, which says what it is told to.
pub(super) fn trial(text: &str, spoken: &str, from: Option<String>) -> Content {
    Content { text: text.to_owned(), spoken: Some(spoken.to_owned()), from, ..Content::default() }
}

/// A session's end, as the outbox shows it: applications get a signed token.
pub(super) fn session_ended(client: &ClientId, user: &UserId, session: &SessionId) -> Content {
    Content {
        text: format!("The session {session} of {user} has ended."),
        data: Some(Map::from_iter([
            ("aud".to_owned(), client.as_str().into()),
            ("sub".to_owned(), user.as_str().into()),
            ("sid".to_owned(), session.as_str().into()),
        ])),
        ..Content::default()
    }
}
