//! Decimal digits of every script: any digit in, the reader's digits out.

use std::borrow::Cow;

/// The digits that a reader wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Digits {
    /// `0123456789`
    #[default]
    Latin,
    /// `۰۱۲۳۴۵۶۷۸۹` (U+06F0–U+06F9)
    Persian,
}

/// First code point of each run of ten decimal digits (Unicode general category Nd) that people may paste,
/// from the Unicode Character Database, version 16.
const ZEROS: &[u32] = &[
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30,
    0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0,
    0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0,
    0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0,
    0x1E5F1, 0x1E950, 0x1FBF0,
];

/// The value 0–9 of a decimal digit of any script, or `None`.
#[must_use]
pub fn value(c: char) -> Option<u8> {
    let u = c as u32;
    if u < 0x80 {
        return c.is_ascii_digit().then(|| (u - 0x30) as u8);
    }
    if u < 0x0660 {
        return None;
    }
    let i = ZEROS.partition_point(|&z| z <= u);
    let zero = *ZEROS.get(i.checked_sub(1)?)?;
    (u - zero < 10).then(|| (u - zero) as u8)
}

/// The text with every digit of any script written as an ASCII digit. Borrows when nothing changes.
#[must_use]
pub fn to_ascii(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| c.is_ascii() || value(c).is_none()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| value(c).map_or(c, |d| char::from(b'0' + d)))
            .collect(),
    )
}

/// The text with its ASCII digits written in the digits of the reader. Borrows when nothing changes.
#[must_use]
pub fn show(text: &str, digits: Digits) -> Cow<'_, str> {
    if digits == Digits::Latin || !text.bytes().any(|b| b.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| match c {
                '0'..='9' => char::from_u32(0x06F0 + (c as u32 - 0x30)).unwrap_or(c),
                _ => c,
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_scripts_in_the_readers_digits_out() {
        assert_eq!(to_ascii("۰۹۱۲ ٣٤٥ ６７"), "0912 345 67");
        assert_eq!(show("1405/08/30", Digits::Persian), "۱۴۰۵/۰۸/۳۰");
        assert!(matches!(to_ascii("سلام abc"), Cow::Borrowed(_)));
        assert_eq!(value('٫'), None);
    }
}
