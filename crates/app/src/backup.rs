//! Backups: one file with the database, the contents of files and a manifest; verified by the command that made it.
//!
//! Form: `PEYVAND-BACKUP-1\n`, then the parts one after another (length of the name as 4 bytes, length of the content as
//! 8 bytes, both big-endian, the name, the content), the manifest last, and at the end the SHA-256 of everything before.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use peyvand_core::{Id, random};
use peyvand_record::policy::Policy;
use peyvand_record::query::{DeletedScope, Query};

use peyvand_store::tables::SIDE;
use peyvand_store::{Engine, Keys, RowsCall, Secret, Store, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::audit::Stream;
use crate::errors::AppError;
use crate::files::{private_folder, sync_folder};

const MAGIC: &[u8] = b"PEYVAND-BACKUP-1\n";
const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "peyvand.db";
const FILES: &str = "files";
const SEALED_KEY: &str = "instance.key.sealed";
const KEY: &str = "instance.key";
/// The lock of a data folder, which whoever restores holds.
const LOCK: &str = "peyvand.lock";
/// Longest name of a part.
const LONGEST_NAME: u32 = 4096;

/// What an engine's own copies need to be looked into and brought back.
#[async_trait]
pub trait Copies: Send + Sync + std::fmt::Debug {
    /// Opens what [`Engine::copy_to`] wrote, in a place of its own, which goes when the engine is
    /// closed. The file may change by it.
    async fn open(&self, copy: &Path) -> Result<Arc<dyn Engine>, StoreError>;

    /// Is a copy a database of SQLite?
    fn embedded(&self) -> bool;

    /// Brings a copy back into the instance's own database, which must be empty, and opens that. `None` when the file
    /// itself is the database and is moved to its place.
    async fn bring_back(&self, copy: &Path) -> Result<Option<Arc<dyn Engine>>, StoreError>;
}

/// Why a backup was not made, or is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is such a file already: a backup never overwrites.
    #[error("{0} is there already")]
    Exists(String),
    /// The file is not a backup, or one byte of it is not what it was.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// It holds a database of the other engine.
    #[error("the backup is of {}", if *embedded { "SQLite" } else { "PostgreSQL" })]
    OtherEngine {
        /// Is it one of SQLite?
        embedded: bool,
    },
    /// The folder holds data.
    #[error("{0} is not empty")]
    NotEmpty(String),
    /// The backup belongs to another key, or there is none.
    #[error("the key of the instance is needed")]
    KeyNeeded,
    /// The passphrase does not open the key.
    #[error("the passphrase does not fit")]
    WrongPassphrase,
    /// The file system says no.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A use case or the database says no.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<StoreError> for BackupError {
    fn from(e: StoreError) -> Self {
        Self::App(e.into())
    }
}

impl BackupError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exists(_) => "backup-exists",
            Self::Damaged(_) => "backup-damaged",
            Self::OtherEngine { embedded: true } => "backup-of-sqlite",
            Self::OtherEngine { embedded: false } => "backup-of-postgresql",
            Self::NotEmpty(_) => "restore-not-empty",
            Self::KeyNeeded => "backup-key-needed",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::Io(_) => "file-io",
            Self::App(e) => e.code(),
        }
    }
}

/// A part of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name: `peyvand.db`, `files/ab/abcd…`.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256.
    pub sha256: String,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the program that made it.
    pub program: String,
    /// When, RFC 3339.
    pub made_at: String,
    /// Fingerprint of the instance's key, without which audit details cannot be read.
    pub key: String,
    /// Workspaces: UUID and slug.
    pub workspaces: Vec<(String, String)>,
    /// Records of each object of each workspace, the recycle bin included: `main/contact`.
    pub records: BTreeMap<String, u64>,
    /// The parts, the manifest apart.
    pub parts: Vec<Part>,
}

/// What a check found, beside that all holds.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    /// The manifest.
    pub manifest: Manifest,
    /// Sealed entries of the audit log whose chain was checked; `None` without the key.
    pub sealed: Option<u64>,
    /// The key is inside, sealed with a passphrase.
    pub key_inside: bool,
}

/// What says which key this is without telling it: of its newest generation.
fn fingerprint(secret: &Secret) -> String {
    fingerprint_of(secret.newest())
}

fn fingerprint_of(generation: [u8; 32]) -> String {
    hex::encode(&Keys::new(generation).derive("fingerprint", &[])[..8])
}

/// Is it the key that a backup was made with, or one that came out of that by new generations?
fn is_key_of(secret: &Secret, fingerprint: &str) -> bool {
    secret.generations().any(|g| fingerprint_of(g) == fingerprint)
}

fn passphrase_key(passphrase: &str, salt: &[u8]) -> Result<[u8; 32], BackupError> {
    let mut out = [0; 32];
    argon2::Argon2::default()
        .hash_password_into(passphrase.as_bytes(), salt, &mut out)
        .map_err(|_| BackupError::WrongPassphrase)?;
    Ok(out)
}

fn seal_secret(secret: &Secret, passphrase: &str) -> Result<Vec<u8>, BackupError> {
    let (salt, nonce) = (random::bytes::<16>(), random::bytes::<12>());
    let key = passphrase_key(passphrase, &salt)?;
    let sealed = ChaCha20Poly1305::new(Key::from_slice(&key))
        .encrypt(Nonce::from_slice(&nonce), &secret.bytes()[..])
        .map_err(|_| BackupError::WrongPassphrase)?;
    Ok([&salt[..], &nonce, &sealed].concat())
}

fn open_secret(sealed: &[u8], passphrase: &str) -> Result<Secret, BackupError> {
    let (salt, rest) = sealed.split_at_checked(16).ok_or(BackupError::WrongPassphrase)?;
    let (nonce, rest) = rest.split_at_checked(12).ok_or(BackupError::WrongPassphrase)?;
    let key = passphrase_key(passphrase, salt)?;
    let secret = ChaCha20Poly1305::new(Key::from_slice(&key))
        .decrypt(Nonce::from_slice(nonce), rest)
        .map_err(|_| BackupError::WrongPassphrase)?;
    Secret::read(&secret).ok_or(BackupError::WrongPassphrase)
}

/// Writes and hashes.
struct Hashing<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, b: &[u8]) -> io::Result<usize> {
        let n = self.to.write(b)?;
        self.hash.update(b.get(..n).unwrap_or_default());
        Ok(n)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Reads and hashes.
struct Rehashing<R> {
    from: R,
    hash: Sha256,
}

impl<R: Read> Read for Rehashing<R> {
    fn read(&mut self, b: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(b)?;
        self.hash.update(b.get(..n).unwrap_or_default());
        Ok(n)
    }
}

fn hash_file(path: &Path) -> io::Result<(u64, String)> {
    let mut hash = Hashing {
        to: io::sink(),
        hash: Sha256::new(),
    };
    let size = io::copy(&mut BufReader::new(fs::File::open(path)?), &mut hash)?;
    Ok((size, hex::encode(hash.hash.finalize())))
}

/// The files below a folder, by their names with `/`.
fn files_below(root: &Path, prefix: &str, out: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    let mut entries: Vec<_> = match fs::read_dir(root) {
        Ok(e) => e.collect::<Result<_, _>>()?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for e in entries {
        let name = format!("{prefix}/{}", e.file_name().to_string_lossy());
        if e.file_type()?.is_dir() {
            files_below(&e.path(), &name, out)?;
        } else if !name.contains("/incoming-") {
            out.push((name, e.path()));
        }
    }
    Ok(())
}

fn part(out: &mut impl Write, name: &str, size: u64, content: &mut impl Read) -> io::Result<()> {
    let length = u32::try_from(name.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(&size.to_be_bytes())?;
    out.write_all(name.as_bytes())?;
    let n = io::copy(&mut content.take(size), out)?;
    if n == size {
        Ok(())
    } else {
        Err(io::Error::other("a file became shorter while it was read"))
    }
}

fn write_container(to: &Path, parts: &[(String, PathBuf)], mut manifest: Manifest) -> io::Result<Manifest> {
    let mut out = Hashing {
        to: BufWriter::new(private_file(to)?),
        hash: Sha256::new(),
    };
    out.write_all(MAGIC)?;
    for (name, path) in parts {
        let (size, sha256) = hash_file(path)?;
        part(&mut out, name, size, &mut fs::File::open(path)?)?;
        manifest.parts.push(Part {
            name: name.clone(),
            size,
            sha256,
        });
    }
    let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?;
    part(&mut out, MANIFEST, text.len() as u64, &mut text.as_slice())?;
    let mut inner = out.to;
    inner.write_all(&out.hash.finalize())?;
    inner
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    Ok(manifest)
}

fn damaged(what: impl std::fmt::Display) -> BackupError {
    BackupError::Damaged(what.to_string())
}

/// Does the copy begin as a database of SQLite does?
fn is_sqlite(copy: &Path) -> io::Result<bool> {
    const BEGINNING: &[u8; 16] = b"SQLite format 3\0";
    let mut head = Vec::new();
    fs::File::open(copy)?
        .take(BEGINNING.len() as u64)
        .read_to_end(&mut head)?;
    Ok(head == BEGINNING)
}

/// Unpacks a backup into an empty folder and holds every hash.
fn read_container(file: &Path, into: &Path) -> Result<Manifest, BackupError> {
    let total = fs::metadata(file)?.len();
    let body = total
        .checked_sub(32 + MAGIC.len() as u64)
        .ok_or_else(|| damaged("too short"))?;
    let mut from = Rehashing {
        from: BufReader::new(fs::File::open(file)?),
        hash: Sha256::new(),
    };
    let mut magic = [0; MAGIC.len()];
    from.read_exact(&mut magic)?;
    if magic != MAGIC {
        return Err(damaged("not a backup"));
    }
    let mut left = body;
    let mut found: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut manifest: Option<Vec<u8>> = None;
    while left > 0 {
        let (mut length, mut size) = ([0; 4], [0; 8]);
        left = left.checked_sub(12).ok_or_else(|| damaged("a part"))?;
        from.read_exact(&mut length)?;
        from.read_exact(&mut size)?;
        let (length, size) = (u32::from_be_bytes(length), u64::from_be_bytes(size));
        if length > LONGEST_NAME {
            return Err(damaged("a name"));
        }
        left = left
            .checked_sub(u64::from(length))
            .and_then(|l| l.checked_sub(size))
            .ok_or_else(|| damaged("a part"))?;
        let mut name = vec![0; length as usize];
        from.read_exact(&mut name)?;
        let name = String::from_utf8(name).map_err(damaged)?;
        // A name never leads out of the folder.
        let plain = Path::new(&name)
            .components()
            .all(|c| matches!(c, Component::Normal(_)));
        if name.is_empty() || !plain {
            return Err(damaged("a name"));
        }
        if name == MANIFEST {
            let mut text = Vec::new();
            (&mut from).take(size).read_to_end(&mut text)?;
            manifest = Some(text);
            continue;
        }
        let path = into.join(&name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut out = Hashing {
            to: BufWriter::new(private_file(&path)?),
            hash: Sha256::new(),
        };
        let n = io::copy(&mut (&mut from).take(size), &mut out)?;
        out.to
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        found.insert(name, (n, hex::encode(out.hash.finalize())));
    }
    let ours = from.hash.clone().finalize();
    let mut theirs = [0; 32];
    from.read_exact(&mut theirs)?;
    if ours[..] != theirs {
        return Err(damaged("its hash"));
    }
    let manifest: Manifest = manifest
        .and_then(|m| serde_json::from_slice(&m).ok())
        .ok_or_else(|| damaged("the manifest"))?;
    let listed: BTreeMap<String, (u64, String)> = manifest
        .parts
        .iter()
        .map(|p| (p.name.clone(), (p.size, p.sha256.clone())))
        .collect();
    if listed != found {
        return Err(damaged("its parts"));
    }
    Ok(manifest)
}

/// A folder that goes when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(file: &Path) -> io::Result<Self> {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{}", hex::encode(random::bytes::<6>())));
        let path = PathBuf::from(name);
        private_folder(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

impl App {
    fn beside(&self, engine: Arc<dyn Engine>, secret: Secret) -> Self {
        let store = Arc::new(Store::new(engine, Keys::new(secret)));
        Self::new(store, Arc::clone(&self.clock), Arc::clone(&self.ids))
    }

    /// Records of every object of every workspace, the recycle bin included.
    pub async fn census(&self) -> Result<BTreeMap<String, u64>, AppError> {
        let mut out = BTreeMap::new();
        let all = Policy::all(peyvand_core::Actor::System);
        for (slug, _) in self.workspaces().await? {
            let w = self.workspace(Some(&slug)).await?;
            for o in w.catalog().objects() {
                let mut n = 0;
                for deleted in [DeletedScope::Live, DeletedScope::Deleted] {
                    let mut q = Query::of(&o.key);
                    q.deleted = deleted;
                    n += self
                        .store
                        .count(w.id, &w.layout, &all, &q, i64::MAX as u64 - 1)
                        .await?;
                }
                out.insert(format!("{slug}/{}", o.key), n);
            }
        }
        Ok(out)
    }

    /// Makes a backup of the database and of the folder of files, and verifies it before it gets its name. With a
    /// passphrase the instance's key goes along, sealed; without one the key must be kept elsewhere.
    pub async fn backup(
        &self,
        data: &Path,
        file: &Path,
        secret: impl Into<Secret> + Send,
        passphrase: Option<&str>,
        copies: &dyn Copies,
    ) -> Result<Checked, BackupError> {
        let secret = secret.into();
        if file.exists() {
            return Err(BackupError::Exists(file.display().to_string()));
        }
        let scratch = Scratch::beside(file)?;
        let copy = scratch.0.join(DATABASE);
        self.store.engine().copy_to(&copy).await?;
        let mut parts = vec![(DATABASE.to_owned(), copy.clone())];
        files_below(&data.join(FILES), FILES, &mut parts)?;
        if let Some(p) = passphrase {
            let path = scratch.0.join(SEALED_KEY);
            fs::write(&path, seal_secret(&secret, p)?)?;
            parts.push((SEALED_KEY.to_owned(), path));
        }
        // What is in the copy is counted in a copy of the copy: opening a database may touch its file.
        let counted = scratch.0.join("count.db");
        fs::copy(&copy, &counted)?;
        let engine = copies.open(&counted).await?;
        let manifest = self.manifest_of(Arc::clone(&engine), secret.clone()).await;
        engine.close().await;
        let manifest = manifest?;
        let partial = scratch.0.join("backup.partial");
        write_container(&partial, &parts, manifest)?;
        let checked = self
            .verify_backup(&partial, Some(secret), passphrase, copies)
            .await?;
        // A link, not a rename: it fails when somebody made a file of this name meanwhile.
        match fs::hard_link(&partial, file) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                return Err(BackupError::Exists(file.display().to_string()));
            }
            Err(e) => return Err(e.into()),
        }
        if let Some(folder) = file.parent().filter(|p| !p.as_os_str().is_empty()) {
            sync_folder(folder)?;
        }
        Ok(checked)
    }

    /// What a copy holds, its parts apart.
    async fn manifest_of(&self, engine: Arc<dyn Engine>, secret: Secret) -> Result<Manifest, BackupError> {
        let key = fingerprint(&secret);
        let other = self.beside(engine, secret);
        Ok(Manifest {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: self.clock.now().to_string(),
            key,
            workspaces: {
                let t = &SIDE.workspace;
                let rows = other.store.rows(RowsCall::new(t, &[]).everywhere()).await?;
                rows.iter()
                    .map(|r| {
                        let id = r[t.at("id")].uuid().unwrap_or(Id::NIL).to_string();
                        (id, r[t.at("slug")].text().unwrap_or_default().to_owned())
                    })
                    .collect()
            },
            records: other.census().await?,
            parts: Vec::new(),
        })
    }

    /// Checks a backup by restoring it into a folder of its own: hashes, the engine's own check, foreign keys, counts,
    /// and, with the key, the chain of the audit log.
    pub async fn verify_backup(
        &self,
        file: &Path,
        secret: Option<Secret>,
        passphrase: Option<&str>,
        copies: &dyn Copies,
    ) -> Result<Checked, BackupError> {
        let scratch = Scratch::beside(file)?;
        let manifest = read_container(file, &scratch.0)?;
        self.check_folder(&scratch.0, manifest, secret, passphrase, copies)
            .await
            .map(|c| c.0)
    }

    async fn check_folder(
        &self,
        folder: &Path,
        manifest: Manifest,
        secret: Option<Secret>,
        passphrase: Option<&str>,
        copies: &dyn Copies,
    ) -> Result<(Checked, Option<Secret>), BackupError> {
        let sealed_key = folder.join(SEALED_KEY);
        let key_inside = sealed_key.exists();
        let secret = match passphrase {
            Some(p) if key_inside => Some(open_secret(&fs::read(&sealed_key)?, p)?),
            _ => secret.filter(|s| is_key_of(s, &manifest.key)),
        };
        let copy = folder.join(DATABASE);
        let embedded = is_sqlite(&copy)?;
        if embedded != copies.embedded() {
            return Err(BackupError::OtherEngine { embedded });
        }
        let engine = copies.open(&copy).await?;
        let sealed = self
            .check_copy(Arc::clone(&engine), &manifest, secret.clone())
            .await;
        engine.close().await;
        let checked = Checked {
            manifest,
            sealed: sealed?,
            key_inside,
        };
        Ok((checked, secret))
    }

    /// Checks an opened copy against its manifest; how many sealed entries of the log hold, when the key is known.
    async fn check_copy(
        &self,
        engine: Arc<dyn Engine>,
        manifest: &Manifest,
        secret: Option<Secret>,
    ) -> Result<Option<u64>, BackupError> {
        // An older backup is brought up; one of a newer program is refused.
        engine.migrate().await?;
        let known = secret.is_some();
        let probe = self.beside(engine, secret.unwrap_or_else(|| [0; 32].into()));
        let wrong = probe.store.engine().check().await?;
        if let Some(line) = wrong.first() {
            return Err(damaged(line));
        }
        if probe.census().await? != manifest.records {
            return Err(damaged("the number of records"));
        }
        let mut sealed = None;
        if known {
            let mut n = 0;
            for (slug, _) in probe.workspaces().await? {
                let w = probe.workspace(Some(&slug)).await?;
                for stream in Stream::ALL {
                    let v = probe.verify_stream(&w, stream).await?;
                    if let Some(b) = v.broken {
                        return Err(damaged(serde_json::to_string(&b).unwrap_or_default()));
                    }
                    n += v.sealed;
                }
            }
            sealed = Some(n);
        }
        Ok(sealed)
    }

    /// Restores a backup into a data folder, which must be empty; with `force` what is there is moved aside, not
    /// overwritten. The instance comes up with a new epoch and with sending paused.
    pub async fn restore_backup(
        &self,
        file: &Path,
        data: &Path,
        secret: Option<Secret>,
        passphrase: Option<&str>,
        force: bool,
        copies: &dyn Copies,
    ) -> Result<Checked, BackupError> {
        private_folder(data)?;
        let own_key = fs::read(data.join(KEY)).ok();
        let secret = secret.or_else(|| own_key.as_deref().and_then(Secret::read));
        // A key that was put there for the restore is not data.
        let there: Vec<_> = fs::read_dir(data)?
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .filter(|e| e.file_name() != KEY && e.file_name() != LOCK)
            .collect();
        if !there.is_empty() && !force {
            return Err(BackupError::NotEmpty(data.display().to_string()));
        }
        let scratch = Scratch::beside(&data.join("restoring"))?;
        let manifest = read_container(file, &scratch.0)?;
        let (checked, secret) = self
            .check_folder(&scratch.0, manifest, secret, passphrase, copies)
            .await?;
        let secret = secret.ok_or(BackupError::KeyNeeded)?;
        let copy = scratch.0.join(DATABASE);
        let elsewhere = copies.bring_back(&copy).await?;
        let in_folder = elsewhere.is_none();
        let engine = match elsewhere {
            Some(engine) => engine,
            None => copies.open(&copy).await?,
        };
        let probe = self.beside(Arc::clone(&engine), secret.clone());
        probe.pause_as_copy().await?;
        drop(probe);
        engine.close().await;
        drop(engine);
        if !there.is_empty() {
            let aside = data.join(format!("replaced-{}", self.clock.now().micros()));
            fs::create_dir_all(&aside)?;
            for e in there {
                fs::rename(e.path(), aside.join(e.file_name()))?;
            }
        }
        let key = data.join(KEY);
        if own_key.as_deref() != Some(&secret.bytes()[..]) {
            if key.exists() {
                fs::rename(
                    &key,
                    data.join(format!("{KEY}.replaced-{}", self.clock.now().micros())),
                )?;
            }
            write_key(&key, &secret.bytes())?;
        }
        for e in fs::read_dir(&scratch.0)? {
            let e = e?;
            if e.file_name() != SEALED_KEY && (in_folder || e.file_name() != DATABASE) {
                fs::rename(e.path(), data.join(e.file_name()))?;
            }
        }
        sync_folder(data)?;
        Ok(checked)
    }
}

/// A new file that nobody but its owner reads: a backup holds all that the database holds.
fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

fn write_key(path: &Path, secret: &[u8]) -> io::Result<()> {
    let mut f = private_file(path)?;
    f.write_all(secret)?;
    f.sync_all()
}
