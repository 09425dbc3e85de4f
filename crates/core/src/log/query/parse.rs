//! Reading a query: words, then what they say.

use super::{LogField, LogQuery};
use crate::time::Timestamp;

/// Longer queries nobody writes.
const MAX_LENGTH: usize = 2000;
/// How deep parentheses may go.
const MAX_DEPTH: usize = 20;
const DAY_MS: i64 = 86_400_000;

/// Why a query cannot be answered, for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QueryError(String);

fn wrong<T>(why: impl Into<String>) -> Result<T, QueryError> {
    Err(QueryError(why.into()))
}

/// A word of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Open,
    Close,
    Minus,
    And,
    Or,
    Not,
    /// `field:`
    Field(String),
    Plain(String),
    Quoted(String),
    /// What stands between brackets, and whether each end is part of it.
    Range(String, bool, bool),
}

type ConnectionIds<'a> = &'a dyn Fn(&str) -> Option<String>;

pub(super) fn parse(text: &str, connection: ConnectionIds<'_>) -> Result<LogQuery, QueryError> {
    if text.len() > MAX_LENGTH {
        return wrong("the query is too long");
    }
    let mut parser = Parser { words: words(text)?, at: 0, connection };
    if parser.words.is_empty() {
        return Ok(LogQuery::everything());
    }
    let query = parser.any(0)?;
    if parser.peek().is_some() {
        return wrong("a closing parenthesis has none that opens");
    }
    Ok(query)
}

struct Parser<'a> {
    words: Vec<Word>,
    at: usize,
    connection: ConnectionIds<'a>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Word> {
        self.words.get(self.at)
    }

    fn take(&mut self) -> Option<Word> {
        let word = self.peek().cloned();
        self.at += 1;
        word
    }

    fn skip(&mut self, word: &Word) -> bool {
        let found = self.peek() == Some(word);
        self.at += usize::from(found);
        found
    }

    /// `a OR b`: of weaker binding than `AND`.
    fn any(&mut self, depth: usize) -> Result<LogQuery, QueryError> {
        let mut any = vec![self.all(depth)?];
        while self.skip(&Word::Or) {
            any.push(self.all(depth)?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { LogQuery::Any(any) })
    }

    /// `a AND b`, or one behind the other.
    fn all(&mut self, depth: usize) -> Result<LogQuery, QueryError> {
        let mut all = vec![self.one(depth)?];
        while !matches!(self.peek(), None | Some(Word::Or | Word::Close)) {
            self.skip(&Word::And);
            all.push(self.one(depth)?);
        }
        Ok(LogQuery::All(all))
    }

    fn one(&mut self, depth: usize) -> Result<LogQuery, QueryError> {
        if depth > MAX_DEPTH {
            return wrong("the query is nested too deep");
        }
        match self.take() {
            Some(Word::Not | Word::Minus) => Ok(LogQuery::Not(Box::new(self.one(depth + 1)?))),
            Some(Word::Open) => {
                let inner = self.any(depth + 1)?;
                if self.skip(&Word::Close) { Ok(inner) } else { wrong("a parenthesis stays open") }
            }
            Some(Word::Field(name)) => self.field(&name),
            Some(Word::Plain(text) | Word::Quoted(text)) => {
                wrong(format!("'{text}' does not say in which field, such as type:{text}"))
            }
            _ => wrong("the query ends too early"),
        }
    }

    fn field(&mut self, name: &str) -> Result<LogQuery, QueryError> {
        let value = self.take();
        match (name, value) {
            ("_exists_", Some(Word::Plain(field))) => Ok(LogQuery::Exists(known(&field)?)),
            ("date", Some(Word::Range(range, from, to))) => between(&range, from, to),
            ("date", Some(Word::Plain(day) | Word::Quoted(day))) => {
                let range = format!("{day} TO {day}");
                between(&range, true, true)
            }
            ("connection", Some(Word::Plain(name) | Word::Quoted(name))) => {
                // A connection that is not there matches nothing.
                let id = (self.connection)(&name).unwrap_or_default();
                Ok(LogQuery::is(LogField::ConnectionId, id))
            }
            (name, Some(Word::Quoted(value))) => Ok(LogQuery::is(known(name)?, value)),
            (name, Some(Word::Plain(value))) => text(known(name)?, value),
            (name, Some(Word::Range(..))) => wrong(format!("{name} has no ranges")),
            (name, _) => wrong(format!("{name} has no value")),
        }
    }
}

fn known(name: &str) -> Result<LogField, QueryError> {
    match LogField::parse(name) {
        Some(field) => Ok(field),
        None => wrong(format!("logs cannot be searched by {name}")),
    }
}

fn text(field: LogField, value: String) -> Result<LogQuery, QueryError> {
    match value.find('*') {
        None => Ok(LogQuery::is(field, value)),
        Some(0) if value == "*" => Ok(LogQuery::Exists(field)),
        Some(at) if at > 0 && at == value.len() - 1 => {
            let value = value.trim_end_matches('*').to_owned();
            Ok(LogQuery::Text { field, value, is_prefix: true })
        }
        Some(_) => wrong("'*' can only be at the end of a value"),
    }
}

fn between(range: &str, with_from: bool, with_to: bool) -> Result<LogQuery, QueryError> {
    let Some((from, to)) = range.split_once(" TO ") else {
        return wrong("a range is written [a TO b]");
    };
    let (from, to) = (bound(from.trim())?, bound(to.trim())?);
    let from = match from {
        None => Timestamp(i64::MIN),
        Some((first, _)) if with_from => first,
        Some((_, last)) => Timestamp(last.0 + 1),
    };
    let to = match to {
        None => Timestamp(i64::MAX),
        Some((_, last)) if with_to => last,
        Some((first, _)) => Timestamp(first.0 - 1),
    };
    Ok(LogQuery::Between(from, to))
}

/// First and last millisecond of a day, or twice an instant.
fn bound(text: &str) -> Result<Option<(Timestamp, Timestamp)>, QueryError> {
    let text = text.trim_matches('"');
    if text == "*" {
        return Ok(None);
    }
    if let Some(day) = Timestamp::parse(&format!("{text}T00:00:00Z")) {
        return Ok(Some((day, Timestamp(day.0 + DAY_MS - 1))));
    }
    match Timestamp::parse(text) {
        Some(instant) => Ok(Some((instant, instant))),
        None => wrong(format!("'{text}' is no date, such as 2026-01-31 or 2026-01-31T10:00:00Z")),
    }
}

fn words(text: &str) -> Result<Vec<Word>, QueryError> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, length) = match first {
            '(' => (Word::Open, 1),
            ')' => (Word::Close, 1),
            '-' => (Word::Minus, 1),
            '"' => quoted(rest)?,
            '[' | '{' => range(rest)?,
            _ => plain(rest),
        };
        words.push(word);
        rest = rest[length..].trim_start();
    }
    Ok(words)
}

fn quoted(rest: &str) -> Result<(Word, usize), QueryError> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Ok((Word::Quoted(value), at + 1)),
            '\\' => value.extend(chars.next().map(|(_, char)| char)),
            char => value.push(char),
        }
    }
    wrong("a quotation mark stays open")
}

fn range(rest: &str) -> Result<(Word, usize), QueryError> {
    let Some(end) = rest.find([']', '}']) else { return wrong("a range stays open") };
    let word =
        Word::Range(rest[1..end].to_owned(), rest.starts_with('['), rest[end..].starts_with(']'));
    Ok((word, end + 1))
}

fn plain(rest: &str) -> (Word, usize) {
    let end = rest.find(|char: char| char.is_whitespace() || "()\"".contains(char));
    let text = &rest[..end.unwrap_or(rest.len())];
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    match text.split_once(':') {
        Some((name, _)) if is_name(name) => (Word::Field(name.to_owned()), name.len() + 1),
        _ => {
            let word = match text {
                "AND" | "&&" => Word::And,
                "OR" | "||" => Word::Or,
                "NOT" | "!" => Word::Not,
                text => Word::Plain(text.replace('\\', "")),
            };
            (word, text.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<LogQuery, QueryError> {
        LogQuery::parse(text, |name| (name == "db").then(|| "con_1".to_owned()))
    }

    fn is(field: LogField, value: &str) -> LogQuery {
        LogQuery::is(field, value)
    }

    #[test]
    fn words_bind_as_in_lucene() {
        use LogField::{ConnectionId, Ip, Type, UserId};
        let all = |queries: &[LogQuery]| LogQuery::All(queries.to_vec());
        let kind = is(Type, "s");
        for (text, expected) in [
            ("", LogQuery::everything()),
            ("type:s", all(std::slice::from_ref(&kind))),
            ("type:s AND ip:::1", all(&[kind.clone(), is(Ip, "::1")])),
            (
                "type:s -user_id:\"auth0|1\"",
                all(&[kind.clone(), LogQuery::Not(Box::new(is(UserId, "auth0|1")))]),
            ),
            (
                "type:s OR NOT connection:db",
                LogQuery::Any(vec![
                    all(std::slice::from_ref(&kind)),
                    all(&[LogQuery::Not(Box::new(is(ConnectionId, "con_1")))]),
                ]),
            ),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn dates_are_days_or_instants() {
        let day = Timestamp::parse("2026-01-02T00:00:00Z").expect("an instant");
        let end = Timestamp(day.0 + DAY_MS - 1);
        for (text, from, to) in [
            ("date:2026-01-02", day, end),
            ("date:[2026-01-02 TO *]", day, Timestamp(i64::MAX)),
            ("date:{2026-01-02 TO *]", Timestamp(end.0 + 1), Timestamp(i64::MAX)),
            ("date:[* TO 2026-01-02T00:00:00.000Z}", Timestamp(i64::MIN), Timestamp(day.0 - 1)),
        ] {
            assert_eq!(read(text).expect(text).span(), (from, to), "{text}");
        }
    }

    #[test]
    fn what_an_index_finds_is_found_by_it() {
        use crate::port::LogIndex;
        for (text, index) in [
            ("type:s AND user_id:\"a|1\"", LogIndex::User("a|1".to_owned())),
            ("(ip:1 AND (type:s))", LogIndex::Kind("s".to_owned())),
            ("type:s OR user_id:x", LogIndex::All),
            ("NOT type:s", LogIndex::All),
            ("type:s*", LogIndex::All),
        ] {
            assert_eq!(read(text).expect(text).index(), index, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_answered_is_refused() {
        let deep = "(".repeat(100);
        for text in [
            "words",
            "nonsense:1",
            "type:",
            "type:(",
            "type:s AND",
            "(type:s",
            "type:s)",
            "type:\"s",
            "date:yesterday",
            "date:[a TO",
            "date:[2026-01-01]",
            "ip:[1 TO 2]",
            "type:*s",
            "AND",
            &deep,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
