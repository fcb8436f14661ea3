//! Every operation by every kind of caller, and what nobody offered.

use std::collections::{BTreeMap, BTreeSet};

use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use super::world::World;

/// The callers, in the order of the columns: nobody; the owner; one of the owner's team; one of a team above; one of
/// another team; one who reads all; the administrator of another workspace; a token of the administrator's for reading
/// contacts only; somebody who is switched off; a token that is over.
const ACTORS: [&str; 10] = [
    "anon", "own", "team", "below", "other", "reader", "foreign", "scoped", "off", "over",
];

/// What each operation answers to each of them, about a contact of the owner and what the owner made of it: a file that
/// hangs on it, an upload, an import that was done, an export that was written. Written by hand; a row stands for several
/// operations that are answered alike.
const TABLE: &str = "
health,description,reference,reference-style 200 200 200 200 200 200 200 200 200 200
objects,list,duplicates    401 200 200 200 200 200 200 200 401 401
events,page-events         401 200 200 200 200 200 200 200 401 401
imports,exports            401 200 200 200 200 200 200 200 401 401
list-tokens,list-notifications,notification-wishes 401 200 200 200 200 200 200 403 401 401
read-notification          401 204 404 404 404 404 404 404 401 401
read-notifications,set-notification-wishes 401 200 200 200 200 200 200 403 401 401
sums,groups                401 200 200 200 200 200 200 403 401 401
create                     401 201 201 201 201 403 201 403 401 401
batch                      401 200 200 200 200 403 200 403 401 401
get,audit-of,timeline      401 200 200 200 404 200 404 200 401 401
by-key,list-shares,tags-of       401 200 200 200 404 200 404 200 401 401
consent,consent-history    401 200 200 200 404 200 404 200 401 401
related                    401 200 200 200 404 200 404 403 401 401
file-content               401 200 200 200 404 200 404 200 401 401
change,restore,merge       401 200 200 200 404 403 404 403 401 401
put-by-key                 401 200 200 200 404 403 201 403 401 401
delete,share,unshare,tag,untag 401 204 204 204 404 403 404 403 401 401
record-consent             401 201 201 201 404 403 404 403 401 401
queue-message              401 422 422 422 404 403 404 403 401 401
unmerge,cancel-message,requeue-message 401 404 404 404 404 404 404 404 401 401
begin-upload               401 201 201 201 404 404 404 404 401 401
upload,upload-part         401 200 404 404 404 404 404 404 401 401
begin-import               401 201 404 404 404 403 404 403 401 401
import,undo-import         401 200 404 404 404 404 404 404 401 401
check-import,start-import  401 202 404 404 404 404 404 404 401 401
begin-export               401 202 202 202 202 403 202 403 401 401
export,export-content      401 200 404 404 404 404 404 404 401 401
access-of                  401 200 403 403 403 403 404 403 401 401
create-token               401 201 201 201 201 201 201 403 401 401
revoke-token               401 204 404 404 404 404 404 403 401 401
hand-over                  401 403 403 403 403 403 400 403 401 401
invite,reset-link          401 403 403 403 403 403 404 403 401 401
create-user                401 403 403 403 403 403 422 403 401 401
change-user,delete-user    401 403 403 403 403 403 404 403 401 401
create-role,create-team    401 403 403 403 403 403 201 403 401 401
change-role,delete-role    401 403 403 403 403 403 404 403 401 401
change-team,delete-team    401 403 403 403 403 403 404 403 401 401
schema,schema-diff,schema-apply,workspace,change-workspace 401 403 403 403 403 403 200 403 401 401
set-numbering,stop-numbering 401 403 403 403 403 403 204 403 401 401
jobs,audit                 401 403 403 403 403 403 200 403 401 401
retry-job                  401 403 403 403 403 403 404 403 401 401
";

/// Every operation by every caller. An operation that the table does not know fails the test: whoever adds one writes down
/// who may call it.
#[db_test]
async fn every_operation_for_every_actor(db: TestDb) {
    let w = World::new(&db).await;
    let rows: Vec<&str> = TABLE.lines().filter(|l| !l.is_empty()).collect();
    assert!(rows.len() <= 60, "{} rows", rows.len());
    let mut expected: BTreeMap<&str, Vec<u16>> = BTreeMap::new();
    for row in rows {
        let mut words = row.split_whitespace();
        let ids = words.next().unwrap();
        let answers: Vec<u16> = words.map(|s| s.parse().unwrap()).collect();
        assert_eq!(answers.len(), ACTORS.len(), "{row}");
        for id in ids.split(',') {
            assert!(expected.insert(id, answers.clone()).is_none(), "{id} twice");
        }
    }
    let all = peyvand_api::declared();
    let known: BTreeSet<&str> = all.iter().map(|d| d.id).collect();
    let written: BTreeSet<&str> = expected.keys().copied().collect();
    assert_eq!(known, written, "operations and rows of the table");
    let (mut calls, mut denied_calls, mut wrong) = (0, 0, Vec::new());
    for d in &all {
        let wanted = &expected[d.id];
        let mut requests = Vec::new();
        for (n, actor) in ACTORS.iter().enumerate() {
            let (path, body) = w.request(d.id, d.path).await;
            requests.push((wanted[n], *actor, path, body));
        }
        let before = w.digest().await;
        for denied in [true, false] {
            for (want, actor, path, body) in &requests {
                if (*want >= 400) != denied {
                    continue;
                }
                let (got, answer) = w.call(w.token(actor), d.method, path, body.as_ref()).await;
                if got != *want {
                    wrong.push(format!(
                        "{} ({}) as {actor}: {got} for {want}: {answer:.200}",
                        d.id, d.path
                    ));
                }
                calls += 1;
                denied_calls += u32::from(denied);
            }
            if denied {
                assert!(
                    w.digest().await == before,
                    "{} changed something when it was denied",
                    d.id
                );
            } else if d.method != "GET"
                && requests.iter().any(|(want, ..)| *want < 300)
                && d.id != "schema-diff"
            {
                // The control: the same looks at the rows see what is done when it is allowed. A search for likely
                // duplicates is asked by POST and writes nothing.
                assert!(
                    d.id == "duplicates" || w.digest().await != before,
                    "{} changed nothing when it was allowed",
                    d.id
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        calls == all.len() * ACTORS.len() && denied_calls > 400,
        "{calls} calls, {denied_calls} denied"
    );
}

/// Names of columns that nobody offered are refused, in new records and in changes.
#[db_test]
async fn nothing_is_assigned_that_was_not_offered(db: TestDb) {
    let w = World::new(&db).await;
    let admin = w.token("own");
    let contact = w.contact(false).await;
    let at = format!("/api/v1/contacts/{contact}");
    let before = w.digest().await;
    for name in [
        "workspace_id",
        "tenant_id",
        "workspace",
        "created_by",
        "updated_by",
        "deleted_at",
        "password_hash",
        "is_admin",
        "role",
        "role_id",
        "admin",
        "rid",
        "salt",
        "merged_into",
        "custom",
        "object",
        "search",
        "name__fold",
        "hash",
        "scopes",
        "everything",
        "account_id",
        "totp",
        "constructor",
        "__proto__",
        "owner",
        "team",
        "version__next",
    ] {
        for (method, path, mut body) in [
            ("PATCH", at.as_str(), json!({})),
            ("POST", "/api/v1/contacts", json!({"name": {"family": "New"}})),
        ] {
            body[name] = json!("1");
            let (status, answer) = w.call(admin, method, path, Some(&body)).await;
            assert_eq!(status, 422, "{method} {name}: {answer}");
            assert!(answer.contains(name), "{name} is named: {answer}");
        }
    }
    for (path, name) in [
        ("/api/v1/users", "password_hash"),
        ("/api/v1/users", "everything"),
        ("/api/v1/tokens", "user_id"),
        ("/api/v1/teams", "workspace_id"),
    ] {
        let mut body =
            json!({"name": "N", "email": "n@example.com", "role_id": w.role.to_string(), "scopes": ["*"]});
        body[name] = json!("1");
        let (status, _) = w.call(w.token("own"), "POST", path, Some(&body)).await;
        assert!(matches!(status, 403 | 422), "{path} {name}: {status}");
    }
    assert!(w.digest().await == before);
}

/// Methods that nobody declared are answered by no operation.
#[db_test]
async fn only_declared_methods_are_answered(db: TestDb) {
    let w = World::new(&db).await;
    let token = w.token("own").to_owned();
    let before = w.digest().await;
    for path in [
        "/api/v1/contacts",
        "/api/v1/objects",
        "/api/v1/users",
        "/health",
        "/api/v1/nothing",
    ] {
        for method in ["TRACE", "CONNECT", "PUT", "PROPFIND", "FOO"] {
            let (status, _) = w.call(&token, method, path, None).await;
            assert!(
                matches!(status, 400 | 404 | 405 | 501),
                "{method} {path}: {status}"
            );
        }
    }
    assert!(w.digest().await == before);
}
