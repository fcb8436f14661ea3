//! What a file says of consent.

use peyvand_app::transfer::Mapping;
use peyvand_app::transfer::import::ImportRequest;
use peyvand_domain::consent::Decision;
use peyvand_testkit::{TestDb, db_test};

use crate::people::World;

/// Imported people have allowed nothing, whatever the file's columns are called, unless a yes is mapped with its proof.
#[db_test]
async fn imported_people_have_allowed_nothing_without_proof(db: TestDb) {
    let w = World::new(&db).await;
    let file = db.folder.path().join("people.csv");
    let rows = [
        "Name,Email,Newsletter,Marketing consent,Signed on,Form",
        "سارا کریمی,p1@example.com,yes,true,2026-05-04,F-1",
        "علی رضایی,p2@example.com,no,true,2026-05-04,F-2",
        "مینا راد,p3@example.com,yes,true,,F-3",
        "رضا پارسا,p4@example.com,yes,true,2026-05-04,",
        "نگار امینی,p5@example.com,,true,2026-05-04,F-5",
        "فردا زاده,p6@example.com,yes,true,2027-05-04,F-6",
    ];
    std::fs::write(&file, rows.join("\n")).unwrap();
    let columns = "object = \"contacts\"\nsource = \"shop\"\nkey = [\"Email\"]\n\
        [[columns]]\nname = \"Name\"\nfield = \"name\"\n[[columns]]\nname = \"Email\"\nfield = \"emails\"\n";
    let rule = "[[consent]]\nchannel = \"email\"\npurposes = [\"newsletter\"]\ncolumn = \"Newsletter\"\n\
        granted = [\"yes\"]\nwithdrawn = [\"no\"]\nat = \"{Signed on}\"\ndate = \"gregorian:yyyy-mm-dd\"\n\
        proof = \"{Form}\"\n";
    let run = async |mapping: &str, dry_run: bool| {
        let request = ImportRequest {
            mapping: Some(Mapping::parse(mapping).unwrap()),
            dry_run,
            ..ImportRequest::default()
        };
        let mut notes = Vec::new();
        let report = w
            .app
            .import(&w.caller, &file, &request, &mut |n| notes.push(n), &mut |_| {})
            .await;
        report.map(|r| (r, notes))
    };
    let open = async || {
        let mut out = Vec::new();
        for n in 1..=6 {
            let q = peyvand_app::ListRequest {
                q: Some(format!("p{n}@example.com")),
                ..peyvand_app::ListRequest::default()
            };
            let contacts = w.app.object(&w.caller, "contacts").unwrap();
            let found = w.app.list(&w.caller, &contacts, &q).await.unwrap().records;
            out.push(match w.decision(found[0].id()).await {
                Decision::Allowed(_) => "yes",
                Decision::Refused(r) => r.reason.key(),
            });
        }
        out
    };
    // Without a rule nobody has said anything, though two columns sound as if they had.
    run(columns, false).await.unwrap();
    assert_eq!(open().await, ["no-consent"; 6]);
    // A rule that does not ask for time and proof is no rule.
    let careless = rule.replace("proof = \"{Form}\"\n", "");
    let refused = run(&format!("{columns}{careless}"), false).await;
    assert_eq!(
        refused.err().map(|e| e.code().to_owned()).as_deref(),
        Some("mapping-bad-value")
    );
    assert_eq!(open().await, ["no-consent"; 6]);
    // Looking writes nothing.
    run(&format!("{columns}{rule}"), true).await.unwrap();
    assert_eq!(open().await, ["no-consent"; 6]);
    // With it, a yes that has both counts, and a no counts without.
    let (report, notes) = run(&format!("{columns}{rule}"), false).await.unwrap();
    let want = [
        "yes",
        "withdrawn",
        "no-consent",
        "no-consent",
        "no-consent",
        "no-consent",
    ];
    assert_eq!(open().await, want);
    assert_eq!(report.notes["consent-recorded"], 2);
    assert_eq!(report.notes["consent-no-proof"], 2);
    assert_eq!(report.notes["consent-in-future"], 1);
    assert_eq!(
        notes.iter().filter(|n| n.outcome == "consent-left-out").count(),
        3
    );
    // The same file again changes nothing.
    let (again, _) = run(&format!("{columns}{rule}"), false).await.unwrap();
    assert_eq!(again.notes.get("consent-recorded").copied().unwrap_or(0), 0);
    let table = &w.caller.workspace.layout.object("consent_entry").unwrap().table;
    let rows = w
        .app
        .store
        .rows(peyvand_store::RowsCall::new(table, &[]).everywhere())
        .await
        .unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(open().await, want);
    // Taking the import back takes back the yes, and opens nothing that was closed.
    let undone = w
        .app
        .undo_import(&w.caller, report.id.parse().unwrap(), |_| {})
        .await
        .unwrap();
    assert_eq!((undone.withdrawn, undone.deleted, undone.kept.len()), (1, 0, 0));
    let closed = [
        "withdrawn",
        "withdrawn",
        "no-consent",
        "no-consent",
        "no-consent",
        "no-consent",
    ];
    assert_eq!(open().await, closed);
    // The file may say it again; a second undo of the first time does not touch that.
    let (again, _) = run(&format!("{columns}{rule}"), false).await.unwrap();
    assert_eq!(again.notes["consent-recorded"], 1);
    assert_eq!(open().await, want);
    let (again, _) = run(&format!("{columns}{rule}"), false).await.unwrap();
    assert_eq!(again.notes.get("consent-recorded").copied().unwrap_or(0), 0);
    let undone = w
        .app
        .undo_import(&w.caller, report.id.parse().unwrap(), |_| {})
        .await
        .unwrap();
    assert_eq!(undone.withdrawn, 0);
    assert_eq!(open().await, want);
}
