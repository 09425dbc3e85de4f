//! The kinds of events, by Auth0's codes.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum LogKind {
            $($(#[$doc])* $name,)*
        }

        impl LogKind {
            /// The `type` on the wire.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The event in words.
            #[must_use]
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The kind of that code.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// A change of password went through.
    ChangePassword = "scp", "Success Change Password";
    /// A reset mail was asked for.
    ChangePasswordRequest = "scpr", "Success Change Password Request";
    /// A code was exchanged.
    CodeExchange = "seacft", "Success Exchange: Authorization Code for Access Token";
    /// A code was refused.
    CodeExchangeFailed = "feacft", "Failed Exchange: Authorization Code for Access Token";
    /// An application got a token for itself.
    ClientCredentialsExchange = "seccft", "Success Exchange: Client Credentials for Access Token";
    /// An application got no token for itself.
    ClientCredentialsExchangeFailed = "feccft",
        "Failed Exchange: Client Credentials for Access Token";
    /// Somebody signed in.
    Login = "s", "Success Login";
    /// Signing in failed.
    LoginFailed = "f", "Failed Login";
    /// Somebody signed out.
    Logout = "slo", "Success Logout";
    /// An application made more Management API requests than it may.
    ApiLimit = "api_limit", "Rate limit on the Management API exceeded";
    /// A Management API operation was refused.
    ManagementOperationFailed = "fapi", "Failed API Operation";
    /// A Management API operation changed something.
    ManagementOperation = "sapi", "Success API Operation";
    /// A My Account operation went through.
    MethodSucceeded = "my_account_authentication_method_succeeded",
        "My Account authentication method operation succeeded";
    /// A My Account operation was refused.
    MethodFailed = "my_account_authentication_method_failed",
        "My Account authentication method operation failed";
    /// What somebody proved was not enough.
    MfaRequired = "mfar", "Multi-factor Authentication Required";
    /// An app began a ceremony with a passkey.
    PasskeyChallengeStarted = "passkey_challenge_started", "Passkey Challenge Started";
    /// An app could not begin one.
    PasskeyChallengeFailed = "passkey_challenge_failed", "Passkey Challenge Failed";
    /// Tokens were issued to an app's own sign-in page; details say for which proof.
    PasswordExchange = "sepft", "Success Exchange: Password for Access Token";
    /// Tokens were refused to an app's own sign-in page.
    PasswordExchangeFailed = "fepft", "Failed Exchange: Password for Access Token";
    /// Tokens were issued for an app's code as second factor.
    OtpExchange = "seotpft", "Success Exchange: Password and OTP Challenge for Access Token";
    /// None were.
    OtpExchangeFailed = "feotpft", "Failed Exchange: Password and OTP Challenge for Access Token";
    /// Tokens were issued for a code that was sent, or a device's approval, as second factor.
    OobExchange = "seoobft", "Success Exchange: Password and OOB Challenge for Access Token";
    /// None were.
    OobExchangeFailed = "feoobft", "Failed Exchange: Password and OOB Challenge for Access Token";
    /// Tokens were issued for a recovery code as second factor.
    RecoveryExchange = "sercft",
        "Success Exchange: Password and MFA Recovery Code for Access Token";
    /// None were.
    RecoveryExchangeFailed = "fercft",
        "Failed Exchange: Password and MFA Recovery Code for Access Token";
    /// Tokens were issued for a passkey and an app's code.
    PasskeyOtpExchange = "sepkotpft",
        "Success Exchange: Passkey and OTP Challenge for Access Token";
    /// Tokens were issued for a passkey and a code that was sent, or a device's approval.
    PasskeyOobExchange = "sepkoobft",
        "Success Exchange: Passkey and OOB Challenge for Access Token";
    /// Tokens were issued for a passkey and a recovery code.
    PasskeyRecoveryExchange = "sepkrcft",
        "Success Exchange: Passkey and MFA Recovery Code for Access Token";
    /// A refresh token was exchanged.
    RefreshExchange = "sertft", "Success Exchange: Refresh Token for Access Token";
    /// A refresh token was refused.
    RefreshExchangeFailed = "fertft", "Failed Exchange: Refresh Token for Access Token";
    /// A replaced refresh token came back.
    RefreshTokenReused = "ferrt", "Failed Exchange: Rotating Refresh Token reused";
    /// A refresh token was revoked.
    RefreshTokenRevoked = "srrt", "Success Revocation of a Refresh Token";
    /// A code to sign in with, instead of a password, was queued.
    SignInCodeSent = "cls", "Passwordless login code has been sent";
    /// Silent authentication went through.
    SilentLogin = "ssa", "Success Silent Auth";
    /// Silent authentication was refused.
    SilentLoginFailed = "fsa", "Failed Silent Auth";
    /// Somebody signed up.
    Signup = "ss", "Success Signup";
    /// Signing up failed.
    SignupFailed = "fs", "Failed Signup";
    /// A mail address was verified.
    VerifyEmail = "sv", "Success Verification Email";
    /// Signing in failed for an unknown name.
    WrongIdentifier = "fu", "Failed Login (invalid email/username)";
    /// Signing in failed for a wrong password.
    WrongPassword = "fp", "Failed Login (wrong password)";
    /// A factor's enrolment began.
    EnrollmentStarted = "gd_start_enroll", "Second factor enrollment started";
    /// A factor's enrolment failed.
    EnrollmentFailed = "gd_start_enroll_failed", "Second factor enrollment failed";
    /// A factor was enrolled.
    EnrollmentComplete = "gd_enrollment_complete", "Second factor enrollment complete";
    /// A recovery code worked.
    RecoveryPassed = "gd_recovery_succeed", "Recovery code accepted";
    /// A recovery code was wrong.
    RecoveryFailed = "gd_recovery_failed", "Recovery code refused";
    /// Too many wrong recovery codes.
    TooManyWrongRecoveryCodes = "gd_recovery_rate_limit_exceed",
        "Too many failures of a recovery code";
    /// A text message with a code was queued.
    SmsSent = "gd_send_sms", "Second factor SMS sent";
    /// A text message was refused by the provider.
    SmsFailed = "gd_send_sms_failure", "Second factor SMS not sent";
    /// A call with a code was queued.
    CallMade = "gd_send_voice", "Second factor call made";
    /// A call was refused by the provider.
    CallFailed = "gd_send_voice_failure", "Second factor call not made";
    /// A mail with a code was queued.
    MailSent = "gd_send_email", "Second factor email sent";
    /// A push message was queued.
    PushSent = "gd_send_pn", "Push notification sent";
    /// A push message was refused by the provider.
    PushFailed = "gd_send_pn_failure", "Push notification not sent";
    /// A second factor was asked for.
    ChallengeStarted = "gd_start_auth", "Second factor authentication started";
    /// A second factor was given.
    ChallengePassed = "gd_auth_succeed", "Second factor authentication succeeded";
    /// A device refused.
    ChallengeRejected = "gd_auth_rejected", "Second factor authentication rejected";
    /// A device answered what does not verify.
    ChallengeFailed = "gd_auth_failed", "Second factor authentication failed";
    /// A device changed its name or address.
    DeviceUpdated = "gd_update_device_account", "Push device updated";
    /// A device asked for a consent it may not see.
    RichConsentRefused = "rich_consents_access_error", "Rich consent access refused";
    /// Somebody's password was guessed at too often.
    TooManyWrongPasswords = "limit_wc", "Blocked Account";
    /// An address tried too many passwords.
    SuspiciousAddress = "limit_mu", "Blocked IP Address";
    /// Too many wrong codes.
    TooManyWrongCodes = "gd_otp_rate_limit_exceed", "Too many failures of a second factor";
    /// A factor was removed.
    Unenrolled = "gd_unenroll", "Second factor removed";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for kind in [LogKind::Login, LogKind::MethodFailed, LogKind::Unenrolled] {
            assert_eq!(LogKind::parse(kind.code()), Some(kind));
        }
        assert_eq!(LogKind::parse("nonsense"), None);
    }
}
