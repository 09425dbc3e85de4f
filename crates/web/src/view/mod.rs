//! Everything a person sees: typed page contexts, the templates that draw them, and the assets
//! they refer to.
//!
//! A page is a struct whose fields are what its template prints; a handler fills it in and calls
//! [`Renderer::render`]. Templates and assets are embedded in the binary. An undefined variable is
//! an error, and one test renders every sample of every page, so a broken page is found before a
//! person meets it. This module knows neither HTTP nor the rules of the product.

pub mod assets;
mod brand;
mod error_text;
mod form;
mod frame;
mod page;
mod password_rule;
mod script;
mod speech;
#[cfg(test)]
mod test;
mod theme;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context};
use rust_embed::RustEmbed;
use serde::Serialize;

pub use self::brand::{Background, Brand, Color, WebAddress};
pub use self::error_text::error_text;
pub use self::form::{Form, FormError, FormKey};
pub use self::frame::{Frame, Link};
pub use self::page::{
    Account, AccountConfig, Confirmation, Consent, EmailVerification, EmailVerificationOutcome,
    EnrollmentStart, ErrorPage, FormPost, Identifier, Login, LoginId, LoginPassword, Logout,
    LogoutAborted, LogoutComplete, MfaApp, MfaCode, MfaContact, MfaOption, MfaOptions, MfaPush,
    MfaPushState, MfaRecoveryCode, ObjectedChange, Objection, ObjectionDone, Outbox, OutboxMessage,
    Passkey, PasskeyEnrollment, RememberOffer, ResetPassword, ResetPasswordEmail,
    ResetPasswordRequest, ResetPasswordSuccess, SamplePage, ScopeGroup, Signup, SignupNames,
    SignupStep, Status, WebMessage, sample_pages,
};
pub use self::password_rule::PasswordRule;
pub use self::script::json_for_script;
pub use self::speech::{Texts, is_shipped};
pub use self::theme::Theme;

/// A page: the values of one template.
pub trait Page: Serialize + Sized {
    /// The template's file name under `templates/`.
    const TEMPLATE: &'static str;

    /// The screen id: the class of `main`, and the suffix of the form's and button's classes.
    fn screen(&self) -> &'static str;

    /// Filled-in examples, together showing every branch of the template.
    fn samples() -> Vec<Self>;
}

#[derive(RustEmbed)]
#[folder = "templates"]
struct Templates;

/// Draws pages. Made once per process and shared.
#[derive(Debug)]
pub struct Renderer {
    environment: Environment<'static>,
}

impl Renderer {
    /// Reads and compiles the embedded templates.
    ///
    /// # Errors
    ///
    /// A template that does not compile.
    pub fn new() -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment
            .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        environment.add_function("asset", asset);
        environment.add_function("speak", speech::speak);
        environment.add_function("code_autocomplete", speech::code_autocomplete);
        environment.add_function("t", speech::say);
        environment.add_function("page_title", speech::page_title);
        environment.add_filter("script_json", script_json);
        environment.add_filter("css_string", css_string);
        for name in Templates::iter() {
            let file = Templates::get(&name).ok_or_else(|| missing(&name))?;
            let source = String::from_utf8(file.data.into_owned())
                .map_err(|error| missing(&name).with_source(error))?;
            environment.add_template_owned(name, source)?;
        }
        Ok(Self { environment })
    }

    /// Draws a page in our words.
    ///
    /// # Errors
    ///
    /// As [`Renderer::render_with`].
    pub fn render<P: Page>(&self, page: &P) -> Result<String, Error> {
        self.render_with(page, &Texts::new())
    }

    /// Draws a page, with what an operator wrote for it in place of our texts.
    ///
    /// # Errors
    ///
    /// A template that names something the page does not have; tests rule this out.
    pub fn render_with<P: Page>(&self, page: &P, texts: &Texts) -> Result<String, Error> {
        self.render_context(P::TEMPLATE, page.screen(), Value::from(Serde(page)), texts)
    }

    /// Draws one of [`sample_pages`].
    ///
    /// # Errors
    ///
    /// As [`Renderer::render`].
    pub fn render_sample(&self, sample: &SamplePage) -> Result<String, Error> {
        let context = Value::from(Serde(&sample.context));
        self.render_context(sample.template, sample.screen, context, &Texts::new())
    }

    fn render_context(
        &self,
        template: &str,
        screen: &str,
        page: Value,
        texts: &Texts,
    ) -> Result<String, Error> {
        let page = context! { screen, texts => Value::from(Serde(texts)), ..page };
        self.environment.get_template(template)?.render(page)
    }
}

/// The template function `asset("housekey.css")`: the versioned URL of an embedded asset.
fn asset(path: &str) -> Result<Value, Error> {
    assets::get(path).ok_or_else(|| missing(path))?;
    Ok(Value::from_safe_string(assets::url(path)))
}

/// The template filter `value|script_json`: JSON that may stand inside a `script` element.
fn script_json(value: &Value) -> Result<Value, Error> {
    json_for_script(value).map(Value::from_safe_string).map_err(|error| {
        Error::new(ErrorKind::BadSerialization, "not representable as JSON").with_source(error)
    })
}

/// The template filter `value|css_string`: a string that may stand inside a `style` element, where
/// nothing is unescaped as HTML (CSS Syntax Level 3 §4.3.7).
fn css_string(value: &str) -> Value {
    let quoted = value.chars().fold(String::from("\""), |text, char| {
        if char.is_ascii_alphanumeric() || "-_./:?=&%".contains(char) {
            text + char.encode_utf8(&mut [0; 4])
        } else {
            text + &format!("\\{:x} ", u32::from(char))
        }
    });
    Value::from_safe_string(quoted + "\"")
}

fn missing(name: &str) -> Error {
    Error::new(ErrorKind::TemplateNotFound, format!("no embedded file {name:?}"))
}
