//! What a failed delivery means for the next try (RFC 5321 §4.2.1).

use std::error::Error as _;

use housekey_core::port::DeliveryError;
use lettre::transport::smtp::Error;

/// The verdict on `error`. Its text goes to the log and must not hold what servers quote: mail
/// addresses.
pub(super) fn of(error: &Error) -> DeliveryError {
    match error.status() {
        Some(code) => by_code(code.into()),
        None => DeliveryError::Transient(describe(error)),
    }
}

/// 5yz is for good, except 53z: there the server refuses our credentials, which the operator can
/// mend while the message waits (RFC 4954 §6).
fn by_code(code: u16) -> DeliveryError {
    let text = format!("the mail server answered {code}");
    match code {
        530..540 | ..500 => DeliveryError::Transient(text),
        _ => DeliveryError::Permanent(text),
    }
}

/// The kind of trouble and its causes: names of hosts and certificates at most.
fn describe(error: &Error) -> String {
    let mut text = if error.is_timeout() {
        "the mail server did not answer in time".to_owned()
    } else if error.is_tls() {
        "no TLS with the mail server".to_owned()
    } else {
        "no conversation with the mail server".to_owned()
    };
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_message_is_to_blame_for_is_final() {
        for code in [421, 450, 451, 452, 530, 534, 535, 538] {
            assert!(matches!(by_code(code), DeliveryError::Transient(_)), "{code}");
        }
        for code in [500, 501, 550, 552, 553, 554, 555] {
            assert!(matches!(by_code(code), DeliveryError::Permanent(_)), "{code}");
        }
    }
}
