//! Bringing records in and taking them out: files, the demonstration, and whatever else writes many records at once.

pub mod bulk;
mod cards;
mod consent;
pub mod export;
pub mod export_view;
pub mod import;
pub mod items;
pub mod mapping;
pub mod plan;
pub mod propose;
pub mod tagged;
pub mod undo;
mod unsay;
mod watch;
pub mod wizard;

pub use bulk::{Bulk, Draft, OnDuplicate, Outcome, Written};
pub use mapping::Mapping;
