//! Where the bytes of files are: behind a trait, in a folder by default, named by the hash of their content.

use std::fs;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use peyvand_core::random;
use sha2::{Digest, Sha256};

/// The SHA-256 of a content, as 64 hexadecimal digits: its name in the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(String);

impl ContentHash {
    /// The hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    /// Reads a hash; `None` for anything but 64 lower-case hexadecimal digits, so that a name never leads out of the
    /// folder.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 64
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A store of contents. What was put is there for good once `put` returned, through a power cut too.
pub trait BlobStore: Send + Sync + std::fmt::Debug {
    /// Keeps a content of at most `most` bytes and gives its name and size.
    fn put(&self, content: &mut dyn Read, most: u64) -> io::Result<(ContentHash, u64)>;
    /// Opens a content.
    fn open(&self, hash: &ContentHash) -> io::Result<Box<dyn Read + Send>>;
    /// Forgets a content; nothing happens when it is not there.
    fn forget(&self, hash: &ContentHash) -> io::Result<()>;
}

/// Makes a folder, with those above it, that only the account of the program may open. What is there already stays as
/// its owner has set it.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Contents as files of a folder, in 256 sub-folders by the first two digits.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The store in this folder, which is made when it is not there.
    pub fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    fn place(&self, hash: &ContentHash) -> PathBuf {
        let (head, _) = hash.0.split_at(2);
        self.root.join(head).join(&hash.0)
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Puts a text where a file lies or will lie, whole or not at all, and on the disk before this returns.
///
/// # Errors
/// What the file system says; the old file stands then.
pub fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let temporary = path.with_added_extension("new");
    let mut file = fs::File::create(&temporary)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

impl BlobStore for Folder {
    fn put(&self, content: &mut dyn Read, most: u64) -> io::Result<(ContentHash, u64)> {
        let temporary = self
            .root
            .join(format!("incoming-{}", hex::encode(random::bytes::<12>())));
        let mut write = || -> io::Result<(ContentHash, u64)> {
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&temporary)?;
            let (mut hash, mut size) = (Sha256::new(), 0_u64);
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let n = content.read(&mut buffer)?;
                if n == 0 {
                    break;
                }
                size += n as u64;
                if size > most {
                    return Err(io::Error::new(
                        io::ErrorKind::FileTooLarge,
                        "the file is too large",
                    ));
                }
                let Some(part) = buffer.get(..n) else { break };
                hash.update(part);
                file.write_all(part)?;
            }
            file.sync_all()?;
            let hash = ContentHash(hex::encode(hash.finalize()));
            let place = self.place(&hash);
            if let Some(folder) = place.parent() {
                fs::create_dir_all(folder)?;
                fs::rename(&temporary, &place)?;
                sync_folder(folder)?;
            }
            sync_folder(&self.root)?;
            Ok((hash, size))
        };
        let outcome = write();
        if outcome.is_err() {
            drop(fs::remove_file(&temporary));
        }
        outcome
    }

    fn open(&self, hash: &ContentHash) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(fs::File::open(self.place(hash))?))
    }

    fn forget(&self, hash: &ContentHash) -> io::Result<()> {
        match fs::remove_file(self.place(hash)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_kept_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::open(folder.path()).unwrap();
        let text = "قرارداد".repeat(20_000);
        let (hash, size) = store.put(&mut text.as_bytes(), 1 << 20).unwrap();
        assert_eq!(
            (hash.clone(), size),
            (ContentHash::of(text.as_bytes()), text.len() as u64)
        );
        let mut back = String::new();
        store.open(&hash).unwrap().read_to_string(&mut back).unwrap();
        assert_eq!(back, text);
        // The same content again is the same file.
        assert_eq!(store.put(&mut text.as_bytes(), 1 << 20).unwrap().0, hash);
        // Too large: nothing is left behind.
        assert!(store.put(&mut [1; 100].as_slice(), 99).is_err());
        let left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .filter(|e| {
                e.as_ref()
                    .unwrap()
                    .file_name()
                    .to_string_lossy()
                    .starts_with("incoming")
            })
            .collect();
        assert!(left.is_empty());
        assert!(ContentHash::parse("../../../../etc/passwd").is_none());
        assert!(ContentHash::parse(hash.as_str()).is_some());
        store.forget(&hash).unwrap();
        store.forget(&hash).unwrap();
        assert!(store.open(&hash).is_err());
    }
}
