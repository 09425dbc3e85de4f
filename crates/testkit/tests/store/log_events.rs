//! Tenant log events.

use crate::samples::log_event;
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    the_newest_come_first,
    an_id_is_given_once,
    events_belong_to_one_tenant,
}

async fn begin(world: &World) {
    let mut tx = world.write(&world.home).await;
    for n in [1, 2, 3] {
        tx.log(&log_event(n)).await.unwrap();
    }
    commit(tx).await;
}

async fn the_newest_come_first(world: World) {
    begin(&world).await;
    let mut tx = world.read(&world.home).await;
    let expected = vec![log_event(3), log_event(2)];
    assert_same(&tx.log_events(2).await.unwrap(), &expected);
    assert_eq!(tx.log_events(9).await.unwrap().len(), 3);
}

async fn an_id_is_given_once(world: World) {
    begin(&world).await;
    assert_conflict(world.write(&world.home).await.log(&log_event(1)).await);
}

async fn events_belong_to_one_tenant(world: World) {
    begin(&world).await;
    assert!(world.read(&world.abroad).await.log_events(9).await.unwrap().is_empty());
}
