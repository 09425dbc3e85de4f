//! Started enrolments.

use housekey_core::account::Enrollment;
use housekey_core::factor::FactorType;
use housekey_core::port::Tx;

use crate::samples::{LATER, NOW, SOON, enrollment, handle, totp, user_id};
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    reads_back,
    a_handle_is_given_once,
    wrong_proofs_are_counted,
    is_completed_once,
    is_not_completed_after_its_end_or_too_many_wrong_proofs,
    one_of_many_completes_it,
    wrong_proofs_at_once_are_all_counted,
    voiding_spares_other_factors_methods_and_finished_ones,
    enrolments_belong_to_one_tenant,
}

async fn begin(world: &World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&totp(1)).await.unwrap();
    tx.insert_enrollment(&enrollment("e", Some(&totp(1)))).await.unwrap();
    commit(tx).await;
}

async fn read(tx: &mut Box<dyn Tx>) -> Enrollment {
    tx.enrollment(&handle("e")).await.unwrap().unwrap()
}

async fn reads_back(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    let found = read(&mut tx).await;
    assert_same(&found, &enrollment("e", Some(&totp(1))));
    assert_eq!(found.handle, handle("e"));
    assert!(tx.enrollment(&handle("other")).await.unwrap().is_none());
    tx.insert_enrollment(&enrollment("password", None)).await.unwrap();
    let found = tx.enrollment(&handle("password")).await.unwrap().unwrap();
    assert_same(&found, &enrollment("password", None));
}

async fn a_handle_is_given_once(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert_conflict(tx.insert_enrollment(&enrollment("e", None)).await);
}

async fn wrong_proofs_are_counted(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert_eq!(tx.count_failed_enrollment(&handle("e")).await.unwrap(), 1);
    assert_eq!(tx.count_failed_enrollment(&handle("e")).await.unwrap(), 2);
    assert_eq!(read(&mut tx).await.attempts, 2);
    assert_eq!(tx.count_failed_enrollment(&handle("other")).await.unwrap(), 0);
}

async fn is_completed_once(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.complete_enrollment(&handle("e"), 3, NOW).await.unwrap());
    assert!(!tx.complete_enrollment(&handle("e"), 3, NOW).await.unwrap());
    assert_eq!(read(&mut tx).await.completed_at, Some(NOW));
    assert!(!tx.complete_enrollment(&handle("other"), 3, NOW).await.unwrap());
}

async fn is_not_completed_after_its_end_or_too_many_wrong_proofs(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(!tx.complete_enrollment(&handle("e"), 3, SOON).await.unwrap());
    tx.count_failed_enrollment(&handle("e")).await.unwrap();
    assert!(!tx.complete_enrollment(&handle("e"), 1, NOW).await.unwrap());
    assert!(read(&mut tx).await.completed_at.is_none());
    assert!(tx.complete_enrollment(&handle("e"), 2, NOW).await.unwrap());
}

async fn one_of_many_completes_it(world: World) {
    begin(&world).await;
    let winners = winners!(world, |tx| tx.complete_enrollment(&handle("e"), 3, NOW).await.unwrap());
    assert_eq!(winners, 1);
}

async fn wrong_proofs_at_once_are_all_counted(world: World) {
    begin(&world).await;
    let within_limit = world.winners(|rival| async move {
        let mut tx = rival.write().await;
        let count = tx.count_failed_enrollment(&handle("e")).await.unwrap();
        commit(tx).await;
        count <= 10
    });
    assert_eq!(within_limit.await, 10);
}

async fn voiding_spares_other_factors_methods_and_finished_ones(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&totp(2)).await.unwrap();
    tx.insert_enrollment(&enrollment("second", Some(&totp(2)))).await.unwrap();
    tx.insert_enrollment(&enrollment("password", None)).await.unwrap();
    tx.insert_enrollment(&enrollment("done", Some(&totp(1)))).await.unwrap();
    assert!(tx.complete_enrollment(&handle("done"), 3, NOW).await.unwrap());

    let user = user_id(1);
    tx.void_enrollments(&user, FactorType::Totp, Some(&totp(1).id)).await.unwrap();
    assert!(tx.enrollment(&handle("e")).await.unwrap().is_none());
    assert!(tx.enrollment(&handle("second")).await.unwrap().is_some());

    tx.void_enrollments(&user, FactorType::Totp, None).await.unwrap();
    assert!(tx.enrollment(&handle("second")).await.unwrap().is_none());
    for spared in ["password", "done"] {
        assert!(tx.enrollment(&handle(spared)).await.unwrap().is_some(), "{spared}");
    }
}

async fn enrolments_belong_to_one_tenant(world: World) {
    begin(&world).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.enrollment(&handle("e")).await.unwrap().is_none());
    assert_eq!(abroad.count_failed_enrollment(&handle("e")).await.unwrap(), 0);
    assert!(!abroad.complete_enrollment(&handle("e"), 9, NOW).await.unwrap());
    abroad.void_enrollments(&user_id(1), FactorType::Totp, None).await.unwrap();
    abroad.delete_unconfirmed_methods(&user_id(1), LATER).await.unwrap();
    commit(abroad).await;
    let found = read(&mut world.read(&world.home).await).await;
    assert_same(&found, &enrollment("e", Some(&totp(1))));
}
