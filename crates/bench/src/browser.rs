//! What a person sees of the pages, in Chromium: a script of `e2e/` does it and says how many milliseconds it took.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::figure::{Figure, Goal, median, number};
use crate::http::Client;
use crate::pages::{AT_ONCE, BOARD, SOON, figure};
use crate::records::{at, terms};
use crate::server::Server;
use crate::world::World;

/// Where Debian puts Chromium; another place is named by the variable that the browser tests know too.
const CHROMIUM: &str = "/usr/bin/chromium";
/// The folder of the script and of the packages that it needs.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../e2e");
/// Pages of a list that are opened.
const LISTS: usize = 30;
/// Texts that are typed letter by letter.
const TYPED: usize = 12;
/// Cells that are changed, panels and boards that are opened.
const TIMES: usize = 20;

/// What is measured: its name in the script, in words, how often at least, and the goal in milliseconds.
const MEASURED: [(&str, &str, usize, f64); 6] = [
    ("list", "list page in a browser, until painted", 20, SOON),
    (
        "palette",
        "a key in the palette, until what it found is shown",
        20,
        AT_ONCE,
    ),
    (
        "editor",
        "a cell of a list opened, until it can be typed in",
        10,
        SOON,
    ),
    ("cell", "a cell of a list, until saved and shown", 10, SOON),
    ("peek", "panel beside a list, until shown", 10, SOON),
    (
        "board",
        "board of 2,000 deals in a browser, until painted",
        10,
        BOARD,
    ),
];

/// Why there is nothing to measure with.
fn missing(chromium: &str) -> Option<&'static str> {
    let there = |program: &str| {
        let mut c = Command::new(program);
        c.arg("--version").stdin(Stdio::null());
        c.stdout(Stdio::null()).stderr(Stdio::null());
        c.status().is_ok_and(|s| s.success())
    };
    if !Path::new(chromium).exists() {
        Some("Chromium is not installed")
    } else if !there("node") {
        Some("Node is not installed")
    } else if !Path::new(FOLDER).join("node_modules/playwright-core").exists() {
        Some("the packages of e2e/package-lock.json are not installed (npm ci)")
    } else {
        None
    }
}

/// The figures of this subject; none, and a sentence, where Chromium or Node is missing.
pub(crate) fn run(
    world: &World,
    server: &Server,
    session: &str,
    pages: &[&str],
    board: &str,
) -> Result<Vec<Figure>> {
    let chromium = std::env::var("PEYVAND_CHROMIUM").unwrap_or_else(|_| CHROMIUM.to_owned());
    if let Some(reason) = missing(&chromium) {
        eprintln!("bench: no figures of pages in a browser: {reason}");
        return Ok(Vec::new());
    }
    let spread = |n: usize, of: usize| (0..n.min(of)).map(move |i| i * of / n.min(of));
    let texts = terms(1_500);
    let lists: Vec<_> = spread(LISTS, pages.len()).filter_map(|i| pages.get(i)).collect();
    let typed: Vec<_> = spread(TYPED, texts.len()).filter_map(|i| texts.get(i)).collect();
    let asked = json!({
        "base": format!("http://{}", server.address), "session": session, "lists": lists, "texts": typed,
        "grid": "/contacts?sort=-created_at&columns=name,job_title,city,company_id,owner_id", "field": "job_title",
        "board": board, "times": TIMES,
    });
    let mut node = Command::new("node");
    node.current_dir(FOLDER).arg("bench.mjs");
    node.env("PEYVAND_CHROMIUM", &chromium);
    node.stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    let mut child = node.spawn().context("node")?;
    child
        .stdin
        .take()
        .context("no way to the script")?
        .write_all(asked.to_string().as_bytes())?;
    let out = child.wait_with_output()?;
    ensure!(out.status.success(), "the pages in a browser: {}", out.status);
    // The server is asked once more: one that has died would have made the rest quick.
    Client::connect(server.address)?;
    figures(world, &out.stdout)
}

/// The figures that the script has told.
fn figures(world: &World, told: &[u8]) -> Result<Vec<Figure>> {
    let mut told: BTreeMap<String, Vec<f64>> =
        serde_json::from_slice(told).context("what the script says of the pages")?;
    MEASURED
        .iter()
        .map(|(name, what, least, goal)| {
            let times = told
                .get_mut(*name)
                .with_context(|| format!("no times of {name}"))?;
            ensure!(
                times.len() >= *least && times.iter().all(|t| *t > 0.0),
                "{name}: {times:?}"
            );
            let middle = median(times);
            let most = times.last().copied().unwrap_or_default();
            let note = format!("median of {}, longest {} ms", times.len(), number(most));
            Ok(figure(format!("{what} ({})", at(world)), "ms", middle)
                .goal(Goal::AtMost(*goal))
                .note(note))
        })
        .collect()
}
