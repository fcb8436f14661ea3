//! What stays out of the recycle bin while others stand on it: a stage and a pipeline while they have deals, a team while it
//! has members. They go once somebody has said what takes their place.

use std::sync::Arc;

use peyvand_catalog::handles::{deal, stage, user};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::{Id, Via};
use peyvand_domain::deals;
use peyvand_record::policy::{Reach, Verb};
use peyvand_record::query::{DeletedScope, Query};
use peyvand_record::{Batch, Record, Value};
use peyvand_store::{Conflict, StoreError};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::records::{COUNT_CAP, TRIES};
use crate::workspace::Workspace;

/// The object that is held, the object that holds it, and the link.
const HOLDERS: [(&str, &str, FieldIx); 3] = [
    (stage::OBJECT, deal::OBJECT, deal::STAGE_ID),
    ("pipeline", deal::OBJECT, deal::PIPELINE_ID),
    ("team", user::OBJECT, user::TEAM_ID),
];

/// Records that are moved in one transaction.
const CHUNK: u32 = 200;

fn holder(object: &ObjectDef) -> Option<(&'static str, FieldIx)> {
    HOLDERS
        .iter()
        .find(|(held, ..)| *held == object.key)
        .map(|(_, by, ix)| (*by, *ix))
}

impl App {
    /// The live records that link here.
    fn holding(
        &self,
        w: &Arc<Workspace>,
        (by, ix): (&str, FieldIx),
        id: Id,
    ) -> Result<(Arc<ObjectDef>, Query), AppError> {
        let def = w.catalog().object(by).ok_or(AppError::NotFound)?;
        let field = def.at(ix).ok_or(AppError::NotFound)?;
        let mut query = Query::of(by);
        let caller = Caller::system(w, Via::Job);
        query.filter = Some(self.filter_by_ids(&caller, def, &format!("{} = \"{id}\"", field.key))?);
        Ok((Arc::clone(def), query))
    }

    /// Holds that nothing stands on a record that is to go.
    ///
    /// # Errors
    /// `InUse` with the number of records that do.
    pub(crate) async fn check_unused(
        &self,
        w: &Arc<Workspace>,
        object: &ObjectDef,
        id: Id,
    ) -> Result<(), AppError> {
        let Some(link) = holder(object) else { return Ok(()) };
        let (def, query) = self.holding(w, link, id)?;
        let all = Caller::system(w, Via::Job).policy;
        let count = self.store.count(w.id, &w.layout, &all, &query, COUNT_CAP).await?;
        if count == 0 {
            return Ok(());
        }
        Err(AppError::InUse {
            object: def.key.clone(),
            count,
        })
    }

    /// Puts a stage, a pipeline or a team into the recycle bin once what stands on it has gone to another one. Deals keep
    /// their status, and no stage asks them for anything: it is not they who move on.
    ///
    /// # Errors
    /// `Forbidden` unless the caller may change all records that move; the parameter `to` when that cannot take its place: it
    /// is not there, or has no stage of the kind.
    pub async fn replace_and_delete(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
        to: Id,
    ) -> Result<(), AppError> {
        Self::writable(caller, object, Verb::Delete)?;
        let link = holder(object).ok_or(AppError::NotFound)?;
        let w = &caller.workspace;
        let (def, query) = self.holding(w, link, id)?;
        if caller.policy.reach(&def.key, Verb::Update) != Reach::All {
            return Err(AppError::Forbidden);
        }
        let from = self.raw(caller, object, id, DeletedScope::Live).await?;
        let bad = || AppError::Parameter {
            name: "to",
            value: to.to_string(),
        };
        if from.id() == to {
            return Err(bad());
        }
        let place = self
            .raw(caller, object, to, DeletedScope::Live)
            .await
            .map_err(|_| bad())?;
        let stages = match def.key.as_str() {
            deal::OBJECT => self.all_of(w, stage::OBJECT).await?,
            _ => Vec::new(),
        };
        let query = query.limit(CHUNK);
        for _ in 0..TRIES {
            loop {
                let page = self.store.page(w.id, &w.layout, &caller.policy, &query).await?;
                if page.records.is_empty() {
                    return self.delete(caller, object, from.id(), None).await;
                }
                let context = self.context(caller);
                let mut batch = Batch::default();
                for before in &page.records {
                    let values = match def.key.as_str() {
                        deal::OBJECT => {
                            let stage = taking(before, object, &place, &stages).ok_or_else(bad)?;
                            deals::brought_into_stage(
                                stage,
                                vec![(deal::STAGE_ENTERED_AT, Value::Instant(context.now))],
                            )
                        }
                        _ => vec![(link.1, Value::Id(to))],
                    };
                    self.check_fields(caller, &def, &values)?;
                    self.check_managed(caller, &def, Verb::Update, Some(before), &values)
                        .await?;
                    let (_, part) = self
                        .writer(caller, &context)
                        .patch(&def, before, values, &[])
                        .map_err(AppError::Invalid)?;
                    batch.append(part);
                }
                match self
                    .store
                    .apply(&context, &w.layout, &caller.policy, &batch)
                    .await
                {
                    Ok(()) => self.after_write(w, &def.key).await?,
                    Err(StoreError::Conflict(Conflict::Stale { .. })) => break,
                    Err(e) => return Err(e.into()),
                }
            }
        }
        Err(AppError::changed(&from))
    }
}

/// The stage that takes a deal over: the one that was chosen, or the first of the deal's kind in the pipeline that was.
fn taking<'s>(
    before: &Record,
    object: &ObjectDef,
    place: &'s Record,
    stages: &'s [Record],
) -> Option<&'s Record> {
    let kind = |s: &Record| s.get(stage::KIND).as_str().unwrap_or("open").to_owned();
    let status = before.get(deal::STATUS).as_str().unwrap_or("open");
    if object.key == stage::OBJECT {
        return (kind(place) == status).then_some(place);
    }
    stages
        .iter()
        .filter(|s| s.get(stage::PIPELINE_ID).as_id() == Some(place.id()) && kind(s) == status)
        .min_by_key(|s| s.get(stage::POSITION).as_int().unwrap_or(0))
}
