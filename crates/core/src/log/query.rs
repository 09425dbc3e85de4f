//! The language in which logs are searched (contract 05 §15): a part of Lucene's. A query that
//! names a user or a kind of event at its top is answered from an index; what it says besides is
//! looked at event by event.

use super::LogEvent;
use crate::port::LogIndex;
use crate::time::Timestamp;

mod parse;

pub use parse::QueryError;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogQuery {
    /// All of them; everything, if there are none.
    All(Vec<LogQuery>),
    /// Any of them.
    Any(Vec<LogQuery>),
    /// Not this.
    Not(Box<LogQuery>),
    /// A text.
    Text {
        /// Of what.
        field: LogField,
        /// Which.
        value: String,
        /// It only begins so.
        is_prefix: bool,
    },
    /// Whether there is anything.
    Exists(LogField),
    /// An instant between two, both included.
    Between(Timestamp, Timestamp),
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $wire:literal, $event:ident => $value:expr;)*) => {
        /// What can be searched by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum LogField {
            $($(#[$doc])* $name,)*
        }

        impl LogField {
            fn parse(name: &str) -> Option<Self> {
                match name {
                    $($wire => Some(Self::$name),)*
                    _ => None,
                }
            }

            fn of(self, event: &LogEvent) -> Option<&str> {
                match self {
                    $(Self::$name => {
                        let $event = event;
                        $value
                    })*
                }
            }
        }
    };
}

fields! {
    /// The application.
    ClientId = "client_id", event => event.client_id.as_deref();
    /// The connection's id.
    ConnectionId = "connection_id", event => event.connection_id.as_deref();
    /// The event in words.
    Description = "description", event => Some(&event.description);
    /// The host that was called.
    Hostname = "hostname", event => Some(&event.hostname);
    /// The peer.
    Ip = "ip", event => Some(&event.ip);
    /// The event.
    LogId = "log_id", event => Some(event.id.as_str());
    /// What happened.
    Type = "type", event => Some(event.kind.code());
    /// The peer's program.
    UserAgent = "user_agent", event => Some(&event.user_agent);
    /// The user.
    UserId = "user_id", event => event.user_id.as_deref();
    /// How the user is called.
    UserName = "user_name", event => event.user_name.as_deref();
}

impl LogQuery {
    /// Everything.
    #[must_use]
    pub fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// One field that has one value.
    #[must_use]
    pub fn is(field: LogField, value: impl Into<String>) -> Self {
        Self::Text { field, value: value.into(), is_prefix: false }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut all) => {
                all.push(other);
                Self::All(all)
            }
            one => Self::All(vec![one, other]),
        }
    }

    /// Reads a query. `connection` turns a connection's name into its id.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn parse(
        text: &str,
        connection: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, QueryError> {
        parse::parse(text, &connection)
    }

    /// Whether an event is among what is looked for.
    #[must_use]
    pub fn matches(&self, event: &LogEvent) -> bool {
        match self {
            Self::All(all) => all.iter().all(|query| query.matches(event)),
            Self::Any(any) => any.iter().any(|query| query.matches(event)),
            Self::Not(query) => !query.matches(event),
            Self::Text { field, value, is_prefix } => field.of(event).is_some_and(|own| {
                if *is_prefix { own.starts_with(value.as_str()) } else { own == value }
            }),
            Self::Exists(field) => field.of(event).is_some_and(|own| !own.is_empty()),
            Self::Between(from, to) => (*from..=*to).contains(&event.date),
        }
    }

    /// The index that finds fewest events to look at.
    #[must_use]
    pub fn index(&self) -> LogIndex {
        let find = |wanted: LogField| {
            self.required().find_map(|query| match query {
                Self::Text { field, value, is_prefix: false } if *field == wanted => {
                    Some(value.clone())
                }
                _ => None,
            })
        };
        find(LogField::UserId)
            .map(LogIndex::User)
            .or_else(|| find(LogField::Type).map(LogIndex::Kind))
            .unwrap_or(LogIndex::All)
    }

    /// The time outside of which nothing matches.
    #[must_use]
    pub fn span(&self) -> (Timestamp, Timestamp) {
        let all = (Timestamp(i64::MIN), Timestamp(i64::MAX));
        self.required().fold(all, |(from, to), query| match query {
            Self::Between(own_from, own_to) => (from.max(*own_from), to.min(*own_to)),
            _ => (from, to),
        })
    }

    /// What every match must fulfil, as far as it can be told by looking.
    fn required(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match self {
            Self::All(all) => Box::new(all.iter().flat_map(Self::required)),
            one => Box::new(std::iter::once(one)),
        }
    }
}
