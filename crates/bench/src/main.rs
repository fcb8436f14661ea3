//! `cargo xtask bench`: speed and size of the product, with what the machine can do at most measured in the same run.

mod browser;
mod figure;
mod hot;
mod http;
mod limits;
mod listeners;
mod pages;
mod people;
mod recorder;
mod records;
mod server;
mod text;
mod tokens;
mod work;
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;
use figure::Figure;
use server::Program;
use world::World;

/// The allocator of the program, so that both sides of a quotient have the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the product.
#[derive(Debug, Parser)]
#[command(name = "bench", about)]
struct Arguments {
    /// Contacts in the database.
    #[arg(long, default_value_t = 100_000)]
    rows: usize,
    /// The program to measure; the one beside this one when not given.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Where the databases are kept for another run, and taken from when an earlier one has kept them.
    #[arg(long)]
    data: Option<PathBuf>,
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
const BENCHES: &[&str] = &[
    "text", "import", "start", "list", "search", "create", "token", "events", "pages", "hot", "postgres",
];

/// Contacts of the small database beside which the large one is held.
const SMALL: usize = 10_000;
/// Contacts on PostgreSQL at most.
const ON_POSTGRES: usize = 100_000;
/// Where a PostgreSQL is told; each run makes a database of its own on it.
const POSTGRES: &str = "PEYVAND_BENCH_POSTGRES";

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
    if BENCHES.iter().any(|b| *b != "text" && wanted(b)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(data(arguments, &wanted, &mut figures))?;
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

/// The benches that need a database.
async fn data(
    arguments: &Arguments,
    wanted: &impl Fn(&str) -> bool,
    figures: &mut Vec<Figure>,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = match &arguments.program {
        Some(p) => p.clone(),
        None => std::env::current_exe()?.with_file_name("peyvand"),
    };
    let program = |name: &str, database: &str| Program {
        path: path.clone(),
        data: arguments
            .data
            .as_deref()
            .unwrap_or_else(|| folder.path())
            .join(name),
        database: database.to_owned(),
    };
    let shown = |figures: &[Figure]| eprint!("{}", figure::markdown(figures));
    if BENCHES
        .iter()
        .any(|b| !["text", "postgres"].contains(b) && wanted(b))
    {
        let world = World::build(program("large", "sqlite"), arguments.rows).await?;
        let bare = if wanted("import") {
            let scratch = folder.path().join("bare");
            let rate = limits::import(&scratch, &path, arguments.rows).await?;
            fs::remove_dir_all(scratch)?;
            Some(rate)
        } else {
            None
        };
        figures.extend(records::import(&world, bare));
        figures.extend(records::sealing(&world).await?);
        shown(figures);
        if wanted("start") {
            figures.extend(records::start(&world)?);
        }
        if wanted("token") {
            figures.extend(tokens::run(&world).await?);
        }
        if wanted("hot") {
            let small = World::build(program("small", "sqlite"), SMALL).await?;
            for w in [&world, &small] {
                let done = w.program.data.join("work.done");
                if !done.exists() {
                    work::import(&w.program, w.rows)?;
                    w.settle().await?;
                    fs::write(done, [])?;
                }
            }
            figures.extend(hot::run(&world, &small)?);
            shown(figures);
        }
        if wanted("events") {
            // A server of their own: memory that loads left behind would hide what they cost.
            figures.extend(listeners::run(&world, &world.serve()?.0)?);
        }
        if wanted("pages") {
            figures.extend(pages::run(&world).await?);
            shown(figures);
        }
        let (server, _) = world.serve()?;
        if wanted("list") {
            figures.extend(records::list(&world, &server).await?);
        }
        if wanted("search") {
            figures.extend(records::search(&world, &server)?);
        }
        shown(figures);
        if wanted("create") {
            let limits = limits::creates(&folder.path().join("creates"), &path).await?;
            figures.extend(records::write(&world, &server, Some(limits))?);
        }
        figures.push(records::memory(&world, &server)?);
    }
    if wanted("postgres")
        && let Ok(url) = std::env::var(POSTGRES)
    {
        let database = peyvand_store_postgres::limits::fresh_database(&url).await?;
        let rows = arguments.rows.min(ON_POSTGRES);
        let world = World::build(program("postgres", &database), rows).await?;
        figures.extend(records::import(&world, None));
        figures.extend(records::sealing(&world).await?);
        let (server, _) = world.serve()?;
        figures.extend(records::list(&world, &server).await?);
        figures.extend(records::search(&world, &server)?);
        figures.extend(records::write(&world, &server, None)?);
        drop(server);
        peyvand_store_postgres::limits::drop_database(&url, &database).await?;
    }
    Ok(())
}

/// Puts the table where the file has its markers.
fn put(file: &Path, table: &str) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let new =
        between(&text, table).with_context(|| format!("{} has no place for the table", file.display()))?;
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
