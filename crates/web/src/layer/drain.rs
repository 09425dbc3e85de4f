//! Taking in what a handler left of a request's body. Whoever is refused before the body was read
//! would otherwise lose the connection with the answer, and the next request that a client has sent
//! on it meanwhile: HTTP can only tell where that begins by reading on.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::poll_fn;
use http::header;

use crate::body::MAX_DISCARDED;

/// Lets the handler read as much of the body as it wants, and takes in the rest before it answers.
pub(crate) async fn drain(request: Request, next: Next) -> Response {
    // A client that waits to be told has nothing on its way.
    let waits = request.headers().contains_key(header::EXPECT);
    if waits || request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = Shared(Arc::new(Mutex::new(body.into_data_stream())));
    let handed = body.clone();
    let handed = Body::from_stream(poll_fn(move |context| handed.poll(context)));
    let response = next.run(Request::from_parts(parts, handed)).await;
    body.discard().await;
    response
}

/// A body that is read by one after the other.
#[derive(Clone)]
struct Shared(Arc<Mutex<BodyDataStream>>);

impl Shared {
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, axum::Error>>> {
        // Nothing is left half-done by whoever panicked.
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pin!(&mut *stream).poll_next(context)
    }

    /// Reads on to the end; a body that is too long for that costs its client the connection.
    async fn discard(self) {
        let mut seen = 0;
        while let Some(Ok(data)) = next(&self).await {
            seen += data.len();
            if seen > MAX_DISCARDED {
                break;
            }
        }
    }
}

async fn next(body: &Shared) -> Option<Result<Bytes, axum::Error>> {
    std::future::poll_fn(|context| body.poll(context)).await
}
