//! The REST interface under `/api/v1`: the same use cases as everywhere, as flat JSON with problem documents.

mod audit;
mod auth;
mod merge;
mod params;
mod problem;
mod records;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use peyvand_app::App;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

pub use auth::Door;
pub use problem::Problem;

/// Most bytes of a request's body.
const BODY: usize = 8 * 1024 * 1024;
/// Longest time that a request may take.
const TIME: Duration = Duration::from_secs(30);

/// The routes of the interface.
pub fn router(app: Arc<App>) -> Router {
    let api = Router::new()
        .route("/objects", get(records::objects))
        .route("/{plural}", get(records::list).post(records::create))
        .route("/{plural}/batch", post(records::batch))
        .route(
            "/{plural}/{id}",
            get(records::get).patch(records::patch).delete(records::delete),
        )
        .route("/{plural}/{id}/restore", post(records::restore))
        .route("/{plural}/{id}/merge", post(merge::merge))
        .route("/{plural}/{id}/audit", get(audit::of_record))
        .route("/merges/{operation}/undo", post(merge::undo))
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "not-found") })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed")
        });
    Router::new()
        .nest("/api/v1", api)
        .route("/health", get(|| async { "ok" }))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIME))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").into_response()
        }))
        .with_state(app)
}
