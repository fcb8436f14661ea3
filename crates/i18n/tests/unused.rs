//! Every text is used somewhere, or waits for its use in a list.

use peyvand_i18n::Key;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Keys that nothing uses yet, one on each line. A key leaves the list when it is used.
const WAITING: &str = include_str!("waiting.txt");

fn waiting() -> BTreeSet<&'static str> {
    WAITING
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// The name of the constant of a key.
fn constant(key: &str) -> String {
    key.replace(['-', '.'], "_").to_uppercase()
}

/// Words of a source, in which a key can be met: `LIST_EMPTY` in `keys::LIST_EMPTY`, `not-found` in `"not-found"`.
fn words(source: &str) -> impl Iterator<Item = &str> {
    source.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
}

/// Whether a key is met among the words: by its constant, by its name, or, for an error, by its code.
fn is_used(key: &str, words: &BTreeSet<String>) -> bool {
    // The help of the command line is found by the names of its commands; the program's own test holds it complete.
    key.split(['-', '.']).next() == Some("help")
        || words.contains(&constant(key))
        || words.contains(key)
        || key
            .strip_prefix("error-")
            .is_some_and(|code| code.contains('-') && words.contains(code))
}

/// Sources and templates of the product, but not of this crate's catalogs and tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("tests") && !path.ends_with("locales") {
                sources(&path, found);
            }
        } else if path
            .extension()
            .is_some_and(|ending| ending == "rs" || ending == "html" || ending == "toml")
        {
            found.push(path);
        }
    }
}

fn used_words() -> BTreeSet<String> {
    let crates = Path::new("..");
    let mut files = Vec::new();
    sources(crates, &mut files);
    assert!(files.len() > 20, "the sources were not found");
    files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .flat_map(|text| words(&text).map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn no_key_is_left_unused() {
    let (words, waiting) = (used_words(), waiting());
    let unused: Vec<&str> = Key::all()
        .map(Key::name)
        .filter(|key| !is_used(key, &words) && !waiting.contains(key))
        .collect();
    assert!(
        unused.is_empty(),
        "nothing uses these keys: remove them, or list them in waiting.txt:\n{}",
        unused.join("\n")
    );
}

#[test]
fn the_list_names_only_keys_that_exist() {
    let gone: Vec<&str> = waiting()
        .into_iter()
        .filter(|key| Key::find(key).is_none())
        .collect();
    assert!(
        gone.is_empty(),
        "these keys are gone, take them out of waiting.txt:\n{}",
        gone.join("\n")
    );
}

#[test]
fn use_is_told_from_likeness() {
    let words: BTreeSet<String> = words(
        r#"text(lang, keys::LIST_EMPTY_SEARCH, &args); code("date-empty"); {{ t("nav-home") }} not found"#,
    )
    .map(str::to_owned)
    .collect();
    for used in ["list-empty-search", "error-date-empty", "nav-home"] {
        assert!(is_used(used, &words), "{used}");
    }
    for unused in ["list-empty", "error-not-found", "nav", "error-found"] {
        assert!(!is_used(unused, &words), "{unused}");
    }
}
