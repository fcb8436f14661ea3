//! What several test files need.

use std::io::Read;

use peyvand_exchange::{ExchangeError, Row, RowReader};

/// All rows up to the end or the first error.
pub fn rows(reader: &mut dyn RowReader) -> Result<Vec<Row>, ExchangeError> {
    let mut all = Vec::new();
    while let Some(row) = reader.next_row()? {
        all.push(row);
    }
    Ok(all)
}

/// A file that is a beginning and then one piece again and again, without existing anywhere.
pub struct Repeat {
    start: Vec<u8>,
    piece: Vec<u8>,
    length: u64,
    given: u64,
}

impl Repeat {
    /// `length` counts the repeated part; it is cut where it ends.
    pub fn new(start: &[u8], piece: &[u8], length: u64) -> Self {
        Self {
            start: start.to_vec(),
            piece: piece.to_vec(),
            length,
            given: 0,
        }
    }

    /// Bytes read so far.
    pub fn given(&self) -> u64 {
        self.given
    }
}

impl Read for Repeat {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let start = self.start.len() as u64;
        let total = start + self.length;
        let mut written = 0;
        while written < buffer.len() && self.given < total {
            let source = if self.given < start {
                &self.start[self.given as usize..]
            } else {
                let at = (self.given - start) % self.piece.len() as u64;
                &self.piece[at as usize..]
            };
            let count = source
                .len()
                .min(buffer.len() - written)
                .min((total - self.given) as usize);
            buffer[written..written + count].copy_from_slice(&source[..count]);
            written += count;
            self.given += count as u64;
        }
        Ok(written)
    }
}
