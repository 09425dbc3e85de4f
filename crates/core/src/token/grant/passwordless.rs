//! `http://auth0.com/oauth/grant-type/passwordless/otp`: a code sent by mail or text message as the
//! first factor (contract 04 §7).

use super::sign_in::{SignedIn, issue, log};
use super::target::{Unnamed, refuse_organization, requested};
use super::{CodeOf, GrantError, TokenRequest};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::connection::Passwordless;
use crate::log::LogKind;
use crate::mfa::{FirstGrant, SignIn};
use crate::passwordless::{VerifyError, verify};
use crate::token::TokenResponse;
use crate::token::dpop::{Proof, bind};

/// The grant type.
pub(crate) const GRANT_TYPE: &str = "http://auth0.com/oauth/grant-type/passwordless/otp";

/// Exchanges a code. A wrong one is counted before it is told.
pub(super) async fn exchange(
    app: &App,
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    proof: Option<&Proof>,
) -> Result<TokenResponse, GrantError> {
    let sent = |value, name| Option::as_deref(value).ok_or(GrantError::MissingParameter(name));
    let realm: &str = sent(&request.realm, "realm")?;
    let presented = (realm, sent(&request.username, "username")?, sent(&request.otp, "otp")?);
    refuse_organization(request)?;
    let (audience, scope) = requested(call, client, request, Unnamed::All)?;
    // Asked before anything is used up.
    bind(client, audience.as_ref().and_then(|own| own.api(call)), proof)?;
    let mut tx = app.write(&call.tenant.id).await?;
    if let Some(proof) = proof {
        proof.spend(call, &mut *tx).await?;
    }
    let (user, event, kind) = match verify(app, call, &mut *tx, client, presented).await {
        Ok(verified) => verified,
        Err(VerifyError::Fault(fault)) => return Err(fault.into()),
        Err(VerifyError::UnknownRealm) => {
            let text = format!("The realm {realm} is not enabled for the client");
            return Err(GrantError::InvalidParameter(text));
        }
        Err(refused) => {
            log(app, call, &mut *tx, client, None, (LogKind::LoginFailed, None)).await?;
            tx.commit().await?;
            return Err(match refused {
                VerifyError::Wrong(Passwordless::Email) => GrantError::WrongCode(CodeOf::Email),
                VerifyError::Wrong(Passwordless::Sms) => GrantError::WrongCode(CodeOf::Sms),
                VerifyError::Blocked => GrantError::UserBlocked,
                _ => GrantError::TooMany,
            });
        }
    };
    let grant = match kind {
        Passwordless::Email => FirstGrant::EmailCode,
        Passwordless::Sms => FirstGrant::SmsCode,
    };
    let sign_in = SignIn { grant, audience, scope, events: vec![event] };
    let success = LogKind::Login;
    issue(app, call, tx, SignedIn { client, user: &user, sign_in, proof, success }).await
}
