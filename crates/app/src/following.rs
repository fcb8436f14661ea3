//! Following records, and what their followers and the people named in a text are told.

use std::sync::Arc;

use peyvand_catalog::ObjectDef;
use peyvand_catalog::handles::user;
use peyvand_core::Id;
use peyvand_record::query::Query;
use peyvand_record::{Policy, Record, Verb};
use peyvand_store::RowsCall;
use peyvand_store::ports::Plan;
use peyvand_store::tables::SIDE;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::marks::mark;

/// Most people that one happening is told to.
const MOST: usize = 200;

impl App {
    /// The users who follow a record.
    pub async fn followers(&self, caller: &Caller, record: Id) -> Result<Vec<Id>, AppError> {
        let t = &SIDE.follower;
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("record_id", record.into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key)).await?;
        Ok(rows.iter().filter_map(|r| r[t.at("user_id")].uuid()).collect())
    }

    /// The caller follows a record that they may read, or follows it no longer.
    pub async fn follow(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        record: Id,
        on: bool,
    ) -> Result<(), AppError> {
        let record = self.get(caller, object, record).await?.id();
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("record_id", record.into()),
            ("user_id", caller.actor.id().into()),
        ];
        let step = mark(&SIDE.follower, &key, on, self.clock.now());
        Ok(self.store.engine().apply(Plan::of(vec![step])).await?)
    }

    /// The active users whose name stands behind an `@` in a text.
    pub async fn mentioned(&self, caller: &Caller, text: &str) -> Result<Vec<Id>, AppError> {
        if !text.contains('@') {
            return Ok(Vec::new());
        }
        let w = &caller.workspace;
        let people = self
            .store
            .page(
                w.id,
                &w.layout,
                &Policy::all(caller.actor),
                &Query::of(user::OBJECT).limit(1000),
            )
            .await?
            .records;
        let mut named: Vec<(&str, Id)> = people
            .iter()
            .filter_map(|p| Some((p.get(user::NAME).as_str()?.trim(), p.id())))
            .filter(|(name, _)| !name.is_empty())
            .collect();
        // The longest name that fits is meant: @Sara Ahmadi is not @Sara.
        named.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let mut out = Vec::new();
        for part in text.split('@').skip(1) {
            if let Some((_, id)) = named.iter().find(|(name, _)| part.starts_with(name))
                && !out.contains(id)
            {
                out.push(*id);
            }
        }
        Ok(out)
    }

    /// Tells people of something at a record: only those who may read it, and never the one who did it.
    pub async fn tell(
        &self,
        caller: &Caller,
        kind: &str,
        people: &[Id],
        object: &ObjectDef,
        record: &Record,
    ) -> Result<u64, AppError> {
        let w = &caller.workspace;
        let mut told = 0;
        for &person in people.iter().take(MOST).filter(|p| **p != caller.actor.id()) {
            let Ok((policy, _)) = self.policy_of(w, person, "*").await else {
                continue;
            };
            let seen = self
                .within_reach(w, &policy, &object.key, &[record.id()], Verb::Read)
                .await?;
            if seen.is_empty() {
                continue;
            }
            let about = object.spine.then(|| record.id());
            self.notify(caller, person, kind, about, None).await?;
            told += 1;
        }
        Ok(told)
    }
}
