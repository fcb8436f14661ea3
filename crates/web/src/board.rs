//! Open deals by stage: weighted sums, cards, and moving them by form, by keyboard and by drag.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use peyvand_app::{App, AppError, Caller, ListRequest};
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{deal, pipeline, stage};
use peyvand_core::Id;
use peyvand_i18n::{Args, keys};
use peyvand_numbers::{Currency, Money};
use peyvand_record::{Reach, Record, Value, Verb};
use serde::Deserialize;
use serde_json::json;

use crate::door::{Visitor, say};
use crate::fields;
use crate::form::id_of;
use crate::shell::{self, Answer, Chrome, html, initials, pigment};

/// Most deals that a board reads.
const MOST: usize = 2000;
/// Most cards of a column.
const CARDS: usize = 60;

/// A card.
struct Card {
    id: String,
    version: i64,
    title: String,
    amount: String,
    about: String,
    due: String,
    late: bool,
    owner: String,
    owner_name: String,
    owner_pigment: &'static str,
}

/// A column.
struct Column {
    id: String,
    label: String,
    color: String,
    count: String,
    total: String,
    weighted: String,
    cards: Vec<Card>,
    more: String,
}

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    c: Chrome,
    js: String,
    count: String,
    pipelines: Vec<(String, String, bool)>,
    columns: Vec<Column>,
    may_create: bool,
    may_move: bool,
    new_label: String,
    refused: String,
}

/// Which pipeline is shown, and what was refused on the way here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pipeline: String,
    refused: String,
}

/// All records that match, up to a bound.
async fn all(
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
            sort: Some(sort.to_owned()),
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
        let base = m.base.unwrap_or(m.minor);
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

/// Open deals that the caller may see.
pub(crate) async fn open_deals(app: &App, caller: &Caller) -> Result<Vec<Record>, AppError> {
    all(
        app,
        caller,
        "deals",
        Some("status = open".to_owned()),
        "-created_at",
        MOST,
    )
    .await
}

pub(crate) fn base_currency(caller: &Caller) -> Currency {
    Currency::new(&caller.workspace.settings.base_currency).unwrap_or(Currency::IRR)
}

/// The board.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    if caller.policy.reach("deal", Verb::Read) == Reach::None {
        return Err(shell::failure(&AppError::Forbidden, v.language));
    }
    let pipelines = all(&app, caller, "pipelines", None, "position", 100)
        .await
        .map_err(visitor.fail())?;
    let shown = pipelines
        .iter()
        .find(|p| p.id().to_string() == asked.pipeline)
        .or(pipelines.first());
    let stages: Vec<Record> = stages(&app, caller)
        .await
        .map_err(visitor.fail())?
        .into_iter()
        .filter(|s| shown.is_some_and(|p| s.get(stage::PIPELINE_ID).as_id() == Some(p.id())))
        .filter(|s| s.get(stage::KIND).as_str() != Some("lost"))
        .collect();
    let deals = open_deals(&app, caller).await.map_err(visitor.fail())?;
    let object = app.object(caller, "deals").map_err(visitor.fail())?;
    let columns = [deal::COMPANY_ID, deal::CONTACT_ID, system::OWNER_ID];
    let titles = fields::titles_of(&app, caller, &object, &deals, &columns)
        .await
        .map_err(visitor.fail())?;
    let name = |value: &Value| {
        value
            .as_id()
            .and_then(|id| titles.get(&id).cloned())
            .unwrap_or_default()
    };
    let currency = base_currency(caller);
    let mut out = Vec::new();
    for s in &stages {
        let own: Vec<&Record> = deals
            .iter()
            .filter(|d| d.get(deal::STAGE_ID).as_id() == Some(s.id()))
            .collect();
        let (total, weighted) = sums(&own, s.get(stage::PROBABILITY).as_int().unwrap_or(0));
        out.push(Column {
            id: s.id().to_string(),
            label: s.get(stage::NAME).as_str().unwrap_or_default().to_owned(),
            color: s
                .get(stage::COLOR)
                .as_str()
                .unwrap_or(match s.get(stage::KIND).as_str() {
                    Some("won") => "pistachio",
                    _ => "lapis",
                })
                .to_owned(),
            count: v.number(own.len() as i64),
            total: v.amount(Money::new(total, currency), true),
            weighted: v.amount(Money::new(weighted, currency), true),
            more: if own.len() > CARDS {
                v.with(
                    keys::WEB_BOARD_MORE,
                    &Args::new().number("count", (own.len() - CARDS) as i64),
                )
            } else {
                String::new()
            },
            cards: own
                .iter()
                .take(CARDS)
                .map(|d| {
                    let company = name(d.get(deal::COMPANY_ID));
                    let due = if let Value::Date(day) = d.get(deal::EXPECTED_CLOSE) {
                        Some(*day)
                    } else {
                        None
                    };
                    let owner = name(d.get(system::OWNER_ID));
                    Card {
                        id: d.id().to_string(),
                        version: d.version(),
                        title: d.get(deal::NAME).as_str().unwrap_or_default().to_owned(),
                        amount: d
                            .get(deal::AMOUNT)
                            .as_money()
                            .map(|m| v.money(m, true))
                            .unwrap_or_default(),
                        about: if company.is_empty() {
                            name(d.get(deal::CONTACT_ID))
                        } else {
                            company
                        },
                        due: due.map(|day| v.date(day)).unwrap_or_default(),
                        late: due.is_some_and(|day| day < v.today()),
                        owner: initials(&owner),
                        owner_pigment: pigment(&owner),
                        owner_name: owner,
                    }
                })
                .collect(),
        });
    }
    let title = v.label(&object.labels).to_owned();
    let page = BoardPage {
        js: crate::assets::url("board.js"),
        count: v.count(deals.len() as u64, MOST as u64),
        pipelines: pipelines
            .iter()
            .map(|p| {
                (
                    p.id().to_string(),
                    p.get(pipeline::NAME).as_str().unwrap_or_default().to_owned(),
                    shown.is_some_and(|s| s.id() == p.id()),
                )
            })
            .collect(),
        columns: out,
        may_create: App::writable(caller, &object, Verb::Create).is_ok(),
        may_move: App::writable(caller, &object, Verb::Update).is_ok(),
        new_label: v.with(
            keys::WEB_NEW_OF,
            &Args::new().text("object", v.label(&object.label)),
        ),
        refused: if asked.refused.is_empty() {
            String::new()
        } else {
            v.with(
                keys::WEB_REFUSED,
                &Args::new().text(
                    "reason",
                    peyvand_i18n::text_of_code(v.language, &asked.refused, &Args::new()),
                ),
            )
        },
        c: Chrome::of(&visitor, &title),
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// Where a card goes.
#[derive(Debug, Deserialize)]
pub(crate) struct Move {
    stage: String,
    #[serde(default)]
    version: Option<i64>,
}

/// Moves a deal to another stage. A script is answered in JSON, a form by a page.
pub(crate) async fn move_deal(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(key): Path<String>,
    headers: HeaderMap,
    Form(to): Form<Move>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let id = id_of(&visitor, &key)?;
    let script = headers
        .get("accept")
        .and_then(|a| a.to_str().ok())
        .is_some_and(|a| a.starts_with("application/json"));
    match moved(&app, caller, id, &to).await {
        Ok(record) if script => {
            Ok(Json(json!({"version": record.version(), "said": v.t(keys::WEB_MOVED)})).into_response())
        }
        Ok(_) => Ok(say("/deals/board", "web-moved", "")),
        Err(e) if script => {
            let text = v.with(
                keys::WEB_REFUSED,
                &Args::new().text("reason", e.message(v.language)),
            );
            let status = shell::status(&e);
            Ok((status, Json(json!({"code": e.code(), "said": text}))).into_response())
        }
        Err(e) => Ok(refused(&e)),
    }
}

fn refused(e: &AppError) -> Response {
    axum::response::Redirect::to(&format!("/deals/board?refused={}", e.code())).into_response()
}

async fn moved(app: &App, caller: &Caller, id: Id, to: &Move) -> Result<Record, AppError> {
    let deals = app.object(caller, "deals")?;
    let stages = app.object(caller, "stages")?;
    let target: Id = to.stage.parse().map_err(|_| AppError::NotFound)?;
    let into = app.get(caller, &stages, target).await?;
    let mut values = vec![(deal::STAGE_ID, Value::Id(target))];
    if let Some(p) = into.get(stage::PIPELINE_ID).as_id() {
        values.push((deal::PIPELINE_ID, Value::Id(p)));
    }
    if let Some(kind) = into.get(stage::KIND).as_str() {
        values.push((deal::STATUS, Value::Choice(kind.into())));
    }
    app.patch_values(caller, &deals, id, values, to.version).await
}

/// Open deals of each stage: name, colour, number, total.
pub(crate) fn by_stage(stages: &[Record], deals: &[Record]) -> Vec<(String, String, usize, i64)> {
    let mut own: HashMap<Id, Vec<&Record>> = HashMap::new();
    for d in deals {
        if let Some(s) = d.get(deal::STAGE_ID).as_id() {
            own.entry(s).or_default().push(d);
        }
    }
    stages
        .iter()
        .filter_map(|s| {
            let list = own.get(&s.id())?;
            let (total, _) = sums(list, 0);
            Some((
                s.get(stage::NAME).as_str().unwrap_or_default().to_owned(),
                s.get(stage::COLOR).as_str().unwrap_or("lapis").to_owned(),
                list.len(),
                total,
            ))
        })
        .collect()
}
