//! The seal over the audit log and the event stream: gapless positions and a chain of keyed hashes, put on after the
//! commit by whoever holds the lease (see `sealing`), and checked by anybody who has the instance's key.
//!
//! Entries are written unsealed in the transaction of their change. Each seal hashes the entry with all its columns, its
//! position and the hash before it, with HMAC-SHA-256 under a key that is not in the database. Details are encrypted per
//! subject before they are hashed, so that forgetting a subject's salt leaves the chain whole.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use peyvand_catalog::ObjectDef;
use peyvand_core::{Id, Instant, WorkspaceId};
use peyvand_record::query::DeletedScope;
use peyvand_store::ports::Bound;
use peyvand_store::tables::{SIDE, Table};
use peyvand_store::{Row, RowsCall, SqlVal};
use serde::Serialize;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::reading::Behind;
use crate::workspace::Workspace;

/// Entries read or sealed at a time.
pub(crate) const CHUNK: u32 = 500;

/// What is sealed: the audit log, or the stream of events whose cursor is the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// The audit log.
    Audit,
    /// Events of the outbox.
    Event,
}

impl Stream {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Audit, Self::Event];

    /// Its name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Event => "event",
        }
    }

    pub(crate) fn table(self) -> &'static Arc<Table> {
        match self {
            Self::Audit => &SIDE.audit,
            Self::Event => &SIDE.outbox,
        }
    }
}

/// Why the log cannot be trusted from a position on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum Broken {
    /// A position is missing before this one.
    Gap {
        /// The position that was expected.
        expected: i64,
        /// The position that was found.
        found: i64,
    },
    /// The entry of this position is not there.
    Missing {
        /// The position.
        position: i64,
        /// The entry.
        entry: String,
    },
    /// The entry of this position, or its seal, is not what was sealed.
    Altered {
        /// The position.
        position: i64,
        /// The entry.
        entry: String,
    },
    /// The end of the log is gone: it was longer once, as is remembered outside the database.
    CutOff {
        /// The first position that is gone.
        position: i64,
        /// The position that is remembered.
        known: i64,
    },
    /// The seal of this position is another one than was remembered outside the database: the log was written anew.
    Rewritten {
        /// The position.
        position: i64,
    },
    /// What is remembered outside the database was not written by this instance.
    Head {
        /// The position that it names.
        position: i64,
    },
}

/// What a check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Entries whose seal holds.
    pub sealed: u64,
    /// Entries that carry no seal yet.
    pub unsealed: u64,
    /// The first place that is broken.
    pub broken: Option<Broken>,
    /// The last seal, `position:hash`, to be kept elsewhere; `None` when there is none.
    pub head: Option<String>,
}

/// Which entries of the log are wanted.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// By this user.
    pub actor: Option<Id>,
    /// Of this action.
    pub action: Option<String>,
    /// About records of this object.
    pub object: Option<String>,
    /// From this instant on.
    pub since: Option<Instant>,
    /// Before this instant.
    pub until: Option<Instant>,
    /// Before this position.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

/// An entry of a record's log, readable.
#[derive(Debug, Clone)]
pub struct AuditLine {
    /// Its id.
    pub id: Id,
    /// When.
    pub at: Instant,
    /// Who; `None` for the system.
    pub actor: Option<Id>,
    /// By which road.
    pub via: String,
    /// The request.
    pub request: Id,
    /// What happened.
    pub action: String,
    /// Its sealed position, when it has one.
    pub position: Option<i64>,
    /// What changed; `None` when the subject has been forgotten.
    pub detail: Option<serde_json::Value>,
}

fn bytes_of(v: &SqlVal) -> Vec<u8> {
    match v {
        SqlVal::Null => vec![0],
        SqlVal::Int(i) => [&[1][..], &i.to_be_bytes()].concat(),
        SqlVal::Text(s) => [&[2][..], s.as_bytes()].concat(),
        SqlVal::Bytes(b) => [&[3][..], b].concat(),
        SqlVal::Uuid(u) => [&[4][..], u.bytes()].concat(),
        SqlVal::Tokens(t) => [&[5][..], t.join(" ").as_bytes()].concat(),
    }
}

impl App {
    pub(crate) fn chain(
        &self,
        w: WorkspaceId,
        stream: Stream,
        position: i64,
        before: &[u8],
        entry: &Row,
    ) -> [u8; 32] {
        let cells: Vec<Vec<u8>> = entry.iter().map(bytes_of).collect();
        let (workspace, position) = (w.0.to_be_bytes(), position.to_be_bytes());
        let mut parts: Vec<&[u8]> = vec![stream.key().as_bytes(), &workspace, &position, before];
        parts.extend(cells.iter().map(Vec::as_slice));
        self.store.keys().derive("audit-chain", &parts)
    }

    pub(crate) fn seal_key(w: WorkspaceId, stream: Stream) -> [(&'static str, SqlVal); 2] {
        [
            ("workspace_id", i64::from(w.0).into()),
            ("stream", stream.key().into()),
        ]
    }

    pub(crate) async fn last_seal(&self, w: WorkspaceId, stream: Stream) -> Result<(i64, Vec<u8>), AppError> {
        let t = &SIDE.seal;
        let call = RowsCall::new(t, &Self::seal_key(w, stream))
            .order("position", true)
            .limit(1);
        let rows = self.store.rows(call).await?;
        Ok(rows.first().map_or((0, Vec::new()), |r| {
            (
                r[t.at("position")].int().unwrap_or_default(),
                r[t.at("hash")].bytes().unwrap_or_default().to_vec(),
            )
        }))
    }

    /// Which of these entries are sealed.
    pub(crate) async fn sealed_of(
        &self,
        w: WorkspaceId,
        stream: Stream,
        entries: &[Id],
    ) -> Result<HashMap<Id, i64>, AppError> {
        let t = &SIDE.seal;
        let mut out = HashMap::new();
        for chunk in entries.chunks(CHUNK as usize) {
            let call = RowsCall::new(t, &[("workspace_id", i64::from(w.0).into())])
                .any_of("entry_id", chunk.iter().map(|i| (*i).into()).collect())
                .limit(CHUNK * 2);
            for r in self.store.rows(call).await? {
                if r[t.at("stream")].text() == Some(stream.key())
                    && let (Some(id), Some(p)) = (r[t.at("entry_id")].uuid(), r[t.at("position")].int())
                {
                    out.insert(id, p);
                }
            }
        }
        Ok(out)
    }

    /// Checks a stream from its beginning: every position, every entry, every hash.
    pub async fn verify_stream(&self, workspace: &Workspace, stream: Stream) -> Result<Verified, AppError> {
        let w = workspace.id;
        let t = &SIDE.seal;
        let (mut expected, mut hash, mut sealed) = (1_i64, Vec::new(), 0_u64);
        let known = self
            .heads
            .as_ref()
            .and_then(|h| h.of(self.store.keys(), workspace.uuid, stream));
        loop {
            let call = RowsCall::new(t, &Self::seal_key(w, stream))
                .bound("position", Bound::Ge, expected)
                .order("position", false)
                .limit(CHUNK);
            let seals = self.store.rows(call).await?;
            let full = seals.len() == CHUNK as usize;
            let ids: Vec<Id> = seals.iter().filter_map(|r| r[t.at("entry_id")].uuid()).collect();
            let entries = self.entries(w, stream, &ids).await?;
            for s in &seals {
                let position = s[t.at("position")].int().unwrap_or_default();
                let id = s[t.at("entry_id")].uuid().unwrap_or(Id::NIL);
                let entry = id.to_string();
                let broken = if position != expected {
                    Some(Broken::Gap {
                        expected,
                        found: position,
                    })
                } else if let Some(row) = entries.get(&id) {
                    let ours = self.chain(w, stream, position, &hash, row).to_vec();
                    let same = s[t.at("hash")].bytes() == Some(&ours);
                    hash = ours;
                    let remembered = known
                        .as_ref()
                        .is_none_or(|(h, _)| h.position != position || h.hash == hex::encode(&hash));
                    if !same {
                        Some(Broken::Altered { position, entry })
                    } else if remembered {
                        None
                    } else {
                        Some(Broken::Rewritten { position })
                    }
                } else {
                    Some(Broken::Missing { position, entry })
                };
                if broken.is_some() {
                    return Ok(Verified {
                        sealed,
                        unsealed: 0,
                        broken,
                        head: None,
                    });
                }
                sealed += 1;
                expected += 1;
            }
            if !full {
                break;
            }
        }
        let unsealed = self.count_unsealed(w, stream).await?;
        let broken = match &known {
            Some((h, false)) => Some(Broken::Head { position: h.position }),
            Some((h, true)) if h.position >= expected => Some(Broken::CutOff {
                position: expected,
                known: h.position,
            }),
            _ => None,
        };
        Ok(Verified {
            sealed,
            unsealed,
            broken,
            head: (sealed > 0).then(|| format!("{sealed}:{}", hex::encode(&hash))),
        })
    }

    async fn entries(
        &self,
        w: WorkspaceId,
        stream: Stream,
        ids: &[Id],
    ) -> Result<HashMap<Id, Row>, AppError> {
        let t = stream.table();
        let mut out = HashMap::new();
        let buckets: HashSet<u8> = ids.iter().map(Id::bucket).collect();
        for bucket in buckets {
            let own: Vec<SqlVal> = ids
                .iter()
                .filter(|i| i.bucket() == bucket)
                .map(|i| (*i).into())
                .collect();
            let key = [
                ("workspace_id", i64::from(w.0).into()),
                ("bucket", i64::from(bucket).into()),
            ];
            let call = RowsCall::new(t, &key).any_of("id", own);
            for r in self.store.rows(call).await? {
                if let Some(id) = r[t.at("id")].uuid() {
                    out.insert(id, r);
                }
            }
        }
        Ok(out)
    }

    /// The sealed log of a workspace, newest first: object, record and entry of each line, and where the next page begins.
    /// What changed stands in the log of the record, under the rights on it.
    pub async fn audit_log(
        &self,
        workspace: &Workspace,
        query: &AuditQuery,
    ) -> Result<(Vec<(String, Id, AuditLine)>, Option<i64>), AppError> {
        let w: SqlVal = i64::from(workspace.id.0).into();
        let mut out = Vec::new();
        let mut before = query.before.unwrap_or(i64::MAX);
        // Filters look at so many entries in one call at most; the cursor goes on behind them.
        for _ in 0..10 {
            let t = &SIDE.seal;
            let key = [
                ("workspace_id", w.clone()),
                ("stream", Stream::Audit.key().into()),
            ];
            let call = RowsCall::new(t, &key)
                .bound("position", Bound::Lt, before)
                .order("position", true)
                .limit(500);
            let seals = self.store.rows(call).await?;
            let mut by_bucket: HashMap<u8, Vec<SqlVal>> = HashMap::new();
            for s in &seals {
                let id = s[t.at("entry_id")].uuid().unwrap_or(Id::NIL);
                by_bucket.entry(id.bucket()).or_default().push(id.into());
            }
            let a = &SIDE.audit;
            let mut entries: HashMap<Id, Row> = HashMap::new();
            for (bucket, ids) in by_bucket {
                let key = [("workspace_id", w.clone()), ("bucket", i64::from(bucket).into())];
                for r in self.store.rows(RowsCall::new(a, &key).any_of("id", ids)).await? {
                    entries.insert(r[a.at("id")].uuid().unwrap_or(Id::NIL), r);
                }
            }
            for s in &seals {
                let position = s[t.at("position")].int().unwrap_or_default();
                before = position;
                let id = s[t.at("entry_id")].uuid().unwrap_or(Id::NIL);
                let Some(r) = entries.get(&id) else { continue };
                let uuid = |c: &str| r[a.at(c)].uuid().unwrap_or(Id::NIL);
                let text = |c: &str| r[a.at(c)].text().unwrap_or_default().to_owned();
                let at = Instant(r[a.at("at")].int().unwrap_or_default());
                let fits = query.actor.is_none_or(|x| x == uuid("actor"))
                    && query.action.as_ref().is_none_or(|x| *x == text("action"))
                    && query.object.as_ref().is_none_or(|x| *x == text("object"))
                    && query.since.is_none_or(|x| at >= x)
                    && query.until.is_none_or(|x| at < x);
                if !fits {
                    continue;
                }
                let line = AuditLine {
                    id,
                    at,
                    actor: Some(uuid("actor")).filter(|x| *x != Id::NIL),
                    via: text("via"),
                    request: uuid("request"),
                    action: text("action"),
                    position: Some(position),
                    detail: None,
                };
                out.push((text("object"), uuid("record_id"), line));
                if out.len() >= query.limit {
                    return Ok((out, (position > 1).then_some(position)));
                }
            }
            if seals.len() < 500 {
                return Ok((out, None));
            }
        }
        Ok((out, Some(before)))
    }

    /// The newest entries of the log of one record, at most 1,000; see [`App::audit_page`].
    pub async fn audit_of(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        id: Id,
    ) -> Result<Vec<AuditLine>, AppError> {
        Ok(self.audit_page(caller, object, id, None, 1000).await?.0)
    }

    /// A page of the log of one record, newest first, and where the next one begins. Values of fields that the caller may
    /// not see are left out.
    pub async fn audit_page(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        id: Id,
        behind: Option<Behind>,
        limit: u32,
    ) -> Result<(Vec<AuditLine>, Option<Behind>), AppError> {
        let w = &caller.workspace;
        let record = match self.raw(caller, object, id, DeletedScope::Live).await {
            Err(AppError::NotFound) => self.raw(caller, object, id, DeletedScope::Deleted).await?,
            other => other?,
        };
        let visible = self.visible(caller, object, None)?;
        let t = &SIDE.audit;
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("record_id", record.id().into()),
        ];
        let rows = self.history(t, &key, "id", behind, limit).await?;
        let ids: Vec<Id> = rows.iter().filter_map(|r| r[t.at("id")].uuid()).collect();
        let positions = self.sealed_of(w.id, Stream::Audit, &ids).await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let sealed = r[t.at("detail")].bytes().unwrap_or_default();
            let detail = self
                .store
                .open_audit(w.id, record.id(), sealed)
                .await?
                .and_then(|d| serde_json::from_str::<serde_json::Value>(&d).ok())
                .map(|mut d| {
                    if let Some(map) = d.as_object_mut() {
                        map.retain(|k, _| {
                            object.field(k).is_none_or(|(ix, _)| {
                                visible.contains(&ix) && caller.policy.sees(&object.key, ix)
                            })
                        });
                        // Whoever may not know of a field is not told that others looked at it.
                        if let Some(viewed) = map.get_mut("viewed").and_then(|v| v.as_array_mut()) {
                            viewed.retain(|k| {
                                let field = k.as_str().and_then(|k| object.field(k));
                                field.is_some_and(|(ix, _)| visible.contains(&ix))
                            });
                        }
                    }
                    d
                });
            let uuid = |c: &str| r[t.at(c)].uuid().unwrap_or(Id::NIL);
            let text = |c: &str| r[t.at(c)].text().unwrap_or_default().to_owned();
            out.push(AuditLine {
                id: uuid("id"),
                at: Instant(r[t.at("at")].int().unwrap_or_default()),
                actor: Some(uuid("actor")).filter(|a| *a != Id::NIL),
                via: text("via"),
                request: uuid("request"),
                action: text("action"),
                position: positions.get(&uuid("id")).copied(),
                detail,
            });
        }
        let next = out
            .last()
            .filter(|_| out.len() >= limit as usize)
            .map(|l| Behind { at: l.at, id: l.id });
        Ok((out, next))
    }
}
