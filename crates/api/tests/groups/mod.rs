//! Records in groups: every record counted once, within the rights of who asks.

use std::collections::BTreeMap;

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
        ("?by=company_id&sum=size", "sum"),
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
