//! What pages read beside the records themselves: titles of linked records, timelines, sums.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use peyvand_catalog::handles::{activity, interaction};
use peyvand_catalog::{FieldType, ObjectDef};
use peyvand_core::{Actor, Id, Instant};
use peyvand_domain::timeline;
use peyvand_record::policy::{Policy, Verb};
use peyvand_record::{Record, Value};
use peyvand_store::ports::Bound;
use peyvand_store::tables::{SIDE, Table};
use peyvand_store::{ByIds, Row, RowsCall, SqlVal};
use peyvand_text::rich;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::records::{CHANGES, hide};

/// An entry of a timeline.
#[derive(Debug, Clone)]
pub struct TimelineItem {
    /// When.
    pub at: Instant,
    /// What stands there.
    pub what: Happening,
}

/// What a timeline shows.
#[derive(Debug, Clone)]
pub enum Happening {
    /// A record: an interaction, an order, an activity, a note.
    Record(Arc<ObjectDef>, Box<Record>),
    /// A change of the record itself.
    Change {
        /// Who made it.
        actor: Id,
        /// `create`, `update`, `delete` ….
        action: String,
        /// The fields that changed: key, before, after, as JSON.
        fields: Vec<(String, serde_json::Value, serde_json::Value)>,
    },
}

/// Where a page of a record's history ended: nothing that stands there comes twice, and of several things of one instant
/// none is passed over. Written as the instant in microseconds, a point, and the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    /// The instant of the last line.
    pub at: Instant,
    /// What the last line is about.
    pub id: Id,
}

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.micros(), self.id)
    }
}

impl FromStr for Behind {
    type Err = AppError;

    fn from_str(text: &str) -> Result<Self, AppError> {
        let read = || {
            let (at, id) = text.split_once('.')?;
            Some(Self {
                at: Instant(at.parse().ok()?),
                id: id.parse().ok()?,
            })
        };
        read().ok_or_else(|| AppError::Parameter {
            name: "cursor",
            value: text.chars().take(40).collect(),
        })
    }
}

/// A page of a timeline.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// What the caller may see of it, newest first: there may be fewer than were asked for, and none.
    pub items: Vec<TimelineItem>,
    /// Where the next page begins, when there is more.
    pub next: Option<Behind>,
}

/// The title of a record, as lists and links show it.
#[must_use]
pub fn title(object: &ObjectDef, record: &Record) -> String {
    let (ix, f) = object.title_field();
    match record.get(ix) {
        // Only a rich text has markup; in any other title what looks like it is what somebody wrote.
        Value::Text(s) if f.stored() == FieldType::RichText => peyvand_text_of(&rich::words(s)),
        Value::Text(s) => peyvand_text_of(s),
        Value::Choice(k) => k.to_string(),
        Value::Name(n) => n.display(),
        Value::Int(i) => i.to_string(),
        _ => String::new(),
    }
}

fn peyvand_text_of(s: &str) -> String {
    let line = s.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    line.chars().take(200).collect()
}

impl App {
    /// Titles of records by object and id: those that the caller may read (colleagues' names always).
    pub async fn titles(
        &self,
        caller: &Caller,
        wanted: &HashMap<String, Vec<Id>>,
    ) -> Result<HashMap<Id, String>, AppError> {
        let w = &caller.workspace;
        let all = Policy::all(Actor::System);
        let mut out = HashMap::new();
        for (key, ids) in wanted {
            let Some(object) = w.catalog().object(key) else {
                continue;
            };
            let policy = if key == "user" { &all } else { &caller.policy };
            let mut ids = ids.clone();
            ids.sort_unstable();
            ids.dedup();
            let title_only = [object.title_field().0];
            let asked = ByIds::of(key, &ids).only(Some(&title_only));
            let mut records = self.store.by_ids(w.id, &w.layout, policy, &asked).await?;
            hide(policy, object, &mut records);
            out.extend(records.iter().map(|r| (r.id(), title(object, r))));
        }
        Ok(out)
    }

    /// The newest entries of a record's timeline, changes of the record among them.
    pub async fn timeline(
        &self,
        caller: &Caller,
        record: Id,
        limit: u32,
    ) -> Result<Vec<TimelineItem>, AppError> {
        let page = self.timeline_of(caller, record, None, None, limit).await?;
        Ok(page.items)
    }

    /// A page of a timeline, newest first: of one kind only (the key of an object, or `change`), and behind another page.
    pub async fn timeline_of(
        &self,
        caller: &Caller,
        record: Id,
        kind: Option<&str>,
        behind: Option<Behind>,
        limit: u32,
    ) -> Result<Timeline, AppError> {
        let w = &caller.workspace;
        let t = &SIDE.timeline;
        let mut key = vec![
            ("workspace_id", i64::from(w.id.0).into()),
            ("record_id", record.into()),
        ];
        if let Some(k) = kind {
            key.push(("kind", k.into()));
        }
        let rows = self.history(t, &key, "reference_id", behind, limit).await?;
        let line = |row: &Row| Behind {
            at: Instant(row[t.at("at")].int().unwrap_or_default()),
            id: row[t.at("reference_id")].uuid().unwrap_or(Id::NIL),
        };
        let next = rows.last().filter(|_| rows.len() >= limit as usize).map(line);
        let mut by_kind: HashMap<String, Vec<Id>> = HashMap::new();
        let mut order = Vec::with_capacity(rows.len());
        for row in &rows {
            let kind = row[t.at("kind")].text().unwrap_or_default().to_owned();
            let Behind { at, id: reference } = line(row);
            by_kind.entry(kind.clone()).or_default().push(reference);
            order.push((kind, reference, at));
        }
        let mut found: HashMap<Id, Happening> = HashMap::new();
        for (kind, ids) in &by_kind {
            if kind == "change" {
                let times: Vec<Instant> = order
                    .iter()
                    .filter(|(k, ..)| k == "change")
                    .map(|(.., at)| *at)
                    .collect();
                if let (Some(newest), Some(oldest)) = (times.first(), times.last()) {
                    found.extend(self.changes(caller, record, *oldest, *newest).await?);
                }
                continue;
            }
            let Some(object) = w.catalog().object(kind) else {
                continue;
            };
            // Who may see a person may see what the ledger says about them.
            let all = Policy::all(caller.actor);
            let policy = if object.writes == peyvand_catalog::Writes::Append {
                &all
            } else {
                &caller.policy
            };
            for mut r in self.allowed(w, policy, kind, ids, Verb::Read).await? {
                hide(policy, object, std::slice::from_mut(&mut r));
                found.insert(r.id(), Happening::Record(Arc::clone(object), Box::new(r)));
            }
        }
        if kind.is_none() {
            for twice in self.told_already(caller, record, &found).await? {
                found.remove(&twice);
            }
        }
        let items = order
            .into_iter()
            .filter_map(|(_, id, at)| found.remove(&id).map(|what| TimelineItem { at, what }))
            .collect();
        Ok(Timeline { items, next })
    }

    /// The activities among these entries whose interaction stands on the same timeline for this reader: a call that was made
    /// is one thing, and is told once, as what happened. Asked for by their kind they are all there.
    async fn told_already(
        &self,
        caller: &Caller,
        record: Id,
        found: &HashMap<Id, Happening>,
    ) -> Result<Vec<Id>, AppError> {
        let written: HashMap<Id, Id> = found
            .iter()
            .filter_map(|(id, what)| match what {
                Happening::Record(object, r) if object.key == activity::OBJECT => {
                    Some((r.get(activity::INTERACTION_ID).as_id()?, *id))
                }
                _ => None,
            })
            .collect();
        let w = &caller.workspace;
        let Some(object) = w
            .catalog()
            .object(interaction::OBJECT)
            .filter(|_| !written.is_empty())
        else {
            return Ok(Vec::new());
        };
        let ids: Vec<Id> = written.keys().copied().collect();
        let seen = self
            .allowed(w, &caller.policy, interaction::OBJECT, &ids, Verb::Read)
            .await?;
        Ok(seen
            .iter()
            .filter(|r| timeline::entries(object, r).iter().any(|e| e.record == record))
            .filter_map(|r| written.get(&r.id()).copied())
            .collect())
    }

    /// Rows of a record's history, newest first, and of one instant by the column of ids: behind a line, at most so many.
    pub(crate) async fn history(
        &self,
        table: &Arc<Table>,
        key: &[(&str, SqlVal)],
        id: &str,
        behind: Option<Behind>,
        limit: u32,
    ) -> Result<Vec<Row>, AppError> {
        let newest = |key: &[(&str, SqlVal)], limit| {
            RowsCall::new(table, key)
                .order("at", true)
                .order(id, true)
                .limit(limit)
        };
        let Some(behind) = behind else {
            return Ok(self.store.rows(newest(key, limit)).await?);
        };
        let at = behind.at.micros();
        let mut same = key.to_vec();
        same.push(("at", at.into()));
        let call = newest(&same, limit).bound(id, Bound::Lt, behind.id);
        let mut rows = self.store.rows(call).await?;
        let left = limit.saturating_sub(rows.len() as u32);
        if left > 0 {
            let call = newest(key, left).bound("at", Bound::Lt, at);
            rows.extend(self.store.rows(call).await?);
        }
        Ok(rows)
    }

    /// The changes of a record from one instant to another.
    async fn changes(
        &self,
        caller: &Caller,
        record: Id,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<(Id, Happening)>, AppError> {
        let t = &SIDE.audit;
        let w = &caller.workspace;
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("record_id", record.into()),
        ];
        let call = RowsCall::new(t, &key)
            .any_of("action", CHANGES.iter().map(|a| (*a).into()).collect())
            .bound("at", Bound::Ge, from.micros())
            .bound("at", Bound::Le, to.micros())
            .order("at", true);
        let rows = self.store.rows(call).await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let sealed = row[t.at("detail")].bytes().unwrap_or_default();
            let text = self.store.open_audit(w.id, record, sealed).await?;
            let detail: serde_json::Map<String, serde_json::Value> = text
                .as_deref()
                .and_then(|d| serde_json::from_str(d).ok())
                .unwrap_or_default();
            let object = w.catalog().object(row[t.at("object")].text().unwrap_or_default());
            let fields = detail
                .into_iter()
                .filter_map(|(k, v)| {
                    let (ix, field) = object?.field(&k)?;
                    if field.is_system() || !caller.policy.sees(&object?.key, ix) {
                        return None;
                    }
                    let serde_json::Value::Array(pair) = v else {
                        return None;
                    };
                    let mut pair = pair.into_iter();
                    Some((
                        k,
                        pair.next().unwrap_or_default(),
                        pair.next().unwrap_or_default(),
                    ))
                })
                .collect();
            out.push((
                row[t.at("id")].uuid().unwrap_or(Id::NIL),
                Happening::Change {
                    actor: row[t.at("actor")].uuid().unwrap_or(Id::NIL),
                    action: row[t.at("action")].text().unwrap_or_default().to_owned(),
                    fields,
                },
            ));
        }
        Ok(out)
    }
}
