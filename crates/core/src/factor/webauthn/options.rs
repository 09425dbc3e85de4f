//! Options of the two ceremonies (WebAuthn L3 §5.4, §5.5), as far as they vary.

use aws_lc_rs::digest;

use super::{Credential, RelyingParty};
use crate::user::Profile;

/// The longest `user.id` the standard allows (§4).
const MAX_USER_HANDLE: usize = 64;

/// What `navigator.credentials.create()` needs.
#[derive(Clone, Debug)]
pub struct CreationOptions {
    /// base64url.
    pub challenge: String,
    /// `rp.id`.
    pub rp_id: String,
    /// `rp.name`.
    pub rp_name: String,
    /// `user.id`.
    pub user_handle: Vec<u8>,
    /// `user.name`.
    pub user_name: String,
    /// `user.displayName`.
    pub user_display_name: String,
    /// Authenticators that hold one of these make no other; none is not to say anything about it.
    pub exclude: Option<Vec<Excluded>>,
}

/// A credential that exists.
#[derive(Clone, Debug)]
pub struct Excluded {
    /// base64url.
    pub id: String,
    /// How to reach it.
    pub transports: Vec<String>,
}

/// What `navigator.credentials.get()` needs.
#[derive(Clone, Debug)]
pub struct RequestOptions {
    /// base64url.
    pub challenge: String,
    /// `rpId`.
    pub rp_id: String,
}

impl CreationOptions {
    /// The options for a person of that id and profile.
    #[must_use]
    pub fn new(
        party: &RelyingParty<'_>,
        rp_name: &str,
        challenge: String,
        user_id: &str,
        profile: &Profile,
    ) -> Self {
        let identifier = [&profile.email, &profile.username, &profile.phone_number, &profile.name]
            .into_iter()
            .find_map(Option::as_deref)
            .unwrap_or(user_id);
        Self {
            challenge,
            rp_id: party.id.clone(),
            rp_name: rp_name.to_owned(),
            user_handle: Self::user_handle(user_id),
            user_name: identifier.to_owned(),
            user_display_name: profile.name.as_deref().unwrap_or(identifier).to_owned(),
            exclude: None,
        }
    }

    /// The WebAuthn `user.id` of a user: the id itself, or its hash where that is too long.
    #[must_use]
    pub fn user_handle(user_id: &str) -> Vec<u8> {
        if user_id.len() <= MAX_USER_HANDLE {
            user_id.as_bytes().to_vec()
        } else {
            digest::digest(&digest::SHA256, user_id.as_bytes()).as_ref().to_vec()
        }
    }

    /// The same, naming the credentials that exist for this relying party.
    #[must_use]
    pub fn excluding<'a>(mut self, credentials: impl Iterator<Item = &'a Credential>) -> Self {
        let excluded = credentials
            .filter(|credential| credential.relying_party_id == self.rp_id)
            .map(|credential| Excluded {
                id: credential.key_id(),
                transports: credential.transports.clone(),
            });
        self.exclude = Some(excluded.collect());
        self
    }
}
