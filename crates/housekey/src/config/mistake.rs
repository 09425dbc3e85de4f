//! Telling what is wrong with a configuration: where, what, and how to mend it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// `FILE:LINE`, `FILE`, or the name of an environment variable.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// How to mend it.
    pub remedy: String,
}

/// All mistakes found in one configuration.
#[derive(Debug)]
pub struct Mistakes {
    path: PathBuf,
    lines: Vec<String>,
    /// Keys that environment variables set, and those variables.
    overridden: BTreeMap<String, String>,
    found: Vec<Mistake>,
}

impl Mistakes {
    /// None yet, in the file at `path`.
    pub fn in_file(path: &Path, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            lines: text.lines().map(ToOwned::to_owned).collect(),
            overridden: BTreeMap::new(),
            found: Vec::new(),
        }
    }

    /// A single one that concerns the file at `path` as a whole.
    pub fn one(path: &Path, problem: String, remedy: &str) -> Self {
        let mut mistakes = Self::in_file(path, "");
        mistakes.add(path.display().to_string(), problem, remedy);
        mistakes
    }

    /// Whether none was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What was found.
    pub fn found(&self) -> &[Mistake] {
        &self.found
    }

    /// Something is wrong with the value of `key`, which is written `section.key`.
    pub fn at(&mut self, key: &str, problem: impl fmt::Display, remedy: &str) {
        let place = self.place_of(key);
        self.add(place, format!("{key}: {problem}"), remedy);
    }

    /// Something is wrong with the environment variable `name`.
    pub fn in_variable(&mut self, name: &str, problem: &str) {
        self.add(name.to_owned(), problem.to_owned(), "unset it, or set it to what the key takes");
    }

    /// The file does not have the form of a configuration.
    pub fn parse(&mut self, error: &toml::de::Error) {
        let line = error.span().map(|span| self.line_at(span.start));
        let place = match line {
            Some(line) => format!("{}:{line}", self.path.display()),
            None => self.path.display().to_string(),
        };
        let problem = in_our_words(error.message());
        self.add(place, problem, "docs/configuration.md lists every key and what it takes");
    }

    /// Remembers that the variable `name` set `key`.
    pub fn note_override(&mut self, key: String, name: String) {
        self.overridden.insert(key, name);
    }

    fn add(&mut self, place: String, problem: String, remedy: &str) {
        self.found.push(Mistake { place, problem, remedy: remedy.to_owned() });
    }

    fn place_of(&self, key: &str) -> String {
        if let Some(variable) = self.overridden.get(key) {
            return variable.clone();
        }
        let path = self.path.display();
        match self.line_of(key) {
            Some(line) => format!("{path}:{line}"),
            None => path.to_string(),
        }
    }

    /// The line on which `section.key` is set, if it is written the usual way.
    fn line_of(&self, key: &str) -> Option<usize> {
        let (section, key) = key.split_once('.')?;
        let mut inside = false;
        for (line, number) in self.lines.iter().zip(1..) {
            let line = line.trim();
            if let Some(header) = line.strip_prefix('[') {
                inside = header.split(']').next().is_some_and(|name| name.trim() == section);
            } else if inside && line.split_once('=').is_some_and(|(name, _)| name.trim() == key) {
                return Some(number);
            }
        }
        None
    }

    fn line_at(&self, offset: usize) -> usize {
        let mut end = 0;
        let line = self.lines.iter().position(|line| {
            end += line.len() + 1;
            offset < end
        });
        line.map_or(self.lines.len().max(1), |index| index + 1)
    }
}

/// The parser speaks of fields; a file has keys.
pub(super) fn in_our_words(message: &str) -> String {
    message.replace("unknown field", "unknown key").replace("duplicate field", "duplicate key")
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not usable")?;
        for Mistake { place, problem, remedy } in &self.found {
            write!(f, "\n\n{place}: {problem}\n    {remedy}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
