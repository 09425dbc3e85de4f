//! `[log]`: what is logged, and how.

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use super::mistake::Mistakes;

/// The section as written.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// A level, or levels per module.
    level: String,
    /// `text` or `json`.
    format: LogFormat,
}

impl Default for Section {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// A level, or levels per module.
    pub level: String,
    /// How a line is written.
    pub format: LogFormat,
}

impl Section {
    pub(super) fn check(self, mistakes: &mut Mistakes) -> Option<LogSettings> {
        if EnvFilter::try_new(&self.level).is_err() {
            let problem = format!("{:?} is not a level", self.level);
            let remedy = "use error, warn, info, debug or trace, or levels per module such as \
                \"info,housekey_store=debug\"";
            mistakes.at("log.level", problem, remedy);
            return None;
        }
        Some(LogSettings { level: self.level, format: self.format })
    }
}
