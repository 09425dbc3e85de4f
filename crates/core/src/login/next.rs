//! What comes next: the one place that orders the steps (contract 03 §3.5, 04 §15.6). Pure.

use super::{AuthorizationRequest, OauthError, PasskeyOffer, Prompt, Screen, Step};
use crate::mfa::Verdict;
use crate::session::Session;
use crate::time::Timestamp;

/// What the person must agree to, beyond authenticating.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Agreement {
    /// The API wants consent that was not given.
    pub consent_missing: bool,
    /// Nobody knows who answers on the callback, and the person has seen no page.
    pub callback_unconfirmed: bool,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Show a page.
    Show(Screen),
    /// Have a second factor given or enrolled.
    Prove(Verdict),
    /// Have somebody sign in anew: their last time is too long ago.
    SignInAgain,
    /// Everything is done.
    Finish,
    /// Something must be shown, and nothing may be.
    Refuse(OauthError),
}

/// Whether the session is authentication enough for this request.
pub(super) fn session_suffices(
    request: &AuthorizationRequest,
    session: &Session,
    now: Timestamp,
) -> bool {
    let young_enough = request
        .max_age
        // Zero asks to authenticate again, however quickly.
        .is_none_or(|age| age > 0 && now.seconds_since(session.authenticated_at()) <= age);
    let right_user =
        request.hinted_user.as_ref().is_none_or(|hinted| *hinted == session.user_id.as_str());
    session.is_live(now)
        && young_enough
        && right_user
        && !request.prompts(Prompt::Login)
        && !request.prompts(Prompt::SelectAccount)
}

/// What comes next. Somebody is `authenticated` who proved who they are, in this transaction or by a
/// session that suffices; the verdict says whether that is enough for what the application wants.
///
/// A second factor comes before everything that changes an account, such as a new passkey.
pub(super) fn next(
    request: &AuthorizationRequest,
    step: &Step,
    authenticated: Option<Verdict>,
    identifier_first: bool,
    agreement: Agreement,
) -> Next {
    let consented = matches!(
        step,
        Step::Authenticated { consented: true, .. } | Step::Agree { consented: true, .. }
    );
    let Some(verdict) = authenticated else {
        return show(
            request,
            login_screen(request, step, identifier_first),
            OauthError::login_required,
        );
    };
    if let Some(next) = prove(request, verdict) {
        return next;
    }
    if let Step::Authenticated { passkey_offer: Some(offer), .. } = step {
        return Next::Show(match offer {
            PasskeyOffer::Local => Screen::PasskeyEnrollmentLocal,
            PasskeyOffer::Progressive => Screen::PasskeyEnrollment,
        });
    }
    if !consented && (agreement.consent_missing || request.prompts(Prompt::Consent)) {
        return show(request, Screen::Consent, OauthError::consent_required);
    }
    if !consented && agreement.callback_unconfirmed {
        return show(request, Screen::Confirmation, OauthError::consent_required);
    }
    Next::Finish
}

/// What a verdict asks for, if anything (contract 04 §2, §8.1).
fn prove(request: &AuthorizationRequest, verdict: Verdict) -> Option<Next> {
    let is_silent = request.prompts(Prompt::None);
    Some(match verdict {
        Verdict::Enough => return None,
        Verdict::SecondFactor | Verdict::Enrollment if is_silent => {
            Next::Refuse(OauthError::multi_factor_required())
        }
        Verdict::SecondFactor | Verdict::Enrollment => Next::Prove(verdict),
        Verdict::FirstFactor if is_silent => Next::Refuse(OauthError::unmet()),
        Verdict::FirstFactor => Next::SignInAgain,
        Verdict::Unmet => Next::Refuse(OauthError::unmet()),
    })
}

fn show(
    request: &AuthorizationRequest,
    screen: Screen,
    otherwise: impl FnOnce() -> OauthError,
) -> Next {
    if request.prompts(Prompt::None) { Next::Refuse(otherwise()) } else { Next::Show(screen) }
}

/// The page that somebody begins to sign in on.
pub(super) fn login_screen(
    request: &AuthorizationRequest,
    step: &Step,
    identifier_first: bool,
) -> Screen {
    match step {
        Step::Password { .. } if identifier_first => Screen::LoginPassword,
        Step::Signup { .. } => Screen::SignupPassword,
        _ if request.sign_up_first && identifier_first => Screen::SignupId,
        _ if request.sign_up_first => Screen::Signup,
        _ if identifier_first => Screen::LoginId,
        _ => Screen::Login,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::FactorType;
    use crate::id::{ClientId, SessionId, UserId};
    use crate::login::ResponseMode;
    use crate::scope::ScopeSet;
    use crate::secret::HandleHash;
    use crate::session::{MethodEvent, SeenFrom, Usage};

    fn request(prompt: &[Prompt]) -> AuthorizationRequest {
        AuthorizationRequest {
            client_id: ClientId::from_raw("c"),
            issuer: "http://localhost/".into(),
            redirect_uri: "https://app.example/".into(),
            redirect_uri_sent: true,
            response_mode: ResponseMode::Query,
            audience: None,
            scope: ScopeSet::default(),
            state: None,
            nonce: None,
            code_challenge: None,
            prompt: prompt.to_vec(),
            max_age: None,
            login_hint: None,
            ui_locales: None,
            sign_up_first: false,
            connection: None,
            hinted_user: None,
            step_up: false,
            dpop_jkt: None,
        }
    }

    fn session(authenticated_at: i64) -> Session {
        Session {
            id: SessionId::from_raw("s"),
            handle: HandleHash::of(b"h"),
            user_id: UserId::from_raw("auth0|1"),
            events: vec![MethodEvent {
                usage: Usage::Primary,
                factor: FactorType::Password,
                at: Timestamp(authenticated_at * 1000),
            }],
            clients: Vec::new(),
            created_at: Timestamp(0),
            expires_at: Timestamp(1_000_000),
            idle_expires_at: Timestamp(500_000),
            updated_at: Timestamp(0),
            device: SeenFrom::default(),
            metadata: serde_json::Map::new(),
        }
    }

    /// The table of contract 03 §3.5, without second factors.
    #[test]
    fn prompt_and_session() {
        use Prompt::{Consent, Login, None as Silent, SelectAccount};
        let plain = Agreement::default();
        let consent = Agreement { consent_missing: true, ..plain };
        let loopback = Agreement { callback_unconfirmed: true, ..plain };
        let login = || Next::Show(Screen::LoginId);
        let cases: &[(&[Prompt], bool, Agreement, Next)] = &[
            (&[], false, plain, login()),
            (&[Login], true, plain, login()),
            (&[SelectAccount], true, plain, login()),
            (&[Consent], false, plain, login()),
            (&[Silent], false, plain, Next::Refuse(OauthError::login_required())),
            (&[], true, plain, Next::Finish),
            (&[Consent], true, plain, Next::Show(Screen::Consent)),
            (&[Silent], true, plain, Next::Finish),
            (&[], true, consent, Next::Show(Screen::Consent)),
            (&[Silent], true, consent, Next::Refuse(OauthError::consent_required())),
            (&[], true, loopback, Next::Show(Screen::Confirmation)),
            (&[Silent], true, loopback, Next::Refuse(OauthError::consent_required())),
        ];
        for (prompt, has_session, agreement, expected) in cases {
            let request = request(prompt);
            let suffices =
                *has_session && session_suffices(&request, &session(100), Timestamp(200_000));
            let authenticated = suffices.then_some(Verdict::Enough);
            let got = next(&request, &Step::Identify, authenticated, true, *agreement);
            assert_eq!(got, *expected, "{prompt:?} {has_session} {agreement:?}");
        }
    }

    #[test]
    fn max_age_counts_from_the_last_authentication() {
        let request = AuthorizationRequest { max_age: Some(100), ..request(&[]) };
        assert!(session_suffices(&request, &session(100), Timestamp(200_999)));
        assert!(!session_suffices(&request, &session(100), Timestamp(201_000)));
    }

    #[test]
    fn ended_sessions_and_other_users_do_not_suffice() {
        let request = request(&[]);
        assert!(!session_suffices(&request, &session(0), Timestamp(500_000)));
        let hinted = AuthorizationRequest { hinted_user: Some("auth0|2".into()), ..request };
        assert!(!session_suffices(&hinted, &session(0), Timestamp(1)));
    }

    #[test]
    fn authenticating_here_satisfies_prompt_login() {
        let request = request(&[Prompt::Login]);
        let step = Step::Authenticated {
            user_id: UserId::from_raw("auth0|1"),
            events: Vec::new(),
            consented: false,
            passkey_offer: None,
        };
        let enough = Some(Verdict::Enough);
        assert_eq!(next(&request, &step, enough, true, Agreement::default()), Next::Finish);
    }

    /// The answers of contract 04 §2 and §8.1, before anything else that might be asked.
    #[test]
    fn what_was_proved_must_be_enough() {
        use Verdict::{Enrollment, FirstFactor, SecondFactor, Unmet};
        let consent = Agreement { consent_missing: true, ..Agreement::default() };
        let step = Step::Authenticated {
            user_id: UserId::from_raw("auth0|1"),
            events: Vec::new(),
            consented: false,
            passkey_offer: Some(PasskeyOffer::Progressive),
        };
        let cases = [
            (SecondFactor, Next::Prove(SecondFactor), OauthError::multi_factor_required()),
            (Enrollment, Next::Prove(Enrollment), OauthError::multi_factor_required()),
            (FirstFactor, Next::SignInAgain, OauthError::unmet()),
            (Unmet, Next::Refuse(OauthError::unmet()), OauthError::unmet()),
        ];
        for (verdict, interactive, silent) in cases {
            let at = |prompt| next(&request(prompt), &step, Some(verdict), true, consent);
            assert_eq!(at(&[]), interactive);
            assert_eq!(at(&[Prompt::None]), Next::Refuse(silent));
        }
        assert_eq!(OauthError::multi_factor_required().code, "login_required");
    }

    #[test]
    fn sign_up_first_begins_there() {
        let request = AuthorizationRequest { sign_up_first: true, ..request(&[]) };
        let plain = Agreement::default();
        let at = |first| next(&request, &Step::Identify, None, first, plain);
        assert_eq!(at(true), Next::Show(Screen::SignupId));
        assert_eq!(at(false), Next::Show(Screen::Signup));
    }
}
