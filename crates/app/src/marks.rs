//! Rows that say only that two things belong together, and since when: who follows a record, the tags it carries.

use std::sync::Arc;

use peyvand_core::Instant;
use peyvand_store::tables::Table;
use peyvand_store::{OnKey, Row, SqlVal, Step};

/// The step by which such a row is there (`on`, since now unless it was there before) or is not. The key names all
/// columns of the table but `at`.
pub(crate) fn mark(t: &Arc<Table>, key: &[(&'static str, SqlVal)], on: bool, now: Instant) -> Step {
    let key = key.iter().map(|(name, v)| (t.at(name), v.clone()));
    if on {
        let mut row: Row = vec![SqlVal::Null; t.columns.len()];
        row[t.at("at")] = now.micros().into();
        for (column, v) in key {
            row[column] = v;
        }
        Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Keep,
        }
    } else {
        Step::Delete {
            table: Arc::clone(t),
            key: key.collect(),
            expect_some: None,
        }
    }
}
