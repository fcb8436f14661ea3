//! A workspace with a folder of files, and a file that looks like those of a shop.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use peyvand_app::transfer::export::ExportFormat;
use peyvand_app::transfer::import::{ImportRequest, Report, RowNote, TransferError};
use peyvand_app::transfer::{Mapping, OnDuplicate};
use peyvand_app::{App, Caller};
use peyvand_catalog::Schema;
use peyvand_core::random::SplitMix;
use peyvand_core::{IdSource, SystemClock, Via};
use peyvand_record::policy::Policy;
use peyvand_record::query::Query;
use peyvand_record::{Record, Value};
use peyvand_testkit::TestDb;

pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) app: App,
    pub(crate) caller: Caller,
}

pub(crate) async fn place(db: &TestDb) -> Place {
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
    /// The definitions become these as well.
    pub(crate) async fn schema(&mut self, text: &str) {
        let mut wanted = Schema::from_toml(text).unwrap();
        let now = self.app.schema_of(&self.caller.workspace);
        wanted.origin.clone_from(&now.origin);
        let changes = self.app.schema_changes(&self.caller.workspace, &wanted);
        let w = self
            .app
            .change_schema(&self.caller.workspace, &changes, true)
            .await
            .unwrap();
        self.caller = Caller::system(&w, Via::Cli);
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let p = self.folder.path().join(name);
        fs::write(&p, text).unwrap();
        p
    }

    pub(crate) async fn import(
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

    pub(crate) async fn all(&self, object: &str) -> Vec<Record> {
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

    pub(crate) fn get<'r>(&self, r: &'r Record, field: &str) -> &'r Value {
        let def = self.caller.workspace.catalog().object(&r.object).unwrap();
        r.get(def.field(field).unwrap().0)
    }

    pub(crate) async fn export(&self, object: &str, format: ExportFormat, name: &str) -> PathBuf {
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

/// An import of records of this object, as it is proposed.
pub(crate) fn into(object: &str) -> ImportRequest {
    ImportRequest {
        object: Some(object.to_owned()),
        ..ImportRequest::default()
    }
}

/// A record made by hand.
pub(crate) async fn made(p: &Place, object: &str, v: serde_json::Value) -> Record {
    let def = p.caller.workspace.catalog().object(object).cloned().unwrap();
    p.app
        .create(&p.caller, &def, v.as_object().unwrap(), None)
        .await
        .unwrap()
}

pub(crate) fn count(report: &Report, key: &str) -> u64 {
    report.outcomes.get(key).copied().unwrap_or(0)
}

pub(crate) fn contacts(policy: OnDuplicate) -> ImportRequest {
    ImportRequest {
        object: Some("contacts".to_owned()),
        policy: Some(policy),
        ..ImportRequest::default()
    }
}

/// What the look-alike holds, counted while it is made.
#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) lines: u64,
    pub(crate) invoices: u64,
    pub(crate) no_customer: u64,
    pub(crate) cancellation: u64,
    pub(crate) negative: u64,
    /// Pence by customer.
    pub(crate) pence: BTreeMap<String, i64>,
}

/// A file like Online Retail II: same columns, same faults; no row of it is from there.
pub(crate) fn look_alike(invoices: u64, seed: u64) -> (String, Truth) {
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

pub(crate) fn retail() -> ImportRequest {
    ImportRequest {
        mapping: Some(
            Mapping::parse(include_str!("../../../../examples/mappings/online-retail.toml")).unwrap(),
        ),
        ..ImportRequest::default()
    }
}

pub(crate) async fn pence_by_customer(p: &Place) -> BTreeMap<String, i64> {
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
