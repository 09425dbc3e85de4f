//! Links by which people enrol a second factor (contract 05 §11).

use serde_json::Value;

use super::record::{Done, settle};
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;
use crate::id::UserId;
use crate::login::{Enrolls, mail_enrollment, new_enrollment_link};
use crate::secret::Handle;

/// Whom a link is for, and where it goes.
#[derive(Clone, Debug)]
pub struct NewEnrollment {
    /// Who.
    pub user_id: UserId,
    /// What can be enrolled.
    pub enrolls: Enrolls,
    /// Whether it is mailed.
    pub mailed: bool,
    /// To another address than the profile's.
    pub email: Option<String>,
}

/// Makes a link, and mails it if that is wanted. Returns the ticket and the link.
///
/// # Errors
/// [`ManageError::NotFound`]; [`ManageError::InvalidBody`] if there is no address to mail to, or
/// nothing to enrol.
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    new: NewEnrollment,
    body: Value,
) -> Result<(Handle, String), ManageError> {
    let refused = |text: &str| ManageError::InvalidBody(text.to_owned());
    let mut tx = app.write(&call.tenant.id).await?;
    let user = tx.user(&new.user_id).await?.ok_or(ManageError::NotFound(Thing::User))?;
    let made = new_enrollment_link(app, call, &mut *tx, &user, new.enrolls).await?;
    let made = made.ok_or_else(|| refused("No factor is enabled that could be enrolled."))?;
    if new.mailed {
        let address = new.email.as_ref().or(user.profile.email.as_ref());
        let address = address.ok_or_else(|| refused("The user does not have an email address."))?;
        mail_enrollment(app, call, &mut *tx, address, &made.1).await?;
    }
    let id = "enrollments/ticket";
    let done = Done { method: "POST", resource: "guardian", id, body };
    settle(app, call, tx, operator, done).await?;
    app.nudge_outbox();
    Ok(made)
}
