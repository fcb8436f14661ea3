//! The program: `peyvand serve`, `demo`, `admin …`, `text explain` and the other commands. The only place that picks
//! the adapters.

mod commands;
mod config;
mod console;
mod control;
mod copies;
mod help;
mod instance;
mod process;
mod server;
mod syslog;
mod terminal;
#[cfg(debug_assertions)]
mod test_mode;
mod upgrade;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use peyvand_store::StoreError;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::{BoxMakeWriter, MakeWriterExt as _};

/// Peyvand: customer relationships, in Persian as in English.
#[derive(Debug, Parser)]
#[command(name = "peyvand", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) place: instance::Place,
    /// File of settings; `peyvand.toml` here when there is one.
    #[arg(long, global = true, env = "PEYVAND_CONFIG")]
    config: Option<std::path::PathBuf>,
    #[command(subcommand)]
    pub(crate) command: commands::Command,
}

/// Lists and imports are made of small allocations on several threads: this one serves each thread from a heap of its own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What clap ends with when a command cannot be read.
const USAGE: u8 = 2;
/// `EX_CONFIG` of sysexits.h.
const CONFIG: u8 = 78;

fn main() -> ExitCode {
    if let Err(e) = process::keep_memory_off_the_disk() {
        eprintln!("peyvand: {e}");
        return ExitCode::from(71);
    }
    process::take_memory_in_small_pages();
    let command = match config::apply(Cli::command()) {
        Ok(c) => c,
        Err(e) => {
            eprintln!("peyvand: {e:#}");
            return ExitCode::from(CONFIG);
        }
    };
    let language = terminal::language();
    let read = help::spoken(language, command)
        .try_get_matches()
        .and_then(|m| Cli::from_arg_matches(&m));
    let cli = match read {
        Ok(c) => c,
        Err(e) if e.use_stderr() && std::env::args_os().any(|word| word == "--json") => {
            let said = help::fault(language, &e).unwrap_or_else(|| e.to_string());
            eprintln!("{}", serde_json::json!({"code": "usage", "message": said.trim()}));
            return ExitCode::from(USAGE);
        }
        Err(e) => match help::fault(language, &e) {
            Some(said) => {
                eprint!("{said}");
                return ExitCode::from(USAGE);
            }
            None => e.exit(),
        },
    };
    let (filter, json) = match logging() {
        Ok(l) => l,
        Err(e) => {
            eprintln!("peyvand: {e:#}");
            return ExitCode::from(CONFIG);
        }
    };
    let elsewhere = match std::env::var("PEYVAND_SYSLOG") {
        Ok(address) if !address.is_empty() => match syslog::Syslog::to(&address) {
            Ok(s) => Some(s),
            Err(e) => {
                eprintln!("peyvand: the setting PEYVAND_SYSLOG: {e}");
                return ExitCode::from(CONFIG);
            }
        },
        _ => None,
    };
    let writer = match elsewhere.clone() {
        Some(s) => BoxMakeWriter::new(std::io::stderr.and(s)),
        None => BoxMakeWriter::new(std::io::stderr),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(elsewhere.is_none())
        .with_writer(writer);
    // One JSON object a line: a line break in a value stays inside of it.
    if json {
        log.json().init();
    } else {
        log.init();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(r) => r,
        Err(e) => {
            eprintln!("peyvand: {e}");
            return ExitCode::from(71);
        }
    };
    let as_json = cli.place.json;
    let done = runtime.block_on(async {
        if let Some(code) = control::ask(&cli.command, &cli.place).await? {
            return Ok(code);
        }
        commands::run(cli.command, &cli.place)
            .await
            .map(|()| ExitCode::SUCCESS)
    });
    if let Some(s) = &elsewhere {
        s.flush();
    }
    match done {
        Ok(code) => code,
        Err(e) => {
            eprint!("{}", failure(&e, as_json));
            ExitCode::from(exit_code(&e))
        }
    }
}

/// What is logged, and whether as JSON: what `PEYVAND_LOG` and `PEYVAND_LOG_FORMAT` say.
///
/// # Errors
/// When one of them cannot be used; it is named.
fn logging() -> anyhow::Result<(EnvFilter, bool)> {
    let setting = |name: &str| std::env::var(name).unwrap_or_default();
    let filter = match setting("PEYVAND_LOG") {
        none if none.is_empty() => "warn,peyvand=info,peyvand::request=warn".into(),
        given => EnvFilter::builder()
            .parse(&given)
            .map_err(|e| anyhow::anyhow!("the setting PEYVAND_LOG: `{given}`: {e}"))?,
    };
    let json = match setting("PEYVAND_LOG_FORMAT").as_str() {
        "" | "text" => false,
        "json" => true,
        other => anyhow::bail!("the setting PEYVAND_LOG_FORMAT: `{other}` is neither `text` nor `json`"),
    };
    Ok((filter, json))
}

/// The exit code of an error. 78 is `EX_CONFIG` of sysexits.h: the database or its library does not fit this program.
pub(crate) fn exit_code(e: &anyhow::Error) -> u8 {
    if e.is::<commands::RowsFailed>() {
        return commands::RowsFailed::CODE;
    }
    let config = e
        .downcast_ref::<StoreError>()
        .is_some_and(|s| matches!(s, StoreError::UnsafeEngine(_) | StoreError::NewerSchema { .. }));
    if config { CONFIG } else { 1 }
}

/// What is told of a command that has failed: a sentence, or with `--json` one object with `code` and `message`.
pub(crate) fn failure(e: &anyhow::Error, as_json: bool) -> String {
    if !as_json {
        return format!("peyvand: {e:#}\n");
    }
    let code = if let Some(told) = e.downcast_ref::<terminal::Told>() {
        told.code.as_str()
    } else if e.is::<commands::RowsFailed>() {
        "rows-failed"
    } else {
        e.downcast_ref::<StoreError>().map_or("failed", StoreError::code)
    };
    let message = format!("{e:#}");
    format!("{}\n", serde_json::json!({"code": code, "message": message}))
}
