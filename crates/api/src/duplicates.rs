//! Likely duplicates of a record, and exact sums over a list.
//!
//! A single answer is the record itself, so the warning of a creation stands in a header: `duplicate-of`, one item for
//! each candidate, its id with the score and the reasons as parameters. Who would rather not make a second copy asks
//! with `on_duplicate=refuse` and gets 409 with the candidates.

use axum::http::{HeaderName, Method, StatusCode};
use axum::response::Response;
use peyvand_app::duplicates::Likely;
use peyvand_app::reading;
use peyvand_app::records::Idempotency;
use peyvand_catalog::ObjectDef;
use peyvand_core::Id;
use peyvand_i18n::keys;
use peyvand_record::Verb;
use serde_json::{Value, json};

use crate::call::{Answer, Call, json_answer, put};
use crate::problem::Problem;
use crate::repeat::Repeat;
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Kind, Operation, Param, Reply, When, operation};

/// The header that names likely duplicates.
const DUPLICATE_OF: &str = "duplicate-of";

/// What is told of a candidate.
const CANDIDATES: Shape = Shape::Object(&[must(
    "data",
    Shape::List(
        &Shape::Object(&[
            must("id", Shape::Id),
            must("title", Shape::Text(1000)),
            must("score", Shape::Whole(0, 100)),
            must("reasons", Shape::List(&Shape::Text(40), 20)),
        ]),
        20,
    ),
)]);

/// Sums: whole numbers as text, because they may be larger than numbers of JSON can tell.
const SUMS: Shape = Shape::Object(&[
    must("field", Shape::Text(60)),
    must("base", Shape::Text(50)),
    may("base_currency", Shape::Text(3)),
    may("decimals", Shape::Whole(0, 9)),
    must("without_base", Shape::Whole(0, i64::MAX)),
    must(
        "by_currency",
        Shape::List(
            &Shape::Object(&[
                may("currency", Shape::Text(3)),
                must("count", Shape::Whole(0, i64::MAX)),
                must("total", Shape::Text(50)),
            ]),
            500,
        ),
    ),
]);

/// The operations.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            when: When::Written,
            // A question: it has no effect.
            repeat: Repeat::Own,
            body: Body::Json(Shape::Draft),
            ..operation(
                Method::POST,
                "/api/v1/{plural}/duplicates",
                "duplicates",
                Access::Records(Verb::Read),
                keys::API_DUPLICATES,
                Reply::Json(200, CANDIDATES),
                |c| Box::pin(duplicates(c)),
            )
        },
        Operation {
            params: &[
                Param {
                    name: "field",
                    kind: Kind::Text(60),
                    about: keys::API_PARAM_FIELD,
                },
                Param {
                    name: "filter",
                    kind: Kind::Text(3000),
                    about: keys::API_PARAM_FILTER,
                },
            ],
            problems: &[422],
            ..operation(
                Method::GET,
                "/api/v1/{plural}/sums",
                "sums",
                Access::Records(Verb::Read),
                keys::API_SUMS,
                Reply::Json(200, SUMS),
                |c| Box::pin(sums(c)),
            )
        },
    ]
}

fn told(object: &ObjectDef, likely: &[Likely]) -> Value {
    likely
        .iter()
        .map(|l| {
            json!({"id": l.record.id().to_string(), "title": reading::title(object, &l.record),
                   "score": l.score, "reasons": l.reasons})
        })
        .collect()
}

async fn duplicates(call: Call) -> Answer {
    let object = call.object()?;
    let likely = call
        .app
        .duplicates_of_draft(call.caller()?, object, &call.json)
        .await
        .map_err(call.fail())?;
    Ok(json_answer(
        StatusCode::OK,
        &json!({"data": told(object, &likely)}),
    ))
}

/// The likely duplicates of what is about to be made; refused when the caller asked for that. A request that was done
/// before is not asked again: its record would be its own duplicate.
pub(crate) async fn before_create(call: &Call, key: Option<&Idempotency>) -> Result<Vec<Likely>, Problem> {
    let wish = call.param("on_duplicate").unwrap_or("warn");
    let (caller, object) = (call.caller()?, call.object()?);
    if wish == "ignore" || call.app.is_answered(caller, key).await.map_err(call.fail())? {
        return Ok(Vec::new());
    }
    let likely = call
        .app
        .duplicates(caller, object, &call.json, None)
        .await
        .map_err(call.fail())?;
    if wish == "refuse" && !likely.is_empty() {
        let text = peyvand_i18n::text(
            call.language,
            keys::ERROR_LIKELY_DUPLICATE,
            &peyvand_i18n::Args::new(),
        );
        return Err(Problem::new(StatusCode::CONFLICT, "likely-duplicate")
            .with("detail", json!(text))
            .with("candidates", told(object, &likely)));
    }
    Ok(likely)
}

/// Names the likely duplicates in the header of an answer.
pub(crate) fn tell(answer: &mut Response, likely: &[Likely], made: Id) {
    let items: Vec<String> = likely
        .iter()
        .filter(|l| l.record.id() != made)
        .map(|l| {
            let reasons: Vec<&str> = l.reasons.iter().map(|r| r.key()).collect();
            format!(
                "{};score={};reasons=\"{}\"",
                l.record.id(),
                l.score,
                reasons.join(" ")
            )
        })
        .collect();
    if !items.is_empty() {
        put(answer, HeaderName::from_static(DUPLICATE_OF), &items.join(", "));
    }
}

async fn sums(call: Call) -> Answer {
    let (caller, object) = (call.caller()?, call.object()?);
    let field = call.param("field").unwrap_or_default();
    let sums = call
        .app
        .sums(caller, object, field, call.param("filter"))
        .await
        .map_err(call.fail())?;
    let def = object.field(field).map(|(_, f)| f);
    let money = def.is_some_and(|f| f.stored() == peyvand_catalog::FieldType::Money);
    let by: Vec<Value> = sums
        .by_currency
        .iter()
        .map(|s| {
            let mut one = json!({"count": s.count, "total": s.total.to_string()});
            if let Some(c) = &s.currency {
                one["currency"] = json!(c);
            }
            one
        })
        .collect();
    let mut out = json!({"field": field, "base": sums.base.to_string(), "without_base": sums.without_twin,
                         "by_currency": by});
    if money {
        out["base_currency"] = json!(caller.workspace.catalog().base_currency.code());
    } else if let Some(f) = def.filter(|f| f.stored() == peyvand_catalog::FieldType::Decimal) {
        out["decimals"] = json!(f.decimals());
    }
    Ok(json_answer(StatusCode::OK, &out))
}
