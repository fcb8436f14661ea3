//! Records of any object: list, get, create, change, delete, restore; one file for each.

mod checks;
mod completion;
mod found;
mod groups;
mod hide;
mod idempotency;
mod lines;
mod list;
mod moves;
mod occurrences;
mod read;
pub(crate) mod rules;
mod sums;
mod together;
mod twins;
mod upsert;
mod views;
mod write;

pub(crate) use checks::{DEEPEST, upwards};
pub use completion::Completion;
pub use groups::{GroupKey, GroupPlace, GroupRequest, Grouped, ListGroups, MOST_GROUPS, MOST_SUMS, Tally};
pub(crate) use idempotency::Doing;
pub use idempotency::{Idempotency, InFlight};
pub(crate) use lines::{counted, touched, where_is};
pub use list::{COUNT_CAP, ListRequest, Listed, MOST_PER_PAGE};
pub use sums::Sums;
pub use together::{Refused, TOGETHER, Wish};
pub(crate) use twins::Rates;
pub use views::column;

pub(crate) use hide::hide;

/// What the log calls a change of a record; its other entries (views, shares, refusals) are no versions.
pub(crate) const CHANGES: &[&str] = &[
    "create", "update", "delete", "restore", "merge", "unmerge", "import", "bulk",
];

/// Times that a decision is made anew when somebody else was faster. Each failure is another's success, so that many
/// writers on one record all come through.
pub(crate) const TRIES: u32 = 100;

type Json = serde_json::Map<String, serde_json::Value>;
