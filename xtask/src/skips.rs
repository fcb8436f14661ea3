//! Tests that did not run, and the list of those that may not run.
//!
//! A test that cannot run on a machine says so by a line `SKIP <name>: <reason>` on the error stream; the helper of
//! the test kit writes it past the capture of the test harness. An ignored test is a skipped test too. Each one fails the run unless
//! `tests/skips.toml` names it with its reason.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What `tests/skips.toml` says: `[[skip]]` tables with the name of the test and why it may be skipped.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    skip: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    reason: String,
}

/// The skips that are agreed on.
#[derive(Debug, Default)]
pub(crate) struct Allowed(BTreeMap<String, String>);

impl Allowed {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is not as it should be", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        let mut names = BTreeMap::new();
        for Entry { name, reason } in file.skip {
            if reason.trim().is_empty() {
                bail!("the skip of {name} gives no reason");
            }
            if names.insert(name.clone(), reason).is_some() {
                bail!("{name} is named twice");
            }
        }
        Ok(Self(names))
    }

    /// Of the tests that were skipped, those that nobody agreed on, with the reason that they gave.
    pub(crate) fn refuse<'a>(&self, seen: &'a BTreeSet<Skip>) -> Vec<&'a Skip> {
        seen.iter()
            .filter(|skip| !self.0.contains_key(&skip.name))
            .collect()
    }
}

/// A test that did not run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Skip {
    pub(crate) name: String,
    pub(crate) reason: String,
}

/// What the lines of a test run say: how many tests ran, and which did not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Ignored tests as the harness counts them, to hold the names found against.
    pub(crate) ignored: u64,
    pub(crate) skips: BTreeSet<Skip>,
}

impl Tally {
    /// Reads the output of `cargo test`.
    pub(crate) fn read(lines: &[String]) -> Self {
        let mut tally = Self::default();
        for line in lines {
            tally.read_line(line);
        }
        tally
    }

    fn read_line(&mut self, line: &str) {
        // The line of a parallel test may end up behind the unfinished line of another.
        if let Some((_, said)) = line
            .split_once("SKIP ")
            .filter(|(before, _)| before.is_empty() || before.ends_with("... "))
        {
            let (name, reason) = said.split_once(": ").unwrap_or((said, "no reason given"));
            self.skips.insert(Skip {
                name: name.trim().to_owned(),
                reason: reason.trim().to_owned(),
            });
        } else if let Some(counts) = line.strip_prefix("test result: ") {
            for part in counts.split(['.', ';']) {
                let mut words = part.split_whitespace();
                if let (Some(Ok(count)), Some(what)) = (words.next().map(str::parse::<u64>), words.next()) {
                    match what {
                        "passed" => self.passed += count,
                        "failed" => self.failed += count,
                        "ignored" => self.ignored += count,
                        _ => {}
                    }
                }
            }
        } else if let Some((name, reason)) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.split_once(" ... ignored"))
        {
            let reason = reason.trim_start_matches([',', ' ']);
            let reason = if reason.is_empty() { "ignored" } else { reason };
            self.skips.insert(Skip {
                name: name.to_owned(),
                reason: reason.to_owned(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skip(name: &str, reason: &str) -> Skip {
        Skip {
            name: name.to_owned(),
            reason: reason.to_owned(),
        }
    }

    const OUTPUT: &str = "\
running 4 tests
test store::keeps ... ok
test store::slow ... ignored, takes an hour
test store::other ... ignored
SKIP store::locale: this PostgreSQL has no fa_IR
test x ... SKIP y: said in the middle of a line
test store::breaks ... FAILED

test result: FAILED. 1 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s
   Doc-tests peyvand_store
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.21s";

    #[test]
    fn output_is_counted_and_skips_are_found() {
        let lines: Vec<String> = OUTPUT.lines().map(str::to_owned).collect();
        let tally = Tally::read(&lines);
        assert_eq!((tally.passed, tally.failed, tally.ignored), (4, 1, 2));
        let expected = [
            skip("store::locale", "this PostgreSQL has no fa_IR"),
            skip("store::other", "ignored"),
            skip("store::slow", "takes an hour"),
            skip("y", "said in the middle of a line"),
        ];
        assert_eq!(tally.skips, expected.into_iter().collect());
    }

    #[test]
    fn prose_about_skipping_is_no_skip() {
        let tally = Tally::read(&[
            "note: we SKIP blanks: always".to_owned(),
            "test a ... ok".to_owned(),
        ]);
        assert!(tally.skips.is_empty());
    }

    #[test]
    fn only_named_skips_are_allowed() -> Result<()> {
        let allowed = Allowed::parse("[[skip]]\nname = \"store::slow\"\nreason = \"takes an hour\"\n")?;
        let seen = [skip("store::slow", "x"), skip("store::other", "y")]
            .into_iter()
            .collect();
        assert_eq!(allowed.refuse(&seen), [&skip("store::other", "y")]);
        Ok(())
    }

    #[test]
    fn a_skip_needs_a_reason_and_one_name() {
        assert!(Allowed::parse("[[skip]]\nname = \"a\"\nreason = \" \"\n").is_err());
        assert!(Allowed::parse("[[skip]]\nname = \"a\"\n").is_err());
        let twice = "[[skip]]\nname = \"a\"\nreason = \"b\"\n".repeat(2);
        assert!(Allowed::parse(&twice).is_err());
    }
}
