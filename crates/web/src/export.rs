//! The file of what a list shows.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use peyvand_app::pieces::Pieces;
use peyvand_app::transfer::export::ExportFormat;
use peyvand_app::transfer::import::TransferError;
use peyvand_app::{App, AppError, ListRequest};
use peyvand_catalog::FieldIx;

use crate::door::Visitor;
use crate::record::files::download;
use crate::shell::{self, Answer};

/// CSV or XLSX of the list at this address: its columns, filter, search and sort.
pub(crate) async fn view(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(plural): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let state = crate::list::state_of(&app, &visitor, &plural, &object, pairs).await;
    let (format, kind, ending) = match state.besides("format") {
        "xlsx" => (
            ExportFormat::Xlsx,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
        _ => (ExportFormat::Csv, "text/csv; charset=utf-8", "csv"),
    };
    let some = |s: &str| Some(s.trim().to_owned()).filter(|s| !s.is_empty());
    let request = ListRequest {
        filter: some(state.get("filter")),
        sort: some(&state.order(caller, &object)),
        q: some(state.get("q")),
        ..ListRequest::default()
    };
    let columns: Vec<FieldIx> = state
        .columns(&app, caller, &object)
        .into_iter()
        .map(|(ix, _)| ix)
        .collect();
    // Nothing is sent before all of it was written: a right that is taken meanwhile counts. It waits on the disk.
    let mut file = app.passing_file().map_err(visitor.fail())?;
    app.export_view(caller, &object, &request, &columns, format, &mut file)
        .await
        .map_err(|e| match e {
            TransferError::App(e) => shell::failure(&e, visitor.view.language),
            e => {
                tracing::error!(code = e.code(), "an export: {e}");
                shell::failure(&AppError::NotFound, visitor.view.language)
            }
        })?;
    let pieces = Pieces::of_passing(file).await.map_err(visitor.fail())?;
    Ok(download(pieces, &format!("{}.{ending}", object.plural), kind))
}
