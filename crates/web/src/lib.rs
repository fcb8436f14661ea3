//! The web application: pages rendered on the server, in Persian and English. Every page works without script.

mod assets;
mod board;
mod door;
mod duplicates;
mod fields;
mod form;
mod guard;
mod home;
mod list;
mod lookup;
mod people;
mod preferences;
mod record;
mod shell;
mod view;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use peyvand_app::App;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

/// Most bytes of a form.
const BODY: usize = 2 * 1024 * 1024;
/// Longest time that a page may take.
const TIME: Duration = Duration::from_secs(30);

/// The routes of the pages.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(home::page))
        .route("/sign-in", get(people::sign_in_page).post(people::sign_in))
        .route("/sign-in/link", get(people::link_page).post(people::link))
        .route("/set-up", get(people::set_up_page).post(people::set_up))
        .route("/sign-out", post(people::sign_out))
        .route("/preferences", get(preferences::page).post(preferences::save))
        .route("/lookup", get(lookup::palette))
        .route("/lookup/{object}", get(lookup::records))
        .route("/deals/board", get(board::page))
        .route("/deals/{id}/move", post(board::move_deal))
        .route("/assets/{name}", get(assets::serve))
        .route("/{plural}", get(list::page))
        .route("/{plural}/new", get(form::new_page).post(form::create))
        .route("/{plural}/duplicates", post(duplicates::piece))
        .route("/{plural}/{id}", get(record::page))
        .route("/{plural}/{id}/edit", get(form::edit_page).post(form::save))
        .route("/{plural}/{id}/delete", post(record::delete))
        .route("/{plural}/{id}/restore", post(record::restore))
        .route("/{plural}/{id}/notes", post(record::add_note))
        .fallback(shell::not_found)
        .layer(middleware::from_fn(guard::same_origin))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIME))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }))
        .layer(middleware::from_fn(guard::headers))
        .with_state(app)
}
