//! Workbooks: round trips, dates of both systems, splitting, and archives made to harm.

mod common;

use std::io::{Cursor, Write};

use common::rows;
use peyvand_exchange::xlsx::scan;
use peyvand_exchange::{
    ArchiveLimits, Cell, ExchangeError, HeaderRow, Limits, RowReader, XlsxOptions, XlsxReader,
    XlsxWriteOptions, XlsxWriter,
};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("entry");
        zip.write_all(bytes).expect("bytes");
    }
    zip.finish().expect("archive").into_inner()
}

/// A workbook of one sheet from the XML of its rows.
fn workbook(rows: &str, properties: &str) -> Vec<u8> {
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    );
    let book = format!(
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{properties}<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    );
    archive(&[
        ("[Content_Types].xml", br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#),
        ("_rels/.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/styles.xml", br#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

fn read(bytes: &[u8]) -> Result<(Vec<String>, Vec<peyvand_exchange::Row>), ExchangeError> {
    let mut reader = XlsxReader::open(Cursor::new(bytes), Limits::default())?;
    let sheet = reader
        .sheets()
        .first()
        .map(|sheet| sheet.name.clone())
        .unwrap_or_default();
    let mut sheet = reader.rows(&sheet, &XlsxOptions::default())?;
    let all = rows(&mut sheet)?;
    Ok((sheet.headers().to_vec(), all))
}

fn write(
    headers: &[&str],
    table: &[Vec<Cell>],
    options: XlsxWriteOptions,
) -> (Vec<u8>, peyvand_exchange::XlsxReport) {
    let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
    let mut writer = XlsxWriter::new(&headers, options).expect("begun");
    for row in table {
        writer.write_row(row).expect("row");
    }
    let mut bytes = Cursor::new(Vec::new());
    let report = writer.finish(&mut bytes).expect("written");
    (bytes.into_inner(), report)
}

#[test]
fn what_is_written_is_read_typed() {
    let row = vec![
        Cell::text("=HYPERLINK(\"x\")"),
        Cell::Number("-12.5".into()),
        Cell::Number("1000000000000000000000".into()),
        Cell::Bool(true),
        Cell::Date("2026-11-22".into()),
        Cell::DateTime("1999-12-31T23:59:58".into()),
        Cell::Time("08:30:00".into()),
        Cell::text("گل‌پر _x000D_ \u{1}"),
        Cell::Empty,
        Cell::text("'=quoted"),
        Cell::text(" a\r\nb\tc "),
    ];
    let headers = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    let (bytes, report) = write(&headers, std::slice::from_ref(&row), XlsxWriteOptions::default());
    assert_eq!(
        (
            report.rows,
            report.sheets,
            report.cut_texts,
            report.numbers_as_text
        ),
        (1, 1, 0, 0)
    );
    let (names, all) = read(&bytes).expect("read");
    assert_eq!(names, headers);
    assert_eq!(all[0].cells, row);
}

#[test]
fn what_a_sheet_cannot_hold_is_said() {
    let long = "ی".repeat(40_000);
    let row = vec![
        Cell::text(long),
        Cell::Number("12345678901234567".into()),
        Cell::Date("1850-01-01".into()),
    ];
    let (bytes, report) = write(&["a", "b", "c"], &[row], XlsxWriteOptions::default());
    assert_eq!(
        (report.cut_texts, report.cut_at, report.numbers_as_text),
        (1, vec![(1, 1)], 1)
    );
    let (_, all) = read(&bytes).expect("read");
    assert_eq!(all[0].cells[0].as_text().chars().count(), 32_767);
    assert_eq!(
        all[0].cells[1..],
        [Cell::text("12345678901234567"), Cell::text("1850-01-01")]
    );
    let wide: Vec<String> = (0..16_385).map(|n| n.to_string()).collect();
    assert_eq!(
        XlsxWriter::new(&wide, XlsxWriteOptions::default())
            .err()
            .expect("wide")
            .code(),
        "file-sheet-too-wide"
    );
}

#[test]
fn a_full_sheet_is_followed_by_another() {
    let table: Vec<Vec<Cell>> = (0..25).map(|n| vec![Cell::Number(n.to_string())]).collect();
    let options = XlsxWriteOptions {
        sheet: "مشتریان/۱".into(),
        right_to_left: true,
        rows_per_sheet: 11,
        ..Default::default()
    };
    let (bytes, report) = write(&["n"], &table, options);
    assert_eq!((report.rows, report.sheets), (25, 3));
    let mut reader = XlsxReader::open(Cursor::new(&bytes), Limits::default()).expect("open");
    let names: Vec<String> = reader.sheets().into_iter().map(|sheet| sheet.name).collect();
    assert_eq!(names, ["مشتریان ۱", "مشتریان ۱ (2)", "مشتریان ۱ (3)"]);
    let mut seen = Vec::new();
    for name in &names {
        let mut sheet = reader.rows(name, &XlsxOptions::default()).expect("sheet");
        assert_eq!(sheet.headers(), ["n"]);
        seen.extend(
            rows(&mut sheet)
                .expect("rows")
                .into_iter()
                .map(|row| row.cells[0].as_text().into_owned()),
        );
    }
    assert_eq!(seen, (0..25).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(
        reader
            .rows("x", &XlsxOptions::default())
            .err()
            .expect("none")
            .code(),
        "file-no-such-sheet"
    );
    let mut zip = zip::ZipArchive::new(Cursor::new(&bytes)).expect("archive");
    let sheet =
        std::io::read_to_string(zip.by_name("xl/worksheets/sheet1.xml").expect("sheet")).expect("text");
    assert!(sheet.contains("rightToLeft=\"1\""));
}

#[test]
fn both_date_systems_numbers_errors_and_gaps() {
    let sheet = r#"<row r="3"><c r="A3" t="inlineStr"><is><t>day</t></is></c><c r="C3" t="inlineStr"><is><t>sum</t></is></c></row>
        <row r="7"><c r="A7" s="1"><v>45000</v></c><c r="C7"><v>0.1</v></c></row>
        <row r="8"><c r="A8" s="1"><v>1.5</v></c><c r="C8" t="e"><v>#REF!</v></c><c r="D8"><v>9</v></c></row>"#;
    // 45000 is 15 March 2023 when counted from 1900; the two systems are 1462 days apart
    for (properties, first, second) in [
        ("", "2023-03-15", "1900-01-01T12:00:00"),
        (
            r#"<workbookPr date1904="1"/>"#,
            "2027-03-16",
            "1904-01-02T12:00:00",
        ),
    ] {
        let (names, all) = read(&workbook(sheet, properties)).expect("read");
        assert_eq!(names, ["day", "", "sum"]);
        assert_eq!(
            all[0].cells,
            [Cell::Date(first.into()), Cell::Empty, Cell::Number("0.1".into())]
        );
        assert_eq!((all[0].number, all[0].line), (1, 7));
        assert_eq!(all[1].cells[0], Cell::DateTime(second.into()));
        assert_eq!(all[1].cells[2], Cell::Error("#REF!".into()));
        assert_eq!(all[1].shape, peyvand_exchange::Shape::Long { found: 4 });
    }
}

#[test]
fn a_sheet_is_read_on_from_a_position() {
    let table: Vec<Vec<Cell>> = (0..20).map(|n| vec![Cell::Number(n.to_string())]).collect();
    let (bytes, _) = write(&["n"], &table, XlsxWriteOptions::default());
    let mut reader = XlsxReader::open(Cursor::new(&bytes), Limits::default()).expect("open");
    let options = XlsxOptions::default();
    let (position, whole) = {
        let mut sheet = reader.rows("Sheet1", &options).expect("sheet");
        for _ in 0..7 {
            sheet.next_row().expect("row");
        }
        (sheet.position(), rows(&mut sheet).expect("rest"))
    };
    let mut resumed = reader.rows_from("Sheet1", &options, position).expect("resumed");
    assert_eq!(rows(&mut resumed).expect("rest"), whole);
    assert_eq!(whole.len(), 13);
    drop(resumed);
    let none = XlsxOptions {
        header: HeaderRow::None,
        ..XlsxOptions::default()
    };
    let mut sheet = reader.rows("Sheet1", &none).expect("sheet");
    assert_eq!(sheet.headers(), ["A"]);
    assert_eq!(rows(&mut sheet).expect("all").len(), 21);
}

/// An entry of many equal bytes, packed to about a thousandth.
fn bomb(mebibytes: usize, entry: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file(entry, options).expect("entry");
    let piece = b"<c> </c>".repeat((1 << 20) / 8);
    for _ in 0..mebibytes {
        zip.write_all(&piece).expect("bytes");
    }
    zip.finish().expect("archive").into_inner()
}

#[test]
fn archives_made_to_harm_are_refused() {
    let laughs = br#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>"#;
    let laughs_16: Vec<u8> = b"\xFF\xFE"
        .iter()
        .copied()
        .chain(laughs.iter().flat_map(|&b| [b, 0]))
        .collect();
    let long = format!("<sheetData><c><v>{}</v></c></sheetData>", pseudo_random(3 << 20));
    let many: Vec<(String, Vec<u8>)> = (0..2001).map(|n| (format!("e{n}"), Vec::new())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    let good = workbook("", "");
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (bomb(40, "xl/worksheets/sheet1.xml"), "file-archive-ratio"),
        (archive(&many), "file-archive-too-many-entries"),
        (
            archive(&[("xl/../../etc/passwd", b"x")]),
            "file-archive-forbidden-entry",
        ),
        (archive(&[("/etc/passwd", b"x")]), "file-archive-forbidden-entry"),
        (archive(&[("c:\\x", b"x")]), "file-archive-forbidden-entry"),
        (
            archive(&[("xl/a.xml", b"x"), ("xl/A.xml", b"x")]),
            "file-archive-forbidden-entry",
        ),
        (archive(&[("xl/sharedStrings.xml", laughs)]), "file-xml-entities"),
        (
            archive(&[("xl/sharedStrings.xml", &laughs_16)]),
            "file-xml-entities",
        ),
        (
            archive(&[("xl/worksheets/sheet1.xml", long.as_bytes())]),
            "file-xml-text-too-long",
        ),
        (
            archive(&[("xl/worksheets/s.xml", b"<sst><si><t>x</t></si></sst>")]),
            "file-bad-workbook",
        ),
        (good[..good.len() / 2].to_vec(), "file-bad-archive"),
        (archive(&[("readme.txt", b"hello")]), "file-bad-workbook"),
        (Vec::new(), "file-empty"),
        (b"a,b\n1,2\n".to_vec(), "file-bad-archive"),
    ];
    for (bytes, code) in cases {
        let error = read(&bytes).expect_err(code);
        assert_eq!(error.code(), code, "{error}");
    }
}

/// Letters that do not pack well, from a fixed seed (a linear congruential generator).
fn pseudo_random(length: usize) -> String {
    let mut state = 7u32;
    let mut letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + (state >> 24) as u8 % 26)
    };
    (0..length).map(|_| letter()).collect()
}

#[test]
fn sizes_are_counted_while_unpacking() {
    let text = format!("<x>{}</x>", "<c>ab</c>".repeat(2000));
    let bytes = archive(&[
        ("xl/worksheets/sheet1.xml", text.as_bytes()),
        ("xl/styles.xml", text.as_bytes()),
    ]);
    let bounded = |unpacked, resident| {
        let archive = ArchiveLimits {
            max_unpacked_bytes: unpacked,
            max_resident_bytes: resident,
            ..ArchiveLimits::default()
        };
        scan(
            Cursor::new(&bytes),
            &Limits {
                archive,
                ..Limits::default()
            },
        )
    };
    let size = text.len() as u64;
    let report = bounded(2 * size, size).expect("exactly within");
    assert_eq!(
        (report.entries, report.unpacked_bytes, report.resident_bytes),
        (2, 2 * size, size)
    );
    assert_eq!(
        bounded(2 * size - 1, size).expect_err("total").code(),
        "file-archive-too-large"
    );
    assert_eq!(
        bounded(2 * size, size - 1).expect_err("resident").code(),
        "file-archive-too-large"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn texts_survive(table in prop::collection::vec(prop::collection::vec("[^\0]{1,20}|_x00[0-4]D_|[_x0D5F]{1,14}", 2), 1..5)) {
        let cells: Vec<Vec<Cell>> = table.iter().map(|row| row.iter().map(Cell::text).collect()).collect();
        let (bytes, _) = write(&["a", "b"], &cells, XlsxWriteOptions::default());
        let (_, all) = read(&bytes).expect("read");
        let back: Vec<Vec<Cell>> = all.into_iter().map(|row| row.cells).collect();
        prop_assert_eq!(back, cells);
    }

    #[test]
    fn damaged_workbooks_never_panic(
        at in 0usize..4000, byte in any::<u8>(), cut in 0usize..4000, xml in "[<>/a-z0-9\"= ]{0,60}"
    ) {
        let mut bytes = workbook(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#, "");
        let length = bytes.len();
        bytes[at % length] = byte;
        let _ = read(&bytes);
        bytes.truncate(cut % length);
        let _ = read(&bytes);
        // sound archive, broken sheet
        let _ = read(&workbook(&format!(r#"<row r="1"><c r="{xml}" s="{at}" t="s"><v>{cut}</v></c>{xml}"#), &xml));
        let _ = read(&workbook(&xml, ""));
    }
}
