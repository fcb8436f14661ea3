//! A content on its way out: read piece by piece as it is fetched, so that its size costs no memory.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek as _};
use std::path::PathBuf;

use crate::app::App;
use crate::errors::AppError;

/// Most bytes of a piece.
pub const PIECE: u64 = 64 * 1024;

/// What is still to be sent of a content. Each piece is read when it is asked for, off the threads that answer requests;
/// while a slow reader takes its time, nothing waits with it.
pub struct Pieces {
    /// Nothing after a fault.
    content: Option<Box<dyn Read + Send>>,
    skip: u64,
    left: u64,
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pieces")
            .field("skip", &self.skip)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

impl Pieces {
    /// So many bytes of a content, from this one on.
    #[must_use]
    pub fn of(content: Box<dyn Read + Send>, from: u64, length: u64) -> Self {
        Self {
            content: Some(content),
            skip: from,
            left: length,
        }
    }

    /// A whole file.
    ///
    /// # Errors
    /// Not there, or what the file system says.
    pub async fn of_file(path: PathBuf) -> Result<Self, AppError> {
        let open = move || {
            let file = File::open(path)?;
            let size = file.metadata()?.len();
            Ok(Self::of(Box::new(file), 0, size))
        };
        blocking(open).await.map_err(|e| AppError::of_disk(&e))
    }

    /// What was written into a file that has no name; it goes with the last of its pieces.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn of_passing(file: BufWriter<File>) -> Result<Self, AppError> {
        let open = move || {
            let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            let size = file.metadata()?.len();
            file.rewind()?;
            Ok(Self::of(Box::new(file), 0, size))
        };
        blocking(open).await.map_err(|e| AppError::of_disk(&e))
    }

    /// Bytes that are still to come.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.left
    }

    /// The next piece; `None` after the last one.
    pub async fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        let mut content = self.content.take().filter(|_| self.left > 0)?;
        let (skip, most) = (self.skip, self.left.min(PIECE));
        let read = blocking(move || {
            io::copy(&mut content.by_ref().take(skip), &mut io::sink())?;
            let mut piece = Vec::with_capacity(most as usize);
            content.by_ref().take(most).read_to_end(&mut piece)?;
            if piece.is_empty() {
                // The length was said before: less than that is a fault, which the reader has to see.
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Ok((content, piece))
        });
        Some(read.await.map(|(content, piece)| {
            self.content = Some(content);
            self.skip = 0;
            self.left = self.left.saturating_sub(piece.len() as u64);
            piece
        }))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

impl App {
    /// A file without a name, for what is made whole before the first of it is sent: on the disk of the data, where there
    /// is one.
    ///
    /// # Errors
    /// What the file system says.
    pub fn passing_file(&self) -> Result<BufWriter<File>, AppError> {
        let file = match &self.folder {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        };
        file.map(BufWriter::new).map_err(|e| AppError::of_disk(&e))
    }
}
