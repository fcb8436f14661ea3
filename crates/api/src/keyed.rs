//! Records by the keys of other systems, and the timeline of a record.

use axum::http::{Method, StatusCode};
use peyvand_app::reading::{Happening, title};
use peyvand_i18n::keys;
use peyvand_record::Verb;
use serde_json::{Value, json};

use crate::audit::{CURSOR, LIMIT, behind};
use crate::call::{Answer, Call, bad_parameter, json_answer};
use crate::records::one;
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Kind, Operation, Param, Reply, When, operation};

const ITEM: Shape = Shape::Named(
    "timeline.item",
    &Shape::Object(&[
        must("at", Shape::Instant),
        must("kind", Shape::Choice(&["record", "change"])),
        may("object", Shape::Text(60)),
        may("id", Shape::Id),
        may("title", Shape::Text(1000)),
        may("actor", Shape::Maybe(&Shape::Id)),
        may("action", Shape::Text(20)),
        may(
            "fields",
            Shape::List(
                &Shape::Object(&[
                    must("field", Shape::Text(60)),
                    must("before", Shape::Any),
                    must("after", Shape::Any),
                ]),
                2000,
            ),
        ),
    ]),
);
const ITEMS: Shape = Shape::Object(&[
    must("data", Shape::List(&ITEM, 200)),
    must("next_cursor", Shape::Maybe(&Shape::Text(100))),
]);

/// The operations on keys and timelines.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            when: When::Spine,
            ..operation(
                Method::GET,
                "/api/v1/{plural}/by-key/{source}/{key}",
                "by-key",
                Access::Records(Verb::Read),
                keys::API_BY_KEY,
                Reply::Json(200, Shape::Record),
                |c| Box::pin(by_key(c)),
            )
        },
        Operation {
            when: When::WrittenSpine,
            body: Body::Json(Shape::Draft),
            problems: &[201, 409, 507],
            ..operation(
                Method::PUT,
                "/api/v1/{plural}/by-key/{source}/{key}",
                "put-by-key",
                Access::Records(Verb::Update),
                keys::API_PUT_BY_KEY,
                Reply::Json(200, Shape::Record),
                |c| Box::pin(put_by_key(c)),
            )
        },
        Operation {
            when: When::Spine,
            params: &[
                Param {
                    name: "kind",
                    kind: Kind::Text(60),
                    about: keys::API_PARAM_KIND,
                },
                CURSOR,
                LIMIT,
            ],
            ..operation(
                Method::GET,
                "/api/v1/{plural}/{id}/timeline",
                "timeline",
                Access::Records(Verb::Read),
                keys::API_TIMELINE,
                Reply::Json(200, ITEMS),
                |c| Box::pin(timeline(c)),
            )
        },
    ]
}

async fn by_key(call: Call) -> Answer {
    let object = call.object()?;
    let record = call
        .app
        .by_key(
            call.caller()?,
            object,
            call.segment("source"),
            call.segment("key"),
        )
        .await
        .map_err(call.fail())?;
    one(&call, object, StatusCode::OK, &record)
}

async fn put_by_key(call: Call) -> Answer {
    let object = call.object()?;
    let (source, key) = (call.segment("source"), call.segment("key"));
    for (name, value) in [("source", source), ("key", key)] {
        if value.chars().count() > 255 || value.chars().any(char::is_control) {
            return Err(bad_parameter(name, value));
        }
    }
    let (record, new) = call
        .app
        .put_by_key(call.caller()?, object, source, key, &call.json)
        .await
        .map_err(call.fail())?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    one(&call, object, status, &record)
}

async fn timeline(call: Call) -> Answer {
    let (caller, object) = (call.caller()?, call.object()?);
    let record = call
        .app
        .get(caller, object, call.id()?)
        .await
        .map_err(call.fail())?;
    let limit = call.number("limit").unwrap_or(50) as u32;
    let kind = call.param("kind");
    if let Some(k) = kind.filter(|k| *k != "change" && caller.workspace.catalog().object(k).is_none()) {
        return Err(bad_parameter("kind", k));
    }
    let page = call
        .app
        .timeline_of(caller, record.id(), kind, behind(&call)?, limit)
        .await
        .map_err(call.fail())?;
    let next = page.next.map(|n| n.to_string());
    let data: Vec<Value> = page
        .items
        .into_iter()
        .map(|i| match i.what {
            Happening::Record(o, r) => {
                let (ix, _) = o.title_field();
                // A title that the caller may not see is not told.
                let title = if caller.policy.sees(&o.key, ix) { title(&o, &r) } else { String::new() };
                json!({"at": i.at.to_string(), "kind": "record", "object": o.key,
                       "id": r.id().to_string(), "title": title})
            }
            Happening::Change { actor, action, fields } => {
                let actor = (actor != peyvand_core::Id::NIL).then(|| actor.to_string());
                let fields: Vec<Value> = fields
                    .into_iter()
                    .map(|(field, before, after)| json!({"field": field, "before": before, "after": after}))
                    .collect();
                json!({"at": i.at.to_string(), "kind": "change", "actor": actor, "action": action, "fields": fields})
            }
        })
        .collect();
    Ok(json_answer(
        StatusCode::OK,
        &json!({"data": data, "next_cursor": next}),
    ))
}
