//! Many records made and changed in one transaction: all of them or none.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_record::codec::{self, Mode};
use peyvand_record::policy::Verb;
use peyvand_record::{Batch, Record, Value};
use peyvand_store::{Conflict, StoreError};

use super::{Idempotency, Json, TRIES};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::notifications::new_owner;
use crate::people::managed;

/// Most records of one transaction.
pub const TOGETHER: usize = 300;

/// What is to become of one record.
#[derive(Debug, Clone)]
pub enum Wish {
    /// A new one of these values.
    New(Json),
    /// Changed values of this one, by one who has seen this version.
    Change(Id, Option<i64>, Json),
}

/// Why nothing was written.
#[derive(Debug)]
pub struct Refused {
    /// The wish that cannot be granted, counted from zero; `None` when it is about all of them.
    pub wish: Option<usize>,
    /// Why not.
    pub error: AppError,
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self { wish: None, error }
    }
}

/// A wish whose values have been read and checked.
enum Read {
    New(Vec<(FieldIx, Value)>),
    Change(Id, Option<i64>, Vec<(FieldIx, Value)>),
}

impl App {
    /// Makes and changes records of one object in one transaction, at most [`TOGETHER`]; the records as they are then, in
    /// the order of the wishes.
    ///
    /// # Errors
    /// The first wish that cannot be granted, and nothing is written; also a record that is named twice.
    pub async fn write_together(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        wishes: &[Wish],
        idempotency: Option<&Idempotency>,
    ) -> Result<Vec<Record>, Refused> {
        // People and their rights are changed one by one: each change may take the next one's right away.
        if managed(object) || wishes.len() > TOGETHER {
            return Err(AppError::Forbidden.into());
        }
        let _doing = self.begin(caller, idempotency)?;
        if let Some(ids) = self.answered(caller, idempotency).await? {
            return self.records_of(caller, object, &ids).await.map_err(Refused::from);
        }
        let mut read = Vec::with_capacity(wishes.len());
        let mut named = HashSet::new();
        for (n, wish) in wishes.iter().enumerate() {
            let one = self.read_wish(caller, object, wish, &mut named).await;
            read.push(one.map_err(|error| Refused { wish: Some(n), error })?);
        }
        for _ in 0..TRIES {
            let context = self.context(caller);
            let mut all = Batch::default();
            let mut out = Vec::with_capacity(read.len());
            let mut given: HashMap<Id, u64> = HashMap::new();
            for (n, wish) in read.iter().enumerate() {
                let done = match wish {
                    Read::New(values) => self
                        .made(caller, object, &context, values.clone())
                        .await
                        .map(|(record, batch)| (None, record, batch)),
                    Read::Change(id, version, values) => self
                        .changed(caller, object, &context, *id, values.clone(), *version)
                        .await
                        .map(|c| (Some(c.before), c.after, c.batch)),
                };
                let (before, record, batch) = done.map_err(|error| Refused { wish: Some(n), error })?;
                if let Some(to) = new_owner(object, before.as_ref(), &record) {
                    *given.entry(to).or_default() += 1;
                }
                all.append(batch);
                out.push(record);
            }
            let ids: Vec<Id> = out.iter().map(Record::id).collect();
            self.settle(caller, &context, &mut all).await?;
            self.remember(caller, &context, idempotency, &ids, 200, &mut all);
            if all.is_empty() && idempotency.is_none() {
                self.dress(caller, object, &mut out);
                return Ok(out);
            }
            match self
                .store
                .apply(&context, &caller.workspace.layout, &caller.policy, &all)
                .await
            {
                Ok(()) => {
                    self.after_write(&caller.workspace, &object.key).await?;
                    for (to, count) in given {
                        self.tell_many(caller, to, object, count).await;
                    }
                    self.dress(caller, object, &mut out);
                    return Ok(out);
                }
                // Somebody else was faster with one of them: all is decided again.
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => {
                    return match self.answered(caller, idempotency).await? {
                        Some(ids) => self.records_of(caller, object, &ids).await.map_err(Refused::from),
                        None => Err(AppError::from(e).into()),
                    };
                }
            }
        }
        Err(AppError::Store(StoreError::Conflict(Conflict::Guard("together".to_owned()))).into())
    }

    async fn read_wish(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        wish: &Wish,
        named: &mut HashSet<Id>,
    ) -> Result<Read, AppError> {
        let (mode, verb, json) = match wish {
            Wish::New(json) => (Mode::Create, Verb::Create, json),
            Wish::Change(_, _, json) => (Mode::Patch, Verb::Update, json),
        };
        Self::writable(caller, object, verb)?;
        let w = &caller.workspace;
        let edge = w.edge(caller.language, self.clock.now(), mode);
        let values = codec::parse_json(w.catalog(), object, json, &edge).map_err(AppError::Invalid)?;
        match wish {
            Wish::New(_) => Ok(Read::New(values)),
            Wish::Change(id, version, _) => {
                // Two changes of one record would each be decided by what it is before both.
                if !named.insert(*id) {
                    return Err(AppError::Parameter {
                        name: "id",
                        value: id.to_string(),
                    });
                }
                self.check_fields(caller, object, &values)?;
                self.check_links(caller, object, &values).await?;
                let values = self.with_twins(w, values).await?;
                Ok(Read::Change(*id, *version, values))
            }
        }
    }

    /// The records of these ids, as the caller may see them today, in their order.
    async fn records_of(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        ids: &[Id],
    ) -> Result<Vec<Record>, AppError> {
        let mut out = Vec::with_capacity(ids.len());
        for id in ids {
            out.push(self.get(caller, object, *id).await?);
        }
        Ok(out)
    }
}
