//! Permission over HTTP: what is allowed and why not, recording, the history, queueing a message.

#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "another test uses the rest of it"
)]
mod world;

use serde_json::{Value, json};
use world::World;

async fn post(w: &World, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
    let a = w.call("POST", path, headers, body.to_string().as_bytes()).await;
    (a.status, a.json)
}

async fn get(w: &World, path: &str) -> (u16, Value) {
    let a = w.call("GET", path, &[], b"").await;
    (a.status, a.json)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consent_and_messages_over_http() {
    let w = World::new().await;
    let (status, made) = post(
        &w,
        "/contacts",
        &[],
        &json!({"name": "سارا احمدی", "emails": ["sara@example.com"]}),
    )
    .await;
    assert_eq!(status, 201);
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/contacts/{id}/consent");
    let message = json!({"contact_id": id, "channel": "email", "purpose": "newsletter", "subject": "آذر", "body": "سلام"});

    // Nobody said yes: the message is refused, with the reason in words.
    let (status, refused) = post(&w, "/messages", &[], &message).await;
    assert_eq!(
        (status, refused["code"].as_str()),
        (422, Some("not-permitted")),
        "{refused}"
    );
    assert_eq!(refused["reason"]["code"], "no-consent");
    assert!(
        refused["detail"].as_str().unwrap().contains("consent"),
        "{refused}"
    );
    let fa = w
        .call(
            "POST",
            "/messages",
            &[("Accept-Language", "fa")],
            message.to_string().as_bytes(),
        )
        .await;
    assert_eq!(fa.status, 422);

    // What the ledger does not take, and what is no request.
    for (body, status, code) in [
        (
            json!({"verdict": "granted", "channel": "email", "purpose": "newsletter"}),
            422,
            "consent-no-proof",
        ),
        (
            json!({"verdict": "granted", "channel": "email"}),
            400,
            "bad-parameter",
        ),
        (
            json!({"verdict": "granted", "channel": "any", "purpose": "newsletter", "proof": "F"}),
            422,
            "consent-scope",
        ),
        (
            json!({"verdict": "granted", "channel": "sms", "purpose": "newsletter", "proof": "F"}),
            422,
            "consent-no-address",
        ),
        (json!({"verdict": "yes"}), 422, "invalid"),
        (json!({"verdict": "withdrawn", "colour": "red"}), 422, "invalid"),
        (json!({"verdict": "withdrawn", "at": "yesterday"}), 422, "invalid"),
        (
            json!({"verdict": "withdrawn", "at": "2999-01-01T00:00:00Z"}),
            422,
            "consent-in-future",
        ),
    ] {
        let (got, problem) = post(&w, &path, &[], &body).await;
        assert_eq!(
            (got, problem["code"].as_str()),
            (status, Some(code)),
            "{body}: {problem}"
        );
    }
    assert_eq!(get(&w, &format!("{path}/history")).await.1["data"], json!([]));

    // A yes; the same request again writes nothing more.
    let yes = json!({"verdict": "granted", "channel": "email", "purpose": "newsletter", "source": "paper",
                     "text_shown": "خبرنامه را می‌خواهم", "proof": "F-12", "ip": "192.0.2.7"});
    let key = [("Idempotency-Key", "yes-1")];
    let (status, first) = post(&w, &path, &key, &yes).await;
    assert_eq!(
        (status, first["verdict"].as_str()),
        (201, Some("granted")),
        "{first}"
    );
    assert_eq!(post(&w, &path, &key, &yes).await, (201, first.clone()));
    let (status, shown) = get(&w, &path).await;
    assert_eq!(status, 200);
    let cell = |shown: &Value, purpose: &str| {
        shown["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["channel"] == "email" && c["purpose"] == purpose)
            .cloned()
            .unwrap()
    };
    let news = cell(&shown, "newsletter");
    assert_eq!(
        (news["allowed"].as_bool(), news["state"].as_str()),
        (Some(true), Some("granted")),
        "{news}"
    );
    assert_eq!(news["address"], "sara@example.com");
    assert_eq!(cell(&shown, "survey")["allowed"], false);
    let (_, history) = get(&w, &format!("{path}/history")).await;
    let lines = history["data"].as_array().unwrap();
    assert_eq!(lines.len(), 1);
    for (member, value) in [
        ("text_shown", "خبرنامه را می‌خواهم"),
        ("proof", "F-12"),
        ("ip", "192.0.2.7"),
        ("source", "paper"),
    ] {
        assert_eq!(lines[0][member], value);
    }

    // Now it is queued, once for the key, and can be looked at and taken back.
    let (status, queued) = post(&w, "/messages", &[("Idempotency-Key", "m-1")], &message).await;
    assert_eq!(
        (status, queued["status"].as_str()),
        (201, Some("queued")),
        "{queued}"
    );
    let (_, again) = post(&w, "/messages", &[("Idempotency-Key", "m-1")], &message).await;
    assert_eq!(again["id"], queued["id"]);
    let m = queued["id"].as_str().unwrap();
    let (status, one) = get(&w, &format!("/messages/{m}")).await;
    assert_eq!((status, one["id"].as_str()), (200, Some(m)));
    assert!(
        one.get("claim").is_none() && one.get("address_hash").is_none(),
        "{one}"
    );
    let (status, list) = get(&w, "/messages?limit=5").await;
    assert_eq!((status, list["data"].as_array().map(Vec::len)), (200, Some(1)));
    let (status, cancelled) = post(&w, &format!("/messages/{m}/cancel"), &[], &json!({})).await;
    assert_eq!(
        (status, cancelled["status"].as_str()),
        (200, Some("cancelled")),
        "{cancelled}"
    );
    assert_eq!(
        post(&w, &format!("/messages/{m}/cancel"), &[], &json!({}))
            .await
            .0,
        409
    );

    // One word closes everything.
    let (status, _) = post(&w, &path, &[], &json!({"verdict": "withdrawn"})).await;
    assert_eq!(status, 201);
    let (_, shown) = get(&w, &path).await;
    assert!(
        shown["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|c| c["allowed"] == false),
        "{shown}"
    );
    assert!(
        cell(&shown, "newsletter")["reason"]["detail"]
            .as_str()
            .unwrap()
            .contains("withdrawn")
    );

    // The ledger and the messages take no generic write; other objects have no consent; strangers see nothing.
    let entry = first["entries"][0].as_str().unwrap();
    for (method, path, body, status) in [
        (
            "PATCH",
            format!("/consent-entries/{entry}"),
            json!({"verdict": "granted"}),
            405,
        ),
        ("DELETE", format!("/consent-entries/{entry}"), json!({}), 405),
        ("POST", "/consent-entries".to_owned(), yes.clone(), 405),
        (
            "PATCH",
            format!("/messages/{m}"),
            json!({"status": "queued"}),
            405,
        ),
        ("DELETE", format!("/messages/{m}"), json!({}), 405),
        ("GET", format!("/companies/{id}/consent"), json!({}), 404),
    ] {
        let a = w.call(method, &path, &[], body.to_string().as_bytes()).await;
        assert_eq!(a.status, status, "{method} {path}: {}", a.json);
    }
    for (method, path) in [
        ("GET", path.clone()),
        ("POST", path),
        ("GET", format!("/messages/{m}")),
    ] {
        let a = w
            .call_as(&w.other, method, &path, &[], br#"{"verdict":"withdrawn"}"#)
            .await;
        assert_eq!(a.status, 404, "{method} {path}: {}", a.json);
    }
}
