//! Files on their way out: they arrive byte for byte, in pieces, as something to be saved.

mod common;

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use common::{Place, between, place_in};
use futures::StreamExt as _;
use peyvand_app::Caller;
use peyvand_app::transfer::import::ImportRequest;
use peyvand_core::Via;
use tower::ServiceExt as _;

async fn asked(p: &Place, path: &str) -> Response {
    let request = Request::get(path)
        .header(header::HOST, "crm.example.ir")
        .header(header::COOKIE, &p.cookie)
        .body(Body::empty())
        .unwrap();
    p.routes.clone().oneshot(request).await.unwrap()
}

/// What is fetched: the head, the bytes, and the largest piece in which they came.
async fn fetched(p: &Place, path: &str) -> (StatusCode, HeaderMap, Vec<u8>, usize) {
    let (parts, body) = asked(p, path).await.into_parts();
    let (mut all, mut largest) = (Vec::new(), 0);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.unwrap();
        largest = largest.max(piece.len());
        all.extend_from_slice(&piece);
    }
    (parts.status, parts.headers, all, largest)
}

/// Puts a file there, after other parts of the form; where the answer leads.
async fn put(p: &Place, path: &str, before: &str, name: &str, content: &[u8]) -> String {
    let answer = given(p, path, before, name, content).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
    answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

async fn given(p: &Place, path: &str, before: &str, name: &str, content: &[u8]) -> Response {
    let mut form = before.as_bytes().to_vec();
    let head = format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    form.extend_from_slice(head.as_bytes());
    form.extend_from_slice(content);
    form.extend_from_slice(b"\r\n--x--\r\n");
    let request = Request::post(path)
        .header(header::HOST, "crm.example.ir")
        .header(header::COOKIE, &p.cookie)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .body(Body::from(form))
        .unwrap();
    p.routes.clone().oneshot(request).await.unwrap()
}

/// Lines of which none is like another, so that a lost or doubled piece is seen.
fn lines(bytes: usize) -> Vec<u8> {
    let mut all = Vec::with_capacity(bytes + 16);
    for n in 0.. {
        if all.len() >= bytes {
            break;
        }
        all.extend_from_slice(format!("line {n}\n").as_bytes());
    }
    all
}

/// The largest of the contents that are kept.
fn largest_in(files: &Path) -> PathBuf {
    let inside = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    inside(files)
        .filter(|path| path.is_dir())
        .flat_map(|path| inside(&path))
        .max_by_key(|path| path.metadata().unwrap().len())
        .unwrap()
}

fn saved_as(headers: &HeaderMap, length: usize, disposition: &str) {
    assert_eq!(headers["content-length"], length.to_string());
    assert_eq!(headers["content-disposition"], disposition);
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
}

#[tokio::test]
async fn a_large_file_of_a_record_arrives_byte_for_byte_in_small_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let p = place_in(Some(folder.path())).await;
    let contact = p.make("contacts", "name.family=Amini").await;
    let content = lines(30 << 20);
    put(&p, &format!("{contact}/files"), "", "notes.txt", &content).await;
    let page = p.get(&contact).await.body;
    let id = between(&page, "href=\"/files/", "/content").to_owned();
    let path = format!("/files/{id}/content");
    let (status, headers, got, largest) = fetched(&p, &path).await;
    assert_eq!(status, StatusCode::OK);
    assert!(got == content, "{} of {} bytes", got.len(), content.len());
    assert!(largest <= 1 << 20, "a piece of {largest} bytes");
    assert_eq!(headers["content-type"], "application/octet-stream");
    saved_as(&headers, content.len(), "attachment; filename*=UTF-8''notes.txt");
    // What is cut off on the disk breaks the answer off too: it never looks like a whole file.
    let blob = largest_in(&folder.path().join("files"));
    std::fs::remove_file(&blob).unwrap();
    std::fs::write(&blob, &content[..20 << 20]).unwrap();
    let mut pieces = asked(&p, &path).await.into_body().into_data_stream();
    let mut faults = 0;
    while let Some(piece) = pieces.next().await {
        faults += usize::from(piece.is_err());
    }
    assert_eq!(faults, 1);
}

#[tokio::test]
async fn a_large_report_of_an_import_comes_whole() {
    let folder = tempfile::tempdir().unwrap();
    let p = place_in(Some(folder.path())).await;
    let object = "--x\r\nContent-Disposition: form-data; name=\"object\"\r\n\r\ncontacts\r\n";
    let steps = put(&p, "/import", object, "people.csv", b"name.family\nAmini\n").await;
    let id = steps.rsplit('/').next().unwrap();
    let report = lines(3 << 20);
    let place = p.app.upload_file(id).unwrap();
    std::fs::write(place.with_file_name("problems.csv"), &report).unwrap();
    let (status, headers, got, largest) = fetched(&p, &format!("{steps}/problems")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(got == report, "{} of {} bytes", got.len(), report.len());
    assert!(largest <= 1 << 20, "a piece of {largest} bytes");
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
    let name = "attachment; filename*=UTF-8''contacts-problems.csv";
    saved_as(&headers, report.len(), name);
    // Without a report there is nothing to be had.
    std::fs::remove_file(place.with_file_name("problems.csv")).unwrap();
    let nothing = asked(&p, &format!("{steps}/problems")).await;
    assert_eq!(nothing.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_refused_as_it_comes_up() {
    let folder = tempfile::tempdir().unwrap();
    let p = place_in(Some(folder.path())).await;
    let object = "--x\r\nContent-Disposition: form-data; name=\"object\"\r\n\r\ncontacts\r\n";
    for (name, content, said) in [
        ("people.xlsx", &b"hello"[..], "فایل ناقص یا خراب است"),
        ("people.xlsx", b"PK\x03\x04hello", "فایل ناقص یا خراب است"),
        ("people.csv", b"", "فایل خالی است"),
        ("people.csv", b"%PDF-1.7 and so on", "این قالب فایل شناخته نیست"),
    ] {
        let answer = given(&p, "/import", object, name, content).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let page = String::from_utf8(body.to_vec()).unwrap();
        assert!(page.contains(said), "{name}: {said}");
        let kept = std::fs::read_dir(folder.path().join("imports")).map_or(0, Iterator::count);
        assert_eq!(kept, 0, "{name} leaves nothing behind");
    }
}

#[tokio::test]
async fn what_a_list_shows_arrives_whole_in_small_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let p = place_in(Some(folder.path())).await;
    let file = folder.path().join("people.csv");
    let rows: Vec<String> = (0..2_500).map(|n| format!("{:x<90}{n:04}", "name")).collect();
    std::fs::write(&file, format!("name.family\n{}\n", rows.join("\n"))).unwrap();
    let request = ImportRequest {
        object: Some("contacts".to_owned()),
        ..ImportRequest::default()
    };
    let caller = Caller::system(&p.workspace, Via::Cli);
    let report = p
        .app
        .import(&caller, &file, &request, &mut |_| {}, &mut |_| {})
        .await
        .unwrap();
    assert_eq!(report.written(), 2_500);
    for (format, kind) in [
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxml"),
    ] {
        let (status, headers, got, largest) = fetched(&p, &format!("/contacts/export?format={format}")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(largest <= 64 << 10, "{format}: a piece of {largest} bytes");
        assert!(headers["content-type"].to_str().unwrap().starts_with(kind));
        let name = format!("attachment; filename*=UTF-8''contacts.{format}");
        saved_as(&headers, got.len(), &name);
        if format == "csv" {
            assert!(got.len() > 200 << 10, "several pieces");
            let text = String::from_utf8(got).unwrap();
            assert!(rows.iter().all(|r| text.contains(r.as_str())));
        } else {
            assert!(got.starts_with(b"PK"));
        }
    }
    // Nothing of it stays behind.
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert!(
        left.iter().all(|n| !n.to_string_lossy().starts_with(".tmp")),
        "{left:?}"
    );
}
