//! Universal Login: pages and the forms they post (contract 04 §15).

mod around;
mod consent;
mod enrollment;
mod form;
mod login;
mod logout;
mod objection;
mod passkey;
mod prompt;
mod render;
mod reset;
mod result_url;
mod screen;
mod second_factor;
mod signup;
mod verify_email;

pub(crate) use consent::{post_confirmation, post_consent};
pub(crate) use enrollment::{
    done as enrollment_done, get as enrollment, post as post_enrollment_link,
};
pub(crate) use form::visitor;
pub(crate) use login::{post_login, post_password};
pub(crate) use logout::{get_oidc, get_v2, post_oidc};
pub(crate) use objection::{get as objection, post as post_objection};
pub(crate) use passkey::{post_enrollment, post_identifier};
pub(crate) use render::{error_page, login_error, show};
pub(crate) use reset::{ask, change, post_ask, post_change, start, verify};
pub(crate) use screen::{get_screen, screen_url};
pub(crate) use second_factor::{SCREENS as MFA_SCREENS, path as mfa_path, post as post_mfa};
pub(crate) use signup::post_signup;
pub(crate) use verify_email::get as verify_email;
