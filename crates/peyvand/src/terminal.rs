//! The language of the terminal.

use peyvand_numbers::Language;

/// The language that the environment asks for, as POSIX reads it (`LC_ALL`, then `LC_MESSAGES`, then `LANG`):
/// Persian for `fa…`, English for all else. `PEYVAND_LANGUAGE` goes before them.
/// A command that runs inside the server speaks as the terminal of whoever asked for it.
pub(crate) fn language() -> Language {
    if let Some(language) = crate::console::language() {
        return language;
    }
    let asked = ["PEYVAND_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    if asked.is_some_and(|v| v.to_ascii_lowercase().starts_with("fa")) {
        Language::Fa
    } else {
        Language::En
    }
}
