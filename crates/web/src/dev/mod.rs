//! What only dev mode serves: messages that were not sent, and the clock.

mod clock;
mod outbox;

pub(crate) use clock::{get as get_clock, post as post_clock};
pub(crate) use outbox::{clear, get as get_outbox, post as post_outbox};
