//! Words for a full-text index, such that the Persian spellings of one word find each other.
//!
//! A Persian compound is written with a half-space, with a space or glued: «مشتری‌محوری», «مشتری محوری»,
//! «مشتریمحوری». The index text of each holds enough for a query of any other.
//!
//! **The contract.** Let a compound have two parts, or three of which one has at most three letters. Let its
//! first part have at least two letters, and each further part at least three or be a listed ending; a prefix
//! (می, نمی) comes first; all of it has at most 32 letters. Then, for any two of its spellings (half-space, space,
//! glued, Arabic ي and ك, harakat, tatweel), every word of [`query_words`] of the one is a prefix of some token of
//! [`index_text`] of the other.

use std::collections::HashSet;

use unicode_normalization::char::is_combining_mark;

use crate::affixes::{PREFIXES, SUFFIXES};
use crate::bag::WordBag;
use crate::chars::{ZWNJ, is_arabic_letter, is_dropped_by_fold};
use crate::clean::clean;
use crate::fold::{fold, fold_into};

/// Fewest letters of a part that is found inside a glued word.
const MIN_TAIL: usize = 3;
/// Longest word, in letters, that is taken for a Persian word rather than for a code or a mistake.
const MAX_WORD: usize = 32;
/// A compound of three parts is glued if one of them has at most this many letters, as in «گفت و گو».
const SHORT_PART: usize = 3;

/// The words of a text in folded form, and the further tokens by which they are found. No token is in two lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tokens {
    /// The words in order: exactly the words of [`fold`].
    pub words: Vec<String>,
    /// Other ways to join the same letters: the parts of words with a half-space, neighbours written as one word.
    pub glued: Vec<String>,
    /// Words without their endings and prefixes, where these were behind a half-space or a space.
    pub stems: Vec<String>,
    /// What remains of a long Persian word after its first letters, for compounds that were written glued.
    /// A store that ranks will rank these below the others.
    pub tails: Vec<String>,
}

impl Tokens {
    /// All tokens: words, glued, stems, tails.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.words
            .iter()
            .chain(&self.glued)
            .chain(&self.stems)
            .chain(&self.tails)
            .map(String::as_str)
    }
}

/// Which list of [`Tokens`] a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Stem,
    Glued,
    Tail,
}

/// Tells every token of a text, some of them several times; `folded` is its [`fold`].
fn each(text: &str, folded: &str, put: &mut dyn FnMut(Kind, &str)) {
    for word in folded.split(' ').filter(|w| !w.is_empty()) {
        put(Kind::Word, word);
    }
    let pieces = Pieces::of(text);
    let units = pieces.units();
    let mut glued = String::new();
    let mut glue = |kind: Kind, units: &[Unit<'_>], put: &mut dyn FnMut(Kind, &str)| {
        glued.clear();
        glued.extend(units.iter().map(|u| u.text));
        put(kind, &glued);
    };
    for group in groups(&units) {
        let stem = bare(group);
        if stem.len() < group.len() {
            glue(Kind::Stem, stem, put);
        }
    }
    for unit in &units {
        put(Kind::Glued, unit.text);
    }
    for pair in units.windows(2).filter(|p| joins(p)) {
        glue(Kind::Glued, pair, put);
    }
    for triple in units.windows(3).filter(|t| joins(t)) {
        glue(Kind::Glued, triple, put);
    }
    for word in folded.split(' ').filter(|w| w.starts_with(is_arabic_letter)) {
        let len = word.chars().count();
        if (2 + MIN_TAIL..=MAX_WORD).contains(&len) && word.chars().all(is_arabic_letter) {
            for (at, _) in word.char_indices().skip(2).take(len - 1 - MIN_TAIL) {
                put(Kind::Tail, word.get(at..).unwrap_or_default());
            }
        }
    }
}

/// The tokens of a text, in linear time.
///
/// ```
/// let t = peyvand_text::tokens("کتاب‌های خوب");
/// assert_eq!(t.words, ["کتابهای", "خوب"]);
/// assert_eq!(t.stems, ["کتاب"]);
/// assert_eq!(t.glued, ["های", "هایخوب", "کتابهایخوب"]);
/// ```
#[must_use]
pub fn tokens(text: &str) -> Tokens {
    let mut out = Tokens::default();
    let mut seen = WordBag::new();
    each(text, &fold(text), &mut |kind, token| {
        let fresh = seen.insert(token);
        let list = match kind {
            // The words are those of the fold, doubles and all.
            Kind::Word => {
                out.words.push(token.to_owned());
                return;
            }
            Kind::Stem => &mut out.stems,
            Kind::Glued => &mut out.glued,
            Kind::Tail => &mut out.tails,
        };
        if fresh {
            list.push(token.to_owned());
        }
    });
    out
}

/// All tokens of a text, each once, separated by spaces, to be put into a full-text index of words.
#[must_use]
pub fn index_text(text: &str) -> String {
    let mut bag = WordBag::new();
    index_into(text, &fold(text), &mut bag);
    bag.into_text()
}

/// Puts all tokens of a text into a bag. `folded` is the [`fold`] of the text, which callers have at hand.
pub fn index_into(text: &str, folded: &str, bag: &mut WordBag) {
    each(text, folded, &mut |_, token| {
        bag.insert(token);
    });
}

/// The words that a query must match, each as the prefix of a token of [`index_text`]. Without doubles.
///
/// Endings and prefixes are left out where the rest says enough; parts with half-spaces are glued.
///
/// ```
/// use peyvand_text::query_words;
/// assert_eq!(query_words("کتاب‌های خوب"), ["کتاب", "خوب"]);
/// assert_eq!(query_words("مشتری‌محوری"), ["مشتریمحوری"]);
/// assert_eq!(query_words("O'Brien & Sons"), ["obrien", "sons"]);
/// ```
#[must_use]
pub fn query_words(text: &str) -> Vec<String> {
    let pieces = Pieces::of(text);
    let units = pieces.units();
    let mut words = Vec::new();
    for group in groups(&units) {
        let stem = bare(group);
        if stem.len() <= 1 || joins(stem) {
            words.push(stem.iter().map(|u| u.text).collect());
        } else {
            words.extend(stem.iter().map(|u| u.text.to_owned()));
        }
    }
    let mut seen = HashSet::new();
    words.retain(|w: &String| seen.insert(w.clone()));
    words
}

/// What stands between a unit and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// A half-space.
    Half,
    /// A hyphen or an apostrophe, with nothing around it.
    Hyphen,
    /// Spaces.
    Space,
    /// A line end, other punctuation, or the start of the text.
    Break,
}

/// A piece of a text that no reader would divide, folded.
#[derive(Debug, Clone, Copy)]
struct Unit<'a> {
    text: &'a str,
    joint: Joint,
    /// How many letters, if all of them are of the Arabic script.
    arabic: Option<usize>,
}

fn joint_of(c: char) -> Option<Joint> {
    match c {
        ZWNJ => Some(Joint::Half),
        '-' | '\u{2010}' | '\u{2011}' | '\'' | '’' => Some(Joint::Hyphen),
        ' ' => Some(Joint::Space),
        _ if c.is_alphanumeric() || is_combining_mark(c) || is_dropped_by_fold(c) => None,
        // what folds to letters, as ™ and ﷼ do, is not a break
        _ if c > '\u{7F}' && !fold(c.encode_utf8(&mut [0; 4])).is_empty() => None,
        _ => Some(Joint::Break),
    }
}

/// The units of a text, folded one behind the other into one buffer.
struct Pieces {
    folded: String,
    /// Where each unit lies in the buffer, and what stands before it.
    spans: Vec<(usize, usize, Joint)>,
}

impl Pieces {
    fn of(text: &str) -> Self {
        let cleaned = clean(text);
        let mut pieces = Self {
            folded: String::with_capacity(cleaned.len()),
            spans: Vec::with_capacity(cleaned.len() / 4 + 1),
        };
        let mut joint = Joint::Break;
        let mut between = None;
        let mut start = 0;
        for (at, c) in cleaned.char_indices() {
            if let Some(next) = joint_of(c) {
                if between.is_none() {
                    pieces.add(cleaned.get(start..at).unwrap_or_default(), &mut joint);
                }
                between = Some(if between.is_none_or(|b| b == next) {
                    next
                } else {
                    Joint::Break
                });
            } else if let Some(b) = between.take() {
                joint = if pieces.spans.is_empty() { Joint::Break } else { b };
                start = at;
            }
        }
        if between.is_none() {
            pieces.add(cleaned.get(start..).unwrap_or_default(), &mut joint);
        }
        pieces
    }

    fn add(&mut self, piece: &str, joint: &mut Joint) {
        let start = self.folded.len();
        if piece.bytes().all(|b| b.is_ascii_alphanumeric()) {
            self.folded
                .extend(piece.bytes().map(|b| char::from(b.to_ascii_lowercase())));
        } else {
            fold_into(piece, &mut self.folded);
        }
        let mut at = start;
        for word in self.folded.get(start..).unwrap_or_default().split(' ') {
            if !word.is_empty() {
                self.spans.push((at, at + word.len(), *joint));
                *joint = Joint::Space;
            }
            at += word.len() + 1;
        }
    }

    fn units(&self) -> Vec<Unit<'_>> {
        self.spans
            .iter()
            .map(|&(start, end, joint)| {
                let text = self.folded.get(start..end).unwrap_or_default();
                let arabic = text.starts_with(is_arabic_letter) && text.chars().all(is_arabic_letter);
                Unit {
                    text,
                    joint,
                    arabic: arabic.then(|| text.chars().count()),
                }
            })
            .collect()
    }
}

/// Whether the index holds these two or three units as one word.
fn joins(units: &[Unit<'_>]) -> bool {
    let joints = units.iter().skip(1).map(|u| u.joint);
    let short = |u: &Unit<'_>| u.arabic.is_some_and(|n| n <= SHORT_PART);
    match units {
        [a, b] if a.arabic.is_some() && b.arabic.is_some() => matches!(b.joint, Joint::Half | Joint::Space),
        [a, b] => {
            is_initial(a) && matches!(b.joint, Joint::Hyphen | Joint::Space) || b.joint == Joint::Hyphen
        }
        [_, _, _] => {
            units.iter().all(|u| u.arabic.is_some())
                && joints
                    .into_iter()
                    .all(|j| matches!(j, Joint::Half | Joint::Space))
                && units.iter().any(short)
        }
        _ => false,
    }
}

/// The O of O'Brien, the e of e-mail, the Al of Al-Rashid.
fn is_initial(u: &Unit<'_>) -> bool {
    u.arabic.is_none() && u.text.chars().count() <= 2 && u.text.chars().all(char::is_alphabetic)
}

/// The units by word: parts with half-spaces together, an ending with the word before it, a prefix of the verb
/// with the word after it, an initial with what its hyphen or apostrophe joins to it.
fn groups<'u, 'a>(units: &'u [Unit<'a>]) -> impl Iterator<Item = &'u [Unit<'a>]> {
    units.chunk_by(|a, b| match b.joint {
        Joint::Half => true,
        Joint::Space => {
            a.arabic.is_some()
                && (is_suffix(b) || b.arabic.is_some() && is_prefix(a) && a.joint != Joint::Half)
        }
        Joint::Hyphen => is_initial(a),
        Joint::Break => false,
    })
}

fn is_prefix(u: &Unit<'_>) -> bool {
    PREFIXES.contains(&u.text)
}

fn is_suffix(u: &Unit<'_>) -> bool {
    SUFFIXES.contains(&u.text)
}

/// A group without the endings and the prefix, at least one unit of it. A prefix stays before a word that is too
/// short to be found inside the glued spelling.
fn bare<'u, 'a>(group: &'u [Unit<'a>]) -> &'u [Unit<'a>] {
    let mut rest = group;
    while let [_, .., last] = rest
        && is_suffix(last)
    {
        rest = rest.get(..rest.len() - 1).unwrap_or(rest);
    }
    if let [first, second, ..] = rest
        && is_prefix(first)
        && second.arabic.is_none_or(|n| n >= MIN_TAIL)
    {
        rest = rest.get(1..).unwrap_or(rest);
    }
    rest
}
