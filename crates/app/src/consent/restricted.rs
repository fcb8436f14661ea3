//! The people whose data may only be kept (GDPR Art. 18), for everything that uses many people at once.

use std::collections::HashSet;

use peyvand_catalog::ObjectDef;
use peyvand_catalog::handles::{consent_entry, contact, contact_point as cp};
use peyvand_core::Id;
use peyvand_domain::consent::{Matter, State};
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal};

use crate::app::App;
use crate::errors::AppError;
use crate::linked::decode;
use crate::workspace::Workspace;

/// Values asked for in one question.
const ASKED: usize = 250;
/// Rows of one answer at most.
const ROWS: u32 = 100_000;

impl App {
    /// The contacts whose use is restricted now: those of whom it was said, those that they were merged into, and those
    /// who share an address with them, as far as the ledger counts the restriction for them too.
    ///
    /// # Errors
    /// What the store says.
    pub async fn restricted_people(&self, w: &Workspace) -> Result<HashSet<Id>, AppError> {
        let Some(ledger) = w.layout.object(consent_entry::OBJECT) else {
            return Ok(HashSet::new());
        };
        let matter = [SqlVal::from(Matter::Processing.key())];
        let entries = self.read_entries(w, ledger, "purpose", &matter).await?;
        let mut named: HashSet<Id> = entries.iter().filter_map(|e| e.contact).collect();
        let mut fresh: Vec<Id> = named.iter().copied().collect();
        while !fresh.is_empty() {
            fresh = self.merged_into(w, &fresh).await?;
            fresh.retain(|id| named.insert(*id));
        }
        let mut addresses: HashSet<String> = HashSet::new();
        for contact in &named {
            addresses.extend(self.addresses(w, *contact).await?.into_iter().map(|p| p.address));
        }
        named.extend(self.reached_by(w, &addresses).await?);
        let now = self.clock.now();
        let mut out = HashSet::new();
        for contact in named {
            let book = self.book(w, contact).await?;
            if book.restriction().state(now).0 == State::Blocked {
                out.insert(contact);
            }
        }
        Ok(out)
    }

    /// The records of an object that must not be used: the restricted people, where the object is people.
    pub(crate) async fn spared(&self, w: &Workspace, object: &ObjectDef) -> Result<HashSet<Id>, AppError> {
        if object.key == contact::OBJECT {
            self.restricted_people(w).await
        } else {
            Ok(HashSet::new())
        }
    }

    /// The contacts that these were merged into.
    async fn merged_into(&self, w: &Workspace, contacts: &[Id]) -> Result<Vec<Id>, AppError> {
        let t = &SIDE.alias;
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("object", contact::OBJECT.into()),
        ];
        let mut out = Vec::new();
        for chunk in contacts.chunks(ASKED) {
            let ids = chunk.iter().map(|id| (*id).into()).collect();
            let rows = self
                .store
                .rows(RowsCall::new(t, &key).any_of("id", ids).limit(ROWS))
                .await?;
            out.extend(rows.iter().filter_map(|r| r[t.at("to_id")].uuid()));
        }
        Ok(out)
    }

    /// The contacts that have one of these addresses.
    async fn reached_by(&self, w: &Workspace, addresses: &HashSet<String>) -> Result<Vec<Id>, AppError> {
        let Some(layout) = w.layout.object(cp::OBJECT) else {
            return Ok(Vec::new());
        };
        let key = [("workspace_id", i64::from(w.id.0).into())];
        let all: Vec<SqlVal> = addresses.iter().map(|a| a.as_str().into()).collect();
        let mut out = Vec::new();
        for chunk in all.chunks(ASKED) {
            let call = RowsCall::new(&layout.table, &key)
                .any_of("normalised", chunk.to_vec())
                .limit(ROWS);
            let rows = self.store.rows(call).await?;
            out.extend(
                rows.iter()
                    .filter_map(|row| decode(layout, row).get(cp::CONTACT_ID).as_id()),
            );
        }
        Ok(out)
    }
}
