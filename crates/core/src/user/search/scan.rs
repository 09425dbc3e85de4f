//! The characters of a query: names, values, words.

use std::fmt;

/// Why a text is no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// At which character, counted from zero.
    pub at: usize,
    /// What is wrong there.
    pub why: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at character {})", self.why, self.at + 1)
    }
}

/// Where reading has come to.
pub(super) struct Scanner {
    text: Vec<char>,
    pub(super) at: usize,
}

/// A value as it was written.
pub(super) enum Written {
    /// As it stands.
    Exactly(String),
    /// With a `*` behind it; alone it is empty.
    Prefix(String),
}

impl Scanner {
    pub(super) fn of(text: &str) -> Self {
        Self { text: text.chars().collect(), at: 0 }
    }

    pub(super) fn comparison(&mut self) -> &'static str {
        for sign in [">=", "<=", ">", "<"] {
            if self.text[self.at..].starts_with(&sign.chars().collect::<Vec<_>>()) {
                self.at += sign.len();
                return sign;
            }
        }
        ""
    }

    pub(super) fn value(&mut self) -> Result<Written, Malformed> {
        if self.peek() == Some('"') {
            return self.phrase().map(Written::Exactly);
        }
        let begin = self.at;
        let mut text = String::new();
        while let Some(next) = self.peek().filter(|c| !c.is_whitespace() && !"()".contains(*c)) {
            self.at += 1;
            match next {
                '\\' => text.push(self.escaped()?),
                '*' if self.ends_value() => return Ok(Written::Prefix(text)),
                '*' | '?' => return Err(self.wrong("A wildcard can only be a * at the end")),
                '"' => return Err(self.wrong("A quotation mark in a value is written \\\"")),
                other => text.push(other),
            }
        }
        if text.is_empty() {
            return Err(Malformed { at: begin, why: "A value is missing".to_owned() });
        }
        Ok(Written::Exactly(text))
    }

    pub(super) fn phrase(&mut self) -> Result<String, Malformed> {
        self.at += 1;
        let mut text = String::new();
        while let Some(next) = self.peek() {
            self.at += 1;
            match next {
                '"' => return Ok(text),
                '\\' => text.push(self.escaped()?),
                other => text.push(other),
            }
        }
        Err(self.wrong("Missing quotation mark"))
    }

    pub(super) fn escaped(&mut self) -> Result<char, Malformed> {
        let escaped = self.peek().ok_or_else(|| self.wrong("Nothing follows the \\"))?;
        self.at += 1;
        Ok(escaped)
    }

    pub(super) fn name(&mut self) -> String {
        self.take_while(|c| !c.is_whitespace() && !":()\"[]{}".contains(c))
    }

    pub(super) fn ends_value(&self) -> bool {
        self.peek().is_none_or(|c| c.is_whitespace() || c == ')')
    }

    pub(super) fn is_at_word(&self, word: &str) -> bool {
        let rest = &self.text[self.at..];
        let length = word.chars().count();
        rest.len() >= length
            && rest.iter().zip(word.chars()).all(|(own, c)| *own == c)
            && rest.get(length).is_none_or(|c| c.is_whitespace() || *c == '(')
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let found = self.is_at_word(word);
        if found {
            self.at += word.chars().count();
            self.skip_space();
        }
        found
    }

    pub(super) fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    pub(super) fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) -> String {
        let taken: String = self.text[self.at..].iter().take_while(|c| is_wanted(**c)).collect();
        self.at += taken.chars().count();
        taken
    }

    pub(super) fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn wrong(&self, why: &str) -> Malformed {
        Malformed { at: self.at, why: why.to_owned() }
    }
}
