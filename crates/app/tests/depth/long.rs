//! Long texts of a workspace's own fields are found by what stands anywhere in them.

use peyvand_app::{AppError, ListRequest};
use peyvand_record::Record;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::World;

const SCHEMA: &str = r#"
[[fields.contact]]
key = "story"
type = "text"
max_length = 9000
label = { fa = "سرگذشت", en = "Story" }
"#;

#[db_test]
async fn parts_of_long_texts_are_found_wherever_they_stand(db: TestDb) {
    let mut w = World::new(db).await;
    w.schema(SCHEMA).await.unwrap();
    let filler = |n: usize| "سلام دنیا ".repeat(n);
    let short = w
        .create("contact", json!({"name": "کوتاه", "story": "مروارید کوچک"}))
        .await
        .unwrap();
    let mut long = Vec::new();
    // At the beginning, across the first 1,024 bytes, far behind, at the very end.
    for before in [0, 30, 55, 59, 60, 61, 113, 119, 300] {
        let story = format!("{}مروارید غلتان {}", filler(before), filler(300 - before));
        long.push(
            w.create(
                "contact",
                json!({"name": format!("بلند {before}"), "story": story}),
            )
            .await
            .unwrap(),
        );
    }
    let other = w
        .create("contact", json!({"name": "دیگر", "story": filler(400)}))
        .await
        .unwrap();
    let sorted = |mut ids: Vec<_>| {
        ids.sort();
        ids
    };
    let all = sorted(long.iter().map(Record::id).collect());
    assert_eq!(
        sorted(w.list("contact", "story : \"مروارید غلتان\"", "").await),
        all
    );
    let mut with_short = all.clone();
    with_short.push(short.id());
    assert_eq!(
        sorted(w.list("contact", "story : مروارید", "").await),
        sorted(with_short)
    );
    // None of the letters of a hash is a letter of the text.
    assert!(w.list("contact", "story : q", "").await.is_empty());
    assert_eq!(w.list("contact", "NOT story : مروارید", "").await, [other.id()]);
    assert_eq!(
        w.list("contact", "story ^ \"مروارید غلتان\"", "").await,
        [long[0].id()]
    );

    // A story that changes is found by what it says now; nothing of it stays behind.
    w.patch("contact", &long[8], json!({"story": filler(400)}))
        .await
        .unwrap();
    assert_eq!(w.list("contact", "story : \"مروارید غلتان\"", "").await.len(), 8);
    w.patch(
        "contact",
        &other,
        json!({"story": format!("{}الماس", filler(350))}),
    )
    .await
    .unwrap();
    assert_eq!(w.list("contact", "story : الماس", "").await, [other.id()]);

    // What is longer than the pieces overlap is refused, not answered wrongly.
    let part = filler(28);
    assert!(
        !w.list("contact", &format!("story : \"{part}\""), "")
            .await
            .is_empty()
    );
    let request = ListRequest {
        filter: Some(format!("story : \"{}\"", filler(40))),
        ..ListRequest::default()
    };
    match w.app.list(&w.caller, &w.object("contact"), &request).await {
        Err(AppError::Filter(e)) => assert_eq!(e.code.key(), "filter-text-too-long"),
        other => panic!("{other:?}"),
    }
}
