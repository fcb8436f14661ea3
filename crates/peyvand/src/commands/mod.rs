//! The commands.

mod admin;
mod audit;
mod backup;
mod consent;
mod demo;
mod demo_consent;
mod doctor;
mod export;
mod import;
mod jobs;
mod restore;
mod schema;
mod sending;
mod serve;
mod text;
mod wall;

use anyhow::Result;
use clap::Subcommand;

use crate::instance::Place;
pub(crate) use import::RowsFailed;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the pages and the interface.
    Serve(serve::Arguments),
    /// Fill an empty workspace with a believable company and serve it.
    Demo(demo::Arguments),
    /// Bring records in from a file; the same command again goes on with an import that was stopped; ends with 3 when rows were
    /// not written.
    Import(import::Arguments),
    /// Take records out into a file.
    Export(export::Arguments),
    /// Back up all data into one file, and verify it.
    Backup(backup::Arguments),
    /// Bring data back from a backup; sending comes up paused.
    Restore(restore::Arguments),
    /// Check a backup by restoring it into a folder of its own.
    VerifyBackup(restore::Verify),
    /// Look whether all is well, and say what to do.
    Doctor,
    /// The audit log.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Background jobs.
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Fields and objects of your own.
    #[command(subcommand)]
    Schema(schema::Command),
    /// What a person allows: show, grant, withdraw.
    #[command(subcommand)]
    Consent(consent::Command),
    /// Let no message leave until `resume-sending`.
    PauseSending,
    /// Show what would go out, and let it.
    ResumeSending(sending::Arguments),
    /// Make workspaces, users and tokens.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Show how a text is read.
    #[command(subcommand)]
    Text(text::Command),
}

impl Command {
    /// Whether it runs inside the server when there is one.
    pub(crate) const fn is_for_the_server(&self) -> bool {
        match self {
            Self::Import(_)
            | Self::Export(_)
            | Self::Backup(_)
            | Self::Doctor
            | Self::Audit(_)
            | Self::Jobs(_)
            | Self::Schema(_)
            | Self::Consent(_)
            | Self::PauseSending
            | Self::ResumeSending(_)
            | Self::Admin(_) => true,
            Self::Serve(_) | Self::Demo(_) | Self::Restore(_) | Self::VerifyBackup(_) | Self::Text(_) => {
                false
            }
        }
    }
}

impl Command {
    /// Whether a line of the standard input belongs to it without a word that says so.
    pub(crate) const fn takes_a_line(&self) -> bool {
        matches!(self, Self::Admin(admin::Command::SetPassword { .. }))
    }
}

/// Runs a command.
pub(crate) async fn run(command: Command, place: &Place) -> Result<()> {
    match command {
        Command::Serve(a) => serve::run(a, place).await,
        Command::Demo(a) => demo::run(a, place).await,
        Command::Import(a) => import::run(a, place).await,
        Command::Export(a) => export::run(a, place).await,
        Command::Backup(a) => backup::run(a, place).await,
        Command::Restore(a) => restore::run(a, place).await,
        Command::VerifyBackup(a) => restore::verify(a, place).await,
        Command::Doctor => doctor::run(place).await,
        Command::Audit(c) => audit::run(c, place).await,
        Command::Jobs(c) => jobs::run(c, place).await,
        Command::Schema(c) => schema::run(c, place).await,
        Command::Consent(c) => consent::run(c, place).await,
        Command::PauseSending => sending::pause(place).await,
        Command::ResumeSending(a) => sending::resume(a, place).await,
        Command::Admin(c) => admin::run(c, place).await,
        Command::Text(c) => text::run(&c, place),
    }
}
