//! What goes on behind a call, steered over HTTP: messages, jobs that failed for good, and what a leaver left running.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use peyvand_app::jobs::{Handler, Held, Worker};
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, AppError};
use peyvand_channels::{Channel as Carrier, Outcome, PermittedMessage};
use peyvand_core::Instant;
use peyvand_domain::consent::Channel;
use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use super::world::World;

/// A provider whose line breaks before it answers, until it is mended.
#[derive(Debug)]
struct Torn {
    mended: AtomicBool,
    carried: AtomicU32,
}

#[async_trait]
impl Carrier for Torn {
    fn carries(&self) -> Channel {
        Channel::Email
    }
    async fn send(&self, _: &PermittedMessage) -> Outcome {
        self.carried.fetch_add(1, Ordering::SeqCst);
        if self.mended.load(Ordering::SeqCst) {
            Outcome::Sent { reference: None }
        } else {
            Outcome::Unknown {
                reason: "line-broke".to_owned(),
            }
        }
    }
}

/// Queueing a message, taking it back, and deciding about one whose outcome is unknown: by those who may change the
/// person, each with its effect, and by nobody else.
#[db_test]
async fn messages_are_queued_taken_back_and_decided_about(db: TestDb) {
    let w = World::new(&db).await;
    let line = Arc::new(Torn {
        mended: AtomicBool::new(false),
        carried: AtomicU32::new(0),
    });
    w.app.channels.register(Arc::clone(&line) as _);
    let carried = || line.carried.load(Ordering::SeqCst);
    let own = w.token("own");
    let person = json!({"name": {"family": "Kamali"}, "emails": ["sara@example.com"]});
    let contact = w.owned("POST", "/api/v1/contacts", Some(&person), "id").await;
    let yes = json!({"verdict": "granted", "channel": "email", "purpose": "newsletter", "source": "paper",
                     "text_shown": "Yes, the newsletter", "proof": "F-12"});
    let to = format!("/api/v1/contacts/{contact}/consent");
    assert_eq!(w.ask(own, "POST", &to, Some(&yes)).await.0, 201);
    let message = json!({"contact_id": contact, "channel": "email", "purpose": "newsletter", "subject": "s", "body": "b"});
    let queue = async || -> String {
        let (status, made) = w.ask(own, "POST", "/api/v1/messages", Some(&message)).await;
        assert_eq!((status, made["status"].as_str()), (201, Some("queued")), "{made}");
        made["id"].as_str().unwrap().to_owned()
    };
    let status = async |id: &str| -> String {
        let (_, m) = w.ask(own, "GET", &format!("/api/v1/messages/{id}"), None).await;
        m["status"].as_str().unwrap_or_default().to_owned()
    };
    let decide = async |token: &str, id: &str, what: &str| {
        w.ask(token, "POST", &format!("/api/v1/messages/{id}/{what}"), None)
            .await
    };

    // Taken back: it never goes.
    let first = queue().await;
    assert_eq!(decide(w.token("other"), &first, "cancel").await.0, 404);
    assert_eq!(decide(w.token("reader"), &first, "cancel").await.0, 403);
    let (code, m) = decide(own, &first, "cancel").await;
    assert_eq!((code, m["status"].as_str()), (200, Some("cancelled")), "{m}");
    w.work().await;
    assert_eq!((carried(), status(&first).await.as_str()), (0, "cancelled"));
    assert_eq!(
        decide(own, &first, "cancel").await.0,
        409,
        "it is no longer queued"
    );
    assert_eq!(decide(own, &first, "requeue").await.0, 409, "and was never tried");

    // Of unknown outcome: it stays so until a person says that it shall go again.
    let second = queue().await;
    w.work().await;
    assert_eq!((carried(), status(&second).await.as_str()), (1, "unknown"));
    w.work().await;
    assert_eq!(carried(), 1, "not again by itself");
    assert_eq!(decide(own, &second, "cancel").await.0, 409);
    assert_eq!(decide(w.token("other"), &second, "requeue").await.0, 404);
    assert_eq!(decide(w.token("reader"), &second, "requeue").await.0, 403);
    assert_eq!(decide(w.token("foreign"), &second, "requeue").await.0, 404);
    w.work().await;
    assert_eq!(carried(), 1, "refusals sent nothing");
    line.mended.store(true, Ordering::SeqCst);
    let (code, m) = decide(own, &second, "requeue").await;
    assert_eq!((code, m["status"].as_str()), (200, Some("queued")), "{m}");
    w.work().await;
    assert_eq!((carried(), status(&second).await.as_str()), (2, "sent"));
    assert_eq!(decide(own, &second, "requeue").await.0, 409, "it has gone");
    w.work().await;
    assert_eq!(carried(), 2);
}

/// Work that fails until it is allowed to succeed.
#[derive(Debug)]
struct Stubborn(Arc<AtomicBool>);

#[async_trait]
impl Handler for Stubborn {
    async fn run(&self, _: &App, _: &Arc<Workspace>, _: &Held) -> Result<(), AppError> {
        if self.0.load(Ordering::SeqCst) {
            Ok(())
        } else {
            Err(AppError::NotFound)
        }
    }
}

/// A job that failed for good is listed as dead, is tried again when an administrator says so, and then is done.
#[db_test]
async fn a_dead_job_is_tried_again(db: TestDb) {
    let w = World::new(&db).await;
    let (_, admin) = w.person("boss", "admin").await;
    let now = {
        use peyvand_core::Clock as _;
        db.clock.now()
    };
    w.app
        .enqueue(w.main.id, "stubborn", "{}", now, None)
        .await
        .unwrap();
    let able = Arc::new(AtomicBool::new(false));
    let mut worker = Worker::new(Arc::clone(&w.app), Duration::from_secs(30));
    worker.handle("stubborn", Arc::new(Stubborn(Arc::clone(&able))));
    let listed = async |state: &str| -> Vec<Value> {
        let path = format!("/api/v1/jobs?state={state}");
        let (code, list) = w.ask(&admin, "GET", &path, None).await;
        assert_eq!(code, 200);
        let all = list["data"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|j| j["kind"] == "stubborn").collect()
    };
    let waiting = listed("waiting").await;
    let id = waiting[0]["id"].as_str().unwrap().to_owned();
    let retry = format!("/api/v1/jobs/{id}/retry");
    assert_eq!(w.ask(&admin, "POST", &retry, None).await.0, 404, "it is not dead");
    for _ in 0..40 {
        while worker.step(&w.main).await.unwrap() {}
        if !listed("dead").await.is_empty() {
            break;
        }
        db.clock.advance(Instant::DAY);
    }
    let dead = listed("dead").await;
    assert_eq!(dead.len(), 1, "it never died");
    assert!(dead[0]["attempts"].as_i64().is_some_and(|n| n > 1), "{dead:?}");
    assert!(dead[0]["error"].is_string(), "{dead:?}");
    // Nobody but an administrator of this workspace.
    assert_eq!(w.ask(w.token("own"), "POST", &retry, None).await.0, 403);
    assert_eq!(w.ask(w.token("foreign"), "POST", &retry, None).await.0, 404);
    assert_eq!(listed("dead").await.len(), 1);
    able.store(true, Ordering::SeqCst);
    assert_eq!(w.ask(&admin, "POST", &retry, None).await.0, 204);
    let again = listed("waiting").await;
    assert_eq!(again[0]["attempts"], 0, "{again:?}");
    while worker.step(&w.main).await.unwrap() {}
    let done = listed("done").await;
    assert_eq!(done.len(), 1);
    assert_eq!(done[0]["id"], json!(id));
    assert_eq!(w.ask(&admin, "POST", &retry, None).await.0, 404, "it is done");
}

/// A leaver is handed over by one call: what they own moves, their token is dead at once, the export that they began is
/// not made, the one that they try is refused, and both stand in the log.
#[db_test]
async fn a_leaver_exports_nothing(db: TestDb) {
    let w = World::new(&db).await;
    let (_, admin) = w.person("boss", "admin").await;
    let (heir, _) = w.person("heir", "manager").await;
    let own = w.token("own").to_owned();
    let contact = w.contact(false).await;
    let body = json!({"object": "contacts", "format": "csv"});
    // The control: with its owner here an export is made and comes out.
    let (_, made) = w.ask(&own, "POST", "/api/v1/exports", Some(&body)).await;
    w.work().await;
    let kept = format!("/api/v1/exports/{}/content", made["id"].as_str().unwrap());
    let (status, text) = w.call(&own, "GET", &kept, None).await;
    assert!(status == 200 && text.contains("Kamali"), "{status} {text}");

    let (status, begun) = w.ask(&own, "POST", "/api/v1/exports", Some(&body)).await;
    assert_eq!(status, 202);
    let hand_over = format!("/api/v1/users/{}/hand-over", w.owner);
    for (token, wanted) in [(&own, 403), (&w.token("foreign").to_owned(), 404)] {
        let to = json!({"to": heir.to_string()});
        let (status, answer) = w.ask(token, "POST", &hand_over, Some(&to)).await;
        assert!(
            status == wanted || status == 400,
            "{status} for {wanted}: {answer}"
        );
    }
    for (to, wanted) in [(w.owner.to_string(), 400), ("nobody".to_owned(), 422)] {
        let (status, answer) = w
            .ask(&admin, "POST", &hand_over, Some(&json!({ "to": to })))
            .await;
        assert_eq!(status, wanted, "{answer}");
    }
    assert_eq!(
        w.call(&own, "GET", "/api/v1/contacts", None).await.0,
        200,
        "still here"
    );
    let to = json!({"to": heir.to_string()});
    let (status, done) = w.ask(&admin, "POST", &hand_over, Some(&to)).await;
    assert_eq!((status, done["more"].as_bool()), (200, Some(false)), "{done}");
    assert!(done["records"].as_u64().is_some_and(|n| n >= 1), "{done}");
    let (_, moved) = w
        .ask(&admin, "GET", &format!("/api/v1/contacts/{contact}"), None)
        .await;
    assert_eq!(moved["owner_id"], json!(heir.to_string()));

    w.work().await;
    assert_eq!(w.call(&own, "POST", "/api/v1/exports", Some(&body)).await.0, 401);
    assert_eq!(
        w.call(&own, "GET", &kept, None).await.0,
        401,
        "nor what was written before"
    );
    // What had begun was not made in anybody's name.
    let began = begun["id"].as_str().unwrap();
    let t = &peyvand_store::tables::SIDE.transfer;
    let rows = w
        .app
        .store
        .rows(peyvand_store::RowsCall::new(t, &[]).everywhere().limit(100))
        .await
        .unwrap();
    let row = rows
        .iter()
        .find(|r| r[t.at("id")].uuid().is_some_and(|id| id.to_string() == began))
        .expect("the export");
    assert_eq!(row[t.at("state")].text(), Some("failed"));
    assert!(!row[t.at("progress")].text().unwrap_or_default().contains("hash"));
    let (_, log) = w
        .ask(&admin, "GET", &format!("/api/v1/users/{}/audit", w.owner), None)
        .await;
    let log = log.to_string();
    for said in ["handed_over_to", "dead-token-refused", "\"refused\":\"export\""] {
        assert!(log.contains(said), "{said}: {log}");
    }
}
