//! A backup before a newer program changes the schema of the data.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use peyvand_app::files::private_folder;
use peyvand_core::{Clock as _, SystemClock};
use peyvand_store::{Engine, SchemaVersion};
use peyvand_store_sqlite::{Options, SqliteEngine};

use crate::instance::Place;

/// Besides the copy itself this much must stay free: the upgrade writes too.
const SPARE: u64 = 64 << 20;

/// Makes and verifies a copy of an embedded database whose schema is older than this program, before anything of it is
/// changed. Nothing is done where there is nothing to upgrade.
///
/// # Errors
/// When there is no room, or the copy cannot be made or does not hold: then nothing is upgraded either.
pub(crate) async fn backup_before(engine: &dyn Engine, place: &Place) -> Result<()> {
    let version = engine.schema().await?;
    if !version.is_older() {
        return Ok(());
    }
    let SchemaVersion { found, known } = version;
    if place.database != "sqlite" {
        eprintln!(
            "peyvand: the schema goes from version {found} to {known}; the way back is a backup by the older program or by the \
             server (pg_dump)\nساختار از نسخهٔ {found} به {known} می‌رود؛ راه بازگشت پشتیبانی است که برنامهٔ پیشین یا خود سرور (pg_dump) \
             گرفته باشد"
        );
        return Ok(());
    }
    if place.no_upgrade_backup {
        eprintln!(
            "peyvand: the schema goes from version {found} to {known} without a backup, as was wished\nساختار، به خواست شما بی \
             پشتیبان، از نسخهٔ {found} به {known} می‌رود"
        );
        return Ok(());
    }
    let file = copy(engine, &place.data, version).await.with_context(|| {
        format!(
            "no backup before the upgrade from schema version {found} to {known}, so nothing was upgraded; leave it out with \
             --no-upgrade-backup\nپیش از رفتن ساختار از نسخهٔ {found} به {known} پشتیبانی گرفته نشد، پس چیزی تغییر نکرد؛ با \
             ‎--no-upgrade-backup‎ از آن بگذرید"
        )
    })?;
    eprintln!(
        "peyvand: the database as it was (schema version {found}) is in {}\nپایگاه داده، پیش از تغییر (نسخهٔ {found})، در همین پرونده است",
        file.display()
    );
    Ok(())
}

/// Is there room for a copy of this size?
const fn fits(free: u64, size: u64) -> bool {
    free >= size.saturating_add(SPARE)
}

async fn copy(engine: &dyn Engine, data: &Path, version: SchemaVersion) -> Result<PathBuf> {
    let folder = data.join("backups");
    private_folder(&folder).with_context(|| format!("{}", folder.display()))?;
    let database = data.join("peyvand.db");
    let size = [database.clone(), database.with_extension("db-wal")]
        .iter()
        .filter_map(|f| fs::metadata(f).ok())
        .map(|m| m.len())
        .sum();
    let disk = rustix::fs::statvfs(&folder)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if !fits(free, size) {
        bail!(
            "{} MiB are free, {} are needed\n{} مبی‌بایت جا هست و {} لازم است",
            free >> 20,
            size.saturating_add(SPARE) >> 20,
            free >> 20,
            size.saturating_add(SPARE) >> 20
        );
    }
    let now = SystemClock::default().now();
    let time: String = now
        .to_string()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let file = folder.join(format!("before-upgrade-v{}-{time}.db", version.found));
    // Under another name until it is whole and looked at: what has the name of a backup is one.
    let partial = file.with_extension("part");
    let made = write(engine, &partial, version).await;
    if made.is_err() {
        drop(fs::remove_file(&partial));
    }
    made?;
    fs::rename(&partial, &file)?;
    fs::File::open(&folder)?.sync_all()?;
    Ok(file)
}

/// Writes the copy and looks at it: is it whole, and of the version that it was made of?
async fn write(engine: &dyn Engine, file: &Path, version: SchemaVersion) -> Result<()> {
    engine.copy_to(file).await?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
    }
    fs::File::open(file)?.sync_all()?;
    let copy = SqliteEngine::open(file, &Options::default())?;
    let wrong = copy.check().await?;
    let found = copy.schema().await?.found;
    copy.close().await;
    if let Some(first) = wrong.first() {
        bail!("the copy is damaged: {first}");
    }
    if found != version.found {
        bail!("the copy has schema version {found}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_for_the_copy_and_the_upgrade() {
        assert!(fits(SPARE + 10, 10));
        assert!(!fits(SPARE + 9, 10));
        assert!(!fits(u64::MAX - 1, u64::MAX));
    }
}
