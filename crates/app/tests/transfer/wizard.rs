//! The wizard: whoever runs its jobs, and what a trial and an undo tell.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use peyvand_app::jobs::Worker;
use peyvand_app::people::NewUser;
use peyvand_app::transfer::wizard::{Stage, Upload};
use peyvand_app::{App, Caller};
use peyvand_core::Actor;
use peyvand_testkit::{TestDb, db_test};

use crate::world::place;

/// A new administrator of the workspace.
async fn administrator(app: &App, caller: &Caller) -> Actor {
    let new = NewUser {
        email: "sara@example.com".to_owned(),
        name: "Sara".to_owned(),
        role: "admin".to_owned(),
        active: true,
        team: None,
    };
    Actor::User(app.create_user(&caller.workspace, &new).await.unwrap())
}

/// A file of one contact.
const ONE: &str = "first name,last name\nسارا,احمدی\n";

/// A file of contacts that has come up.
fn uploaded(app: &App, caller: &Caller, text: &str) -> Upload {
    let mut upload = app.begin_import_file(caller, "people.csv", "contacts").unwrap();
    fs::write(app.upload_file(&upload.id).unwrap(), text).unwrap();
    upload.size = text.len() as u64;
    app.put_upload(&upload).unwrap();
    upload
}

/// A server has several workers, and any of them may claim the job of the wizard.
#[db_test]
async fn every_worker_can_run_what_the_wizard_begins(db: TestDb) {
    let mut p = place(&db).await;
    let app = Arc::new(p.app.in_folder(p.folder.path()).unwrap());
    p.caller.actor = administrator(&app, &p.caller).await;
    for (dry, stage) in [(true, Stage::Tried), (false, Stage::Done)] {
        let upload = uploaded(&app, &p.caller, ONE);
        app.start_upload(&p.caller, &upload.id, dry).await.unwrap();
        let mut fresh = Worker::new(Arc::clone(&app), Duration::from_mins(1));
        assert!(fresh.step(&p.caller.workspace).await.unwrap());
        let seen = app.import_file(&p.caller, &upload.id).unwrap();
        assert_eq!(seen.stage, stage, "{}", seen.problem);
        assert_eq!(seen.rows, Some(1));
    }
}

/// The program ends between the file that says that an import is on its way and the job that does it.
#[db_test]
async fn an_import_without_its_job_goes_on_when_the_program_begins_again(db: TestDb) {
    let mut p = place(&db).await;
    let app = Arc::new(p.app.in_folder(p.folder.path()).unwrap());
    p.caller.actor = administrator(&app, &p.caller).await;
    let mut upload = uploaded(&app, &p.caller, ONE);
    upload.stage = Stage::Importing;
    app.put_upload(&upload).unwrap();
    let mut worker = Worker::new(Arc::clone(&app), Duration::from_mins(1));
    // Control: nobody else would do it.
    assert!(!worker.step(&p.caller.workspace).await.unwrap());
    // Two workers begin at once.
    app.resume_uploads().await.unwrap();
    app.resume_uploads().await.unwrap();
    assert!(worker.step(&p.caller.workspace).await.unwrap());
    let seen = app.import_file(&p.caller, &upload.id).unwrap();
    assert_eq!(
        (seen.stage, seen.rows),
        (Stage::Done, Some(1)),
        "{}",
        seen.problem
    );
    assert!(!worker.step(&p.caller.workspace).await.unwrap());
    // What has ended is not begun again.
    app.resume_uploads().await.unwrap();
    assert!(!worker.step(&p.caller.workspace).await.unwrap());
}

/// What a trial finds is known by kind and row by row, and an undo says in numbers what it took back.
#[db_test]
async fn a_trial_tells_what_is_wrong_and_an_undo_what_it_took_back(db: TestDb) {
    let mut p = place(&db).await;
    let app = Arc::new(p.app.in_folder(p.folder.path()).unwrap());
    p.caller.actor = administrator(&app, &p.caller).await;
    let mut text = "first name,last name,birth date\nسارا,احمدی,1981-08-04\n".to_owned();
    for n in 0..120 {
        let _ = writeln!(text, "P{n},Q{n},never {n}");
    }
    let upload = uploaded(&app, &p.caller, &text);
    app.start_upload(&p.caller, &upload.id, true).await.unwrap();
    let mut worker = Worker::new(Arc::clone(&app), Duration::from_mins(1));
    assert!(worker.step(&p.caller.workspace).await.unwrap());
    let tried = app.import_file(&p.caller, &upload.id).unwrap();
    assert_eq!(tried.stage, Stage::Tried, "{}", tried.problem);
    assert_eq!(tried.problems, 120);
    // The first hundred, and all of them counted as one kind, whatever their value.
    assert_eq!(tried.shown.len(), 100);
    assert_eq!(
        (tried.shown[0].field.as_str(), tried.shown[0].value.as_str()),
        ("birth_date", "never 0")
    );
    let kinds: Vec<(&str, u64)> = tried.kinds.iter().map(|(f, _, n)| (f.as_str(), *n)).collect();
    assert_eq!(kinds, [("birth_date", 120)], "{:?}", tried.kinds);
    app.start_upload(&p.caller, &upload.id, false).await.unwrap();
    assert!(worker.step(&p.caller.workspace).await.unwrap());
    let undone = app.undo_upload(&p.caller, &upload.id).await.unwrap();
    let seen = app
        .import_file(&p.caller, &upload.id)
        .unwrap()
        .taken_back
        .unwrap();
    assert!(seen.deleted >= 1);
    assert_eq!((seen.deleted, seen.withdrawn), (undone.deleted, undone.withdrawn));
    // Once is enough: what was told of the first time stays.
    let refused = app.undo_upload(&p.caller, &upload.id).await.unwrap_err();
    assert_eq!(refused.code(), "already-undone");
    let still = app
        .import_file(&p.caller, &upload.id)
        .unwrap()
        .taken_back
        .unwrap();
    assert_eq!(still.deleted, seen.deleted);
}

/// Faults of one kind are counted as one and say what is expected in full, whatever stands in the cells: also where the
/// example of what is expected has the same signs.
#[db_test]
async fn what_is_expected_is_told_whole(db: TestDb) {
    let mut p = place(&db).await;
    let app = Arc::new(p.app.in_folder(p.folder.path()).unwrap());
    p.caller.actor = administrator(&app, &p.caller).await;
    let text = "first name,last name,email\nA,One,example\nB,Two,com\nC,Three,name\n";
    let upload = uploaded(&app, &p.caller, text);
    app.start_upload(&p.caller, &upload.id, true).await.unwrap();
    let mut worker = Worker::new(Arc::clone(&app), Duration::from_mins(1));
    assert!(worker.step(&p.caller.workspace).await.unwrap());
    let tried = app.import_file(&p.caller, &upload.id).unwrap();
    let kinds: Vec<(&str, &str, u64)> = tried
        .kinds
        .iter()
        .map(|(f, w, n)| (f.as_str(), w.as_str(), *n))
        .collect();
    let [(field, what, 3)] = kinds[..] else {
        panic!("{kinds:?}")
    };
    assert_eq!(field, "emails");
    assert!(what.contains("name@example.com") && what.contains('…'), "{what}");
}
