//! Whether a draft is there already: by a unique field, a contact point, or name and company.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use peyvand_catalog::handles::contact_point;
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_record::{Record, Value, derive};
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal};

use super::{ASKED, Bulk, Draft, Found, Names, OnDuplicate, Target, compared};
use crate::errors::AppError;

impl Bulk<'_> {
    /// Records that are the same as a draft by a unique field, a contact point, or name and company.
    pub(super) async fn find_same(
        &self,
        drafts: &[Draft],
        found: &mut [Found],
        fresh: &HashMap<Target, Id>,
    ) -> Result<(), AppError> {
        let Some(object) = drafts.first().map(|d| Arc::clone(&d.object)) else {
            return Ok(());
        };
        for (i, f) in object.fields.iter().enumerate().filter(|(_, f)| f.unique) {
            let ix = FieldIx(i as u16);
            let texts: Vec<String> = drafts.iter().filter_map(|d| text_of(d, ix)).collect();
            if texts.is_empty() {
                continue;
            }
            let hits = self.by_field(&object.key, ix, &texts).await?;
            self.take(drafts, found, &f.key, |d| {
                text_of(d, ix).and_then(|t| hits.get(&t).copied())
            })
            .await?;
        }
        if matches!(object.key.as_str(), "contact" | "company") {
            let link = if object.key == "contact" {
                contact_point::CONTACT_ID
            } else {
                contact_point::COMPANY_ID
            };
            let wanted: Vec<&str> = drafts
                .iter()
                .zip(found.iter())
                .filter(|(_, f)| f.existing.is_none())
                .flat_map(|(d, _)| points_of(d))
                .collect();
            let mut owners: HashMap<String, Id> = HashMap::new();
            for chunk in wanted.chunks(ASKED) {
                let values = chunk.iter().map(|t| SqlVal::from(*t)).collect();
                for p in self
                    .look_up("contact_point", &[], contact_point::NORMALISED, values)
                    .await?
                {
                    if let (Some(n), Some(id)) =
                        (p.get(contact_point::NORMALISED).as_str(), p.get(link).as_id())
                    {
                        let e = owners.entry(n.to_owned()).or_insert(id);
                        *e = (*e).min(id);
                    }
                }
            }
            self.take(drafts, found, "contact_point", |d| {
                points_of(d).find_map(|p| owners.get(p).copied())
            })
            .await?;
            self.same_name(drafts, found, fresh, &object).await?;
        }
        Ok(())
    }

    /// By what a person is known among those of one employer: the folded name and the employer.
    pub(super) fn name_of(&self, draft: &Draft, fresh: &HashMap<Target, Id>) -> Option<(String, Id)> {
        if !self.matching || self.policy != OnDuplicate::Skip || draft.object.key != "contact" {
            return None;
        }
        let (title, field) = draft.object.title_field();
        let (company, _) = draft.object.field("company_id")?;
        let (_, name) = draft.values.iter().find(|(ix, _)| *ix == title)?;
        let link = draft.links.iter().find(|l| l.field == company)?;
        let employer = fresh
            .get(&link.target)
            .or_else(|| self.known.get(&link.target))
            .copied()?;
        Some((derive::fold_of(field, name)?, employer))
    }

    /// A draft that is the same as one of this chunk, or of the one that is being written: the database cannot know.
    pub(super) fn meet(&self, found: &mut Found, name: &(String, Id), chunk: &Names) {
        if found.existing.is_some() || found.in_bin {
            return;
        }
        let flying = self.flight.as_ref().and_then(|f| f.names.get(name));
        if let Some(r) = chunk.get(name).or(flying) {
            found.existing = Some(r.clone());
            found.by = Some("name".to_owned());
            // It comes from the same file, by its own key.
            found.keyed = true;
        }
    }

    /// Which of the records that were found by something else than a key have a key of the other system: there they are
    /// another record than the one of the file.
    pub(super) async fn see_keys(&self, drafts: &[Draft], found: &mut [Found]) -> Result<(), AppError> {
        let asked = |d: &Draft, f: &Found| d.stated && d.object.spine && f.by.is_some();
        let ids: Vec<SqlVal> = drafts
            .iter()
            .zip(found.iter())
            .filter(|(d, f)| asked(d, f))
            .filter_map(|(_, f)| Some(f.existing.as_ref()?.id().into()))
            .collect();
        let t = &SIDE.external_key;
        let mut keyed: HashSet<Id> = HashSet::new();
        for chunk in ids.chunks(ASKED) {
            let own = [
                ("workspace_id", i64::from(self.caller.workspace.id.0).into()),
                ("source", (*self.source).into()),
            ];
            let call = RowsCall::new(t, &own).any_of("record_id", chunk.to_vec());
            for row in self.app.store.rows(call).await? {
                keyed.extend(row[t.at("record_id")].uuid());
            }
        }
        if let Some(flight) = &self.flight {
            keyed.extend(&flight.keyed);
        }
        for f in found.iter_mut() {
            f.keyed = f.existing.as_ref().is_some_and(|r| keyed.contains(&r.id()));
        }
        Ok(())
    }

    async fn same_name(
        &self,
        drafts: &[Draft],
        found: &mut [Found],
        fresh: &HashMap<Target, Id>,
        object: &Arc<ObjectDef>,
    ) -> Result<(), AppError> {
        let (title, field) = object.title_field();
        let company = object.field("company_id").map(|(ix, _)| ix);
        let named = |d: &Draft| {
            d.values
                .iter()
                .find(|(ix, _)| *ix == title)
                .and_then(|(_, v)| derive::fold_of(field, v))
        };
        let employer = |d: &Draft| {
            let ix = company?;
            d.links.iter().find(|l| l.field == ix).and_then(|l| {
                fresh
                    .get(&l.target)
                    .or_else(|| self.known.get(&l.target))
                    .copied()
            })
        };
        // A person's name alone does not tell who it is; a company's does.
        let asked = |d: &Draft| company.is_none() || employer(d).is_some();
        let wanted: Vec<(String, Option<Id>)> = drafts
            .iter()
            .zip(found.iter())
            .filter(|(d, f)| f.existing.is_none() && asked(d))
            .filter_map(|(d, _)| Some((named(d)?, employer(d))))
            .collect();
        let mut hits: HashMap<(String, Option<Id>), Id> = HashMap::new();
        type Question = (Vec<(FieldIx, SqlVal)>, Vec<SqlVal>);
        let questions: Vec<Question> = match company {
            None => wanted
                .chunks(ASKED)
                .map(|chunk| (Vec::new(), chunk.iter().map(|(n, _)| n.as_str().into()).collect()))
                .collect(),
            // One short look into the index of name and employer for each: lists of both would be crossed.
            Some(ix) => wanted
                .iter()
                .filter_map(|(n, c)| Some((vec![(ix, SqlVal::Uuid((*c)?))], vec![n.as_str().into()])))
                .collect(),
        };
        for (equal, names) in questions {
            for r in self.look_up(&object.key, &equal, title, names).await? {
                if let Some(n) = derive::fold_of(field, r.get(title)) {
                    let at = (n, company.and_then(|ix| r.get(ix).as_id()));
                    let e = hits.entry(at).or_insert_with(|| r.id());
                    *e = (*e).min(r.id());
                }
            }
        }
        self.take(drafts, found, &field.key, |d| {
            if asked(d) {
                hits.get(&(named(d)?, employer(d))).copied()
            } else {
                None
            }
        })
        .await
    }

    async fn take(
        &self,
        drafts: &[Draft],
        found: &mut [Found],
        by: &str,
        same: impl Fn(&Draft) -> Option<Id>,
    ) -> Result<(), AppError> {
        let hits: Vec<Option<Id>> = drafts
            .iter()
            .zip(found.iter())
            .map(|(d, f)| {
                if f.existing.is_none() && !f.in_bin {
                    same(d)
                } else {
                    None
                }
            })
            .collect();
        let ids: Vec<Id> = hits
            .iter()
            .flatten()
            .copied()
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
        let Some(object) = drafts.first().map(|d| d.object.key.clone()) else {
            return Ok(());
        };
        let records: HashMap<Id, Record> = self
            .read(&object, &ids)
            .await?
            .into_iter()
            .map(|r| (r.id(), r))
            .collect();
        for (f, hit) in found.iter_mut().zip(hits) {
            if let Some(r) = hit.and_then(|id| records.get(&id)) {
                f.existing = Some(r.clone());
                f.by = Some(by.to_owned());
            }
        }
        Ok(())
    }
}

fn text_of(draft: &Draft, ix: FieldIx) -> Option<String> {
    draft
        .values
        .iter()
        .find(|(i, _)| *i == ix)
        .and_then(|(_, v)| v.as_str())
        .map(str::to_owned)
}

fn points_of(draft: &Draft) -> impl Iterator<Item = &str> {
    draft
        .values
        .iter()
        .filter_map(|(_, v)| if let Value::Points(p) = v { Some(p) } else { None })
        .flatten()
        .map(|p| &*p.normalised)
}

/// A person's folded name and the employer as the draft names it.
fn name_and_employer(draft: &Draft) -> Option<String> {
    let (title, field) = draft.object.title_field();
    let (company, _) = draft.object.field("company_id")?;
    let (_, name) = draft.values.iter().find(|(ix, _)| *ix == title)?;
    let employer = draft.links.iter().find(|l| l.field == company)?;
    Some(format!(
        "{}\n{}",
        derive::fold_of(field, name)?,
        employer.target.text
    ))
}

impl Bulk<'_> {
    /// By what a draft could be the same as another of its chunk.
    pub(super) fn marks(&self, draft: &Draft) -> Vec<(String, String)> {
        let mut out: Vec<(String, String)> = Vec::new();
        if let Some(k) = &draft.key {
            out.push((format!("{}:key", draft.object.key), k.clone()));
        }
        if !self.matching {
            return out;
        }
        for (i, f) in draft.object.fields.iter().enumerate().filter(|(_, f)| f.unique) {
            out.extend(text_of(draft, FieldIx(i as u16)).map(|t| (f.key.clone(), compared(f, &t))));
        }
        out.extend(points_of(draft).map(|p| ("contact_point".to_owned(), p.to_owned())));
        match draft.object.key.as_str() {
            "company" => out.extend(
                text_of(draft, draft.object.title_field().0)
                    .map(|t| ("name".to_owned(), peyvand_text::fold(&t))),
            ),
            // What is skipped need not wait until the first one can be read: see `meet`.
            "contact"
                if self.policy != OnDuplicate::Create && (self.dry || self.policy != OnDuplicate::Skip) =>
            {
                out.extend(name_and_employer(draft).map(|n| ("name".to_owned(), n)));
            }
            _ => {}
        }
        out
    }
}
