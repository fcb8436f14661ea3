//! Values as they stand in columns.

use peyvand_core::Id;

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SqlVal {
    /// Nothing.
    Null,
    /// A 64-bit integer.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID.
    Uuid(Id),
    /// A list of texts.
    Tokens(Vec<String>),
}

impl SqlVal {
    /// The integer, when it is one.
    #[must_use]
    pub const fn int(&self) -> Option<i64> {
        if let Self::Int(i) = self { Some(*i) } else { None }
    }

    /// The text, when it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(s) = self { Some(s) } else { None }
    }

    /// The bytes, when it is some.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(b) = self { Some(b) } else { None }
    }

    /// The UUID, when it is one.
    #[must_use]
    pub const fn uuid(&self) -> Option<Id> {
        if let Self::Uuid(u) = self { Some(*u) } else { None }
    }
}

impl From<i64> for SqlVal {
    fn from(i: i64) -> Self {
        Self::Int(i)
    }
}

impl From<&str> for SqlVal {
    fn from(s: &str) -> Self {
        Self::Text(s.to_owned())
    }
}

impl From<String> for SqlVal {
    fn from(s: String) -> Self {
        Self::Text(s)
    }
}

impl From<Id> for SqlVal {
    fn from(id: Id) -> Self {
        Self::Uuid(id)
    }
}

impl From<Vec<u8>> for SqlVal {
    fn from(b: Vec<u8>) -> Self {
        Self::Bytes(b)
    }
}

impl<T: Into<Self>> From<Option<T>> for SqlVal {
    fn from(o: Option<T>) -> Self {
        o.map_or(Self::Null, Into::into)
    }
}
