//! Statements, their arguments, and the rows they find: the same for both engines.

use std::borrow::Cow;

/// A statement with its arguments, which it names `$1`, `$2`, …
///
/// Its text is a constant, so an engine prepares it once per connection, or composed of constants;
/// nothing that came in from outside can become part of it.
pub(crate) struct Statement {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) arguments: Vec<Value>,
}

/// What a column holds, or null of that type: PostgreSQL wants to know which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// A row that a statement found.
pub(crate) type Row = Box<[Value]>;

impl Statement {
    /// A statement that has no arguments yet.
    pub(crate) fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self { sql: sql.into(), arguments: Vec::with_capacity(8) }
    }

    /// Adds several arguments.
    #[must_use]
    pub(crate) fn bind_all(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        self.arguments.extend(values);
        self
    }

    /// Adds the next argument.
    #[must_use]
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.arguments.push(value.into());
        self
    }
}

impl Value {
    /// Whether it is null, whatever its type.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Integer(None) | Self::Text(None) | Self::Bytes(None))
    }
}

/// A Rust type that an argument can have.
macro_rules! argument {
    ($($from:ty => $variant:ident($value:ident => $own:expr)),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                Self::$variant(Some($own))
            }
        }

        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$variant(value.map(|$value| $own))
            }
        }
    )+};
}

argument! {
    i64 => Integer(value => value),
    &str => Text(value => value.to_owned()),
    String => Text(value => value),
    &[u8] => Bytes(value => value.to_vec()),
    Vec<u8> => Bytes(value => value),
}

/// A Rust type that a column can be read as.
pub(crate) trait FromValue<'r>: Sized {
    /// `None` if the column is of another type or unexpectedly null.
    fn from_value(value: &'r Value) -> Option<Self>;
}

impl FromValue<'_> for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(value) => *value,
            _ => None,
        }
    }
}

impl<'r> FromValue<'r> for &'r str {
    fn from_value(value: &'r Value) -> Option<Self> {
        match value {
            Value::Text(value) => value.as_deref(),
            _ => None,
        }
    }
}

impl FromValue<'_> for String {
    fn from_value(value: &Value) -> Option<Self> {
        <&str>::from_value(value).map(str::to_owned)
    }
}

impl FromValue<'_> for Vec<u8> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bytes(value) => value.clone(),
            _ => None,
        }
    }
}

impl<'r, T: FromValue<'r>> FromValue<'r> for Option<T> {
    fn from_value(value: &'r Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::from_value(value).map(Some) }
    }
}
