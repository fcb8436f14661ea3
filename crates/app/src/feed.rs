//! What has just changed, for those who look on: one watcher for each workspace reads the outbox while anybody listens,
//! so that the changes of other processes are told too; each listener is told only what their rights let them see.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use peyvand_catalog::handles::notification;
use peyvand_core::{Id, Instant, WorkspaceId};
use peyvand_record::policy::Policy;
use peyvand_record::query::DeletedScope;
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use peyvand_store::{ByIds, RowsCall, SqlVal};
use sha2::{Digest, Sha256};
use tokio::sync::broadcast;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// How often the outbox is looked at.
const TICK: Duration = Duration::from_millis(250);
/// How far back each look goes: a change is committed at most so long after its id was made, or is told late.
const BACK: i64 = 3 * Instant::SECOND;
/// Most events that one look reads; when there are more, listeners are told to look for themselves.
const MOST: usize = 1000;
/// Looks that a listener may lag behind.
const LAG: usize = 16;

/// A record that has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its object.
    pub object: String,
    /// The record.
    pub id: Id,
    /// Its version after the change.
    pub version: i64,
    /// The newest event about it.
    pub event: Id,
}

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// These records have changed, each told once with its newest version, oldest event first.
    Changes(Vec<Changed>),
    /// So much has changed that it is not told one by one.
    TooMuch,
}

/// Streams that one person may listen to at once: every tab of every device, but not all connections of the server.
pub const MOST_STREAMS: usize = 256;

/// The watchers of this process.
#[derive(Debug, Default)]
pub struct Feed {
    watchers: Mutex<HashMap<WorkspaceId, broadcast::Sender<Arc<News>>>>,
    /// Streams of each person.
    streams: Mutex<HashMap<Id, usize>>,
    closed: AtomicBool,
}

impl Feed {
    /// Ends all streams: the service stops.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.watchers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Counts one more stream of a person; `false` when there are too many. Each that was counted is given back by
    /// [`Feed::leave`].
    #[must_use]
    pub fn enter(&self, person: Id) -> bool {
        let mut all = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let n = all.entry(person).or_default();
        let place = *n < MOST_STREAMS;
        *n += usize::from(place);
        place
    }

    /// A stream of a person has ended.
    pub fn leave(&self, person: Id) {
        let mut all = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = all.get_mut(&person) {
            *n = n.saturating_sub(1);
            if *n == 0 {
                all.remove(&person);
            }
        }
    }

    /// Is the service stopping?
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}

/// The smallest id that a UUIDv7 of this instant can have.
pub(crate) fn first_id(at: Instant) -> Id {
    let ms = (at.micros() / 1000).max(0) as u64;
    let mut bytes = [0; 16];
    for (b, v) in bytes.iter_mut().zip(&ms.to_be_bytes()[2..]) {
        *b = *v;
    }
    bytes[6] = 0x70;
    bytes[8] = 0x80;
    Id::from_bytes(bytes)
}

/// When a UUIDv7 was made, to the millisecond.
fn made_at(id: Id) -> Instant {
    let ms = id.bytes()[..6].iter().fold(0, |ms, b| ms << 8 | i64::from(*b));
    Instant(ms * 1000)
}

/// Each record once, with its newest version, in the order of the newest events.
fn coalesced(mut events: Vec<Changed>) -> Vec<Changed> {
    events.sort_by_key(|c| c.event);
    let mut newest: HashMap<Id, Changed> = HashMap::new();
    for e in events {
        match newest.get_mut(&e.id) {
            Some(known) if known.version > e.version => known.event = e.event,
            Some(known) => *known = e,
            None => {
                newest.insert(e.id, e);
            }
        }
    }
    let mut out: Vec<Changed> = newest.into_values().collect();
    out.sort_by_key(|c| c.event);
    out
}

impl App {
    /// Listens to the changes of a workspace from now on. A receiver that ends means that the service stops.
    pub fn listen(self: &Arc<Self>, workspace: WorkspaceId) -> broadcast::Receiver<Arc<News>> {
        let mut watchers = self.feed.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = watchers.get(&workspace) {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(LAG);
        if !self.feed.is_closed() {
            watchers.insert(workspace, sender.clone());
            tokio::spawn(watch(Arc::clone(self), workspace, sender.downgrade()));
        }
        receiver
    }

    /// The events of the outbox with ids above this one; `None` when there are more than one look reads.
    async fn events_after(
        &self,
        workspace: WorkspaceId,
        after: Id,
    ) -> Result<Option<Vec<Changed>>, AppError> {
        let t = &SIDE.outbox;
        let buckets: Vec<SqlVal> = (0..16_i64).map(SqlVal::from).collect();
        let call = RowsCall::new(t, &[("workspace_id", i64::from(workspace.0).into())])
            .any_of("bucket", buckets)
            .bound("id", Bound::Gt, after)
            .limit(MOST as u32 + 1);
        let rows = self.store.rows(call).await?;
        if rows.len() > MOST {
            return Ok(None);
        }
        Ok(Some(
            rows.iter()
                .filter_map(|r| {
                    Some(Changed {
                        // `contact.created`
                        object: r[t.at("kind")].text()?.split_once('.')?.0.to_owned(),
                        id: r[t.at("record_id")].uuid()?,
                        version: r[t.at("version")].int()?,
                        event: r[t.at("id")].uuid()?,
                    })
                })
                .collect(),
        ))
    }

    /// What has changed since an event that a listener has seen: what a stream that was cut off begins with. Ids are made
    /// before their changes are committed, so that one of a little earlier may not have been told yet: some seconds before
    /// that event are told again with it.
    pub async fn missed(&self, workspace: WorkspaceId, since: Id) -> Result<News, AppError> {
        let floor = first_id(made_at(since).plus_micros(-BACK));
        Ok(match self.events_after(workspace, floor).await? {
            Some(mut events) => {
                events.retain(|e| e.event != since);
                News::Changes(coalesced(events))
            }
            None => News::TooMuch,
        })
    }

    /// Of these changes, those whose records the caller may see, live or in the recycle bin.
    pub async fn seen_by(&self, caller: &Caller, changes: &[Changed]) -> Result<Vec<Changed>, AppError> {
        let w = &caller.workspace;
        let mut by_object: HashMap<&str, Vec<Id>> = HashMap::new();
        for c in changes {
            if caller.workspace.catalog().object(&c.object).is_some() {
                by_object.entry(&c.object).or_default().push(c.id);
            }
        }
        let mut seen: HashSet<Id> = HashSet::new();
        let (all, own) = (
            Policy::all(caller.actor),
            crate::notifications::own(caller, false),
        );
        for (object, ids) in by_object {
            // What somebody is told is heard by them, and by nobody else whatever their rights.
            let (policy, only) = if object == notification::OBJECT {
                (&all, own.filter.as_ref())
            } else {
                (&caller.policy, None)
            };
            for scope in [DeletedScope::Live, DeletedScope::Deleted] {
                let left: Vec<Id> = ids.iter().copied().filter(|i| !seen.contains(i)).collect();
                let asked = ByIds::of(object, &left)
                    .deleted(scope)
                    .matching(only)
                    .only(Some(&[]));
                let found = self.store.by_ids(w.id, &w.layout, policy, &asked).await?;
                seen.extend(found.iter().map(peyvand_record::Record::id));
            }
        }
        Ok(changes.iter().filter(|c| seen.contains(&c.id)).cloned().collect())
    }

    /// Does the token still hold, by the database and not by what is remembered of it?
    pub async fn token_holds(&self, caller: &Caller, token: &str) -> Result<bool, AppError> {
        let t = &SIDE.token;
        let now = self.clock.now().micros();
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("hash", hash.to_vec().into()),
        ];
        let row = self.store.rows(RowsCall::new(t, &key).limit(1)).await?.pop();
        Ok(row.is_some_and(|r| {
            r[t.at("revoked_at")].int().is_none() && r[t.at("expires_at")].int().is_none_or(|e| e > now)
        }))
    }

    /// Does the session still hold, by the database and not by what is remembered of it?
    pub async fn session_holds(&self, caller: &Caller, session: &str) -> Result<bool, AppError> {
        let key = crate::sessions::hash(session);
        match self.session_row(&key, crate::sessions::SESSION).await {
            Ok(row) => Ok(row[SIDE.session.at("user_id")].uuid() == Some(caller.actor.id())),
            Err(AppError::Unauthenticated) => Ok(false),
            Err(e) => Err(e),
        }
    }
}

/// Looks at the outbox again and again until nobody listens.
async fn watch(app: Arc<App>, workspace: WorkspaceId, to: broadcast::WeakSender<Arc<News>>) {
    let begun = first_id(app.clock.now());
    let mut told: HashSet<Id> = HashSet::new();
    loop {
        tokio::time::sleep(TICK).await;
        let Some(sender) = to.upgrade() else { return };
        if sender.receiver_count() == 0 {
            let mut watchers = app.feed.watchers.lock().unwrap_or_else(PoisonError::into_inner);
            // Somebody may have come in the meantime.
            if sender.receiver_count() == 0 {
                watchers.remove(&workspace);
                return;
            }
        }
        let floor = first_id(app.clock.now().plus_micros(-BACK)).max(begun);
        let news = match app.events_after(workspace, floor).await {
            Ok(Some(events)) => {
                let fresh: Vec<Changed> = events
                    .iter()
                    .filter(|e| !told.contains(&e.event))
                    .cloned()
                    .collect();
                told = events.iter().map(|e| e.event).collect();
                if fresh.is_empty() {
                    continue;
                }
                News::Changes(coalesced(fresh))
            }
            Ok(None) => {
                told.clear();
                News::TooMuch
            }
            Err(e) => {
                tracing::warn!("reading the outbox: {e}");
                continue;
            }
        };
        // That nobody is there to hear it is no error.
        drop(sender.send(Arc::new(news)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(id: u8, version: i64, event: u8) -> Changed {
        Changed {
            object: "contact".to_owned(),
            id: Id::from_bytes([id; 16]),
            version,
            event: Id::from_bytes([event; 16]),
        }
    }

    #[test]
    fn a_record_is_told_once_with_its_newest_version() {
        let told = coalesced(vec![
            change(1, 2, 5),
            change(2, 1, 2),
            change(1, 3, 4),
            change(1, 1, 1),
        ]);
        assert_eq!(told, vec![change(2, 1, 2), change(1, 3, 5)]);
    }

    #[test]
    fn an_id_tells_when_it_was_made() {
        let at: Instant = "2026-11-22T08:30:00.123Z".parse().unwrap();
        assert_eq!(made_at(peyvand_core::IdSource::seeded(3).next(at)), at);
        assert_eq!(
            made_at(Id::from_bytes([255; 16])).micros(),
            281_474_976_710_655_000
        );
    }

    #[test]
    fn the_first_id_of_an_instant_is_below_its_ids() {
        let at: Instant = "2026-11-22T08:30:00Z".parse().unwrap();
        let ids = peyvand_core::IdSource::seeded(3);
        let made = ids.next(at);
        assert!(first_id(at) <= made && made < first_id(at.plus_micros(Instant::SECOND)));
    }
}
