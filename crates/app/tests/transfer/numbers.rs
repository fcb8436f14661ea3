//! What comes in by a file is numbered as what is made by hand.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use peyvand_app::transfer::import::ImportRequest;
use peyvand_app::transfer::{Mapping, OnDuplicate};
use peyvand_core::WorkspaceId;
use peyvand_domain::numbering::Numbering;
use peyvand_record::Record;
use peyvand_store::{Engine, Forward, Keys, Store, StoreError};
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::{Place, count, place};

/// An engine that counts how often numbers of orders are reserved.
#[derive(Debug)]
struct Counting {
    inner: Arc<dyn Engine>,
    reserved: AtomicU64,
}

#[async_trait]
impl Forward for Counting {
    fn inner(&self) -> &dyn Engine {
        &*self.inner
    }

    async fn reserve(&self, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, StoreError> {
        if name == "number:order" {
            self.reserved.fetch_add(1, Ordering::Relaxed);
        }
        self.inner.reserve(workspace, name, n).await
    }
}

async fn number(p: &mut Place, object: &str, prefix: &str, next: i64) {
    let how = Numbering::new(prefix, 4).unwrap();
    let set = p.app.set_numbering(&p.caller, object, Some((how, next))).await;
    p.caller.workspace = set.unwrap();
}

/// The next number, by which a gap would show.
async fn next(p: &Place, object: &str) -> i64 {
    let all = p.app.numberings(&p.caller.workspace).await.unwrap();
    all.iter().find(|n| n.object == object).unwrap().next
}

fn orders(policy: OnDuplicate) -> ImportRequest {
    let text = "object = \"orders\"\nsource = \"shop\"\nkey = [\"Ref\"]\n\
                [[columns]]\nname = \"No\"\nfield = \"number\"\n\
                [[columns]]\nname = \"Note\"\nfield = \"description\"\n";
    ImportRequest {
        mapping: Some(Mapping::parse(text).unwrap()),
        policy: Some(policy),
        ..ImportRequest::default()
    }
}

/// Orders without a number, but for the fourth, which has one of those that are about to be given.
fn many(rows: u32) -> String {
    let mut text = "Ref,No,Note\n".to_owned();
    for n in 1..=rows {
        let own = if n == 4 { "S-0006" } else { "" };
        let _ = writeln!(text, "r{n},{own},row {n}");
    }
    text
}

fn text_of(p: &Place, r: &Record, field: &str) -> String {
    p.get(r, field).as_str().unwrap_or_default().to_owned()
}

async fn numbers(p: &Place, object: &str, field: &str) -> BTreeSet<String> {
    let all = p.all(object).await;
    let set: BTreeSet<String> = all.iter().map(|r| text_of(p, r, field)).collect();
    assert_eq!(set.len(), all.len(), "a number twice");
    set
}

/// `S-0005` and so on, in the order of counting.
fn from_to(prefix: &str, first: u32, last: u32) -> BTreeSet<String> {
    (first..=last).map(|n| format!("{prefix}{n:04}")).collect()
}

#[db_test]
async fn orders_of_a_file_are_numbered_in_its_order(db: TestDb) {
    let engine = Arc::new(Counting {
        inner: Arc::clone(db.store.engine()),
        reserved: AtomicU64::new(0),
    });
    let shared: Arc<dyn Engine> = Arc::clone(&engine) as _;
    let db = TestDb {
        store: Arc::new(Store::new(shared, Keys::new([1; 32]))),
        ..db
    };
    let mut p = place(&db).await;
    number(&mut p, "order", "S-", 5).await;
    let object = Arc::clone(p.caller.workspace.catalog().object("order").unwrap());
    let by_hand = json!({"number": "S-0010"});
    p.app
        .create(&p.caller, &object, by_hand.as_object().unwrap(), None)
        .await
        .unwrap();

    // A trial takes none.
    let file = p.file("orders.csv", &many(1_200));
    let trial = ImportRequest {
        dry_run: true,
        ..orders(OnDuplicate::Skip)
    };
    let (report, _) = p.import(&file, &trial).await.unwrap();
    assert_eq!(
        (count(&report, "order.created"), next(&p, "order").await),
        (1_200, 5)
    );

    let (report, _) = p.import(&file, &orders(OnDuplicate::Skip)).await.unwrap();
    assert_eq!(count(&report, "order.created"), 1_200);
    // The row's own number and the one given by hand are stepped over: 1,201 orders from 5 on, and no gap.
    assert_eq!(numbers(&p, "order", "number").await, from_to("S-", 5, 1_205));
    assert_eq!(next(&p, "order").await, 1_206);
    let all = p.all("order").await;
    let of = |note: &str| {
        let found = all.iter().find(|r| text_of(&p, r, "description") == note);
        text_of(&p, found.unwrap(), "number")
    };
    let first: Vec<String> = ["row 1", "row 2", "row 3", "row 4", "row 5", "row 6"]
        .map(of)
        .into();
    assert_eq!(
        first,
        ["S-0005", "S-0007", "S-0008", "S-0006", "S-0009", "S-0011"]
    );
    assert_eq!(of("row 1200"), "S-1205");
    // Once for a chunk, and once more for each that had to be stepped over.
    let reserved = engine.reserved.load(Ordering::Relaxed);
    assert!((2..=12).contains(&reserved), "{reserved} reservations");

    // The same file again, also by the policies that change what is there: nothing moves, and no number is lost.
    for policy in [
        OnDuplicate::Skip,
        OnDuplicate::Fill,
        OnDuplicate::Overwrite,
        OnDuplicate::Create,
    ] {
        let (report, _) = p.import(&file, &orders(policy)).await.unwrap();
        assert_eq!(count(&report, "order.unchanged"), 1_200, "{policy:?} {report:?}");
        assert_eq!(next(&p, "order").await, 1_206, "{policy:?}");
    }
    assert_eq!(numbers(&p, "order", "number").await, from_to("S-", 5, 1_205));

    // Taken back, and brought again: each number is given once.
    p.app
        .undo_import(&p.caller, report.id.parse().unwrap(), |_| {})
        .await
        .unwrap();
    assert_eq!(numbers(&p, "order", "number").await.len(), 1);
    p.import(&file, &orders(OnDuplicate::Skip)).await.unwrap();
    let mut wanted = from_to("S-", 1_206, 2_404);
    wanted.extend(["S-0006".to_owned(), "S-0010".to_owned()]);
    assert_eq!(numbers(&p, "order", "number").await, wanted);

    // Switched off again, files keep what they say.
    p.caller.workspace = p.app.set_numbering(&p.caller, "order", None).await.unwrap();
    let file = p.file("more.csv", "Ref,No,Note\nx1,,none\n");
    p.import(&file, &orders(OnDuplicate::Skip)).await.unwrap();
    assert!(numbers(&p, "order", "number").await.contains(""));
}

#[db_test]
async fn an_import_that_was_cut_off_numbers_the_rest(db: TestDb) {
    let mut p = place(&db).await;
    number(&mut p, "order", "S-", 5).await;
    let file = p.file("orders.csv", &many(2_000));
    let (tell, told) = tokio::sync::oneshot::channel();
    let mut tell = Some(tell);
    let mut progress = |_| {
        if let Some(t) = tell.take() {
            t.send(()).unwrap();
        }
    };
    let request = orders(OnDuplicate::Skip);
    let mut ignore = |_| {};
    tokio::select! {
        biased;
        r = told => r.unwrap(),
        r = p.app.import(&p.caller, &file, &request, &mut ignore, &mut progress) => panic!("not cut off: {r:?}"),
    }
    assert!(p.all("order").await.len() < 2_000);
    p.import(&file, &request).await.unwrap();
    // What was reserved for the chunk that was not written is a gap; no order is without, and none has another's.
    let given = numbers(&p, "order", "number").await;
    assert_eq!(given.len(), 2_000);
    assert!(given.iter().all(|n| n.starts_with("S-")), "one without");
    assert!(next(&p, "order").await < 2_005 + 2_000);
}

/// Products that a file's lines make by their name get codes, and so does a file of products; a code that a row states
/// is that of its product, whatever the counter says.
#[db_test]
async fn products_get_codes_wherever_they_are_made(db: TestDb) {
    let mut p = place(&db).await;
    number(&mut p, "product", "P-", 1).await;
    let mapping = "object = \"orders\"\nsource = \"shop\"\nkey = [\"Ref\"]\ngroup = true\n\
                   [lines]\nobject = \"order_line\"\nparent = \"order_id\"\n\
                   [[lines.columns]]\nname = \"Thing\"\nfield = \"product_id\"\n\
                   link = { by = \"name\", make = { name = \"{Thing}\" } }\n\
                   [[lines.columns]]\nname = \"Quantity\"\nfield = \"quantity\"\n";
    let mut text = "Ref,Thing,Quantity\n".to_owned();
    for n in 0..900 {
        let _ = writeln!(text, "r{},Lamp {},1", n / 3, n % 400);
    }
    let request = ImportRequest {
        mapping: Some(Mapping::parse(mapping).unwrap()),
        ..ImportRequest::default()
    };
    let file = p.file("lines.csv", &text);
    let (report, _) = p.import(&file, &request).await.unwrap();
    assert_eq!(count(&report, "order_line.created"), 900, "{report:?}");
    assert_eq!(numbers(&p, "product", "code").await, from_to("P-", 1, 400));
    assert_eq!(next(&p, "product").await, 401);

    let products = "Code,Name\n,Chair\nP-0401,Table\n,Shelf\nP-0007,Lamp again\n";
    let mapping = "object = \"products\"\nsource = \"list\"\n\
                   [[columns]]\nname = \"Code\"\nfield = \"code\"\n\
                   [[columns]]\nname = \"Name\"\nfield = \"name\"\n";
    let request = ImportRequest {
        mapping: Some(Mapping::parse(mapping).unwrap()),
        ..ImportRequest::default()
    };
    let file = p.file("products.csv", products);
    let (report, _) = p.import(&file, &request).await.unwrap();
    assert_eq!(
        (
            count(&report, "product.created"),
            count(&report, "product.duplicate")
        ),
        (3, 1),
        "{report:?}"
    );
    let all = p.all("product").await;
    let code = |name: &str| {
        let found = all.iter().find(|r| text_of(&p, r, "name") == name);
        text_of(&p, found.unwrap(), "code")
    };
    assert_eq!(
        ["Chair", "Table", "Shelf"].map(code),
        ["P-0402", "P-0401", "P-0403"]
    );
}
