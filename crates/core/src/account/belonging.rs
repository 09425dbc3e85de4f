//! `GET /consents` and `GET /organizations`: what a person approved, and where they belong
//! (contract 01 §9).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{AccountError, Caller};
use crate::access::Approval;
use crate::app::App;
use crate::call::Call;
use crate::id::ApprovalId;
use crate::organization::Organization;

/// What the caller approved, oldest first.
///
/// # Errors
/// If the database is not available.
pub async fn consents(
    app: &App,
    call: &Call,
    caller: &Caller,
    include_expired: bool,
) -> Result<Vec<Approval>, AccountError> {
    let mut tx = app.read(&call.tenant.id).await?;
    let unexpired_at = (!include_expired).then_some(call.now);
    Ok(tx.approvals(caller.user_id(), unexpired_at).await?)
}

/// One of the caller's approvals, expired or not.
///
/// # Errors
/// [`AccountError::NoSuchConsent`] for anything else, somebody else's included.
pub async fn consent(
    app: &App,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Approval, AccountError> {
    // Nothing else is an id, and PostgreSQL takes no text with a NUL in it.
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(AccountError::NoSuchConsent);
    }
    let mut tx = app.read(&call.tenant.id).await?;
    let found = tx.approval(caller.user_id(), &ApprovalId::from_raw(id)).await?;
    found.ok_or(AccountError::NoSuchConsent)
}

/// Some of a longer list.
#[derive(Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Position>,
}

/// A place in a list. Nothing can be learnt or reached by making one up: it only tells where to go
/// on in the caller's own list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position(String);

impl Position {
    /// Reads what a page named as the beginning of the next one.
    #[must_use]
    pub fn parse(token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        // What no database takes as text is no name, either.
        let name = String::from_utf8(bytes).ok().filter(|name| !name.contains('\0'))?;
        (!name.is_empty()).then_some(Self(name))
    }

    /// The token to send for it.
    #[must_use]
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }
}

/// Up to `take` of the caller's organizations by name, from a position on.
///
/// # Errors
/// If the database is not available.
pub async fn organizations(
    app: &App,
    call: &Call,
    caller: &Caller,
    from: Option<&Position>,
    take: u32,
) -> Result<Page<Organization>, AccountError> {
    let mut tx = app.read(&call.tenant.id).await?;
    let after = from.map(|position| position.0.as_str());
    // One more than asked for tells whether there is a next page.
    let mut items = tx.organizations_of(caller.user_id(), after, take + 1).await?;
    let size = take as usize;
    let next = (items.len() > size).then(|| Position(items[size - 1].name.clone()));
    items.truncate(size);
    Ok(Page { items, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_read_back_and_nonsense_does_not() {
        let position = Position("acme".to_owned());
        assert_eq!(Position::parse(&position.token()), Some(position));
        for nonsense in ["", "=", "a", "ä", "____", &URL_SAFE_NO_PAD.encode("a\0b")] {
            assert_eq!(Position::parse(nonsense), None, "{nonsense:?}");
        }
    }
}
