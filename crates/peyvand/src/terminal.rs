//! The language of the terminal.

use peyvand_numbers::Language;

/// The language that the environment asks for, as POSIX reads it (`LC_ALL`, then `LC_MESSAGES`, then `LANG`):
/// Persian for `fa…`, English for all else. `PEYVAND_LANGUAGE` goes before them.
pub(crate) fn language() -> Language {
    let asked = ["PEYVAND_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    if asked.is_some_and(|v| v.to_ascii_lowercase().starts_with("fa")) {
        Language::Fa
    } else {
        Language::En
    }
}
