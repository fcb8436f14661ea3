//! The commands.

mod admin;
mod demo;
mod export;
mod import;
mod serve;
mod text;

use anyhow::Result;
use clap::Subcommand;

use crate::instance::Place;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the pages and the interface.
    Serve(serve::Arguments),
    /// Fill an empty workspace with a believable company and serve it.
    Demo(demo::Arguments),
    /// Bring records in from a file.
    Import(import::Arguments),
    /// Take records out into a file.
    Export(export::Arguments),
    /// Make workspaces, users and tokens.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Show how a text is read.
    #[command(subcommand)]
    Text(text::Command),
}

/// Runs a command.
pub(crate) async fn run(command: Command, place: &Place) -> Result<()> {
    match command {
        Command::Serve(a) => serve::run(a, place).await,
        Command::Demo(a) => demo::run(a, place).await,
        Command::Import(a) => import::run(a, place).await,
        Command::Export(a) => export::run(a, place).await,
        Command::Admin(c) => admin::run(c, place).await,
        Command::Text(c) => text::run(&c, place),
    }
}
