//! Resources beside the records: relations, keys of other systems, timelines, files, imports, exports, the log.

use std::time::Duration;

use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use crate::world::World;

fn bytes(v: &Value) -> Vec<u8> {
    v.to_string().into_bytes()
}

async fn contact(w: &World, body: &Value) -> String {
    let a = w.call("POST", "/contacts", &[], &bytes(body)).await;
    assert_eq!(a.status, 201, "{}", a.json);
    a.json["id"].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relations_keys_and_timelines() {
    let w = World::new().await;
    let company = w.call("POST", "/companies", &[], br#"{"name":"Saba"}"#).await;
    let company = company.json["id"].as_str().expect("an id").to_owned();
    let inside = contact(&w, &json!({"name": "a", "company_id": company})).await;
    let outside = contact(&w, &json!({"name": "b"})).await;
    let a = w
        .call(
            "GET",
            &format!("/companies/{company}/contacts?count=true"),
            &[],
            b"",
        )
        .await;
    assert_eq!((a.status, a.json["total"].as_i64()), (200, Some(1)), "{}", a.json);
    assert_eq!(a.json["total_is_at_least"], json!(false));
    assert_eq!(a.json["data"][0]["id"], json!(inside));
    assert!(!a.json.to_string().contains(&outside));
    let a = w
        .call("GET", &format!("/companies/{company}/nothing"), &[], b"")
        .await;
    assert_eq!(a.status, 404);
    let a = w
        .call_as(
            &w.other,
            "GET",
            &format!("/companies/{company}/contacts"),
            &[],
            b"",
        )
        .await;
    assert_eq!(a.status, 404);

    // A key of another system: made once, changed from then on, also when many put it at once.
    let path = "/contacts/by-key/shop/7%2F1";
    assert_eq!(w.call("GET", path, &[], b"").await.status, 404);
    let puts = (0..8).map(|_| {
        let w = w.clone();
        tokio::spawn(async move { w.call("PUT", path, &[], br#"{"name":"key","city":"x"}"#).await })
    });
    let mut statuses = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for p in puts.collect::<Vec<_>>() {
        let a = p.await.expect("an answer");
        statuses.push(a.status);
        ids.insert(a.json["id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
    let a = w.call("PUT", path, &[], br#"{"city":"Shiraz"}"#).await;
    assert_eq!((a.status, a.json["city"].as_str()), (200, Some("Shiraz")));
    let a = w.call("PUT", path, &[], br#"{"no_such_field":1}"#).await;
    assert_eq!(a.status, 422);
    let id = ids.pop_first().expect("one");
    let a = w.call("GET", &format!("/contacts/{id}/timeline"), &[], b"").await;
    let kinds: Vec<&str> = a.json["data"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|i| i["kind"].as_str())
        .collect();
    assert!(kinds.contains(&"change"), "{}", a.json);
}

async fn uploaded(w: &World, name: &str, content: &[u8], target: Option<&str>) -> String {
    let new = json!({"name": name, "size": content.len(), "target_id": target});
    let a = w.call("POST", "/uploads", &[], &bytes(&new)).await;
    assert_eq!(a.status, 201, "{}", a.json);
    let id = a.json["id"].as_str().expect("an id").to_owned();
    let mut at = 0;
    let mut file = Value::Null;
    let half = content.len().div_ceil(2);
    for part in content.chunks(half) {
        let headers = [
            ("Upload-Offset", at.to_string()),
            ("Content-Type", "application/offset+octet-stream".to_owned()),
        ];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let a = w.call("PATCH", &format!("/uploads/{id}"), &headers, part).await;
        assert_eq!(a.status, 200, "{}", a.json);
        at += part.len();
        assert_eq!(a.json["offset"], json!(at));
        // The same part again: the caller is told where to go on.
        let again = w.call("PATCH", &format!("/uploads/{id}"), &headers, part).await;
        assert_eq!(
            (again.status, again.json["position"].as_u64()),
            (409, Some(at as u64))
        );
        file = a.json["file_id"].clone();
    }
    file.as_str().expect("a file").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_come_up_in_parts_and_go_down_safely() {
    let w = World::new().await;
    let owner = contact(&w, &json!({"name": "x"})).await;
    let content = "نام,شهر\nسارا,تهران\n".repeat(5000);
    let file = uploaded(&w, "../فهرست.csv", content.as_bytes(), Some(&owner)).await;
    let a = w.call("GET", &format!("/files/{file}/content"), &[], b"").await;
    assert_eq!((a.status, a.body()), (200, content.as_bytes()));
    assert!(
        a.header("content-disposition")
            .is_some_and(|h| h.starts_with("attachment;") && !h.contains(".."))
    );
    assert_eq!(a.header("x-content-type-options"), Some("nosniff"));
    assert!(
        a.header("content-security-policy")
            .is_some_and(|p| p.contains("sandbox"))
    );
    let a = w
        .call(
            "GET",
            &format!("/files/{file}/content"),
            &[("Range", "bytes=4-9")],
            b"",
        )
        .await;
    assert_eq!((a.status, a.body()), (206, &content.as_bytes()[4..10]));
    let a = w
        .call(
            "GET",
            &format!("/files/{file}/content"),
            &[("Range", "bytes=9999999-")],
            b"",
        )
        .await;
    assert_eq!(a.status, 416);
    let seller = w.person("seller").await;
    for (who, wanted) in [(&seller, 404), (&w.other, 404)] {
        let a = w
            .call_as(who, "GET", &format!("/files/{file}/content"), &[], b"")
            .await;
        assert_eq!(a.status, wanted, "a record that may not be seen has no files");
    }
    let begin = async |new: Value| w.call("POST", "/uploads", &[], &bytes(&new)).await;
    for name in ["page.html", "x.svg", "tool.exe", "none", ".."] {
        let a = begin(json!({"name": name, "size": 5})).await;
        assert_eq!(
            (a.status, a.json["code"].as_str()),
            (422, Some("file-refused")),
            "{name}"
        );
    }
    let a = begin(json!({"name": "a.pdf", "size": 1_i64 << 40})).await;
    assert_eq!(a.status, 422);
    // What it holds is not what its name says.
    let a = begin(json!({"name": "a.pdf", "size": 6})).await;
    let id = a.json["id"].as_str().expect("an id");
    let headers = [
        ("Upload-Offset", "0"),
        ("Content-Type", "application/offset+octet-stream"),
    ];
    let a = w
        .call("PATCH", &format!("/uploads/{id}"), &headers, b"<html>")
        .await;
    assert_eq!(
        (a.status, a.json["reason"].as_str()),
        (422, Some("content")),
        "{}",
        a.json
    );
    let a = w
        .call_as(&seller, "GET", &format!("/uploads/{id}"), &[], b"")
        .await;
    assert_eq!(a.status, 404, "another's upload");
}

/// A name that wants to be a path, a second header, another extension or another direction of writing is a plain name
/// when the file goes down again, in one header of plain signs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_files_are_names_only() {
    let w = World::new().await;
    for (given, kept) in [
        ("فهرست.csv", "فهرست.csv"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("..\\..\\windows\\a.csv", "a.csv"),
        ("/etc/cron.d/a.csv", "a.csv"),
        ("a\r\nSet-Cookie: x=1\r\n.csv", "aSet-Cookie: x=1.csv"),
        (
            "a\"; filename=\"evil.exe\"; x=.csv",
            "a\"; filename=\"evil.exe\"; x=.csv",
        ),
        ("a%0d%0aX: y.csv", "a%0d%0aX: y.csv"),
        ("vsc\u{202E}.exe.csv", "vsc.exe.csv"),
        (".htaccess.csv", "htaccess.csv"),
        ("<script>alert(1)<x>.csv", "<script>alert(1)<x>.csv"),
        ("CON.csv", "CON.csv"),
        ("a.csv::$DATA.csv", "a.csv::$DATA.csv"),
        ("a;b,c=d'e.csv", "a;b,c=d'e.csv"),
    ] {
        let file = uploaded(&w, given, b"name\nx\n", None).await;
        let a = w.call("GET", &format!("/files/{file}/content"), &[], b"").await;
        assert_eq!((a.status, a.body()), (200, &b"name\nx\n"[..]), "{given:?}");
        assert_eq!((a.header("set-cookie"), a.header("x")), (None, None), "{given:?}");
        let said = a.header("content-disposition").expect("a disposition");
        let name = said
            .strip_prefix("attachment; filename*=UTF-8''")
            .expect("a name");
        assert!(
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-_%".contains(c)),
            "{given:?}: {said}"
        );
        let mut bytes = Vec::new();
        let mut rest = name.bytes();
        while let Some(b) = rest.next() {
            if b == b'%' {
                let two: String = rest.by_ref().take(2).map(char::from).collect();
                bytes.push(u8::from_str_radix(&two, 16).expect("an escape"));
            } else {
                bytes.push(b);
            }
        }
        assert_eq!(String::from_utf8(bytes).expect("a name"), kept, "{given:?}");
    }
}

/// Contents under every extension that is taken: each is refused that is not what its name says. What is text may be any
/// text: it goes down as an attachment that nothing runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disguised_files_are_refused() {
    const CONTENTS: [(&str, &[u8]); 11] = [
        ("pdf", b"%PDF-1.7\n\0"),
        ("png", b"\x89PNG\r\n\x1a\n\0"),
        ("jpg", b"\xff\xd8\xff\xe0\0"),
        ("gif", b"GIF89a\x01\0"),
        ("zip", b"PK\x03\x04\0"),
        ("ole", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"),
        ("exe", b"MZ\x90\0"),
        ("elf", b"\x7fELF\x02\0"),
        ("page", b"<html><script>alert(1)</script>"),
        (
            "image",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
        ),
        ("script", b"#!/bin/sh\nrm -rf ~\n"),
    ];
    let w = World::new().await;
    let (mut refused, mut taken) = (0, 0);
    for (extensions, honest) in [
        ("pdf", &["pdf"][..]),
        ("png", &["png"]),
        ("jpg jpeg", &["jpg"]),
        ("gif", &["gif"]),
        ("docx xlsx pptx odt ods zip", &["zip"]),
        ("doc xls ppt", &["ole"]),
        ("webp mp3 ogg wav mp4 m4a", &[]),
        ("txt csv tsv json ndjson vcf eml", &["page", "image", "script"]),
    ] {
        for extension in extensions.split(' ') {
            for (kind, content) in CONTENTS {
                let new = json!({"name": format!("a.{extension}"), "size": content.len()});
                let a = w.call("POST", "/uploads", &[], &bytes(&new)).await;
                let id = a.json["id"].as_str().expect("an id");
                let headers = [
                    ("Upload-Offset", "0"),
                    ("Content-Type", "application/offset+octet-stream"),
                ];
                let a = w
                    .call("PATCH", &format!("/uploads/{id}"), &headers, content)
                    .await;
                if honest.contains(&kind) {
                    assert_eq!(a.status, 200, "{kind} as {extension}: {}", a.json);
                    taken += 1;
                } else {
                    assert_eq!(
                        (a.status, a.json["reason"].as_str()),
                        (422, Some("content")),
                        "{kind} as {extension}: {}",
                        a.json
                    );
                    refused += 1;
                }
            }
        }
    }
    assert_eq!((refused, taken), (262, 35));
}

async fn until(w: &World, path: &str, states: &[&str]) -> Value {
    for _ in 0..100 {
        w.work().await;
        let a = w.call("GET", path, &[], b"").await;
        if a.json["state"].as_str().is_some_and(|s| states.contains(&s)) {
            return a.json;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} never came to {states:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_proposed_checked_done_and_taken_back() {
    let w = World::new().await;
    let csv = "name,city,email\nSara Ahmadi,Tehran,sara@example.com\nReza Karimi,Shiraz,reza@example.com\n";
    let file = uploaded(&w, "people.csv", csv.as_bytes(), None).await;
    let a = w
        .call(
            "POST",
            "/imports",
            &[],
            &bytes(&json!({"object": "contacts", "file_id": file})),
        )
        .await;
    assert_eq!(a.status, 201, "{}", a.json);
    assert_eq!(a.json["columns"], json!(["name", "city", "email"]));
    let id = a.json["id"].as_str().expect("an id").to_owned();
    let path = format!("/imports/{id}");
    let a = w.call("POST", &format!("{path}/check"), &[], b"").await;
    assert_eq!(a.status, 202, "{}", a.json);
    let checked = until(&w, &path, &["checked", "failed"]).await;
    assert_eq!(checked["state"], "checked", "{checked}");
    let count = async || {
        let a = w.call("GET", "/contacts?count=true", &[], b"").await;
        a.json["total"].as_i64()
    };
    assert_eq!(count().await, Some(0), "a check writes nothing");
    w.call("POST", &format!("{path}/start"), &[], b"").await;
    let done = until(&w, &path, &["done", "failed"]).await;
    assert_eq!(done["progress"]["report"]["rows"], json!(2), "{done}");
    assert_eq!(count().await, Some(2));
    let a = w.call("POST", &format!("{path}/start"), &[], b"").await;
    assert_eq!(a.status, 409, "done is done");

    let a = w
        .call(
            "POST",
            "/exports",
            &[],
            &bytes(&json!({"object": "contacts", "format": "csv", "filter": "city = \"Shiraz\""})),
        )
        .await;
    assert_eq!(a.status, 202, "{}", a.json);
    let export = format!("/exports/{}", a.json["id"].as_str().expect("an id"));
    let made = until(&w, &export, &["done", "failed"]).await;
    assert_eq!(made["progress"]["done"], json!(1), "{made}");
    let a = w.call("GET", &format!("{export}/content"), &[], b"").await;
    let text = String::from_utf8_lossy(a.body()).into_owned();
    assert!(
        text.contains("reza@example.com") && !text.contains("sara@"),
        "{text}"
    );
    let narrow = w.token(&["contacts:read"]).await;
    let a = w
        .call_as(
            &narrow,
            "POST",
            "/exports",
            &[],
            &bytes(&json!({"object": "contacts", "format": "csv"})),
        )
        .await;
    assert_eq!(a.status, 403);

    let a = w.call("POST", &format!("{path}/undo"), &[], b"").await;
    assert_eq!(
        (a.status, a.json["deleted"].as_i64()),
        (200, Some(2)),
        "{}",
        a.json
    );
    assert_eq!(count().await, Some(0));
    let log = w.call("GET", "/audit?action=export", &[], b"").await;
    assert_eq!(log.json["data"].as_array().map(Vec::len), Some(1), "{}", log.json);
    let jobs = w.call("GET", "/jobs?state=done", &[], b"").await;
    assert!(
        jobs.json["data"].as_array().is_some_and(|j| j.len() >= 3),
        "{}",
        jobs.json
    );
}

/// Days that can be read in two ways are asked about: the answer is the mapping that was proposed, with what is meant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_asks_which_day_is_meant() {
    let w = World::new().await;
    let csv = "Name,Opened on,Expected close\nOne,03/04/2016,05/06/2016\nTwo,04/05/2016,06/07/2016\n";
    let file = uploaded(&w, "deals.csv", csv.as_bytes(), None).await;
    let begin = async |mapping: &Value| {
        let mut body = json!({"object": "deals", "file_id": file});
        if !mapping.is_null() {
            body["mapping"] = mapping.clone();
        }
        w.call("POST", "/imports", &[], &bytes(&body)).await
    };
    let a = begin(&Value::Null).await;
    assert_eq!(a.status, 422, "{}", a.json);
    assert_eq!(a.json["errors"][0]["code"], "mapping-ambiguous-dates");
    let mut mapping = a.json["proposal"]["mapping"].clone();
    assert_eq!(
        a.json["proposal"]["columns"],
        json!(["Name", "Opened on", "Expected close"])
    );
    let questions = a.json["questions"].as_array().expect("questions").clone();
    let asked: Vec<&Value> = questions.iter().map(|q| &q["column"]).collect();
    assert_eq!(asked, ["Opened on", "Expected close"], "all at once");
    for q in &questions {
        let american = q["readings"]
            .as_array()
            .and_then(|all| all.iter().find(|r| r["date"] == "gregorian:mm-dd-yyyy"))
            .expect("a reading");
        for c in mapping["columns"].as_array_mut().expect("columns") {
            if c["name"] == q["column"] {
                c["date"] = american["date"].clone();
            }
        }
    }
    let first = &questions[0]["readings"];
    assert!(
        first.as_array().is_some_and(|r| r
            .iter()
            .any(|r| r["day"].as_str().is_some_and(|d| d.contains("March")))),
        "{first}"
    );
    let a = begin(&mapping).await;
    assert_eq!(a.status, 201, "{}", a.json);
    let path = format!("/imports/{}", a.json["id"].as_str().expect("an id"));
    w.call("POST", &format!("{path}/start"), &[], b"").await;
    until(&w, &path, &["done"]).await;
    let a = w.call("GET", "/deals?sort=name", &[], b"").await;
    let days: Vec<&Value> = a.json["data"]
        .as_array()
        .expect("deals")
        .iter()
        .map(|d| &d["opened_on"])
        .collect();
    assert_eq!(days.len(), 2);
    assert!(
        days.contains(&&json!("2016-03-04")) && days.contains(&&json!("2016-04-05")),
        "{days:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn definitions_are_compared_and_changed() {
    let w = World::new().await;
    let schema = json!({"fields": {"contact": [{
        "key": "shoe_size", "type": "number", "label": {"fa": "اندازه", "en": "Size"},
    }]}});
    let body = bytes(&json!({ "schema": schema }));
    let a = w.call("POST", "/schema/diff", &[], &body).await;
    assert_eq!(
        (a.status, a.json["data"].as_array().map(Vec::len)),
        (200, Some(1)),
        "{}",
        a.json
    );
    let a = w
        .call("POST", "/contacts", &[], br#"{"name":"x","shoe_size":40}"#)
        .await;
    assert_eq!(a.status, 422, "not yet there");
    let a = w.call("POST", "/schema/apply", &[], &body).await;
    assert_eq!(a.status, 200, "{}", a.json);
    let a = w
        .call("POST", "/contacts", &[], br#"{"name":"x","shoe_size":40}"#)
        .await;
    assert_eq!(
        (a.status, a.json["shoe_size"].as_i64()),
        (201, Some(40)),
        "{}",
        a.json
    );
    let a = w.call("GET", "/schema", &[], b"").await;
    assert!(a.json["fields"]["contact"][0]["key"] == "shoe_size", "{}", a.json);
    // Taking a field away hides values: that must be meant.
    let a = w.call("POST", "/schema/apply", &[], br#"{"schema":{}}"#).await;
    assert_eq!(
        (a.status, a.json["code"].as_str()),
        (409, Some("schema-unconfirmed"))
    );
    let a = w
        .call("POST", "/schema/apply", &[], br#"{"schema":{"fields":7}}"#)
        .await;
    assert_eq!(a.status, 422);
}

/// Notes and activities are found from what they are about, by whichever of their links it is; every link of every object
/// that has a name at its other end is followed by that name.
#[db_test]
async fn every_link_is_found_from_its_other_end(db: TestDb) {
    let w = World::on(db).await;
    let made = async |plural: &str, body: Value| {
        let a = w.call("POST", &format!("/{plural}"), &[], &bytes(&body)).await;
        assert_eq!(a.status, 201, "{}", a.json);
        a.json["id"].as_str().expect("an id").to_owned()
    };
    for (plural, link) in [
        ("contacts", "contact_id"),
        ("companies", "company_id"),
        ("deals", "deal_id"),
    ] {
        let here = made(plural, json!({"name": "here"})).await;
        let there = made(plural, json!({"name": "there"})).await;
        for (kind, title) in [("notes", "body"), ("activities", "subject")] {
            let mut wanted = vec![
                made(kind, json!({title: "named", link: here})).await,
                made(kind, json!({title: "about", "target_id": here})).await,
                made(kind, json!({title: "both", link: here, "target_id": here})).await,
            ];
            made(kind, json!({title: "elsewhere", link: there})).await;
            made(kind, json!({title: "nowhere"})).await;
            let path = format!("/{plural}/{here}/{kind}?count=true");
            let a = w.call("GET", &path, &[], b"").await;
            let mut found: Vec<&str> = a.json["data"]
                .as_array()
                .expect("a page")
                .iter()
                .filter_map(|r| r["id"].as_str())
                .collect();
            found.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(found, wanted, "{path}");
            assert_eq!(a.json["total"], json!(3), "{path}");
        }
    }
    let objects = w.call("GET", "/objects", &[], b"").await.json;
    let objects = objects["data"].as_array().expect("objects");
    let mut links = 0;
    for linking in objects {
        for f in linking["fields"].as_array().expect("fields") {
            let (Some(to), Some(name)) = (f["to"].as_str(), f["inverse"].as_str()) else {
                continue;
            };
            let ends = objects.iter().filter(|o| to == "*" || o["key"] == to);
            for end in ends.filter(|_| f["filter"] != json!(false)) {
                let name = name.replace('_', "-");
                let relations = end["relations"].as_array().expect("relations");
                let mut of_name = relations.iter().filter(|r| r["name"] == json!(name));
                let found = of_name
                    .next()
                    .unwrap_or_else(|| panic!("{}: no {name}", end["key"]));
                assert!(of_name.next().is_none(), "{}: {name} twice", end["key"]);
                assert_eq!(found["object"], linking["key"], "{}: {name}", end["key"]);
                assert_eq!(found["field"], f["key"], "{}: {name}", end["key"]);
                links += 1;
            }
        }
    }
    assert!(links > 50, "{links} links");
}

/// A key whose record lies in the recycle bin is refused with what to do, to whom the record is shown; restored it is
/// changed by its key again. To others it is as good as not there.
#[db_test]
async fn a_key_in_the_recycle_bin_says_so(db: TestDb) {
    let w = World::on(db).await;
    let path = "/companies/by-key/sys/K";
    let put = async |token: Option<&str>, language: &str| {
        let headers = [("Accept-Language", language)];
        let body = br#"{"name":"Saba"}"#;
        match token {
            Some(t) => w.call_as(t, "PUT", path, &headers, body).await,
            None => w.call("PUT", path, &headers, body).await,
        }
    };
    let made = put(None, "en").await;
    assert_eq!(made.status, 201, "{}", made.json);
    let id = made.json["id"].as_str().expect("an id").to_owned();
    assert_eq!(put(None, "en").await.status, 200);
    w.call("DELETE", &format!("/companies/{id}"), &[], b"").await;
    for (language, word) in [("en", "Restore"), ("fa", "بازگردانید")] {
        let a = put(None, language).await;
        let told = (a.status, a.json["code"].as_str(), a.json["id"].as_str());
        assert_eq!(
            told,
            (409, Some("in-recycle-bin"), Some(id.as_str())),
            "{}",
            a.json
        );
        assert!(
            a.json["detail"].as_str().expect("a sentence").contains(word),
            "{}",
            a.json
        );
    }
    let stranger = w.person("seller").await;
    assert_eq!(put(Some(&stranger), "en").await.status, 404);
    let a = w
        .call("POST", &format!("/companies/{id}/restore"), &[], b"")
        .await;
    assert_eq!(a.status, 200, "{}", a.json);
    let again = put(None, "en").await;
    assert_eq!(
        (again.status, again.json["id"].as_str()),
        (200, Some(id.as_str()))
    );
}
