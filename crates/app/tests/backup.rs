//! Backups are whole, verified, and come back elsewhere (items 12 and 28).

mod common;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{fixture, open_at};
use peyvand_app::audit::Stream;
use peyvand_app::backup::{BackupError, Copies};
use peyvand_app::files::{BlobStore, ContentHash, Folder};
use peyvand_app::{App, ListRequest};
use peyvand_store::{Engine, StoreError};
use peyvand_store_sqlite::{Options, SqliteEngine};

const SECRET: [u8; 32] = [42; 32];

/// Copies that are files.
#[derive(Debug)]
struct Files;

#[async_trait::async_trait]
impl Copies for Files {
    async fn open(&self, copy: &Path) -> Result<Arc<dyn Engine>, StoreError> {
        Ok(Arc::new(SqliteEngine::open(copy, &Options::default())?))
    }
    fn embedded(&self) -> bool {
        true
    }
    async fn bring_back(&self, _: &Path) -> Result<Option<Arc<dyn Engine>>, StoreError> {
        Ok(None)
    }
}

async fn count(app: &App, object: &str) -> u64 {
    app.census().await.unwrap()[&format!("main/{object}")]
}

fn name(n: u64) -> serde_json::Map<String, serde_json::Value> {
    serde_json::json!({ "name": format!("مشتری شمارهٔ {n}") })
        .as_object()
        .unwrap()
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_under_load_comes_back_whole() {
    let f = fixture().await;
    let contacts = f.object("contact");
    let files = Folder::open(&f.folder.path().join("files")).unwrap();
    let (blob, _) = files.put(&mut "پیوست".as_bytes(), 1000).unwrap();
    for n in 0..20 {
        f.app.create(&f.caller, &contacts, &name(n), None).await.unwrap();
    }
    f.app.seal(f.workspace()).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let made = Arc::new(AtomicU64::new(20));
    let writers: Vec<_> = (0..3)
        .map(|_| {
            let (app, caller, contacts) = (Arc::clone(&f.app), f.caller.clone(), Arc::clone(&contacts));
            let (stop, made) = (Arc::clone(&stop), Arc::clone(&made));
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let n = made.fetch_add(1, Ordering::SeqCst);
                    app.create(&caller, &contacts, &name(n), None).await.unwrap();
                }
            })
        })
        .collect();
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("one.pvb");
    let done = f
        .app
        .backup(f.folder.path(), &file, SECRET, Some("چهار واژهٔ راز"), &Files)
        .await
        .unwrap();
    stop.store(true, Ordering::SeqCst);
    for w in writers {
        w.await.unwrap();
    }
    assert!(done.key_inside);
    assert!(done.sealed.unwrap() >= 40, "{:?}", done.sealed);
    assert!(done.manifest.records["main/contact"] >= 20);
    // Nothing is left beside it, and it is never overwritten.
    assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 1);
    assert!(matches!(
        f.app.backup(f.folder.path(), &file, SECRET, None, &Files).await,
        Err(BackupError::Exists(_))
    ));

    // Elsewhere, with the passphrase only.
    let data = tempfile::tempdir().unwrap();
    assert!(matches!(
        f.app
            .restore_backup(&file, data.path(), None, Some("راز دیگر"), false, &Files)
            .await,
        Err(BackupError::WrongPassphrase)
    ));
    f.app
        .restore_backup(&file, data.path(), None, Some("چهار واژهٔ راز"), false, &Files)
        .await
        .unwrap();
    assert_eq!(std::fs::read(data.path().join("instance.key")).unwrap(), SECRET);
    let there = Folder::open(&data.path().join("files")).unwrap();
    let mut text = String::new();
    there.open(&blob).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(ContentHash::of(text.as_bytes()), blob);
    let app = open_at(data.path(), &f.clock).await;
    let w = app.workspace(Some("main")).await.unwrap();
    assert!(w.settings.sending_paused);
    assert!(!f.workspace().settings.sending_paused);
    assert_eq!(
        count(&app, "contact").await,
        done.manifest.records["main/contact"]
    );
    assert_eq!(app.verify_stream(&w, Stream::Audit).await.unwrap().broken, None);
    let caller = peyvand_app::Caller::system(&w, peyvand_core::Via::Cli);
    let q = ListRequest {
        q: Some("مشتری 7".to_owned()),
        ..ListRequest::default()
    };
    assert!(!app.list(&caller, &contacts, &q).await.unwrap().records.is_empty());

    // Not into a folder that holds data; by force what was there is kept aside.
    assert!(matches!(
        app.restore_backup(&file, data.path(), Some(SECRET.into()), None, false, &Files)
            .await,
        Err(BackupError::NotEmpty(_))
    ));

    // Written after the restore, backed up again, restored again: the new row is there (litestream#781).
    let before = count(&app, "contact").await;
    app.create(&caller, &contacts, &name(9_999_999), None)
        .await
        .unwrap();
    let second = out.path().join("two.pvb");
    app.backup(data.path(), &second, SECRET, None, &Files)
        .await
        .unwrap();
    let third = tempfile::tempdir().unwrap();
    assert!(matches!(
        app.restore_backup(&second, third.path(), None, None, false, &Files)
            .await,
        Err(BackupError::KeyNeeded)
    ));
    app.restore_backup(&second, third.path(), Some(SECRET.into()), None, false, &Files)
        .await
        .unwrap();
    let again = open_at(third.path(), &f.clock).await;
    assert_eq!(count(&again, "contact").await, before + 1);
}

use std::io::Read as _;

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_byte_is_refused() {
    let f = fixture().await;
    let contacts = f.object("contact");
    f.app.create(&f.caller, &contacts, &name(1), None).await.unwrap();
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("b.pvb");
    f.app
        .backup(f.folder.path(), &file, SECRET, None, &Files)
        .await
        .unwrap();
    let bytes = std::fs::read(&file).unwrap();
    let n = bytes.len();
    // In the head, in the database, in the manifest, in the hash at the end.
    for at in [3, 40, n / 2, n - 300, n - 40, n - 5] {
        let bent = out.path().join(format!("bent-{at}"));
        let mut b = bytes.clone();
        b[at] ^= 1;
        std::fs::write(&bent, b).unwrap();
        let e = f
            .app
            .verify_backup(&bent, Some(SECRET.into()), None, &Files)
            .await
            .unwrap_err();
        assert!(
            matches!(e, BackupError::Damaged(_) | BackupError::Io(_)),
            "{at}: {e}"
        );
        let data = tempfile::tempdir().unwrap();
        let restored = f
            .app
            .restore_backup(&bent, data.path(), Some(SECRET.into()), None, false, &Files)
            .await;
        assert!(restored.is_err());
        assert!(!data.path().join("peyvand.db").exists());
    }
    std::fs::write(out.path().join("cut"), &bytes[..n - 100]).unwrap();
    assert!(
        f.app
            .verify_backup(&out.path().join("cut"), Some(SECRET.into()), None, &Files)
            .await
            .is_err()
    );
    // Control: the untouched file passes, with and without the key.
    let ok = f
        .app
        .verify_backup(&file, Some(SECRET.into()), None, &Files)
        .await
        .unwrap();
    assert!(ok.sealed.is_some());
    let blind = f
        .app
        .verify_backup(&file, Some([1; 32].into()), None, &Files)
        .await
        .unwrap();
    assert!(blind.sealed.is_none());
}
