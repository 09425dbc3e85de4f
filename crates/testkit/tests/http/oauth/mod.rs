//! `/oauth/*` and `/userinfo`.

mod back_channel;
mod client_authentication;
mod client_credentials;
mod code_binding;
mod dpop;
mod par;
mod passkey;
mod passkey_refused;
mod password;
mod passwordless;
mod private_key_jwt;
mod refresh_lifetime;
mod refresh_resources;
mod revoke;
mod token_code;
mod token_refresh;
mod token_request;
mod userinfo;

use housekey_testkit::TestApp;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::Authorize;
use housekey_testkit::request::Reply;

/// Somebody with an account signs in, in a browser of their own; returns the application's code.
async fn code_for(app: &TestApp, request: &Authorize) -> String {
    app.browser().authorize_as(request, EMAIL).await.code()
}

/// An error of the token endpoint, as its clients compare it.
fn refusal(reply: &Reply) -> (u16, String, String) {
    (reply.status.as_u16(), reply.text("/error"), reply.text("/error_description"))
}

fn expected(status: u16, error: &str, description: &str) -> (u16, String, String) {
    (status, error.to_owned(), description.to_owned())
}

const INVALID_CODE: &str = "Invalid authorization code";
const INVALID_TOKEN: &str = "Unknown or invalid refresh token.";
