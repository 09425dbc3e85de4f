//! The second factor's pages: their paths, how each is drawn, and what each posts
//! (contract 04 §15.2, §15.4).

use axum::Json;
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::login::{
    ChallengeView, MfaScreen, Offer, PushState, Screen, ScreenView, SecondFactorAnswer,
    SecondFactorView, Visitor, answer_second_factor, look_at_push,
};
use housekey_core::mfa::Way;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use super::form::{Fields, Submission};
use super::login::follow;
use super::render::{login_error, show};
use crate::state::Web;
use crate::view::{
    Form, FormError, MfaApp, MfaCode, MfaContact, MfaOption, MfaOptions, MfaPush, MfaPushState,
    MfaRecoveryCode, RememberOffer,
};

/// Every page.
pub(crate) const SCREENS: [MfaScreen; 15] = [
    MfaScreen::BeginEnrollOptions,
    MfaScreen::EmailChallenge,
    MfaScreen::EmailEnrollment,
    MfaScreen::EmailEnrollmentVerify,
    MfaScreen::LoginOptions,
    MfaScreen::OtpChallenge,
    MfaScreen::OtpEnrollment,
    MfaScreen::PushChallenge,
    MfaScreen::RecoveryCodeChallenge,
    MfaScreen::RecoveryCodeEnrollment,
    MfaScreen::RecoveryCodeNewCode,
    MfaScreen::SmsChallenge,
    MfaScreen::SmsEnrollment,
    MfaScreen::SmsEnrollmentVerify,
    MfaScreen::VoiceChallenge,
];

/// The path of a page.
pub(crate) fn path(screen: MfaScreen) -> &'static str {
    match screen {
        MfaScreen::BeginEnrollOptions => "/u/mfa-begin-enroll-options",
        MfaScreen::EmailChallenge => "/u/mfa-email-challenge",
        MfaScreen::EmailEnrollment => "/u/mfa-email-enrollment",
        MfaScreen::EmailEnrollmentVerify => "/u/mfa-email-enrollment-verify",
        MfaScreen::LoginOptions => "/u/mfa-login-options",
        MfaScreen::OtpChallenge => "/u/mfa-otp-challenge",
        MfaScreen::OtpEnrollment => "/u/mfa-otp-enrollment",
        MfaScreen::PushChallenge => "/u/mfa-push-challenge",
        MfaScreen::RecoveryCodeChallenge => "/u/mfa-recovery-code-challenge",
        MfaScreen::RecoveryCodeEnrollment => "/u/mfa-recovery-code-enrollment",
        MfaScreen::RecoveryCodeNewCode => "/u/mfa-recovery-code-challenge-new-code",
        MfaScreen::SmsChallenge => "/u/mfa-sms-challenge",
        MfaScreen::SmsEnrollment => "/u/mfa-sms-enrollment",
        MfaScreen::SmsEnrollmentVerify => "/u/mfa-sms-enrollment-verify",
        MfaScreen::VoiceChallenge => "/u/mfa-voice-challenge",
    }
}

/// The id of a screen, which for some is not their path (contract 04 §15.4).
fn id(screen: MfaScreen) -> &'static str {
    match screen {
        MfaScreen::OtpEnrollment => "mfa-otp-enrollment-qr",
        MfaScreen::PushChallenge => "mfa-push-challenge-push",
        other => path(other).trim_start_matches("/u/"),
    }
}

/// Whether a script asks, and not a person.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

/// Whether the device that was asked has answered.
pub(super) async fn poll(web: &Web, call: &Call, visitor: &Visitor) -> Response {
    match look_at_push(&web.app, call, visitor).await {
        Ok(state) => {
            let completed = state != PushState::Pending;
            let mut response = Json(json!({ "completed": completed })).into_response();
            let no_store = HeaderValue::from_static("no-store");
            response.headers_mut().insert(header::CACHE_CONTROL, no_store);
            response
        }
        Err(error) => login_error(web, call, visitor, error),
    }
}

/// `POST` on the page of `screen`.
pub(crate) async fn post(screen: MfaScreen, submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let typed = match screen {
        MfaScreen::EmailEnrollment => fields.get("email"),
        MfaScreen::SmsEnrollment => fields.get("phone"),
        _ => "",
    };
    let answer = answer(screen, fields);
    let screen = Screen::Mfa(screen);
    let answered = answer_second_factor(&web.app, call, posted, screen, answer).await;
    follow(&submission, screen, typed, answered).await
}

fn answer(screen: MfaScreen, fields: &Fields) -> SecondFactorAnswer {
    let remember = fields.get("rememberBrowser") == "true";
    match fields.action() {
        "resend-code" | "resend" => return SecondFactorAnswer::Resend,
        "pick-authenticator" => return SecondFactorAnswer::Switch,
        "switch-to-voice" => return SecondFactorAnswer::Pick(Way::Voice, 0),
        "switch-to-sms" | "switch-to-text" | "pick-sms" => {
            return SecondFactorAnswer::Pick(Way::Sms, 0);
        }
        "pick-email" => return SecondFactorAnswer::Pick(Way::Email, 0),
        "enter-otp-code" => return SecondFactorAnswer::Pick(Way::Otp, 0),
        _ => {}
    }
    match screen {
        MfaScreen::BeginEnrollOptions | MfaScreen::LoginOptions => picked(fields.action()),
        MfaScreen::EmailEnrollment => contact(fields.get("email"), false),
        MfaScreen::SmsEnrollment => contact(fields.get("phone"), fields.get("type") == "voice"),
        MfaScreen::PushChallenge => SecondFactorAnswer::Approved { remember },
        MfaScreen::RecoveryCodeEnrollment | MfaScreen::RecoveryCodeNewCode => {
            SecondFactorAnswer::Kept(fields.get("saved") == "on")
        }
        MfaScreen::EmailChallenge
        | MfaScreen::EmailEnrollmentVerify
        | MfaScreen::OtpChallenge
        | MfaScreen::OtpEnrollment
        | MfaScreen::RecoveryCodeChallenge
        | MfaScreen::SmsChallenge
        | MfaScreen::SmsEnrollmentVerify
        | MfaScreen::VoiceChallenge => {
            SecondFactorAnswer::Code { code: fields.get("code").to_owned(), remember }
        }
    }
}

fn contact(value: &str, by_call: bool) -> SecondFactorAnswer {
    SecondFactorAnswer::Contact { value: value.to_owned(), by_call }
}

/// `email::1` is the second of several mail addresses.
fn picked(action: &str) -> SecondFactorAnswer {
    let (name, index) = action.split_once("::").unwrap_or((action, "0"));
    match (Way::parse(name), index.parse()) {
        (Some(way), Ok(index)) => SecondFactorAnswer::Pick(way, index),
        _ => SecondFactorAnswer::Switch,
    }
}

/// The page of `screen`.
pub(super) fn draw(
    web: &Web,
    call: &Call,
    status: StatusCode,
    screen: MfaScreen,
    view: ScreenView,
    form: Form,
) -> Response {
    let Some(asked) = view.second_factor else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (screen, client) = (id(screen), Some(view.client_name));
    match asked {
        SecondFactorView::Options(offers) => show(web, call, status, client, |frame| MfaOptions {
            frame,
            form,
            screen,
            options: offers.iter().map(option).collect(),
        }),
        SecondFactorView::Challenge(own) => {
            challenge(web, call, status, screen, client, (own, form))
        }
        SecondFactorView::Proof { target, problem } => {
            show(web, call, status, client, |frame| MfaCode {
                frame,
                form: with_problem(form, problem),
                screen,
                target,
                may_remember: None,
                has_others: false,
                enrolls: true,
            })
        }
        SecondFactorView::App { barcode_uri, key, has_others } => {
            show(web, call, status, client, |frame| MfaApp {
                frame,
                form,
                screen,
                barcode_uri,
                key,
                has_others,
            })
        }
        SecondFactorView::Contact { has_others, both_channels } => {
            show(web, call, status, client, |frame| MfaContact {
                frame,
                form,
                screen,
                typed: view.identifier,
                both_channels,
                has_others,
            })
        }
        SecondFactorView::RecoveryCode(code) => {
            show(web, call, status, client, |frame| MfaRecoveryCode { frame, form, screen, code })
        }
    }
}

fn challenge(
    web: &Web,
    call: &Call,
    status: StatusCode,
    screen: &'static str,
    client: Option<String>,
    (asked, form): (ChallengeView, Form),
) -> Response {
    let ChallengeView { target, has_others, may_remember, problem, push } = asked;
    let form = with_problem(form, problem);
    let may_remember = may_remember
        .map(|own| RememberOffer { days: (own.lifetime / 86_400).max(1), is_preset: own.preset });
    match push {
        Some(state) => show(web, call, status, client, |frame| MfaPush {
            frame,
            form,
            screen,
            device: target,
            state: match state {
                PushState::Pending => MfaPushState::Pending,
                PushState::Accepted => MfaPushState::Approved,
                PushState::Rejected | PushState::Over => MfaPushState::Over,
            },
            may_remember,
            has_others,
        }),
        None => show(web, call, status, client, |frame| MfaCode {
            frame,
            form,
            screen,
            target,
            may_remember,
            has_others,
            enrolls: false,
        }),
    }
}

/// What was not sent is told once, unless something else is wrong already.
fn with_problem(form: Form, problem: Option<&'static str>) -> Form {
    match problem {
        Some(code) if form.errors.is_empty() => form.with_errors(vec![FormError::banner(code)]),
        _ => form,
    }
}

fn option(offer: &Offer) -> MfaOption {
    let name = offer.way.as_str();
    let action = match offer.index {
        0 => name.to_owned(),
        index => format!("{name}::{index}"),
    };
    let (key, text) = match offer.way {
        Way::Email => ("authenticatorNamesEmail", "Email"),
        Way::Otp => ("authenticatorNamesOTP", "Authenticator app"),
        Way::PushNotification => ("authenticatorNamesPushNotification", "Push notification"),
        Way::RecoveryCode => ("authenticatorNamesRecoveryCode", "Recovery code"),
        Way::Sms => ("authenticatorNamesSMS", "Text message"),
        Way::Voice => ("authenticatorNamesVoice", "Phone call"),
    };
    MfaOption { action, key, text: text.to_owned(), target: offer.target.clone() }
}
