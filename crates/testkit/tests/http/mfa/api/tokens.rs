//! The code on paper, and what applications may not do.

use housekey_core::client::GrantType;
use housekey_testkit::TestDatabase;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::seed::SPA;
use serde_json::json;

use super::{
    OOB, OTP, RECOVERY, allow, build, challenge, demand, demanded, give, give_otp, logged, refusal,
    tells, told, waiting, with_app,
};

async fn the_code_on_paper_works_once(database: TestDatabase) {
    let app = build(database).await.start().await;
    let (user, _) = with_app(&app).await;
    let begun = user.enroll(&json!({ "type": "recovery-code" })).await.expect(202);
    let paper = begun.text("/recovery_code");
    let word = json!({ "auth_session": begun.text("/auth_session") });
    let _ = user.verify(&begun.text("/id"), &word).await.expect(201);
    app.ignore_messages().await;
    demand(&app).await;
    let token = waiting(&app).await;
    let kind = json!({ "challenge_type": "recovery-code" });
    let asked = challenge(&app, &token, &kind).await.expect(200);
    assert_eq!(asked.json(), json!({ "challenge_type": "recovery-code" }));
    let rejected = tells(403, "invalid_grant", "MFA Authorization rejected.");
    let wrong = json!({ "recovery_code": "ABCD1234EFGH5678IJKL9012" });
    assert_eq!(told(&give(&app, &token, RECOVERY, &wrong).await), rejected);
    let own = json!({ "recovery_code": paper.to_lowercase() });
    let reply = give(&app, &token, RECOVERY, &own).await.expect(200);
    let next = reply.text("/recovery_code");
    assert_ne!(next, paper);
    let token = waiting(&app).await;
    assert_eq!(told(&give(&app, &token, RECOVERY, &own).await), rejected, "it works once");
    let own = json!({ "recovery_code": next });
    let _ = give(&app, &token, RECOVERY, &own).await.expect(200);
    assert_eq!((logged(&app, "sercft").await, logged(&app, "fercft").await), (2, 2));
}

async fn wrong_codes_lock_for_a_while(database: TestDatabase) {
    let app = build(database).await.start().await;
    let (_, secret) = demanded(&app).await;
    let token = waiting(&app).await;
    let wrong = housekey_testkit::authenticator::wrong_code(&secret, app.now());
    let otp = json!({ "otp": wrong });
    let text = tells(403, "invalid_grant", "Invalid otp_code.");
    for _ in 0..10 {
        assert_eq!(told(&give(&app, &token, OTP, &otp).await), text);
    }
    assert_eq!(refusal(&give(&app, &token, OTP, &otp).await), (429, "too_many_attempts".into()));
    let reply = give_otp(&app, &token, &secret).await;
    assert_eq!(refusal(&reply), (429, "too_many_attempts".into()), "not even the right one");
    assert_eq!(logged(&app, "gd_otp_rate_limit_exceed").await, 2);
    // One more every six minutes.
    app.clock().advance(359);
    let reply = give_otp(&app, &token, &secret).await;
    assert_eq!(refusal(&reply), (429, "too_many_attempts".into()));
    app.clock().advance(1);
    let _ = give_otp(&app, &token, &secret).await.expect(200);
}

async fn applications_need_to_be_allowed(database: TestDatabase) {
    let only = |settings: &mut housekey_core::client::ClientSettings| {
        settings.grant_types.extend([GrantType::Password, GrantType::MfaOob]);
    };
    let app = super::super::without_mail(database).await.client(SPA, only).start().await;
    let (_, secret) = demanded(&app).await;
    let token = waiting(&app).await;
    let reply = challenge(&app, &token, &json!({ "challenge_type": "otp" })).await;
    assert_eq!(refusal(&reply), (403, "unauthorized_client".to_owned()));
    let text = format!("Grant type '{OTP}' not allowed for the client.");
    let reply = give_otp(&app, &token, &secret).await;
    assert_eq!(told(&reply), tells(403, "unauthorized_client", &text));
    let reply = challenge(&app, &token, &json!({ "challenge_type": "oob otp" })).await;
    assert_eq!(refusal(&reply), (403, "unsupported_challenge_type".to_owned()));
}

async fn what_was_proved_before_a_sign_out_counts_no_more(database: TestDatabase) {
    let app = build(database).await.start().await;
    let (_, secret) = demanded(&app).await;
    let token = waiting(&app).await;
    app.clock().advance(1);
    let mut tx = app.core().write(&app.tenant_id()).await.expect("writes");
    let connection = app.tenant_on("acme.example").await;
    let connection = connection.connections().next().expect("one").id.clone();
    let name = housekey_core::user::Identifier::email(EMAIL).expect("an address");
    let (user, _) = tx.user_by_identifier(&connection, &name).await.expect("reads").expect("one");
    tx.sign_out_everywhere(&user.id, app.now()).await.expect("writes");
    tx.commit().await.expect("commits");
    let reply = give_otp(&app, &token, &secret).await;
    assert_eq!(told(&reply), tells(401, "expired_token", "mfa_token is expired"));
}

async fn somebody_without_any_enrols_first(database: TestDatabase) {
    let builder = super::super::without_mail(database).await.client(SPA, allow);
    let app = builder.start().await;
    app.person(EMAIL).await;
    demand(&app).await;
    let asked = super::sign_in(&app, &json!({})).await.expect(403);
    assert_eq!(asked.json()["mfa_requirements"], json!({ "enroll": [{ "type": "otp" }] }));
    let token = asked.text("/mfa_token");
    let text = "User is not enrolled. You can use /mfa/associate endpoint to enroll the first \
                authenticator.";
    let reply = challenge(&app, &token, &json!({})).await;
    assert_eq!(told(&reply), tells(403, "association_required", text));
    let reply = give(&app, &token, OTP, &json!({ "otp": "123456" })).await;
    assert_eq!(told(&reply), tells(403, "invalid_grant", "Invalid otp_code."));
    let own = json!({ "oob_code": "x", "binding_code": "123456" });
    let reply = give(&app, &token, OOB, &own).await;
    assert_eq!(told(&reply), tells(403, "invalid_grant", "Invalid oob_code."));
}

on_both_engines! {
    the_code_on_paper_works_once,
    wrong_codes_lock_for_a_while,
    applications_need_to_be_allowed,
    what_was_proved_before_a_sign_out_counts_no_more,
    somebody_without_any_enrols_first,
}
