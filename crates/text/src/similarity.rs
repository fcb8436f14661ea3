//! How alike two texts are.

use crate::fold::fold;

/// How many characters of each text are compared; the measure takes quadratic time and is for names and titles.
const MAX_CHARS: usize = 256;

/// The Jaro–Winkler similarity of the [`fold`]s of two texts, 0 to 1: 1 for equal folds, 0 if either is empty and
/// the other not. Prefix weight 0.1 for up to four characters, as in Winkler (1990). Compares the first 256
/// characters.
///
/// ```
/// use peyvand_text::similarity;
/// assert_eq!(similarity("كتاب", "کتاب"), 1.0);
/// assert!((similarity("MARTHA", "marhta") - 0.961).abs() < 0.001);
/// ```
#[must_use]
pub fn similarity(a: &str, b: &str) -> f32 {
    let start = |text: &str| -> Vec<char> {
        let end = text
            .char_indices()
            .nth(4 * MAX_CHARS)
            .map_or(text.len(), |(end, _)| end);
        fold(text.get(..end).unwrap_or(text))
            .chars()
            .take(MAX_CHARS)
            .collect()
    };
    let (a, b) = (start(a), start(b));
    if a == b {
        return 1.0;
    }
    let jaro = jaro(&a, &b);
    let prefix = a.iter().zip(&b).take(4).take_while(|(x, y)| x == y).count();
    jaro + prefix as f32 * 0.1 * (1.0 - jaro)
}

fn jaro(a: &[char], b: &[char]) -> f32 {
    let window = (a.len().max(b.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; b.len()];
    let mut of_a = Vec::new();
    for (i, c) in a.iter().enumerate() {
        let low = i.saturating_sub(window);
        let candidates = b
            .iter()
            .zip(taken.iter_mut())
            .skip(low)
            .take(i + window + 1 - low);
        for (d, taken) in candidates {
            if c == d && !*taken {
                *taken = true;
                of_a.push(*c);
                break;
            }
        }
    }
    if of_a.is_empty() {
        return 0.0;
    }
    let of_b = b.iter().zip(&taken).filter(|(_, t)| **t).map(|(c, _)| c);
    let transposed = of_a.iter().zip(of_b).filter(|(x, y)| x != y).count() as f32 / 2.0;
    let matches = of_a.len() as f32;
    (matches / a.len() as f32 + matches / b.len() as f32 + (matches - transposed) / matches) / 3.0
}
