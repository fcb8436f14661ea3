//! Merging records and taking merges back.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode};
use bytes::Bytes;
use peyvand_app::App;
use serde_json::{Value, json};

use crate::auth::Door;
use crate::problem::Problem;
use crate::records::{Answer, fail, id, json_object, one};

/// The header that carries the operation by which a merge can be taken back.
const OPERATION: &str = "peyvand-operation";

/// `POST /{plural}/{id}/merge` with `{"from": id, "take": ["field", …]}`: the survivor.
pub(crate) async fn merge(
    State(app): State<Arc<App>>,
    Door(caller): Door,
    Path((plural, key)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let object = app.object(&caller, &plural).map_err(fail(&caller))?;
    let survivor = id(&key)?;
    let json = json_object(&body)?;
    let bad =
        |name: &str| Problem::new(StatusCode::BAD_REQUEST, "bad-parameter").with("parameter", json!(name));
    if let Some(unknown) = json.keys().find(|k| !matches!(k.as_str(), "from" | "take")) {
        return Err(bad(unknown));
    }
    let from = json
        .get("from")
        .and_then(Value::as_str)
        .ok_or_else(|| bad("from"))?;
    let from = from.parse().map_err(|_| bad("from"))?;
    let take: Vec<String> = match json.get("take") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(keys)) => keys
            .iter()
            .map(|k| k.as_str().map(str::to_owned).ok_or_else(|| bad("take")))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(bad("take")),
    };
    let done = app
        .merge(&caller, &object, survivor, from, &take)
        .await
        .map_err(fail(&caller))?;
    let mut answer = one(&app, &caller, &object, StatusCode::OK, &done.survivor)?;
    if let Ok(v) = HeaderValue::from_str(&done.operation.to_string()) {
        answer.headers_mut().insert(OPERATION, v);
    }
    Ok(answer)
}

/// `POST /merges/{operation}/undo`: the record that came back.
pub(crate) async fn undo(
    State(app): State<Arc<App>>,
    Door(caller): Door,
    Path(operation): Path<String>,
) -> Answer {
    let record = app
        .unmerge(&caller, id(&operation)?)
        .await
        .map_err(fail(&caller))?;
    let object = caller
        .workspace
        .catalog()
        .object(&record.object)
        .map(Arc::clone)
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "not-found"))?;
    one(&app, &caller, &object, StatusCode::OK, &record)
}
