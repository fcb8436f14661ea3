//! The program: `peyvand serve`, `demo`, `admin …`, `text explain` and the other commands. The only place that picks
//! the adapters.

mod commands;
mod instance;

use std::process::ExitCode;

use clap::Parser;

/// Records are many small texts made in one thread and freed in another, which the allocator of the system is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Peyvand: customer relationships, in Persian as in English.
#[derive(Debug, Parser)]
#[command(name = "peyvand", version, about, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    place: instance::Place,
    #[command(subcommand)]
    command: commands::Command,
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
    match runtime.block_on(commands::run(cli.command, &cli.place)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("peyvand: {e:#}");
            // 78 is EX_CONFIG of sysexits.h: the database or its library does not fit this program.
            let config = e.downcast_ref::<peyvand_store::StoreError>().is_some_and(|s| {
                matches!(
                    s,
                    peyvand_store::StoreError::UnsafeEngine(_)
                        | peyvand_store::StoreError::NewerSchema { .. }
                )
            });
            ExitCode::from(if config { 78 } else { 1 })
        }
    }
}
