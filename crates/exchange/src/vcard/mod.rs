//! Contacts in the vCard format: 3.0 (RFC 2426) and 4.0 (RFC 6350), and 2.1 as old phones write it.

mod card;
mod line;
mod reader;
mod row;
mod writer;

pub use card::{Card, CardAddress, CardName, CardPoint, VcardVersion};
pub use reader::{VcardOptions, VcardReader};
pub use row::{CARD_HEADERS, card_to_row, row_to_card};
pub use writer::VcardWriter;
