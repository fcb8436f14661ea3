//! What a use case answers when it cannot do what was asked.

use peyvand_calendar::{Calendar, zone};
use peyvand_core::Id;
use peyvand_domain::consent::{ConsentError, Refusal};
use peyvand_numbers::Language;
use peyvand_record::Record;
use peyvand_record::codec::FieldError;
use peyvand_record::filter::FilterError;
use peyvand_record::formula::FormulaError;
use peyvand_store::{Conflict, StoreError};

use crate::passwords::{PasswordFault, SHORTEST_PASSWORD};

/// Most single faults of a request that are told: each has its sentences, and somebody may send tens of thousands.
pub const MOST_TOLD: usize = 100;

/// Why a use case did not do what was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such thing, or the caller may not know of it.
    #[error("not found")]
    NotFound,
    /// The caller is nobody that we know.
    #[error("not signed in")]
    Unauthenticated,
    /// The caller may know of it, but not do this.
    #[error("not allowed")]
    Forbidden,
    /// What the caller may see or do became less while their work was under way; it was ended.
    #[error("the rights changed meanwhile")]
    RightsChanged,
    /// Values that cannot be taken.
    #[error("{} values cannot be taken", .0.len())]
    Invalid(Vec<FieldError>),
    /// A filter that cannot be read.
    #[error("the filter cannot be read at {}", .0.position)]
    Filter(FilterError),
    /// A parameter that cannot be used.
    #[error("{name}: {value}")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// What was given.
        value: String,
    },
    /// The record has been changed by somebody else.
    #[error("changed by somebody else")]
    Changed {
        /// The record.
        id: Id,
        /// Its version now.
        version: i64,
        /// The fields in which both differ, with the value now, as JSON.
        fields: Vec<(String, serde_json::Value)>,
    },
    /// Another record has the value already.
    #[error("another record has this value")]
    Duplicate {
        /// The fields.
        fields: String,
    },
    /// A password that is not taken.
    #[error("the password is not taken: {}", .0.code())]
    Password(PasswordFault),
    /// The one-time code is not right, or was used already.
    #[error("the code is not right")]
    WrongCode,
    /// The caller must show anew that it is they.
    #[error("the password must be given again")]
    ProveAgain,
    /// Too much at once.
    #[error("too many tries; again in {seconds} s")]
    RateLimited {
        /// Seconds until it may be tried again.
        seconds: i64,
    },
    /// The workspace would have no administrator.
    #[error("the last administrator")]
    LastAdministrator,
    /// The same key came with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The same request is being done at this moment.
    #[error("the same request is being done")]
    KeyInFlight,
    /// These two records cannot be merged: of different objects, one and the same, or of an object that is not merged.
    #[error("these records cannot be merged")]
    NotMergeable,
    /// A later merge stands on this one: it must be undone first.
    #[error("the merge {operation} stands on this one")]
    LaterMerge {
        /// The later merge.
        operation: Id,
    },
    /// A definition of a field or object cannot be taken.
    #[error(transparent)]
    Schema(#[from] peyvand_catalog::SchemaError),
    /// A formula cannot be used.
    #[error(transparent)]
    Formula(FormulaError),
    /// What is to be changed by its key lies in the recycle bin.
    #[error("the record {0} is in the recycle bin")]
    InRecycleBin(Id),
    /// Others stand on the record: it cannot go into the recycle bin.
    #[error("{count} records of {object} stand on it")]
    InUse {
        /// What the others are.
        object: String,
        /// How many, up to a bound.
        count: u64,
    },
    /// The change of definitions hides stored values: somebody must say that it is meant.
    #[error("{0} changes must be confirmed")]
    Unconfirmed(usize),
    /// The consent ledger does not take this.
    #[error(transparent)]
    Consent(#[from] ConsentError),
    /// The ledger does not permit this message.
    #[error("not permitted: {}", .0.reason.key())]
    NotPermitted(Box<Refusal>),
    /// A file that is not taken: by its `name`, `extension`, `size` or `content`.
    #[error("the file is refused: {reason}")]
    FileRefused {
        /// What about it.
        reason: &'static str,
    },
    /// The file is not where this server keeps files.
    #[error("the file {0} is not in the folder of this server")]
    FileMissing(String),
    /// A part of an upload that does not begin where the upload ends.
    #[error("the upload stands at {offset}")]
    UploadOffset {
        /// Where it ends.
        offset: i64,
    },
    /// What was to be undone is undone already.
    #[error("it is undone already")]
    AlreadyUndone,
    /// The database says no.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AppError {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Conflict(Conflict::Duplicate { columns, .. }) => Self::Duplicate { fields: columns },
            StoreError::Denied { .. } => Self::Forbidden,
            StoreError::Compile(peyvand_store::CompileError::BadCursor) => Self::Parameter {
                name: "cursor",
                value: String::new(),
            },
            StoreError::Compile(peyvand_store::CompileError::NotSortable(field)) => Self::Parameter {
                name: "sort",
                value: field,
            },
            e => Self::Store(e),
        }
    }
}

impl From<FilterError> for AppError {
    fn from(e: FilterError) -> Self {
        Self::Filter(e)
    }
}

impl AppError {
    /// Somebody was faster, and the record is now as it is here; which fields it is about is not told.
    #[must_use]
    pub fn changed(record: &Record) -> Self {
        Self::Changed {
            id: record.id(),
            version: record.version(),
            fields: Vec::new(),
        }
    }

    /// What the disk says when a file cannot be written or read.
    #[must_use]
    pub fn of_disk(e: &std::io::Error) -> Self {
        match e.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Store(StoreError::Engine(e.to_string())),
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::RightsChanged => "rights-changed",
            Self::Invalid(_) => "invalid",
            Self::Filter(_) => "bad-filter",
            Self::Parameter { .. } => "bad-parameter",
            Self::Changed { .. } => "conflict",
            Self::Duplicate { .. } => "duplicate",
            Self::Password(fault) => fault.code(),
            Self::WrongCode => "wrong-code",
            Self::ProveAgain => "prove-again",
            Self::RateLimited { .. } => "rate-limited",
            Self::LastAdministrator => "last-administrator",
            Self::KeyReused => "idempotency-key-reused",
            Self::Schema(e) => e.code(),
            Self::Formula(e) => e.problem.code(),
            Self::KeyInFlight => "idempotency-in-flight",
            Self::InRecycleBin(_) => "in-recycle-bin",
            Self::InUse { .. } => "in-use",
            Self::Unconfirmed(_) => "schema-unconfirmed",
            Self::NotMergeable => "not-mergeable",
            Self::LaterMerge { .. } => "later-merge",
            Self::Consent(e) => e.code(),
            Self::NotPermitted(_) => "not-permitted",
            Self::FileRefused { .. } => "file-refused",
            Self::FileMissing(_) => "file-missing",
            Self::UploadOffset { .. } => "upload-offset",
            Self::AlreadyUndone => "already-undone",
            Self::Store(e) => e.code(),
        }
    }

    /// A sentence for the reader.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        use peyvand_i18n::{Args, text_of_code};
        match self {
            Self::Invalid(errors) => errors
                .iter()
                .take(MOST_TOLD)
                .map(|e| e.message(language))
                .collect::<Vec<_>>()
                .join("\n"),
            Self::Filter(e) => e.message(language),
            Self::Parameter { name, value } => text_of_code(
                language,
                "bad-parameter",
                &Args::new().text("name", *name).text("value", value.clone()),
            ),
            Self::NotPermitted(refusal) => {
                let calendar = match language {
                    Language::Fa => Calendar::Jalali,
                    Language::En => Calendar::Gregorian,
                };
                crate::consent::refusal_sentence(refusal, language, calendar, &zone::tehran())
            }
            Self::RateLimited { seconds } => {
                text_of_code(language, self.code(), &Args::new().number("seconds", *seconds))
            }
            Self::Password(PasswordFault::TooShort) => text_of_code(
                language,
                self.code(),
                &Args::new().number("least", SHORTEST_PASSWORD as i64),
            ),
            Self::Formula(e) => text_of_code(
                language,
                e.problem.code(),
                &Args::new()
                    .text("field", format!("{}.{}", e.object, e.field))
                    .text("at", e.at.clone()),
            ),
            Self::InUse { object, count } => {
                let label = peyvand_catalog::Catalog::standard()
                    .object(object)
                    .map(|o| match language {
                        Language::Fa => o.label.fa.clone(),
                        // Inside a sentence.
                        Language::En => o.label.en.to_lowercase(),
                    });
                let args = Args::new()
                    .number("count", i64::try_from(*count).unwrap_or(i64::MAX))
                    .text("object", label.unwrap_or_default());
                text_of_code(language, self.code(), &args)
            }
            Self::Schema(e) => crate::schema::sentence(e, language),
            e => text_of_code(language, e.code(), &Args::new()),
        }
    }
}
