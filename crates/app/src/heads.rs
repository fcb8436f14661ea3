//! The newest seals, remembered outside the database: whoever cuts the end of the log off in the database, seals
//! included, leaves a shorter chain that holds by itself, and is found by what is remembered here.
//!
//! The file holds one JSON object: `workspace/stream` → position, hash and a code under the instance's key. It only moves
//! forward, and not while the database contradicts it, so that the evidence stays.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use peyvand_core::Id;
use peyvand_store::Keys;
use serde::{Deserialize, Serialize};

use crate::audit::Stream;
use crate::files::replace;

/// The last seal of a stream at some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its position.
    pub position: i64,
    /// Its hash, in hexadecimal digits.
    pub hash: String,
    code: String,
}

/// What is remembered, and where.
#[derive(Debug)]
pub struct Heads {
    path: PathBuf,
    known: Mutex<BTreeMap<String, Head>>,
}

fn name(workspace: Id, stream: Stream) -> String {
    format!("{workspace}/{}", stream.key())
}

fn code(keys: &Keys, name: &str, position: i64, hash: &str) -> String {
    let position = position.to_be_bytes();
    hex::encode(keys.derive("audit-head", &[name.as_bytes(), &position, hash.as_bytes()]))
}

impl Heads {
    /// What is remembered in this file; nothing when it is not there.
    ///
    /// # Errors
    /// When the file cannot be read or is not such a file.
    pub fn open(path: &Path) -> io::Result<Self> {
        let known = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(e) => return Err(e),
        };
        Ok(Self {
            path: path.to_owned(),
            known: Mutex::new(known),
        })
    }

    /// The head that is remembered of a stream, and whether it is one that was written with these keys.
    pub(crate) fn of(&self, keys: &Keys, workspace: Id, stream: Stream) -> Option<(Head, bool)> {
        let name = name(workspace, stream);
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let head = known.get(&name)?.clone();
        let ours = code(keys, &name, head.position, &head.hash) == head.code;
        Some((head, ours))
    }

    /// Remembers a later head, on the disk before this returns.
    pub(crate) fn put(
        &self,
        keys: &Keys,
        workspace: Id,
        stream: Stream,
        position: i64,
        hash: &[u8],
    ) -> io::Result<()> {
        let name = name(workspace, stream);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.get(&name).is_some_and(|h| h.position >= position) {
            return Ok(());
        }
        let hash = hex::encode(hash);
        let code = code(keys, &name, position, &hash);
        known.insert(name, Head { position, hash, code });
        let text = serde_json::to_vec_pretty(&*known).map_err(io::Error::other)?;
        replace(&self.path, &text)
    }
}
