//! What kind of file this is, from its first bytes.

use serde::{Deserialize, Serialize};

use crate::encoding::{Encoding, detect};
use crate::{ExchangeError, profile};

/// How many bytes of a file [`sniff`] wants to see. More do not harm, fewer make it less certain.
pub const SNIFF_BYTES: usize = 64 * 1024;

/// The kinds of files that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Text with one record a line and a delimiter.
    Csv,
    /// An Excel workbook since 2007.
    Xlsx,
    /// One JSON object a line.
    Ndjson,
    /// Contacts as phones and mail programs exchange them.
    Vcard,
}

/// A guess at how to read a file. Every part of it can be overridden before reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Sniff {
    /// The kind of file.
    pub format: Format,
    /// Encoding of a text file.
    pub encoding: Encoding,
    /// What stands between cells (CSV).
    pub delimiter: u8,
    /// What stands around cells (CSV).
    pub quote: u8,
    /// Whether the first record looks like names of columns (CSV).
    pub has_header: bool,
    /// From 0 to 1: below 0.7 a person should be shown the first rows and asked.
    pub confidence: f32,
}

/// Looks at the first bytes of a file ([`SNIFF_BYTES`] of them, or the whole file if it is shorter).
///
/// Errors: [`ExchangeError::EmptyFile`], and [`ExchangeError::UnsupportedFormat`] for kinds that are recognised and
/// not read.
pub fn sniff(head: &[u8]) -> Result<Sniff, ExchangeError> {
    if head.is_empty() {
        return Err(ExchangeError::EmptyFile);
    }
    if let Some(found) = foreign(head) {
        return Err(ExchangeError::UnsupportedFormat { found });
    }
    let base = Sniff {
        format: Format::Xlsx,
        encoding: Encoding::Utf8,
        delimiter: b',',
        quote: b'"',
        has_header: true,
        confidence: 0.99,
    };
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(base);
    }
    let guess = detect(head);
    let text = decode_head(head, guess.encoding);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.is_empty() {
        return Err(ExchangeError::EmptyFile);
    }
    let text_base = Sniff {
        encoding: guess.encoding,
        confidence: guess.confidence,
        ..base
    };
    if start
        .get(..11)
        .is_some_and(|s| s.eq_ignore_ascii_case("BEGIN:VCARD"))
    {
        return Ok(Sniff {
            format: Format::Vcard,
            ..text_base
        });
    }
    if start.starts_with('{') && looks_like_ndjson(start) {
        return Ok(Sniff {
            format: Format::Ndjson,
            ..text_base
        });
    }
    if start
        .strip_prefix('[')
        .is_some_and(|rest| rest.trim_start().starts_with('{'))
    {
        return Err(ExchangeError::UnsupportedFormat { found: "json-array" });
    }
    let whole = head.len() < SNIFF_BYTES;
    let shape = CsvShape::guess(&text, whole);
    Ok(Sniff {
        format: Format::Csv,
        delimiter: shape.delimiter,
        quote: shape.quote,
        has_header: shape.has_header,
        confidence: guess.confidence.min(shape.confidence),
        ..text_base
    })
}

/// Known kinds that are not read, by their first bytes.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 9] = [
        (b"\xD0\xCF\x11\xE0", "xls"),
        (b"%PDF", "pdf"),
        (b"\x1F\x8B", "gzip"),
        (b"\x28\xB5\x2F\xFD", "zstd"),
        (b"BZh", "bzip2"),
        (b"7z\xBC\xAF", "7z"),
        (b"Rar!", "rar"),
        (b"\x89PNG", "png"),
        (b"SQLite format 3", "sqlite"),
    ];
    let known = KINDS
        .iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map(|(_, name)| *name);
    known.or_else(|| {
        let start =
            String::from_utf8_lossy(head.get(..256.min(head.len())).unwrap_or_default()).to_lowercase();
        let start = start.trim_start_matches('\u{feff}').trim_start();
        // "Excel" files of many web programs are HTML tables or SpreadsheetML
        if start.starts_with("<!doctype html") || start.starts_with("<html") || start.starts_with("<table") {
            Some("html")
        } else if start.starts_with("<?xml") {
            Some("xml")
        } else {
            None
        }
    })
}

fn decode_head(head: &[u8], encoding: Encoding) -> String {
    match encoding.table() {
        None => String::from_utf8_lossy(head).into_owned(),
        Some(table) => table.decode(head).0.into_owned(),
    }
}

/// The first line is an object, or an object cut by the end of the head.
fn looks_like_ndjson(start: &str) -> bool {
    let line = start.lines().next().unwrap_or_default().trim_end();
    if serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line).is_ok() {
        return true;
    }
    let inside = line.trim_start_matches('{').trim_start();
    inside.starts_with('"') && inside.contains("\":") || line == "{"
}

/// Delimiter, quote and header of a CSV file.
struct CsvShape {
    delimiter: u8,
    quote: u8,
    has_header: bool,
    confidence: f32,
}

impl CsvShape {
    fn guess(text: &str, whole: bool) -> Self {
        let mut best: Option<(f32, usize, Self)> = None;
        for delimiter in [b',', b';', b'\t', b'|'] {
            let quote = quote_of(text, delimiter);
            let mut records = records(text, delimiter, quote);
            if !whole && records.len() > 1 {
                records.pop();
            }
            let Some(first) = records.first() else { continue };
            let columns = first.len();
            // the header's width decides; rows of another width count against the delimiter
            let same = records.iter().filter(|record| record.len() == columns).count();
            let share = same as f32 / records.len() as f32;
            // punctuation of prose is followed by a space, a delimiter hardly ever
            let cells: Vec<&String> = records.iter().flat_map(|record| record.iter().skip(1)).collect();
            let spaced = cells.iter().filter(|cell| cell.starts_with(' ')).count();
            let prose = 0.2 * spaced as f32 / cells.len().max(1) as f32;
            let score = if columns > 1 { share - prose } else { 0.3 };
            let (has_header, sure) = header_of(&records);
            let few = if records.len() < 2 { 0.75 } else { 1.0 };
            let confidence = (0.4 + 0.6 * score) * sure * few;
            let better = match &best {
                None => true,
                Some((s, c, _)) => score > *s + 0.001 || ((score - *s).abs() <= 0.001 && columns > *c),
            };
            if better {
                best = Some((
                    score,
                    columns,
                    Self {
                        delimiter,
                        quote,
                        has_header,
                        confidence,
                    },
                ));
            }
        }
        best.map_or(
            Self {
                delimiter: b',',
                quote: b'"',
                has_header: true,
                confidence: 0.1,
            },
            |(_, _, shape)| shape,
        )
    }
}

/// `'` only if cells begin with it and end with it, and none with `"`.
fn quote_of(text: &str, delimiter: u8) -> u8 {
    let delimiter = char::from(delimiter);
    let count = |quote: char| {
        let open = format!("{delimiter}{quote}");
        let close = format!("{quote}{delimiter}");
        text.matches(&open).count().min(text.matches(&close).count())
    };
    if count('"') == 0 && !text.starts_with('"') && count('\'') > 1 {
        b'\''
    } else {
        b'"'
    }
}

/// The first records of a text.
fn records(text: &str, delimiter: u8, quote: u8) -> Vec<Vec<String>> {
    ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quote(quote)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
        .records()
        .take(200)
        .map_while(Result::ok)
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

/// Whether the first record names columns, and how sure that is. Names are not data: no number, date, e-mail or
/// phone stands among them, no two are equal. If the rows below look no different (all text), it is less certain.
fn header_of(records: &[Vec<String>]) -> (bool, f32) {
    let Some(first) = records.first() else {
        return (true, 0.5);
    };
    let is_data = |cell: &String| profile::looks_like_data(cell);
    if first.iter().any(is_data) {
        return (false, 0.9);
    }
    let mut names: Vec<String> = first
        .iter()
        .filter(|c| !c.trim().is_empty())
        .map(|c| c.trim().to_lowercase())
        .collect();
    let filled = names.len();
    names.sort();
    names.dedup();
    let typed_below = records.iter().skip(1).any(|record| record.iter().any(is_data));
    if filled == 0 {
        (false, 0.6)
    } else if typed_below {
        (true, if names.len() == filled { 1.0 } else { 0.8 })
    } else {
        (true, if names.len() == filled { 0.85 } else { 0.6 })
    }
}
