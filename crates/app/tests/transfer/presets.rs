//! Exports of other programs, with the mapping that is proposed for them.

use peyvand_app::transfer::OnDuplicate;
use peyvand_app::transfer::import::ImportRequest;
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
