//! `/guardian/factors/phone` and its older name `sms`.

use housekey_core::liquid::Template;
use housekey_core::manage::ManageError;
use housekey_core::secret::SecretText;
use housekey_core::tenant::TenantSettings;
use housekey_core::tenant::phone::{
    DeliveryMethods, PhoneProvider, PhoneProviderConfiguration, TwilioConfiguration,
};
use serde_json::{Value, json};

use super::{READ, UPDATE};
use crate::manage::Ask;
use crate::manage::body::{Members, refused};
use crate::manage::operation::{Operation, get, put};
use crate::manage::setting::{Context, change, show};
use crate::manage::shape::{Field, Shape, field, text};

const MESSAGE_TYPES: &[Field] =
    &[field("message_types", Shape::List { of: &Shape::OneOf(&["sms", "voice"]), most: 2 })
        .required()];
const SELECTED: &[Field] =
    &[field("provider", Shape::OneOf(&["auth0", "twilio", "phone-message-hook"])).required()];
const TWILIO: &[Field] = &[
    field("from", text(0, 64)),
    field("messaging_service_sid", text(0, 1000)),
    field("auth_token", text(0, 1000)).write_only().secret(),
    field("sid", text(0, 1000)),
];
const TEMPLATES: &[Field] = &[
    field("enrollment_message", text(1, 1000)).required(),
    field("verification_message", text(1, 1000)).required(),
];

pub(in crate::manage) const OPERATIONS: &[Operation] = &[
    read("guardian/factors/phone/message-types", MESSAGE_SHAPE, |ask| {
        Box::pin(async move { Ok(show(&ask, wire_message_types)) })
    }),
    write("guardian/factors/phone/message-types", MESSAGE_TYPES, MESSAGE_SHAPE, |ask| {
        Box::pin(change(ask, "guardian/factors/phone/message-types", set_types, wire_message_types))
    }),
    read("guardian/factors/phone/selected-provider", SELECTED_SHAPE, read_selected),
    read("guardian/factors/sms/selected-provider", SELECTED_SHAPE, read_selected),
    write("guardian/factors/phone/selected-provider", SELECTED, SELECTED_SHAPE, write_selected),
    write("guardian/factors/sms/selected-provider", SELECTED, SELECTED_SHAPE, write_selected),
    read("guardian/factors/phone/providers/twilio", TWILIO_SHAPE, read_twilio),
    read("guardian/factors/sms/providers/twilio", TWILIO_SHAPE, read_twilio),
    write("guardian/factors/phone/providers/twilio", TWILIO, TWILIO_SHAPE, write_twilio),
    write("guardian/factors/sms/providers/twilio", TWILIO, TWILIO_SHAPE, write_twilio),
    read("guardian/factors/phone/templates", TEMPLATES_SHAPE, read_templates),
    read("guardian/factors/sms/templates", TEMPLATES_SHAPE, read_templates),
    write("guardian/factors/phone/templates", TEMPLATES, TEMPLATES_SHAPE, write_templates),
    write("guardian/factors/sms/templates", TEMPLATES, TEMPLATES_SHAPE, write_templates),
];

const MESSAGE_SHAPE: &Shape = &Shape::Object(MESSAGE_TYPES);
const SELECTED_SHAPE: &Shape = &Shape::Object(SELECTED);
const TWILIO_SHAPE: &Shape = &Shape::Object(TWILIO);
const TEMPLATES_SHAPE: &Shape = &Shape::Object(TEMPLATES);

type Run = for<'a> fn(Ask<'a>) -> crate::manage::operation::Running<'a>;

const fn read(path: &'static str, shape: &'static Shape, run: Run) -> Operation {
    get(path, READ, "How codes reach phones", run).answers(200, shape)
}

const fn write(
    path: &'static str,
    fields: &'static [Field],
    shape: &'static Shape,
    run: Run,
) -> Operation {
    put(path, UPDATE, "Say how codes reach phones", run).creates(fields).answers(200, shape)
}

/// How codes may travel to phones: as it is, or as it will be when phones are switched on.
pub(super) fn message_types(settings: &TenantSettings) -> DeliveryMethods {
    let switches = settings.factors;
    if switches.sms || switches.voice {
        DeliveryMethods { text: switches.sms, voice: switches.voice }
    } else {
        settings.phone.message_types.unwrap_or(DeliveryMethods { text: true, voice: false })
    }
}

fn wire_message_types(settings: &TenantSettings) -> Value {
    let types = message_types(settings);
    let names = [("sms", types.text), ("voice", types.voice)];
    let on = names.into_iter().filter(|(_, on)| *on).map(|(name, _)| name);
    json!({ "message_types": on.collect::<Vec<_>>() })
}

fn set_types(
    _: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let wanted: Vec<String> = body.get("message_types")?.value().unwrap_or_default();
    let has = |name: &str| wanted.iter().any(|own| own == name);
    let types = DeliveryMethods { text: has("sms"), voice: has("voice") };
    if wanted.is_empty() {
        return Err(refused("Array is too short (0), minimum 1", "message_types"));
    }
    settings.phone.message_types = Some(types);
    let switches = &mut settings.factors;
    if switches.sms || switches.voice {
        (switches.sms, switches.voice) = (types.text, types.voice);
    }
    Ok(())
}

fn read_selected(ask: Ask<'_>) -> crate::manage::operation::Running<'_> {
    Box::pin(async move { Ok(show(&ask, selected)) })
}

fn write_selected(ask: Ask<'_>) -> crate::manage::operation::Running<'_> {
    Box::pin(change(ask, "guardian/factors/phone/selected-provider", select, selected))
}

/// Housekey has no provider of its own: `auth0` is nobody.
fn selected(settings: &TenantSettings) -> Value {
    let provider = settings.phone.provider.as_ref().map(PhoneProvider::name);
    let name = match provider {
        Some("twilio") => "twilio",
        Some("webhook") => "phone-message-hook",
        _ => "auth0",
    };
    json!({ "provider": name })
}

fn select(
    _: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let wanted = body.text("provider")?;
    if selected(settings)["provider"] == wanted.as_str() {
        return Ok(());
    }
    let name = match wanted.as_str() {
        "twilio" => Some("twilio"),
        "phone-message-hook" => Some("webhook"),
        _ => None,
    };
    if settings.phone.select(name) {
        Ok(())
    } else {
        let text = format!("The provider {wanted} is not set up.");
        Err(ManageError::NotSupported(text))
    }
}

fn read_twilio(ask: Ask<'_>) -> crate::manage::operation::Running<'_> {
    Box::pin(async move { Ok(show(&ask, wire_twilio)) })
}

fn write_twilio(ask: Ask<'_>) -> crate::manage::operation::Running<'_> {
    Box::pin(change(ask, "guardian/factors/phone/providers/twilio", set_twilio, wire_twilio))
}

fn wire_twilio(settings: &TenantSettings) -> Value {
    let provider = settings.phone.named("twilio");
    let mut body = json!({});
    if let Some(PhoneProviderConfiguration::Twilio(twilio)) =
        provider.map(|provider| &provider.configuration)
    {
        body["sid"] = json!(twilio.sid);
        if let Some(from) = &twilio.default_from {
            body["from"] = json!(from);
        }
        if let Some(service) = &twilio.mssid {
            body["messaging_service_sid"] = json!(service);
        }
    }
    body
}

fn set_twilio(
    context: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let mut take = |name: &str| -> Result<Option<String>, ManageError> {
        Ok(body.get(name)?.value().filter(|text: &String| !text.is_empty()))
    };
    let (from, service) = (take("from")?, take("messaging_service_sid")?);
    let (sid, token) = (take("sid")?, take("auth_token")?);
    let (Some(sid), Some(token)) = (sid.clone(), token.clone()) else {
        if sid.is_none() && token.is_none() && from.is_none() && service.is_none() {
            settings.phone.forget("twilio");
            return Ok(());
        }
        return Err(refused("sid and auth_token are needed", "auth_token"));
    };
    if from.is_none() && service.is_none() {
        return Err(refused("from or messaging_service_sid is needed", "from"));
    }
    let twilio = TwilioConfiguration { sid, default_from: from, mssid: service, base_url: None };
    let provider = PhoneProvider::new(
        &context.call.tenant.id,
        PhoneProviderConfiguration::Twilio(twilio),
        DeliveryMethods::ALL,
        &SecretText::new(token),
        context.app.sealer(),
        context.app.random(),
    )?;
    settings.phone.put(provider);
    Ok(())
}

fn read_templates(ask: Ask<'_>) -> crate::manage::operation::Running<'_> {
    Box::pin(async move { Ok(show(&ask, wire_templates)) })
}

fn write_templates(ask: Ask<'_>) -> crate::manage::operation::Running<'_> {
    Box::pin(change(ask, "guardian/factors/phone/templates", set_templates, wire_templates))
}

const ENROLLMENT: &str = "{{code}} is your verification code for {{tenant.friendly_name}}. Please enter this code to verify your enrollment.";
const VERIFICATION: &str = "{{code}} is your verification code for {{tenant.friendly_name}}";

fn wire_templates(settings: &TenantSettings) -> Value {
    let own = |name: &str, default: &str| {
        settings.phone.templates.get(name).cloned().unwrap_or_else(|| default.into())
    };
    json!({
        "enrollment_message": own("enrollment_message", ENROLLMENT),
        "verification_message": own("verification_message", VERIFICATION),
    })
}

fn set_templates(
    _: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    for field in TEMPLATES {
        let source = body.text(field.name)?;
        let wrong = |error| refused(&format!("The template does not parse: {error}"), field.name);
        Template::parse(&source).map_err(wrong)?;
        settings.phone.templates.insert(field.name.to_owned(), source.into());
    }
    Ok(())
}
