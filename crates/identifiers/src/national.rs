//! Numbers that the Iranian state gives to persons, companies and places.

use crate::reason::{Checked, Reason};
use crate::scan::{only_digits, values};

/// What could be read of a text, for showing it back: trimmed and at most 64 characters.
pub(crate) fn shown(text: &str) -> String {
    text.trim().chars().take(64).collect()
}

/// Digits of an exact number of places.
fn exactly(text: &str, n: usize) -> Result<String, Checked> {
    let digits = only_digits(text, n).map_err(|e| Checked::invalid(shown(text), e.into()))?;
    match digits.len() {
        0 => Err(Checked::invalid("", Reason::Empty)),
        l if l < n => Err(Checked::invalid(digits, Reason::TooShort)),
        _ => Ok(digits),
    }
}

fn all_same(digits: &str) -> bool {
    let mut bytes = digits.bytes();
    bytes.next().is_some_and(|first| bytes.all(|b| b == first))
}

/// The national id of a person (کد ملی): 10 digits, the last a check digit modulo 11 with weights 10 … 2. Eight and
/// nine digits are filled with the zeros that spreadsheets drop. The first three digits tell where it was issued and
/// are not judged, for lists of them go stale.
///
/// ```
/// use peyvand_identifiers::{Verdict, national::national_id};
/// assert_eq!(national_id("۰۴۹۹۳۷۰۸۹۹").normalised, "0499370899");
/// assert_eq!(national_id("68415941").normalised, "0068415941");
/// assert_eq!(national_id("0499370898").reason.unwrap().fa(), "رقم کنترل درست نیست؛ احتمالاً یکی از رقم‌ها اشتباه وارد شده است.");
/// ```
#[must_use]
pub fn national_id(text: &str) -> Checked {
    let digits = match only_digits(text, 10) {
        Ok(d) if d.is_empty() => return Checked::invalid("", Reason::Empty),
        Ok(d) if d.len() < 8 => return Checked::invalid(d, Reason::TooShort),
        Ok(d) => format!("{d:0>10}"),
        Err(e) => return Checked::invalid(shown(text), e.into()),
    };
    if all_same(&digits) {
        return Checked::invalid(digits, Reason::Repeated);
    }
    if digits.get(3..9) == Some("000000") {
        return Checked::invalid(digits, Reason::ZeroSerial);
    }
    let sum: u32 = values(&digits)
        .take(9)
        .zip((2..=10).rev())
        .map(|(d, w)| d * w)
        .sum();
    let rest = sum % 11;
    let check = if rest < 2 { rest } else { 11 - rest };
    if values(&digits).next_back() == Some(check) {
        Checked::valid(digits)
    } else {
        Checked::invalid(digits, Reason::CheckDigit)
    }
}

/// The national id of a company or institution (شناسهٔ ملی): 11 digits, the last a check digit.
///
/// ```
/// use peyvand_identifiers::{Verdict, national::legal_id};
/// assert_eq!(legal_id("10380284790").verdict, Verdict::Valid);
/// assert_eq!(legal_id("10380284792").verdict, Verdict::Invalid);
/// ```
#[must_use]
pub fn legal_id(text: &str) -> Checked {
    let digits = match exactly(text, 11) {
        Ok(d) => d,
        Err(c) => return c,
    };
    if all_same(&digits) {
        return Checked::invalid(digits, Reason::Repeated);
    }
    if digits.get(3..9) == Some("000000") {
        return Checked::invalid(digits, Reason::ZeroSerial);
    }
    let add = values(&digits).nth(9).unwrap_or(0) + 2;
    let weights = [29, 27, 23, 19, 17].into_iter().cycle();
    let sum: u32 = values(&digits)
        .take(10)
        .zip(weights)
        .map(|(d, w)| (d + add) * w)
        .sum();
    if values(&digits).next_back() == Some(sum % 11 % 10) {
        Checked::valid(digits)
    } else {
        Checked::invalid(digits, Reason::CheckDigit)
    }
}

/// The economic number (شمارهٔ اقتصادی): for companies now the same as the [legal id](legal_id), for persons 14
/// digits; 12-digit codes are of the older kind. Practice varies, so whatever has digits only is kept, with a
/// warning if it is unusual.
#[must_use]
pub fn economic_code(text: &str) -> Checked {
    match only_digits(text, 20) {
        Err(e) => Checked::invalid(shown(text), e.into()),
        Ok(d) => match d.len() {
            0 => Checked::invalid("", Reason::Empty),
            11 => match legal_id(&d).reason {
                None => Checked::valid(d),
                Some(reason) => Checked::warning(d, reason),
            },
            12 => Checked::warning(d, Reason::OldEconomicCode),
            14 => Checked::valid(d),
            _ => Checked::warning(d, Reason::EconomicLength),
        },
    }
}

/// The id of a foreign national (شناسهٔ فراگیر اتباع خارجی): kept as text; only its length is looked at.
#[must_use]
pub fn foreigner_id(text: &str) -> Checked {
    match only_digits(text, 32) {
        Err(e) => Checked::invalid(shown(text), e.into()),
        Ok(d) => match d.len() {
            0 => Checked::invalid("", Reason::Empty),
            8..=16 => Checked::valid(d),
            _ => Checked::warning(d, Reason::ForeignerLength),
        },
    }
}

/// The number under which a company is registered (شمارهٔ ثبت): kept as text; only its length is looked at.
#[must_use]
pub fn registration_number(text: &str) -> Checked {
    match only_digits(text, 32) {
        Err(e) => Checked::invalid(shown(text), e.into()),
        Ok(d) => match d.len() {
            0 => Checked::invalid("", Reason::Empty),
            1..=10 => Checked::valid(d),
            _ => Checked::warning(d, Reason::RegistrationForm),
        },
    }
}

/// The postal code (کد پستی): 10 digits of a common pattern, namely: the first four neither 0 nor 2 and not all the
/// same, the fifth none of 0, 2, 5, the others not 2. What does not follow it is kept, with a warning.
///
/// ```
/// use peyvand_identifiers::{Verdict, national::postal_code};
/// assert_eq!(postal_code("۱۱۹۳۶-۵۳۴۷۱").normalised, "1193653471");
/// assert_eq!(postal_code("1111111111").verdict, Verdict::Warning);
/// ```
#[must_use]
pub fn postal_code(text: &str) -> Checked {
    let digits = match only_digits(text, 16) {
        Ok(d) if d.is_empty() => return Checked::invalid("", Reason::Empty),
        Ok(d) => d,
        Err(e) => return Checked::invalid(shown(text), e.into()),
    };
    match digits.len() {
        0..10 => return Checked::warning(digits, Reason::TooShort),
        10 => {}
        _ => return Checked::warning(digits, Reason::TooLong),
    }
    let (head, tail) = digits.split_at(4);
    let fits = !all_same(head)
        && head.bytes().all(|b| !matches!(b, b'0' | b'2'))
        && tail
            .bytes()
            .next()
            .is_some_and(|b| !matches!(b, b'0' | b'2' | b'5'))
        && tail.bytes().skip(1).all(|b| b != b'2');
    if fits {
        Checked::valid(digits)
    } else {
        Checked::warning(digits, Reason::PostalPattern)
    }
}

/// The Sayad id of a cheque (شناسهٔ صیادی): 16 digits. Whether the cheque is registered only the bank's own service
/// can tell.
#[must_use]
pub fn sayad_id(text: &str) -> Checked {
    match exactly(text, 16) {
        Ok(d) if all_same(&d) => Checked::invalid(d, Reason::Repeated),
        Ok(d) => Checked::valid(d),
        Err(c) => c,
    }
}
