//! Somebody who is signed in: a browser, and tokens of an application.

use serde_json::Value;

use crate::app::TestApp;
use crate::application::{ME, Tokens};
use crate::browser::{Browser, Page};
use crate::request::{Reply, Request};
use crate::seed::{HOST, SPA};

/// The address of whoever a test is about.
pub const EMAIL: &str = "user@example.com";

/// Somebody who is signed in.
pub struct Actor<'a> {
    pub(crate) app: &'a TestApp,
    /// Their browser.
    pub browser: Browser<'a>,
    /// The tokens of the application they use.
    pub tokens: Tokens,
    /// The host they use.
    pub host: String,
}

impl TestApp {
    /// A new person at [`EMAIL`], signed in to the single-page application, with every scope.
    pub async fn sign_in(&self) -> Actor<'_> {
        self.sign_in_with(&format!("openid profile email offline_access {ME}")).await
    }

    /// The same with other scopes.
    pub async fn sign_in_with(&self, scope: &str) -> Actor<'_> {
        self.person(EMAIL).await;
        self.sign_in_as(EMAIL, SPA, scope).await
    }

    /// Somebody who has an account signs in to an application, in a new browser.
    pub async fn sign_in_as(&self, email: &str, client: &str, scope: &str) -> Actor<'_> {
        self.sign_in_on(HOST, email, client, scope).await
    }

    /// The same on another host.
    pub async fn sign_in_on(
        &self,
        host: &str,
        email: &str,
        client: &str,
        scope: &str,
    ) -> Actor<'_> {
        let browser = self.browser();
        let request = self.authorize_on(host, client, scope);
        let page = browser.authorize_as(&request, email).await;
        let code = self.with_mailed_code(&browser, page).await.code();
        let reply = self.exchange(&request, &code).await.expect(200);
        let tokens = Tokens::read(client, &reply);
        Actor { app: self, browser, tokens, host: host.to_owned() }
    }
}

impl TestApp {
    /// Goes on with the code that was sent to somebody's mailbox, if that is what is asked for:
    /// where a second factor is demanded, a verified address is one.
    pub async fn with_mailed_code(&self, browser: &Browser<'_>, page: Page) -> Page {
        if page.left || page.screen() != "mfa-email-challenge" {
            return page;
        }
        let code = self.message().await.content.code.expect("a code");
        browser.submit(&page, &[("code", &code)]).await
    }
}

impl Actor<'_> {
    /// A request to the My Account API with their token; `path` begins after `/me/v1`.
    #[must_use]
    pub fn request(&self, method: &str, path: &str) -> Request<'_> {
        self.app
            .request(method, &format!("/me/v1{path}"))
            .host(&self.host)
            .bearer(&self.tokens.access)
    }

    /// Asks the My Account API.
    pub async fn get(&self, path: &str) -> Reply {
        self.request("GET", path).send().await
    }

    /// Posts to it.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.request("POST", path).json(body).send().await
    }

    /// Patches there.
    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.request("PATCH", path).json(body).send().await
    }

    /// Deletes there.
    pub async fn delete(&self, path: &str) -> Reply {
        self.request("DELETE", path).send().await
    }

    /// Begins an enrolment.
    pub async fn enroll(&self, body: &Value) -> Reply {
        self.post("/authentication-methods", body).await
    }

    /// Finishes one; `id` as enrolling answered it.
    pub async fn verify(&self, id: &str, body: &Value) -> Reply {
        self.post(&format!("{}/verify", method_path(id)), body).await
    }

    /// The ids of their methods, in the order listed.
    pub async fn method_ids(&self) -> Vec<String> {
        let listed = self.get("/authentication-methods").await.expect(200).json();
        let methods = listed["authentication_methods"].as_array().expect("a list").iter();
        methods.map(|method| method["id"].as_str().expect("an id").to_owned()).collect()
    }
}

/// The path of a method below `/me/v1`, as most clients spell it.
#[must_use]
pub fn method_path(id: &str) -> String {
    format!("/authentication-methods/{}", id.replace('|', "%7C"))
}
