//! Routes of devices: without a credential, and with one that is nobody's.

use housekey_testkit::TestApp;

use super::Called;

pub(super) async fn check(app: &TestApp, called: &Called) {
    for method in called.route.methods {
        let bare = app.request(method, &called.path).send().await.expect(401);
        assert_eq!(bare.text("/errorCode"), "invalid_token");
        for credential in
            ["Bearer x", "Ticket id=\"x\"", "Ticket x", "Ticket id=\"\"", "MFA-DPoP x", "Bearer "]
        {
            let request = app.request(method, &called.path).header("authorization", credential);
            let refused = request.header("mfa-dpop", "x").body("{}").send().await;
            let status = refused.status.as_u16();
            assert!([400, 401, 403, 404].contains(&status), "{credential}: {}", refused.body);
        }
    }
}
