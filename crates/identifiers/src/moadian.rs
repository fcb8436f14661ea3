//! The tax id of an invoice in the taxpayers' system (شمارهٔ منحصربه‌فرد مالیاتی، سامانهٔ مودیان).
//!
//! It has 22 characters: 6 of the tax memory, 5 hexadecimal digits of the days since 1970-01-01, 10 hexadecimal
//! digits of the serial, and a check digit by Verhoeff over the decimal form (letters of the memory id as their ASCII
//! codes, days filled to 6 and serial to 12 digits).

use crate::national::shown;
use crate::reason::{Checked, Reason};
use crate::scan::{only_alphanumerics, values};

/// The dihedral group D₅ (J. Verhoeff, *Error Detecting Decimal Codes*, 1969): reflections and rotations of a
/// pentagon.
const fn multiply(a: u32, b: u32) -> u32 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// Verhoeff's permutation, applied `times` times (it has order 8).
fn permute(digit: u32, times: usize) -> u32 {
    const ONCE: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    (0..times % 8).fold(digit, |d, _| ONCE.get(d as usize).copied().unwrap_or(0))
}

fn verhoeff_sum(digits: impl DoubleEndedIterator<Item = u32>, first: usize) -> u32 {
    digits
        .rev()
        .enumerate()
        .fold(0, |c, (i, d)| multiply(c, permute(d, i + first)))
}

/// Verhoeff's check digit of ASCII digits: it catches every single wrong digit and every swap of neighbours.
///
/// ```
/// assert_eq!(peyvand_identifiers::moadian::verhoeff_digit("236"), 3);
/// ```
#[must_use]
pub fn verhoeff_digit(digits: &str) -> u8 {
    let sum = verhoeff_sum(values(digits), 1);
    // The inverse in D₅: a rotation backwards, or the reflection itself.
    let inverse = if sum < 5 { (5 - sum) % 5 } else { sum };
    inverse as u8
}

/// Whether the last of the digits is Verhoeff's check digit of the others.
#[must_use]
pub fn verhoeff_holds(digits: &str) -> bool {
    verhoeff_sum(values(digits), 0) == 0
}

/// The parts of a tax id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaxId {
    /// The six characters of the tax memory (شناسهٔ یکتای حافظهٔ مالیاتی).
    pub memory: String,
    /// The date of the invoice, in days since 1970-01-01.
    pub day: u32,
    /// The serial of the invoice within the memory.
    pub serial: u64,
}

/// The decimal form allows six digits of days and twelve of the serial.
const DAYS: u32 = 1_000_000;
const SERIALS: u64 = 1_000_000_000_000;

impl TaxId {
    /// Checks the parts: a memory of six Latin letters or digits, a day and a serial that fit.
    pub fn new(memory: &str, day: u32, serial: u64) -> Result<Self, Reason> {
        let memory = only_alphanumerics(memory, 6).map_err(|_| Reason::TaxMemory)?;
        if memory.len() != 6 {
            return Err(Reason::TaxMemory);
        }
        if day >= DAYS || serial >= SERIALS {
            return Err(Reason::TaxRange);
        }
        Ok(Self { memory, day, serial })
    }

    /// The check digit.
    #[must_use]
    pub fn check_digit(&self) -> u8 {
        let mut decimal = String::with_capacity(30);
        for b in self.memory.bytes() {
            if b.is_ascii_digit() {
                decimal.push(char::from(b));
            } else {
                decimal.push_str(&b.to_string());
            }
        }
        verhoeff_digit(&format!("{decimal}{:06}{:012}", self.day, self.serial))
    }
}

/// The 22 characters, in capitals.
impl std::fmt::Display for TaxId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}{:05X}{:010X}{}",
            self.memory,
            self.day,
            self.serial,
            self.check_digit()
        )
    }
}

/// Makes the tax id of an invoice.
///
/// ```
/// use peyvand_identifiers::moadian;
/// // 2024-11-20 is day 20047
/// assert_eq!(moadian::build("A11226", 20_047, 1).unwrap(), "A1122604E4F00000000016");
/// ```
pub fn build(memory: &str, day: u32, serial: u64) -> Result<String, Reason> {
    TaxId::new(memory, day, serial).map(|id| id.to_string())
}

/// Reads a tax id and checks its check digit.
pub fn parse(text: &str) -> Result<TaxId, Reason> {
    let id = only_alphanumerics(text, 22)?;
    match id.len() {
        0 => return Err(Reason::Empty),
        22 => {}
        _ => return Err(Reason::TooShort),
    }
    let part = |a: usize, b: usize| id.get(a..b).unwrap_or("");
    let day = u32::from_str_radix(part(6, 11), 16).map_err(|_| Reason::UnexpectedCharacter)?;
    let serial = u64::from_str_radix(part(11, 21), 16).map_err(|_| Reason::UnexpectedCharacter)?;
    let parsed = TaxId::new(part(0, 6), day, serial)?;
    if part(21, 22) != parsed.check_digit().to_string() {
        return Err(Reason::CheckDigit);
    }
    Ok(parsed)
}

/// The verdict on a tax id.
#[must_use]
pub fn check(text: &str) -> Checked {
    match parse(text) {
        Ok(id) => Checked::valid(id.to_string()),
        Err(reason) => Checked::invalid(shown(text), reason),
    }
}
