//! What is written is what is kept, or it is refused: texts, links to oneself, days, numbers and amounts that cannot be.

use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::World;

#[db_test]
async fn a_note_loses_no_word(db: TestDb) {
    let w = World::on(db).await;
    let contact = w.make("contacts", &json!({"name": "Sara"})).await;
    for (written, kept) in [
        ("x<y then rest of text", "<p>x&lt;y then rest of text</p>"),
        ("if a<b then c>d", "<p>if a&lt;b then c&gt;d</p>"),
        (
            "ask <sara@example.com> or <List>",
            "<p>ask &lt;sara@example.com&gt; or &lt;List&gt;</p>",
        ),
        ("one </3 two <! three", "<p>one &lt;/3 two &lt;! three</p>"),
        ("text", "<p>text</p>"),
        ("line1\nline2", "<p>line1</p><p>line2</p>"),
        ("<p>a <b>b</b> x<y c</p>", "<p>a <b>b</b> x&lt;y c</p>"),
        ("<p>a</p><script>b</script>", "<p>a</p>"),
    ] {
        let body = json!({"contact_id": contact, "body": written});
        let a = w.send("POST", "/notes", &body).await;
        assert_eq!(a.json["body"], kept, "{written}: {}", a.json);
        let id = a.json["id"].as_str().expect("an id");
        let again = json!({"body": a.json["body"]});
        let a = w.send("PATCH", &format!("/notes/{id}"), &again).await;
        assert_eq!(a.json["body"], kept, "{written}: the same when it comes back");
        assert_eq!(a.json["version"], 1, "{written}: nothing has changed");
    }
}

#[db_test]
async fn tags_are_found_by_their_names(db: TestDb) {
    let w = World::on(db).await;
    w.make("tags", &json!({"name": "مهم"})).await;
    w.make("tags", &json!({"name": "Key account"})).await;
    w.make("companies", &json!({"name": "Saba"})).await;
    for (filter, status) in [
        ("tagged(\"مهم\")", 200),
        ("tagged(\"مهم\") OR tagged(\"key ACCOUNT\")", 200),
        ("NOT tagged(\"Key account\")", 200),
        ("tagged(\"nobody has it\")", 400),
    ] {
        let encoded: String = filter.bytes().map(|b| format!("%{b:02x}")).collect();
        let a = w
            .call("GET", &format!("/companies?filter={encoded}"), &[], b"")
            .await;
        assert_eq!(a.status, status, "{filter}: {}", a.json);
        if filter.starts_with("NOT") {
            assert_eq!(a.json["data"].as_array().map(Vec::len), Some(1));
        }
    }
}

#[db_test]
async fn nothing_stands_under_itself(db: TestDb) {
    let w = World::on(db).await;
    for (plural, link) in [
        ("companies", "parent_id"),
        ("companies", "tier_above_id"),
        ("categories", "parent_id"),
        ("territories", "parent_id"),
        ("products", "variant_of_id"),
        ("teams", "parent_id"),
    ] {
        let mut ids = Vec::new();
        for name in ["a", "b", "c"] {
            ids.push(
                w.make(plural, &json!({"name": format!("{plural} {link} {name}")}))
                    .await,
            );
        }
        let put = async |of: &str, to: &str| {
            w.send("PATCH", &format!("/{plural}/{of}"), &json!({link: to}))
                .await
        };
        let wrong = format!("422 {link} leads-back");
        assert_eq!(put(&ids[0], &ids[0]).await.fault(), wrong, "{plural}: itself");
        assert_eq!(put(&ids[1], &ids[0]).await.status, 200, "{plural}: b under a");
        assert_eq!(put(&ids[2], &ids[1]).await.status, 200, "{plural}: c under b");
        assert_eq!(put(&ids[0], &ids[2]).await.fault(), wrong, "{plural}: a under c");
        assert_eq!(put(&ids[2], &ids[0]).await.status, 200, "{plural}: c under a");
    }
    let contact = w.make("contacts", &json!({"name": "Sara"})).await;
    let a = w
        .send(
            "PATCH",
            &format!("/contacts/{contact}"),
            &json!({"referred_by_id": contact}),
        )
        .await;
    assert_eq!(a.fault(), "422 referred_by_id leads-back");
}

/// Of two who put each under the other at once, one is refused.
#[db_test]
async fn no_circle_is_made_by_two_at_once(db: TestDb) {
    let w = World::on(db).await;
    for round in 0..5 {
        let mut ids = Vec::new();
        for name in ["a", "b"] {
            ids.push(
                w.make("companies", &json!({"name": format!("{name} {round}")}))
                    .await,
            );
        }
        let put = |of: String, to: String| {
            let w = w.clone();
            async move {
                w.send("PATCH", &format!("/companies/{of}"), &json!({"parent_id": to}))
                    .await
                    .status
            }
        };
        let (x, y) = tokio::join!(
            put(ids[0].clone(), ids[1].clone()),
            put(ids[1].clone(), ids[0].clone())
        );
        let mut both = [x, y];
        both.sort_unstable();
        assert_eq!(both, [200, 422], "round {round}");
    }
}

#[db_test]
async fn what_cannot_be_is_refused_beside_its_field(db: TestDb) {
    let w = World::on(db).await;
    for (plural, body, said) in [
        (
            "contacts",
            json!({"name": "a", "birth_date": "2999-01-01"}),
            "422 birth_date in-the-future",
        ),
        (
            "contacts",
            json!({"name": "a", "national_id": "0499370898"}),
            "422 national_id bad-identifier",
        ),
        (
            "deals",
            json!({"name": "a", "amount": {"amount": "-1", "currency": "IRR"}}),
            "422 amount negative-amount",
        ),
        (
            "contacts",
            json!({"name": "a", "time_zone": "Tehran"}),
            "422 time_zone unknown-zone",
        ),
        (
            "working-hours",
            json!({"name": "a", "week": {}, "time_zone": "GMT+25"}),
            "422 time_zone unknown-zone",
        ),
    ] {
        let a = w.send("POST", &format!("/{plural}"), &body).await;
        assert_eq!(a.fault(), said, "{}", a.json);
    }
    // A zone is written as its database writes it.
    let zoned = w
        .make("contacts", &json!({"name": "a", "time_zone": " asia/tehran"}))
        .await;
    let a = w.call("GET", &format!("/contacts/{zoned}"), &[], b"").await;
    assert_eq!(a.json["time_zone"], "Asia/Tehran", "{}", a.json);
    // A right one, and one of another country.
    for id in ["0499370899", "P1234567"] {
        w.make("contacts", &json!({"name": id, "national_id": id})).await;
    }
}

#[db_test]
async fn a_new_deal_stands_on_the_board(db: TestDb) {
    let w = World::on(db).await;
    let pipeline = w
        .make("pipelines", &json!({"name": "Sales", "position": 1}))
        .await;
    let mut first = String::new();
    for (position, name) in ["First", "Second"].into_iter().enumerate() {
        let stage = json!({
            "name": name, "pipeline_id": pipeline, "position": position, "kind": "open", "probability": 10
        });
        let id = w.make("stages", &stage).await;
        if position == 0 {
            first = id;
        }
    }
    let single = w.make("deals", &json!({"name": "alone"})).await;
    let many = w
        .send(
            "POST",
            "/deals/batch",
            &json!({"items": [{"name": "one of many"}]}),
        )
        .await;
    let keyed = w
        .send("PUT", "/deals/by-key/crm/1", &json!({"name": "keyed"}))
        .await;
    let ids = [
        single,
        many.json["data"][0]["id"].as_str().expect("an id").to_owned(),
        keyed.json["id"].as_str().expect("an id").to_owned(),
    ];
    for id in ids {
        let a = w.call("GET", &format!("/deals/{id}"), &[], b"").await;
        assert_eq!(a.json["stage_id"], first, "{}", a.json);
        assert_eq!(a.json["pipeline_id"], pipeline);
        assert_eq!(a.json["probability"], 10);
        for key in ["opened_on", "stage_entered_at"] {
            assert!(a.json[key].is_string(), "{key}: {}", a.json);
        }
    }
}
