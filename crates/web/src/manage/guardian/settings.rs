//! `/guardian/settings` and how long codes are: what newer tools ask for.

use housekey_core::manage::ManageError;
use housekey_core::tenant::TenantSettings;
use serde_json::{Map, Value, json};

use super::{READ, UPDATE};
use crate::manage::Ask;
use crate::manage::body::{Members, extend, refuse_other};
use crate::manage::operation::{Operation, Running, get, put};
use crate::manage::setting::{Context, change, show};
use crate::manage::shape::{Field, Shape, field};

const SETTINGS: &[Field] = &[
    field("display_remember_me_checkbox", Shape::Flag).kept(),
    field("remember_me_default_value", Shape::Flag).kept(),
    field("mfa_session_inactivity_timeout", Shape::Integer { least: 3600, most: 2_592_000 }).kept(),
    field("mfa_session_overall_timeout", Shape::Integer { least: 3600, most: 7_776_000 }).kept(),
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

/// Under this name the settings are kept until second factors are asked for at sign-in.
const KEPT: &str = "guardian";

fn wire(settings: &TenantSettings) -> Value {
    let mut body = json!({
        "display_remember_me_checkbox": true,
        "remember_me_default_value": false,
        "mfa_session_inactivity_timeout": 2_592_000,
        "mfa_session_overall_timeout": 2_592_000,
    });
    extend(&mut body, settings.kept_resources.get(KEPT).cloned().unwrap_or_default().into());
    body
}

#[expect(clippy::unnecessary_wraps, reason = "the form of every change")]
fn apply(
    _: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let kept: &mut Map<String, Value> = settings.kept_resources.entry(KEPT.to_owned()).or_default();
    body.keep(SETTINGS, kept);
    Ok(())
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
