//! `peyvand pause-sending` and `peyvand resume-sending`.

use anyhow::Result;
use peyvand_app::sending::Release;
use peyvand_i18n::{Args, keys};

use super::admin::{sentence, workspace};
use crate::instance::Place;
use crate::say;
use crate::terminal::{Told, told, word};

/// Arguments of `resume-sending`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Let sending go on.
    #[arg(long)]
    yes: bool,
    /// Messages that were queued before the data came back go out, too.
    #[arg(long, conflicts_with = "cancel_queued")]
    send_queued: bool,
    /// Messages that were queued before the data came back are cancelled.
    #[arg(long)]
    cancel_queued: bool,
}

/// Lets no message leave.
pub(crate) async fn pause(place: &Place) -> Result<()> {
    let app = place.open_existing().await?;
    let w = workspace(&app, place).await?;
    app.set_paused(&w, true).await.map_err(|e| sentence(&e))?;
    if place.json {
        say!("{}", r#"{"paused":true}"#);
    } else {
        say!("{}", word(keys::CLI_SENDING_PAUSED));
    }
    place.close(&app).await;
    Ok(())
}

/// Shows what would go out; with `--yes` lets it.
pub(crate) async fn resume(arguments: Arguments, place: &Place) -> Result<()> {
    let app = place.open_existing().await?;
    let w = workspace(&app, place).await?;
    let waiting = app.waiting_messages(&w).await.map_err(|e| sentence(&e))?;
    let release = match (arguments.send_queued, arguments.cancel_queued) {
        (true, _) => Some(Release::Send),
        (_, true) => Some(Release::Cancel),
        _ if waiting.from_before == 0 => Some(Release::Cancel),
        _ => None,
    };
    let resumed = match release {
        Some(release) if arguments.yes => {
            Some(app.resume_sending(&w, release).await.map_err(|e| sentence(&e))?)
        }
        _ => None,
    };
    place.close(&app).await;
    if place.json {
        say!(
            "{}",
            serde_json::json!({ "waiting": waiting, "resumed": resumed.is_some(), "released_or_cancelled": resumed })
        );
    } else {
        let some = |key, n: u64| told(key, &Args::new().number("count", n as i64));
        say!(
            "{}",
            word(if waiting.paused {
                keys::CLI_SENDING_PAUSED
            } else {
                keys::CLI_SENDING_ON
            })
        );
        say!("{}", some(keys::CLI_SENDING_WAIT, waiting.total()));
        for (what, n) in &waiting.queued {
            say!("  {n}  {what}");
        }
        if waiting.from_before > 0 {
            say!("{}", some(keys::CLI_SENDING_BEFORE, waiting.from_before));
        }
        if waiting.unknown > 0 {
            say!("{}", some(keys::CLI_SENDING_UNKNOWN, waiting.unknown));
        }
        match resumed {
            Some(n) if arguments.send_queued => say!("{}", some(keys::CLI_SENDING_WITH_OLD, n)),
            Some(n) => say!("{}", some(keys::CLI_SENDING_WITHOUT_OLD, n)),
            None => say!("{}", word(keys::CLI_SENDING_UNCHANGED)),
        }
    }
    if arguments.yes && resumed.is_none() {
        return Err(Told::of(keys::CLI_SENDING_WHICH, &Args::new()));
    }
    Ok(())
}
