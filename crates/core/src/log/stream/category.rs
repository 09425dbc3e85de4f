//! The categories by which streams choose events.

use crate::log::LogKind;

/// Their names.
pub const CATEGORIES: &[&str] = &[
    "auth.login.fail",
    "auth.login.notification",
    "auth.login.success",
    "auth.logout.fail",
    "auth.logout.success",
    "auth.signup.fail",
    "auth.signup.success",
    "auth.silent_auth.fail",
    "auth.silent_auth.success",
    "auth.token_exchange.fail",
    "auth.token_exchange.success",
    "management.fail",
    "management.success",
    "scim.event",
    "system.notification",
    "user.fail",
    "user.notification",
    "user.success",
    "actions",
    "other",
];

/// The category of a kind of event.
pub(super) fn of(kind: LogKind) -> &'static str {
    match kind.code() {
        "s" => "auth.login.success",
        "f" | "fp" | "fu" => "auth.login.fail",
        "slo" => "auth.logout.success",
        "ss" => "auth.signup.success",
        "fs" => "auth.signup.fail",
        "ssa" => "auth.silent_auth.success",
        "fsa" => "auth.silent_auth.fail",
        "seacft" | "seccft" | "sepft" | "sertft" => "auth.token_exchange.success",
        "feacft" | "feccft" | "fepft" | "fertft" | "ferrt" => "auth.token_exchange.fail",
        "sapi" => "management.success",
        "fapi" => "management.fail",
        "api_limit" | "limit_wc" | "limit_mu" => "system.notification",
        "scp"
        | "sv"
        | "gd_enrollment_complete"
        | "gd_unenroll"
        | "gd_auth_succeed"
        | "gd_recovery_succeed"
        | "my_account_authentication_method_succeeded" => "user.success",
        "gd_start_enroll_failed"
        | "gd_auth_failed"
        | "gd_auth_rejected"
        | "gd_recovery_failed"
        | "gd_otp_rate_limit_exceed"
        | "gd_recovery_rate_limit_exceed"
        | "my_account_authentication_method_failed" => "user.fail",
        code if code.starts_with("gd_") || code == "scpr" => "user.notification",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_used_has_a_name() {
        for kind in
            [LogKind::Login, LogKind::Logout, LogKind::MailSent, LogKind::RichConsentRefused]
        {
            assert!(CATEGORIES.contains(&of(kind)), "{}", of(kind));
        }
        assert_eq!(of(LogKind::RefreshTokenReused), "auth.token_exchange.fail");
        assert_eq!(of(LogKind::MailSent), "user.notification");
    }
}
