//! Cells that a spreadsheet would run as a formula, made harmless and restored.
//!
//! The characters are those of the OWASP page "CSV Injection" with the line feed it added in August 2025, and the
//! full-width forms that some spreadsheets treat alike.

use std::borrow::Cow;

/// Whether a spreadsheet may take a text that begins with this character for a formula.
pub fn starts_formula(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
    )
}

/// A guarded text is one that, behind any number of apostrophes, begins like a formula. Taking the apostrophes in
/// is what makes the way back exact: a text that itself begins with `'=` gets one more.
fn needs_guard(text: &str) -> bool {
    text.trim_start_matches('\'')
        .chars()
        .next()
        .is_some_and(starts_formula)
}

/// Puts an apostrophe before a text that a spreadsheet could run. For text only: numbers stay numbers.
///
/// For every string, [`unguard_formula`] of the result is the string again.
pub fn guard_formula(text: &str) -> Cow<'_, str> {
    if needs_guard(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Takes off the apostrophe that [`guard_formula`] put on.
pub fn unguard_formula(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if needs_guard(rest) => rest,
        _ => text,
    }
}
