//! Records in groups by the values of a field, with counts and sums.

use std::collections::HashMap;

use axum::http::{Method, StatusCode};
use peyvand_app::records::{GroupRequest, MOST_GROUPS};
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::keys;
use peyvand_record::{MoneyValue, Value, Verb, codec};
use serde_json::{Map, json};

use crate::call::{Answer, Call, json_answer};
use crate::shape::{Shape, may, must};
use crate::table::{Access, Kind, Operation, Param, Reply, operation};

/// Groups of an answer when nothing is said.
const GROUPS: usize = 100;
const COUNT: Shape = Shape::Whole(0, i64::MAX);
/// By field, as values of records are written; null where there is nothing to sum.
const SUMS: Shape = Shape::Map(&Shape::Any);

/// A page of the groups, the largest first, and what all others come to.
const ANSWER: Shape = Shape::Object(&[
    must("by", Shape::Text(60)),
    must("total", COUNT),
    must(
        "data",
        Shape::List(
            &Shape::Object(&[
                must("value", Shape::Any),
                may("title", Shape::Maybe(&Shape::Text(1000))),
                must("count", COUNT),
                must("sums", SUMS),
            ]),
            MOST_GROUPS,
        ),
    ),
    must(
        "rest",
        Shape::Maybe(&Shape::Object(&[must("count", COUNT), must("sums", SUMS)])),
    ),
    must("next_cursor", Shape::Maybe(&Shape::Text(2000))),
]);

/// The operation.
pub(crate) fn operations() -> Vec<Operation> {
    vec![Operation {
        params: &[
            Param {
                name: "by",
                kind: Kind::Text(60),
                about: keys::API_PARAM_BY,
            },
            Param {
                name: "sum",
                kind: Kind::Text(700),
                about: keys::API_PARAM_SUM,
            },
            Param {
                name: "filter",
                kind: Kind::Text(3000),
                about: keys::API_PARAM_FILTER,
            },
            Param {
                name: "limit",
                kind: Kind::Whole(1, MOST_GROUPS as i64),
                about: keys::API_PARAM_GROUPS,
            },
            Param {
                name: "cursor",
                kind: Kind::Text(2000),
                about: keys::API_PARAM_CURSOR,
            },
        ],
        problems: &[422],
        ..operation(
            Method::GET,
            "/api/v1/{plural}/groups",
            "groups",
            Access::Records(Verb::Read),
            keys::API_GROUPS,
            Reply::Json(200, ANSWER),
            |c| Box::pin(groups(c)),
        )
    }]
}

/// Sums by field, as values of records are written.
fn written(
    object: &ObjectDef,
    base: &str,
    fields: &[FieldIx],
    sums: &[Option<i64>],
) -> Map<String, serde_json::Value> {
    let value = |f: &FieldDef, n: i64| match f.stored() {
        FieldType::Money => Value::money(MoneyValue {
            minor: n,
            currency: base.into(),
            base: Some(n),
            rate: None,
            rated_on: None,
        }),
        FieldType::Decimal => Value::Decimal(n),
        _ => Value::Int(n),
    };
    fields
        .iter()
        .zip(sums)
        .filter_map(|(ix, sum)| Some((object.at(*ix)?, *sum)))
        .map(|(f, sum)| {
            let value = sum.map_or(Value::Null, |n| value(f, n));
            (f.key.clone(), codec::value_to_json(f, &value))
        })
        .collect()
}

async fn groups(call: Call) -> Answer {
    let (caller, object) = (call.caller()?, call.object()?);
    let sum: Vec<&str> = call
        .param("sum")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|key| !key.is_empty())
        .collect();
    let by = call.param("by").unwrap_or_default();
    let most = call
        .number("limit")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(GROUPS);
    let request = GroupRequest {
        by,
        sum: &sum,
        filter: call.param("filter"),
        most,
        after: call.param("cursor"),
    };
    let found = call
        .app
        .grouped(caller, object, &request)
        .await
        .map_err(call.fail())?;
    let field = object.at(found.by);
    let link = field.filter(|f| f.stored() == FieldType::Link);
    let mut titles = HashMap::new();
    if let Some(f) = link {
        let people = if f.key == "team_id" { "team" } else { "user" };
        let to = f.to.as_deref().unwrap_or(people);
        let ids: Vec<Id> = found
            .groups
            .iter()
            .filter_map(|t| t.key.value(f).as_id())
            .collect();
        let wanted = HashMap::from([(to.to_owned(), ids)]);
        titles = call.app.titles(caller, &wanted).await.map_err(call.fail())?;
    }
    let base = caller.workspace.catalog().base_currency;
    let sums = |sums: &[Option<i64>]| written(object, base.code(), &found.summed, sums);
    let data: Vec<serde_json::Value> = found
        .groups
        .iter()
        .filter_map(|t| {
            let f = field?;
            let value = t.key.value(f);
            let mut one =
                json!({"value": codec::value_to_json(f, &value), "count": t.count, "sums": sums(&t.sums)});
            if let Some(id) = link.and_then(|_| value.as_id()) {
                one["title"] = json!(titles.get(&id));
            }
            Some(one)
        })
        .collect();
    let rest = found
        .rest
        .as_ref()
        .map(|(count, of)| json!({"count": count, "sums": sums(of)}));
    Ok(json_answer(
        StatusCode::OK,
        &json!({"by": by, "total": found.total, "data": data, "rest": rest, "next_cursor": found.next}),
    ))
}
