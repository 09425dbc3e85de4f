//! The words of a message by which an operator tries a provider or a template.

use super::template::PhoneContent;
use super::written::print;
use super::{Addressee, variables};
use crate::call::Call;
use crate::factor::phone::PhoneChannel;
use crate::liquid::Escaping;

/// The code of a trial: everybody may know it.
const CODE: &str = "123456";

/// What is sent, what is spoken, and who it comes from. What a template does not say is said plainly.
pub(crate) fn words(
    call: &Call,
    addressee: &Addressee<'_>,
    channel: PhoneChannel,
    content: Option<&PhoneContent>,
) -> (String, String, Option<String>) {
    let is_call = channel == PhoneChannel::Voice;
    let variables = variables::of_phone(call, addressee, (CODE, is_call), false);
    let say = |source: Option<&String>| {
        let source = source.map(String::as_str);
        let printed = print(call, "try", source, &variables, Escaping::None);
        printed.unwrap_or_else(|| format!("This is a test by {}.", call.tenant.friendly_name()))
    };
    let text = say(content.and_then(|own| own.body.text.as_ref()));
    let spoken = say(content.and_then(|own| own.body.voice.as_ref()));
    let from = content.and_then(|own| own.from.clone()).filter(|from| !from.is_empty());
    (text, spoken, from)
}
