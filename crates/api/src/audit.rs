//! The audit log of a record.

use axum::http::{Method, StatusCode};
use peyvand_app::reading::Behind;
use peyvand_i18n::keys;
use peyvand_record::Verb;
use serde_json::{Value, json};

use crate::call::{Answer, Call, json_answer};
use crate::problem::Problem;
use crate::shape::{Shape, must};
use crate::table::{Access, Kind, Operation, Param, Reply, operation};

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
const ENTRIES: Shape = Shape::Object(&[
    must("data", Shape::List(&ENTRY, 200)),
    must("next_cursor", Shape::Maybe(&Shape::Text(100))),
]);
/// Where a page of what happened to one record begins.
pub(crate) const CURSOR: Param = Param {
    name: "cursor",
    kind: Kind::Text(100),
    about: keys::API_PARAM_CURSOR,
};
/// How much stands on it.
pub(crate) const LIMIT: Param = Param {
    name: "limit",
    kind: Kind::Whole(1, 200),
    about: keys::API_PARAM_LIMIT,
};

/// The operations on the audit log.
pub(crate) fn operations() -> Vec<Operation> {
    vec![Operation {
        params: &[CURSOR, LIMIT],
        ..operation(
            Method::GET,
            "/api/v1/{plural}/{id}/audit",
            "audit-of",
            Access::Records(Verb::Read),
            keys::API_AUDIT_OF,
            Reply::Json(200, ENTRIES),
            |c| Box::pin(of_record(c)),
        )
    }]
}

/// Where the page before ended.
pub(crate) fn behind(call: &Call) -> Result<Option<Behind>, Problem> {
    let cursor = call.param("cursor").map(str::parse::<Behind>);
    cursor.transpose().map_err(call.fail())
}

/// Who changed what, newest first.
async fn of_record(call: Call) -> Answer {
    let (entries, next) = call
        .app
        .audit_page(
            call.caller()?,
            call.object()?,
            call.id()?,
            behind(&call)?,
            call.number("limit").unwrap_or(50) as u32,
        )
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
    let next = next.map(|n| n.to_string());
    Ok(json_answer(
        StatusCode::OK,
        &json!({"data": data, "next_cursor": next}),
    ))
}
