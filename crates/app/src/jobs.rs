//! Background work: leases, the worker, retries, dead letters, and the jobs that every instance runs.
//!
//! A lease is a token and a counter that its holder raises. Another worker takes a job over when it has itself seen the
//! counter stand still for the length of a lease: no two clocks are compared. Every write of a worker names its token,
//! so that one that slept through its lease writes nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use peyvand_core::{Deadline, Id, Instant, WorkspaceId};
use peyvand_store::ports::{Bound, OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, Row, RowsCall, SqlVal, StoreError};
use serde::Serialize;

use crate::app::App;
use crate::errors::AppError;
use crate::sending::{SEND, Sender};
use crate::workspace::Workspace;

/// A job that failed this often is a dead letter.
const ATTEMPTS: i64 = 8;
/// Longest pause between two attempts.
const LONGEST_PAUSE: i64 = 3600 * Instant::SECOND;
/// Answers to repeated requests are kept this long.
const KEEP_ANSWERS: i64 = 2 * Instant::DAY;
/// Finished jobs are kept this long.
const KEEP_DONE: i64 = 7 * Instant::DAY;
/// Records stay in the recycle bin this long.
pub const KEEP_DELETED: i64 = 30 * Instant::DAY;
/// A stale lease of the sealer is taken over after this.
const LEASE_TIME: i64 = 60 * Instant::SECOND;

/// The log is sealed this often; it is no job, because it would fill the table of jobs with itself.
const SEAL_EVERY: Duration = Duration::from_secs(2);
/// Periodic jobs run by the hour or the day: whether one is due need not be asked at every turn.
const PLAN_EVERY: Duration = Duration::from_secs(30);

/// Messages whose time has come are looked for this often; no job either, for the same reason.
const SWEEP_EVERY: Duration = Duration::from_secs(20);
/// What is due is looked for this often; no job either.
const REMIND_EVERY: Duration = Duration::from_secs(30);

/// Uses of tokens and sessions are written this often.
const USES_EVERY: Duration = Duration::from_secs(15);

/// Jobs that run again and again, and how often.
const PERIODIC: &[(&str, i64)] = &[
    ("retention", 3600 * Instant::SECOND),
    ("purge", 6 * 3600 * Instant::SECOND),
];

/// A job as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobLine {
    /// Its id.
    pub id: String,
    /// The handler.
    pub kind: String,
    /// `waiting`, `running`, `done`, `dead`.
    pub state: String,
    /// Attempts so far.
    pub attempts: i64,
    /// Not before, microseconds.
    pub run_at: i64,
    /// The last error.
    pub error: Option<String>,
}

/// A job that this worker holds.
#[derive(Debug, Clone)]
pub struct Held {
    /// Its id.
    pub id: Id,
    /// The handler.
    pub kind: String,
    /// Its data.
    pub payload: String,
    /// Attempts, with this one.
    pub attempts: i64,
    /// The token of the lease.
    pub token: Id,
    /// The counter of the lease when it was taken.
    pub beat: i64,
}

/// What does the work of one kind of job. May be run again after it was done: the effect must be the same.
#[async_trait]
pub trait Handler: Send + Sync + std::fmt::Debug {
    /// Does it.
    async fn run(&self, app: &App, workspace: &Arc<Workspace>, job: &Held) -> Result<(), AppError>;
}

/// A worker: claims jobs, runs them, tells how they ended.
#[derive(Debug)]
pub struct Worker {
    app: Arc<App>,
    handlers: HashMap<String, Arc<dyn Handler>>,
    lease: Duration,
    /// Leases of others: token and counter, and until when they hold by this worker's own clock.
    seen: HashMap<Id, (Id, i64, Deadline)>,
}

fn lost() -> Conflict {
    Conflict::Guard("lease".to_owned())
}

impl Worker {
    /// A worker that runs every kind of job the program begins: workers are equals, any of them may claim any job.
    #[must_use]
    pub fn new(app: Arc<App>, lease: Duration) -> Self {
        let mut w = Self {
            app,
            handlers: HashMap::new(),
            lease,
            seen: HashMap::new(),
        };
        for kind in PERIODIC.iter().map(|p| p.0).chain([crate::derived::KIND]) {
            w.handle(kind, Arc::new(Own));
        }
        w.handle(SEND, Arc::new(Sender));
        w.handle(crate::leaver::JOB, Arc::new(crate::leaver::HandOver));
        w.handle(peyvand_domain::teams::FOLLOW, Arc::new(crate::teams::FollowTeam));
        w.handle(crate::bulk_edit::KIND, Arc::new(crate::bulk_edit::BulkWorker));
        let wizard = crate::transfer::wizard::ImportJob::new(Arc::clone(&w.app));
        w.handle(crate::transfer::wizard::JOB, Arc::new(wizard));
        for kind in ["import", "export"] {
            w.handle(kind, Arc::new(crate::tasks::Transfers(Arc::clone(&w.app))));
        }
        w
    }

    /// The kinds of jobs that this worker runs.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.handlers.keys().map(String::as_str)
    }

    /// Adds the handler of a kind.
    pub fn handle(&mut self, kind: &str, handler: Arc<dyn Handler>) {
        self.handlers.insert(kind.to_owned(), handler);
    }

    /// Claims the next job, if there is one: a waiting one whose time has come, or one whose holder has stopped.
    pub async fn claim(&mut self, workspace: WorkspaceId) -> Result<Option<Held>, AppError> {
        let t = &SIDE.job;
        let now = self.app.clock.now();
        let in_state = |state: &str| {
            RowsCall::new(
                t,
                &[
                    ("workspace_id", i64::from(workspace.0).into()),
                    ("state", state.into()),
                ],
            )
        };
        let due = in_state("waiting")
            .bound("run_at", Bound::Le, now.micros())
            .order("run_at", false)
            .limit(20);
        for row in self.app.store.rows(due).await? {
            if let Some(held) = self.take(workspace, &row, &[("state", "waiting".into())]).await? {
                return Ok(Some(held));
            }
        }
        let running = self.app.store.rows(in_state("running")).await?;
        let mut stale = Vec::new();
        let mut seen = HashMap::new();
        for row in running {
            let (Some(id), Some(token)) = (row[t.at("id")].uuid(), row[t.at("lease_token")].uuid()) else {
                continue;
            };
            let beat = row[t.at("lease_beat")].int().unwrap_or_default();
            let until = match self.seen.get(&id) {
                Some((k, b, until)) if *k == token && *b == beat => *until,
                _ => Deadline::after(self.lease),
            };
            seen.insert(id, (token, beat, until));
            if until.passed() {
                stale.push((row, token, beat));
            }
        }
        self.seen = seen;
        for (row, token, beat) in stale {
            let as_seen = [("lease_token", token.into()), ("lease_beat", beat.into())];
            if let Some(held) = self.take(workspace, &row, &as_seen).await? {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }

    async fn take(
        &self,
        workspace: WorkspaceId,
        row: &Row,
        only_if: &[(&str, SqlVal)],
    ) -> Result<Option<Held>, AppError> {
        let t = &SIDE.job;
        let id = row[t.at("id")].uuid().unwrap_or(Id::NIL);
        let attempts = row[t.at("attempts")].int().unwrap_or_default() + 1;
        let beat = row[t.at("lease_beat")].int().unwrap_or_default() + 1;
        let token = self.app.ids.next(self.app.clock.now());
        let mut key = vec![
            (t.at("workspace_id"), i64::from(workspace.0).into()),
            (t.at("id"), id.into()),
        ];
        key.extend(only_if.iter().map(|(c, v)| (t.at(c), v.clone())));
        let step = Step::Update {
            table: Arc::clone(t),
            set: vec![
                (t.at("state"), "running".into()),
                (t.at("lease_token"), token.into()),
                (t.at("lease_beat"), beat.into()),
                (t.at("attempts"), attempts.into()),
            ],
            key,
            expect_one: Some(lost()),
        };
        match self.app.store.engine().apply(Plan::of(vec![step])).await {
            Ok(()) => Ok(Some(Held {
                id,
                kind: row[t.at("kind")].text().unwrap_or_default().to_owned(),
                payload: row[t.at("payload")].text().unwrap_or_default().to_owned(),
                attempts,
                token,
                beat,
            })),
            Err(StoreError::Conflict(_)) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    async fn write(
        &self,
        workspace: WorkspaceId,
        job: &Held,
        set: &[(&str, SqlVal)],
    ) -> Result<(), AppError> {
        let t = &SIDE.job;
        let step = Step::Update {
            table: Arc::clone(t),
            set: set.iter().map(|(c, v)| (t.at(c), v.clone())).collect(),
            key: vec![
                (t.at("workspace_id"), i64::from(workspace.0).into()),
                (t.at("id"), job.id.into()),
                (t.at("lease_token"), job.token.into()),
            ],
            expect_one: Some(lost()),
        };
        Ok(self.app.store.engine().apply(Plan::of(vec![step])).await?)
    }

    /// Raises the counter of the lease: the holder is alive.
    pub async fn beat(&self, workspace: WorkspaceId, job: &Held, beat: i64) -> Result<(), AppError> {
        self.write(workspace, job, &[("lease_beat", beat.into())]).await
    }

    /// Tells how a job ended. Refused when another worker has taken it over.
    pub async fn finish(
        &self,
        workspace: WorkspaceId,
        job: &Held,
        outcome: Result<(), &AppError>,
    ) -> Result<(), AppError> {
        let now = self.app.clock.now();
        let set: Vec<(&str, SqlVal)> = match outcome {
            Ok(()) => vec![
                ("state", "done".into()),
                ("finished_at", now.micros().into()),
                ("dedupe", SqlVal::Null),
                ("error", SqlVal::Null),
            ],
            Err(e) if job.attempts >= ATTEMPTS => vec![
                ("state", "dead".into()),
                ("finished_at", now.micros().into()),
                ("dedupe", SqlVal::Null),
                ("error", e.to_string().into()),
            ],
            Err(e) => {
                let pause = (Instant::SECOND << job.attempts.clamp(0, 20)).min(LONGEST_PAUSE);
                vec![
                    ("state", "waiting".into()),
                    ("run_at", now.plus_micros(pause).micros().into()),
                    ("error", e.to_string().into()),
                ]
            }
        };
        let mut set = set;
        set.push(("lease_token", SqlVal::Null));
        self.write(workspace, job, &set).await
    }

    /// Claims and runs one job; `false` when there was none.
    pub async fn step(&mut self, workspace: &Arc<Workspace>) -> Result<bool, AppError> {
        let Some(job) = self.claim(workspace.id).await? else {
            return Ok(false);
        };
        let handler = self.handlers.get(&job.kind).map(Arc::clone);
        let outcome = match handler {
            None => Err(AppError::NotFound),
            Some(h) => {
                let work = h.run(&self.app, workspace, &job);
                tokio::pin!(work);
                let mut beat = job.beat;
                loop {
                    match tokio::time::timeout(self.lease / 3, &mut work).await {
                        Ok(outcome) => break outcome,
                        Err(_) => {
                            beat += 1;
                            // A lease that is lost ends the work: somebody else does it now.
                            self.beat(workspace.id, &job, beat).await?;
                        }
                    }
                }
            }
        };
        if let Err(e) = &outcome {
            tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempts, "{e}");
        }
        self.finish(workspace.id, &job, outcome.as_ref().copied()).await?;
        Ok(true)
    }

    /// Works until it is dropped.
    pub async fn run(mut self) {
        let mut seal_at = Deadline::after(SEAL_EVERY);
        let mut plan_at = Deadline::after(Duration::ZERO);
        let mut sweep_at = Deadline::after(Duration::ZERO);
        let mut remind_at = Deadline::after(Duration::ZERO);
        let mut uses_at = Deadline::after(USES_EVERY);
        if let Err(e) = self.app.resume_uploads().await {
            tracing::warn!("imports that were on their way: {e}");
        }
        loop {
            let mut busy = false;
            let plan = plan_at.passed();
            if plan {
                plan_at = Deadline::after(PLAN_EVERY);
            }
            let seal = seal_at.passed();
            if seal {
                seal_at = Deadline::after(SEAL_EVERY);
            }
            let sweep = sweep_at.passed();
            if sweep {
                sweep_at = Deadline::after(SWEEP_EVERY);
            }
            let remind = remind_at.passed();
            if remind {
                remind_at = Deadline::after(REMIND_EVERY);
            }
            if uses_at.passed() {
                uses_at = Deadline::after(USES_EVERY);
                if let Err(e) = self.app.write_uses().await {
                    tracing::warn!("uses of tokens and sessions: {e}");
                }
            }
            let workspaces: Vec<Arc<Workspace>> = self.app.open_workspaces().values().cloned().collect();
            for w in workspaces {
                if seal && let Err(e) = self.app.seal_lately(&w).await {
                    tracing::warn!("sealing: {e}");
                }
                if sweep && let Err(e) = self.app.sweep_messages(&w).await {
                    tracing::warn!("looking for messages to send: {e}");
                }
                if plan && let Err(e) = self.app.plan_periodic(w.id).await {
                    tracing::warn!("planning jobs: {e}");
                }
                if remind && let Err(e) = self.app.remind(&w).await {
                    tracing::warn!("telling what is due: {e}");
                }
                match self.step(&w).await {
                    Ok(worked) => busy |= worked,
                    Err(e) => tracing::warn!("a job: {e}"),
                }
            }
            if !busy {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

/// The program's own jobs.
#[derive(Debug)]
struct Own;

#[async_trait]
impl Handler for Own {
    async fn run(&self, app: &App, workspace: &Arc<Workspace>, job: &Held) -> Result<(), AppError> {
        match job.kind.as_str() {
            "purge" => {
                app.purge_bin(workspace, KEEP_DELETED).await?;
                app.expire_definitions(workspace).await.map(drop)
            }
            crate::derived::KIND => app.derive(workspace, &job.payload).await.map(drop),
            "retention" => {
                app.forget_old_sessions().await?;
                app.forget_old_rows(workspace).await.map(drop)
            }
            _ => Err(AppError::NotFound),
        }
    }
}

impl App {
    /// Sees to it that each periodic job has its next run.
    pub async fn plan_periodic(&self, workspace: WorkspaceId) -> Result<(), AppError> {
        let now = self.clock.now();
        for (kind, every) in PERIODIC {
            self.enqueue(workspace, kind, "{}", now.plus_micros(*every), Some("periodic"))
                .await?;
        }
        Ok(())
    }

    /// Puts a job into the queue; with `dedupe`, only when none of this kind and key waits or runs.
    pub async fn enqueue(
        &self,
        workspace: WorkspaceId,
        kind: &str,
        payload: &str,
        run_at: Instant,
        dedupe: Option<&str>,
    ) -> Result<(), AppError> {
        let t = &SIDE.job;
        if let Some(d) = dedupe {
            let key = [
                ("workspace_id", i64::from(workspace.0).into()),
                ("kind", kind.into()),
                ("dedupe", d.into()),
            ];
            if !self.store.rows(RowsCall::new(t, &key).limit(1)).await?.is_empty() {
                return Ok(());
            }
        }
        let step = self.job(workspace, kind, payload, run_at, dedupe);
        Ok(self.store.engine().apply(Plan::of(vec![step])).await?)
    }

    /// The step that puts a job into the queue, for those who write what it is about in the same transaction: none of both
    /// is there without the other, whatever happens in between.
    pub(crate) fn job(
        &self,
        workspace: WorkspaceId,
        kind: &str,
        payload: &str,
        run_at: Instant,
        dedupe: Option<&str>,
    ) -> Step {
        let t = &SIDE.job;
        let now = self.clock.now();
        let mut row = vec![SqlVal::Null; t.columns.len()];
        for (c, v) in [
            ("workspace_id", i64::from(workspace.0).into()),
            ("id", self.ids.next(now).into()),
            ("kind", kind.into()),
            ("payload", payload.into()),
            ("state", "waiting".into()),
            ("run_at", run_at.micros().into()),
            ("attempts", 0.into()),
            ("lease_beat", 0.into()),
            ("dedupe", dedupe.into()),
            ("created_at", now.micros().into()),
        ] {
            row[t.at(c)] = v;
        }
        Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Keep,
        }
    }

    /// Jobs in a state, oldest first, at most 1,000; see [`App::jobs_page`].
    pub async fn jobs(&self, workspace: WorkspaceId, state: Option<&str>) -> Result<Vec<JobLine>, AppError> {
        self.jobs_page(workspace, state, None, 1000).await
    }

    /// Jobs in a state, oldest first: behind this one, at most so many.
    pub async fn jobs_page(
        &self,
        workspace: WorkspaceId,
        state: Option<&str>,
        behind: Option<Id>,
        limit: u32,
    ) -> Result<Vec<JobLine>, AppError> {
        let t = &SIDE.job;
        let mut key: Vec<(&str, SqlVal)> = vec![("workspace_id", i64::from(workspace.0).into())];
        if let Some(s) = state {
            key.push(("state", s.into()));
        }
        let mut call = RowsCall::new(t, &key).order("id", false).limit(limit);
        if let Some(id) = behind {
            call = call.bound("id", Bound::Gt, id);
        }
        let rows = self.store.rows(call).await?;
        let text = |r: &Row, c: &str| r[t.at(c)].text().unwrap_or_default().to_owned();
        let int = |r: &Row, c: &str| r[t.at(c)].int().unwrap_or_default();
        Ok(rows
            .iter()
            .map(|r| JobLine {
                id: r[t.at("id")].uuid().unwrap_or(Id::NIL).to_string(),
                kind: text(r, "kind"),
                state: text(r, "state"),
                attempts: int(r, "attempts"),
                run_at: int(r, "run_at"),
                error: r[t.at("error")].text().map(str::to_owned),
            })
            .collect())
    }

    /// A dead letter is tried again from now on.
    pub async fn retry_job(&self, workspace: WorkspaceId, id: Id) -> Result<(), AppError> {
        let t = &SIDE.job;
        let step = Step::Update {
            table: Arc::clone(t),
            set: vec![
                (t.at("state"), "waiting".into()),
                (t.at("attempts"), 0.into()),
                (t.at("run_at"), self.clock.now().micros().into()),
                (t.at("finished_at"), SqlVal::Null),
            ],
            key: vec![
                (t.at("workspace_id"), i64::from(workspace.0).into()),
                (t.at("id"), id.into()),
                (t.at("state"), "dead".into()),
            ],
            expect_one: Some(lost()),
        };
        match self.store.engine().apply(Plan::of(vec![step])).await {
            Err(StoreError::Conflict(_)) => Err(AppError::NotFound),
            other => Ok(other?),
        }
    }

    /// Forgets answers to repeated requests and finished jobs whose time is over; gives how many rows went.
    pub async fn forget_old_rows(&self, workspace: &Workspace) -> Result<u64, AppError> {
        let now = self.clock.now();
        let w: SqlVal = i64::from(workspace.id.0).into();
        let mut n = 0;
        loop {
            let mut steps = Vec::new();
            let t = &SIDE.idempotency;
            let old = RowsCall::new(t, &[("workspace_id", w.clone())]).bound(
                "at",
                Bound::Lt,
                now.micros() - KEEP_ANSWERS,
            );
            let mut gone = |t: &Arc<peyvand_store::tables::Table>, row: &Row| {
                steps.push(Step::Delete {
                    table: Arc::clone(t),
                    key: t
                        .primary
                        .iter()
                        .map(|c| (t.at(c), row[t.at(c)].clone()))
                        .collect(),
                    expect_some: None,
                });
            };
            for row in self.store.rows(old).await? {
                gone(t, &row);
            }
            let t = &SIDE.job;
            let done = RowsCall::new(t, &[("workspace_id", w.clone()), ("state", "done".into())]).bound(
                "finished_at",
                Bound::Lt,
                now.micros() - KEEP_DONE,
            );
            for row in self.store.rows(done).await? {
                gone(t, &row);
            }
            if steps.is_empty() {
                return Ok(n);
            }
            n += steps.len() as u64;
            self.store.engine().apply(Plan::of(steps)).await?;
        }
    }

    /// The step that fails when a lease is no longer held.
    pub(crate) fn holds(&self, w: WorkspaceId, name: &str, token: Id) -> Step {
        let t = &SIDE.lease;
        Step::Check {
            table: Arc::clone(t),
            key: vec![
                (t.at("workspace_id"), i64::from(w.0).into()),
                (t.at("name"), name.into()),
                (t.at("token"), token.into()),
            ],
            present: true,
            otherwise: lost(),
        }
    }

    /// Takes a named lease; `None` while somebody else holds it. A lease older than a minute is taken over: it only
    /// saves double work, correctness does not hang on it.
    pub(crate) async fn take_lease(&self, w: WorkspaceId, name: &str) -> Result<Option<Id>, AppError> {
        let t = &SIDE.lease;
        let now = self.clock.now();
        let token = self.ids.next(now);
        let key = [("workspace_id", i64::from(w.0).into()), ("name", name.into())];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let step = match rows.first() {
            None => Step::Insert {
                table: Arc::clone(t),
                row: vec![
                    i64::from(w.0).into(),
                    name.into(),
                    token.into(),
                    1.into(),
                    now.micros().into(),
                ],
                on_key: OnKey::Fail,
            },
            Some(r) => {
                let free = r[t.at("token")].uuid() == Some(Id::NIL);
                let taken = r[t.at("taken_at")].int().unwrap_or_default();
                if !free && (now.micros() - taken).abs() < LEASE_TIME {
                    return Ok(None);
                }
                Step::Update {
                    table: Arc::clone(t),
                    set: vec![
                        (t.at("token"), token.into()),
                        (
                            t.at("beat"),
                            (r[t.at("beat")].int().unwrap_or_default() + 1).into(),
                        ),
                        (t.at("taken_at"), now.micros().into()),
                    ],
                    key: vec![
                        (t.at("workspace_id"), i64::from(w.0).into()),
                        (t.at("name"), name.into()),
                        (t.at("token"), r[t.at("token")].clone()),
                    ],
                    expect_one: Some(lost()),
                }
            }
        };
        match self.store.engine().apply(Plan::of(vec![step])).await {
            Ok(()) => Ok(Some(token)),
            Err(StoreError::Conflict(_)) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    pub(crate) async fn drop_lease(&self, w: WorkspaceId, name: &str, token: Id) -> Result<(), AppError> {
        let t = &SIDE.lease;
        let step = Step::Update {
            table: Arc::clone(t),
            set: vec![(t.at("token"), Id::NIL.into())],
            key: vec![
                (t.at("workspace_id"), i64::from(w.0).into()),
                (t.at("name"), name.into()),
                (t.at("token"), token.into()),
            ],
            expect_one: None,
        };
        Ok(self.store.engine().apply(Plan::of(vec![step])).await?)
    }
}
