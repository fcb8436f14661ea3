//! `peyvand backup FILE`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use peyvand_app::backup::{BackupError, Checked};
use peyvand_i18n::{Args, keys, text_of_code};

use crate::copies::copies_of;
use crate::instance::{Place, secret};
use crate::terminal::{self, Told, told, word};
use crate::{note, say};

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The file to write; there must be none of this name.
    #[arg(value_parser = crate::console::path)]
    pub(crate) file: PathBuf,
    /// The first line of the standard input is a passphrase with which the instance's key is put into the backup.
    #[arg(long)]
    pub(crate) passphrase_stdin: bool,
}

/// The passphrase from the standard input, when it is asked for.
pub(crate) fn passphrase(wanted: bool) -> Result<Option<String>> {
    if !wanted {
        return Ok(None);
    }
    let line = crate::console::read_line()?;
    let line = line.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        return Err(Told::of(keys::CLI_PASSPHRASE_EMPTY, &Args::new()));
    }
    Ok(Some(line.to_owned()))
}

/// What is wrong with a backup, in the language of the terminal, and which file or part it is.
pub(crate) fn sentence(e: &BackupError) -> anyhow::Error {
    let language = terminal::language();
    let said = text_of_code(language, e.code(), &Args::new());
    let said = match e {
        BackupError::App(e) => e.message(language),
        BackupError::Exists(what) | BackupError::Damaged(what) | BackupError::NotEmpty(what) => {
            format!("{said} ({what})")
        }
        BackupError::Io(e) => format!("{said} ({e})"),
        BackupError::OtherEngine { .. } | BackupError::KeyNeeded | BackupError::WrongPassphrase => said,
    };
    Told::with(e.code(), said)
}

/// What a check found, for people or programs.
pub(crate) fn report(place: &Place, file: &Path, c: &Checked) -> Result<()> {
    if place.json {
        say!("{}", serde_json::to_string(c)?);
        return Ok(());
    }
    let records: u64 = c.manifest.records.values().sum();
    let args = Args::new()
        .text("file", file.display().to_string())
        .number("records", records as i64)
        .number("parts", c.manifest.parts.len() as i64);
    say!("{}", told(keys::CLI_BACKUP_HOLDS, &args));
    match c.sealed {
        Some(n) => say!(
            "{}",
            told(keys::CLI_BACKUP_LOG, &Args::new().number("count", n as i64))
        ),
        None => say!("{}", word(keys::CLI_BACKUP_LOG_UNSEEN)),
    }
    Ok(())
}

/// Runs it.
pub(crate) async fn run(a: Arguments, place: &Place) -> Result<()> {
    let passphrase = passphrase(a.passphrase_stdin)?;
    let app = place.open_existing().await?;
    let key = secret(&place.data.join("instance.key"))?;
    for (slug, _) in app.workspaces().await? {
        let w = app.workspace(Some(&slug)).await?;
        app.seal(&w).await?;
    }
    let done = app
        .backup(
            &place.data,
            &a.file,
            key,
            passphrase.as_deref(),
            &*copies_of(place),
        )
        .await
        .map_err(|e| sentence(&e))?;
    // The backup is whole, whether or not this can be noted.
    if let Err(e) = app.note_backup(&a.file, &done) {
        note!("upkeep.json: {e}");
    }
    report(place, &a.file, &done)?;
    if !done.key_inside {
        let key = place.data.join("instance.key");
        let args = Args::new().text("key", key.display().to_string());
        note!("{}", told(keys::CLI_BACKUP_KEY_APART, &args));
    }
    place.close(&app).await;
    Ok(())
}
