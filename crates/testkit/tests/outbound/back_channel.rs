//! Logout tokens to applications.

use housekey_core::message::{Channel, Content};
use housekey_core::port::{DeliveryError, Messenger, Route};
use housekey_core::secret::SecretText;
use housekey_outbound::DevMessenger;
use housekey_testkit::gateway::Gateway;

use super::{deliveries, message};

async fn delivered(messenger: &dyn Messenger, status: u16) -> (Gateway, Result<(), DeliveryError>) {
    let gateway = Gateway::start(move |_| (status, String::new())).await;
    let route = Route::BackChannel(SecretText::new("a.b-c.d_e"));
    let sent = message(Channel::Logout, &gateway.url(), Content::default(), route);
    let outcome = messenger.deliver(&sent).await;
    (gateway, outcome)
}

#[tokio::test]
async fn it_comes_as_a_form() {
    for status in [200, 204] {
        let (gateway, outcome) = delivered(&deliveries(), status).await;
        outcome.expect("taken");
        let received = gateway.received();
        assert_eq!(received.len(), 1);
        assert_eq!(received[0].method, "POST");
        assert_eq!(received[0].header("content-type"), "application/x-www-form-urlencoded");
        assert_eq!(received[0].field("logout_token").as_deref(), Some("a.b-c.d_e"));
    }
}

#[tokio::test]
async fn only_what_may_help_is_tried_again() {
    let (_, outcome) = delivered(&deliveries(), 400).await;
    assert!(matches!(outcome, Err(DeliveryError::Permanent(_))), "{outcome:?}");
    for status in [302, 404, 429, 500, 503] {
        let (_, outcome) = delivered(&deliveries(), status).await;
        assert!(matches!(outcome, Err(DeliveryError::Transient(_))), "{status}: {outcome:?}");
    }
}

#[tokio::test]
async fn dev_mode_tells_this_machine() {
    let (gateway, outcome) = delivered(&DevMessenger::default(), 200).await;
    outcome.expect("taken");
    assert_eq!(gateway.received().len(), 1);
}
