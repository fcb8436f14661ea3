//! Names of companies: the name itself, its legal form, and a key for matching.

mod forms;

use forms::{AFTER, BEFORE, FORMS};
use serde::{Deserialize, Serialize};

use crate::chars::ZWNJ;
use crate::clean::clean_line;
use crate::fold::fold;

/// The legal form of a company, across countries; the Iranian ones are those of article 20 of the commercial code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalForm {
    /// سهامی خاص, SAS.
    PrivateJointStock,
    /// سهامی عام, PLC, AG, SA.
    PublicJointStock,
    /// با مسئولیت محدود, Ltd, LLC, GmbH, BV, SARL.
    LimitedLiability,
    /// Inc., Corp.
    Corporation,
    /// تعاونی.
    Cooperative,
    /// تضامنی، نسبی, OHG.
    GeneralPartnership,
    /// مختلط, LP, LLP, KG.
    LimitedPartnership,
    /// مؤسسه غیرتجاری, e. V.
    NonCommercial,
}

/// A company's name in parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CompanyName {
    /// The name without legal form and without words such as شرکت or Company, as written.
    pub core: String,
    /// The legal form, if the name tells it.
    pub form: Option<LegalForm>,
}

/// The core of a company's name and its legal form. A name that consists of nothing else stays whole.
///
/// ```
/// use peyvand_text::companies::{LegalForm, parse};
/// let c = parse("شرکت بازرگانی پارس‌گستر (سهامی خاص)");
/// assert_eq!((c.core.as_str(), c.form), ("پارس‌گستر", Some(LegalForm::PrivateJointStock)));
/// let c = parse("Acme Trading Co., Ltd.");
/// assert_eq!((c.core.as_str(), c.form), ("Acme", Some(LegalForm::LimitedLiability)));
/// ```
#[must_use]
pub fn parse(name: &str) -> CompanyName {
    let line = clean_line(name);
    let words = words(&line);
    let mut rest = words.as_slice();
    let mut form = None;
    // Legal forms stand at the end, or before the name after شرکت; generic words at both ends, in any number.
    loop {
        if let Some((found, left)) = cut_back(rest, FORMS.iter().map(|(s, f)| (*s, Some(*f)))) {
            form = form.or(found);
            rest = left;
        } else if let Some((_, left)) = cut_back(rest, AFTER.iter().map(|s| (*s, None))) {
            rest = left;
        } else if let Some((_, left)) = cut_front(rest, BEFORE.iter().map(|s| (*s, None))) {
            rest = left;
        } else if let Some((found, left)) = cut_front(rest, persian_forms()) {
            form = form.or(found);
            rest = left;
        } else {
            break;
        }
    }
    let (Some(first), Some(last)) = (rest.first(), rest.last()) else {
        return CompanyName {
            core: line,
            form: None,
        };
    };
    let core = line.get(first.start..last.end).unwrap_or(&line);
    let core = core.trim_matches(|c: char| matches!(c, ',' | '،' | '-' | '–' | ' ' | '«' | '»' | '"'));
    // a bracket whose partner was cut off
    let core = core
        .trim_end_matches(['(', '['])
        .trim_start_matches([')', ']'])
        .trim();
    CompanyName {
        core: core.to_owned(),
        form,
    }
}

/// A key that is equal for spellings of one company's name: the folded core without spaces, «و», "and" and "&".
/// Empty for a text without letters and digits.
///
/// ```
/// use peyvand_text::companies::match_key;
/// assert_eq!(match_key("شرکت پارس گستر (با مسئوليت محدود)"), match_key("پارس‌گستر"));
/// assert_eq!(match_key("Müller & Söhne GmbH"), match_key("muller sohne"));
/// ```
#[must_use]
pub fn match_key(name: &str) -> String {
    let core = fold(&parse(name).core);
    let joined = |skip: bool| -> String {
        core.split(' ')
            .filter(|w| !(skip && matches!(*w, "و" | "and" | "und" | "et")))
            .collect()
    };
    let key = joined(true);
    if key.is_empty() { joined(false) } else { key }
}

/// A word of the name: where it stands and its fold.
struct Word {
    start: usize,
    end: usize,
    folded: String,
}

/// The words of a line, parted by white space, half-spaces and whatever folds to a space.
fn words(line: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    let mut push = |start: usize, end: usize| {
        let folded = fold(line.get(start..end).unwrap_or_default());
        if !folded.is_empty() {
            words.push(Word { start, end, folded });
        }
    };
    for (at, c) in line.char_indices() {
        let parts = c == ' '
            || c == ZWNJ
            || c.is_ascii_punctuation()
            || matches!(c, '،' | '؛' | '«' | '»' | '–' | '—');
        match (parts, start) {
            (true, Some(from)) => {
                push(from, at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    if let Some(from) = start {
        push(from, line.len());
    }
    words
}

/// The legal forms that may stand before the name: «شرکت سهامی خاص پارس».
fn persian_forms() -> impl Iterator<Item = (&'static str, Option<LegalForm>)> {
    FORMS
        .iter()
        .filter(|(s, _)| !s.is_ascii() && s.len() > 8)
        .map(|(s, f)| (*s, Some(*f)))
}

type Cut<'a> = (Option<LegalForm>, &'a [Word]);

/// Cuts the longest of the phrases off the end, if something remains.
fn cut_back(
    words: &[Word],
    phrases: impl Iterator<Item = (&'static str, Option<LegalForm>)>,
) -> Option<Cut<'_>> {
    longest(words, phrases, |words, phrase| {
        phrase
            .rsplit(' ')
            .zip(words.iter().rev())
            .all(|(p, w)| p == w.folded)
    })
    .and_then(|(form, len)| Some((form, words.get(..words.len() - len)?)))
}

/// Cuts the longest of the phrases off the front, if something remains.
fn cut_front(
    words: &[Word],
    phrases: impl Iterator<Item = (&'static str, Option<LegalForm>)>,
) -> Option<Cut<'_>> {
    longest(words, phrases, |words, phrase| {
        phrase.split(' ').zip(words).all(|(p, w)| p == w.folded)
    })
    .and_then(|(form, len)| Some((form, words.get(len..)?)))
}

fn longest(
    words: &[Word],
    phrases: impl Iterator<Item = (&'static str, Option<LegalForm>)>,
    matches: impl Fn(&[Word], &str) -> bool,
) -> Option<(Option<LegalForm>, usize)> {
    phrases
        .map(|(phrase, form)| (phrase, form, phrase.split(' ').count()))
        .filter(|(phrase, _, len)| *len < words.len() && matches(words, phrase))
        .max_by_key(|(_, _, len)| *len)
        .map(|(_, form, len)| (form, len))
}
