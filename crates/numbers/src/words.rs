//! Numbers in words, and words back to numbers.
//!
//! Persian follows the standard spelling: hundreds in one word («چهارصد»), parts joined with «و», ordinals with «م»
//! («سوم» for a final سه, «سی‌اُم» with a half-space for a final سی). English is written without "and" inside whole
//! numbers and with a hyphen in 21–99. Both use the short scale of Iran and the United States, where
//! میلیارد/billion is 10⁹ and تریلیون/trillion 10¹². All of `i128` has a name; everyday amounts end at 10²¹.

use crate::language::Language;
use crate::quantity::{self, QuantityError};

pub(crate) const FA_ONES: [&str; 20] = [
    "صفر",
    "یک",
    "دو",
    "سه",
    "چهار",
    "پنج",
    "شش",
    "هفت",
    "هشت",
    "نه",
    "ده",
    "یازده",
    "دوازده",
    "سیزده",
    "چهارده",
    "پانزده",
    "شانزده",
    "هفده",
    "هجده",
    "نوزده",
];
pub(crate) const FA_TENS: [&str; 10] = [
    "",
    "",
    "بیست",
    "سی",
    "چهل",
    "پنجاه",
    "شصت",
    "هفتاد",
    "هشتاد",
    "نود",
];
pub(crate) const FA_HUNDREDS: [&str; 10] = [
    "",
    "صد",
    "دویست",
    "سیصد",
    "چهارصد",
    "پانصد",
    "ششصد",
    "هفتصد",
    "هشتصد",
    "نهصد",
];
/// Names of 1000ⁿ for n = 0…12; i128 ends at 1.7 × 10³⁸.
pub(crate) const FA_SCALES: [&str; 13] = [
    "",
    "هزار",
    "میلیون",
    "میلیارد",
    "تریلیون",
    "کوادریلیون",
    "کوینتیلیون",
    "سکستیلیون",
    "سپتیلیون",
    "اکتیلیون",
    "نونیلیون",
    "دسیلیون",
    "آندسیلیون",
];
pub(crate) const EN_ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
pub(crate) const EN_TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
pub(crate) const EN_SCALES: [&str; 13] = [
    "",
    "thousand",
    "million",
    "billion",
    "trillion",
    "quadrillion",
    "quintillion",
    "sextillion",
    "septillion",
    "octillion",
    "nonillion",
    "decillion",
    "undecillion",
];

/// Whether a thousand by itself is «هزار», as people say, or «یک هزار», as cheques and invoices are written so that
/// nothing can be put in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Thousand {
    /// «هزار»
    #[default]
    Plain,
    /// «یک هزار»
    Counted,
}

/// The groups of three digits, largest first, each with its power of 1000; zeros left out.
fn groups(n: i128) -> Vec<(usize, usize)> {
    let mut rest = n.unsigned_abs();
    let mut out = Vec::with_capacity(13);
    let mut power = 0;
    while rest > 0 {
        let group = (rest % 1000) as usize;
        if group > 0 {
            out.push((power, group));
        }
        rest /= 1000;
        power += 1;
    }
    out.reverse();
    out
}

fn name(table: &[&'static str], i: usize) -> &'static str {
    table.get(i).copied().unwrap_or("")
}

/// The number in Persian words.
///
/// ```
/// use peyvand_numbers::words;
/// assert_eq!(words::fa(500_443), "پانصد هزار و چهارصد و چهل و سه");
/// assert_eq!(words::fa(30_000_000_000), "سی میلیارد");
/// assert_eq!(words::fa(-7), "منفی هفت");
/// ```
#[must_use]
pub fn fa(n: i128) -> String {
    fa_with(n, Thousand::Plain)
}

/// The number in Persian words, with a choice for the thousand that stands alone.
#[must_use]
pub fn fa_with(n: i128, thousand: Thousand) -> String {
    if n == 0 {
        return FA_ONES[0].to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    for (power, group) in groups(n) {
        let mut small = Vec::with_capacity(3);
        let (hundreds, rest) = (group / 100, group % 100);
        if hundreds > 0 {
            small.push(name(&FA_HUNDREDS, hundreds));
        }
        if rest >= 20 {
            small.push(name(&FA_TENS, rest / 10));
            if rest % 10 > 0 {
                small.push(name(&FA_ONES, rest % 10));
            }
        } else if rest > 0 {
            small.push(name(&FA_ONES, rest));
        }
        parts.push(match power {
            0 => small.join(" و "),
            1 if group == 1 && thousand == Thousand::Plain => "هزار".to_owned(),
            _ => format!("{} {}", small.join(" و "), name(&FA_SCALES, power)),
        });
    }
    let body = parts.join(" و ");
    if n < 0 { format!("منفی {body}") } else { body }
}

/// The number in English words.
///
/// ```
/// use peyvand_numbers::words;
/// assert_eq!(words::en(12_500_021), "twelve million five hundred thousand twenty-one");
/// ```
#[must_use]
pub fn en(n: i128) -> String {
    if n == 0 {
        return EN_ONES[0].to_owned();
    }
    let mut out = String::new();
    if n < 0 {
        out.push_str("minus");
    }
    let mut push = |word: &str, joint: char| {
        if !out.is_empty() {
            out.push(joint);
        }
        out.push_str(word);
    };
    for (power, group) in groups(n) {
        let (hundreds, rest) = (group / 100, group % 100);
        if hundreds > 0 {
            push(name(&EN_ONES, hundreds), ' ');
            push("hundred", ' ');
        }
        if rest >= 20 {
            push(name(&EN_TENS, rest / 10), ' ');
            if rest % 10 > 0 {
                push(name(&EN_ONES, rest % 10), '-');
            }
        } else if rest > 0 {
            push(name(&EN_ONES, rest), ' ');
        }
        if power > 0 {
            push(name(&EN_SCALES, power), ' ');
        }
    }
    out
}

/// The number in the words of a language.
#[must_use]
pub fn cardinal(n: i128, language: Language) -> String {
    match language {
        Language::Fa => fa(n),
        Language::En => en(n),
    }
}

/// The ordinal in the words of a language: «سی و سوم», "thirty-third".
///
/// ```
/// use peyvand_numbers::{Language, words};
/// assert_eq!(words::ordinal(33, Language::Fa), "سی و سوم");
/// assert_eq!(words::ordinal(-30, Language::Fa), "منفی سی‌اُم");
/// assert_eq!(words::ordinal(33, Language::En), "thirty-third");
/// ```
#[must_use]
pub fn ordinal(n: i128, language: Language) -> String {
    match language {
        Language::Fa => {
            let words = fa(n);
            if words.ends_with("سی") {
                // No other number ends in ی; the half-space keeps the suffix apart.
                format!("{words}\u{200C}اُم")
            } else if let Some(stem) = words.strip_suffix("سه") {
                format!("{stem}سوم")
            } else {
                format!("{words}م")
            }
        }
        Language::En => {
            let words = en(n);
            let at = words.rfind([' ', '-']).map_or(0, |i| i + 1);
            let (head, last) = words.split_at(at);
            let last = match last {
                "one" => "first".to_owned(),
                "two" => "second".to_owned(),
                "three" => "third".to_owned(),
                "five" => "fifth".to_owned(),
                "eight" => "eighth".to_owned(),
                "nine" => "ninth".to_owned(),
                "twelve" => "twelfth".to_owned(),
                w => match w.strip_suffix('y') {
                    Some(stem) => format!("{stem}ieth"),
                    None => format!("{w}th"),
                },
            };
            format!("{head}{last}")
        }
    }
}

/// The English ordinal in digits: `33rd`, `112th`.
#[must_use]
pub fn ordinal_digits_en(n: i128) -> String {
    let last = n.unsigned_abs() % 100;
    let suffix = match (last, last % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

/// Reads a whole number in Persian words, with or without half-spaces, in the spellings in use («چهار صد»,
/// «هیجده», «ملیون»).
///
/// ```
/// use peyvand_numbers::words;
/// assert_eq!(words::parse_fa("دوازده میلیون و پانصد هزار"), Ok(12_500_000));
/// ```
pub fn parse_fa(text: &str) -> Result<i128, QuantityError> {
    whole(text, Language::Fa)
}

/// Reads a whole number in English words ("twelve million five hundred thousand").
pub fn parse_en(text: &str) -> Result<i128, QuantityError> {
    whole(text, Language::En)
}

fn whole(text: &str, language: Language) -> Result<i128, QuantityError> {
    quantity::parse(text, language)?
        .to_int()
        .ok_or(QuantityError::NotWhole)
}
