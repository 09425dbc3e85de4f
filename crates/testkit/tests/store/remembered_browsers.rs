//! Browsers that are spared a second factor for a while, and finding a family by its id.

use housekey_core::mfa::RememberedBrowser;

use crate::samples::{LATER, NOW, SOON, family, handle, user_id};
use crate::world::{World, assert_same, commit};

contract! {
    a_browser_is_remembered_for_one_user_until_its_ends,
    using_it_moves_the_idle_end,
    all_of_a_user_are_forgotten,
    a_family_is_found_by_its_id,
}

fn browser(name: &str) -> RememberedBrowser {
    RememberedBrowser {
        handle: handle(name),
        user_id: user_id(1),
        expires_at: LATER,
        idle_expires_at: SOON,
    }
}

async fn remember(world: &World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.remember_browser(&browser("a")).await.unwrap();
    commit(tx).await;
}

async fn a_browser_is_remembered_for_one_user_until_its_ends(world: World) {
    remember(&world).await;
    let mut tx = world.read(&world.home).await;
    assert!(tx.is_browser_remembered(&handle("a"), &user_id(1), NOW).await.unwrap());
    assert!(!tx.is_browser_remembered(&handle("b"), &user_id(1), NOW).await.unwrap());
    assert!(!tx.is_browser_remembered(&handle("a"), &user_id(2), NOW).await.unwrap());
    assert!(!tx.is_browser_remembered(&handle("a"), &user_id(1), SOON).await.unwrap());
    let mut abroad = world.read(&world.abroad).await;
    assert!(!abroad.is_browser_remembered(&handle("a"), &user_id(1), NOW).await.unwrap());
}

async fn using_it_moves_the_idle_end(world: World) {
    remember(&world).await;
    let mut tx = world.write(&world.home).await;
    let far = LATER.plus_seconds(1);
    assert!(tx.use_remembered_browser(&handle("a"), &user_id(1), far).await.unwrap());
    assert!(!tx.use_remembered_browser(&handle("a"), &user_id(2), far).await.unwrap());
    assert!(tx.is_browser_remembered(&handle("a"), &user_id(1), SOON).await.unwrap());
    assert!(!tx.is_browser_remembered(&handle("a"), &user_id(1), LATER).await.unwrap());
    commit(tx).await;
    assert_eq!(world.registry().purge(far).await.unwrap(), 1);
}

async fn all_of_a_user_are_forgotten(world: World) {
    remember(&world).await;
    let mut tx = world.write(&world.home).await;
    tx.remember_browser(&browser("b")).await.unwrap();
    assert_eq!(tx.forget_browsers(&user_id(1)).await.unwrap(), 2);
    assert!(!tx.is_browser_remembered(&handle("a"), &user_id(1), NOW).await.unwrap());
    commit(tx).await;
}

async fn a_family_is_found_by_its_id(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_family(&family(1)).await.unwrap();
    assert_same(&tx.family(&family(1).id).await.unwrap(), &Some(family(1)));
    assert!(tx.family(&family(2).id).await.unwrap().is_none());
    commit(tx).await;
    let mut abroad = world.read(&world.abroad).await;
    assert!(abroad.family(&family(1).id).await.unwrap().is_none());
}
