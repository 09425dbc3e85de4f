//! What a person reads for each error key of the sign-in pages.
//!
//! The first block's wording is part of the wire contract, because tests of applications look for
//! it; the rest is ours.

/// The sentence for an error key; an unknown key gets a sentence that is true of any error.
#[must_use]
pub fn error_text(code: &str) -> &'static str {
    match code {
        "wrong-credentials" => "Wrong username or password",
        "wrong-email-credentials" => "Wrong email or password",
        "wrong-username-credentials" => "Incorrect username or password",
        "invalid-code" => "The code you entered is invalid",
        "invalid-otp-code-format" => "OTP Code must have 6 numeric characters",
        "invalid-code-format" => "Recovery code must have 24 alphanumeric characters",
        "no-code" => "Please enter a code",
        "no-email" => "Please enter an email address",
        "no-password" => "Password is required",
        "user-blocked" => {
            "Your account has been blocked after multiple consecutive login attempts."
        }

        "no-username" => "Please enter a username",
        "no-identifier" => "Please enter your username or email address",
        "no-phone" => "Please enter a phone number",
        "no-password-reset" => "Please enter a new password",
        "no-re-enter-password" => "Please enter the new password again",
        "no-confirmation" => "Please confirm that you want to continue",
        "password-mismatch" => "The two passwords do not match",
        "invalid-email-format" => "This is not a valid email address",
        "invalid-username" => "This username is not allowed",
        "invalid-username-format" => {
            "A username may contain letters, numbers and the characters _ + - . ! # $ ' ^ ` ~ @"
        }
        "invalid-username-length" => "This username is too short or too long",
        "invalid-username-email-not-allowed" => "A username cannot be an email address",
        "user-exists" => "An account with these details cannot be created. Log in instead?",
        "password-too-weak" => "This password does not meet the requirements",
        "password-too-long" => "This password is too long",
        "password-history" => "This password has been used before; please choose another",
        "password-dictionary" => "This password is too common; please choose another",
        "password-personal-info" => "The password must not contain your name or email address",
        "password-breached" => {
            "This password is known from a data breach elsewhere. Please reset your password."
        }
        "invalid-expired-code" => "This link is no longer valid. Please ask for a new one.",
        "user-inactive" => "This account is blocked. Please contact support.",
        "ip-blocked" => {
            "Too many attempts came from your network. Please wait a while and try again."
        }
        "same-user-login" => "Too many login attempts for this account. Please try again later.",
        "too-many-failures" => "Too many failed attempts. Please wait a few minutes and try again.",
        "too-many-email" => "Too many emails have been sent. Please wait a few minutes.",
        "too-many-sms" => "Too many text messages have been sent. Please wait a while.",
        "too-many-voice" => "Too many calls have been made. Please wait a while.",
        "too-many-push" => "Too many notifications have been sent. Please wait a minute.",
        "too-many-requests" => "Too many attempts. Please wait a minute and try again.",
        "transaction-not-found" => {
            "This sign-in page has expired or was already used. Please start again from the \
             application."
        }
        "session-mismatch" => "This page was open for too long. Please try again.",
        "invalid-connection" | "no-db-connection" | "no-hrd-connection" => {
            "Signing in this way is not available here."
        }
        "signup-disabled" => "New accounts cannot be created here.",
        "auth0-users-validation" => "Something went wrong. Please try again later.",
        _ => factor_text(code),
    }
}

fn factor_text(code: &str) -> &'static str {
    match code {
        "email-in-use" => "There is an account with this email address already",
        "authenticator-error" => {
            "The code or message could not be sent. Please try again, or another way."
        }
        "invalid-phone-format" => "Please enter a phone number with its country code",
        "push-over" => "This request is over. Send another one.",
        "push-pending" => "Your device has not answered yet. Approve there, then continue here.",
        "push-rejected" => "The login was refused on your device.",
        "invalid-passkey" => "The passkey could not be used. Please try again.",
        "no-passkey" => {
            "This passkey is not known here. Log in another way, then create a new one."
        }
        "passkey-authentication-failed" => "Logging in with the passkey failed. Please try again.",
        "passkey-exists" => "This passkey exists already.",
        "passkey-expired" => "That took too long. Please try again.",
        "error_passkey-enrollment-max-allowed-reached" | "too-many-authenticators" => {
            "You have as many ways to log in as one account can have. Remove one of them first."
        }
        _ => "Something went wrong. Please try again.",
    }
}

/// Every key there is a text for.
#[cfg(test)]
#[rustfmt::skip]
pub(super) const CODES: &[&str] = &[
    "wrong-credentials",
    "wrong-email-credentials",
    "wrong-username-credentials",
    "invalid-code",
    "invalid-otp-code-format",
    "invalid-code-format",
    "no-code",
    "no-email",
    "no-password",
    "user-blocked",
    "no-username",
    "no-identifier",
    "no-phone",
    "no-password-reset",
    "no-re-enter-password",
    "no-confirmation",
    "password-mismatch",
    "invalid-email-format",
    "invalid-username",
    "invalid-username-format",
    "invalid-username-length",
    "invalid-username-email-not-allowed",
    "email-in-use",
    "user-exists",
    "password-too-weak",
    "password-too-long",
    "password-history",
    "password-dictionary",
    "password-personal-info",
    "password-breached",
    "invalid-expired-code",
    "user-inactive",
    "ip-blocked",
    "same-user-login",
    "too-many-failures",
    "too-many-email",
    "too-many-sms",
    "too-many-voice",
    "too-many-push",
    "too-many-requests",
    "transaction-not-found",
    "session-mismatch",
    "invalid-connection",
    "no-db-connection",
    "no-hrd-connection",
    "signup-disabled",
    "auth0-users-validation",
    "authenticator-error",
    "invalid-phone-format",
    "push-over",
    "push-pending",
    "push-rejected",
    "invalid-passkey",
    "no-passkey",
    "passkey-authentication-failed",
    "passkey-exists",
    "passkey-expired",
    "error_passkey-enrollment-max-allowed-reached",
    "too-many-authenticators",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contract_wording_is_exact() {
        assert_eq!(error_text("wrong-email-credentials"), "Wrong email or password");
        assert_eq!(error_text("no-password"), "Password is required");
    }

    #[test]
    fn an_unknown_key_still_says_something() {
        assert!(!error_text("").is_empty());
        assert_eq!(error_text("made-up"), error_text("another"));
    }
}
