//! What people approved away from the browser.

use housekey_core::access::{Approval, RequestedDetails};

use crate::samples::{LATER, NOW, SOON, approval, user, user_id};
use crate::world::{World, commit};

contract! {
    reads_back,
    are_listed_oldest_first_while_they_hold,
    approvals_belong_to_one_person,
    approvals_belong_to_one_tenant,
    go_with_their_user_or_application,
}

async fn begin(world: &World) {
    world.user().await;
    let bare =
        Approval { requested: RequestedDetails::default(), expires_at: LATER, ..approval(2) };
    let mut tx = world.write(&world.home).await;
    tx.insert_approval(&bare).await.unwrap();
    tx.insert_approval(&approval(1)).await.unwrap();
    commit(tx).await;
}

async fn reads_back(world: World) {
    begin(&world).await;
    let mut tx = world.read(&world.home).await;
    let found = tx.approval(&user_id(1), &approval(1).id).await.unwrap();
    assert_eq!(found, Some(approval(1)));
    let bare = tx.approval(&user_id(1), &approval(2).id).await.unwrap().unwrap();
    assert_eq!(bare.requested, RequestedDetails::default());
    assert_eq!(tx.approval(&user_id(1), &approval(3).id).await.unwrap(), None);
}

async fn ids(world: &World, unexpired_at: Option<housekey_core::time::Timestamp>) -> Vec<String> {
    let mut tx = world.read(&world.home).await;
    let found = tx.approvals(&user_id(1), unexpired_at).await.unwrap();
    found.into_iter().map(|approval| approval.id.to_string()).collect()
}

async fn are_listed_oldest_first_while_they_hold(world: World) {
    begin(&world).await;
    assert_eq!(ids(&world, None).await, ["cns_1", "cns_2"]);
    assert_eq!(ids(&world, Some(NOW)).await, ["cns_1", "cns_2"]);
    assert_eq!(ids(&world, Some(SOON)).await, ["cns_2"]);
    assert!(ids(&world, Some(LATER)).await.is_empty());
}

async fn approvals_belong_to_one_person(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    tx.insert_user(&user(2)).await.unwrap();
    assert!(tx.approvals(&user_id(2), None).await.unwrap().is_empty());
    assert_eq!(tx.approval(&user_id(2), &approval(1).id).await.unwrap(), None);
}

async fn approvals_belong_to_one_tenant(world: World) {
    begin(&world).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.approvals(&user_id(1), None).await.unwrap().is_empty());
    assert_eq!(abroad.approval(&user_id(1), &approval(1).id).await.unwrap(), None);
    abroad.insert_approval(&approval(1)).await.unwrap();
    commit(abroad).await;
    assert_eq!(ids(&world, None).await.len(), 2);
}

async fn go_with_their_user_or_application(world: World) {
    begin(&world).await;
    world.database.execute("DELETE FROM clients WHERE tenant = 'home'").await;
    assert!(ids(&world, None).await.is_empty());
}
