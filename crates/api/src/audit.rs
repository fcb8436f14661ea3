//! The audit log of a record.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use peyvand_app::App;
use serde_json::json;

use crate::auth::Door;
use crate::records::{Answer, fail, id, json_response};

/// `GET /{plural}/{id}/audit`: who changed what, newest first.
pub(crate) async fn of_record(
    State(app): State<Arc<App>>,
    Door(caller): Door,
    Path((plural, key)): Path<(String, String)>,
) -> Answer {
    let object = app.object(&caller, &plural).map_err(fail(&caller))?;
    let entries = app
        .audit_of(&caller, &object, id(&key)?)
        .await
        .map_err(fail(&caller))?;
    let data: Vec<_> = entries
        .into_iter()
        .map(|e| {
            json!({
                "id": e.id.to_string(), "at": e.at.to_string(), "actor": e.actor.map(|a| a.to_string()),
                "via": e.via, "request": e.request.to_string(), "action": e.action,
                "position": e.position, "detail": e.detail,
            })
        })
        .collect();
    Ok(json_response(
        StatusCode::OK,
        json!({ "data": data }).to_string().into_bytes(),
    ))
}
