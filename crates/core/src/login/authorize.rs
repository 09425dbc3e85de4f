//! `/authorize`: from parameters to a page, a code or an error (contract 03 §3.3).

use super::demands::{check_acr, is_step_up, refuse_unsupported, require_push};
use super::finish::{Finish, finish};
use super::next::{Next, login_screen, next, session_suffices};
use super::pkce::check_pkce;
use super::push::take_up;
use super::respond::Destination;
use super::resume::agreement;
use super::second_factor::{Assessed, assess, start};
use super::session::current_session;
use super::{
    AuthorizationRequest, AuthorizationResponse, AuthorizeParams, Cookies, LoginError, LoginState,
    LoginTransaction, NewCookies, OauthError, Prompt, ResponseMode, Screen, Step,
    TRANSACTION_LIFETIME,
};
use crate::access::{AccessError, granted};
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, GrantType, origin_of};
use crate::error::Fault;
use crate::id::ClientId;
use crate::log::{LogKind, LogSubject, record};
use crate::scope::ScopeSet;
use crate::secret::Handle;
use crate::session::Session;
use crate::token::dpop::Binding;
use crate::token::{Audience, verify_id_token_hint};

/// What a request leads to.
#[derive(Debug)]
pub enum AuthorizeOutcome {
    /// An answer for the application, and what becomes of the browser's cookies.
    Respond(AuthorizationResponse, NewCookies),
    /// A page.
    Interact(Interaction),
}

/// A page to show.
#[derive(Debug)]
pub struct Interaction {
    /// Which.
    pub screen: Screen,
    /// `state` of its URL.
    pub state: Handle,
    /// The value of the transaction cookie.
    pub browser: Handle,
}

/// Why a request leads nowhere.
#[derive(Debug)]
pub enum AuthorizeError {
    /// There is no trusted place to answer to: an error page.
    Page(OauthError),
    /// Not the application's fault.
    Fault(Fault),
}

impl From<Fault> for AuthorizeError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Validates a request and does what comes next.
///
/// # Errors
/// See [`AuthorizeError`]; errors of the request itself are answers to the application.
pub async fn authorize(
    app: &App,
    call: &Call,
    params: &AuthorizeParams,
    cookies: &Cookies,
) -> Result<AuthorizeOutcome, AuthorizeError> {
    let (params, was_pushed) = match params.get("request_uri") {
        Some(uri) => (&take_up(app, call, params, uri).await?, true),
        None => (params, false),
    };
    let (client, destination) = trusted_destination(call, params)?;
    let validated = require_push(call, client, was_pushed)
        .and_then(|()| validate(app, call, client, params, &destination));
    let request = match validated {
        Ok(request) => request,
        Err(error) => {
            return Ok(AuthorizeOutcome::Respond(destination.error(error), NewCookies::default()));
        }
    };
    let browser = cookies.browser.as_ref();
    let session = current_session(app, call, cookies.session.as_ref()).await?;
    let session = session.filter(|session| session_suffices(&request, session, call.now));
    let user = session.as_ref().map(|session| &session.user_id);
    let agreement = agreement(app, call, &request, user, false).await?;
    let authenticated = match &session {
        Some(own) => Some(assess(app, call, &request, by_session(own, cookies)).await?),
        None => None,
    };
    let identifier_first = call.tenant.settings.identifier_first;
    let agree = |session: Session| {
        let (consented, events) = (false, Vec::new());
        Step::Agree { user_id: session.user_id, consented, events }
    };
    match next(&request, &Step::Identify, authenticated, identifier_first, agreement) {
        Next::Show(screen) => {
            let step = session.map_or(Step::Identify, agree);
            let (_, handles) = begin(app, call, request, step, browser).await?;
            Ok(AuthorizeOutcome::Interact(handles.at(screen)))
        }
        Next::Prove(verdict) => {
            let step = session.map_or(Step::Identify, agree);
            let (transaction, handles) = begin(app, call, request, step, browser).await?;
            let screen = start(app, call, transaction, verdict).await.map_err(unstarted)?;
            Ok(AuthorizeOutcome::Interact(handles.at(screen)))
        }
        Next::SignInAgain => {
            let screen = login_screen(&request, &Step::Identify, identifier_first);
            let (_, handles) = begin(app, call, request, Step::Identify, browser).await?;
            Ok(AuthorizeOutcome::Interact(handles.at(screen)))
        }
        Next::Refuse(error) => {
            log_silent_failure(app, call, &request).await?;
            Ok(AuthorizeOutcome::Respond(destination.error(error), NewCookies::default()))
        }
        Next::Finish => {
            let finished = finish(app, call, &request, Finish::by_session(session)).await?;
            Ok(AuthorizeOutcome::Respond(finished.response, finished.cookies))
        }
    }
}

/// Somebody as their session shows them.
fn by_session<'a>(session: &'a Session, cookies: &'a Cookies) -> Assessed<'a> {
    Assessed {
        user: &session.user_id,
        proved: &[],
        session: Some(session),
        remembered: cookies.remembered.as_ref(),
    }
}

fn unstarted(error: LoginError) -> AuthorizeError {
    match error {
        LoginError::Fault(fault) => AuthorizeError::Fault(fault),
        // The person was blocked, or lost their factors, a moment ago.
        LoginError::Elsewhere
        | LoginError::Forged
        | LoginError::TooMany
        | LoginError::TransactionNotFound => AuthorizeError::Page(OauthError::unmet()),
    }
}

/// What a new transaction is known by in the browser.
pub(super) struct Handles {
    state: Handle,
    browser: Handle,
}

impl Handles {
    pub(super) fn at(self, screen: Screen) -> Interaction {
        Interaction { screen, state: self.state, browser: self.browser }
    }
}

/// Begins a transaction at a step; the transaction, and what it is known by.
pub(super) async fn begin(
    app: &App,
    call: &Call,
    request: AuthorizationRequest,
    step: Step,
    browser: Option<&Handle>,
) -> Result<(LoginTransaction, Handles), Fault> {
    let state = Handle::generate(app.random());
    let browser = browser.cloned().unwrap_or_else(|| Handle::generate(app.random()));
    let transaction = LoginTransaction {
        handle: state.hash(),
        browser: browser.hash(),
        state: LoginState {
            request,
            step,
            interacted: false,
            has_platform_authenticator: false,
            remember_browser: false,
        },
        expires_at: call.now.plus_seconds(TRANSACTION_LIFETIME),
        version: 0,
    };
    let mut tx = app.write_passing(&call.tenant.id).await?;
    tx.insert_login(&transaction).await?;
    tx.commit().await?;
    Ok((transaction, Handles { state, browser }))
}

async fn log_silent_failure(
    app: &App,
    call: &Call,
    request: &AuthorizationRequest,
) -> Result<(), Fault> {
    let mut tx = app.write(&call.tenant.id).await?;
    let subject = LogSubject { client: Some(&request.client_id), ..LogSubject::default() };
    record(app, call, &mut *tx, LogKind::SilentLoginFailed, subject, serde_json::Map::new())
        .await?;
    Ok(tx.commit().await?)
}

/// Steps 1 to 3: who asks, and is the place to answer to theirs. Errors are pages.
pub(super) fn trusted_destination<'a>(
    call: &'a Call,
    params: &AuthorizeParams,
) -> Result<(&'a Client, Destination), AuthorizeError> {
    let page = |code, text: String| AuthorizeError::Page(OauthError::new(code, text));
    let id = params.get("client_id").ok_or_else(|| {
        page("invalid_request", "Missing required parameter: client_id".to_owned())
    })?;
    let client = call
        .tenant
        .client(&ClientId::from_raw(id))
        .ok_or_else(|| page("invalid_request", format!("Unknown client: {id}")))?;
    let sent = params.get("redirect_uri");
    let redirect_uri = match sent {
        Some(uri) if client.allows_callback(uri, &call.issuer) => uri.to_owned(),
        None => client.only_callback(&call.issuer).ok_or_else(|| {
            page("invalid_request", "Missing required parameter: redirect_uri".to_owned())
        })?,
        Some(_) => {
            let text = "Callback URL mismatch. The provided redirect_uri is not in the list of \
                        allowed callback URLs";
            return Err(page("invalid_request", text.to_owned()));
        }
    };
    let mode = params.get("response_mode").and_then(ResponseMode::parse);
    if mode == Some(ResponseMode::WebMessage)
        && !origin_of(&redirect_uri).is_some_and(|origin| client.has_web_origin(&origin))
    {
        let text = format!(
            "The specified redirect_uri '{redirect_uri}' does not have a registered origin."
        );
        return Err(page("invalid_request", text));
    }
    let destination = Destination {
        redirect_uri,
        mode: mode.unwrap_or(ResponseMode::Query),
        state: params.get("state").map(ToOwned::to_owned),
        web_origins: client.settings.web_origins.clone(),
        iss: Destination::iss(call),
    };
    Ok((client, destination))
}

/// Steps 5 and 6: the rest of the request. Errors go back to the application.
pub(super) fn validate(
    app: &App,
    call: &Call,
    client: &Client,
    params: &AuthorizeParams,
    destination: &Destination,
) -> Result<AuthorizationRequest, OauthError> {
    let invalid = |text: String| OauthError::new("invalid_request", text);
    if let Some(name) = params.repeated() {
        return Err(invalid(format!("Parameter {name} was sent more than once")));
    }
    refuse_unsupported(params)?;
    check_acr(call, params)?;
    check_response_type(client, params)?;
    let code_challenge = check_pkce(client, params)?;
    let dpop_jkt = announced_key(params)?;
    let prompt = parse_prompt(params.get("prompt").unwrap_or_default())?;
    let max_age = params
        .get("max_age")
        .map(|value| value.parse::<u32>().map(i64::from))
        .transpose()
        .map_err(|_| invalid("max_age must be a number of seconds".to_owned()))?;
    let named = params.get("connection");
    let connection = match named {
        Some(name) => {
            call.tenant.connection_named(name).filter(|own| own.serves(&client.id)).ok_or_else(
                || invalid(format!("the connection {name} is not enabled for this client")),
            )?
        }
        None => call
            .tenant
            .default_connection(&client.id)
            .ok_or_else(|| invalid("no connections enabled for the client".to_owned()))?,
    };
    let requested = ScopeSet::parse(params.get("scope").unwrap_or_default());
    if requested.contains("online_access") && requested.contains("offline_access") {
        let text = "Cannot request both online_access and offline_access scopes";
        return Err(invalid(text.to_owned()));
    }
    let (audience, scope) = check_audience(call, client, params, &requested)?;
    Ok(AuthorizationRequest {
        client_id: client.id.clone(),
        issuer: call.issuer.clone(),
        redirect_uri: destination.redirect_uri.clone(),
        redirect_uri_sent: params.get("redirect_uri").is_some(),
        response_mode: destination.mode,
        audience,
        scope,
        state: destination.state.clone(),
        nonce: params.get("nonce").map(ToOwned::to_owned),
        code_challenge,
        prompt,
        max_age,
        login_hint: params.get("login_hint").map(ToOwned::to_owned),
        ui_locales: params.get("ui_locales").map(ToOwned::to_owned),
        sign_up_first: params.get("screen_hint") == Some("signup")
            && connection.options.allows_password_signup(),
        connection: named.map(ToOwned::to_owned),
        hinted_user: params
            .get("id_token_hint")
            .map(|hint| verify_id_token_hint(app, call, hint))
            .transpose()
            .map_err(|_| invalid("id_token_hint is not valid".to_owned()))?
            .map(|claims| claims.sub),
        step_up: is_step_up(params),
        dpop_jkt,
    })
}

/// The key that the code is to be bound to.
fn announced_key(params: &AuthorizeParams) -> Result<Option<Binding>, OauthError> {
    let malformed = || OauthError::new("invalid_request", "dpop_jkt is malformed");
    params.get("dpop_jkt").map(|jkt| Binding::parse(jkt).ok_or_else(malformed)).transpose()
}

fn check_response_type(client: &Client, params: &AuthorizeParams) -> Result<(), OauthError> {
    if let Some(mode) = params.get("response_mode")
        && ResponseMode::parse(mode).is_none()
    {
        return Err(OauthError::new("invalid_request", format!("Unknown response_mode: {mode}")));
    }
    match params.get("response_type") {
        Some("code") if client.settings.grant_types.contains(&GrantType::AuthorizationCode) => {
            Ok(())
        }
        Some("code") => Err(OauthError::new(
            "unauthorized_client",
            "Grant type 'authorization_code' not allowed for the client.",
        )),
        Some(other) => Err(OauthError::new(
            "unsupported_response_type",
            format!("Unsupported response type: {other}"),
        )),
        None => {
            Err(OauthError::new("invalid_request", "Missing required parameter: response_type"))
        }
    }
}

fn parse_prompt(text: &str) -> Result<Vec<Prompt>, OauthError> {
    let prompt: Option<Vec<_>> = text.split_ascii_whitespace().map(Prompt::parse).collect();
    match prompt {
        Some(prompt) if prompt.len() == 1 || !prompt.contains(&Prompt::None) => Ok(prompt),
        _ => Err(OauthError::new("invalid_request", format!("Invalid value for prompt: {text}"))),
    }
}

/// The API lets nobody come through this application, or nobody at all.
pub(super) fn not_granted(client: &Client, audience: &str, error: AccessError) -> OauthError {
    match error {
        AccessError::NotAuthorized => {
            let text = format!("Client is not authorized to access resource server \"{audience}\"");
            let first_party = client.settings.is_first_party;
            let code = if first_party { "invalid_request" } else { "unauthorized_client" };
            OauthError::new(code, text)
        }
        AccessError::Unmet(setting) => {
            let text = format!("The API \"{audience}\" has a {setting}, which is not supported");
            OauthError::new("invalid_request", text)
        }
    }
}

/// The API and what of the requested scopes the client may have there.
fn check_audience(
    call: &Call,
    client: &Client,
    params: &AuthorizeParams,
    requested: &ScopeSet,
) -> Result<(Option<Audience>, ScopeSet), OauthError> {
    let settings = &call.tenant.settings;
    let resource = params.get("resource").filter(|_| settings.resource_names_audience);
    let named = params.get("audience").or(resource).or(settings.default_audience.as_deref());
    let found = match named {
        None => None,
        Some(audience) => Some(call.api_named(audience).ok_or_else(|| {
            OauthError::new("access_denied", format!("Service not found: {audience}"))
        })?),
    };
    let (api, audience) = found.unzip();
    let scope = granted(call, client, api, requested, None)
        .map_err(|error| not_granted(client, named.unwrap_or_default(), error))?;
    Ok((audience, scope))
}
