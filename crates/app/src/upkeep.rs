//! What is known of the care for the data: the newest backup that was verified, and when the log was last checked. It lies in
//! the data folder, beside the database and not in it: a restored copy starts without, for it was never backed up.

use std::fs;
use std::io;
use std::path::Path;

use peyvand_core::Instant;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::backup::Checked;
use crate::files::replace;

/// Name of the file.
const FILE: &str = "upkeep.json";
/// A backup older than this is worth a warning.
pub const BACKUP_AGE: i64 = 7 * Instant::DAY;

/// A backup that was made and verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBackup {
    /// The file, as it was named then, from the root.
    pub file: String,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// Bytes.
    pub size: u64,
    /// Records in it.
    pub records: u64,
    /// The instance's key is inside.
    pub key_inside: bool,
}

/// A check of the log from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCheck {
    /// When, in microseconds since 1970.
    pub at: i64,
    /// Sealed entries that hold.
    pub sealed: u64,
    /// Was all as it had been written?
    pub holds: bool,
}

/// What is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Upkeep {
    /// The newest backup.
    pub backup: Option<LastBackup>,
    /// The newest check of the log.
    pub log: Option<LastCheck>,
}

impl LastBackup {
    /// Is it so old that another one is due?
    #[must_use]
    pub fn is_old(&self, now: Instant) -> bool {
        now.micros() - self.at > BACKUP_AGE
    }

    /// Does a file of its name and size still lie there?
    #[must_use]
    pub fn is_there(&self) -> bool {
        fs::metadata(&self.file).is_ok_and(|m| m.is_file() && m.len() == self.size)
    }
}

impl App {
    /// What is known; nothing where there is no data folder, or its file cannot be read.
    #[must_use]
    pub fn upkeep(&self) -> Upkeep {
        let read = |folder: &Path| fs::read(folder.join(FILE)).ok();
        self.folder
            .as_deref()
            .and_then(read)
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }

    fn note_upkeep(&self, change: impl FnOnce(&mut Upkeep)) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let mut known = self.upkeep();
        change(&mut known);
        let text = serde_json::to_vec_pretty(&known).map_err(io::Error::other)?;
        replace(&folder.join(FILE), &text)
    }

    /// Notes a backup that was made and verified just now, and the log that was checked with it.
    ///
    /// # Errors
    /// What the file system says.
    pub fn note_backup(&self, file: &Path, checked: &Checked) -> io::Result<()> {
        let at = self.clock.now().micros();
        let backup = LastBackup {
            file: std::path::absolute(file)?.display().to_string(),
            at,
            size: fs::metadata(file)?.len(),
            records: checked.manifest.records.values().sum(),
            key_inside: checked.key_inside,
        };
        self.note_upkeep(|known| {
            known.backup = Some(backup);
            if let Some(sealed) = checked.sealed {
                known.log = Some(LastCheck {
                    at,
                    sealed,
                    holds: true,
                });
            }
        })
    }

    /// Notes that the log was checked just now.
    ///
    /// # Errors
    /// What the file system says.
    pub fn note_log_check(&self, sealed: u64, holds: bool) -> io::Result<()> {
        let at = self.clock.now().micros();
        self.note_upkeep(|known| known.log = Some(LastCheck { at, sealed, holds }))
    }
}
