//! What every other crate stands on: ids, the clock, randomness and the acting user's context.
//!
//! This is the only crate that reads the clock or the system's randomness; everything above is handed the
//! result, so that a test can repeat it.

pub mod clock;
pub mod context;
pub mod ids;
pub mod random;

pub use clock::{Clock, Deadline, FixedClock, Instant, SystemClock};
pub use context::{Actor, Context, Via};
pub use ids::{Id, IdSource, WorkspaceId, id_at};
