//! The packages of the lock file, asked of their registry: has its maker taken one of them back since it was locked?
//!
//! Cargo itself is asked, for a package that needs each of them in the very version that is locked: it takes none that was
//! taken back. Where the registry cannot be reached, the step says so in the summary; it does not fail the run. Known faults
//! that nobody took back are in the advisory database of `RustSec`, which `cargo deny check` looks up where it is reached.

use std::fmt::Write as _;
use std::process::Command;

use anyhow::Result;

use crate::browser::skipped;
use crate::suite::{Context, Outcome};

/// A package that its makers took back, for the control: the step would find nothing if the registry were not asked.
const TAKEN_BACK: (&str, &str) = ("futures-util", "0.3.30");

/// What the registry says.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// All of them are there.
    Well,
    /// A package was taken back; the line that says which.
    TakenBack(String),
    /// Nobody answered; the reason.
    Silent(String),
}

/// Name and version of the packages of a lock file that come from the registry.
fn packages(lock: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |key: &str| {
            package.lines().find_map(|l| {
                let value = l.strip_prefix(key)?.trim().strip_prefix('=')?.trim();
                Some(value.trim_matches('"').to_owned())
            })
        };
        if let (Some(name), Some(version), Some(_)) = (field("name"), field("version"), field("source")) {
            out.push((name, version));
        }
    }
    out
}

/// A package that needs each of these in this version and no other.
fn manifest(packages: &[(String, String)]) -> String {
    let mut out = "[package]\nname = \"locked\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[lib]\npath = \"lib.rs\"\n\n[dependencies]\n".to_owned();
    for (n, (name, version)) in packages.iter().enumerate() {
        // What stands behind a plus says nothing about the version.
        let version = version.split('+').next().unwrap_or_default();
        let _ = writeln!(
            out,
            "p{n} = {{ package = \"{name}\", version = \"={version}\", default-features = false }}"
        );
    }
    out
}

/// What cargo said about it.
fn read(ok: bool, said: &str) -> Answer {
    if ok {
        return Answer::Well;
    }
    let line = |word: &str| {
        said.lines()
            .find(|l| l.contains(word))
            .map(|l| l.trim().to_owned())
    };
    match line(" is yanked") {
        Some(yanked) => {
            let which = line("for the requirement").unwrap_or_default();
            Answer::TakenBack(format!("{yanked}: {which}"))
        }
        None => Answer::Silent(line("error").unwrap_or_else(|| "cargo said nothing".to_owned())),
    }
}

fn ask(context: &Context<'_>, packages: &[(String, String)]) -> Result<Answer> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("Cargo.toml"), manifest(packages))?;
    std::fs::write(folder.path().join("lib.rs"), "")?;
    let mut command: Command = context.cargo();
    let out = command
        .current_dir(folder.path())
        .args(["generate-lockfile", "--color", "never"])
        .output()?;
    Ok(read(out.status.success(), &String::from_utf8_lossy(&out.stderr)))
}

/// Asks the registry about every package of the lock file.
pub(crate) fn step(context: &Context<'_>) -> Result<Outcome> {
    let lock = std::fs::read_to_string(context.root.join("Cargo.lock"))?;
    let all = packages(&lock);
    let (name, version) = TAKEN_BACK;
    let control = ask(context, &[(name.to_owned(), version.to_owned())])?;
    let outcome = match (control, ask(context, &all)?) {
        (Answer::Silent(why), _) | (_, Answer::Silent(why)) => skipped("packages", &why),
        (Answer::Well, _) => Outcome {
            ok: false,
            note: format!("{name} {version}, which was taken back, was not found out"),
        },
        (Answer::TakenBack(_), Answer::TakenBack(which)) => Outcome {
            ok: false,
            note: which,
        },
        (Answer::TakenBack(_), Answer::Well) => Outcome {
            ok: true,
            note: format!("{} packages, none taken back", all.len()),
        },
    };
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_back_is_found_out() {
        let yanked = "    Updating crates.io index\nerror: failed to select a version for the requirement `a = \"=1.0.0\"`\n  \
                      version 1.0.0 is yanked\nlocation searched: crates.io index\n";
        assert_eq!(
            read(false, yanked),
            Answer::TakenBack(
                "version 1.0.0 is yanked: error: failed to select a version for the requirement `a = \"=1.0.0\"`".to_owned()
            )
        );
        assert_eq!(read(true, "    Updating crates.io index\n"), Answer::Well);
        let away = "error: failed to query replaced source registry `crates-io`\n";
        assert_eq!(read(false, away), Answer::Silent(away.trim().to_owned()));
    }

    #[test]
    fn every_locked_package_is_asked_for() {
        let lock = std::fs::read_to_string("../Cargo.lock").expect("the lock file");
        let all = packages(&lock);
        let foreign = lock.lines().filter(|l| l.starts_with("source = ")).count();
        assert_eq!(all.len(), foreign);
        assert!(foreign > 200, "{foreign}");
        let manifest = manifest(&all);
        for (name, version) in &all {
            let version = version.split('+').next().expect("a version");
            assert!(
                manifest.contains(&format!("package = \"{name}\", version = \"={version}\"")),
                "{name} {version}"
            );
        }
        // Our own packages are no part of a registry.
        assert!(!manifest.contains("peyvand"));
    }
}
