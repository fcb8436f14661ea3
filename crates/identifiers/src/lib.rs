//! Identifiers of Iran and the world: normalised form, verdict and reason.

pub mod areas;
pub mod email;
pub mod phone;
mod reason;
mod scan;

pub use reason::{Checked, Reason, Verdict};
