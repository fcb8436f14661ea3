//! `peyvand audit verify`.

use anyhow::Result;
use clap::Subcommand;
use peyvand_app::audit::Stream;
use peyvand_i18n::{Args, keys};

use super::admin::{sentence, workspace};
use crate::instance::Place;
use crate::say;
use crate::terminal::{Told, told, word};

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
            continue;
        }
        let which = word(match stream {
            Stream::Audit => keys::CLI_DOCTOR_AUDIT,
            Stream::Event => keys::CLI_DOCTOR_EVENTS,
        });
        let args = Args::new()
            .number("sealed", v.sealed as i64)
            .number("unsealed", v.unsealed as i64)
            .text("found", found);
        if v.broken.is_some() {
            say!("{which}: {}", told(keys::CLI_LOG_BREAKS, &args));
        } else {
            say!("{which}: {}", told(keys::CLI_LOG_HOLDS, &args));
            if let Some(head) = &v.head {
                let args = Args::new().text("head", head.clone());
                say!("  {}", told(keys::CLI_LOG_HEAD, &args));
            }
        }
    }
    app.note_log_check(sealed, !broken)?;
    place.close(&app).await;
    if broken {
        return Err(Told::of(keys::CLI_LOG_WRONG, &Args::new()));
    }
    Ok(())
}
