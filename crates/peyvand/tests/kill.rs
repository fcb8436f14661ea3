//! Item 2 of the trust list: a killed process loses nothing that it has acknowledged, and leaves nothing half done.

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{Client, Found, Site};
use peyvand_core::Id;
use peyvand_core::random::SplitMix;
use peyvand_store::SqlVal;
use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

/// How long records are written and processes killed, on each engine.
const SPAN: Duration = Duration::from_secs(12);
const WRITERS: u64 = 8;

/// What was acknowledged about a contact.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    /// It lives with this city, in at least this version.
    Lives(i64, String),
    /// It is in the recycle bin.
    Deleted,
    /// It went into that one.
    Merged(Id),
}

type Ledger = Arc<Mutex<BTreeMap<Id, Told>>>;

fn id_of(v: &Value) -> Id {
    v["id"].as_str().and_then(|s| s.parse().ok()).unwrap_or(Id::NIL)
}

/// Creates, changes, deletes, merges and sends batches until the server is gone; whatever was acknowledged goes into the
/// ledger. A change that was not acknowledged may or may not have happened: its record is not looked at again.
fn write(client: &Client, seed: u64, strict: bool, ledger: &Ledger) {
    let mut random = SplitMix::new(seed);
    let mut mine: Vec<(Id, i64)> = Vec::new();
    let put = |id: Id, told: Told| drop(ledger.lock().expect("the ledger").insert(id, told));
    let forget = |id: Id| ledger.lock().expect("the ledger").remove(&id);
    for n in 0_u64.. {
        let city = format!("city-{seed}-{n}");
        let kind = if mine.len() < 2 { 8 } else { random.below(9) };
        let pick = |random: &mut SplitMix, mine: &mut Vec<(Id, i64)>| {
            let at = random.below(mine.len() as u64) as usize;
            let (id, version) = mine.swap_remove(at);
            forget(id);
            (id, version)
        };
        match kind {
            0..=3 => {
                let body = json!({"name": format!("person {seed} {n}"), "city": city}).to_string();
                let Some(a) = client.call("POST", "/contacts", &body) else {
                    return;
                };
                if a.status != 201 {
                    return;
                }
                put(id_of(&a.json), Told::Lives(1, city));
                mine.push((id_of(&a.json), 1));
            }
            4 | 5 => {
                let (id, version) = pick(&mut random, &mut mine);
                let body = json!({ "city": city }).to_string();
                let Some(a) = client.call("PATCH", &format!("/contacts/{id}"), &body) else {
                    return;
                };
                if a.status != 200 {
                    return;
                }
                if a.json["version"].as_i64() != Some(version + 1) {
                    assert!(!strict, "version {version} became {a:?}");
                    return;
                }
                put(id, Told::Lives(version + 1, city));
                mine.push((id, version + 1));
            }
            6 => {
                let (id, _) = pick(&mut random, &mut mine);
                match client.call("DELETE", &format!("/contacts/{id}"), "") {
                    Some(a) if a.status == 204 => put(id, Told::Deleted),
                    _ => return,
                }
            }
            7 => {
                let (id, _) = pick(&mut random, &mut mine);
                let (from, _) = pick(&mut random, &mut mine);
                let body = json!({"from": from.to_string(), "take": ["city"]}).to_string();
                let Some(a) = client.call("POST", &format!("/contacts/{id}/merge"), &body) else {
                    return;
                };
                if a.status != 200 {
                    return;
                }
                let version = a.json["version"].as_i64().expect("a version");
                let city = a.json["city"].as_str().expect("its city").to_owned();
                put(from, Told::Merged(id));
                put(id, Told::Lives(version, city));
                mine.push((id, version));
            }
            _ => {
                let items: Vec<Value> = (0..3)
                    .map(|k| json!({"name": format!("batch {seed} {n} {k}"), "city": city}))
                    .collect();
                let body = Value::Array(items).to_string();
                let Some(a) = client.call("POST", "/contacts/batch", &body) else {
                    return;
                };
                if a.status != 200 {
                    return;
                }
                for item in a.json["data"].as_array().into_iter().flatten() {
                    if item["status"] == 201 {
                        put(id_of(item), Told::Lives(1, city.clone()));
                        mine.push((id_of(item), 1));
                    }
                }
            }
        }
    }
}

/// What of the ledger the database does not hold.
fn missing(found: &Found, ledger: &BTreeMap<Id, Told>) -> Vec<String> {
    ledger
        .iter()
        .filter(|(id, told)| {
            let live = found.cell("contact", **id, "deleted_at") == Some(&SqlVal::Null);
            !match told {
                Told::Lives(version, city) => {
                    live && found
                        .cell("contact", **id, "version")
                        .and_then(SqlVal::int)
                        .is_some_and(|v| v >= *version)
                        && found.cell("contact", **id, "city").and_then(SqlVal::text) == Some(city)
                }
                Told::Deleted => !live && found.cell("contact", **id, "id").is_some(),
                Told::Merged(to) => !live && found.alias.get(id) == Some(to),
            }
        })
        .map(|(id, told)| format!("{id}: {told:?}"))
        .collect()
}

/// Starts servers, writes, kills; gives the number of kills and what was acknowledged.
fn kill_again_and_again(
    site: &Site,
    token: &str,
    span: Duration,
    seed: u64,
    strict: bool,
) -> (u64, BTreeMap<Id, Told>) {
    let ledger: Ledger = Arc::default();
    let mut random = SplitMix::new(seed);
    let start = Instant::now();
    let mut kills = 0;
    while start.elapsed() < span {
        let mut server = site.serve(token);
        let writers: Vec<_> = (0..WRITERS)
            .map(|n| {
                let (client, ledger) = (server.client(), Arc::clone(&ledger));
                let seed = seed * 1_000_000 + kills * WRITERS + n;
                std::thread::spawn(move || write(&client, seed, strict, &ledger))
            })
            .collect();
        // At a random moment, and not before something was acknowledged: a machine that is busy with other things
        // would be killed before its first answer again and again.
        let known = ledger.lock().expect("the ledger").len();
        let wanted = known + random.below(60) as usize;
        std::thread::sleep(Duration::from_millis(5 + random.below(200)));
        let begun = Instant::now();
        while ledger.lock().expect("the ledger").len() < wanted && begun.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(3));
        }
        server.kill();
        for w in writers {
            w.join().expect("a writer");
        }
        kills += 1;
    }
    // One start more, so that the log is read as a restart reads it.
    let mut server = site.serve(token);
    let list = server.client().call("GET", "/contacts", "").expect("an answer");
    assert_eq!(list.status, 200);
    server.kill();
    let ledger = ledger.lock().expect("the ledger").clone();
    (kills, ledger)
}

#[db_test]
async fn what_was_acknowledged_survives_kill_9(db: TestDb) {
    let site = Site::of(db).await;
    let token = site.admin();
    let (kills, ledger) = kill_again_and_again(&site, &token, SPAN, 5, true);
    let engine = site.engine().await;
    let found = Found::in_database(&engine).await;
    let of = |f: fn(&Told) -> bool| ledger.values().filter(|t| f(t)).count();
    let merged = of(|t| matches!(t, Told::Merged(_)));
    let deleted = of(|t| matches!(t, Told::Deleted));
    println!(
        "{:?}: {kills} kills, {} acknowledged contacts, of them {deleted} deleted, {merged} merged",
        site.kind,
        ledger.len()
    );
    assert!(
        kills >= 4 && ledger.len() > 50 && merged > 0 && deleted > 0,
        "{kills} kills, {} records, {merged} merged, {deleted} deleted",
        ledger.len()
    );
    assert_eq!(missing(&found, &ledger), Vec::<String>::new());
    assert_eq!(found.faults, Vec::<String>::new());
    // Every version of a contact that no merge touched has its entry.
    let t = &found.layout.object("contact").expect("contacts").table;
    for (id, row) in &found.records["contact"] {
        let entries = &found.audit[id];
        if !found.alias.contains_key(id)
            && entries
                .iter()
                .all(|a| matches!(a.as_str(), "create" | "update" | "delete"))
        {
            assert_eq!(
                row[t.at("version")].int(),
                Some(entries.len() as i64),
                "{id}: {entries:?}"
            );
        }
    }
}

/// The control: a server that answers before it has committed (a build with debug assertions can be asked to) loses what it acknowledged, and the same look finds it.
#[cfg(debug_assertions)]
#[db_test]
async fn a_server_that_answers_too_early_is_found_out(db: TestDb) {
    let mut site = Site::of(db).await;
    let token = site.admin();
    site.variables
        .push(("PEYVAND_TEST_MODE".to_owned(), "answer-before-commit".to_owned()));
    for round in 0..10 {
        let (_, ledger) = kill_again_and_again(&site, &token, Duration::from_secs(1), 100 + round, false);
        let engine = site.engine().await;
        let found = Found::in_database(&engine).await;
        if !missing(&found, &ledger).is_empty() {
            return;
        }
    }
    panic!("a server that answers before it has committed went unnoticed");
}
