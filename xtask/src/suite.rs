//! `cargo xtask test`: everything that has to hold, in order, with what it needs.
//!
//! A kind of check is one [`Step`] in [`steps`]; whatever comes later (browser tests, a fuzzer of the HTTP interface)
//! is one more entry there.

use crate::child;
use crate::postgres::Server;
use crate::skips::{Allowed, Tally};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The variable by which tests find their PostgreSQL; each test makes a database of its own on it.
const POSTGRES: &str = "PEYVAND_TEST_POSTGRES";

/// What is asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    fast: bool,
    locale: String,
    filter: Option<String>,
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self {
            fast: false,
            locale: "C.UTF-8".to_owned(),
            filter: None,
        };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            match word {
                "--fast" => options.fast = true,
                "--locale" => match words.next() {
                    Some(&name) => name.clone_into(&mut options.locale),
                    None => bail!("--locale needs the name of a locale"),
                },
                _ if word.starts_with('-') => bail!("`cargo xtask test` does not know {word}"),
                _ if options.filter.is_some() => bail!("one filter is enough: {word} is too much"),
                _ => options.filter = Some(word.to_owned()),
            }
        }
        Ok(options)
    }

    fn wants(&self, step: &Step) -> bool {
        step.fast || !(self.fast || self.filter.is_some())
    }
}

/// What a step may use.
pub(crate) struct Context<'a> {
    pub(crate) root: &'a Path,
    options: &'a Options,
    postgres: &'a str,
}

impl Context<'_> {
    /// A cargo command in the workspace, free of what cargo set for this package (it would rebuild much for nothing).
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(self.root).env(POSTGRES, self.postgres);
        for (name, _) in std::env::vars_os() {
            let known = name.to_string_lossy().into_owned();
            if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
                .iter()
                .any(|own| known.starts_with(own))
            {
                command.env_remove(name);
            }
        }
        command
    }
}

/// What a step found.
pub(crate) struct Outcome {
    pub(crate) ok: bool,
    /// Figures or reasons for the summary; may be empty.
    pub(crate) note: String,
}

/// One kind of check.
struct Step {
    name: &'static str,
    /// Whether `--fast` and a filter leave it in.
    fast: bool,
    run: fn(&Context<'_>) -> Result<Outcome>,
}

fn steps() -> [Step; 6] {
    [
        Step {
            name: "format",
            fast: false,
            run: format,
        },
        Step {
            name: "lints",
            fast: false,
            run: lints,
        },
        Step {
            name: "packages",
            fast: false,
            run: crate::yanked::step,
        },
        Step {
            name: "tests",
            fast: true,
            run: tests,
        },
        Step {
            name: "browser",
            fast: false,
            run: crate::browser::step,
        },
        Step {
            name: "interface",
            fast: false,
            run: crate::interface::step,
        },
    ]
}

/// Runs the steps and says whether all went well. A step that fails does not keep the others from running.
pub(crate) fn run(root: &Path, options: &Options) -> Result<bool> {
    child::watch_signals()?;
    let begun = Instant::now();
    let own;
    let postgres = match std::env::var(POSTGRES) {
        Ok(given) if !given.is_empty() => given,
        _ => {
            own = Server::start(root, &options.locale)?;
            own.url().to_owned()
        }
    };
    let context = Context {
        root,
        options,
        postgres: &postgres,
    };
    let mut summary = Vec::new();
    let mut all_well = true;
    for step in steps().into_iter().filter(|step| options.wants(step)) {
        eprintln!("\n== {}", step.name);
        let started = Instant::now();
        let outcome = (step.run)(&context);
        if child::stopped() {
            bail!("stopped by a signal during the step {}", step.name);
        }
        let outcome = outcome.unwrap_or_else(|error| Outcome {
            ok: false,
            note: format!("{error:#}"),
        });
        all_well &= outcome.ok;
        summary.push(line(step.name, &outcome, started.elapsed()));
    }
    eprintln!();
    for line in &summary {
        eprintln!("{line}");
    }
    let verdict = if all_well { "all well" } else { "FAILED" };
    eprintln!("xtask test: {verdict} in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(all_well)
}

fn line(name: &str, outcome: &Outcome, took: Duration) -> String {
    let verdict = if outcome.ok { "ok" } else { "FAILED" };
    let line = format!(
        "{name:<9} {verdict:<6} {:>6.1} s  {}",
        took.as_secs_f64(),
        outcome.note
    );
    line.trim_end().to_owned()
}

fn format(context: &Context<'_>) -> Result<Outcome> {
    let (status, _) = child::run_shown(context.cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Outcome {
        ok: status.success(),
        note: String::new(),
    })
}

fn lints(context: &Context<'_>) -> Result<Outcome> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    let (status, _) = child::run_shown(context.cargo().args(arguments))?;
    Ok(Outcome {
        ok: status.success(),
        note: String::new(),
    })
}

fn tests(context: &Context<'_>) -> Result<Outcome> {
    let allowed = Allowed::read(&context.root.join("tests/skips.toml"))?;
    let mut command = context.cargo();
    command
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(&context.options.filter);
    let (status, lines) = child::run_shown(&mut command)?;
    let tally = Tally::read(&lines);
    let refused = allowed.refuse(&tally.skips);
    for skip in &refused {
        eprintln!(
            "skipped without leave: {} ({}): see tests/skips.toml",
            skip.name, skip.reason
        );
    }
    // The names of ignored tests are read from lines that another test may have broken; the count tells if one is lost.
    let lost = tally.ignored > tally.skips.len() as u64;
    // Without a filter an empty run is a mistake of the set-up; with one it is most likely a misspelt name.
    let none = tally.passed + tally.failed == 0;
    let ok = status.success() && refused.is_empty() && !lost && tally.failed == 0 && !none;
    let mut note = format!(
        "{} passed, {} failed, {} skipped",
        tally.passed,
        tally.failed,
        tally.skips.len()
    );
    if !refused.is_empty() || lost {
        note = format!("{note}, {} without leave", refused.len().max(usize::from(lost)));
    }
    if none {
        note += ": no test ran";
    }
    Ok(Outcome { ok, note })
}

#[cfg(test)]
mod tests_of_the_options {
    use super::*;

    #[test]
    fn flags_and_filter_are_understood() -> Result<()> {
        let plain = Options::parse(&[])?;
        assert_eq!(
            plain,
            Options {
                fast: false,
                locale: "C.UTF-8".to_owned(),
                filter: None
            }
        );
        assert_eq!(steps().iter().filter(|step| plain.wants(step)).count(), 6);
        let all = Options::parse(&["--locale", "fa_IR.UTF-8", "merge", "--fast"])?;
        assert_eq!(
            all,
            Options {
                fast: true,
                locale: "fa_IR.UTF-8".to_owned(),
                filter: Some("merge".to_owned())
            }
        );
        let names: Vec<&str> = steps()
            .iter()
            .filter(|step| all.wants(step))
            .map(|step| step.name)
            .collect();
        assert_eq!(names, ["tests"]);
        Ok(())
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(Options::parse(&["--slow"]).is_err());
        assert!(Options::parse(&["--locale"]).is_err());
        assert!(Options::parse(&["one", "two"]).is_err());
    }
}
