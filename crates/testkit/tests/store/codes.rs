//! Authorization codes.

use crate::samples::{LATER, NOW, code, handle};
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    is_spent_once_expired_or_not,
    a_handle_is_given_once,
    one_of_many_spends_it,
    a_spent_code_leads_to_its_family,
    codes_belong_to_one_tenant,
}

async fn begin(world: &World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_code(&code("c")).await.unwrap();
    commit(tx).await;
}

async fn is_spent_once_expired_or_not(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    let spent = tx.spend_code(&handle("c"), LATER).await.unwrap().unwrap();
    assert_same(&spent, &code("c"));
    assert!(tx.spend_code(&handle("c"), LATER).await.unwrap().is_none());
    assert!(tx.spend_code(&handle("other"), NOW).await.unwrap().is_none());
}

async fn a_handle_is_given_once(world: World) {
    begin(&world).await;
    assert_conflict(world.write(&world.home).await.insert_code(&code("c")).await);
}

async fn one_of_many_spends_it(world: World) {
    begin(&world).await;
    let winners = winners!(world, |tx| tx.spend_code(&handle("c"), NOW).await.unwrap().is_some());
    assert_eq!(winners, 1);
}

async fn a_spent_code_leads_to_its_family(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.family_of_spent_code(&handle("c")).await.unwrap().is_none(), "not spent yet");
    tx.spend_code(&handle("c"), NOW).await.unwrap();
    let family = tx.family_of_spent_code(&handle("c")).await.unwrap();
    assert_eq!(family, Some(code("c").family_id));
    assert!(tx.family_of_spent_code(&handle("other")).await.unwrap().is_none());
}

async fn codes_belong_to_one_tenant(world: World) {
    begin(&world).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.spend_code(&handle("c"), NOW).await.unwrap().is_none());
    commit(abroad).await;
    let mut home = world.write(&world.home).await;
    assert!(home.spend_code(&handle("c"), NOW).await.unwrap().is_some());
    commit(home).await;
    let mut abroad = world.read(&world.abroad).await;
    assert!(abroad.family_of_spent_code(&handle("c")).await.unwrap().is_none());
}
