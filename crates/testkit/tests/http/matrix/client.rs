//! Endpoints that a client authenticates at.

use housekey_testkit::TestApp;
use housekey_testkit::seed::{OTHER_HOST, WEB};

use super::Called;

pub(super) async fn check(app: &TestApp, called: &Called) {
    let secret = app.secret_of(WEB).await;
    for method in called.route.methods {
        let call = |host: &'static str, fields: &[(&str, &str)]| {
            let mut all =
                vec![("grant_type", "refresh_token"), ("token", "x"), ("refresh_token", "x")];
            all.extend_from_slice(fields);
            app.request(method, &called.path).host(host).form(&all).send()
        };
        let here = "acme.example";
        let _ = call(here, &[]).await.expect(401);
        let _ = call(here, &[("client_id", "nobody")]).await.expect(401);
        let _ = call(here, &[("client_id", WEB)]).await.expect(401);
        let _ = call(here, &[("client_id", WEB), ("client_secret", "wrong")]).await.expect(401);
        let right = [("client_id", WEB), ("client_secret", secret.as_str())];
        let _ = call(OTHER_HOST, &right).await.expect(401);
        assert_ne!(call(here, &right).await.status, 401, "{method} {}", called.path);
    }
}
