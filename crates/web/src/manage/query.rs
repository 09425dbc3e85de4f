//! Reading a query.

use std::collections::BTreeMap;
use std::str::FromStr;

use housekey_core::manage::ManageError;

use super::operation::Parameter;
use super::page;
use super::shape::Shape;

/// The parameters of a query; those that are sent more than once keep all their values.
pub(super) struct Query(BTreeMap<String, Vec<String>>);

impl Query {
    /// Reads a query. Parameters nobody declared are left alone: tools send what other versions
    /// know.
    pub(super) fn parse(text: &str, declared: &[Parameter]) -> Result<Self, ManageError> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text)
            .map_err(|_| ManageError::InvalidQuery("The query is malformed.".to_owned()))?;
        let mut all = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in pairs {
            if let Some((_, shape)) =
                declared.iter().chain(page::PARAMETERS).find(|(known, _)| *known == name)
            {
                check(&name, &value, shape)?;
            }
            all.entry(name).or_default().push(value);
        }
        Ok(Self(all))
    }

    /// All values of a parameter.
    pub(super) fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The last value of a parameter.
    pub(super) fn last(&self, name: &str) -> Option<&str> {
        self.all(name).last().map(String::as_str)
    }

    /// The last value of a parameter that is a number.
    pub(super) fn number<T: FromStr>(&self, name: &str) -> Option<T> {
        self.last(name)?.parse().ok()
    }

    /// Whether a parameter is on.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.last(name) == Some("true")
    }
}

fn check(name: &str, value: &str, shape: &Shape) -> Result<(), ManageError> {
    let wrong = match shape {
        Shape::Integer { least, most } => {
            let fits = value.parse().is_ok_and(|number: i64| (*least..=*most).contains(&number));
            (!fits).then(|| format!("Expected an integer from {least} to {most}"))
        }
        Shape::Flag if !matches!(value, "true" | "false") => {
            Some("Expected type boolean".to_owned())
        }
        Shape::OneOf(texts) if !texts.contains(&value) => Some("No enum match".to_owned()),
        Shape::Text { most, .. } if value.chars().count() > *most || value.contains('\0') => {
            Some(format!("Expected at most {most} characters"))
        }
        _ => None,
    };
    match wrong {
        None => Ok(()),
        Some(reason) => Err(ManageError::InvalidQuery(format!(
            "Query validation error: '{reason}' on property {name}."
        ))),
    }
}
