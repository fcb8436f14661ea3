//! A scanner of files that come up, beside the program: the protocol of clamd (`INSTREAM`, clamd(8)), over TCP or a socket
//! of this machine. What it refuses, or cannot look at, is not taken.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use peyvand_store::StoreError;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::app::App;
use crate::errors::AppError;

/// Bytes of a piece that is sent.
const PIECE: usize = 64 * 1024;
/// A file is looked at for so long at most.
const TIME: Duration = Duration::from_secs(20);
/// Longest answer.
const ANSWER: u64 = 4096;

/// Where a scanner listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanner {
    /// `tcp://host:port`.
    Tcp(String),
    /// `unix:/path/of/the/socket`.
    Unix(PathBuf),
}

impl FromStr for Scanner {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        if let Some(path) = s.strip_prefix("unix:").filter(|p| p.starts_with('/')) {
            return Ok(Self::Unix(path.into()));
        }
        match s.strip_prefix("tcp://").and_then(|at| at.rsplit_once(':')) {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                Ok(Self::Tcp(format!("{host}:{port}")))
            }
            _ => Err("a scanner is given as tcp://host:port or unix:/path".to_owned()),
        }
    }
}

fn broken(what: impl std::fmt::Display) -> AppError {
    AppError::Store(StoreError::Engine(format!("the scanner of files: {what}")))
}

/// Sends the content and reads what the scanner says of it.
async fn ask<S, C>(mut stream: S, content: &mut C) -> std::io::Result<String>
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: AsyncRead + Unpin,
{
    let sent = async {
        stream.write_all(b"zINSTREAM\0").await?;
        let mut piece = vec![0; PIECE];
        loop {
            let n = content.read(&mut piece).await?;
            if n == 0 {
                break;
            }
            stream.write_all(&(n as u32).to_be_bytes()).await?;
            stream.write_all(piece.get(..n).unwrap_or_default()).await?;
        }
        stream.write_all(&0_u32.to_be_bytes()).await?;
        stream.flush().await
    }
    .await;
    // A scanner that will not read on has said why: its answer counts, and without one the fault of sending does.
    let mut answer = Vec::new();
    let read = (&mut stream).take(ANSWER).read_to_end(&mut answer).await;
    if answer.is_empty() {
        sent?;
        read?;
    }
    let text = String::from_utf8_lossy(&answer);
    Ok(text.trim_end_matches(['\0', '\n']).to_owned())
}

impl Scanner {
    /// Looks at a content.
    ///
    /// # Errors
    /// `FileRefused` when something was found in it; a fault of the store when the scanner cannot be asked: then nothing is
    /// taken either.
    pub async fn look<C: AsyncRead + Unpin + Send>(&self, mut content: C) -> Result<(), AppError> {
        let content = &mut content;
        let asked = async {
            match self {
                Self::Tcp(at) => ask(tokio::net::TcpStream::connect(at).await?, content).await,
                #[cfg(unix)]
                Self::Unix(path) => ask(tokio::net::UnixStream::connect(path).await?, content).await,
                #[cfg(not(unix))]
                Self::Unix(_) => Err(std::io::Error::from(std::io::ErrorKind::Unsupported)),
            }
        };
        let answer = tokio::time::timeout(TIME, asked)
            .await
            .map_err(|_| broken("no answer in time"))?
            .map_err(broken)?;
        // `stream: OK`, `stream: Name.Of.It FOUND`, or a fault that ends in ERROR.
        let said = answer.strip_prefix("stream: ").unwrap_or(&answer);
        if said == "OK" {
            return Ok(());
        }
        if said.ends_with(" FOUND") {
            tracing::warn!("a file was refused by the scanner");
            return Err(AppError::FileRefused { reason: "scanner" });
        }
        Err(broken(
            said.chars()
                .filter(|c| !c.is_control())
                .take(120)
                .collect::<String>(),
        ))
    }
}

impl App {
    /// With a scanner of files that come up.
    #[must_use]
    pub fn with_scanner(mut self, scanner: Option<Scanner>) -> Self {
        self.scanner = scanner;
        self
    }

    /// May a content that came up be kept?
    pub(crate) async fn scanned(&self, content: &[u8]) -> Result<(), AppError> {
        match &self.scanner {
            Some(scanner) => scanner.look(content).await,
            None => Ok(()),
        }
    }

    /// May a file that came up be kept? One that may not is taken away at once.
    pub async fn scanned_file(&self, path: &std::path::Path) -> Result<(), AppError> {
        let Some(scanner) = &self.scanner else {
            return Ok(());
        };
        let file = tokio::fs::File::open(path)
            .await
            .map_err(|e| AppError::of_disk(&e))?;
        let outcome = scanner.look(file).await;
        if matches!(outcome, Err(AppError::FileRefused { .. })) {
            drop(tokio::fs::remove_file(path).await);
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_scanners() {
        assert_eq!(
            "tcp://127.0.0.1:3310".parse(),
            Ok(Scanner::Tcp("127.0.0.1:3310".to_owned()))
        );
        assert_eq!(
            "tcp://[::1]:3310".parse(),
            Ok(Scanner::Tcp("[::1]:3310".to_owned()))
        );
        assert_eq!(
            "unix:/run/clamd.ctl".parse(),
            Ok(Scanner::Unix("/run/clamd.ctl".into()))
        );
        for bad in [
            "",
            "127.0.0.1:3310",
            "tcp://",
            "tcp://host",
            "tcp://:1",
            "tcp://h:99999",
            "unix:relative",
        ] {
            assert!(bad.parse::<Scanner>().is_err(), "{bad}");
        }
    }
}
