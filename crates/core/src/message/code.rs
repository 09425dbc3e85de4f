//! What messages with a code in them say.

use super::content::plain;
use super::{Content, Message};

/// Minutes that a code for a second factor is good.
const SECOND_FACTOR: i64 = 5;

/// The words of a message with a code; others have none here.
pub(super) fn words(message: &Message) -> Content {
    match message {
        Message::EnrollmentCode { code, tenant } => enrollment_code(code, tenant),
        Message::LoginCode { code, tenant } => login_code(code, tenant),
        Message::PhoneCode { code, tenant, .. } => {
            phone_code(code, &format!("to add this phone at {tenant}"), SECOND_FACTOR)
        }
        Message::PhoneLoginCode { code, tenant, .. } => {
            phone_code(code, &format!("to log in to {tenant}"), SECOND_FACTOR)
        }
        Message::SignInCode { code, tenant, minutes, channel: None } => {
            sign_in_code(code, tenant, *minutes)
        }
        Message::SignInCode { code, tenant, minutes, .. } => {
            phone_code(code, &format!("to log in to {tenant}"), *minutes)
        }
        _ => Content::default(),
    }
}

fn enrollment_code(code: &str, tenant: &str) -> Content {
    let text = format!(
        "Your code to add this mail address as a sign-in method at {tenant}: {code}\n\nIt is valid \
         for five minutes. If you did not ask for it, do not pass it on, and change your password."
    );
    mailed_code(code, tenant, text)
}

fn login_code(code: &str, tenant: &str) -> Content {
    let text = format!(
        "Your code to log in to {tenant}: {code}\n\nIt is valid for five minutes. If you are not \
         logging in, do not pass it on, and change your password: somebody else knows it."
    );
    mailed_code(code, tenant, text)
}

fn sign_in_code(code: &str, tenant: &str, minutes: i64) -> Content {
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
fn phone_code(code: &str, purpose: &str, minutes: i64) -> Content {
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
