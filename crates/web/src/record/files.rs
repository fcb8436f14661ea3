//! Files of a record: shown, put there, fetched, taken away.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use peyvand_app::pieces::Pieces;
use peyvand_app::{App, AppError};
use peyvand_catalog::ObjectDef;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::file;
use peyvand_core::Id;
use peyvand_i18n::Key;
use serde_json::json;

use crate::door::{Visitor, encode, say, scripted};
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
    // In tenths, rounded: 1.9 MB is not 1 MB.
    let mut unit = 1_i64;
    let mut at = 0;
    while bytes / unit >= 1024 && at + 1 < units.len() {
        unit *= 1024;
        at += 1;
    }
    let tenths = (i128::from(bytes) * 10 + i128::from(unit) / 2) / i128::from(unit);
    let tenths = i64::try_from(tenths).unwrap_or(i64::MAX);
    let n = if tenths >= 100 {
        v.number((tenths + 5) / 10)
    } else {
        v.decimal(tenths, 1)
    };
    format!("{n} {}", units.get(at).copied().unwrap_or_default())
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

/// Puts a file on a record. A script is told what happened in JSON, so that its page stays where it is.
pub(crate) async fn attach(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let back = format!("/{plural}/{id}");
    let answer = |status: StatusCode, key: &str| {
        if !scripted(&headers) {
            return say(&back, key, "");
        }
        let said = Key::find(key).map(|k| visitor.view.t(k)).unwrap_or_default();
        (status, Json(json!({ "said": said }))).into_response()
    };
    let refused = |reason: &str| answer(StatusCode::UNPROCESSABLE_ENTITY, refusal(reason));
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
    Ok(if count > 0 {
        answer(StatusCode::OK, "record-file-added")
    } else {
        answer(StatusCode::UNPROCESSABLE_ENTITY, "record-empty")
    })
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

#[cfg(test)]
mod tests {
    use peyvand_numbers::Language;

    use super::size;
    use crate::view::Viewer;

    #[test]
    fn sizes_are_rounded() {
        let v = Viewer {
            language: Language::En,
            calendar: peyvand_calendar::Calendar::Gregorian,
            digits: Language::En.digits(),
            unit: peyvand_numbers::RialUnit::Rial,
            theme: "system",
            zone: peyvand_calendar::zone::tehran(),
            now: peyvand_core::Instant::default(),
        };
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 bytes"),
            (1023, "1,023 bytes"),
            (1024, "1 KB"),
            (1536, "1.5 KB"),
            (2047, "2 KB"),
            (1_992_294, "1.9 MB"),
            (12_345_678, "12 MB"),
            (104_857_600, "100 MB"),
        ] {
            assert_eq!(size(&v, bytes), text, "{bytes}");
        }
    }
}
