//! A message in an operator's words. They are put together when the message is queued, because they
//! speak of the request; a template that fails then gives way to our words.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::plain_text::plain_text;
use super::template::{self, Mail};
use super::{Addressee, Channel, Content, Message, variables};
use crate::call::Call;
use crate::error::Fault;
use crate::liquid::{Escaping, Template};
use crate::port::Tx;

/// Parts of a message that an operator wrote; the others are ours.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Written {
    subject: Option<String>,
    html: Option<String>,
    text: Option<String>,
    spoken: Option<String>,
    from: Option<String>,
}

impl Written {
    /// The words for `message`; none if it is not to be sent.
    pub(super) async fn of(
        call: &Call,
        tx: &mut dyn Tx,
        addressee: &Addressee<'_>,
        message: &Message,
    ) -> Result<Option<Self>, Fault> {
        let Some(name) = message.template() else { return Ok(Some(Self::default())) };
        let channel = message.channel();
        Ok(match (channel, message.code()) {
            (Channel::Email, _) => match template::mail(tx, name).await? {
                Mail::Nothing => None,
                Mail::Ours => Some(Self::default()),
                Mail::Theirs(own) => {
                    let variables = variables::of_mail(call, addressee, message);
                    Some(Self::mail(call, name, &own, &variables))
                }
            },
            (Channel::Sms | Channel::Voice, Some(code)) => {
                let phone = &call.tenant.settings.phone;
                let Some((own, is_older)) = template::phone(tx, name, phone).await? else {
                    return Ok(Some(Self::default()));
                };
                let is_call = channel == Channel::Voice;
                let variables = variables::of_phone(call, addressee, (code, is_call), is_older);
                Some(Self::phone(call, name, &own, &variables))
            }
            _ => Some(Self::default()),
        })
    }

    fn mail(call: &Call, name: &str, own: &template::MailTemplate, variables: &Value) -> Self {
        let print = |source: &Option<String>, escaping| {
            print(call, name, source.as_deref(), variables, escaping)
        };
        let html = print(&own.body, Escaping::Html);
        Self {
            subject: print(&own.subject, Escaping::None),
            text: html.as_deref().map(plain_text),
            html,
            spoken: None,
            from: print(&own.from, Escaping::None),
        }
    }

    fn phone(call: &Call, name: &str, own: &template::PhoneContent, variables: &Value) -> Self {
        let print = |source: &Option<String>| {
            print(call, name, source.as_deref(), variables, Escaping::None)
        };
        Self {
            text: print(&own.body.text),
            spoken: print(&own.body.voice),
            from: own.from.clone().filter(|from| !from.is_empty()),
            ..Self::default()
        }
    }

    /// Puts the words in the place of ours.
    pub(super) fn put(self, content: &mut Content) {
        if let Some(subject) = self.subject {
            content.subject = subject;
        }
        if let Some(text) = self.text {
            content.text = text;
        }
        if self.spoken.is_some() {
            content.spoken = self.spoken;
        }
        content.html = self.html.or(content.html.take());
        content.from = self.from.or(content.from.take());
    }
}

/// What a template says; nothing if there is none, if it fails, or if it says nothing.
pub(super) fn print(
    call: &Call,
    name: &str,
    source: Option<&str>,
    variables: &Value,
    escaping: Escaping,
) -> Option<String> {
    let source = source.filter(|source| !source.trim().is_empty())?;
    let now = call.now.0.div_euclid(1000);
    let printed = Template::parse(source)
        .map_err(|error| error.to_string())
        .and_then(|own| own.render(variables, escaping, now).map_err(|error| error.to_string()));
    match printed {
        Ok(text) => Some(text).filter(|text| !text.trim().is_empty()),
        Err(error) => {
            let tenant = &call.tenant.id;
            tracing::warn!(%tenant, template = name, error, "the template could not be used");
            None
        }
    }
}
