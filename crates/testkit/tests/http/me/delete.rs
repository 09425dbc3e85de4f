//! `DELETE /me/v1/authentication-methods/{id}` (contract 01 §4.8).

use housekey_core::resource_server::{AuthorizationPolicy, ResourceServerKind};
use housekey_core::tenant::MfaPolicy;
use housekey_testkit::actor::{EMAIL, method_path};
use housekey_testkit::application::ME;
use housekey_testkit::authenticator::code;
use housekey_testkit::passkey::{Authenticator, KeyKind};
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};

use super::passkey::{self, ORIGIN};
use super::{add_email, add_recovery_code, add_totp, begin};

async fn a_method_goes_and_its_owner_is_told(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let path = method_path(&add_totp(&app, &user).await);
    assert_shown!(user.delete(&path).await.seen(), @r#"
    {
      "status": 204
    }
    "#);
    let message = app.message().await;
    assert_eq!(message.to, EMAIL);
    assert_text!(message.content.subject, @"An authenticator app was removed from your account – The acme tenant");
    let _ = user.get(&path).await.expect(404);
    let _ = user.delete(&path).await.expect(404);
}

async fn a_content_type_without_a_body_is_fine(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let path = method_path(&begin(&user, "totp").await.id);
    let request = user.request("DELETE", &path).header("content-type", "application/json");
    let _ = request.send().await.expect(204);
}

async fn deleting_a_pending_method_ends_its_enrolment(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let _ = user.delete(&method_path(&begun.id)).await.expect(204);
    let right = begun.proof(&code(begun.secret(), app.now()));
    let _ = user.verify(&begun.id, &right).await.expect(404);
}

async fn the_only_way_in_stays(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    add_totp(&app, &user).await;
    let password = method_path(&user.method_ids().await.remove(0));
    assert_shown!(user.delete(&password).await.seen(), @r#"
    {
      "body": {
        "detail": "This account always has a password. It can be changed, but not removed.",
        "status": 409,
        "title": "Conflict",
        "type": "https://auth0.com/api-errors/A0E-409-0001"
      },
      "status": 409
    }
    "#);
    let _ = user.get(&password).await.expect(200);
    let _ = user.delete("/authentication-methods/password%7Cnew").await.expect(404);
}

async fn a_recovery_code_goes_with_the_last_real_factor(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let totp = method_path(&add_totp(&app, &user).await);
    let recovery = method_path(&add_recovery_code(&app, &user).await);
    let _ = user.delete(&totp).await.expect(204);
    let told: Vec<_> = app.messages().await.into_iter().map(|own| own.content.subject).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    let _ = user.get(&recovery).await.expect(404);
}

async fn the_last_factor_stays_where_one_is_required(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.mfa_policy = MfaPolicy::AllApplications)
        .start()
        .await;
    let user = app.sign_in().await;
    let totp = method_path(&add_totp(&app, &user).await);
    let email = method_path(&add_email(&app, &user, "second@example.com").await);
    let recovery = method_path(&add_recovery_code(&app, &user).await);
    let pending = method_path(&begin(&user, "totp").await.id);
    let _ = user.delete(&pending).await.expect(204);
    let _ = user.delete(&email).await.expect(204);
    assert_shown!(user.delete(&totp).await.seen(), @r#"
    {
      "body": {
        "detail": "A second factor is required, and this is the last one of this account. Add another second factor first, then remove this one. A recovery code alone is not enough.",
        "status": 409,
        "title": "Conflict",
        "type": "https://auth0.com/api-errors/A0E-409-0001"
      },
      "status": 409
    }
    "#);
    let _ = user.delete(&recovery).await.expect(204);
    let _ = user.delete(&totp).await.expect(409);
    let _ = user.get(&totp).await.expect(200);
    assert_eq!(app.messages().await.len(), 2);
}

async fn two_last_factors_cannot_both_go_at_once(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.mfa_policy = MfaPolicy::AllApplications)
        .start()
        .await;
    let user = app.sign_in().await;
    let totp = method_path(&add_totp(&app, &user).await);
    let email = method_path(&add_email(&app, &user, "second@example.com").await);
    let (one, other) = tokio::join!(user.delete(&totp), user.delete(&email));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    let _told = app.message().await;
}

/// The policy of the API counts like that of the tenant; methods of a kind that was switched off
/// meanwhile do not count, and can go.
async fn the_policy_of_the_api_counts_too(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| {
            let mut apis = tenant.resource_servers.iter_mut();
            let api = apis.find(|api| api.kind == ResourceServerKind::MyAccount);
            api.expect("activated").settings.authorization_policy =
                Some(AuthorizationPolicy::require_2fa());
        })
        .start()
        .await;
    let user = app.sign_in().await;
    let totp = method_path(&add_totp(&app, &user).await);
    let recovery = method_path(&add_recovery_code(&app, &user).await);
    let _ = user.delete(&totp).await.expect(409);
    let _ = user.delete(&recovery).await.expect(204);
    let _ = user.delete(&totp).await.expect(409);
    let _told = app.message().await;
}

/// One mailbox can be a second factor as long as something else is the first one; two deletes that
/// would leave it alone cannot both pass.
async fn a_mailbox_beside_a_password_is_enough(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.mfa_policy = MfaPolicy::AllApplications)
        .start()
        .await;
    let user = app.sign_in().await;
    let totp = method_path(&add_totp(&app, &user).await);
    let email = method_path(&add_email(&app, &user, EMAIL).await);
    let _ = user.delete(&totp).await.expect(204);
    let _ = user.delete(&email).await.expect(409);
    // Without the password, resetting it and the second step would be the same mailbox.
    app.sql("DELETE FROM passwords").await;
    let _ = user.delete(&email).await.expect(409);
    let _told = app.message().await;
}

async fn a_refusal_changes_nothing(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.mfa_policy = MfaPolicy::AllApplications)
        .start()
        .await;
    let user = app.sign_in().await;
    let totp = method_path(&add_totp(&app, &user).await);
    let _ = add_recovery_code(&app, &user).await;
    let before = user.get("/authentication-methods").await.body;
    let _ = user.delete(&totp).await.expect(409);
    let password = method_path(&user.method_ids().await.remove(0));
    let _ = user.delete(&password).await.expect(409);
    assert_eq!(user.get("/authentication-methods").await.body, before);
}

/// Whoever lost one of two factors gets rid of it with the help of the other.
async fn a_lost_factor_goes_once_there_is_another(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.mfa_policy = MfaPolicy::AllApplications)
        .start()
        .await;
    let user = app.sign_in().await;
    let lost = method_path(&add_totp(&app, &user).await);
    let _ = user.delete(&lost).await.expect(409);
    let found = method_path(&add_totp(&app, &user).await);
    let _ = user.delete(&lost).await.expect(204);
    let _ = user.delete(&found).await.expect(409);
    let _told = app.message().await;
}

/// Takes the password away, and the mailbox a new one could be sent to.
async fn leave_only_passkeys(app: &TestApp) {
    app.sql("DELETE FROM passwords").await;
    app.sql(
        "UPDATE users SET profile =
         REPLACE(profile, '\"email_verified\":true', '\"email_verified\":false')",
    )
    .await;
}

async fn the_last_passkey_stays_where_nothing_else_opens(database: TestDatabase) {
    let app = TestApp::build(database).await.passkeys().start().await;
    let user = app.sign_in().await;
    let mut paths = Vec::new();
    for number in 1..=2 {
        let mut authenticator = Authenticator::new(KeyKind::Es256, number, ORIGIN);
        let added = passkey::add(&app, &user, &mut authenticator).await;
        paths.push(method_path(added["id"].as_str().expect("an id")));
    }
    leave_only_passkeys(&app).await;
    let asked = user.delete(&format!("{}?dry_run=true", paths[0])).await.expect(200);
    assert_eq!(asked.json()["would"]["status"], 204);
    // Each alone may go, so of two deletes at once one must find out that it is the second.
    let (one, other) = tokio::join!(user.delete(&paths[0]), user.delete(&paths[1]));
    let mut replies = [one, other];
    replies.sort_by_key(|reply| reply.status);
    assert_eq!([204, 409], [replies[0].status.as_u16(), replies[1].status.as_u16()]);
    assert_eq!(
        replies[1].text("/detail"),
        "This is the only way left to sign in to this account. Add another passkey or set a \
         password first, then remove this one."
    );
    assert_eq!(user.method_ids().await.len(), 1);
    let _told = app.message().await;
}

async fn a_passkey_may_go_where_a_mailbox_gets_in(database: TestDatabase) {
    let app = TestApp::build(database).await.passkeys().start().await;
    let user = app.sign_in().await;
    let mut authenticator = Authenticator::new(KeyKind::Es256, 1, ORIGIN);
    let added = passkey::add(&app, &user, &mut authenticator).await;
    app.sql("DELETE FROM passwords").await;
    let _ = user.delete(&method_path(added["id"].as_str().expect("an id"))).await.expect(204);
    let _told = app.message().await;
}

/// With the passkey gone, a reset link and a code would both come to the one mailbox.
async fn one_mailbox_does_not_become_both_steps(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .passkeys()
        .configure(|tenant| tenant.tenant.settings.mfa_policy = MfaPolicy::AllApplications)
        .start()
        .await;
    let user = app.sign_in().await;
    let mut authenticator = Authenticator::new(KeyKind::Es256, 1, ORIGIN);
    let added = passkey::add(&app, &user, &mut authenticator).await;
    let passkey = method_path(added["id"].as_str().expect("an id"));
    let same = method_path(&add_email(&app, &user, &EMAIL.to_uppercase()).await);
    app.sql("DELETE FROM passwords").await;
    let refused = user.delete(&passkey).await.expect(409);
    assert_eq!(
        refused.text("/detail"),
        "Without it, both steps of signing in would depend on the same mailbox or phone. Add \
         another second factor first, then remove this one."
    );
    let totp = add_totp(&app, &user).await;
    let _ = user.delete(&passkey).await.expect(204);
    let _ = user.delete(&method_path(&totp)).await.expect(409);
    let _ = user.delete(&same).await.expect(204);
    assert_eq!(app.messages().await.len(), 2);
}

async fn others_methods_are_not_found(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.sign_in().await;
    let path = method_path(&add_totp(&app, &owner).await);
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", SPA, ME).await;
    let _ = other.delete(&path).await.expect(404);
    let _ = owner.get(&path).await.expect(200);
}

on_both_engines! {
    a_method_goes_and_its_owner_is_told,
    a_content_type_without_a_body_is_fine,
    deleting_a_pending_method_ends_its_enrolment,
    the_only_way_in_stays,
    a_recovery_code_goes_with_the_last_real_factor,
    the_last_factor_stays_where_one_is_required,
    two_last_factors_cannot_both_go_at_once,
    the_policy_of_the_api_counts_too,
    a_mailbox_beside_a_password_is_enough,
    a_refusal_changes_nothing,
    a_lost_factor_goes_once_there_is_another,
    the_last_passkey_stays_where_nothing_else_opens,
    a_passkey_may_go_where_a_mailbox_gets_in,
    one_mailbox_does_not_become_both_steps,
    others_methods_are_not_found,
}
