//! The help of the command line, and what is wrong with a command, in the language of the terminal.
//!
//! The texts are those of `help.ftl`: `help-admin-invite` is what the command `admin invite` does, its attribute
//! `.user` what the option `--user` is; what a command has no words for is looked up at its group and at the program.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use peyvand_i18n::{Args, Key, keys, text};
use peyvand_numbers::Language;

/// Where an option of a command may have its words: at the command, at its groups from within, at the program. `demo`
/// takes what `serve` takes.
fn places(path: &[String]) -> impl Iterator<Item = String> + '_ {
    let own = (0..=path.len()).rev().map(|n| {
        let mut key = "help".to_owned();
        for part in path.iter().take(n) {
            key.push('-');
            key.push_str(part);
        }
        key
    });
    own.chain((path.first().map(String::as_str) == Some("demo")).then(|| "help-serve".to_owned()))
}

/// By which name an argument is known to who types it.
fn name(arg: &Arg) -> String {
    arg.get_long()
        .map_or_else(|| arg.get_id().as_str().replace('_', "-"), str::to_owned)
}

/// The key of the words of an argument.
fn key_of(path: &[String], arg: &Arg) -> Option<Key> {
    match name(arg).as_str() {
        "help" => return Some(keys::HELP_WORD_HELP),
        "version" => return Some(keys::HELP_WORD_VERSION),
        _ => {}
    }
    places(path).find_map(|place| Key::find(&format!("{place}.{}", name(arg))))
}

/// The key of what a command does.
fn key_of_command(path: &[String]) -> Option<Key> {
    if path.iter().any(|p| p == "help") {
        return Some(keys::HELP_WORD_HELP_COMMAND);
    }
    Key::find(&places(path).next()?)
}

/// A heading, which clap wants for the life of the process.
fn heading(language: Language, key: Key) -> &'static str {
    word(language, key).leak()
}

fn word(language: Language, key: Key) -> String {
    text(language, key, &Args::new())
}

/// The words of an argument, with what it is without being given.
fn argument(language: Language, path: &[String], arg: Arg) -> Arg {
    let Some(key) = key_of(path, &arg) else {
        return arg;
    };
    let mut help = word(language, key);
    let mut more = Vec::new();
    if let Some(variable) = arg.get_env().filter(|_| !arg.is_hide_env_set()) {
        let args = Args::new().text("name", variable.to_string_lossy());
        more.push(text(language, keys::HELP_WORD_VARIABLE, &args));
    }
    let values: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|v| v.to_string_lossy())
        .collect();
    if !values.is_empty() && arg.get_action().takes_values() {
        let args = Args::new().text("value", values.join(" "));
        more.push(text(language, keys::HELP_WORD_DEFAULT, &args));
    }
    if !more.is_empty() {
        help.push_str(" [");
        help.push_str(&more.join("] ["));
        help.push(']');
    }
    let under = if arg.is_positional() {
        keys::HELP_WORD_ARGUMENTS
    } else {
        keys::HELP_WORD_OPTIONS
    };
    arg.help(help.clone())
        .long_help(help)
        .help_heading(heading(language, under))
        .hide_env(true)
        .hide_default_value(true)
        .hide_possible_values(true)
}

fn translate(language: Language, path: &[String], command: Command) -> Command {
    let mut command = command;
    if let Some(key) = key_of_command(path) {
        let about = word(language, key);
        command = command.about(about.clone()).long_about(about);
    }
    let arguments: Vec<_> = command.get_arguments().map(|a| a.get_id().clone()).collect();
    for id in arguments {
        command = command.mut_arg(id, |a| argument(language, path, a));
    }
    let commands: Vec<String> = command
        .get_subcommands()
        .map(|c| c.get_name().to_owned())
        .collect();
    for name in commands {
        let path: Vec<String> = path.iter().cloned().chain([name.clone()]).collect();
        command = command.mut_subcommand(name, |c| translate(language, &path, c));
    }
    let usage = word(language, keys::HELP_WORD_USAGE);
    command
        .subcommand_help_heading(heading(language, keys::HELP_WORD_COMMANDS))
        .help_template(format!(
            "{{about-with-newline}}\n{usage}: {{usage}}\n\n{{all-args}}{{after-help}}"
        ))
}

/// The command with all of its help in this language. English is what the program says of itself.
pub(crate) fn spoken(language: Language, mut command: Command) -> Command {
    if language == Language::En {
        return command;
    }
    // Before it is built, a command knows nothing of `help`, and a subcommand nothing of what holds everywhere.
    command.build();
    translate(language, &[], command)
}

fn shown(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(s)) => s.clone(),
        Some(ContextValue::Strings(s)) => s.join(", "),
        Some(ContextValue::StyledStrs(s)) => s.iter().map(StyledStr::to_string).collect::<Vec<_>>().join(" "),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// What is wrong with a command, as a sentence; `None` for what is no fault, such as the help that was asked for.
fn sentence(language: Language, error: &clap::Error) -> Option<String> {
    use ContextKind as K;
    use ErrorKind as E;
    let given = |name: &'static str, kind| (name, shown(error, kind));
    let (key, given) = match error.kind() {
        E::DisplayHelp | E::DisplayHelpOnMissingArgumentOrSubcommand | E::DisplayVersion => return None,
        E::InvalidValue if shown(error, K::InvalidValue).is_empty() => {
            (keys::HELP_FAULT_NO_VALUE, vec![given("argument", K::InvalidArg)])
        }
        E::InvalidValue => (
            keys::HELP_FAULT_VALUE,
            vec![
                given("value", K::InvalidValue),
                given("argument", K::InvalidArg),
                given("values", K::ValidValue),
            ],
        ),
        E::ValueValidation => (
            keys::HELP_FAULT_BAD_VALUE,
            vec![
                given("value", K::InvalidValue),
                given("argument", K::InvalidArg),
                (
                    "why",
                    std::error::Error::source(error)
                        .map(ToString::to_string)
                        .unwrap_or_default(),
                ),
            ],
        ),
        E::UnknownArgument => (keys::HELP_FAULT_ARGUMENT, vec![given("argument", K::InvalidArg)]),
        E::InvalidSubcommand => (
            keys::HELP_FAULT_COMMAND,
            vec![given("command", K::InvalidSubcommand)],
        ),
        E::MissingRequiredArgument => (keys::HELP_FAULT_MISSING, vec![given("arguments", K::InvalidArg)]),
        E::ArgumentConflict if shown(error, K::PriorArg) == shown(error, K::InvalidArg) => {
            (keys::HELP_FAULT_TWICE, vec![given("argument", K::InvalidArg)])
        }
        E::ArgumentConflict => (
            keys::HELP_FAULT_CONFLICT,
            vec![given("argument", K::InvalidArg), given("other", K::PriorArg)],
        ),
        _ => (keys::HELP_FAULT_OTHER, Vec::new()),
    };
    let args = given
        .into_iter()
        .fold(Args::new(), |args, (name, value)| args.text(name, value));
    let mut out = text(language, key, &args);
    let likely = [K::SuggestedSubcommand, K::SuggestedArg, K::SuggestedValue]
        .map(|kind| shown(error, kind))
        .into_iter()
        .find(|s| !s.is_empty());
    if let Some(likely) = likely {
        out.push('\n');
        out.push_str(&text(
            language,
            keys::HELP_FAULT_LIKELY,
            &Args::new().text("word", likely),
        ));
    }
    Some(out)
}

/// What the terminal is told of a command that cannot be read; `None` where clap says it itself: in English, and for the
/// help that was asked for.
pub(crate) fn fault(language: Language, error: &clap::Error) -> Option<String> {
    if language == Language::En {
        return None;
    }
    let said = sentence(language, error)?;
    let more = word(language, keys::HELP_FAULT_MORE);
    Some(format!("peyvand: {said}\n{more}\n"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::*;
    use crate::Cli;

    /// Every command and option of the program, by the path of the command.
    fn walk(path: &[String], command: &Command, visit: &mut dyn FnMut(&[String], &Command)) {
        visit(path, command);
        for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
            let path: Vec<String> = path.iter().cloned().chain([sub.get_name().to_owned()]).collect();
            walk(&path, sub, visit);
        }
    }

    fn plain(s: &StyledStr) -> String {
        s.to_string()
    }

    #[test]
    fn all_commands_and_options_have_words_and_english_says_what_the_code_says() {
        let mut used = BTreeSet::new();
        walk(&[], &Cli::command(), &mut |path, command| {
            let key = key_of_command(path).unwrap_or_else(|| panic!("no words for {path:?}"));
            used.insert(key.name());
            let about = command.get_about().map(plain).unwrap_or_default();
            assert_eq!(word(Language::En, key), about, "{path:?}");
            for arg in command.get_arguments() {
                let key = key_of(path, arg).unwrap_or_else(|| panic!("no words for {path:?} {}", name(arg)));
                used.insert(key.name());
                let help = arg.get_help().map(plain).unwrap_or_default();
                assert_eq!(word(Language::En, key), help, "{path:?} {}", name(arg));
            }
        });
        let left: Vec<&str> = Key::all()
            .map(Key::name)
            .filter(|k| k.starts_with("help"))
            .filter(|k| !k.starts_with("help-word-") && !k.starts_with("help-fault-"))
            .filter(|k| !used.contains(k))
            .collect();
        assert!(left.is_empty(), "of no command: {left:?}");
    }

    fn persian(words: &[&str]) -> clap::Error {
        spoken(Language::Fa, Cli::command())
            .try_get_matches_from(words)
            .unwrap_err()
    }

    #[test]
    fn help_in_persian_has_no_english_sentence() {
        for words in [
            &["peyvand", "--help"][..],
            &["peyvand", "serve", "--help"],
            &["peyvand", "admin", "-h"],
            &["peyvand", "admin", "wall", "--help"],
            &["peyvand", "help", "admin", "role"],
        ] {
            let help = persian(words).to_string();
            // In its long form the name of an option has a line of its own.
            let long = words.last() == Some(&"--help");
            let name = |l: &str| long && l.trim_start().starts_with(['-', '[', '<']);
            for line in help.lines().filter(|l| !l.trim().is_empty() && !name(l)) {
                assert!(
                    line.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c)),
                    "{words:?}: {line}"
                );
            }
            for english in ["Usage", "Options", "Print", "[default", "[env", "Possible"] {
                assert!(!help.contains(english), "{words:?}: {english} in\n{help}");
            }
        }
    }

    #[test]
    fn faults_are_told_in_persian_and_name_what_was_typed() {
        for (words, wanted) in [
            (&["peyvand", "serv"][..], &["فرمانی", "serv", "serve"][..]),
            (
                &["peyvand", "serve", "--lisen", "x"],
                &["گزینه", "--lisen", "--listen"],
            ),
            (
                &["peyvand", "serve", "--listen", "x"],
                &["x", "--listen", "درست نیست"],
            ),
            (&["peyvand", "admin", "invite"], &["لازم", "--user"]),
            (
                &["peyvand", "import", "f", "--policy"],
                &["--policy", "مقدار می‌خواهد"],
            ),
            (
                &["peyvand", "import", "f", "--policy", "eat"],
                &["eat", "--policy", "درست نیست"],
            ),
            (&["peyvand", "admin", "wall", "up"], &["up", "on, off, status"]),
            (&["peyvand", "import", "f", "--undo", "x"], &["--undo", "نمی‌آید"]),
            (&["peyvand", "doctor", "--json", "--json"], &["--json", "یک بار"]),
        ] {
            let said = fault(Language::Fa, &persian(words)).unwrap();
            for part in wanted {
                assert!(said.contains(part), "{words:?}: {part} in\n{said}");
            }
        }
        assert_eq!(fault(Language::Fa, &persian(&["peyvand", "--help"])), None);
    }
}
