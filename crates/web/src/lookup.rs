//! What is found while typing: for the palette and for inputs of links.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use peyvand_app::{App, Caller, ListRequest, reading};
use peyvand_record::{Reach, Verb};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::door::Visitor;
use crate::shell::{Answer, icon};

/// Objects that the palette searches.
const SEARCHED: [&str; 4] = ["contact", "company", "deal", "product"];

/// What was typed.
#[derive(Debug, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    q: String,
}

async fn found(app: &App, caller: &Caller, key: &str, q: &str, limit: u32) -> Vec<Value> {
    let Some(object) = caller.workspace.catalog().object(key) else {
        return Vec::new();
    };
    if caller.policy.reach(key, Verb::Read) == Reach::None {
        return Vec::new();
    }
    let request = ListRequest {
        q: Some(q.to_owned()).filter(|q| !q.trim().is_empty()),
        limit: Some(limit),
        ..ListRequest::default()
    };
    match app.list(caller, object, &request).await {
        Ok(l) => l
            .records
            .iter()
            .map(|r| {
                json!({"id": r.id().to_string(), "title": reading::title(object, r),
                       "to": format!("/{}/{}", object.plural, r.id()), "icon": icon(&object.icon)})
            })
            .collect(),
        Err(e) => {
            tracing::debug!("lookup: {e}");
            Vec::new()
        }
    }
}

/// Records of the palette, by object.
pub(crate) async fn palette(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(typed): Query<Typed>,
) -> Response {
    let caller = &visitor.session.caller;
    let mut groups = Vec::new();
    let q: String = typed.q.chars().take(200).collect();
    for key in SEARCHED {
        let items = if q.trim().is_empty() {
            Vec::new()
        } else {
            found(&app, caller, key, &q, 5).await
        };
        if let Some(o) = caller.workspace.catalog().object(key)
            && !items.is_empty()
        {
            groups.push(json!({"label": visitor.view.label(&o.labels), "items": items}));
        }
    }
    Json(json!({ "groups": groups })).into_response()
}

/// Records of one object.
pub(crate) async fn records(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(object): Path<String>,
    Query(typed): Query<Typed>,
) -> Answer {
    let q: String = typed.q.chars().take(200).collect();
    let items = found(&app, &visitor.session.caller, &object, &q, 8).await;
    Ok(Json(json!({ "items": items })).into_response())
}
