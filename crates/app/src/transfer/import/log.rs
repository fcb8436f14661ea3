//! What is told of an import: the report, the notes on single rows, and the row by which it goes on after a kill.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use peyvand_core::Id;
use peyvand_exchange::Position;
use peyvand_i18n::{Args, keys, text};
use peyvand_record::codec::FieldError;
use peyvand_store::SqlVal;
use peyvand_store::ports::{OnKey, Plan as StorePlan, Step};
use peyvand_store::tables::SIDE;
use serde::{Deserialize, Serialize};

use super::super::bulk::{Journal, Outcome, Written};
use super::waiting::{Rows, WAITING};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// One thing that the report says of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowNote {
    /// Row of the file, from 1 behind the header.
    pub row: u64,
    /// Object of the record.
    pub object: String,
    /// `failed`, `duplicate`, or the word of a note.
    pub outcome: String,
    /// The field.
    pub field: String,
    /// The value.
    pub value: String,
    /// Why.
    pub reason: String,
    /// The same without the value: faults of one kind say the same.
    #[serde(skip)]
    pub kind: String,
    /// The code of what is wrong with the value; empty when it is something else.
    #[serde(skip)]
    pub code: &'static str,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The import, by which it can be undone.
    pub id: String,
    /// Rows read.
    pub rows: u64,
    /// Blank rows passed over.
    pub blank: u64,
    /// Number by `object.outcome`; records made for links are not among them.
    pub outcomes: BTreeMap<String, u64>,
    /// Number of rows by note.
    pub notes: BTreeMap<String, u64>,
    /// Row behind which an interrupted import went on.
    pub resumed_after: Option<u64>,
}

impl Report {
    /// Records that were created or changed.
    #[must_use]
    pub fn written(&self) -> u64 {
        let written = |k: &str| k.ends_with(".created") || k.ends_with(".updated");
        self.outcomes
            .iter()
            .filter(|(k, _)| written(k))
            .map(|(_, n)| n)
            .sum()
    }
}

/// Lines met lately: key of the record, hash, how often, row.
pub(super) type Recent = Vec<(String, String, u32, u64)>;

#[derive(Serialize, Deserialize)]
pub(super) struct Progress {
    pub(super) position: Position,
    pub(super) report: Report,
    /// Lines of the last rows. Equal lines that stand on both sides of a transaction's end are still counted as two.
    pub(super) recent: Recent,
}

/// Rows of the file that were handed on together.
pub(super) struct Sent {
    /// Where the reader stands behind them.
    pub(super) position: Position,
    /// Hash of each row.
    pub(super) hashes: std::collections::HashMap<u64, [u8; 32]>,
    /// Lines met lately, as the progress keeps them.
    pub(super) recent: Recent,
    /// What had been counted when the rows had been read.
    taken: Report,
    kept: Vec<(RowNote, [u8; 32])>,
}

/// Keeps the report while the records are written.
pub(super) struct Log<'a> {
    app: &'a App,
    caller: &'a Caller,
    id: Id,
    settings: String,
    object: String,
    dry: bool,
    /// What was counted while the rows were read.
    pub(super) report: Report,
    /// What became of the drafts.
    done: BTreeMap<String, u64>,
    note: &'a mut dyn FnMut(RowNote),
    progress: &'a mut dyn FnMut(u64),
    kept: Vec<(RowNote, [u8; 32])>,
    sent: VecDeque<Sent>,
    /// Rows that lead to records further down in the file.
    pub(super) waiting: Rows,
    /// Rows that waited and have been dealt with, of which this is not written down yet.
    settled: Vec<u64>,
}

impl<'a> Log<'a> {
    #[expect(clippy::too_many_arguments, reason = "made in one place")]
    pub(super) fn new(
        app: &'a App,
        caller: &'a Caller,
        id: Id,
        settings: String,
        object: String,
        dry: bool,
        report: Report,
        note: &'a mut dyn FnMut(RowNote),
        progress: &'a mut dyn FnMut(u64),
    ) -> Self {
        Self {
            app,
            caller,
            id,
            settings,
            object,
            dry,
            report,
            done: BTreeMap::new(),
            note,
            progress,
            kept: Vec::new(),
            sent: VecDeque::new(),
            waiting: Rows::default(),
            settled: Vec::new(),
        }
    }

    /// Is there something to tell that is not written down yet?
    pub(super) fn owes(&self) -> bool {
        !self.kept.is_empty() || !self.settled.is_empty()
    }

    /// Rows are about to be handed on.
    pub(super) fn send(
        &mut self,
        position: Position,
        hashes: std::collections::HashMap<u64, [u8; 32]>,
        recent: Recent,
    ) {
        self.sent.push_back(Sent {
            position,
            hashes,
            recent,
            taken: self.report.clone(),
            kept: std::mem::take(&mut self.kept),
        });
    }

    pub(super) fn count_row(&mut self, outcome: &str) {
        let key = format!("{}.{outcome}", self.object);
        *self.report.outcomes.entry(key).or_default() += 1;
    }

    pub(super) fn count_note(&mut self, note: &str, n: u64) {
        match self.report.notes.get_mut(note) {
            Some(all) => *all += n,
            None => drop(self.report.notes.insert(note.to_owned(), n)),
        }
    }

    pub(super) fn problems(&mut self, row: u64, errors: &[FieldError], outcome: &str, hash: [u8; 32]) {
        for e in errors {
            let language = self.caller.language;
            let mut kind = e.clone();
            if !kind.value.is_empty() {
                "…".clone_into(&mut kind.value);
            }
            self.note(
                RowNote {
                    row,
                    object: self.object.clone(),
                    outcome: outcome.to_owned(),
                    field: e.field.clone(),
                    value: e.value.clone(),
                    reason: e.message(language),
                    kind: kind.message(language),
                    code: e.code(),
                },
                hash,
            );
        }
    }

    pub(super) fn tell(
        &mut self,
        row: u64,
        outcome: &str,
        field: &str,
        value: &str,
        reason: String,
        hash: [u8; 32],
    ) {
        let n = RowNote {
            row,
            object: self.object.clone(),
            outcome: outcome.to_owned(),
            field: field.to_owned(),
            value: value.to_owned(),
            kind: reason.clone(),
            reason,
            code: "",
        };
        self.note(n, hash);
    }

    fn note(&mut self, n: RowNote, hash: [u8; 32]) {
        self.kept.push((n.clone(), hash));
        (self.note)(n);
    }

    /// The whole report: all rows have been dealt with.
    pub(super) fn finished(&mut self) -> Report {
        self.report = with(&self.report, &self.done, &[]);
        self.done.clear();
        self.report.clone()
    }

    /// Puts down where the import stands.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn put(&self, state: &str, progress: &Progress) -> Result<(), AppError> {
        if self.dry {
            return Ok(());
        }
        let steps = self.steps(state, progress, &[], &[]);
        Ok(self.app.store.engine().apply(StorePlan::of(steps)).await?)
    }

    fn steps(
        &self,
        state: &str,
        progress: &Progress,
        rows: &[(RowNote, [u8; 32])],
        settled: &[u64],
    ) -> Vec<Step> {
        let t = &SIDE.transfer;
        let now = self.app.clock.now().micros();
        let w: SqlVal = i64::from(self.caller.workspace.id.0).into();
        let progress = serde_json::to_string(progress).unwrap_or_default();
        let mut row = vec![SqlVal::Null; t.columns.len()];
        for (c, v) in [
            ("workspace_id", w.clone()),
            ("id", self.id.into()),
            ("kind", "import".into()),
            ("object", self.object.as_str().into()),
            ("state", state.into()),
            ("actor", self.caller.actor.id().into()),
            ("settings", self.settings.as_str().into()),
            ("progress", progress.as_str().into()),
            ("created_at", self.id.made_at().micros().into()),
            ("updated_at", now.into()),
        ] {
            row[t.at(c)] = v;
        }
        if state == "done" {
            row[t.at("finished_at")] = now.into();
        }
        let mut steps = vec![Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Replace,
        }];
        let t = &SIDE.transfer_row;
        let key = || {
            vec![
                (t.at("workspace_id"), w.clone()),
                (t.at("transfer_id"), self.id.into()),
            ]
        };
        // These stand in front: a row may not cease to wait before its record is written.
        let settled = settled
            .iter()
            .map(|row| (t.at("row_number"), SqlVal::from(*row as i64)));
        let ended = (state == "done").then(|| (t.at("outcome"), WAITING.into()));
        steps.extend(settled.chain(ended).map(|last| Step::Delete {
            table: Arc::clone(t),
            key: key().into_iter().chain([last]).collect(),
            expect_some: None,
        }));
        for (n, hash) in rows {
            let mut row = vec![SqlVal::Null; t.columns.len()];
            for (c, v) in [
                ("workspace_id", w.clone()),
                ("transfer_id", self.id.into()),
                ("row_number", (n.row as i64).into()),
                ("hash", hash.to_vec().into()),
                ("outcome", n.outcome.as_str().into()),
                (
                    "detail",
                    serde_json::to_string(n).unwrap_or_default().as_str().into(),
                ),
            ] {
                row[t.at(c)] = v;
            }
            steps.push(Step::Insert {
                table: Arc::clone(t),
                row,
                on_key: OnKey::Replace,
            });
        }
        steps
    }

    /// What is said of the key of a row whose record was there already.
    fn of_key(&self, leads: bool) -> String {
        let key = if leads {
            keys::TRANSFER_TROUBLE_KEYED
        } else {
            keys::TRANSFER_TROUBLE_OTHER_KEY
        };
        text(self.caller.language, key, &Args::new())
    }

    /// The notes on drafts that were not written as they are.
    fn notes(&mut self, written: &[Written], hashes: &std::collections::HashMap<u64, [u8; 32]>) {
        for w in written {
            let hash = hashes.get(&w.row).copied().unwrap_or_default();
            if !w.left.is_empty() && w.id.is_some() {
                self.count_note("value-left-out", 1);
                self.problems(w.row, &w.left, "value-left-out", hash);
            }
            match &w.outcome {
                Outcome::Failed(errors) => self.problems(w.row, errors, "failed", hash),
                Outcome::Duplicate(by) => {
                    let id = w.id.map(|i| i.to_string()).unwrap_or_default();
                    let reason = match w.keyed {
                        None => String::new(),
                        Some(keyed) => self.of_key(keyed),
                    };
                    self.tell(w.row, "duplicate", by, &id, reason, hash);
                }
                Outcome::Waiting(rows) => {
                    let waits = |row: &u64| RowNote {
                        row: *row,
                        object: self.object.clone(),
                        outcome: WAITING.to_owned(),
                        field: String::new(),
                        value: String::new(),
                        reason: String::new(),
                        kind: String::new(),
                        code: "",
                    };
                    self.kept.extend(rows.iter().map(|r| (waits(r), hash)));
                }
                // What would become of every row is what a dry run is for.
                outcome if self.dry && *w.object == *self.object => {
                    let id = w.id.filter(|_| !matches!(outcome, Outcome::Created));
                    let id = id.map(|i| i.to_string()).unwrap_or_default();
                    self.tell(w.row, outcome.key(), "", &id, String::new(), hash);
                }
                _ => {}
            }
        }
    }
}

/// Under what a draft is counted. A key that leads to a record which was there is something that was written as well.
fn counted_as(w: &Written) -> impl Iterator<Item = String> {
    let keyed = w.keyed.filter(|keyed| *keyed).map(|_| "keyed");
    let all = std::iter::once(w.outcome.key()).chain(keyed);
    all.map(|outcome| format!("{}.{outcome}", w.object))
}

/// A report with what became of drafts added.
fn with(report: &Report, done: &BTreeMap<String, u64>, written: &[Written]) -> Report {
    let mut report = report.clone();
    for (k, n) in done {
        *report.outcomes.entry(k.clone()).or_default() += n;
    }
    for w in written
        .iter()
        .filter(|w| !matches!(w.outcome, Outcome::Waiting(_)))
    {
        for key in counted_as(w) {
            *report.outcomes.entry(key).or_default() += 1;
        }
    }
    report
}

impl Journal for Log<'_> {
    fn steps(&mut self, written: &[Written]) -> Vec<Step> {
        let Some(mut sent) = self.sent.pop_back() else {
            return Vec::new();
        };
        let reading = std::mem::take(&mut self.kept);
        self.notes(written, &sent.hashes);
        sent.kept.append(&mut self.kept);
        self.kept = reading;
        let steps = if self.dry {
            Vec::new()
        } else {
            let progress = Progress {
                position: sent.position,
                report: with(&sent.taken, &self.done, written),
                recent: std::mem::take(&mut sent.recent),
            };
            let mut settled = std::mem::take(&mut self.settled);
            settled.extend(
                written
                    .iter()
                    .map(|w| w.row)
                    .filter(|r| self.waiting.contains(*r)),
            );
            settled.retain(|r| !sent.kept.iter().any(|(n, _)| n.row == *r));
            Log::steps(self, "running", &progress, &sent.kept, &settled)
        };
        self.sent.push_back(sent);
        steps
    }

    fn redone(&mut self, written: &[Written]) {
        let Some(sent) = self.sent.pop_front() else { return };
        let told: std::collections::HashSet<u64> = sent.kept.iter().map(|(n, _)| n.row).collect();
        for w in written.iter().filter(|w| !told.contains(&w.row)) {
            self.notes(std::slice::from_ref(w), &sent.hashes);
        }
        // None of it has been written down.
        self.kept.extend(sent.kept.iter().cloned());
        let dealt_with = |w: &&Written| !matches!(w.outcome, Outcome::Waiting(_));
        let settled = written.iter().filter(dealt_with).map(|w| w.row);
        self.settled.extend(settled.filter(|r| self.waiting.contains(*r)));
        self.sent.push_front(sent);
    }

    fn landed(&mut self, written: &[Written]) {
        for w in written {
            if let Outcome::Waiting(rows) = &w.outcome {
                for row in rows {
                    self.waiting.insert(*row);
                }
                continue;
            }
            self.waiting.remove(w.row);
            for key in counted_as(w) {
                *self.done.entry(key).or_default() += 1;
            }
        }
        if let Some(sent) = self.sent.pop_front() {
            (self.progress)(sent.taken.rows);
        }
    }
}
