//! People and their rights: users, roles, teams, tokens, shares, the simulator, handing over.

use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;
use peyvand_app::tokens::NewToken;
use peyvand_core::{Id, Instant};
use peyvand_i18n::keys;
use peyvand_record::Verb;
use serde_json::{Value, json};

use crate::call::{Answer, Call, bad_parameter, json_answer, not_found};
use crate::records::one;
use crate::repeat::Repeat;
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Kind, Operation, Param, Reply, operation};

const OPTIONAL_ID: Shape = Shape::Maybe(&Shape::Id);
const NEW_USER: Shape = Shape::Object(&[
    must("name", Shape::Text(200)),
    must("email", Shape::Text(320)),
    must("role_id", Shape::Id),
    may("team_id", OPTIONAL_ID),
    may("active", Shape::Flag),
    may("job_title", Shape::Maybe(&Shape::Text(200))),
    may("language", Shape::Choice(&["fa", "en"])),
]);
const USER: Shape = Shape::Object(&[
    may("name", Shape::Text(200)),
    may("email", Shape::Text(320)),
    may("role_id", Shape::Id),
    may("team_id", OPTIONAL_ID),
    may("active", Shape::Flag),
    may("job_title", Shape::Maybe(&Shape::Text(200))),
    may("language", Shape::Choice(&["fa", "en"])),
]);
const REACH: Shape = Shape::Choice(&["none", "own", "team", "team_and_below", "all"]);
const VERBS: Shape = Shape::Object(&[
    may("read", REACH),
    may("create", REACH),
    may("update", REACH),
    may("delete", REACH),
    may("export", REACH),
]);
const RULES: Shape = Shape::Named(
    "role.rules",
    &Shape::Object(&[
        may("everything", Shape::Flag),
        may("default", VERBS),
        may("objects", Shape::Map(&VERBS)),
        may(
            "fields",
            Shape::Map(&Shape::Map(&Shape::Choice(&["hidden", "read_only", "masked"]))),
        ),
    ]),
);
const NEW_ROLE: Shape = Shape::Object(&[
    must("key", Shape::Text(48)),
    must("name", Shape::Text(200)),
    must("rules", RULES),
]);
const ROLE: Shape = Shape::Object(&[may("name", Shape::Text(200)), may("rules", RULES)]);
const NEW_TEAM: Shape = Shape::Object(&[
    must("name", Shape::Text(200)),
    may("parent_id", OPTIONAL_ID),
    may("description", Shape::Maybe(&Shape::Text(1000))),
]);
const TEAM: Shape = Shape::Object(&[
    may("name", Shape::Text(200)),
    may("parent_id", OPTIONAL_ID),
    may("description", Shape::Maybe(&Shape::Text(1000))),
]);
const LINK: Shape = Shape::Object(&[must("link", Shape::Text(400))]);
const HAND_OVER: Shape = Shape::Object(&[must("to", Shape::Id)]);
const HANDED: Shape = Shape::Object(&[
    must("records", Shape::Whole(0, i64::MAX)),
    must("more", Shape::Flag),
]);
const NEW_TOKEN: Shape = Shape::Object(&[
    must("name", Shape::Text(100)),
    must("scopes", Shape::List(&Shape::Text(80), 100)),
    may("expires_at", Shape::Maybe(&Shape::Instant)),
    may("networks", Shape::List(&Shape::Text(50), 20)),
]);
const OPTIONAL_TIME: Shape = Shape::Maybe(&Shape::Instant);
const TOKEN: Shape = Shape::Named(
    "token",
    &Shape::Object(&[
        must("id", Shape::Id),
        must("user_id", Shape::Id),
        must("name", Shape::Text(100)),
        must("scopes", Shape::Text(10_000)),
        must("networks", Shape::Text(2_000)),
        must("created_at", Shape::Instant),
        must("used_at", OPTIONAL_TIME),
        must("expires_at", OPTIONAL_TIME),
        must("revoked_at", OPTIONAL_TIME),
    ]),
);
const TOKENS: Shape = Shape::Object(&[must("data", Shape::List(&TOKEN, 1000))]);
const MADE: Shape = Shape::Object(&[must("id", Shape::Id), must("token", Shape::Text(80))]);
const SHARE: Shape = Shape::Object(&[must("may_update", Shape::Flag)]);
const SHARES: Shape = Shape::Object(&[must(
    "data",
    Shape::List(
        &Shape::Object(&[
            must("grantee", Shape::Id),
            must("kind", Shape::Choice(&["user", "team"])),
            must("may_update", Shape::Flag),
            must("at", Shape::Instant),
        ]),
        1000,
    ),
)]);
const WHOM: &[Param] = &[
    Param {
        name: "object",
        kind: Kind::Text(60),
        about: keys::API_ACCESS_OBJECT,
    },
    Param {
        name: "record",
        kind: Kind::Id,
        about: keys::API_ACCESS_RECORD,
    },
];

/// The operations on people and rights.
pub(crate) fn operations() -> Vec<Operation> {
    let tagged = |o: Operation| Operation { tag: "people", ..o };
    let mut all: Vec<Operation> = vec![
        Operation {
            params: WHOM,
            ..operation(
                Method::GET,
                "/api/v1/users/{id}/access",
                "access-of",
                Access::Member,
                keys::API_ACCESS_OF,
                Reply::Json(200, Shape::Any),
                |c| Box::pin(access(c)),
            )
        },
        Operation {
            body: Body::Json(HAND_OVER),
            problems: &[409, 507],
            ..operation(
                Method::POST,
                "/api/v1/users/{id}/hand-over",
                "hand-over",
                Access::All("user", Verb::Update),
                keys::API_HAND_OVER,
                Reply::Json(200, HANDED),
                |c| Box::pin(hand_over(c)),
            )
        },
        Operation {
            repeat: Repeat::Never,
            problems: &[507],
            ..operation(
                Method::POST,
                "/api/v1/users/{id}/invitation",
                "invite",
                Access::All("user", Verb::Update),
                keys::API_INVITE,
                Reply::Json(201, LINK),
                |c| Box::pin(invite(c)),
            )
        },
        Operation {
            repeat: Repeat::Never,
            problems: &[507],
            ..operation(
                Method::POST,
                "/api/v1/users/{id}/reset-link",
                "reset-link",
                Access::All("user", Verb::Update),
                keys::API_RESET_LINK,
                Reply::Json(201, LINK),
                |c| Box::pin(reset_link(c)),
            )
        },
        operation(
            Method::GET,
            "/api/v1/tokens",
            "list-tokens",
            Access::Member,
            keys::API_TOKENS,
            Reply::Json(200, TOKENS),
            |c| Box::pin(tokens(c)),
        ),
        Operation {
            body: Body::Json(NEW_TOKEN),
            repeat: Repeat::Never,
            problems: &[507],
            ..operation(
                Method::POST,
                "/api/v1/tokens",
                "create-token",
                Access::Member,
                keys::API_CREATE_TOKEN,
                Reply::Json(201, MADE),
                |c| Box::pin(create_token(c)),
            )
        },
        Operation {
            problems: &[507],
            ..operation(
                Method::DELETE,
                "/api/v1/tokens/{id}",
                "revoke-token",
                Access::Member,
                keys::API_REVOKE_TOKEN,
                Reply::Empty(204),
                |c| Box::pin(revoke_token(c)),
            )
        },
        operation(
            Method::GET,
            "/api/v1/{plural}/{id}/shares",
            "list-shares",
            Access::Records(Verb::Read),
            keys::API_SHARES,
            Reply::Json(200, SHARES),
            |c| Box::pin(shares(c)),
        ),
        Operation {
            body: Body::Json(SHARE),
            problems: &[507],
            ..operation(
                Method::PUT,
                "/api/v1/{plural}/{id}/shares/{grantee}",
                "share",
                Access::Records(Verb::Update),
                keys::API_SHARE,
                Reply::Empty(204),
                |c| Box::pin(share(c, true)),
            )
        },
        Operation {
            problems: &[507],
            ..operation(
                Method::DELETE,
                "/api/v1/{plural}/{id}/shares/{grantee}",
                "unshare",
                Access::Records(Verb::Update),
                keys::API_UNSHARE,
                Reply::Empty(204),
                |c| Box::pin(share(c, false)),
            )
        },
    ]
    .into_iter()
    .map(tagged)
    .collect();
    all.extend(managed("users", "user", NEW_USER, USER).map(tagged));
    all.extend(managed("roles", "role", NEW_ROLE, ROLE).map(tagged));
    all.extend(managed("teams", "team", NEW_TEAM, TEAM).map(tagged));
    all
}

/// Making, changing and deleting users, roles and teams.
fn managed(
    plural: &'static str,
    key: &'static str,
    new: Shape,
    change: Shape,
) -> impl Iterator<Item = Operation> {
    let (list, item): (&'static str, &'static str) = match plural {
        "users" => ("/api/v1/users", "/api/v1/users/{id}"),
        "roles" => ("/api/v1/roles", "/api/v1/roles/{id}"),
        _ => ("/api/v1/teams", "/api/v1/teams/{id}"),
    };
    let (make, alter, drop): (&'static str, &'static str, &'static str) = match plural {
        "users" => ("create-user", "change-user", "delete-user"),
        "roles" => ("create-role", "change-role", "delete-role"),
        _ => ("create-team", "change-team", "delete-team"),
    };
    [
        Operation {
            body: Body::Json(new),
            headers: &["Idempotency-Key"],
            problems: &[409, 507],
            ..operation(
                Method::POST,
                list,
                make,
                Access::All(key, Verb::Create),
                keys::API_CREATE_PEOPLE,
                Reply::Json(201, Shape::Any),
                |c| Box::pin(create(c)),
            )
        },
        Operation {
            body: Body::Json(change),
            headers: &["If-Match"],
            problems: &[409, 507],
            ..operation(
                Method::PATCH,
                item,
                alter,
                Access::All(key, Verb::Update),
                keys::API_CHANGE_PEOPLE,
                Reply::Json(200, Shape::Any),
                |c| Box::pin(patch(c)),
            )
        },
        Operation {
            headers: &["If-Match"],
            problems: &[409, 507],
            ..operation(
                Method::DELETE,
                item,
                drop,
                Access::All(key, Verb::Delete),
                keys::API_DELETE_PEOPLE,
                Reply::Empty(204),
                |c| Box::pin(delete(c)),
            )
        },
    ]
    .into_iter()
}

fn empty() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn object(call: &Call) -> Result<std::sync::Arc<peyvand_catalog::ObjectDef>, crate::problem::Problem> {
    let plural = call.noun();
    call.caller()?
        .workspace
        .catalog()
        .by_plural(plural)
        .map(std::sync::Arc::clone)
        .ok_or_else(not_found)
}

async fn create(call: Call) -> Answer {
    let object = object(&call)?;
    let key = call.idempotency(&format!("POST /{}", object.plural))?;
    let made = call
        .app
        .create(call.caller()?, &object, &call.json, key.as_ref())
        .await
        .map_err(call.fail())?;
    one(&call, &object, StatusCode::CREATED, &made)
}

async fn patch(call: Call) -> Answer {
    let object = object(&call)?;
    let changed = call
        .app
        .patch(
            call.caller()?,
            &object,
            call.id()?,
            &call.json,
            call.known_version()?,
        )
        .await
        .map_err(call.fail())?;
    one(&call, &object, StatusCode::OK, &changed)
}

async fn delete(call: Call) -> Answer {
    let object = object(&call)?;
    call.app
        .delete(call.caller()?, &object, call.id()?, call.known_version()?)
        .await
        .map_err(call.fail())?;
    empty()
}

async fn access(call: Call) -> Answer {
    let caller = call.caller()?;
    let object = match call.param("object") {
        Some(o) => Some(
            caller
                .workspace
                .catalog()
                .by_plural(o)
                .ok_or_else(|| bad_parameter("object", o))?,
        ),
        None => None,
    };
    let record: Option<Id> = call.param("record").and_then(|r| r.parse().ok());
    if record.is_some() && object.is_none() {
        return Err(bad_parameter("object", ""));
    }
    let found = call
        .app
        .access(caller, call.id()?, object.map(AsRef::as_ref), record)
        .await
        .map_err(call.fail())?;
    Ok(json_answer(
        StatusCode::OK,
        &serde_json::to_value(found).unwrap_or_default(),
    ))
}

async fn hand_over(call: Call) -> Answer {
    let to = call.id_of("to").ok_or_else(not_found)?;
    let done = call
        .app
        .hand_over(call.caller()?, call.id()?, to)
        .await
        .map_err(call.fail())?;
    Ok(json_answer(
        StatusCode::OK,
        &json!({"records": done.records, "more": done.more}),
    ))
}

fn link(call: &Call, path: &str) -> Answer {
    let link = format!("{}{path}", call.app.base_url());
    Ok(json_answer(StatusCode::CREATED, &json!({ "link": link })))
}

async fn invite(call: Call) -> Answer {
    let token = call
        .app
        .invite(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    link(&call, &format!("/join?token={token}"))
}

async fn reset_link(call: Call) -> Answer {
    let token = call
        .app
        .create_reset_link(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    link(&call, &format!("/reset?token={token}"))
}

async fn tokens(call: Call) -> Answer {
    let time = |t: Option<Instant>| t.map(|t| t.to_string());
    let data: Vec<Value> = call
        .app
        .tokens(call.caller()?)
        .await
        .map_err(call.fail())?
        .into_iter()
        .map(|t| {
            json!({
                "id": t.id.to_string(), "user_id": t.user.to_string(), "name": t.name, "scopes": t.scopes,
                "networks": t.networks, "created_at": t.created_at.to_string(), "used_at": time(t.used_at),
                "expires_at": time(t.expires_at), "revoked_at": time(t.revoked_at),
            })
        })
        .collect();
    Ok(json_answer(StatusCode::OK, &json!({ "data": data })))
}

async fn create_token(call: Call) -> Answer {
    let texts = |key: &str| -> Vec<String> {
        call.json
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect()
    };
    let new = NewToken {
        name: call.text("name").unwrap_or_default().to_owned(),
        scopes: texts("scopes"),
        expires_at: call.text("expires_at").and_then(|t| t.parse().ok()),
        networks: texts("networks"),
    };
    let caller = call.caller()?;
    let (id, token) = call
        .app
        .issue_token(caller, caller.actor.id(), &new)
        .await
        .map_err(call.fail())?;
    Ok(json_answer(
        StatusCode::CREATED,
        &json!({"id": id.to_string(), "token": token}),
    ))
}

async fn revoke_token(call: Call) -> Answer {
    call.app
        .revoke_token(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    empty()
}

async fn shares(call: Call) -> Answer {
    let found = call
        .app
        .shares(call.caller()?, call.object()?, call.id()?)
        .await
        .map_err(call.fail())?;
    let data: Vec<Value> = found
        .into_iter()
        .map(|s| {
            json!({
                "grantee": s.grantee.to_string(), "kind": s.kind, "may_update": s.may_update, "at": s.at.to_string(),
            })
        })
        .collect();
    Ok(json_answer(StatusCode::OK, &json!({ "data": data })))
}

async fn share(call: Call, on: bool) -> Answer {
    let grantee: Id = call.segment("grantee").parse().map_err(|_| not_found())?;
    let update = call.json.get("may_update").and_then(Value::as_bool);
    call.app
        .share(
            call.caller()?,
            call.object()?,
            call.id()?,
            grantee,
            if on { Some(update == Some(true)) } else { None },
        )
        .await
        .map_err(call.fail())?;
    empty()
}
