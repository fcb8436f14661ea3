//! TLS: a certificate of one's own, or one that the server makes for itself.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};

/// A configuration with the fingerprint of its certificate.
#[derive(Debug)]
pub(crate) struct Tls {
    /// For the server.
    pub(crate) config: Arc<ServerConfig>,
    /// SHA-256 of the certificate, in pairs of digits.
    pub(crate) fingerprint: String,
}

/// The certificate and key of these files.
pub(crate) fn from_files(certificate: &Path, key: &Path) -> Result<Tls> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|e| anyhow::anyhow!("{e}"))
        .with_context(|| format!("the setting `tls-cert`: {}", certificate.display()))?;
    let Some(first) = chain.first() else {
        bail!(
            "the setting `tls-cert`: there is no certificate in {}",
            certificate.display()
        );
    };
    let fingerprint = Sha256::digest(first)
        .iter()
        .map(|b| format!("{b:02X}"))
        .collect::<Vec<_>>()
        .join(":");
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|e| anyhow::anyhow!("{e}"))
        .with_context(|| format!("the setting `tls-key`: {}", key.display()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the settings `tls-cert` and `tls-key`: they do not belong together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Tls {
        config: Arc::new(config),
        fingerprint,
    })
}

/// A certificate that the server made for itself, kept in the data folder so that its fingerprint stays.
pub(crate) fn self_signed(data: &Path, listen: SocketAddr) -> Result<Tls> {
    let folder = data.join("tls");
    let (certificate, key): (PathBuf, PathBuf) = (folder.join("own.crt"), folder.join("own.key"));
    if !certificate.exists() || !key.exists() {
        fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
        let mut names = vec!["localhost".to_owned()];
        if !listen.ip().is_unspecified() {
            names.push(listen.ip().to_string());
        }
        let made = rcgen::generate_simple_self_signed(names)?;
        private(&key, made.signing_key.serialize_pem().as_bytes())?;
        fs::write(&certificate, made.cert.pem())?;
    }
    from_files(&certificate, &key)
}

/// A file that only its owner reads.
fn private(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options
        .open(path)
        .with_context(|| format!("{}", path.display()))?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}
