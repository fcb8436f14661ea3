//! An address that a role does not see is seen neither where it stands as a field nor where it stands as a record.

use peyvand_app::Caller;
use peyvand_core::{Id, Via};
use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use super::world::World;

/// The addresses of one person and one company, as they are written and as they are kept.
const ADDRESSES: [&str; 4] = ["9121234567", "sara@example.com", "2188776655", "info@example.com"];

/// Two who own what they made and may read every company: `unseen` does not see these fields, `seen` sees all.
async fn role(w: &World, name: &str, fields: Value) -> (Id, String) {
    let rules = json!({
        "default": {"read": "own", "create": "own", "update": "own", "delete": "own", "export": "own"},
        "objects": {"company": {"read": "all"}, "contact_point": {"read": "all", "export": "all"}},
        "fields": fields
    });
    let system = Caller::system(&w.main, Via::Cli);
    w.app
        .save_role(&system, name, Some(name), Some(&rules))
        .await
        .unwrap();
    w.person(name, name).await
}

async fn made(w: &World, token: &str, plural: &str, body: Value) -> String {
    let (status, made) = w
        .ask(token, "POST", &format!("/api/v1/{plural}"), Some(&body))
        .await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

/// Whoever does not see the telephone numbers or the e-mail addresses of people or companies sees none by their contact
/// points, by messages, by refusals or in files, and none can be guessed. The control: the same doors show the first
/// address to whom no field is closed.
#[db_test]
async fn an_unseen_address_is_in_no_contact_point(db: TestDb) {
    let w = World::new(&db).await;
    let (_, boss) = w.person("boss", "admin").await;
    for (n, fields, unseen) in [
        (0, json!({}), None),
        (1, json!({"contact": {"phones": "masked"}}), Some(0)),
        (
            2,
            json!({"contact": {"phones": "hidden"}, "company": {"emails": "masked"}}),
            Some(0),
        ),
        (3, json!({"contact": {"emails": "hidden"}}), Some(1)),
        (4, json!({"company": {"phones": "hidden"}}), Some(2)),
        (5, json!({"company": {"emails": "masked"}}), Some(3)),
    ] {
        let (owner, token) = role(&w, &format!("role{n}"), fields.clone()).await;
        let company = json!({"name": "Saba", "phones": ["02188776655"], "emails": ["info@example.com"]});
        let company = made(&w, &boss, "companies", company).await;
        let contact = json!({
            "name": {"family": format!("Kamali{n}")}, "owner_id": owner.to_string(), "company_id": company,
            "phones": ["09121234567"], "emails": ["sara@example.com"]
        });
        let contact = made(&w, &boss, "contacts", contact).await;
        let mut seen = String::new();
        let message = |more: Value| {
            let mut body =
                json!({"contact_id": contact, "channel": "sms", "purpose": "newsletter", "body": "x"});
            for (k, v) in more.as_object().unwrap() {
                body[k] = v.clone();
            }
            Some(body)
        };
        for (method, path, body) in [
            ("GET", "/api/v1/contact-points?count=true".to_owned(), None),
            ("GET", "/api/v1/contact-points?fields=value".to_owned(), None),
            (
                "GET",
                "/api/v1/contact-points?fields=normalised,channel".to_owned(),
                None,
            ),
            ("GET", "/api/v1/contact-points?sort=normalised".to_owned(), None),
            (
                "GET",
                "/api/v1/contact-points/groups?by=normalised".to_owned(),
                None,
            ),
            ("GET", "/api/v1/contact-points/groups?by=channel".to_owned(), None),
            ("GET", format!("/api/v1/contacts/{contact}/contact-points"), None),
            ("GET", format!("/api/v1/companies/{company}/contact-points"), None),
            ("GET", format!("/api/v1/contacts/{contact}/consent"), None),
            ("GET", format!("/api/v1/contacts/{contact}/timeline"), None),
            ("GET", format!("/api/v1/contacts/{contact}/audit"), None),
            ("POST", "/api/v1/messages".to_owned(), message(json!({}))),
            (
                "POST",
                "/api/v1/messages".to_owned(),
                message(json!({"purpose": "service"})),
            ),
            (
                "POST",
                "/api/v1/messages".to_owned(),
                message(json!({"channel": "email"})),
            ),
            (
                "POST",
                "/api/v1/messages".to_owned(),
                message(json!({"channel": "email", "purpose": "service"})),
            ),
            ("GET", "/api/v1/messages".to_owned(), None),
            ("GET", format!("/api/v1/contacts/{contact}/messages"), None),
            ("GET", "/api/v1/objects".to_owned(), None),
        ] {
            let (status, answer) = w.call(&token, method, &path, body.as_ref()).await;
            assert!(status < 500, "{method} {path}: {answer}");
            if let Some(u) = unseen {
                assert!(
                    !answer.contains(ADDRESSES[u]),
                    "{fields}: {method} {path}: {answer}"
                );
            }
            seen.push_str(&answer);
        }
        let (_, points) = w
            .ask(
                &token,
                "GET",
                &format!("/api/v1/contacts/{contact}/contact-points"),
                None,
            )
            .await;
        assert_eq!(points["data"].as_array().unwrap().len(), 2, "{points}");
        let (_, begun) = w
            .ask(
                &token,
                "POST",
                "/api/v1/exports",
                Some(&json!({"object": "contact-points", "format": "csv"})),
            )
            .await;
        w.work().await;
        let path = format!("/api/v1/exports/{}/content", begun["id"].as_str().unwrap());
        let (status, bytes) = w.bytes(&token, &path).await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(status, 200, "{text}");
        assert!(text.contains("mobile"), "{text}");
        seen.push_str(&text);
        for (u, address) in ADDRESSES.into_iter().enumerate() {
            if unseen == Some(u) {
                assert!(!seen.contains(address), "{fields}: {text}");
            }
            assert!(
                unseen.is_some() || seen.contains(address),
                "the control does not show {address}"
            );
        }
        // Nor by guesses: a filter is refused, a search finds nothing, a named address is never the right one.
        let guess = |path: &str| format!("/api/v1/{path}");
        let wanted = if unseen.is_none() { 200 } else { 400 };
        for path in [
            "contacts?filter=contact_points.any(normalised%20%5E%20%22%2B98912%22)",
            "companies?filter=contact_points.count(normalised%20%3A%20%22info%22)%20%3E%200",
            "contact-points?filter=normalised%20%3D%20%22%2B989121234567%22",
        ] {
            let (status, answer) = w.call(&token, "GET", &guess(path), None).await;
            assert_eq!(status, wanted, "{fields}: {path}: {answer}");
        }
        let (_, found) = w
            .ask(&token, "GET", "/api/v1/contact-points?q=%2B989121234567", None)
            .await;
        let found = found["data"].as_array().map_or(0, Vec::len);
        assert_eq!(
            found > 0,
            unseen.is_none(),
            "{fields}: {found} are found by an address"
        );
        let mut told = Vec::new();
        for address in ["+989121234567", "+989351112233"] {
            let body = message(json!({"address": address}));
            told.push(w.ask(&token, "POST", "/api/v1/messages", body.as_ref()).await);
            let wish = json!({"verdict": "withdrawn", "purpose": "survey", "channel": "sms", "source": "staff", "address": address});
            let path = format!("/api/v1/contacts/{contact}/consent");
            told.push(w.ask(&token, "POST", &path, Some(&wish)).await);
        }
        let code = |n: usize| (told[n].0, told[n].1["code"].clone(), told[n].1["reason"].clone());
        let closed = matches!(unseen, Some(0 | 1));
        assert_eq!(code(0) == code(2), closed, "messages: {told:?}");
        assert_eq!(code(1) == code(3), closed, "consent: {told:?}");
    }
}
