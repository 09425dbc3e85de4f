//! Files of users: a JSON array, or one object after another (NDJSON). Read one user at a time, so
//! that a file may be of any length.

use std::io::{BufRead, BufReader, Read};

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde_json::Value;

/// The longest description of one user: two kinds of metadata of a megabyte each, escaped.
const MAX_RECORD: usize = 8 * 1024 * 1024;
/// Bytes of users that are enough for one step.
const ENOUGH: usize = 1024 * 1024;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It breaks off, or the disk does not answer.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It is not JSON.
    #[error("user {number} of the file: {why}")]
    Malformed {
        /// Which user, counted from 1.
        number: u64,
        /// What is wrong there.
        why: String,
    },
}

/// The users of a file, as they are written there.
pub struct Records<R> {
    input: BufReader<R>,
    state: State,
    number: u64,
    /// Bytes of all users so far.
    taken: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// In an array, before its first element.
    First,
    /// In an array, behind an element.
    Next,
    Lines,
    End,
}

impl<R: Read> Records<R> {
    /// The users of `input`.
    pub fn new(input: R) -> Self {
        let input = BufReader::with_capacity(64 * 1024, input);
        Self { input, state: State::Start, number: 0, taken: 0 }
    }

    /// The next `most` users, or fewer if they are long.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn next_users(&mut self, most: usize) -> Result<Vec<Value>, SourceError> {
        let (mut users, before) = (Vec::new(), self.taken);
        while users.len() < most && self.taken - before < ENOUGH {
            match self.next_user()? {
                Some(user) => users.push(user),
                None => break,
            }
        }
        Ok(users)
    }

    /// Leaves the next `count` users out.
    ///
    /// # Errors
    /// If the file cannot be read, or ends before.
    pub fn skip_users(&mut self, count: u64) -> Result<(), SourceError> {
        for _ in 0..count {
            if self.next_record()?.is_none() {
                return Err(self.malformed("the file ends before it"));
            }
        }
        Ok(())
    }

    /// The next user.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn next_user(&mut self) -> Result<Option<Value>, SourceError> {
        let Some(record) = self.next_record()? else { return Ok(None) };
        serde_json::from_slice(&record)
            .map(Some)
            .map_err(|error| self.malformed(&error.to_string()))
    }

    fn malformed(&self, why: &str) -> SourceError {
        SourceError::Malformed { number: self.number, why: why.to_owned() }
    }

    /// The bytes of the next user.
    fn next_record(&mut self) -> Result<Option<Vec<u8>>, SourceError> {
        self.number += 1;
        if self.state == State::Start {
            self.skip_mark()?;
            self.state = match self.peek()? {
                Some(b'[') => {
                    self.input.consume(1);
                    State::First
                }
                _ => State::Lines,
            };
        }
        let byte = self.peek()?;
        match (self.state, byte) {
            (State::End, _) => return Ok(None),
            (State::Lines, None) => {
                self.state = State::End;
                return Ok(None);
            }
            (State::First | State::Next, Some(b']')) => {
                self.input.consume(1);
                if self.peek()?.is_some() {
                    return Err(self.malformed("there is more behind the end of the array"));
                }
                self.state = State::End;
                return Ok(None);
            }
            (State::Next, Some(b',')) => {
                self.input.consume(1);
                self.peek()?;
            }
            (State::Next, Some(_)) => return Err(self.malformed("expected `,` or `]` before it")),
            (State::First | State::Next, None) => {
                return Err(self.malformed("the array does not end"));
            }
            (State::First | State::Lines | State::Start, _) => {}
        }
        if self.state == State::First {
            self.state = State::Next;
        }
        self.take_value().map(Some)
    }

    /// The byte-order mark some programs put before everything.
    fn skip_mark(&mut self) -> Result<(), SourceError> {
        for byte in b"\xef\xbb\xbf" {
            if self.input.fill_buf()?.first() == Some(byte) {
                self.input.consume(1);
            }
        }
        Ok(())
    }

    /// The next byte that is no white space; it stays where it is.
    fn peek(&mut self) -> Result<Option<u8>, SourceError> {
        loop {
            let buffer = self.input.fill_buf()?;
            let Some(first) = buffer.first() else { return Ok(None) };
            let blank = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if blank == 0 {
                return Ok(Some(*first));
            }
            self.input.consume(blank);
        }
    }

    /// Takes the bytes of one JSON value; whether it is one shows when it is parsed.
    fn take_value(&mut self) -> Result<Vec<u8>, SourceError> {
        let (mut value, mut scan) = (Vec::new(), Scan::default());
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return if value.is_empty() || !scan.may_end() {
                    Err(self.malformed("it does not end"))
                } else {
                    Ok(value)
                };
            }
            let (taken, ended) = scan.take(buffer);
            value.extend_from_slice(&buffer[..taken]);
            self.input.consume(taken);
            if value.len() > MAX_RECORD {
                return Err(self.malformed("it is longer than 8 MiB"));
            }
            if ended {
                self.taken += value.len();
                return Ok(value);
            }
        }
    }
}

/// Where in a value one is.
#[derive(Default)]
struct Scan {
    depth: u32,
    in_text: bool,
    is_escaped: bool,
    has_begun: bool,
}

impl Scan {
    /// How many of these bytes belong to the value, and whether it ends with them.
    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        for (at, &byte) in bytes.iter().enumerate() {
            if self.in_text {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => self.in_text = false,
                    _ => {}
                }
                continue;
            }
            let is_end = byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}');
            if self.depth == 0 && self.has_begun && is_end {
                return (at, true);
            }
            self.has_begun = true;
            match byte {
                b'"' => self.in_text = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return (at + 1, true);
                    }
                }
                _ => {}
            }
        }
        (bytes.len(), false)
    }

    fn may_end(&self) -> bool {
        self.depth == 0 && !self.in_text
    }
}

/// What is known of a file after reading it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// SHA-256 of all of it.
    pub content_hash: String,
    /// How many users there are in it.
    pub users: u64,
}

/// Reads a file from beginning to end, keeping nothing of it: whether it is JSON shows before
/// anybody is imported.
///
/// # Errors
/// See [`SourceError`].
pub fn survey(input: impl Read) -> Result<Survey, SourceError> {
    let mut records = Records::new(Hashing { input, context: Context::new(&SHA256) });
    let mut users = 0;
    while let Some(record) = records.next_record()? {
        serde_json::from_slice::<IgnoredAny>(&record)
            .map_err(|error| records.malformed(&error.to_string()))?;
        users += 1;
    }
    let hash = records.input.into_inner().context.finish();
    Ok(Survey { content_hash: URL_SAFE_NO_PAD.encode(hash), users })
}

/// Hashes what is read through it.
struct Hashing<R> {
    input: R,
    context: Context,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.context.update(&buffer[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Hands out one byte at a time, so that every value is split everywhere.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            (buffer[0], self.0) = (*first, rest);
            Ok(1)
        }
    }

    fn all(text: &str) -> Result<Vec<Value>, String> {
        let mut records = Records::new(Slow(text.as_bytes()));
        let mut found = Vec::new();
        while let Some(user) = records.next_user().map_err(|error| error.to_string())? {
            found.push(user);
        }
        assert!(records.next_user().expect("the end stays the end").is_none());
        Ok(found)
    }

    #[test]
    fn arrays_and_lines_are_read_alike() {
        let users = vec![json!({ "a": "]},{\\\"" }), json!({ "b": [{}, [1, "x"]] }), json!({})];
        let array = format!("\u{feff} [{} , {}\n,{}]\n ", users[0], users[1], users[2]);
        assert_eq!(all(&array), Ok(users.clone()));
        let lines = format!("{}\n\n{}\r\n{}", users[0], users[1], users[2]);
        assert_eq!(all(&lines), Ok(users));
        assert_eq!(all("[]"), Ok(vec![]));
        assert_eq!(all("  "), Ok(vec![]));
        assert_eq!(all("[1,\"x\",null]"), Ok(vec![json!(1), json!("x"), Value::Null]));
        assert_eq!(all("1 \"x\" null"), Ok(vec![json!(1), json!("x"), Value::Null]));
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (text, number) in [
            ("[{}", 2),
            ("[{},", 2),
            ("[{},]", 2),
            ("[{} {}]", 2),
            ("[{}] {}", 2),
            ("[{\"a\":}]", 1),
            ("{}{\"a\"", 2),
            ("{}\n{]", 2),
            ("[", 1),
            ("[,{}]", 1),
        ] {
            let why = all(text).expect_err(text);
            assert!(why.starts_with(&format!("user {number} of the file: ")), "{text}: {why}");
            assert!(survey(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_survey_counts_and_tells_files_apart() {
        let survey = |text: &str| survey(text.as_bytes()).expect("is JSON");
        assert_eq!(survey("[{},{}]").users, 2);
        assert_eq!(survey("[{},{}]"), survey("[{},{}]"));
        assert_ne!(survey("[{},{}]").content_hash, survey("[{},{}] ").content_hash);
    }

    #[test]
    fn users_are_left_out() {
        let mut records = Records::new("[1,2,3]".as_bytes());
        records.skip_users(2).expect("there are three");
        assert_eq!(records.next_user().expect("there is one more"), Some(json!(3)));
        assert!(records.skip_users(1).is_err());
    }
}
