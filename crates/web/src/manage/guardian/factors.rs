//! `/guardian/factors`, on and off, and `/guardian/policies`.

use housekey_core::manage::{ManageError, settings};
use housekey_core::tenant::{FactorSwitches, MfaPolicy, TenantSettings};
use serde_json::{Value, json};

use super::{READ, UPDATE};
use crate::manage::operation::{Operation, get, put};
use crate::manage::setting::{change, show};
use crate::manage::shape::{Field, Shape, field};
use crate::manage::{Ask, Reply};

/// In the order of the list; the Management API's names differ from those of My Account.
const NAMES: &[&str] = &[
    "sms",
    "push-notification",
    "otp",
    "email",
    "duo",
    "webauthn-roaming",
    "webauthn-platform",
    "recovery-code",
];

const FACTOR: &[Field] = &[
    field("name", Shape::OneOf(NAMES)).read_only().required(),
    field("enabled", Shape::Flag).required(),
    field("trial_expired", Shape::Flag).read_only(),
];
const ENABLED: &[Field] = &[field("enabled", Shape::Flag).required()];
const POLICIES: Shape =
    Shape::List { of: &Shape::OneOf(&["all-applications", "confidence-score"]), most: 2 };

pub(in crate::manage) const OPERATIONS: &[Operation] = &[
    get("guardian/factors", READ, "Factors", |ask| Box::pin(async move { Ok(show(&ask, list)) }))
        .answers(200, &Shape::List { of: &Shape::Object(FACTOR), most: usize::MAX }),
    // One operation per factor: what else there is under `factors` has names, too.
    switch("guardian/factors/sms", |ask| Box::pin(turn(ask, "sms"))),
    switch("guardian/factors/push-notification", |ask| Box::pin(turn(ask, "push-notification"))),
    switch("guardian/factors/otp", |ask| Box::pin(turn(ask, "otp"))),
    switch("guardian/factors/email", |ask| Box::pin(turn(ask, "email"))),
    switch("guardian/factors/duo", |ask| Box::pin(turn(ask, "duo"))),
    switch("guardian/factors/webauthn-roaming", |ask| Box::pin(turn(ask, "webauthn-roaming"))),
    switch("guardian/factors/webauthn-platform", |ask| Box::pin(turn(ask, "webauthn-platform"))),
    switch("guardian/factors/recovery-code", |ask| Box::pin(turn(ask, "recovery-code"))),
    get("guardian/policies", &["read:mfa_policies"], "When a second factor is asked for", |ask| {
        Box::pin(async move { Ok(show(&ask, policies)) })
    })
    .answers(200, &POLICIES),
    put(
        "guardian/policies",
        &["update:mfa_policies"],
        "Say when a second factor is asked for",
        |ask| Box::pin(set_policies(ask)),
    )
    .takes(&POLICIES)
    .answers(200, &POLICIES),
];

const fn switch(
    path: &'static str,
    run: for<'a> fn(Ask<'a>) -> crate::manage::operation::Running<'a>,
) -> Operation {
    put(path, UPDATE, "Switch a factor on or off", run)
        .creates(ENABLED)
        .answers(200, &Shape::Object(ENABLED))
}

fn list(settings: &TenantSettings) -> Value {
    let factors = NAMES.iter().map(|name| {
        json!({ "name": name, "enabled": is_on(settings.factors, name), "trial_expired": false })
    });
    factors.collect()
}

fn is_on(switches: FactorSwitches, name: &str) -> bool {
    match name {
        "sms" => switches.sms || switches.voice,
        "push-notification" => switches.push_notification,
        "otp" => switches.otp,
        "email" => switches.email,
        "webauthn-roaming" => switches.webauthn_roaming,
        "webauthn-platform" => switches.webauthn_platform,
        "recovery-code" => switches.recovery_code,
        _ => false,
    }
}

async fn turn(ask: Ask<'_>, name: &'static str) -> Result<Reply, ManageError> {
    let mut on = false;
    let _ = change(
        ask,
        "guardian/factors",
        |_, mut body, settings| {
            on = body.get("enabled")?.value().unwrap_or_default();
            set(settings, name, on)
        },
        list,
    )
    .await?;
    Ok(Reply::ok(json!({ "enabled": on })))
}

fn set(settings: &mut TenantSettings, name: &str, on: bool) -> Result<(), ManageError> {
    let types = super::phone::message_types(settings);
    let switches = &mut settings.factors;
    match name {
        "sms" => {
            // What phones are good for is remembered while they are off.
            settings.phone.message_types = Some(types);
            (switches.sms, switches.voice) = (on && types.text, on && types.voice);
        }
        "push-notification" => switches.push_notification = on,
        "otp" => switches.otp = on,
        "email" => switches.email = on,
        "webauthn-roaming" => switches.webauthn_roaming = on,
        "webauthn-platform" => switches.webauthn_platform = on,
        "recovery-code" => switches.recovery_code = on,
        _ if on => {
            let text = format!("{name} is not available in this version of Housekey.");
            return Err(ManageError::NotSupported(text));
        }
        _ => {}
    }
    Ok(())
}

fn policies(settings: &TenantSettings) -> Value {
    match settings.mfa_policy {
        MfaPolicy::AllApplications => json!(["all-applications"]),
        MfaPolicy::ConfidenceScore => json!(["confidence-score"]),
        MfaPolicy::Never => json!([]),
    }
}

async fn set_policies(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let wanted = ask.sent.take();
    let change = |settings: &mut TenantSettings| {
        settings.mfa_policy = if wanted == json!([]) {
            MfaPolicy::Never
        } else if wanted == json!(["all-applications"]) {
            MfaPolicy::AllApplications
        } else if wanted == json!(["confidence-score"]) {
            MfaPolicy::ConfidenceScore
        } else {
            return Err(ManageError::InvalidBody("Expected one policy at most.".to_owned()));
        };
        Ok(())
    };
    let (app, call, operator) = (ask.app, ask.call, &ask.operator);
    let resource = "guardian/policies";
    let (settings, ()) = settings::change(app, call, operator, resource, ask.shown, change).await?;
    Ok(Reply::ok(policies(&settings)))
}
