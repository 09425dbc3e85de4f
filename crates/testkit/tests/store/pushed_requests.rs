//! Authorization requests that were pushed.

use crate::samples::{client_id, handle, pushed_request};
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    a_request_reads_back_and_is_spent,
    one_of_many_spends_it,
    it_belongs_to_one_application_of_one_tenant,
}

async fn begin(world: &World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_pushed_request(&pushed_request("a")).await.unwrap();
    commit(tx).await;
}

async fn a_request_reads_back_and_is_spent(world: World) {
    begin(&world).await;
    let again = world.write(&world.home).await.insert_pushed_request(&pushed_request("a")).await;
    assert_conflict(again);
    let mut tx = world.write(&world.home).await;
    let spent = tx.spend_pushed_request(&handle("a"), &client_id(1)).await.unwrap();
    assert_same(&spent, &Some(pushed_request("a")));
    assert!(tx.spend_pushed_request(&handle("a"), &client_id(1)).await.unwrap().is_none());
}

async fn one_of_many_spends_it(world: World) {
    begin(&world).await;
    let winners = winners!(world, |tx| {
        tx.spend_pushed_request(&handle("a"), &client_id(1)).await.unwrap().is_some()
    });
    assert_eq!(winners, 1);
}

async fn it_belongs_to_one_application_of_one_tenant(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.spend_pushed_request(&handle("a"), &client_id(2)).await.unwrap().is_none());
    commit(tx).await;
    let mut tx = world.write(&world.abroad).await;
    assert!(tx.spend_pushed_request(&handle("a"), &client_id(1)).await.unwrap().is_none());
    commit(tx).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.spend_pushed_request(&handle("a"), &client_id(1)).await.unwrap().is_some());
}
