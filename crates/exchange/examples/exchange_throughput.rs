//! Prints how many CSV rows are read and written in a second: `cargo run --release --example exchange_throughput [FILE]`.
//!
//! Without a file, rows of eight columns in Persian and English are made as they are read.

use std::io::{Cursor, Read};
use std::time::Instant;

use peyvand_exchange::{
    CsvOptions, CsvReader, CsvWriteOptions, CsvWriter, Limits, RowReader, SNIFF_BYTES, XlsxOptions,
    XlsxReader, XlsxWriteOptions, XlsxWriter, sniff,
};

const HEADER: &str = "id,given,family,email,phone,city,amount,note\n";
const ROW: &str =
    "48213,سارا,احمدی,sara.ahmadi@example.com,+989121234567,تهران,1250000,\"called, will call back\"\n";

fn measure(
    label: &str,
    bytes: u64,
    reader: impl Read,
    options: CsvOptions,
) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut csv = CsvReader::new(reader, options)?;
    let mut rows = 0u64;
    while csv.next_row()?.is_some() {
        rows += 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{label}: {rows} rows in {seconds:.2} s, {:.0} rows/s, {:.0} MB/s, {} KiB held",
        rows as f64 / seconds,
        bytes as f64 / seconds / 1e6,
        csv.buffered_bytes() / 1024
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Some(path) = std::env::args().nth(1) {
        let mut head = Vec::new();
        std::fs::File::open(&path)?
            .take(SNIFF_BYTES as u64)
            .read_to_end(&mut head)?;
        let found = sniff(&head)?;
        println!("{found:?}");
        let bytes = std::fs::metadata(&path)?.len();
        return measure(
            "read",
            bytes,
            std::fs::File::open(&path)?,
            CsvOptions::from(&found),
        );
    }
    for count in [10_000, 3_000_000] {
        let body = std::iter::repeat_n(ROW.as_bytes(), count);
        let source = std::iter::once(HEADER.as_bytes()).chain(body).flatten().copied();
        let bytes = (HEADER.len() + ROW.len() * count) as u64;
        measure("read", bytes, Bytes(source), CsvOptions::default())?;
    }
    let mut csv = CsvReader::new([HEADER, ROW].concat().leak().as_bytes(), CsvOptions::default())?;
    let row = csv.next_row()?.ok_or("a row")?;
    let start = Instant::now();
    let count = 3_000_000;
    let mut writer = CsvWriter::new(std::io::sink(), csv.headers(), &CsvWriteOptions::default())?;
    for _ in 0..count {
        writer.write_row(&row.cells)?;
    }
    writer.finish()?;
    println!(
        "write: {:.0} rows/s",
        f64::from(count) / start.elapsed().as_secs_f64()
    );

    let count = 200_000;
    let start = Instant::now();
    let mut writer = XlsxWriter::new(csv.headers(), XlsxWriteOptions::default())?;
    for _ in 0..count {
        writer.write_row(&row.cells)?;
    }
    let mut file = Cursor::new(Vec::new());
    writer.finish(&mut file)?;
    println!(
        "write XLSX: {:.0} rows/s",
        f64::from(count) / start.elapsed().as_secs_f64()
    );
    // equal rows pack better than any honest file
    let mut limits = Limits::default();
    limits.archive.max_ratio = 10_000;
    let start = Instant::now();
    let mut workbook = XlsxReader::open(file, limits)?;
    println!("scan and open XLSX: {:.2} s", start.elapsed().as_secs_f64());
    let mut sheet = workbook.rows("Sheet1", &XlsxOptions::default())?;
    let mut rows = 0u64;
    while sheet.next_row()?.is_some() {
        rows += 1;
    }
    println!(
        "read XLSX: {:.0} rows/s with the scan",
        rows as f64 / start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// A reader of bytes that are made when they are asked for.
struct Bytes<I>(I);

impl<I: Iterator<Item = u8>> Read for Bytes<I> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut written = 0;
        for (place, byte) in buffer.iter_mut().zip(&mut self.0) {
            *place = byte;
            written += 1;
        }
        Ok(written)
    }
}
