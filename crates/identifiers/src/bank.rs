//! Bank accounts (Sheba) and cards, with the bank by code. The list of banks is general knowledge and editable:
//! `data/banks.csv`.

use std::sync::LazyLock;

use crate::national::shown;
use crate::reason::{Checked, Reason};
use crate::scan::{only_alphanumerics, only_digits, values};

/// An Iranian bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bank {
    /// Its name in Persian.
    pub fa: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// The codes in its Sheba numbers, three digits each.
    pub sheba_codes: Vec<&'static str>,
    /// The first six digits of its cards.
    pub card_prefixes: Vec<&'static str>,
}

static BANKS: LazyLock<Vec<Bank>> = LazyLock::new(|| {
    let read = |line: &'static str| {
        let mut f = line.split(',');
        Some(Bank {
            fa: f.next()?,
            en: f.next()?,
            sheba_codes: f.next()?.split(' ').collect(),
            card_prefixes: f.next()?.split(' ').collect(),
        })
    };
    include_str!("../data/banks.csv")
        .lines()
        .skip(1)
        .filter_map(read)
        .collect()
});

/// All banks of the list.
#[must_use]
pub fn all() -> &'static [Bank] {
    &BANKS
}

/// The bank of a normalised Sheba number.
#[must_use]
pub fn of_sheba(sheba: &str) -> Option<&'static Bank> {
    let code = sheba.get(4..7)?;
    all().iter().find(|b| b.sheba_codes.contains(&code))
}

/// The bank of a normalised card number.
#[must_use]
pub fn of_card(card: &str) -> Option<&'static Bank> {
    let prefix = card.get(..6)?;
    all().iter().find(|b| b.card_prefixes.contains(&prefix))
}

/// A Sheba number (the Iranian IBAN): `IR` and 24 digits, of which the first two are a check number by ISO 7064
/// MOD 97-10. Without `IR`, 24 digits are taken for one. A bank that is not in the list is a warning.
///
/// ```
/// use peyvand_identifiers::bank;
/// let c = bank::sheba("ir82 0540 1026 8002 0817 9090 02");
/// assert_eq!(c.normalised, "IR820540102680020817909002");
/// assert_eq!(bank::of_sheba(&c.normalised).unwrap().fa, "بانک پارسیان");
/// ```
#[must_use]
pub fn sheba(text: &str) -> Checked {
    let typed = match only_alphanumerics(text, 26) {
        Ok(t) if t.is_empty() => return Checked::invalid("", Reason::Empty),
        Ok(t) => t,
        Err(e) => return Checked::invalid(shown(text), e.into()),
    };
    let digits = match typed.strip_prefix("IR") {
        Some(d) => d,
        None if typed.starts_with(|c: char| c.is_ascii_digit()) => &typed,
        None => return Checked::invalid(typed, Reason::ShebaCountry),
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Checked::invalid(typed, Reason::UnexpectedCharacter);
    }
    let normalised = format!("IR{digits}");
    match digits.len() {
        0..24 => return Checked::invalid(normalised, Reason::TooShort),
        24 => {}
        _ => return Checked::invalid(normalised, Reason::TooLong),
    }
    // Country and check number go to the end, the letters as numbers: I = 18, R = 27.
    let (check, account) = digits.split_at(2);
    let rest = values(account)
        .chain([1, 8, 2, 7])
        .chain(values(check))
        .fold(0, |r, d| (r * 10 + d) % 97);
    if rest != 1 {
        return Checked::invalid(normalised, Reason::CheckDigit);
    }
    if of_sheba(&normalised).is_none() {
        return Checked::warning(normalised, Reason::UnknownBank);
    }
    Checked::valid(normalised)
}

/// Whether the last digit is right by the rule of Luhn (ISO/IEC 7812-1).
#[must_use]
pub fn luhn(digits: &str) -> bool {
    let sum: u32 = values(digits)
        .rev()
        .enumerate()
        .map(|(i, d)| match (i % 2, d) {
            (0, d) => d,
            (_, d) if d > 4 => d * 2 - 9,
            (_, d) => d * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A bank card: 16 digits by Luhn, of an Iranian bank. Numbers of the international schemes are refused, for they
/// are no Iranian cards; another prefix that is not in the list is a warning, for banks come and go.
///
/// ```
/// use peyvand_identifiers::{Reason, bank};
/// let c = bank::card("۶۰۳۷-۷۰۱۶-۸۹۰۹-۵۴۴۳");
/// assert_eq!(bank::of_card(&c.normalised).unwrap().en, "Bank Keshavarzi");
/// assert_eq!(bank::card("4000000000000002").reason, Some(Reason::ForeignCard));
/// ```
#[must_use]
pub fn card(text: &str) -> Checked {
    let digits = match only_digits(text, 16) {
        Ok(d) if d.is_empty() => return Checked::invalid("", Reason::Empty),
        Ok(d) if d.len() < 16 => return Checked::invalid(d, Reason::TooShort),
        Ok(d) => d,
        Err(e) => return Checked::invalid(shown(text), e.into()),
    };
    if !luhn(&digits) {
        return Checked::invalid(digits, Reason::CheckDigit);
    }
    if of_card(&digits).is_some() {
        return Checked::valid(digits);
    }
    // ISO/IEC 7812: 0 is unassigned, 3 and 4 and 51–55 and 2221–2720 belong to international schemes.
    let number = |n: usize| digits.get(..n).and_then(|d| d.parse::<u32>().ok()).unwrap_or(0);
    if matches!(number(1), 0 | 3 | 4) || matches!(number(2), 51..=55) || matches!(number(4), 2221..=2720) {
        return Checked::invalid(digits, Reason::ForeignCard);
    }
    Checked::warning(digits, Reason::UnknownBank)
}

/// The number in groups of four, as it is printed on cards and documents.
#[must_use]
pub fn in_fours(normalised: &str) -> String {
    let mut out = String::with_capacity(normalised.len() * 5 / 4 + 1);
    for (i, c) in normalised.chars().enumerate() {
        if i > 0 && i % 4 == 0 {
            out.push(' ');
        }
        out.push(c);
    }
    out
}
