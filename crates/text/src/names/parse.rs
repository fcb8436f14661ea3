//! Dividing full names.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::chars::is_arabic_letter;
use crate::clean::clean_line;
use crate::fold::fold;
use crate::names::titles::{PARTICLES, SECOND_WORDS, SUFFIXES};
use crate::names::{PersonName, is_family_ending, title_at};
use crate::translit::{FIRST_OF_DOUBLE, GIVEN_NAMES, key, similarity};

/// No name has more words; a longer text is not divided but taken for a family name.
const MAX_WORDS: usize = 16;

/// Folded Persian given names, and the keys of those that begin or end a double name.
struct Known {
    given: HashSet<String>,
    keys: HashSet<String>,
    first_keys: HashSet<String>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| Known {
    given: GIVEN_NAMES.iter().map(|(fa, _)| fold(fa)).collect(),
    keys: GIVEN_NAMES.iter().map(|(fa, _)| key(fa)).collect(),
    first_keys: FIRST_OF_DOUBLE.iter().map(|fa| key(fa)).collect(),
});

/// The parts of a full name as people write it, in either script: with titles, with the family name first and a
/// comma, with particles and suffixes. A guess, for a person to correct, as names are not regular.
///
/// Several Persian given names (محمد رضا) are told from the family name by a list of common ones and by the
/// endings of family names (پور, زاده, نژاد …). A single word is the family name, unless it is a common given name.
///
/// ```
/// use peyvand_text::names::parse;
/// let name = parse("جناب آقای دکتر سید محمد رضا احمدی نژاد");
/// assert_eq!(
///     (name.title.as_str(), name.given.as_str(), name.family.as_str()),
///     ("جناب آقای دکتر سید", "محمد رضا", "احمدی نژاد")
/// );
/// let name = parse("Dr. Ludwig van Beethoven Jr.");
/// assert_eq!((name.given.as_str(), name.family.as_str()), ("Ludwig", "van Beethoven"));
/// assert_eq!((name.title.as_str(), name.suffix.as_str()), ("Dr.", "Jr."));
/// ```
#[must_use]
pub fn parse(text: &str) -> PersonName {
    let line = clean_line(text);
    if line.split(' ').nth(MAX_WORDS).is_some() {
        return PersonName {
            family: line,
            ..PersonName::default()
        };
    }
    let mut name = PersonName::default();
    let mut suffixes = Vec::new();
    // "Smith, John, Jr.": what stands between commas, without suffixes and empty places
    let mut places: Vec<Vec<&str>> = Vec::new();
    for (i, place) in line.split([',', '،']).enumerate() {
        let mut words: Vec<&str> = place.split(' ').filter(|w| !fold(w).is_empty()).collect();
        // a family name may be one of the list (Junior): keep one word in the first place
        let keep = usize::from(i == 0);
        while words.len() > keep
            && let Some(suffix) = words.last().and_then(|w| suffix(w))
        {
            suffixes.insert(0, suffix);
            words.pop();
        }
        if !words.is_empty() {
            places.push(words);
        }
    }
    name.suffix = suffixes.join(" ");
    let mut titles = Vec::new();
    for place in &mut places {
        take_titles(place, &mut titles);
    }
    name.title = titles.join(" ");
    places.retain(|p| !p.is_empty());
    let Some((first, rest)) = places.split_first() else {
        // titles alone are a name: «استاد»
        name.family = std::mem::take(&mut name.title);
        return name;
    };
    if rest.is_empty() {
        divide(first, !name.title.is_empty(), &mut name);
    } else {
        name.family = first.join(" ");
        let given: Vec<&str> = rest.iter().flatten().copied().collect();
        let (given, middle) = given.split_at(given_len(&given, false));
        name.given = given.join(" ");
        name.middle = middle.join(" ");
    }
    name
}

/// Common given names by their [`key`].
static BY_KEY: LazyLock<HashMap<String, Vec<&'static str>>> = LazyLock::new(|| {
    let mut map: HashMap<String, Vec<&'static str>> = HashMap::new();
    for (fa, _) in GIVEN_NAMES {
        map.entry(key(fa)).or_default().push(fa);
    }
    map
});

/// Is this one of the common Persian given names, in either script?
pub(super) fn is_known_given(word: &str) -> bool {
    if word.chars().any(is_arabic_letter) {
        return KNOWN.given.contains(&fold(word));
    }
    let alike = |fa: &&str| similarity(fa, word) >= 0.95;
    BY_KEY
        .get(&key(word))
        .is_some_and(|names| names.iter().any(alike))
}

fn suffix(word: &str) -> Option<&'static str> {
    let folded = fold(&word.replace('.', ""));
    SUFFIXES
        .iter()
        .find(|(s, _)| *s == folded)
        .map(|(_, written)| *written)
}

/// Moves the titles from the front of the words to the list, in their usual spelling. The last word stays.
fn take_titles(words: &mut Vec<&str>, titles: &mut Vec<&'static str>) {
    loop {
        let folded: Vec<String> = words.iter().map(|w| fold(w)).collect();
        let Some((title, len)) = title_at(&folded) else {
            return;
        };
        if len >= words.len() {
            return;
        }
        let persian = words.first().is_some_and(|w| w.chars().any(is_arabic_letter));
        titles.push(if persian { title.fa } else { title.en });
        words.drain(..len);
    }
}

fn divide(words: &[&str], titled: bool, name: &mut PersonName) {
    let [only] = words else {
        let persian = words.iter().any(|w| w.chars().any(is_arabic_letter));
        let given = given_len(words, true);
        let (given, rest) = words.split_at(given);
        let family = if persian { 0 } else { family_start(rest) };
        let (middle, family) = rest.split_at(family);
        name.given = given.join(" ");
        name.middle = middle.join(" ");
        name.family = family.join(" ");
        return;
    };
    let part = if !titled && KNOWN.given.contains(&fold(only)) {
        &mut name.given
    } else {
        &mut name.family
    };
    (*only).clone_into(part);
}

/// How many words at the front are the given name, at least one; with `leave` at least one word is left for the
/// family name.
fn given_len(words: &[&str], leave: bool) -> usize {
    let limit = words.len() - usize::from(leave && words.len() > 1);
    let persian = words.iter().any(|w| w.chars().any(is_arabic_letter));
    let folded: Vec<String> = words.iter().map(|w| fold(w)).collect();
    let word = |i: usize| folded.get(i).map_or("", String::as_str);
    let mut len = 1;
    while len < limit {
        let next = word(len);
        let goes_on = if persian {
            let before_ending = is_family_ending(word(len + 1));
            SECOND_WORDS.contains(&next)
                || word(len - 1) == "عبد"
                || KNOWN.given.contains(next) && !before_ending && !is_family_ending(next)
        } else {
            let double = KNOWN.first_keys.contains(&key(word(0))) && KNOWN.keys.contains(&key(next));
            len == 1 && double && next.len() > 1 && !PARTICLES.contains(&next)
        };
        if !goes_on {
            break;
        }
        len += 1;
    }
    // all that is left is an ending: it belongs to the word before it
    if leave && len > 1 && len + 1 == words.len() && is_family_ending(word(len)) {
        len -= 1;
    }
    len.min(words.len())
}

/// Where the family name begins among the words after the given name: at the first particle, or at the last word;
/// two Persian words with an ending belong together.
fn family_start(words: &[&str]) -> usize {
    let folded: Vec<String> = words.iter().map(|w| fold(w)).collect();
    let last = words.len().saturating_sub(1);
    if let Some(at) = folded.iter().position(|w| PARTICLES.contains(&w.as_str()))
        && at < last
    {
        return at;
    }
    let ending = folded.last().is_some_and(|w| is_family_ending(w));
    if ending && last > 0 { last - 1 } else { last }
}
