//! Finding what can be read in a running text: amounts, dates and names are tried on a few words at a time.

use std::ops::Range;

/// What stands before a word without belonging to it.
const OPENING: &[char] = &['(', '[', '{', '«', '"', '\'', '“', '‘'];
/// What ends a phrase: nothing is read across it.
const CLOSING: &[char] = &[
    ')', ']', '}', '»', '"', '\'', '”', '’', '،', '؛', ',', ';', ':', '.', '!', '?', '؟', '…',
];

struct Word {
    span: Range<usize>,
    ends_phrase: bool,
}

fn words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut start = 0;
    for part in text.split_inclusive(char::is_whitespace) {
        let at = start;
        start += part.len();
        let word = part.trim_end_matches(char::is_whitespace);
        let opened = word.trim_start_matches(OPENING);
        let closed = opened.trim_end_matches(CLOSING);
        let broken = part.len() > word.len() && part.ends_with('\n');
        if opened.len() < word.len()
            && let Some(last) = out.last_mut()
        {
            last.ends_phrase = true;
        }
        if closed.is_empty() {
            if let Some(last) = out.last_mut() {
                last.ends_phrase |= broken || !word.is_empty();
            }
            continue;
        }
        let from = at + (word.len() - opened.len());
        out.push(Word {
            span: from..from + closed.len(),
            ends_phrase: broken || closed.len() < opened.len(),
        });
    }
    out
}

/// What `read` makes of the text, trying from each word on the longest run of at most `most` words first. Finds do not
/// overlap, stand in the order of the text, and never reach across a comma or the end of a sentence. Calls `read` at
/// most `most` times for each word.
///
/// ```
/// use peyvand_numbers::find;
/// let found = find("one (two three), four", 2, |s| s.contains('t').then(|| s.len()));
/// assert_eq!(found, [(5..14, 9)]);
/// ```
pub fn find<T>(text: &str, most: usize, mut read: impl FnMut(&str) -> Option<T>) -> Vec<(Range<usize>, T)> {
    let words = words(text);
    let mut out = Vec::new();
    let mut i = 0;
    while let Some(first) = words.get(i) {
        let rest = words.get(i..).unwrap_or_default();
        let phrase = rest
            .iter()
            .position(|w| w.ends_phrase)
            .map_or(rest.len(), |end| end + 1);
        let hit = (1..=phrase.min(most)).rev().find_map(|n| {
            let span = first.span.start..rest.get(n - 1)?.span.end;
            let value = read(text.get(span.clone())?)?;
            Some((n, span, value))
        });
        match hit {
            Some((n, span, value)) => {
                out.push((span, value));
                i += n;
            }
            None => i += 1,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::find;

    fn runs(text: &str, most: usize, wanted: &str) -> Vec<String> {
        find(text, most, |s| (s == wanted).then(|| s.to_owned()))
            .into_iter()
            .map(|(span, s)| {
                assert_eq!(text.get(span), Some(s.as_str()));
                s
            })
            .collect()
    }

    #[test]
    fn runs_of_words() {
        assert_eq!(runs("a b c a b", 2, "a b"), ["a b", "a b"]);
        assert_eq!(runs("a b, c", 3, "b"), ["b"]);
        assert!(runs("a b, c", 3, "b c").is_empty(), "not across a comma");
        assert!(runs("a\nb", 2, "a b").is_empty(), "not across a line end");
        assert_eq!(runs("«شنبه آینده»؛", 3, "شنبه آینده"), ["شنبه آینده"]);
        assert_eq!(runs("1,250.50.", 1, "1,250.50"), ["1,250.50"]);
        assert!(runs("", 3, "").is_empty());
        assert!(runs(" ( ) ,, ", 3, "").is_empty());
    }
}
