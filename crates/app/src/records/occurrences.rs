//! One occurrence of what repeats, moved by itself: it stands alone from then on, and the one after it, which would only have
//! been made when this one was done, is made at once and carries the series on.

use std::sync::Arc;

use peyvand_catalog::handles::activity;
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use peyvand_record::{Record, Value};

use super::write::Changed;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

impl App {
    /// Changes one occurrence of a repeating activity to these values, and gives the next one that was made for it; none when
    /// the series ends with it.
    ///
    /// # Errors
    /// As a change of the record; [`AppError::NotFound`] for what does not repeat.
    pub async fn move_apart(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
        mut values: Vec<(FieldIx, Value)>,
        version: i64,
    ) -> Result<(Record, Option<Id>), AppError> {
        Self::writable(caller, object, Verb::Update)?;
        if object.key != activity::OBJECT {
            return Err(AppError::NotFound);
        }
        values.push((activity::RECURRENCE, Value::Null));
        self.check_fields(caller, object, &values)?;
        let context = self.context(caller);
        let Changed {
            before,
            after,
            mut batch,
        } = self
            .changed(caller, object, &context, id, values, Some(version))
            .await?;
        if before.get(activity::RECURRENCE).is_null() {
            return Err(AppError::NotFound);
        }
        let next = self
            .writer(caller, &context)
            .following(object, &before)
            .map_err(AppError::Invalid)?
            .map(|(next, made)| {
                batch.append(made);
                next.id()
            });
        self.store
            .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
            .await?;
        self.after_write(&caller.workspace, &object.key).await?;
        Ok((after, next))
    }

    /// Takes that back: the occurrence has these values again and carries the series, and the one that was made after it is
    /// gone, as long as nobody has touched it.
    ///
    /// # Errors
    /// [`AppError::Changed`] when the next one is no longer as it was made; as a change of the record.
    pub async fn move_back(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        id: Id,
        next: Id,
        mut values: Vec<(FieldIx, Value)>,
    ) -> Result<Record, AppError> {
        Self::writable(caller, object, Verb::Update)?;
        let made = self.raw(caller, object, next, DeletedScope::Live).await?;
        let rule = made.get(activity::RECURRENCE).clone();
        if made.version() != 1 || rule.is_null() {
            return Err(AppError::changed(&made));
        }
        values.push((activity::RECURRENCE, rule));
        self.check_fields(caller, object, &values)?;
        let context = self.context(caller);
        let Changed { after, mut batch, .. } =
            self.changed(caller, object, &context, id, values, None).await?;
        batch.append(self.writer(caller, &context).delete(object, &made).1);
        self.store
            .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
            .await?;
        self.after_write(&caller.workspace, &object.key).await?;
        Ok(after)
    }
}
