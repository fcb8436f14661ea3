//! A file puts no record under itself.

use peyvand_app::transfer::import::ImportRequest;
use peyvand_app::transfer::{Mapping, OnDuplicate};
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::{Place, count, made, place};

fn tree(object: &str) -> Mapping {
    Mapping::parse(&format!(
        "object = \"{object}\"\nsource = \"tree\"\nkey = [\"Key\"]\n\
         [[columns]]\nname = \"Name\"\nfield = \"name\"\n\
         [[columns]]\nname = \"Parent\"\nfield = \"parent_id\"\nlink = {{ by = \"name\" }}\n"
    ))
    .unwrap()
}

/// What failed: row, field, reason.
async fn bring(
    p: &Place,
    object: &str,
    text: &str,
    policy: OnDuplicate,
    dry_run: bool,
) -> (u64, Vec<(u64, String, String)>) {
    let file = p.file("tree.csv", text);
    let request = ImportRequest {
        mapping: Some(tree(object)),
        policy: Some(policy),
        dry_run,
        ..ImportRequest::default()
    };
    let (report, notes) = p.import(&file, &request).await.unwrap();
    let failed = notes.into_iter().filter(|n| n.outcome == "failed");
    let mut failed: Vec<_> = failed.map(|n| (n.row, n.field, n.reason)).collect();
    failed.sort();
    let one = object.trim_end_matches('s').replace("companie", "company");
    let written = count(&report, &format!("{one}.created")) + count(&report, &format!("{one}.updated"));
    (written, failed)
}

fn under_itself(failed: &[(u64, String, String)]) -> Vec<u64> {
    for (_, field, reason) in failed {
        assert_eq!(field, "parent_id");
        let fa = "رکورد نمی‌تواند زیرمجموعهٔ خودش باشد";
        assert!(
            reason.contains(fa) || reason.contains("a record cannot stand under itself"),
            "{reason}"
        );
    }
    failed.iter().map(|(row, ..)| *row).collect()
}

#[db_test]
async fn a_file_makes_no_circle_of_what_is_there(db: TestDb) {
    let p = place(&db).await;
    for (one, many) in [("company", "companies"), ("team", "teams")] {
        // Top ← Middle ← Low.
        let mut above = None;
        for name in ["Top", "Middle", "Low"] {
            let mut body = json!({"name": name});
            if let Some(id) = above {
                body["parent_id"] = json!(id);
            }
            above = Some(made(&p, one, body).await.id().to_string());
        }
        let parents = async || {
            let all = p.all(one).await;
            let of = |r| p.get(r, "parent_id").as_id();
            all.iter().map(|r| (r.id(), of(r))).collect::<Vec<_>>()
        };
        let before = parents().await;
        // The keys of the file are new: companies are known by their names, teams by nothing else than a key.
        let text = "Key,Name,Parent\n1,Top,Low\n2,Other,Top\n";
        if one == "company" {
            for dry_run in [true, false] {
                let (written, failed) = bring(&p, many, text, OnDuplicate::Overwrite, dry_run).await;
                assert_eq!((written, under_itself(&failed)), (1, vec![1]), "dry {dry_run}");
            }
            assert_eq!(parents().await[..3], before);
            // Where nothing is written there is nothing to refuse; where it stands free it may go.
            let (_, failed) = bring(&p, many, "Key,Name,Parent\n9,Top,Low\n", OnDuplicate::Skip, false).await;
            assert_eq!(failed, []);
            let (_, failed) = bring(
                &p,
                many,
                "Key,Name,Parent\n8,Low,Top\n",
                OnDuplicate::Overwrite,
                false,
            )
            .await;
            assert_eq!(failed, []);
        } else {
            let text = "Key,Name,Parent\n1,North,Low\n";
            let (written, failed) = bring(&p, many, text, OnDuplicate::Overwrite, false).await;
            assert_eq!((written, failed), (1, vec![]));
        }
    }
}

#[db_test]
async fn a_file_makes_no_circle_of_its_own_rows(db: TestDb) {
    let p = place(&db).await;
    let mut mapping = tree("companies");
    mapping.columns[1].link.as_mut().unwrap().by = "key".to_owned();
    // 1 under 2 under 3 under 1; 4 under itself; 5 stands alone; 6 under 5; 7 under one of the circle.
    let text = "Key,Name,Parent\n1,A,2\n2,B,3\n3,C,1\n4,D,4\n5,E,\n6,F,5\n7,G,1\n";
    let file = p.file("tree.csv", text);
    let request = ImportRequest {
        mapping: Some(mapping),
        policy: Some(OnDuplicate::Overwrite),
        ..ImportRequest::default()
    };
    let (report, notes) = p.import(&file, &request).await.unwrap();
    assert_eq!(count(&report, "company.created"), 2, "{notes:?}");
    let of = |row| notes.iter().find(|n| n.row == row).unwrap().reason.clone();
    for row in [1, 2, 3, 4] {
        under_itself(&[(row, "parent_id".to_owned(), of(row))]);
    }
    assert_eq!(count(&report, "company.failed"), 5, "{notes:?}");
    // Then two that are there are put under each other by one file.
    let text = "Key,Name,Parent\n5,E,6\n6,F,5\n";
    let file = p.file("again.csv", text);
    let (report, notes) = p.import(&file, &request).await.unwrap();
    let failed: Vec<_> = notes
        .iter()
        .map(|n| (n.row, n.field.clone(), n.reason.clone()))
        .collect();
    assert!(!under_itself(&failed).is_empty(), "{report:?}");
    let all = p.all("company").await;
    let e = all
        .iter()
        .find(|c| p.get(c, "name").as_str() == Some("E"))
        .unwrap();
    assert_eq!(p.get(e, "parent_id").as_id(), None);
}
