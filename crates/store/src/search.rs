//! Searching records by words, and by exact keys.

use std::collections::HashSet;

use peyvand_catalog::{FieldIx, SearchUse};
use peyvand_core::{Id, WorkspaceId};
use peyvand_record::derive::{self, Phase, SearchQuery};
use peyvand_record::policy::Policy;
use peyvand_record::{Filter, Record};

use crate::Store;
use crate::by_ids::ByIds;
use crate::layout::Layout;
use crate::lower::rid_range;
use crate::ports::{Hit, SearchCall, SearchPhase, StoreError};

/// Candidates that one search may look at before it says that it stopped.
const SEARCH_WORK: u32 = 20_000;

/// What is searched for.
#[derive(Debug, Clone, Copy)]
pub struct SearchFor<'a> {
    /// The object of the records.
    pub object: &'a str,
    /// The words, as somebody typed them.
    pub text: &'a str,
    /// What the records must match besides.
    pub filter: Option<&'a Filter>,
    /// The fields that are wanted of each record; `None` for all.
    pub fields: Option<&'a [FieldIx]>,
    /// Records at most.
    pub limit: usize,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The records, best phase first, newest first within a phase.
    pub records: Vec<Record>,
    /// The search stopped at its work limit: there may be more.
    pub cut: bool,
}

impl Store {
    /// Records of an object that match a search text and a filter: exact keys first, then word beginnings, then names
    /// of the other script that sound like it, then substrings; newest first in each; until the page is full.
    pub async fn search(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        policy: &Policy,
        asked: &SearchFor<'_>,
    ) -> Result<Found, StoreError> {
        let SearchFor {
            object, text, limit, ..
        } = *asked;
        let l = Self::layout_of(layout, object)?;
        let query = SearchQuery::parse(text);
        let (from, to) = rid_range(workspace, object);
        // A role that hides a field may not find by it: what the index offers is checked against the visible text.
        let restricted = l
            .object
            .fields
            .iter()
            .enumerate()
            .any(|(i, f)| f.search.is_some() && !policy.sees(object, FieldIx(i as u16)));
        // What is compared has to be read, whether it was wanted or not.
        let fields: Option<Vec<FieldIx>> = asked.fields.filter(|_| !restricted).map(|wanted| {
            let title = |i: &FieldIx| {
                l.object
                    .at(*i)
                    .is_some_and(|f| f.search == Some(SearchUse::Title))
            };
            let titles = (0..l.object.fields.len())
                .map(|i| FieldIx(i as u16))
                .filter(title);
            titles.chain(wanted.iter().copied()).collect()
        });
        let mut records: Vec<Record> = Vec::new();
        let mut seen: HashSet<Id> = HashSet::new();
        let mut work = 0;
        let one = |word: &Option<String>| word.iter().cloned().collect::<Vec<_>>();
        // The sound of a name is an exact key of its own kind.
        let phases = [
            (Phase::Exact, SearchPhase::Exact, query.exact_keys.clone(), None),
            (
                Phase::Prefix,
                SearchPhase::Prefix,
                query.words.clone(),
                query.within.clone(),
            ),
            (Phase::Prefix, SearchPhase::Prefix, one(&query.glued), None),
            (Phase::Sound, SearchPhase::Exact, one(&query.sound), None),
            (
                Phase::Substring,
                SearchPhase::Substring,
                one(&query.substring),
                None,
            ),
        ];
        for (kind, phase, words, within) in phases {
            if words.is_empty() || (query.whole_address && !records.is_empty()) {
                continue;
            }
            let mut before = None;
            let mut chunk = (limit as u32 + 14).max(32);
            loop {
                if records.len() >= limit || work >= SEARCH_WORK {
                    return Ok(Found {
                        records,
                        cut: work >= SEARCH_WORK,
                    });
                }
                let hits = self
                    .engine()
                    .search(SearchCall {
                        phase,
                        from,
                        to,
                        words: words.clone(),
                        within: within.clone(),
                        before,
                        limit: chunk,
                    })
                    .await?;
                work += hits.len() as u32;
                let last = hits.last().map(|h: &Hit| h.rid);
                let full = hits.len() as u32 == chunk;
                let ids: Vec<Id> = hits
                    .into_iter()
                    .filter(|h| h.object == object && !seen.contains(&h.record))
                    .map(|h| h.record)
                    .collect();
                seen.extend(ids.iter().copied());
                let read = ByIds::of(object, &ids)
                    .matching(asked.filter)
                    .only(fields.as_deref());
                for r in self.by_ids(workspace, layout, policy, &read).await? {
                    let heard = kind != Phase::Sound || derive::sounds_like(&l.object, &r, text);
                    let visible = !restricted || {
                        let text = derive::search_text(&l.object, &r, |f| policy.sees(object, f));
                        query.matches(&text).is_some()
                    };
                    if heard && visible && records.len() < limit {
                        records.push(r);
                    }
                }
                if !full {
                    break;
                }
                before = last;
                chunk = (chunk * 2).min(1000);
            }
        }
        Ok(Found { records, cut: false })
    }

    /// Records under any of these exact keys of the search index (a normalised address or number, a code, a folded or heard
    /// title), of each key the newest, at most `limit`. They are candidates: the index keeps beginnings of hashes, and keys of
    /// fields that the policy may hide, so that the caller compares what may be seen before it tells anything. Only what the
    /// named fields hold is read.
    #[expect(
        clippy::too_many_arguments,
        reason = "one question, all of whose parts matter"
    )]
    pub async fn under_keys(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        policy: &Policy,
        object: &str,
        keys: &[String],
        fields: &[FieldIx],
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        let (from, to) = rid_range(workspace, object);
        let of = |key: &String| SearchCall {
            phase: SearchPhase::Exact,
            from,
            to,
            words: vec![key.clone()],
            within: None,
            before: None,
            limit,
        };
        // A record that stands under several keys is read once.
        let hits = self.engine().search_each(keys.iter().map(of).collect()).await?;
        let mut seen = HashSet::new();
        let ids: Vec<Id> = hits
            .into_iter()
            .flatten()
            .filter(|h| h.object == object && seen.insert(h.record))
            .map(|h| h.record)
            .collect();
        let read = ByIds::of(object, &ids).only(Some(fields));
        self.by_ids(workspace, layout, policy, &read).await
    }
}
