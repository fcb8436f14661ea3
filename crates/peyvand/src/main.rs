//! The program: `peyvand serve`, `demo`, `admin …`, `text explain` and the other commands. The only place that picks
//! the adapters.

mod commands;
mod console;
mod control;
mod copies;
mod instance;
#[cfg(debug_assertions)]
mod test_mode;

use std::process::ExitCode;

use clap::Parser;
use peyvand_store::StoreError;

/// Peyvand: customer relationships, in Persian as in English.
#[derive(Debug, Parser)]
#[command(name = "peyvand", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) place: instance::Place,
    #[command(subcommand)]
    pub(crate) command: commands::Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("PEYVAND_LOG")
                .unwrap_or_else(|_| "warn,peyvand=info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(r) => r,
        Err(e) => {
            eprintln!("peyvand: {e}");
            return ExitCode::from(71);
        }
    };
    let done = runtime.block_on(async {
        if let Some(code) = control::ask(&cli.command, &cli.place).await? {
            return Ok(code);
        }
        commands::run(cli.command, &cli.place)
            .await
            .map(|()| ExitCode::SUCCESS)
    });
    match done {
        Ok(code) => code,
        Err(e) => {
            eprintln!("peyvand: {e:#}");
            ExitCode::from(exit_code(&e))
        }
    }
}

/// The exit code of an error. 78 is `EX_CONFIG` of sysexits.h: the database or its library does not fit this program.
pub(crate) fn exit_code(e: &anyhow::Error) -> u8 {
    let config = e
        .downcast_ref::<StoreError>()
        .is_some_and(|s| matches!(s, StoreError::UnsafeEngine(_) | StoreError::NewerSchema { .. }));
    if config { 78 } else { 1 }
}
