//! The mapping file: which column goes into which field, and how it is read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bulk::OnDuplicate;

/// What happens to a row that has a value which cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BadValues {
    /// The row is not written.
    #[default]
    Row,
    /// The row is written without the value.
    Value,
}

/// A mapping, as its TOML file says it. Every part can be left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// Object of the records, by key or plural.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub object: String,
    /// The other system whose keys the file carries.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Columns that make the record's key there; several are joined by `/`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// Rows of one key are one record; what differs from the first of them is noted.
    #[serde(skip_serializing_if = "is_false")]
    pub group: bool,
    /// What becomes of records that are there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<OnDuplicate>,
    /// What happens to a row with a value that cannot be read. Where it is not said the row is not written, but for an owner
    /// who is not among the users: such a row goes without it, and is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bad_values: Option<BadValues>,
    /// Currency of amounts that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Language of numbers and dates: `fa` or `en`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Zone of times without an offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Values of every record of the file.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// The columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    /// Values that depend on a row; of several rules for a field the first that fits counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// What each row says that the person allows or refuses. Without it nobody of the file has allowed anything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub consent: Vec<ConsentRule>,
    /// The records that each row adds to the row's record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Lines>,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Column {
    /// Its name in the file; may be left out when there is a template.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// A value put together: `{Column}` stands for a value of the row, `{A|B}` for the first of both that is not empty,
    /// `{Column:slug}` for it in small letters with dots between the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Key of the field, or `name.given` for a part of it.
    pub field: String,
    /// Label of a contact point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Format of dates: `gregorian:dd-mm-yy`, `jalali:yyyy-mm-dd`, with ` hh:mm` behind when there are times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The column that names the currency of the amount, where each row has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What is cut off the end of a value, when it stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<String>,
    /// Other spellings: what stands in the file, and what is meant. An empty meaning is no value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// How a link is found; links without it are ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkBy>,
}

/// How the other end of a link is found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinkBy {
    /// `key`: by its key in the other system; else the key of a field (`name`, `code`).
    pub by: String,
    /// The other system, when it is not the file's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// A row whose other end is not there is written without it, and this is told; else the row is not written.
    #[serde(skip_serializing_if = "is_false")]
    pub leave: bool,
    /// Of several in one cell, with semicolons between them, the first is meant.
    #[serde(skip_serializing_if = "is_false")]
    pub first: bool,
    /// The values of a record that is made when there is none; `{Column}` stands for a value of the row, `{A|B}` for
    /// the first of both that is not empty.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub make: BTreeMap<String, String>,
}

/// Values that depend on a row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// The column looked at.
    pub column: String,
    /// The test.
    pub when: When,
    /// What it is compared with.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Values that the record gets.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// A word under which such rows are counted in the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Tests of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// It is this text.
    #[default]
    Is,
    /// It begins with this text.
    Starts,
    /// There is nothing in it.
    Empty,
    /// It begins with a minus.
    Negative,
}

/// What a row says that the person allows or refuses, with what shows it. `{Column}` stands for a value of the row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsentRule {
    /// The channel: `email`, `sms` …
    pub channel: String,
    /// The purposes: `newsletter`, `advertising` …
    pub purposes: Vec<String>,
    /// The column that says yes or no.
    pub column: String,
    /// What stands in it for a yes. A yes counts only with `at` and with `text` or `proof`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<String>,
    /// What stands in it for a no; a no needs no proof.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<String>,
    /// When the person said it: a template that gives RFC 3339 or a date; the time of the import for a no without it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// Format of that date, as of a column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The exact text that was shown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Anything that can be looked up.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub proof: String,
    /// The address of the form.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub form_url: String,
    /// The IP address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ip: String,
}

/// The records that each row adds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lines {
    /// Their object.
    pub object: String,
    /// Their link to the row's record.
    pub parent: String,
    /// Their columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(b: &bool) -> bool {
    !b
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// The parser's own words about what it does not understand, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }

    /// The mapping as its file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }
}
