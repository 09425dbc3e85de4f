//! Operators' texts for messages, by the names Auth0 has for them (contract 05 §18).

use serde::Deserialize;

use crate::error::Fault;
use crate::port::Tx;
use crate::tenant::phone::PhoneSettings;

/// The kind under which mail templates are stored.
pub const MAIL: &str = "email-templates";
/// The kind under which templates for phones are stored.
pub const PHONE: &str = "branding/phone/templates";

/// Mails without which nobody could go on: a template for one that is switched off leaves it to our
/// words, where any other is not sent.
const INDISPENSABLE: [&str; 3] = ["auth_email_by_code", "mfa_oob_code", "reset_email"];

/// A template for a mail, as it is stored. What is not there is as without a template.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MailTemplate {
    /// HTML.
    pub body: Option<String>,
    /// Subject line.
    pub subject: Option<String>,
    /// `Name <address>`, or an address.
    pub from: Option<String>,
    /// Where whoever used the link is sent.
    pub result_url: Option<String>,
    /// Seconds for which the link is good; zero is the default.
    pub url_lifetime_in_seconds: Option<i64>,
    /// Whether the address goes along.
    pub include_email_in_redirect: bool,
    enabled: Option<bool>,
}

/// What is to be sent.
pub(super) enum Mail {
    /// Our words.
    Ours,
    /// The operator's.
    Theirs(Box<MailTemplate>),
    /// Nothing.
    Nothing,
}

impl MailTemplate {
    /// The template of that name, if there is one and it is in use.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) async fn in_use(tx: &mut dyn Tx, name: &str) -> Result<Option<Self>, Fault> {
        Ok(Self::stored(tx, name).await?.filter(|own| own.enabled.unwrap_or(true)))
    }

    async fn stored(tx: &mut dyn Tx, name: &str) -> Result<Option<Self>, Fault> {
        let document = tx.document(MAIL, name).await?;
        document.map(|own| serde_json::from_value(own.into())).transpose().map_err(Fault::new)
    }
}

pub(super) async fn mail(tx: &mut dyn Tx, name: &str) -> Result<Mail, Fault> {
    Ok(match MailTemplate::stored(tx, name).await? {
        Some(own) if own.enabled.unwrap_or(true) => Mail::Theirs(Box::new(own)),
        Some(_) if !INDISPENSABLE.contains(&name) => Mail::Nothing,
        _ => Mail::Ours,
    })
}

/// A template for phones, as it is stored.
#[derive(Clone, Debug, Deserialize)]
pub struct PhoneTemplate {
    #[serde(default)]
    disabled: bool,
    /// What it says.
    #[serde(default)]
    pub content: PhoneContent,
}

/// What a template for phones says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PhoneContent {
    /// Who it comes from.
    pub from: Option<String>,
    /// The texts.
    pub body: PhoneBody,
}

/// The texts of a template for phones.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PhoneBody {
    /// Of a text message.
    pub text: Option<String>,
    /// Of a call.
    pub voice: Option<String>,
}

/// The operator's words for phones, and whether they are in the older form, which has other
/// variables.
pub(super) async fn phone(
    tx: &mut dyn Tx,
    name: &str,
    settings: &PhoneSettings,
) -> Result<Option<(PhoneContent, bool)>, Fault> {
    let document = tx.document(PHONE, name).await?;
    let own = document.map(|own| serde_json::from_value::<PhoneTemplate>(own.into()));
    if let Some(own) = own.transpose().map_err(Fault::new)?.filter(|own| !own.disabled) {
        return Ok(Some((own.content, false)));
    }
    let older = if name == "otp_enroll" { "enrollment_message" } else { "verification_message" };
    let text = settings.templates.get(older).and_then(|own| own.as_str()).map(ToOwned::to_owned);
    Ok(text.map(|text| {
        let body = PhoneBody { text: Some(text.clone()), voice: Some(text) };
        (PhoneContent { from: None, body }, true)
    }))
}
