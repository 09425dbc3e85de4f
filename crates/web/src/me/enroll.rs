//! `POST /authentication-methods`.

use housekey_core::account::{Enrolled, Intent, NewMethod, NewPasskey, Shown, enroll};
use housekey_core::factor::FactorType;
use housekey_core::factor::phone::PhoneChannel;
use http::StatusCode;
use serde_json::{Value, json};

use super::dry_run::Would;
use super::fields::Fields;
use super::{Me, MeError, Reply, wire};
use crate::webauthn;

pub(super) async fn run(mut me: Me<'_>) -> Result<Reply, MeError> {
    let new = parse(Fields::new(me.object().await?))?;
    let (intent, status) = (me.intent()?, StatusCode::ACCEPTED);
    let enrolled = enroll(me.app, me.call, &me.caller, new, intent).await?;
    Ok(match intent {
        Intent::Ask => Would::answer(status).removing(&enrolled.removed).reply(),
        Intent::Do => Reply::located(status, body(&enrolled), me.call, &enrolled.id),
    })
}

fn parse(mut fields: Fields) -> Result<NewMethod, MeError> {
    let factor = fields.required_one_of("type", |name| {
        FactorType::parse(name).filter(|factor| {
            !matches!(factor, FactorType::WebauthnPlatform | FactorType::WebauthnRoaming)
        })
    });
    let new = match factor {
        None => None,
        Some(FactorType::Email) => {
            Some(NewMethod::Email { address: fields.required_text("email", 1, 320) })
        }
        Some(FactorType::Password) => Some(NewMethod::Password {
            connection: connection(&mut fields),
            identity_user_id: identity(&mut fields),
        }),
        Some(FactorType::Phone) => Some(NewMethod::Phone {
            number: fields.required_text("phone_number", 1, 64),
            channel: fields.one_of("preferred_authentication_method", PhoneChannel::parse),
        }),
        Some(FactorType::PushNotification) => Some(NewMethod::PushNotification),
        // Whatever else is sent with it is ignored (contract 01 §4.1).
        Some(FactorType::Passkey) => {
            let new = passkey(&mut fields);
            fields.finish()?;
            return Ok(NewMethod::Passkey(new));
        }
        Some(FactorType::RecoveryCode) => Some(NewMethod::RecoveryCode),
        Some(FactorType::Totp) => Some(NewMethod::Totp),
        // Their members are not read yet, so none of them is refused.
        Some(other) => return Ok(NewMethod::Unavailable(other)),
    };
    if factor.is_some() {
        fields.refuse_others();
    }
    fields.finish()?;
    new.ok_or(MeError::Malformed)
}

fn passkey(fields: &mut Fields) -> NewPasskey {
    NewPasskey {
        connection: connection(fields),
        identity_user_id: identity(fields),
        exclude_existing: fields.flag("use_exclude_credentials").unwrap_or(false),
    }
}

fn connection(fields: &mut Fields) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    fields.text_of("connection", 128, "^[a-zA-Z0-9-]+$", is_allowed)
}

/// `identity` is what one SDK sends for `identity_user_id`, which wins.
fn identity(fields: &mut Fields) -> Option<String> {
    let mut read = |name| fields.text_of(name, 255, "^\\S+$", |c: char| !c.is_whitespace());
    let alias = read("identity");
    read("identity_user_id").or(alias)
}

fn body(enrolled: &Enrolled) -> Value {
    let mut body = json!({ "auth_session": enrolled.auth_session.expose() });
    // SDKs read a passkey's id out of `Location`, and know the passkey by the absence of another.
    if !matches!(enrolled.shown, Shown::Passkey(_)) {
        body["id"] = enrolled.id.as_str().into();
    }
    // Never a member of another factor's: Android tells the factors apart by them.
    match &enrolled.shown {
        Shown::Nothing => {}
        Shown::Passkey(options) => {
            body["authn_params_public_key"] = webauthn::creation_options(options);
        }
        Shown::Policy(policy) => body["policy"] = wire::policy(policy),
        Shown::Push { barcode_uri, .. } => body["barcode_uri"] = barcode_uri.as_str().into(),
        Shown::RecoveryCode(code) => body["recovery_code"] = code.as_str().into(),
        Shown::Totp { barcode_uri, manual_input_code } => {
            body["barcode_uri"] = barcode_uri.as_str().into();
            body["manual_input_code"] = manual_input_code.as_str().into();
        }
    }
    body
}
