//! NDJSON and vCard through the public API.

mod common;

use std::io::Cursor;

use common::rows;
use peyvand_exchange::vcard::{CARD_HEADERS, CardAddress, CardName, CardPoint, card_to_row, row_to_card};
use peyvand_exchange::{
    Card, Cell, Encoding, ExchangeError, Limits, NdjsonOptions, NdjsonReader, NdjsonWriter, RowReader,
    VcardOptions, VcardReader, VcardVersion, VcardWriter,
};
use proptest::prelude::*;

fn ndjson(text: &str) -> NdjsonReader<Cursor<Vec<u8>>> {
    NdjsonReader::new(Cursor::new(text.as_bytes().to_vec()), NdjsonOptions::default())
}

#[test]
fn objects_are_flattened_and_numbers_keep_their_digits() {
    let mut reader = ndjson(concat!(
        r#"{"name":{"given":"سارا","family":"A\"b"},"n":12345678901234567890.10,"tags":["x", {"y":1}],"ok":true}"#,
        "\r\n\n",
        r#"{"n":null,"late":1e3,"empty":{},"name":{"given":""}}"#,
    ));
    let first = reader.next_row().expect("good").expect("a row");
    assert_eq!(reader.headers(), ["name.given", "name.family", "n", "tags", "ok"]);
    assert_eq!(
        first.cells,
        [
            Cell::text("سارا"),
            Cell::text("A\"b"),
            Cell::Number("12345678901234567890.10".into()),
            Cell::Json(r#"["x", {"y":1}]"#.into()),
            Cell::Bool(true),
        ]
    );
    let position = reader.position();
    let known = reader.headers().to_vec();
    let second = reader.next_row().expect("good").expect("a row");
    assert_eq!((second.number, second.line), (2, 3));
    assert_eq!(reader.headers()[5..], ["late", "empty"]);
    assert_eq!(
        second.cells[5..],
        [Cell::Number("1e3".into()), Cell::Json("{}".into())]
    );
    assert!(second.cells[..5].iter().all(Cell::is_empty));
    assert!(reader.next_row().expect("good").is_none());

    let text = concat!(
        r#"{"name":{"given":"سارا","family":"A\"b"},"n":12345678901234567890.10,"tags":["x", {"y":1}],"ok":true}"#,
        "\r\n\n",
        r#"{"n":null,"late":1e3,"empty":{},"name":{"given":""}}"#,
    );
    let source = Cursor::new(text.as_bytes().to_vec());
    let mut resumed =
        NdjsonReader::resume(source, NdjsonOptions::default(), &known, position).expect("resumed");
    assert_eq!(rows(&mut resumed).expect("rest"), [second]);
}

#[test]
fn bad_lines_are_named_and_passed() {
    let deep = format!("{}1{}", r#"{"a":"#.repeat(40), "}".repeat(40));
    let text = format!(
        "{{\"a\":1}}\n{{\"a\":}}\n[1]\n{deep}\n{{\"a\":{{\"b\":1}},\"a.b\":2}}\n{{\"a\":2}}\n{{\"a\":"
    );
    let mut reader = ndjson(&text);
    let mut seen = Vec::new();
    loop {
        match reader.next_row() {
            Ok(None) => break,
            Ok(Some(row)) => seen.push(format!("{} {}", row.line, row.cells[0].as_text())),
            Err(error) => {
                let line = error
                    .fields()
                    .into_iter()
                    .find(|(key, _)| *key == "line")
                    .expect("a line")
                    .1;
                seen.push(format!("{line} {}", error.code()));
            }
        }
    }
    assert_eq!(
        seen,
        [
            "1 1",
            "2 file-bad-json",
            "3 file-json-not-object",
            "4 file-json-too-deep",
            "5 file-json-duplicate-key",
            "6 2",
            "7 file-bad-json"
        ]
    );
    let limits = Limits {
        max_line_bytes: 100,
        ..Limits::default()
    };
    let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(200));
    let options = NdjsonOptions {
        limits,
        ..NdjsonOptions::default()
    };
    let error = NdjsonReader::new(long.as_bytes(), options)
        .next_row()
        .expect_err("long");
    assert_eq!(error.code(), "file-line-too-long");
}

#[test]
fn rows_become_nested_objects_again() {
    let headers: Vec<String> = ["name.given", "n", "tags", "a", "a.b"]
        .iter()
        .map(|h| (*h).to_owned())
        .collect();
    let mut writer = NdjsonWriter::new(Vec::new(), &headers);
    let cells = [
        Cell::text("x"),
        Cell::Number("1.50".into()),
        Cell::Json("[1,\n2]".into()),
        Cell::text("p"),
        Cell::text("q"),
    ];
    writer.write_row(&cells).expect("row");
    writer
        .write_row(&[Cell::Empty, Cell::Number("+5".into())])
        .expect("row");
    let text = String::from_utf8(writer.finish().expect("written")).expect("UTF-8");
    assert_eq!(
        text,
        "{\"name\":{\"given\":\"x\"},\"n\":1.50,\"tags\":[1,2],\"a\":\"p\",\"a.b\":\"q\"}\n{\"n\":\"+5\"}\n"
    );
}

fn cards(bytes: &[u8]) -> Result<Vec<Card>, ExchangeError> {
    let mut reader = VcardReader::new(bytes, VcardOptions::default());
    let mut all = Vec::new();
    while let Some(card) = reader.next_card()? {
        all.push(card);
    }
    Ok(all)
}

fn point(value: &str, label: Option<&str>, primary: bool) -> CardPoint {
    CardPoint {
        value: value.into(),
        label: label.map(str::to_owned),
        primary,
    }
}

#[test]
fn cards_of_apple_google_outlook_and_android() {
    let apple = "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//iPhone OS 17.0//EN\r\nN:Ahmadi;Sara;;Dr.;\r\nFN:Dr. Sara\r\n  Ahmadi\r\nORG:Peyvand\\, Inc.;Sales;North\r\nitem1.EMAIL;type=INTERNET;type=pref:sara@example.com\r\nitem1.X-ABLabel:Assistant\r\nitem2.URL:https\\://example.com\r\nitem2.X-ABLabel:_$!<HomePage>!$_\r\nTEL;type=CELL;type=VOICE:+98 912 123 4567\r\nTEL;type=WORK;type=FAX:021-1\r\nitem3.ADR;type=HOME:;;Street 1\\n2nd floor;Tehran;;1234567890;Iran\r\nitem3.X-ABADR:ir\r\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12\r\nPHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\n AAAA\r\nEND:VCARD\r\n";
    let google = "BEGIN:VCARD\nVERSION:3.0\nFN:علی رضایی\nN:رضایی;علی;;;\nEMAIL;TYPE=INTERNET;TYPE=WORK:ali@example.ir\nNOTE:one\\ntwo\\; three\nCATEGORIES:myContacts,VIP\\,gold\nUID:42\nEND:VCARD\n";
    let android = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D8=A7=D8=AD=D9=85=D8=AF=DB=8C;=D8=B3=D8=A7=D8=\r\n=B1=D8=A7;;;\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D8=B3=D8=A7=D8=B1=D8=A7\r\nTEL;CELL;PREF:09121234567\r\nTEL;HOME:+982188\r\nno property at all\r\nEND:VCARD\r\n";
    let outlook = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;LANGUAGE=en-us;CHARSET=windows-1256;ENCODING=QUOTED-PRINTABLE:=C7=CD=E3=CF=ED;=D3=C7=D1=C7\r\nTITLE:Boss\r\nEND:VCARD\r\n";
    let modern = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Jo\r\nTEL;VALUE=uri;PREF=1;TYPE=\"voice,home\":tel:+1-555\r\nBDAY:--0412\r\nEND:VCARD\r\n";
    let file = [apple, google, android, outlook, modern].concat();
    let all = cards(file.as_bytes()).expect("all read");
    assert_eq!(all.len(), 5);

    let sara = &all[0];
    assert_eq!(sara.full_name, "Dr. Sara Ahmadi");
    assert_eq!(
        (sara.name.title.as_str(), sara.name.family.as_str()),
        ("Dr.", "Ahmadi")
    );
    assert_eq!(
        (sara.organization.as_str(), sara.department.as_str()),
        ("Peyvand, Inc.", "Sales / North")
    );
    assert_eq!(sara.emails, [point("sara@example.com", Some("Assistant"), true)]);
    assert_eq!(sara.urls, [point("https://example.com", Some("HomePage"), false)]);
    assert_eq!(
        sara.phones,
        [
            point("+98 912 123 4567", Some("cell"), false),
            point("021-1", Some("fax"), false)
        ]
    );
    assert_eq!(
        (
            sara.addresses[0].street.as_str(),
            sara.addresses[0].label.as_deref()
        ),
        ("Street 1\n2nd floor", Some("home"))
    );
    assert_eq!(sara.birth_date.as_deref(), Some("--04-12"));
    assert_eq!(sara.skipped, ["PHOTO"]);

    let ali = &all[1];
    assert_eq!(
        (ali.name.given.as_str(), ali.note.as_str()),
        ("علی", "one\ntwo; three")
    );
    assert_eq!(ali.categories, ["myContacts", "VIP,gold"]);
    assert_eq!((ali.uid.as_deref(), ali.line), (Some("42"), 20));

    assert_eq!(
        (all[2].name.family.as_str(), all[2].name.given.as_str()),
        ("احمدی", "سارا")
    );
    assert_eq!(all[2].phones[0], point("09121234567", Some("cell"), true));
    assert_eq!((all[2].malformed_lines, all[2].version), (1, VcardVersion::V21));
    assert_eq!(
        (all[3].name.family.as_str(), all[3].name.given.as_str()),
        ("احمدي", "سارا")
    );
    assert_eq!(all[4].phones, [point("+1-555", Some("home"), true)]);

    // rows, and on from every position
    let options = VcardOptions::default();
    let whole = rows(&mut VcardReader::new(file.as_bytes(), options.clone())).expect("rows");
    let mut reader = VcardReader::new(file.as_bytes(), options.clone());
    for done in 0..=whole.len() {
        let source = Cursor::new(file.as_bytes().to_vec());
        let mut resumed = VcardReader::resume(source, options.clone(), reader.position()).expect("resumed");
        assert_eq!(rows(&mut resumed).expect("rest"), whole[done..], "from {done}");
        reader.next_row().expect("good");
    }
    let emails = CARD_HEADERS
        .iter()
        .position(|header| *header == "emails")
        .expect("a column");
    assert_eq!(
        whole[0].cells[emails],
        Cell::Json(r#"[{"value":"sara@example.com","label":"Assistant","primary":true}]"#.into())
    );
}

#[test]
fn broken_cards_say_where() {
    let cases = [
        ("BEGIN:VCARD\nFN:x\n", "file-unterminated-card", "1"),
        (
            "BEGIN:VCARD\nEND:VCARD\n\nBEGIN:VCARD\nFN:x\nBEGIN:VCARD\n",
            "file-unterminated-card",
            "4",
        ),
        ("hello\nworld\n", "file-outside-card", "1"),
    ];
    for (text, code, line) in cases {
        let error = cards(text.as_bytes()).expect_err(code);
        assert_eq!(
            (error.code(), error.fields()),
            (code, vec![("line", line.to_owned())])
        );
    }
    let mut reader = VcardReader::new(
        "x\ny\nBEGIN:VCARD\nFN:a\nEND:VCARD".as_bytes(),
        VcardOptions::default(),
    );
    assert!(reader.next_card().expect_err("outside").is_row_error());
    assert_eq!(reader.next_card().expect("good").expect("a card").full_name, "a");
    let limits = Limits {
        max_line_bytes: 1000,
        ..Limits::default()
    };
    let long = format!(
        "BEGIN:VCARD\n{}END:VCARD\n",
        "NOTE:xxxxxxxxxxxxxxxxxxxxxxxxx\n".repeat(100)
    );
    let error = VcardReader::new(
        long.as_bytes(),
        VcardOptions {
            limits,
            encoding: Encoding::Utf8,
        },
    )
    .next_card();
    assert_eq!(error.expect_err("long").code(), "file-line-too-long");
}

fn part() -> impl Strategy<Value = String> {
    "([a-zA-Z0-9آ-ی;,:\\\\😀]{1,12}( [a-zآ-ی,;]{1,9}){0,3})?"
}

fn points() -> impl Strategy<Value = Vec<CardPoint>> {
    let label = prop::option::of("home|work|cell|fax|دفتر|My, label;");
    let one = ("[a-z+0-9@.,;\\\\]{1,60}", label, any::<bool>());
    prop::collection::vec(
        one.prop_map(|(value, label, primary)| CardPoint {
            value,
            label,
            primary,
        }),
        0..4,
    )
}

/// A department whose organisation nobody knows stays a department.
#[test]
fn a_department_is_no_organisation() {
    let card = Card {
        full_name: "Sara".to_owned(),
        department: "Sales / North".to_owned(),
        ..Card::default()
    };
    let mut bytes = Vec::new();
    let mut writer = VcardWriter::new(&mut bytes, VcardVersion::V40);
    writer.write_card(&card).expect("written");
    writer.finish().expect("finished");
    let read = cards(&bytes).expect("read");
    assert_eq!(read[0].organization, "");
    assert_eq!(read[0].department, "Sales / North");
    let foreign = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nORG:;Sales\r\nEND:VCARD\r\n";
    let read = cards(foreign).expect("read");
    assert_eq!(
        (read[0].organization.as_str(), read[0].department.as_str()),
        ("", "Sales")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn cards_survive_in_both_versions(
        names in prop::collection::vec(part(), 5), texts in prop::collection::vec(part(), 6),
        emails in points(), phones in points(), note in "[ -~آ-ی😀\n]{0,200}", modern in any::<bool>(),
        birth in prop::option::of("19[0-9]{2}-0[1-9]-1[0-9]|--0[1-9]-1[0-9]"),
    ) {
        let mut names = names.into_iter();
        let mut name = || names.next().unwrap_or_default();
        let name = CardName { title: name(), given: name(), middle: name(), family: name(), suffix: name() };
        let version = if modern { VcardVersion::V40 } else { VcardVersion::V30 };
        let mut card = Card {
            version, name, emails, phones, birth_date: birth, line: 1,
            full_name: format!("x{}", texts[0]),
            organization: format!("o{}", texts[1]),
            job_title: texts[2].clone(),
            uid: Some(format!("u{}", texts[3])),
            note: if note.trim().is_empty() { String::new() } else { note },
            categories: vec![format!("c{}", texts[4])],
            ..Card::default()
        };
        if !texts[5].is_empty() {
            card.addresses = vec![CardAddress { street: texts[5].clone(), city: "تهران".into(), ..CardAddress::default() }];
        }
        let mut writer = VcardWriter::new(Vec::new(), version);
        writer.write_card(&card).expect("written");
        let bytes = writer.finish().expect("written");
        let text = std::str::from_utf8(&bytes).expect("UTF-8");
        for line in text.split("\r\n") {
            prop_assert!(line.len() <= 75, "{}", line);
        }
        let read = cards(&bytes).expect("read");
        prop_assert_eq!(&read, &[card.clone()]);
        // by way of a row
        let headers: Vec<String> = CARD_HEADERS.iter().map(|h| (*h).to_owned()).collect();
        let back = row_to_card(&headers, &card_to_row(&card));
        prop_assert_eq!(back, Card { version: VcardVersion::V40, line: 0, ..card });
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[A-Z:;=.\"\\\\{}\\[\\],0-9 \n\t^-]{0,200}") {
        let card = format!("BEGIN:VCARD\n{text}\nTEL;X=\"a:{text}\nN;ENCODING=QUOTED-PRINTABLE:{text}=\n=\nEND:VCARD");
        for source in [&bytes, text.as_bytes(), card.as_bytes()] {
            for encoding in [Encoding::Utf8, Encoding::Utf16Be, Encoding::Windows1256] {
                let options = VcardOptions { encoding, ..VcardOptions::default() };
                let mut vcard = VcardReader::new(source, options);
                let options = NdjsonOptions { encoding, ..NdjsonOptions::default() };
                let mut json = NdjsonReader::new(source, options);
                for _ in 0..source.len() + 2 {
                    let ended = matches!(vcard.next_row(), Ok(None)) & matches!(json.next_row(), Ok(None));
                    if ended {
                        break;
                    }
                }
                // a reader always comes to an end
                prop_assert!(matches!(vcard.next_row(), Ok(None)));
                prop_assert!(matches!(json.next_row(), Ok(None)));
            }
        }
    }
}
