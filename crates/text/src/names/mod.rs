//! Names of persons in Persian and Latin script: parts, how to show them, how to address their bearers.

mod address;
mod find;
mod parse;
mod titles;

use serde::{Deserialize, Serialize};

pub use address::{Formality, Gender, address_form, with_ezafe};
pub use find::find_names;
pub use parse::parse;
use titles::{TITLES, Title};

use crate::chars::is_arabic_letter;
use crate::fold::fold;
use crate::translit::{FAMILY_ENDINGS, key};

/// A name in parts; a part that is missing is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PersonName {
    /// Titles before the name, in their usual spelling: «دکتر سید», `Dr.`
    pub title: String,
    /// Given name or names.
    pub given: String,
    /// Middle names; Persian names have none.
    pub middle: String,
    /// Family name with its particles and endings.
    pub family: String,
    /// What follows the name: `Jr.`, `PhD`.
    pub suffix: String,
}

impl PersonName {
    /// Whether the name is written in the Arabic script.
    #[must_use]
    pub fn is_persian(&self) -> bool {
        self.given
            .chars()
            .chain(self.family.chars())
            .any(is_arabic_letter)
    }

    /// The gender that the titles tell, if they do: آقای, خانم, Mr., Mrs.
    #[must_use]
    pub fn told_gender(&self) -> Option<Gender> {
        let told = |t: &Title| {
            t.woman
                .map(|woman| if woman { Gender::Woman } else { Gender::Man })
        };
        titles_of(&self.title).into_iter().find_map(told)
    }
}

/// How a name is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameStyle {
    /// Everything, in the order of speech: «دکتر رضا احمدی», `Dr. John Q. Smith Jr.`
    Full,
    /// Given, middle and family name.
    #[default]
    Plain,
    /// For lists by family name: «احمدی، رضا», `Smith, John`.
    FamilyFirst,
    /// Initial and family name: «ر. احمدی», `J. Smith`.
    Short,
}

/// The name as one line of text.
///
/// ```
/// use peyvand_text::names::{NameStyle, display, parse};
/// let name = parse("دکتر رضا احمدی");
/// assert_eq!(display(&name, NameStyle::Full), "دکتر رضا احمدی");
/// assert_eq!(display(&name, NameStyle::FamilyFirst), "احمدی، رضا");
/// assert_eq!(display(&parse("Dr. John Smith"), NameStyle::Short), "J. Smith");
/// ```
#[must_use]
pub fn display(name: &PersonName, style: NameStyle) -> String {
    let PersonName {
        title,
        given,
        middle,
        family,
        suffix,
    } = name;
    match style {
        NameStyle::Full => spaced(&[title, given, middle, family, suffix]),
        NameStyle::Plain => spaced(&[given, middle, family]),
        NameStyle::FamilyFirst => {
            let rest = spaced(&[given, middle]);
            if family.is_empty() || rest.is_empty() {
                return spaced(&[family, &rest]);
            }
            let comma = if name.is_persian() { "،" } else { "," };
            format!("{family}{comma} {rest}")
        }
        NameStyle::Short => match given.chars().next() {
            Some(initial) if !family.is_empty() => format!("{initial}. {family}"),
            _ => spaced(&[given, family]),
        },
    }
}

/// A key that is equal for spellings of one full name, in either script, for finding doubles: the consonants of
/// given and family name (see [`key`]), without titles, سید, the ending زاده and spaces.
///
/// Candidates of equal keys are compared by [`crate::translit::similarity`]. Empty for a text without a name.
///
/// ```
/// use peyvand_text::names::match_key;
/// assert_eq!(match_key("دکتر سید محمّدرضا رضائي"), match_key("Mohammad-Reza Rezaei"));
/// assert_eq!(match_key("علی حسین‌زاده"), match_key("حسین زاده، علی"));
/// ```
#[must_use]
pub fn match_key(name: &str) -> String {
    let name = parse(name);
    let family = fold(&name.family);
    let stem = ["زاده", "zadeh", "zade"]
        .iter()
        .find_map(|ending| family.strip_suffix(ending));
    let family = match stem {
        Some(stem) if !stem.trim().is_empty() => stem.trim_end(),
        _ => family.as_str(),
    };
    let mut parts = [key(&spaced(&[&name.given, &name.middle])), key(family)];
    parts.sort_by_key(String::is_empty);
    parts.join(" ").trim_end().to_owned()
}

fn spaced(parts: &[&str]) -> String {
    parts
        .iter()
        .filter(|p| !p.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The title that a row of folded words begins with, and how many words it takes.
fn title_at(words: &[String]) -> Option<(&'static Title, usize)> {
    let mut best: Option<(&Title, usize)> = None;
    for title in TITLES {
        for spelling in title.spellings {
            let len = spelling.split(' ').count();
            let matches = words.len() >= len && spelling.split(' ').zip(words).all(|(s, w)| s == w);
            if matches && best.is_none_or(|(_, longest)| len > longest) {
                best = Some((title, len));
            }
        }
    }
    best
}

/// The titles that a stored title consists of.
fn titles_of(title: &str) -> Vec<&'static Title> {
    let words: Vec<String> = fold(&title.replace('\u{200C}', " "))
        .split(' ')
        .map(str::to_owned)
        .collect();
    let mut titles = Vec::new();
    let mut rest = words.as_slice();
    while let Some((_, tail)) = rest.split_first() {
        if let Some((title, len)) = title_at(rest) {
            titles.push(title);
            rest = rest.get(len..).unwrap_or_default();
        } else {
            rest = tail;
        }
    }
    titles
}

/// Whether a folded word is the ending of a family name, as پور and نژاد are.
fn is_family_ending(word: &str) -> bool {
    FAMILY_ENDINGS
        .iter()
        .any(|(fa, latin)| *latin == word || fold(fa) == word)
}
