//! Doing something, or only asking what doing it would come to (`?dry_run=true`).
//!
//! Both run the same code up to the last step, so that the answer to the question is the truth: a
//! question ends by rolling back what was done.

use crate::app::App;
use crate::error::Fault;
use crate::port::Tx;

/// Whether an operation is done or asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Nothing changes, nothing is sent, nothing is counted or logged.
    Ask,
    /// It is done.
    Do,
}

impl Intent {
    /// Makes what was done durable and wakes the delivery, or undoes it.
    pub(super) async fn finish(self, app: &App, tx: Box<dyn Tx>) -> Result<(), Fault> {
        match self {
            Self::Ask => drop(tx),
            Self::Do => {
                tx.commit().await?;
                app.nudge_outbox();
            }
        }
        Ok(())
    }
}
