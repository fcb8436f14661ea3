//! Deals on their way: a change of stage brings what the stage asks for and what follows from it, by whichever door it
//! comes; a card's place on the board.

use peyvand_calendar::zone;
use peyvand_catalog::handles::{contact, deal, stage};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::{Actor, Id};
use peyvand_domain::deals;
use peyvand_record::policy::Policy;
use peyvand_record::query::{DeletedScope, Query};
use peyvand_record::{Batch, Record, Value, Verb};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Where a card goes.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The stage.
    pub stage: Option<Id>,
    /// The card above it there.
    pub above: Option<Id>,
    /// The card below it there.
    pub below: Option<Id>,
}

/// The rank by which a deal stands in its column.
#[must_use]
pub fn rank_of(record: &Record) -> String {
    record
        .get(deal::RANK)
        .as_str()
        .map_or_else(|| deals::first_rank(record.id()), str::to_owned)
}

impl App {
    /// The values of a change of a deal with what its stage adds to them, when it enters one: because the change names the
    /// stage, or a pipeline or a status that it leads to.
    ///
    /// # Errors
    /// What the stage asks for and the deal does not have; a stage, a pipeline and a status that do not belong together.
    pub(crate) async fn with_stage(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        before: Option<&Record>,
        mut values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        const LEADING: [FieldIx; 3] = [deal::STAGE_ID, deal::PIPELINE_ID, deal::STATUS];
        if before.is_some() && !values.iter().any(|(ix, _)| LEADING.contains(ix)) {
            return Ok(values);
        }
        let Some(stage) = self.entered(caller, object, before, &values).await? else {
            // A stage has its pipeline, whatever a form left empty.
            let staged = before.is_some_and(|b| !b.get(deal::STAGE_ID).is_null());
            values.retain(|(ix, v)| !(staged && *ix == deal::PIPELINE_ID && v.is_null()));
            return Ok(values);
        };
        let w = &caller.workspace;
        let all = Policy::all(Actor::System);
        let lost = stage.get(stage::KIND).as_str() == Some("lost");
        let reasons = lost
            && self
                .store
                .count(w.id, &w.layout, &all, &Query::of("lost_reason"), 1)
                .await?
                > 0;
        let now = self.clock.now();
        let tz = zone::zone(&w.settings.time_zone).unwrap_or_else(zone::tehran);
        let today = zone::day_of(now.micros(), &tz);
        deals::enter_stage(object, &stage, before, values, now, today, reasons).map_err(AppError::Invalid)
    }

    /// The stage that a change leads a deal into; none where it stays.
    async fn entered(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        before: Option<&Record>,
        values: &[(FieldIx, Value)],
    ) -> Result<Option<Record>, AppError> {
        let w = &caller.workspace;
        let named = |ix: FieldIx| values.iter().find(|(i, _)| *i == ix).map(|(_, v)| v);
        // A card that is moved names its stage and nothing else: that one is all that has to be read.
        if let Some(Value::Id(to)) = named(deal::STAGE_ID)
            && named(deal::PIPELINE_ID).is_none()
            && named(deal::STATUS).is_none()
        {
            if before.is_some_and(|b| b.get(deal::STAGE_ID).as_id() == Some(*to)) {
                return Ok(None);
            }
            let (all, live) = (Policy::all(Actor::System), DeletedScope::Live);
            let stage = self.store.get(w.id, &w.layout, &all, "stage", *to, live).await?;
            return stage.map(Some).ok_or(AppError::NotFound);
        }
        let (pipelines, stages) = tokio::try_join!(self.all_of(w, "pipeline"), self.all_of(w, "stage"))?;
        deals::destination(object, &pipelines, &stages, before, values)
            .map(Option::<&Record>::cloned)
            .map_err(|e| AppError::Invalid(vec![e]))
    }

    /// Moves a deal's card: to another stage, to another place in its column, or both. `values` are what the stage asked
    /// for (the reason of a loss).
    ///
    /// # Errors
    /// `Invalid` with the fields that the stage asks for; `Changed` when the stage was changed by somebody else since
    /// `version`.
    pub async fn move_deal(
        &self,
        caller: &Caller,
        id: Id,
        place: &Place,
        mut values: Vec<(FieldIx, Value)>,
        version: Option<i64>,
    ) -> Result<Record, AppError> {
        let object = self.object(caller, "deals")?;
        if let Some(s) = place.stage {
            values.push((deal::STAGE_ID, Value::Id(s)));
        }
        if place.above.is_some() || place.below.is_some() {
            let w = &caller.workspace;
            let ids: Vec<Id> = [place.above, place.below].into_iter().flatten().collect();
            let near = self.allowed(w, &caller.policy, "deal", &ids, Verb::Read).await?;
            let rank = |id: Option<Id>| near.iter().find(|r| Some(r.id()) == id).map(rank_of);
            let (above, below) = (rank(place.above), rank(place.below));
            // Two neighbours that somebody else has swapped meanwhile: below the upper one.
            let below = below.filter(|b| above.as_ref().is_none_or(|a| a < b));
            let new = deals::rank_between(above.as_deref(), below.as_deref());
            values.push((deal::RANK, Value::Text(new.into())));
        }
        self.patch_values(caller, &object, id, values, version).await
    }

    /// A contact who asked for something becomes a contact with a deal, in one step: both or neither.
    ///
    /// # Errors
    /// No right to make deals; no open stage; what the stage asks for.
    pub async fn lead_to_deal(
        &self,
        caller: &Caller,
        contact_values: Option<Vec<(FieldIx, Value)>>,
        contact_id: Option<Id>,
        mut deal_values: Vec<(FieldIx, Value)>,
    ) -> Result<(Record, Record), AppError> {
        let contacts = self.object(caller, "contacts")?;
        let deals_of = self.object(caller, "deals")?;
        Self::writable(caller, &deals_of, Verb::Create)?;
        let context = self.context(caller);
        let writer = self.writer(caller, &context);
        let mut batch = Batch::default();
        let person = match (contact_id, contact_values) {
            (Some(id), _) => {
                let before = self.raw(caller, &contacts, id, DeletedScope::Live).await?;
                let next = vec![(contact::LIFECYCLE, Value::Choice("acquired".into()))];
                if before.get(contact::LIFECYCLE).as_str().unwrap_or("identified") == "identified" {
                    let points = self.points_of(caller, &contacts, &before).await?;
                    let (after, part) = writer
                        .patch(&contacts, &before, next, &points)
                        .map_err(AppError::Invalid)?;
                    batch.append(part);
                    after
                } else {
                    before
                }
            }
            (None, Some(values)) => {
                Self::writable(caller, &contacts, Verb::Create)?;
                self.check_fields(caller, &contacts, &values)?;
                let (record, part) = writer.create(&contacts, values).map_err(AppError::Invalid)?;
                batch.append(part);
                record
            }
            (None, None) => return Err(AppError::NotFound),
        };
        deal_values.push((deal::CONTACT_ID, Value::Id(person.id())));
        if let Some(c) = person.get(contact::COMPANY_ID).as_id() {
            deal_values.push((deal::COMPANY_ID, Value::Id(c)));
        }
        self.check_fields(caller, &deals_of, &deal_values)?;
        let deal_values = self.with_rules(caller, &deals_of, None, deal_values).await?;
        let (made, part) = writer.create(&deals_of, deal_values).map_err(AppError::Invalid)?;
        batch.append(part);
        self.store
            .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
            .await?;
        Ok((person, made))
    }
}
