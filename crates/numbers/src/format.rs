//! Numbers as the reader wants to see them.
//!
//! Persian: `٬` groups, `٫` is the decimal separator, `٪` follows the number, and the minus is a left-to-right mark
//! with U+2212, which keeps the sign in front of the number in a right-to-left line (the symbols of CLDR's `fa`).
//! English: `,`, `.`, `%` and `-`.

use crate::decimal::{Decimal, Rounding};
use crate::digits::{self, Digits};
use crate::language::Language;

/// How many decimal places are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Fraction {
    /// As many as the value has.
    #[default]
    Natural,
    /// Exactly so many: rounded, or filled with zeros.
    Fixed(u8),
    /// At most so many; zeros at the end are not shown.
    AtMost(u8),
}

/// The shape of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Form {
    /// All digits.
    #[default]
    Full,
    /// A few digits and a word or letter: «۸۲٫۴ میلیون», `82.4M`. One decimal place unless [`Fraction`] says more.
    Short,
    /// A hundred times the value with a percent sign.
    Percent,
}

/// How a number is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Style {
    /// Decides separators and words.
    pub language: Language,
    /// The digits, a choice of its own.
    pub digits: Digits,
    /// Whether the digits are grouped in threes.
    pub grouping: bool,
    /// Decimal places.
    pub fraction: Fraction,
    /// What happens to the decimal places that are not shown.
    pub rounding: Rounding,
    /// All digits, a short form, or percent.
    pub form: Form,
}

impl Style {
    /// The usual style of a language: grouped, all decimal places, its own digits.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self {
            language,
            digits: language.digits(),
            grouping: true,
            fraction: Fraction::Natural,
            rounding: Rounding::HalfEven,
            form: Form::Full,
        }
    }

    /// The same with another [`Form`].
    #[must_use]
    pub const fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// The same with another [`Fraction`].
    #[must_use]
    pub const fn fraction(mut self, fraction: Fraction) -> Self {
        self.fraction = fraction;
        self
    }

    /// The same with other digits.
    #[must_use]
    pub const fn digits(mut self, digits: Digits) -> Self {
        self.digits = digits;
        self
    }
}

/// Powers of ten with a short name: exponent, Persian word, English letter.
const SHORT: [(u32, &str, &str); 5] = [
    (0, "", ""),
    (3, "هزار", "K"),
    (6, "میلیون", "M"),
    (9, "میلیارد", "B"),
    (12, "تریلیون", "T"),
];

/// Shows a number.
///
/// ```
/// use peyvand_numbers::{Decimal, Form, Language, Style, format_number};
/// let n: Decimal = "82437500.5".parse().unwrap();
/// assert_eq!(format_number(&n, &Style::new(Language::Fa)), "۸۲٬۴۳۷٬۵۰۰٫۵");
/// assert_eq!(format_number(&n, &Style::new(Language::Fa).form(Form::Short)), "۸۲٫۴ میلیون");
/// assert_eq!(format_number(&n, &Style::new(Language::En).form(Form::Short)), "82.4M");
/// ```
#[must_use]
pub fn format_number(number: &Decimal, style: &Style) -> String {
    let mut suffix = "";
    let mut gap = "";
    let shown = match style.form {
        Form::Full => round(*number, style.fraction, style.rounding),
        Form::Percent => {
            suffix = match style.language {
                Language::Fa => "٪",
                Language::En => "%",
            };
            let c = Decimal::from_int(100).checked_mul(*number).unwrap_or(*number);
            round(c, style.fraction, style.rounding)
        }
        Form::Short => {
            let places = match style.fraction {
                Fraction::Natural => Fraction::AtMost(1),
                other => other,
            };
            let (value, fa, en) = shorten(*number, places, *style);
            (suffix, gap) = match style.language {
                Language::Fa if fa.is_empty() => ("", ""),
                Language::Fa => (fa, " "),
                Language::En => (en, ""),
            };
            value
        }
    };
    let places = match style.fraction {
        Fraction::Fixed(n) => usize::from(n),
        _ => 0,
    };
    let mut out = write_decimal(&shown, places, *style);
    out.push_str(gap);
    out.push_str(suffix);
    out
}

fn round(n: Decimal, fraction: Fraction, rounding: Rounding) -> Decimal {
    match fraction {
        Fraction::Natural => n,
        Fraction::Fixed(p) | Fraction::AtMost(p) => n.rescale(p, rounding),
    }
}

/// The value in units of the first short name that leaves less than a thousand after rounding (999,960 is `1M`, not
/// `1000K`), and that name; the last name takes all that is larger.
fn shorten(n: Decimal, places: Fraction, style: Style) -> (Decimal, &'static str, &'static str) {
    let keep = match places {
        Fraction::Fixed(p) | Fraction::AtMost(p) => p,
        Fraction::Natural => 1,
    };
    let mut found = (n, "", "");
    for (exponent, fa, en) in SHORT {
        let power = crate::decimal::pow10(exponent).map_or(Decimal::ONE, Decimal::from_int);
        // Division overflows only for values near the end of i128, which stay with a larger name.
        if let Some(v) = n.div_rounded(power, keep, style.rounding) {
            found = (v, fa, en);
            if v.checked_abs().is_some_and(|a| a < Decimal::from_int(1000)) {
                break;
            }
        }
    }
    found
}

/// The digits with separators and sign; at least `places` decimal places.
fn write_decimal(n: &Decimal, places: usize, style: Style) -> String {
    let (minus, group, point) = match style.language {
        Language::Fa => ("\u{200E}\u{2212}", '٬', '٫'),
        Language::En => ("-", ',', '.'),
    };
    let plain = n.to_string();
    let body = plain.strip_prefix('-').unwrap_or(&plain);
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let mut out = String::with_capacity(plain.len() * 2 + 8);
    if n.is_negative() {
        out.push_str(minus);
    }
    for (i, c) in whole.chars().enumerate() {
        if style.grouping && i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(group);
        }
        out.push(c);
    }
    if places > 0 || !fraction.is_empty() {
        out.push(point);
        out.push_str(fraction);
        out.extend(std::iter::repeat_n('0', places.saturating_sub(fraction.len())));
    }
    digits::show(&out, style.digits).into_owned()
}
