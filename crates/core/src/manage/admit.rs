//! Who calls, and may they.

use serde_json::{Map, Value};

use super::ManageError;
use crate::access::{ClientAccess, granted_to_client};
use crate::app::App;
use crate::call::Call;
use crate::guard::Decision;
use crate::id::ClientId;
use crate::resource_server::ResourceServerKind;
use crate::scope::ScopeSet;
use crate::token::verify_client_token;

/// An application that manages the tenant.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Which.
    pub client_id: ClientId,
    /// What its token allows.
    pub scope: ScopeSet,
    /// Which of its tokens: `jti`.
    pub token_id: String,
    /// What it asks for.
    pub asked: Asked,
}

/// What a request asks for, as the log tells it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `POST`, `PATCH`, …
    pub method: String,
    /// The path.
    pub path: String,
    /// The query's parameters.
    pub query: Map<String, Value>,
    /// The status of the answer if all goes well.
    pub status: u16,
}

impl Operator {
    /// Whether it may do what takes `scope`.
    #[must_use]
    pub fn may(&self, scope: &str) -> bool {
        self.scope.contains(scope)
    }
}

/// The outcome of the checks, with the limit's state in either case.
#[derive(Debug)]
pub struct Admission {
    /// For the headers; none where nothing was counted.
    pub rate: Option<Decision>,
    /// Whose token it is, whether or not they may do this.
    pub identified: Option<Operator>,
    /// Who calls, or why not.
    pub operator: Result<Operator, ManageError>,
}

/// Checks the token, that its application still may have it, the application's limit and, of
/// `scopes`, that any is there.
pub fn admit(
    app: &App,
    call: &Call,
    token: Option<&str>,
    scopes: &'static [&'static str],
    asked: Asked,
) -> Admission {
    let operator = match identify(call, token, asked) {
        Ok(operator) => operator,
        Err(error) => return Admission { rate: None, identified: None, operator: Err(error) },
    };
    let identified = Some(operator.clone());
    let bucket = format!("manage|{}|{}", call.tenant.id, operator.client_id);
    let limit = call.tenant.settings.management_limit.limit();
    let rate = app.limiter().take(bucket, limit, call.now);
    let operator = if rate.is_some_and(|rate| !rate.allowed) {
        Err(ManageError::RateLimited)
    } else if scopes.iter().any(|scope| operator.may(scope)) {
        Ok(operator)
    } else {
        Err(ManageError::InsufficientScope(scopes))
    };
    Admission { rate, identified, operator }
}

fn identify(call: &Call, token: Option<&str>, asked: Asked) -> Result<Operator, ManageError> {
    let token = token.ok_or(ManageError::MissingToken)?;
    let audience = format!("{}api/v2/", call.canonical_issuer());
    let claims = verify_client_token(call, token, &audience).map_err(ManageError::BadToken)?;
    let invalid = ManageError::BadToken(crate::token::ClientTokenError::Invalid);
    // The application and its grant may be gone or smaller since the token was issued.
    let api = call.tenant.resource_servers().find(|api| api.kind == ResourceServerKind::Management);
    let (Some(client), Some(api)) = (call.tenant.client(&claims.client_id), api) else {
        return Err(invalid);
    };
    let ClientAccess::Granted(now) = granted_to_client(call, client, api, None) else {
        return Err(invalid);
    };
    let scope = claims.scope.filtered(|scope| now.contains(scope));
    Ok(Operator { client_id: claims.client_id, scope, token_id: claims.token_id, asked })
}
