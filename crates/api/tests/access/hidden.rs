//! What a role hides is seen through no door.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use peyvand_app::Caller;
use peyvand_app::people::NewUser;
use peyvand_core::Via;
use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use super::world::{World, map};

/// A value that a role hides is in no answer, and neither filters nor sorts; a masked one is seen in part only.
#[db_test]
async fn a_hidden_value_is_never_seen(db: TestDb) {
    let w = World::new(&db).await;
    let system = Caller::system(&w.main, Via::Cli);
    let object = Arc::clone(w.main.catalog().object("contact").unwrap());
    let rules = json!({
        "default": {"read": "all", "create": "all", "update": "all", "delete": "all", "export": "all"},
        "fields": {"contact": {"job_title": "hidden", "city": "masked", "national_id": "hidden"}}
    });
    w.app
        .save_role(&system, "clerk", Some("clerk"), Some(&rules))
        .await
        .unwrap();
    let new = NewUser {
        email: "clerk@example.com".to_owned(),
        name: "clerk".to_owned(),
        role: "clerk".to_owned(),
        active: true,
        team: None,
    };
    let id = w.app.create_user(&w.main, &new).await.unwrap();
    let token = w
        .app
        .create_token(&w.main, "clerk@example.com", "t", &["*".to_owned()])
        .await
        .unwrap();
    let json = map(json!({
        "name": {"family": "Kamali"}, "job_title": "canaryhidden", "city": "canarymasked", "national_id": "0499370899"
    }));
    let made = w.app.create(&system, &object, &json, None).await.unwrap().id();
    let changed = map(json!({"job_title": "canaryhidden two", "city": "canarymasked two"}));
    w.app.patch(&system, &object, made, &changed, None).await.unwrap();
    let at = format!("/api/v1/contacts/{made}");
    let mut seen = String::new();
    for (method, path, body) in [
        ("GET", "/api/v1/contacts".to_owned(), None),
        (
            "GET",
            "/api/v1/contacts?count=true&sort=-created_at".to_owned(),
            None,
        ),
        ("GET", "/api/v1/contacts?fields=name,city".to_owned(), None),
        ("GET", "/api/v1/contacts?q=Kamali".to_owned(), None),
        ("GET", at.clone(), None),
        ("GET", format!("{at}/audit"), None),
        ("PATCH", at.clone(), Some(json!({"first_language": null}))),
        ("PATCH", at.clone(), Some(json!({"job_title": "mine"}))),
        ("PATCH", at.clone(), Some(json!({"city": "mine"}))),
        ("GET", "/api/v1/objects".to_owned(), None),
        ("DELETE", at.clone(), None),
        ("POST", format!("{at}/restore"), None),
    ] {
        let (status, answer) = w.call(&token, method, &path, body.as_ref()).await;
        assert!(status < 500, "{method} {path}: {answer}");
        for canary in ["canaryhidden", "canarymasked", "0499370899"] {
            assert!(!answer.contains(canary), "{method} {path}: {canary} in {answer}");
        }
        seen.push_str(&answer);
    }
    assert!(seen.contains("Kamali"), "the record itself is seen");
    // What is not seen is not found by.
    let (_, found) = w
        .call(&token, "GET", "/api/v1/contacts?q=canaryhidden", None)
        .await;
    assert!(!found.contains("Kamali"), "{found}");
    for query in [
        "filter=job_title+%3D+%22canaryhidden+two%22",
        "filter=job_title+%21%3D+null",
        "filter=city+%3D+%22canarymasked+two%22",
        "filter=national_id+%3D+%220499370899%22",
        "filter=deals.any(contact_id.job_title+%3D+%22x%22)",
        "sort=job_title",
        "sort=-city",
        "fields=job_title",
        "fields=name,national_id",
    ] {
        let (status, answer) = w
            .call(&token, "GET", &format!("/api/v1/contacts?{query}"), None)
            .await;
        assert_eq!(status, 400, "{query}: {answer}");
    }
    // Nor grouped by; the control is a field that is seen.
    for (by, wanted) in [
        ("job_title", 400),
        ("city", 400),
        ("national_id", 400),
        ("owner_id", 200),
    ] {
        let (status, answer) = w
            .call(&token, "GET", &format!("/api/v1/contacts/groups?by={by}"), None)
            .await;
        assert_eq!(status, wanted, "{by}: {answer}");
    }
    // Nothing that was hidden was lost by what the clerk wrote.
    let now = w.app.get(&system, &object, made).await.unwrap();
    let job = object.field("job_title").unwrap().0;
    assert_eq!(now.get(job).as_str(), Some("canaryhidden two"));
    // And out of a file.
    let clerk = w.app.caller_of(&w.main, id, Via::Api).await.unwrap();
    for format in [
        peyvand_app::transfer::export::ExportFormat::Csv,
        peyvand_app::transfer::export::ExportFormat::Ndjson,
    ] {
        let mut out = std::io::Cursor::new(Vec::new());
        w.app
            .export(&clerk, &object, None, format, &mut out, |_| {})
            .await
            .unwrap();
        let text = String::from_utf8_lossy(out.get_ref()).into_owned();
        assert!(text.contains("Kamali"), "{format:?}");
        for canary in ["canaryhidden", "canarymasked", "0499370899"] {
            assert!(!text.contains(canary), "{format:?}: {canary}");
        }
    }
}

/// The canaries of fields that a role hides or masks.
const CANARIES: [&str; 5] = [
    "canaryhidden",
    "canarymasked",
    "0499370899",
    "987654321",
    "2188776655",
];

/// Everything that a workbook holds: all its parts, one after the other.
fn unpacked(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut out = String::new();
    for n in 0..archive.len() {
        let mut part = Vec::new();
        archive.by_index(n).unwrap().read_to_end(&mut part).unwrap();
        out.push_str(&String::from_utf8_lossy(&part));
    }
    out
}

/// Every door through which a record comes out: by the clerk none shows a hidden value, also not in what it says when it
/// refuses. The control: the same doors show all of them to an administrator.
#[db_test]
async fn no_door_shows_a_hidden_value(db: TestDb) {
    let w = World::new(&db).await;
    let system = Caller::system(&w.main, Via::Cli);
    let rules = json!({
        "default": {"read": "all", "create": "all", "update": "all", "delete": "all", "export": "all"},
        "fields": {
            "contact": {"job_title": "hidden", "city": "masked", "national_id": "hidden"},
            "deal": {"amount": "hidden"},
            "company": {"phones": "hidden"}
        }
    });
    w.app
        .save_role(&system, "clerk", Some("clerk"), Some(&rules))
        .await
        .unwrap();
    for role in ["clerk", "admin"] {
        let new = NewUser {
            email: format!("{role}@example.com"),
            name: role.to_owned(),
            role: role.to_owned(),
            active: true,
            team: None,
        };
        w.app.create_user(&w.main, &new).await.unwrap();
        let token = w
            .app
            .create_token(&w.main, &new.email, "t", &["*".to_owned()])
            .await
            .unwrap();
        let make = async |object: &str, v: Value| {
            let object = Arc::clone(w.main.catalog().object(object).unwrap());
            let made = w.app.create(&system, &object, &map(v), None).await.unwrap();
            made.id().to_string()
        };
        let company = make(
            "company",
            json!({"name": format!("Saba {role}"), "phones": ["02188776655"]}),
        )
        .await;
        let person = |family: &str, id: Option<&str>| {
            json!({
                "name": {"family": family}, "job_title": "canaryhidden", "city": "canarymasked",
                "national_id": id, "company_id": company, "phones": ["09121234567"],
            })
        };
        // One national id at a time: the other role's is gone from the records that are still looked at.
        let one = make("contact", person(&format!("Kamali {role}"), Some("0499370899"))).await;
        let two = make("contact", person(&format!("Kamali {role}"), None)).await;
        let deal = make(
            "deal",
            json!({"name": "Zagros", "contact_id": one, "amount": {"amount": "987654321", "currency": "IRR"}}),
        )
        .await;
        let contact = Arc::clone(w.main.catalog().object("contact").unwrap());
        let changed =
            map(json!({"job_title": "canaryhidden two", "city": "canarymasked two", "department": "x"}));
        w.app
            .patch(&system, &contact, one.parse().unwrap(), &changed, None)
            .await
            .unwrap();
        let at = format!("/api/v1/contacts/{one}");
        let doors = [
            ("GET", "/api/v1/contacts?count=true".to_owned(), None),
            ("GET", format!("/api/v1/contacts?q=Kamali+{role}"), None),
            ("GET", "/api/v1/contacts?fields=name,city".to_owned(), None),
            ("GET", at.clone(), None),
            ("GET", format!("{at}/audit"), None),
            ("GET", format!("{at}/timeline"), None),
            ("GET", format!("/api/v1/companies/{company}/contacts"), None),
            ("GET", format!("/api/v1/contacts/{one}/deals"), None),
            ("GET", format!("/api/v1/companies/{company}"), None),
            ("GET", format!("/api/v1/companies/{company}/contact-points"), None),
            ("GET", "/api/v1/contact-points".to_owned(), None),
            (
                "GET",
                "/api/v1/contact-points?fields=value,normalised".to_owned(),
                None,
            ),
            (
                "GET",
                "/api/v1/contact-points/groups?by=normalised".to_owned(),
                None,
            ),
            ("GET", format!("/api/v1/deals/{deal}"), None),
            ("GET", "/api/v1/deals/sums?field=amount".to_owned(), None),
            (
                "GET",
                "/api/v1/deals/sums?field=amount&filter=amount+%3E+0".to_owned(),
                None,
            ),
            (
                "GET",
                "/api/v1/deals/groups?by=owner_id&sum=amount".to_owned(),
                None,
            ),
            ("GET", "/api/v1/contacts/groups?by=city".to_owned(), None),
            (
                "GET",
                "/api/v1/deals?filter=amount+%3E+987654320&sort=-amount".to_owned(),
                None,
            ),
            (
                "POST",
                "/api/v1/contacts/duplicates".to_owned(),
                Some(json!({"name": {"family": format!("Kamali {role}")}, "phones": ["09121234567"]})),
            ),
            (
                "POST",
                "/api/v1/contacts?on_duplicate=refuse".to_owned(),
                Some(json!({"name": {"family": format!("Kamali {role}")}, "phones": ["09121234567"]})),
            ),
            (
                "PATCH",
                at.clone(),
                Some(json!({"version": 1, "department": "y"})),
            ),
            ("PATCH", at.clone(), Some(json!({"version": 1, "job_title": "y"}))),
            ("PATCH", at.clone(), Some(json!({"version": 1, "city": "y"}))),
            (
                "POST",
                "/api/v1/contacts/batch".to_owned(),
                Some(
                    json!({"items": [{"id": one, "version": 1, "city": "y"}, {"id": one, "first_language": null}]}),
                ),
            ),
            (
                "POST",
                "/api/v1/contacts/batch?atomic=true".to_owned(),
                Some(json!({"items": [{"id": one, "version": 1, "job_title": "y"}]})),
            ),
            (
                "PUT",
                "/api/v1/contacts/by-key/shop/1".to_owned(),
                Some(json!({"name": "x", "job_title": "y"})),
            ),
            ("POST", format!("{at}/merge"), Some(json!({"from": two}))),
            ("GET", format!("{at}/audit"), None),
            ("GET", format!("{at}/timeline"), None),
            ("GET", format!("{at}/consent"), None),
            ("GET", "/api/v1/objects".to_owned(), None),
            ("DELETE", at.clone(), None),
            ("GET", "/api/v1/contacts?deleted=true".to_owned(), None),
            ("POST", format!("{at}/restore"), None),
        ];
        let mut seen = String::new();
        for (method, path, body) in doors {
            let (status, answer) = w.call(&token, method, &path, body.as_ref()).await;
            assert!(status < 500, "{method} {path}: {answer}");
            if role == "clerk" {
                for canary in CANARIES {
                    assert!(!answer.contains(canary), "{method} {path}: {canary} in {answer}");
                }
            }
            seen.push_str(&answer);
        }
        for (object, format) in [
            ("contacts", "csv"),
            ("contacts", "ndjson"),
            ("contacts", "vcf"),
            ("contacts", "xlsx"),
            ("deals", "csv"),
            ("deals", "ndjson"),
            ("deals", "xlsx"),
            ("contact-points", "csv"),
            ("contact-points", "ndjson"),
            ("contact-points", "xlsx"),
        ] {
            let body = json!({"object": object, "format": format});
            let (_, begun) = w.ask(&token, "POST", "/api/v1/exports", Some(&body)).await;
            w.work().await;
            let path = format!("/api/v1/exports/{}/content", begun["id"].as_str().unwrap());
            let (status, bytes) = w.bytes(&token, &path).await;
            let text = if format == "xlsx" {
                unpacked(&bytes)
            } else {
                String::from_utf8_lossy(&bytes).into_owned()
            };
            let (there, canaries) = match object {
                "contacts" => ("Kamali", ["canaryhidden", "canarymasked"].as_slice()),
                "contact-points" => (
                    if format == "ndjson" { "mobile" } else { "id" },
                    ["2188776655"].as_slice(),
                ),
                _ => ("Zagros", ["987654321"].as_slice()),
            };
            assert!(
                status == 200 && text.contains(there),
                "{object} {format}: {status} {text}"
            );
            if role == "clerk" {
                for canary in CANARIES {
                    assert!(!text.contains(canary), "{object} {format}: {canary}");
                }
            } else if format != "vcf" {
                // The control: whoever may see it takes it out by the same door.
                for canary in canaries {
                    assert!(text.contains(canary), "{object} {format}: no {canary}");
                }
            }
        }
        if role == "admin" {
            for canary in CANARIES {
                assert!(seen.contains(canary), "the control does not show {canary}");
            }
        }
        // The national id is free again for the control.
        let none = map(json!({"national_id": null}));
        w.app
            .patch(&system, &contact, one.parse().unwrap(), &none, None)
            .await
            .unwrap();
    }
}

/// The live stream tells that a record has changed and never to what: neither the clerk's nor the administrator's holds a
/// value; a record that is not theirs is not told of at all. The control: the change itself is heard on both.
#[db_test]
async fn the_live_stream_tells_no_value(db: TestDb) {
    let w = World::new(&db).await;
    let system = Caller::system(&w.main, Via::Cli);
    let rules = json!({
        "default": {"read": "own"},
        "objects": {"contact": {"read": "all"}},
        "fields": {"contact": {"job_title": "hidden", "city": "masked"}}
    });
    w.app
        .save_role(&system, "clerk", Some("clerk"), Some(&rules))
        .await
        .unwrap();
    let object = |key: &str| Arc::clone(w.main.catalog().object(key).unwrap());
    for role in ["clerk", "admin"] {
        let (_, token) = w.person(role, role).await;
        let response = w.open(&token, "/api/v1/events").await;
        assert_eq!(response.status().as_u16(), 200);
        let mut stream = response.into_body().into_data_stream();
        let mut heard = String::new();
        let mut hear = async |words: &str| {
            let listen = async {
                while !heard.contains(words) {
                    match stream.next().await {
                        Some(Ok(bytes)) => heard.push_str(&String::from_utf8_lossy(&bytes)),
                        _ => break,
                    }
                }
            };
            drop(tokio::time::timeout(Duration::from_secs(10), listen).await);
            heard.clone()
        };
        assert!(hear("event: hello").await.contains("event: hello"));
        let deal = json!({"name": "Zagros", "amount": {"amount": "987654321", "currency": "IRR"}});
        let deal = w
            .app
            .create(&system, &object("deal"), &map(deal), None)
            .await
            .unwrap();
        let contact =
            json!({"name": {"family": "Kamali"}, "job_title": "canaryhidden", "city": "canarymasked"});
        let contact = w
            .app
            .create(&system, &object("contact"), &map(contact), None)
            .await
            .unwrap();
        let changed = map(json!({"job_title": "canaryhidden two", "city": "canarymasked two"}));
        let changed = w
            .app
            .patch(&system, &object("contact"), contact.id(), &changed, None)
            .await
            .unwrap();
        let said = format!("\"id\":\"{}\"", contact.id());
        let heard = hear(&format!(
            "{said},\"object\":\"contact\",\"version\":{}",
            changed.version()
        ))
        .await;
        assert!(heard.contains(&said), "{role}: {heard}");
        for canary in CANARIES.into_iter().chain(["Kamali", "Zagros"]) {
            assert!(!heard.contains(canary), "{role}: {canary} in {heard}");
        }
        assert_eq!(
            heard.contains(&deal.id().to_string()),
            role == "admin",
            "{role}: {heard}"
        );
    }
}

/// Whoever sees a part and sends back all that they saw loses nothing of what they did not see: record by record, member
/// by member, and by the key of another system. What is masked is not taken for a value.
#[db_test]
async fn what_is_sent_back_loses_nothing(db: TestDb) {
    let w = World::new(&db).await;
    let system = Caller::system(&w.main, Via::Cli);
    let rules = json!({
        "default": {"read": "all", "create": "all", "update": "all", "delete": "all", "export": "all"},
        "fields": {
            "contact": {"job_title": "hidden", "city": "masked", "emails": "hidden", "department": "read_only"},
            "company": {"city": "hidden", "legal_name": "masked"},
            "deal": {"amount": "hidden", "source": "hidden"}
        }
    });
    w.app
        .save_role(&system, "clerk", Some("clerk"), Some(&rules))
        .await
        .unwrap();
    let (_, clerk) = w.person("clerk", "clerk").await;
    let (_, admin) = w.person("boss", "admin").await;
    let make = async |plural: &str, body: Value| -> String {
        let path = format!("/api/v1/{plural}");
        let (status, made) = w.ask(&admin, "POST", &path, Some(&body)).await;
        assert_eq!(status, 201, "{made}");
        made["id"].as_str().unwrap().to_owned()
    };
    let company = make(
        "companies",
        json!({"name": "Saba", "legal_name": "Saba Trading", "city": "Shiraz"}),
    )
    .await;
    let contact = json!({
        "name": {"family": "Kamali"}, "job_title": "canaryhidden", "city": "canarymasked", "department": "Sales",
        "emails": ["a@example.com", "b@example.com"], "phones": ["09121234567"], "company_id": company
    });
    let contact = make("contacts", contact).await;
    let deal = json!({"name": "Zagros", "contact_id": contact, "amount": {"amount": "987654321", "currency": "IRR"}});
    let deal = make("deals", deal).await;
    let whole = async |path: &str| -> Value {
        let (status, mut all) = w.ask(&admin, "GET", path, None).await;
        assert_eq!(status, 200, "{all}");
        for own in ["version", "updated_at", "updated_by"] {
            all.as_object_mut().unwrap().remove(own);
        }
        all
    };
    let mut taken = 0;
    for (plural, id) in [("companies", &company), ("contacts", &contact), ("deals", &deal)] {
        let path = format!("/api/v1/{plural}/{id}");
        let before = whole(&path).await;
        let (status, seen) = w.ask(&clerk, "GET", &path, None).await;
        assert_eq!(status, 200);
        let seen = seen.as_object().unwrap().clone();
        assert!(seen.len() < before.as_object().unwrap().len() + 3, "{seen:?}");
        // All at once, then each by itself: what is not theirs to write is refused by name.
        let (status, answer) = w
            .ask(&clerk, "PATCH", &path, Some(&Value::Object(seen.clone())))
            .await;
        assert!(status < 500, "{answer}");
        for (member, value) in &seen {
            let body = json!({ member: value });
            let (status, answer) = w.ask(&clerk, "PATCH", &path, Some(&body)).await;
            assert!(status < 500, "{member}: {answer}");
            taken += u32::from(status == 200);
        }
        assert_eq!(whole(&path).await, before, "{plural}");
    }
    assert!(taken > 20, "{taken} members were taken back");
    // By a key of another system: what is named is written, the rest stays.
    let by_key = "/api/v1/contacts/by-key/shop/77";
    let full = json!({"name": {"family": "Rad"}, "job_title": "canaryhidden", "city": "canarymasked"});
    let (status, full) = w.ask(&admin, "PUT", by_key, Some(&full)).await;
    assert_eq!(status, 201, "{full}");
    let path = format!("/api/v1/contacts/{}", full["id"].as_str().unwrap());
    let before = whole(&path).await;
    let (status, answer) = w
        .ask(&clerk, "PUT", by_key, Some(&json!({"name": {"family": "Rad"}})))
        .await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(whole(&path).await, before);
}
