//! Bytes of a file to UTF-8, piece by piece, saying where they are wrong; and lines of bounded length out of that.

use std::io::{Read, Seek, SeekFrom};

use crate::encoding::{Encoding, undefined_in_1252};
use crate::{ExchangeError, Position};

/// Bytes read from the file at a time.
const CHUNK: usize = 64 * 1024;

/// Turns the bytes of a reader into pieces of valid UTF-8. Holds at most one chunk of bytes and its decoding.
pub(crate) struct Decoder<R> {
    inner: R,
    encoding: Encoding,
    table: Option<encoding_rs::Decoder>,
    /// Bytes read and not yet decoded.
    raw: Vec<u8>,
    /// Offset in the file of `raw[0]`.
    raw_offset: u64,
    /// Decoded and not yet consumed: `out[taken..]`.
    out: Vec<u8>,
    taken: usize,
    /// Line feeds decoded so far, to say the line of a fault.
    line_feeds: u64,
    /// Length of the byte order mark that was skipped; `None` until the first bytes are here.
    mark_len: Option<u64>,
    eof: bool,
    /// A fault found behind text that is handed out first.
    pending: Option<ExchangeError>,
}

impl<R: Read> Decoder<R> {
    pub(crate) fn new(inner: R, encoding: Encoding) -> Self {
        Self {
            inner,
            encoding,
            table: encoding
                .table()
                .map(encoding_rs::Encoding::new_decoder_without_bom_handling),
            raw: Vec::with_capacity(CHUNK),
            raw_offset: 0,
            out: Vec::new(),
            taken: 0,
            line_feeds: 0,
            mark_len: None,
            eof: false,
            pending: None,
        }
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Memory held, in bytes.
    pub(crate) fn buffered_bytes(&self) -> usize {
        self.raw.capacity() + self.out.capacity()
    }

    /// Decoded text that has not been consumed; empty only at the end of the file.
    pub(crate) fn fill(&mut self) -> Result<&[u8], ExchangeError> {
        while self.taken >= self.out.len() {
            if let Some(fault) = self.pending.take() {
                self.eof = true;
                self.raw.clear();
                return Err(fault);
            }
            if self.eof && self.raw.is_empty() {
                return Ok(&[]);
            }
            self.read_chunk()?;
            self.decode();
        }
        Ok(self.out.get(self.taken..).unwrap_or_default())
    }

    /// Marks text from [`fill`](Self::fill) as used.
    pub(crate) fn consume(&mut self, count: usize) {
        self.taken += count;
    }

    /// Offset in the file of the first character: behind the byte order mark, if there is one.
    pub(crate) fn text_start(&mut self) -> Result<u64, ExchangeError> {
        if self.mark_len.is_none() {
            self.fill()?;
        }
        Ok(self.mark_len.unwrap_or(0))
    }

    /// Reads until there is a chunk of bytes or the file ends.
    fn read_chunk(&mut self) -> Result<(), ExchangeError> {
        let had = self.raw.len();
        self.raw.resize(CHUNK, 0);
        let mut filled = had;
        // at the start enough must be here to see a byte order mark; later any progress will do
        let wanted = if self.mark_len.is_none() { 4 } else { had + 1 };
        while filled < wanted {
            let Some(space) = self.raw.get_mut(filled..) else {
                break;
            };
            match self.inner.read(space) {
                Ok(0) => {
                    self.eof = true;
                    break;
                }
                Ok(count) => filled += count,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.eof = true;
                    self.raw.clear();
                    return Err(e.into());
                }
            }
        }
        self.raw.truncate(filled);
        if self.mark_len.is_none() {
            let mark = self.encoding.mark();
            let skip = if !mark.is_empty() && self.raw.starts_with(mark) {
                mark.len()
            } else {
                0
            };
            self.raw.drain(..skip);
            self.raw_offset += skip as u64;
            self.mark_len = Some(skip as u64);
        }
        Ok(())
    }

    /// Decodes what can be decoded of `raw` into `out`; what is wrong becomes `pending`.
    fn decode(&mut self) {
        self.out.clear();
        self.taken = 0;
        let (used, bad) = match self.table.as_mut() {
            None => decode_utf8(&self.raw, &mut self.out, self.eof),
            Some(table) => {
                let limit = match self.encoding {
                    Encoding::Windows1252 => self.raw.iter().position(|&b| undefined_in_1252(b)),
                    _ => None,
                };
                let source = self
                    .raw
                    .get(..limit.unwrap_or(self.raw.len()))
                    .unwrap_or_default();
                let (used, bad) = decode_table(table, source, &mut self.out, self.eof && limit.is_none());
                (used, bad.or(limit))
            }
        };
        let nul = self.out.iter().position(|&b| b == 0);
        if let Some(at) = nul {
            self.out.truncate(at);
        }
        self.line_feeds += self.out.iter().map(|&b| u64::from(b == b'\n')).sum::<u64>();
        let line = self.line_feeds + 1;
        if nul.is_some() {
            let before = self.encoding.encoded_len(&self.out);
            self.pending = Some(ExchangeError::NulByte {
                offset: self.raw_offset + before,
                line,
            });
        } else if let Some(at) = bad {
            let offset = self.raw_offset + at as u64;
            self.pending = Some(ExchangeError::WrongEncoding {
                encoding: self.encoding,
                offset,
                line,
            });
        }
        self.raw_offset += used as u64;
        self.raw.drain(..used);
    }
}

impl<R: Read + Seek> Decoder<R> {
    /// Goes to a character boundary of the file; `line` is the line that begins or goes on there.
    pub(crate) fn seek(&mut self, position: Position) -> Result<(), ExchangeError> {
        let end = self.inner.seek(SeekFrom::End(0))?;
        if position.offset > end {
            return Err(ExchangeError::StalePosition {
                offset: position.offset,
            });
        }
        self.inner.seek(SeekFrom::Start(position.offset))?;
        self.table = self
            .encoding
            .table()
            .map(encoding_rs::Encoding::new_decoder_without_bom_handling);
        self.raw.clear();
        self.out.clear();
        self.taken = 0;
        self.raw_offset = position.offset;
        self.line_feeds = position.line.saturating_sub(1);
        // a resumed reader stands behind any byte order mark
        self.mark_len = if position.offset == 0 { None } else { Some(0) };
        self.eof = false;
        self.pending = None;
        Ok(())
    }
}

/// Bytes used and the index of the first bad byte, if any.
fn decode_utf8(raw: &[u8], out: &mut Vec<u8>, last: bool) -> (usize, Option<usize>) {
    let (good, bad) = match std::str::from_utf8(raw) {
        Ok(_) => (raw.len(), false),
        // without a length the last character is only cut by the end of the chunk
        Err(e) => (e.valid_up_to(), e.error_len().is_some() || last),
    };
    out.extend_from_slice(raw.get(..good).unwrap_or_default());
    (good, bad.then_some(good))
}

/// As [`decode_utf8`], by a table.
fn decode_table(
    table: &mut encoding_rs::Decoder,
    raw: &[u8],
    out: &mut Vec<u8>,
    last: bool,
) -> (usize, Option<usize>) {
    let room = table
        .max_utf8_buffer_length_without_replacement(raw.len())
        .unwrap_or(raw.len() * 3 + 16);
    out.resize(room, 0);
    let (result, read, written) = table.decode_to_utf8_without_replacement(raw, out, last);
    out.truncate(written);
    match result {
        encoding_rs::DecoderResult::Malformed(bad, after) => {
            let start = read.saturating_sub(usize::from(bad) + usize::from(after));
            (read, Some(start))
        }
        _ => (read, None),
    }
}

/// Lines of bounded length.
pub(crate) struct LineReader<R> {
    decoder: Decoder<R>,
    limit: usize,
    /// Offset in the file of the next line; `None` before the first.
    offset: Option<u64>,
    /// Number of the next line.
    line: u64,
    failed: bool,
}

impl<R: Read> LineReader<R> {
    pub(crate) fn new(inner: R, encoding: Encoding, limit: usize) -> Self {
        Self {
            decoder: Decoder::new(inner, encoding),
            limit,
            offset: None,
            line: 1,
            failed: false,
        }
    }

    /// Number of the next line, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Offset in the file of the next line.
    pub(crate) fn offset(&self) -> u64 {
        self.offset.unwrap_or(0)
    }

    /// Memory held, in bytes, not counting the caller's buffer.
    pub(crate) fn buffered_bytes(&self) -> usize {
        self.decoder.buffered_bytes()
    }

    /// Puts the next line, without its end, into `buffer`; false at the end of the file.
    pub(crate) fn next_line(&mut self, buffer: &mut String) -> Result<bool, ExchangeError> {
        buffer.clear();
        if self.failed {
            return Ok(false);
        }
        let result = self.read_line(buffer);
        self.failed = result.is_err();
        result
    }

    fn read_line(&mut self, buffer: &mut String) -> Result<bool, ExchangeError> {
        let mut offset = match self.offset {
            Some(offset) => offset,
            None => self.decoder.text_start()?,
        };
        let encoding = self.decoder.encoding();
        let mut any = false;
        loop {
            let bytes = self.decoder.fill()?;
            if bytes.is_empty() {
                break;
            }
            any = true;
            let end = bytes.iter().position(|&b| b == b'\n');
            let take = end.map_or(bytes.len(), |at| at + 1);
            let piece = std::str::from_utf8(bytes.get(..take).unwrap_or_default()).unwrap_or_default();
            offset += encoding.encoded_len(piece.as_bytes());
            buffer.push_str(piece);
            self.decoder.consume(take);
            if buffer.len() > self.limit + 2 {
                return Err(ExchangeError::LineTooLong {
                    line: self.line,
                    limit: self.limit as u64,
                });
            }
            if end.is_some() {
                break;
            }
        }
        if buffer.ends_with('\n') {
            buffer.pop();
        }
        if buffer.ends_with('\r') {
            buffer.pop();
        }
        self.offset = Some(offset);
        if any {
            self.line += 1;
        }
        Ok(any)
    }
}

impl<R: Read + Seek> LineReader<R> {
    /// Goes to the beginning of a line.
    pub(crate) fn seek(&mut self, position: Position) -> Result<(), ExchangeError> {
        self.decoder.seek(position)?;
        self.offset = (position.offset > 0).then_some(position.offset);
        self.line = position.line.max(1);
        self.failed = false;
        Ok(())
    }
}
