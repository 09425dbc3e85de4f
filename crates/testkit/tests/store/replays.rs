//! What clients made for one use only.

use crate::samples::{LATER, SOON, handle};
use crate::world::{World, commit};

contract! {
    once_is_once,
    one_of_many_is_first,
    what_was_not_committed_was_not_spent,
    each_tenant_has_its_own,
}

async fn once_is_once(world: World) {
    let mut tx = world.write(&world.home).await;
    assert!(tx.spend_once(&handle("a"), SOON).await.unwrap());
    assert!(!tx.spend_once(&handle("a"), LATER).await.unwrap());
    assert!(tx.spend_once(&handle("b"), SOON).await.unwrap(), "and the transaction goes on");
    commit(tx).await;
    let mut tx = world.write(&world.home).await;
    assert!(!tx.spend_once(&handle("a"), SOON).await.unwrap());
}

async fn one_of_many_is_first(world: World) {
    let winners = winners!(world, |tx| tx.spend_once(&handle("a"), SOON).await.unwrap());
    assert_eq!(winners, 1);
}

async fn what_was_not_committed_was_not_spent(world: World) {
    let mut tx = world.write(&world.home).await;
    assert!(tx.spend_once(&handle("a"), SOON).await.unwrap());
    drop(tx);
    let mut tx = world.write(&world.home).await;
    assert!(tx.spend_once(&handle("a"), SOON).await.unwrap());
}

async fn each_tenant_has_its_own(world: World) {
    for tenant in [&world.home, &world.abroad] {
        let mut tx = world.write(tenant).await;
        assert!(tx.spend_once(&handle("a"), SOON).await.unwrap());
        commit(tx).await;
    }
}
