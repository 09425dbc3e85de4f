//! From rows to domain values, with an error that names table, column and row.

use housekey_core::port::StoreError;
use housekey_core::time::Timestamp;
use serde::de::DeserializeOwned;

use crate::statement::{FromValue, Row, Value};

/// Reads the row that a statement found, if it found one.
pub(crate) fn read_one<T>(
    table: &'static str,
    row: Option<Row>,
    read: impl FnOnce(&mut Columns<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    row.map(|row| read(&mut Columns::of(table, &row))).transpose()
}

/// Reads all rows that a statement found.
pub(crate) fn read_all<T>(
    table: &'static str,
    rows: &[Row],
    read: impl Fn(&mut Columns<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|row| read(&mut Columns::of(table, row))).collect()
}

/// Reads a row's columns in the order of its statement.
///
/// By convention the first column of a table's share is the row's key; an outer join that found
/// nothing leaves it null.
pub(crate) struct Columns<'r> {
    row: &'r Row,
    table: &'static str,
    first: usize,
    next: usize,
}

impl<'r> Columns<'r> {
    /// Begins with the first column of `row`, which belongs to `table`.
    pub(crate) fn of(table: &'static str, row: &'r Row) -> Self {
        Self { row, table, first: 0, next: 0 }
    }

    /// Goes on with the columns of the next joined table, `taken` columns after this one's first.
    pub(crate) fn join(self, table: &'static str, taken: usize) -> Self {
        let first = self.first + taken;
        Self { row: self.row, table, first, next: first }
    }

    /// Whether an outer join found no row.
    pub(crate) fn is_absent(&self) -> bool {
        self.row.get(self.first).is_some_and(Value::is_null)
    }

    /// The next column as it is.
    pub(crate) fn get<T: FromValue<'r>>(&mut self, column: &'static str) -> Result<T, StoreError> {
        let value = self.row.get(self.next).and_then(T::from_value);
        self.next += 1;
        value.ok_or_else(|| self.corrupt(column))
    }

    /// The next column, an instant.
    pub(crate) fn time(&mut self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.get(column).map(Timestamp)
    }

    /// The next column, an instant or null.
    pub(crate) fn optional_time(
        &mut self,
        column: &'static str,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.get::<Option<i64>>(column)?.map(Timestamp))
    }

    /// The next column, 0 or 1.
    pub(crate) fn flag(&mut self, column: &'static str) -> Result<bool, StoreError> {
        match self.get::<i64>(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.corrupt(column)),
        }
    }

    /// The next column, text that `parse` understands.
    pub(crate) fn parse<T>(
        &mut self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        parse(self.get::<&str>(column)?).ok_or_else(|| self.corrupt(column))
    }

    /// The next column, a document.
    pub(crate) fn json<T: DeserializeOwned>(
        &mut self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(self.get::<&str>(column)?).map_err(|_| self.corrupt(column))
    }

    /// The next column, a document or null.
    pub(crate) fn optional_json<T: DeserializeOwned>(
        &mut self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        self.get::<Option<&str>>(column)?
            .map(|text| serde_json::from_str(text).map_err(|_| self.corrupt(column)))
            .transpose()
    }

    /// The error of a row whose `column` does not convert.
    pub(crate) fn corrupt(&self, column: &'static str) -> StoreError {
        let id = self.row.get(self.first).and_then(String::from_value).unwrap_or_default();
        StoreError::Corrupt { table: self.table, column, id }
    }
}
