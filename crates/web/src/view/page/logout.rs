//! Logging out: the question, and its two outcomes.

use serde::Serialize;

use crate::view::{Form, Frame, Page};

/// Screen `logout`: "Do you want to log out?" Actions `accept` and `deny`.
#[derive(Clone, Serialize)]
pub struct Logout {
    /// What surrounds the page; it names the application that asks, if known.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// Who is signed in.
    pub user: Option<String>,
}

/// Screen `logout-complete`.
#[derive(Clone, Serialize)]
pub struct LogoutComplete {
    /// What surrounds the page.
    pub frame: Frame,
    /// Where to go on, where there is such a place.
    pub continue_url: Option<String>,
}

/// Screen `logout-aborted`: the person chose to stay.
#[derive(Clone, Serialize)]
pub struct LogoutAborted {
    /// What surrounds the page.
    pub frame: Frame,
    /// Where to go on, where there is such a place.
    pub continue_url: Option<String>,
}

impl Page for Logout {
    const TEMPLATE: &'static str = "logout.html";

    fn screen(&self) -> &'static str {
        "logout"
    }

    fn samples() -> Vec<Self> {
        let named = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            user: Some("ada@example.com".to_owned()),
        };
        let nameless = Self {
            frame: Frame::branded_sample(),
            form: Form::standalone("sample-csrf-token"),
            user: None,
        };
        vec![named, nameless]
    }
}

impl Page for LogoutComplete {
    const TEMPLATE: &'static str = "logout-complete.html";

    fn screen(&self) -> &'static str {
        "logout-complete"
    }

    fn samples() -> Vec<Self> {
        let bare = Self { frame: Frame::branded_sample(), continue_url: None };
        let linked =
            Self { frame: Frame::sample(), continue_url: Some("https://app.example/".to_owned()) };
        vec![bare, linked]
    }
}

impl Page for LogoutAborted {
    const TEMPLATE: &'static str = "logout-aborted.html";

    fn screen(&self) -> &'static str {
        "logout-aborted"
    }

    fn samples() -> Vec<Self> {
        let bare = Self { frame: Frame::branded_sample(), continue_url: None };
        let linked =
            Self { frame: Frame::sample(), continue_url: Some("https://app.example/".to_owned()) };
        vec![bare, linked]
    }
}
