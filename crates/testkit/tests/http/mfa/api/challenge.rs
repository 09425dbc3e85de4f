//! `/mfa/challenge`, and codes given for it.

use housekey_testkit::actor::EMAIL;
use housekey_testkit::seed::{SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase, authenticator};
use serde_json::{Value, json};

use super::{
    OOB, OTP, RECOVERY, allowed, build, challenge, demand, demanded, give, give_otp, list, logged,
    refusal, sign_in, tells, told, waiting, with_app, with_phone,
};

async fn an_app_shows_a_code(database: TestDatabase) {
    let app = build(database).await.start().await;
    let (_, secret) = demanded(&app).await;
    let asked = sign_in(&app, &json!({})).await;
    assert_shown!(asked.seen(), { ".body.mfa_token" => "[token]" }, @r#"
    {
      "body": {
        "error": "mfa_required",
        "error_description": "Multifactor authentication required",
        "mfa_requirements": {
          "challenge": [
            {
              "type": "otp"
            }
          ]
        },
        "mfa_token": "[token]"
      },
      "status": 403
    }
    "#);
    let token = asked.text("/mfa_token");
    for kind in
        [json!({}), json!({ "challenge_type": "otp" }), json!({ "challenge_type": "oob otp" })]
    {
        let reply = challenge(&app, &token, &kind).await.expect(200);
        assert_eq!(reply.json(), json!({ "challenge_type": "otp" }));
    }
    let reply = give_otp(&app, &token, &secret).await.expect(200);
    let tokens = reply.json();
    assert_eq!(tokens["scope"], "openid email offline_access");
    assert!(tokens.get("recovery_code").is_none());
    let claims = housekey_testkit::jwt::claims(&reply.text("/id_token"));
    assert!(claims.get("amr").is_none(), "contract 04 §16.1: {claims}");
    let _ = app.refresh(SPA, &reply.text("/refresh_token")).await.expect(200);
    assert_eq!((logged(&app, "seotpft").await, logged(&app, "mfar").await), (1, 1));
}

async fn a_code_of_an_app_works_once(database: TestDatabase) {
    let app = build(database).await.start().await;
    let (_, secret) = demanded(&app).await;
    let (first, second) = (waiting(&app).await, waiting(&app).await);
    let _ = give_otp(&app, &first, &secret).await.expect(200);
    let wrong = tells(403, "invalid_grant", "Invalid otp_code.");
    assert_eq!(told(&give_otp(&app, &second, &secret).await), wrong, "the same step");
    // A clock that was ahead and was set back does not bring it back either.
    app.clock().advance(-60);
    assert_eq!(told(&give_otp(&app, &second, &secret).await), wrong);
    app.clock().advance(60);
    assert_eq!(told(&give_otp(&app, &second, &secret).await), wrong);
    app.clock().advance(30);
    let _ = give_otp(&app, &second, &secret).await.expect(200);
    assert_eq!(logged(&app, "feotpft").await, 3);
}

async fn a_token_is_used_up_by_one_success(database: TestDatabase) {
    let app = build(database).await.start().await;
    let (_, secret) = demanded(&app).await;
    let token = waiting(&app).await;
    let _ = give_otp(&app, &token, &secret).await.expect(200);
    app.clock().advance(30);
    let expired = tells(401, "expired_token", "mfa_token is expired");
    assert_eq!(told(&give_otp(&app, &token, &secret).await), expired);
    assert_eq!(told(&challenge(&app, &token, &json!({})).await), expired);
    let reply = app.get("/mfa/authenticators").bearer(&token).send().await;
    assert_eq!(told(&reply), expired);
}

async fn a_token_is_good_for_ten_minutes(database: TestDatabase) {
    let app = build(database).await.start().await;
    let (_, secret) = demanded(&app).await;
    let (first, second) = (waiting(&app).await, waiting(&app).await);
    app.clock().advance(599);
    let _ = give_otp(&app, &first, &secret).await.expect(200);
    app.clock().advance(1);
    let expired = tells(401, "expired_token", "mfa_token is expired");
    assert_eq!(told(&give_otp(&app, &second, &secret).await), expired);
}

async fn what_is_no_token_is_told_apart(database: TestDatabase) {
    let app = build(database).await.start().await;
    demanded(&app).await;
    let malformed = tells(403, "invalid_grant", "Malformed mfa_token");
    for nonsense in ["nonsense", "é", &"x".repeat(5000)] {
        let reply = give(&app, nonsense, OTP, &json!({ "otp": "123456" })).await;
        assert_eq!(told(&reply), malformed);
        assert_eq!(told(&challenge(&app, nonsense, &json!({})).await), malformed);
        if nonsense.is_ascii() {
            let reply = app.get("/mfa/authenticators").bearer(nonsense).send().await;
            assert_eq!(told(&reply), tells(401, "access_denied", "Invalid MFA token"));
        }
    }
    let reply = give(&app, &"x".repeat(43), OTP, &json!({ "otp": "123456" })).await;
    assert_eq!(told(&reply), tells(401, "expired_token", "mfa_token is expired"));
    for (grant, name) in [(OTP, "otp"), (OOB, "oob_code"), (RECOVERY, "recovery_code")] {
        let reply = give(&app, &"x".repeat(43), grant, &json!({})).await;
        let text = format!("Missing required parameter: {name}");
        assert_eq!(told(&reply), tells(400, "invalid_request", &text));
    }
}

async fn a_token_is_its_applications(database: TestDatabase) {
    let app = build(database).await.start().await;
    let (_, secret) = demanded(&app).await;
    let token = waiting(&app).await;
    let otp = authenticator::code(&secret, app.now());
    let secret = app.secret_of(WEB).await;
    let other = json!({ "client_id": WEB, "client_secret": secret, "otp": otp });
    let expired = tells(401, "expired_token", "mfa_token is expired");
    assert_eq!(told(&give(&app, &token, OTP, &other).await), expired);
    assert_eq!(told(&challenge(&app, &token, &other).await), expired);
    let body = json!({ "audience": "https://api.example/", "otp": otp });
    let reply = give(&app, &token, OTP, &body).await;
    assert_eq!(reply.text("/error"), "invalid_request");
    let _ = give(&app, &token, OTP, &json!({ "otp": otp })).await.expect(200);
}

async fn codes_are_sent_each_way(database: TestDatabase) {
    let app = allowed(TestApp::build(database).await.phones()).start().await;
    let user = app.sign_in().await;
    with_phone(&app, &user).await;
    demand(&app).await;
    for (kind, to, channel) in [
        (json!({ "challenge_type": "sms" }), "+4930123456", "sms"),
        (json!({ "challenge_type": "voice" }), "+4930123456", "voice"),
        (json!({ "challenge_type": "oob", "oob_channel": "voice" }), "+4930123456", "voice"),
        (json!({ "challenge_type": "email" }), EMAIL, "email"),
    ] {
        let asked = sign_in(&app, &json!({})).await.expect(403);
        let token = asked.text("/mfa_token");
        let body = challenge(&app, &token, &kind).await.expect(200).json();
        assert_eq!(
            (&body["challenge_type"], &body["binding_method"]),
            (&json!("oob"), &json!("prompt"))
        );
        let sent = app.message().await;
        assert_eq!((sent.to.as_str(), sent.channel.as_str()), (to, channel), "{kind}");
        let code = sent.content.code.expect("a code");
        let own = json!({ "oob_code": body["oob_code"], "binding_code": code });
        let _ = give(&app, &token, OOB, &own).await.expect(200);
    }
    assert_eq!(logged(&app, "seoobft").await, 4);
}

async fn the_latest_code_is_the_one(database: TestDatabase) {
    let app = allowed(TestApp::build(database).await).start().await;
    app.person(EMAIL).await;
    demand(&app).await;
    let token = waiting(&app).await;
    let email = json!({ "challenge_type": "oob" });
    let ask = async || {
        let oob = challenge(&app, &token, &email).await.expect(200).text("/oob_code");
        (oob, app.message().await.content.code.expect("a code"))
    };
    let (old, sent) = ask().await;
    let (new, code) = ask().await;
    let try_with = async |oob: &str, code: &str| {
        let own = json!({ "oob_code": oob, "binding_code": code });
        told(&give(&app, &token, OOB, &own).await)
    };
    let gone = tells(403, "invalid_grant", "Invalid oob_code.");
    assert_eq!(try_with(&old, &sent).await, gone);
    assert_eq!(try_with("nonsense", &code).await, gone);
    let wrong = tells(403, "invalid_grant", "Invalid binding_code.");
    if sent != code {
        assert_eq!(try_with(&new, &sent).await, wrong);
    }
    let missing = give(&app, &token, OOB, &json!({ "oob_code": new })).await;
    let text = "Missing required parameter: binding_code";
    assert_eq!(told(&missing), tells(400, "invalid_request", text));
    // A code is good for five minutes.
    app.clock().advance(300);
    assert_eq!(try_with(&new, &code).await, wrong);
    let (new, code) = ask().await;
    app.clock().advance(299);
    let own = json!({ "oob_code": new, "binding_code": code });
    let _ = give(&app, &token, OOB, &own).await.expect(200);
}

async fn one_authenticator_can_be_named(database: TestDatabase) {
    let app = allowed(TestApp::build(database).await.phones()).start().await;
    let (user, _) = with_app(&app).await;
    with_phone(&app, &user).await;
    demand(&app).await;
    let token = waiting(&app).await;
    let all = list(&app, &token).await;
    let kinds: Vec<_> = all.as_array().expect("a list").iter().map(|own| &own["type"]).collect();
    assert_eq!(kinds, ["otp", "phone", "phone", "email"]);
    assert_eq!(all[1]["name"], "XXXXXXXX3456");
    assert_eq!((&all[1]["oob_channel"], &all[1]["oob_channels"]), (&json!("sms"), &json!(["sms"])));
    assert!(!all.to_string().contains("+4930123456") && !all.to_string().contains(EMAIL), "{all}");
    let named = |id: &Value| json!({ "authenticator_id": id, "challenge_type": "oob" });
    let _ = challenge(&app, &token, &named(&all[1]["id"])).await.expect(200);
    assert_eq!(app.message().await.channel.as_str(), "sms");
    let _ = challenge(&app, &token, &named(&all[2]["id"])).await.expect(200);
    assert_eq!(app.message().await.channel.as_str(), "voice");
    let reply = challenge(&app, &token, &named(&all[0]["id"])).await;
    assert_eq!(refusal(&reply), (403, "unsupported_challenge_type".to_owned()));
    let reply = challenge(&app, &token, &named(&json!("totp|dev_0000000000000000"))).await;
    assert_eq!(told(&reply), tells(404, "invalid_authenticator", "Authenticator not found"));
    let reply = challenge(&app, &token, &json!({ "challenge_type": "nonsense" })).await;
    assert_eq!(refusal(&reply), (400, "invalid_request".to_owned()));
    let push = challenge(&app, &token, &json!({ "challenge_type": "push" })).await;
    assert_eq!(refusal(&push), (403, "unsupported_challenge_type".to_owned()));
}

on_both_engines! {
    an_app_shows_a_code,
    a_code_of_an_app_works_once,
    a_token_is_used_up_by_one_success,
    a_token_is_good_for_ten_minutes,
    what_is_no_token_is_told_apart,
    a_token_is_its_applications,
    codes_are_sent_each_way,
    the_latest_code_is_the_one,
    one_authenticator_can_be_named,
}
