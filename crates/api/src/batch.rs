//! Up to 1,000 changes of records of one object in one request.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use peyvand_app::records::{Idempotency, Refused, TOGETHER, Wish};
use peyvand_catalog::ObjectDef;
use peyvand_i18n::keys;
use peyvand_record::{Record, Verb};
use serde_json::{Value, json};

use crate::call::{Answer, Call, json_answer, not_found};
use crate::problem::Problem;
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Kind, Operation, Param, Reply, When, operation};

/// Most items of a batch.
pub(crate) const BATCH: usize = 1000;

/// What a batch answers: one result for each item, in their order.
const RESULTS: Shape = Shape::Object(&[must(
    "data",
    Shape::List(
        &Shape::Object(&[
            must("status", Shape::Whole(200, 599)),
            may("id", Shape::Id),
            may("version", Shape::Whole(1, i64::MAX)),
            may("code", Shape::Text(100)),
            may("detail", Shape::Text(20_000)),
            may("errors", Shape::List(&Shape::Any, 1000)),
            may("field", Shape::Text(1000)),
            may("now", Shape::Map(&Shape::Any)),
        ]),
        BATCH,
    ),
)]);

/// What an item may have beside the fields of the record.
const OF_ITEMS: &[(&str, Shape)] = &[("id", Shape::Text(100)), ("version", Shape::Whole(1, i64::MAX))];

/// The operations on many records.
pub(crate) fn operations() -> Vec<Operation> {
    vec![Operation {
        when: When::Written,
        params: &[Param {
            name: "atomic",
            kind: Kind::Flag,
            about: keys::API_PARAM_ATOMIC,
        }],
        headers: &["Idempotency-Key"],
        body: Body::Json(Shape::Batch),
        problems: &[409, 507],
        ..operation(
            Method::POST,
            "/api/v1/{plural}/batch",
            "batch",
            Access::Records(Verb::Create),
            keys::API_BATCH,
            Reply::Json(200, RESULTS),
            |c| Box::pin(batch(c)),
        )
    }]
}

/// An item with an `id` changes that record, one without makes one.
fn read(call: &Call, item: Value) -> Result<Wish, Problem> {
    let mut faults = Vec::new();
    let Value::Object(mut map) = item else {
        Shape::Map(&Shape::Any).faults("item", &item, &mut faults);
        return Err(Problem::invalid(faults, call.language));
    };
    if !map.contains_key("id") {
        return Ok(Wish::New(map));
    }
    for (key, shape) in OF_ITEMS {
        if let Some(v) = map.get(*key) {
            shape.faults(key, v, &mut faults);
        }
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults, call.language));
    }
    let id = map.remove("id").unwrap_or_default();
    let id = id.as_str().and_then(|t| t.parse().ok()).ok_or_else(not_found)?;
    let version = map.remove("version").as_ref().and_then(crate::shape::whole);
    Ok(Wish::Change(id, version, map))
}

async fn one(
    call: &Call,
    object: &Arc<ObjectDef>,
    item: Value,
    key: Option<&Idempotency>,
) -> Result<(u16, Record), Problem> {
    let caller = call.caller()?;
    match read(call, item)? {
        Wish::New(map) => call.app.create(caller, object, &map, key).await.map(|r| (201, r)),
        Wish::Change(id, version, map) => call
            .app
            .patch_once(caller, object, id, &map, version, key)
            .await
            .map(|r| (200, r)),
    }
    .map_err(call.fail())
}

/// Each item has its own result; with `atomic`, all are done or none.
async fn batch(mut call: Call) -> Answer {
    let Some(Value::Array(items)) = call.json.remove("items") else {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad-json"));
    };
    let atomic = call.flag("atomic");
    let most = if atomic { TOGETHER } else { BATCH };
    if items.len() > most {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-many-items").with("most", json!(most)));
    }
    let object = call.object()?;
    let key = call.idempotency(&format!(
        "POST /{}/batch{}",
        object.plural,
        if atomic { "?atomic" } else { "" }
    ))?;
    if atomic {
        return together(&call, object, items, key.as_ref()).await;
    }
    call.app
        .same_items(call.caller()?, key.as_ref())
        .await
        .map_err(call.fail())?;
    let mut results = Vec::with_capacity(items.len());
    for (n, item) in items.into_iter().enumerate() {
        // Each item is an effect of its own: what was done is not done again, what failed is tried again.
        let key = key.as_ref().map(|k| k.item(n));
        results.push(match one(&call, object, item, key.as_ref()).await {
            Ok((status, r)) => done(status, &r),
            Err(p) => refused(p.said(call.language)),
        });
    }
    Ok(json_answer(StatusCode::OK, &json!({ "data": results })))
}

/// All of them in one transaction, or the first item that cannot be done as the problem of the whole request.
async fn together(
    call: &Call,
    object: &Arc<ObjectDef>,
    items: Vec<Value>,
    key: Option<&Idempotency>,
) -> Answer {
    let mut wishes = Vec::with_capacity(items.len());
    for (n, item) in items.into_iter().enumerate() {
        wishes.push(read(call, item).map_err(|p| p.with("item", json!(n)))?);
    }
    let records = call
        .app
        .write_together(call.caller()?, object, &wishes, key)
        .await
        .map_err(|Refused { wish, error }| {
            let problem = (call.fail())(error);
            match wish {
                Some(n) => problem.with("item", json!(n)),
                None => problem,
            }
        })?;
    let results: Vec<Value> = wishes
        .iter()
        .zip(&records)
        .map(|(wish, r)| done(if matches!(wish, Wish::New(_)) { 201 } else { 200 }, r))
        .collect();
    Ok(json_answer(StatusCode::OK, &json!({ "data": results })))
}

/// The result of an item that was done.
fn done(status: u16, record: &Record) -> Value {
    json!({"status": status, "id": record.id().to_string(), "version": record.version()})
}

/// The result of an item that was refused.
fn refused(problem: Problem) -> Value {
    let status = problem.status();
    let mut document = problem.into_json();
    let mut out = json!({"status": status});
    for key in ["code", "detail", "errors", "id", "version", "now", "field"] {
        if let Some(v) = document.remove(key) {
            out[key] = v;
        }
    }
    out
}
