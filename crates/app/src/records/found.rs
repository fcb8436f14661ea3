//! Pages of what a search found.
//!
//! A search has an order of its own (best first, newest first within that), so it takes no sort. A page goes on behind the
//! record that the page before ended with, wherever that stands now: what comes in or goes out in between makes nobody
//! appear twice.

use std::sync::Arc;

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_record::Filter;
use peyvand_record::query::{Cursor, CursorKey};
use peyvand_store::SearchFor;
use sha2::{Digest, Sha256};

use super::list::{ListRequest, Listed, read};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Results that can be paged through, at most: whoever has not found it among so many asks more closely.
const MOST_RESULTS: usize = 1000;

/// The mark of a question in its cursors.
fn mark(q: &str, filter: Option<&str>) -> u32 {
    let hash = Sha256::new()
        .chain_update(q)
        .chain_update([0])
        .chain_update(filter.unwrap_or_default())
        .finalize();
    hash.iter().take(4).fold(0, |n, b| n << 8 | u32::from(*b))
}

impl App {
    /// A page of the records that a search found.
    #[expect(clippy::too_many_arguments, reason = "the parts of one question")]
    pub(super) async fn found(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        q: &str,
        request: &ListRequest,
        filter: Option<Filter>,
        fields: Vec<FieldIx>,
        limit: usize,
    ) -> Result<Listed, AppError> {
        let w = &caller.workspace;
        let order = mark(q, request.filter.as_deref());
        let behind = match &request.cursor {
            None => None,
            Some(c) => {
                let bad = || AppError::Parameter {
                    name: "cursor",
                    value: c.chars().take(40).collect(),
                };
                let cursor = Cursor::decode(c).map_err(|_| bad())?;
                let shown = match cursor.keys.as_slice() {
                    [Some(CursorKey::I(n))] => usize::try_from(*n).ok().filter(|n| *n <= MOST_RESULTS),
                    _ => None,
                };
                let shown = shown.filter(|_| cursor.order == order).ok_or_else(bad)?;
                Some((shown, cursor.id))
            }
        };
        let shown = behind.map_or(0, |b| b.0);
        let wanted = (shown + limit + 1).min(MOST_RESULTS);
        let found = self
            .store
            .search(
                w.id,
                &w.layout,
                &caller.policy,
                &SearchFor {
                    object: &object.key,
                    text: q,
                    filter: filter.as_ref(),
                    fields: read(object, request, &fields).as_deref(),
                    limit: wanted,
                },
            )
            .await?;
        let mut records = found.records;
        let total = records.len();
        let counted = if !request.count {
            None
        } else if total < wanted {
            Some((total, found.cut))
        } else {
            // One more than can be paged through says that there are more.
            let all = SearchFor {
                object: &object.key,
                text: q,
                filter: filter.as_ref(),
                fields: Some(&[]),
                limit: MOST_RESULTS + 1,
            };
            let all = self.store.search(w.id, &w.layout, &caller.policy, &all).await?;
            let n = all.records.len();
            Some((n.min(MOST_RESULTS), all.cut || n > MOST_RESULTS))
        };
        let more_behind = total >= MOST_RESULTS;
        if let Some((shown, last)) = behind {
            let from = records
                .iter()
                .position(|r| r.id() == last)
                .map_or(shown.min(records.len()), |at| at + 1);
            records.drain(..from);
        }
        let start = total - records.len();
        // A page of the asked length that was filled up may have more behind it, when new ones have moved the rest.
        let more = records.len() > limit || (total >= wanted && !more_behind);
        records.truncate(limit);
        let next = records.last().filter(|_| more).map(|r| {
            Cursor {
                order,
                keys: vec![Some(CursorKey::I((start + records.len()) as i64))],
                id: r.id(),
            }
            .encode()
        });
        self.shown(caller, object, &mut records, &fields).await?;
        Ok(Listed {
            object: Arc::clone(object),
            count: counted.map(|(n, _)| n as u64),
            at_least: counted.map_or(more || more_behind || found.cut, |(_, beyond)| beyond),
            records,
            fields,
            next,
            cut: found.cut || (more_behind && !more),
        })
    }
}
