//! A board: records in columns by a choice field, deals by the stages of a pipeline. Moving a card is the same request by
//! mouse, touch, keyboard and form; the server decides.

mod cards;
mod moving;
mod staged;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use peyvand_app::{App, AppError, Caller, ListRequest};
use peyvand_catalog::handles::{deal, pipeline, stage};
use peyvand_catalog::{FieldIx, FieldType, ObjectDef, Writes};
use peyvand_core::Id;
use peyvand_i18n::{Args, keys};
use peyvand_numbers::{Currency, Money};
use peyvand_record::{Reach, Record, Value, Verb};

use crate::asking;
use crate::door::{Visitor, encode};
use crate::shell::{self, Answer, Chrome, html};
use cards::Card;
pub(crate) use moving::{back, move_card, move_deal};
use staged::by_stage_of;

/// Most records that a board reads.
const MOST: usize = 2000;
/// Most cards of a column that are drawn at once.
const CARDS: usize = 60;

/// A column.
struct Column {
    id: String,
    label: String,
    color: String,
    count: String,
    total: String,
    weighted: String,
    /// Its part of the greatest column, in twentieths.
    share: usize,
    /// Closes what is dropped here: `won`, `lost` or nothing.
    kind: String,
    cards: Vec<Card>,
    more: String,
    more_to: String,
    new: String,
}

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    c: Chrome,
    js: String,
    plural: String,
    object: String,
    icon: &'static str,
    label: String,
    count: String,
    pipelines: Vec<(String, String, bool)>,
    bys: Vec<(String, String, bool)>,
    facts: Vec<(String, String)>,
    columns: Vec<Column>,
    may_create: bool,
    may_move: bool,
    new_label: String,
    empty: String,
    by: String,
}

/// What the address says.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pipeline: String,
    by: String,
    filter: String,
}

/// All records that match, up to a bound.
pub(crate) async fn all(
    app: &App,
    caller: &Caller,
    plural: &str,
    filter: Option<String>,
    sort: &str,
    most: usize,
) -> Result<Vec<Record>, AppError> {
    let object = app.object(caller, plural)?;
    let mut out = Vec::new();
    let mut cursor = None;
    loop {
        let request = ListRequest {
            filter: filter.clone(),
            sort: asking::order(caller, &object, sort),
            limit: Some(200),
            cursor,
            ..ListRequest::default()
        };
        let page = app.list(caller, &object, &request).await?;
        out.extend(page.records);
        cursor = page.next;
        if cursor.is_none() || out.len() >= most {
            return Ok(out);
        }
    }
}

/// Sum of amounts in the base currency, and the same weighted by probability.
fn sums(deals: &[&Record], of_stage: i64) -> (i64, i64) {
    deals.iter().fold((0, 0), |(total, weighted), d| {
        let Some(m) = d.get(deal::AMOUNT).as_money() else {
            return (total, weighted);
        };
        // An amount whose rate is not known is worth nothing that could be added.
        let Some(base) = m.base else {
            return (total, weighted);
        };
        let p = d.get(deal::PROBABILITY).as_int().unwrap_or(of_stage);
        let part = i128::from(base) * i128::from(p) / 100;
        (
            total.saturating_add(base),
            weighted.saturating_add(i64::try_from(part).unwrap_or(i64::MAX)),
        )
    })
}

/// Stages of every pipeline, in order.
pub(crate) async fn stages(app: &App, caller: &Caller) -> Result<Vec<Record>, AppError> {
    all(app, caller, "stages", None, "position", 500).await
}

/// The condition of the deals on the board of a pipeline: open, or closed a short while ago. Those of other pipelines would
/// only take the place of its own.
fn of_pipeline(app: &App, caller: &Caller, object: &ObjectDef, lines: &Lines) -> String {
    let lately = ["status = open OR closed_on = last_days(30)", "status = open"];
    let lately = lately.into_iter().find(|c| asking::may(app, caller, object, c));
    let elsewhere: Vec<String> = lines.others().map(|p| format!("pipeline_id = \"{p}\"")).collect();
    // What stands in no pipeline that there is stands on each board.
    let own =
        (!elsewhere.is_empty()).then(|| format!("pipeline_id = null OR NOT ({})", elsewhere.join(" OR ")));
    let all = lately.map(str::to_owned).into_iter().chain(own);
    asking::conditions(app, caller, object, all).unwrap_or_default()
}

/// The pipelines that there are, and the one whose board is shown.
struct Lines {
    all: Vec<Id>,
    shown: Option<Id>,
}

impl Lines {
    fn others(&self) -> impl Iterator<Item = Id> + '_ {
        self.all.iter().copied().filter(|p| Some(*p) != self.shown)
    }

    /// Does the deal stand on the board that is shown? One without a pipeline, or whose pipeline is gone, stands on each.
    fn holds(&self, deal: &Record) -> bool {
        let own = deal.get(deal::PIPELINE_ID).as_id();
        own.is_none_or(|p| self.shown == Some(p) || !self.all.contains(&p))
    }
}

/// The currency in which sums are shown.
pub(crate) fn base_currency(caller: &Caller) -> Currency {
    Currency::new(&caller.workspace.settings.base_currency).unwrap_or(Currency::IRR)
}

/// Fields by which a board of the object can be made.
fn choices(object: &ObjectDef) -> impl Iterator<Item = (FieldIx, &peyvand_catalog::FieldDef)> {
    object
        .fields
        .iter()
        .enumerate()
        .map(|(i, f)| (FieldIx(i as u16), f))
        .filter(|(_, f)| {
            f.ty == FieldType::Choice && f.writes == Writes::Generic && f.filter && f.choices.len() > 1
        })
}

/// Can records of the object stand on a board?
pub(crate) fn has_board(object: &ObjectDef) -> bool {
    object.key == "deal"
        || (object.spine && object.writes == Writes::Generic && choices(object).next().is_some())
}

/// The board of deals, or of any object by one of its choices.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(plural): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    draw(&app, &visitor, &plural, &asked).await
}

async fn draw(app: &App, visitor: &Visitor, plural: &str, asked: &Asked) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = app.object(caller, plural).map_err(visitor.fail())?;
    if caller.policy.reach(&object.key, Verb::Read) == Reach::None || !has_board(&object) {
        return Err(shell::failure(&AppError::NotFound, v.language));
    }
    let deals = object.key == "deal";
    let by_field = choices(&object)
        .filter(|(ix, _)| caller.policy.sees(&object.key, *ix))
        .find(|(_, f)| f.key == asked.by || (asked.by.is_empty() && !deals))
        .map(|(ix, f)| (ix, f.key.clone()));
    let own = Some(asked.filter.trim()).filter(|f| !f.is_empty());
    let both = |more: &str| match (own, more) {
        (None, "") => None,
        (None, m) => Some(m.to_owned()),
        (Some(f), "") => Some(f.to_owned()),
        (Some(f), m) => Some(format!("({f}) AND {m}")),
    };
    let bys: Vec<(String, String, bool)> =
        std::iter::once((String::new(), v.t(keys::BOARD_BY_STAGE), by_field.is_none()))
            .filter(|_| deals)
            .chain(
                choices(&object)
                    .filter(|(ix, _)| caller.policy.sees(&object.key, *ix))
                    .map(|(ix, f)| {
                        let on = by_field.as_ref().is_some_and(|(i, _)| *i == ix);
                        (f.key.clone(), v.label(&f.label).to_owned(), on)
                    }),
            )
            .collect();
    let mut pipelines = Vec::new();
    let mut facts = Vec::new();
    let (records, columns) = if let Some((ix, _)) = &by_field {
        let records = all(app, caller, plural, both(""), "-created_at", MOST)
            .await
            .map_err(visitor.fail())?;
        let columns = by_choice(app, visitor, &object, &records, *ix).await?;
        (records.len(), columns)
    } else {
        let list = all(app, caller, "pipelines", None, "position", 100)
            .await
            .map_err(visitor.fail())?;
        let shown = list
            .iter()
            .find(|p| p.id().to_string() == asked.pipeline)
            .or(list.first())
            .map(Record::id);
        pipelines = list
            .iter()
            .map(|p| {
                (
                    p.id().to_string(),
                    p.get(pipeline::NAME).as_str().unwrap_or_default().to_owned(),
                    shown == Some(p.id()),
                )
            })
            .collect();
        let lines = Lines {
            all: list.iter().map(Record::id).collect(),
            shown,
        };
        let records = all(
            app,
            caller,
            "deals",
            both(&of_pipeline(app, caller, &object, &lines)),
            "-created_at",
            MOST,
        )
        .await
        .map_err(visitor.fail())?;
        let of: Vec<&Record> = records
            .iter()
            .filter(|r| r.get(deal::STATUS).as_str().unwrap_or("open") == "open")
            .filter(|r| shown.is_none() || lines.holds(r))
            .collect();
        let (total, weighted) = sums(&of, 0);
        let money = |n| v.amount(Money::new(n, base_currency(caller)), true);
        // Who does not see the amounts is shown no sum of them: a nought would be a lie.
        if caller.policy.sees("deal", deal::AMOUNT) {
            facts.push((v.t(keys::BOARD_OPEN_VALUE), money(total)));
            facts.push((v.t(keys::WEB_BOARD_SUM), money(weighted)));
        }
        let n = of.len();
        (n, by_stage_of(app, visitor, &object, &records, &lines).await?)
    };
    let label = v.label(&object.labels).to_owned();
    let page = BoardPage {
        js: crate::assets::url("board.js"),
        plural: plural.to_owned(),
        object: object.key.clone(),
        icon: shell::icon(&object.icon),
        count: v.count(records as u64, MOST as u64),
        pipelines,
        bys,
        facts,
        columns,
        may_create: App::writable(caller, &object, Verb::Create).is_ok(),
        may_move: App::writable(caller, &object, Verb::Update).is_ok(),
        new_label: v.new_of(&object.label),
        empty: v.t(keys::BOARD_EMPTY),
        by: by_field.map(|(_, k)| k).unwrap_or_default(),
        c: Chrome::of(visitor, &label),
        label,
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// Columns of the choices of a field, and one for records without a value.
async fn by_choice(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    records: &[Record],
    by: FieldIx,
) -> Result<Vec<Column>, axum::response::Response> {
    let v = &visitor.view;
    let Some(f) = object.at(by) else {
        return Ok(Vec::new());
    };
    let mut wanted: Vec<(Option<&str>, String, String)> = f
        .choices
        .iter()
        .filter(|c| !c.retired)
        .map(|c| {
            let label = if v.dir() == "rtl" { &c.fa } else { &c.en };
            (
                Some(c.key.as_str()),
                label.clone(),
                c.color.clone().unwrap_or_else(|| "clay".to_owned()),
            )
        })
        .collect();
    if records.iter().any(|r| r.get(by).is_null()) {
        wanted.push((None, v.t(keys::WEB_NO_VALUE), "clay".to_owned()));
    }
    let stacks: Vec<Vec<&Record>> = wanted
        .iter()
        .map(|(key, ..)| records.iter().filter(|r| r.get(by).as_str() == *key).collect())
        .collect();
    let deck = cards::Deck::of(app, visitor, object, &drawn(&stacks)).await?;
    let mut out: Vec<(usize, Column)> = Vec::new();
    for ((key, label, color), own) in wanted.into_iter().zip(stacks) {
        let filter = match key {
            Some(k) => format!("{} = {k}", f.key),
            None => format!("{} = null", f.key),
        };
        let n = own.len();
        let (total, _) = if object.key == "deal" {
            sums(&own, 0)
        } else {
            (0, 0)
        };
        out.push((
            n,
            Column {
                id: key.unwrap_or_default().to_owned(),
                label,
                color,
                count: v.number(n as i64),
                total: if total > 0 {
                    v.amount(Money::new(total, base_currency(&visitor.session.caller)), true)
                } else {
                    String::new()
                },
                weighted: String::new(),
                share: 0,
                kind: String::new(),
                cards: own.iter().take(CARDS).map(|r| deck.card(r, None)).collect(),
                more: more(visitor, n),
                more_to: format!("/{}?filter={}", object.plural, encode(&filter)),
                new: key.map_or_else(String::new, |k| format!("/{}/new?{}={k}", object.plural, f.key)),
            },
        ));
    }
    Ok(shared(out))
}

/// The records of the cards that are drawn: the names of what all others link to are not asked for.
fn drawn<'a>(stacks: &[Vec<&'a Record>]) -> Vec<&'a Record> {
    stacks
        .iter()
        .flat_map(|s| s.iter().take(CARDS).copied())
        .collect()
}

fn more(visitor: &Visitor, n: usize) -> String {
    if n > CARDS {
        visitor
            .view
            .with(keys::BOARD_MORE, &Args::new().number("count", (n - CARDS) as i64))
    } else {
        String::new()
    }
}

fn shared(list: Vec<(usize, Column)>) -> Vec<Column> {
    let most = list.iter().map(|(n, _)| *n).max().unwrap_or(0).max(1);
    list.into_iter()
        .map(|(n, mut c)| {
            c.share = (n * 20).div_ceil(most);
            c
        })
        .collect()
}

/// Open deals of each stage: id, name, colour, number, total.
pub(crate) fn by_stage(stages: &[Record], deals: &[Record]) -> Vec<(Id, String, String, usize, i64)> {
    stages
        .iter()
        .filter_map(|s| {
            let own: Vec<&Record> = deals
                .iter()
                .filter(|d| d.get(deal::STAGE_ID).as_id() == Some(s.id()))
                .collect();
            if own.is_empty() {
                return None;
            }
            let (total, _) = sums(&own, 0);
            Some((
                s.id(),
                s.get(stage::NAME).as_str().unwrap_or_default().to_owned(),
                s.get(stage::COLOR).as_str().unwrap_or("lapis").to_owned(),
                own.len(),
                total,
            ))
        })
        .collect()
}

/// Has the record no value here?
fn blank(v: &Value) -> bool {
    v.is_null() || v.as_str().is_some_and(|s| s.trim().is_empty())
}
