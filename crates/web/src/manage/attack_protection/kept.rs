//! Protection this version does not have: its settings are kept for tools.

use housekey_core::manage::ManageError;
use housekey_core::tenant::TenantSettings;
use serde_json::{Map, Value, json};

use super::{READ, UPDATE};
use crate::manage::Ask;
use crate::manage::body::extend;
use crate::manage::operation::{Operation, Running, get, patch, put};
use crate::manage::setting::{change, show};
use crate::manage::shape::{ANY_OBJECT, Field, Shape, field, text};

const SHIELDS: Shape = Shape::List {
    of: &Shape::OneOf(&["block", "user_notification", "admin_notification"]),
    most: 3,
};
const STAGE: Shape = Shape::Object(&[field("shields", SHIELDS)]);
const BREACHED: &[Field] = &[
    field("enabled", Shape::Flag).kept(),
    field("shields", SHIELDS).kept(),
    field(
        "admin_notification_frequency",
        Shape::List { of: &Shape::OneOf(&["immediately", "daily", "weekly", "monthly"]), most: 4 },
    )
    .kept(),
    field("method", Shape::OneOf(&["standard", "enhanced"])).kept(),
    field(
        "stage",
        Shape::Object(&[
            field("pre-user-registration", STAGE),
            field("pre-change-password", STAGE),
        ]),
    )
    .kept(),
];
const RISK: Shape = Shape::OneOf(&["never", "when_risky", "always"]);
const BOTS: &[Field] = &[
    field("bot_detection_level", Shape::OneOf(&["low", "medium", "high"])).kept(),
    field("challenge_password_policy", RISK).kept(),
    field("challenge_passwordless_policy", RISK).kept(),
    field("challenge_password_reset_policy", RISK).kept(),
    field("allowlist", Shape::List { of: &text(1, 64), most: 100 }).kept(),
    field("monitoring_mode_enabled", Shape::Flag).kept(),
];
const CAPTCHA: &[Field] = &[
    field("active_provider_id", text(0, 64)).kept(),
    field("auth_challenge", Shape::Object(&[field("fail_open", Shape::Flag)])).kept(),
    field("simple_captcha", ANY_OBJECT).kept(),
];
const PHONES: &[Field] = &[field("type", text(1, 64)).kept()];

const BREACHED_PATH: &str = "attack-protection/breached-password-detection";
const BOTS_PATH: &str = "attack-protection/bot-detection";
const CAPTCHA_PATH: &str = "attack-protection/captcha";
const PHONES_PATH: &str = "attack-protection/phone-provider-protection";

pub(in crate::manage) const OPERATIONS: &[Operation] = &[
    read(BREACHED_PATH, &Shape::Object(BREACHED), |ask| {
        Box::pin(async move { Ok(show(&ask, breached)) })
    }),
    write(
        patch(BREACHED_PATH, UPDATE, CHANGE, |ask| set(ask, BREACHED_PATH, BREACHED, breached)),
        BREACHED,
        &Shape::Object(BREACHED),
    ),
    read(BOTS_PATH, &Shape::Object(BOTS), |ask| Box::pin(async move { Ok(show(&ask, bots)) })),
    write(
        patch(BOTS_PATH, UPDATE, CHANGE, |ask| set(ask, BOTS_PATH, BOTS, bots)),
        BOTS,
        &Shape::Object(BOTS),
    ),
    read(CAPTCHA_PATH, &Shape::Object(CAPTCHA), |ask| {
        Box::pin(async move { Ok(show(&ask, captcha)) })
    }),
    write(
        patch(CAPTCHA_PATH, UPDATE, CHANGE, |ask| set(ask, CAPTCHA_PATH, CAPTCHA, captcha)),
        CAPTCHA,
        &Shape::Object(CAPTCHA),
    ),
    read(PHONES_PATH, &Shape::Object(PHONES), |ask| {
        Box::pin(async move { Ok(show(&ask, phones)) })
    }),
    write(
        put(PHONES_PATH, UPDATE, CHANGE, |ask| set(ask, PHONES_PATH, PHONES, phones)),
        PHONES,
        &Shape::Object(PHONES),
    ),
];

const CHANGE: &str = "Keep settings of a protection this version does not have";

const fn read(
    path: &'static str,
    shape: &'static Shape,
    run: for<'a> fn(Ask<'a>) -> Running<'a>,
) -> Operation {
    get(path, READ, "Settings of a protection this version does not have", run).answers(200, shape)
}

const fn write(operation: Operation, fields: &'static [Field], shape: &'static Shape) -> Operation {
    operation.changes(fields).answers(200, shape)
}

fn set<'a>(
    ask: Ask<'a>,
    path: &'static str,
    fields: &'static [Field],
    wire: fn(&TenantSettings) -> Value,
) -> Running<'a> {
    Box::pin(change(
        ask,
        path,
        move |_, mut body, settings| -> Result<(), ManageError> {
            let kept: &mut Map<String, Value> =
                settings.kept_resources.entry(path.to_owned()).or_default();
            body.keep(fields, kept);
            Ok(())
        },
        wire,
    ))
}

fn with_kept(settings: &TenantSettings, path: &str, mut defaults: Value) -> Value {
    extend(&mut defaults, settings.kept_resources.get(path).cloned().unwrap_or_default().into());
    defaults
}

fn breached(settings: &TenantSettings) -> Value {
    let stage = json!({ "shields": [] });
    let defaults = json!({
        "enabled": false,
        "shields": [],
        "admin_notification_frequency": [],
        "method": "standard",
        "stage": { "pre-user-registration": stage, "pre-change-password": stage },
    });
    with_kept(settings, BREACHED_PATH, defaults)
}

fn bots(settings: &TenantSettings) -> Value {
    let defaults = json!({
        "bot_detection_level": "medium",
        "challenge_password_policy": "never",
        "challenge_passwordless_policy": "never",
        "challenge_password_reset_policy": "never",
        "allowlist": [],
        "monitoring_mode_enabled": false,
    });
    with_kept(settings, BOTS_PATH, defaults)
}

fn captcha(settings: &TenantSettings) -> Value {
    with_kept(settings, CAPTCHA_PATH, json!({ "auth_challenge": { "fail_open": false } }))
}

fn phones(settings: &TenantSettings) -> Value {
    with_kept(settings, PHONES_PATH, json!({ "type": "default" }))
}
