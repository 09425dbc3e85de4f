//! Claiming queued messages across tenants and settling what became of them.

use housekey_core::message::QueuedMessage;
use housekey_core::port::{ClaimedMessage, Store};
use housekey_core::time::Timestamp;

use crate::samples::{LATER, NOW, SOON, message};
use crate::world::{World, assert_same, commit};

contract! {
    due_messages_of_all_tenants_are_claimed_oldest_first,
    a_claim_is_limited,
    a_claim_ends_with_its_lease,
    each_message_is_claimed_by_one_of_many,
    delivered_messages_are_not_claimed_again,
    failed_messages_come_back_or_are_given_up,
    settling_touches_no_other_tenant,
}

async fn enqueue(world: &World, messages: &[QueuedMessage]) {
    let mut tx = world.write(&world.home).await;
    for message in messages {
        tx.enqueue(message).await.unwrap();
    }
    commit(tx).await;
}

async fn claim(world: &World, now: Timestamp) -> Vec<ClaimedMessage> {
    world.registry().claim_messages(now, now.plus_seconds(10), 9).await.unwrap()
}

async fn stored(world: &World) -> QueuedMessage {
    world.read(&world.home).await.messages(None, 1).await.unwrap().remove(0)
}

async fn due_messages_of_all_tenants_are_claimed_oldest_first(world: World) {
    let of_tomorrow = QueuedMessage { due_at: LATER, ..message(4) };
    let newer = QueuedMessage { created_at: SOON, ..message(3) };
    enqueue(&world, &[newer, message(1), of_tomorrow]).await;
    let mut abroad = world.write(&world.abroad).await;
    abroad.enqueue(&QueuedMessage { created_at: NOW.plus_seconds(1), ..message(2) }).await.unwrap();
    commit(abroad).await;
    let claimed = claim(&world, NOW).await;
    let named: Vec<_> = claimed
        .iter()
        .map(|claimed| (claimed.tenant.as_str(), claimed.message.id.as_str()))
        .collect();
    assert_eq!(named, [("home", "msg_1"), ("abroad", "msg_2"), ("home", "msg_3")]);
    let leased = QueuedMessage { due_at: NOW.plus_seconds(10), ..message(1) };
    assert_same(&claimed[0].message, &leased);
}

async fn a_claim_is_limited(world: World) {
    enqueue(&world, &[message(1), message(2), message(3)]).await;
    let first = world.registry().claim_messages(NOW, SOON, 2).await.unwrap();
    let rest = world.registry().claim_messages(NOW, SOON, 2).await.unwrap();
    assert_eq!((first.len(), rest.len()), (2, 1));
}

async fn a_claim_ends_with_its_lease(world: World) {
    enqueue(&world, &[message(1)]).await;
    assert_eq!(claim(&world, NOW).await.len(), 1);
    assert!(claim(&world, NOW.plus_seconds(9)).await.is_empty());
    assert_eq!(claim(&world, NOW.plus_seconds(10)).await.len(), 1);
}

async fn each_message_is_claimed_by_one_of_many(world: World) {
    enqueue(&world, &[message(1)]).await;
    let winners = world.winners(|rival| async move {
        !rival.store.registry().claim_messages(NOW, SOON, 9).await.unwrap().is_empty()
    });
    assert_eq!(winners.await, 1);
}

async fn delivered_messages_are_not_claimed_again(world: World) {
    enqueue(&world, &[message(1)]).await;
    world.registry().message_delivered(&world.home, &message(1).id, SOON).await.unwrap();
    assert!(claim(&world, LATER).await.is_empty());
    let expected = QueuedMessage { attempts: 1, delivered_at: Some(SOON), ..message(1) };
    assert_same(&stored(&world).await, &expected);
    world.registry().message_failed(&world.home, &message(1).id, Some(NOW)).await.unwrap();
    assert!(claim(&world, LATER).await.is_empty(), "it stays delivered");
}

async fn failed_messages_come_back_or_are_given_up(world: World) {
    enqueue(&world, &[message(1)]).await;
    let id = message(1).id;
    world.registry().message_failed(&world.home, &id, Some(SOON)).await.unwrap();
    assert!(claim(&world, NOW).await.is_empty());
    assert_eq!(claim(&world, SOON).await[0].message.attempts, 1);
    world.registry().message_failed(&world.home, &id, None).await.unwrap();
    assert!(claim(&world, LATER).await.is_empty());
    assert_eq!(stored(&world).await.attempts, 2);
    assert!(stored(&world).await.delivered_at.is_none());
}

async fn settling_touches_no_other_tenant(world: World) {
    enqueue(&world, &[message(1)]).await;
    let id = message(1).id;
    world.registry().message_delivered(&world.abroad, &id, NOW).await.unwrap();
    world.registry().message_failed(&world.abroad, &id, Some(LATER)).await.unwrap();
    world.registry().message_failed(&world.abroad, &id, None).await.unwrap();
    assert_same(&stored(&world).await, &message(1));
    assert_eq!(claim(&world, NOW).await.len(), 1);
}
