//! `authorization_code` (RFC 6749 §4.1.3, RFC 7636 §4.6; contract 03 §3.10).

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Map;

use super::family::{NewFamily, open_family};
use super::{GrantError, TokenRequest};
use crate::access::permissions;
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, same_redirect_uri};
use crate::log::{LogKind, LogSubject, record};
use crate::mfa::Unassured;
use crate::mfa::grant::{Moment, assure};
use crate::port::Tx;
use crate::secret::{Handle, constant_time_eq};
use crate::session::{Usage, last_event, still_count};
use crate::token::dpop::{Binding, Proof, bind};
use crate::token::{Authorization, AuthorizationCode, Issued, TokenResponse};
use crate::user::User;

/// Exchanges a code. Whatever is wrong with the request, the code is used up.
pub(super) async fn exchange(
    app: &App,
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    proof: Option<&Proof>,
) -> Result<TokenResponse, GrantError> {
    let code = request.code.as_deref().ok_or(GrantError::MissingParameter("code"))?;
    let code = Handle::presented(code).hash();
    let mut tx = app.write(&call.tenant.id).await?;
    let Some(spent) = tx.spend_code(&code, call.now).await? else {
        revoke_replayed(app, call, client, tx, &code).await?;
        return Err(GrantError::InvalidCode);
    };
    if let Err(error) = check(call, client, request, &spent.authorization, proof).and_then(|()| {
        if call.now < spent.expires_at { Ok(()) } else { Err(GrantError::InvalidCode) }
    }) {
        log(app, call, &mut *tx, LogKind::CodeExchangeFailed, client).await?;
        tx.commit().await?;
        return Err(error);
    }
    let authorization = &spent.authorization;
    let (user, signed_out) = match tx.user_and_sign_out(&authorization.user_id).await? {
        Some((user, signed_out)) if !user.blocked => (user, signed_out),
        user => {
            tx.commit().await?;
            return Err(user.map_or(GrantError::InvalidCode, |_| GrantError::UserBlocked));
        }
    };
    // Signed out everywhere since the code was issued.
    if !still_count(&authorization.events, signed_out) {
        log(app, call, &mut *tx, LogKind::CodeExchangeFailed, client).await?;
        tx.commit().await?;
        return Err(GrantError::InvalidCode);
    }
    issue(app, call, client, tx, spent, &user, proof).await
}

async fn issue(
    app: &App,
    call: &Call,
    client: &Client,
    mut tx: Box<dyn Tx>,
    AuthorizationCode { authorization, family_id, .. }: AuthorizationCode,
    user: &User,
    proof: Option<&Proof>,
) -> Result<TokenResponse, GrantError> {
    // Nothing is wrong with the code: whoever lacks a proof may come with it again.
    let audience = authorization.audience.as_ref();
    let api = audience.and_then(|own| own.api(call));
    let binding = bind(client, api, proof)?;
    let events = &authorization.events;
    let assured = match assure(call, &mut *tx, api, user, events, Moment::Later).await {
        Ok(assured) => assured,
        // Decided at the login, but since then an API's policy, the person's factors or the time
        // may have changed. Codes lead to no challenge, so what is left is a new login.
        Err(Unassured::Fault(fault)) => return Err(fault.into()),
        Err(_) => {
            log(app, call, &mut *tx, LogKind::CodeExchangeFailed, client).await?;
            tx.commit().await?;
            return Err(GrantError::Unmet);
        }
    };
    if let Some(proof) = proof {
        proof.spend(call, &mut *tx).await?;
    }
    let new = NewFamily {
        id: family_id,
        user_id: &authorization.user_id,
        session_id: Some(&authorization.session_id),
        audience,
        scope: &authorization.scope,
        events: authorization.events.clone(),
        binding,
    };
    let api = authorization
        .audience
        .as_ref()
        .and_then(|audience| call.tenant.resource_server(&audience.resource_server_id));
    let permissions = permissions(&mut *tx, api, &user.id).await?;
    let (family, refresh_token) = open_family(app, call, &mut *tx, client, new).await?;
    let subject = LogSubject { client: Some(&client.id), user: Some(user), name: None };
    record(app, call, &mut *tx, LogKind::CodeExchange, subject, Map::new()).await?;
    tx.commit().await?;
    let wants_auth_time = authorization.wants_auth_time || client.settings.require_auth_time;
    let issued = Issued {
        client,
        user,
        family: &family,
        audience,
        scope: authorization.scope.clone(),
        permissions,
        nonce: authorization.nonce.as_deref(),
        auth_time: last_event(&authorization.events, Usage::Primary).filter(|_| wants_auth_time),
        sid: Some(&authorization.session_id),
        grant: None,
        refresh_token,
        binding,
        assured,
        multi_factor: authorization.multi_factor,
    };
    Ok(issued.sign(app, call)?)
}

/// A code that comes twice was copied: what the first exchange gave is withdrawn (RFC 6749 §4.1.2).
async fn revoke_replayed(
    app: &App,
    call: &Call,
    client: &Client,
    mut tx: Box<dyn Tx>,
    code: &crate::secret::HandleHash,
) -> Result<(), GrantError> {
    if let Some(family) = tx.family_of_spent_code(code).await? {
        tx.revoke_family(&family, call.now).await?;
        log(app, call, &mut *tx, LogKind::CodeExchangeFailed, client).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn log(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    kind: LogKind,
    client: &Client,
) -> Result<(), GrantError> {
    let subject = LogSubject { client: Some(&client.id), ..LogSubject::default() };
    Ok(record(app, call, tx, kind, subject, Map::new()).await?)
}

fn check(
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    authorization: &Authorization,
    proof: Option<&Proof>,
) -> Result<(), GrantError> {
    if authorization.client_id != client.id || authorization.issuer != call.issuer {
        return Err(GrantError::InvalidCode);
    }
    let expected = &authorization.redirect_uri;
    match request.redirect_uri.as_deref() {
        None if !authorization.redirect_uri_sent => {}
        Some(sent) if same_redirect_uri(expected, sent) => {}
        sent => {
            let (sent, expected) = (sent.unwrap_or_default().to_owned(), expected.clone());
            return Err(GrantError::WrongRedirectUri { sent, expected });
        }
    }
    match (&authorization.code_challenge, &request.code_verifier) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if verifies(challenge, verifier) => {}
        _ => return Err(GrantError::InvalidVerifier),
    }
    let is_announced = |announced: &Binding| proof.is_some_and(|own| own.binding == *announced);
    match &authorization.dpop_jkt {
        Some(announced) if !is_announced(announced) => Err(GrantError::WrongKey),
        _ => Ok(()),
    }
}

/// RFC 7636 §4.6, S256. The verifier's shape (§4.1) is part of the check.
fn verifies(challenge: &str, verifier: &str) -> bool {
    let well_formed = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let hash = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    well_formed && constant_time_eq(hash.as_bytes(), challenge.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s256_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(verifies(challenge, verifier));
        assert!(!verifies(challenge, &verifier[1..]));
        assert!(!verifies(challenge, challenge));
    }
}
