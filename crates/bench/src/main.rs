//! `cargo xtask bench`: speed and size of the product, with what the machine can do at most measured in the same run.

mod figure;
mod text;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;
use figure::Figure;

/// Measures the product.
#[derive(Debug, Parser)]
#[command(name = "bench", about)]
struct Arguments {
    /// Contacts in the database.
    #[arg(long, default_value_t = 100_000)]
    rows: usize,
    /// Only these benches.
    #[arg(long)]
    only: Vec<String>,
    /// Write the figures as JSON into this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Put the table between the markers of this Markdown file.
    #[arg(long)]
    write: Option<PathBuf>,
}

/// The benches by name.
const BENCHES: &[&str] = &["text"];

/// The lines between which the table stands.
const BEGIN: &str = "<!-- the table begins -->";
const END: &str = "<!-- the table ends -->";

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("bench: {e:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool> {
    for name in &arguments.only {
        anyhow::ensure!(
            BENCHES.contains(&name.as_str()),
            "there is no bench {name}; there are {}",
            BENCHES.join(", ")
        );
    }
    let wanted = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|o| o == name);
    let mut figures: Vec<Figure> = Vec::new();
    if wanted("text") {
        figures.extend(text::run());
    }
    let table = figure::markdown(&figures);
    println!("{table}");
    let missed = figures.iter().filter(|f| f.met() == Some(false)).count();
    println!("{} figures, {missed} miss a goal", figures.len());
    if let Some(file) = &arguments.json {
        let all: Vec<_> = figures.iter().map(Figure::json).collect();
        fs::write(file, serde_json::to_string_pretty(&all)?).with_context(|| file.display().to_string())?;
    }
    if let Some(file) = &arguments.write {
        put(file, &table)?;
    }
    Ok(missed == 0)
}

/// Puts the table where the file has its markers.
fn put(file: &Path, table: &str) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let new = between(&text, table).with_context(|| format!("{} has no place for the table", file.display()))?;
    fs::write(file, new).with_context(|| file.display().to_string())
}

fn between(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{table}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_takes_the_place_of_the_old_one() {
        let text = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        assert_eq!(
            between(&text, "new").unwrap(),
            format!("a\n{BEGIN}\n\nnew\n{END}\nb\n")
        );
        assert_eq!(between("a", "new"), None);
    }
}
