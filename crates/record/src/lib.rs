//! What can be asked and what can be changed: records and their values, filters, policies, queries and batches.
//! No I/O: the store turns these into statements, the rules make them.

pub mod batch;
pub mod codec;
pub mod derive;
pub mod filter;
pub mod formula;
pub mod policy;
pub mod query;
pub mod value;

pub use batch::{
    AuditAction, AuditEntry, Batch, Change, Event, ExternalKey, Guard, IdempotencyRow, NewJob, TimelineEntry,
};
pub use filter::Filter;
pub use policy::{FieldRule, ObjectPolicy, Policy, Reach, Verb};
pub use query::{Cursor, DeletedScope, Direction, Page, Query, Sort};
pub use value::{AddressValue, MoneyValue, NameValue, Point, Record, Value};
