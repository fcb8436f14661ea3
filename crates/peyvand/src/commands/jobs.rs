//! `peyvand jobs …`.

use anyhow::Result;
use clap::Subcommand;

use super::admin::{sentence, workspace};
use crate::instance::Place;
use crate::say;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List jobs.
    List {
        /// Only those in this state: `waiting`, `running`, `done`, `dead`.
        #[arg(long)]
        state: Option<String>,
    },
    /// Try a dead letter again.
    Retry {
        /// The job.
        id: String,
    },
}

/// Runs it.
pub(crate) async fn run(command: Command, place: &Place) -> Result<()> {
    let app = place.open_existing().await?;
    let w = workspace(&app, place).await?;
    match command {
        Command::List { state } => {
            let list = app.jobs(w.id, state.as_deref()).await.map_err(|e| sentence(&e))?;
            if place.json {
                say!("{}", serde_json::to_string(&list)?);
            } else {
                for j in list {
                    let error = j.error.unwrap_or_default();
                    say!("{}  {}  {}  {}  {error}", j.id, j.state, j.kind, j.attempts);
                }
            }
        }
        Command::Retry { id } => {
            let id = id.parse().map_err(|_| {
                crate::terminal::Told::of(
                    peyvand_i18n::keys::CLI_NO_JOB,
                    &peyvand_i18n::Args::new().text("id", id.clone()),
                )
            })?;
            app.retry_job(w.id, id).await.map_err(|e| sentence(&e))?;
        }
    }
    place.close(&app).await;
    Ok(())
}
