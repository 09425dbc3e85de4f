//! Where people are sent to who used a link of an operator (contract 05 §16).

use housekey_core::login::Ticket;
use url::Url;

/// The ticket's place with the outcome in its query; none if it has no place.
pub(super) fn result_url(ticket: &Ticket, message: &str) -> Option<String> {
    let mut url = Url::parse(ticket.ending.result_url.as_deref()?).ok()?;
    {
        let mut query = url.query_pairs_mut();
        if ticket.ending.tells_email {
            query.append_pair("email", &ticket.email);
        }
        query.append_pair("success", "true").append_pair("code", "success");
        query.append_pair("message", message);
    }
    Some(url.into())
}
