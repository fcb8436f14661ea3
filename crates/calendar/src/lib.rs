//! Jalali and Gregorian calendars: dates as people type them, holidays, working time, recurrences.

pub mod column;
pub mod date_format;
pub mod fiscal;
pub mod format;
pub mod holidays;
pub mod hours;
pub mod jalali;
pub mod names;
pub mod parse;
pub mod recur;
pub mod relative;
pub mod week;
pub mod work;
pub mod ymd;
pub mod zone;

pub use date_format::DateFormat;
pub use jalali::Jalali;
pub use names::Weekday;
pub use peyvand_numbers::{Digits, Language};
pub use ymd::{Calendar, DateInvalid, Part, Ymd};
