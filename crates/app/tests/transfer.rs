//! Files go in and come out: a look-alike of a shop's order lines with its faults, contacts in two languages, undo, and
//! the way out and in again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use peyvand_app::jobs::Worker;
use peyvand_app::people::NewUser;
use peyvand_app::transfer::export::ExportFormat;
use peyvand_app::transfer::import::{ImportRequest, Report, RowNote, TransferError};
use peyvand_app::transfer::wizard::Stage;
use peyvand_app::transfer::{Mapping, OnDuplicate};
use peyvand_app::{App, Caller};
use peyvand_core::random::SplitMix;
use peyvand_core::{Actor, Id, IdSource, SystemClock, Via};
use peyvand_record::policy::Policy;
use peyvand_record::query::Query;
use peyvand_record::{Record, Value};
use peyvand_testkit::{TestDb, db, db_test};

struct Place {
    folder: tempfile::TempDir,
    app: App,
    caller: Caller,
}

async fn place(db: &TestDb) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let app = App::new(
        Arc::clone(&db.store),
        Arc::new(SystemClock::default()),
        Arc::new(IdSource::default()),
    );
    let w = app.create_workspace("main", "Test").await.unwrap();
    let caller = Caller::system(&w, Via::Cli);
    Place { folder, app, caller }
}

impl Place {
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let p = self.folder.path().join(name);
        fs::write(&p, text).unwrap();
        p
    }

    async fn import(
        &self,
        file: &Path,
        request: &ImportRequest,
    ) -> Result<(Report, Vec<RowNote>), TransferError> {
        let mut notes = Vec::new();
        let report = self
            .app
            .import(&self.caller, file, request, &mut |n| notes.push(n), &mut |_| {})
            .await?;
        Ok((report, notes))
    }

    async fn all(&self, object: &str) -> Vec<Record> {
        let w = &self.caller.workspace;
        let mut q = Query::of(object).limit(500);
        let mut out = Vec::new();
        loop {
            let page = self
                .app
                .store
                .page(w.id, &w.layout, &Policy::all(self.caller.actor), &q)
                .await
                .unwrap();
            out.extend(page.records);
            match page.next {
                Some(n) => q.after = Some(n),
                None => {
                    out.sort_by_key(Record::id);
                    return out;
                }
            }
        }
    }

    fn get<'r>(&self, r: &'r Record, field: &str) -> &'r Value {
        let def = self.caller.workspace.catalog().object(&r.object).unwrap();
        r.get(def.field(field).unwrap().0)
    }

    async fn export(&self, object: &str, format: ExportFormat, name: &str) -> PathBuf {
        let p = self.folder.path().join(name);
        let def = self.caller.workspace.catalog().object(object).cloned().unwrap();
        let out = BufWriter::new(fs::File::create(&p).unwrap());
        self.app
            .export(&self.caller, &def, None, format, out, |_| {})
            .await
            .unwrap();
        p
    }
}

fn count(report: &Report, key: &str) -> u64 {
    report.outcomes.get(key).copied().unwrap_or(0)
}

fn contacts(policy: OnDuplicate) -> ImportRequest {
    ImportRequest {
        object: Some("contacts".to_owned()),
        policy: Some(policy),
        ..ImportRequest::default()
    }
}

/// What the look-alike holds, counted while it is made.
#[derive(Default)]
struct Truth {
    lines: u64,
    invoices: u64,
    no_customer: u64,
    cancellation: u64,
    negative: u64,
    /// Pence by customer.
    pence: BTreeMap<String, i64>,
}

/// A file like Online Retail II: same columns, same faults; no row of it is from there.
fn look_alike(invoices: u64, seed: u64) -> (String, Truth) {
    let mut r = SplitMix::new(seed);
    let mut truth = Truth::default();
    let mut blocks: Vec<Vec<String>> = Vec::new();
    for n in 0..invoices {
        let kind = r.below(100);
        let invoice = match kind {
            0..=3 => format!("C{}", 500_000 + n),
            4 => format!("A{}", 500_000 + n),
            _ => (500_000 + n).to_string(),
        };
        let written_off = (5..8).contains(&kind);
        let customer =
            (!written_off && kind != 4 && !r.chance(20)).then(|| (13_000 + r.below(40)).to_string());
        truth.invoices += 1;
        let lines = if written_off || kind == 4 {
            1
        } else {
            1 + r.below(9)
        };
        let mut rows: Vec<String> = Vec::new();
        for l in 0..lines {
            let code = 20_000 + r.below(60);
            // One code, several descriptions, one of them empty.
            let description = match r.below(5) {
                0 if written_off => String::new(),
                1 => format!("\"LAMP, no {code}\""),
                _ => format!(" LAMP {code} "),
            };
            let (quantity, mills) = match kind {
                4 => (1, -1000 * (1 + r.below(50_000) as i64)),
                _ if written_off => (-(1 + r.below(90) as i64), 0),
                0..=3 => (-(1 + r.below(20) as i64), 10 * (1 + r.below(900) as i64)),
                // A few prices have three decimals.
                _ if r.chance(2) => (1 + r.below(9) as i64, 1 + r.below(900) as i64),
                _ => (1 + r.below(40) as i64, 10 * (1 + r.below(900) as i64)),
            };
            let minute = if r.chance(3) { 46 } else { 45 };
            let price = format!(
                "{}{}.{:03}",
                if mills < 0 { "-" } else { "" },
                mills.abs() / 1000,
                mills.abs() % 1000
            );
            let row = format!(
                "{invoice},{code},{description},{quantity},2010-01-{:02} 07:{minute}:00,{price},{},{}",
                1 + n % 28,
                customer.as_deref().map(|c| format!("{c}.0")).unwrap_or_default(),
                if r.chance(3) {
                    "Channel Islands"
                } else {
                    "United Kingdom"
                },
            );
            let copies = if l == 0 && r.chance(5) { 2 } else { 1 };
            for _ in 0..copies {
                truth.lines += 1;
                let exact = quantity * mills;
                // Pence, half away from zero.
                let pence = (exact.abs() + 5) / 10 * exact.signum();
                match &customer {
                    Some(c) => *truth.pence.entry(c.clone()).or_default() += pence,
                    None => truth.no_customer += 1,
                }
                truth.cancellation += u64::from(kind <= 3);
                truth.negative += u64::from(written_off);
                rows.push(row.clone());
            }
        }
        blocks.push(rows);
    }
    let mut out = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n".to_owned();
    let mut at = 0;
    while at < blocks.len() {
        // Some invoices stand in pieces, with another one between.
        if at % 11 == 5 && at + 1 < blocks.len() && blocks[at].len() > 1 {
            let (a, b) = (blocks[at].clone(), blocks[at + 1].clone());
            for row in a[..1].iter().chain(&b).chain(&a[1..]) {
                writeln!(out, "{row}").unwrap();
            }
            at += 2;
        } else {
            for row in &blocks[at] {
                writeln!(out, "{row}").unwrap();
            }
            at += 1;
        }
    }
    (out, truth)
}

fn retail() -> ImportRequest {
    ImportRequest {
        mapping: Some(Mapping::parse(include_str!("../../../examples/mappings/online-retail.toml")).unwrap()),
        ..ImportRequest::default()
    }
}

async fn pence_by_customer(p: &Place) -> BTreeMap<String, i64> {
    let names: BTreeMap<_, _> = p
        .all("contact")
        .await
        .iter()
        .map(|c| {
            let Value::Name(n) = p.get(c, "name") else {
                panic!("a contact without a name")
            };
            (c.id(), n.display().rsplit(' ').next().unwrap().to_owned())
        })
        .collect();
    let mut out = BTreeMap::new();
    for o in p.all("order").await {
        if let (Some(c), Some(m)) = (p.get(&o, "contact_id").as_id(), p.get(&o, "total").as_money()) {
            assert_eq!(&*m.currency, "GBP");
            *out.entry(names[&c].clone()).or_default() += m.minor;
        }
    }
    out
}

#[db_test]
async fn a_shops_lines_become_orders_and_a_second_run_changes_nothing(db: TestDb) {
    let p = place(&db).await;
    let (text, truth) = look_alike(700, 1);
    let file = p.file("retail.csv", &text);
    let (report, notes) = p.import(&file, &retail()).await.unwrap();
    assert_eq!(notes, Vec::<RowNote>::new());
    assert_eq!(report.rows, truth.lines);
    assert_eq!(count(&report, "order.created"), truth.invoices);
    assert_eq!(count(&report, "order_line.created"), truth.lines);
    assert_eq!(report.notes["no-customer"], truth.no_customer);
    assert_eq!(report.notes["cancellation"], truth.cancellation);
    assert_eq!(
        report.notes["negative-quantity-without-cancellation"],
        truth.negative
    );
    assert_eq!(p.all("order_line").await.len() as u64, truth.lines);
    assert_eq!(pence_by_customer(&p).await, truth.pence);
    let kinds = p
        .all("order")
        .await
        .iter()
        .fold(BTreeMap::new(), |mut m: BTreeMap<String, u64>, o| {
            *m.entry(p.get(o, "kind").as_str().unwrap().to_owned())
                .or_default() += 1;
            m
        });
    assert!(
        kinds["cancellation"] > 5 && kinds["return"] > 5 && kinds["sale"] > 500,
        "{kinds:?}"
    );

    let before: Vec<(_, i64)> = p
        .all("order")
        .await
        .iter()
        .map(|o| (o.id(), o.version()))
        .collect();
    let (again, _) = p.import(&file, &retail()).await.unwrap();
    assert_eq!(count(&again, "order_line.unchanged"), truth.lines);
    assert_eq!(count(&again, "order.created") + count(&again, "order.updated"), 0);
    let after: Vec<(_, i64)> = p
        .all("order")
        .await
        .iter()
        .map(|o| (o.id(), o.version()))
        .collect();
    assert_eq!(before, after);
}

#[db_test]
async fn an_import_that_was_cut_off_goes_on_and_ends_with_the_same_records(db: TestDb) {
    let p = place(&db).await;
    let (text, truth) = look_alike(1400, 2);
    let file = p.file("retail.csv", &text);
    let (tell, told) = tokio::sync::oneshot::channel();
    let mut tell = Some(tell);
    let mut progress = |_| {
        if let Some(t) = tell.take() {
            t.send(()).unwrap();
        }
    };
    let request = retail();
    let mut ignore = |_| {};
    tokio::select! {
        biased;
        r = told => r.unwrap(),
        r = p.app.import(&p.caller, &file, &request, &mut ignore, &mut progress) => panic!("not cut off: {r:?}"),
    }
    let cut_at = p.all("order").await.len() as u64;
    assert!(cut_at > 0 && cut_at < truth.invoices);
    let (report, _) = p.import(&file, &request).await.unwrap();
    assert_eq!(p.all("order").await.len() as u64, truth.invoices);
    assert_eq!(p.all("order_line").await.len() as u64, truth.lines);
    assert_eq!(pence_by_customer(&p).await, truth.pence);
    assert!(report.rows <= truth.lines);
}

#[db_test]
async fn an_import_is_taken_back_except_what_was_changed_since(db: TestDb) {
    let p = place(&db).await;
    let (text, truth) = look_alike(300, 3);
    let file = p.file("retail.csv", &text);
    let (report, _) = p.import(&file, &retail()).await.unwrap();
    let object = p.caller.workspace.catalog().object("order").cloned().unwrap();
    let changed = p.all("order").await[10].id();
    let json = serde_json::json!({"description": "seen"})
        .as_object()
        .unwrap()
        .clone();
    p.app
        .patch(&p.caller, &object, changed, &json, None)
        .await
        .unwrap();
    let undone = p
        .app
        .undo_import(&p.caller, report.id.parse().unwrap(), |_| {})
        .await
        .unwrap();
    assert_eq!(undone.kept, [("order".to_owned(), changed.to_string())]);
    assert_eq!(p.all("order").await.len(), 1);
    assert!(p.all("contact").await.is_empty() && p.all("product").await.is_empty());
    assert!(undone.deleted > truth.lines + truth.invoices);
}

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
async fn a_dry_run_writes_nothing(db: TestDb) {
    let p = place(&db).await;
    let (text, truth) = look_alike(50, 4);
    let file = p.file("retail.csv", &text);
    let request = ImportRequest {
        dry_run: true,
        ..retail()
    };
    let (report, _) = p.import(&file, &request).await.unwrap();
    assert_eq!(count(&report, "order.created"), truth.invoices);
    assert!(p.all("order").await.is_empty() && p.all("product").await.is_empty());
}

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

/// A new administrator of the workspace.
async fn administrator(app: &App, caller: &Caller) -> Actor {
    let new = NewUser {
        email: "sara@example.com".to_owned(),
        name: "Sara".to_owned(),
        role: "admin".to_owned(),
        active: true,
        team: None,
    };
    Actor::User(app.create_user(&caller.workspace, &new).await.unwrap())
}

/// A server has several workers, and any of them may claim the job of the wizard.
#[db_test]
async fn every_worker_can_run_what_the_wizard_begins(db: TestDb) {
    let mut p = place(&db).await;
    let app = Arc::new(p.app.in_folder(p.folder.path()).unwrap());
    p.caller.actor = administrator(&app, &p.caller).await;
    for (dry, stage) in [(true, Stage::Tried), (false, Stage::Done)] {
        let mut upload = app
            .begin_import_file(&p.caller, "people.csv", "contacts")
            .unwrap();
        let text = "first name,last name\nسارا,احمدی\n";
        fs::write(app.upload_file(&upload.id).unwrap(), text).unwrap();
        upload.size = text.len() as u64;
        app.put_upload(&upload).unwrap();
        app.start_upload(&p.caller, &upload.id, dry).await.unwrap();
        let mut fresh = Worker::new(Arc::clone(&app), Duration::from_mins(1));
        assert!(fresh.step(&p.caller.workspace).await.unwrap());
        let seen = app.import_file(&p.caller, &upload.id).unwrap();
        assert_eq!(seen.stage, stage, "{}", seen.problem);
        assert_eq!(seen.rows, Some(1));
    }
}

/// What a trial finds is known by kind and row by row, and an undo says in numbers what it took back.
#[db_test]
async fn a_trial_tells_what_is_wrong_and_an_undo_what_it_took_back(db: TestDb) {
    let mut p = place(&db).await;
    let app = Arc::new(p.app.in_folder(p.folder.path()).unwrap());
    p.caller.actor = administrator(&app, &p.caller).await;
    let mut upload = app
        .begin_import_file(&p.caller, "people.csv", "contacts")
        .unwrap();
    let mut text = "first name,last name,birth date\nسارا,احمدی,1981-08-04\n".to_owned();
    for n in 0..120 {
        let _ = writeln!(text, "P{n},Q{n},never {n}");
    }
    fs::write(app.upload_file(&upload.id).unwrap(), &text).unwrap();
    upload.size = text.len() as u64;
    app.put_upload(&upload).unwrap();
    app.start_upload(&p.caller, &upload.id, true).await.unwrap();
    let mut worker = Worker::new(Arc::clone(&app), Duration::from_mins(1));
    assert!(worker.step(&p.caller.workspace).await.unwrap());
    let tried = app.import_file(&p.caller, &upload.id).unwrap();
    assert_eq!(tried.stage, Stage::Tried, "{}", tried.problem);
    assert_eq!(tried.problems, 120);
    // The first hundred, and all of them counted as one kind, whatever their value.
    assert_eq!(tried.shown.len(), 100);
    assert_eq!(
        (tried.shown[0].field.as_str(), tried.shown[0].value.as_str()),
        ("birth_date", "never 0")
    );
    let kinds: Vec<(&str, u64)> = tried.kinds.iter().map(|(f, _, n)| (f.as_str(), *n)).collect();
    assert_eq!(kinds, [("birth_date", 120)], "{:?}", tried.kinds);
    app.start_upload(&p.caller, &upload.id, false).await.unwrap();
    assert!(worker.step(&p.caller.workspace).await.unwrap());
    let undone = app.undo_upload(&p.caller, &upload.id).await.unwrap();
    let seen = app
        .import_file(&p.caller, &upload.id)
        .unwrap()
        .taken_back
        .unwrap();
    assert!(seen.deleted >= 1);
    assert_eq!((seen.deleted, seen.withdrawn), (undone.deleted, undone.withdrawn));
}

/// Item 116 of the trust list.
#[db_test]
async fn no_transaction_is_a_long_one(db: TestDb) {
    let p = place(&db).await;
    let most = || p.app.store.engine().transactions().most_steps;
    // Orders of many lines, and people of whom every fifth row has something to be told.
    let (text, truth) = look_alike(250, 3);
    let (report, _) = p.import(&p.file("retail.csv", &text), &retail()).await.unwrap();
    assert_eq!(report.rows, truth.lines);
    let mut people = "Name,Email,Phone,City,Birth date\n".to_owned();
    for n in 0..1_000 {
        let born = if n % 5 == 0 { "never" } else { "1981-08-04" };
        let _ = writeln!(people, "Person {n},p{n}@example.com,+98935{n:07},Shiraz,{born}");
    }
    let file = p.file("people.csv", &people);
    let (report, notes) = p.import(&file, &contacts(OnDuplicate::Skip)).await.unwrap();
    assert_eq!(
        count(&report, "contact.created") + count(&report, "contact.failed"),
        1_000
    );
    assert!(notes.len() >= 200);
    // A second time, with a policy by which everything is looked at and changed.
    let again = people.replace("Shiraz", "Tabriz");
    let file = p.file("again.csv", &again);
    p.import(&file, &contacts(OnDuplicate::Overwrite)).await.unwrap();
    p.app
        .undo_import(&p.caller, report.id.parse().unwrap(), |_| {})
        .await
        .unwrap();
    assert!(most() <= 3_000, "{}", most());
    // Control: one order with more lines than that is written whole, and the measure sees it.
    let mut long =
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n".to_owned();
    for n in 0..1_500 {
        let _ = writeln!(
            long,
            "599999,{n},THING {n},1,2010-12-09 12:50:00,2.55,17850.0,United Kingdom"
        );
    }
    let (report, _) = p.import(&p.file("long.csv", &long), &retail()).await.unwrap();
    assert_eq!(count(&report, "order.created"), 1);
    assert!(most() > 3_000, "{}", most());
}
