//! Names across the scripts: a Latin spelling of Persian names, and a measure of how likely two spellings are of
//! one name.
//!
//! The Persian script leaves short vowels out and has several letters for one sound; the Latin script has several
//! spellings for one Persian sound. So a name becomes a row of sounds in which the open stays open, and two rows
//! are aligned: consonants count in full, written vowels half, vowels that one script cannot show hardly at all.

mod family_names;
mod given_names;
mod latin;
mod sounds;

pub(crate) use family_names::FAMILY_NAMES;
pub(crate) use given_names::{FAMILY_ENDINGS, FIRST_OF_DOUBLE, GIVEN_NAMES};
pub use latin::{slug, to_latin};
use sounds::{Sound, sounds};

/// Two names with at least this [`similarity`] are probably spellings of one name.
pub const PROBABLY_SAME: f32 = 0.85;

/// The consonants of a name, equal for the spellings of one name in either script, for looking candidates up.
/// Different names may share a key: [`similarity`] tells them apart by their vowels.
///
/// A vowel at the start shows as `a`; v and y show only at the start, as elsewhere they may be vowels.
///
/// ```
/// use peyvand_text::translit::key;
/// assert_eq!(key("محمدرضا"), key("Mohammad Reza"));
/// assert_eq!(key("محمدرضا"), key("Mohamadreza"));
/// assert_eq!(key("جلیلی"), key("Djalili"));
/// ```
#[must_use]
pub fn key(name: &str) -> String {
    let mut key = String::new();
    for (i, sound) in sounds(name).row.iter().enumerate() {
        let letter = match *sound {
            Sound::Consonant(b'v' | b'y') if i > 0 => continue,
            // نژاد is Nejad as often as Nezhad
            Sound::Consonant(b'Z') => 'j',
            Sound::Consonant(c) => char::from(c),
            _ if i == 0 => 'a',
            _ => continue,
        };
        if !key.ends_with(letter) {
            key.push(letter);
        }
    }
    key
}

/// How likely two spellings, in the same or in different scripts, are of the same name: 0 not at all, 1 as good
/// as certain, from [`PROBABLY_SAME`] on probably. Symmetric. Looks at the first 64 sounds.
///
/// ```
/// use peyvand_text::translit::{PROBABLY_SAME, similarity};
/// assert!(similarity("حسین", "Hussein") > PROBABLY_SAME);
/// assert!(similarity("حسین", "Hassan") < PROBABLY_SAME);
/// ```
#[must_use]
pub fn similarity(a: &str, b: &str) -> f32 {
    let (a, b) = (sounds(a), sounds(b));
    if a.row.is_empty() || b.row.is_empty() {
        return 0.0;
    }
    let cross = a.persian != b.persian;
    let consonants = |row: &[Sound]| row.iter().filter(|s| matches!(s, Sound::Consonant(_))).count();
    let size = consonants(&a.row).max(consonants(&b.row)) as f32;
    (1.0 - distance(&a.row, &b.row, cross) / size.clamp(2.0, 4.5)).max(0.0)
}

/// The cost of the cheapest alignment of two rows.
fn distance(a: &[Sound], b: &[Sound], cross: bool) -> f32 {
    let gap = |s: Sound, row: &[Sound], i: usize| {
        let doubled = i > 0 && row.get(i - 1) == Some(&s);
        gap_cost(s, cross) * if doubled { 0.3 } else { 1.0 }
    };
    // rows of the table for the prefixes of `a` without the last one, and for the prefix at hand
    let mut above: Vec<f32> = vec![0.0];
    for (j, &s) in b.iter().enumerate() {
        above.push(above.get(j).copied().unwrap_or(0.0) + gap(s, b, j));
    }
    let mut before = above.clone();
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(above.first().copied().unwrap_or(0.0) + gap(x, a, i));
        for (j, &y) in b.iter().enumerate() {
            let read = |row: &Vec<f32>, k: usize| row.get(k).copied().unwrap_or(f32::INFINITY);
            // the vowel at the start is the least certain: Ebrahim, Ibrahim
            let start = if i == 0 && j == 0 { 0.4 } else { 1.0 };
            let is_vowel = |s| !matches!(s, Sound::Consonant(_));
            let weight = if is_vowel(x) && is_vowel(y) { start } else { 1.0 };
            let mut best = (read(&above, j) + weight * swap_cost(x, y, cross))
                .min(read(&above, j + 1) + gap(x, a, i))
                .min(read(&row, j) + gap(y, b, j));
            // one vav for v and the vowel after it (داود, Davoud), one ye for i and y
            if j > 0 && b.get(j - 1).is_some_and(|&p| is_spelled_out(x, p, y)) {
                best = best.min(read(&above, j - 1));
            }
            if i > 0 && a.get(i - 1).is_some_and(|&p| is_spelled_out(y, p, x)) {
                best = best.min(read(&before, j));
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(f32::INFINITY)
}

/// Whether a Persian letter stands for two Latin sounds.
fn is_spelled_out(persian: Sound, first: Sound, second: Sound) -> bool {
    use Sound::{Consonant, Vav, Vowel, Ye};
    match persian {
        Vav => matches!(
            (first, second),
            (Consonant(b'v'), Vowel(b'o' | b'u' | b'U'))
                | (Vowel(b'o' | b'a'), Vowel(b'u' | b'U'))
                | (Vowel(b'o'), Consonant(b'v'))
        ),
        Ye => {
            matches!(
                (first, second),
                (Vowel(b'i'), Consonant(b'y')) | (Vowel(b'e' | b'a'), Vowel(b'i'))
            )
        }
        _ => false,
    }
}

/// What it costs that only one of the two names has this sound.
#[expect(clippy::match_same_arms, reason = "a list of prices, one sound a line")]
fn gap_cost(s: Sound, cross: bool) -> f32 {
    match s {
        Sound::Consonant(b'h') => 0.5,
        Sound::Consonant(b'v' | b'y') => 0.6,
        Sound::Consonant(_) => 1.0,
        Sound::Vowel(b'a' | b'e' | b'o') => {
            if cross {
                0.04
            } else {
                0.35
            }
        }
        // the u of Muhammad, which the Persian script does not show
        Sound::Vowel(b'u') if cross => 0.15,
        Sound::Vowel(_) | Sound::Alef | Sound::Vav | Sound::Ye => 0.7,
        Sound::FinalHe => {
            if cross {
                0.1
            } else {
                0.4
            }
        }
        Sound::Onset => 0.6,
        Sound::Link => 0.04,
    }
}

/// What it costs that one name has this sound where the other has that one.
#[expect(
    clippy::match_same_arms,
    reason = "a list of prices, one pair of sounds a line"
)]
fn swap_cost(x: Sound, y: Sound, cross: bool) -> f32 {
    let one_way = |x: Sound, y: Sound| -> Option<f32> {
        use Sound::{Alef, Consonant, FinalHe, Link, Onset, Vav, Vowel, Ye};
        Some(match (x, y) {
            (Consonant(a), Consonant(b)) => {
                let near = matches!(
                    (a, b),
                    (b'q', b'k' | b'g')
                        | (b'x', b'h' | b'k')
                        | (b'Z', b'z')
                        | (b'j', b'g' | b'y')
                        | (b'S', b'c' | b's')
                        | (b's', b'z' | b't')
                        | (b't', b'd')
                        | (b'b', b'p')
                        | (b'v', b'f' | b'b')
                );
                if (a, b) == (b'Z', b'j') {
                    0.1
                } else if near {
                    0.5
                } else {
                    return None;
                }
            }
            (Vav, Consonant(b'v')) | (Ye, Consonant(b'y')) => 0.0,
            (Vowel(b'u' | b'U' | b'o'), Consonant(b'v')) | (Vowel(b'i' | b'e'), Consonant(b'y')) => 0.3,
            (Vowel(a), Vowel(b)) => match (a, b) {
                (b'a', b'e') => 0.2,
                (b'o' | b'U', b'u') => 0.1,
                (b'o', b'U') => 0.25,
                (b'e', b'i') | (b'a', b'o') => 0.45,
                _ => return None,
            },
            (Alef, Vowel(b'a')) => 0.0,
            (Alef, Vowel(b'o')) => 0.3,
            (Alef, Vowel(_)) => 0.6,
            (Vav, Vowel(b'u' | b'U' | b'o')) => 0.0,
            (Vav, Vowel(_)) => 0.6,
            (Ye, Vowel(b'i')) => 0.0,
            (Ye, Vowel(b'e')) => 0.5,
            (Ye, Vowel(_)) => 0.65,
            (FinalHe, Vowel(b'e' | b'a')) => 0.0,
            (FinalHe, Vowel(_)) => 0.5,
            (Onset, Vowel(b'a' | b'e' | b'o')) => 0.0,
            (Onset, Vowel(_)) => 0.15,
            (Onset, Alef) => 0.2,
            (Onset, Vav | Ye) => 0.4,
            (Link, Vowel(_) | Alef | Onset) => 0.0,
            (Alef, FinalHe) => 0.4,
            (Alef | Vav, Vav | Ye) => 0.6,
            _ => return None,
        })
    };
    if x == y {
        return 0.0;
    }
    // what has no price together is a gap on either side
    one_way(x, y)
        .or_else(|| one_way(y, x))
        .unwrap_or_else(|| gap_cost(x, cross) + gap_cost(y, cross))
}
