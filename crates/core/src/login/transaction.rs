//! A login transaction: one attempt to authenticate for one request of an application.

use serde::{Deserialize, Serialize};

use super::{AuthorizationRequest, Enrolls, PasskeyOffer, Task};
use crate::id::UserId;
use crate::secret::HandleHash;
use crate::session::MethodEvent;
use crate::time::Timestamp;

/// One attempt, as stored. `state` on the pages' URLs is its handle.
#[derive(Clone, Debug)]
pub struct LoginTransaction {
    /// Hash of `state`.
    pub handle: HandleHash,
    /// Hash of the handle in the browser's transaction cookie; nobody else may go on with it.
    pub browser: HandleHash,
    /// Where it stands.
    pub state: LoginState,
    /// End.
    pub expires_at: Timestamp,
    /// Grows with each change; changes are conditional on it.
    pub version: i64,
}

/// Where a transaction stands. The serialised form is the stored form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoginState {
    /// What the application asked for.
    pub request: AuthorizationRequest,
    /// What has happened.
    pub step: Step,
    /// Whether the person has seen a page in this transaction.
    pub interacted: bool,
    /// Whether the browser said that its device can keep passkeys.
    #[serde(default)]
    pub has_platform_authenticator: bool,
    /// Whether the person wishes not to be asked for a second factor again in this browser.
    #[serde(default)]
    pub remember_browser: bool,
}

/// The steps, each with only what exists in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Somebody is yet to say who they are.
    Identify,
    /// Somebody said who they are and is yet to prove it.
    Password {
        /// As typed.
        identifier: String,
    },
    /// Somebody new said under which address and is yet to choose a password.
    Signup {
        /// As typed; empty where there are other names.
        email: String,
        /// The username, where one was given.
        #[serde(default)]
        username: Option<String>,
        /// The telephone number, where one was given.
        #[serde(default)]
        phone_number: Option<String>,
    },
    /// Somebody has proved who they are in this transaction.
    Authenticated {
        /// Who.
        user_id: UserId,
        /// How.
        events: Vec<MethodEvent>,
        /// Whether they agreed to what the application asks for.
        consented: bool,
        /// The passkey to offer before going on.
        #[serde(default)]
        passkey_offer: Option<PasskeyOffer>,
    },
    /// Somebody's session was enough, but they must agree to something or prove more.
    Agree {
        /// Whose session.
        user_id: UserId,
        /// Whether they did.
        consented: bool,
        /// What they proved beyond it in this transaction.
        #[serde(default)]
        events: Vec<MethodEvent>,
    },
    /// Somebody came by a link to enrol a second factor, and is not signed in.
    Enrollment {
        /// Who.
        user_id: UserId,
        /// Hash of the link's ticket, which is used up in the end.
        ticket: HandleHash,
        /// What can be enrolled.
        enrolls: Enrolls,
    },
    /// Somebody enrolled a second factor by a link.
    Enrolled {
        /// Who.
        user_id: UserId,
    },
    /// Somebody is yet to give, or to enrol, a second factor.
    SecondFactor {
        /// The step that led here and goes on after it.
        before: Box<Self>,
        /// What is asked.
        task: Task,
    },
}
