//! Sensitive values: shown one record at a time or when they are asked for by name, and every view is logged.

use std::sync::PoisonError;

use peyvand_catalog::{Class, FieldIx, ObjectDef};
use peyvand_core::{Actor, Id, Instant};
use peyvand_record::policy::FieldRule;
use peyvand_record::{AuditAction, Batch, Record};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// The same person looking at the same record again is logged again after this.
const AGAIN: i64 = 10 * 60 * Instant::SECOND;

/// The fields of the sensitive class that the caller sees in full.
fn seen_in_full(caller: &Caller, object: &ObjectDef) -> Vec<(FieldIx, String)> {
    object
        .fields
        .iter()
        .enumerate()
        .map(|(i, f)| (FieldIx(i as u16), f))
        .filter(|(ix, f)| {
            f.class == Class::Sensitive
                && !matches!(
                    caller.policy.field(&object.key, *ix),
                    Some(FieldRule::Hidden | FieldRule::Masked)
                )
        })
        .map(|(ix, f)| (ix, f.key.clone()))
        .collect()
}

/// Is the field left out of lists unless it is named?
pub(crate) fn only_by_name(object: &ObjectDef, ix: FieldIx) -> bool {
    object.at(ix).is_some_and(|f| f.class == Class::Sensitive)
}

impl App {
    /// Logs that the caller is shown sensitive values of these records, before they are. `fields` are those that are
    /// shown; all when not given.
    pub(crate) async fn log_views(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        records: &[Record],
        fields: Option<&[FieldIx]>,
    ) -> Result<(), AppError> {
        let Actor::User(me) = caller.actor else {
            return Ok(());
        };
        let sensitive: Vec<(FieldIx, String)> = seen_in_full(caller, object)
            .into_iter()
            .filter(|(ix, _)| fields.is_none_or(|f| f.contains(ix)))
            .collect();
        if sensitive.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let fresh: Vec<&Record> = {
            let mut seen = self.viewed.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.len() > 50_000 {
                seen.retain(|_, at| now.micros() - at.micros() < AGAIN);
            }
            records
                .iter()
                .filter(|r| sensitive.iter().any(|(ix, _)| !r.get(*ix).is_null()))
                .filter(|r| {
                    let key: (Id, Id) = (me, r.id());
                    seen.get(&key)
                        .is_none_or(|at| now.micros() - at.micros() >= AGAIN)
                })
                .collect()
        };
        if fresh.is_empty() {
            return Ok(());
        }
        let context = self.context(caller);
        let writer = self.writer(caller, &context);
        let mut batch = Batch::default();
        for r in &fresh {
            let shown: Vec<&str> = sensitive
                .iter()
                .filter(|(ix, _)| !r.get(*ix).is_null())
                .map(|(_, k)| k.as_str())
                .collect();
            writer.entry(
                &mut batch,
                AuditAction::View,
                object,
                r.id(),
                serde_json::json!({ "viewed": shown }).to_string(),
            );
        }
        self.store
            .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
            .await?;
        // Only now: a view whose log failed is not taken for logged.
        let mut seen = self.viewed.lock().unwrap_or_else(PoisonError::into_inner);
        for r in fresh {
            seen.insert((me, r.id()), now);
        }
        Ok(())
    }
}
