//! Every code that a person may be shown has its sentence in both languages.

use peyvand_i18n::{Args, text_of_code};
use peyvand_numbers::Language;

/// The codes of a list of `=> "code"` in a source text that begin so.
fn codes<'s>(source: &'s str, beginning: &str) -> Vec<&'s str> {
    let mut out: Vec<&str> = source
        .split("=> \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|code| code.starts_with(beginning))
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

#[test]
fn every_code_of_a_file_has_its_sentence() {
    let source = include_str!("../../exchange/src/error.rs");
    let codes = codes(source, "file-");
    assert!(codes.len() >= 30, "{codes:?}");
    for language in [Language::Fa, Language::En] {
        // Control: a code without a sentence is shown as such.
        let unknown = text_of_code(language, "file-no-such-code", &Args::new());
        assert!(unknown.contains("file-no-such-code"), "{unknown}");
        for code in &codes {
            let text = text_of_code(language, code, &Args::new());
            assert!(!text.contains(code), "{code} has no sentence: {text}");
        }
    }
}
