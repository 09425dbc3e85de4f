//! Tickets: links sent by mail.

use housekey_core::login::{Ticket, TicketPurpose};

use crate::samples::{NOW, SOON, handle, ticket, user, user_id};
use crate::world::{World, assert_same, commit};

contract! {
    reads_back_while_it_is_good,
    is_good_for_its_purpose_alone,
    a_new_one_replaces_the_older,
    is_spent_once,
    one_of_many_spends_it,
    tickets_belong_to_one_tenant,
}

const RESET: TicketPurpose = TicketPurpose::PasswordReset;
const VERIFY: TicketPurpose = TicketPurpose::VerifyEmail;

async fn begin(world: &World) {
    world.user().await;
    let mut tx = world.write(&world.home).await;
    tx.insert_ticket(&ticket("t", RESET)).await.unwrap();
    commit(tx).await;
}

async fn reads_back_while_it_is_good(world: World) {
    begin(&world).await;
    let mut tx = world.read(&world.home).await;
    let found = tx.ticket(&handle("t"), RESET, NOW).await.unwrap().unwrap();
    assert_same(&found, &ticket("t", RESET));
    assert!(tx.ticket(&handle("t"), RESET, SOON).await.unwrap().is_none());
    assert!(tx.ticket(&handle("other"), RESET, NOW).await.unwrap().is_none());
}

async fn is_good_for_its_purpose_alone(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.ticket(&handle("t"), VERIFY, NOW).await.unwrap().is_none());
    assert!(tx.spend_ticket(&handle("t"), VERIFY, NOW).await.unwrap().is_none());
    assert!(tx.ticket(&handle("t"), RESET, NOW).await.unwrap().is_some());
}

async fn a_new_one_replaces_the_older(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    tx.insert_user(&user(2)).await.unwrap();
    let of_another = Ticket { user_id: user_id(2), ..ticket("another's", RESET) };
    tx.insert_ticket(&of_another).await.unwrap();
    tx.insert_ticket(&ticket("v", VERIFY)).await.unwrap();
    tx.insert_ticket(&Ticket { client_id: None, ..ticket("new", RESET) }).await.unwrap();
    assert!(tx.ticket(&handle("t"), RESET, NOW).await.unwrap().is_none());
    assert!(tx.ticket(&handle("new"), RESET, NOW).await.unwrap().unwrap().client_id.is_none());
    assert!(tx.ticket(&handle("v"), VERIFY, NOW).await.unwrap().is_some());
    assert!(tx.ticket(&handle("another's"), RESET, NOW).await.unwrap().is_some());
}

async fn is_spent_once(world: World) {
    begin(&world).await;
    let mut tx = world.write(&world.home).await;
    assert!(tx.spend_ticket(&handle("t"), RESET, SOON).await.unwrap().is_none());
    let spent = tx.spend_ticket(&handle("t"), RESET, NOW).await.unwrap().unwrap();
    assert_same(&spent, &ticket("t", RESET));
    assert!(tx.spend_ticket(&handle("t"), RESET, NOW).await.unwrap().is_none());
    assert!(tx.ticket(&handle("t"), RESET, NOW).await.unwrap().is_none());
}

async fn one_of_many_spends_it(world: World) {
    begin(&world).await;
    let winners =
        winners!(world, |tx| tx.spend_ticket(&handle("t"), RESET, NOW).await.unwrap().is_some());
    assert_eq!(winners, 1);
}

async fn tickets_belong_to_one_tenant(world: World) {
    begin(&world).await;
    let mut abroad = world.write(&world.abroad).await;
    assert!(abroad.ticket(&handle("t"), RESET, NOW).await.unwrap().is_none());
    assert!(abroad.spend_ticket(&handle("t"), RESET, NOW).await.unwrap().is_none());
    abroad.insert_ticket(&ticket("theirs", RESET)).await.unwrap();
    commit(abroad).await;
    let mut home = world.read(&world.home).await;
    assert!(home.ticket(&handle("t"), RESET, NOW).await.unwrap().is_some());
    assert!(home.ticket(&handle("theirs"), RESET, NOW).await.unwrap().is_none());
}
