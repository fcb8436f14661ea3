//! The language of the terminal.

use peyvand_i18n::{Args, Key, text};
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

/// A sentence in the language of the terminal.
pub(crate) fn told(key: Key, args: &Args) -> String {
    text(language(), key, args)
}

/// A word that stands in no sentence.
pub(crate) fn word(key: Key) -> String {
    told(key, &Args::new())
}

/// What is wrong, in the language of the terminal, with its stable code.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: String,
    said: String,
}

impl Told {
    /// By a sentence of its own.
    pub(crate) fn of(key: Key, args: &Args) -> anyhow::Error {
        let code = key.name();
        Self::with(code.strip_prefix("cli-").unwrap_or(code), told(key, args))
    }

    /// With words that are there already.
    pub(crate) fn with(code: &str, said: String) -> anyhow::Error {
        let code = code.to_owned();
        Self { code, said }.into()
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.said)
    }
}

impl std::error::Error for Told {}
