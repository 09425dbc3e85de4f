//! Rows that do not convert name their place.

use housekey_core::id::FamilyId;
use housekey_core::port::StoreError;

use crate::samples::{NOW, code, handle, totp, user_id};
use crate::world::{World, commit};

contract! {
    a_document_that_does_not_parse,
    a_name_nobody_knows,
    a_flag_that_is_neither,
    a_kind_without_its_data,
    a_broken_tenant,
}

#[track_caller]
fn assert_corrupt<T: std::fmt::Debug>(
    outcome: Result<T, StoreError>,
    place: (&str, &str),
    row: &str,
) {
    match outcome {
        Err(StoreError::Corrupt { table, column, id }) => {
            assert_eq!((table, column), place);
            assert_eq!(id, row);
        }
        other => panic!("{other:?}"),
    }
}

async fn a_document_that_does_not_parse(world: World) {
    let user = world.user().await;
    world.database.execute("UPDATE users SET profile = '{'").await;
    let mut tx = world.read(&world.home).await;
    assert_corrupt(tx.user(&user.id).await, ("users", "profile"), user.id.as_str());

    let mut tx = world.write(&world.home).await;
    tx.insert_code(&code("c")).await.unwrap();
    commit(tx).await;
    world.database.execute("UPDATE authorization_codes SET decision = '[]'").await;
    let mut tx = world.write(&world.home).await;
    let outcome = tx.spend_code(&handle("c"), NOW).await;
    assert_corrupt(outcome, ("authorization_codes", "decision"), handle("c").as_str());
}

async fn a_name_nobody_knows(world: World) {
    let user = world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&totp(1)).await.unwrap();
    commit(tx).await;
    world.database.execute("UPDATE authentication_methods SET factor = 'oracle'").await;
    let mut tx = world.read(&world.home).await;
    let outcome = tx.account(&user.id, &FamilyId::from_raw("none")).await;
    assert_corrupt(outcome, ("authentication_methods", "factor"), "dev_1");
}

async fn a_flag_that_is_neither(world: World) {
    let user = world.user().await;
    world.database.execute("UPDATE users SET blocked = 2").await;
    let mut tx = world.read(&world.home).await;
    assert_corrupt(tx.user(&user.id).await, ("users", "blocked"), user.id.as_str());
}

async fn a_kind_without_its_data(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&totp(1)).await.unwrap();
    commit(tx).await;
    world.database.execute("UPDATE authentication_methods SET factor = 'email'").await;
    let mut tx = world.read(&world.home).await;
    let outcome = tx.methods(&user_id(1)).await;
    assert_corrupt(outcome, ("authentication_methods", "factor"), "dev_1");
}

async fn a_broken_tenant(world: World) {
    world.database.execute("UPDATE resource_servers SET identifier = NULL").await;
    let outcome = world.registry().configuration(&world.home).await;
    assert_corrupt(outcome, ("resource_servers", "kind"), "api");
}
