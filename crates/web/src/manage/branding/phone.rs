//! `/branding/phone`: who sends text messages and calls, in the form of newer tools. It is the same
//! provider that `/guardian/factors/phone` is about.

use housekey_core::manage::{ManageError, Thing};
use housekey_core::secret::SecretText;
use housekey_core::tenant::TenantSettings;
use housekey_core::tenant::phone::{
    DeliveryMethods, PhoneProvider, PhoneProviderConfiguration, TwilioConfiguration,
};
use http::StatusCode;
use serde_json::{Value, json};

use super::phone_templates::{TRIAL, TRIED, send_trial};
use crate::manage::body::{Members, optional, refused};
use crate::manage::operation::{Operation, delete, get, patch, post};
use crate::manage::setting::{Context, change};
use crate::manage::shape::{Field, Shape, TEXT, field, text};
use crate::manage::{Ask, Reply};

const CONFIGURATION: &[Field] = &[
    field("sid", text(1, 255)),
    field("default_from", text(1, 255)),
    field("mssid", text(1, 255)),
    field("delivery_methods", Shape::List { of: &Shape::OneOf(&["text", "voice"]), most: 2 })
        .required(),
    // Where requests go. Auth0's custom provider is an Action instead.
    field("url", Shape::Uri),
];
const CREDENTIALS: &[Field] = &[
    field("auth_token", text(1, 255)).secret(),
    // What requests of the custom provider are signed with.
    field("secret", text(16, 255)).secret(),
];
const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("tenant", TEXT).read_only(),
    field("channel", TEXT).read_only(),
    field("name", Shape::OneOf(&["twilio", "custom"])).required(),
    field("disabled", Shape::Flag),
    field("configuration", Shape::Object(CONFIGURATION)),
    field("credentials", Shape::Object(CREDENTIALS)).write_only(),
];
const PROVIDER: Shape = Shape::Object(FIELDS);
const LIST: Shape =
    Shape::Object(&[field("providers", Shape::List { of: &PROVIDER, most: usize::MAX })]);

pub(in crate::manage) const OPERATIONS: &[Operation] = &[
    get("branding/phone/providers", &["read:phone_providers"], "Phone providers", |ask| {
        Box::pin(async move {
            let settings = &ask.call.tenant.settings;
            let all = names(settings).map(|name| wire(&ask, settings, name));
            Ok(Reply::ok(json!({ "providers": all.collect::<Vec<_>>() })))
        })
    })
    .answers(200, &LIST),
    post("branding/phone/providers", &["create:phone_providers"], "Set a provider up", |ask| {
        Box::pin(add(ask))
    })
    .creates(FIELDS)
    .answers(201, &PROVIDER),
    get("branding/phone/providers/{id}", &["read:phone_providers"], "One provider", |ask| {
        Box::pin(async move {
            let settings = &ask.call.tenant.settings;
            let name = named(settings, ask.id())?;
            Ok(Reply::ok(wire(&ask, settings, name)))
        })
    })
    .answers(200, &PROVIDER),
    patch(
        "branding/phone/providers/{id}",
        &["update:phone_providers"],
        "Change a provider",
        |ask| Box::pin(update(ask)),
    )
    .changes(FIELDS)
    .answers(200, &PROVIDER),
    delete(
        "branding/phone/providers/{id}",
        &["delete:phone_providers"],
        "Forget a provider",
        |ask| Box::pin(remove(ask)),
    ),
    post(
        "branding/phone/providers/{id}/try",
        &["create:phone_providers"],
        "Send something to a phone",
        |ask| Box::pin(attempt(ask)),
    )
    .creates(TRIAL)
    .answers(202, &TRIED),
];

/// The names Housekey has for the two.
fn own_name(wire: &str) -> &'static str {
    if wire == "twilio" { "twilio" } else { "webhook" }
}

fn id_of(name: &str) -> String {
    format!("pro_{name:0<22}")
}

fn names(settings: &TenantSettings) -> impl Iterator<Item = &'static str> {
    ["twilio", "webhook"].into_iter().filter(|name| settings.phone.named(name).is_some())
}

fn named(settings: &TenantSettings, id: &str) -> Result<&'static str, ManageError> {
    names(settings).find(|name| id_of(name) == id).ok_or(ManageError::NotFound(Thing::Part))
}

fn wire(ask: &Ask<'_>, settings: &TenantSettings, name: &str) -> Value {
    let used = settings.phone.provider.as_ref().is_some_and(|own| own.name() == name);
    let mut configuration = json!({});
    if let Some(provider) = settings.phone.named(name) {
        let methods = provider.delivery_methods;
        let each = [("text", methods.text), ("voice", methods.voice)];
        let each = each.into_iter().filter(|(_, able)| *able).map(|(name, _)| name);
        configuration["delivery_methods"] = each.collect::<Vec<_>>().into();
        match &provider.configuration {
            PhoneProviderConfiguration::Twilio(twilio) => {
                configuration["sid"] = json!(twilio.sid);
                optional(&mut configuration, "default_from", twilio.default_from.as_ref());
                optional(&mut configuration, "mssid", twilio.mssid.as_ref());
            }
            PhoneProviderConfiguration::Webhook { url } => configuration["url"] = json!(url),
            PhoneProviderConfiguration::Outbox => {}
        }
    }
    json!({
        "id": id_of(name),
        "tenant": ask.call.tenant.id.as_str(),
        "channel": "phone",
        "name": if name == "twilio" { "twilio" } else { "custom" },
        "disabled": !used,
        "configuration": configuration,
    })
}

/// Only the provider in use can be tried.
async fn attempt(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let settings = &ask.call.tenant.settings;
    let name = named(settings, ask.id())?;
    if settings.phone.provider.as_ref().is_none_or(|own| own.name() != name) {
        return Err(ManageError::NotSupported("The provider is disabled.".to_owned()));
    }
    send_trial(&mut ask, None, "branding/phone/providers").await
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let wanted = ask.sent["name"].as_str().unwrap_or_default().to_owned();
    let name = own_name(&wanted);
    if ask.call.tenant.settings.phone.named(name).is_some() {
        return Err(ManageError::Conflict("The provider is set up already.".to_owned()));
    }
    finish(&mut ask, name, StatusCode::CREATED).await
}

async fn update(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let name = named(&ask.call.tenant.settings, ask.id())?;
    if ask.sent["name"].as_str().is_some_and(|sent| own_name(sent) != name) {
        return Err(refused("A provider keeps its name", "name"));
    }
    finish(&mut ask, name, StatusCode::OK).await
}

async fn finish(
    ask: &mut Ask<'_>,
    name: &'static str,
    status: StatusCode,
) -> Result<Reply, ManageError> {
    let body = ask.members();
    let context = Context { app: ask.app, call: ask.call };
    let apply = |settings: &mut TenantSettings| apply(&context, body, settings, name);
    let resource = "branding/phone/providers";
    let (app, call, operator) = (ask.app, ask.call, &ask.operator);
    let (settings, ()) = housekey_core::manage::settings::change(
        app,
        call,
        operator,
        resource,
        ask.shown.take(),
        apply,
    )
    .await?;
    Ok(Reply::new(status, wire(ask, &settings, name)))
}

fn apply(
    context: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
    name: &'static str,
) -> Result<(), ManageError> {
    let stored = settings.phone.named(name).cloned();
    let disabled: Option<bool> = body.get("disabled")?.value();
    let credentials = body.object("credentials")?.value();
    let secret: Option<String> = match credentials {
        None => None,
        Some(mut credentials) => {
            let member = if name == "twilio" { "auth_token" } else { "secret" };
            credentials.get(member)?.value()
        }
    };
    let configuration = body.object("configuration")?.value();
    let configured = configuration.map(|own| configuration_of(own, name)).transpose()?;
    let mut provider = match (stored, configured, &secret) {
        (Some(stored), None, None) => stored,
        (stored, configured, Some(secret)) => {
            let before = stored.map(|own| (own.configuration, own.delivery_methods));
            let (configuration, methods) = configured.or(before).ok_or_else(|| {
                refused("Missing required property: configuration", "configuration")
            })?;
            PhoneProvider::new(
                &context.call.tenant.id,
                configuration,
                methods,
                &SecretText::new(secret.clone()),
                context.app.sealer(),
                context.app.random(),
            )?
        }
        (Some(mut stored), Some((configuration, methods)), None) => {
            (stored.configuration, stored.delivery_methods) = (configuration, methods);
            stored
        }
        (None, _, None) => {
            return Err(refused("Missing required property: credentials", "credentials"));
        }
    };
    if let (
        PhoneProviderConfiguration::Twilio(new),
        Some(PhoneProviderConfiguration::Twilio(old)),
    ) = (&mut provider.configuration, settings.phone.named(name).map(|own| &own.configuration))
    {
        new.base_url.clone_from(&old.base_url);
    }
    let is_used = settings.phone.provider.as_ref().is_some_and(|own| own.name() == name);
    settings.phone.put(provider);
    match disabled {
        Some(true)
            if is_used
                || settings.phone.provider.as_ref().is_some_and(|own| own.name() == name) =>
        {
            settings.phone.select(None);
        }
        Some(false) => {
            settings.phone.select(Some(name));
        }
        _ => {}
    }
    Ok(())
}

fn configuration_of(
    mut body: Members,
    name: &str,
) -> Result<(PhoneProviderConfiguration, DeliveryMethods), ManageError> {
    let methods: Vec<String> = body.get("delivery_methods")?.value().unwrap_or_default();
    let able = |name: &str| methods.iter().any(|own| own == name);
    let methods = DeliveryMethods { text: able("text"), voice: able("voice") };
    let required = |name: &str| {
        refused(&format!("Missing required property: {name}"), &format!("configuration.{name}"))
    };
    let configuration = if name == "twilio" {
        let sid = body.get("sid")?.value().ok_or_else(|| required("sid"))?;
        let (default_from, mssid) = (body.get("default_from")?.value(), body.get("mssid")?.value());
        if default_from.is_none() && mssid.is_none() {
            return Err(required("default_from"));
        }
        PhoneProviderConfiguration::Twilio(TwilioConfiguration {
            sid,
            default_from,
            mssid,
            base_url: None,
        })
    } else {
        let url = body.get("url")?.value().ok_or_else(|| required("url"))?;
        PhoneProviderConfiguration::Webhook { url }
    };
    Ok((configuration, methods))
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let name = named(&ask.call.tenant.settings, ask.id())?;
    let forget = |_: &Context<'_>, _: Members, settings: &mut TenantSettings| {
        settings.phone.forget(name);
        Ok(())
    };
    let _ = change(ask, "branding/phone/providers", forget, |_| Value::Null).await?;
    Ok(Reply::gone())
}
