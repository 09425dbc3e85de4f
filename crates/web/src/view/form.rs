//! What every form carries: whose transaction it belongs to, proof that we served it, and what was
//! wrong with it last time.
//!
//! Forms, and the pages that hold them, cannot be printed for debugging: tokens and tickets have no
//! place in a log.

use serde::Serialize;

use super::error_text;

/// The hidden fields and messages of one form.
#[derive(Clone, Serialize)]
pub struct Form {
    /// What the form belongs to, if anything; one hidden field.
    pub key: Option<FormKey>,
    /// Hidden field `_csrf`.
    pub csrf: String,
    /// Messages about the last attempt, in the order of the fields.
    pub errors: Vec<FormError>,
}

/// The hidden field that names what a form belongs to.
#[derive(Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKey {
    /// `state`: a login transaction.
    State(String),
    /// `ticket`: a link from a mail.
    Ticket(String),
}

/// One message about a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormError {
    /// The field at fault; without one the message stands in the banner.
    pub field: Option<String>,
    /// The key tests and screen scripts look for (`data-error-code`).
    pub code: String,
    /// The sentence a person reads.
    pub text: String,
}

impl Form {
    /// A form of the login transaction `state`.
    pub fn in_transaction(state: impl Into<String>, csrf: impl Into<String>) -> Self {
        Self { key: Some(FormKey::State(state.into())), ..Self::standalone(csrf) }
    }

    /// A form reached through a mailed link.
    pub fn for_ticket(ticket: impl Into<String>, csrf: impl Into<String>) -> Self {
        Self { key: Some(FormKey::Ticket(ticket.into())), ..Self::standalone(csrf) }
    }

    /// A form that belongs to nothing but the browser's session.
    pub fn standalone(csrf: impl Into<String>) -> Self {
        Self { key: None, csrf: csrf.into(), errors: Vec::new() }
    }

    /// The same form, saying what was wrong.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FormError>) -> Self {
        self.errors = errors;
        self
    }
}

impl FormError {
    /// `code` about the field `field`, in the words of [`error_text`].
    pub fn on(field: impl Into<String>, code: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::banner(code) }
    }

    /// `code` about the form as a whole, in the words of [`error_text`].
    pub fn banner(code: impl Into<String>) -> Self {
        let code = code.into();
        Self { field: None, text: error_text(&code).to_owned(), code }
    }

    /// The same message in other words.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }
}

impl Form {
    pub(super) fn sample() -> Self {
        Self::in_transaction("hKFo2SBTYW1wbGVTdGF0ZQ", "sample-csrf-token")
    }

    pub(super) fn ticket_sample() -> Self {
        Self::for_ticket("sample-ticket", "sample-csrf-token")
    }
}
