//! `peyvand pause-sending` and `peyvand resume-sending`.

use anyhow::{Result, bail};
use peyvand_app::sending::Release;

use super::admin::{sentence, workspace};
use crate::instance::Place;
use crate::say;

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
    say!(
        "{}",
        if place.json {
            r#"{"paused":true}"#
        } else {
            "sending is paused"
        }
    );
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
        say!(
            "sending is {}",
            if waiting.paused { "paused" } else { "going on" }
        );
        say!("{} messages wait", waiting.total());
        for (what, n) in &waiting.queued {
            say!("  {n}  {what}");
        }
        if waiting.from_before > 0 {
            say!(
                "{} of them were queued before the data came back and may have gone out since",
                waiting.from_before
            );
        }
        if waiting.unknown > 0 {
            say!(
                "of {} more messages it is not known whether they went out; none is sent again by itself",
                waiting.unknown
            );
        }
        match resumed {
            Some(n) if arguments.send_queued => say!("sending goes on, {n} of the old messages with it"),
            Some(n) => say!("sending goes on; {n} of the old messages were cancelled"),
            None => say!("nothing was changed; --yes lets sending go on"),
        }
    }
    if arguments.yes && resumed.is_none() {
        bail!("say what becomes of the old messages: --send-queued or --cancel-queued");
    }
    Ok(())
}
