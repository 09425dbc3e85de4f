//! One keep-alive HTTP/1.1 connection to the server under test.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header, request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;

/// How much of an unexpected answer an error message shows.
const SHOWN_BODY: usize = 300;

/// Where a server listens, and the name it is called by.
#[derive(Debug, Clone)]
pub struct Origin {
    address: SocketAddr,
    host: HeaderValue,
}

impl Origin {
    /// A server on this loopback port, called `localhost`.
    pub fn localhost(port: u16) -> Result<Self> {
        let host = HeaderValue::try_from(format!("localhost:{port}"))?;
        Ok(Self { address: (Ipv4Addr::LOCALHOST, port).into(), host })
    }

    /// The server that an issuer URL names. Only loopback is ever driven, so its host name is sent
    /// but not looked up.
    pub fn of(issuer: &str) -> Result<Self> {
        let uri: Uri = issuer.parse().with_context(|| format!("{issuer} is not a URL"))?;
        match (uri.scheme_str(), uri.host(), uri.port_u16()) {
            (Some("http"), Some("localhost" | "127.0.0.1"), Some(port)) => Self::localhost(port),
            _ => bail!("{issuer} is not plain HTTP on a loopback port"),
        }
    }

    /// Whether an absolute URL points at this server.
    pub fn owns(&self, url: &Uri) -> bool {
        url.authority().is_some_and(|authority| authority.as_str() == self.host)
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Answer {
    /// The answer if it has this status; an error that shows it if not. Figures of failed requests
    /// would be worthless, so the first one ends the run.
    pub fn expect(self, status: StatusCode, what: &str) -> Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        let shown = &self.body[..self.body.len().min(SHOWN_BODY)];
        bail!("{what}: expected {status}, got {}: {}", self.status, String::from_utf8_lossy(shown))
    }
}

/// A connection.
#[derive(Debug)]
pub struct Client {
    host: HeaderValue,
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    /// Connects.
    pub async fn connect(origin: &Origin) -> Result<Self> {
        let stream = TcpStream::connect(origin.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // A broken connection is reported by the request that meets it.
        tokio::spawn(async move { connection.await.ok() });
        Ok(Self { host: origin.host.clone(), sender })
    }

    /// Sends one request and reads the whole answer.
    pub async fn send(&mut self, mut request: Request<Full<Bytes>>) -> Result<Answer> {
        request.headers_mut().insert(header::HOST, self.host.clone());
        self.sender.ready().await.context("the server closed the connection")?;
        let (parts, body) = self.sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

/// A request without a body.
pub fn get(path: &str) -> request::Builder {
    Request::builder().method(Method::GET).uri(path)
}

/// A form, as a browser or an SDK would post it.
pub fn post_form(path: &str, fields: &impl Serialize) -> Result<(request::Builder, Full<Bytes>)> {
    let body = serde_urlencoded::to_string(fields)?;
    let builder = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    Ok((builder, Full::from(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_plain_http_on_loopback() {
        let origin = Origin::of("http://localhost:4000/").expect("an origin");
        assert_eq!(origin.address, SocketAddr::from(([127, 0, 0, 1], 4000)));
        assert!(origin.owns(&"http://localhost:4000/u/login".parse().expect("a URL")));
        assert!(!origin.owns(&"http://localhost:3000/u/login".parse().expect("a URL")));
        assert!(!origin.owns(&"/u/login".parse().expect("a path")));
        for bad in ["https://localhost:4000/", "http://example.com:80/", "http://localhost/", "x"] {
            assert!(Origin::of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_unexpected_answer_is_shown() {
        let answer = |status| Answer {
            status,
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"too many requests"),
        };
        assert!(answer(StatusCode::OK).expect(StatusCode::OK, "list").is_ok());
        let error = answer(StatusCode::TOO_MANY_REQUESTS).expect(StatusCode::OK, "list");
        let message = error.expect_err("a refusal").to_string();
        assert!(message.contains("429") && message.contains("too many requests"), "{message}");
    }
}
