//! Merging records and taking merges back.

use std::sync::Arc;

use axum::http::{HeaderName, Method, StatusCode};
use peyvand_i18n::keys;
use peyvand_record::Verb;
use serde_json::Value;

use crate::call::{Answer, Call, not_found, put};
use crate::records::one;
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Operation, Reply, When, operation};

/// The header that carries the operation by which a merge can be taken back.
const OPERATION: &str = "peyvand-operation";

/// Which record comes in, and which of its values win.
const MERGE: Shape = Shape::Object(&[
    must("from", Shape::Id),
    may("take", Shape::List(&Shape::Text(60), 500)),
]);

/// The operations of merging.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            when: When::Merged,
            headers: &["Idempotency-Key"],
            body: Body::Json(MERGE),
            problems: &[409, 507],
            ..operation(
                Method::POST,
                "/api/v1/{plural}/{id}/merge",
                "merge",
                Access::Records(Verb::Update),
                keys::API_MERGE,
                Reply::Json(200, Shape::Record),
                |c| Box::pin(merge(c)),
            )
        },
        Operation {
            headers: &["Idempotency-Key"],
            problems: &[409, 507],
            ..operation(
                Method::POST,
                "/api/v1/merges/{id}/undo",
                "unmerge",
                Access::Member,
                keys::API_UNMERGE,
                Reply::Json(200, Shape::Any),
                |c| Box::pin(undo(c)),
            )
        },
    ]
}

/// `{"from": id, "take": ["field", …]}`: the survivor.
async fn merge(call: Call) -> Answer {
    let object = call.object()?;
    let from = call.id_of("from").ok_or_else(not_found)?;
    let take: Vec<String> = call
        .json
        .get("take")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|k| k.as_str().map(str::to_owned))
        .collect();
    let id = call.id()?;
    let key = call.idempotency(&format!("POST /{}/{id}/merge", object.plural))?;
    let done = call
        .app
        .merge_once(call.caller()?, object, id, from, &take, key.as_ref())
        .await
        .map_err(call.fail())?;
    let mut answer = one(&call, object, StatusCode::OK, &done.survivor)?;
    put(
        &mut answer,
        HeaderName::from_static(OPERATION),
        &done.operation.to_string(),
    );
    Ok(answer)
}

/// The record that came back.
async fn undo(call: Call) -> Answer {
    let caller = call.caller()?;
    let id = call.id()?;
    let key = call.idempotency(&format!("POST /merges/{id}/undo"))?;
    let record = call
        .app
        .unmerge_once(caller, id, key.as_ref())
        .await
        .map_err(call.fail())?;
    let object = caller
        .workspace
        .catalog()
        .object(&record.object)
        .map(Arc::clone)
        .ok_or_else(not_found)?;
    one(&call, &object, StatusCode::OK, &record)
}
