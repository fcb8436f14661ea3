//! Pages by key-set: each record exactly once, while others write.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use peyvand_catalog::FieldIx;
use peyvand_core::Id;
use peyvand_record::query::{Direction, Sort};
use peyvand_record::{Query, Record};
use peyvand_testkit::records::Inventor;
use peyvand_testkit::{TestDb, db_test};

use crate::world::Bench;

const STABLE: usize = 18;

/// Walks all pages while between any two of them records come and go; how often each id was seen.
async fn walk(b: &Bench, inventor: &mut Inventor, q: Query, by_offset: bool) -> HashMap<Id, u32> {
    let object = b.object(&q.object);
    let mut seen: HashMap<Id, u32> = HashMap::new();
    let mut passing: Vec<Record> = Vec::new();
    let page = q.limit;
    let mut q = q;
    let mut at = 0;
    loop {
        let records: Vec<Record>;
        let more;
        if by_offset {
            // What OFFSET gives: everything up to the end of the page, less what stood before it.
            let mut all = q.clone();
            all.limit = at + page;
            let got =
                b.db.store
                    .page(b.workspace, &b.layout, &b.db.all, &all)
                    .await
                    .expect("a page");
            more = got.next.is_some();
            records = got.records.into_iter().skip(at as usize).collect();
            at += page;
        } else {
            let got =
                b.db.store
                    .page(b.workspace, &b.layout, &b.db.all, &q)
                    .await
                    .unwrap_or_else(|e| panic!("{} {:?}: {e}", q.object, q.sort));
            more = got.next.is_some();
            q.after = got.next;
            // The cursor survives its way through an address.
            if let Some(c) = &q.after {
                assert_eq!(peyvand_record::Cursor::decode(&c.encode()).as_ref(), Ok(c));
            }
            records = got.records;
        }
        for r in records {
            *seen.entry(r.id()).or_default() += 1;
        }
        if !more {
            break;
        }
        for _ in 0..2 {
            let values = inventor.values(&object, 30);
            match b.create(&object, values).await {
                Ok(r) => passing.push(r),
                Err(e) => assert_eq!(e.code(), "duplicate", "{}: {e}", object.key),
            }
        }
        if passing.len() > 4 {
            let gone = passing.remove(0);
            b.delete(&object, &gone).await;
        }
    }
    for r in passing {
        b.delete(&object, &r).await;
    }
    seen
}

/// Every sortable field of every object, up and down, with ties and empty values.
#[db_test]
async fn every_sort_visits_each_record_once(db: TestDb) {
    let b = Bench::new(db);
    let mut walks = 0;
    let mut inventor = b.inventor(3).await;
    inventor.ties = true;
    for object in b.catalog().objects().to_vec() {
        let sortable: Vec<FieldIx> = (0..object.fields.len() as u16)
            .map(FieldIx)
            .filter(|&i| object.at(i).is_some_and(|f| f.sort))
            .collect();
        let mut stable: HashSet<Id> = HashSet::new();
        for _ in 0..STABLE {
            let values = inventor.values(&object, 30);
            match b.create(&object, values).await {
                Ok(r) => {
                    stable.insert(r.id());
                }
                Err(e) => assert_eq!(e.code(), "duplicate", "{}: {e}", object.key),
            }
        }
        // Objects whose unique sets leave no room for thirty equal records have fewer.
        let writes = object.unique.is_empty();
        for (n, field) in sortable.iter().copied().enumerate() {
            for direction in [Direction::Asc, Direction::Desc] {
                let mut sorts = vec![vec![Sort { field, direction }]];
                let second = sortable[(n + 1) % sortable.len()];
                if second != field && n % 3 == 0 {
                    sorts.push(vec![
                        Sort { field, direction },
                        Sort {
                            field: second,
                            direction: Direction::Desc,
                        },
                    ]);
                }
                for sort in sorts {
                    let mut q = Query::of(&object.key).limit(7);
                    q.sort = sort;
                    let seen = if writes {
                        walk(&b, &mut inventor, q.clone(), false).await
                    } else {
                        b.all(&b.db.all, q.clone())
                            .await
                            .expect("pages")
                            .into_iter()
                            .fold(HashMap::new(), |mut m, id| {
                                *m.entry(id).or_default() += 1;
                                m
                            })
                    };
                    let keys: Vec<&str> = q
                        .sort
                        .iter()
                        .filter_map(|s| object.at(s.field))
                        .map(|f| f.key.as_str())
                        .collect();
                    for id in &stable {
                        let n = seen.get(id).copied().unwrap_or(0);
                        assert_eq!(n, 1, "{} by {keys:?} {direction:?}: seen {n} times", object.key);
                    }
                    assert!(seen.values().all(|n| *n == 1), "{} by {keys:?}", object.key);
                    walks += 1;
                }
            }
        }
    }
    assert!(walks > 200, "{walks} walks");

    // The control: the same walk by OFFSET sees some records twice or not at all.
    let contact = b.object("contact");
    let mut inventor = b.inventor(4).await;
    let mut q = Query::of("contact").limit(7);
    q.sort = vec![Sort {
        field: peyvand_catalog::definition::system::CREATED_AT,
        direction: Direction::Desc,
    }];
    let before: Vec<Id> = b.all(&b.db.all, q.clone()).await.expect("pages");
    assert!(before.len() >= STABLE && contact.key == "contact");
    let seen = walk(&b, &mut inventor, q, true).await;
    let wrong = before
        .iter()
        .filter(|id| seen.get(id).copied().unwrap_or(0) != 1)
        .count();
    assert!(wrong > 0, "OFFSET should have failed here");
}

/// While writers truly run beside it.
#[db_test]
async fn pages_beside_running_writers(db: TestDb) {
    let b = std::sync::Arc::new(Bench::new(db));
    let contact = b.object("contact");
    let mut inventor = Inventor::new(5);
    inventor.ties = true;
    let mut stable = HashSet::new();
    for _ in 0..120 {
        let values = inventor.values(&contact, 30);
        stable.insert(b.create(&contact, values).await.expect("made").id());
    }
    let stop = std::sync::Arc::new(AtomicBool::new(false));
    let written = std::sync::Arc::new(AtomicU32::new(0));
    let writer = {
        let (b, stop, written, contact) = (
            std::sync::Arc::clone(&b),
            std::sync::Arc::clone(&stop),
            std::sync::Arc::clone(&written),
            std::sync::Arc::clone(&contact),
        );
        tokio::spawn(async move {
            let mut inventor = Inventor::new(6);
            inventor.ties = true;
            while !stop.load(Ordering::Relaxed) {
                let values = inventor.values(&contact, 30);
                let r = b.create(&contact, values).await.expect("made");
                if written.fetch_add(1, Ordering::Relaxed) % 2 == 0 {
                    b.delete(&contact, &r).await;
                }
            }
        })
    };
    // Until the writer has been seen at work: how fast it is beside the walks is the machine's affair.
    while written.load(Ordering::Relaxed) <= 10 {
        for key in ["name", "city", "c_number", "created_at"] {
            for direction in [Direction::Asc, Direction::Desc] {
                let mut q = Query::of("contact").limit(11);
                q.sort = vec![Sort {
                    field: crate::world::ix(&contact, key),
                    direction,
                }];
                let mut seen: HashMap<Id, u32> = HashMap::new();
                for id in b.all(&b.db.all, q).await.expect("pages") {
                    *seen.entry(id).or_default() += 1;
                }
                for id in &stable {
                    assert_eq!(seen.get(id), Some(&1), "by {key} {direction:?}");
                }
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    writer.await.expect("the writer");
}
