//! `peyvand doctor`: is all well, and what to do where it is not.

use anyhow::Result;
use peyvand_app::audit::Stream;
use peyvand_i18n::{Args, Key, keys, text};
use peyvand_numbers::Language;
use peyvand_store::Wall;
use serde_json::json;

use crate::instance::Place;
use crate::terminal::{Told, told, word};
use crate::{say, terminal};

/// A backup and the journal need room: below this it is time to act.
const FREE: u64 = 1 << 30;
/// More unsealed entries than this mean that nobody seals.
const TAIL: u64 = 10_000;

/// One thing that was looked at.
struct Finding {
    what: Key,
    shown: String,
    /// What to do, in English and Persian, when it is not well.
    wrong: Option<(String, String)>,
}

fn finding(what: Key, shown: String, bad: bool, en: &str, fa: &str) -> Finding {
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
        keys::CLI_DOCTOR_ENGINE,
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
        keys::CLI_DOCTOR_INTEGRITY,
        wrong.first().cloned().unwrap_or_else(|| word(keys::CLI_DOCTOR_OK)),
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
        keys::CLI_DOCTOR_WALL,
        wall.code().to_owned(),
        several && weak,
        &en,
        &fa,
    ));
    let disk = rustix::fs::statvfs(&place.data)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    all.push(finding(
        keys::CLI_DOCTOR_SPACE,
        told(
            keys::CLI_DOCTOR_FREE,
            &Args::new().number("count", (free >> 20) as i64),
        ),
        free < FREE,
        "The disk is nearly full. Make room before a backup or an import.",
        "دیسک رو به پر شدن است. پیش از پشتیبان‌گیری یا ورود داده جا باز کنید.",
    ));
    for (slug, _) in app.workspaces().await? {
        let w = app.workspace(Some(&slug)).await?;
        for stream in Stream::ALL {
            let v = app.verify_stream(&w, stream).await?;
            let what = match stream {
                Stream::Audit => keys::CLI_DOCTOR_AUDIT,
                Stream::Event => keys::CLI_DOCTOR_EVENTS,
            };
            let args = Args::new()
                .number("sealed", v.sealed as i64)
                .number("unsealed", v.unsealed as i64);
            let shown = format!("{slug}: {}", told(keys::CLI_DOCTOR_SEALED, &args));
            all.push(match v.broken {
                Some(b) => finding(
                    what,
                    format!(
                        "{slug}: {}: {}",
                        word(keys::CLI_DOCTOR_BROKEN),
                        serde_json::to_string(&b)?
                    ),
                    true,
                    "The log is not what was written. Keep the data folder as it is and compare with a backup.",
                    "گزارش با آنچه نوشته شده یکی نیست. پوشهٔ داده را دست نزنید و با پشتیبان بسنجید.",
                ),
                None => finding(
                    what,
                    shown,
                    v.unsealed > TAIL,
                    "Nobody seals the log: run `peyvand serve`.",
                    "کسی گزارش را مهر نمی‌کند: ‎`peyvand serve`‎ را اجرا کنید.",
                ),
            });
        }
        let dead = app.jobs(w.id, Some("dead")).await?.len();
        all.push(finding(
            keys::CLI_DOCTOR_DEAD,
            format!("{slug}: {dead}"),
            dead > 0,
            "Look at them with `peyvand jobs list --state dead`, then `peyvand jobs retry ID`.",
            "با ‎`peyvand jobs list --state dead`‎ آن‌ها را ببینید و با ‎`peyvand jobs retry ID`‎ دوباره اجرا کنید.",
        ));
        if w.settings.sending_paused {
            all.push(finding(
                keys::CLI_DOCTOR_SENDING,
                format!("{slug}: {}", word(keys::CLI_DOCTOR_PAUSED)),
                false,
                "",
                "",
            ));
        }
    }
    let bad = all.iter().filter(|f| f.wrong.is_some()).count();
    for f in &all {
        if place.json {
            let todo = f.wrong.as_ref().map(|(en, fa)| json!({"en": en, "fa": fa}));
            say!(
                "{}",
                json!({"what": text(Language::En, f.what, &Args::new()), "found": f.shown, "todo": todo})
            );
        } else {
            let mark = if f.wrong.is_some() { "!" } else { "✓" };
            say!("{mark} {}: {}", word(f.what), f.shown);
            if let Some((en, fa)) = &f.wrong {
                say!(
                    "  {}",
                    if terminal::language() == Language::Fa {
                        fa
                    } else {
                        en
                    }
                );
            }
        }
    }
    place.close(&app).await;
    if bad > 0 {
        return Err(Told::of(
            keys::CLI_THINGS,
            &Args::new().number("count", bad as i64),
        ));
    }
    Ok(())
}
