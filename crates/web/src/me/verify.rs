//! `POST /authentication-methods/{id}/verify`.

use housekey_core::account::{Intent, MethodRef, Proof, Verification, verify};
use housekey_core::factor::FactorType;
use housekey_core::secret::Handle;
use http::StatusCode;

use super::dry_run::Would;
use super::fields::Fields;
use super::wire::method;
use super::{Me, MeError, Reply};
use crate::webauthn;

/// Longer than any handle of ours; OAS samples are sealed blobs.
const MAX_SESSION: usize = 4096;

pub(super) async fn run(mut me: Me<'_>) -> Result<Reply, MeError> {
    let factor = MethodRef::parse(&me.id).map(|target| target.factor);
    let verification = parse(factor, Fields::new(me.object().await?))?;
    let (intent, status) = (me.intent()?, StatusCode::CREATED);
    let verified = verify(me.app, me.call, &me.caller, &me.id, verification, intent).await?;
    let body = method(&verified.method);
    Ok(match intent {
        Intent::Ask => Would::answer(status)
            .method(body)
            .removing(&verified.removed)
            .ending_other_sessions(verified.ends_other_sessions)
            .reply(),
        Intent::Do => Reply::located(status, body, me.call, &verified.method.id()),
    })
}

/// Unknown members are ignored: auth0-spa-js forwards whatever it is given.
fn parse(factor: Option<FactorType>, mut fields: Fields) -> Result<Verification, MeError> {
    let auth_session = fields.required_text("auth_session", 1, MAX_SESSION);
    let proof = match factor {
        Some(FactorType::Totp | FactorType::Email | FactorType::Phone) => {
            let code = fields.required_text("otp_code", 1, 64);
            Proof::Code(code.trim().to_owned())
        }
        Some(FactorType::Password) => Proof::NewPassword(new_password(&mut fields)),
        Some(FactorType::Passkey) => {
            let response = fields
                .required_object("authn_response", |value| webauthn::registration(value, true));
            response.map_or(Proof::Word, |response| Proof::Passkey(Box::new(response)))
        }
        _ => Proof::Word,
    };
    fields.finish()?;
    Ok(Verification { auth_session: Handle::presented(auth_session), proof })
}

fn new_password(fields: &mut Fields) -> String {
    let password = fields.required_text("new_password", 1, 256);
    if password.chars().any(char::is_control) {
        fields
            .refuse("new_password", "must match pattern \"^[^\\u0000-\\u001f\\u007f-\\u009f]*$\"");
    }
    password
}
