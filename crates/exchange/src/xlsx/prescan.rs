//! Looks through the archive of a workbook before any library builds something from it.
//!
//! Every entry is inflated once through a buffer of 64 KiB and counted, whatever the archive's directory claims, so
//! a bomb is refused with next to no memory. What is looked for:
//!
//! - the number of entries, the sum of their unpacked sizes, the ratio of each from its first mebibyte on;
//! - names that are absolute, climb (`..`), stand twice, or are symbolic links;
//! - document type and entity declarations in any part (no honest workbook has them);
//! - cells, shared strings and tags longer than a cell may be, since the XML parser holds one of them at a time;
//! - what stays in memory while a workbook is read: everything but the sheets.

use std::collections::HashSet;
use std::io::{Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::{ExchangeError, Limits};

/// What an archive held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScanReport {
    /// Entries.
    pub entries: u64,
    /// Bytes of all of them unpacked.
    pub unpacked_bytes: u64,
    /// Bytes of those that stay in memory.
    pub resident_bytes: u64,
}

/// From which unpacked size on the ratio counts: below, a short text may well repeat itself.
const RATIO_FROM: u64 = 1 << 20;

/// Checks the archive against the limits. The reader is left at an undefined place.
pub fn scan<R: Read + Seek>(reader: R, limits: &Limits) -> Result<ScanReport, ExchangeError> {
    let mut archive = ZipArchive::new(reader).map_err(zip_error)?;
    let bounds = &limits.archive;
    if archive.len() > bounds.max_entries {
        let (found, limit) = (archive.len() as u64, bounds.max_entries as u64);
        return Err(ExchangeError::TooManyEntries { found, limit });
    }
    let mut report = ScanReport {
        entries: archive.len() as u64,
        ..ScanReport::default()
    };
    let mut names = HashSet::new();
    let mut buffer = vec![0; 64 * 1024];
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(zip_error)?;
        let name = entry.name().map_err(zip_error)?.into_owned();
        if forbidden_name(&name) || entry.is_symlink() || !names.insert(name.to_lowercase()) {
            return Err(ExchangeError::ForbiddenEntry { entry: name });
        }
        if entry.is_dir() {
            continue;
        }
        let packed = entry.compressed_size().max(1);
        let sheet = is_sheet(&name);
        let mut text = TagScan::new(sheet, limits.max_cell_bytes);
        let mut unpacked = 0u64;
        loop {
            let count = match entry.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => {
                    return Err(ExchangeError::BadArchive {
                        message: e.to_string(),
                    });
                }
            };
            unpacked += count as u64;
            report.unpacked_bytes += count as u64;
            if !sheet && !is_media(&name) {
                report.resident_bytes += count as u64;
            }
            if unpacked > RATIO_FROM && unpacked / packed > bounds.max_ratio {
                return Err(ExchangeError::ArchiveRatio {
                    entry: name,
                    limit: bounds.max_ratio,
                });
            }
            if report.unpacked_bytes > bounds.max_unpacked_bytes {
                return Err(ExchangeError::ArchiveTooLarge {
                    entry: name,
                    limit: bounds.max_unpacked_bytes,
                });
            }
            if report.resident_bytes > bounds.max_resident_bytes {
                return Err(ExchangeError::ArchiveTooLarge {
                    entry: name,
                    limit: bounds.max_resident_bytes,
                });
            }
            if !is_media(&name) {
                text.feed(buffer.get(..count).unwrap_or_default(), &name)?;
            }
        }
    }
    Ok(report)
}

/// The library's words for what is wrong with an archive.
fn zip_error(e: ZipError) -> ExchangeError {
    match e {
        ZipError::Io(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => ExchangeError::Io(e),
        ZipError::UnsupportedArchive(message) if message.contains("assword") => ExchangeError::Encrypted,
        other => ExchangeError::BadArchive {
            message: other.to_string(),
        },
    }
}

fn forbidden_name(name: &str) -> bool {
    name.is_empty()
        || name.starts_with(['/', '\\'])
        || name.contains('\0')
        || name.get(1..2) == Some(":")
        || name.split(['/', '\\']).any(|part| part == "..")
}

/// Sheets are streamed; everything else that is read is held.
fn is_sheet(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("xl/worksheets/") && !name.contains("/_rels/")
}

/// Pictures are never read.
fn is_media(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with("xl/media/")
}

/// Where the scanner stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    Name,
    Tag,
}

/// Follows tags and text of an XML part without building anything. NUL bytes are passed over, so that parts in
/// UTF-16 are looked through as well.
struct TagScan {
    state: State,
    sheet: bool,
    limit: usize,
    name: Vec<u8>,
    tag_bytes: usize,
    /// Bytes of text since the last cell or shared string began.
    text_bytes: usize,
}

impl TagScan {
    fn new(sheet: bool, limit: usize) -> Self {
        // markup and escapes (`&#x10FFFF;` for one character) make a cell longer than its text
        let limit = limit.saturating_mul(2).max(64 * 1024);
        Self {
            state: State::Text,
            sheet,
            limit,
            name: Vec::new(),
            tag_bytes: 0,
            text_bytes: 0,
        }
    }

    fn feed(&mut self, bytes: &[u8], entry: &str) -> Result<(), ExchangeError> {
        for &byte in bytes {
            match (self.state, byte) {
                (_, 0) => {}
                (State::Text, b'<') => {
                    self.state = State::Name;
                    self.name.clear();
                    self.tag_bytes = 0;
                }
                (State::Text, _) => self.text_bytes += 1,
                (State::Name, b'>' | b' ' | b'/' | b'\t' | b'\r' | b'\n' | b'[') if !self.name.is_empty() => {
                    self.named(entry)?;
                    self.state = if byte == b'>' { State::Text } else { State::Tag };
                }
                (State::Name, _) => {
                    self.name.push(byte);
                    if self.name.len() > 64 {
                        self.named(entry)?;
                        self.state = State::Tag;
                    }
                }
                (State::Tag, b'>') => self.state = State::Text,
                (State::Tag, _) => self.tag_bytes += 1,
            }
            if self.text_bytes > self.limit || self.tag_bytes > self.limit {
                return Err(ExchangeError::XmlTextTooLong {
                    entry: entry.to_owned(),
                    limit: self.limit as u64,
                });
            }
        }
        Ok(())
    }

    /// A tag's name is complete.
    fn named(&mut self, entry: &str) -> Result<(), ExchangeError> {
        let name = self.name.to_ascii_uppercase();
        if name.starts_with(b"!DOCTYPE") || name.starts_with(b"!ENTITY") {
            return Err(ExchangeError::XmlEntities {
                entry: entry.to_owned(),
            });
        }
        let local = name.rsplit(|&b| b == b':').next().unwrap_or_default();
        match local {
            // shared strings in a sheet's place would be held without being counted
            b"SI" | b"SST" if self.sheet => {
                return Err(ExchangeError::BadWorkbook {
                    message: "shared strings among the sheets".to_owned(),
                });
            }
            b"C" | b"SI" | b"ROW" => self.text_bytes = 0,
            // the parts that are held whole are bounded by their size
            _ if !self.sheet && local != b"T" && local != b"R" && local != b"/T" && local != b"/R" => {
                self.text_bytes = 0;
            }
            _ => {}
        }
        Ok(())
    }
}
