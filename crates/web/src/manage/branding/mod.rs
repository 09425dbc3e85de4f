//! `/branding` (contract 05 §18).

mod documents;
mod phone;
mod phone_templates;

use housekey_core::manage::ManageError;
use housekey_core::tenant::TenantSettings;
use serde_json::{Map, Value, json};

use super::body::{Members, Sent, extend, optional, refused};
use super::operation::{Operation, get, patch};
use super::setting::{Context, change, show};
use super::shape::{Field, Shape, field, text, without_nulls};
use crate::view::{Background, Color, WebAddress};

pub(super) use self::documents::OPERATIONS as DOCUMENTS;
pub(super) use self::phone::OPERATIONS as PHONES;
pub(super) use self::phone_templates::OPERATIONS as PHONE_TEMPLATES;

const FIELDS: &[Field] = &[
    field(
        "colors",
        Shape::Object(&[field("primary", text(0, 7)), field("page_background", Shape::Any)]),
    ),
    field("logo_url", text(0, 2000)),
    field("favicon_url", text(0, 2000)),
    field("font", Shape::Object(&[field("url", text(0, 2000))])),
    field("identifiers", Shape::Object(IDENTIFIERS)),
];
const IDENTIFIERS: &[Field] = &[
    field("login_display", Shape::OneOf(&["unified", "separate"])),
    field("otp_autocomplete", Shape::Flag),
    field(
        "phone_display",
        Shape::Object(&[
            field("masking", Shape::OneOf(&["show_all", "hide_country_code", "mask_digits"])),
            field("formatting", Shape::OneOf(&["regional", "international"])),
        ]),
    ),
];

pub(super) const OPERATIONS: &[Operation] = &[
    get("branding", &["read:branding"], "What pages look like", |ask| {
        Box::pin(async move { Ok(show(&ask, wire)) })
    })
    .answers(200, &Shape::Object(FIELDS)),
    patch("branding", &["update:branding"], "Say what pages look like", |ask| {
        Box::pin(change(ask, "branding", apply, wire))
    })
    .changes(FIELDS)
    .answers(200, &Shape::Object(FIELDS)),
];

fn wire(settings: &TenantSettings) -> Value {
    let own = &settings.branding;
    let mut body = json!({});
    extend(&mut body, own.kept.clone().into());
    optional(&mut body, "identifiers", own.identifiers.as_ref());
    if own.primary.is_some() || own.page_background.is_some() {
        let mut colors = json!({});
        optional(&mut colors, "primary", own.primary.as_ref());
        optional(&mut colors, "page_background", own.page_background.as_ref());
        body["colors"] = colors;
    }
    optional(&mut body, "logo_url", own.logo_url.as_ref());
    optional(&mut body, "favicon_url", own.favicon_url.as_ref());
    optional(&mut body, "font", own.font_url.as_ref().map(|url| json!({ "url": url })));
    body
}

fn apply(
    _: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let own = &mut settings.branding;
    match body.object("colors")? {
        Sent::Nothing => {}
        Sent::Null => (own.primary, own.page_background) = (None, None),
        Sent::Value(mut colors) => {
            match colors.get::<String>("primary")? {
                Sent::Nothing => {}
                Sent::Null => own.primary = None,
                Sent::Value(color) => own.primary = Some(checked(color, "colors.primary")?),
            }
            match colors.get::<Value>("page_background")? {
                Sent::Nothing => {}
                Sent::Null => own.page_background = None,
                Sent::Value(Value::String(color)) => {
                    own.page_background = Some(checked(color, "colors.page_background")?.into());
                }
                Sent::Value(gradient) if Background::parse(&gradient).is_some() => {
                    own.page_background = Some(gradient);
                }
                Sent::Value(_) => {
                    let reason = "Object didn't pass validation for format html-color";
                    return Err(refused(reason, "colors.page_background"));
                }
            }
        }
    }
    set_url(&mut body, "logo_url", &mut own.logo_url)?;
    set_url(&mut body, "favicon_url", &mut own.favicon_url)?;
    match body.object("font")? {
        Sent::Nothing => {}
        Sent::Null => own.font_url = None,
        Sent::Value(mut font) => set_url(&mut font, "url", &mut own.font_url)?,
    }
    identifiers(&mut body, &mut own.identifiers)?;
    body.keep(FIELDS, &mut own.kept);
    Ok(())
}

/// One field takes whatever identifies a person, and numbers are written as E.164 has them.
fn identifiers(
    body: &mut Members,
    place: &mut Option<Map<String, Value>>,
) -> Result<(), ManageError> {
    let own = match body.get::<Map<String, Value>>("identifiers")? {
        Sent::Nothing => return Ok(()),
        Sent::Null => {
            *place = None;
            return Ok(());
        }
        Sent::Value(own) => own,
    };
    let phones = own.get("phone_display").and_then(Value::as_object);
    let formatting = phones.and_then(|phones| phones.get("formatting"));
    for (name, sent, only) in [
        ("identifiers.login_display", own.get("login_display"), "unified"),
        ("identifiers.phone_display.formatting", formatting, "international"),
    ] {
        if sent.is_some_and(|sent| !sent.is_null() && sent != only) {
            let text = format!("{name} can only be {only} in this version of Housekey.");
            return Err(ManageError::NotSupported(text));
        }
    }
    let own = without_nulls(&Shape::Object(IDENTIFIERS), own.into());
    *place = own.as_object().cloned();
    Ok(())
}

fn checked(color: String, path: &str) -> Result<String, ManageError> {
    match Color::parse(&color) {
        Some(_) => Ok(color),
        None => Err(refused("Object didn't pass validation for format html-color", path)),
    }
}

/// An address on the web; an empty one is none.
fn set_url(body: &mut Members, name: &str, place: &mut Option<String>) -> Result<(), ManageError> {
    match body.get::<String>(name)? {
        Sent::Nothing => {}
        Sent::Null => *place = None,
        Sent::Value(text) if text.is_empty() => *place = None,
        Sent::Value(text) => {
            if WebAddress::parse(&text).is_none() {
                let reason = "Object didn't pass validation for format strict-https-uri-or-null";
                return Err(refused(reason, name));
            }
            *place = Some(text);
        }
    }
    Ok(())
}
