//! Tokens of carriers, kept while they are good. Carriers refuse who asks for new ones all the time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest;
use housekey_core::secret::SecretText;
use housekey_core::time::Timestamp;

/// Tokens by what they were made from.
#[derive(Default)]
pub(super) struct TokenCache(Mutex<HashMap<Key, Entry>>);

/// A hash of whatever a token depends on, its credential included.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

struct Entry {
    token: SecretText,
    expires_at: Timestamp,
}

/// More than this many are not kept: credentials that were replaced are never asked for again.
const ROOM: usize = 1000;

impl Key {
    pub(super) fn of(parts: &[&str]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(&part.len().to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut key = [0; 32];
        key.copy_from_slice(context.finish().as_ref());
        Self(key)
    }
}

impl TokenCache {
    /// The token that was kept, if it is still good at `now`.
    pub(super) fn find(&self, key: Key, now: Timestamp) -> Option<SecretText> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(&key).filter(|entry| now < entry.expires_at).map(|entry| entry.token.clone())
    }

    /// Keeps a token until `expires_at`.
    pub(super) fn keep(&self, key: Key, token: SecretText, expires_at: Timestamp) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= ROOM {
            tokens.clear();
        }
        tokens.insert(key, Entry { token, expires_at });
    }

    /// Drops a token that was refused.
    pub(super) fn forget(&self, key: Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}
