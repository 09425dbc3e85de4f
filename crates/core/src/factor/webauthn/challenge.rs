//! Challenges that need no storage: the keyed hash of the session they belong to, and the end of
//! their life.
//!
//! The hash is unpredictable without the master key and worthless in another session. Single use
//! is the session's: an `auth_session` is spent, a login transaction moves on.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Refusal, RelyingParty};
use crate::id::TenantId;
use crate::seal::{Place, Sealer};
use crate::secret::constant_time_eq;
use crate::time::Timestamp;

/// Characters of purpose and end: nine bytes, so that the hash begins at a whole character.
const HEAD_LEN: usize = 12;

/// What a challenge is for. One for signing in cannot be answered with a new credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `navigator.credentials.create()`.
    Create,
    /// `navigator.credentials.get()`.
    Get,
}

/// What challenges of one session are derived from.
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    /// Derives them.
    pub sealer: &'a Sealer,
    /// Whose session.
    pub tenant: &'a TenantId,
    /// What kind of session: the table its row is in.
    pub table: &'static str,
    /// Names the session, and the state it is in, if it may have several challenges.
    pub session: &'a str,
    /// What for.
    pub purpose: Purpose,
}

impl Challenge<'_> {
    /// The challenge to put into the options, base64url.
    #[must_use]
    pub fn issue(&self, party: &RelyingParty<'_>, expires_at: Timestamp) -> String {
        let mut head = [0; 9];
        head[0] = match self.purpose {
            Purpose::Create => 1,
            Purpose::Get => 2,
        };
        head[1..].copy_from_slice(&expires_at.0.to_be_bytes());
        let head = URL_SAFE_NO_PAD.encode(head);
        let mac = self.mac(party, &head);
        format!("{head}{mac}")
    }

    /// Checks a challenge that came back.
    ///
    /// # Errors
    /// [`Refusal::Challenge`] if it is not one of this session, [`Refusal::Expired`].
    pub fn check(
        &self,
        party: &RelyingParty<'_>,
        presented: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let head = presented.get(..HEAD_LEN).ok_or(Refusal::Challenge)?;
        let time = URL_SAFE_NO_PAD.decode(head).ok().and_then(|head| {
            let (_, time) = head.split_first()?;
            Some(i64::from_be_bytes(time.try_into().ok()?))
        });
        let expires_at = Timestamp(time.ok_or(Refusal::Challenge)?);
        let expected = self.issue(party, expires_at);
        if !constant_time_eq(expected.as_bytes(), presented.as_bytes()) {
            return Err(Refusal::Challenge);
        }
        if now < expires_at { Ok(()) } else { Err(Refusal::Expired) }
    }

    fn mac(&self, party: &RelyingParty<'_>, head: &str) -> String {
        let place = Place { tenant: self.tenant.as_str(), table: self.table, row: self.session };
        self.sealer.mac(place, &format!("webauthn|{}|{head}", party.id))
    }
}
