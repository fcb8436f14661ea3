//! `peyvand backup FILE`.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use peyvand_app::backup::{BackupError, Checked};
use peyvand_i18n::{Args, text_of_code};
use peyvand_numbers::Language;

use crate::copies::copies_of;
use crate::instance::{Place, secret};
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
        return Err(anyhow!("the passphrase is empty"));
    }
    Ok(Some(line.to_owned()))
}

/// An error in both languages.
pub(crate) fn sentence(e: &BackupError) -> anyhow::Error {
    let say = |l: Language| match e {
        BackupError::App(e) => e.message(l),
        e => text_of_code(l, e.code(), &Args::new()),
    };
    anyhow!("{e}\n{}\n{}", say(Language::En), say(Language::Fa))
}

/// What a check found, for people or programs.
pub(crate) fn report(place: &Place, file: &Path, c: &Checked) -> Result<()> {
    if place.json {
        say!("{}", serde_json::to_string(c)?);
        return Ok(());
    }
    let records: u64 = c.manifest.records.values().sum();
    say!(
        "{} holds: {records} records, {} parts",
        file.display(),
        c.manifest.parts.len()
    );
    match c.sealed {
        Some(n) => say!("the audit log holds: {n} sealed entries"),
        None => say!("the audit log was not checked: the key of the instance is not here"),
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
        note!(
            "The key {} is not in the backup: keep it in another place. Without it the backup cannot be restored.",
            key.display()
        );
        note!(
            "کلید {} در پشتیبان نیست: آن را جای دیگری نگه دارید. بی آن، پشتیبان بازگردانده نمی‌شود.",
            key.display()
        );
    }
    place.close(&app).await;
    Ok(())
}
