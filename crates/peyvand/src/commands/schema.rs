//! `peyvand schema …`: fields and objects of one's own, as a file.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Subcommand;
use peyvand_app::AppError;
use peyvand_catalog::Schema;

use super::admin::{sentence, workspace};
use crate::instance::Place;
use crate::say;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the definitions to the standard output.
    Export,
    /// Show what a file would change.
    Diff {
        /// The file.
        #[arg(value_parser = crate::console::path)]
        file: PathBuf,
    },
    /// Change the definitions to those of a file.
    Apply {
        /// The file.
        #[arg(value_parser = crate::console::path)]
        file: PathBuf,
        /// Changes that hide stored values are meant.
        #[arg(long)]
        yes: bool,
    },
}

/// Runs it.
pub(crate) async fn run(command: Command, place: &Place) -> Result<()> {
    let app = match &command {
        Command::Apply { .. } => place.open().await?,
        Command::Export | Command::Diff { .. } => place.open_existing().await?,
    };
    let w = workspace(&app, place).await?;
    let read = |file: &PathBuf| -> Result<Schema> {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        Schema::from_toml(&text).map_err(|e| sentence(&AppError::Schema(e)))
    };
    let show = |changes: &[peyvand_catalog::Change]| -> Result<()> {
        for c in changes {
            say!("{}", serde_json::to_string(c)?);
        }
        Ok(())
    };
    match command {
        Command::Export => crate::console::out(format_args!("{}", app.schema_of(&w).live().to_toml()?)),
        Command::Diff { file } => {
            let changes = app.schema_changes(&w, &read(&file)?);
            show(&changes)?;
            app.check_schema(&w, &changes).await.map_err(|e| sentence(&e))?;
        }
        Command::Apply { file, yes } => {
            let changes = app.schema_changes(&w, &read(&file)?);
            show(&changes)?;
            app.change_schema(&w, &changes, yes)
                .await
                .map_err(|e| sentence(&e))?;
        }
    }
    place.close(&app).await;
    Ok(())
}
