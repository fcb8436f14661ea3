//! `peyvand doctor`: is all well, and what to do where it is not.

use anyhow::{Result, bail};
use peyvand_app::audit::Stream;
use peyvand_store::Wall;
use serde_json::json;

use crate::instance::Place;
use crate::say;

/// A backup and the journal need room: below this it is time to act.
const FREE: u64 = 1 << 30;
/// More unsealed entries than this mean that nobody seals.
const TAIL: u64 = 10_000;

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    shown: String,
    /// What to do, in English and Persian, when it is not well.
    wrong: Option<(String, String)>,
}

fn finding(what: &'static str, shown: String, bad: bool, en: &str, fa: &str) -> Finding {
    Finding {
        what,
        shown,
        wrong: bad.then(|| (en.to_owned(), fa.to_owned())),
    }
}

/// Runs it.
pub(crate) async fn run(place: &Place) -> Result<()> {
    // Opening refuses an unsafe library and a newer schema by itself.
    let app = place.open_existing().await?;
    let mut all = vec![finding(
        "engine",
        format!(
            "{:?} {}",
            app.store.engine().dialect(),
            peyvand_store_sqlite::library()
        ),
        false,
        "",
        "",
    )];
    let wrong = app.store.engine().check().await?;
    all.push(finding(
        "integrity",
        wrong.first().cloned().unwrap_or_else(|| "ok".to_owned()),
        !wrong.is_empty(),
        "The database is damaged. Stop the program, keep a copy of the data folder, restore the newest verified backup.",
        "پایگاه داده آسیب دیده است. برنامه را متوقف کنید، از پوشهٔ داده رونوشت بگیرید و تازه‌ترین پشتیبان درست را بازگردانید.",
    ));
    let wall = app.store.engine().wall().await?;
    let (en, fa) = super::wall::sentences(&wall);
    let weak = matches!(wall, Wall::Gaps(_) | Wall::Passed { .. });
    // One workspace needs no wall around it.
    let several = app.workspaces().await?.len() > 1;
    all.push(finding(
        "wall between workspaces",
        wall.code().to_owned(),
        several && weak,
        &en,
        &fa,
    ));
    let disk = rustix::fs::statvfs(&place.data)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    all.push(finding(
        "free space",
        format!("{} MiB", free >> 20),
        free < FREE,
        "The disk is nearly full. Make room before a backup or an import.",
        "دیسک رو به پر شدن است. پیش از پشتیبان‌گیری یا ورود داده جا باز کنید.",
    ));
    for (slug, _) in app.workspaces().await? {
        let w = app.workspace(Some(&slug)).await?;
        for stream in Stream::ALL {
            let v = app.verify_stream(&w, stream).await?;
            let shown = format!("{slug}: {} sealed, {} not yet", v.sealed, v.unsealed);
            all.push(match v.broken {
                Some(b) => finding(
                    "audit log",
                    format!("{slug}: broken: {}", serde_json::to_string(&b)?),
                    true,
                    "The log is not what was written. Keep the data folder as it is and compare with a backup.",
                    "گزارش با آنچه نوشته شده یکی نیست. پوشهٔ داده را دست نزنید و با پشتیبان بسنجید.",
                ),
                None => finding(
                    "audit log",
                    shown,
                    v.unsealed > TAIL,
                    "Nobody seals the log: run `peyvand serve`.",
                    "کسی گزارش را مهر نمی‌کند: ‎`peyvand serve`‎ را اجرا کنید.",
                ),
            });
        }
        let dead = app.jobs(w.id, Some("dead")).await?.len();
        all.push(finding(
            "dead letters",
            format!("{slug}: {dead}"),
            dead > 0,
            "Look at them with `peyvand jobs list --state dead`, then `peyvand jobs retry ID`.",
            "با ‎`peyvand jobs list --state dead`‎ آن‌ها را ببینید و با ‎`peyvand jobs retry ID`‎ دوباره اجرا کنید.",
        ));
        if w.settings.sending_paused {
            all.push(finding("sending", format!("{slug}: paused"), false, "", ""));
        }
    }
    let bad = all.iter().filter(|f| f.wrong.is_some()).count();
    for f in &all {
        if place.json {
            let todo = f.wrong.as_ref().map(|(en, fa)| json!({"en": en, "fa": fa}));
            say!("{}", json!({"what": f.what, "found": f.shown, "todo": todo}));
        } else {
            let mark = if f.wrong.is_some() { "!" } else { "✓" };
            say!("{mark} {}: {}", f.what, f.shown);
            if let Some((en, fa)) = &f.wrong {
                say!("  {en}\n  {fa}");
            }
        }
    }
    place.close(&app).await;
    if bad > 0 {
        bail!("{bad} things to look at");
    }
    Ok(())
}
