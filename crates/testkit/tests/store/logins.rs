//! Login transactions.

use housekey_core::login::{LoginState, LoginTransaction, PasskeyOffer, Step};

use crate::samples::{LATER, events, handle, login, user_id};
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    reads_back,
    a_handle_is_given_once,
    advancing_stores_the_step_and_counts,
    one_of_many_advances,
    one_of_many_finishes,
    logins_belong_to_one_tenant,
}

async fn begin(world: &World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_login(&login("l")).await.unwrap();
    commit(tx).await;
}

fn authenticated() -> LoginTransaction {
    let step = Step::Authenticated {
        user_id: user_id(1),
        events: events(),
        consented: false,
        passkey_offer: Some(PasskeyOffer::Local),
    };
    let before = login("l");
    LoginTransaction {
        browser: handle("another browser"),
        state: LoginState { step, interacted: true, ..before.state },
        expires_at: LATER,
        ..before
    }
}

async fn reads_back(world: World) {
    begin(&world).await;
    let mut tx = world.read(&world.home).await;
    let found = tx.login(&handle("l")).await.unwrap().unwrap();
    assert_same(&found, &login("l"));
    assert!(found.handle == handle("l") && found.browser == handle("browser"));
    assert!(tx.login(&handle("other")).await.unwrap().is_none());
}

async fn a_handle_is_given_once(world: World) {
    begin(&world).await;
    assert_conflict(world.write(&world.home).await.insert_login(&login("l")).await);
}

async fn advancing_stores_the_step_and_counts(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.advance_login(&authenticated()).await.unwrap());
    let found = tx.login(&handle("l")).await.unwrap().unwrap();
    assert_same(&found, &LoginTransaction { version: 2, ..authenticated() });
    assert!(!tx.advance_login(&authenticated()).await.unwrap(), "it moved on since");
    assert!(tx.advance_login(&found).await.unwrap());
    assert!(!tx.advance_login(&login("other")).await.unwrap());
}

async fn one_of_many_advances(world: World) {
    begin(&world).await;
    let winners = winners!(world, |tx| tx.advance_login(&authenticated()).await.unwrap());
    assert_eq!(winners, 1);
}

async fn one_of_many_finishes(world: World) {
    begin(&world).await;
    let winners = winners!(world, |tx| tx.finish_login(&handle("l")).await.unwrap());
    assert_eq!(winners, 1);
    assert!(world.read(&world.home).await.login(&handle("l")).await.unwrap().is_none());
}

async fn logins_belong_to_one_tenant(world: World) {
    begin(&world).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.login(&handle("l")).await.unwrap().is_none());
    assert!(!abroad.advance_login(&authenticated()).await.unwrap());
    assert!(!abroad.finish_login(&handle("l")).await.unwrap());
    commit(abroad).await;
    let found = world.read(&world.home).await.login(&handle("l")).await.unwrap().unwrap();
    assert_same(&found, &login("l"));
}
