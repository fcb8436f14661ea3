//! Names of columns matched to fields, in both languages.

use peyvand_text::fold;

use crate::ExchangeError;

/// A field that a column may be meant for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// The field's key, as `job_title` or `name.given`.
    pub key: String,
    /// What it is called in the languages of the product.
    pub labels: Vec<String>,
    /// Other names it goes by.
    pub aliases: Vec<String>,
}

/// A proposed pair of column and field.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// Index of the column, from 0.
    pub header: usize,
    /// Key of the field.
    pub key: String,
    /// 1.0 for the key or a label itself, 0.95 for an alias, less for a likeness (at least [`MIN_SCORE`]).
    pub score: f32,
}

/// Likenesses below this are not proposed: they are wrong more often than right.
pub const MIN_SCORE: f32 = 0.75;

/// Longest name, in characters, that is compared by likeness.
const MAX_COMPARED: usize = 80;

/// A name as it is compared: folded as all text of the product is, with marks and underscores as spaces, camel case
/// taken apart, and the half space as no space.
pub fn normalise(name: &str) -> String {
    let mut spaced = String::with_capacity(name.len() + 8);
    let mut before_lower = false;
    for c in name.chars() {
        if c == '\u{200c}' || c == '\u{200d}' {
            continue;
        }
        if c.is_uppercase() && before_lower {
            spaced.push(' ');
        }
        before_lower = c.is_lowercase() || c.is_ascii_digit();
        spaced.push(c);
    }
    let folded = fold(&spaced);
    let words: String = folded
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let mut joined: Vec<&str> = Vec::new();
    for word in words.split_whitespace() {
        // e-mail is email
        if word.starts_with("mail") && joined.last() == Some(&"e") {
            joined.pop();
            joined.push(if word == "mails" { "emails" } else { "email" });
        } else {
            joined.push(word);
        }
    }
    joined.join(" ")
}

/// Proposes a field for each column that has one. Each column and each field is used once; the best pairs are taken
/// first, and of equals the one that stands first, so the same input always gives the same proposals. They come
/// in the order of the columns.
pub fn match_headers(headers: &[String], targets: &[Target]) -> Vec<Proposal> {
    let headers: Vec<String> = headers.iter().map(|header| normalise(header)).collect();
    let mut pairs = Vec::new();
    for (t, target) in targets.iter().enumerate() {
        let key = normalise(&target.key);
        let labels: Vec<String> = std::iter::once(key)
            .chain(target.labels.iter().map(|label| normalise(label)))
            .collect();
        let aliases: Vec<String> = target.aliases.iter().map(|alias| normalise(alias)).collect();
        for (h, header) in headers.iter().enumerate() {
            let score = score(header, &labels, &aliases);
            if score >= MIN_SCORE {
                pairs.push((score, h, t));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)).then(a.1.cmp(&b.1)));
    let mut header_used = vec![false; headers.len()];
    let mut target_used = vec![false; targets.len()];
    let mut proposals = Vec::new();
    for (score, h, t) in pairs {
        let (Some(hu), Some(tu), Some(target)) =
            (header_used.get_mut(h), target_used.get_mut(t), targets.get(t))
        else {
            continue;
        };
        if !*hu && !*tu {
            (*hu, *tu) = (true, true);
            proposals.push(Proposal {
                header: h,
                key: target.key.clone(),
                score,
            });
        }
    }
    proposals.sort_by_key(|proposal| proposal.header);
    proposals
}

/// Refuses a file that lacks one of the needed columns, compared as [`normalise`] does.
pub fn require(headers: &[String], needed: &[&str]) -> Result<(), ExchangeError> {
    let have: Vec<String> = headers.iter().map(|header| normalise(header)).collect();
    match needed.iter().find(|name| !have.contains(&normalise(name))) {
        None => Ok(()),
        Some(name) => Err(ExchangeError::MissingColumn {
            name: (*name).to_owned(),
        }),
    }
}

fn score(header: &str, labels: &[String], aliases: &[String]) -> f32 {
    if header.is_empty() {
        return 0.0;
    }
    if labels.iter().any(|label| label == header) {
        return 1.0;
    }
    if aliases.iter().any(|alias| alias == header) {
        return 0.95;
    }
    let like = labels
        .iter()
        .chain(aliases)
        .map(|name| likeness(header, name))
        .fold(0.0, f32::max);
    // never as sure as a name that is really known
    like * 0.9
}

/// How alike two normalised names are, from 0 to 1: the largest of the share of common words (Dice), the share of
/// common letter pairs (Dice) and the share of letters that no edit touches. Names of fewer than four letters are
/// only alike when they are equal, and names of more than [`MAX_COMPARED`] are not compared at all, since that takes
/// the square of their length.
fn likeness(a: &str, b: &str) -> f32 {
    if a == b {
        return 1.0;
    }
    let fits = |name: &str| (4..=MAX_COMPARED).contains(&name.chars().count());
    if !fits(a) || !fits(b) {
        return 0.0;
    }
    let pairs = |text: &str| {
        let chars: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
        chars
            .iter()
            .zip(chars.iter().skip(1))
            .map(|(a, b)| [*a, *b].iter().collect())
            .collect::<Vec<String>>()
    };
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<String>>();
    dice(pairs(a), pairs(b))
        .max(dice(words(a), words(b)) * 0.98)
        .max(untouched(a, b))
}

/// One minus the edits from one name to the other (optimal string alignment: insertions, deletions, replacements and
/// swaps of neighbours) by the length of the longer.
fn untouched(a: &str, b: &str) -> f32 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        let mut left = None;
        for (j, &y) in b.iter().enumerate() {
            let at = |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&last, j) + usize::from(x != y))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            if previous == Some(y) && left == Some(x) && j > 0 {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
            left = Some(y);
        }
        before = std::mem::replace(&mut last, row);
        previous = Some(x);
    }
    let edits = last.last().copied().unwrap_or(0);
    1.0 - edits as f32 / a.len().max(b.len()).max(1) as f32
}

/// Twice the common elements by all elements, elements counted as often as they occur.
fn dice(a: Vec<String>, b: Vec<String>) -> f32 {
    let all = a.len() + b.len();
    if all == 0 {
        return 0.0;
    }
    let mut rest = b;
    let mut common = 0;
    for element in a {
        if let Some(at) = rest.iter().position(|other| *other == element) {
            rest.swap_remove(at);
            common += 1;
        }
    }
    2.0 * common as f32 / all as f32
}
