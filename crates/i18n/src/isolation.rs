//! Marks that keep a text of the other direction from disturbing the sentence around it.
//!
//! Fluent can isolate every argument; that puts marks around plain numbers and words of the same direction, which then
//! travel into files and searches. Here only those are isolated that need it (Unicode Standard Annex 9, rules X5 and P2).

use crate::Lang;
use std::borrow::Cow;

const FIRST_STRONG: char = '\u{2068}';
const POP: char = '\u{2069}';

/// Whether a letter is written from right to left: the blocks of the Hebrew, Arabic and neighbouring scripts.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
        && c.is_alphabetic()
}

/// Marks of direction that a text may carry from outside.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The text, between isolation marks if it could disturb a sentence of the language. Marks in the text that do not
/// close are taken out, for they would reach beyond it.
pub(crate) fn isolate(text: &str, lang: Lang) -> Cow<'_, str> {
    let text = if balanced(text) {
        Cow::Borrowed(text)
    } else {
        text.chars().filter(|c| !is_mark(*c)).collect()
    };
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    let marked = text.chars().any(is_mark);
    let fits = match lang {
        // Bare digits with signs (+98…, 2026-11-22) turn round in a Persian sentence.
        Lang::Fa => letters().next().is_some() && letters().all(is_right_to_left),
        Lang::En => !letters().any(is_right_to_left),
    };
    if text.is_empty() || (fits && !marked) {
        return text;
    }
    // A text that is isolated already, such as the result of another call, stays as it is.
    if whole_is_isolated(&text) {
        return text;
    }
    Cow::Owned(format!("{FIRST_STRONG}{text}{POP}"))
}

fn whole_is_isolated(text: &str) -> bool {
    let mut inner = text.chars();
    inner.next() == Some(FIRST_STRONG) && inner.next_back() == Some(POP) && !inner.any(is_mark)
}

/// Whether every isolate and every embedding that begins in the text also ends in it, in order.
fn balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '\u{2066}'..='\u{2068}' => open.push(POP),
            '\u{202A}' | '\u{202B}' | '\u{202D}' | '\u{202E}' => open.push('\u{202C}'),
            POP | '\u{202C}' if open.pop() != Some(c) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_disturbs_is_isolated() {
        let wrapped = |text: &str| format!("\u{2068}{text}\u{2069}");
        for (lang, text, isolated) in [
            (Lang::Fa, "مریم احمدی", false),
            (Lang::Fa, "۳۰ آبان ۱۴۰۵", false),
            (Lang::Fa, "Maryam", true),
            (Lang::Fa, "شرکت ABC", true),
            (Lang::Fa, "+989121234567", true),
            (Lang::Fa, "۲۰۲۶-۱۱-۲۲", true),
            (Lang::En, "Maryam", false),
            (Lang::En, "+989121234567", false),
            (Lang::En, "مریم", true),
            (Lang::En, "ABC شرکت", true),
            (Lang::En, "", false),
            (Lang::Fa, "", false),
        ] {
            let expected = if isolated { wrapped(text) } else { text.to_owned() };
            assert_eq!(isolate(text, lang), expected, "{lang:?} {text}");
        }
    }

    #[test]
    fn marks_cannot_reach_beyond_the_text() {
        assert_eq!(isolate("a\u{202E}b", Lang::En), "ab");
        assert_eq!(isolate("a\u{2069}b", Lang::Fa), "\u{2068}ab\u{2069}");
        assert_eq!(
            isolate("\u{202E}ab\u{202C}", Lang::En),
            "\u{2068}\u{202E}ab\u{202C}\u{2069}"
        );
        assert_eq!(isolate("\u{2068}ab\u{2069}", Lang::Fa), "\u{2068}ab\u{2069}");
        assert_eq!(
            isolate("\u{2068}a\u{2069} \u{2068}b\u{2069}", Lang::Fa),
            "\u{2068}\u{2068}a\u{2069} \u{2068}b\u{2069}\u{2069}"
        );
    }
}
