//! Tokens of programs: one's own, and everybody's for those who manage users.

use axum::http::{Method, StatusCode};
use axum::response::IntoResponse;
use peyvand_app::tokens::{NewToken, TokenLine};
use peyvand_core::Instant;
use peyvand_i18n::keys;
use serde_json::{Value, json};

use crate::call::{Answer, Call, json_answer};
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Operation, Reply, operation};

const TOKEN: Shape = Shape::Named(
    "token",
    &Shape::Object(&[
        must("id", Shape::Id),
        must("user_id", Shape::Id),
        must("name", Shape::Text(100)),
        must("scopes", Shape::List(&Shape::Text(100), 200)),
        must("networks", Shape::List(&Shape::Text(60), 50)),
        must("created_at", Shape::Instant),
        must("used_at", Shape::Maybe(&Shape::Instant)),
        must("expires_at", Shape::Maybe(&Shape::Instant)),
        must("revoked_at", Shape::Maybe(&Shape::Instant)),
    ]),
);
const TOKENS: Shape = Shape::Object(&[must("data", Shape::List(&TOKEN, 1000))]);
const NEW: Shape = Shape::Object(&[
    must("name", Shape::Text(100)),
    must("scopes", Shape::List(&Shape::Text(100), 200)),
    may("expires_at", Shape::Maybe(&Shape::Instant)),
    may("networks", Shape::List(&Shape::Text(60), 50)),
]);
const MADE: Shape = Shape::Object(&[must("id", Shape::Id), must("token", Shape::Text(100))]);

/// The operations on tokens.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            tag: "tokens",
            ..operation(
                Method::GET,
                "/api/v1/tokens",
                "tokens",
                Access::Member,
                keys::API_TOKENS,
                Reply::Json(200, TOKENS),
                |c| Box::pin(list(c)),
            )
        },
        Operation {
            tag: "tokens",
            body: Body::Json(NEW),
            problems: &[507],
            ..operation(
                Method::POST,
                "/api/v1/tokens",
                "create-token",
                Access::Member,
                keys::API_CREATE_TOKEN,
                Reply::Json(201, MADE),
                |c| Box::pin(create(c)),
            )
        },
        Operation {
            tag: "tokens",
            problems: &[507],
            ..operation(
                Method::DELETE,
                "/api/v1/tokens/{id}",
                "revoke-token",
                Access::Member,
                keys::API_REVOKE_TOKEN,
                Reply::Empty(204),
                |c| Box::pin(revoke(c)),
            )
        },
    ]
}

fn line(t: &TokenLine) -> Value {
    let words = |s: &str| s.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let when = |i: Option<Instant>| i.map(|i| i.to_string());
    json!({
        "id": t.id.to_string(), "user_id": t.user.to_string(), "name": t.name,
        "scopes": words(&t.scopes), "networks": words(&t.networks), "created_at": t.created_at.to_string(),
        "used_at": when(t.used_at), "expires_at": when(t.expires_at), "revoked_at": when(t.revoked_at),
    })
}

async fn list(call: Call) -> Answer {
    let all = call.app.tokens(call.caller()?).await.map_err(call.fail())?;
    let data: Vec<Value> = all.iter().map(line).collect();
    Ok(json_answer(StatusCode::OK, &json!({ "data": data })))
}

async fn create(call: Call) -> Answer {
    let caller = call.caller()?;
    let texts = |name: &str| -> Vec<String> {
        call.json
            .get(name)
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

async fn revoke(call: Call) -> Answer {
    call.app
        .revoke_token(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
