//! Liquid, the language of operators' templates: mails, text messages and pages (contract 04 §11.5).
//!
//! Written here because a template comes from outside and its rendering has to end: no library bounds
//! what a template may cost, and all of them fail at a variable that is not there, where Auth0's
//! language prints nothing. A template is parsed when it is written and refused if it does not parse;
//! rendering spends [`Budget`], and cannot do anything but make a text.

mod date;
mod expression;
mod filter;
mod parse;
mod render;
mod split;
mod value;

use serde_json::Value;

use self::parse::Node;

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct SyntaxError {
    /// In which line.
    pub line: usize,
    /// What.
    pub what: String,
}

/// A template asks for more work or text than a template may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the template takes too long or prints too much")]
pub struct TooMuch;

/// What printed values go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escaping {
    /// The template makes HTML: values are escaped, unless a filter did.
    Html,
    /// The template makes plain text.
    None,
}

/// What one rendering may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Steps: tags, outputs, filters, and bytes that filters make, by the hundred.
    pub steps: usize,
    /// Bytes of the result.
    pub bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: 50_000, bytes: 500_000 }
    }
}

/// A template that parsed.
#[derive(Clone, Debug)]
pub struct Template {
    nodes: Vec<Node>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`SyntaxError`] with the first thing that is wrong.
    pub fn parse(source: &str) -> Result<Self, SyntaxError> {
        Self::parse_with(source, &[])
    }

    /// The same where the host has tags of its own, such as `auth0:head`. What they print is the
    /// variable of that name, as it is.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_with(source: &str, tags: &[&str]) -> Result<Self, SyntaxError> {
        Ok(Self { nodes: parse::template(source, tags)? })
    }

    /// Prints the template with `variables`, an object. Variables that are not there are empty.
    /// `now` is what the filter `date` takes `now` for, in seconds.
    ///
    /// # Errors
    /// [`TooMuch`].
    pub fn render(
        &self,
        variables: &Value,
        escaping: Escaping,
        now: i64,
    ) -> Result<String, TooMuch> {
        render::render(&self.nodes, variables, escaping, now, Budget::default())
    }
}

#[cfg(test)]
mod tests;
