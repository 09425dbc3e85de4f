//! Stored rate limits: nobody takes what somebody else took.

use housekey_core::guard::{Bucket, Limit};
use housekey_core::port::Tx;

use crate::samples::{NOW, SOON};
use crate::world::{World, commit};

contract! {
    a_bucket_is_made_once_and_kept,
    of_many_only_so_many_take,
    what_was_not_committed_was_not_taken,
    buckets_belong_to_one_tenant,
    a_bucket_is_looked_at_and_forgotten,
}

const THREE: Limit = Limit { requests: 3, period_ms: 3_600_000 };

async fn take(tx: &mut Box<dyn Tx>) -> bool {
    let mut bucket = tx.lock_bucket("name", THREE.bucket(NOW)).await.unwrap();
    let allowed = THREE.take(&mut bucket, NOW).allowed;
    if allowed {
        tx.put_bucket("name", bucket).await.unwrap();
    }
    allowed
}

async fn a_bucket_is_made_once_and_kept(world: World) {
    let mut tx = world.write(&world.home).await;
    let new = Bucket { level: 5, at: NOW };
    assert_eq!(tx.lock_bucket("name", new).await.unwrap(), new);
    let changed = Bucket { level: 2, at: SOON };
    tx.put_bucket("name", changed).await.unwrap();
    commit(tx).await;
    let mut tx = world.write(&world.home).await;
    assert_eq!(tx.lock_bucket("name", new).await.unwrap(), changed);
    assert_eq!(tx.lock_bucket("other", new).await.unwrap(), new);
}

async fn of_many_only_so_many_take(world: World) {
    assert_eq!(winners!(world, |tx| take(&mut tx).await), 3);
}

async fn what_was_not_committed_was_not_taken(world: World) {
    for _ in 0..4 {
        let mut tx = world.write(&world.home).await;
        assert!(take(&mut tx).await);
    }
}

async fn buckets_belong_to_one_tenant(world: World) {
    for _ in 0..3 {
        let mut tx = world.write(&world.home).await;
        assert!(take(&mut tx).await);
        commit(tx).await;
    }
    assert!(!take(&mut world.write(&world.home).await).await);
    assert!(take(&mut world.write(&world.abroad).await).await);
}

async fn a_bucket_is_looked_at_and_forgotten(world: World) {
    let mut tx = world.write(&world.home).await;
    assert_eq!(tx.bucket("name").await.unwrap(), None);
    assert!(!tx.delete_bucket("name").await.unwrap());
    let new = Bucket { level: 5, at: NOW };
    tx.lock_bucket("name", new).await.unwrap();
    commit(tx).await;
    assert_eq!(world.read(&world.home).await.bucket("name").await.unwrap(), Some(new));
    let mut abroad = world.write(&world.abroad).await;
    assert_eq!(abroad.bucket("name").await.unwrap(), None);
    assert!(!abroad.delete_bucket("name").await.unwrap());
    drop(abroad);
    let mut tx = world.write(&world.home).await;
    assert!(tx.delete_bucket("name").await.unwrap());
    assert_eq!(tx.bucket("name").await.unwrap(), None);
}
