//! The board of deals: the stages of a pipeline, and what stands in none of them.

use peyvand_app::App;
use peyvand_catalog::ObjectDef;
use peyvand_catalog::handles::{deal, stage};
use peyvand_i18n::keys;
use peyvand_numbers::Money;
use peyvand_record::Record;

use super::{CARDS, Column, Lines, base_currency, cards, drawn, more, shared, stages, sums};
use crate::door::{Visitor, encode};

/// Columns of the stages of a pipeline.
pub(super) async fn by_stage_of(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    records: &[Record],
    lines: &Lines,
) -> Result<Vec<Column>, axum::response::Response> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let shown = lines.shown;
    let (stages, elsewhere): (Vec<Record>, Vec<Record>) = stages(app, caller)
        .await
        .map_err(visitor.fail())?
        .into_iter()
        .partition(|s| shown.is_some() && s.get(stage::PIPELINE_ID).as_id() == shown);
    let mut stacks: Vec<Vec<&Record>> = stages
        .iter()
        .map(|s| {
            let mut own: Vec<(String, &Record)> = records
                .iter()
                .filter(|d| d.get(deal::STAGE_ID).as_id() == Some(s.id()))
                .map(|d| (peyvand_app::deals::rank_of(d), d))
                .collect();
            own.sort_by(|a, b| a.0.cmp(&b.0));
            own.into_iter().map(|(_, d)| d).collect()
        })
        .collect();
    // What stands in no stage that there is, or in one that another pipeline has, is lost from sight otherwise.
    let stray: Vec<&Record> = records
        .iter()
        .filter(|d| {
            let at = d.get(deal::STAGE_ID).as_id();
            let is = |s: &Record| Some(s.id()) == at;
            let here = d.get(deal::PIPELINE_ID).as_id().is_some_and(|p| shown == Some(p));
            lines.holds(d) && !stages.iter().any(is) && (here || !elsewhere.iter().any(is))
        })
        .collect();
    stacks.push(stray);
    let deck = cards::Deck::of(app, visitor, object, &drawn(&stacks)).await?;
    // Who does not see the amounts is shown no sum of them.
    let valued = caller.policy.sees("deal", deal::AMOUNT);
    let money = |n| {
        if valued {
            v.amount(Money::new(n, base_currency(caller)), true)
        } else {
            String::new()
        }
    };
    let mut out = Vec::new();
    let stray = stacks.pop().unwrap_or_default();
    if !stray.is_empty() {
        let (total, _) = sums(&stray, 0);
        let filter = match stages.as_slice() {
            [] => "stage_id = null".to_owned(),
            known => {
                let each = known.iter().chain(&elsewhere);
                let named: Vec<String> = each.map(|s| format!("stage_id = \"{}\"", s.id())).collect();
                format!("stage_id = null OR NOT ({})", named.join(" OR "))
            }
        };
        out.push((
            stray.len(),
            Column {
                id: String::new(),
                label: v.t(keys::BOARD_NO_STAGE),
                color: "clay".to_owned(),
                count: v.number(stray.len() as i64),
                total: money(total),
                weighted: String::new(),
                share: 0,
                kind: String::new(),
                cards: stray.iter().take(CARDS).map(|d| deck.card(d, None)).collect(),
                more: more(visitor, stray.len()),
                more_to: format!("/deals?filter={}", encode(&filter)),
                new: String::new(),
            },
        ));
    }
    for (s, own) in stages.iter().zip(stacks) {
        let (total, weighted) = sums(&own, s.get(stage::PROBABILITY).as_int().unwrap_or(0));
        let kind = s.get(stage::KIND).as_str().unwrap_or("open").to_owned();
        let filter = format!("stage_id = \"{}\"", s.id());
        out.push((
            own.len(),
            Column {
                id: s.id().to_string(),
                label: s.get(stage::NAME).as_str().unwrap_or_default().to_owned(),
                color: s
                    .get(stage::COLOR)
                    .as_str()
                    .unwrap_or(match kind.as_str() {
                        "won" => "pistachio",
                        "lost" => "anar",
                        _ => "lapis",
                    })
                    .to_owned(),
                count: v.number(own.len() as i64),
                total: money(total),
                weighted: if kind == "open" {
                    money(weighted)
                } else {
                    String::new()
                },
                share: 0,
                cards: own.iter().take(CARDS).map(|d| deck.card(d, Some(s))).collect(),
                more: more(visitor, own.len()),
                more_to: format!("/deals?filter={}", encode(&filter)),
                new: if kind == "open" {
                    format!("/deals/new?stage_id={}", s.id())
                } else {
                    String::new()
                },
                kind: if kind == "open" { String::new() } else { kind },
            },
        ));
    }
    Ok(shared(out))
}
