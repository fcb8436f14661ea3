//! `peyvand audit verify`.

use anyhow::{Result, bail};
use clap::Subcommand;
use peyvand_app::audit::Stream;

use super::admin::{sentence, workspace};
use crate::instance::Place;
use crate::say;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the chain of the log from its beginning.
    Verify,
}

/// Runs it.
pub(crate) async fn run(command: Command, place: &Place) -> Result<()> {
    let Command::Verify = command;
    let app = place.open_existing().await?;
    let w = workspace(&app, place).await?;
    let (mut broken, mut sealed) = (false, 0);
    for stream in Stream::ALL {
        let v = app.verify_stream(&w, stream).await.map_err(|e| sentence(&e))?;
        broken |= v.broken.is_some();
        sealed += v.sealed;
        let found = serde_json::to_string(&v.broken)?;
        if place.json {
            say!(
                "{}",
                serde_json::json!({"stream": stream, "sealed": v.sealed, "unsealed": v.unsealed, "broken": v.broken, "head": v.head})
            );
        } else if v.broken.is_some() {
            say!("{stream:?}: {} entries hold, then broken: {found}", v.sealed);
        } else {
            say!(
                "{stream:?}: {} entries hold, {} not yet sealed",
                v.sealed,
                v.unsealed
            );
            if let Some(head) = &v.head {
                say!("  last seal, to be kept elsewhere: {head}");
            }
        }
    }
    app.note_log_check(sealed, !broken)?;
    place.close(&app).await;
    if broken {
        bail!("the log is not what was written");
    }
    Ok(())
}
