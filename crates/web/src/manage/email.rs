//! `/emails/provider` and `/email-templates` (contract 05 §18).

use housekey_core::liquid::Template;
use housekey_core::manage::documents::DocumentName;
use housekey_core::manage::{ManageError, Thing};
use housekey_core::seal::SealedText;
use housekey_core::secret::SecretText;
use housekey_core::tenant::TenantSettings;
use housekey_core::tenant::email::{EmailProvider, SEALED_AS, SMTP};
use housekey_core::user::Identifier;
use http::StatusCode;
use serde_json::{Map, Value, json};
use url::Url;

use super::body::{Members, Sent, optional, refused};
use super::kept::{read, replace, update};
use super::operation::{Operation, delete, get, patch, post, put};
use super::page::Fields;
use super::setting::{Context, change};
use super::shape::{ANY_OBJECT, Field, Shape, TEXT, field, text};
use super::{Ask, Reply};

const PROVIDERS: &[&str] = &[
    "mailgun",
    "mandrill",
    "sendgrid",
    "resend",
    "ses",
    "sparkpost",
    "smtp",
    "azure_cs",
    "ms365",
    "custom",
];
/// What of the credentials may be shown; the rest is sealed.
const SHOWN: &[&str] = &["smtp_host", "smtp_port", "smtp_user", "region", "domain"];
const CREDENTIALS: &[Field] = &[
    field("smtp_host", text(1, 255)),
    field("smtp_port", Shape::Integer { least: 1, most: 65_535 }),
    field("smtp_user", text(1, 1000)),
    field("smtp_pass", text(1, 1000)).write_only().secret(),
    field("region", text(1, 100)),
    field("domain", text(1, 255)),
    field("api_key", text(1, 1000)).write_only().secret(),
    field("accessKeyId", text(1, 1000)).write_only().secret(),
    field("secretAccessKey", text(1, 1000)).write_only().secret(),
    field("connectionString", text(1, 1000)).write_only().secret(),
    field("connection_string", text(1, 1000)).write_only().secret(),
    field("tenantId", text(1, 1000)).write_only().secret(),
    field("clientId", text(1, 1000)).write_only().secret(),
    field("clientSecret", text(1, 1000)).write_only().secret(),
];
const PROVIDER_FIELDS: &[Field] = &[
    field("name", Shape::OneOf(PROVIDERS)).required(),
    field("enabled", Shape::Flag),
    field("default_from_address", text(1, 320)),
    field("credentials", Shape::Object(CREDENTIALS)),
    field("settings", ANY_OBJECT),
];
const PROVIDER: Shape = Shape::Object(PROVIDER_FIELDS);
const TEMPLATES: &[&str] = &[
    "verify_email",
    "verify_email_by_code",
    "auth_email_by_code",
    "reset_email",
    "reset_email_by_code",
    "welcome_email",
    "blocked_account",
    "stolen_credentials",
    "enrollment_email",
    "mfa_oob_code",
    "user_invitation",
    "change_password",
    "password_reset",
    "async_approval",
];
const TEMPLATE_FIELDS: &[Field] = &[
    field("template", Shape::OneOf(TEMPLATES)).required(),
    field("body", text(0, 100_000)),
    field("from", text(0, 500)),
    field("resultUrl", text(0, 2000)),
    field("subject", text(0, 1000)),
    field("syntax", Shape::OneOf(&["liquid"])),
    field("urlLifetimeInSeconds", Shape::Integer { least: 0, most: 31_536_000 }),
    field("includeEmailInRedirect", Shape::Flag),
    field("enabled", Shape::Flag),
];
const TEMPLATE: Shape = Shape::Object(TEMPLATE_FIELDS);

pub(super) const OPERATIONS: &[Operation] = &[
    get("emails/provider", &["read:email_provider"], "Who sends mail", |ask| {
        Box::pin(async move { one(&ask) })
    })
    .query(&[("fields", TEXT), ("include_fields", Shape::Flag)])
    .answers(200, &PROVIDER),
    post("emails/provider", &["create:email_provider"], "Set a mail provider up", |ask| {
        Box::pin(add(ask))
    })
    .creates(PROVIDER_FIELDS)
    .answers(201, &PROVIDER),
    patch("emails/provider", &["update:email_provider"], "Change the mail provider", |ask| {
        Box::pin(change_provider(ask))
    })
    .changes(PROVIDER_FIELDS)
    .answers(200, &PROVIDER),
    delete("emails/provider", &["delete:email_provider"], "Forget the mail provider", |ask| {
        Box::pin(remove(ask))
    }),
    get("email-templates/{name}", &["read:email_templates"], "One mail template", |ask| {
        Box::pin(async move { read(&ask, template(ask.id())?).await })
    })
    .answers(200, &TEMPLATE),
    post("email-templates", &["create:email_templates"], "Write a mail template", |ask| {
        Box::pin(async move { keep_template(ask, None).await })
    })
    .creates(TEMPLATE_FIELDS)
    .answers(200, &TEMPLATE),
    put("email-templates/{name}", &["update:email_templates"], "Replace a mail template", |ask| {
        Box::pin(async move {
            let name = ask.id().to_owned();
            keep_template(ask, Some(name)).await
        })
    })
    .changes(TEMPLATE_FIELDS)
    .answers(200, &TEMPLATE),
    patch("email-templates/{name}", &["update:email_templates"], "Change a mail template", |ask| {
        Box::pin(change_template(ask))
    })
    .changes(TEMPLATE_FIELDS)
    .answers(200, &TEMPLATE),
];

fn wire(settings: &TenantSettings) -> Value {
    let Some(own) = &settings.email_provider else { return Value::Null };
    let mut body = json!({
        "name": own.name,
        "enabled": own.enabled,
        "credentials": own.credentials,
        "settings": own.settings,
    });
    optional(&mut body, "default_from_address", own.default_from_address.as_ref());
    body
}

fn one(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    match wire(&ask.call.tenant.settings) {
        Value::Null => Err(missing()),
        body => Ok(Reply::ok(Fields::of(&ask.query).of_item(&body))),
    }
}

fn missing() -> ManageError {
    ManageError::NotFound(Thing::EmailProvider)
}

async fn add(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let apply = |context: &Context<'_>, body: Members, settings: &mut TenantSettings| {
        if settings.email_provider.is_some() {
            let text = "There is a configured email provider already.";
            return Err(ManageError::Conflict(text.to_owned()));
        }
        let new = EmailProvider { enabled: true, ..EmailProvider::default() };
        settings.email_provider = Some(changed(context, body, new)?);
        Ok(())
    };
    let reply = change(ask, "emails/provider", apply, wire).await?;
    Ok(Reply { status: StatusCode::CREATED, ..reply })
}

async fn change_provider(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let apply = |context: &Context<'_>, body: Members, settings: &mut TenantSettings| {
        let own = settings.email_provider.clone().ok_or_else(missing)?;
        settings.email_provider = Some(changed(context, body, own)?);
        Ok(())
    };
    change(ask, "emails/provider", apply, wire).await
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let apply = |_: &Context<'_>, _: Members, settings: &mut TenantSettings| {
        settings.email_provider.take().map(drop).ok_or_else(missing)
    };
    let _ = change(ask, "emails/provider", apply, wire).await?;
    Ok(Reply::gone())
}

fn changed(
    context: &Context<'_>,
    mut body: Members,
    mut own: EmailProvider,
) -> Result<EmailProvider, ManageError> {
    let before = own.name.clone();
    body.set("name", &mut own.name, before.clone())?;
    if own.name != before {
        // Another provider's credentials are of no use.
        (own.credentials, own.sealed) = (Map::new(), std::collections::BTreeMap::new());
    }
    body.set("enabled", &mut own.enabled, true)?;
    body.set("settings", &mut own.settings, Map::new())?;
    match body.get::<String>("default_from_address")? {
        Sent::Nothing => {}
        Sent::Null => own.default_from_address = None,
        Sent::Value(from) if Identifier::email(&from).is_some() => {
            own.default_from_address = Some(from);
        }
        Sent::Value(_) => {
            let reason = "Object didn't pass validation for format email";
            return Err(refused(reason, "default_from_address"));
        }
    }
    if let Sent::Value(credentials) = body.get::<Map<String, Value>>("credentials")? {
        own.credentials.clear();
        own.sealed.clear();
        for (name, value) in credentials {
            match value {
                Value::Null => {}
                value if SHOWN.contains(&name.as_str()) => {
                    own.credentials.insert(name, value);
                }
                value => {
                    let secret = SecretText::new(value.as_str().unwrap_or_default());
                    let (sealer, random) = (context.app.sealer(), context.app.random());
                    let tenant = &context.call.tenant.id;
                    let sealed = SealedText::seal(tenant, SEALED_AS, &secret, sealer, random)?;
                    own.sealed.insert(name, sealed);
                }
            }
        }
    }
    if own.name == SMTP && own.enabled {
        if !own.credentials.contains_key("smtp_host") {
            return Err(refused("Missing required property: smtp_host", "credentials.smtp_host"));
        }
        if own.default_from_address.is_none() {
            let reason = "Missing required property: default_from_address";
            return Err(refused(reason, "default_from_address"));
        }
    }
    Ok(own)
}

fn template(name: &str) -> Result<DocumentName<'_>, ManageError> {
    let thing = Thing::EmailTemplate;
    if !TEMPLATES.contains(&name) {
        return Err(ManageError::NotFound(thing));
    }
    Ok(DocumentName { kind: "email-templates", name, thing })
}

/// Refuses a template that could not be used.
fn check_template(ask: &Ask<'_>) -> Result<(), ManageError> {
    for name in ["body", "subject", "from", "resultUrl"] {
        let source = ask.sent[name].as_str().unwrap_or_default();
        let parsed = Template::parse(source);
        parsed.map_err(|error| refused(&format!("The template does not parse: {error}"), name))?;
    }
    let from = ask.sent["from"].as_str().unwrap_or_default();
    if !from.is_empty() && !from.contains('{') && !is_sender(from) {
        return Err(refused("Object didn't pass validation for format email", "from"));
    }
    let url = ask.sent["resultUrl"].as_str().unwrap_or_default();
    let is_web = |url: &str| Url::parse(url).is_ok_and(|url| url.has_host());
    if !url.is_empty() && !url.contains('{') && !is_web(url) {
        return Err(refused("Object didn't pass validation for format absolute-uri", "resultUrl"));
    }
    Ok(())
}

/// An address, or a name and an address in angle brackets.
fn is_sender(from: &str) -> bool {
    let address = match from.split_once('<') {
        Some((_, rest)) => rest.trim_end().strip_suffix('>'),
        None => Some(from),
    };
    address.is_some_and(|address| Identifier::email(address).is_some())
}

async fn keep_template(mut ask: Ask<'_>, name: Option<String>) -> Result<Reply, ManageError> {
    let name = name.unwrap_or_else(|| ask.sent["template"].as_str().unwrap_or_default().to_owned());
    let which = template(&name)?;
    check_template(&ask)?;
    let document = replace(&mut ask, which, &[("template", json!(name))]).await?;
    Ok(Reply::ok(document.into()))
}

async fn change_template(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let name = ask.id().to_owned();
    if ask.sent["template"].as_str().is_some_and(|sent| sent != name) {
        return Err(refused("A template keeps its name", "template"));
    }
    check_template(&ask)?;
    update(&mut ask, template(&name)?).await
}
