//! The way out and in again.

use peyvand_app::ListRequest;
use peyvand_app::transfer::OnDuplicate;
use peyvand_app::transfer::export::ExportFormat;
use peyvand_app::transfer::import::{ImportRequest, RowNote};
use peyvand_core::Id;
use peyvand_numbers::Language;
use peyvand_record::{Record, Value};
use peyvand_testkit::{TestDb, db, db_test};

use crate::world::{Place, contacts, count, into, made, place};

#[db_test]
async fn what_goes_out_comes_in_the_same(here: TestDb) {
    let a = place(&here).await;
    let file = a.file(
        "people.csv",
        "Name,Email,Phone,Company,City,Description\n\
         دکتر علی کریمی,ali@example.com; ali.k@example.org,09121234567,پارس,تهران,\"=1+1, \"\"quoted\"\"\"\n\
         Sara Walker,sara@example.org,+442079460000,Harlow,London,'already guarded\n",
    );
    a.import(&file, &contacts(OnDuplicate::Skip)).await.unwrap();
    for (format, name) in [
        (ExportFormat::Csv, "out.csv"),
        (ExportFormat::Ndjson, "out.ndjson"),
        (ExportFormat::Xlsx, "out.xlsx"),
    ] {
        let other = db::open(here.kind).await;
        let b = place(&other).await;
        for object in ["company", "contact"] {
            let out = a.export(object, format, name).await;
            let request = ImportRequest {
                object: Some(object.to_owned()),
                ..ImportRequest::default()
            };
            let (report, notes) = b.import(&out, &request).await.unwrap();
            assert_eq!(notes, Vec::<RowNote>::new(), "{name}");
            assert_eq!(
                count(&report, &format!("{object}.created")),
                2,
                "{name} {report:?}"
            );
        }
        let shown = |p: &Place, r: &Record| {
            let def = p.caller.workspace.catalog().object("contact").unwrap();
            let mut map = peyvand_record::codec::to_json(def, r, None);
            for key in [
                "id",
                "version",
                "created_at",
                "updated_at",
                "created_by",
                "updated_by",
                "company_id",
            ] {
                map.remove(key);
            }
            for key in ["emails", "phones"] {
                for point in map[key].as_array_mut().unwrap() {
                    point.as_object_mut().unwrap().remove("id");
                }
            }
            map
        };
        // The newest go out first, so they come in first.
        let of_a: Vec<_> = a.all("contact").await.iter().map(|r| shown(&a, r)).collect();
        let of_b: Vec<_> = b
            .all("contact")
            .await
            .iter()
            .rev()
            .map(|r| shown(&b, r))
            .collect();
        assert_eq!(of_a, of_b, "{name}");
        let linked = b
            .all("contact")
            .await
            .iter()
            .filter(|c| b.get(c, "company_id").as_id().is_some())
            .count();
        assert_eq!(linked, 2, "{name}");
        // The same file again, here and there, changes nothing.
        let request = ImportRequest {
            object: Some("contacts".to_owned()),
            ..ImportRequest::default()
        };
        let out = a.export("contact", format, name).await;
        if format == ExportFormat::Ndjson {
            // A list is a list, however few stand in it.
            let text = std::fs::read_to_string(&out).unwrap();
            let mut found: Vec<usize> = text
                .lines()
                .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap())
                .map(|v| v["emails"].as_array().unwrap().len() * 10 + v["phones"].as_array().unwrap().len())
                .collect();
            found.sort_unstable();
            assert_eq!(found, [11, 21]);
        }
        let (here, _) = a.import(&out, &request).await.unwrap();
        let (there, _) = b.import(&out, &request).await.unwrap();
        assert_eq!(
            count(&here, "contact.unchanged") + count(&there, "contact.unchanged"),
            4,
            "{name}"
        );
    }
}

#[db_test]
async fn links_to_several_come_in_again(here: TestDb) {
    let a = place(&here).await;
    let file = a.file(
        "people.csv",
        "Name,Email\nSara Walker,sara@example.org\nAli Karimi,ali@example.com\n",
    );
    a.import(&file, &contacts(OnDuplicate::Skip)).await.unwrap();
    let people: Vec<String> = a
        .all("contact")
        .await
        .iter()
        .map(|r| r.id().to_string())
        .collect();
    let def = a
        .caller
        .workspace
        .catalog()
        .object("interaction")
        .cloned()
        .unwrap();
    let json = serde_json::json!({
        "kind": "other", "channel": "email", "direction": "out", "occurred_at": "2026-03-01T10:00:00Z", "participant_ids": people,
    });
    let Some(map) = json.as_object() else {
        unreachable!()
    };
    a.app.create(&a.caller, &def, map, None).await.unwrap();
    for (format, name) in [
        (ExportFormat::Csv, "out.csv"),
        (ExportFormat::Ndjson, "out.ndjson"),
    ] {
        let other = db::open(here.kind).await;
        let b = place(&other).await;
        for object in ["contact", "interaction"] {
            let out = a.export(object, format, name).await;
            let request = ImportRequest {
                object: Some(object.to_owned()),
                ..ImportRequest::default()
            };
            let (_, notes) = b.import(&out, &request).await.unwrap();
            assert_eq!(notes, Vec::<RowNote>::new(), "{name}");
        }
        let mut there: Vec<Id> = b.all("contact").await.iter().map(Record::id).collect();
        there.sort_unstable();
        let met = b.all("interaction").await;
        let Value::Ids(mut ids) = b.get(&met[0], "participant_ids").clone() else {
            panic!("{name}: nobody took part")
        };
        ids.sort_unstable();
        assert_eq!(ids, there, "{name}");
    }
}

const ADDRESS: &str = r#"
[[fields.contact]]
key = "home"
type = "address"
label = { fa = "نشانی خانه", en = "Home" }
"#;

/// Every part of an address comes back as it was, as often as it goes out; so does the extension of a number.
#[db_test]
async fn addresses_and_extensions_come_in_the_same(here: TestDb) {
    let home = serde_json::json!({"street": "خیابان انقلاب، پلاک ۷", "city": "تهران", "postal_code": "1417614418", "country": "IR"});
    let person = serde_json::json!({"name": "Sara Walker", "home": home,
        "phones": ["+442079460958;ext=12", "+442079460959"]});
    let mut a = place(&here).await;
    a.schema(ADDRESS).await;
    let def = a.caller.workspace.catalog().object("contact").cloned().unwrap();
    a.app
        .create(&a.caller, &def, person.as_object().unwrap(), None)
        .await
        .unwrap();
    for (format, name) in [
        (ExportFormat::Csv, "out.csv"),
        (ExportFormat::Ndjson, "out.ndjson"),
        (ExportFormat::Xlsx, "out.xlsx"),
    ] {
        let other = db::open(here.kind).await;
        let mut b = place(&other).await;
        b.schema(ADDRESS).await;
        let out = a.export("contact", format, name).await;
        let (_, notes) = b.import(&out, &contacts(OnDuplicate::Skip)).await.unwrap();
        assert_eq!(notes, Vec::<RowNote>::new(), "{name}");
        let here = &a.all("contact").await[0];
        let there = &b.all("contact").await[0];
        assert!(matches!(a.get(here, "home"), Value::Address(_)));
        assert_eq!(b.get(there, "home"), a.get(here, "home"), "{name}");
        let numbers = |p: &Place, r: &Record| -> Vec<String> {
            let Value::Points(all) = p.get(r, "phones") else {
                panic!("no numbers")
            };
            all.iter().map(|p| p.value.to_string()).collect()
        };
        assert_eq!(
            numbers(&b, there),
            ["+442079460958;ext=12", "+442079460959"],
            "{name}"
        );
        let (report, _) = a.import(&out, &contacts(OnDuplicate::Overwrite)).await.unwrap();
        assert_eq!(count(&report, "contact.unchanged"), 1, "{name} {report:?}");
    }
    // As exports used to write it.
    let old = a.file(
        "old.csv",
        "Name,home\nAli Karimi,\"{\"\"street\"\":\"\"Valiasr 1\"\",\"\"city\"\":\"\"Tehran\"\"}\"\nNobody,Valiasr 2\n",
    );
    a.import(&old, &contacts(OnDuplicate::Skip)).await.unwrap();
    let mut streets: Vec<(String, String)> = a
        .all("contact")
        .await
        .iter()
        .filter_map(|r| match a.get(r, "home") {
            Value::Address(h) => Some((h.street.to_string(), h.city.to_string())),
            _ => None,
        })
        .collect();
    streets.sort();
    let both = |street: &str, city: &str| (street.to_owned(), city.to_owned());
    assert_eq!(streets[..2], [both("Valiasr 1", "Tehran"), both("Valiasr 2", "")]);
}

/// When a deal came into its stage is part of its history: it comes in again.
#[db_test]
async fn a_deal_keeps_the_time_of_its_stage(here: TestDb) {
    let a = place(&here).await;
    let pipeline = made(
        &a,
        "pipeline",
        serde_json::json!({"name": "Sales", "position": 1}),
    )
    .await;
    made(
        &a,
        "stage",
        serde_json::json!({"name": "First", "pipeline_id": pipeline.id().to_string(), "position": 1, "kind": "open"}),
    )
    .await;
    let deal = made(&a, "deal", serde_json::json!({"name": "d"})).await;
    let entered = a.get(&deal, "stage_entered_at").clone();
    assert!(!entered.is_null());
    let other = db::open(here.kind).await;
    let b = place(&other).await;
    for object in ["pipeline", "stage", "deal"] {
        let out = a.export(object, ExportFormat::Ndjson, "out.ndjson").await;
        let request = ImportRequest {
            object: Some(object.to_owned()),
            ..ImportRequest::default()
        };
        let (_, notes) = b.import(&out, &request).await.unwrap();
        assert_eq!(notes, Vec::<RowNote>::new(), "{object}");
    }
    let there = b.all("deal").await;
    assert_eq!(there.len(), 1);
    assert_eq!(b.get(&there[0], "stage_entered_at"), &entered);
}

/// The first sheet of a workbook, as the file has it.
fn sheet(path: &std::path::Path) -> String {
    let mut book = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    let mut part = book.by_name("xl/worksheets/sheet1.xml").unwrap();
    std::io::Read::read_to_string(&mut part, &mut text).unwrap();
    text
}

/// In a workbook amounts are numbers that a spreadsheet adds up, and come in again in their currency; the sheet runs from
/// right to left for who reads Persian.
#[db_test]
async fn amounts_of_a_workbook_are_numbers(here: TestDb) {
    let mut a = place(&here).await;
    for (name, amount) in [
        (
            "Roof",
            serde_json::json!({"amount": "1234550", "currency": "USD"}),
        ),
        (
            "Lift",
            serde_json::json!({"amount": "125000000", "currency": "IRR"}),
        ),
        ("Door", serde_json::Value::Null),
        // More digits than a spreadsheet keeps.
        (
            "Mine",
            serde_json::json!({"amount": "9007199254740993", "currency": "IRR"}),
        ),
    ] {
        made(&a, "deal", serde_json::json!({"name": name, "amount": amount})).await;
    }
    for (language, runs_left) in [(Language::En, false), (Language::Fa, true)] {
        a.caller.language = language;
        let out = a.export("deal", ExportFormat::Xlsx, "out.xlsx").await;
        let text = sheet(&out);
        assert_eq!(text.contains("rightToLeft=\"1\""), runs_left);
        for number in ["<v>12345.5</v>", "<v>125000000</v>"] {
            assert!(text.contains(number), "{number} in {text}");
        }
        let other = db::open(here.kind).await;
        let mut b = place(&other).await;
        b.caller.language = language;
        let (report, notes) = b.import(&out, &into("deals")).await.unwrap();
        assert_eq!(notes, Vec::<RowNote>::new());
        assert_eq!(count(&report, "deal.created"), 4);
        let amounts = |p: &Place, all: &[Record]| -> Vec<(String, Option<(i64, String)>)> {
            let one = |r: &Record| {
                let money = p.get(r, "amount").as_money();
                let name = p.get(r, "name").as_str().unwrap().to_owned();
                (name, money.map(|m| (m.minor, m.currency.to_string())))
            };
            let mut out: Vec<_> = all.iter().map(one).collect();
            out.sort();
            out
        };
        let there = amounts(&b, &b.all("deal").await);
        assert_eq!(there, amounts(&a, &a.all("deal").await));
        assert_eq!(there[3], ("Roof".to_owned(), Some((1_234_550, "USD".to_owned()))));
    }

    // What a list shows, with its heads in words.
    let def = a.caller.workspace.catalog().object("deal").cloned().unwrap();
    let shown: Vec<_> = ["name", "amount"].map(|f| def.field(f).unwrap().0).into();
    let path = a.folder.path().join("view.xlsx");
    let out = std::fs::File::create(&path).unwrap();
    a.app
        .export_view(
            &a.caller,
            &def,
            &ListRequest::default(),
            &shown,
            ExportFormat::Xlsx,
            out,
        )
        .await
        .unwrap();
    let text = sheet(&path);
    assert!(
        text.contains("rightToLeft=\"1\"") && text.contains("<v>12345.5</v>"),
        "{text}"
    );
    let other = db::open(here.kind).await;
    let b = place(&other).await;
    let (_, notes) = b.import(&path, &into("deals")).await.unwrap();
    assert_eq!(notes, Vec::<RowNote>::new());
    let lift = b.all("deal").await;
    let lift = lift
        .iter()
        .find(|d| b.get(d, "name").as_str() == Some("Roof"))
        .unwrap();
    let money = b.get(lift, "amount").as_money().unwrap();
    assert_eq!((money.minor, &*money.currency), (1_234_550, "USD"));
}
