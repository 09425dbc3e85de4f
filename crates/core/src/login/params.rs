//! The parameters of an authorization request, as sent.

use serde::{Deserialize, Serialize};

/// Names and values in the order sent; empty values count as absent (RFC 6749 §3.1). The serialised
/// form is the stored form.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorizeParams(Vec<(String, String)>);

impl AuthorizeParams {
    /// Takes over decoded pairs.
    #[must_use]
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The first value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// With this value of a parameter, and no other.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(&[name]);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without these parameters.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|(own, _)| !names.contains(&own.as_str()));
        self
    }

    /// A parameter that was sent more than once; only `resource` may be.
    #[must_use]
    pub fn repeated(&self) -> Option<&str> {
        self.0.iter().enumerate().find_map(|(at, (name, _))| {
            let again = self.0[..at].iter().any(|(earlier, _)| earlier == name);
            (again && name != "resource").then_some(name.as_str())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_are_absent_and_repetitions_found() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let params = AuthorizeParams::new(vec![
            pair("a", ""),
            pair("a", "1"),
            pair("resource", "x"),
            pair("resource", "y"),
        ]);
        assert_eq!(params.get("a"), Some("1"));
        assert_eq!(params.repeated(), None);
        let params = AuthorizeParams::new(vec![pair("a", "1"), pair("a", "1")]);
        assert_eq!(params.repeated(), Some("a"));
    }
}
