//! Nonces (RFC 9449 §8): when a proof was made, told by this server's clock. Nothing is stored: a
//! nonce is the keyed hash of the hour it was given in and of the host that gave it.

use crate::app::App;
use crate::call::Call;
use crate::seal::Place;

/// Seconds for which everybody is given the same nonce.
const PERIOD: i64 = 3600;
/// How many periods a nonce is good for: browsers come back the next day with the one they have
/// (contract 03 §12.3).
const PERIODS: i64 = 26;

/// The nonce to give to a client now. Goes by the machine's own clock, as proofs do.
#[must_use]
pub fn fresh_nonce(app: &App, call: &Call) -> String {
    nonce_of(app, call, period(app))
}

/// Whether `nonce` was given by this host not too long ago.
pub(super) fn is_ours(app: &App, call: &Call, nonce: &str) -> bool {
    let number = nonce.split('.').next().and_then(|number| number.parse::<i64>().ok());
    let Some(number) = number else { return false };
    let age = period(app).saturating_sub(number);
    // The clocks of two processes may stand on either side of the hour.
    let is_recent = (-1..=PERIODS).contains(&age);
    let Some((_, mac)) = nonce.split_once('.').filter(|_| is_recent) else { return false };
    app.sealer().mac_matches(place(call), &number.to_string(), mac)
}

fn period(app: &App) -> i64 {
    app.clock().wall().as_seconds().div_euclid(PERIOD)
}

fn nonce_of(app: &App, call: &Call, period: i64) -> String {
    let text = period.to_string();
    format!("{text}.{}", app.sealer().mac(place(call), &text))
}

fn place(call: &Call) -> Place<'_> {
    Place { tenant: call.tenant.id.as_str(), table: "dpop_nonces", row: &call.issuer }
}
