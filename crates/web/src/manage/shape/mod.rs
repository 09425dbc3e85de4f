//! What bodies and answers look like, as tables of fields. One table refuses what does not fit it
//! ([`check`]), hides what is secret from the log ([`mask`]) and describes itself in the `OpenAPI`
//! document ([`schema`]).

mod check;
mod mask;
mod schema;
mod settle;

pub(crate) use check::{Mode, check, check_fields, refusal};
pub(super) use mask::masked;
pub(crate) use schema::{parameter, schema, schema_of_fields};
pub(crate) use settle::without_nulls;

/// The form of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Anything.
    Any,
    /// True or false.
    Flag,
    /// A whole number in a range.
    Integer { least: i64, most: i64 },
    /// A number in a range.
    Number { least: i64, most: i64 },
    /// A text of so many characters.
    Text { least: usize, most: usize },
    /// An absolute URI.
    Uri,
    /// A mail address.
    Email,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A list of things of one form.
    List { of: &'static Shape, most: usize },
    /// An object of these members and no others.
    Object(&'static [Field]),
    /// An object of these members and any others.
    Open(&'static [Field]),
    /// An object of any members of one form.
    Map { of: &'static Shape, most: usize },
}

/// A text of any length that a body may have.
pub(crate) const TEXT: Shape = Shape::Text { least: 0, most: usize::MAX };
/// A list of texts.
pub(crate) const TEXTS: Shape = Shape::List { of: &TEXT, most: usize::MAX };
/// An instant (RFC 3339).
pub(crate) const INSTANT: Shape = Shape::Text { least: 20, most: 30 };
/// A whole number from zero.
pub(crate) const COUNT: Shape = Shape::Integer { least: 0, most: i64::MAX };
/// Metadata of an application or a connection.
pub(crate) const METADATA: Shape =
    Shape::Map { of: &Shape::Text { least: 0, most: 255 }, most: 10 };
/// An object that is kept as it is.
pub(crate) const ANY_OBJECT: Shape = Shape::Map { of: &Shape::Any, most: usize::MAX };

/// A text of `least` to `most` characters.
pub(crate) const fn text(least: usize, most: usize) -> Shape {
    Shape::Text { least, most }
}

/// A member of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: &'static str,
    /// The form of its value. Where a body may have it, so may `null`: back to the default.
    pub(crate) shape: Shape,
    access: Access,
    is_required: bool,
    is_secret: bool,
    /// Stored and returned, without an effect in this version.
    is_kept: bool,
}

/// Which way a member goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// In bodies and answers.
    Both,
    /// In bodies that create, and answers.
    Create,
    /// In answers.
    Read,
    /// In bodies.
    Write,
}

/// A member that bodies may and answers can have.
pub(crate) const fn field(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        access: Access::Both,
        is_required: false,
        is_secret: false,
        is_kept: false,
    }
}

impl Field {
    /// Must be in bodies that create (in those that change, it may be left out).
    pub(crate) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// Only in answers.
    pub(crate) const fn read_only(self) -> Self {
        Self { access: Access::Read, ..self }
    }

    /// Not in bodies that change.
    pub(crate) const fn create_only(self) -> Self {
        Self { access: Access::Create, ..self }
    }

    /// Only in bodies.
    pub(crate) const fn write_only(self) -> Self {
        Self { access: Access::Write, ..self }
    }

    /// Not shown in the log.
    pub(crate) const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// Stored and returned unchanged, without an effect in this version.
    pub(crate) const fn kept(self) -> Self {
        Self { is_kept: true, ..self }
    }

    /// Whether it is not to be shown.
    pub(crate) const fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// Whether it is stored and returned unchanged.
    pub(crate) const fn is_kept(&self) -> bool {
        self.is_kept
    }

    const fn is_in_body(&self, mode: Mode) -> bool {
        match self.access {
            Access::Both | Access::Write => true,
            Access::Create => matches!(mode, Mode::Create),
            Access::Read => false,
        }
    }

    const fn is_in_answer(&self) -> bool {
        !matches!(self.access, Access::Write)
    }
}
