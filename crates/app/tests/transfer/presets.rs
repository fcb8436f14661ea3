//! Exports of other programs, with the mapping that is proposed for them.

use peyvand_app::people::NewUser;
use peyvand_app::transfer::OnDuplicate;
use peyvand_app::transfer::import::ImportRequest;
use peyvand_app::transfer::mapping::BadValues;
use peyvand_core::Actor;
use peyvand_record::{Record, Value};
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::{Place, count, into, made, place};

fn amount(p: &Place, r: &Record) -> Option<(i64, String)> {
    match p.get(r, "amount") {
        Value::Money(m) => Some((m.minor, m.currency.to_string())),
        _ => None,
    }
}

/// Twelve thousand dollars do not become twelve thousand rials, and cents are no fault of a rial.
#[db_test]
async fn an_amount_is_in_the_currency_of_its_row(db: TestDb) {
    let p = place(&db).await;
    let accounts = p.file(
        "accounts.csv",
        "Id,Name,BillingCity,Industry,Phone\n0015g00000XyzAAA,Cobalt Foods,London,Food,+442079460958\n",
    );
    let (report, _) = p.import(&accounts, &into("companies")).await.unwrap();
    assert_eq!(count(&report, "company.created"), 1);
    let deals = p.file(
        "opportunities.csv",
        "Id,Name,AccountId,StageName,Amount,CurrencyIsoCode,CloseDate,OwnerId,IsWon\n\
         0065g1,Ovens,0015g00000XyzAAA,Prospecting,12345.50,USD,2026-11-30,0055g00000A1bAAA,false\n\
         0065g2,Mixers,0015g00000XyzAAA,Prospecting,1500,EUR,2026-12-01,0055g00000A1bAAA,false\n\
         0065g3,Pans,0015g00000XyzAAA,Prospecting,,USD,2026-12-01,0055g00000A1bAAA,false\n\
         0065g4,Rice,0015g00000XyzAAA,Prospecting,250000,IRR,2026-12-01,0055g00000A1bAAA,false\n",
    );
    let (report, notes) = p.import(&deals, &into("deals")).await.unwrap();
    assert_eq!(count(&report, "deal.created"), 4, "{notes:?}");
    let all = p.all("deal").await;
    let company = p.all("company").await;
    assert_eq!(company.len(), 1, "the key of a company is no name of another");
    for (name, want) in [
        ("Ovens", Some((1_234_550, "USD".to_owned()))),
        ("Mixers", Some((150_000, "EUR".to_owned()))),
        ("Pans", None),
        ("Rice", Some((250_000, "IRR".to_owned()))),
    ] {
        let deal = all
            .iter()
            .find(|d| *p.get(d, "name") == Value::text(name))
            .unwrap();
        assert_eq!(amount(&p, deal), want, "{name}");
        assert_eq!(*p.get(deal, "company_id"), Value::Id(company[0].id()), "{name}");
    }
}

/// With the company's name beside its key, the name is what is looked for; without either nobody is made up.
#[db_test]
async fn people_come_to_their_companies_by_key_or_by_name(db: TestDb) {
    let p = place(&db).await;
    let both = p.file(
        "people.csv",
        "Id,FirstName,LastName,AccountId,Account Name,Email,OwnerId\n\
         0035g1,Sara,Walker,0015g00000XyzAAA,Cobalt Foods,sara@example.org,0055g00000A1bAAA\n",
    );
    let (report, notes) = p.import(&both, &into("contacts")).await.unwrap();
    assert_eq!(count(&report, "contact.created"), 1, "{notes:?}");
    let companies = p.all("company").await;
    assert_eq!(companies.len(), 1);
    assert_eq!(*p.get(&companies[0], "name"), Value::text("Cobalt Foods"));

    let by_key = p.file(
        "others.csv",
        "Id,FirstName,LastName,AccountId,Email,OwnerId\n\
         0035g2,Ali,Karimi,0015g00000UnknAA,ali@example.org,0055g00000A1bAAA\n",
    );
    let (report, notes) = p.import(&by_key, &into("contacts")).await.unwrap();
    assert_eq!(count(&report, "contact.failed"), 1, "{report:?}");
    assert_eq!(notes[0].value, "0015g00000UnknAA");
    assert_eq!(p.all("company").await.len(), 1);
}

/// The head of a column says whether its amounts are in tomans; an amount that names its unit itself is believed more.
#[db_test]
async fn the_head_of_a_column_says_tomans_or_rials(db: TestDb) {
    let p = place(&db).await;
    let file = p.file(
        "deals.csv",
        "عنوان,مبلغ (تومان),وضعیت\n\
         بام,۱۲٬۵۰۰٬۰۰۰,باز\n\
         آسانسور,۳ میلیون ریال,در دست انجام\n",
    );
    let (report, notes) = p.import(&file, &into("deals")).await.unwrap();
    // The second row has a status that no deal can have.
    assert_eq!(count(&report, "deal.created"), 1, "{notes:?}");
    let file = p.file(
        "more.csv",
        "عنوان;مبلغ (تومان)\nآسانسور;۳ میلیون ریال\nپله;\nدر;750000\n",
    );
    let (report, notes) = p.import(&file, &into("deals")).await.unwrap();
    assert_eq!(count(&report, "deal.created"), 3, "{notes:?}");
    let rials = p.file("rials.csv", "عنوان;مبلغ به ریال\nپنجره;750000\n");
    p.import(&rials, &into("deals")).await.unwrap();
    let all = p.all("deal").await;
    for (name, want) in [
        ("بام", Some(125_000_000)),
        ("آسانسور", Some(3_000_000)),
        ("پله", None),
        ("در", Some(7_500_000)),
        ("پنجره", Some(750_000)),
    ] {
        let deal = all
            .iter()
            .find(|d| *p.get(d, "name") == Value::text(name))
            .unwrap();
        assert_eq!(amount(&p, deal), want.map(|n| (n, "IRR".to_owned())), "{name}");
    }
}

/// Spaces where a half-space belongs, Arabic letters, hyphens: a choice is still that choice.
#[db_test]
async fn choices_are_known_however_they_are_spaced(db: TestDb) {
    let p = place(&db).await;
    let file = p.file(
        "people.csv",
        "نام,نام خانوادگی,مرحله\n\
         سارا,محمدی,جذب شده\n\
         علی,کریمی,شناسايي شده\n\
         مینا,راد,جذبشده\n",
    );
    let (report, notes) = p.import(&file, &into("contacts")).await.unwrap();
    assert_eq!(count(&report, "contact.created"), 3, "{notes:?}");
    let all = p.all("contact").await;
    let mut stages: Vec<_> = all
        .iter()
        .map(|c| p.get(c, "lifecycle").as_str().unwrap())
        .collect();
    stages.sort_unstable();
    assert_eq!(stages, ["acquired", "acquired", "identified"]);
}

/// Files of other programs hold the names of countries.
#[db_test]
async fn countries_go_by_their_names(db: TestDb) {
    let p = place(&db).await;
    let file = p.file(
        "people.csv",
        "First name,Last name,Country\nSara,Walker,USA\nAli,Karimi,ايران\nJan,Vos,nl\nMina,Rad,Atlantis\n",
    );
    let (report, notes) = p.import(&file, &into("contacts")).await.unwrap();
    assert_eq!(count(&report, "contact.created"), 3, "{notes:?}");
    let failed: Vec<_> = notes.iter().filter(|n| n.outcome == "failed").collect();
    assert_eq!(
        (failed.len(), failed[0].row, &*failed[0].value),
        (1, 4, "Atlantis")
    );
    let all = p.all("contact").await;
    let mut codes: Vec<_> = all
        .iter()
        .map(|c| p.get(c, "country").as_str().unwrap())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, ["IR", "NL", "US"]);
}

/// Deals of a file that says nothing of stages stand on a board too, where such deals stand.
#[db_test]
async fn deals_without_a_stage_come_to_one(db: TestDb) {
    let p = place(&db).await;
    let lines = p.file("lines.csv", "Name,Position\nSales,1\n");
    p.import(&lines, &into("pipelines")).await.unwrap();
    let stages = p.file(
        "stages.csv",
        "Name,Kind,Pipeline,Position\nNew,open,Sales,1\nWon,won,Sales,2\nLost,lost,Sales,3\n",
    );
    let (report, notes) = p.import(&stages, &into("stages")).await.unwrap();
    assert_eq!(count(&report, "stage.created"), 3, "{notes:?}");
    let deals = p.file(
        "deals.csv",
        "Name,Amount,Status\nRoof,1000,\nLift,2000,won\nDoor,3000,lost\n",
    );
    let (report, notes) = p.import(&deals, &into("deals")).await.unwrap();
    assert_eq!(count(&report, "deal.created"), 3, "{notes:?}");
    let (all, at) = (p.all("deal").await, p.all("stage").await);
    for (name, stage) in [("Roof", "New"), ("Lift", "Won"), ("Door", "Lost")] {
        let named = |list: &[Record], name: &str| {
            let found = list.iter().find(|r| *p.get(r, "name") == Value::text(name));
            found.unwrap().clone()
        };
        let deal = named(&all, name);
        assert_eq!(
            *p.get(&deal, "stage_id"),
            Value::Id(named(&at, stage).id()),
            "{name}"
        );
    }
}

/// Stages of other programs are the firm's stages of that name; won and lost are that everywhere. What the firm does not
/// have begins where new deals begin, and is told; the mapping can say what it means.
#[db_test]
async fn stages_of_another_program_are_found_by_name(db: TestDb) {
    let p = place(&db).await;
    let line = made(&p, "pipeline", json!({"name": "فروش", "position": 1}))
        .await
        .id()
        .to_string();
    let stage = async |name: &str, kind: &str, position: i64| {
        let body = json!({"pipeline_id": line, "name": name, "kind": kind, "position": position});
        made(&p, "stage", body).await.id()
    };
    let first = stage("تازه", "open", 1).await;
    let talks = stage("Negotiation/Review", "open", 2).await;
    let won = stage("امضا شد", "won", 3).await;
    let lost = stage("نشد", "lost", 4).await;
    let text = "Id,Name,AccountId,StageName,Amount,CurrencyIsoCode,CloseDate,OwnerId,IsWon\n\
         1,Ovens,,negotiation/review,1,USD,2026-11-30,,false\n\
         2,Mixers,,Closed Won,1,USD,2026-11-30,,true\n\
         3,Pans,,Closed Lost,1,USD,2026-11-30,,false\n\
         4,Rice,,Id. Decision Makers,1,USD,2026-11-30,,false\n";
    let file = p.file("opportunities.csv", text);
    // A trial tells the same as the import, row by row.
    for dry_run in [true, false] {
        let request = ImportRequest {
            dry_run,
            ..into("deals")
        };
        let (report, notes) = p.import(&file, &request).await.unwrap();
        assert_eq!(count(&report, "deal.created"), 4, "{notes:?}");
        let left: Vec<_> = notes
            .iter()
            .filter(|n| n.outcome == "value-left-out")
            .map(|n| (n.row, n.field.as_str(), n.value.as_str()))
            .collect();
        assert_eq!(left, [(4, "stage_id", "Id. Decision Makers")], "dry {dry_run}");
        assert_eq!(report.notes["value-left-out"], 1);
    }
    let all = p.all("deal").await;
    for (name, wanted, status) in [
        ("Ovens", talks, "open"),
        ("Mixers", won, "won"),
        ("Pans", lost, "lost"),
        ("Rice", first, "open"),
    ] {
        let deal = all
            .iter()
            .find(|d| *p.get(d, "name") == Value::text(name))
            .unwrap();
        assert_eq!(p.get(deal, "stage_id").as_id(), Some(wanted), "{name}");
        assert_eq!(p.get(deal, "status").as_str(), Some(status), "{name}");
    }
    // What the mapping says a name means is what it means.
    let preview = p.app.preview_import(&p.caller, &file, &into("deals")).unwrap();
    let mut mapping = preview.mapping;
    let column = mapping
        .columns
        .iter_mut()
        .find(|c| c.field == "stage_id")
        .unwrap();
    column
        .values
        .insert("Id. Decision Makers".to_owned(), "Negotiation/Review".to_owned());
    let request = ImportRequest {
        mapping: Some(mapping),
        policy: Some(OnDuplicate::Overwrite),
        ..ImportRequest::default()
    };
    let (_, notes) = p.import(&file, &request).await.unwrap();
    assert_eq!(notes, []);
    let all = p.all("deal").await;
    let rice = all
        .iter()
        .find(|d| *p.get(d, "name") == Value::text("Rice"))
        .unwrap();
    assert_eq!(p.get(rice, "stage_id").as_id(), Some(talks));
}

/// Files that carry little beside the other program's own keys.
const KEYED: [(&str, &str, &str); 6] = [
    (
        "companies",
        "hubspot",
        "Record ID,Company name,City\n901,Cobalt Foods,London\n902,Cobalt Foods,Leeds\n",
    ),
    (
        "contacts",
        "hubspot",
        "Record ID,Email,First Name,Last Name,Associated Company IDs\n1,,Sara,Walker,901;902\n2,,Sara,Walker,902\n",
    ),
    (
        "deals",
        "hubspot",
        "Record ID,Deal Name,Associated Company IDs,Associated Contact IDs\n71,Ovens,902,2;1\n72,Ovens,902,77\n",
    ),
    (
        "companies",
        "salesforce",
        "Account ID,Account Name,Parent Account ID\n001A,Harlow,\n001B,Harlow,001A\n",
    ),
    (
        "contacts",
        "salesforce",
        "Id,FirstName,LastName,AccountId\n003A,Ali,Karimi,001B\n003B,Ali,Karimi,001A\n",
    ),
    (
        "deals",
        "salesforce",
        "Opportunity ID,Opportunity Name,Stage,Close Date,AccountId,ContactId\n006A,Rice,,2026-12-01,001B,003B\n006B,Rice,,2026-12-01,001A,\n",
    ),
];

/// The other program's keys keep records of one name apart, lead from one file to the other, and a second run of the same
/// files makes nothing twice.
#[db_test]
async fn keys_of_other_programs_are_keys(db: TestDb) {
    let p = place(&db).await;
    for run in ["first", "second"] {
        for (object, system, text) in KEYED {
            let file = p.file("in.csv", text);
            let preview = p.app.preview_import(&p.caller, &file, &into(object)).unwrap();
            assert_eq!(preview.mapping.source, system, "{object}");
            let request = ImportRequest {
                policy: Some(OnDuplicate::Create),
                ..into(object)
            };
            let (report, notes) = p.import(&file, &request).await.unwrap();
            let key = format!(
                "{}.created",
                object.trim_end_matches('s').replace("companie", "company")
            );
            let wanted = if run == "first" { 2 } else { 0 };
            assert_eq!(count(&report, &key), wanted, "{run} {system} {object}: {notes:?}");
        }
    }
    let (companies, people, deals) = (
        p.all("company").await,
        p.all("contact").await,
        p.all("deal").await,
    );
    assert_eq!((companies.len(), people.len(), deals.len()), (4, 4, 4));
    let of = |all: &[Record], r: &Record, field: &str| {
        let id = p.get(r, field).as_id();
        all.iter().position(|other| Some(other.id()) == id)
    };
    // In the order in which they were made.
    let employers: Vec<_> = people.iter().map(|r| of(&companies, r, "company_id")).collect();
    assert_eq!(employers, [Some(0), Some(1), Some(3), Some(2)]);
    let customers: Vec<_> = deals.iter().map(|r| of(&companies, r, "company_id")).collect();
    assert_eq!(customers, [Some(1), Some(1), Some(3), Some(2)]);
    // The person 77 is not there: the deal is, without them.
    let persons: Vec<_> = deals.iter().map(|r| of(&people, r, "contact_id")).collect();
    assert_eq!(persons, [Some(1), None, Some(3), None]);
    assert_eq!(of(&companies, &companies[3], "parent_id"), Some(2));
}

/// An owner whom nobody here knows is no reason to leave a record out, unless the mapping says so.
#[db_test]
async fn a_row_goes_without_an_owner_who_is_not_here(db: TestDb) {
    let mut p = place(&db).await;
    let user = async |name: &str, email: &str| {
        let new = NewUser {
            email: email.to_owned(),
            name: name.to_owned(),
            role: "admin".to_owned(),
            active: true,
            team: None,
        };
        p.app.create_user(&p.caller.workspace, &new).await.unwrap()
    };
    let importer = user("Importer", "importer@example.com").await;
    let sara = user("Sara Ahmadi", "sara@example.com").await;
    p.caller.actor = Actor::User(importer);
    let file = p.file(
        "people.csv",
        "First name,Last name,Owner\nA,One,Sara Ahmadi\nB,Two,SARA@example.com\nC,Three,Nobody\nD,Four,no@example.com\nE,Five,\n",
    );
    let (report, notes) = p.import(&file, &into("contacts")).await.unwrap();
    assert_eq!(count(&report, "contact.created"), 5, "{notes:?}");
    let told: Vec<_> = notes
        .iter()
        .map(|n| (n.row, n.outcome.as_str(), n.field.as_str(), n.value.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (3, "value-left-out", "owner_id", "Nobody"),
            (4, "value-left-out", "owner_id", "no@example.com")
        ]
    );
    assert_eq!(report.notes["value-left-out"], 2);
    let owners: Vec<_> = p
        .all("contact")
        .await
        .iter()
        .map(|c| p.get(c, "owner_id").as_id())
        .collect();
    let (sara, importer) = (Some(sara), Some(importer));
    assert_eq!(owners, [sara, sara, importer, importer, importer]);

    // What the mapping says is so.
    let mut mapping = p
        .app
        .preview_import(&p.caller, &file, &into("contacts"))
        .unwrap()
        .mapping;
    mapping.bad_values = Some(BadValues::Row);
    let request = ImportRequest {
        mapping: Some(mapping),
        ..ImportRequest::default()
    };
    let (report, _) = p.import(&file, &request).await.unwrap();
    assert_eq!(count(&report, "contact.failed"), 2, "{report:?}");
}
