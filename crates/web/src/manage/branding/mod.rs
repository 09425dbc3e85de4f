//! `/branding` (contract 05 §18).

mod documents;
mod phone;
mod phone_templates;

use housekey_core::manage::ManageError;
use housekey_core::tenant::TenantSettings;
use serde_json::{Value, json};

use super::body::{Members, Sent, extend, optional, refused};
use super::operation::{Operation, get, patch};
use super::setting::{Context, change, show};
use super::shape::{ANY_OBJECT, Field, Shape, field, text};
use crate::view::{Color, WebAddress};

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
    field("identifiers", ANY_OBJECT).kept(),
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
                Sent::Value(gradient) => own.page_background = Some(gradient),
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
    body.keep(FIELDS, &mut own.kept);
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
