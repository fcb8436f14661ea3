//! The audit log of a record.

use axum::http::{Method, StatusCode};
use peyvand_i18n::keys;
use peyvand_record::Verb;
use serde_json::{Value, json};

use crate::call::{Answer, Call, json_answer};
use crate::shape::{Shape, must};
use crate::table::{Access, Operation, Reply, operation};

/// An entry of the log.
const ENTRY: Shape = Shape::Named(
    "audit.entry",
    &Shape::Object(&[
        must("id", Shape::Id),
        must("at", Shape::Instant),
        must("actor", Shape::Maybe(&Shape::Id)),
        must("via", Shape::Text(20)),
        must("request", Shape::Id),
        must("action", Shape::Text(20)),
        must("position", Shape::Maybe(&Shape::Whole(1, i64::MAX))),
        must("detail", Shape::Any),
    ]),
);
const ENTRIES: Shape = Shape::Object(&[must("data", Shape::List(&ENTRY, 1000))]);

/// The operations on the audit log.
pub(crate) fn operations() -> Vec<Operation> {
    vec![operation(
        Method::GET,
        "/api/v1/{plural}/{id}/audit",
        "audit-of",
        Access::Records(Verb::Read),
        keys::API_AUDIT_OF,
        Reply::Json(200, ENTRIES),
        |c| Box::pin(of_record(c)),
    )]
}

/// Who changed what, newest first.
async fn of_record(call: Call) -> Answer {
    let entries = call
        .app
        .audit_of(call.caller()?, call.object()?, call.id()?)
        .await
        .map_err(call.fail())?;
    let data: Vec<Value> = entries
        .into_iter()
        .map(|e| {
            json!({
                "id": e.id.to_string(), "at": e.at.to_string(), "actor": e.actor.map(|a| a.to_string()),
                "via": e.via, "request": e.request.to_string(), "action": e.action,
                "position": e.position, "detail": e.detail,
            })
        })
        .collect();
    Ok(json_answer(StatusCode::OK, &json!({ "data": data })))
}
