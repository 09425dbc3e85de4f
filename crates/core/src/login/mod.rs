//! Signing in: one state machine, told in `README.md` beside this file.

mod authorize;
mod consent;
mod credentials;
mod demands;
mod enrollment_ticket;
mod finish;
mod guard;
mod logout;
mod next;
mod params;
mod passkey;
mod passkey_enrollment;
mod passkey_offer;
mod password;
mod pkce;
mod push;
mod request;
mod reset;
mod respond;
mod resume;
mod scope;
mod second_factor;
mod session;
mod signup;
mod step;
mod ticket;
mod transaction;
mod verify_email;

pub use authorize::{AuthorizeError, AuthorizeOutcome, Interaction, authorize};
pub use consent::{answer_confirmation, answer_consent};
pub(crate) use credentials::{Checked, Door, Presented, check_password};
pub use enrollment_ticket::{
    EnrollmentBegun, EnrollmentForm, Enrolls, begin_enrollment, enrollment_form,
};
pub(crate) use enrollment_ticket::{mail_enrollment, new_enrollment_link};
pub(crate) use guard::{blocked_addresses, forgive_everywhere, is_blocked, may_sign_up, unblock};
pub use logout::{LogoutHints, LogoutOutcome, end_session, logout_oidc, logout_v2};
pub use params::AuthorizeParams;
pub use passkey::{PasskeyPrompt, answer_passkey};
pub use passkey_enrollment::{PasskeyAnswer, answer_passkey_enrollment};
pub use passkey_offer::PasskeyOffer;
pub use password::{answer_identifier, answer_password};
pub use push::{PushError, Pushed, PushedRequest, PushedUri, push};
pub use request::{AuthorizationRequest, Prompt, ResponseMode};
pub use reset::{Reset, ResetForm, request_reset, reset_form, set_password};
pub use respond::{AuthorizationResponse, OauthError};
pub use resume::{Resumed, resume};
pub use second_factor::{
    ChallengeView, MfaScreen, Offer, PushState, SecondFactorAnswer, SecondFactorView, Task,
    answer_second_factor, look_at_push,
};
pub use session::{Cookies, NewCookies, SessionCookie, current_session};
pub use signup::{SignupInput, answer_signup};
pub(crate) use step::form_token;
pub use step::{
    Answered, ConsentScope, FormError, LoginError, Posted, Screen, ScreenView, Visitor, view,
};
pub use ticket::{Ending, NewLink, Ticket, TicketPurpose};
pub(crate) use ticket::{Recipient, new_link, new_reset_ticket, send_first_link, send_link};
pub use transaction::{LoginState, LoginTransaction, Step};
pub use verify_email::verify_email;

/// Seconds a login transaction lives.
const TRANSACTION_LIFETIME: i64 = 3600;
/// Seconds an authorization code lives (contract 03 §3.10).
const CODE_LIFETIME: i64 = 60;
/// Seconds nobody offers a passkey to a person who asked for that (contract 04 §10.8).
const PASSKEY_SNOOZE: i64 = 2_592_000;
/// Seconds a link sent by mail lives (contract 04 §11.1).
const TICKET_LIFETIME: i64 = 432_000;
