//! Identifiers of Iran and the world: normalised form, verdict and reason.
//!
//! Every check answers with a [`Checked`]: the form to store and compare, a [`Verdict`], and a [`Reason`] that has a
//! stable code and a text in Persian and in English. [`Verdict::Invalid`] is said only where the rules leave no
//! doubt; where practice varies or lists go stale there is a [`Verdict::Warning`], which never keeps anyone from
//! saving. Digits of any script, separators and invisible marks are read everywhere.
//!
//! ```
//! use peyvand_identifiers::{Verdict, national, phone};
//! assert_eq!(national::national_id("۰۴۹۹۳۷۰۸۹۹").verdict, Verdict::Valid);
//! let checked = phone::check("۰۹۱۲", &phone::PhoneContext::default());
//! assert_eq!(checked.reason.unwrap().fa(), "کوتاه‌تر از اندازهٔ لازم است.");
//! assert_eq!(checked.reason.unwrap().en(), "It is too short.");
//! ```

pub mod areas;
pub mod bank;
pub mod bill;
mod detect;
pub mod email;
pub mod moadian;
pub mod national;
pub mod phone;
mod reason;
mod scan;
pub mod url;

pub use detect::{Found, Kind, detect};
pub use reason::{Checked, Reason, Verdict};
