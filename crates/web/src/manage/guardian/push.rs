//! `/guardian/factors/push-notification` and `duo`.

use housekey_core::manage::ManageError;
use housekey_core::secret::SecretText;
use housekey_core::tenant::TenantSettings;
use housekey_core::tenant::push::{FcmSettings, KeptProvider, PushProvider};
use serde_json::{Value, json};

use super::{READ, UPDATE};
use crate::manage::Ask;
use crate::manage::body::{Members, Sent};
use crate::manage::operation::{Operation, Running, get, patch, put};
use crate::manage::setting::{Context, change, show};
use crate::manage::shape::{Field, Shape, TEXT, field, text};

const SELECTED: &[Field] =
    &[field("provider", Shape::OneOf(&["guardian", "sns", "direct"])).required()];
const SNS: &[Field] = &[
    field("aws_access_key_id", text(0, 1000)),
    field("aws_secret_access_key", text(0, 1000)).write_only().secret(),
    field("aws_region", text(0, 1000)),
    field("sns_apns_platform_application_arn", text(0, 1000)),
    field("sns_gcm_platform_application_arn", text(0, 1000)),
];
const APNS: &[Field] = &[
    field("sandbox", Shape::Flag),
    field("bundle_id", text(0, 1000)),
    field("p12", TEXT).write_only().secret(),
];
const FCM: &[Field] = &[field("server_key", text(0, 1000)).write_only().secret()];
const FCM_V1: &[Field] = &[field("server_credentials", TEXT).write_only().secret()];
const DUO: &[Field] = &[
    field("ikey", text(0, 1000)),
    field("skey", text(0, 1000)).write_only().secret(),
    field("host", text(0, 1000)),
];

const P: &str = "guardian/factors/push-notification/providers/sns";

pub(in crate::manage) const OPERATIONS: &[Operation] = &[
    read("guardian/factors/push-notification/selected-provider", &Shape::Object(SELECTED), |ask| {
        Box::pin(async move { Ok(show(&ask, selected)) })
    }),
    write(
        put("guardian/factors/push-notification/selected-provider", UPDATE, SAY, |ask| {
            Box::pin(change(ask, "guardian/factors/push-notification", select, selected))
        }),
        SELECTED,
        &Shape::Object(SELECTED),
    ),
    read(P, &Shape::Object(SNS), |ask| Box::pin(async move { Ok(show(&ask, wire_sns)) })),
    write(put(P, UPDATE, SAY, set_sns), SNS, &Shape::Object(SNS)),
    change_some(patch(P, UPDATE, SAY, set_sns), SNS, &Shape::Object(SNS)),
    read("guardian/factors/push-notification/providers/apns", &Shape::Object(APNS), |ask| {
        Box::pin(async move { Ok(show(&ask, wire_apns)) })
    }),
    write(put(APNS_PATH, UPDATE, SAY, set_apns), APNS, &Shape::Object(APNS)),
    change_some(patch(APNS_PATH, UPDATE, SAY, set_apns), APNS, &Shape::Object(APNS)),
    write(put(FCM_PATH, UPDATE, SAY, set_fcm), FCM, &Shape::Object(FCM)),
    change_some(patch(FCM_PATH, UPDATE, SAY, set_fcm), FCM, &Shape::Object(FCM)),
    write(put(FCM_V1_PATH, UPDATE, SAY, set_fcm_v1), FCM_V1, &Shape::Object(FCM_V1)),
    change_some(patch(FCM_V1_PATH, UPDATE, SAY, set_fcm_v1), FCM_V1, &Shape::Object(FCM_V1)),
    read(DUO_PATH, &Shape::Object(DUO), |ask| Box::pin(async move { Ok(show(&ask, wire_duo)) })),
    write(put(DUO_PATH, UPDATE, SAY, set_duo), DUO, &Shape::Object(DUO)),
    change_some(patch(DUO_PATH, UPDATE, SAY, set_duo), DUO, &Shape::Object(DUO)),
];

const SAY: &str = "Say who carries messages to devices";
const APNS_PATH: &str = "guardian/factors/push-notification/providers/apns";
const FCM_PATH: &str = "guardian/factors/push-notification/providers/fcm";
const FCM_V1_PATH: &str = "guardian/factors/push-notification/providers/fcmv1";
const DUO_PATH: &str = "guardian/factors/duo/settings";

const fn read(
    path: &'static str,
    shape: &'static Shape,
    run: for<'a> fn(Ask<'a>) -> Running<'a>,
) -> Operation {
    get(path, READ, "Who carries messages to devices", run).answers(200, shape)
}

const fn write(operation: Operation, fields: &'static [Field], shape: &'static Shape) -> Operation {
    operation.creates(fields).answers(200, shape)
}

const fn change_some(
    operation: Operation,
    fields: &'static [Field],
    shape: &'static Shape,
) -> Operation {
    operation.changes(fields).answers(200, shape)
}

/// `guardian` is whoever carries messages without a provider's credentials here: a webhook, or
/// nobody.
fn selected(settings: &TenantSettings) -> Value {
    let name = match settings.push.provider {
        Some(PushProvider::Direct) => "direct",
        Some(PushProvider::Outbox | PushProvider::Webhook) | None => "guardian",
    };
    json!({ "provider": name })
}

fn select(
    _: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let wanted = body.text("provider")?;
    let push = &mut settings.push;
    match wanted.as_str() {
        "direct" if push.fcm.is_none() && push.apns.is_none() => {
            return Err(not_supported("Neither fcmv1 nor apns is set up."));
        }
        "direct" => push.provider = Some(PushProvider::Direct),
        "guardian" if push.provider == Some(PushProvider::Direct) => {
            push.provider = push.webhook.is_some().then_some(PushProvider::Webhook);
        }
        "guardian" => {}
        _ => return Err(not_supported("Housekey does not send through Amazon SNS.")),
    }
    Ok(())
}

fn not_supported(why: &str) -> ManageError {
    ManageError::NotSupported(why.to_owned())
}

fn wire_sns(settings: &TenantSettings) -> Value {
    wire_kept(settings, "sns")
}

fn wire_duo(settings: &TenantSettings) -> Value {
    wire_kept(settings, "duo")
}

fn wire_kept(settings: &TenantSettings, name: &str) -> Value {
    settings.push.kept.get(name).map(|kept| kept.shown.clone()).unwrap_or_default().into()
}

fn set_sns(ask: Ask<'_>) -> Running<'_> {
    Box::pin(change(
        ask,
        P,
        |context, body, settings| keep(context, body, settings, "sns", SNS),
        wire_sns,
    ))
}

fn set_duo(ask: Ask<'_>) -> Running<'_> {
    Box::pin(change(
        ask,
        DUO_PATH,
        |context, body, settings| keep(context, body, settings, "duo", DUO),
        wire_duo,
    ))
}

/// Keeps what this version does not use, secrets sealed.
fn keep(
    context: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
    name: &str,
    fields: &[Field],
) -> Result<(), ManageError> {
    let kept: &mut KeptProvider = settings.push.kept.entry(name.to_owned()).or_default();
    let (sealer, random) = (context.app.sealer(), context.app.random());
    for field in fields {
        let sent: Sent<String> = body.get(field.name)?;
        if sent == Sent::Nothing {
            continue;
        }
        let value = sent.value();
        if field.is_secret() {
            let secret = value.map(SecretText::new);
            let tenant = &context.call.tenant.id;
            kept.seal(tenant, field.name, secret.as_ref(), sealer, random)?;
        } else if let Some(value) = value {
            kept.shown.insert(field.name.to_owned(), value.into());
        } else {
            kept.shown.remove(field.name);
        }
    }
    Ok(())
}

fn wire_apns(settings: &TenantSettings) -> Value {
    match &settings.push.apns {
        Some(apns) => json!({ "sandbox": apns.sandbox, "bundle_id": apns.bundle_id }),
        None => json!({}),
    }
}

fn set_apns(ask: Ask<'_>) -> Running<'_> {
    Box::pin(change(ask, APNS_PATH, apply_apns, wire_apns))
}

/// Apple's certificates (`p12`) are its old way; Housekey signs provider tokens with a key.
fn apply_apns(
    _: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let (sandbox, bundle_id): (Sent<bool>, Sent<String>) =
        (body.get("sandbox")?, body.get("bundle_id")?);
    if let Sent::Value(_) = body.get::<String>("p12")? {
        return Err(not_supported(
            "Housekey signs in at Apple with a key (.p8) instead of a certificate (p12): set it with \
             `housekey tenant push-provider apns`.",
        ));
    }
    let Some(apns) = &mut settings.push.apns else {
        if sandbox.value().is_none() && bundle_id.value().is_none() {
            return Ok(());
        }
        return Err(not_supported(
            "Set Apple's key with `housekey tenant push-provider apns` first.",
        ));
    };
    if (&sandbox, &bundle_id) == (&Sent::Null, &Sent::Null) {
        settings.push.apns = None;
        return Ok(());
    }
    sandbox.set(&mut apns.sandbox, false);
    if let Some(bundle_id) = bundle_id.value() {
        apns.bundle_id = bundle_id;
    }
    Ok(())
}

fn nothing(_: &TenantSettings) -> Value {
    json!({})
}

fn set_fcm(ask: Ask<'_>) -> Running<'_> {
    Box::pin(change(
        ask,
        FCM_PATH,
        |_, mut body, _| match body.get::<String>("server_key")? {
            Sent::Value(_) => {
                Err(not_supported("Google no longer takes server keys: set fcmv1 up instead."))
            }
            Sent::Nothing | Sent::Null => Ok(()),
        },
        nothing,
    ))
}

fn set_fcm_v1(ask: Ask<'_>) -> Running<'_> {
    Box::pin(change(ask, FCM_V1_PATH, apply_fcm_v1, nothing))
}

fn apply_fcm_v1(
    context: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    match body.get::<String>("server_credentials")? {
        Sent::Nothing => {}
        Sent::Null => settings.push.fcm = None,
        Sent::Value(credentials) => {
            let is_account = serde_json::from_str::<Value>(&credentials)
                .is_ok_and(|account| account["private_key"].is_string());
            if !is_account {
                let reason = "It is no service account's JSON file";
                return Err(crate::manage::body::refused(reason, "server_credentials"));
            }
            let (tenant, sealer) = (&context.call.tenant.id, context.app.sealer());
            let secret = SecretText::new(credentials);
            let base_url = settings.push.fcm.as_ref().and_then(|fcm| fcm.base_url.clone());
            let random = context.app.random();
            settings.push.fcm = Some(FcmSettings::new(tenant, base_url, &secret, sealer, random)?);
        }
    }
    Ok(())
}
