//! What people allowed applications to do.

use housekey_core::access::Consent;
use housekey_core::port::Tx;

use crate::samples::{SOON, client_id, consent, resource_server_id, user_id};
use crate::world::{World, assert_same, commit};

contract! {
    reads_back,
    a_new_one_replaces_the_older,
    is_withdrawn_once,
    consents_belong_to_one_tenant,
}

async fn given(tx: &mut Box<dyn Tx>) -> Option<Consent> {
    tx.consent(&user_id(1), &client_id(1), &resource_server_id()).await.unwrap()
}

async fn begin(world: &World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.put_consent(&consent("c", "read:x")).await.unwrap();
    commit(tx).await;
}

async fn reads_back(world: World) {
    begin(&world).await;
    let mut tx = world.read(&world.home).await;
    assert_same(&given(&mut tx).await.unwrap(), &consent("c", "read:x"));
    let other = tx.consent(&user_id(1), &client_id(2), &resource_server_id()).await.unwrap();
    assert!(other.is_none());
}

async fn a_new_one_replaces_the_older(world: World) {
    begin(&world).await;
    let newer = Consent { updated_at: SOON, ..consent("newer", "read:x write:x") };
    let mut tx = world.write(&world.home).await;
    tx.put_consent(&newer).await.unwrap();
    assert_same(&given(&mut tx).await.unwrap(), &newer);
    assert!(!tx.delete_consent(&consent("c", "").id).await.unwrap());
}

async fn is_withdrawn_once(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.delete_consent(&consent("c", "").id).await.unwrap());
    assert!(!tx.delete_consent(&consent("c", "").id).await.unwrap());
    assert!(given(&mut tx).await.is_none());
}

async fn consents_belong_to_one_tenant(world: World) {
    begin(&world).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(given(&mut abroad).await.is_none());
    assert!(!abroad.delete_consent(&consent("c", "").id).await.unwrap());
    abroad.put_consent(&consent("c", "everything")).await.unwrap();
    commit(abroad).await;
    let home = given(&mut world.read(&world.home).await).await.unwrap();
    assert_same(&home, &consent("c", "read:x"));
}
