//! Devices for push messages, and the questions they are asked.

use housekey_core::factor::totp::Seen;
use housekey_core::factor::{AuthenticationMethod, MethodKind};
use housekey_core::guardian::{
    Device, DeviceKey, PushDevice, PushService, PushTicket, PushTransaction, RequestedDetails,
    RichConsent, State,
};
use housekey_core::id::{MethodId, RichConsentId};

use crate::samples::{LATER, NOW, SOON, handle, method, user_id};
use crate::world::{World, assert_conflict, commit};

contract! {
    a_ticket_becomes_a_device,
    a_ticket_is_good_until_it_expires,
    one_of_many_devices_uses_the_ticket,
    a_device_changes,
    devices_and_questions_go_with_the_method,
    a_question_reads_back_by_both_handles,
    a_question_is_answered_once_and_in_time,
    one_of_many_answers_counts,
    an_approval_is_used_up_once_and_in_time,
    one_of_many_uses_an_approval_up,
    superseding_spares_what_is_settled,
    devices_and_questions_belong_to_one_tenant,
}

fn push_method(n: u8) -> AuthenticationMethod {
    method(
        n,
        MethodKind::PushNotification { sealed_secret: vec![0, n, 255], seen: Seen::default() },
    )
}

fn ticket(n: u8) -> PushTicket {
    PushTicket {
        id: push_method(n).id,
        user_id: user_id(1),
        ticket: handle(&format!("ticket-{n}")),
        expires_at: SOON,
    }
}

fn device() -> Device {
    Device {
        identifier: "android-1".to_owned(),
        name: "Ünï \"phone\"".to_owned(),
        service: PushService::Gcm,
        sealed_address: vec![0, 159, 146, 150],
        key: DeviceKey { n: "n".to_owned(), e: "AQAB".to_owned() },
        token: handle("device-token"),
        enrolled_at: NOW,
    }
}

fn transaction(name: &str) -> PushTransaction {
    PushTransaction {
        handle: handle(name),
        token: handle(&format!("{name}-token")),
        challenge: handle("challenge"),
        user_id: user_id(1),
        device_id: push_method(1).id,
        consent: Some(RichConsent {
            id: RichConsentId::from_raw("cns_1"),
            requested_details: RequestedDetails::default(),
        }),
        state: State::Pending,
        reason: None,
        created_at: NOW,
        expires_at: SOON,
    }
}

/// A method with an enrolled device, in both tenants.
async fn enrolled(world: &World) {
    world.user().await;
    for tenant in [&world.home, &world.abroad] {
        let mut tx = world.write(tenant).await;
        tx.insert_method(&push_method(1)).await.unwrap();
        tx.insert_push_ticket(&ticket(1)).await.unwrap();
        assert!(tx.use_push_ticket(&ticket(1).ticket, &device(), NOW).await.unwrap());
        commit(tx).await;
    }
}

/// A question to it.
async fn asked(world: &World, name: &str) -> PushTransaction {
    let transaction = transaction(name);
    let mut tx = world.write(&world.home).await;
    tx.insert_push_transaction(&transaction).await.unwrap();
    commit(tx).await;
    transaction
}

async fn a_ticket_becomes_a_device(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&push_method(1)).await.unwrap();
    tx.insert_push_ticket(&ticket(1)).await.unwrap();
    let waiting = PushDevice { ticket: ticket(1), device: None };
    assert_eq!(tx.push_ticket(&ticket(1).ticket).await.unwrap(), Some(waiting));
    assert!(!tx.update_push_device(&ticket(1).id, &device()).await.unwrap());
    assert!(tx.use_push_ticket(&ticket(1).ticket, &device(), NOW).await.unwrap());
    let expected = PushDevice { ticket: ticket(1), device: Some(device()) };
    assert_eq!(tx.push_device(&ticket(1).id).await.unwrap(), Some(expected.clone()));
    let other = Device { name: "Other".to_owned(), ..device() };
    assert!(!tx.use_push_ticket(&ticket(1).ticket, &other, NOW).await.unwrap());
    assert_eq!(tx.push_ticket(&ticket(1).ticket).await.unwrap(), Some(expected));
    assert!(tx.push_device(&MethodId::from_raw("none")).await.unwrap().is_none());
    assert!(tx.push_ticket(&handle("none")).await.unwrap().is_none());
    assert_conflict(tx.insert_push_ticket(&ticket(1)).await);
}

async fn a_ticket_is_good_until_it_expires(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&push_method(1)).await.unwrap();
    tx.insert_push_ticket(&ticket(1)).await.unwrap();
    assert!(!tx.use_push_ticket(&ticket(1).ticket, &device(), SOON).await.unwrap());
    assert!(!tx.use_push_ticket(&handle("none"), &device(), NOW).await.unwrap());
    let last = SOON.plus_seconds(-1);
    assert!(tx.use_push_ticket(&ticket(1).ticket, &device(), last).await.unwrap());
}

async fn one_of_many_devices_uses_the_ticket(world: World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_method(&push_method(1)).await.unwrap();
    tx.insert_push_ticket(&ticket(1)).await.unwrap();
    commit(tx).await;
    let winners = winners!(world, |tx| {
        tx.use_push_ticket(&ticket(1).ticket, &device(), NOW).await.unwrap()
    });
    assert_eq!(winners, 1);
}

async fn a_device_changes(world: World) {
    enrolled(&world).await;
    let changed = Device {
        identifier: "ios-1".to_owned(),
        name: "New".to_owned(),
        service: PushService::Apns,
        sealed_address: vec![1],
        ..device()
    };
    let mut tx = world.write(&world.home).await;
    assert!(tx.update_push_device(&ticket(1).id, &changed).await.unwrap());
    let found = tx.push_device(&ticket(1).id).await.unwrap().unwrap();
    assert_eq!(found.device, Some(changed));
    assert!(!tx.update_push_device(&MethodId::from_raw("none"), &device()).await.unwrap());
}

async fn devices_and_questions_go_with_the_method(world: World) {
    enrolled(&world).await;
    asked(&world, "t").await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.delete_method(&user_id(1), &push_method(1).id).await.unwrap());
    assert!(tx.push_device(&ticket(1).id).await.unwrap().is_none());
    assert!(tx.push_transaction(&handle("t")).await.unwrap().is_none());
}

async fn a_question_reads_back_by_both_handles(world: World) {
    enrolled(&world).await;
    let transaction = asked(&world, "t").await;
    let plain = PushTransaction {
        consent: None,
        reason: Some("no".to_owned()),
        state: State::Rejected,
        ..self::transaction("plain")
    };
    let mut tx = world.write(&world.home).await;
    tx.insert_push_transaction(&plain).await.unwrap();
    for expected in [transaction, plain] {
        let found = tx.push_transaction(&expected.handle).await.unwrap();
        assert_eq!(found.as_ref(), Some(&expected));
        let found = tx.push_transaction_by_token(&expected.token).await.unwrap();
        assert_eq!(found, Some(expected));
    }
    assert!(tx.push_transaction(&handle("t-token")).await.unwrap().is_none());
    assert!(tx.push_transaction_by_token(&handle("t")).await.unwrap().is_none());
}

async fn a_question_is_answered_once_and_in_time(world: World) {
    enrolled(&world).await;
    let (one, two) = (asked(&world, "one").await, asked(&world, "two").await);
    let mut tx = world.write(&world.home).await;
    assert!(!tx.resolve_push_transaction(&one.token, true, None, SOON).await.unwrap());
    assert!(tx.resolve_push_transaction(&one.token, true, None, NOW).await.unwrap());
    assert!(!tx.resolve_push_transaction(&one.token, false, None, NOW).await.unwrap());
    assert!(tx.resolve_push_transaction(&two.token, false, Some("no"), NOW).await.unwrap());
    let found = tx.push_transaction(&two.handle).await.unwrap().unwrap();
    assert_eq!((found.state, found.reason.as_deref()), (State::Rejected, Some("no")));
    assert!(!tx.resolve_push_transaction(&handle("none"), true, None, NOW).await.unwrap());
}

async fn one_of_many_answers_counts(world: World) {
    enrolled(&world).await;
    asked(&world, "t").await;
    let winners = winners!(world, |tx| {
        tx.resolve_push_transaction(&handle("t-token"), true, None, NOW).await.unwrap()
    });
    assert_eq!(winners, 1);
}

async fn an_approval_is_used_up_once_and_in_time(world: World) {
    enrolled(&world).await;
    let asked = asked(&world, "t").await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.spend_push_transaction(&asked.handle, NOW).await.unwrap().is_none());
    assert!(tx.resolve_push_transaction(&asked.token, true, None, NOW).await.unwrap());
    assert!(tx.spend_push_transaction(&asked.handle, SOON).await.unwrap().is_none());
    let spent = tx.spend_push_transaction(&asked.handle, NOW).await.unwrap().unwrap();
    assert_eq!(spent, PushTransaction { state: State::Spent, ..asked.clone() });
    assert!(tx.spend_push_transaction(&asked.handle, NOW).await.unwrap().is_none());
}

async fn one_of_many_uses_an_approval_up(world: World) {
    enrolled(&world).await;
    let asked = asked(&world, "t").await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.resolve_push_transaction(&asked.token, true, None, NOW).await.unwrap());
    commit(tx).await;
    let winners = winners!(world, |tx| {
        tx.spend_push_transaction(&handle("t"), NOW).await.unwrap().is_some()
    });
    assert_eq!(winners, 1);
}

async fn superseding_spares_what_is_settled(world: World) {
    enrolled(&world).await;
    let mut tx = world.write(&world.home).await;
    for state in [State::Pending, State::Accepted, State::Rejected, State::Spent] {
        let transaction = PushTransaction { state, ..transaction(state.as_str()) };
        tx.insert_push_transaction(&transaction).await.unwrap();
    }
    tx.supersede_push_transactions(&MethodId::from_raw("none")).await.unwrap();
    tx.supersede_push_transactions(&push_method(1).id).await.unwrap();
    for (name, expected) in [
        ("pending", State::Superseded),
        ("accepted", State::Superseded),
        ("rejected", State::Rejected),
        ("spent", State::Spent),
    ] {
        let found = tx.push_transaction(&handle(name)).await.unwrap().unwrap();
        assert_eq!(found.state, expected, "{name}");
    }
}

async fn devices_and_questions_belong_to_one_tenant(world: World) {
    enrolled(&world).await;
    let asked = asked(&world, "t").await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.push_transaction(&asked.handle).await.unwrap().is_none());
    assert!(abroad.push_transaction_by_token(&asked.token).await.unwrap().is_none());
    assert!(!abroad.resolve_push_transaction(&asked.token, true, None, NOW).await.unwrap());
    assert!(abroad.spend_push_transaction(&asked.handle, NOW).await.unwrap().is_none());
    abroad.supersede_push_transactions(&asked.device_id).await.unwrap();
    let moved = Device { name: "Abroad".to_owned(), ..device() };
    assert!(abroad.update_push_device(&ticket(1).id, &moved).await.unwrap());
    commit(abroad).await;
    let mut tx = world.read(&world.home).await;
    assert_eq!(tx.push_transaction(&asked.handle).await.unwrap(), Some(asked));
    assert_eq!(tx.push_device(&ticket(1).id).await.unwrap().unwrap().device, Some(device()));
    drop(tx);
    assert_eq!(world.registry().purge(LATER).await.unwrap(), 1, "the question alone");
}
