//! Dev mode: nothing leaves the machine.

use std::sync::OnceLock;

use async_trait::async_trait;
use housekey_core::port::{DeliveryError, Messenger, OutgoingMessage, Route};
use housekey_core::secret::SecretText;
use url::{Host, Url};

use crate::back_channel;
use crate::http::{Http, HttpSettings, HttpSetupError, Version};

/// Takes every message and sends it nowhere; `/dev/outbox` shows what was queued. Only applications
/// on the same machine are told of sessions that ended.
#[derive(Default)]
pub struct DevMessenger {
    /// Set up when it is first needed, so that a start does not wait for it.
    http: OnceLock<Result<Http, HttpSetupError>>,
}

impl DevMessenger {
    async fn tell(
        &self,
        message: &OutgoingMessage,
        token: &SecretText,
    ) -> Result<(), DeliveryError> {
        if !is_here(&message.to) {
            return Ok(());
        }
        let settings = HttpSettings { allow_private_addresses: true, ca_certificate: None };
        match self.http.get_or_init(|| Http::new(&settings, Version::Any)) {
            Ok(http) => back_channel::deliver(http, message, token).await,
            Err(error) => Err(DeliveryError::Permanent(error.to_string())),
        }
    }
}

/// Whether a URL leads to this machine.
fn is_here(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[async_trait]
impl Messenger for DevMessenger {
    async fn deliver(&self, message: &OutgoingMessage) -> Result<(), DeliveryError> {
        match &message.route {
            Route::BackChannel(token) => self.tell(message, token).await,
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn only_this_machine_is_here() {
        for here in [
            "http://localhost:3000/x",
            "https://app.localhost/",
            "http://127.0.0.1",
            "http://[::1]:1/",
        ] {
            assert!(is_here(here), "{here}");
        }
        for elsewhere in
            ["https://app.example/", "http://10.0.0.1/", "https://localhost.example/", "x"]
        {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
    }
}
