//! The newest backup and how old it is, the log's last check, and how to make them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use peyvand_app::App;
use peyvand_core::Instant;
use peyvand_i18n::{Args, keys};

use super::administrator;
use crate::door::Visitor;
use crate::record::files;
use crate::shell::{Answer, Chrome, html};

#[derive(Template)]
#[template(path = "settings_backup.html")]
struct BackupPage {
    c: Chrome,
    css: String,
    /// What should be done; empty when all is well.
    warning: String,
    /// Label, value, exact value; the value is read from left to right.
    backup: Vec<(String, String, String, bool)>,
    log: Vec<(String, String, String, bool)>,
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    let v = &visitor.view;
    // A file of a few hundred bytes, and one look whether another is there.
    let known = app.upkeep();
    let when = |at: i64| (v.ago(Instant(at)), v.instant(Instant(at)));
    let mut warning = String::new();
    let mut backup = Vec::new();
    match &known.backup {
        None => warning = v.t(keys::BACKUP_NONE),
        Some(b) => {
            if !b.is_there() {
                warning = v.t(keys::BACKUP_GONE);
            } else if b.is_old(v.now) {
                warning = v.with(keys::BACKUP_OLD, &Args::new().text("when", v.ago(Instant(b.at))));
            }
            let (ago, exact) = when(b.at);
            backup.push((v.t(keys::BACKUP_WHEN), ago, exact, false));
            backup.push((v.t(keys::BACKUP_FILE), b.file.clone(), String::new(), true));
            let size = files::size(v, i64::try_from(b.size).unwrap_or(i64::MAX));
            backup.push((v.t(keys::BACKUP_SIZE), size, String::new(), false));
            let records = v.number(i64::try_from(b.records).unwrap_or(i64::MAX));
            backup.push((v.t(keys::BACKUP_RECORDS), records, String::new(), false));
            let key = if b.key_inside {
                keys::BACKUP_KEY_INSIDE
            } else {
                keys::BACKUP_KEY_ELSEWHERE
            };
            backup.push((v.t(keys::BACKUP_KEY), v.t(key), String::new(), false));
        }
    }
    let mut log = Vec::new();
    if let Some(l) = known.log {
        let (ago, exact) = when(l.at);
        log.push((v.t(keys::BACKUP_WHEN), ago, exact, false));
        let found = if l.holds {
            let n = i64::try_from(l.sealed).unwrap_or(i64::MAX);
            v.with(keys::BACKUP_LOG_HOLDS, &Args::new().number("count", n))
        } else {
            v.t(keys::BACKUP_LOG_BROKEN)
        };
        if !l.holds {
            warning.clone_from(&found);
        }
        log.push((v.t(keys::BACKUP_FOUND), found, String::new(), false));
    }
    let page = BackupPage {
        css: crate::assets::url("record.css"),
        warning,
        backup,
        log,
        c: Chrome::of(&visitor, &v.t(keys::SETTINGS_BACKUPS)),
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}
