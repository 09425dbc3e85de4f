//! The pages, one context type each, and the list of their samples.

mod account;
mod consent;
mod enrollment;
mod login;
mod logout;
mod message;
mod mfa;
mod objection;
mod outbox;
mod passkey;
mod reset_password;
mod response;
mod signup;

use serde_json::Value;

use super::Page;

pub use self::account::{Account, AccountConfig};
pub use self::consent::{Confirmation, Consent, ScopeGroup};
pub use self::enrollment::EnrollmentStart;
pub use self::login::{Identifier, Login, LoginId, LoginPassword, Passkey};
pub use self::logout::{Logout, LogoutAborted, LogoutComplete};
pub use self::message::{EmailVerification, EmailVerificationOutcome, ErrorPage, Status};
pub use self::mfa::{
    MfaApp, MfaCode, MfaContact, MfaOption, MfaOptions, MfaPush, MfaPushState, MfaRecoveryCode,
    RememberOffer,
};
pub use self::objection::{ObjectedChange, Objection, ObjectionDone};
pub use self::outbox::{Outbox, OutboxMessage};
pub use self::passkey::PasskeyEnrollment;
pub use self::reset_password::{
    ResetPassword, ResetPasswordEmail, ResetPasswordRequest, ResetPasswordSuccess,
};
pub use self::response::{FormPost, WebMessage};
pub use self::signup::{Signup, SignupNames, SignupStep};

/// A filled-in page, for tests and for looking at.
#[derive(Clone, Debug)]
pub struct SamplePage {
    /// Unique among the samples: screen id and a number.
    pub name: String,
    /// As [`Page::TEMPLATE`].
    pub template: &'static str,
    /// As [`Page::screen`].
    pub screen: &'static str,
    /// The page's fields.
    pub context: Value,
}

/// Every sample of every page.
///
/// # Errors
///
/// A context that does not serialize; tests rule this out.
pub fn sample_pages() -> serde_json::Result<Vec<SamplePage>> {
    let mut all = Vec::new();
    add::<Account>(&mut all)?;
    add::<Confirmation>(&mut all)?;
    add::<Consent>(&mut all)?;
    add::<EmailVerification>(&mut all)?;
    add::<EnrollmentStart>(&mut all)?;
    add::<ErrorPage>(&mut all)?;
    add::<FormPost>(&mut all)?;
    add::<Login>(&mut all)?;
    add::<LoginId>(&mut all)?;
    add::<LoginPassword>(&mut all)?;
    add::<Logout>(&mut all)?;
    add::<LogoutAborted>(&mut all)?;
    add::<LogoutComplete>(&mut all)?;
    add::<MfaApp>(&mut all)?;
    add::<MfaCode>(&mut all)?;
    add::<MfaContact>(&mut all)?;
    add::<MfaOptions>(&mut all)?;
    add::<MfaPush>(&mut all)?;
    add::<MfaRecoveryCode>(&mut all)?;
    add::<Objection>(&mut all)?;
    add::<ObjectionDone>(&mut all)?;
    add::<Outbox>(&mut all)?;
    add::<PasskeyEnrollment>(&mut all)?;
    add::<ResetPassword>(&mut all)?;
    add::<ResetPasswordEmail>(&mut all)?;
    add::<ResetPasswordRequest>(&mut all)?;
    add::<ResetPasswordSuccess>(&mut all)?;
    add::<Signup>(&mut all)?;
    add::<Status>(&mut all)?;
    add::<WebMessage>(&mut all)?;
    Ok(all)
}

fn add<P: Page>(all: &mut Vec<SamplePage>) -> serde_json::Result<()> {
    for page in P::samples() {
        let screen = page.screen();
        let number = all.iter().filter(|sample| sample.screen == screen).count();
        all.push(SamplePage {
            name: format!("{screen}-{number}"),
            template: P::TEMPLATE,
            screen,
            context: serde_json::to_value(&page)?,
        });
    }
    Ok(())
}
