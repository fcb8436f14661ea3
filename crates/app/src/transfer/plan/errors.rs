//! Why a mapping cannot be used.

use std::fmt::Write as _;

use peyvand_numbers::Language;

/// Why a mapping cannot be used with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The mapping file cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// There is no such object, or it does not take generic writes.
    #[error("object {0}")]
    Object(String),
    /// The file lacks a column.
    #[error("column {0}")]
    Column(String),
    /// The object lacks a field, or it cannot be written.
    #[error("field {0}")]
    Field(String),
    /// A value of the mapping itself cannot be read.
    #[error("value {0}")]
    Value(String),
    /// No column of the file goes anywhere: the records would be empty.
    #[error("no column is mapped")]
    Nothing,
    /// A column of dates can be read in several ways.
    #[error("dates of {column}")]
    Dates {
        /// The column.
        column: String,
        /// A value of it.
        sample: String,
        /// The readings: format, and the day that it makes of the sample.
        readings: Vec<(String, String)>,
    },
}

impl MappingError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "mapping-unreadable",
            Self::Object(_) => "mapping-unknown-object",
            Self::Column(_) => "mapping-missing-column",
            Self::Field(_) => "mapping-unknown-field",
            Self::Value(_) => "mapping-bad-value",
            Self::Nothing => "mapping-no-columns",
            Self::Dates { .. } => "mapping-ambiguous-dates",
        }
    }

    /// A sentence for the reader.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let fa = language == Language::Fa;
        match self {
            Self::Unreadable(m) if fa => format!("فایل نگاشت خوانده نمی‌شود: {m}"),
            Self::Unreadable(m) => format!("the mapping file cannot be read: {m}"),
            Self::Object(o) if fa => format!("چنین موجودیتی برای ورود داده نیست: {o}"),
            Self::Object(o) => format!("there is no such object to import: {o}"),
            Self::Column(c) if fa => format!("این ستون در فایل نیست: {c}"),
            Self::Column(c) => format!("the file has no column {c}"),
            Self::Field(f) if fa => format!("چنین فیلدی نیست یا نوشتنی نیست: {f}"),
            Self::Field(f) => format!("there is no such field, or it cannot be written: {f}"),
            Self::Value(v) if fa => format!("این مقدارِ نگاشت خوانده نمی‌شود: {v}"),
            Self::Value(v) => format!("this value of the mapping cannot be read: {v}"),
            Self::Nothing if fa => "هیچ ستونی به فیلدی نمی‌رود: دست‌کم برای یک ستون فیلدی برگزینید".to_owned(),
            Self::Nothing => "no column goes to a field: choose a field for at least one of them".to_owned(),
            Self::Dates {
                column,
                sample,
                readings,
            } => {
                let mut out = if fa {
                    format!("تاریخ‌های ستون «{column}» چند جور خوانده می‌شوند؛ «{sample}» یعنی:")
                } else {
                    format!("the dates of column {column} can be read in more than one way; {sample} is:")
                };
                for (format, day) in readings {
                    let _ = write!(out, "\n  {day}  date = \"{format}\"");
                }
                out.push_str(if fa {
                    "\nیکی را در فایل نگاشت کنار نام ستون بنویسید."
                } else {
                    "\nwrite the one that is meant beside the column's name in the mapping file."
                });
                out
            }
        }
    }
}
