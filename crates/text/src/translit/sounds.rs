//! Names as rows of sounds, the common ground of the two scripts.

use crate::chars::{ZWNJ, is_dropped_by_fold, unify_letter};
use crate::clean::clean;
use crate::fold::fold;
use crate::translit::given_names::{LATIN_ALIASES, PERSIAN_ALIASES};

/// How many sounds of a name are looked at.
const MAX_SOUNDS: usize = 64;
/// How many characters of a text can matter to so many sounds.
const MAX_CHARS: usize = 512;

/// A sound of a name. What the Persian script leaves open stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sound {
    /// A consonant, by its plain Latin letter; `x` خ, `c` چ, `S` ش, `Z` ژ, `q` ق and غ.
    Consonant(u8),
    /// A vowel of the Latin script: a, e, i, o, u, and U for ou and oo.
    Vowel(u8),
    /// Alef inside a word, or آ.
    Alef,
    /// Vav inside a word: u, o, ou, v.
    Vav,
    /// Ye inside a word: i, ei, y.
    Ye,
    /// A silent ه at the end: e or a.
    FinalHe,
    /// A short vowel on ا or ع at the start.
    Onset,
    /// The vowel before the article in a compound (the o of Abdollah), which the script may show as alef.
    Link,
}

/// The sounds of a name, and whether it is written in the Arabic script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sounds {
    pub(crate) row: Vec<Sound>,
    pub(crate) persian: bool,
}

pub(crate) fn sounds(name: &str) -> Sounds {
    let start = name
        .char_indices()
        .nth(MAX_CHARS)
        .map_or(name, |(end, _)| name.get(..end).unwrap_or(name));
    let persian = start.chars().any(crate::chars::is_arabic_letter);
    let mut row = Vec::new();
    if persian {
        let text: String = clean(start)
            .chars()
            .map(|c| if c == ZWNJ { ' ' } else { c })
            .filter(|&c| !is_dropped_by_fold(c))
            .map(|c| if c == 'آ' { c } else { unify_letter(c) })
            .collect();
        for word in text.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()) {
            let word = PERSIAN_ALIASES
                .iter()
                .find(|(from, _)| *from == word)
                .map_or(word, |(_, to)| *to);
            persian_word(word, &mut row);
        }
    } else {
        latin_name(&fold(start), &mut row);
    }
    row.truncate(MAX_SOUNDS);
    Sounds { row, persian }
}

fn persian_consonant(c: char) -> Option<u8> {
    Some(match c {
        'ب' => b'b',
        'پ' => b'p',
        'ت' | 'ط' => b't',
        'ث' | 'س' | 'ص' => b's',
        'ج' => b'j',
        'چ' => b'c',
        'ح' | 'ه' => b'h',
        'خ' => b'x',
        'د' => b'd',
        'ذ' | 'ز' | 'ض' | 'ظ' => b'z',
        'ر' => b'r',
        'ژ' => b'Z',
        'ش' => b'S',
        'غ' | 'ق' => b'q',
        'ف' => b'f',
        'ک' => b'k',
        'گ' => b'g',
        'ل' => b'l',
        'م' => b'm',
        'ن' => b'n',
        _ => return None,
    })
}

/// The letters to which the l of the Arabic article is assimilated.
const SUN_LETTERS: &str = "تثدذرزسشصضطظلن";

fn persian_word(word: &str, row: &mut Vec<Sound>) {
    let w: Vec<char> = word.chars().collect();
    let at = |i: usize| w.get(i).copied();
    let at_start = |row: &Vec<Sound>| row.is_empty();
    let mut i = 0;
    while let Some(c) = at(i) {
        let last = i + 1 == w.len();
        let first = i == 0;
        if w.get(i..)
            .is_some_and(|rest| rest.starts_with(&['ا', 'ل', 'ل', 'ه']))
        {
            row.push(if at_start(row) { Sound::Onset } else { Sound::Link });
            row.extend([Sound::Consonant(b'l'), Sound::Alef]);
            i += 4;
            continue;
        }
        // the article inside a compound: نورالدین, عبدالرحمان
        let article = c == 'ا' && at(i + 1) == Some('ل') && !at_start(row) && w.len() > i + 3;
        let assimilates = at(i + 2).is_some_and(|s| SUN_LETTERS.contains(s));
        let of_din = w.get(i + 2..i + 5) == Some(&['د', 'ی', 'ن']);
        if article && (of_din || assimilates && w.get(..i).is_some_and(|b| b.ends_with(&['ع', 'ب', 'د'])))
        {
            row.push(Sound::Link);
            i += 2;
            continue;
        }
        match c {
            'ا' if first && at(i + 1) == Some('ی') => {
                row.push(Sound::Ye);
                i += 1;
            }
            'ا' if first && at(i + 1) == Some('و') => {
                row.push(Sound::Vav);
                i += 1;
            }
            'ا' | 'ع' if first => row.push(if at_start(row) { Sound::Onset } else { Sound::Link }),
            'آ' | 'ا' => row.push(Sound::Alef),
            'و' if first => row.push(Sound::Consonant(b'v')),
            // the silent vav of خواجه
            'و' if at(i + 1) == Some('ا') && i > 0 && at(i - 1) == Some('خ') => {}
            'و' => row.push(Sound::Vav),
            'ی' if first => row.push(Sound::Consonant(b'y')),
            // رضایی, Rezaei
            'ی' if last && row.last() == Some(&Sound::Ye) => {}
            'ی' => row.push(Sound::Ye),
            'ه' | 'ح' if last && i > 0 => {
                let after_vowel = matches!(at(i - 1), Some('ا' | 'و' | 'ی' | 'آ'));
                if c == 'ه' && !after_vowel {
                    row.push(Sound::FinalHe);
                }
            }
            'ن' if matches!(at(i + 1), Some('ب' | 'پ')) => row.push(Sound::Consonant(b'm')),
            _ => row.extend(persian_consonant(c).map(Sound::Consonant)),
        }
        i += 1;
    }
}

/// Spellings of one sound by several letters, the longest first.
const LATIN_GROUPS: &[(&str, Sound)] = &[
    ("tsch", Sound::Consonant(b'c')),
    ("sch", Sound::Consonant(b'S')),
    ("tch", Sound::Consonant(b'c')),
    ("dzh", Sound::Consonant(b'j')),
    ("ch", Sound::Consonant(b'c')),
    ("ck", Sound::Consonant(b'k')),
    ("dh", Sound::Consonant(b'z')),
    ("dj", Sound::Consonant(b'j')),
    ("gh", Sound::Consonant(b'q')),
    ("kh", Sound::Consonant(b'x')),
    ("ph", Sound::Consonant(b'f')),
    ("sh", Sound::Consonant(b'S')),
    ("th", Sound::Consonant(b't')),
    ("zh", Sound::Consonant(b'Z')),
    ("aa", Sound::Vowel(b'a')),
    ("ee", Sound::Vowel(b'i')),
    ("ii", Sound::Vowel(b'i')),
    ("oo", Sound::Vowel(b'U')),
    ("ou", Sound::Vowel(b'U')),
    ("uu", Sound::Vowel(b'U')),
];

fn is_vowel(b: Option<&u8>) -> bool {
    matches!(b, Some(b'a' | b'e' | b'i' | b'o' | b'u'))
}

fn latin_name(folded: &str, row: &mut Vec<Sound>) {
    for word in folded.split(' ') {
        let word = LATIN_ALIASES
            .iter()
            .find(|(from, _)| *from == word)
            .map_or(word, |(_, to)| *to);
        latin_word(word, row);
    }
    assimilate(row);
}

fn latin_word(word: &str, row: &mut Vec<Sound>) {
    let w: Vec<u8> = word.bytes().filter(u8::is_ascii_lowercase).collect();
    let begin = row.len();
    let mut i = 0;
    while let Some(&b) = w.get(i) {
        let rest = w.get(i..).unwrap_or_default();
        if let Some((letters, sound)) = LATIN_GROUPS.iter().find(|(l, _)| rest.starts_with(l.as_bytes())) {
            row.push(*sound);
            i += letters.len();
            continue;
        }
        let next = w.get(i + 1);
        let sound = match b {
            b'a' | b'e' | b'i' | b'o' | b'u' => Sound::Vowel(b),
            // Rezayi is Rezai
            b'y' if i > 0 && next == Some(&b'i') => {
                i += 1;
                continue;
            }
            b'y' if i > 0 && !is_vowel(next) && next != Some(&b'y') => Sound::Vowel(b'i'),
            b'h' if next.is_none() && i > 0 && is_vowel(w.get(i - 1)) => break,
            b'n' if matches!(next, Some(b'b' | b'p')) => Sound::Consonant(b'm'),
            b'w' => Sound::Consonant(b'v'),
            b'c' if matches!(next, Some(b'e' | b'i' | b'y')) => Sound::Consonant(b's'),
            b'c' => Sound::Consonant(b'k'),
            b'x' if i == 0 => Sound::Consonant(b'x'),
            b'x' => {
                row.push(Sound::Consonant(b'k'));
                Sound::Consonant(b's')
            }
            _ => Sound::Consonant(b),
        };
        // next to an i, an e says nothing: Saeid, Saied, Said
        if sound == Sound::Vowel(b'i') && row.len() > begin && row.last() == Some(&Sound::Vowel(b'e')) {
            row.pop();
        }
        if sound == Sound::Vowel(b'e') && row.len() > begin && row.last() == Some(&Sound::Vowel(b'i')) {
            i += 1;
            continue;
        }
        // a doubled consonant is one
        if !(row.len() > begin && row.last() == Some(&sound) && matches!(sound, Sound::Consonant(_))) {
            row.push(sound);
        }
        i += 1;
    }
}

/// Takes out the l of the article where the next consonant swallows it: Abdolrahman as Abdorrahman, al-Din as
/// ed-Din.
fn assimilate(row: &mut Vec<Sound>) {
    use Sound::{Consonant, Vowel};
    let abd = [Vowel(b'a'), Consonant(b'b'), Consonant(b'd')];
    let mut i = 1;
    while i + 2 < row.len() {
        let article = matches!(row.get(i - 1..=i), Some([Vowel(_), Consonant(b'l')]));
        let after_abd = row.get(..i - 1).is_some_and(|before| before.ends_with(&abd));
        let sun = matches!(
            row.get(i + 1),
            Some(Consonant(b't' | b's' | b'd' | b'z' | b'r' | b'S' | b'n'))
        );
        let din = matches!(
            row.get(i + 1..),
            Some([Consonant(b'd'), Vowel(b'i' | b'e'), Consonant(b'n'), ..])
        );
        if article && (after_abd && sun || din && i > 1) {
            row.remove(i);
        }
        i += 1;
    }
    // the vowel before Din is any: Nureddin, Nouroddin, Nour al-Din
    if let [.., link @ Vowel(_), Consonant(b'd'), Vowel(_), Consonant(b'n')] = row.as_mut_slice() {
        *link = Sound::Link;
    }
}
