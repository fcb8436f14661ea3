//! `peyvand restore FILE` and `peyvand verify-backup FILE`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use peyvand_app::App;
use peyvand_core::{IdSource, SystemClock};
use peyvand_store::{Keys, Secret, Store};
use peyvand_store_sqlite::{Options, SqliteEngine};

use super::backup::{passphrase, report, sentence};
use crate::copies::copies_of;
use crate::instance::{Place, no_key};
use crate::note;
use crate::terminal::word;

/// Arguments of `restore`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The backup.
    file: PathBuf,
    /// The file with the instance's key, when it is not in the data folder already.
    #[arg(long)]
    key: Option<PathBuf>,
    /// The first line of the standard input is the passphrase of the key in the backup.
    #[arg(long)]
    passphrase_stdin: bool,
    /// Move aside what is in the data folder.
    #[arg(long)]
    force: bool,
}

/// Arguments of `verify-backup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The backup.
    file: PathBuf,
    /// The file with the instance's key, when it is not that of the data folder.
    #[arg(long)]
    key: Option<PathBuf>,
    /// The first line of the standard input is the passphrase of the key in the backup.
    #[arg(long)]
    passphrase_stdin: bool,
}

fn key(file: Option<&Path>) -> Result<Option<Secret>> {
    let Some(file) = file else { return Ok(None) };
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    Secret::read(&bytes).map(Some).ok_or_else(|| no_key(file))
}

/// An application that only works on backups: its own database is in a folder that goes.
fn tool(folder: &Path) -> Result<App> {
    let engine = Arc::new(SqliteEngine::open(&folder.join("tool.db"), &Options::default())?);
    let store = Arc::new(Store::new(engine, Keys::new([0; 32])));
    Ok(App::new(
        store,
        Arc::new(SystemClock::default()),
        Arc::new(IdSource::default()),
    ))
}

/// Restores.
pub(crate) async fn run(a: Arguments, place: &Place) -> Result<()> {
    let passphrase = passphrase(a.passphrase_stdin)?;
    peyvand_app::files::private_folder(&place.data)?;
    crate::control::hold(&place.data).await?;
    let folder = tempfile::tempdir()?;
    let app = tool(folder.path())?;
    let done = app
        .restore_backup(
            &a.file,
            &place.data,
            key(a.key.as_deref())?,
            passphrase.as_deref(),
            a.force,
            &*copies_of(place),
        )
        .await
        .map_err(|e| sentence(&e))?;
    report(place, &a.file, &done)?;
    note!("{}", word(peyvand_i18n::keys::CLI_RESTORE_PAUSED));
    Ok(())
}

/// Checks.
pub(crate) async fn verify(a: Verify, place: &Place) -> Result<()> {
    let passphrase = passphrase(a.passphrase_stdin)?;
    let folder = tempfile::tempdir()?;
    let app = tool(folder.path())?;
    let own = place.data.join("instance.key");
    let file = a.key.or_else(|| own.exists().then_some(own));
    let done = app
        .verify_backup(
            &a.file,
            key(file.as_deref())?,
            passphrase.as_deref(),
            &*copies_of(place),
        )
        .await
        .map_err(|e| sentence(&e))?;
    report(place, &a.file, &done)
}
