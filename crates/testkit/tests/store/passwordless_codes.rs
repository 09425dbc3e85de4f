//! Codes by which somebody signs in without a password.

use housekey_core::passwordless::PasswordlessCode;

use crate::samples::{LATER, NOW, SOON, handle};
use crate::world::{World, commit};

contract! {
    a_code_is_tried_as_often_as_is_allowed,
    a_new_code_takes_the_place_of_the_old,
    of_many_tries_at_once_each_counts,
    codes_belong_to_one_tenant,
}

pub fn code(name: &str, mac: &str) -> PasswordlessCode {
    PasswordlessCode { name: handle(name), mac: mac.to_owned(), expires_at: SOON }
}

async fn a_code_is_tried_as_often_as_is_allowed(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.put_passwordless_code(&code("a", "mac")).await.unwrap();
    for _ in 0..3 {
        let mac = tx.try_passwordless_code(&handle("a"), 3, NOW).await.unwrap();
        assert_eq!(mac.as_deref(), Some("mac"));
    }
    assert!(tx.try_passwordless_code(&handle("a"), 3, NOW).await.unwrap().is_none());
    assert!(tx.try_passwordless_code(&handle("b"), 3, NOW).await.unwrap().is_none());
    assert!(tx.delete_passwordless_code(&handle("a")).await.unwrap());
    assert!(!tx.delete_passwordless_code(&handle("a")).await.unwrap());
}

async fn a_new_code_takes_the_place_of_the_old(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.put_passwordless_code(&code("a", "old")).await.unwrap();
    assert!(tx.try_passwordless_code(&handle("a"), 1, SOON).await.unwrap().is_none(), "over");
    assert!(tx.try_passwordless_code(&handle("a"), 1, NOW).await.unwrap().is_some());
    let new = PasswordlessCode { expires_at: LATER, ..code("a", "new") };
    tx.put_passwordless_code(&new).await.unwrap();
    let mac = tx.try_passwordless_code(&handle("a"), 1, SOON).await.unwrap();
    assert_eq!(mac.as_deref(), Some("new"), "with tries of its own");
}

async fn of_many_tries_at_once_each_counts(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.put_passwordless_code(&code("a", "mac")).await.unwrap();
    commit(tx).await;
    let winners = winners!(world, |tx| {
        tx.try_passwordless_code(&handle("a"), 3, NOW).await.unwrap().is_some()
    });
    assert_eq!(winners, 3);
}

async fn codes_belong_to_one_tenant(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.put_passwordless_code(&code("a", "mac")).await.unwrap();
    commit(tx).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.try_passwordless_code(&handle("a"), 3, NOW).await.unwrap().is_none());
    assert!(!abroad.delete_passwordless_code(&handle("a")).await.unwrap());
}
