//! The keys of an instance: one secret outside the database, from which every other key is derived.

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hmac::{Hmac, Mac};
use peyvand_core::{Id, WorkspaceId, random};
use sha2::Sha256;

/// The secret of the instance.
#[derive(Clone)]
pub struct Keys {
    secret: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Keys from the instance's secret.
    #[must_use]
    pub const fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// A key for one purpose: HMAC-SHA-256 of the parts under the secret.
    #[must_use]
    pub fn derive(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.mac();
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn mac(&self) -> Hmac<Sha256> {
        // A key of any length is allowed; 32 bytes always are.
        match <Hmac<Sha256> as Mac>::new_from_slice(&self.secret) {
            Ok(m) => m,
            Err(_) => unreachable!("HMAC takes keys of any length"),
        }
    }

    fn subject(&self, workspace: WorkspaceId, subject: Id, salt: &[u8]) -> ChaCha20Poly1305 {
        let key = self.derive(
            "audit-subject",
            &[&workspace.0.to_be_bytes(), subject.bytes(), salt],
        );
        ChaCha20Poly1305::new(Key::from_slice(&key))
    }

    /// Encrypts what the audit log says about a subject. Once the subject's salt is gone, nobody can read it, and the
    /// chain of hashes over the log still holds.
    #[must_use]
    pub fn seal(&self, workspace: WorkspaceId, subject: Id, salt: &[u8], text: &str) -> Vec<u8> {
        let nonce: [u8; 12] = random::bytes();
        let mut out = nonce.to_vec();
        // Encryption of a message of this size cannot fail (the limit is 256 GiB).
        if let Ok(c) = self
            .subject(workspace, subject, salt)
            .encrypt(Nonce::from_slice(&nonce), text.as_bytes())
        {
            out.extend(c);
        }
        out
    }

    /// Reads what `seal` wrote; `None` when the salt is another one or a byte has changed.
    #[must_use]
    pub fn open(&self, workspace: WorkspaceId, subject: Id, salt: &[u8], sealed: &[u8]) -> Option<String> {
        let (nonce, text) = sealed.split_at_checked(12)?;
        let plain = self
            .subject(workspace, subject, salt)
            .decrypt(Nonce::from_slice(nonce), text)
            .ok()?;
        String::from_utf8(plain).ok()
    }
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
}
