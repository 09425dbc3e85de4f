//! Users and the names under which they are found.

use housekey_core::id::{ConnectionId, FamilyId, UserId};
use housekey_core::port::{GrantState, StoreError, Tx};
use housekey_core::user::{Identifier, Profile, User};

use crate::samples::{
    LATER, NOW, SOON, connection_id, family, session_family, totp, user, user_id,
};
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    is_found_by_id_and_by_each_name,
    absence_is_none,
    two_tenants_have_users_of_the_same_id,
    an_id_is_given_once,
    a_name_is_given_once_per_connection,
    a_user_needs_a_connection_of_the_tenant,
    updating_replaces_profile_and_names,
    updating_to_a_taken_name_conflicts,
    updating_touches_no_other_tenant,
    the_account_is_read_with_everything,
    the_account_tells_what_became_of_the_grant,
    signing_up_twice_at_once_succeeds_once,
    locking_finds_users_of_the_tenant_alone,
    locking_makes_others_wait,
}

async fn by_name(
    world: &World,
    connection: &ConnectionId,
    identifier: &Identifier,
) -> Option<User> {
    let mut tx = world.read(&world.home).await;
    tx.user_by_identifier(connection, identifier).await.unwrap().map(|(user, _)| user)
}

async fn state(tx: &mut Box<dyn Tx>, user: &UserId, family: &FamilyId) -> GrantState {
    tx.account(user, family).await.unwrap().unwrap().1
}

async fn is_found_by_id_and_by_each_name(world: World) {
    let user = world.user().await;
    let found = world.read(&world.home).await.user(&user.id).await.unwrap().unwrap();
    assert_same(&found, &user);
    for identifier in user.profile.identifiers() {
        let found = by_name(&world, &connection_id(), &identifier).await.unwrap();
        assert_same(&found, &user);
    }
    assert_eq!(user.profile.identifiers().len(), 3);
}

async fn absence_is_none(world: World) {
    world.user().await;
    let mut tx = world.read(&world.home).await;
    assert!(tx.user(&user_id(2)).await.unwrap().is_none());
    assert!(tx.account(&user_id(2), &FamilyId::from_raw("none")).await.unwrap().is_none());
    let email = Identifier::email("user1@example.com").unwrap();
    let elsewhere = ConnectionId::from_raw("con_other");
    assert!(by_name(&world, &elsewhere, &email).await.is_none());
    let as_username = Identifier::Username("user1@example.com".to_owned());
    assert!(by_name(&world, &connection_id(), &as_username).await.is_none());
}

async fn two_tenants_have_users_of_the_same_id(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_user(&user(1)).await.unwrap();
    commit(tx).await;
    let email = Identifier::email("user1@example.com").unwrap();
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.user(&user_id(1)).await.unwrap().is_none());
    assert!(abroad.user_by_identifier(&connection_id(), &email).await.unwrap().is_none());
    let account = abroad.account(&user_id(1), &FamilyId::from_raw("none")).await.unwrap();
    assert!(account.is_none());
    abroad.insert_user(&user(1)).await.unwrap();
    commit(abroad).await;
}

async fn an_id_is_given_once(world: World) {
    world.user().await;
    let same_id = User { profile: Profile::default(), ..user(1) };
    assert_conflict(world.write(&world.home).await.insert_user(&same_id).await);
}

async fn a_name_is_given_once_per_connection(world: World) {
    world.user().await;
    let profile = Profile { email: Some("USER1@example.COM".to_owned()), ..Profile::default() };
    let same_name = User { profile, ..user(2) };
    assert_conflict(world.write(&world.home).await.insert_user(&same_name).await);
    let found = world.read(&world.home).await.user(&user_id(2)).await.unwrap();
    assert!(found.is_none(), "nothing of the refused user stays");
}

async fn a_user_needs_a_connection_of_the_tenant(world: World) {
    let lost = User { connection_id: ConnectionId::from_raw("con_none"), ..user(1) };
    let outcome = world.write(&world.home).await.insert_user(&lost).await;
    assert!(matches!(outcome, Err(StoreError::Database(_))), "{outcome:?}");
}

async fn updating_replaces_profile_and_names(world: World) {
    let user = world.user().await;
    let profile = Profile {
        email: Some("new@example.com".to_owned()),
        email_verified: true,
        ..Profile::default()
    };
    let mut tx = world.write(&world.home).await;
    tx.update_profile(&user, &profile, SOON).await.unwrap();
    commit(tx).await;
    let found = world.read(&world.home).await.user(&user.id).await.unwrap().unwrap();
    assert_same(&found, &User { profile, updated_at: SOON, ..user.clone() });
    for identifier in user.profile.identifiers() {
        assert!(by_name(&world, &connection_id(), &identifier).await.is_none());
    }
    let email = Identifier::email("new@example.com").unwrap();
    assert!(by_name(&world, &connection_id(), &email).await.is_some());
}

async fn updating_to_a_taken_name_conflicts(world: World) {
    let first = world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_user(&user(2)).await.unwrap();
    commit(tx).await;
    let outcome =
        world.write(&world.home).await.update_profile(&user(2), &first.profile, SOON).await;
    assert_conflict(outcome);
}

async fn updating_touches_no_other_tenant(world: World) {
    let user = world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.update_profile(&user, &Profile::default(), SOON).await.unwrap();
    commit(tx).await;
    let email = Identifier::email("user1@example.com").unwrap();
    let mut abroad = world.read(&world.abroad).await;
    let (found, _) = abroad.user_by_identifier(&connection_id(), &email).await.unwrap().unwrap();
    assert_same(&found, &user);
}

async fn the_account_is_read_with_everything(world: World) {
    let user = world.user().await;
    let none = FamilyId::from_raw("none");
    let mut tx = world.write(&world.home).await;
    let (account, _) = tx.account(&user.id, &none).await.unwrap().unwrap();
    assert!(account.password.is_none() && account.methods.is_empty());
    tx.set_password(&user.id, "hash", 0, NOW).await.unwrap();
    let (older, newer) = (totp(1), totp(2));
    tx.insert_method(&newer).await.unwrap();
    tx.insert_method(&older).await.unwrap();
    commit(tx).await;
    let mut tx = world.read(&world.home).await;
    let (account, _) = tx.account(&user.id, &none).await.unwrap().unwrap();
    assert_same(&account.user, &user);
    assert_eq!(account.password.unwrap().hash, "hash");
    assert_same(&account.methods, &vec![older, newer]);
    let mut abroad = world.read(&world.abroad).await;
    let (account, _) = abroad.account(&user.id, &none).await.unwrap().unwrap();
    assert!(account.password.is_none() && account.methods.is_empty());
}

async fn the_account_tells_what_became_of_the_grant(world: World) {
    let owner = world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_user(&user(2)).await.unwrap();
    tx.insert_family(&family(1)).await.unwrap();
    tx.insert_family(&session_family(2)).await.unwrap();
    tx.insert_method(&totp(1)).await.unwrap();
    tx.insert_method(&totp(2)).await.unwrap();
    assert_eq!(state(&mut tx, &owner.id, &family(1).id).await, GrantState::Live);
    assert_eq!(state(&mut tx, &owner.id, &session_family(2).id).await, GrantState::Live);
    assert_eq!(state(&mut tx, &user_id(2), &family(1).id).await, GrantState::Revoked);
    assert!(tx.revoke_family(&family(1).id, LATER).await.unwrap());
    assert_eq!(state(&mut tx, &owner.id, &family(1).id).await, GrantState::Revoked);
    commit(tx).await;
    let mut abroad = world.write(&world.abroad).await;
    assert_eq!(state(&mut abroad, &owner.id, &session_family(2).id).await, GrantState::Revoked);
}

async fn signing_up_twice_at_once_succeeds_once(world: World) {
    let winners = world.winners(|rival| async move {
        let mut tx = rival.write().await;
        match tx.insert_user(&user(1)).await {
            Ok(()) => {
                commit(tx).await;
                true
            }
            outcome => {
                assert_conflict(outcome);
                false
            }
        }
    });
    assert_eq!(winners.await, 1);
}

async fn locking_finds_users_of_the_tenant_alone(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_user(&user(1)).await.unwrap();
    commit(tx).await;
    assert!(world.write(&world.home).await.lock_user(&user_id(1)).await.unwrap());
    assert!(!world.write(&world.home).await.lock_user(&user_id(2)).await.unwrap());
    assert!(!world.write(&world.abroad).await.lock_user(&user_id(1)).await.unwrap());
}

/// Reads and then writes, which without the lock would let several see that there is none yet.
async fn locking_makes_others_wait(world: World) {
    world.user().await;
    let winners = world.winners(|rival| async move {
        let mut tx = rival.write().await;
        assert!(tx.lock_user(&user_id(1)).await.unwrap());
        let first = tx.methods(&user_id(1)).await.unwrap().is_empty();
        if first {
            tx.insert_method(&totp(1)).await.unwrap();
        }
        commit(tx).await;
        first
    });
    assert_eq!(winners.await, 1);
}
