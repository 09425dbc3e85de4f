//! Queued messages of one tenant.

use housekey_core::id::MessageId;
use housekey_core::message::QueuedMessage;
use housekey_core::port::Tx;

use crate::samples::message;
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    the_newest_come_first,
    an_id_is_given_once,
    are_cleared_together,
    messages_belong_to_one_tenant,
}

async fn ids(tx: &mut Box<dyn Tx>, to: Option<&str>, limit: u32) -> Vec<String> {
    let messages = tx.messages(to, limit).await.unwrap();
    messages.into_iter().map(|message| message.id.to_string()).collect()
}

async fn begin(world: &World) {
    let mut tx = world.write(&world.home).await;
    for n in [3, 1, 2] {
        tx.enqueue(&message(n)).await.unwrap();
    }
    commit(tx).await;
}

async fn the_newest_come_first(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert_eq!(ids(&mut tx, None, 9).await, ["msg_2", "msg_1", "msg_3"]);
    assert_eq!(ids(&mut tx, None, 2).await, ["msg_2", "msg_1"]);
    let again = QueuedMessage { id: MessageId::from_raw("again"), ..message(1) };
    tx.enqueue(&again).await.unwrap();
    assert_eq!(ids(&mut tx, Some(&again.to), 9).await, ["again", "msg_1"]);
    assert!(ids(&mut tx, Some("nobody@example.com"), 9).await.is_empty());
    assert_same(&tx.messages(None, 1).await.unwrap()[0], &again);
}

async fn an_id_is_given_once(world: World) {
    begin(&world).await;
    assert_conflict(world.write(&world.home).await.enqueue(&message(1)).await);
}

async fn are_cleared_together(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    tx.clear_outbox().await.unwrap();
    assert!(ids(&mut tx, None, 9).await.is_empty());
}

async fn messages_belong_to_one_tenant(world: World) {
    begin(&world).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(ids(&mut abroad, None, 9).await.is_empty());
    abroad.clear_outbox().await.unwrap();
    commit(abroad).await;
    assert_eq!(ids(&mut world.read(&world.home).await, None, 9).await.len(), 3);
}
