//! Passwords and their history.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use housekey_core::port::Tx;
use housekey_core::user::{Identifier, Password};

use crate::samples::{LATER, NOW, SOON, connection_id, user_id};
use crate::world::{World, assert_same, commit};

contract! {
    the_first_password_was_never_changed,
    a_new_password_keeps_the_beginning,
    the_history_has_the_newest_present_first,
    the_history_is_cut,
    rehashing_needs_the_hash_that_was_read,
    removing_leaves_the_history,
    passwords_belong_to_one_tenant,
    changes_at_once_all_reach_the_history,
}

async fn password(tx: &mut Box<dyn Tx>) -> Option<Password> {
    let name = Identifier::email("user1@example.com").unwrap();
    tx.user_by_identifier(&connection_id(), &name).await.unwrap().unwrap().1
}

async fn the_first_password_was_never_changed(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    assert!(password(&mut tx).await.is_none());
    tx.set_password(&user_id(1), "one", 5, NOW).await.unwrap();
    let expected =
        Password { hash: "one".to_owned(), created_at: NOW, changed_at: None, identity: None };
    assert_same(&password(&mut tx).await.unwrap(), &expected);
}

async fn a_new_password_keeps_the_beginning(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.set_password(&user_id(1), "one", 5, NOW).await.unwrap();
    tx.set_password(&user_id(1), "two", 5, SOON).await.unwrap();
    let expected = Password {
        hash: "two".to_owned(),
        created_at: NOW,
        changed_at: Some(SOON),
        identity: None,
    };
    assert_same(&password(&mut tx).await.unwrap(), &expected);
}

async fn the_history_has_the_newest_present_first(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.password_history(&user_id(1), 5).await.unwrap().is_empty());
    for hash in ["one", "two", "three"] {
        tx.set_password(&user_id(1), hash, 5, NOW).await.unwrap();
    }
    let history = tx.password_history(&user_id(1), 5).await.unwrap();
    assert_eq!(history, ["three", "two", "one"]);
    assert_eq!(tx.password_history(&user_id(1), 2).await.unwrap(), ["three", "two"]);
    assert!(tx.password_history(&user_id(1), 0).await.unwrap().is_empty());
}

async fn the_history_is_cut(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    for hash in ["one", "two", "three", "four"] {
        tx.set_password(&user_id(1), hash, 2, NOW).await.unwrap();
    }
    let history = tx.password_history(&user_id(1), 9).await.unwrap();
    assert_eq!(history, ["four", "three", "two"]);
    tx.set_password(&user_id(1), "five", 0, LATER).await.unwrap();
    assert_eq!(tx.password_history(&user_id(1), 9).await.unwrap(), ["five"]);
}

async fn rehashing_needs_the_hash_that_was_read(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.set_password(&user_id(1), "one", 5, NOW).await.unwrap();
    tx.rehash_password(&user_id(1), "other", "lost").await.unwrap();
    assert_eq!(password(&mut tx).await.unwrap().hash, "one");
    tx.rehash_password(&user_id(1), "one", "stronger").await.unwrap();
    let expected =
        Password { hash: "stronger".to_owned(), created_at: NOW, changed_at: None, identity: None };
    assert_same(&password(&mut tx).await.unwrap(), &expected);
    assert_eq!(tx.password_history(&user_id(1), 9).await.unwrap(), ["stronger"]);
}

async fn passwords_belong_to_one_tenant(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.set_password(&user_id(1), "one", 5, NOW).await.unwrap();
    commit(tx).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(password(&mut abroad).await.is_none());
    abroad.rehash_password(&user_id(1), "one", "stolen").await.unwrap();
    abroad.set_password(&user_id(1), "foreign", 5, SOON).await.unwrap();
    assert_eq!(abroad.password_history(&user_id(1), 9).await.unwrap(), ["foreign"]);
    commit(abroad).await;
    let mut home = world.read(&world.home).await;
    assert_eq!(home.password_history(&user_id(1), 9).await.unwrap(), ["one"]);
}

async fn changes_at_once_all_reach_the_history(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.set_password(&user_id(1), "first", 100, NOW).await.unwrap();
    commit(tx).await;
    let count = AtomicUsize::new(0);
    let changed = world.winners(|rival| {
        let hash = format!("hash {}", count.fetch_add(1, Ordering::Relaxed));
        async move {
            let mut tx = rival.write().await;
            tx.set_password(&user_id(1), &hash, 100, SOON).await.unwrap();
            commit(tx).await;
            true
        }
    });
    let changed = changed.await;
    let history = world.read(&world.home).await.password_history(&user_id(1), 100).await.unwrap();
    assert_eq!(history.len(), changed + 1);
    assert_eq!(history.last().unwrap(), "first");
    let distinct: HashSet<_> = history.iter().collect();
    assert_eq!(distinct.len(), history.len(), "{history:?}");
}

async fn removing_leaves_the_history(world: World) {
    world.user().await;
    for tenant in [&world.home, &world.abroad] {
        let mut tx = world.write(tenant).await;
        tx.set_password(&user_id(1), "one", 5, NOW).await.unwrap();
        tx.set_password(&user_id(1), "two", 5, SOON).await.unwrap();
        commit(tx).await;
    }
    let mut tx = world.write(&world.home).await;
    assert!(tx.delete_password(&user_id(1)).await.unwrap());
    assert!(!tx.delete_password(&user_id(1)).await.unwrap());
    assert!(password(&mut tx).await.is_none());
    assert_eq!(tx.password_history(&user_id(1), 5).await.unwrap(), ["one"]);
    commit(tx).await;
    let mut abroad = world.read(&world.abroad).await;
    assert!(password(&mut abroad).await.is_some());
}
