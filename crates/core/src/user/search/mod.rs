//! Finding people by what is known of them (contract 05 §9.2): a subset of Lucene's query language.
//!
//! A query is parsed into a [`Query`], which the store turns into a statement that reads the indexes
//! over [`terms`] and over the numbers of a user. What a condition means is said here alone.

mod field;
mod parse;
mod range;
mod scan;
mod term;

pub use field::{Field, NumberField};
pub use parse::parse;
pub use range::Range;
pub use scan::Malformed;
pub use term::{MAX_METADATA_TERMS, Term, comparable, terms};

/// Whom to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Everybody.
    Everyone,
    /// Those for whom a condition holds.
    Where(Condition),
    /// Those for whom all of these hold.
    All(Vec<Query>),
    /// Those for whom any of these holds.
    Any(Vec<Query>),
    /// Those for whom it does not hold.
    Not(Box<Query>),
}

/// What holds for some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A term of that path has a value.
    Term {
        /// Path of the term.
        path: String,
        /// What its value is.
        is: Matching,
    },
    /// The account was made in the connection of that name.
    Connection(String),
    /// The account's id begins with that provider.
    Provider(String),
    /// A number lies in a range.
    Number {
        /// Which.
        field: NumberField,
        /// Where.
        range: Range,
    },
}

/// What a value is like, in comparable form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matching {
    /// This.
    Exactly(String),
    /// It begins so.
    Prefix(String),
    /// There is one.
    Present,
}

/// In which order to tell the found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what; ties are broken by the id.
    pub by: SortKey,
    /// The greatest first.
    pub descending: bool,
}

/// What the found can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// A number.
    Number(NumberField),
    /// The value of a term; those without one come last.
    Term(&'static str),
}

impl Default for Sort {
    fn default() -> Self {
        Self { by: SortKey::Number(NumberField::CreatedAt), descending: false }
    }
}

impl Sort {
    /// Reads `field:1` or `field:-1`; none if there is no such order.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, direction) = text.rsplit_once(':').unwrap_or((text, "1"));
        let descending = match direction {
            "1" => false,
            "-1" => true,
            _ => return None,
        };
        let by = match Field::named(name)? {
            Field::Number(field) => SortKey::Number(field),
            Field::Text(path) => SortKey::Term(path),
            Field::Connection | Field::Metadata { .. } | Field::Provider => return None,
        };
        Some(Self { by, descending })
    }
}
