//! The other ends of links: looked up in one question for a whole chunk, made where the mapping says so.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use peyvand_catalog::handles::{pipeline, stage};
use peyvand_catalog::{FieldDef, FieldIx, FieldType};
use peyvand_core::Id;
use peyvand_domain::Writer;
use peyvand_record::codec::{Expected, FieldError, FieldErrorCode};
use peyvand_record::policy::{Policy, Verb};
use peyvand_record::query::DeletedScope;
use peyvand_record::{Change, ExternalKey, Record, Value, derive};
use peyvand_store::tables::SIDE;
use peyvand_store::{ByIds, RowsCall, SqlVal};
use sha2::{Digest, Sha256};

use super::{ANY, ASKED, Bulk, By, Draft, Found, Link, Making, OWN_SOURCE, Target};
use crate::errors::AppError;

/// How often a record may be made anew under one key.
const TURNS: u32 = 100;

/// The id of a record by its key in another system, the `turn`-th one. Version 8 of RFC 9562; the first 48 bits are those
/// of the id that the record had where it comes from, so that it stands among its like.
fn derived_id(source: &str, object: &str, key: &str, turn: u32) -> Id {
    let hash = Sha256::new()
        .chain_update(source.as_bytes())
        .chain_update([0])
        .chain_update(object.as_bytes())
        .chain_update([0])
        .chain_update(key.as_bytes())
        .chain_update([0])
        .chain_update(turn.to_be_bytes())
        .finalize();
    let head = key.parse::<Id>().map_or([0; 16], |id| *id.bytes());
    let mut bytes = [0u8; 16];
    for (i, b) in bytes.iter_mut().enumerate() {
        *b = if i < 6 { head[i] } else { hash[i] };
    }
    Id(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// The outcome that a stage of another program stands for: «Closed Won», `closedlost`, «Deal won».
fn outcome_of(name: &str) -> Option<&'static str> {
    let plain: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    match plain.as_str() {
        "won" | "closedwon" | "dealwon" => Some("won"),
        "lost" | "closedlost" | "deallost" => Some("lost"),
        _ => None,
    }
}

fn folds(field: &FieldDef) -> bool {
    matches!(
        field.stored(),
        FieldType::Text | FieldType::LongText | FieldType::PersonName
    )
}

/// A text as it is compared with the values of a field: all spellings of a name that search takes for one are one.
pub(in crate::transfer) fn compared(field: &FieldDef, text: &str) -> String {
    // Where nothing is left of a text it is compared as it stands.
    Some(text)
        .filter(|_| folds(field))
        .map(peyvand_text::fold)
        .filter(|t| !t.is_empty())
        .unwrap_or_else(|| text.to_owned())
}

impl Bulk<'_> {
    /// The records that carry the drafts' keys.
    pub(super) async fn by_keys(&self, drafts: &[Draft]) -> Result<Vec<Found>, AppError> {
        let w = &self.caller.workspace;
        let mut wanted: HashMap<(&str, bool), Vec<String>> = HashMap::new();
        for d in drafts.iter().filter(|d| d.object.spine || self.matching) {
            if let Some(k) = &d.key {
                wanted
                    .entry((&d.object.key, d.object.spine))
                    .or_default()
                    .push(k.clone());
            }
        }
        let mut ids: HashMap<(&str, String), Id> = HashMap::new();
        let mut free: HashMap<(&str, String), Id> = HashMap::new();
        let mut records: HashMap<Id, Record> = HashMap::new();
        for ((object, spine), keys) in wanted {
            let mut hits = if &*self.source == OWN_SOURCE {
                self.by_id(object, &keys).await?
            } else if spine {
                self.app
                    .store
                    .by_external_key(w.id, object, &self.source, &keys)
                    .await?
            } else {
                HashMap::new()
            };
            if !spine {
                let open: Vec<&String> = keys.iter().filter(|k| !hits.contains_key(*k)).collect();
                let (there, new) = self.by_derived(object, open).await?;
                hits.extend(there);
                free.extend(new.into_iter().map(|(k, id)| ((object, k), id)));
            }
            let all: Vec<Id> = hits.values().copied().collect();
            for r in self.read(object, &all).await? {
                records.insert(r.id(), r);
            }
            ids.extend(hits.into_iter().map(|(k, id)| ((object, k), id)));
        }
        Ok(drafts
            .iter()
            .map(|d| {
                let key = d.key.as_ref().map(|k| (d.object.key.as_str(), k.clone()));
                let known = key.as_ref().and_then(|k| ids.get(k)).copied();
                let existing = known.and_then(|i| records.get(&i).cloned());
                Found {
                    id: known.or_else(|| free.get(&key?).copied()),
                    in_bin: known.is_some() && existing.is_none(),
                    existing,
                    by: None,
                    keyed: false,
                }
            })
            .collect())
    }

    /// The drafts that lead to a record of their own object which is not there: it may be one of the others, which is then
    /// written before. None when that holds of all of them.
    pub(super) fn without_parents(&self, drafts: &[Draft], fresh: &HashMap<Target, Id>) -> HashSet<usize> {
        let mut waiting: HashSet<usize> = HashSet::new();
        let mut hidden: HashSet<Target> = HashSet::new();
        loop {
            let before = waiting.len();
            for (i, d) in drafts.iter().enumerate().filter(|(_, d)| !d.links.is_empty()) {
                let open = |l: &Link| {
                    let t = &l.target;
                    *t.object == *d.object.key
                        && (hidden.contains(t) || !self.known.contains_key(t) && !fresh.contains_key(t))
                };
                if !waiting.contains(&i) && d.links.iter().any(open) {
                    waiting.insert(i);
                    hidden.extend(d.key.as_ref().map(|k| self.own(d, k)));
                }
            }
            if waiting.len() == before || waiting.len() == drafts.len() {
                break;
            }
        }
        if waiting.len() == drafts.len() {
            waiting.clear();
        }
        waiting
    }

    /// The places of the drafts with those in front that others of them lead to by their keys: a draft that is not written
    /// after all is led to by nobody.
    pub(super) fn parents_first(&self, drafts: &[Draft]) -> Vec<usize> {
        let leads = |d: &Draft| d.links.iter().any(|l| *l.target.object == *d.object.key);
        if !drafts.iter().any(leads) {
            return (0..drafts.len()).collect();
        }
        let keyed = |(i, d): (usize, &Draft)| Some((self.own(d, d.key.as_ref()?), i));
        let places: HashMap<Target, usize> = drafts.iter().enumerate().filter_map(keyed).collect();
        let mut seen = vec![false; drafts.len()];
        let mut order = Vec::with_capacity(drafts.len());
        for start in 0..drafts.len() {
            // Each with the number of its links that have been followed.
            let mut path = vec![(start, 0)];
            while let Some((at, next)) = path.pop() {
                if next == 0 && std::mem::replace(&mut seen[at], true) {
                    continue;
                }
                match drafts[at].links.get(next) {
                    Some(link) => {
                        path.push((at, next + 1));
                        path.extend(places.get(&link.target).filter(|p| !seen[**p]).map(|p| (*p, 0)));
                    }
                    None => order.push(at),
                }
            }
        }
        order
    }

    /// A record without a row on the spine carries no keys of other systems: its id follows from the key instead, so that
    /// a second run finds it. Gives those that are there, and the ids of those that are not. What was deleted (or taken
    /// back with its import) is left where it is: the next id is tried.
    async fn by_derived(
        &self,
        object: &str,
        mut keys: Vec<&String>,
    ) -> Result<(HashMap<String, Id>, HashMap<String, Id>), AppError> {
        let w = &self.caller.workspace;
        let all = Policy::all(self.caller.actor);
        let (mut there, mut new) = (HashMap::new(), HashMap::new());
        for turn in 0..TURNS {
            if keys.is_empty() {
                break;
            }
            let ids: Vec<Id> = keys
                .iter()
                .map(|k| derived_id(&self.source, object, k, turn))
                .collect();
            let found = self.read(object, &ids).await?;
            let live: HashSet<Id> = found.iter().map(Record::id).collect();
            let asked = ByIds::of(object, &ids)
                .deleted(DeletedScope::Deleted)
                .only(Some(&[]));
            let found = self.app.store.by_ids(w.id, &w.layout, &all, &asked).await?;
            let gone: HashSet<Id> = found.iter().map(Record::id).collect();
            let mut open = Vec::new();
            for (key, id) in keys.into_iter().zip(ids) {
                if live.contains(&id) {
                    there.insert(key.clone(), id);
                } else if gone.contains(&id) {
                    open.push(key);
                } else {
                    new.insert(key.clone(), id);
                }
            }
            keys = open;
        }
        Ok((there, new))
    }

    /// Finds the targets of all links, and makes those that may be made.
    pub(super) async fn resolve(
        &self,
        drafts: &[Draft],
        writer: &Writer<'_>,
        making: &mut Making,
    ) -> Result<(), AppError> {
        let fresh = &mut making.fresh;
        let all: Vec<&Link> = drafts
            .iter()
            .flat_map(|d| {
                d.links
                    .iter()
                    .chain(d.children.iter().flat_map(|(_, c)| c.links.iter()))
            })
            .collect();
        let mut wanted: HashMap<(Arc<str>, By), Vec<String>> = HashMap::new();
        let mut asked: HashSet<&Target> = HashSet::new();
        for link in &all {
            let t = &link.target;
            if !self.known.contains_key(t) && !fresh.contains_key(t) && asked.insert(t) {
                wanted
                    .entry((Arc::clone(&t.object), t.by.clone()))
                    .or_default()
                    .push(t.text.clone());
            }
        }
        for ((object, by), texts) in wanted {
            let hits = match &by {
                By::Key(source) => {
                    let w = &self.caller.workspace;
                    self.app
                        .store
                        .by_external_key(w.id, &object, source, &texts)
                        .await?
                }
                By::Id if &*object == ANY => self.by_any_id(&texts).await?,
                By::Id => self.by_id(&object, &texts).await?,
                By::Field(ix) => {
                    let mut hits = self.by_field(&object, *ix, &texts).await?;
                    if &*object == stage::OBJECT {
                        let open: Vec<String> =
                            texts.iter().filter(|t| !hits.contains_key(*t)).cloned().collect();
                        hits.extend(self.by_outcome(&open).await?);
                    }
                    hits
                }
            };
            for (text, id) in hits {
                fresh.insert(
                    Target {
                        object: Arc::clone(&object),
                        by: by.clone(),
                        text,
                    },
                    id,
                );
            }
        }
        let mut missing: Vec<(&Target, &Vec<(FieldIx, Value)>)> = Vec::new();
        let mut asked: HashSet<&Target> = HashSet::new();
        for link in all {
            let t = &link.target;
            if let Some(make) = &link.make
                && !self.known.contains_key(t)
                && !fresh.contains_key(t)
                && asked.insert(t)
            {
                missing.push((t, make));
            }
        }
        let wanted = missing
            .iter()
            .filter_map(|(t, make)| Some((writer.catalog.object(&t.object)?, *make)));
        self.reserve_for(wanted, &mut making.numbers).await?;
        for (t, make) in missing {
            let Some(def) = writer.catalog.object(&t.object) else {
                continue;
            };
            let made = making.numbers.with(self.caller, def, make.clone(), |values| {
                writer.create(def, values)
            });
            // What cannot be made is reported with the row that needs it, as a link that leads nowhere.
            let Ok((record, part)) = made else {
                continue;
            };
            making.batch.append(part);
            self.image(&mut making.batch, def, record.id(), record.version(), None);
            if let By::Key(source) = &t.by {
                making.batch.changes.push(Change::PutKey(ExternalKey {
                    object: def.key.as_str().into(),
                    record: record.id(),
                    source: (**source).into(),
                    key: t.text.as_str().into(),
                }));
            }
            making.fresh.insert(t.clone(), record.id());
        }
        Ok(())
    }

    /// Records by their id, here or where they were exported.
    pub(super) async fn by_id(
        &self,
        object: &str,
        texts: &[String],
    ) -> Result<HashMap<String, Id>, AppError> {
        let w = &self.caller.workspace;
        let ids: Vec<Id> = texts.iter().filter_map(|t| t.parse().ok()).collect();
        let mut hits = self
            .app
            .store
            .by_external_key(w.id, object, OWN_SOURCE, texts)
            .await?;
        for r in self.read(object, &ids).await? {
            hits.insert(r.id().to_string(), r.id());
        }
        Ok(hits)
    }

    /// Live records of any object by their id, here or where they were exported.
    async fn by_any_id(&self, texts: &[String]) -> Result<HashMap<String, Id>, AppError> {
        let w = &self.caller.workspace;
        let t = &SIDE.record;
        let ids: Vec<SqlVal> = texts
            .iter()
            .filter_map(|t| Some(t.parse::<Id>().ok()?.into()))
            .collect();
        let mut by_object: HashMap<String, HashMap<Id, String>> = HashMap::new();
        for chunk in ids.chunks(ASKED) {
            let call =
                RowsCall::new(t, &[("workspace_id", i64::from(w.id.0).into())]).any_of("id", chunk.to_vec());
            for row in self.app.store.rows(call).await? {
                if let (Some(object), Some(id)) = (row[t.at("object")].text(), row[t.at("id")].uuid()) {
                    by_object
                        .entry(object.to_owned())
                        .or_default()
                        .insert(id, id.to_string());
                }
            }
        }
        let mut hits = self.live_of(&by_object).await?;
        let mut elsewhere: HashMap<String, HashMap<Id, String>> = HashMap::new();
        for object in w.catalog().objects().iter().filter(|o| o.spine) {
            let open: Vec<String> = texts
                .iter()
                .filter(|t| !hits.contains_key(*t) && t.parse::<Id>().is_ok())
                .cloned()
                .collect();
            if open.is_empty() {
                break;
            }
            let keys = self
                .app
                .store
                .by_external_key(w.id, &object.key, OWN_SOURCE, &open)
                .await?;
            if !keys.is_empty() {
                let ids = keys.into_iter().map(|(text, id)| (id, text)).collect();
                elsewhere.insert(object.key.clone(), ids);
            }
        }
        hits.extend(self.live_of(&elsewhere).await?);
        Ok(hits)
    }

    /// Those of the records that may be read, by the texts that mean them.
    async fn live_of(
        &self,
        by_object: &HashMap<String, HashMap<Id, String>>,
    ) -> Result<HashMap<String, Id>, AppError> {
        let w = &self.caller.workspace;
        let mut out = HashMap::new();
        for (object, ids) in by_object {
            let all: Vec<Id> = ids.keys().copied().collect();
            let may = self
                .app
                .within_reach(w, &self.caller.policy, object, &all, Verb::Read)
                .await?;
            out.extend(may.into_iter().filter_map(|id| Some((ids.get(&id)?.clone(), id))));
        }
        Ok(out)
    }

    /// Records by the value of one field, compared as search folds it.
    pub(super) async fn by_field(
        &self,
        object: &str,
        ix: FieldIx,
        texts: &[String],
    ) -> Result<HashMap<String, Id>, AppError> {
        let Some(def) = self.caller.workspace.catalog().object(object) else {
            return Ok(HashMap::new());
        };
        let Some(field) = def.at(ix) else {
            return Ok(HashMap::new());
        };
        let compared = |t: &str| compared(field, t);
        let mut by_value: HashMap<String, Id> = HashMap::new();
        for chunk in texts.chunks(ASKED) {
            let values = chunk.iter().map(|t| SqlVal::Text(compared(t))).collect();
            for r in self.look_up(object, &[], ix, values).await? {
                let value = if folds(field) {
                    derive::fold_of(field, r.get(ix))
                } else {
                    r.get(ix).as_str().map(str::to_owned)
                };
                // Of several with one name the oldest is meant.
                if let Some(v) = value {
                    let e = by_value.entry(v).or_insert_with(|| r.id());
                    *e = (*e).min(r.id());
                }
            }
        }
        Ok(texts
            .iter()
            .filter_map(|t| by_value.get(&compared(t)).map(|id| (t.clone(), *id)))
            .collect())
    }

    /// Are there links of the draft that lead nowhere, and all of them to records of its own kind?
    pub(super) fn only_kin_missing(&self, draft: &Draft, fresh: &HashMap<Target, Id>) -> bool {
        let missing = |l: &&Link| !fresh.contains_key(&l.target) && !self.known.contains_key(&l.target);
        let mut missing = draft.links.iter().filter(missing).peekable();
        missing.peek().is_some() && missing.all(|l| *l.target.object == *draft.object.key)
    }

    /// The links that lead nowhere and that the draft is written without.
    pub(super) fn left_out(&self, draft: &Draft, fresh: &HashMap<Target, Id>) -> Vec<FieldError> {
        let nowhere =
            |l: &&Link| l.leave && !fresh.contains_key(&l.target) && !self.known.contains_key(&l.target);
        let told = |l: &Link| FieldError::at(&draft.object, l.field, FieldErrorCode::NoSuchRecord, &l.said);
        draft.links.iter().filter(nowhere).map(told).collect()
    }

    /// The stages that other programs' names mean where the firm has none of the name: won and lost are what they are
    /// everywhere, the first such stage of the first pipeline that has one.
    async fn by_outcome(&self, texts: &[String]) -> Result<HashMap<String, Id>, AppError> {
        let kinds: Vec<(&String, &str)> = texts.iter().filter_map(|t| Some((t, outcome_of(t)?))).collect();
        if kinds.is_empty() {
            return Ok(HashMap::new());
        }
        let (pipelines, stages) = self.pipelines().await?;
        let place = |s: &&Record| {
            let of = s.get(stage::PIPELINE_ID).as_id();
            let line = pipelines.iter().find(|p| Some(p.id()) == of);
            let position = |r: &Record, ix| r.get(ix).as_int().unwrap_or(0);
            (
                line.map_or(i64::MAX, |p| position(p, pipeline::POSITION)),
                position(s, stage::POSITION),
            )
        };
        let first = |kind: &str| {
            let of_kind = stages
                .iter()
                .filter(|s| s.get(stage::KIND).as_str() == Some(kind));
            of_kind.min_by_key(place).map(Record::id)
        };
        Ok(kinds
            .into_iter()
            .filter_map(|(text, kind)| Some((text.clone(), first(kind)?)))
            .collect())
    }

    pub(super) fn with_links(
        &self,
        draft: &Draft,
        fresh: &HashMap<Target, Id>,
    ) -> Result<Vec<(FieldIx, Value)>, Vec<FieldError>> {
        let mut values = draft.values.clone();
        let mut errors = Vec::new();
        for link in &draft.links {
            let id = fresh
                .get(&link.target)
                .or_else(|| self.known.get(&link.target))
                .copied();
            match id {
                None if link.leave => {}
                None => {
                    if let Some(f) = draft.object.at(link.field) {
                        errors.push(FieldError::of(
                            f,
                            FieldErrorCode::NoSuchRecord,
                            &link.said,
                            Expected::Nothing,
                        ));
                    }
                }
                Some(id) if link.many => match values.iter_mut().find(|(ix, _)| *ix == link.field) {
                    Some((_, Value::Ids(ids))) => {
                        if !ids.contains(&id) {
                            ids.push(id);
                        }
                    }
                    _ => values.push((link.field, Value::Ids(vec![id]))),
                },
                Some(id) => values.push((link.field, Value::Id(id))),
            }
        }
        if errors.is_empty() {
            Ok(values)
        } else {
            Err(errors)
        }
    }
}
