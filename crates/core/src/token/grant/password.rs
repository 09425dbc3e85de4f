//! `password` and `http://auth0.com/oauth/grant-type/password-realm`: applications that ask for the
//! password on a page of their own (RFC 6749 §4.3, contract 03 §6.4, 04 §12.3).

use super::sign_in::{SignedIn, issue};
use super::target::{Unnamed, refuse_organization, requested};
use super::{Attempts, GrantError, TokenRequest};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::connection::Connection;
use crate::factor::FactorType;
use crate::log::LogKind;
use crate::login::{Checked, Door, Presented, check_password};
use crate::mfa::{FirstGrant, SignIn};
use crate::session::{MethodEvent, Usage, still_count};
use crate::token::TokenResponse;
use crate::token::dpop::{Proof, bind};

/// Exchanges a password. `names_realm` tells the two grants apart.
pub(super) async fn exchange(
    app: &App,
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    proof: Option<&Proof>,
    names_realm: bool,
) -> Result<TokenResponse, GrantError> {
    let required =
        |value: &'_ Option<String>, name| value.clone().ok_or(GrantError::MissingParameter(name));
    let name = required(&request.username, "username")?;
    let password = required(&request.password, "password")?;
    let connection = if names_realm {
        of_realm(call, client, &required(&request.realm, "realm")?)?
    } else {
        default_connection(call, client)?
    };
    refuse_organization(request)?;
    let (audience, scope) = requested(call, client, request, Unnamed::All)?;
    let api = audience.as_ref().and_then(|own| own.api(call));
    bind(client, api, proof)?;
    let presented = Presented { name: name.trim(), password: &password };
    let user =
        match check_password(app, call, &client.id, connection, presented, Door::Token).await? {
            Checked::Right(user) => user,
            Checked::TooOften => return Err(GrantError::TooManyAttempts(Attempts::Password)),
            Checked::Wrong => return Err(GrantError::WrongPassword),
        };
    if user.blocked {
        return Err(GrantError::UserBlocked);
    }
    let event = MethodEvent { usage: Usage::Primary, factor: FactorType::Password, at: call.now };
    let events = vec![event];
    let mut tx = app.write(&call.tenant.id).await?;
    if let Some(proof) = proof {
        proof.spend(call, &mut *tx).await?;
    }
    // The password may have changed while it was checked.
    let found = tx.user_and_sign_out(&user.id).await?;
    let found = found.filter(|(_, signed_out)| still_count(&events, *signed_out));
    let (user, _) = found.ok_or(GrantError::WrongPassword)?;
    let sign_in = SignIn { grant: FirstGrant::Password, audience, scope, events };
    let success = LogKind::PasswordExchange;
    issue(app, call, tx, SignedIn { client, user: &user, sign_in, proof, success }).await
}

/// The connection that requests without a name mean: the tenant's default directory and no other.
fn default_connection<'a>(call: &'a Call, client: &Client) -> Result<&'a Connection, GrantError> {
    let name = call.tenant.settings.default_directory.as_deref();
    name.and_then(|name| call.tenant.connection_named(name))
        .filter(|connection| connection.serves(&client.id))
        .ok_or(GrantError::NoDefaultConnection)
}

/// The connection of a realm. Connections' names are no secret: they are part of login URLs.
fn of_realm<'a>(
    call: &'a Call,
    client: &Client,
    realm: &str,
) -> Result<&'a Connection, GrantError> {
    call.tenant
        .connection_of_realm(realm)
        .filter(|connection| connection.serves(&client.id))
        .ok_or_else(|| {
            let text = format!("The realm {realm} is not enabled for the client");
            GrantError::InvalidParameter(text)
        })
}
