//! The keys of an instance: one secret outside the database, from which every other key is derived.

use std::sync::{Arc, PoisonError, RwLock};

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hmac::{Hmac, Mac};
use peyvand_core::{Id, WorkspaceId, random};
use sha2::Sha256;

use crate::pack::{pack, unpack};

/// Most generations of an instance's secret.
const GENERATIONS: usize = 64;

/// The secret of an instance in all its generations, the oldest first. The oldest stands behind everything that has to stay
/// the same for as long as the instance lives (the chain of the log, the marks by which addresses are found again); the newest
/// encrypts; what an older one encrypted stays readable.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    oldest: [u8; 32],
    later: Vec<[u8; 32]>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({} generations)", self.later.len() + 1)
    }
}

impl From<[u8; 32]> for Secret {
    fn from(oldest: [u8; 32]) -> Self {
        Self {
            oldest,
            later: Vec::new(),
        }
    }
}

impl Secret {
    /// What [`Self::bytes`] wrote: 32 bytes for each generation. `None` for anything else.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (all, []) = bytes.as_chunks::<32>() else {
            return None;
        };
        let (oldest, later) = all.split_first()?;
        (all.len() <= GENERATIONS).then(|| Self {
            oldest: *oldest,
            later: later.to_vec(),
        })
    }

    /// Its bytes, as the file of the key holds them.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.oldest.to_vec();
        out.extend(self.later.iter().flatten());
        out
    }

    /// The generation that encrypts.
    #[must_use]
    pub fn newest(&self) -> [u8; 32] {
        self.later.last().copied().unwrap_or(self.oldest)
    }

    /// Every generation, the newest first.
    pub fn generations(&self) -> impl Iterator<Item = [u8; 32]> {
        self.later.iter().rev().copied().chain([self.oldest])
    }

    /// With one more generation; `None` when there are too many.
    #[must_use]
    pub fn rotated(&self, newest: [u8; 32]) -> Option<Self> {
        let mut out = self.clone();
        out.later.push(newest);
        (out.later.len() < GENERATIONS).then_some(out)
    }
}

/// The keys of the instance.
#[derive(Clone)]
pub struct Keys {
    secret: Arc<RwLock<Secret>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Keys from the instance's secret.
    #[must_use]
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self {
            secret: Arc::new(RwLock::new(secret.into())),
        }
    }

    /// The secret with all its generations.
    #[must_use]
    pub fn secret(&self) -> Secret {
        self.secret.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on this is the secret: the same with a later generation.
    pub fn adopt(&self, secret: Secret) {
        *self.secret.write().unwrap_or_else(PoisonError::into_inner) = secret;
    }

    /// A key for one purpose: HMAC-SHA-256 of the parts under the oldest generation of the secret, so that it stays.
    #[must_use]
    pub fn derive(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let oldest = self.secret.read().unwrap_or_else(PoisonError::into_inner).oldest;
        derived(&oldest, purpose, parts)
    }

    /// Packs and encrypts what the audit log says about a subject. Once the subject's salt is gone, nobody can read it, and the
    /// chain of hashes over the log still holds.
    #[must_use]
    pub fn seal(&self, workspace: WorkspaceId, subject: Id, salt: &[u8], text: &str) -> Vec<u8> {
        let nonce: [u8; 12] = random::bytes();
        let mut out = nonce.to_vec();
        let newest = self
            .secret
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .newest();
        // Encryption of a message of this size cannot fail (the limit is 256 GiB).
        if let Ok(c) =
            cipher(&newest, workspace, subject, salt).encrypt(Nonce::from_slice(&nonce), &*pack(text))
        {
            out.extend(c);
        }
        out
    }

    /// Reads what `seal` wrote; `None` when the salt is another one or a byte has changed.
    #[must_use]
    pub fn open(&self, workspace: WorkspaceId, subject: Id, salt: &[u8], sealed: &[u8]) -> Option<String> {
        let (nonce, text) = sealed.split_at_checked(12)?;
        let secret = self.secret();
        let plain = secret.generations().find_map(|g| {
            cipher(&g, workspace, subject, salt)
                .decrypt(Nonce::from_slice(nonce), text)
                .ok()
        })?;
        unpack(plain)
    }
}

/// HMAC-SHA-256 of the parts, each with its length before it.
fn derived(secret: &[u8; 32], purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    // A key of any length is allowed; 32 bytes always are.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(secret) else {
        unreachable!("HMAC takes keys of any length")
    };
    for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn cipher(secret: &[u8; 32], workspace: WorkspaceId, subject: Id, salt: &[u8]) -> ChaCha20Poly1305 {
    let parts: [&[u8]; 3] = [&workspace.0.to_be_bytes(), subject.bytes(), salt];
    let key = derived(secret, "audit-subject", &parts);
    ChaCha20Poly1305::new(Key::from_slice(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_read_with_its_salt_only() {
        let keys = Keys::new([7; 32]);
        let (w, id) = (WorkspaceId(1), Id::from_bytes([1; 16]));
        let sealed = keys.seal(w, id, b"salt", "شهر: تهران");
        assert_eq!(keys.open(w, id, b"salt", &sealed).as_deref(), Some("شهر: تهران"));
        assert_eq!(keys.open(w, id, b"other", &sealed), None);
        assert_eq!(keys.open(WorkspaceId(2), id, b"salt", &sealed), None);
        let mut bent = sealed.clone();
        *bent.last_mut().unwrap() ^= 1;
        assert_eq!(keys.open(w, id, b"salt", &bent), None);
        assert!(!String::from_utf8_lossy(&sealed).contains("تهران"));
    }

    #[test]
    fn a_new_generation_encrypts_and_the_old_one_is_read() {
        let keys = Keys::new([7; 32]);
        let (w, id) = (WorkspaceId(1), Id::from_bytes([1; 16]));
        let old = keys.seal(w, id, b"s", "old");
        let same = keys.derive("p", &[b"x"]);
        let rotated = keys.secret().rotated([9; 32]).unwrap();
        keys.adopt(rotated.clone());
        let new = keys.seal(w, id, b"s", "new");
        assert_eq!(keys.open(w, id, b"s", &old).as_deref(), Some("old"));
        assert_eq!(keys.open(w, id, b"s", &new).as_deref(), Some("new"));
        assert_eq!(keys.derive("p", &[b"x"]), same, "what must stay stays");
        let before = Keys::new([7; 32]);
        assert_eq!(
            before.open(w, id, b"s", &new),
            None,
            "the old key opens nothing new"
        );
        assert_eq!(before.open(w, id, b"s", &old).as_deref(), Some("old"));
        // Through the file.
        assert_eq!(Secret::read(&rotated.bytes()), Some(rotated.clone()));
        assert_eq!(rotated.bytes().len(), 64);
        assert_eq!(
            (rotated.newest(), Secret::from([7; 32]).newest()),
            ([9; 32], [7; 32])
        );
        for bad in [0, 31, 33, 32 * 65] {
            assert_eq!(Secret::read(&vec![1; bad]), None, "{bad}");
        }
        let full = (0..).try_fold(Secret::from([0; 32]), |s, n: u8| s.rotated([n; 32]).ok_or(s));
        assert_eq!(full.unwrap_err().bytes().len(), 32 * GENERATIONS);
        assert!(!format!("{keys:?} {rotated:?}").contains('7'));
    }
}
