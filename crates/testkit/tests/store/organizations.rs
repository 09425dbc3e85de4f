//! Organizations and who belongs to them.

use crate::samples::{organization, user, user_id};
use crate::world::{World, assert_conflict, commit};

contract! {
    reads_back,
    names_are_unique_in_a_tenant,
    somebody_belongs_once,
    are_paged_by_name,
    organizations_belong_to_one_tenant,
    go_with_their_organization,
}

const NAMES: [&str; 4] = ["delta", "alpha", "charlie", "bravo"];

async fn begin(world: &World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_user(&user(2)).await.unwrap();
    for name in NAMES {
        tx.insert_organization(&organization(name)).await.unwrap();
        assert!(tx.add_member(&organization(name).id, &user_id(1)).await.unwrap());
    }
    tx.insert_organization(&organization("empty")).await.unwrap();
    commit(tx).await;
}

async fn names(world: &World, after: Option<&str>, limit: u32) -> Vec<String> {
    let mut tx = world.read(&world.home).await;
    let found = tx.organizations_of(&user_id(1), after, limit).await.unwrap();
    found.into_iter().map(|organization| organization.name).collect()
}

async fn reads_back(world: World) {
    begin(&world).await;
    let mut tx = world.read(&world.home).await;
    let found = tx.organizations_of(&user_id(1), None, 1).await.unwrap();
    assert_eq!(found, [organization("alpha")]);
    assert!(tx.organizations_of(&user_id(2), None, 9).await.unwrap().is_empty());
}

async fn names_are_unique_in_a_tenant(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    let mut twin = organization("alpha");
    twin.id = organization("twin").id;
    assert_conflict(tx.insert_organization(&twin).await);
}

async fn somebody_belongs_once(world: World) {
    begin(&world).await;
    let alpha = organization("alpha").id;
    let mut tx = world.write(&world.home).await;
    assert!(!tx.add_member(&alpha, &user_id(1)).await.unwrap());
    assert!(tx.remove_member(&alpha, &user_id(1)).await.unwrap());
    assert!(!tx.remove_member(&alpha, &user_id(1)).await.unwrap());
    commit(tx).await;
    assert_eq!(names(&world, None, 9).await, ["bravo", "charlie", "delta"]);
}

async fn are_paged_by_name(world: World) {
    begin(&world).await;
    assert_eq!(names(&world, None, 2).await, ["alpha", "bravo"]);
    assert_eq!(names(&world, Some("bravo"), 2).await, ["charlie", "delta"]);
    assert_eq!(names(&world, Some("bz"), 9).await, ["charlie", "delta"]);
    assert!(names(&world, Some("delta"), 2).await.is_empty());
}

async fn organizations_belong_to_one_tenant(world: World) {
    begin(&world).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.organizations_of(&user_id(1), None, 9).await.unwrap().is_empty());
    assert!(!abroad.remove_member(&organization("alpha").id, &user_id(1)).await.unwrap());
    abroad.insert_organization(&organization("alpha")).await.unwrap();
    commit(abroad).await;
    assert_eq!(names(&world, None, 9).await.len(), 4);
}

async fn go_with_their_organization(world: World) {
    begin(&world).await;
    world.database.execute("DELETE FROM organizations WHERE name = 'alpha'").await;
    assert_eq!(names(&world, None, 9).await.len(), 3);
}
