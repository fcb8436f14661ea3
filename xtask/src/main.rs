//! Tasks of the repository, run as `cargo xtask <task>`.
//!
//! A task is one module with a `run` function and one arm in [`main`].

mod bench;
mod browser;
mod child;
mod interface;
mod materials;
mod postgres;
mod skips;
mod suite;
mod yanked;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test [--fast] [--locale NAME] [FILTER]
cargo xtask bench [--rows N] [--only NAME] [--json FILE] [--write]
cargo xtask materials FILE

  test             check the format and the lints, run every test on SQLite and PostgreSQL,
                   and the pages in a browser
    --fast         only the tests: no format, no lints, no browser
    --locale NAME  the locale of the PostgreSQL that the tests get (default C.UTF-8)
    FILTER         only the tests whose name contains this; implies --fast

  bench            build for release and measure speed and size, with the limits of the machine beside them
    --rows N       contacts in the database (default 100,000)
    --only NAME    only this bench; may be repeated
    --json FILE    the figures as JSON as well
    --write        put the table into docs/performance.md

  materials        write what the program is built of into a file (CycloneDX), held to the rules of deny.toml

PEYVAND_TEST_POSTGRES=postgres://… uses that server instead of starting one.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["test", rest @ ..] => suite::Options::parse(rest).and_then(|options| suite::run(&root(), &options)),
        ["bench", rest @ ..] => bench::run(&root(), rest),
        ["materials", rest @ ..] => materials::run(&root(), rest),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace. Cargo tells where this package lies when it runs it, so that a binary from a shared
/// target folder still works on the checkout it was started in.
fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or(package.clone(), Path::to_path_buf)
}
