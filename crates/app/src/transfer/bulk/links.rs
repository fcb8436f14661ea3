//! The other ends of links: looked up in one question for a whole chunk, made where the mapping says so.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use peyvand_catalog::{FieldIx, FieldType};
use peyvand_core::Id;
use peyvand_domain::Writer;
use peyvand_record::codec::{Expected, FieldError, FieldErrorCode};
use peyvand_record::{Change, ExternalKey, Record, Value, derive};
use peyvand_store::SqlVal;

use super::{ASKED, Bulk, By, Draft, Found, Link, Making, OWN_SOURCE, Target};
use crate::errors::AppError;

impl Bulk<'_> {
    /// The records that carry the drafts' keys.
    pub(super) async fn by_keys(&self, drafts: &[Draft]) -> Result<Vec<Found>, AppError> {
        let w = &self.caller.workspace;
        let mut wanted: HashMap<&str, Vec<String>> = HashMap::new();
        for d in drafts.iter().filter(|d| d.object.spine) {
            if let Some(k) = &d.key {
                wanted.entry(&d.object.key).or_default().push(k.clone());
            }
        }
        let mut ids: HashMap<(&str, String), Id> = HashMap::new();
        let mut records: HashMap<Id, Record> = HashMap::new();
        for (object, keys) in wanted {
            let hits = if &*self.source == OWN_SOURCE {
                self.by_id(object, &keys).await?
            } else {
                self.app
                    .store
                    .by_external_key(w.id, object, &self.source, &keys)
                    .await?
            };
            let all: Vec<Id> = hits.values().copied().collect();
            for r in self.read(object, &all).await? {
                records.insert(r.id(), r);
            }
            ids.extend(hits.into_iter().map(|(k, id)| ((object, k), id)));
        }
        Ok(drafts
            .iter()
            .map(|d| {
                let id = d
                    .key
                    .as_ref()
                    .and_then(|k| ids.get(&(d.object.key.as_str(), k.clone())))
                    .copied();
                let existing = id.and_then(|i| records.get(&i).cloned());
                Found {
                    id,
                    in_bin: id.is_some() && existing.is_none(),
                    existing,
                    by: None,
                }
            })
            .collect())
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
                By::Id => self.by_id(&object, &texts).await?,
                By::Field(ix) => self.by_field(&object, *ix, &texts).await?,
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
        let folds = matches!(
            field.stored(),
            FieldType::Text | FieldType::LongText | FieldType::PersonName
        );
        let compared = |t: &str| {
            if folds {
                peyvand_text::fold(t)
            } else {
                t.to_owned()
            }
        };
        let mut by_value: HashMap<String, Id> = HashMap::new();
        for chunk in texts.chunks(ASKED) {
            let values = chunk.iter().map(|t| SqlVal::Text(compared(t))).collect();
            for r in self.look_up(object, &[], ix, values).await? {
                let value = if folds {
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
                None => {
                    if let Some(f) = draft.object.at(link.field) {
                        errors.push(FieldError::of(
                            f,
                            FieldErrorCode::NoSuchRecord,
                            &link.target.text,
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
