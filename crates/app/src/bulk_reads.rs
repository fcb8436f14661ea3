//! Reading in bulk: who reads very many records in an hour is written down, as who exports them is.
//!
//! What is read is counted in this process, by person and object; a server that is started anew, or another one on the same
//! database, counts from the beginning.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use peyvand_catalog::ObjectDef;
use peyvand_core::{Actor, Id, Instant, Via, WorkspaceId};
use peyvand_record::{AuditAction, Batch};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Records read by a program that are worth a line in the log; then ten times as many, and so on.
const BY_PROGRAMS: u64 = 1_000;
/// The same for everybody else: a day's work with lists reads hundreds.
const BY_PEOPLE: u64 = 5_000;
/// What is read within this time counts together.
const WINDOW: i64 = 3_600 * Instant::SECOND;
/// Readers that are remembered before those are forgotten whose time is over.
const READERS: usize = 10_000;

/// Who reads what: workspace, person, road, object.
type Reader = (WorkspaceId, Id, Via, Box<str>);

/// What somebody has read of an object since an instant.
#[derive(Debug, Clone, Copy)]
struct Reading {
    since: Instant,
    records: u64,
    /// So many are told next.
    next: u64,
}

/// Everybody's reading.
#[derive(Debug, Default)]
pub(crate) struct Readings(Mutex<HashMap<Reader, Reading>>);

impl Readings {
    /// Counts records that are about to be shown; how many there were since when, if that is to be told now.
    fn add(&self, reader: Reader, records: u64, now: Instant) -> Option<(u64, Instant)> {
        let first = if reader.2 == Via::Api {
            BY_PROGRAMS
        } else {
            BY_PEOPLE
        };
        let fresh = |r: &Reading| now.micros() - r.since.micros() < WINDOW;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= READERS {
            all.retain(|_, r| fresh(r));
        }
        let new = Reading {
            since: now,
            records: 0,
            next: first,
        };
        let reading = all.entry(reader).or_insert(new);
        if !fresh(reading) {
            *reading = new;
        }
        reading.records = reading.records.saturating_add(records);
        if reading.records < reading.next {
            return None;
        }
        while reading.next <= reading.records {
            reading.next = reading.next.saturating_mul(10);
        }
        Some((reading.records, reading.since))
    }
}

impl App {
    /// Counts records that the caller is about to be shown, and logs it before they are when they have become very many.
    pub(crate) async fn count_reading(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        records: usize,
    ) -> Result<(), AppError> {
        let Actor::User(me) = caller.actor else {
            return Ok(());
        };
        let w = &caller.workspace;
        let reader = (w.id, me, caller.via, object.key.as_str().into());
        let Some((read, since)) = self.readings.add(reader, records as u64, self.clock.now()) else {
            return Ok(());
        };
        let context = self.context(caller);
        let mut batch = Batch::default();
        let detail = serde_json::json!({"read": read, "since": since.to_string()});
        self.writer(caller, &context).entry(
            &mut batch,
            AuditAction::View,
            object,
            Id::NIL,
            detail.to_string(),
        );
        self.store
            .apply(&context, &w.layout, &caller.policy, &batch)
            .await?;
        Ok(())
    }
}
