//! The types that a field can have.

use serde::{Deserialize, Serialize};

/// The type of a field. What is stored, what may be asked and how it is shown follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line of text, at most 255 characters unless `max_length` says otherwise.
    Text,
    /// Several lines of text.
    LongText,
    /// Sanitised HTML.
    RichText,
    /// A short code compared exactly once normalised (digits to Latin, trimmed): national id, product code.
    Code,
    /// A whole number (64 bits).
    Number,
    /// A decimal with the field's `scale` digits behind the point, stored as a scaled 64-bit integer.
    Decimal,
    /// An exact amount in minor units with its currency, and its twin in the workspace's base currency.
    Money,
    /// True or false.
    Boolean,
    /// A calendar day, stored as days since 1970-01-01 (Gregorian).
    Date,
    /// A point in time, stored as UTC microseconds.
    Instant,
    /// One of the field's choices, stored by key.
    Choice,
    /// Several of the field's choices.
    Choices,
    /// An e-mail address, normalised.
    Email,
    /// A phone number, E.164.
    Phone,
    /// A web address, normalised.
    Url,
    /// A postal address: street, city, province, postal code, country.
    Address,
    /// The contact points of one kind (`channel`: e-mail, phone …) of a person or company: each also a record of
    /// its own with its normalised value; here the list as it is shown, kept in the same write.
    Points,
    /// Title, given, middle, family name and suffix, and the Latin form.
    PersonName,
    /// A link to one record of the object in `to` (`*`: of any object).
    Link,
    /// Links to several records of the object in `to`.
    Links,
    /// A link to a stored file.
    File,
    /// Structured data of the product itself (settings, rules), not filterable.
    Json,
    /// Calculated from fields of the record itself when it is written.
    Formula,
    /// Written by the product only: scores, last touch, completeness; `of` names the stored type.
    Computed,
}

impl FieldType {
    /// Every type, for exhaustive tests.
    pub const ALL: &[Self] = &[
        Self::Text,
        Self::LongText,
        Self::RichText,
        Self::Code,
        Self::Number,
        Self::Decimal,
        Self::Money,
        Self::Boolean,
        Self::Date,
        Self::Instant,
        Self::Choice,
        Self::Choices,
        Self::Email,
        Self::Phone,
        Self::Url,
        Self::Address,
        Self::Points,
        Self::PersonName,
        Self::Link,
        Self::Links,
        Self::File,
        Self::Json,
        Self::Formula,
        Self::Computed,
    ];

    /// Does the type hold text that people read and search?
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::LongText | Self::RichText | Self::Code)
    }

    /// May a list be sorted by it (when the field says `sort`)?
    #[must_use]
    pub const fn is_sortable(self) -> bool {
        !matches!(
            self,
            Self::LongText
                | Self::RichText
                | Self::Choices
                | Self::Address
                | Self::Points
                | Self::Links
                | Self::Json
                | Self::File
        )
    }

    /// May search use it?
    #[must_use]
    pub const fn is_searchable(self) -> bool {
        self.is_text()
            || matches!(
                self,
                Self::Email | Self::Phone | Self::Url | Self::Address | Self::Points | Self::PersonName
            )
    }

    /// May a field of this type become one of type `to` with every stored value kept as it is? True where the stored
    /// form is the same and every value of the one is a value of the other; a type widens to itself.
    #[must_use]
    pub const fn widens_to(self, to: Self) -> bool {
        match (self, to) {
            (Self::Code | Self::Email | Self::Phone | Self::Url, Self::Text | Self::LongText)
            | (Self::Text, Self::LongText) => true,
            (a, b) => a as u8 == b as u8,
        }
    }

    /// The name used in definition files and in the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long_text",
            Self::RichText => "rich_text",
            Self::Code => "code",
            Self::Number => "number",
            Self::Decimal => "decimal",
            Self::Money => "money",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Instant => "instant",
            Self::Choice => "choice",
            Self::Choices => "choices",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Address => "address",
            Self::Points => "points",
            Self::PersonName => "person_name",
            Self::Link => "link",
            Self::Links => "links",
            Self::File => "file",
            Self::Json => "json",
            Self::Formula => "formula",
            Self::Computed => "computed",
        }
    }
}
