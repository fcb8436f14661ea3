//! Records in groups: every record counted once, within the rights of who asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use peyvand_catalog::Catalog;
use peyvand_core::{Id, WorkspaceId};
use peyvand_record::{Batch, Change, Record, Value as Stored};
use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use crate::world::{Answer, World};

fn bytes(v: &Value) -> Vec<u8> {
    v.to_string().into_bytes()
}

async fn made(w: &World, token: &str, plural: &str, body: &Value) -> String {
    let a = w
        .call_as(token, "POST", &format!("/{plural}"), &[], &bytes(body))
        .await;
    assert_eq!(a.status, 201, "{}", a.json);
    a.json["id"].as_str().expect("an id").to_owned()
}

async fn grouped(w: &World, token: &str, query: &str) -> Answer {
    w.call_as(token, "GET", query, &[], b"").await
}

/// Value and count of each group.
fn counts(a: &Answer) -> Vec<(String, i64)> {
    a.json["data"]
        .as_array()
        .unwrap_or_else(|| panic!("{}", a.json))
        .iter()
        .map(|g| {
            let value = g["value"]
                .as_str()
                .map_or_else(|| g["value"].to_string(), str::to_owned);
            (value, g["count"].as_i64().expect("a count"))
        })
        .collect()
}

#[db_test]
async fn records_are_grouped_by_choices_and_links_with_sums(db: TestDb) {
    let w = World::on(db).await;
    let admin = w.token(&["*"]).await;
    let (saba, ava) = (
        made(&w, &admin, "companies", &json!({"name": "Saba"})).await,
        made(&w, &admin, "companies", &json!({"name": "آوا"})).await,
    );
    let irr = |n: i64| json!({"amount": n.to_string(), "currency": "IRR"});
    for (company, amount) in [
        (Some(&saba), Some(100)),
        (Some(&saba), Some(250)),
        (Some(&saba), None),
        (Some(&ava), Some(7)),
        (None, Some(40)),
    ] {
        let mut deal = json!({"name": "d"});
        if let Some(id) = company {
            deal["company_id"] = json!(id);
        }
        if let Some(n) = amount {
            deal["amount"] = irr(n);
        }
        made(&w, &admin, "deals", &deal).await;
    }
    // Largest first, groups of one size in a settled order; the title of what is linked; sums as amounts.
    let a = grouped(&w, &admin, "/deals/groups?by=company_id&sum=amount").await;
    assert_eq!(
        (a.status, &a.json["total"], &a.json["rest"]),
        (200, &json!(5), &Value::Null),
        "{}",
        a.json
    );
    assert_eq!(a.json["by"], "company_id");
    let first = &a.json["data"][0];
    assert_eq!(
        *first,
        json!({"value": saba, "title": "Saba", "count": 3, "sums": {"amount": irr(350)}})
    );
    let others: BTreeMap<String, Value> = (1..3)
        .map(|n| a.json["data"][n].clone())
        .map(|g| (g["value"].to_string(), g["sums"]["amount"].clone()))
        .collect();
    assert_eq!(
        others,
        BTreeMap::from([(json!(ava).to_string(), irr(7)), ("null".to_owned(), irr(40))])
    );
    // The largest one and the rest.
    let a = grouped(&w, &admin, "/deals/groups?by=company_id&sum=amount&limit=1").await;
    assert_eq!(
        (counts(&a), &a.json["total"]),
        (vec![(saba.clone(), 3)], &json!(5))
    );
    assert_eq!(a.json["rest"], json!({"count": 2, "sums": {"amount": irr(47)}}));
    // A filter narrows; what is in the recycle bin is not counted; nothing to sum is null.
    let a = grouped(
        &w,
        &admin,
        "/deals/groups?by=company_id&sum=amount&filter=amount+%3D+null",
    )
    .await;
    assert_eq!(
        a.json["data"],
        json!([{"value": saba, "title": "Saba", "count": 1, "sums": {"amount": null}}])
    );
    for (name, city, vip) in [
        ("a", "Shiraz", true),
        ("b", "Shiraz", false),
        ("c", "Yazd", false),
    ] {
        let kind = if vip { "partner" } else { "customer" };
        made(
            &w,
            &admin,
            "companies",
            &json!({"name": name, "city": city, "kind": kind}),
        )
        .await;
    }
    let a = grouped(&w, &admin, "/companies/groups?by=city").await;
    assert_eq!(a.status, 200, "{}", a.json);
    let mut by_city = counts(&a);
    by_city.sort();
    assert_eq!(
        by_city,
        [("Shiraz", 2), ("Yazd", 1), ("null", 2)].map(|(c, n)| (c.to_owned(), n))
    );
    assert_eq!(a.json["data"][0]["sums"], json!({}));
    let gone = made(&w, &admin, "companies", &json!({"name": "gone", "city": "Rasht"})).await;
    w.call("DELETE", &format!("/companies/{gone}"), &[], b"").await;
    assert!(
        !grouped(&w, &admin, "/companies/groups?by=city")
            .await
            .json
            .to_string()
            .contains("Rasht")
    );

    // What cannot be grouped by or summed is refused by the name of the parameter.
    w.own_field("deal", "size").await;
    for (query, parameter) in [
        ("", "by"),
        ("?by=nothing", "by"),
        ("?by=amount", "by"),
        ("?by=created_at", "by"),
        ("?by=size", "by"),
        ("?by=company_id&sum=name", "sum"),
        ("?by=company_id&sum=amount,nothing", "sum"),
        ("?by=company_id&sum=amount,amount", "sum"),
        ("?by=company_id&limit=0", "limit"),
        ("?by=company_id&limit=501", "limit"),
        ("?by=company_id&sort=name", "sort"),
    ] {
        let a = grouped(&w, &admin, &format!("/deals/groups{query}")).await;
        assert_eq!(
            (a.status, &a.json["parameter"]),
            (400, &json!(parameter)),
            "{query}: {}",
            a.json
        );
    }
    // A number of the workspace's own is summed as the product's are.
    let body = json!({"name": "sized", "company_id": ava, "size": 12});
    let sized = made(&w, &admin, "deals", &body).await;
    let a = grouped(
        &w,
        &admin,
        "/deals/groups?by=company_id&sum=size&filter=size+%21%3D+null",
    )
    .await;
    assert_eq!(
        a.json["data"],
        json!([{"value": ava, "title": "آوا", "count": 1, "sums": {"size": 12}}])
    );
    w.call("DELETE", &format!("/deals/{sized}"), &[], b"").await;
    let a = grouped(&w, &admin, "/deals/groups?by=company_id&filter=nothing+%3D+1").await;
    assert_eq!((a.status, &a.json["code"]), (400, &json!("bad-filter")));
    // Sums beyond what can be held are refused, not wrapped.
    for _ in 0..2 {
        made(
            &w,
            &admin,
            "deals",
            &json!({"name": "huge", "amount": irr(i64::MAX)}),
        )
        .await;
    }
    let a = grouped(&w, &admin, "/deals/groups?by=company_id&sum=amount").await;
    assert_eq!(
        (a.status, &a.json["code"]),
        (422, &json!("sum-overflow")),
        "{}",
        a.json
    );
}

/// A seller groups what a seller sees: their own, however the question is put.
#[db_test]
async fn groups_hold_only_what_the_caller_may_read(db: TestDb) {
    let w = World::on(db).await;
    let admin = w.token(&["*"]).await;
    let seller = w.person("seller").await;
    let theirs = made(
        &w,
        &admin,
        "companies",
        &json!({"name": "Hidden from sellers", "city": "Tabriz"}),
    )
    .await;
    made(
        &w,
        &admin,
        "deals",
        &json!({"name": "theirs", "company_id": theirs}),
    )
    .await;
    made(&w, &seller, "deals", &json!({"name": "own"})).await;
    let all = grouped(&w, &admin, "/deals/groups?by=company_id").await;
    assert_eq!(all.json["total"], 2);
    let own = grouped(&w, &seller, "/deals/groups?by=company_id").await;
    assert_eq!(counts(&own), [("null".to_owned(), 1)], "{}", own.json);
    assert!(!own.json.to_string().contains(&theirs));
    // Another workspace has none of it, and a token without the right is refused.
    let foreign = w.other.clone();
    assert_eq!(
        grouped(&w, &foreign, "/deals/groups?by=company_id").await.json["total"],
        0
    );
    let narrow = w.token(&["contacts:read"]).await;
    assert_eq!(
        grouped(&w, &narrow, "/deals/groups?by=company_id").await.status,
        403
    );
}

/// Fields of a workspace's own group as those of the catalog do, whatever plain type they have, page by page.
#[db_test]
async fn records_are_grouped_by_fields_of_the_workspace(db: TestDb) {
    let w = World::on(db).await;
    let admin = w.token(&["*"]).await;
    let label = |fa: &str| json!({"fa": fa, "en": fa});
    let own = |key: &str, ty: &str| json!({"key": key, "type": ty, "label": label(key), "sort": true});
    let mut all = vec![
        own("floor", "number"),
        own("seen_on", "date"),
        own("keen", "boolean"),
        own("nick", "text"),
    ];
    let mut link = own("helper_id", "link");
    link["to"] = json!("contact");
    link.as_object_mut().expect("a field").remove("sort");
    all.push(link);
    let mut size = own("shirt", "choice");
    size["choices"] =
        json!([{"key": "small", "fa": "کوچک", "en": "Small"}, {"key": "large", "fa": "بزرگ", "en": "Large"}]);
    all.push(size);
    let body = json!({"schema": {"fields": {"contact": all}}});
    let a = w
        .call_as(&admin, "POST", "/schema/apply", &[], &bytes(&body))
        .await;
    assert_eq!(a.status, 200, "{}", a.json);
    let helper = made(&w, &admin, "contacts", &json!({"name": "Helper"})).await;
    for (n, (shirt, floor, seen_on, nick)) in [
        ("small", 3, "2026-11-22", "a"),
        ("small", 3, "2026-11-22", "b"),
        ("large", 3, "2026-11-21", "a"),
        ("large", 3, "2026-11-22", "a"),
        ("large", -1, "2026-11-21", "b"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({
            "name": format!("c{n}"), "shirt": shirt, "floor": floor,
            "seen_on": seen_on, "keen": n < 4, "nick": nick, "helper_id": helper,
        });
        made(&w, &admin, "contacts", &body).await;
    }
    // The helper has none of it.
    for (by, wanted) in [
        ("shirt", vec![("large", 3), ("small", 2), ("null", 1)]),
        ("floor", vec![("3", 4), ("-1", 1), ("null", 1)]),
        ("seen_on", vec![("2026-11-22", 3), ("2026-11-21", 2), ("null", 1)]),
        ("keen", vec![("true", 4), ("false", 1), ("null", 1)]),
        ("nick", vec![("a", 3), ("b", 2), ("null", 1)]),
        ("helper_id", vec![(helper.as_str(), 5), ("null", 1)]),
    ] {
        let wanted: Vec<(String, i64)> = wanted.into_iter().map(|(v, n)| (v.to_owned(), n)).collect();
        let a = grouped(&w, &admin, &format!("/contacts/groups?by={by}")).await;
        assert_eq!((a.status, &a.json["total"]), (200, &json!(6)), "{by}: {}", a.json);
        assert_eq!(counts(&a), wanted, "{by}");
        // One at a time.
        let (mut told, mut cursor) = (Vec::new(), String::new());
        loop {
            let a = grouped(&w, &admin, &format!("/contacts/groups?by={by}&limit=1{cursor}")).await;
            assert_eq!(a.status, 200, "{by}: {}", a.json);
            told.extend(counts(&a));
            match a.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(told, wanted, "{by}");
    }
    let a = grouped(&w, &admin, "/contacts/groups?by=helper_id").await;
    assert_eq!(a.json["data"][0]["title"], "Helper");
    let a = grouped(
        &w,
        &admin,
        "/contacts/groups?by=shirt&sum=floor&filter=nick+%3D+%22a%22",
    )
    .await;
    assert_eq!(
        counts(&a),
        [("large".to_owned(), 2), ("small".to_owned(), 1)],
        "{}",
        a.json
    );
    assert_eq!(a.json["data"][0]["sums"]["floor"], 6, "{}", a.json);
}

/// Lists are counted to 10,000; groups to the end.
#[db_test]
async fn more_records_than_a_list_counts_are_all_grouped(db: TestDb) {
    let w = World::on(db).await;
    let colours = ["lapis", "violet", "saffron"];
    let mut sent = BTreeMap::<&str, i64>::new();
    for part in 0..11 {
        let items: Vec<Value> = (0..910)
            .map(|n| {
                let colour = colours[(part * 7 + n * n) % colours.len()];
                *sent.entry(colour).or_default() += 1;
                json!({"name": format!("tag {part} {n}"), "color": colour})
            })
            .collect();
        let a = w
            .call("POST", "/tags/batch", &[], &bytes(&json!({"items": items})))
            .await;
        assert_eq!(a.status, 200, "{}", a.json);
    }
    let a = grouped(&w, &w.token(&["*"]).await, "/tags/groups?by=color").await;
    assert_eq!(a.json["total"], 10_010, "{}", a.json);
    let told: BTreeMap<String, i64> = counts(&a).into_iter().collect();
    assert_eq!(told, sent.into_iter().map(|(c, n)| (c.to_owned(), n)).collect());
    // As many groups as records: the first of them and what is left.
    let a = grouped(&w, &w.token(&["*"]).await, "/tags/groups?by=name&limit=3").await;
    assert_eq!(a.json["data"].as_array().map(Vec::len), Some(3));
    assert_eq!(a.json["rest"]["count"], 10_007);
}

/// However many records are linked to, their groups come page by page: each once, the larger before the smaller.
#[db_test]
async fn groups_by_a_link_have_pages_without_end(db: TestDb) {
    const TARGETS: usize = 10_100;
    let (store, layout, all, ids) = (
        Arc::clone(&db.store),
        Arc::clone(&db.layout),
        Arc::clone(&db.all),
        Arc::clone(&db.ids),
    );
    let mut context = db.context();
    // The workspace that the world makes first.
    context.workspace = WorkspaceId(1);
    let w = World::on(db).await;
    let catalog = Catalog::standard();
    let object = |key: &str| catalog.object(key).expect("an object");
    let (company, deal) = (object("company"), object("deal"));
    let new = |object, field: &str, value| {
        let mut r = Record::new(object, ids.next(context.now), context.now, context.actor);
        r.set(object.field(field).expect("a field").0, value);
        r
    };
    let mut records = Vec::new();
    let mut sizes = BTreeMap::<Option<Id>, i64>::new();
    for n in 0..TARGETS {
        let c = new(company, "name", Stored::text(format!("Company {n}")));
        let id = c.id();
        records.push(c);
        // Every hundredth has three deals, the others one.
        let size = if n % 100 == 0 { 3 } else { 1 };
        sizes.insert(Some(id), size);
        records.extend((0..size).map(|_| new(deal, "company_id", Stored::Id(id))));
    }
    // Two deals are of nobody: they stand between the groups of three and those of one.
    sizes.insert(None, 2);
    records.extend((0..2).map(|n| new(deal, "name", Stored::text(format!("free {n}")))));
    for part in records.chunks(1_000) {
        let batch = Batch {
            changes: part.iter().map(|r| Change::Insert(Box::new(r.clone()))).collect(),
            ..Batch::default()
        };
        store.apply(&context, &layout, &all, &batch).await.expect("added");
    }
    let total: i64 = sizes.values().sum();
    let token = w.token(&["*"]).await;
    let mut seen = BTreeMap::new();
    let mut order = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/deals/groups?by=company_id&limit=500{cursor}");
        let a = grouped(&w, &token, &path).await;
        assert_eq!((a.status, &a.json["total"]), (200, &json!(total)), "{}", a.json);
        let mut told = 0;
        for g in a.json["data"].as_array().expect("groups") {
            let id = g["value"].as_str().map(|v| v.parse::<Id>().expect("an id"));
            let count = g["count"].as_i64().expect("a count");
            told += count;
            order.push(count);
            assert_eq!(seen.insert(id, count), None, "told twice: {g}");
            assert_eq!(g["title"].is_string(), id.is_some(), "{g}");
        }
        assert_eq!(a.json["rest"]["count"], total - told);
        match a.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(seen == sizes, "{} of {} groups", seen.len(), sizes.len());
    assert!(order.is_sorted_by(|a, b| a >= b), "the larger first");
    // A place that is none of this field is refused by name.
    for wrong in [
        "nonsense", "1", "1.t", "1.tabc", "1.w5", "1.e5", "1.r5", "x.e", "-1.e",
    ] {
        let a = grouped(&w, &token, &format!("/deals/groups?by=company_id&cursor={wrong}")).await;
        assert_eq!(
            (a.status, &a.json["parameter"]),
            (400, &json!("cursor")),
            "{wrong}"
        );
    }
}
