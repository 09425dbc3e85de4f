//! From text to [`Query`]. `AND` binds closer than `OR`; conditions side by side must all hold.

use super::field::{Field, NumberField};
use super::range::{Range, span};
use super::scan::{Malformed, Scanner, Written};
use super::{Condition, Matching, Query, comparable};

/// How deep parentheses may be nested.
const MAX_DEPTH: usize = 16;
/// How many conditions a query may have.
const MAX_CONDITIONS: usize = 64;
/// The fewest characters before a `*`.
const MIN_PREFIX: usize = 3;

/// Reads a query; an empty one finds everybody.
///
/// # Errors
/// [`Malformed`].
pub fn parse(text: &str) -> Result<Query, Malformed> {
    let mut parser = Parser { scan: Scanner::of(text), depth: 0, conditions: 0 };
    parser.scan.skip_space();
    if parser.scan.is_done() {
        return Ok(Query::Everyone);
    }
    let query = parser.alternatives(None)?;
    if parser.scan.is_done() { Ok(query) } else { Err(parser.scan.wrong("Unexpected )")) }
}

struct Parser {
    scan: Scanner,
    depth: usize,
    conditions: usize,
}

impl Parser {
    /// `a OR b`; `field` is the one before the parenthesis around them.
    fn alternatives(&mut self, field: Option<&Field>) -> Result<Query, Malformed> {
        let mut all = vec![self.conjunction(field)?];
        while self.scan.take_word("OR") || self.scan.take_word("||") {
            all.push(self.conjunction(field)?);
        }
        Ok(joined(all, Query::Any))
    }

    fn conjunction(&mut self, field: Option<&Field>) -> Result<Query, Malformed> {
        let mut all = vec![self.negation(field)?];
        loop {
            if self.scan.take_word("AND") || self.scan.take_word("&&") || self.begins_another() {
                all.push(self.negation(field)?);
            } else {
                return Ok(joined(all, Query::All));
            }
        }
    }

    fn negation(&mut self, field: Option<&Field>) -> Result<Query, Malformed> {
        self.scan.skip_space();
        let negated = self.scan.take_word("NOT") || self.scan.take('-') || self.scan.take('!');
        if !negated {
            self.scan.take('+');
        }
        let query = self.unit(field)?;
        Ok(if negated { Query::Not(Box::new(query)) } else { query })
    }

    fn unit(&mut self, field: Option<&Field>) -> Result<Query, Malformed> {
        self.scan.skip_space();
        if self.scan.take('(') {
            return self.parenthesis(field);
        }
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            return Err(self
                .scan
                .wrong(&format!("A query has at most {MAX_CONDITIONS} conditions")));
        }
        match field {
            Some(field) => self.value_of(field),
            None => self.condition(),
        }
    }

    fn parenthesis(&mut self, field: Option<&Field>) -> Result<Query, Malformed> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.scan.wrong("Too many parentheses in one another"));
        }
        let query = self.alternatives(field)?;
        self.depth -= 1;
        if self.scan.take(')') { Ok(query) } else { Err(self.scan.wrong("Missing )")) }
    }

    /// `field:value`, or `*` alone.
    fn condition(&mut self) -> Result<Query, Malformed> {
        let begin = self.scan.at;
        let name = self.scan.name();
        if !self.scan.take(':') {
            self.scan.skip_space();
            return if name == "*" {
                Ok(Query::Everyone)
            } else {
                Err(missing_field(begin, &name))
            };
        }
        if name == "_exists_" {
            let name = self.scan.name();
            let field = Field::named(&name).ok_or_else(|| unknown(begin, &name))?;
            self.scan.skip_space();
            return Ok(present(&field));
        }
        if name == "*" && self.scan.take('*') {
            self.scan.skip_space();
            return Ok(Query::Everyone);
        }
        let field = Field::named(&name).ok_or_else(|| unknown(begin, &name))?;
        if self.scan.take('(') { self.parenthesis(Some(&field)) } else { self.value_of(&field) }
    }

    fn value_of(&mut self, field: &Field) -> Result<Query, Malformed> {
        let begin = self.scan.at;
        if let Field::Number(field) = field {
            let range = self.range(*field)?;
            self.scan.skip_space();
            return Ok(number(*field, range));
        }
        if matches!(self.scan.peek(), Some('[' | '{')) {
            return Err(self.scan.wrong("Only dates and logins_count have ranges"));
        }
        let written = self.scan.value()?;
        self.scan.skip_space();
        condition(field, &written).map_err(|why| Malformed { at: begin, why: why.to_owned() })
    }

    fn range(&mut self, field: NumberField) -> Result<Range, Malformed> {
        let begin = self.scan.at;
        if matches!(self.scan.peek(), Some('[' | '{')) {
            return self.brackets(field);
        }
        let comparison = self.scan.comparison();
        let text = match self.scan.value()? {
            Written::Exactly(text) => text,
            Written::Prefix(text) if text.is_empty() && comparison.is_empty() => {
                return Ok(present_range(field));
            }
            Written::Prefix(_) => return Err(self.scan.wrong("A number has no wildcard")),
        };
        let (from, to) = span(field, &text).ok_or_else(|| not_a_number(begin, &text))?;
        Ok(match comparison {
            ">" => Range { from: Some(to), to: None },
            ">=" => Range { from: Some(from), to: None },
            "<" => Range { from: None, to: Some(from) },
            "<=" => Range { from: None, to: Some(to) },
            _ => Range { from: Some(from), to: Some(to) },
        })
    }

    /// `[a TO b]`, `{a TO b}` or one of each.
    fn brackets(&mut self, field: NumberField) -> Result<Range, Malformed> {
        let includes_first = self.scan.take('[');
        if !includes_first {
            self.scan.take('{');
        }
        let first = self.end(field)?;
        if !self.scan.take_word("TO") {
            return Err(self.scan.wrong("A range is written [a TO b]"));
        }
        let last = self.end(field)?;
        let includes_last = self.scan.take(']');
        if !includes_last && !self.scan.take('}') {
            return Err(self.scan.wrong("Missing ]"));
        }
        let from = first.map(|(from, to)| if includes_first { from } else { to });
        let to = last.map(|(from, to)| if includes_last { to } else { from });
        Ok(Range { from, to })
    }

    fn end(&mut self, field: NumberField) -> Result<Option<(i64, i64)>, Malformed> {
        self.scan.skip_space();
        let begin = self.scan.at;
        let text = if self.scan.peek() == Some('"') {
            self.scan.phrase()?
        } else {
            self.scan.take_while(|c| !c.is_whitespace() && c != ']' && c != '}')
        };
        self.scan.skip_space();
        if text == "*" {
            return Ok(None);
        }
        span(field, &text).map(Some).ok_or_else(|| not_a_number(begin, &text))
    }

    /// Whether a further condition follows without a word between.
    fn begins_another(&mut self) -> bool {
        self.scan.skip_space();
        !self.scan.is_done()
            && self.scan.peek() != Some(')')
            && !self.scan.is_at_word("OR")
            && !self.scan.is_at_word("||")
    }
}

fn joined(mut all: Vec<Query>, join: impl FnOnce(Vec<Query>) -> Query) -> Query {
    match all.len() {
        1 => all.remove(0),
        _ => join(all),
    }
}

fn missing_field(at: usize, name: &str) -> Malformed {
    Malformed { at, why: format!("A condition is written field:value, not {name:?}") }
}

fn unknown(at: usize, name: &str) -> Malformed {
    Malformed { at, why: format!("There is no field {name:?} to search by") }
}

fn not_a_number(at: usize, text: &str) -> Malformed {
    Malformed { at, why: format!("{text:?} is neither a number nor a date") }
}

fn number(field: NumberField, range: Range) -> Query {
    Query::Where(Condition::Number { field, range })
}

/// Before the first login there is no last one.
fn present_range(field: NumberField) -> Range {
    match field {
        NumberField::LastLogin => Range { from: Some(1), to: None },
        NumberField::CreatedAt | NumberField::LoginsCount | NumberField::UpdatedAt => Range::ALL,
    }
}

fn present(field: &Field) -> Query {
    match field {
        Field::Connection | Field::Provider => Query::Everyone,
        Field::Number(field) => number(*field, present_range(*field)),
        Field::Metadata { path, .. } => term(path, Matching::Present),
        Field::Text(path) => term(path, Matching::Present),
    }
}

fn term(path: &str, is: Matching) -> Query {
    Query::Where(Condition::Term { path: path.to_owned(), is })
}

fn condition(field: &Field, written: &Written) -> Result<Query, &'static str> {
    if matches!(written, Written::Prefix(text) if text.is_empty()) {
        return Ok(present(field));
    }
    let matching = |path: &str| match written {
        Written::Exactly(text) => Ok(Matching::Exactly(comparable(path, text))),
        Written::Prefix(text) if text.chars().count() < MIN_PREFIX => {
            Err("A wildcard stands behind three characters or more")
        }
        Written::Prefix(text) => Ok(Matching::Prefix(comparable(path, text))),
    };
    match (field, written) {
        (Field::Text(path), _) => Ok(term(path, matching(path)?)),
        (Field::Metadata { wildcards: false, .. }, Written::Prefix(_)) => {
            Err("user_metadata has no wildcards")
        }
        (Field::Metadata { path, .. }, _) => Ok(term(path, matching(path)?)),
        (Field::Connection, Written::Exactly(name)) => {
            Ok(Query::Where(Condition::Connection(name.clone())))
        }
        (Field::Provider, Written::Exactly(name)) => {
            Ok(Query::Where(Condition::Provider(name.clone())))
        }
        (Field::Connection | Field::Provider, Written::Prefix(_)) => {
            Err("Connections and providers have no wildcards")
        }
        (Field::Number(_), _) => Err("A number has no text"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exactly(path: &str, value: &str) -> Query {
        term(path, Matching::Exactly(value.to_owned()))
    }

    fn not(query: Query) -> Query {
        Query::Not(Box::new(query))
    }

    #[test]
    fn reads_what_the_contract_names() {
        let everyone = Query::Everyone;
        let cases = [
            ("", everyone.clone()),
            ("  *  ", everyone.clone()),
            ("*:*", everyone),
            ("email:Ada@Example.com", exactly("email", "ada@example.com")),
            ("name:\"Ada \\\"King\\\" Lovelace\"", exactly("name", "ada \"king\" lovelace")),
            ("username:Ada", exactly("username", "Ada")),
            ("user_id:auth0\\|1", exactly("user_id", "auth0|1")),
            ("user_id:\"auth0|1\"", exactly("user_id", "auth0|1")),
            ("name:jane*", term("name", Matching::Prefix("jane".to_owned()))),
            ("name:*", term("name", Matching::Present)),
            ("_exists_:phone_number", term("phone_number", Matching::Present)),
            ("app_metadata.a.b:X", exactly("app_metadata.a.b", "X")),
            ("NOT blocked:true", not(exactly("blocked", "true"))),
            ("-blocked:true", not(exactly("blocked", "true"))),
            (
                "identities.connection:\"Some directory\"",
                Query::Where(Condition::Connection("Some directory".to_owned())),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn and_binds_closer_than_or() {
        let [a, b, c] = ["a", "b", "c"].map(|value| exactly("username", value));
        let any = Query::Any(vec![a.clone(), Query::All(vec![b.clone(), c.clone()])]);
        assert_eq!(parse("username:a OR username:b AND username:c"), Ok(any.clone()));
        assert_eq!(parse("username:a || username:b username:c"), Ok(any));
        let all = Query::All(vec![Query::Any(vec![a, b]), c]);
        assert_eq!(parse("(username:a OR username:b) AND username:c"), Ok(all.clone()));
        assert_eq!(parse("username:(a OR b) && username:c"), Ok(all));
    }

    #[test]
    fn ranges_have_ends_or_none() {
        let range = |text: &str| match parse(&format!("logins_count:{text}")) {
            Ok(Query::Where(Condition::Number { range, .. })) => (range.from, range.to),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(range("[1 TO 5]"), (Some(1), Some(6)));
        assert_eq!(range("{1 TO 5}"), (Some(2), Some(5)));
        assert_eq!(range("[* TO 5}"), (None, Some(5)));
        assert_eq!(range("{1 TO *]"), (Some(2), None));
        assert_eq!(range("7"), (Some(7), Some(8)));
        assert_eq!(range(">7"), (Some(8), None));
        assert_eq!(range("<=7"), (None, Some(8)));
        assert!(parse("created_at:[2026-01-01 TO 2026-02-01T00:00:00.000Z]").is_ok());
    }

    #[test]
    fn says_what_is_wrong() {
        let deep = format!("{}name:a", "(".repeat(40));
        let long = vec!["name:abc"; 100].join(" ");
        for text in [
            "jane",
            "name:",
            "name:ja*",
            "name:*ane",
            "name:j?ne",
            "nonsense:a",
            "name:\"a",
            "(name:abc",
            "name:abc)",
            "name:[a TO b]",
            "created_at:[a TO b]",
            "logins_count:x",
            "created_at:[2026 2027]",
            "user_metadata.a:abc*",
            "name:abc AND",
            "OR name:abc",
            "app_metadata.:a",
            "name:a\\",
            "_exists_:",
            "last_login:[2026 TO 2027",
            deep.as_str(),
            long.as_str(),
        ] {
            let error = parse(text).expect_err(text);
            assert!(!error.why.is_empty() && error.at <= text.chars().count(), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn never_panics_on_what_looks_right(parts in prop::collection::vec(prop::sample::select(vec![
            "name", ":", "\"", "*", "(", ")", "[", "]", "{", "}", " ", " TO ", " AND ", " OR ",
            "NOT ", "-", "2026", "created_at:", "\\", "?", ">", "<=", "ß", "_exists_:", "é", "||",
        ]), 0..40)) {
            let _ = parse(&parts.concat());
        }
    }
}
