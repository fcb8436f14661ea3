//! The web application: pages rendered on the server, in Persian and English. Every page works without script.

mod again;
mod agenda;
mod asking;
mod assets;
mod bin;
mod board;
mod bulk;
mod cells;
mod consent;
mod door;
mod duplicates;
mod export;
mod exports;
mod fields;
mod form;
mod guard;
mod home;
mod list;
mod lookup;
mod notifications;
mod peek;
mod people;
mod pick;
mod preferences;
mod quick;
mod record;
mod settings;
mod shell;
mod transfers;
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
/// Most bytes of a request with files: the largest file and its envelope.
const FILE: usize = peyvand_app::file_kinds::LARGEST_FILE as usize + 64 * 1024;
/// Longest time that a page may take.
const TIME: Duration = Duration::from_secs(30);

/// The routes of people: the door, one's own account, the people of a workspace.
fn people_routes() -> Router<Arc<App>> {
    use people::{access, account, entry, links, members};
    Router::new()
        .route("/sign-in", get(entry::sign_in_page).post(entry::sign_in))
        .route("/sign-in/code", post(entry::code))
        .route("/sign-in/link", get(links::sign_in_page).post(links::sign_in))
        .route("/set-up", get(entry::set_up_page).post(entry::set_up))
        .route("/sign-out", post(entry::sign_out))
        .route("/join", get(links::join_page).post(links::join))
        .route("/reset", get(links::reset_page).post(links::reset))
        .route("/account", get(account::page))
        .route("/account/password", post(account::password))
        .route("/account/prove", get(account::prove_page).post(account::prove))
        .route(
            "/account/codes",
            get(account::totp_page).post(account::totp_begin),
        )
        .route("/account/codes/confirm", post(account::totp_confirm))
        .route("/account/codes/end", post(account::totp_end))
        .route("/account/recovery", post(account::recovery))
        .route("/account/sign-out", post(account::sign_out_device))
        .route("/account/workspace", post(account::switch))
        .route("/settings/access", get(access::page))
        .route("/settings/people", get(members::page).post(members::create))
        .route("/settings/people/{id}/invite", post(members::invite))
        .route("/settings/people/{id}/reset-link", post(members::reset_link))
        .route("/settings/people/{id}/active", post(members::active))
        .route(
            "/settings/people/{id}/hand-over",
            get(members::hand_over_page).post(members::hand_over),
        )
}

/// The routes of roles and their rights.
fn role_routes() -> Router<Arc<App>> {
    use settings::roles;
    Router::new()
        .route("/settings/roles", get(roles::page).post(roles::create))
        .route("/settings/roles/{id}", get(roles::role).post(roles::save))
        .route("/settings/roles/{id}/copy", post(roles::copy))
        .route("/settings/roles/{id}/delete", post(roles::delete))
        .route(
            "/settings/roles/{id}/fields/{object}",
            get(roles::fields::page).post(roles::fields::save),
        )
}

/// The routes of the pages.
pub fn router(app: Arc<App>) -> Router {
    let short = Router::new()
        .route("/", get(home::page))
        .route("/again", get(again::page))
        .merge(people_routes())
        .route("/preferences", get(preferences::page).post(preferences::save))
        .route("/lookup", get(lookup::palette))
        .route("/lookup/{object}", get(lookup::records))
        .route("/import/{id}", get(transfers::steps).post(transfers::begin))
        .route("/import/{id}/problems", get(transfers::problems))
        .route("/settings", get(settings::page))
        .route(
            "/settings/objects",
            get(settings::objects::page).post(settings::objects::add_object),
        )
        .route(
            "/settings/objects/{key}",
            get(settings::objects::object).post(settings::objects::add_field),
        )
        .route(
            "/settings/objects/{key}/delete",
            post(settings::deleted::delete_object),
        )
        .route(
            "/settings/objects/{key}/restore",
            post(settings::deleted::restore_object),
        )
        .route(
            "/settings/objects/{key}/{number}",
            post(settings::objects::change_field),
        )
        .route(
            "/settings/objects/{key}/{number}/restore",
            post(settings::deleted::restore),
        )
        .merge(role_routes())
        .route(
            "/settings/objects/{key}/choices/{field}",
            get(settings::choices::page).post(settings::choices::save),
        )
        .route("/settings/holidays/iran", post(settings::time::keep_iran))
        .route(
            "/settings/holidays",
            get(settings::time::holidays).post(settings::time::add_holiday),
        )
        .route(
            "/settings/hours",
            get(settings::time::hours).post(settings::time::save_hours),
        )
        .route(
            "/settings/numbering",
            get(settings::numbering::page).post(settings::numbering::save),
        )
        .route("/settings/backup", get(settings::backup::page))
        .route(
            "/settings/workspace",
            get(settings::workspace::page).post(settings::workspace::save),
        )
        .route("/settings/log", get(settings::log::page))
        .route("/settings/jobs", get(settings::system::jobs))
        .route("/settings/jobs/{id}/retry", post(settings::system::retry))
        .route(
            "/settings/tokens",
            get(settings::tokens::page).post(settings::tokens::add),
        )
        .route("/settings/tokens/{id}/revoke", post(settings::tokens::revoke))
        .route("/pick/month", get(pick::month))
        .route("/calendar", get(agenda::page))
        .route("/calendar/soon", get(agenda::soon))
        .route("/calendar/words", get(form::repeat::words_of))
        .route("/calendar/new", get(agenda::moving::new))
        .route("/calendar/{id}/move", post(agenda::moving::move_by_address))
        .route("/{plural}/board", get(board::page))
        .route("/{plural}/{id}/move", post(board::move_card))
        .route("/deals/{id}/back/{stage}", post(board::back))
        .route("/deals/{id}/move", post(board::move_deal))
        .route("/bin", get(bin::page))
        .route("/notifications", get(notifications::page))
        .route("/notifications/read-all", post(notifications::read_all))
        .route("/notifications/{id}", post(notifications::open))
        .route("/notifications/{id}/read", post(notifications::read))
        .route("/shell", get(lookup::shell))
        .route("/quick", get(quick::page).post(quick::create))
        .route("/contacts/{id}/deal", post(quick::convert))
        .route("/bulk/{id}", get(bulk::progress))
        .route("/bulk/{id}/undo", post(bulk::undo))
        .route("/assets/{name}", get(assets::serve))
        .route("/{plural}", get(list::page))
        .route("/{plural}/bulk", post(bulk::start))
        .route("/{plural}/export", get(export::view))
        .route("/{plural}/views", post(list::views::save))
        .route("/{plural}/views/{id}/delete", post(list::views::delete))
        .route("/{plural}/views/{id}/restore", post(list::views::restore))
        .route("/{plural}/{id}/peek", get(peek::peek))
        .route("/{plural}/{id}/cells", get(cells::row))
        .route(
            "/{plural}/{id}/cell/{field}",
            get(cells::editor).post(cells::save),
        )
        .route("/{plural}/new", get(form::new_page).post(form::create))
        .route("/{plural}/duplicates", post(duplicates::piece))
        .route("/{plural}/{id}", get(record::page))
        .route("/{plural}/{id}/edit", get(form::edit_page).post(form::save))
        .route("/{plural}/{id}/delete", post(record::delete))
        .route("/{plural}/{id}/replace", post(record::replace::replace))
        .route("/{plural}/{id}/restore", post(record::restore))
        .route("/{plural}/{id}/consent", get(consent::page).post(consent::record))
        .route(
            "/{plural}/{id}/edit/{field}",
            get(form::inline::page).post(form::inline::save),
        )
        .route("/{plural}/{id}/undo", post(record::undo::undo))
        .route(
            "/{plural}/{id}/story",
            get(record::compose::back).post(record::compose::story),
        )
        .route("/{plural}/{id}/needs", post(record::compose::need))
        .route("/{plural}/{id}/tags", post(record::tags::change))
        .route("/{plural}/{id}/follow", post(record::compose::follow))
        .route(
            "/{plural}/{id}/shares",
            get(record::shares::page).post(record::shares::change),
        )
        .route(
            "/{plural}/{id}/merge",
            get(record::merge::page).post(record::merge::merge),
        )
        .route("/{plural}/{id}/unmerge", post(record::merge::unmerge))
        .route("/{plural}/{id}/files/{file}/delete", post(record::files::detach))
        .route("/files/{id}/content", get(record::files::fetch))
        .route("/activities/{id}/done", post(record::done))
        .fallback(shell::not_found)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIME));
    // Files come and go as slowly as the line is.
    let long = Router::new()
        .route(
            "/import",
            get(transfers::page)
                .post(transfers::upload)
                .layer(DefaultBodyLimit::disable()),
        )
        .route("/import/{id}/undo", post(transfers::undo))
        .route("/export", get(exports::export).post(exports::begin))
        .route("/export/{id}", get(exports::file))
        .route(
            "/{plural}/{id}/files",
            post(record::files::attach).layer(DefaultBodyLimit::max(FILE)),
        );
    short
        .merge(long)
        .method_not_allowed_fallback(shell::page_behind)
        .layer(middleware::from_fn(again::keep))
        .layer(middleware::from_fn(guard::same_origin))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }))
        .layer(middleware::from_fn(guard::headers))
        .with_state(app)
}
