//! What holds when a deal enters a stage, and where its card stands on the board.

use peyvand_catalog::handles::{deal, pipeline, stage};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::{Id, Instant};
use peyvand_record::codec::{Expected, FieldError, FieldErrorCode};
use peyvand_record::{Record, Value};

/// The stage that a change leads a deal into, whether it names the stage, the pipeline or the status; a new deal begins in the
/// first open stage of its pipeline, or of the first one. None where it stays, and where there are no stages at all.
///
/// # Errors
/// A stage and a pipeline that do not belong together; a status for which the pipeline has no stage; no stage any more.
pub fn destination<'s>(
    object: &ObjectDef,
    pipelines: &[Record],
    stages: &'s [Record],
    before: Option<&Record>,
    values: &[(FieldIx, Value)],
) -> Result<Option<&'s Record>, FieldError> {
    let fault = |ix: FieldIx, code, said: &str| match object.at(ix) {
        Some(f) => FieldError::of(f, code, said, Expected::SomeValue),
        None => FieldError::unknown("", said),
    };
    let given = |ix: FieldIx| values.iter().find(|(i, _)| *i == ix).map(|(_, v)| v);
    let stood = |ix: FieldIx| before.map(|b| b.get(ix)).filter(|v| !v.is_null());
    let new = |ix: FieldIx| given(ix).filter(|v| !v.is_null() && stood(ix) != Some(*v));
    let pipeline_of = |s: &Record| s.get(stage::PIPELINE_ID).as_id();

    if let Some(to) = new(deal::STAGE_ID).and_then(Value::as_id) {
        let Some(stage) = stages.iter().find(|s| s.id() == to) else {
            return Err(fault(
                deal::STAGE_ID,
                FieldErrorCode::NoSuchRecord,
                &to.to_string(),
            ));
        };
        let other = new(deal::PIPELINE_ID).and_then(Value::as_id);
        return match other.filter(|p| pipeline_of(stage) != Some(*p)) {
            Some(_) => Err(fault(deal::STAGE_ID, FieldErrorCode::OtherPipeline, "")),
            None => Ok(Some(stage)),
        };
    }
    if stages.is_empty() {
        return Ok(None);
    }
    if stood(deal::STAGE_ID).is_some() && given(deal::STAGE_ID).is_some_and(Value::is_null) {
        return Err(fault(deal::STAGE_ID, FieldErrorCode::Required, ""));
    }
    let first = || {
        pipelines
            .iter()
            .min_by_key(|p| p.get(pipeline::POSITION).as_int().unwrap_or(0))
    };
    let new_pipeline = new(deal::PIPELINE_ID).and_then(Value::as_id);
    let at = new_pipeline
        .or_else(|| stood(deal::PIPELINE_ID).and_then(Value::as_id))
        .or_else(|| first().map(Record::id));
    let first_of = |kind: &str| {
        stages
            .iter()
            .filter(|s| pipeline_of(s) == at && kind_of(s) == kind)
            .min_by_key(|s| s.get(stage::POSITION).as_int().unwrap_or(0))
    };
    let status = stood(deal::STATUS).and_then(Value::as_str).unwrap_or(OPEN);
    match new(deal::STATUS).and_then(Value::as_str).filter(|s| *s != status) {
        Some(kind) => match first_of(kind) {
            Some(stage) => Ok(Some(stage)),
            None => Err(fault(deal::STATUS, FieldErrorCode::NoSuchStage, kind)),
        },
        None if before.is_none() || new_pipeline.is_some() => Ok(first_of(OPEN)),
        None => Ok(None),
    }
}

/// The kind of a stage, and the status of a deal in it, where nothing is said.
const OPEN: &str = "open";

fn kind_of(stage: &Record) -> &str {
    stage.get(stage::KIND).as_str().unwrap_or(OPEN)
}

/// The values of a deal that enters a stage: what the caller sets, and what follows from the stage (pipeline, status,
/// probability, the day of closing, the time of entering). `before` is the deal as it is; `None` for a new one.
///
/// # Errors
/// The fields that the stage asks for and the deal would not have: those it lists, the next step, and the reason of a
/// loss when `reasons` says that the workspace has some to choose from.
pub fn enter_stage(
    object: &ObjectDef,
    stage: &Record,
    before: Option<&Record>,
    mut values: Vec<(FieldIx, Value)>,
    now: Instant,
    today: i32,
    reasons: bool,
) -> Result<Vec<(FieldIx, Value)>, Vec<FieldError>> {
    let kind = kind_of(stage).to_owned();
    let mut put = |ix: FieldIx, v: Value, always: bool| match values.iter_mut().find(|(i, _)| *i == ix) {
        Some(own) if always => own.1 = v,
        Some(_) => {}
        None => values.push((ix, v)),
    };
    put(deal::STAGE_ID, Value::Id(stage.id()), true);
    if let Some(p) = stage.get(stage::PIPELINE_ID).as_id() {
        put(deal::PIPELINE_ID, Value::Id(p), true);
    }
    put(deal::STATUS, Value::Choice(kind.as_str().into()), true);
    if let Some(p) = stage.get(stage::PROBABILITY).as_int() {
        put(deal::PROBABILITY, Value::Int(p), false);
    }
    put(deal::STAGE_ENTERED_AT, Value::Instant(now), true);
    if before.is_none() {
        put(deal::OPENED_ON, Value::Date(today), false);
    }
    if kind == OPEN {
        put(deal::CLOSED_ON, Value::Null, false);
        put(deal::LOST_REASON_ID, Value::Null, false);
    } else {
        put(deal::CLOSED_ON, Value::Date(today), false);
    }
    let has = |ix: FieldIx| match values.iter().find(|(i, _)| *i == ix) {
        Some((_, v)) => !v.is_null(),
        None => before.is_some_and(|b| !b.get(ix).is_null()),
    };
    let mut asked: Vec<FieldIx> = Vec::new();
    if let Value::Json(list) = stage.get(stage::REQUIRED_FIELDS)
        && let Some(keys) = list.as_array()
    {
        asked.extend(
            keys.iter()
                .filter_map(|k| k.as_str())
                .filter_map(|k| object.field(k))
                .map(|(ix, _)| ix),
        );
    }
    if *stage.get(stage::NEXT_STEP_REQUIRED) == Value::Bool(true) {
        asked.push(deal::NEXT_STEP);
    }
    if kind == "lost" && reasons {
        asked.push(deal::LOST_REASON_ID);
    }
    asked.sort_unstable();
    asked.dedup();
    let missing: Vec<FieldError> = asked
        .into_iter()
        .filter(|ix| !has(*ix))
        .filter_map(|ix| object.at(ix))
        .map(|f| FieldError::of(f, FieldErrorCode::Required, "", Expected::SomeValue))
        .collect();
    if missing.is_empty() {
        Ok(values)
    } else {
        Err(missing)
    }
}

/// The values of a deal that another system had in this stage, or for which this is the place: what the file says stays, and the rest follows from the
/// stage (pipeline, status, probability). Nothing is asked for: what happened elsewhere has happened.
#[must_use]
pub fn brought_into_stage(stage: &Record, mut values: Vec<(FieldIx, Value)>) -> Vec<(FieldIx, Value)> {
    let mut put = |ix: FieldIx, v: &Value| {
        if !v.is_null() && !values.iter().any(|(i, own)| *i == ix && !own.is_null()) {
            values.retain(|(i, _)| *i != ix);
            values.push((ix, v.clone()));
        }
    };
    put(deal::STAGE_ID, &Value::Id(stage.id()));
    put(deal::PIPELINE_ID, stage.get(stage::PIPELINE_ID));
    put(deal::STATUS, stage.get(stage::KIND));
    put(deal::PROBABILITY, stage.get(stage::PROBABILITY));
    values
}

/// Has the deal stood in its stage for longer than the stage allows?
#[must_use]
pub fn rotting(deal: &Record, stage: &Record, now: Instant) -> bool {
    let Some(days) = stage.get(stage::ROTTING_DAYS).as_int().filter(|d| *d > 0) else {
        return false;
    };
    let since = deal.get(deal::STAGE_ENTERED_AT).as_instant().or_else(|| {
        deal.get(peyvand_catalog::definition::system::CREATED_AT)
            .as_instant()
    });
    since.is_some_and(|at| now.micros().saturating_sub(at.micros()) > days.saturating_mul(Instant::DAY))
}

const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The rank of a card that nobody has put anywhere yet: the newest first. An id's first 48 bits are its time in
/// milliseconds (UUID version 7, RFC 9562).
#[must_use]
pub fn first_rank(id: Id) -> String {
    let mut time: u64 = 0;
    for b in &id.bytes()[..6] {
        time = (time << 8) | u64::from(*b);
    }
    format!("i{:012x}", 0xFFFF_FFFF_FFFF - time)
}

/// A rank between two others, so that moving a card writes one row only. `None` is the top or the bottom. Ranks are
/// compared as text; the answer ends with no zero, so that there is always room before it.
#[must_use]
pub fn rank_between(above: Option<&str>, below: Option<&str>) -> String {
    let value = |c: u8| DIGITS.iter().position(|d| *d == c).unwrap_or(0);
    let a: Vec<usize> = above.unwrap_or_default().bytes().map(value).collect();
    let b: Option<Vec<usize>> = below.map(|s| s.bytes().map(value).collect());
    let mut out = Vec::new();
    // Once the answer is below `b` in an earlier place, `b` bounds nothing any more.
    let mut bounded = b.is_some();
    for at in 0..64 {
        let low = a.get(at).copied().unwrap_or(0);
        let high = match &b {
            Some(b) if bounded => b.get(at).copied().unwrap_or(0),
            _ => DIGITS.len(),
        };
        if high > low + 1 {
            let middle = usize::midpoint(low, high);
            out.push(middle);
            break;
        }
        out.push(low);
        if high > low {
            bounded = false;
        }
    }
    out.iter()
        .map(|d| char::from(DIGITS.get(*d).copied().unwrap_or(b'0')))
        .collect()
}
