//! Slowing down guesses, until a correct one.

use super::password::MAX_INPUT;
use crate::app::App;
use crate::call::Call;
use crate::guard::Limit;

/// Wrong passwords for one name from one address, and how fast they are forgiven (one in six
/// minutes).
const PASSWORDS: Limit = Limit { requests: 10, period_ms: 3_600_000 };
/// Mails asked for by one address for one mailbox: one a minute after the first ten
/// (contract 04 §11.3).
const MAILS: Limit = Limit { requests: 10, period_ms: 600_000 };
/// Accounts made from one address: fifty at once, then one a second.
const SIGNUPS: Limit = Limit { requests: 50, period_ms: 60_000 };

fn bucket(call: &Call, what: &str, name: &str) -> String {
    let name: String = name.trim().chars().take(MAX_INPUT).collect();
    format!("{what}|{}|{}|{}", call.tenant.id, call.ip, name.to_lowercase())
}

fn take(app: &App, call: &Call, what: &str, name: &str, limit: Limit) -> bool {
    app.limiter()
        .take(bucket(call, what, name), limit, call.now)
        .is_none_or(|decision| decision.allowed)
}

/// Whether a password for `name` may be tried.
pub(super) fn may_try_password(app: &App, call: &Call, name: &str) -> bool {
    app.limiter().allows(&bucket(call, "password", name), PASSWORDS, call.now)
}

/// Counts a wrong password for `name`.
pub(super) fn count_wrong_password(app: &App, call: &Call, name: &str) {
    take(app, call, "password", name, PASSWORDS);
}

/// Forgets wrong passwords after a correct one.
pub(super) fn forgive(app: &App, call: &Call, name: &str) {
    app.limiter().reset(&bucket(call, "password", name));
}

/// What stands before and behind the address in the names of a person's buckets.
fn around(call: &Call, name: &str) -> (String, String) {
    let name: String = name.trim().chars().take(MAX_INPUT).collect();
    (format!("password|{}|", call.tenant.id), format!("|{}", name.to_lowercase()))
}

/// The addresses from which no password for `name` may be tried now.
pub(crate) fn blocked_addresses(app: &App, call: &Call, name: &str) -> Vec<String> {
    let (before, behind) = around(call, name);
    app.limiter().refused(&before, &behind, PASSWORDS, call.now)
}

/// Forgets wrong passwords for `name` from wherever they came.
pub(crate) fn forgive_everywhere(app: &App, call: &Call, name: &str) {
    let (before, behind) = around(call, name);
    app.limiter().reset_all(&before, &behind);
}

/// Whether a mail to `address` may be asked for.
pub(super) fn may_ask_for_mail(app: &App, call: &Call, address: &str) -> bool {
    take(app, call, "mail", address, MAILS)
}

/// Whether an account may be made.
pub(crate) fn may_sign_up(app: &App, call: &Call) -> bool {
    take(app, call, "signup", "", SIGNUPS)
}
