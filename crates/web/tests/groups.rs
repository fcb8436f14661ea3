//! Lists in groups by a link to more records than can stand by name.

mod common;

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::StatusCode;
use common::{Place, between, enc, place_on};
use peyvand_core::Id;
use peyvand_record::{Batch, Change, Record, Value};
use peyvand_testkit::{TestDb, db_test};

/// More than stand by name, than are read at once, and than a list counts.
const TARGETS: usize = 10_100;
/// Deals of the largest of them: more than a page has.
const LARGEST: usize = 60;

/// Companies with deals: the first has many, the second two, all others one. The ids of the companies and, by deal, the
/// company of each.
async fn filled(db: &TestDb, p: &Place) -> (Vec<Id>, HashMap<Id, Id>) {
    let mut context = db.context();
    context.workspace = p.workspace.id;
    let catalog = p.workspace.catalog();
    let (company, deal) = (
        catalog.object("company").unwrap(),
        catalog.object("deal").unwrap(),
    );
    let new = |object, values: &[(&str, Value)]| {
        let mut r = Record::new(object, db.id(), context.now, context.actor);
        for (field, value) in values {
            r.set(object.field(field).unwrap().0, value.clone());
        }
        r
    };
    let (mut records, mut companies, mut deals) = (Vec::new(), Vec::new(), HashMap::new());
    for n in 0..TARGETS {
        let c = new(company, &[("name", Value::text(format!("Company {n}")))]);
        for k in 0..[LARGEST, 2].get(n).copied().unwrap_or(1) {
            let name = Value::text(format!("Deal {n} {k}"));
            let d = new(deal, &[("name", name), ("company_id", Value::Id(c.id()))]);
            deals.insert(d.id(), c.id());
            records.push(d);
        }
        companies.push(c.id());
        records.push(c);
    }
    for part in records.chunks(500) {
        let batch = Batch {
            changes: part.iter().map(|r| Change::Insert(Box::new(r.clone()))).collect(),
            ..Batch::default()
        };
        let layout = Arc::clone(&p.workspace.layout);
        db.store.apply(&context, &layout, &db.all, &batch).await.unwrap();
    }
    (companies, deals)
}

/// The groups of a page: what their heads say and the deals under them.
fn groups(page: &str) -> Vec<(String, Vec<Id>)> {
    let rows = between(page, "<tbody id=\"rows\">", "</tbody>");
    rows.split("<tr class=\"group\">")
        .skip(1)
        .map(|g| {
            let (head, rows) = g.split_once("</tr>").unwrap();
            let ids = rows.split("data-id=\"").skip(1);
            let ids = ids.map(|r| r.split('"').next().unwrap().parse().unwrap());
            (head.to_owned(), ids.collect())
        })
        .collect()
}

/// The address of the next page.
fn next(page: &str) -> Option<String> {
    let to = between(page, "rel=\"next\" href=\"", "\"");
    (!to.is_empty()).then(|| to.replace("&#38;", "&").replace("&amp;", "&"))
}

#[db_test]
async fn a_list_grouped_by_more_links_than_stand_by_name_goes_on_to_the_last(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let (companies, deals) = filled(&db, &p).await;
    let mut at = Some("/deals?group=company_id&columns=name".to_owned());
    let mut seen: HashMap<Id, usize> = HashMap::new();
    let mut pages = 0;
    while let Some(path) = at {
        let got = p.get(&path).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
        let page = got.body;
        let found = groups(&page);
        for (head, ids) in &found {
            for id in ids {
                *seen.entry(*id).or_default() += 1;
                // A deal stands under its own company.
                if let Some(company) = deals.get(id) {
                    assert!(head.contains(&company.to_string()), "{head}");
                }
            }
        }
        match pages {
            0 => {
                assert!(page.contains("the largest come first"));
                assert_eq!(found.len(), 1);
                assert!(found[0].0.contains("<b class=\"count\">60</b>"), "{}", found[0].0);
                // It grows between the pages: nothing of it is lost for that.
                p.make(
                    "deals",
                    &format!("name=Late&company_id=Company+0&company_id.id={}", companies[0]),
                )
                .await;
            }
            1 => {
                assert!(found[0].0.contains("<b class=\"count\">61</b>"), "{}", found[0].0);
                assert!(found[1].0.contains("<b class=\"count\">2</b>"), "{}", found[1].0);
                assert!(found[2].0.contains("<b class=\"count\">1</b>"), "{}", found[2].0);
            }
            _ => {}
        }
        pages += 1;
        assert!(pages < TARGETS, "no end");
        at = next(&page);
    }
    for id in deals.keys() {
        assert_eq!(seen.get(id), Some(&1), "a deal is told once");
    }
    assert!(pages > TARGETS / 50, "{pages} pages");

    // Folded, the largest is its head alone; the next ones follow.
    let folded = format!("/deals?group=company_id&columns=name&fold={}", companies[0]);
    let found = groups(&p.get(&folded).await.body);
    assert!(found[0].0.contains("aria-expanded=\"false\"") && found[0].1.is_empty());
    assert_eq!(found[1].1.len(), 2);
    // A filter that leaves few brings them back to their names.
    let few = format!(
        "/deals?group=company_id&columns=name&filter={}",
        enc("name = \"Deal 7 0\" OR name = \"Deal 5 0\"")
    );
    let page = p.get(&few).await.body;
    assert!(!page.contains("the largest come first"));
    let heads: Vec<String> = groups(&page).into_iter().map(|(h, _)| h).collect();
    assert!(
        heads.len() == 2 && heads[0].contains("Company 5") && heads[1].contains("Company 7"),
        "{heads:?}"
    );
    // A place that was made up is refused, whatever it claims to be.
    for wrong in ["1.tabc~", "1.w5~", "1.e~", "9.r~", "nonsense~"] {
        let path = format!("/deals?group=company_id&cursor={}", enc(wrong));
        let status = p.get(&path).await.status;
        let fits = wrong == "1.e~";
        assert_eq!(
            status,
            if fits {
                StatusCode::OK
            } else {
                StatusCode::BAD_REQUEST
            },
            "{wrong}"
        );
    }
}
