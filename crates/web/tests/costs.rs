//! What a page asks of the database: which objects' tables, how often, and how many rows come back.

mod common;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{COOKIE, HOST};
use common::{Place, enc, place_behind};
use peyvand_store::{Engine, Forward, Row, Select, StoreError};
use peyvand_testkit::{TestDb, db_test};
use peyvand_web as _;
use tower::ServiceExt;

/// An engine that remembers what is asked of the one behind it: the first table of each statement, and the rows that came.
#[derive(Debug)]
struct Watch {
    inner: Arc<dyn Engine>,
    asked: Arc<Mutex<Vec<(String, usize)>>>,
}

#[async_trait]
impl Forward for Watch {
    fn inner(&self) -> &dyn Engine {
        &*self.inner
    }

    async fn select(&self, select: Select) -> Result<Vec<Row>, StoreError> {
        let (text, _) = select.statement.build(sea_query::SqliteQueryBuilder);
        let table = common::between(&text, "FROM \"", "\"").to_owned();
        let rows = self.inner.select(select).await?;
        self.asked.lock().unwrap().push((table, rows.len()));
        Ok(rows)
    }
}

/// A place, and what it asks.
struct Watched {
    place: Place,
    asked: Arc<Mutex<Vec<(String, usize)>>>,
}

impl Watched {
    async fn on(db: &TestDb) -> Self {
        let asked = Arc::default();
        let inner = Arc::clone(db.store.engine());
        let watch = Watch {
            inner,
            asked: Arc::clone(&asked),
        };
        Self {
            place: place_behind(db, Arc::new(watch)).await,
            asked,
        }
    }

    /// What was asked since the last time, sorted.
    fn asked(&self) -> Vec<(String, usize)> {
        let mut all = std::mem::take(&mut *self.asked.lock().unwrap());
        all.sort();
        all
    }

    fn tables(&self) -> Vec<String> {
        self.asked().into_iter().map(|(table, _)| table).collect()
    }

    /// All rows of a table that came since the last time.
    fn rows_of(&self, table: &str) -> usize {
        let asked = self.asked();
        asked.iter().filter(|(t, _)| t == table).map(|(_, n)| n).sum()
    }

    /// A page as its script asks for it.
    async fn asked_with(&self, path: &str, header: (&'static str, &str)) -> String {
        let request = Request::builder()
            .uri(path)
            .header(HOST, "crm.example.ir")
            .header(COOKIE, &self.place.cookie)
            .header(header.0, header.1)
            .body(Body::empty())
            .unwrap();
        let answer = self.place.routes.clone().oneshot(request).await.unwrap();
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

#[db_test]
async fn a_list_asks_for_its_rows_their_links_its_total_and_its_views_once(db: TestDb) {
    let w = Watched::on(&db).await;
    let p = &w.place;
    let company = p.id("companies", "name=Saba").await;
    for n in 0..80 {
        let form = format!("name.given=Sara&name.family=N{n}&company_id={company}&city=Qom");
        p.make("contacts", &form).await;
    }
    let path = "/contacts?columns=name,company_id,owner_id&filter=city%20%3D%20%22Qom%22";
    // Who can be given work is read by the first page and known to those that follow.
    p.get(path).await;
    w.asked();
    let page = p.get(path).await;
    assert_eq!(count(&page.body), 25, "a screen full");
    assert!(
        page.body.contains("name=\"owner\""),
        "nobody to be given the records"
    );
    assert_eq!(
        w.tables(),
        ["company", "contact", "contact", "saved_view", "user"],
        "the rows and their total, the names of companies and owners, the views"
    );

    let next = common::between(&page.body, "rel=\"next\" href=\"", "\"").replace("&#38;", "&");
    let whole = p.get(&next).await;
    assert_eq!(w.tables().len(), 5);
    let part = w.asked_with(&next, ("x-part", "rows")).await;
    assert_eq!(
        w.tables(),
        ["company", "contact", "user"],
        "nothing of what stands around the rows"
    );
    let rows = |body: &str| common::between(body, "<tbody id=\"rows\">", "</tbody>").to_owned();
    assert_eq!(count(&part), 50);
    assert_eq!(rows(&part), rows(&whole.body));
    let foot = |body: &str| common::between(body, "id=\"more\"", "</div>").to_owned();
    assert_eq!(foot(&part), foot(&whole.body));

    // Set anew, a list holds what stood in it, within reason.
    for (stood, rows) in [("70", 70), ("3", 25), ("99999", 80), ("many", 25)] {
        assert_eq!(
            count(&w.asked_with(path, ("x-rows", stood)).await),
            rows,
            "{stood}"
        );
    }
}

/// Rows of a page.
fn count(body: &str) -> usize {
    body.matches("<tr id=\"r-").count()
}

#[db_test]
async fn those_who_can_be_given_work_are_as_they_are_now(db: TestDb) {
    let w = Watched::on(&db).await;
    let p = &w.place;
    p.make("contacts", "name.given=Sara&name.family=Mohammadi").await;
    let offered = async || {
        let page = p.get("/contacts").await.body;
        common::between(&page, "name=\"owner\"", "</select>").to_owned()
    };
    assert!(offered().await.contains("نگار صدر"));
    p.person("babak@example.ir", "بابک کیان", "seller").await;
    assert!(offered().await.contains("بابک کیان"), "who has just come");
    let who = p
        .app
        .user_by_email(&p.workspace, "babak@example.ir")
        .await
        .unwrap()
        .unwrap();
    let form = format!("name={}&version={}", enc("بابک راد"), who.version());
    let answer = p.post(&format!("/users/{}/edit/name", who.id()), &form).await;
    assert!(
        answer.status.is_redirection() || answer.status.is_success(),
        "{}",
        answer.status
    );
    assert!(offered().await.contains("بابک راد"), "who has another name");
    p.post(&format!("/settings/people/{}/active", who.id()), "on=false")
        .await;
    assert!(!offered().await.contains("بابک"), "who has gone");
}

#[db_test]
async fn a_board_reads_its_own_pipeline_and_the_names_on_its_cards(db: TestDb) {
    let w = Watched::on(&db).await;
    let p = &w.place;
    let mut boards = Vec::new();
    for name in ["Sales", "Rent"] {
        let pipeline = p.id("pipelines", &format!("name={name}")).await;
        let form = format!("name=Offer&pipeline_id={pipeline}");
        let stage = p.id("stages", &form).await;
        boards.push((pipeline, stage));
    }
    let deals = [70, 8];
    for ((pipeline, stage), n) in boards.iter().zip(deals) {
        for d in 0..n {
            let company = p.id("companies", &format!("name=Firm {d} {pipeline}")).await;
            let form = format!("name=Deal {d}&pipeline_id={pipeline}&stage_id={stage}&company_id={company}");
            p.make("deals", &form).await;
        }
    }
    for ((pipeline, _), (deals, cards)) in boards.iter().zip([(70, 60), (8, 8)]) {
        let board = format!("/deals/board?pipeline={pipeline}");
        w.asked();
        let page = p.get(&board).await;
        assert_eq!(page.body.matches("<article class=\"card").count(), cards);
        assert_eq!(w.rows_of("deal"), deals, "deals of this pipeline only");
        p.get(&board).await;
        assert_eq!(
            w.rows_of("company"),
            cards,
            "companies of the cards that are drawn"
        );
    }
}
