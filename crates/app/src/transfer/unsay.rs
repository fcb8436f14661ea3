//! The undo of an import takes back what people were said to allow by it.

use std::collections::HashMap;

use peyvand_catalog::ObjectDef;
use peyvand_core::{Id, Instant};
use peyvand_domain::consent::{AddressHash, Entry, Proof, Scope, Source, Word};
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal};

use crate::app::App;
use crate::caller::Caller;
use crate::consent::{Book, Wish};
use crate::errors::AppError;
use crate::records::TRIES;

/// The object of the ledger's entries.
pub(super) const ENTRY: &str = "consent_entry";
/// How the reference of a withdrawal begins that an undo has written.
const TAKEN_BACK: &str = "undo of import ";
/// Entries that are looked at together.
const UNSAID_TOGETHER: u32 = 200;

impl App {
    /// Withdraws every yes that an import brought, where nobody has said anything since. A no stays: an undo opens
    /// nothing. It comes before the people are taken back, since it is about their addresses. Gives how many.
    pub(super) async fn unsay(&self, caller: &Caller, operation: Id) -> Result<u64, AppError> {
        let w = &caller.workspace;
        let (Some(object), Some(layout)) = (w.catalog().object("contact"), w.layout.object(ENTRY)) else {
            return Ok(0);
        };
        let t = &SIDE.image;
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("operation_id", operation.into()),
            ("object", ENTRY.into()),
        ];
        let mut after = Id::NIL;
        let mut n = 0;
        loop {
            let call = RowsCall::new(t, &key)
                .bound("record_id", Bound::Gt, after)
                .order("record_id", false)
                .limit(UNSAID_TOGETHER);
            let rows = self.store.rows(call).await?;
            let ids: Vec<SqlVal> = rows.iter().map(|r| r[t.at("record_id")].clone()).collect();
            let Some(last) = ids.last().and_then(SqlVal::uuid) else {
                return Ok(n);
            };
            after = last;
            for entry in self.read_entries(w, layout, "id", &ids).await? {
                n += u64::from(self.unsay_one(caller, object, operation, &entry).await?);
            }
        }
    }

    async fn unsay_one(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        operation: Id,
        entry: &Entry,
    ) -> Result<bool, AppError> {
        let Some(person) = entry.contact else {
            return Ok(false);
        };
        let record = match self.raw(caller, object, person, DeletedScope::Live).await {
            // By an undo that was interrupted, or by somebody: nothing is sent to them any more.
            Err(AppError::NotFound) => return Ok(false),
            other => other?,
        };
        self.may(caller, object, &record, Verb::Update).await?;
        for _ in 0..TRIES {
            let book = self.book(&caller.workspace, record.id()).await?;
            let about = book.entries.get(&entry.address).map_or(&[][..], Vec::as_slice);
            let newest = about.iter().rev().find(|e| e.scope == entry.scope);
            let point = book.points.iter().find(|p| p.live && p.hash == entry.address);
            let (Some(newest), Some(point)) = (newest, point) else {
                return Ok(false);
            };
            if newest.id != entry.id {
                return Ok(false);
            }
            let context = self.context(caller);
            // As of the moment at which the file had it said: of two words of one moment the stricter one counts, and what
            // the same file says once more is a moment later.
            let mut proof = Proof::of(Source::Import, entry.proof.at);
            proof.reference = Some(format!("{TAKEN_BACK}{operation}"));
            let wish = Wish {
                channel: entry.scope.channel,
                matter: entry.scope.matter,
                word: Word::Withdrawn,
                address: Some(point.address.clone()),
                proof,
            };
            let (batch, _) = self.entries_of(caller, &record, &wish, &context).await?;
            if self.write_entries(caller, &context, &batch).await? {
                return Ok(true);
            }
        }
        Err(AppError::Changed {
            id: person,
            version: 0,
            fields: Vec::new(),
        })
    }
}

fn is_taken_back(e: &Entry) -> bool {
    let reference = e.proof.reference.as_deref();
    reference.is_some_and(|r| r.starts_with(TAKEN_BACK))
}

/// The entries without those that an undo of an import has taken back: the same file may say it again.
pub(super) fn standing(entries: &HashMap<AddressHash, Vec<Entry>>) -> impl Iterator<Item = &Entry> {
    entries.values().flat_map(|list| {
        list.iter().enumerate().filter_map(|(at, e)| {
            let next = list.iter().skip(at + 1).find(|l| l.scope == e.scope);
            (!next.is_some_and(is_taken_back)).then_some(e)
        })
    })
}

/// The moment for which an undo has last taken back what is wished, when nobody has said anything since.
pub(super) fn taken_back_at(book: &Book, wish: &Wish) -> Option<Instant> {
    let point = book
        .points
        .iter()
        .find(|p| p.live && Some(&p.address) == wish.address.as_ref())?;
    let scope = Scope {
        channel: wish.channel,
        matter: wish.matter,
    };
    let newest = book
        .entries
        .get(&point.hash)?
        .iter()
        .rev()
        .find(|e| e.scope == scope)?;
    is_taken_back(newest).then_some(newest.proof.at)
}
