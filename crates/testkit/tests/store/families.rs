//! Token families.

use housekey_core::port::Tx;
use housekey_core::token::Family;
use housekey_core::token::dpop::Binding;

use crate::samples::{
    LATER, NOW, SOON, client_id, events, family, handle, head, session_family, user_id,
};
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    is_found_by_its_handle_with_its_user,
    a_handle_is_given_once_and_may_be_missing,
    advancing_stores_what_an_exchange_changes,
    advancing_needs_the_version_that_was_read,
    one_of_many_advances,
    reading_before_writing_loses_no_exchange,
    is_revoked_once,
    a_users_families_are_revoked_by_kind,
    the_oldest_families_are_trimmed,
    families_belong_to_one_tenant,
}

async fn begin(world: &World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_family(&family(1)).await.unwrap();
    commit(tx).await;
}

async fn find(tx: &mut Box<dyn Tx>, n: u8) -> Family {
    tx.family_by_handle(&handle(&format!("family-{n}"))).await.unwrap().unwrap().0
}

async fn is_revoked(tx: &mut Box<dyn Tx>, n: u8) -> bool {
    find(tx, n).await.revoked_at.is_some()
}

async fn is_found_by_its_handle_with_its_user(world: World) {
    let user = world.user().await;
    let endless = Family {
        session_id: None,
        audience: None,
        binding: None,
        expires_at: None,
        idle_expires_at: None,
        ..family(2)
    };
    let mut tx = world.write(&world.home).await;
    for family in [&family(1), &endless] {
        tx.insert_family(family).await.unwrap();
        let handle = family.handle.as_ref().unwrap();
        let (found, owner) = tx.family_by_handle(handle).await.unwrap().unwrap();
        assert_same(&found, family);
        assert_eq!(found.handle.as_ref(), Some(handle));
        assert_eq!(found.heads, family.heads);
        assert_same(&owner.unwrap(), &user);
    }
    assert!(tx.family_by_handle(&handle("other")).await.unwrap().is_none());
}

async fn a_handle_is_given_once_and_may_be_missing(world: World) {
    begin(&world).await;
    let same_handle = Family { handle: family(1).handle, ..family(2) };
    assert_conflict(world.write(&world.home).await.insert_family(&same_handle).await);
    let mut tx = world.write(&world.home).await;
    tx.insert_family(&session_family(3)).await.unwrap();
    tx.insert_family(&session_family(4)).await.unwrap();
    commit(tx).await;
}

fn exchanged() -> Family {
    Family {
        heads: vec![head("first", 0), head("second", 1)],
        events: [events(), events()].concat(),
        idle_expires_at: None,
        binding: Some(Binding::from_raw("another key")),
        last_used_at: SOON,
        ..family(1)
    }
}

async fn advancing_stores_what_an_exchange_changes(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.advance_family(&exchanged()).await.unwrap());
    let found = find(&mut tx, 1).await;
    assert_same(&found, &Family { version: 2, ..exchanged() });
    assert_eq!(found.heads, exchanged().heads);
}

async fn advancing_needs_the_version_that_was_read(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    let read = find(&mut tx, 1).await;
    assert!(tx.advance_family(&read).await.unwrap());
    assert!(!tx.advance_family(&read).await.unwrap());
    let read = find(&mut tx, 1).await;
    assert!(tx.revoke_family(&read.id, NOW).await.unwrap());
    assert!(!tx.advance_family(&read).await.unwrap(), "it was revoked since");
    let read = find(&mut tx, 1).await;
    assert!(!tx.advance_family(&read).await.unwrap(), "it is revoked");
    assert!(!tx.advance_family(&family(2)).await.unwrap());
}

async fn one_of_many_advances(world: World) {
    begin(&world).await;
    let winners = winners!(world, |tx| tx.advance_family(&exchanged()).await.unwrap());
    assert_eq!(winners, 1);
    assert_eq!(find(&mut world.read(&world.home).await, 1).await.version, 2);
}

/// On SQLite this takes the write lock before the read; taking it after fails.
async fn reading_before_writing_loses_no_exchange(world: World) {
    begin(&world).await;
    let winners = winners!(world, |tx| {
        let read = find(&mut tx, 1).await;
        tx.advance_family(&read).await.unwrap()
    });
    let version = find(&mut world.read(&world.home).await, 1).await.version;
    assert_eq!(usize::try_from(version).unwrap(), 1 + winners);
}

async fn is_revoked_once(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.revoke_family(&family(1).id, NOW).await.unwrap());
    assert!(!tx.revoke_family(&family(1).id, LATER).await.unwrap());
    assert_eq!(find(&mut tx, 1).await.revoked_at, Some(NOW));
    assert!(!tx.revoke_family(&family(2).id, NOW).await.unwrap());
}

async fn a_users_families_are_revoked_by_kind(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    for family in [family(2), session_family(3), session_family(4)] {
        tx.insert_family(&family).await.unwrap();
    }
    let (user, spared) = (user_id(1), session_family(4).id);
    let revoked = tx.revoke_families_of(&user, false, Some(&spared), NOW).await.unwrap();
    assert_eq!(revoked, 1, "the other session's");
    assert!(!is_revoked(&mut tx, 1).await && !is_revoked(&mut tx, 2).await);
    let revoked = tx.revoke_families_of(&user, true, Some(&family(2).id), NOW).await.unwrap();
    assert_eq!(revoked, 2, "the spared session's and the first");
    assert!(is_revoked(&mut tx, 1).await && !is_revoked(&mut tx, 2).await);
    assert_eq!(tx.revoke_families_of(&user, true, None, NOW).await.unwrap(), 1);
    assert_eq!(tx.revoke_families_of(&user_id(2), true, None, NOW).await.unwrap(), 0);
}

async fn the_oldest_families_are_trimmed(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    let of_another_client = Family { client_id: client_id(2), ..family(0) };
    for family in [of_another_client, family(2), family(3), session_family(4)] {
        tx.insert_family(&family).await.unwrap();
    }
    tx.trim_families(&user_id(1), &client_id(1), 3, NOW).await.unwrap();
    assert!(!is_revoked(&mut tx, 1).await, "three are not too many");
    tx.trim_families(&user_id(1), &client_id(1), 2, NOW).await.unwrap();
    assert!(is_revoked(&mut tx, 1).await);
    tx.trim_families(&user_id(1), &client_id(1), 2, NOW).await.unwrap();
    for kept in [0, 2, 3] {
        assert!(!is_revoked(&mut tx, kept).await, "{kept}");
    }
    assert!(tx.revoke_family(&session_family(4).id, NOW).await.unwrap(), "it has no token");
}

async fn families_belong_to_one_tenant(world: World) {
    begin(&world).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.family_by_handle(&handle("family-1")).await.unwrap().is_none());
    assert!(!abroad.advance_family(&exchanged()).await.unwrap());
    assert!(!abroad.revoke_family(&family(1).id, NOW).await.unwrap());
    assert_eq!(abroad.revoke_families_of(&user_id(1), true, None, NOW).await.unwrap(), 0);
    abroad.trim_families(&user_id(1), &client_id(1), 0, NOW).await.unwrap();
    commit(abroad).await;
    assert_same(&find(&mut world.read(&world.home).await, 1).await, &family(1));
}
