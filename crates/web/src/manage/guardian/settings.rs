//! `/guardian/settings` and how long codes are: what newer tools ask for.

use housekey_core::manage::ManageError;
use housekey_core::tenant::{Remembering, TenantSettings};
use serde_json::{Value, json};

use super::{READ, UPDATE};
use crate::manage::Ask;
use crate::manage::body::{Members, refuse_other};
use crate::manage::operation::{Operation, Running, get, put};
use crate::manage::setting::{Context, change, show};
use crate::manage::shape::{Field, Shape, field};

const SETTINGS: &[Field] = &[
    field("display_remember_me_checkbox", Shape::Flag),
    field("remember_me_default_value", Shape::Flag),
    field("mfa_session_inactivity_timeout", Shape::Integer { least: 3600, most: 2_592_000 }),
    field("mfa_session_overall_timeout", Shape::Integer { least: 3600, most: 7_776_000 }),
];
const CODES: &[Field] = &[
    field("otp_length", Shape::Integer { least: 4, most: 12 }),
    field("otp_expiration_time", Shape::Integer { least: 60, most: 900 }),
];

pub(in crate::manage) const OPERATIONS: &[Operation] = &[
    get("guardian/settings", READ, "How second factors are asked for", |ask| {
        Box::pin(async move { Ok(show(&ask, wire)) })
    })
    .answers(200, &Shape::Object(SETTINGS)),
    put("guardian/settings", UPDATE, "Say how second factors are asked for", |ask| {
        Box::pin(change(ask, "guardian/settings", apply, wire))
    })
    .creates(SETTINGS)
    .answers(200, &Shape::Object(SETTINGS)),
    get("guardian/factors/phone/settings", READ, "What codes are like", show_codes)
        .answers(200, &Shape::Object(CODES)),
    put("guardian/factors/phone/settings", UPDATE, "Say what codes are like", set_codes)
        .creates(CODES)
        .answers(200, &Shape::Object(CODES)),
    get("guardian/factors/email/settings", READ, "What codes are like", show_codes)
        .answers(200, &Shape::Object(CODES)),
    put("guardian/factors/email/settings", UPDATE, "Say what codes are like", set_codes)
        .creates(CODES)
        .answers(200, &Shape::Object(CODES)),
];

fn wire(settings: &TenantSettings) -> Value {
    let own = settings.remembering;
    json!({
        "display_remember_me_checkbox": own.offered,
        "remember_me_default_value": own.preset,
        "mfa_session_inactivity_timeout": own.idle_lifetime,
        "mfa_session_overall_timeout": own.lifetime,
    })
}

fn apply(
    _: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let (own, defaults) = (&mut settings.remembering, Remembering::default());
    body.set("display_remember_me_checkbox", &mut own.offered, defaults.offered)?;
    body.set("remember_me_default_value", &mut own.preset, defaults.preset)?;
    let idle = &mut own.idle_lifetime;
    body.set("mfa_session_inactivity_timeout", idle, defaults.idle_lifetime)?;
    body.set("mfa_session_overall_timeout", &mut own.lifetime, defaults.lifetime)
}

fn codes(_: &TenantSettings) -> Value {
    json!({ "otp_length": 6, "otp_expiration_time": 300 })
}

fn show_codes(ask: Ask<'_>) -> Running<'_> {
    Box::pin(async move { Ok(show(&ask, codes)) })
}

/// Codes have six digits and live for five minutes, and messages say so.
fn set_codes(ask: Ask<'_>) -> Running<'_> {
    Box::pin(change(
        ask,
        "guardian/factors/phone/settings",
        |_, mut body, _| {
            let only = [("otp_length", json!(6)), ("otp_expiration_time", json!(300))];
            refuse_other(&mut body, &only)
        },
        codes,
    ))
}
