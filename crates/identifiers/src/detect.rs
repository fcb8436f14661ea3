//! Identifiers in a running text: a letter, a note, a message.
//!
//! Only what can be told apart from any other number is reported: phones with a recognisable beginning, national and
//! legal ids and cards whose check digits fit, Sheba numbers, tax ids, e-mail and web addresses. Each part of the text
//! is looked at a bounded number of times, so the time is linear.

use std::ops::Range;

use peyvand_numbers::digits;

use crate::phone::{self, PhoneContext};
use crate::reason::{Checked, Verdict};
use crate::{areas, bank, email, moadian, national, scan, url};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A web address.
    Url,
    /// The national id of a person.
    NationalId,
    /// The national id of a company.
    LegalId,
    /// A Sheba number.
    Sheba,
    /// A bank card.
    Card,
    /// The tax id of an invoice.
    TaxId,
}

impl Kind {
    /// The stable key.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::NationalId => "national-id",
            Self::LegalId => "legal-id",
            Self::Sheba => "sheba",
            Self::Card => "card",
            Self::TaxId => "tax-id",
        }
    }

    /// The name in Persian.
    #[must_use]
    pub const fn fa(self) -> &'static str {
        match self {
            Self::Email => "ایمیل",
            Self::Phone => "تلفن",
            Self::Url => "نشانی وب",
            Self::NationalId => "کد ملی",
            Self::LegalId => "شناسهٔ ملی",
            Self::Sheba => "شبا",
            Self::Card => "کارت بانکی",
            Self::TaxId => "شمارهٔ مالیاتی",
        }
    }

    /// The name in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            Self::Phone => "phone",
            Self::Url => "web address",
            Self::NationalId => "national id",
            Self::LegalId => "legal id",
            Self::Sheba => "Sheba",
            Self::Card => "bank card",
            Self::TaxId => "tax id",
        }
    }
}

/// An identifier in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// Its normalised form and verdict.
    pub checked: Checked,
}

/// Finds the identifiers of a text, in the order in which they stand; they do not overlap.
///
/// ```
/// use peyvand_identifiers::{detect, Kind};
/// let found = detect("با خانم احمدی (۰۹۱۲ ۳۴۵ ۶۷۸۹، sara@example.com) تماس بگیرید؛ کد ملی 0499370899");
/// let list: Vec<_> = found.iter().map(|f| (f.kind, f.checked.normalised.as_str())).collect();
/// assert_eq!(list, [
///     (Kind::Phone, "+989123456789"), (Kind::Email, "sara@example.com"), (Kind::NationalId, "0499370899"),
/// ]);
/// ```
#[must_use]
pub fn detect(text: &str) -> Vec<Found> {
    let mut found = words(text);
    let mut numbers = Numbers {
        text,
        context: PhoneContext::default(),
        groups: Vec::new(),
        found: Vec::new(),
    };
    numbers.scan(&found);
    found.append(&mut numbers.found);
    found.sort_by_key(|f| f.span.start);
    found
}

/// The longest e-mail or web address that is looked at.
const LONGEST_WORD: usize = 2048;

/// E-mail addresses, web addresses and tax ids: what has no spaces inside.
fn words(text: &str) -> Vec<Found> {
    let mut out = Vec::new();
    let mut start = 0;
    let break_at = |c: char| c.is_whitespace() || "<>()[]{}«»\"،؛,;|".contains(c);
    for part in text.split_inclusive(break_at) {
        let word = part.trim_end_matches(break_at);
        let at = start;
        start += part.len();
        // Sentence marks at the ends
        let ends =
            |c: char| matches!(c, '.' | ':' | '!' | '?' | '؟' | '\'' | '`' | '*') || scan::is_invisible(c);
        let inner = word.trim_start_matches(ends);
        let at = at + (word.len() - inner.len());
        let inner = inner.trim_end_matches(ends);
        if inner.is_empty() || inner.len() > LONGEST_WORD {
            continue;
        }
        let hit = |kind, checked: Checked, skip: usize| {
            let span = at + skip..at + inner.len();
            (checked.verdict != Verdict::Invalid).then_some(Found { kind, span, checked })
        };
        let head = inner.get(..inner.len().min(8)).unwrap_or("").to_ascii_lowercase();
        let one = if head.starts_with("http://") || head.starts_with("https://") || head.starts_with("www.") {
            hit(Kind::Url, url::check(inner), 0)
        } else if inner.contains('@') {
            // «ایمیل:sara@example.com»
            let at_sign = inner.find('@').unwrap_or(0);
            let skip = inner
                .get(..at_sign)
                .and_then(|local| local.rfind([':', '/', '=']))
                .map_or(0, |colon| colon + 1);
            hit(Kind::Email, email::check(inner.get(skip..).unwrap_or("")), skip)
        } else if inner.len() == 22 && inner.is_ascii() && inner.bytes().any(|b| b.is_ascii_alphabetic()) {
            hit(Kind::TaxId, moadian::check(inner), 0)
        } else {
            None
        };
        out.extend(one);
    }
    out
}

/// A run of digits without anything between them.
#[derive(Debug, Clone)]
struct Group {
    span: Range<usize>,
    digits: usize,
    /// Whether only a joint (a space, a dash, a parenthesis) separates it from the group before.
    joined: bool,
}

struct Numbers<'a> {
    text: &'a str,
    context: PhoneContext,
    groups: Vec<Group>,
    found: Vec<Found>,
}

impl Numbers<'_> {
    /// Splits the text into groups of digits outside of the spans that are taken, then tries them.
    fn scan(&mut self, taken: &[Found]) {
        let mut taken = taken.iter().map(|f| &f.span).peekable();
        let mut joint = usize::MAX; // characters since the last group
        let mut open: Option<Group> = None;
        for (i, c) in self.text.char_indices() {
            while taken.next_if(|s| s.end <= i).is_some() {}
            let free = taken.peek().is_none_or(|s| i < s.start);
            if free && digits::value(c).is_some() {
                let group = open.get_or_insert(Group {
                    span: i..i,
                    digits: 0,
                    joined: joint <= 3,
                });
                group.span.end = i + c.len_utf8();
                group.digits += 1;
                continue;
            }
            if let Some(group) = open.take() {
                self.groups.push(group);
                joint = 0;
            }
            let joins = free
                && (matches!(c, ' ' | '\u{A0}' | '(' | ')') || scan::is_dash(c) || scan::is_invisible(c));
            joint = if joins {
                joint.saturating_add(1)
            } else {
                usize::MAX
            };
        }
        self.groups.extend(open);
        let mut i = 0;
        while i < self.groups.len() {
            i += self.try_at(i).max(1);
        }
    }

    /// Tries the longest run of joined groups from the `i`-th first; returns how many groups were used.
    fn try_at(&mut self, i: usize) -> usize {
        let rest = self.groups.get(i..).unwrap_or(&[]);
        let mut runs: Vec<(usize, usize, usize)> = Vec::with_capacity(8); // groups, digits, end
        let mut total = 0;
        for (n, group) in rest.iter().enumerate().take(8) {
            if n > 0 && !group.joined {
                break;
            }
            total += group.digits;
            if total > 26 {
                break;
            }
            runs.push((n + 1, total, group.span.end));
        }
        let Some(start) = rest.first().map(|g| g.span.start) else {
            return 1;
        };
        for &(groups, digits, end) in runs.iter().rev() {
            if digits < 10 {
                continue;
            }
            if let Some((kind, checked, start)) = self.identify(start, end, digits) {
                self.found.push(Found {
                    kind,
                    span: start..end,
                    checked,
                });
                return groups;
            }
        }
        1
    }

    /// What the digits in the span are, if they are anything; the start may move to a `+` or `IR` before them.
    fn identify(&self, start: usize, end: usize, count: usize) -> Option<(Kind, Checked, usize)> {
        let raw = self.text.get(start..end)?;
        // Most numbers of a text are none of these; the cheap refusal comes first.
        if !matches!(count, 10..=17 | 24) {
            return None;
        }
        let before = self.text.get(..start)?;
        let plain: String = raw
            .chars()
            .filter_map(digits::value)
            .map(|d| char::from(b'0' + d))
            .collect();
        let sure = |c: Checked| (c.verdict == Verdict::Valid).then_some(c);
        let open = before.trim_end_matches(|c| c == '(' || scan::is_invisible(c));
        if let Some(head) = open.strip_suffix('+') {
            let checked = phone::check(&format!("+{raw}"), &self.context);
            return checked
                .is_acceptable()
                .then_some((Kind::Phone, checked, head.len()));
        }
        // A letter glued to the digits makes them a part or order number, unless it is the IR of a Sheba.
        let last = open.chars().next_back();
        if count == 24 {
            let head = open.trim_end().len().checked_sub(2)?;
            let ir = open.get(head..)?.trim_end().eq_ignore_ascii_case("ir");
            return ir.then(|| sure(bank::sheba(&plain)).map(|c| (Kind::Sheba, c, head)))?;
        }
        if last.is_some_and(|c| c.is_ascii_alphabetic()) {
            return None;
        }
        let phone = || {
            let checked = phone::check(raw, &self.context);
            checked.is_acceptable().then_some((Kind::Phone, checked, start))
        };
        match count {
            16 => sure(bank::card(&plain)).map(|c| (Kind::Card, c, start)),
            _ if plain.starts_with("00") && !plain.starts_with("000") && count > 10 => phone(),
            12 if plain.starts_with("989") => phone(),
            11 if plain.starts_with("09") => phone(),
            11 if plain.starts_with('0') && areas::of_number(plain.get(1..)?).is_some() => phone(),
            11 => sure(national::legal_id(&plain)).map(|c| (Kind::LegalId, c, start)),
            10 if plain.starts_with('9') => phone(),
            10 => sure(national::national_id(&plain)).map(|c| (Kind::NationalId, c, start)),
            _ => None,
        }
    }
}
