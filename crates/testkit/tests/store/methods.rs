//! Authentication methods.

use housekey_core::factor::phone::{PhoneChannel, PhoneNumber};
use housekey_core::factor::totp::Seen;
use housekey_core::factor::{AuthenticationMethod, MethodKind};
use housekey_core::id::MethodId;
use housekey_core::port::Tx;

use crate::samples::{LATER, NOW, SOON, credential, enrollment, handle, method, totp, user_id};
use crate::world::{World, assert_conflict, assert_same, commit};

contract! {
    each_kind_reads_back_oldest_first,
    a_phone_moves_to_another_channel,
    an_id_is_given_once_per_user,
    a_credential_is_enrolled_once_and_found,
    updating_replaces_what_may_change,
    updating_never_takes_a_time_step_back,
    a_time_step_is_claimed_once_and_only_forward,
    one_of_many_claims_a_time_step,
    a_recovery_code_is_replaced_once,
    one_of_many_replaces_a_recovery_code,
    deleting_takes_the_enrolments_along,
    unconfirmed_methods_go_by_age,
    methods_belong_to_one_tenant,
}

async fn only(tx: &mut Box<dyn Tx>) -> AuthenticationMethod {
    let mut methods = tx.methods(&user_id(1)).await.unwrap();
    assert_eq!(methods.len(), 1);
    methods.remove(0)
}

fn phone(channel: PhoneChannel) -> MethodKind {
    let number = PhoneNumber::parse("+4930123456", None).unwrap();
    MethodKind::Phone { number, channel }
}

async fn a_phone_moves_to_another_channel(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&method(1, phone(PhoneChannel::Sms))).await.unwrap();
    let changed = method(1, phone(PhoneChannel::Voice));
    assert!(tx.update_method(&changed).await.unwrap());
    assert_same(&only(&mut tx).await, &changed);
}

async fn each_kind_reads_back_oldest_first(world: World) {
    world.user().await;
    let email = MethodKind::Email { address: "User@Example.com".to_owned() };
    let recovery = MethodKind::RecoveryCode { mac: "mac".to_owned() };
    let app = MethodKind::Totp {
        sealed_secret: vec![0, 255],
        seen: Seen { last_step: Some(i64::MAX), drift: -2 },
    };
    let passkey = MethodKind::Passkey(Box::new(credential(4)));
    let platform = MethodKind::WebauthnPlatform(Box::new(credential(5)));
    let roaming = MethodKind::WebauthnRoaming(Box::new(credential(6)));
    let methods = vec![
        AuthenticationMethod { name: Some("Mine".to_owned()), ..method(1, email) },
        AuthenticationMethod { confirmed: false, ..method(2, recovery) },
        AuthenticationMethod { last_auth_at: Some(LATER), ..method(3, app) },
        method(4, passkey),
        method(5, platform),
        method(6, roaming),
        method(7, phone(PhoneChannel::Sms)),
        method(8, phone(PhoneChannel::Voice)),
        method(
            9,
            MethodKind::PushNotification {
                sealed_secret: vec![1],
                seen: Seen { last_step: Some(7), drift: 1 },
            },
        ),
    ];
    let mut tx = world.write(&world.home).await;
    assert!(tx.methods(&user_id(1)).await.unwrap().is_empty());
    for method in methods.iter().rev() {
        tx.insert_method(method).await.unwrap();
    }
    assert_same(&tx.methods(&user_id(1)).await.unwrap(), &methods);
}

async fn an_id_is_given_once_per_user(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&totp(1)).await.unwrap();
    assert_conflict(tx.insert_method(&totp(1)).await);
}

async fn a_credential_is_enrolled_once_and_found(world: World) {
    world.user().await;
    let passkey = |n, id| method(n, MethodKind::Passkey(Box::new(credential(id))));
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&passkey(1, 7)).await.unwrap();
    let mut used = credential(7);
    used.sign_count = u32::MAX;
    let used = method(1, MethodKind::Passkey(Box::new(used)));
    assert!(tx.update_method(&used).await.unwrap());
    assert_same(&tx.method_by_credential(&credential(7).id).await.unwrap(), &Some(used));
    assert!(tx.method_by_credential(&credential(8).id).await.unwrap().is_none());
    commit(tx).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.method_by_credential(&credential(7).id).await.unwrap().is_none());
    abroad.insert_method(&passkey(1, 7)).await.unwrap();
    commit(abroad).await;
    let mut again = world.write(&world.home).await;
    assert_conflict(again.insert_method(&passkey(2, 7)).await);
}

async fn updating_replaces_what_may_change(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&AuthenticationMethod { confirmed: false, ..totp(1) }).await.unwrap();
    let changed = AuthenticationMethod {
        name: Some("New".to_owned()),
        last_auth_at: Some(SOON),
        kind: MethodKind::Totp {
            sealed_secret: vec![7],
            seen: Seen { last_step: Some(3), drift: 0 },
        },
        ..totp(1)
    };
    assert!(tx.update_method(&changed).await.unwrap());
    assert_same(&only(&mut tx).await, &changed);
    assert!(!tx.update_method(&totp(2)).await.unwrap());
}

async fn updating_never_takes_a_time_step_back(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&totp(1)).await.unwrap();
    let id = totp(1).id;
    assert!(tx.claim_totp_step(&user_id(1), &id, 100).await.unwrap());
    for stale in [None, Some(99)] {
        let kind =
            MethodKind::Totp { sealed_secret: vec![1], seen: Seen { last_step: stale, drift: 0 } };
        assert!(tx.update_method(&method(1, kind)).await.unwrap());
        assert!(!tx.claim_totp_step(&user_id(1), &id, 100).await.unwrap());
    }
}

async fn a_time_step_is_claimed_once_and_only_forward(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&totp(1)).await.unwrap();
    let id = totp(1).id;
    assert!(tx.claim_totp_step(&user_id(1), &id, 100).await.unwrap());
    assert!(!tx.claim_totp_step(&user_id(1), &id, 100).await.unwrap());
    assert!(!tx.claim_totp_step(&user_id(1), &id, 99).await.unwrap());
    assert!(tx.claim_totp_step(&user_id(1), &id, 101).await.unwrap());
    assert!(!tx.claim_totp_step(&user_id(1), &MethodId::from_raw("none"), 1).await.unwrap());
}

async fn one_of_many_claims_a_time_step(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&totp(1)).await.unwrap();
    commit(tx).await;
    let winners =
        winners!(world, |tx| tx.claim_totp_step(&user_id(1), &totp(1).id, 100).await.unwrap());
    assert_eq!(winners, 1);
}

fn code(mac: &str) -> AuthenticationMethod {
    method(1, MethodKind::RecoveryCode { mac: mac.to_owned() })
}

async fn a_recovery_code_is_replaced_once(world: World) {
    world.user().await;
    let id = code("").id;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&AuthenticationMethod { confirmed: false, ..code("old") }).await.unwrap();
    assert!(!tx.replace_recovery_code(&user_id(1), &id, "old", "new", SOON).await.unwrap());
    assert!(tx.update_method(&code("old")).await.unwrap());
    assert!(!tx.replace_recovery_code(&user_id(1), &id, "other", "new", SOON).await.unwrap());
    assert!(!tx.replace_recovery_code(&user_id(2), &id, "old", "new", SOON).await.unwrap());
    assert!(tx.replace_recovery_code(&user_id(1), &id, "old", "new", SOON).await.unwrap());
    assert!(!tx.replace_recovery_code(&user_id(1), &id, "old", "newer", SOON).await.unwrap());
    let used = AuthenticationMethod { last_auth_at: Some(SOON), ..code("new") };
    assert_same(&only(&mut tx).await, &used);
}

async fn one_of_many_replaces_a_recovery_code(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&code("old")).await.unwrap();
    commit(tx).await;
    let winners = winners!(world, |tx| {
        let (user, id) = (user_id(1), code("").id);
        tx.replace_recovery_code(&user, &id, "old", "new", SOON).await.unwrap()
    });
    assert_eq!(winners, 1);
}

async fn deleting_takes_the_enrolments_along(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&totp(1)).await.unwrap();
    tx.insert_enrollment(&enrollment("e", Some(&totp(1)))).await.unwrap();
    assert!(tx.delete_method(&user_id(1), &totp(1).id).await.unwrap());
    assert!(!tx.delete_method(&user_id(1), &totp(1).id).await.unwrap());
    assert!(tx.methods(&user_id(1)).await.unwrap().is_empty());
    assert!(tx.enrollment(&handle("e")).await.unwrap().is_none());
}

async fn unconfirmed_methods_go_by_age(world: World) {
    world.user().await;
    let draft = |n| AuthenticationMethod { confirmed: false, ..totp(n) };
    let mut tx = world.write(&world.home).await;
    for method in [&draft(1), &draft(9), &totp(2)] {
        tx.insert_method(method).await.unwrap();
    }
    tx.insert_enrollment(&enrollment("e", Some(&draft(1)))).await.unwrap();
    tx.delete_unconfirmed_methods(&user_id(1), NOW.plus_seconds(9)).await.unwrap();
    assert_same(&tx.methods(&user_id(1)).await.unwrap(), &vec![totp(2), draft(9)]);
    assert!(tx.enrollment(&handle("e")).await.unwrap().is_none());
}

async fn methods_belong_to_one_tenant(world: World) {
    world.user().await;
    let draft = AuthenticationMethod { confirmed: false, ..totp(1) };
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&draft).await.unwrap();
    commit(tx).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.methods(&user_id(1)).await.unwrap().is_empty());
    assert!(!abroad.update_method(&totp(1)).await.unwrap());
    assert!(!abroad.claim_totp_step(&user_id(1), &draft.id, 1).await.unwrap());
    assert!(!abroad.delete_method(&user_id(1), &draft.id).await.unwrap());
    abroad.delete_unconfirmed_methods(&user_id(1), LATER).await.unwrap();
    commit(abroad).await;
    assert_same(&only(&mut world.read(&world.home).await).await, &draft);
}
