//! The REST interface under `/api/v1`: the same use cases as everywhere, as flat JSON with problem documents. Every
//! operation stands once in a table; see [`declared`].

mod administration;
mod audit;
mod auth;
mod batch;
mod call;
mod consent;
mod describe;
mod docs;
mod duplicates;
mod events;
mod files;
mod groups;
mod keyed;
mod merge;
mod messages;
mod notifications;
mod openapi;
mod params;
mod people;
mod problem;
mod records;
mod relations;
mod repeat;
mod shape;
mod table;
mod workspace;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::any;
use peyvand_app::App;
use tower_http::catch_panic::CatchPanicLayer;

pub use auth::language;
pub use openapi::{description, readable};
pub use problem::Problem;
pub use table::{Access, Declared, declared};

/// Every operation, subject by subject.
fn operations() -> Vec<table::Operation> {
    let mut all = describe::operations();
    all.extend(docs::operations());
    all.extend(events::operations());
    all.extend(files::operations());
    all.extend(administration::operations());
    all.extend(records::operations());
    all.extend(batch::operations());
    all.extend(duplicates::operations());
    all.extend(groups::operations());
    all.extend(keyed::operations());
    all.extend(relations::operations());
    all.extend(merge::operations());
    all.extend(audit::operations());
    all.extend(consent::operations());
    all.extend(messages::operations());
    all.extend(notifications::operations());
    all.extend(people::operations());
    all.extend(workspace::operations());
    all
}

/// The routes of the interface.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new()
        .route("/api/v1", any(call::dispatch))
        .route("/api/v1/{*path}", any(call::dispatch));
    let mut roots: Vec<&str> = table::table()
        .iter()
        .map(|e| e.operation.path)
        .filter(|p| !p.starts_with("/api/v1/"))
        .collect();
    roots.dedup();
    for path in roots {
        router = router.route(path, any(call::dispatch));
    }
    router
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
                .said(peyvand_numbers::Language::En)
                .into_response()
        }))
        .with_state(app)
}
