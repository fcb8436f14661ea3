//! A channel that sends nothing: it writes a line for each message into a file, so that what would have gone out can be
//! counted. What it has answered for is on the disk.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use peyvand_domain::consent;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::gate::PermittedMessage;
use crate::{Channel, Outcome};

/// Writes a line of JSON for each message.
#[derive(Debug, Clone)]
pub struct LedgerFile {
    carries: consent::Channel,
    file: Arc<Mutex<File>>,
}

impl LedgerFile {
    /// A channel that writes into this file; several channels may share it.
    ///
    /// # Errors
    /// When it cannot be opened for appending.
    pub fn open(path: &Path, carries: consent::Channel) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.sync_all()?;
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(Self {
            carries,
            file: Arc::new(Mutex::new(file)),
        })
    }

    /// The same file for another channel.
    #[must_use]
    pub fn also(&self, carries: consent::Channel) -> Self {
        Self {
            carries,
            file: Arc::clone(&self.file),
        }
    }
}

/// The line of a message. The text itself is not copied: its hash tells whether it is the same.
fn line(m: &PermittedMessage) -> String {
    let mut line = json!({
        "id": m.id().to_string(),
        "channel": m.channel().key(),
        "purpose": m.purpose().key(),
        "address": m.address(),
        "subject": m.subject(),
        "text_sha256": hex::encode(Sha256::digest(m.body().as_bytes())),
        "formality": m.formality().key(),
        "consent": m.consent().map(|c| c.to_string()),
    })
    .to_string();
    line.push('\n');
    line
}

#[async_trait]
impl Channel for LedgerFile {
    fn carries(&self) -> consent::Channel {
        self.carries
    }

    async fn send(&self, message: &PermittedMessage) -> Outcome {
        let (line, file) = (line(message), Arc::clone(&self.file));
        let written = tokio::task::spawn_blocking(move || {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.write_all(line.as_bytes())?;
            file.sync_data()
        })
        .await;
        match written {
            Ok(Ok(())) => Outcome::Sent { reference: None },
            Ok(Err(e)) => Outcome::Unknown {
                reason: e.to_string(),
            },
            Err(e) => Outcome::Unknown {
                reason: e.to_string(),
            },
        }
    }
}
