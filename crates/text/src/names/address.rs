//! Forms of address.

use serde::{Deserialize, Serialize};

use crate::direction::Language;
use crate::names::titles::{Kind, Title};
use crate::names::{PersonName, spaced, titles_of};
use crate::translit::to_latin;

/// The gender of a person, as far as forms of address need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    /// A woman.
    Woman,
    /// A man.
    Man,
    /// Another, or not told: forms that say nothing of it.
    #[default]
    Unspecified,
}

/// How formally a person is addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formality {
    /// By title and family name.
    #[default]
    Formal,
    /// By given name.
    Informal,
}

/// How to address a person at the head of a message, without greeting or comma. Languages other than Persian get
/// the English form.
///
/// | | woman | man | unspecified |
/// |---|---|---|---|
/// | Persian, formal | سرکار خانم دکتر احمدی | جناب آقای دکتر احمدی | دکتر رضا احمدی گرامی |
/// | Persian, informal | سارای عزیز | رضای عزیز | رضای عزیز |
/// | English, formal | Dr. Smith, Ms. Smith | Dr. Smith, Mr. Smith | Dr. Smith, Jo Smith |
/// | English, informal | Jo | Jo | Jo |
///
/// A gender that is unspecified is not guessed from the given name, but taken from a title that tells it (آقای,
/// Mrs.). Without the name that a form needs, the other one serves. Persian names are spelled in Latin letters for
/// the English form. Empty for an empty name.
///
/// ```
/// use peyvand_text::Language;
/// use peyvand_text::names::{Formality, Gender, address_form, parse};
/// let name = parse("دکتر رضا احمدی");
/// let form = |gender, formality, language| address_form(&name, gender, formality, language);
/// assert_eq!(form(Gender::Man, Formality::Formal, Language::Fa), "جناب آقای دکتر احمدی");
/// assert_eq!(form(Gender::Unspecified, Formality::Formal, Language::Fa), "دکتر رضا احمدی گرامی");
/// assert_eq!(form(Gender::Man, Formality::Informal, Language::Fa), "رضای عزیز");
/// assert_eq!(form(Gender::Man, Formality::Formal, Language::En), "Dr. Ahmadi");
/// ```
#[must_use]
pub fn address_form(name: &PersonName, gender: Gender, formality: Formality, language: Language) -> String {
    let gender = match gender {
        Gender::Unspecified => name.told_gender().unwrap_or_default(),
        told => told,
    };
    if language == Language::Fa {
        persian(name, gender, formality)
    } else {
        english(name, gender, formality)
    }
}

/// The titles that stay before a family name.
fn professions(name: &PersonName, written: impl Fn(&Title) -> &'static str) -> String {
    let titles = titles_of(&name.title);
    let mut kept: Vec<&str> = titles
        .into_iter()
        .filter(|t| t.kind == Kind::Profession)
        .map(written)
        .filter(|t| !t.is_empty())
        .collect();
    kept.dedup();
    kept.join(" ")
}

fn persian(name: &PersonName, gender: Gender, formality: Formality) -> String {
    let PersonName { given, family, .. } = name;
    if given.is_empty() && family.is_empty() {
        return String::new();
    }
    if formality == Formality::Informal && !given.is_empty() {
        return format!("{} عزیز", with_ezafe(given));
    }
    let titles = professions(name, |t| t.fa);
    let called = if family.is_empty() { given } else { family };
    match gender {
        Gender::Woman => spaced(&["سرکار خانم", &titles, called]),
        Gender::Man => spaced(&["جناب آقای", &titles, called]),
        Gender::Unspecified => spaced(&[&titles, given, family, "گرامی"]),
    }
}

/// The word with the ezafe where the script must show it: ی after a final ا. After و and ه it depends on the sound,
/// which the script does not tell, and is commonly left out.
///
/// ```
/// use peyvand_text::names::with_ezafe;
/// assert_eq!((with_ezafe("نما"), with_ezafe("شرکت")), ("نمای".to_owned(), "شرکت".to_owned()));
/// ```
#[must_use]
pub fn with_ezafe(word: &str) -> String {
    if word.ends_with('ا') {
        format!("{word}ی")
    } else {
        word.to_owned()
    }
}

fn english(name: &PersonName, gender: Gender, formality: Formality) -> String {
    let (given, family) = (to_latin(&name.given), to_latin(&name.family));
    if given.is_empty() && family.is_empty() {
        return String::new();
    }
    if formality == Formality::Informal && !given.is_empty() {
        return given;
    }
    // one title: the first is the highest in rank as written
    let title = professions(name, |t| t.en);
    let title = title.split(' ').next().unwrap_or_default();
    let called = if family.is_empty() { &given } else { &family };
    match gender {
        _ if !title.is_empty() => spaced(&[title, called]),
        Gender::Woman => spaced(&["Ms.", called]),
        Gender::Man => spaced(&["Mr.", called]),
        Gender::Unspecified => spaced(&[&given, &family]),
    }
}
