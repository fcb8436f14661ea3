//! Records before they are written, with links as a file says them; and what became of each.

use std::sync::Arc;

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::{Id, Instant};
use peyvand_domain::lines::Part;
use peyvand_record::Value;
use peyvand_record::codec::FieldError;
use serde::{Deserialize, Serialize};

/// The source under which records of another workspace keep their ids.
pub const OWN_SOURCE: &str = "peyvand";

/// Where a link leads that may lead to a record of any object.
pub const ANY: &str = "*";

/// What becomes of a record that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDuplicate {
    /// It stays as it is.
    #[default]
    Skip,
    /// Its empty fields are filled.
    Fill,
    /// Its fields take the new values; contact points are added to those it has.
    Overwrite,
    /// Another record is made, unless the file's own key says that it is the same one.
    Create,
    /// Nothing is written; the report asks.
    Ask,
}

impl std::str::FromStr for OnDuplicate {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Ok(match s {
            "skip" => Self::Skip,
            "fill" => Self::Fill,
            "overwrite" => Self::Overwrite,
            "create" => Self::Create,
            "ask" => Self::Ask,
            other => return Err(other.to_owned()),
        })
    }
}

/// How the other end of a link is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum By {
    /// By a key of another system.
    Key(Arc<str>),
    /// By its id, here or in the workspace from which the file was exported.
    Id,
    /// By the value of a field (a name, a code), compared folded.
    Field(FieldIx),
}

/// The other end of a link.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Its object.
    pub object: Arc<str>,
    /// How it is known.
    pub by: By,
    /// The key, or the value as it is compared.
    pub text: String,
}

/// A link that has yet to be resolved.
#[derive(Debug, Clone)]
pub struct Link {
    /// The field.
    pub field: FieldIx,
    /// Where it leads.
    pub target: Target,
    /// What stands in the file.
    pub said: String,
    /// The record to make when there is none; `None` makes it an error.
    pub make: Option<Vec<(FieldIx, Value)>>,
    /// One of several links of the field.
    pub many: bool,
    /// Where it leads nowhere it is left out and told.
    pub leave: bool,
}

/// A record to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its object.
    pub object: Arc<ObjectDef>,
    /// Its key in the other system (the bulk writer's source).
    pub key: Option<String>,
    /// Does the file state the key, so that others may lead to it? Else it only says where the record came from.
    pub stated: bool,
    /// Its values.
    pub values: Vec<(FieldIx, Value)>,
    /// Its links.
    pub links: Vec<Link>,
    /// Records that belong to it, each with the link that leads to it.
    pub children: Vec<(FieldIx, Self)>,
    /// Amounts that follow from the children, as far as the file does not state them.
    pub sums: Vec<(FieldIx, Part)>,
    /// Row of the file in which it begins.
    pub row: u64,
    /// When it was made, if that was before it came here.
    pub made: Option<Instant>,
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A new record.
    Created,
    /// A record was changed.
    Updated,
    /// The record is there and has nothing to gain.
    Unchanged,
    /// Another record is the same by the named field; nothing was written.
    Duplicate(String),
    /// It leads to a record of its own kind that is not there, and may stand further down in the file: the rows that it
    /// was read from.
    Waiting(Vec<u64>),
    /// It could not be written.
    Failed(Vec<FieldError>),
}

impl Outcome {
    /// The name under which it is reported.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Duplicate(_) => "duplicate",
            Self::Waiting(_) => "waiting",
            Self::Failed(_) => "failed",
        }
    }
}

/// A draft that has been dealt with.
#[derive(Debug, Clone)]
pub struct Written {
    /// Row of the file.
    pub row: u64,
    /// Key of the object.
    pub object: Arc<str>,
    /// The record.
    pub id: Option<Id>,
    /// What became of it.
    pub outcome: Outcome,
    /// Of a draft that was there already and states a key: does the key lead to the record that is there now?
    pub keyed: Option<bool>,
    /// Links that lead nowhere and that the draft is written without.
    pub left: Vec<FieldError>,
}
