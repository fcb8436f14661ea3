//! Files of a record: shown, put there, fetched, taken away.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures::stream;
use peyvand_app::pieces::Pieces;
use peyvand_app::{App, AppError};
use peyvand_catalog::ObjectDef;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::file;
use peyvand_core::Id;

use crate::door::{Visitor, encode, say};
use crate::form::id_of;
use crate::shell::Answer;
use crate::view::Viewer;

/// A file of a record.
pub(crate) struct Attached {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) about: String,
}

/// A number of bytes as people say it.
pub(crate) fn size(v: &Viewer, bytes: i64) -> String {
    let units = match v.language {
        peyvand_numbers::Language::Fa => ["بایت", "کیلوبایت", "مگابایت", "گیگابایت"],
        peyvand_numbers::Language::En => ["bytes", "KB", "MB", "GB"],
    };
    let mut n = bytes;
    let mut at = 0;
    while n >= 1024 && at + 1 < units.len() {
        n /= 1024;
        at += 1;
    }
    format!("{} {}", v.number(n), units.get(at).copied().unwrap_or_default())
}

/// The files of a record.
pub(crate) async fn attached(
    app: &App,
    visitor: &Visitor,
    object: &Arc<ObjectDef>,
    id: Id,
) -> Result<Vec<Attached>, AppError> {
    let v = &visitor.view;
    let all = app.attachments(&visitor.session.caller, object, id).await?;
    Ok(all
        .iter()
        .map(|r| {
            let at = r.get(system::CREATED_AT).as_instant().unwrap_or_default();
            Attached {
                id: r.id().to_string(),
                name: r.get(file::NAME).as_str().unwrap_or_default().to_owned(),
                about: format!(
                    "{} · {}",
                    size(v, r.get(file::SIZE).as_int().unwrap_or(0)),
                    v.ago(at)
                ),
            }
        })
        .collect())
}

/// The sentence for a reason of a refusal.
fn refusal(reason: &str) -> &'static str {
    match reason {
        "name" => "record-file-name",
        "extension" => "record-file-extension",
        "size" => "record-file-size",
        "scanner" => "record-file-scanner",
        _ => "record-file-content",
    }
}

/// Puts a file on a record.
pub(crate) async fn attach(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    mut form: Multipart,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let back = format!("/{plural}/{id}");
    let refused = |reason: &str| say(&back, refusal(reason), "");
    let mut count = 0;
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(_) => return Ok(refused("size")),
        };
        let Some(name) = field.file_name().map(str::to_owned).filter(|n| !n.is_empty()) else {
            continue;
        };
        let Ok(bytes) = field.bytes().await else {
            return Ok(refused("size"));
        };
        match app.attach(caller, &object, id, &name, bytes.to_vec()).await {
            Ok(_) => count += 1,
            Err(AppError::FileRefused { reason }) => return Ok(refused(reason)),
            Err(e) => return Err(visitor.fail()(e)),
        }
    }
    let said = if count > 0 {
        "record-file-added"
    } else {
        "record-empty"
    };
    Ok(say(&back, said, ""))
}

/// Sends a file, always as something to be saved: what others have put here is never shown as a page of this site.
pub(crate) async fn fetch(State(app): State<Arc<App>>, visitor: Visitor, Path(key): Path<String>) -> Answer {
    let id = id_of(&visitor, &key)?;
    let found = app
        .download(&visitor.session.caller, id)
        .await
        .map_err(visitor.fail())?;
    let pieces = Pieces::of(found.content, 0, found.size);
    Ok(download(pieces, &found.name, "application/octet-stream"))
}

/// An answer that the browser saves under a name.
pub(crate) fn download(pieces: Pieces, name: &str, media: &'static str) -> Response {
    let length = pieces.left();
    let body = stream::unfold(pieces, |mut p| async { p.next().await.map(|piece| (piece, p)) });
    let mut r = Response::new(Body::from_stream(body));
    let h = r.headers_mut();
    h.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    h.insert(header::CONTENT_LENGTH, length.into());
    let disposition = format!("attachment; filename*=UTF-8''{}", encode(name));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        h.insert(header::CONTENT_DISPOSITION, value);
    }
    r
}

/// Takes a file away.
pub(crate) async fn detach(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key, file)): Path<(String, String, String)>,
) -> Answer {
    let id = id_of(&visitor, &file)?;
    app.detach(&visitor.session.caller, id)
        .await
        .map_err(visitor.fail())?;
    let back = id_of(&visitor, &key)?;
    Ok(say(
        &format!("/{}/{back}", encode(&plural)),
        "record-file-gone",
        "",
    ))
}
