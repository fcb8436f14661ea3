//! The interface under invented requests: schemathesis reads the description that the program gives of itself and sends
//! what fits it and what does not.
//!
//! Python and schemathesis are tools of the tests only. Where they are missing and cannot be installed, the step says so
//! in the summary; it does not fail the run.

use crate::browser::{install, skipped, target, there};
use crate::child;
use crate::suite::{Context, Outcome};
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The version whose findings are known.
const PINNED: &str = "schemathesis==4.32.5";
/// Objects whose operations are left out: they differ from those that are tried in their fields only, and fields are
/// tried one by one in the tests of the interface. What belongs to no object, or to one alone, is tried whole.
const LEFT_OUT: &str = "-(activities|campaigns|categories|companies|competitors|consent-entries|contact-points\
|currency-rates|deal-contacts|deal-lines|employments|files|holidays|interactions|list-members|lists|lost-reasons\
|needs|notes|notifications|orders|perceptions|pipelines|price-list-items|price-lists|products|relationships\
|saved-views|settings|stages|territories|working-hours)$";
/// Parts of files are sent as any other bytes.
const HOOKS: &str = "\
import schemathesis

schemathesis.serializer.alias(\"application/offset+octet-stream\", \"application/octet-stream\")
";
/// What the checks take for good order, beside what they take by themselves: rules that no schema says (a link must lead
/// somewhere, a filter must be readable, an atomic batch is shorter) refuse what fits the schema.
const SETTINGS: &str = "\
hooks = \"hooks.py\"

[checks.positive_data_acceptance]
expected-statuses = [\"2xx\", \"400\", \"401\", \"403\", \"404\", \"409\", \"413\", \"422\", \"429\", \"431\"]

[checks.negative_data_rejection]
expected-statuses = [\"400\", \"401\", \"403\", \"404\", \"406\", \"409\", \"413\", \"415\", \"416\", \"422\", \"431\"]
";

/// A server that ends with the step.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The last word that a command of the program prints.
fn last_word(program: &Path, data: &Path, words: &[&str]) -> Result<String> {
    let out = Command::new(program)
        .args(words)
        .arg("--data")
        .arg(data)
        .stderr(Stdio::inherit())
        .output()?;
    if !out.status.success() {
        bail!("`peyvand {}` failed", words.join(" "));
    }
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    Ok(text.split_whitespace().last().unwrap_or_default().to_owned())
}

/// Starts the program on a free port and gives its address.
fn serve(program: &Path, data: &Path) -> Result<(Server, String)> {
    let mut child = Command::new(program)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("the program does not start")?;
    let out = child.stdout.take().context("the program has no output")?;
    let server = Server(child);
    for line in BufReader::new(out).lines() {
        let line = line?;
        if let Some((_, at)) = line.split_once("listens on ") {
            return Ok((server, at.trim().to_owned()));
        }
    }
    bail!("the program ended before it listened")
}

/// Installs schemathesis beside the build, starts the program on fresh data and runs every check.
pub(crate) fn step(context: &Context<'_>) -> Result<Outcome> {
    if !there("python3") && !install(&["python3", "python3-venv"]) {
        return Ok(skipped("interface", "python3 is not installed"));
    }
    let target = target(context)?;
    let tools = target.join(PINNED.replace("==", "-"));
    let tool = tools.join("bin/schemathesis");
    if !tool.exists() {
        let made = Command::new("python3")
            .args(["-m", "venv"])
            .arg(&tools)
            .status()?;
        let fetched = made.success()
            && Command::new(tools.join("bin/pip"))
                .args(["install", "-q", PINNED])
                .status()?
                .success();
        if !fetched {
            return Ok(skipped("interface", "schemathesis cannot be fetched"));
        }
    }
    let (status, _) = child::run_shown(context.cargo().args(["build", "-p", "peyvand"]))?;
    if !status.success() {
        bail!("the program does not build");
    }
    let program = target.join("debug/peyvand");
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let person = "tests@example.com";
    last_word(
        &program,
        &data,
        &[
            "admin",
            "create-user",
            "--email",
            person,
            "--name",
            "Tests",
            "--role",
            "admin",
        ],
    )?;
    let token = last_word(
        &program,
        &data,
        &["admin", "create-token", "--user", person, "--scope", "*"],
    )?;
    let (server, at) = serve(&program, &data)?;
    let settings = folder.path().join("schemathesis.toml");
    std::fs::write(&settings, SETTINGS)?;
    std::fs::write(folder.path().join("hooks.py"), HOOKS)?;
    let mut run = Command::new(tool);
    run.current_dir(folder.path())
        .arg("--config-file")
        .arg(&settings)
        .arg("run")
        .arg(format!("{at}/api/v1/openapi.json"))
        .args(["--url", &format!("{at}/api/v1")])
        .args(["-H", &format!("Authorization: Bearer {token}")])
        // One worker: Python does one thing at a time anyway, and with two its own parser was seen to fail.
        .args([
            "--checks",
            "all",
            "--max-examples",
            "5",
            "--workers",
            "1",
            "--seed",
            "1",
        ])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--no-shrink",
            "--warnings",
            "off",
        ])
        .args(["--suppress-health-check", "all", "--continue-on-failure"])
        .args(["--exclude-operation-id-regex", LEFT_OUT]);
    let (status, lines) = child::run_shown(&mut run)?;
    drop(server);
    let figures = lines
        .iter()
        .rev()
        .find(|l| l.contains(" generated"))
        .map_or_else(String::new, |l| l.trim().to_owned());
    Ok(Outcome {
        ok: status.success() && !figures.is_empty(),
        note: figures,
    })
}
