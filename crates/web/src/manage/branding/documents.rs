//! Page templates and themes.

use housekey_core::liquid::Template;
use housekey_core::manage::documents::DocumentName;
use housekey_core::manage::{ManageError, Thing};
use housekey_core::tenant::looks::{PAGE_TAGS, PAGE_TEMPLATES, THEMES};
use serde_json::json;

use crate::manage::body::refused;
use crate::manage::kept::{read, remove as removes, replace, update};
use crate::manage::operation::{Operation, delete, get, patch, post, put};
use crate::manage::shape::{ANY_OBJECT, Field, Shape, TEXT, field, text};
use crate::manage::{Ask, Reply};

const PAGE: DocumentName<'static> =
    DocumentName { kind: PAGE_TEMPLATES, name: "universal-login", thing: Thing::PageTemplate };
const THEME: DocumentName<'static> =
    DocumentName { kind: THEMES, name: "default", thing: Thing::Theme };

const PAGE_FIELDS: &[Field] =
    &[field("template", text(0, 100_000)).write_only().required(), field("body", TEXT).read_only()];
const THEME_FIELDS: &[Field] = &[
    field("themeId", TEXT).read_only().required(),
    field("displayName", text(0, 2048)),
    field("borders", ANY_OBJECT).required(),
    field("colors", ANY_OBJECT).required(),
    field("fonts", ANY_OBJECT).required(),
    field("page_background", ANY_OBJECT).required(),
    field("widget", ANY_OBJECT).required(),
];
const THEME_SHAPE: Shape = Shape::Object(THEME_FIELDS);

pub(in crate::manage) const OPERATIONS: &[Operation] = &[
    get("branding/templates/universal-login", &["read:branding"], "The page template", |ask| {
        Box::pin(async move { read(&ask, PAGE).await })
    })
    .answers(200, &Shape::Object(PAGE_FIELDS)),
    put(
        "branding/templates/universal-login",
        &["update:branding"],
        "Put a template around every page",
        |ask| Box::pin(set_page(ask)),
    )
    .creates(PAGE_FIELDS),
    delete("branding/templates/universal-login", &["delete:branding"], "Forget it", |ask| {
        Box::pin(async move { removes(&ask, PAGE).await })
    }),
    get("branding/themes/default", &["read:branding"], "The theme", |ask| {
        Box::pin(async move { read(&ask, THEME).await })
    })
    .answers(200, &THEME_SHAPE),
    post("branding/themes", &["update:branding"], "Set a theme", |ask| Box::pin(add_theme(ask)))
        .creates(THEME_FIELDS)
        .answers(200, &THEME_SHAPE),
    get("branding/themes/{id}", &["read:branding"], "One theme", |ask| {
        Box::pin(async move {
            has_theme(&ask).await?;
            read(&ask, THEME).await
        })
    })
    .answers(200, &THEME_SHAPE),
    patch("branding/themes/{id}", &["update:branding"], "Change a theme", |ask| {
        Box::pin(change_theme(ask))
    })
    .changes(THEME_FIELDS)
    .answers(200, &THEME_SHAPE),
    delete("branding/themes/{id}", &["delete:branding"], "Forget a theme", |ask| {
        Box::pin(async move {
            has_theme(&ask).await?;
            removes(&ask, THEME).await
        })
    }),
];

async fn set_page(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let template = ask.members().text("template")?;
    let parsed = Template::parse_with(&template, &PAGE_TAGS);
    parsed
        .map_err(|error| refused(&format!("The template does not parse: {error}"), "template"))?;
    if !PAGE_TAGS.into_iter().all(|tag| template.matches(tag).count() == 1) {
        let reason = "It needs the tags {%- auth0:head -%} and {%- auth0:widget -%}";
        return Err(refused(reason, "template"));
    }
    replace(&mut ask, PAGE, &[("body", template.into())]).await?;
    Ok(Reply::gone())
}

async fn add_theme(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let id = ask.app.random().hex(16);
    let theme = replace(&mut ask, THEME, &[("themeId", json!(id))]).await?;
    Ok(Reply::ok(theme.into()))
}

/// There is one theme, whose id has to be known.
async fn has_theme(ask: &Ask<'_>) -> Result<(), ManageError> {
    let theme = housekey_core::manage::documents::find(ask.app, ask.call, THEME).await?;
    let id = theme.as_ref().and_then(|theme| theme.get("themeId")).and_then(|id| id.as_str());
    if id == Some(ask.id()) { Ok(()) } else { Err(ManageError::NotFound(Thing::Theme)) }
}

async fn change_theme(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    has_theme(&ask).await?;
    update(&mut ask, THEME).await
}
