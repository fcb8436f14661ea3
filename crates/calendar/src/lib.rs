//! Jalali and Gregorian calendars: dates as people type them, holidays, working time, recurrences.

pub mod fiscal;
pub mod format;
pub mod jalali;
pub mod names;
pub mod parse;
pub mod relative;
pub mod ymd;
pub mod zone;

pub use jalali::Jalali;
pub use names::Weekday;
pub use peyvand_numbers::{Digits, Language};
pub use ymd::{Calendar, DateInvalid, Part, Ymd};
