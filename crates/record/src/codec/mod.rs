//! The edge between values and what the outside gives and takes: JSON of the interface, text of forms and files.
//!
//! [`parse_json`] reads the flat object of a request, [`parse_text`] one value as a person typed it or a file holds it,
//! [`write_json`] writes a record. A value that is written and read again is the same value.

mod context;
mod error;
mod json;
mod messages;
mod output;
mod parts;
mod rules;
mod scalar;
mod typed;
mod warning;

pub use context::{EdgeContext, Mode};
pub use error::{Expected, ExpectedChoice, FieldError, FieldErrorCode, Reading, shorten};
pub use json::{parse_json, parse_json_value};
pub use output::{MASKED, changes_json, push_json_string, to_json, value_to_json, write_json, write_value};
pub(crate) use parts::is_mail;
pub use rules::{apply_defaults, check_required, is_writable};
pub(crate) use scalar::with_extension;
pub(crate) use typed::{find_choice, parse_boolean};
pub use typed::{parse_text, point_entries};
pub use warning::{FieldWarning, warnings};
