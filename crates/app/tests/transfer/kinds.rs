//! Kinds of files: cards that say little, lists without records, workbooks that are none.

use std::fs::File;

use peyvand_app::transfer::export::ExportFormat;
use peyvand_app::transfer::import::ImportRequest;
use peyvand_app::transfer::{Mapping, OnDuplicate};
use peyvand_exchange::{Cell, XlsxWriteOptions, XlsxWriter};
use peyvand_record::policy::{FieldRule, ObjectPolicy, Policy};
use peyvand_record::{Reach, Value, Verb};
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::{contacts, count, into, made, place};

/// What a phone keeps of somebody may be a number alone, or a birthday without its year: nobody is left out for it, and
/// what cannot be kept is told.
#[db_test]
async fn cards_that_say_little_are_people_too(db: TestDb) {
    let p = place(&db).await;
    let card = |lines: &str| format!("BEGIN:VCARD\r\nVERSION:4.0\r\n{lines}\r\nEND:VCARD\r\n");
    let text = [
        card("TEL:09121234567"),
        card("FN:Sara Ahmadi\r\nBDAY:--0412\r\nTEL:09121111111"),
        card("EMAIL:only@example.com"),
        card("FN:Reza Karimi\r\nBDAY:1985-04-12"),
        card("PHOTO:data"),
    ]
    .concat();
    let file = p.file("phone.vcf", &text);
    let (report, notes) = p.import(&file, &into("contacts")).await.unwrap();
    assert_eq!(count(&report, "contact.created"), 4, "{notes:?}");
    let told: Vec<_> = notes
        .iter()
        .map(|n| (n.row, n.outcome.as_str(), n.field.as_str(), n.value.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (2, "value-left-out", "birth_date", "--04-12"),
            (5, "failed", "name", "")
        ]
    );
    let all = p.all("contact").await;
    let mut names: Vec<String> = all
        .iter()
        .map(|r| match p.get(r, "name") {
            Value::Name(n) => n.display(),
            other => panic!("{other:?}"),
        })
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["09121234567", "Reza Karimi", "Sara Ahmadi", "only@example.com"]
    );
    // 12 April 1985 is 5,580 days after 1 January 1970; of a day without a year there is none.
    let days: Vec<_> = all
        .iter()
        .map(|r| p.get(r, "birth_date"))
        .filter(|v| !v.is_null())
        .collect();
    assert_eq!(days, [&Value::Date(5_580)]);
}

/// What an export writes for a list without records comes in again as no records, in every format.
#[db_test]
async fn a_list_without_records_comes_in_as_none(db: TestDb) {
    let p = place(&db).await;
    for (format, name) in [
        (ExportFormat::Ndjson, "none.ndjson"),
        (ExportFormat::Csv, "none.csv"),
        (ExportFormat::Xlsx, "none.xlsx"),
    ] {
        let file = p.export("contact", format, name).await;
        for dry_run in [true, false] {
            let request = ImportRequest {
                dry_run,
                ..into("contacts")
            };
            let (report, notes) = p.import(&file, &request).await.unwrap();
            assert_eq!((report.rows, report.written(), notes.len()), (0, 0, 0), "{name}");
        }
    }
    // A mapping that was made for fuller ones does not stand in the way either.
    let file = p.file("again.ndjson", "");
    let request = ImportRequest {
        mapping: Some(
            Mapping::parse("object = \"contacts\"\n[[columns]]\nname = \"name\"\nfield = \"name\"\n")
                .unwrap(),
        ),
        ..ImportRequest::default()
    };
    assert_eq!(p.import(&file, &request).await.unwrap().0.rows, 0);
    // A text file with nothing in it is still somebody's mistake.
    let file = p.file("nothing.csv", "");
    let error = p.import(&file, &contacts(OnDuplicate::Skip)).await.unwrap_err();
    assert_eq!(error.code(), "file-empty");
}

/// A day that a workbook keeps with a time of day is that day where there is no place for the time.
#[db_test]
async fn a_day_with_a_time_is_a_day(db: TestDb) {
    let p = place(&db).await;
    let path = p.folder.path().join("people.xlsx");
    let headers = ["name", "birth_date"].map(str::to_owned);
    let mut book = XlsxWriter::new(&headers, XlsxWriteOptions::default()).unwrap();
    for (name, day) in [
        ("Sara", Cell::DateTime("1985-04-12T08:30:00".to_owned())),
        ("Reza", Cell::Date("1985-04-13".to_owned())),
    ] {
        book.write_row(&[Cell::text(name), day]).unwrap();
    }
    book.finish(File::create(&path).unwrap()).unwrap();
    let (report, notes) = p.import(&path, &into("contacts")).await.unwrap();
    assert_eq!(count(&report, "contact.created"), 2, "{notes:?}");
    for r in p.all("contact").await {
        let day = if p.get(&r, "birth_date") == &Value::Date(5_580) {
            "Sara"
        } else {
            "Reza"
        };
        let Value::Name(n) = p.get(&r, "name") else {
            panic!()
        };
        assert_eq!(n.display(), day);
        assert!(matches!(p.get(&r, "birth_date"), Value::Date(5_580 | 5_581)));
    }
}

/// What is called a workbook and is none is refused before anything of it is looked at.
#[db_test]
async fn a_workbook_that_is_none_is_refused(db: TestDb) {
    let p = place(&db).await;
    made(&p, "contact", json!({"name": "Sara"})).await;
    for (name, text) in [("five.xlsx", "hello"), ("list.XLSX", "name\nSara\n")] {
        let file = p.file(name, text);
        let error = p.import(&file, &into("contacts")).await.unwrap_err();
        assert_eq!(error.code(), "file-bad-archive", "{name}");
    }
    // Control: the same text under another name.
    let file = p.file("list.csv", "name\nReza\n");
    p.import(&file, &into("contacts")).await.unwrap();
    assert_eq!(p.all("contact").await.len(), 2);
}

/// Who does not see the numbers of people learns nothing of them by an import: no column goes there, and nobody is found
/// by one.
#[db_test]
async fn what_is_hidden_is_neither_written_nor_matched(db: TestDb) {
    let mut p = place(&db).await;
    made(
        &p,
        "contact",
        json!({"name": "Sara", "phones": ["+989121234567"]}),
    )
    .await;
    let file = p.file("guess.csv", "name,phones\nSomebody,09121234567\n");
    let dry = ImportRequest {
        dry_run: true,
        ..into("contacts")
    };
    // The control: whoever sees numbers is told that this one is known.
    let (report, notes) = p.import(&file, &dry).await.unwrap();
    assert_eq!(count(&report, "contact.duplicate"), 1, "{notes:?}");
    let everything = std::sync::Arc::clone(&p.caller.policy);
    let phones = p
        .caller
        .workspace
        .catalog()
        .object("contact")
        .unwrap()
        .field("phones")
        .unwrap()
        .0;
    for rule in [FieldRule::Hidden, FieldRule::Masked, FieldRule::ReadOnly] {
        let reach = Verb::ALL.iter().map(|v| (*v, Reach::All)).collect();
        let rights = ObjectPolicy {
            reach,
            fields: [(phones, rule)].into(),
        };
        p.caller.policy = std::sync::Arc::new(Policy {
            unrestricted: false,
            objects: [("contact".to_owned(), rights)].into(),
            ..(*everything).clone()
        });
        let preview = p.app.preview_import(&p.caller, &file, &dry).unwrap();
        assert_eq!(preview.proposed.unwrap().left, ["phones"], "{rule:?}");
        let (report, notes) = p.import(&file, &dry).await.unwrap();
        assert_eq!(
            report.outcomes,
            [("contact.created".to_owned(), 1)].into(),
            "{rule:?} {notes:?}"
        );
        assert!(
            notes.iter().all(|n| n.outcome == "created" && n.value.is_empty()),
            "{notes:?}"
        );
        // A mapping that names the field is refused, also one for every row or in a rule.
        for part in [
            "[[columns]]\nname = \"phones\"\nfield = \"phones\"\n",
            "[set]\nphones = \"09121234567\"\n",
            "[[rules]]\ncolumn = \"name\"\nset = { phones = \"09121234567\" }\n",
        ] {
            let text =
                format!("object = \"contacts\"\n{part}[[columns]]\nname = \"name\"\nfield = \"name\"\n");
            let request = ImportRequest {
                mapping: Some(Mapping::parse(&text).unwrap_or_else(|e| panic!("{text}: {e}"))),
                ..dry.clone()
            };
            let error = p.import(&file, &request).await.unwrap_err();
            assert_eq!(error.code(), "mapping-unknown-field", "{rule:?}");
        }
    }
    assert_eq!(p.all("contact").await.len(), 1);
}
