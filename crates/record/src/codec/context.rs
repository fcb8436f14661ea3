//! What is known about the caller when values are read.

use jiff::tz::TimeZone;
use peyvand_calendar::parse::{FieldOrder, ParseContext};
use peyvand_calendar::{Calendar, zone};
use peyvand_identifiers::phone::{PhoneContext, Region};
use peyvand_numbers::{Convention, Currency, Language, NumberContext, RialUnit, amount::AmountContext};

/// Is a record made or changed?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A new record: retired choices are refused.
    Create,
    /// Some fields of a record: what is not given stays; `null` empties, unless the field is required.
    Patch,
}

/// What is known about the caller when values are read.
#[derive(Debug, Clone)]
pub struct EdgeContext {
    /// The language of the caller: decides separators of numbers and the calendar of words.
    pub language: Language,
    /// The country of phone numbers without a calling code.
    pub default_region: Option<Region>,
    /// The workspace's base currency: that of amounts which name none.
    pub base_currency: Currency,
    /// Rial or toman, for typed amounts in the current rial that name neither.
    pub rial_unit: RialUnit,
    /// The zone of typed times without an offset.
    pub time_zone: TimeZone,
    /// Today in that zone, as days since 1970-01-01.
    pub today: i32,
    /// The calendar of typed dates, when the form or the file states it.
    pub calendar: Option<Calendar>,
    /// The order of typed Gregorian dates, when the form or the file states it.
    pub date_order: Option<FieldOrder>,
    /// The decimal separator of typed numbers, when the form or the file states it.
    pub convention: Option<Convention>,
    /// Is a record made or changed?
    pub mode: Mode,
    /// The caller is the object's own use case, which may also write fields that generic writes may not touch.
    /// System, formula and computed fields are refused all the same.
    pub use_case: bool,
}

impl EdgeContext {
    /// A context of Iran: rials, Tehran, nothing else stated, a generic write.
    #[must_use]
    pub fn new(language: Language, today: i32, mode: Mode) -> Self {
        Self {
            language,
            default_region: Some(Region::IR),
            base_currency: Currency::IRR,
            rial_unit: RialUnit::Rial,
            time_zone: zone::tehran(),
            today,
            calendar: None,
            date_order: None,
            convention: None,
            mode,
            use_case: false,
        }
    }

    pub(crate) fn dates(&self) -> ParseContext {
        let context = ParseContext::new(self.today, self.language);
        ParseContext {
            calendar: self.calendar,
            order: self.date_order,
            ..context
        }
    }

    pub(crate) const fn numbers(&self) -> NumberContext {
        NumberContext {
            language: self.language,
            convention: self.convention,
        }
    }

    pub(crate) const fn amounts(&self) -> AmountContext {
        AmountContext {
            default_currency: self.base_currency,
            default_unit: self.rial_unit,
            language: self.language,
        }
    }

    pub(crate) fn phones(&self) -> PhoneContext {
        PhoneContext {
            default_region: self.default_region,
            default_area: None,
        }
    }
}
