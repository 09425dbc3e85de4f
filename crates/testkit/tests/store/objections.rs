//! Links by which people object to a change.

use housekey_core::account::Objection;
use housekey_core::message::Happened;
use housekey_core::time::Timestamp;

use crate::samples::{NOW, SOON, handle, objection, user, user_id};
use crate::world::{World, assert_same, commit};

contract! {
    reads_back_while_it_is_good,
    several_are_good_at_once,
    is_spent_once,
    one_of_many_spends_it,
    objections_belong_to_one_tenant,
    what_was_proved_before_signing_out_is_known,
}

async fn begin(world: &World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_objection(&objection("o")).await.unwrap();
    commit(tx).await;
}

async fn reads_back_while_it_is_good(world: World) {
    begin(&world).await;
    let mut tx = world.read(&world.home).await;
    assert_same(&tx.objection(&handle("o"), NOW).await.unwrap().unwrap(), &objection("o"));
    assert!(tx.objection(&handle("o"), SOON).await.unwrap().is_none());
    assert!(tx.objection(&handle("other"), NOW).await.unwrap().is_none());
}

async fn several_are_good_at_once(world: World) {
    begin(&world).await;
    let password =
        Objection { happened: Happened::PasswordChanged, method_id: None, ..objection("p") };
    let mut tx = world.write(&world.home).await;
    tx.insert_objection(&password).await.unwrap();
    assert_same(&tx.objection(&handle("p"), NOW).await.unwrap().unwrap(), &password);
    assert!(tx.objection(&handle("o"), NOW).await.unwrap().is_some());
}

async fn is_spent_once(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.spend_objection(&handle("o"), SOON).await.unwrap().is_none());
    let spent = tx.spend_objection(&handle("o"), NOW).await.unwrap().unwrap();
    assert_same(&spent, &objection("o"));
    assert!(tx.spend_objection(&handle("o"), NOW).await.unwrap().is_none());
    assert!(tx.objection(&handle("o"), NOW).await.unwrap().is_none());
}

async fn one_of_many_spends_it(world: World) {
    begin(&world).await;
    let winners =
        winners!(world, |tx| tx.spend_objection(&handle("o"), NOW).await.unwrap().is_some());
    assert_eq!(winners, 1);
}

async fn objections_belong_to_one_tenant(world: World) {
    begin(&world).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.objection(&handle("o"), NOW).await.unwrap().is_none());
    assert!(abroad.spend_objection(&handle("o"), NOW).await.unwrap().is_none());
    commit(abroad).await;
    let mut home = world.read(&world.home).await;
    assert!(home.objection(&handle("o"), NOW).await.unwrap().is_some());
}

async fn what_was_proved_before_signing_out_is_known(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    let known = tx.user_and_sign_out(&user_id(1)).await.unwrap().unwrap();
    assert_same(&known, &(user(1), None::<Timestamp>));
    tx.sign_out_everywhere(&user_id(1), NOW).await.unwrap();
    tx.sign_out_everywhere(&user_id(1), SOON).await.unwrap();
    let known = tx.user_and_sign_out(&user_id(1)).await.unwrap().unwrap();
    assert_same(&known, &(user(1), Some(SOON)));
    assert!(tx.user_and_sign_out(&user_id(2)).await.unwrap().is_none());
    commit(tx).await;
    let mut abroad = world.read(&world.abroad).await;
    assert!(abroad.user_and_sign_out(&user_id(1)).await.unwrap().unwrap().1.is_none());
}
