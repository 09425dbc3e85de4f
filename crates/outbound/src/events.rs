//! Events of log streams over HTTP, signed like every webhook.

use housekey_core::log::stream::LogBatch;
use housekey_core::port::DeliveryError;
use housekey_core::secret::SecretText;
use reqwest::header::{HeaderName, HeaderValue};

use crate::http::{self, Http};
use crate::webhook;

/// Hands events over.
pub(crate) async fn carry(http: &Http, batch: &LogBatch) -> Result<(), DeliveryError> {
    let (sink, at) = (&batch.sink, batch.at.as_seconds());
    let secret = SecretText::new(sink.http_signing_secret.clone());
    let mut request = http.post(&sink.http_endpoint)?;
    let content_type = sink.http_content_type.as_deref().unwrap_or("application/json");
    let custom = sink.http_custom_headers.iter();
    let own = [("content-type", content_type)].into_iter();
    let own = own.chain(sink.http_authorization.as_deref().map(|value| ("authorization", value)));
    for (name, value) in own.chain(custom.map(|own| (own.header.as_str(), own.value.as_str()))) {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        else {
            return Err(DeliveryError::Permanent(format!("{name} is no header")));
        };
        request = request.header(name, value);
    }
    let request = request
        .header("webhook-id", &batch.id)
        .header("webhook-timestamp", at.to_string())
        .header("webhook-signature", webhook::signature(&secret, &batch.id, at, &batch.body))
        .body(batch.body.clone());
    let answer = http::send(request).await?;
    http::by_status("the receiver of the log stream", answer.status)
}
