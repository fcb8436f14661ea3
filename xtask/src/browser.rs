//! The browser tests of `e2e/`: Node drives Debian's Chromium against the program as it was built.
//!
//! Node and Chromium are tools of the tests only. Where they are missing and cannot be installed, the step says so in
//! the summary; it does not fail the run.

use crate::child;
use crate::suite::{Context, Outcome};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian puts Chromium.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Can this program be started?
pub(crate) fn there(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

pub(crate) fn skipped(step: &str, reason: &str) -> Outcome {
    eprintln!("SKIP {step}: {reason}");
    Outcome {
        ok: true,
        note: format!("skipped: {reason}"),
    }
}

/// Am I root? Asked of `id`, which every Unix has.
fn root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| out.stdout.starts_with(b"0\n"))
}

/// Installs what apt has, when this is root on Debian.
pub(crate) fn install(packages: &[&str]) -> bool {
    if !root() || !there("apt-get") {
        return false;
    }
    Command::new("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The folder of the binaries that cargo builds.
pub(crate) fn target(context: &Context<'_>) -> Result<PathBuf> {
    let out = context
        .cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()?;
    let text = String::from_utf8_lossy(&out.stdout);
    let Some((_, rest)) = text.split_once("\"target_directory\":\"") else {
        bail!("cargo metadata does not name the target folder");
    };
    let name = rest.split('"').next().unwrap_or_default();
    Ok(Path::new(name).to_owned())
}

/// Are the packages of the lock file there? They are fetched when they are not.
fn packages(folder: &Path) -> Result<bool> {
    let mut npm = Command::new("npm");
    npm.current_dir(folder)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    Ok(folder.join("node_modules/playwright-core").exists() || child::run_shown(&mut npm)?.0.success())
}

/// Makes ready what figures of pages in a browser need, as far as Node and Chromium are there.
pub(crate) fn ready(root: &Path) -> Result<()> {
    if there("npm") && Path::new(CHROMIUM).exists() {
        packages(&root.join("e2e"))?;
    }
    Ok(())
}

/// Builds the program, installs the two packages of the lock file and runs the tests.
pub(crate) fn step(context: &Context<'_>) -> Result<Outcome> {
    if !there("npm") && !install(&["nodejs", "npm"]) {
        return Ok(skipped("browser", "npm is not installed"));
    }
    if !Path::new(CHROMIUM).exists() && !install(&["chromium"]) {
        return Ok(skipped("browser", "chromium is not installed"));
    }
    let folder = context.root.join("e2e");
    let (status, _) = child::run_shown(context.cargo().args(["build", "-p", "peyvand"]))?;
    if !status.success() {
        bail!("the program does not build");
    }
    if !packages(&folder)? {
        return Ok(skipped(
            "browser",
            "the packages of e2e/package-lock.json cannot be fetched",
        ));
    }
    let target = target(context)?;
    let mut node = Command::new("node");
    node.current_dir(&folder)
        .args(["--test", "--test-concurrency=1", "tests/"])
        .env("PEYVAND_BIN", target.join("debug/peyvand"))
        .env("PEYVAND_CHROMIUM", CHROMIUM)
        .env("PEYVAND_SHOTS", target.join("e2e-shots"));
    let (status, lines) = child::run_shown(&mut node)?;
    let figure = |name: &str| {
        lines
            .iter()
            .rev()
            .find_map(|l| {
                l.trim_start_matches(['#', 'ℹ', ' '])
                    .strip_prefix(name)?
                    .trim()
                    .parse::<u32>()
                    .ok()
            })
            .unwrap_or(0)
    };
    let (passed, failed) = (figure("pass "), figure("fail "));
    Ok(Outcome {
        ok: status.success() && passed > 0 && failed == 0,
        note: format!(
            "{passed} passed, {failed} failed; screenshots in {}",
            target.join("e2e-shots").display()
        ),
    })
}
