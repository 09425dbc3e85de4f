//! Which prompt of Auth0's a screen belongs to, by which operators name texts for it.

use housekey_core::tenant::LoadedTenant;

use crate::view::Texts;

/// An operator's texts for a screen in a language, those for all screens among them.
pub(super) fn texts(tenant: &LoadedTenant, screen: &str, language: &str) -> Texts {
    let own = place(screen).map(|(prompt, name)| (prompt, name.unwrap_or(screen)));
    let places = [Some(("common", "common")), own];
    let found = places.into_iter().flatten();
    let found = found.filter_map(|(prompt, screen)| tenant.looks.texts(prompt, screen, language));
    let texts = found.flatten().filter_map(|(key, text)| Some((key, text.as_str()?)));
    texts.map(|(key, text)| (key.clone(), text.to_owned())).collect()
}

/// The name of the prompt a screen belongs to; its own if it belongs to none.
pub(super) fn name(screen: &str) -> &str {
    place(screen).map_or(screen, |(prompt, _)| prompt)
}

/// The prompt, and Auth0's name for the screen where it is another than ours.
fn place(screen: &str) -> Option<(&'static str, Option<&'static str>)> {
    const PREFIXES: [(&str, &str); 8] = [
        ("mfa-otp-", "mfa-otp"),
        ("mfa-sms-", "mfa-sms"),
        ("mfa-voice-", "mfa-voice"),
        ("mfa-email-", "mfa-email"),
        ("mfa-push-", "mfa-push"),
        ("mfa-recovery-code-", "mfa-recovery-code"),
        ("reset-password", "reset-password"),
        ("logout", "logout"),
    ];
    const WHOLE: [&str; 8] = [
        "login",
        "login-id",
        "login-password",
        "signup",
        "signup-id",
        "signup-password",
        "consent",
        "status",
    ];
    if let Some(prompt) = WHOLE.into_iter().find(|own| *own == screen) {
        return Some((prompt, None));
    }
    let by_prefix = PREFIXES.into_iter().find(|(prefix, _)| screen.starts_with(prefix));
    match screen {
        "mfa-login-options" | "mfa-begin-enroll-options" => Some(("mfa", None)),
        "mfa-sms-enrollment-verify" => Some(("mfa-sms", Some("mfa-sms-challenge"))),
        "mfa-email-enrollment-verify" => Some(("mfa-email", Some("mfa-email-challenge"))),
        "email-verification" => Some(("email-verification", Some("email-verification-result"))),
        "passkey-enrollment" | "passkey-enrollment-local" => Some(("passkeys", None)),
        _ => by_prefix.map(|(_, prompt)| (prompt, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screens_belong_to_prompts() {
        for (screen, prompt) in [
            ("login-id", Some("login-id")),
            ("mfa-otp-enrollment-qr", Some("mfa-otp")),
            ("mfa-login-options", Some("mfa")),
            ("reset-password-email", Some("reset-password")),
            ("reset-password", Some("reset-password")),
            ("logout-complete", Some("logout")),
            ("error", None),
        ] {
            assert_eq!(place(screen).map(|(prompt, _)| prompt), prompt, "{screen}");
        }
    }
}
