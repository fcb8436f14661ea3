//! Bills of Iranian utilities: bill id (شناسهٔ قبض) and payment id (شناسهٔ پرداخت).
//!
//! Both end in check digits modulo 11 with weights 2 … 7 from the right; the last digit of the payment id is taken
//! over both ids together.

use crate::national::shown;
use crate::reason::{Checked, Reason};
use crate::scan::{only_digits, values};

/// What a bill is for, from the last digit but one of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// آب
    Water,
    /// برق
    Electricity,
    /// گاز
    Gas,
    /// تلفن ثابت
    Landline,
    /// تلفن همراه
    Mobile,
    /// عوارض شهرداری
    Municipality,
    /// مالیات
    Tax,
    /// جریمهٔ راهنمایی و رانندگی
    TrafficFine,
}

impl Service {
    /// The service of a normalised bill id.
    #[must_use]
    pub fn of_bill(id: &str) -> Option<Self> {
        Some(match values(id).rev().nth(1)? {
            1 => Self::Water,
            2 => Self::Electricity,
            3 => Self::Gas,
            4 => Self::Landline,
            5 => Self::Mobile,
            6 => Self::Municipality,
            8 => Self::Tax,
            9 => Self::TrafficFine,
            _ => return None,
        })
    }

    /// The name in Persian.
    #[must_use]
    pub const fn fa(self) -> &'static str {
        match self {
            Self::Water => "آب",
            Self::Electricity => "برق",
            Self::Gas => "گاز",
            Self::Landline => "تلفن ثابت",
            Self::Mobile => "تلفن همراه",
            Self::Municipality => "عوارض شهرداری",
            Self::Tax => "مالیات",
            Self::TrafficFine => "جریمهٔ راهنمایی و رانندگی",
        }
    }

    /// The name in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Water => "water",
            Self::Electricity => "electricity",
            Self::Gas => "gas",
            Self::Landline => "landline",
            Self::Mobile => "mobile",
            Self::Municipality => "municipality",
            Self::Tax => "tax",
            Self::TrafficFine => "traffic fine",
        }
    }
}

fn check_digit(digits: impl DoubleEndedIterator<Item = u32>) -> u32 {
    let sum: u32 = digits.rev().zip((2..=7).cycle()).map(|(d, w)| d * w).sum();
    match sum % 11 {
        0 | 1 => 0,
        r => 11 - r,
    }
}

/// A bill id: up to 18 digits, the last a check digit, the one before it the service.
#[must_use]
pub fn bill_id(text: &str) -> Checked {
    let digits = match only_digits(text, 18) {
        Ok(d) => d.trim_start_matches('0').to_owned(),
        Err(e) => return Checked::invalid(shown(text), e.into()),
    };
    match digits.len() {
        0 => return Checked::invalid("", Reason::Empty),
        1..6 => return Checked::invalid(digits, Reason::TooShort),
        _ => {}
    }
    let (body, last) = digits.split_at(digits.len() - 1);
    if values(last).next() != Some(check_digit(values(body))) {
        return Checked::invalid(digits, Reason::CheckDigit);
    }
    if Service::of_bill(&digits).is_none() {
        return Checked::warning(digits, Reason::BillService);
    }
    Checked::valid(digits)
}

/// A payment id together with its bill id.
///
/// ```
/// use peyvand_identifiers::{Verdict, bill};
/// assert_eq!(bill::payment_id("1770160", "7748317800142").verdict, Verdict::Valid);
/// ```
#[must_use]
pub fn payment_id(text: &str, bill: &str) -> Checked {
    let digits = match only_digits(text, 18) {
        Ok(d) => d.trim_start_matches('0').to_owned(),
        Err(e) => return Checked::invalid(shown(text), e.into()),
    };
    match digits.len() {
        0 => return Checked::invalid("", Reason::Empty),
        1..4 => return Checked::invalid(digits, Reason::TooShort),
        _ => {}
    }
    let (body, checks) = digits.split_at(digits.len() - 2);
    let (first, second) = (values(checks).next().unwrap_or(0), values(checks).nth(1));
    let over_both = check_digit(values(&format!("{}{body}{first}", bill_id(bill).normalised)));
    if first != check_digit(values(body)) {
        return Checked::invalid(digits, Reason::CheckDigit);
    }
    if second != Some(over_both) {
        return Checked::invalid(digits, Reason::BillPair);
    }
    Checked::valid(digits)
}
