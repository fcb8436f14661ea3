//! Files: up in parts, down whole or in ranges; imports and exports, which begin and end with files.

use axum::body::Body as HttpBody;
use axum::http::{HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use peyvand_app::file_kinds::LARGEST_FILE;
use peyvand_app::pieces::Pieces;
use peyvand_app::tasks::TaskLine;
use peyvand_app::transfer::Mapping;
use peyvand_app::transfer::import::TransferError;
use peyvand_app::uploads::{Download, LARGEST_PART, NewUpload, Upload};
use peyvand_i18n::keys;
use peyvand_numbers::Language;
use serde_json::{Value, json};

use crate::call::{Answer, Call, json_answer, not_found, put};
use crate::problem::Problem;
use crate::repeat::Repeat;
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Operation, Reply, operation};

const OFFSET: &str = "upload-offset";

const NEW: Shape = Shape::Object(&[
    must("name", Shape::Text(255)),
    must("size", Shape::Whole(1, LARGEST_FILE as i64)),
    may("target_id", Shape::Maybe(&Shape::Id)),
    may("description", Shape::Maybe(&Shape::Text(255))),
]);
const UPLOAD: Shape = Shape::Named(
    "upload",
    &Shape::Object(&[
        must("id", Shape::Id),
        must("name", Shape::Text(255)),
        must("size", Shape::Whole(1, LARGEST_FILE as i64)),
        must("offset", Shape::Whole(0, LARGEST_FILE as i64)),
        must("largest_part", Shape::Whole(1, LARGEST_FILE as i64)),
        must("file_id", Shape::Maybe(&Shape::Id)),
    ]),
);
const TASK: Shape = Shape::Named(
    "task",
    &Shape::Object(&[
        must("id", Shape::Id),
        must("object", Shape::Text(60)),
        must(
            "state",
            Shape::Choice(&["new", "queued", "running", "checked", "done", "failed", "undone"]),
        ),
        must("created_at", Shape::Instant),
        must("task", Shape::Any),
        must("progress", Shape::Any),
        may("columns", Shape::List(&Shape::Text(10_000), 10_000)),
        may("left", Shape::List(&Shape::Text(10_000), 10_000)),
        may("preset", Shape::Maybe(&Shape::Text(100))),
    ]),
);
const TASKS: Shape = Shape::Object(&[must("data", Shape::List(&TASK, 100))]);
const NEW_IMPORT: Shape = Shape::Object(&[
    must("object", Shape::Text(60)),
    must("file_id", Shape::Id),
    may("mapping", Shape::Maybe(&Shape::Any)),
    may(
        "policy",
        Shape::Choice(&["skip", "fill", "overwrite", "create", "ask"]),
    ),
]);
const NEW_EXPORT: Shape = Shape::Object(&[
    must("object", Shape::Text(60)),
    may("filter", Shape::Maybe(&Shape::Text(20_000))),
    must("format", Shape::Choice(&["csv", "ndjson", "xlsx", "vcf"])),
]);
const UNDONE: Shape = Shape::Object(&[
    must("deleted", Shape::Whole(0, i64::MAX)),
    must("restored", Shape::Whole(0, i64::MAX)),
    must("withdrawn", Shape::Whole(0, i64::MAX)),
    must("kept", Shape::Whole(0, i64::MAX)),
]);

/// The operations on files, imports and exports. What one begins is one's own: of others' it answers that it is not there.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = of_files();
    all.extend(of_tasks());
    all
}

fn of_files() -> Vec<Operation> {
    vec![
        Operation {
            tag: "files",
            body: Body::Json(NEW),
            problems: &[507],
            ..operation(
                Method::POST,
                "/api/v1/uploads",
                "begin-upload",
                Access::Member,
                keys::API_BEGIN_UPLOAD,
                Reply::Json(201, UPLOAD),
                |c| Box::pin(begin(c)),
            )
        },
        Operation {
            tag: "files",
            ..operation(
                Method::GET,
                "/api/v1/uploads/{id}",
                "upload",
                Access::Member,
                keys::API_UPLOAD,
                Reply::Json(200, UPLOAD),
                |c| Box::pin(state(c)),
            )
        },
        Operation {
            tag: "files",
            headers: &["Upload-Offset"],
            // A part that came already does not begin where the upload ends.
            repeat: Repeat::Own,
            body: Body::Bytes("application/offset+octet-stream", LARGEST_PART),
            problems: &[404, 409, 507],
            ..operation(
                Method::PATCH,
                "/api/v1/uploads/{id}",
                "upload-part",
                Access::Member,
                keys::API_UPLOAD_PART,
                Reply::Json(200, UPLOAD),
                |c| Box::pin(part(c)),
            )
        },
        Operation {
            tag: "files",
            headers: &["Range"],
            problems: &[206, 416],
            ..operation(
                Method::GET,
                "/api/v1/files/{id}/content",
                "file-content",
                Access::Member,
                keys::API_FILE_CONTENT,
                Reply::File,
                |c| Box::pin(content(c)),
            )
        },
    ]
}

fn of_tasks() -> Vec<Operation> {
    let task = |method, path, id, about, reply, run| Operation {
        tag: if path_is_import(path) {
            "imports"
        } else {
            "exports"
        },
        ..operation(method, path, id, Access::Member, about, reply, run)
    };
    vec![
        Operation {
            body: Body::Json(NEW_IMPORT),
            problems: &[507],
            ..task(
                Method::POST,
                "/api/v1/imports",
                "begin-import",
                keys::API_BEGIN_IMPORT,
                Reply::Json(201, TASK),
                |c| Box::pin(begin_import(c)),
            )
        },
        task(
            Method::GET,
            "/api/v1/imports",
            "imports",
            keys::API_IMPORTS,
            Reply::Json(200, TASKS),
            |c| Box::pin(tasks(c, "import-task")),
        ),
        task(
            Method::GET,
            "/api/v1/imports/{id}",
            "import",
            keys::API_IMPORT,
            Reply::Json(200, TASK),
            |c| Box::pin(task_of(c, "import-task")),
        ),
        Operation {
            problems: &[409, 507],
            ..task(
                Method::POST,
                "/api/v1/imports/{id}/check",
                "check-import",
                keys::API_CHECK_IMPORT,
                Reply::Json(202, TASK),
                |c| Box::pin(start(c, true)),
            )
        },
        Operation {
            problems: &[409, 507],
            ..task(
                Method::POST,
                "/api/v1/imports/{id}/start",
                "start-import",
                keys::API_START_IMPORT,
                Reply::Json(202, TASK),
                |c| Box::pin(start(c, false)),
            )
        },
        Operation {
            problems: &[409, 507],
            ..task(
                Method::POST,
                "/api/v1/imports/{id}/undo",
                "undo-import",
                keys::API_UNDO_IMPORT,
                Reply::Json(200, UNDONE),
                |c| Box::pin(undo(c)),
            )
        },
        Operation {
            body: Body::Json(NEW_EXPORT),
            problems: &[507],
            ..task(
                Method::POST,
                "/api/v1/exports",
                "begin-export",
                keys::API_BEGIN_EXPORT,
                Reply::Json(202, TASK),
                |c| Box::pin(begin_export(c)),
            )
        },
        task(
            Method::GET,
            "/api/v1/exports",
            "exports",
            keys::API_EXPORTS,
            Reply::Json(200, TASKS),
            |c| Box::pin(tasks(c, "export-task")),
        ),
        task(
            Method::GET,
            "/api/v1/exports/{id}",
            "export",
            keys::API_EXPORT,
            Reply::Json(200, TASK),
            |c| Box::pin(task_of(c, "export-task")),
        ),
        Operation {
            headers: &["Range"],
            problems: &[206, 416],
            ..task(
                Method::GET,
                "/api/v1/exports/{id}/content",
                "export-content",
                keys::API_EXPORT_CONTENT,
                Reply::File,
                |c| Box::pin(exported(c)),
            )
        },
    ]
}

fn path_is_import(path: &str) -> bool {
    path.starts_with("/api/v1/imports")
}

fn shown(u: &Upload) -> Value {
    json!({"id": u.id.to_string(), "name": u.name, "size": u.size, "offset": u.offset,
           "largest_part": LARGEST_PART, "file_id": u.file.map(|f| f.to_string())})
}

fn answered(status: StatusCode, u: &Upload) -> Response {
    let mut r = json_answer(status, &shown(u));
    put(&mut r, HeaderName::from_static(OFFSET), &u.offset.to_string());
    r
}

async fn begin(call: Call) -> Answer {
    let new = NewUpload {
        name: call.text("name").unwrap_or_default().to_owned(),
        size: call
            .json
            .get("size")
            .and_then(crate::shape::whole)
            .unwrap_or_default(),
        target: call.id_of("target_id"),
        description: call.text("description").map(str::to_owned),
    };
    let upload = call
        .app
        .begin_upload(call.caller()?, &new)
        .await
        .map_err(call.fail())?;
    let mut r = answered(StatusCode::CREATED, &upload);
    put(
        &mut r,
        header::LOCATION,
        &format!("/api/v1/uploads/{}", upload.id),
    );
    Ok(r)
}

async fn state(call: Call) -> Answer {
    let upload = call
        .app
        .upload(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    Ok(answered(StatusCode::OK, &upload))
}

async fn part(call: Call) -> Answer {
    let offset = call
        .headers
        .get(OFFSET)
        .and_then(|v| v.to_str().ok()?.trim().parse::<i64>().ok())
        .filter(|n| *n >= 0)
        .ok_or_else(|| crate::call::bad_parameter("Upload-Offset", ""))?;
    let upload = call
        .app
        .upload_part(call.caller()?, call.id()?, offset, call.body.to_vec())
        .await
        .map_err(call.fail())?;
    Ok(answered(StatusCode::OK, &upload))
}

async fn content(call: Call) -> Answer {
    let file = call
        .app
        .download(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    sent(&call, file)
}

async fn exported(call: Call) -> Answer {
    let file = call
        .app
        .exported(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    sent(&call, file)
}

/// The first and the last byte that a `Range` asks for; `None` for the whole, an error for none at all.
fn range(text: Option<&str>, size: u64) -> Result<Option<(u64, u64)>, ()> {
    let Some(spec) = text.and_then(|t| t.trim().strip_prefix("bytes=")) else {
        return Ok(None);
    };
    // Several ranges are answered with the whole.
    let Some((first, last)) = spec.split_once('-').filter(|_| !spec.contains(',')) else {
        return Ok(None);
    };
    let number = |s: &str| s.trim().parse::<u64>().ok();
    let (from, to) = match (number(first), number(last)) {
        (Some(a), Some(b)) if a <= b => (a, b.min(size.saturating_sub(1))),
        (Some(a), None) if last.trim().is_empty() => (a, size.saturating_sub(1)),
        (None, Some(n)) if first.trim().is_empty() && n > 0 => {
            (size.saturating_sub(n), size.saturating_sub(1))
        }
        _ => return Ok(None),
    };
    if from >= size {
        Err(())
    } else {
        Ok(Some((from, to)))
    }
}

/// A file on its way: never shown in the place of a page, whatever it holds.
fn sent(call: &Call, file: Download) -> Answer {
    let header = |name| call.headers.get(name).and_then(|v| v.to_str().ok());
    let tag = format!("\"{}\"", file.hash);
    let same = |said: &str| matches!(said.trim().trim_start_matches("W/"), t if t == tag || t == "*");
    if header(header::IF_NONE_MATCH).is_some_and(|all| all.split(',').any(same)) {
        let mut r = StatusCode::NOT_MODIFIED.into_response();
        put(&mut r, header::ETAG, &tag);
        return Ok(r);
    }
    // A part is a part of what the caller has already: of another content they get the whole.
    let fits = header(header::IF_RANGE).is_none_or(|said| said.trim() == tag);
    let wanted = header(header::RANGE).filter(|_| fits);
    let Ok(part) = range(wanted, file.size) else {
        let mut r = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "bad-range")
            .said(call.language)
            .into_response();
        put(&mut r, header::CONTENT_RANGE, &format!("bytes */{}", file.size));
        return Ok(r);
    };
    let (from, to) = part.unwrap_or((0, file.size.saturating_sub(1)));
    let length = if file.size == 0 { 0 } else { to - from + 1 };
    let pieces = Pieces::of(file.content, from, length);
    let body = stream::unfold(pieces, |mut p| async { p.next().await.map(|piece| (piece, p)) });
    let mut r = Response::new(HttpBody::from_stream(body));
    if part.is_some() {
        *r.status_mut() = StatusCode::PARTIAL_CONTENT;
        put(
            &mut r,
            header::CONTENT_RANGE,
            &format!("bytes {from}-{to}/{}", file.size),
        );
    }
    let name: String = file
        .name
        .bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect();
    put(&mut r, header::CONTENT_TYPE, &file.media_type);
    put(&mut r, header::CONTENT_LENGTH, &length.to_string());
    put(&mut r, header::ACCEPT_RANGES, "bytes");
    put(&mut r, header::ETAG, &tag);
    put(
        &mut r,
        header::CONTENT_DISPOSITION,
        &format!("attachment; filename*=UTF-8''{name}"),
    );
    put(
        &mut r,
        HeaderName::from_static("content-security-policy"),
        "default-src 'none'; sandbox",
    );
    Ok(r)
}

fn line(line: &TaskLine) -> Value {
    let mut v = serde_json::to_value(line).unwrap_or_default();
    // Where the content lies is nobody's business.
    if let Some(p) = v["progress"].as_object_mut() {
        p.remove("hash");
    }
    v
}

fn transfer_problem(e: &TransferError, language: Language) -> Problem {
    match e {
        TransferError::App(e) => Problem::of(e, language),
        TransferError::Asks(asks) => {
            // What is asked, what may be answered, and all that is decided: the next request gives the mapping back with
            // the `date` that is meant in each of these columns.
            let questions: Vec<Value> = asks
                .questions
                .iter()
                .map(|(column, sample, readings)| {
                    let readings: Vec<Value> = readings
                        .iter()
                        .map(|(date, day)| json!({"date": date, "day": day}))
                        .collect();
                    json!({"column": column, "sample": sample, "readings": readings})
                })
                .collect();
            let mut proposal = asks.about.clone();
            proposal["mapping"] = serde_json::to_value(&asks.mapping).unwrap_or_default();
            Problem::invalid(
                vec![json!({"field": "mapping", "code": e.code(), "value": "",
                            "message": {"fa": e.message(Language::Fa), "en": e.message(Language::En)}})],
                language,
            )
            .with("questions", json!(questions))
            .with("proposal", proposal)
        }
        e => Problem::invalid(
            vec![json!({"field": "file_id", "code": e.code(), "value": "",
                        "message": {"fa": e.message(Language::Fa), "en": e.message(Language::En)}})],
            language,
        ),
    }
}

async fn begin_import(call: Call) -> Answer {
    let mapping = match call.json.get("mapping") {
        None | Some(Value::Null) => None,
        Some(m) => Some(serde_json::from_value::<Mapping>(m.clone()).map_err(|e| {
            let reason: String = e.to_string().chars().take(200).collect();
            Problem::invalid(
                vec![json!({"field": "mapping", "code": "wrong-type", "value": "",
                            "message": {"fa": reason, "en": reason}})],
                call.language,
            )
        })?),
    };
    let policy = call.text("policy").and_then(|p| p.parse().ok());
    let file = call.id_of("file_id").ok_or_else(not_found)?;
    let object = call.text("object").unwrap_or_default();
    let (begun, about) = call
        .app
        .begin_import(call.caller()?, object, file, mapping, policy)
        .await
        .map_err(|e| transfer_problem(&e, call.language))?;
    let mut v = line(&begun);
    if let (Some(v), Value::Object(more)) = (v.as_object_mut(), about) {
        v.extend(more);
    }
    let mut r = json_answer(StatusCode::CREATED, &v);
    put(&mut r, header::LOCATION, &format!("/api/v1/imports/{}", begun.id));
    Ok(r)
}

async fn begin_export(call: Call) -> Answer {
    let begun = call
        .app
        .begin_export(
            call.caller()?,
            call.text("object").unwrap_or_default(),
            call.text("filter"),
            call.text("format").unwrap_or_default(),
        )
        .await
        .map_err(call.fail())?;
    let mut r = json_answer(StatusCode::ACCEPTED, &line(&begun));
    put(&mut r, header::LOCATION, &format!("/api/v1/exports/{}", begun.id));
    Ok(r)
}

async fn tasks(call: Call, kind: &str) -> Answer {
    let all = call.app.tasks(call.caller()?, kind).await.map_err(call.fail())?;
    let data: Vec<Value> = all.iter().map(line).collect();
    Ok(json_answer(StatusCode::OK, &json!({ "data": data })))
}

async fn task_of(call: Call, kind: &str) -> Answer {
    let t = call
        .app
        .task(call.caller()?, call.id()?, kind)
        .await
        .map_err(call.fail())?;
    Ok(json_answer(StatusCode::OK, &line(&t)))
}

async fn start(call: Call, dry: bool) -> Answer {
    let t = call
        .app
        .start_import(call.caller()?, call.id()?, dry)
        .await
        .map_err(call.fail())?;
    Ok(json_answer(StatusCode::ACCEPTED, &line(&t)))
}

async fn undo(call: Call) -> Answer {
    let done = call
        .app
        .undo_task(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    Ok(json_answer(StatusCode::OK, &done))
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        for (text, wanted) in [
            (None, Ok(None)),
            (Some("bytes=0-0"), Ok(Some((0, 0)))),
            (Some("bytes=2-"), Ok(Some((2, 9)))),
            (Some("bytes=2-99"), Ok(Some((2, 9)))),
            (Some("bytes=-3"), Ok(Some((7, 9)))),
            (Some("bytes=-99"), Ok(Some((0, 9)))),
            (Some("bytes=10-"), Err(())),
            (Some("bytes=5-2"), Ok(None)),
            (Some("bytes=1-2,4-5"), Ok(None)),
            (Some("lines=1-2"), Ok(None)),
        ] {
            assert_eq!(range(text, 10), wanted, "{text:?}");
        }
    }
}
