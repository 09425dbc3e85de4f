//! Browser sessions.

use housekey_core::port::Tx;
use housekey_core::session::Session;

use crate::samples::{LATER, client_id, events, handle, session, user, user_id};
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    is_found_by_its_handle,
    a_handle_is_given_once,
    updating_replaces_what_may_change,
    is_ended_once,
    all_sessions_of_a_user_end_but_one,
    sessions_belong_to_one_tenant,
}

async fn begin(world: &World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_session(&session(1)).await.unwrap();
    commit(tx).await;
}

async fn exists(tx: &mut Box<dyn Tx>, n: u8) -> bool {
    tx.session_by_handle(&session(n).handle).await.unwrap().is_some()
}

async fn is_found_by_its_handle(world: World) {
    begin(&world).await;
    let mut tx = world.read(&world.home).await;
    let found = tx.session_by_handle(&session(1).handle).await.unwrap().unwrap();
    assert_same(&found, &session(1));
    assert_eq!(found.handle, session(1).handle);
    assert!(!exists(&mut tx, 2).await);
}

async fn a_handle_is_given_once(world: World) {
    begin(&world).await;
    let same_handle = Session { handle: session(1).handle, ..session(2) };
    assert_conflict(world.write(&world.home).await.insert_session(&same_handle).await);
    assert_conflict(world.write(&world.home).await.insert_session(&session(1)).await);
}

async fn updating_replaces_what_may_change(world: World) {
    begin(&world).await;
    let changed = Session {
        handle: handle("renewed"),
        events: [events(), events()].concat(),
        clients: vec![client_id(1), client_id(2)],
        expires_at: LATER.plus_seconds(1),
        idle_expires_at: LATER,
        ..session(1)
    };
    let mut tx = world.write(&world.home).await;
    assert!(tx.update_session(&changed).await.unwrap());
    assert!(!exists(&mut tx, 1).await, "the old handle is worthless");
    let found = tx.session_by_handle(&changed.handle).await.unwrap().unwrap();
    assert_same(&found, &changed);
    assert!(!tx.update_session(&session(2)).await.unwrap());
}

async fn is_ended_once(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.delete_session(&session(1).id).await.unwrap());
    assert!(!tx.delete_session(&session(1).id).await.unwrap());
    assert!(!exists(&mut tx, 1).await);
}

async fn all_sessions_of_a_user_end_but_one(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    tx.insert_user(&user(2)).await.unwrap();
    tx.insert_session(&session(2)).await.unwrap();
    tx.insert_session(&session(3)).await.unwrap();
    tx.insert_session(&Session { user_id: user_id(2), ..session(4) }).await.unwrap();
    let ended = tx.delete_sessions_of(&user_id(1), Some(&session(2).id)).await.unwrap();
    assert_eq!(ended, 2);
    assert!(exists(&mut tx, 2).await && exists(&mut tx, 4).await);
    assert_eq!(tx.delete_sessions_of(&user_id(1), None).await.unwrap(), 1);
    assert!(!exists(&mut tx, 2).await && exists(&mut tx, 4).await);
}

async fn sessions_belong_to_one_tenant(world: World) {
    begin(&world).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(!exists(&mut abroad, 1).await);
    assert!(!abroad.update_session(&session(1)).await.unwrap());
    assert!(!abroad.delete_session(&session(1).id).await.unwrap());
    assert_eq!(abroad.delete_sessions_of(&user_id(1), None).await.unwrap(), 0);
    commit(abroad).await;
    assert!(exists(&mut world.read(&world.home).await, 1).await);
}
