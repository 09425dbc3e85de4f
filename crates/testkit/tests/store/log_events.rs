//! Tenant log events.

use housekey_core::port::{LogIndex, LogStretch};

use crate::samples::{NOW, log_event};
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    the_newest_come_first,
    an_id_is_given_once,
    events_belong_to_one_tenant,
    a_stretch_is_what_lies_between,
    the_oldest_are_removed_first,
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
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.log_events(9).await.unwrap().is_empty());
    assert_eq!(abroad.log_event(&log_event(1).id).await.unwrap().map(|event| event.id), None);
    assert_eq!(abroad.purge_log(NOW.plus_seconds(1), 9).await.unwrap(), 0);
}

async fn a_stretch_is_what_lies_between(world: World) {
    begin(&world).await;
    let mut tx = world.read(&world.home).await;
    let all = LogStretch::newest(9);
    let [first, second, third] = [1, 2, 3].map(log_event);
    assert_same(&tx.log_event(&second.id).await.unwrap(), &Some(second.clone()));
    let behind =
        LogStretch { after: first.id.to_string(), oldest_first: true, take: 1, ..all.clone() };
    assert_same(&tx.log_stretch(&behind).await.unwrap(), &vec![second.clone()]);
    let before = LogStretch { before: third.id.to_string(), ..all.clone() };
    assert_same(&tx.log_stretch(&before).await.unwrap(), &vec![second, first]);
    for (of, found) in [
        (LogIndex::Kind("s".to_owned()), 3),
        (LogIndex::Kind("f".to_owned()), 0),
        (LogIndex::User("auth0|1".to_owned()), 0),
    ] {
        for oldest_first in [true, false] {
            let stretch = LogStretch { of: of.clone(), oldest_first, ..all.clone() };
            assert_eq!(tx.log_stretch(&stretch).await.unwrap().len(), found, "{of:?}");
        }
    }
}

async fn the_oldest_are_removed_first(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert_eq!(tx.purge_log(NOW, 9).await.unwrap(), 0);
    assert_eq!(tx.purge_log(NOW.plus_seconds(1), 1).await.unwrap(), 1);
    assert_same(&tx.log_events(9).await.unwrap(), &vec![log_event(3), log_event(2)]);
}
