//! What can be wrong with a definition.

/// A definition that cannot be used, with the object and field at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// The file is not TOML of the expected form.
    #[error("the definition of {object} cannot be read: {reason}")]
    Unreadable {
        /// The object.
        object: String,
        /// What the parser says.
        reason: String,
    },
    /// A key is not `snake_case`, too long, or reserved.
    #[error("{key} is not a key: lower-case Latin letters, digits and _, at most 48, not a reserved word")]
    BadKey {
        /// The key at fault.
        key: String,
    },
    /// Two things share a key.
    #[error("{object}.{key} is there already")]
    Duplicate {
        /// The object.
        object: String,
        /// The key that stands twice.
        key: String,
    },
    /// Something a type needs is missing, or something it cannot have is given.
    #[error("{object}.{field}: {problem}")]
    Field {
        /// The object.
        object: String,
        /// The field.
        field: String,
        /// The problem, as a stable key: `choices-missing`, `link-without-target` ….
        problem: &'static str,
    },
    /// A reference to an object or field that is not there.
    #[error("{object}.{field} refers to {target}, which is not there")]
    Unknown {
        /// The object.
        object: String,
        /// The field.
        field: String,
        /// What it refers to.
        target: String,
    },
}

impl CatalogError {
    /// The stable code, key of the translated message.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "catalog-unreadable",
            Self::BadKey { .. } => "catalog-bad-key",
            Self::Duplicate { .. } => "catalog-duplicate",
            Self::Field { .. } => "catalog-field",
            Self::Unknown { .. } => "catalog-unknown",
        }
    }
}
