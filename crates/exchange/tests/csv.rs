//! CSV through the public API: encodings, shapes, places, positions, round trips, bounded memory.

mod common;

use std::io::{Cursor, Read};

use common::rows;
use peyvand_exchange::{
    Cell, CsvOptions, CsvReader, CsvWriteOptions, CsvWriter, DuplicateHeaders, Encoding, ExchangeError,
    Limits, LongRows, RowReader, Shape,
};
use proptest::prelude::*;

/// A file that is a beginning and then one piece again and again, without existing anywhere.
struct Repeat {
    start: Vec<u8>,
    piece: Vec<u8>,
    length: u64,
    given: u64,
}

impl Repeat {
    /// `length` counts the repeated part; it is cut where it ends.
    fn new(start: &[u8], piece: &[u8], length: u64) -> Self {
        Self {
            start: start.to_vec(),
            piece: piece.to_vec(),
            length,
            given: 0,
        }
    }

    /// Bytes read so far.
    fn given(&self) -> u64 {
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

fn open(bytes: &[u8]) -> Result<CsvReader<Cursor<Vec<u8>>>, ExchangeError> {
    open_with(bytes, CsvOptions::default())
}

fn open_with(bytes: &[u8], options: CsvOptions) -> Result<CsvReader<Cursor<Vec<u8>>>, ExchangeError> {
    CsvReader::new(Cursor::new(bytes.to_vec()), options)
}

fn texts(row: &peyvand_exchange::Row) -> Vec<String> {
    row.cells.iter().map(|cell| cell.as_text().into_owned()).collect()
}

#[test]
fn rows_have_numbers_lines_and_shapes() {
    let mut csv = open(b"a,b,c\r\n1,2,3\r\n\r\n\"x\ny\",\"q\"\"q\"\r\n1,2,3,4\r\n").expect("header");
    assert_eq!(csv.headers(), ["a", "b", "c"]);
    let all = rows(&mut csv).expect("good");
    assert_eq!(all.len(), 3);
    assert_eq!((all[0].number, all[0].line, all[0].shape), (1, 2, Shape::Exact));
    assert_eq!(texts(&all[1]), ["x\ny", "q\"q", ""]);
    assert_eq!(
        (all[1].number, all[1].line, all[1].shape),
        (2, 4, Shape::Short { found: 2 })
    );
    assert_eq!(texts(&all[2]), ["1", "2", "3", "4"]);
    assert_eq!(
        (all[2].number, all[2].line, all[2].shape),
        (3, 6, Shape::Long { found: 4 })
    );
}

#[test]
fn long_rows_can_be_refused_and_reading_goes_on() {
    let options = CsvOptions {
        long_rows: LongRows::Refuse,
        ..CsvOptions::default()
    };
    let mut csv = open_with(b"a\n1,2\n3\n", options).expect("header");
    let error = csv.next_row().expect_err("long");
    assert_eq!(error.code(), "file-long-row");
    assert!(error.is_row_error());
    let row = csv.next_row().expect("good").expect("a row");
    assert_eq!((row.number, row.line), (2, 3));
    assert_eq!(texts(&row), ["3"]);
}

#[test]
fn the_same_text_in_every_encoding_and_delimiter() {
    let text = "نام;سن\nگلي پورچژ;\"۳;۰\"\n";
    let western = "name;city\nRené;Besançon\n";
    let (table_1256, ..) = encoding_rs::WINDOWS_1256.encode(text);
    let (table_1252, ..) = encoding_rs::WINDOWS_1252.encode(western);
    let utf16 = |swap: bool, text: &str| {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units
            .flat_map(|u| if swap { u.to_be_bytes() } else { u.to_le_bytes() })
            .collect::<Vec<u8>>()
    };
    // Windows-1256 has no Persian digits
    let arabic = text.replace("۳;۰", "3;0");
    let (table_1256_digits, ..) = encoding_rs::WINDOWS_1256.encode(&arabic);
    assert!(table_1256.len() > table_1256_digits.len());
    let cases: [(Encoding, Vec<u8>, &str); 6] = [
        (Encoding::Utf8, text.as_bytes().to_vec(), text),
        (
            Encoding::Utf8,
            [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat(),
            text,
        ),
        (Encoding::Utf16Le, utf16(false, text), text),
        (Encoding::Utf16Be, utf16(true, text), text),
        (Encoding::Windows1256, table_1256_digits.to_vec(), &arabic),
        (Encoding::Windows1252, table_1252.to_vec(), western),
    ];
    for (encoding, bytes, text) in cases {
        let options = CsvOptions {
            encoding,
            delimiter: b';',
            ..CsvOptions::default()
        };
        let mut csv = open_with(&bytes, options).expect("header");
        let header: Vec<&str> = text.lines().next().unwrap_or_default().split(';').collect();
        assert_eq!(csv.headers(), header, "{encoding}");
        let row = csv.next_row().expect("good").expect("a row");
        let line = text.lines().nth(1).unwrap_or_default();
        let (first, second) = line.split_once(';').expect("two cells");
        assert_eq!(texts(&row), [first, second.trim_matches('"')], "{encoding}");
    }
}

#[test]
fn a_wrong_encoding_says_where() {
    let mut csv = open(b"a,b\n1,2\n3,\xC7\xE1\n").expect("header");
    csv.next_row().expect("the first row is good");
    match csv.next_row() {
        Err(ExchangeError::WrongEncoding {
            encoding: Encoding::Utf8,
            offset: 10,
            line: 3,
        }) => {}
        other => panic!("{other:?}"),
    }
    assert!(csv.next_row().expect("ended").is_none());
    // the fault is found behind the first chunks too
    let mut big = b"a,b\n".to_vec();
    for _ in 0..50_000 {
        big.extend_from_slice(b"one,two\n");
    }
    big.extend_from_slice(b"x,\xFF\n");
    let error = rows(&mut open(&big).expect("header")).expect_err("bad byte");
    match error {
        ExchangeError::WrongEncoding { offset, line, .. } => assert_eq!((offset, line), (400_006, 50_002)),
        other => panic!("{other:?}"),
    }
    let options = CsvOptions {
        encoding: Encoding::Utf16Le,
        ..CsvOptions::default()
    };
    // a lone low surrogate behind "a\n"
    let error = open_with(b"a\0\n\0b\0\x00\xDC\n\0", options)
        .and_then(|mut csv| rows(&mut csv))
        .expect_err("lone");
    match error {
        ExchangeError::WrongEncoding { offset, line, .. } => assert_eq!((offset, line), (6, 2)),
        other => panic!("{other:?}"),
    }
    let options = CsvOptions {
        encoding: Encoding::Windows1252,
        ..CsvOptions::default()
    };
    let error = open_with(b"a\nb\x81\n", options)
        .and_then(|mut csv| rows(&mut csv))
        .expect_err("undefined");
    assert!(
        matches!(
            error,
            ExchangeError::WrongEncoding {
                offset: 3,
                line: 2,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn hostile_files_are_clear_errors() {
    let wide = format!("{}\n", vec!["c"; 5000].join(","));
    let long_cell = format!("a\n{}\n", "x".repeat((1 << 20) + 1));
    let cases: [(&[u8], &str); 9] = [
        (b"", "file-empty"),
        (b"\xEF\xBB\xBF", "file-empty"),
        (b"\n\r\n\n", "file-empty"),
        (b"a,b\n1,\"cut", "file-unterminated-quote"),
        (b"a,b\n1,\"cut\n2,3\n", "file-unterminated-quote"),
        (b"Name,b, name \n1,2,3\n", "file-duplicate-header"),
        (b"a,b\n1,\x002\n", "file-nul-byte"),
        (wide.as_bytes(), "file-too-many-columns"),
        (long_cell.as_bytes(), "file-cell-too-long"),
    ];
    for (bytes, code) in cases {
        let error = open(bytes).and_then(|mut csv| rows(&mut csv)).expect_err(code);
        assert_eq!(error.code(), code, "{error}");
    }
    // where they are
    let error = open(b"Name,b, name \n").err().expect("duplicate");
    assert_eq!(
        error.fields(),
        [
            ("name", "name".to_owned()),
            ("first", "1".to_owned()),
            ("second", "3".to_owned())
        ]
    );
    let mut cut = open(b"a,b\n1,2\n3,\"cut\nx\n").expect("header");
    cut.next_row().expect("good");
    assert!(matches!(
        cut.next_row(),
        Err(ExchangeError::UnterminatedQuote { line: 3 })
    ));
    let nul = open(b"a,b\n1,\x002\n")
        .and_then(|mut csv| rows(&mut csv))
        .expect_err("nul");
    assert!(
        matches!(nul, ExchangeError::NulByte { offset: 6, line: 2 }),
        "{nul:?}"
    );
}

#[test]
fn complete_files_are_not_taken_for_cut_ones() {
    for bytes in [
        b"a,b\n1,\"x\"".as_slice(),
        b"a,b\n1,x",
        b"a,b\n1,\"\"",
        b"a,b\n1,2\n\n",
        b"a,b\n1,2\r",
    ] {
        let all = open(bytes).and_then(|mut csv| rows(&mut csv)).expect("complete");
        assert_eq!(all.len(), 1, "{bytes:?}");
    }
    let mut only = open(b"a,b").expect("a header alone is a file");
    assert!(only.next_row().expect("good").is_none());
}

#[test]
fn headers_can_be_numbered_or_missing() {
    let options = CsvOptions {
        duplicate_headers: DuplicateHeaders::Number,
        ..CsvOptions::default()
    };
    let csv = open_with("mail,Mail,mail (2),\u{feff}mail\n".as_bytes(), options).expect("numbered");
    assert_eq!(csv.headers(), ["mail", "Mail (2)", "mail (2) (2)", "mail (3)"]);
    let options = CsvOptions {
        has_header: false,
        ..CsvOptions::default()
    };
    let mut csv = open_with(b"1,2\n3,4\n", options.clone()).expect("no header");
    assert_eq!(csv.headers(), ["A", "B"]);
    let start = csv.position();
    let all = rows(&mut csv).expect("good");
    assert_eq!(
        all.iter().map(texts).collect::<Vec<_>>(),
        [["1", "2"], ["3", "4"]]
    );
    let mut again =
        CsvReader::resume(Cursor::new(b"1,2\n3,4\n".to_vec()), options, start).expect("from the start");
    assert_eq!(rows(&mut again).expect("good"), all);
}

#[test]
fn a_row_limit_is_held() {
    let limits = Limits {
        max_rows: 2,
        ..Limits::default()
    };
    let mut csv = open_with(
        b"a\n1\n2\n3\n",
        CsvOptions {
            limits,
            ..CsvOptions::default()
        },
    )
    .expect("header");
    csv.next_row().expect("first");
    csv.next_row().expect("second");
    assert_eq!(csv.next_row().expect_err("third").code(), "file-too-many-rows");
}

#[test]
fn a_line_of_two_gigabytes_is_refused_with_little_memory() {
    for piece in [b"x".as_slice(), b"\"\"\"", b",", b"\"a\n"] {
        let start: &[u8] = if piece == b"\"a\n" { b"a,b\n\"" } else { b"a,b\n" };
        let piece: &[u8] = if piece == b"\"a\n" { b"a\n" } else { piece };
        let mut reader = Repeat::new(start, piece, 2 << 30);
        let error = CsvReader::new(&mut reader, CsvOptions::default())
            .and_then(|mut csv| {
                let error = rows(&mut csv).expect_err("too long");
                assert!(csv.buffered_bytes() < 12 << 20, "{}", csv.buffered_bytes());
                Err::<(), _>(error)
            })
            .expect_err("too long");
        let expected = if piece == b"," {
            "file-too-many-columns"
        } else {
            "file-line-too-long"
        };
        assert_eq!(error.code(), expected, "{piece:?}");
        // it stopped near the limit, long before the end
        assert!(reader.given() < 20 << 20, "{}", reader.given());
    }
}

#[test]
fn memory_does_not_grow_with_rows() {
    let row = b"Sara,Ahmadi,sara@example.com,\"Tehran, Iran\"\n";
    let measure = |count: u64| {
        let length = row.len() as u64 * count;
        let mut csv =
            CsvReader::new(Repeat::new(b"a,b,c,d\n", row, length), CsvOptions::default()).expect("header");
        let mut most = 0;
        let mut seen = 0;
        while csv.next_row().expect("good").is_some() {
            seen += 1;
            most = most.max(csv.buffered_bytes());
        }
        assert_eq!(seen, count);
        most
    };
    let small = measure(10_000);
    let large = measure(1_000_000);
    assert_eq!(small, large, "bytes held must not depend on the number of rows");
    assert!(large < 1 << 20, "{large}");
}

#[test]
fn reading_goes_on_from_every_position() {
    let text = "نام,b\r\n۱,\"x\ny\"\r\n\r\nسه,4\n\"5\",😀\n6,7";
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let (arabic, ..) = encoding_rs::WINDOWS_1256.encode("نام,b\r\nسه,\"x\ny\"\r\n\r\n4,گچ\n5,6\n");
    let with_mark = [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat();
    let cases = [
        (Encoding::Utf8, text.as_bytes().to_vec()),
        (Encoding::Utf8, with_mark),
        (Encoding::Utf16Le, utf16),
        (Encoding::Windows1256, arabic.to_vec()),
    ];
    for (encoding, bytes) in cases {
        let options = CsvOptions {
            encoding,
            ..CsvOptions::default()
        };
        let whole = rows(&mut open_with(&bytes, options.clone()).expect("header")).expect("good");
        let mut csv = open_with(&bytes, options.clone()).expect("header");
        for done in 0..=whole.len() {
            let kept = serde_json::to_string(&csv.position()).expect("a position can be kept");
            let position = serde_json::from_str(&kept).expect("and read again");
            let mut resumed =
                CsvReader::resume(Cursor::new(bytes.clone()), options.clone(), position).expect("resumed");
            assert_eq!(resumed.headers(), csv.headers());
            assert_eq!(
                rows(&mut resumed).expect("good"),
                whole[done..],
                "{encoding} from {position:?}"
            );
            csv.next_row().expect("good");
        }
    }
    let stale = peyvand_exchange::Position {
        offset: 999,
        row: 1,
        line: 2,
    };
    let error = CsvReader::resume(Cursor::new(b"a\n1\n".to_vec()), CsvOptions::default(), stale);
    assert_eq!(error.err().expect("stale").code(), "file-stale-position");
}

#[test]
fn written_cells_run_nothing_and_numbers_stay_numbers() {
    let headers = ["a".to_owned(), "=b".to_owned()];
    let mut csv = CsvWriter::new(Vec::new(), &headers, &CsvWriteOptions::default()).expect("header");
    csv.write_row(&[Cell::Number("-5".into()), Cell::text("-5")])
        .expect("row");
    csv.write_row(&[Cell::text("=1+1"), Cell::text("'=x")])
        .expect("row");
    let bytes = csv.finish().expect("written");
    assert_eq!(
        String::from_utf8(bytes).expect("UTF-8"),
        "\u{feff}a,'=b\r\n-5,'-5\r\n'=1+1,''=x\r\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_written_is_read(
        table in prop::collection::vec(prop::collection::vec("[^\0]{0,12}|['=+\\-@\t\r\n\"＝, ]{0,5}", 3), 0..8),
        delimiter in prop::sample::select(b",;\t|".to_vec()),
    ) {
        let headers: Vec<String> = ["a", "b", "c"].iter().map(|h| (*h).to_owned()).collect();
        let options = CsvWriteOptions { delimiter, ..CsvWriteOptions::default() };
        let mut writer = CsvWriter::new(Vec::new(), &headers, &options).expect("header");
        for row in &table {
            writer.write_row(&row.iter().map(Cell::text).collect::<Vec<_>>()).expect("row");
        }
        let bytes = writer.finish().expect("written");
        let mut reader =
            CsvReader::new(bytes.as_slice(), CsvOptions { delimiter, ..CsvOptions::default() }).expect("header");
        let read: Vec<Vec<String>> = rows(&mut reader).expect("good").iter().map(texts).collect();
        prop_assert_eq!(&read, &table);
        // as a spreadsheet sees it, without taking the guard off: nothing starts a formula
        let raw = CsvOptions { delimiter, unguard: false, ..CsvOptions::default() };
        for row in rows(&mut CsvReader::new(bytes.as_slice(), raw).expect("header")).expect("good") {
            for cell in &row.cells {
                let first = cell.as_text().chars().next();
                prop_assert!(!first.is_some_and(peyvand_exchange::starts_formula), "{:?}", cell);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), kind in 0usize..5) {
        let encoding = [
            Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Windows1256, Encoding::Windows1252,
        ][kind];
        let options = CsvOptions { encoding, has_header: kind % 2 == 0, ..CsvOptions::default() };
        if let Ok(mut csv) = open_with(&bytes, options) {
            for _ in 0..bytes.len() + 2 {
                match csv.next_row() {
                    Ok(None) => break,
                    Ok(Some(row)) => prop_assert!(row.cells.len() >= csv.headers().len()),
                    Err(error) => prop_assert!(!error.code().is_empty()),
                }
            }
        }
    }
}
