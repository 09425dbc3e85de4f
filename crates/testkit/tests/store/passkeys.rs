//! Passkey ceremonies of apps, and who is not to be offered a passkey.

use housekey_core::id::UserId;
use housekey_core::passkey::{Ceremony, PasskeyState, PasskeyTransaction};
use housekey_core::port::Tx;

use crate::samples::{LATER, NOW, SOON, handle, passkey_transaction, user, user_id};
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    a_ceremony_reads_back_and_is_spent,
    one_of_many_spends_a_ceremony,
    ceremonies_belong_to_one_tenant,
    a_snooze_is_replaced_and_belongs_to_one_tenant,
}

fn transaction(name: &str, ceremony: Ceremony) -> PasskeyTransaction {
    let login = passkey_transaction(name);
    PasskeyTransaction { state: PasskeyState { ceremony, ..login.state }, ..login }
}

fn registration() -> Ceremony {
    Ceremony::Register { user_id: user_id(7), profile: Box::new(user(7).profile) }
}

async fn spend(tx: &mut Box<dyn Tx>, name: &str) -> Option<PasskeyTransaction> {
    tx.spend_passkey_transaction(&handle(name)).await.unwrap()
}

async fn a_ceremony_reads_back_and_is_spent(world: World) {
    for ceremony in [Ceremony::Login, registration()] {
        let begun = transaction("a", ceremony);
        let mut tx = world.write(&world.home).await;
        tx.insert_passkey_transaction(&begun).await.unwrap();
        assert_same(&spend(&mut tx, "a").await, &Some(begun));
        assert!(spend(&mut tx, "a").await.is_none());
        assert!(spend(&mut tx, "b").await.is_none());
        commit(tx).await;
    }
    let mut tx = world.write(&world.home).await;
    tx.insert_passkey_transaction(&transaction("a", Ceremony::Login)).await.unwrap();
    assert_conflict(tx.insert_passkey_transaction(&transaction("a", Ceremony::Login)).await);
}

async fn one_of_many_spends_a_ceremony(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_passkey_transaction(&transaction("a", Ceremony::Login)).await.unwrap();
    commit(tx).await;
    let winners = winners!(world, |tx| spend(&mut tx, "a").await.is_some());
    assert_eq!(winners, 1);
}

async fn ceremonies_belong_to_one_tenant(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_passkey_transaction(&transaction("a", Ceremony::Login)).await.unwrap();
    commit(tx).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(spend(&mut abroad, "a").await.is_none());
    commit(abroad).await;
    assert!(spend(&mut world.write(&world.home).await, "a").await.is_some());
}

async fn a_snooze_is_replaced_and_belongs_to_one_tenant(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    assert_eq!(tx.passkeys_snoozed_until(&user_id(1)).await.unwrap(), None);
    for until in [SOON, LATER, NOW] {
        tx.snooze_passkeys(&user_id(1), until).await.unwrap();
        assert_eq!(tx.passkeys_snoozed_until(&user_id(1)).await.unwrap(), Some(until));
    }
    commit(tx).await;
    let mut abroad = world.read(&world.abroad).await;
    assert_eq!(abroad.passkeys_snoozed_until(&user_id(1)).await.unwrap(), None);
    let nobody = UserId::from_raw("nobody");
    assert_eq!(abroad.passkeys_snoozed_until(&nobody).await.unwrap(), None);
}
