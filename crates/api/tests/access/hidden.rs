//! What a role hides is seen through no door.

use std::sync::Arc;

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
    // Nothing that was hidden was lost by what the clerk wrote.
    let now = w.app.get(&system, &object, made).await.unwrap();
    let job = object.field("job_title").unwrap().0;
    assert_eq!(now.get(job).as_str(), Some("canaryhidden two"));
    // And out of a file.
    let (policy, language) = w.app.policy_of(&w.main, id, "*").await.unwrap();
    let clerk = Caller {
        workspace: Arc::clone(&w.main),
        actor: peyvand_core::Actor::User(id),
        via: Via::Api,
        policy,
        language,
    };
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
const CANARIES: [&str; 4] = ["canaryhidden", "canarymasked", "0499370899", "987654321"];

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
            "deal": {"amount": "hidden"}
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
        let company = make("company", json!({"name": format!("Saba {role}")})).await;
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
            json!({"name": "d", "contact_id": one, "amount": {"amount": "987654321", "currency": "IRR"}}),
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
            ("GET", format!("/api/v1/deals/{deal}"), None),
            ("GET", "/api/v1/deals/sums?field=amount".to_owned(), None),
            (
                "GET",
                "/api/v1/deals/sums?field=amount&filter=amount+%3E+0".to_owned(),
                None,
            ),
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
        for format in ["csv", "ndjson", "vcf"] {
            let body = json!({"object": "contacts", "format": format});
            let (_, answer) = w.call(&token, "POST", "/api/v1/exports", Some(&body)).await;
            let begun: Value = serde_json::from_str(&answer).unwrap();
            w.work().await;
            let path = format!("/api/v1/exports/{}/content", begun["id"].as_str().unwrap());
            let (status, text) = w.call(&token, "GET", &path, None).await;
            assert!(
                status == 200 && text.contains("Kamali"),
                "{format}: {status} {text}"
            );
            if role == "clerk" {
                for canary in CANARIES {
                    assert!(!text.contains(canary), "{format}: {canary}");
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
