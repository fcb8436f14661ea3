//! Putting on the seals: what is unsealed is found, brought into the order of ids, and sealed behind the last seal.
//!
//! Entries come to be seen in no order: an id is given when a change begins, and is there when it is committed. So what was
//! written lately is looked at again and again, the last seconds at every turn, and as far back as a transaction can be open
//! every now and then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use peyvand_core::{Id, Instant, WorkspaceId};
use peyvand_store::ports::{Bound, OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, Row, RowsCall, SqlVal, StoreError};

use crate::app::App;
use crate::audit::{CHUNK, Stream};
use crate::errors::AppError;
use crate::workspace::Workspace;

/// Buckets over which entries are spread.
const BUCKETS: i64 = 16;
/// No transaction is open for longer: entries older than this behind the last seal have all been seen.
const LONGEST_TRANSACTION: i64 = 120 * Instant::SECOND;
/// Nearly every entry is committed so soon after it got its id.
const LATELY: i64 = 5 * Instant::SECOND;
/// So often the sealer looks for those that were not.
const LOOK_BACK: i64 = 30 * Instant::SECOND;
/// The name of the sealer's lease.
const LEASE: &str = "sealer";

/// When this program last looked at all that may be unsealed of a workspace; held while it seals there, so that its workers
/// do not do the same.
type Looked = tokio::sync::Mutex<HashMap<Stream, Instant>>;

/// The same of all workspaces: a backlog of one holds up no other.
pub(crate) type LookedBack = Mutex<HashMap<WorkspaceId, Arc<Looked>>>;

/// The smallest id of version 7 at an instant.
fn first_id_at(at: Instant) -> Id {
    let millis = u64::try_from(at.micros().div_euclid(1000)).unwrap_or(0);
    let mut b = [0; 16];
    b[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    Id::from_bytes(b)
}

/// How far a bucket has been read.
struct Place {
    bucket: i64,
    last: Id,
    more: bool,
}

/// What is behind an id and not sealed yet, in the order of ids: the buckets are merged, of which a chunk each is in memory at
/// most.
struct Unsealed<'a> {
    app: &'a App,
    workspace: WorkspaceId,
    stream: Stream,
    places: Vec<Place>,
    /// Read from one bucket, while another may still have something before it.
    waiting: Vec<Row>,
}

impl<'a> Unsealed<'a> {
    fn behind(app: &'a App, workspace: WorkspaceId, stream: Stream, from: Id) -> Self {
        let places = (0..BUCKETS).map(|bucket| Place {
            bucket,
            last: from,
            more: true,
        });
        Self {
            app,
            workspace,
            stream,
            places: places.collect(),
            waiting: Vec::new(),
        }
    }

    /// The next ones; none when there are no more.
    async fn next(&mut self) -> Result<Vec<Row>, AppError> {
        let id_at = self.stream.table().at("id");
        let id_of = |r: &Row| r[id_at].uuid().unwrap_or(Id::NIL);
        loop {
            let Some(place) = self.places.iter_mut().filter(|p| p.more).min_by_key(|p| p.last) else {
                let mut rest = std::mem::take(&mut self.waiting);
                rest.sort_by_key(id_of);
                return Ok(rest);
            };
            let key = [
                ("workspace_id", i64::from(self.workspace.0).into()),
                ("bucket", place.bucket.into()),
            ];
            let call = RowsCall::new(self.stream.table(), &key)
                .bound("id", Bound::Gt, place.last)
                .order("id", false)
                .limit(CHUNK);
            let rows = self.app.store.rows(call).await?;
            place.more = rows.len() == CHUNK as usize;
            place.last = rows.last().map_or(place.last, id_of);
            let ids: Vec<Id> = rows.iter().map(id_of).collect();
            let sealed = self.app.sealed_of(self.workspace, self.stream, &ids).await?;
            self.waiting
                .extend(rows.into_iter().filter(|r| !sealed.contains_key(&id_of(r))));
            let Some(seen) = self.places.iter().filter(|p| p.more).map(|p| p.last).min() else {
                continue;
            };
            let (mut out, waiting): (Vec<Row>, Vec<Row>) = std::mem::take(&mut self.waiting)
                .into_iter()
                .partition(|r| id_of(r) <= seen);
            self.waiting = waiting;
            if !out.is_empty() {
                out.sort_by_key(id_of);
                return Ok(out);
            }
        }
    }
}

impl App {
    /// How many entries of a stream carry no seal yet.
    pub(crate) async fn count_unsealed(&self, w: WorkspaceId, stream: Stream) -> Result<u64, AppError> {
        let mut unsealed = Unsealed::behind(self, w, stream, Id::NIL);
        let mut count = 0;
        loop {
            match unsealed.next().await?.len() {
                0 => return Ok(count),
                n => count += n as u64,
            }
        }
    }

    /// Seals what is unsealed in both streams; gives how many entries were sealed. Does nothing while another sealer
    /// holds the lease. Two sealers at once cannot leave a gap or a fork: a position is written once.
    pub async fn seal(&self, workspace: &Workspace) -> Result<u64, AppError> {
        let looked = self.looked(workspace.id);
        let mut looked = looked.lock().await;
        self.seal_streams(workspace, &mut looked, true).await
    }

    /// The same for a program that does it again and again: of what was committed long after it got its id only every
    /// half a minute, and not at all while another worker of this program is at it.
    pub async fn seal_lately(&self, workspace: &Workspace) -> Result<u64, AppError> {
        let looked = self.looked(workspace.id);
        match looked.try_lock() {
            Ok(mut looked) => self.seal_streams(workspace, &mut looked, false).await,
            Err(_) => Ok(0),
        }
    }

    fn looked(&self, w: WorkspaceId) -> Arc<Looked> {
        let mut all = self.looked_back.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(w).or_default())
    }

    async fn seal_streams(
        &self,
        workspace: &Workspace,
        looked: &mut HashMap<Stream, Instant>,
        all: bool,
    ) -> Result<u64, AppError> {
        let w = workspace.id;
        let mut lease = None;
        let mut total = 0;
        for stream in Stream::ALL {
            let now = self.clock.now();
            let seen = looked.get(&stream).copied();
            let back = all || seen.is_none_or(|at| (now.micros() - at.micros()).abs() >= LOOK_BACK);
            let mark = self.watermark(w, stream).await?;
            let from = if back {
                mark
            } else {
                mark.max(first_id_at(now.plus_micros(-LATELY)))
            };
            let (sealed, whole) = self.seal_behind(w, stream, from, &mut lease).await?;
            total += sealed;
            if back && whole {
                if sealed > 0 {
                    self.set_watermark(w, stream, now).await?;
                } else {
                    self.pass_sealed(w, stream, mark, now).await?;
                }
                looked.insert(stream, now);
            }
            if sealed > 0 {
                self.remember_head(workspace, stream).await?;
            }
        }
        if let Some(token) = lease {
            self.drop_lease(w, LEASE, token).await?;
        }
        Ok(total)
    }

    /// Seals what is unsealed behind an id: how many, and whether that was all.
    async fn seal_behind(
        &self,
        w: WorkspaceId,
        stream: Stream,
        from: Id,
        lease: &mut Option<Id>,
    ) -> Result<(u64, bool), AppError> {
        let mut unsealed = Unsealed::behind(self, w, stream, from);
        let mut sealed = 0;
        loop {
            let entries = unsealed.next().await?;
            if entries.is_empty() {
                return Ok((sealed, true));
            }
            let token = match *lease {
                Some(t) => t,
                None => match self.take_lease(w, LEASE).await? {
                    Some(t) => *lease.insert(t),
                    None => return Ok((sealed, false)),
                },
            };
            for chunk in entries.chunks(CHUNK as usize) {
                if !self.seal_some(w, stream, token, chunk).await? {
                    return Ok((sealed, false));
                }
                sealed += chunk.len() as u64;
            }
        }
    }

    /// Seals these entries behind the last seal; `false` when another sealer was faster.
    async fn seal_some(
        &self,
        w: WorkspaceId,
        stream: Stream,
        lease: Id,
        entries: &[Row],
    ) -> Result<bool, AppError> {
        let (mut position, mut hash) = self.last_seal(w, stream).await?;
        let id_at = stream.table().at("id");
        // Another sealer may have come in between: what it sealed is not sealed twice.
        let ids: Vec<Id> = entries.iter().filter_map(|e| e[id_at].uuid()).collect();
        if !self.sealed_of(w, stream, &ids).await?.is_empty() {
            return Ok(false);
        }
        let mut steps = vec![self.holds(w, LEASE, lease)];
        for entry in entries {
            position += 1;
            hash = self.chain(w, stream, position, &hash, entry).to_vec();
            let t = &SIDE.seal;
            let mut row = vec![SqlVal::Null; t.columns.len()];
            for (c, v) in [
                ("workspace_id", i64::from(w.0).into()),
                ("stream", stream.key().into()),
                ("position", position.into()),
                ("entry_id", entry[id_at].clone()),
                ("hash", hash.clone().into()),
            ] {
                row[t.at(c)] = v;
            }
            steps.push(Step::Insert {
                table: Arc::clone(t),
                row,
                on_key: OnKey::Fail,
            });
        }
        match self.store.engine().apply(Plan::of(steps)).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(Conflict::Duplicate { .. } | Conflict::Guard(_))) => Ok(false),
            Err(e) => Err(e.into()),
        }
    }

    /// Remembers the last seal outside the database, unless the database contradicts what is remembered already.
    async fn remember_head(&self, workspace: &Workspace, stream: Stream) -> Result<(), AppError> {
        let Some(heads) = &self.heads else { return Ok(()) };
        let (position, hash) = self.last_seal(workspace.id, stream).await?;
        if let Some((known, ours)) = heads.of(self.store.keys(), workspace.uuid, stream) {
            let there = self.hash_at(workspace.id, stream, known.position).await?;
            if !ours || there.map(hex::encode).as_deref() != Some(&*known.hash) {
                tracing::error!(
                    stream = stream.key(),
                    position = known.position,
                    "the log is not what was sealed"
                );
                return Ok(());
            }
        }
        if position > 0
            && let Err(e) = heads.put(self.store.keys(), workspace.uuid, stream, position, &hash)
        {
            tracing::error!("the head of the log was not remembered: {e}");
        }
        Ok(())
    }

    /// Where everything before has been sealed for certain.
    async fn watermark(&self, w: WorkspaceId, stream: Stream) -> Result<Id, AppError> {
        let t = &SIDE.meta;
        let name = format!("sealed:{}:{}", w.0, stream.key());
        let rows = self
            .store
            .rows(RowsCall::new(t, &[("key", name.into())]).limit(1))
            .await?;
        Ok(rows
            .first()
            .and_then(|r| r[t.at("value")].text())
            .and_then(|s| s.parse::<i64>().ok())
            .map_or(Id::NIL, |at| first_id_at(Instant(at))))
    }

    async fn set_watermark(&self, w: WorkspaceId, stream: Stream, now: Instant) -> Result<(), AppError> {
        let name = format!("sealed:{}:{}", w.0, stream.key());
        let step = Step::Insert {
            table: Arc::clone(&SIDE.meta),
            row: vec![
                name.into(),
                (now.micros() - LONGEST_TRANSACTION).to_string().into(),
            ],
            on_key: OnKey::Replace,
        };
        Ok(self.store.engine().apply(Plan::of(vec![step])).await?)
    }

    /// Moves the mark past entries that are all sealed, once no transaction can still bring one before them: otherwise
    /// the last thousands of a bulk load are read again at every turn of an idle program.
    async fn pass_sealed(
        &self,
        w: WorkspaceId,
        stream: Stream,
        from: Id,
        now: Instant,
    ) -> Result<(), AppError> {
        if from >= first_id_at(now.plus_micros(-2 * LONGEST_TRANSACTION)) {
            return Ok(());
        }
        let t = stream.table();
        for bucket in 0..BUCKETS {
            let key = [("workspace_id", i64::from(w.0).into()), ("bucket", bucket.into())];
            let call = RowsCall::new(t, &key).bound("id", Bound::Gt, from).limit(1);
            if !self.store.rows(call).await?.is_empty() {
                return self.set_watermark(w, stream, now).await;
            }
        }
        Ok(())
    }

    async fn hash_at(
        &self,
        w: WorkspaceId,
        stream: Stream,
        position: i64,
    ) -> Result<Option<Vec<u8>>, AppError> {
        let t = &SIDE.seal;
        let [a, b] = Self::seal_key(w, stream);
        let call = RowsCall::new(t, &[a, b, ("position", position.into())]).limit(1);
        let rows = self.store.rows(call).await?;
        Ok(rows
            .first()
            .and_then(|r| r[t.at("hash")].bytes())
            .map(<[u8]>::to_vec))
    }
}
