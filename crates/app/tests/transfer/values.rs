//! What the cells say: names and companies in two languages, dates of two readings, files with damage.

use std::collections::BTreeMap;

use peyvand_app::transfer::import::ImportRequest;
use peyvand_app::transfer::{Mapping, OnDuplicate};
use peyvand_record::Value;
use peyvand_testkit::{TestDb, db_test};

use crate::world::{contacts, count, place, retail};

#[db_test]
async fn contacts_in_two_languages_with_their_companies_and_duplicates(db: TestDb) {
    let p = place(&db).await;
    let file = p.file(
        "people.csv",
        "نام;نام خانوادگی;ایمیل;موبایل;شرکت;تاریخ تولد\n\
         علي;كريمي;ali@example.com;۰۹۱۲۱۲۳۴۵۶۷;پارس‌سازه;1360/05/12\n\
         Sara;Walker;sara@example.org;;Harlow Ltd;1362/01/31\n\
         علی;کریمی;ALI@example.com;09121234567;پارس سازه;1360/05/12\n\
         مینا;;not-an-address;;;\n",
    );
    let (report, notes) = p.import(&file, &contacts(OnDuplicate::Skip)).await.unwrap();
    assert_eq!(count(&report, "contact.created"), 2);
    assert_eq!(count(&report, "contact.duplicate"), 1);
    assert_eq!(count(&report, "contact.failed"), 1);
    let failed: Vec<_> = notes
        .iter()
        .filter(|n| n.outcome == "failed")
        .map(|n| (n.row, n.field.as_str(), n.value.as_str()))
        .collect();
    assert_eq!(failed, [(4, "emails", "not-an-address")]);
    let people = p.all("contact").await;
    let Value::Name(name) = p.get(&people[0], "name") else {
        panic!("no name")
    };
    assert_eq!((&*name.given, &*name.family), ("علی", "کریمی"));
    // 12 Mordad 1360 is 3 August 1981, 4,232 days after 1 January 1970.
    assert_eq!(*p.get(&people[0], "birth_date"), Value::Date(4232));
    assert!(p.all("company").await.len() >= 2);

    let more = p.file(
        "more.csv",
        "Email,Job title,City\nali@example.com,Engineer,Shiraz\n",
    );
    let mapped = |policy| {
        ImportRequest {
        policy: Some(policy),
        mapping: Some(Mapping::parse(
            "object = \"contacts\"\nset = { name = \"Ali Karimi\" }\n[[columns]]\nname = \"Email\"\nfield = \"emails\"\n[[columns]]\nname = \"Job title\"\nfield = \"job_title\"\n[[columns]]\nname = \"City\"\nfield = \"city\"\n",
        ).unwrap()),
        ..ImportRequest::default()
    }
    };
    let (r, _) = p.import(&more, &mapped(OnDuplicate::Skip)).await.unwrap();
    assert_eq!(
        (count(&r, "contact.duplicate"), p.all("contact").await.len()),
        (1, 2)
    );
    let (r, _) = p.import(&more, &mapped(OnDuplicate::Fill)).await.unwrap();
    assert_eq!(count(&r, "contact.updated"), 1);
    let ali = p
        .all("contact")
        .await
        .into_iter()
        .find(|c| p.get(c, "city").as_str() == Some("Shiraz"))
        .unwrap();
    let Value::Name(name) = p.get(&ali, "name") else {
        panic!("no name")
    };
    assert_eq!(&*name.given, "علی");
    let (r, _) = p.import(&more, &mapped(OnDuplicate::Overwrite)).await.unwrap();
    assert_eq!(count(&r, "contact.updated"), 1);
    let undone = p
        .app
        .undo_import(&p.caller, r.id.parse().unwrap(), |_| {})
        .await
        .unwrap();
    assert_eq!((undone.restored, undone.kept.len()), (1, 0));
    let ali = p
        .all("contact")
        .await
        .into_iter()
        .find(|c| c.id() == ali.id())
        .unwrap();
    let Value::Name(name) = p.get(&ali, "name") else {
        panic!("no name")
    };
    assert_eq!(&*name.given, "علی");
}

#[db_test]
async fn dates_of_two_readings_are_asked_not_guessed(db: TestDb) {
    let p = place(&db).await;
    let file = p.file("deals.csv", "Name,Opened on\nA,20-10-16\nB,25-10-16\n");
    let request = ImportRequest {
        object: Some("deals".to_owned()),
        ..ImportRequest::default()
    };
    let error = p.import(&file, &request).await.unwrap_err();
    assert_eq!(error.code(), "mapping-ambiguous-dates");
    let text = error.message(peyvand_numbers::Language::En);
    assert!(
        text.contains("gregorian:dd-mm-yy") && text.contains("jalali:yy-mm-dd"),
        "{text}"
    );
    assert!(p.all("deal").await.is_empty());
    let mapping = "object = \"deals\"\n[[columns]]\nname = \"Name\"\nfield = \"name\"\n[[columns]]\nname = \"Opened on\"\nfield = \"opened_on\"\ndate = \"gregorian:dd-mm-yy\"\n";
    let request = ImportRequest {
        mapping: Some(Mapping::parse(mapping).unwrap()),
        ..ImportRequest::default()
    };
    p.import(&file, &request).await.unwrap();
    // 20 October 2016 is 17,094 days after 1 January 1970.
    assert_eq!(*p.get(&p.all("deal").await[0], "opened_on"), Value::Date(17_094));
}

#[db_test]
async fn damaged_files_say_what_is_wrong(db: TestDb) {
    let p = place(&db).await;
    for (text, code) in [("", "file-empty"), ("name,name\na,b\n", "duplicate-header")] {
        let file = p.file("bad.csv", text);
        let error = p.import(&file, &contacts(OnDuplicate::Skip)).await.unwrap_err();
        assert!(error.code().contains(code), "{} for {text:?}", error.code());
    }
    let file = p.file("other.csv", "Invoice,Price\n1,2\n");
    let error = p.import(&file, &retail()).await.unwrap_err();
    assert_eq!(error.code(), "mapping-missing-column");
    assert!(p.all("contact").await.is_empty());
}

/// What another system had in a stage is as open or as closed as the stage says, unless the file says more.
#[db_test]
async fn deals_follow_the_stage_they_come_in(db: TestDb) {
    let p = place(&db).await;
    let request = |object: &str| ImportRequest {
        object: Some(object.to_owned()),
        ..ImportRequest::default()
    };
    for (object, text) in [
        ("pipelines", "name\nSales\n"),
        (
            "stages",
            "name,kind,pipeline_id,probability\nTalks,open,Sales,40\nSold,won,Sales,100\nGone,lost,Sales,0\n",
        ),
        (
            "deals",
            "name,stage_id,probability\nOne,Talks,\nTwo,Sold,\nThree,Gone,\nFour,Talks,70\n",
        ),
    ] {
        let file = p.file(&format!("{object}.csv"), text);
        let (report, notes) = p.import(&file, &request(object)).await.unwrap();
        assert_eq!(
            report
                .outcomes
                .keys()
                .filter(|k| !k.ends_with(".created"))
                .count(),
            0,
            "{notes:?}"
        );
    }
    let found: BTreeMap<String, (String, i64, bool)> = p
        .all("deal")
        .await
        .iter()
        .map(|d| {
            (
                p.get(d, "name").as_str().unwrap().to_owned(),
                (
                    p.get(d, "status").as_str().unwrap().to_owned(),
                    p.get(d, "probability").as_int().unwrap(),
                    p.get(d, "pipeline_id").as_id().is_some(),
                ),
            )
        })
        .collect();
    let wanted = [
        ("Four", "open", 70),
        ("One", "open", 40),
        ("Three", "lost", 0),
        ("Two", "won", 100),
    ];
    let wanted: BTreeMap<String, (String, i64, bool)> = wanted
        .iter()
        .map(|(name, status, chance)| ((*name).to_owned(), ((*status).to_owned(), *chance, true)))
        .collect();
    assert_eq!(found, wanted);
}

/// What stands beyond the head is told, not dropped: the row is wrong, or the value is left out where that is wanted.
#[db_test]
async fn cells_beyond_the_head_are_told(db: TestDb) {
    let p = place(&db).await;
    let file = p.file(
        "long.csv",
        "Name,Email\nAnna,anna@example.org,extra,more\nBert,bert@example.org,,\nCarl,carl@example.org\n",
    );
    let told = |notes: &[peyvand_app::transfer::import::RowNote]| -> Vec<(u64, String, String)> {
        let one = |n: &peyvand_app::transfer::import::RowNote| {
            assert!(n.reason.contains("delimiter"), "{}", n.reason);
            (n.row, n.outcome.clone(), n.value.clone())
        };
        notes.iter().map(one).collect()
    };
    let (report, notes) = p.import(&file, &contacts(OnDuplicate::Skip)).await.unwrap();
    assert_eq!(
        told(&notes),
        [(1, "failed".to_owned(), "extra · more".to_owned())]
    );
    assert_eq!(count(&report, "contact.failed"), 1);
    assert_eq!(count(&report, "contact.created"), 2);
    let mapping = "object = \"contacts\"\nbad_values = \"value\"\n[[columns]]\nname = \"Name\"\nfield = \"name\"\n[[columns]]\nname = \"Email\"\nfield = \"emails\"\n";
    let request = ImportRequest {
        mapping: Some(Mapping::parse(mapping).unwrap()),
        ..ImportRequest::default()
    };
    let (report, notes) = p.import(&file, &request).await.unwrap();
    assert_eq!(
        told(&notes.into_iter().filter(|n| n.row == 1).collect::<Vec<_>>()),
        [(1, "value-left-out".to_owned(), "extra · more".to_owned())]
    );
    assert_eq!(count(&report, "contact.created"), 1);
}
