//! Signing in: one state machine, told in `README.md` beside this file.

mod authorize;
mod consent;
mod finish;
mod guard;
mod logout;
mod next;
mod password;
mod request;
mod reset;
mod respond;
mod resume;
mod session;
mod signup;
mod step;
mod ticket;
mod transaction;
mod verify_email;

pub use authorize::{AuthorizeError, AuthorizeOutcome, AuthorizeParams, Interaction, authorize};
pub use consent::{ConsentView, answer_consent};
pub use logout::{LogoutError, LogoutOutcome, LogoutParams, confirm_logout, logout};
pub use password::{answer_identifier, answer_password};
pub use request::{AuthorizationRequest, Prompt, ResponseMode};
pub use reset::{ResetError, ResetForm, request_reset, reset_form, set_password};
pub use respond::{AuthorizationResponse, OauthError};
pub use resume::resume;
pub use session::SessionCookie;
pub use signup::{SignupInput, answer_signup};
pub use step::{Answered, FormError, LoginError, Screen, ScreenView, view};
pub use ticket::{Ticket, TicketPurpose};
pub use transaction::{Browser, LoginState, LoginTransaction, Step};
pub use verify_email::verify_email;
