//! The shell of the account page; the page itself is the script application in `assets/account/`.

use serde::Serialize;

use crate::view::{Frame, Page};

/// Screen `account`.
#[derive(Clone, Serialize)]
pub struct Account {
    /// What surrounds the page.
    pub frame: Frame,
    /// What the application needs to know to be an OAuth client.
    pub config: AccountConfig,
}

/// The account application's settings as an ordinary client of the My Account API.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountConfig {
    /// The issuer of the host that was called, trailing slash included.
    pub issuer: String,
    /// The account application's client id.
    pub client_id: String,
    /// The audience of the My Account API on this host.
    pub audience: String,
    /// `{issuer}account`
    pub redirect_uri: String,
    /// The scopes to ask for.
    pub scope: String,
}

impl Page for Account {
    const TEMPLATE: &'static str = "account.html";

    fn screen(&self) -> &'static str {
        "account"
    }

    fn samples() -> Vec<Self> {
        let config = AccountConfig {
            issuer: "http://localhost:4000/".to_owned(),
            client_id: "sample-client".to_owned(),
            audience: "http://localhost:4000/me/".to_owned(),
            redirect_uri: "http://localhost:4000/account".to_owned(),
            scope: "openid profile email read:me:factors read:me:authentication_methods \
                    create:me:authentication_methods update:me:authentication_methods \
                    delete:me:authentication_methods"
                .to_owned(),
        };
        let plain = Self { frame: Frame::sample(), config };
        let branded = Self { frame: Frame::branded_sample(), ..plain.clone() };
        vec![plain, branded]
    }
}
