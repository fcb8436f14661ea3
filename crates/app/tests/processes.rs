//! Item 13 of the trust list: two processes, one of which sleeps through its lease, do every job once.

mod common;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use common::fixture_on;
use peyvand_app::jobs::{Handler, Held, Worker};
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, AppError};
use peyvand_core::{Clock as _, FixedClock, IdSource};
use peyvand_store::{Keys, Store};
use peyvand_testkit::db::{self, Kind};
use peyvand_testkit::{TestDb, db_test};

/// Set in a process that is to be a worker: folder, schema and the file in which it tells what it does.
const ROLE: &str = "PEYVAND_TEST_WORKER";
const LEASE: Duration = Duration::from_millis(900);
const WORK: Duration = Duration::from_millis(300);
const JOBS: usize = 6;

fn tell(ledger: &Path, what: &str, job: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(ledger)
        .expect("the ledger");
    // One write for a line: lines of two processes do not mix.
    file.write_all(format!("{} {what} {job}\n", std::process::id()).as_bytes())
        .expect("a line");
}

/// Does its work in steps, and tells when it begins.
#[derive(Debug)]
struct Slow {
    ledger: PathBuf,
    last: Arc<Mutex<String>>,
}

#[async_trait]
impl Handler for Slow {
    async fn run(&self, _: &App, _: &Arc<Workspace>, job: &Held) -> Result<(), AppError> {
        *self.last.lock().expect("the last") = job.id.to_string();
        tell(&self.ledger, "begins", &job.id.to_string());
        tokio::time::sleep(WORK).await;
        Ok(())
    }
}

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(
        "2026-11-22T08:30:00Z".parse().expect("an instant"),
    ))
}

/// What the second process of the test is.
async fn be_a_worker(kind: Kind, role: &str) {
    let mut parts = role.split('|');
    let folder = PathBuf::from(parts.next().unwrap_or_default());
    let schema = parts.next().filter(|s| !s.is_empty());
    let ledger = PathBuf::from(parts.next().unwrap_or_default());
    let engine = db::connect(kind, &folder, schema).await;
    let store = Arc::new(Store::new(engine, Keys::new(db::SECRET)));
    let app = Arc::new(App::new(store, clock() as _, Arc::new(IdSource::default())));
    let w = app.workspace(Some("main")).await.expect("the workspace");
    let last = Arc::new(Mutex::new(String::new()));
    let mut worker = Worker::new(Arc::clone(&app), LEASE);
    let handler = Slow {
        ledger: ledger.clone(),
        last: Arc::clone(&last),
    };
    worker.handle("slow", Arc::new(handler));
    loop {
        let outcome = worker.step(&w).await;
        let job = last.lock().expect("the last").clone();
        match outcome {
            Ok(true) => tell(&ledger, "finishes", &job),
            Ok(false) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(_) => tell(&ledger, "is-refused", &job),
        }
    }
}

/// A process of the test; it goes with it.
struct Process(Child);

impl Process {
    fn start(test: &str, role: &str) -> Self {
        let child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", test, "--nocapture", "--test-threads", "1"])
            .env(ROLE, role)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        Self(child)
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.0.id().to_string()])
            .status()
            .expect("kill");
        assert!(sent.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// What was told so far: process, what, job.
fn told(ledger: &Path) -> Vec<(u32, String, String)> {
    std::fs::read_to_string(ledger)
        .unwrap_or_default()
        .lines()
        .filter_map(|l| {
            let mut words = l.split(' ');
            Some((
                words.next()?.parse().ok()?,
                words.next()?.to_owned(),
                words.next()?.to_owned(),
            ))
        })
        .collect()
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(25), "waited for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[db_test]
async fn a_stopped_process_and_another_do_every_job_once(db: TestDb) {
    let kind = db.kind;
    if let Ok(role) = std::env::var(ROLE) {
        be_a_worker(kind, &role).await;
        return;
    }
    let f = fixture_on(db).await;
    let w = f.workspace();
    for _ in 0..JOBS {
        f.app
            .enqueue(w.id, "slow", "{}", f.clock.now(), None)
            .await
            .unwrap();
    }
    let ledger = f.folder.path().join("ledger");
    let role = format!(
        "{}|{}|{}",
        f.folder.path().display(),
        f.schema.clone().unwrap_or_default(),
        ledger.display()
    );
    let engine = if kind == Kind::Sqlite {
        "sqlite"
    } else {
        "postgres"
    };
    let test = format!("a_stopped_process_and_another_do_every_job_once::{engine}");
    let sleeper = Process::start(&test, &role);
    // It is stopped in the middle of its first job.
    let (_, _, job) = wait_for("the first job", || {
        told(&ledger).into_iter().find(|t| t.1 == "begins")
    });
    sleeper.signal("-STOP");
    let other = Process::start(&test, &role);
    wait_for("the other to have done all", || {
        let done = told(&ledger)
            .iter()
            .filter(|t| t.0 == other.0.id() && t.1 == "finishes")
            .count();
        (done == JOBS).then_some(())
    });
    let before = f.app.jobs(w.id, None).await.unwrap();
    sleeper.signal("-CONT");
    // It wakes, and what it wants to write is refused.
    wait_for("the refusal", || {
        told(&ledger)
            .into_iter()
            .find(|t| t.0 == sleeper.0.id() && t.1 == "is-refused" && t.2 == job)
    });
    let all = told(&ledger);
    let mut finished: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, what, job) in &all {
        if what == "finishes" {
            *finished.entry(job).or_default() += 1;
        }
    }
    assert_eq!(finished.len(), JOBS, "{all:?}");
    assert!(finished.values().all(|n| *n == 1), "{all:?}");
    // Control: the job was really begun by both.
    let begun: Vec<u32> = all
        .iter()
        .filter(|t| t.1 == "begins" && t.2 == job)
        .map(|t| t.0)
        .collect();
    assert_eq!(begun, [sleeper.0.id(), other.0.id()]);
    // And the stale write left no trace.
    let after = f.app.jobs(w.id, None).await.unwrap();
    assert_eq!(before, after);
    assert!(after.iter().all(|j| j.state == "done"), "{after:?}");
}
