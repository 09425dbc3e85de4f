//! A name server that somebody else would run: it knows one TXT record at a time, in memory for tests
//! in process and on loopback for those of the resolver itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use housekey_core::port::Resolver;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// TXT records by name; none where the server fails.
#[derive(Clone, Debug, Default)]
pub struct Names(Arc<Mutex<BTreeMap<String, Known>>>);

/// What is known of a name.
#[derive(Clone, Debug, Default)]
enum Known {
    /// Nothing.
    #[default]
    Nothing,
    /// A record.
    Text(String),
    /// That asking for it fails.
    Failure,
}

impl Names {
    /// Gives a name a record.
    pub fn set(&self, name: &str, text: &str) {
        self.put(name, Known::Text(text.to_owned()));
    }

    /// Has the server fail when it is asked for a name.
    pub fn fail(&self, name: &str) {
        self.put(name, Known::Failure);
    }

    fn put(&self, name: &str, record: Known) {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.insert(name.to_owned(), record);
    }

    fn find(&self, name: &str) -> Known {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.get(name).cloned().unwrap_or_default()
    }
}

#[async_trait]
impl Resolver for Names {
    async fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        match self.find(name) {
            Known::Failure => Err("The name servers failed.".to_owned()),
            Known::Text(text) => Ok(vec![text]),
            Known::Nothing => Ok(Vec::new()),
        }
    }
}

/// A name server on loopback (RFC 1035). It stops with this value.
pub struct NameServer {
    /// Where it listens.
    pub address: SocketAddr,
    serving: JoinHandle<()>,
}

impl NameServer {
    /// Answers with `names` from now on.
    pub async fn start(names: Names) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let address = socket.local_addr().expect("an address");
        let serving = tokio::spawn(async move {
            let mut buffer = [0; 512];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
                let answer = answer(&names, &buffer[..length]);
                let _sent = socket.send_to(&answer, peer).await;
            }
        });
        Self { address, serving }
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The answer to a message with one question.
fn answer(names: &Names, query: &[u8]) -> Vec<u8> {
    const HEADER: usize = 12;
    let mut labels = Vec::new();
    let mut at = HEADER;
    while let length @ 1.. = usize::from(query[at]) {
        labels.push(String::from_utf8_lossy(&query[at + 1..=at + length]).to_lowercase());
        at += length + 1;
    }
    let question = &query[HEADER..at + 5];
    let record = names.find(&labels.join("."));
    let (code, count) = match &record {
        Known::Text(_) => (0, 1),
        Known::Failure => (2, 0),
        Known::Nothing => (3, 0),
    };
    // The same id; an authoritative answer with recursion available; one question.
    let mut message = [&query[..2], &[0x85, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0]].concat();
    message.extend_from_slice(question);
    if let Known::Text(text) = record {
        // Long texts are several strings of at most 255 bytes.
        let strings: Vec<u8> = text
            .as_bytes()
            .chunks(20)
            .flat_map(|part| [&[u8::try_from(part.len()).expect("short")], part].concat())
            .collect();
        let length = u16::try_from(strings.len()).expect("short").to_be_bytes();
        message.extend_from_slice(&[0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        message.extend_from_slice(&length);
        message.extend_from_slice(&strings);
    }
    message
}
