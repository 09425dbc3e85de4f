//! What leaves the house, as the providers at the other end receive it: real HTTP on loopback.

mod back_channel;
mod dns;
mod phone;
mod push;

use housekey_core::id::{MessageId, TenantId};
use housekey_core::message::{Channel, Content};
use housekey_core::port::{OutgoingMessage, Route};
use housekey_core::time::Timestamp;
use housekey_outbound::{Deliveries, HttpSettings};

/// The present of these tests.
const NOW: Timestamp = Timestamp(1_767_225_600_000);

/// Deliveries that may go to loopback.
fn deliveries() -> Deliveries {
    let http = HttpSettings { allow_private_addresses: true, ca_certificate: None };
    Deliveries::new(None, &http).expect("HTTP works")
}

/// A message of the tenant "acme".
fn message(channel: Channel, to: &str, content: Content, route: Route) -> OutgoingMessage {
    OutgoingMessage {
        id: MessageId::from_raw("msg_1"),
        tenant: TenantId::from_raw("acme"),
        channel,
        to: to.to_owned(),
        from_name: "Acme & Sons".to_owned(),
        content,
        route,
        at: NOW,
        dies_at: NOW.plus_seconds(300),
    }
}
