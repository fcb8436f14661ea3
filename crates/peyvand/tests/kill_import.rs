//! Item 24 of the trust list: an import that is killed again and again ends with the records of one that was not; run
//! again it changes nothing; it can be taken back.

mod common;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Found, Site};
use peyvand_core::Id;
use peyvand_core::random::SplitMix;
use peyvand_store::tables::{SIDE, Table};
use peyvand_store::{Engine, SqlVal};
use peyvand_testkit::{TestDb, db, db_test};
use serde_json::Value;

/// Orders of the file: some transactions' worth.
const ORDERS: u64 = 1_600;

/// Lines of orders: several rows to a record, products and customers found or made, cancellations, lines without a
/// customer, equal lines.
fn lines(orders: u64) -> String {
    let mut r = SplitMix::new(11);
    let mut out = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n".to_owned();
    for n in 0..orders {
        let cancelled = r.chance(5);
        let customer = if r.chance(20) {
            String::new()
        } else {
            format!("{}.0", 13_000 + r.below(60))
        };
        let mark = if cancelled { "C" } else { "" };
        for l in 0..=r.below(2) {
            let code = 20_000 + r.below(80);
            let quantity = (1 + r.below(30) as i64) * if cancelled { -1 } else { 1 };
            let price = 1 + r.below(900);
            let line = format!(
                "{mark}{},{code}, LAMP {code} ,{quantity},2010-01-{:02} 07:45:00,{}.{:02},{customer},United Kingdom",
                500_000 + n,
                1 + n % 28,
                price / 100,
                price % 100
            );
            let copies = if l == 0 && r.chance(5) { 2 } else { 1 };
            for _ in 0..copies {
                writeln!(out, "{line}").expect("a line");
            }
        }
    }
    out
}

/// Cells that differ from run to run: ids of the record itself, times, versions.
fn passing(column: &str) -> bool {
    matches!(
        column,
        "id" | "version"
            | "created_at"
            | "updated_at"
            | "created_by"
            | "updated_by"
            | "deleted_at"
            | "workspace_id"
    )
}

fn line(t: &Table, row: &[SqlVal], mut name: impl FnMut(Id) -> String) -> String {
    let mut out = String::new();
    for (c, v) in t.columns.iter().zip(row) {
        if passing(&c.name) {
            continue;
        }
        match v {
            SqlVal::Uuid(id) => write!(out, "{}=<{}> ", c.name, name(*id)),
            v => write!(out, "{}={v:?} ", c.name),
        }
        .expect("a cell");
    }
    out
}

/// Every live record, without what differs from run to run; links by the record they lead to.
fn told(found: &Found) -> BTreeMap<String, usize> {
    let mut names: HashMap<Id, String> = HashMap::new();
    for (object, rows) in &found.records {
        let t = &found.layout.object(object).expect("its layout").table;
        for (id, row) in rows {
            names.insert(*id, line(t, row, |_| String::new()));
        }
    }
    let mut out = BTreeMap::new();
    for (object, rows) in &found.records {
        let t = &found.layout.object(object).expect("its layout").table;
        for row in rows.values() {
            if row[t.at("deleted_at")] == SqlVal::Null {
                let l = line(t, row, |id| names.get(&id).cloned().unwrap_or_default());
                *out.entry(format!("{object}: {l}")).or_default() += 1;
            }
        }
    }
    out
}

/// Holds that both have the same records.
fn same(wanted: &Found, found: &Found) {
    let (a, b) = (told(wanted), told(found));
    let lost: Vec<_> = a.iter().filter(|(k, n)| b.get(*k) != Some(n)).collect();
    let more: Vec<_> = b.iter().filter(|(k, n)| a.get(*k) != Some(n)).collect();
    assert!(
        lost.is_empty() && more.is_empty(),
        "{} lost, {} more; {:?} {:?}",
        lost.len(),
        more.len(),
        lost.first(),
        more.first()
    );
}

/// Begins an import and kills it after a time; `true` when it was still running.
fn killed(site: &Site, words: &[&str], after: Duration) -> bool {
    let mut child = site
        .program(words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the import");
    std::thread::sleep(after.max(Duration::from_millis(20)));
    let running = child.try_wait().expect("its state").is_none();
    child.kill().expect("SIGKILL");
    child.wait().expect("its end");
    running
}

async fn keys(engine: &Arc<dyn Engine>) -> usize {
    common::rows(engine, &SIDE.external_key).await.len()
}

fn outcomes(said: &str) -> BTreeMap<String, u64> {
    let v: Value = serde_json::from_str(said.trim()).expect("json");
    v["outcomes"]
        .as_object()
        .expect("outcomes")
        .iter()
        .map(|(k, n)| (k.clone(), n.as_u64().unwrap_or_default()))
        .collect()
}

#[db_test]
async fn an_import_killed_ten_times_ends_as_one_that_was_not(db: TestDb) {
    let mapping = "../../examples/mappings/online-retail.toml";
    let whole = Site::of(db::open(db.kind).await).await;
    let file = whole.file("lines.csv");
    let text = lines(ORDERS);
    std::fs::write(&file, &text).expect("the file");
    let words = [
        "--json",
        "import",
        "--mapping",
        mapping,
        file.to_str().expect("a name"),
    ];
    let start = Instant::now();
    let once = outcomes(&whole.run(&words));
    let took = start.elapsed();
    assert_eq!(once["order.created"], ORDERS, "{once:?}");
    let engine = whole.engine().await;
    let wanted = Found::in_database(&engine).await;
    assert_eq!(wanted.faults, Vec::<String>::new());
    let wanted_keys = keys(&engine).await;
    engine.close().await;

    let site = Site::of(db).await;
    let mut random = SplitMix::new(3);
    let (mut kills, mut partly) = (0, 0);
    for n in 0..10_u32 {
        // Some runs are cut off before their first transaction, some after it, some in between. Where most of the time passes
        // before the first orders are written, the next one is given more of it.
        let step = if partly == 0 { 0.07 } else { 0.02 };
        let share = took.mul_f64(0.1 + step * f64::from(n) + random.below(15) as f64 / 100.0);
        kills += u32::from(killed(&site, &words, share));
        let engine = site.engine().await;
        let orders = common::rows(&engine, &wanted.layout.object("order").expect("orders").table)
            .await
            .len();
        partly += u32::from(orders > 0 && orders < ORDERS as usize);
        engine.close().await;
    }
    // Each run says in the language of its terminal by what it is taken back, before anything is written: also one that is
    // cut off.
    for (language, back) in [("en", "take it back"), ("fa", "برای پس گرفتن")] {
        let mut child = site
            .program(&words)
            .env("PEYVAND_LANGUAGE", language)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the import");
        let mut said = BufReader::new(child.stderr.take().expect("its words")).lines();
        let shown = said.next().expect("a line").expect("UTF-8");
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
        let engine = site.engine().await;
        let begun = common::rows(&engine, &SIDE.transfer).await;
        engine.close().await;
        let named = begun
            .iter()
            .filter_map(|r| Some(r[SIDE.transfer.at("id")].uuid()?.to_string()))
            .any(|id| shown.contains(&format!("import --undo {id}")));
        assert!(named && shown.contains(back), "{shown}");
    }
    println!("{took:?} for the whole; {kills} kills, {partly} of them with a part of the orders written");
    assert!(kills >= 3 && partly >= 1, "{kills} kills, {partly} parts");
    site.run(&words);
    let engine = site.engine().await;
    let found = Found::in_database(&engine).await;
    assert_eq!(found.faults, Vec::<String>::new());
    assert_eq!(keys(&engine).await, wanted_keys);
    same(&wanted, &found);
    let versions = |f: &Found| -> Vec<(Id, Option<i64>)> {
        let t = &f.layout.object("order").expect("orders").table;
        f.records["order"]
            .iter()
            .map(|(id, r)| (*id, r[t.at("version")].int()))
            .collect()
    };
    let before = versions(&found);
    engine.close().await;

    // Once more: nothing changes.
    let said = site.run(&words);
    let again = outcomes(&said);
    assert!(
        again.iter().all(|(k, n)| *n == 0 || k.ends_with(".unchanged")),
        "{again:?}"
    );
    let engine = site.engine().await;
    let same = Found::in_database(&engine).await;
    assert_eq!(versions(&same), before);
    engine.close().await;

    // And back: no order is left, and all of them lie in the recycle bin.
    let transfers = common::rows(&site.engine().await, &SIDE.transfer).await;
    let t = &SIDE.transfer;
    for row in transfers {
        let id = row[t.at("id")].uuid().expect("an id");
        site.run(&["import", "--undo", &id.to_string()]);
    }
    let engine = site.engine().await;
    let gone = Found::in_database(&engine).await;
    assert_eq!(gone.faults, Vec::<String>::new());
    let t = &gone.layout.object("order").expect("orders").table;
    let live = gone.records["order"]
        .values()
        .filter(|r| r[t.at("deleted_at")] == SqlVal::Null)
        .count();
    assert_eq!((live, gone.records["order"].len()), (0, ORDERS as usize));
    engine.close().await;
}

/// Companies whose parents stand behind them, transactions apart, and one whose parent is nowhere.
fn upside_down(levels: usize, wide: usize) -> String {
    let mut out = "Key,Name,Parent\n".to_owned();
    for level in (0..levels).rev() {
        for n in 0..wide {
            let parent = if level == 0 {
                String::new()
            } else {
                format!("{}-{n}", level - 1)
            };
            writeln!(out, "{level}-{n},Firm {level} {n},{parent}").expect("a line");
        }
    }
    out.push_str("lost,Lost,nowhere\n");
    out
}

/// What an import says of which one row could not be written: its exit code says so too.
fn partly_done(site: &Site, words: &[&str]) -> String {
    let out = site.output(words);
    assert_eq!(
        out.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).expect("UTF-8")
}

#[db_test]
async fn an_import_of_a_tree_upside_down_is_killed_and_ends_whole(db: TestDb) {
    let mapping = "object = \"companies\"\nsource = \"tree\"\nkey = [\"Key\"]\npolicy = \"create\"\n\
        [[columns]]\nname = \"Name\"\nfield = \"name\"\n\
        [[columns]]\nname = \"Parent\"\nfield = \"parent_id\"\nlink = { by = \"key\" }\n";
    let (levels, wide) = (4, 900);
    let whole = Site::of(db::open(db.kind).await).await;
    let (file, told_how) = (whole.file("tree.csv"), whole.file("tree.toml"));
    std::fs::write(&file, upside_down(levels, wide)).expect("the file");
    std::fs::write(&told_how, mapping).expect("the mapping");
    let name = |p: &std::path::Path| p.to_str().expect("a name").to_owned();
    let (file, told_how) = (name(&file), name(&told_how));
    let words = ["--json", "import", "--mapping", &told_how, &file];
    let start = Instant::now();
    let once = outcomes(&partly_done(&whole, &words));
    let took = start.elapsed();
    let all = (levels * wide) as u64;
    assert_eq!(
        (once["company.created"], once["company.failed"]),
        (all, 1),
        "{once:?}"
    );
    let engine = whole.engine().await;
    let wanted = Found::in_database(&engine).await;
    engine.close().await;

    let site = Site::of(db).await;
    let companies = &wanted.layout.object("company").expect("companies").table;
    let (mut waited, mut partly) = (0, 0);
    for n in 0..8_u32 {
        killed(&site, &words, took.mul_f64(0.2 + 0.06 * f64::from(n)));
        let engine = site.engine().await;
        let t = &SIDE.transfer_row;
        let rows = common::rows(&engine, t).await;
        waited += u32::from(rows.iter().any(|r| r[t.at("outcome")].text() == Some("waiting")));
        let made = common::rows(&engine, companies).await.len() as u64;
        partly += u32::from(made > 0 && made < all);
        engine.close().await;
    }
    println!(
        "{took:?} for the whole; {waited} kills while rows waited, {partly} with a part of the companies"
    );
    assert!(waited > 0 && partly > 0);
    // What is told at the end is told of the whole file, however often it was begun, unless a kill came after the end.
    let end = outcomes(&partly_done(&site, &words));
    let finished = end.contains_key("company.unchanged");
    assert!(finished || end == once, "{end:?}");
    let engine = site.engine().await;
    let found = Found::in_database(&engine).await;
    assert_eq!(found.faults, Vec::<String>::new());
    same(&wanted, &found);
    let t = &SIDE.transfer_row;
    let rows = common::rows(&engine, t).await;
    assert!(rows.iter().all(|r| r[t.at("outcome")].text() != Some("waiting")));
    engine.close().await;
}
