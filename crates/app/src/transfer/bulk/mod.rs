//! Writing many records: links resolved, what is there already found, a few hundred records in one transaction.

mod circles;
mod draft;
mod links;
mod look_up;
mod numbers;
mod one;
mod rehearsal;
mod same;
mod sums;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use peyvand_calendar::Calendar;
use peyvand_core::{Id, id_at};
use peyvand_domain::Writer;
use peyvand_record::{Batch, Record};
use peyvand_store::StoreError;
use peyvand_store::ports::{Plan, Step};
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
pub use draft::{ANY, By, Draft, Link, OWN_SOURCE, OnDuplicate, Outcome, Target, Written};
pub(super) use links::compared;
use numbers::Numbers;
pub(super) use one::KEYS;
use rehearsal::Rehearsed;
pub(super) use sums::SUMS;

/// Most records of one transaction.
pub const CHUNK: usize = 500;
/// Most rows that one transaction writes or checks, unless a single record with its children has more: whoever waits to
/// write waits for no longer than this takes, and no database of the distributed kin refuses it.
pub const MOST_STEPS: usize = 3_000;
/// Of these rows those that a chunk is meant to have; the others are left for what the journal has to say.
const MEANT: usize = 2_500;
/// Values asked for in one question.
const ASKED: usize = 250;
/// Resolved links kept in memory.
const KEPT: usize = 100_000;
/// Times that a change is decided anew when somebody else was faster.
const TRIES: u32 = 4;

/// Writes drafts in transactions, all under one operation, so that they can be taken back together.
#[derive(Debug)]
pub struct Bulk<'a> {
    app: &'a App,
    caller: &'a Caller,
    /// The operation under which before-images are kept.
    pub operation: Id,
    /// The other system whose keys the drafts carry.
    pub source: Arc<str>,
    /// What becomes of records that are there already.
    pub policy: OnDuplicate,
    /// Look for the same record by unique fields, contact points and name with company?
    pub matching: bool,
    /// Only tell what would happen.
    pub dry: bool,
    /// Is more to come in which a draft may find the record of its own kind that it leads to? It is not written then.
    pub defer: bool,
    known: HashMap<Target, Id>,
    flight: Option<Flight>,
    /// Rows of a file (records, or children of records) that fit into one transaction, as the last ones were.
    fit: usize,
    /// The pipelines and stages of deals, read when the first deal asks.
    stages: OnceCell<(Vec<Record>, Vec<Record>)>,
    /// The calendar and zone of who acts, read when the first repetition asks.
    days: OnceCell<(Calendar, TimeZone)>,
    /// Numbers that were reserved and that no record has.
    spare: Spare,
    /// What a dry run would have written.
    rehearsed: Rehearsed,
}

/// Counts of numbers, by the object that they are for.
type Spare = BTreeMap<String, BTreeSet<i64>>;

/// What is being decided for a chunk.
#[derive(Default)]
struct Making {
    batch: Batch,
    fresh: HashMap<Target, Id>,
    written: Vec<Written>,
    numbers: Numbers,
    /// In a dry run: records as they would be now.
    played: Vec<Record>,
    /// Records that were there and have got the key of a draft.
    keyed: HashSet<Id>,
    /// What the drafts are lines of.
    parents: HashMap<Id, Record>,
}

/// A chunk that has been decided and is not written yet.
#[derive(Debug)]
struct Prepared {
    plan: Plan,
    /// What the plan was made of: it says which field a refusal means.
    batch: Batch,
    drafts: Vec<Draft>,
    /// Drafts that have to wait until these are written.
    later: Vec<Draft>,
    written: Vec<Written>,
    fresh: HashMap<Target, Id>,
    marks: HashSet<(String, String)>,
    names: Names,
    /// Numbers that the new records have.
    numbers: Spare,
    /// In a dry run: records as they would be now.
    played: Vec<Record>,
    /// Records that were there and have got the key of a draft.
    keyed: HashSet<Id>,
}

impl Prepared {
    /// Has it more rows than a transaction may have, and several drafts?
    fn is_too_large(&self) -> bool {
        self.plan.steps.len() > MOST_STEPS && self.drafts.len() + self.later.len() > 1
    }

    /// The drafts, those that had to wait behind the others.
    fn all(&mut self) -> Vec<Draft> {
        let mut all = std::mem::take(&mut self.drafts);
        all.append(&mut self.later);
        all
    }
}

/// Whoever keeps a record of what [`Bulk::push`] does.
pub trait Journal {
    /// What to write in the transaction of these drafts.
    fn steps(&mut self, written: &[Written]) -> Vec<Step>;
    /// The first drafts that have not landed had to be written otherwise than `steps` was told.
    fn redone(&mut self, written: &[Written]);
    /// The first drafts that have not landed are written for good.
    fn landed(&mut self, written: &[Written]);
}

/// Records made by name and employer, for the drafts that come before they can be asked for.
type Names = HashMap<(String, Id), Record>;

/// A chunk that is being written while the next one is decided.
#[derive(Debug)]
struct Flight {
    answer: JoinHandle<Result<(), StoreError>>,
    drafts: Vec<Draft>,
    written: Vec<Written>,
    fresh: HashMap<Target, Id>,
    marks: HashSet<(String, String)>,
    names: Names,
    /// What the records are called that were made for links, folded: another spelling of it must find them.
    made: HashSet<String>,
    /// The objects of the drafts: a link to one of them may mean a draft.
    objects: HashSet<Arc<str>>,
    numbers: Spare,
    /// Records that were there and get the key of a draft.
    keyed: HashSet<Id>,
    /// What the drafts are lines of: their amounts change as well.
    summed: HashSet<Target>,
}

enum Attempt {
    Done(Vec<Written>, Vec<Draft>),
    Conflict(AppError, Vec<Draft>),
    TooLarge(Vec<Draft>),
}

/// What is known about a draft before it is written.
#[derive(Default, Clone)]
struct Found {
    id: Option<Id>,
    existing: Option<Record>,
    by: Option<String>,
    in_bin: bool,
    /// Has the record a key of the other system already?
    keyed: bool,
}

impl<'a> Bulk<'a> {
    /// A writer under an operation.
    #[must_use]
    pub fn new(app: &'a App, caller: &'a Caller, operation: Id, source: &str, policy: OnDuplicate) -> Self {
        Self {
            app,
            caller,
            operation,
            source: source.into(),
            policy,
            matching: false,
            dry: false,
            defer: false,
            known: HashMap::new(),
            flight: None,
            fit: CHUNK / 2,
            stages: OnceCell::new(),
            days: OnceCell::new(),
            spare: Spare::new(),
            rehearsed: Rehearsed::default(),
        }
    }

    /// Writes drafts as [`Self::write`] does, but does not wait for the end of it: the next ones are decided while these
    /// are written. What the journal has to say stands in the same transaction.
    ///
    /// # Errors
    /// As [`Self::write`]; it may be the drafts of the call before that failed.
    pub async fn push(&mut self, drafts: Vec<Draft>, journal: &mut impl Journal) -> Result<(), AppError> {
        // What these policies decide does not depend on the values of a record that is still being written.
        let independent = matches!(self.policy, OnDuplicate::Skip | OnDuplicate::Create);
        if !independent || drafts.len() > CHUNK || self.known.len() > KEPT || self.meets_flight(&drafts) {
            self.finish(journal).await?;
        }
        let mut prepared = self.prepare(drafts).await?;
        if self.flight.is_some() && !self.land(journal).await? {
            // What was decided took for granted what did not come to be.
            let drafts = self.discard(prepared);
            prepared = self.prepare(drafts).await?;
        }
        if independent && prepared.later.is_empty() && !prepared.is_too_large() {
            let steps = journal.steps(&prepared.written);
            self.add_to(&mut prepared.plan, steps).await?;
            self.launch(prepared);
            return Ok(());
        }
        let drafts = self.discard(prepared);
        let written = self.write(drafts).await?;
        let mut rest = Plan::default();
        self.add_to(&mut rest, journal.steps(&written)).await?;
        self.app.store.engine().apply(rest).await?;
        journal.landed(&written);
        Ok(())
    }

    /// The drafts of a chunk that is not written as it was decided; its numbers are free again.
    fn discard(&mut self, mut p: Prepared) -> Vec<Draft> {
        self.give_back(std::mem::take(&mut p.numbers));
        p.all()
    }

    /// Adds what the journal says to a transaction. What it says first says where things stand and belongs there; of
    /// the rest, which can be said twice, goes ahead what does not fit.
    pub(super) async fn add_to(&self, plan: &mut Plan, mut steps: Vec<Step>) -> Result<(), AppError> {
        let room = MOST_STEPS.saturating_sub(plan.steps.len()).max(1);
        while steps.len() > room {
            let at = steps.len().saturating_sub(MOST_STEPS).max(room);
            let ahead = steps.split_off(at);
            self.app.store.engine().apply(Plan::of(ahead)).await?;
        }
        plan.steps.append(&mut steps);
        Ok(())
    }

    /// Rows of a file that fit into one transaction.
    #[must_use]
    pub const fn fits(&self) -> usize {
        self.fit
    }

    /// How many rows fit is learnt from those that were decided last.
    fn learn(&mut self, p: &Prepared) {
        let rows: usize = p.drafts.iter().map(|d| d.children.len().max(1)).sum();
        if p.plan.steps.len() > rows {
            self.fit = (rows * MEANT / p.plan.steps.len()).clamp(1, CHUNK);
        }
    }

    /// Waits until the drafts of the last [`Self::push`] are written.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn finish(&mut self, journal: &mut impl Journal) -> Result<(), AppError> {
        self.land(journal).await.map(drop)
    }

    /// Could a draft be the same as one that is being written, or lead to a record that is being made?
    fn meets_flight(&self, drafts: &[Draft]) -> bool {
        let Some(flight) = &self.flight else { return false };
        let all = || {
            drafts
                .iter()
                .flat_map(|d| std::iter::once(d).chain(d.children.iter().map(|(_, c)| c)))
        };
        drafts
            .iter()
            .any(|d| self.marks(d).iter().any(|m| flight.marks.contains(m)))
            || drafts
                .iter()
                .filter_map(sums::parent_of)
                .any(|t| flight.summed.contains(t))
            || all().flat_map(|d| &d.links).any(|l| {
                !self.known.contains_key(&l.target)
                    && (flight.objects.contains(&l.target.object)
                        || &*l.target.object == ANY
                        || (!flight.made.is_empty()
                            && flight.made.contains(&peyvand_text::fold(&l.target.text))))
            })
    }

    fn launch(&mut self, mut p: Prepared) {
        self.remember(&mut p);
        self.known.extend(p.fresh.iter().map(|(t, id)| (t.clone(), *id)));
        let made = p
            .drafts
            .iter()
            .flat_map(|d| std::iter::once(d).chain(d.children.iter().map(|(_, c)| c)))
            .flat_map(|d| &d.links)
            .filter(|l| l.make.is_some() && p.fresh.contains_key(&l.target))
            .map(|l| peyvand_text::fold(&l.target.text))
            .collect();
        let objects = p
            .drafts
            .iter()
            .flat_map(|d| std::iter::once(d).chain(d.children.iter().map(|(_, c)| c)))
            .map(|d| d.object.key.as_str())
            .collect::<HashSet<_>>()
            .into_iter()
            .map(Arc::from)
            .collect();
        let summed = p.drafts.iter().filter_map(sums::parent_of).cloned().collect();
        let engine = Arc::clone(self.app.store.engine());
        self.flight = Some(Flight {
            answer: tokio::spawn(async move {
                if p.plan.steps.is_empty() {
                    Ok(())
                } else {
                    engine.apply(p.plan).await
                }
            }),
            drafts: p.drafts,
            written: p.written,
            fresh: p.fresh,
            marks: p.marks,
            names: p.names,
            made,
            objects,
            numbers: p.numbers,
            keyed: p.keyed,
            summed,
        });
    }

    /// The end of the flight, and whether it went as it was decided.
    async fn land(&mut self, journal: &mut impl Journal) -> Result<bool, AppError> {
        let Some(flight) = self.flight.take() else {
            return Ok(true);
        };
        let outcome = match flight.answer.await {
            Ok(outcome) => outcome,
            Err(_) => Err(StoreError::Engine("the writing task ended early".to_owned())),
        };
        match outcome {
            Ok(()) => {
                journal.landed(&flight.written);
                Ok(true)
            }
            // One draft was refused: which one is found out by smaller transactions.
            Err(StoreError::Conflict(_)) => {
                for t in flight.fresh.keys() {
                    self.known.remove(t);
                }
                self.give_back(flight.numbers);
                let written = self.write(flight.drafts).await?;
                journal.redone(&written);
                journal.landed(&written);
                Ok(false)
            }
            Err(e) => Err(e.into()),
        }
    }

    /// Writes drafts, at most [`CHUNK`] in a transaction. A draft that the database refuses does not hold the others.
    ///
    /// # Errors
    /// What is not about a single draft: no rights, no database.
    pub async fn write(&mut self, drafts: Vec<Draft>) -> Result<Vec<Written>, AppError> {
        let mut out = Vec::with_capacity(drafts.len());
        let mut queue: Vec<(Vec<Draft>, u32)> = Vec::new();
        let mut rest = drafts;
        while rest.len() > CHUNK {
            let tail = rest.split_off(CHUNK);
            queue.push((std::mem::replace(&mut rest, tail), 0));
        }
        queue.push((rest, 0));
        queue.reverse();
        while let Some((part, tries)) = queue.pop() {
            if part.is_empty() {
                continue;
            }
            match self.attempt(part).await? {
                Attempt::Done(written, later) => {
                    out.extend(written);
                    queue.push((later, 0));
                }
                Attempt::TooLarge(mut part) => {
                    let second = part.split_off(part.len() / 2);
                    queue.push((second, tries));
                    queue.push((part, tries));
                }
                Attempt::Conflict(error, mut part) => {
                    if part.len() > 1 {
                        let second = part.split_off(part.len() / 2);
                        queue.push((second, 0));
                        queue.push((part, 0));
                    } else if tries < TRIES && matches!(error, AppError::Store(_)) {
                        queue.push((part, tries + 1));
                    } else if let Some(draft) = part.pop() {
                        let fields = match &error {
                            AppError::Duplicate { fields } => fields.clone(),
                            e => e.code().to_owned(),
                        };
                        out.push(Written {
                            row: draft.row,
                            object: draft.object.key.as_str().into(),
                            id: None,
                            outcome: Outcome::Duplicate(fields),
                            keyed: None,
                            left: Vec::new(),
                        });
                    }
                }
            }
        }
        Ok(out)
    }

    async fn attempt(&mut self, part: Vec<Draft>) -> Result<Attempt, AppError> {
        let mut p = self.prepare(part).await?;
        if p.is_too_large() {
            return Ok(Attempt::TooLarge(self.discard(p)));
        }
        if !p.plan.steps.is_empty() {
            let w = &self.caller.workspace;
            let plan = std::mem::take(&mut p.plan);
            let outcome = self
                .app
                .store
                .apply_prepared(w.id, &w.layout, &p.batch, plan)
                .await;
            match outcome {
                Ok(()) => {}
                Err(StoreError::Conflict(c)) => {
                    return Ok(Attempt::Conflict(StoreError::Conflict(c).into(), self.discard(p)));
                }
                Err(e) => return Err(e.into()),
            }
        }
        if crate::teams::writes_people(&p.batch) {
            self.app.read_teams(&self.caller.workspace).await?;
        }
        self.remember(&mut p);
        self.known.extend(p.fresh);
        Ok(Attempt::Done(p.written, p.later))
    }

    /// Decides a chunk: reads what is there and makes the transaction.
    async fn prepare(&mut self, part: Vec<Draft>) -> Result<Prepared, AppError> {
        if self.known.len() > KEPT && self.flight.is_none() {
            self.known.clear();
        }
        let mut context = self.app.context(self.caller);
        // The audit log tells by this which changes were the operation's own.
        context.request = self.operation;
        let catalog = Arc::clone(self.caller.workspace.catalog());
        let writer = Writer {
            catalog: &catalog,
            context: &context,
            ids: &self.app.ids,
            zone: &self.caller.workspace.settings.time_zone,
            teams: self.app.teams(self.caller.workspace.id),
        };
        // Two drafts of one key in one transaction: the second one waits, so that it finds the first.
        let mut seen: HashSet<(String, String)> = HashSet::with_capacity(part.len() * 3);
        let (mut now, mut later) = (Vec::with_capacity(part.len()), Vec::new());
        for draft in part {
            let marks = self.marks(&draft);
            if later.is_empty() && marks.iter().all(|m| !seen.contains(m)) {
                seen.extend(marks);
                now.push(draft);
            } else {
                later.push(draft);
            }
        }
        let mut making = Making {
            numbers: self.numbers_for(&now, &later),
            ..Making::default()
        };
        let mut found = self.by_keys(&now).await?;
        for (draft, f) in now.iter().zip(&mut found) {
            let id = *f.id.get_or_insert_with(|| match draft.made {
                Some(made) => id_at(made),
                None => self.app.ids.next(context.now),
            });
            if let Some(key) = &draft.key {
                making.fresh.insert(self.own(draft, key), id);
            }
        }
        self.resolve(&now, &writer, &mut making).await?;
        let waiting = self.without_parents(&now, &making.fresh);
        if !waiting.is_empty() {
            let (mut ready, mut waits) = (Vec::new(), Vec::new());
            for (i, (draft, f)) in now.into_iter().zip(found).enumerate() {
                if waiting.contains(&i) {
                    if let Some(key) = &draft.key {
                        making.fresh.remove(&self.own(&draft, key));
                    }
                    waits.push(draft);
                } else {
                    ready.push((draft, f));
                }
            }
            (now, found) = ready.into_iter().unzip();
            waits.append(&mut later);
            later = waits;
        }
        let order = self.parents_first(&now);
        if !order.is_sorted() {
            let mut all: Vec<Option<(Draft, Found)>> = now.into_iter().zip(found).map(Some).collect();
            let ordered = order.iter().filter_map(|i| all.get_mut(*i)?.take());
            (now, found) = ordered.unzip();
        }
        if self.matching {
            self.find_same(&now, &mut found, &making.fresh).await?;
            self.see_keys(&now, &mut found).await?;
        }
        self.reserve(&now, &found, &mut making.numbers).await?;
        making.parents = self.parents_of(&now, &making.fresh).await?;
        let mut circles = self.circles(&now, &found, &mut making).await?;
        let mut names = Names::new();
        for (at, (draft, mut f)) in now.iter().zip(found).enumerate() {
            if let Some(e) = circles.remove(&at) {
                making.written.push(self.refused(draft, &f, e, &mut making.fresh));
                continue;
            }
            let name = self.name_of(draft, &making.fresh);
            if let Some(n) = &name {
                self.meet(&mut f, n, &names);
            }
            if self.dry {
                self.recall(draft, &mut f);
            }
            let outcome = self.one(draft, f, &writer, &mut making).await?;
            if let (
                Some(n),
                Some(Written {
                    id: Some(id),
                    outcome: Outcome::Created,
                    ..
                }),
            ) = (name, &outcome)
            {
                names
                    .entry(n)
                    .or_insert_with(|| Record::new(&draft.object, *id, context.now, context.actor));
            }
            making.written.extend(outcome);
        }
        self.sum_up(&now, &writer, &mut making).await?;
        let Making {
            mut batch,
            fresh,
            written,
            numbers,
            played,
            keyed,
            parents: _,
        } = making;
        let numbers = self.settle(numbers);
        let plan = if self.dry || batch.is_empty() {
            Plan::default()
        } else {
            self.app.twin_batch(self.caller, &mut batch).await?;
            self.app
                .store
                .prepare(
                    &context,
                    &self.caller.workspace.layout,
                    &self.caller.policy,
                    &batch,
                )
                .await?
        };
        let prepared = Prepared {
            plan,
            batch,
            drafts: now,
            later,
            written,
            fresh,
            marks: seen,
            names,
            numbers,
            played,
            keyed,
        };
        self.learn(&prepared);
        Ok(prepared)
    }
}
