//! What is wrong with a value, in both languages.

use peyvand_calendar::Calendar;
use peyvand_calendar::parse::Reading as DateReading;
use peyvand_catalog::{FieldDef, FieldIx, ObjectDef, Text};
use peyvand_identifiers::Reason;
use peyvand_numbers::{Digits, Language, digits};
use serde_json::json;

use super::messages;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
        /// What is wrong with a value. Each has a stable [key](FieldErrorCode::key).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FieldErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl FieldErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable key: kebab-case.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }
        }
    };
}

codes! {
    /// The object has no such field.
    UnknownField = "unknown-field";
    /// The field is never written by callers: system, formula, computed, or kept by the object's own use cases.
    ReadOnly = "read-only";
    /// The field must have a value.
    Required = "required";
    /// The JSON value is of another kind than the field.
    WrongType = "wrong-type";
    /// More characters than the field holds.
    TooLong = "too-long";
    /// More entries, more levels or more bytes than the field holds.
    TooLarge = "too-large";
    /// Not a number.
    NotANumber = "not-a-number";
    /// A number that can be read in two ways.
    AmbiguousNumber = "ambiguous-number";
    /// A number given as a JSON number that binary fractions cannot hold exactly.
    InexactNumber = "inexact-number";
    /// Below the least or above the greatest value.
    OutOfRange = "out-of-range";
    /// More decimal places than the field or currency has.
    TooManyDecimals = "too-many-decimals";
    /// There is no such time zone.
    UnknownZone = "unknown-zone";
    /// One-time codes are asked of all by somebody who has none.
    OwnCodesFirst = "own-codes-first";
    /// There are no records of this kind.
    UnknownObject = "unknown-object";
    /// A text that is no filter of the records that it is for.
    NotAFilter = "not-a-filter";
    /// An order that a list of the records cannot be in.
    NotAnOrder = "not-an-order";
    /// A field that records are not grouped by.
    NotGroupable = "not-groupable";
    /// Not the columns of a list.
    NotColumns = "not-columns";
    /// Not an amount of money.
    NotAnAmount = "not-an-amount";
    /// An amount that can be read in two ways.
    AmbiguousAmount = "ambiguous-amount";
    /// The currency is not in the table.
    UnknownCurrency = "unknown-currency";
    /// Neither yes nor no.
    NotABoolean = "not-a-boolean";
    /// Not a date.
    NotADate = "not-a-date";
    /// A date that can be read in several ways.
    AmbiguousDate = "ambiguous-date";
    /// The form is right, and the calendar has no such day.
    NoSuchDate = "no-such-date";
    /// Not an instant.
    NotAnInstant = "not-an-instant";
    /// Neither a word nor a rule for repeating.
    NotARecurrence = "not-a-recurrence";
    /// A rule for repeating that is over before it begins.
    RecurrenceOver = "recurrence-over";
    /// Not one of the field's choices.
    UnknownChoice = "unknown-choice";
    /// A choice that is no longer offered.
    RetiredChoice = "retired-choice";
    /// Not an e-mail address.
    NotAnEmail = "not-an-email";
    /// Not a phone number.
    NotAPhone = "not-a-phone";
    /// Not a web address.
    NotAUrl = "not-a-url";
    /// Not an id.
    NotAnId = "not-an-id";
    /// A link to a record that is not there, or that the caller may not see.
    NoSuchRecord = "no-such-record";
    /// A stage of a pipeline that is not the one beside it.
    OtherPipeline = "other-pipeline";
    /// The pipeline has no stage in which a deal could be so.
    NoSuchStage = "no-such-stage";
    /// An end that comes before its beginning.
    EndsBeforeStart = "ends-before-start";
    /// Another record has the value, where each has one of its own.
    NotUnique = "not-unique";
    /// A rate between a currency and itself.
    SameCurrency = "same-currency";
    /// A line in another currency than the order or deal that it belongs to.
    OtherCurrency = "other-currency";
    /// A discount of more than what it is taken off.
    DiscountTooLarge = "discount-too-large";
    /// What goes back stands in a return, not in a sale.
    NegativeQuantity = "negative-quantity";
    /// A record that would be its own parent, or that of one of its own parents.
    LeadsBack = "leads-back";
    /// A day that has not come yet.
    InTheFuture = "in-the-future";
    /// An amount below zero where none can be.
    NegativeAmount = "negative-amount";
    /// An identifier whose check digit or form is wrong.
    BadIdentifier = "bad-identifier";
    /// An object inside the value has a key that it does not know.
    UnknownPart = "unknown-part";
    /// More than one contact point is marked as the primary one.
    SeveralPrimary = "several-primary";
}

/// What would have been right, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: the field cannot be given.
    Nothing,
    /// What the reader of such a text says of it, in sentences of its own.
    Because(Box<Text>),
    /// Any value at all.
    SomeValue,
    /// Columns of a list with their widths, and how close its rows stand.
    Columns,
    /// Text of at most so many characters.
    Text {
        /// Greatest number of characters.
        max: u32,
    },
    /// A whole number in a range.
    Whole {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// A decimal in a range.
    Decimal {
        /// Greatest number of decimal places.
        places: u8,
        /// Least value, when there is one.
        min: Option<i64>,
        /// Greatest value, when there is one.
        max: Option<i64>,
    },
    /// An amount, as typed.
    Amount,
    /// `{"amount":"1250000","currency":"IRR"}`.
    AmountObject,
    /// A currency code.
    Currency,
    /// The name of a time zone.
    TimeZone,
    /// True or false.
    Boolean,
    /// A date as people type it.
    Date,
    /// `2026-11-22`.
    IsoDate,
    /// A date and time as people type them.
    DateTime,
    /// `2026-11-22T08:30:00Z`.
    Rfc3339,
    /// A way of repeating, in words or as a rule.
    Recurrence,
    /// One of these choices.
    OneOf(Vec<ExpectedChoice>),
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A web address.
    Url,
    /// An id.
    Id,
    /// A list.
    List {
        /// Greatest number of entries.
        max: u32,
    },
    /// An object with some of these keys, or one text.
    Parts(&'static [&'static str]),
    /// Exactly one primary entry.
    OnePrimary,
    /// JSON of bounded depth and size.
    Json {
        /// Greatest number of levels.
        depth: u32,
        /// Greatest number of bytes.
        bytes: u32,
    },
}

/// A choice that would have been accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedChoice {
    /// Its key.
    pub key: String,
    /// Its label.
    pub label: Text,
}

/// One way to read an ambiguous value, to be offered to the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A day.
    Date(DateReading),
    /// A number or amount in canonical form: `1234`, `1.234`, `1250000 IRR`.
    Number(String),
}

impl Reading {
    /// The reading as it is sent in JSON: `2026-11-22`, `1.234`.
    #[must_use]
    pub fn canonical(&self) -> String {
        match self {
            Self::Date(r) => {
                let at = Calendar::Gregorian.ymd(r.days);
                format!("{:04}-{:02}-{:02}", at.year, at.month, at.day)
            }
            Self::Number(n) => n.clone(),
        }
    }

    /// The reading as people read it in a language.
    #[must_use]
    pub fn shown(&self, language: Language) -> String {
        let text = match self {
            Self::Date(r) => {
                let at = r.calendar.ymd(r.days);
                let calendar = match (r.calendar, language) {
                    (Calendar::Jalali, Language::Fa) => "هجری شمسی",
                    (Calendar::Gregorian, Language::Fa) => "میلادی",
                    (Calendar::Jalali, Language::En) => "Jalali",
                    (Calendar::Gregorian, Language::En) => "Gregorian",
                };
                format!("{:04}/{:02}/{:02} {calendar}", at.year, at.month, at.day)
            }
            Self::Number(n) => match language {
                Language::Fa => n.replace('.', "٫"),
                Language::En => n.clone(),
            },
        };
        digits::show(&text, language.digits()).into_owned()
    }
}

/// A value that was refused: which field, what was given, and what is expected instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {} ({value:?})", self.field, self.code.key())]
pub struct FieldError {
    /// Key of the field, as the caller gave it.
    pub field: String,
    /// Its label; `None` for a field that does not exist.
    pub label: Option<Box<Text>>,
    /// What is wrong.
    pub code: FieldErrorCode,
    /// The value given, cut to 80 characters.
    pub value: String,
    /// What would have been right.
    pub expected: Expected,
    /// The verdict on an identifier, when that is what is wrong.
    pub reason: Option<Reason>,
    /// The ways to read an ambiguous value.
    pub readings: Box<[Reading]>,
}

impl FieldError {
    /// An error about a field of the catalog.
    #[must_use]
    pub fn of(field: &FieldDef, code: FieldErrorCode, value: &str, expected: Expected) -> Self {
        Self {
            field: field.key.clone(),
            label: Some(Box::new(field.label.clone())),
            code,
            value: shorten(value),
            expected,
            reason: None,
            readings: Box::default(),
        }
    }

    /// An error about the field at this place, where nothing in particular is expected.
    #[must_use]
    pub fn at(object: &ObjectDef, ix: FieldIx, code: FieldErrorCode, value: &str) -> Self {
        match object.at(ix) {
            Some(field) => Self::of(field, code, value, Expected::Nothing),
            None => Self::unknown("", value),
        }
    }

    /// A field that the object does not have.
    #[must_use]
    pub fn unknown(key: &str, value: &str) -> Self {
        Self {
            field: shorten(key),
            label: None,
            code: FieldErrorCode::UnknownField,
            value: shorten(value),
            expected: Expected::Nothing,
            reason: None,
            readings: Box::default(),
        }
    }

    /// The same with the verdict on an identifier.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The same with the ways to read the value.
    #[must_use]
    pub fn readings(mut self, readings: Vec<Reading>) -> Self {
        self.readings = readings.into();
        self
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code.key()
    }

    /// The message in a language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        messages::of(self, language)
    }

    /// The message in Persian.
    #[must_use]
    pub fn message_fa(&self) -> String {
        self.message(Language::Fa)
    }

    /// The message in English.
    #[must_use]
    pub fn message_en(&self) -> String {
        self.message(Language::En)
    }

    /// The error as the interface answers it: field, code, value, readings and both messages.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let mut out = json!({
            "field": self.field,
            "code": self.code.key(),
            "value": self.value,
            "message": { "fa": self.message_fa(), "en": self.message_en() },
        });
        if let Expected::OneOf(choices) = &self.expected {
            out["choices"] = choices.iter().map(|c| c.key.as_str()).collect();
        }
        if let Some(reason) = self.reason {
            out["reason"] = reason.code().into();
        }
        if !self.readings.is_empty() {
            out["readings"] = self.readings.iter().map(Reading::canonical).collect();
        }
        out
    }
}

/// At most 80 characters; what is left out is marked by an ellipsis.
#[must_use]
pub fn shorten(text: &str) -> String {
    let mut out: String = text.chars().take(80).collect();
    if out.len() < text.len() {
        out.pop();
        out.push('…');
    }
    out
}

/// A number in the digits of the language.
pub(super) fn number(n: impl std::fmt::Display, language: Language) -> String {
    let digits_of = match language {
        Language::Fa => Digits::Persian,
        Language::En => Digits::Latin,
    };
    digits::show(&n.to_string(), digits_of).into_owned()
}
