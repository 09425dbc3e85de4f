//! Which operations there are, and how paths name them.

use std::pin::Pin;

use housekey_core::manage::ManageError;

use super::{Ask, Reply, client_grants, resource_servers, segments};

type Running<'a> = Pin<Box<dyn Future<Output = Result<Reply, ManageError>> + Send + 'a>>;

/// An operation of the Management API.
pub struct Operation {
    /// Its method.
    pub method: &'static str,
    /// Its path below `/api/v2/`, with `{id}` where an id stands.
    pub path: &'static str,
    /// Scopes of which a token needs one.
    pub scopes: &'static [&'static str],
    pub(super) run: for<'a> fn(Ask<'a>) -> Running<'a>,
}

/// Every operation.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    resource_servers::OPERATIONS.iter().chain(client_grants::OPERATIONS)
}

/// The operation of a request and the decoded id in its path.
pub(super) fn find(method: &str, url: &str) -> Option<(&'static Operation, String)> {
    let segments = segments(url)?;
    operations().filter(|operation| operation.method == method).find_map(|operation| {
        let mut id = String::new();
        let patterns = operation.path.split('/');
        if patterns.clone().count() != segments.len() {
            return None;
        }
        for (pattern, segment) in patterns.zip(&segments) {
            match pattern {
                "{id}" if !segment.is_empty() => id.clone_from(segment),
                literal if literal == segment => {}
                _ => return None,
            }
        }
        Some((operation, id))
    })
}
