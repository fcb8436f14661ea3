//! An activity is done, and taken back: what its completion made, the interaction and the next occurrence, goes with it.

use std::sync::Arc;

use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{activity, interaction};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_record::codec::{self, Mode};
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use peyvand_record::{Change, Record, Value};
use serde_json::{Map, Value as Json};

use super::write::Changed;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// An activity that was done.
#[derive(Debug, Clone)]
pub struct Completion {
    /// The activity as it is then.
    pub record: Record,
    /// The records that were made with it: its interaction, its next occurrence.
    pub made: Vec<Id>,
}

impl App {
    /// Marks an activity as done, with what came of it.
    ///
    /// # Errors
    /// As a change of the record.
    pub async fn complete(
        &self,
        caller: &Caller,
        activities: &Arc<ObjectDef>,
        id: Id,
        outcome: Option<&str>,
    ) -> Result<Completion, AppError> {
        let mut values: Vec<(FieldIx, Value)> = vec![(activity::STATUS, Value::Choice("done".into()))];
        if let Some(outcome) = outcome {
            values.push((activity::OUTCOME, Value::text(outcome)));
        }
        let (record, batch) = self.change(caller, activities, id, values, None, None).await?;
        let made = batch.changes.iter().filter_map(|c| match c {
            Change::Insert(r) => Some(r.id()),
            _ => None,
        });
        Ok(Completion {
            made: made.collect(),
            record,
        })
    }

    /// Takes a completion back: the activity has the values that it had, and what was made with it is in the recycle bin, as
    /// long as nobody has touched either.
    ///
    /// # Errors
    /// [`AppError::Changed`] when the activity is no longer of this version or something that was made with it is no longer
    /// as it was made; as a change of the record.
    pub async fn take_back_completion(
        &self,
        caller: &Caller,
        activities: &Arc<ObjectDef>,
        id: Id,
        version: i64,
        before: &Map<String, Json>,
        made: &[Id],
    ) -> Result<Record, AppError> {
        Self::writable(caller, activities, Verb::Update)?;
        let edge = caller
            .workspace
            .edge(caller.language, self.clock.now(), Mode::Patch);
        let catalog = caller.workspace.catalog();
        let mut values = codec::parse_json(catalog, activities, before, &edge).map_err(AppError::Invalid)?;
        self.check_fields(caller, activities, &values)?;
        let done = self.raw(caller, activities, id, DeletedScope::Live).await?;
        if done.version() != version {
            return Err(AppError::changed(&done));
        }
        let mut gone = Vec::new();
        for one in made {
            let (object, record) = match self.raw(caller, activities, *one, DeletedScope::Live).await {
                Ok(next) => (Arc::clone(activities), next),
                Err(AppError::NotFound) => {
                    let interactions = self.object(caller, "interactions")?;
                    let told = self.raw(caller, &interactions, *one, DeletedScope::Live).await?;
                    (interactions, told)
                }
                Err(e) => return Err(e),
            };
            // What was made with the completion was made in its moment, and by whoever did it: nothing else is taken away by
            // being named, neither another's record nor one's own, which would ask for the right to delete.
            let fits = if object.key == interaction::OBJECT {
                done.get(activity::INTERACTION_ID).as_id() == Some(record.id())
            } else {
                !record.get(activity::RECURRENCE).is_null()
            };
            let with_it = fits
                && record.get(system::CREATED_AT) == done.get(system::UPDATED_AT)
                && record.get(system::CREATED_BY).as_id() == Some(caller.actor.id());
            if record.version() != 1 || !with_it {
                return Err(AppError::changed(&record));
            }
            if object.key == interaction::OBJECT {
                values.push((activity::INTERACTION_ID, Value::Null));
            }
            gone.push((object, record));
        }
        let context = self.context(caller);
        let Changed { after, mut batch, .. } = self
            .changed(caller, activities, &context, id, values, Some(version))
            .await?;
        for (object, record) in &gone {
            batch.append(self.writer(caller, &context).delete(object, record).1);
        }
        self.store
            .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
            .await?;
        Ok(after)
    }
}
