//! What an error adds to the headers (contract 01 §6, §7).

use axum::response::Response;
use housekey_core::Call;
use housekey_core::account::{AccountError, Rate};
use housekey_core::resource_server::ResourceServer;
use http::{HeaderValue, header};

use super::MeError;
use crate::{dpop, headers};

/// What an error adds to the headers.
pub(super) struct Flags {
    challenges: Vec<String>,
    limited: bool,
    tenant_wide: bool,
    blocked: bool,
}

impl Flags {
    pub(super) fn of(call: &Call, error: &MeError, sent_token: bool) -> Self {
        let MeError::Account(error) = error else {
            let challenges = Vec::new();
            return Self { challenges, limited: false, tenant_wide: false, blocked: false };
        };
        Self {
            challenges: challenges(call, error, sent_token),
            limited: matches!(error, AccountError::RateLimited { .. }),
            tenant_wide: matches!(error, AccountError::RateLimited { tenant_wide: true }),
            blocked: matches!(
                error,
                AccountError::TooManyAttempts | AccountError::TooManySent { .. }
            ),
        }
    }

    pub(super) fn apply(&self, response: &mut Response, rate: Rate) {
        headers::challenge(response, &self.challenges);
        let headers = response.headers_mut();
        if self.limited || self.blocked {
            // What took long to count up does not recover while a client waits; one second keeps
            // those that retry by themselves from freezing.
            let seconds =
                if self.limited { rate.map_or(1, |rate| rate.retry_after.max(1)) } else { 1 };
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.tenant_wide {
            let kind = HeaderValue::from_static("global-rate-limit");
            headers.insert("x-auth0-error-kind", kind);
        }
    }
}

/// How to authenticate, told to whoever did not (contract 01 §7).
fn challenges(call: &Call, error: &AccountError, sent_token: bool) -> Vec<String> {
    let bearer = match error {
        AccountError::Possession(error) => return vec![dpop::challenge(error)],
        AccountError::InvalidToken => "Bearer realm=\"me\", error=\"invalid_token\"",
        AccountError::MissingToken if sent_token => "Bearer realm=\"me\", error=\"invalid_token\"",
        AccountError::MissingToken => "Bearer realm=\"me\"",
        _ => return Vec::new(),
    };
    let mut challenges = vec![bearer.to_owned()];
    if call.tenant.my_account().is_some_and(ResourceServer::takes_proofs) {
        challenges.push(dpop::invitation());
    }
    challenges
}
