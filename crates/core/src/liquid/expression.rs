//! Expressions: what stands in outputs and behind the names of tags.

use serde_json::Value;

use super::filter;

/// A variable or a literal.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Literal(Value),
    /// `empty` and `blank`, which equal what has nothing in it.
    Empty,
    Blank,
    Path(String, Vec<Segment>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Segment {
    Key(String),
    Index(Operand),
}

/// An operand and what it goes through.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expression {
    pub(super) operand: Operand,
    pub(super) filters: Vec<(&'static str, Vec<Operand>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    True(Operand),
    Compare(Operand, Comparison, Operand),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    Contains,
}

/// What `for` goes through.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    List(Operand),
    Range(Operand, Operand),
}

/// Conditions joined by `and` and `or` at most.
const MAX_JOINED: usize = 50;

/// Reads expressions from left to right.
pub(super) struct Reader<'a> {
    rest: &'a str,
}

type Read<T> = Result<T, String>;

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text.trim_start() }
    }

    /// Fails if something is left.
    pub(super) fn end(&self) -> Read<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(format!("{} is unexpected", self.shown())) }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn shown(&self) -> String {
        if self.rest.is_empty() {
            "the end".to_owned()
        } else {
            format!("\"{}\"", self.rest.chars().take(20).collect::<String>())
        }
    }

    /// Takes a sign if it comes next.
    pub(super) fn take(&mut self, sign: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(sign) else { return false };
        self.rest = rest.trim_start();
        true
    }

    pub(super) fn expect(&mut self, sign: &str) -> Read<()> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(format!("{sign} is missing before {}", self.shown()))
        }
    }

    /// Takes a word if it comes next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let before = self.rest;
        if self.name().is_some_and(|own| own == word) {
            return true;
        }
        self.rest = before;
        false
    }

    /// The name that comes next.
    pub(super) fn name(&mut self) -> Option<&'a str> {
        let fits = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let name = &self.rest[..end];
        let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        begins.then(|| {
            self.rest = self.rest[end..].trim_start();
            name
        })
    }

    pub(super) fn required_name(&mut self) -> Read<&'a str> {
        self.name().ok_or_else(|| format!("a name is missing before {}", self.shown()))
    }

    pub(super) fn operand(&mut self) -> Read<Operand> {
        self.nested_operand(0)
    }

    fn nested_operand(&mut self, depth: usize) -> Read<Operand> {
        if depth > 8 {
            return Err("brackets are nested too deeply".to_owned());
        }
        if let Some(quote) = self.rest.chars().next().filter(|c| *c == '"' || *c == '\'') {
            let inner = &self.rest[1..];
            let end = inner.find(quote).ok_or("a text is not ended")?;
            self.rest = inner[end + 1..].trim_start();
            return Ok(Operand::Literal(inner[..end].into()));
        }
        if self.rest.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
            return self.number();
        }
        let name = self.required_name()?;
        Ok(match name {
            "true" => Operand::Literal(true.into()),
            "false" => Operand::Literal(false.into()),
            "nil" | "null" => Operand::Literal(Value::Null),
            "empty" => Operand::Empty,
            "blank" => Operand::Blank,
            name => Operand::Path(name.to_owned(), self.segments(depth)?),
        })
    }

    fn segments(&mut self, depth: usize) -> Read<Vec<Segment>> {
        let mut segments = Vec::new();
        loop {
            // Two dots belong to a range.
            if !self.rest.starts_with("..") && self.take(".") {
                segments.push(Segment::Key(self.required_name()?.to_owned()));
            } else if self.take("[") {
                segments.push(Segment::Index(self.nested_operand(depth + 1)?));
                self.expect("]")?;
            } else {
                return Ok(segments);
            }
        }
    }

    fn number(&mut self) -> Read<Operand> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let sign = usize::from(self.rest.starts_with('-'));
        let mut end = sign + digits(&self.rest[sign..]);
        let has_fraction = self.rest[end..].starts_with('.') && digits(&self.rest[end + 1..]) > 0;
        if has_fraction {
            end += 1 + digits(&self.rest[end + 1..]);
        }
        let text = &self.rest[..end];
        let value = if has_fraction {
            text.parse::<f64>().ok().map(Value::from)
        } else {
            text.parse::<i64>().ok().map(Value::from)
        };
        let value = value.ok_or_else(|| format!("{} is not a number", self.shown()))?;
        self.rest = self.rest[end..].trim_start();
        Ok(Operand::Literal(value))
    }

    /// An operand and its filters, up to the end.
    pub(super) fn expression(&mut self) -> Read<Expression> {
        let operand = self.operand()?;
        let mut filters = Vec::new();
        while self.take("|") {
            let name = self.required_name()?;
            let name = filter::named(name).ok_or_else(|| format!("there is no filter {name}"))?;
            let mut arguments = Vec::new();
            if self.take(":") {
                arguments.push(self.operand()?);
                while self.take(",") {
                    arguments.push(self.operand()?);
                }
            }
            filters.push((name, arguments));
        }
        self.end()?;
        Ok(Expression { operand, filters })
    }

    /// A condition, up to the end. As in Liquid, what is further right binds closer.
    pub(super) fn condition(&mut self) -> Read<Condition> {
        let mut joined = vec![(false, self.comparison()?)];
        loop {
            let is_or = self.take_word("or");
            if !is_or && !self.take_word("and") {
                break;
            }
            joined.push((is_or, self.comparison()?));
            if joined.len() > MAX_JOINED {
                return Err("there are too many conditions".to_owned());
            }
        }
        self.end()?;
        let (mut is_or, mut whole) = joined.pop().ok_or("a condition is missing")?;
        while let Some((before, left)) = joined.pop() {
            let join = if is_or { Condition::Or } else { Condition::And };
            whole = join(Box::new(left), Box::new(whole));
            is_or = before;
        }
        Ok(whole)
    }

    fn comparison(&mut self) -> Read<Condition> {
        let left = self.operand()?;
        let signs = [
            ("==", Comparison::Equal),
            ("!=", Comparison::Unequal),
            ("<>", Comparison::Unequal),
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("<", Comparison::Less),
            (">", Comparison::More),
        ];
        let found = signs.into_iter().find(|(sign, _)| self.take(sign)).map(|(_, own)| own);
        let found = found.or_else(|| self.take_word("contains").then_some(Comparison::Contains));
        Ok(match found {
            Some(comparison) => Condition::Compare(left, comparison, self.operand()?),
            None => Condition::True(left),
        })
    }

    /// A list, or `(1..5)`.
    pub(super) fn source(&mut self) -> Read<Source> {
        if !self.take("(") {
            return Ok(Source::List(self.operand()?));
        }
        let from = self.operand()?;
        self.expect("..")?;
        let to = self.operand()?;
        self.expect(")")?;
        Ok(Source::Range(from, to))
    }
}
