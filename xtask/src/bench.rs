//! `cargo xtask bench`: builds the product and what measures it, and runs it.

use crate::browser;
use crate::child;
use crate::postgres::Server;
use anyhow::{Result, ensure};
use std::path::Path;
use std::process::Command;

/// The variable by which the bench finds a PostgreSQL.
const POSTGRES: &str = "PEYVAND_BENCH_POSTGRES";

/// Runs the bench. `words` go to it as they are; `--write` without a file means the page of the docs.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<bool> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root)
        .args(["build", "--release", "-p", "peyvand", "-p", "peyvand-bench"]);
    let (status, _) = child::run_shown(&mut command)?;
    ensure!(status.success(), "the product does not build");
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root)
        .args(["run", "--release", "--quiet", "-p", "peyvand-bench", "--"]);
    let only = words.iter().any(|w| w.starts_with("--only"));
    let wanted = |name: &str| !only || words.iter().any(|w| w.ends_with(name));
    if wanted("pages") {
        browser::ready(root)?;
    }
    // A server that keeps what it acknowledges: figures of one that does not would say nothing.
    let server = if wanted("postgres") && std::env::var_os(POSTGRES).is_none() {
        Some(Server::start_durable(root, "C.UTF-8")?)
    } else {
        None
    };
    if let Some(server) = &server {
        command.env(POSTGRES, server.url());
    }
    for word in words {
        command.arg(word);
        if *word == "--write" {
            command.arg(root.join("docs").join("performance.md"));
        }
    }
    let (status, _) = child::run_shown(&mut command)?;
    Ok(status.success())
}
