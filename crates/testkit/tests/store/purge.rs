//! Removing what expired.

use housekey_core::account::Enrollment;
use housekey_core::factor::AuthenticationMethod;
use housekey_core::guard::Bucket;
use housekey_core::login::{LoginTransaction, TicketPurpose};
use housekey_core::message::QueuedMessage;
use housekey_core::session::Session;
use housekey_core::token::{AuthorizationCode, Family};

use crate::samples::{
    LATER, NOW, SOON, client_id, code, enrollment, family, handle, login, message, objection,
    passkey_transaction, pushed_request, session, ticket, totp, user_id,
};
use crate::world::{World, assert_same, commit};
use crate::{mfa_transactions, passwordless_codes};

contract! {
    what_has_not_expired_stays,
    what_expired_goes,
    families_without_an_absolute_end_go_when_idle_or_revoked,
    a_method_stays_while_its_enrolment_runs,
    more_than_one_batch_goes,
}

/// Something of everything; most of it ends at [`SOON`].
async fn begin(world: &World) {
    world.user().await;
    for tenant in [&world.home, &world.abroad] {
        let mut tx = world.write(tenant).await;
        let draft = AuthenticationMethod { confirmed: false, ..totp(1) };
        tx.insert_login(&login("l")).await.unwrap();
        tx.insert_code(&code("c")).await.unwrap();
        tx.insert_method(&draft).await.unwrap();
        tx.insert_method(&totp(2)).await.unwrap();
        tx.insert_enrollment(&enrollment("e", Some(&draft))).await.unwrap();
        tx.insert_ticket(&ticket("t", TicketPurpose::PasswordReset)).await.unwrap();
        tx.insert_objection(&objection("o")).await.unwrap();
        tx.insert_session(&Session { expires_at: SOON, ..session(1) }).await.unwrap();
        tx.insert_family(&Family { expires_at: Some(SOON), ..family(1) }).await.unwrap();
        tx.enqueue(&QueuedMessage { dies_at: SOON, ..message(1) }).await.unwrap();
        tx.snooze_passkeys(&user_id(1), SOON).await.unwrap();
        tx.insert_passkey_transaction(&passkey_transaction("p")).await.unwrap();
        tx.insert_pushed_request(&pushed_request("u")).await.unwrap();
        tx.put_mfa_transaction(&mfa_transactions::transaction("m")).await.unwrap();
        tx.put_passwordless_code(&passwordless_codes::code("w", "mac")).await.unwrap();
        assert!(tx.spend_once(&handle("r"), SOON).await.unwrap());
        tx.lock_bucket("b", Bucket { level: 0, at: SOON }).await.unwrap();
        commit(tx).await;
    }
}

async fn what_has_not_expired_stays(world: World) {
    begin(&world).await;
    assert_eq!(world.registry().purge(SOON).await.unwrap(), 0);
    let mut tx = world.read(&world.home).await;
    assert_eq!(tx.methods(&user_id(1)).await.unwrap().len(), 2);
}

async fn what_expired_goes(world: World) {
    begin(&world).await;
    let removed = world.registry().purge(SOON.plus_seconds(1)).await.unwrap();
    assert_eq!(removed, 16 * 2);
    for tenant in [&world.home, &world.abroad] {
        let mut tx = world.write(tenant).await;
        assert!(tx.login(&handle("l")).await.unwrap().is_none());
        assert!(tx.spend_code(&handle("c"), NOW).await.unwrap().is_none());
        assert!(tx.enrollment(&handle("e")).await.unwrap().is_none());
        let spent = tx.spend_ticket(&handle("t"), TicketPurpose::PasswordReset, NOW).await;
        assert!(spent.unwrap().is_none());
        assert!(tx.objection(&handle("o"), NOW).await.unwrap().is_none());
        assert!(tx.session_by_handle(&session(1).handle).await.unwrap().is_none());
        assert!(tx.family_by_handle(&handle("family-1")).await.unwrap().is_none());
        assert!(tx.messages(None, 9).await.unwrap().is_empty());
        assert!(tx.spend_once(&handle("r"), SOON).await.unwrap());
        let pushed = tx.spend_pushed_request(&handle("u"), &client_id(1)).await;
        assert!(pushed.unwrap().is_none());
        let full = Bucket { level: 9, at: NOW };
        assert_eq!(tx.lock_bucket("b", full).await.unwrap(), full);
        assert_same(&tx.methods(&user_id(1)).await.unwrap(), &vec![totp(2)]);
    }
    assert_eq!(world.registry().purge(SOON.plus_seconds(1)).await.unwrap(), 0);
}

async fn families_without_an_absolute_end_go_when_idle_or_revoked(world: World) {
    world.user().await;
    let endless = |n, idle_expires_at| Family { expires_at: None, idle_expires_at, ..family(n) };
    let mut tx = world.write(&world.home).await;
    tx.insert_family(&endless(1, Some(SOON))).await.unwrap();
    tx.insert_family(&endless(2, None)).await.unwrap();
    tx.insert_family(&endless(3, None)).await.unwrap();
    tx.revoke_family(&family(3).id, SOON).await.unwrap();
    commit(tx).await;
    assert_eq!(world.registry().purge(SOON).await.unwrap(), 0);
    assert_eq!(world.registry().purge(LATER).await.unwrap(), 2);
    let mut tx = world.read(&world.home).await;
    assert!(tx.family_by_handle(&handle("family-2")).await.unwrap().is_some());
}

async fn a_method_stays_while_its_enrolment_runs(world: World) {
    world.user().await;
    let draft = AuthenticationMethod { confirmed: false, ..totp(1) };
    let running = Enrollment { expires_at: LATER, ..enrollment("e", Some(&draft)) };
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&draft).await.unwrap();
    tx.insert_enrollment(&running).await.unwrap();
    commit(tx).await;
    assert_eq!(world.registry().purge(SOON.plus_seconds(1)).await.unwrap(), 0);
    assert_eq!(world.registry().purge(LATER.plus_seconds(1)).await.unwrap(), 2);
}

async fn more_than_one_batch_goes(world: World) {
    let mut tx = world.write(&world.home).await;
    for n in 0..1100 {
        let name = format!("login-{n}");
        tx.insert_login(&LoginTransaction { handle: handle(&name), ..login("") }).await.unwrap();
    }
    tx.insert_code(&AuthorizationCode { expires_at: LATER, ..code("c") }).await.unwrap();
    commit(tx).await;
    assert_eq!(world.registry().purge(SOON.plus_seconds(1)).await.unwrap(), 1100);
}
