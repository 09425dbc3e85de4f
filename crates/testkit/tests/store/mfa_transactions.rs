//! Grants that wait for a second factor.

use housekey_core::mfa::{FirstGrant, MfaState, MfaTransaction, Origin, SignIn};
use housekey_core::port::Tx;

use crate::samples::{LATER, SOON, audience, client_id, events, handle, user_id};
use crate::world::{World, assert_same, commit};

contract! {
    a_grant_reads_back_moves_on_and_ends,
    one_of_many_ends_a_grant,
    a_grant_begins_anew_under_its_handle,
    grants_belong_to_one_tenant_and_go_with_their_user,
}

pub fn transaction(name: &str) -> MfaTransaction {
    MfaTransaction {
        handle: handle(name),
        user_id: user_id(1),
        state: MfaState {
            client_id: client_id(1),
            issuer: "https://home.example/".to_owned(),
            origin: Origin::SignIn(SignIn {
                grant: FirstGrant::Password,
                audience: Some(audience()),
                scope: housekey_core::scope::ScopeSet::parse("openid x"),
                events: events(),
            }),
            binding: None,
            asked: None,
            enrolling: None,
        },
        expires_at: SOON,
    }
}

async fn put(world: &World, transaction: &MfaTransaction) {
    let mut tx = world.write(&world.home).await;
    tx.put_mfa_transaction(transaction).await.unwrap();
    commit(tx).await;
}

async fn finish(tx: &mut Box<dyn Tx>, name: &str) -> bool {
    tx.finish_mfa_transaction(&handle(name)).await.unwrap()
}

async fn a_grant_reads_back_moves_on_and_ends(world: World) {
    world.user().await;
    let mut own = transaction("a");
    put(&world, &own).await;
    let mut tx = world.write(&world.home).await;
    assert_same(&tx.mfa_transaction(&own.handle).await.unwrap(), &Some(own.clone()));
    own.state.origin =
        Origin::Refresh { sealed_token: vec![0, 255], audience: None, scope: Some("x".into()) };
    assert!(tx.update_mfa_transaction(&own).await.unwrap());
    assert_same(&tx.mfa_transaction(&own.handle).await.unwrap(), &Some(own.clone()));
    assert!(finish(&mut tx, "a").await);
    assert!(!finish(&mut tx, "a").await);
    assert!(!tx.update_mfa_transaction(&own).await.unwrap(), "it is gone");
    assert!(tx.mfa_transaction(&own.handle).await.unwrap().is_none());
}

async fn one_of_many_ends_a_grant(world: World) {
    world.user().await;
    put(&world, &transaction("a")).await;
    let winners = winners!(world, |tx| finish(&mut tx, "a").await);
    assert_eq!(winners, 1);
}

async fn a_grant_begins_anew_under_its_handle(world: World) {
    world.user().await;
    put(&world, &transaction("a")).await;
    let again = MfaTransaction { expires_at: LATER, ..transaction("a") };
    put(&world, &again).await;
    let mut tx = world.read(&world.home).await;
    assert_same(&tx.mfa_transaction(&again.handle).await.unwrap(), &Some(again));
}

async fn grants_belong_to_one_tenant_and_go_with_their_user(world: World) {
    world.user().await;
    put(&world, &transaction("a")).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.mfa_transaction(&handle("a")).await.unwrap().is_none());
    assert!(!finish(&mut abroad, "a").await);
    commit(abroad).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.delete_user(&user_id(1)).await.unwrap());
    assert!(tx.mfa_transaction(&handle("a")).await.unwrap().is_none());
}
