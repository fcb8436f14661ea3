//! A first look at a file: its columns and what stands in them.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use peyvand_exchange::profile::Column as Profile;
use peyvand_exchange::{
    Cell, CsvOptions, CsvReader, Encoding, ExchangeError, Format, Limits, NdjsonOptions, NdjsonReader,
    Position, RowReader, Sniff, VcardOptions, VcardReader, XlsxOptions, XlsxReader, sniff,
};
use sha2::{Digest, Sha256};

/// Rows looked at before a format is decided.
const LOOKED_AT: u64 = 5_000;

/// SHA-256 of a file, in hexadecimal.
pub(super) fn fingerprint(file: &Path) -> std::io::Result<String> {
    let mut h = Sha256::new();
    std::io::copy(&mut BufReader::with_capacity(1 << 16, File::open(file)?), &mut h)?;
    Ok(hex::encode(h.finalize()))
}

/// How a file is to be read, by what stands at its beginning. A name may not promise another kind.
///
/// # Errors
/// A kind that is not read; a workbook by its name that is none.
pub(crate) fn kind_of(name: &str, head: &[u8]) -> Result<Sniff, ExchangeError> {
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
    let listed = matches!(extension.as_str(), "ndjson" | "jsonl");
    match sniff(head) {
        // Nothing is what a list without records is written as.
        Err(ExchangeError::EmptyFile) if listed => Ok(Sniff {
            format: Format::Ndjson,
            encoding: Encoding::Utf8,
            delimiter: b',',
            quote: b'"',
            has_header: true,
            confidence: 1.0,
        }),
        Ok(found) if matches!(extension.as_str(), "xlsx" | "xlsm") && found.format != Format::Xlsx => {
            Err(ExchangeError::BadArchive {
                message: format!("{name} is no workbook"),
            })
        }
        found => found,
    }
}

pub(super) fn first_sheet<R: std::io::Read + std::io::Seek>(book: &XlsxReader<R>) -> String {
    let sheets = book.sheets();
    sheets
        .iter()
        .find(|s| s.visible)
        .or_else(|| sheets.first())
        .map(|s| s.name.clone())
        .unwrap_or_default()
}

pub(super) fn skip(reader: &mut dyn RowReader, at: Option<Position>) -> Result<(), ExchangeError> {
    let rows = at.map_or(0, |p| p.row);
    while reader.position().row < rows {
        match reader.next_row() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(e) if e.is_row_error() => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// The columns of a file, and what stands in their first rows.
pub(crate) fn look(file: &Path, sniff: &Sniff) -> Result<(Vec<String>, Vec<Profile>), ExchangeError> {
    let reader = BufReader::with_capacity(1 << 16, File::open(file).map_err(ExchangeError::Io)?);
    match sniff.format {
        Format::Csv => look_at(&mut CsvReader::new(reader, CsvOptions::from(sniff))?),
        Format::Ndjson => look_at(&mut NdjsonReader::new(
            reader,
            NdjsonOptions {
                encoding: sniff.encoding,
                limits: Limits::default(),
            },
        )),
        Format::Vcard => look_at(&mut VcardReader::new(
            reader,
            VcardOptions {
                encoding: sniff.encoding,
                limits: Limits::default(),
            },
        )),
        Format::Xlsx => {
            let mut book = XlsxReader::open(reader, Limits::default())?;
            let sheet = first_sheet(&book);
            look_at(&mut book.rows(&sheet, &XlsxOptions::default())?)
        }
    }
}

fn look_at(reader: &mut dyn RowReader) -> Result<(Vec<String>, Vec<Profile>), ExchangeError> {
    let mut profiles: Vec<Profile> = Vec::new();
    for _ in 0..LOOKED_AT {
        match reader.next_row() {
            Ok(Some(row)) => {
                for (i, cell) in row.cells.iter().enumerate() {
                    if profiles.len() <= i {
                        profiles.push(Profile::new());
                    }
                    if let (Some(p), false) = (profiles.get_mut(i), matches!(cell, Cell::Json(_))) {
                        p.add(cell);
                    }
                }
            }
            Ok(None) => break,
            Err(e) if e.is_row_error() => {}
            // The damage is met again when the rows before it have been imported.
            Err(e) if profiles.is_empty() => return Err(e),
            Err(_) => break,
        }
    }
    Ok((reader.headers().to_vec(), profiles))
}
