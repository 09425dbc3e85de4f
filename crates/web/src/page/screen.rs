//! The pages of a transaction: their URLs, and how each is drawn.

use axum::extract::{Extension, RawQuery, State};
use axum::response::Response;
use housekey_core::Call;
use housekey_core::factor::password::{
    CharacterType, CharacterTypeRule, PasswordPolicy, Repetition,
};
use housekey_core::login::{self, ConsentScope, MfaScreen, Screen, ScreenView, Visitor};
use http::{HeaderMap, StatusCode};

use super::form::visitor;
use super::render::{encode, login_error, show};
use super::second_factor;
use crate::state::Web;
use crate::view::{
    Confirmation, Consent, Form, FormError, Identifier, Login, LoginId, LoginPassword, Passkey,
    PasskeyEnrollment, PasswordRule, ScopeGroup, Signup, SignupNames, SignupStep,
};
use crate::webauthn;

/// The path of a page.
pub(crate) fn path(screen: Screen) -> &'static str {
    match screen {
        Screen::Confirmation => "/u/confirmation",
        Screen::Consent => "/u/consent",
        Screen::Login => "/u/login",
        Screen::LoginId => "/u/login/identifier",
        Screen::LoginPassword => "/u/login/password",
        Screen::Mfa(screen) => second_factor::path(screen),
        Screen::PasskeyEnrollment => "/u/passkey-enrollment",
        Screen::PasskeyEnrollmentLocal => "/u/passkey-enrollment-local",
        Screen::Signup => "/u/signup",
        Screen::SignupId => "/u/signup/identifier",
        Screen::SignupPassword => "/u/signup/password",
    }
}

/// The URL of a page of the transaction `state`.
pub(crate) fn screen_url(screen: Screen, state: &str) -> String {
    format!("{}?state={}", path(screen), encode(state))
}

/// `GET` on the page of `screen`.
pub(crate) async fn get_screen(
    screen: Screen,
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let visitor = visitor(query.as_deref(), &headers);
    if screen == Screen::Mfa(MfaScreen::PushChallenge) && second_factor::wants_json(&headers) {
        return second_factor::poll(&web, &call, &visitor).await;
    }
    draw(&web, &call, &visitor, screen, None, Vec::new()).await
}

/// The page of `screen`; with errors it says what was wrong and keeps what was `typed`.
pub(super) async fn draw(
    web: &Web,
    call: &Call,
    visitor: &Visitor,
    screen: Screen,
    typed: Option<&str>,
    errors: Vec<login::FormError>,
) -> Response {
    let mut view = match login::view(&web.app, call, visitor, screen).await {
        Ok(view) => view,
        Err(error) => return login_error(web, call, visitor, error),
    };
    let call = &call.speaking(view.ui_locales.as_deref());
    keep_typed(&mut view, typed);
    let status = status_of(&errors);
    let state = visitor.state.expose();
    let form = Form::in_transaction(state, view.csrf.clone()).with_errors(form_errors(errors));
    let links = Links::of(&view, state);
    let client = Some(view.client_name.clone());
    match screen {
        Screen::Confirmation => show(web, call, status, client, |frame| Confirmation {
            frame,
            form,
            user: String::new(),
            target: view.redirect_uri,
        }),
        Screen::Consent => show(web, call, status, client, |frame| Consent {
            frame,
            form,
            user: String::new(),
            groups: scope_groups(call, &view.scopes),
        }),
        Screen::Login => show(web, call, status, client, |frame| Login {
            frame,
            form,
            identifier: identifier_kind(&view),
            username: view.identifier,
            signup_url: links.sign_up,
            reset_url: Some(links.reset),
        }),
        Screen::LoginId => show(web, call, status, client, |frame| LoginId {
            frame,
            form,
            identifier: identifier_kind(&view),
            passkey: view.passkey_prompt.as_ref().map(passkey_prompt),
            username: view.identifier,
            signup_url: links.sign_up,
            reset_url: Some(links.reset),
        }),
        Screen::Mfa(screen) => second_factor::draw(web, call, status, screen, view, form),
        Screen::PasskeyEnrollment | Screen::PasskeyEnrollmentLocal => {
            let local = screen == Screen::PasskeyEnrollmentLocal;
            offer_passkey(web, call, status, local, &view, form)
        }
        Screen::LoginPassword => show(web, call, status, client, |frame| LoginPassword {
            frame,
            form,
            username: view.identifier,
            edit_url: links.log_in,
            reset_url: Some(links.reset),
            signup_url: links.sign_up,
        }),
        Screen::Signup | Screen::SignupId | Screen::SignupPassword => {
            sign_up(web, call, status, screen, view, form, links)
        }
    }
}

/// What is asked for: in words of ours, or, if the tenant wants, in those of the API.
fn scope_groups(call: &Call, scopes: &[ConsentScope]) -> Vec<ScopeGroup> {
    let describes = call.tenant.settings.flag("use_scope_descriptions_for_consent");
    let (described, plain): (Vec<_>, Vec<_>) =
        scopes.iter().partition(|scope| describes && !scope.description.is_empty());
    let mut groups = ScopeGroup::from_scopes(plain.iter().map(|own| own.value.as_str()));
    if !described.is_empty() {
        let descriptions = described.into_iter().map(|own| own.description.clone()).collect();
        groups.extend(ScopeGroup::from_descriptions(descriptions));
    }
    groups
}

fn status_of(errors: &[login::FormError]) -> StatusCode {
    if errors.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST }
}

fn keep_typed(view: &mut ScreenView, typed: Option<&str>) {
    if let Some(typed) = typed.filter(|typed| !typed.is_empty()) {
        typed.clone_into(&mut view.identifier);
    }
}

fn offer_passkey(
    web: &Web,
    call: &Call,
    status: StatusCode,
    local: bool,
    view: &ScreenView,
    form: Form,
) -> Response {
    let creation = view.passkey_creation.as_ref();
    let options = creation.map(webauthn::creation_options).unwrap_or_default();
    let user = creation.map(|creation| creation.user_name.clone()).unwrap_or_default();
    show(web, call, status, Some(view.client_name.clone()), |frame| PasskeyEnrollment {
        frame,
        form,
        user,
        local,
        options,
    })
}

fn passkey_prompt(prompt: &login::PasskeyPrompt) -> Passkey {
    Passkey {
        options: webauthn::request_options(&prompt.options),
        autofill: prompt.ui.autofills(),
        button: prompt.ui.has_button(),
    }
}

fn sign_up(
    web: &Web,
    call: &Call,
    status: StatusCode,
    screen: Screen,
    view: ScreenView,
    form: Form,
    links: Links,
) -> Response {
    let step = match screen {
        Screen::SignupId => SignupStep::Identifier,
        Screen::SignupPassword => SignupStep::Password,
        _ => SignupStep::Full,
    };
    let edit_url = (screen == Screen::SignupPassword).then_some(links.sign_up_id);
    show(web, call, status, Some(view.client_name.clone()), |frame| Signup {
        frame,
        form,
        step,
        email: view.identifier,
        asks: SignupNames::of(&view.names),
        username: view.username,
        phone_number: view.phone_number,
        policy: rules(&view.policy),
        login_url: Some(links.log_in),
        edit_url,
    })
}

struct Links {
    log_in: String,
    sign_up: Option<String>,
    sign_up_id: String,
    reset: String,
}

impl Links {
    fn of(view: &ScreenView, state: &str) -> Self {
        let (log_in, sign_up) = if view.identifier_first {
            (Screen::LoginId, Screen::SignupId)
        } else {
            (Screen::Login, Screen::Signup)
        };
        let connection = encode(&view.connection);
        let state_query = encode(state);
        Self {
            log_in: screen_url(log_in, state),
            sign_up: view.allows_signup.then(|| screen_url(sign_up, state)),
            sign_up_id: screen_url(Screen::SignupId, state),
            reset: format!("/u/login/password-reset-start/{connection}?state={state_query}"),
        }
    }
}

fn identifier_kind(view: &ScreenView) -> Identifier {
    let names = &view.names;
    let active = (names.email.identifies, names.username.identifies, names.phone_number.identifies);
    match active {
        (true, true, false) => Identifier::EmailOrUsername,
        (false, true, false) => Identifier::Username,
        (false, false, true) => Identifier::Phone,
        (_, _, true) => Identifier::Any,
        (_, false, false) => Identifier::Email,
    }
}

/// The core's errors in the words of the pages.
pub(super) fn form_errors(errors: Vec<login::FormError>) -> Vec<FormError> {
    errors
        .into_iter()
        .flat_map(|error| {
            let one = match error.field {
                Some(field) => FormError::on(field, error.code),
                None => FormError::banner(error.code),
            };
            if error.broken.is_empty() {
                vec![one]
            } else {
                error.broken.iter().map(|rule| one.clone().saying(rule.text())).collect()
            }
        })
        .collect()
}

/// A policy as the list beside a new-password field.
pub(super) fn rules(policy: &PasswordPolicy) -> Vec<PasswordRule> {
    let complexity = &policy.complexity;
    let mut rules = vec![PasswordRule::MinLength(complexity.min_length.max(1))];
    let three_of_four = complexity.character_type_rule == CharacterTypeRule::ThreeOfFour
        && complexity.character_types.len() == CharacterType::ALL.len();
    if three_of_four {
        rules.push(PasswordRule::ThreeOfFour);
    } else {
        rules.extend(complexity.character_types.iter().map(|kind| match kind {
            CharacterType::Uppercase => PasswordRule::Uppercase,
            CharacterType::Lowercase => PasswordRule::Lowercase,
            CharacterType::Number => PasswordRule::Number,
            CharacterType::Special => PasswordRule::Special,
        }));
    }
    let switches = [
        (complexity.identical_characters == Repetition::Block, PasswordRule::NotIdentical),
        (complexity.sequential_characters == Repetition::Block, PasswordRule::NotSequential),
        (policy.dictionary.active, PasswordRule::NotCommon),
        (policy.profile_data.active, PasswordRule::NotPersonal),
        (policy.history.active, PasswordRule::NotRecent(policy.history.size)),
    ];
    rules.extend(switches.into_iter().filter(|(on, _)| *on).map(|(_, rule)| rule));
    rules
}
