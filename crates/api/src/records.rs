//! Records of every object.

use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use peyvand_app::records::COUNT_CAP;
use peyvand_app::{ListRequest, Listed};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_i18n::keys;
use peyvand_record::{Reach, Record, Verb, codec};
use serde_json::{Value, json};

use crate::call::{Answer, Call, bad_parameter, json_answer, json_bytes, put};
use crate::duplicates;
use crate::shape::{Shape, must};
use crate::table::{Access, Body, Kind, Operation, Param, Reply, When, operation};

/// The parameters of every list.
pub(crate) const LIST: &[Param] = &[
    Param {
        name: "filter",
        kind: Kind::Text(3000),
        about: keys::API_PARAM_FILTER,
    },
    Param {
        name: "sort",
        kind: Kind::Text(200),
        about: keys::API_PARAM_SORT,
    },
    Param {
        name: "limit",
        kind: Kind::Whole(1, 200),
        about: keys::API_PARAM_LIMIT,
    },
    Param {
        name: "cursor",
        kind: Kind::Text(2000),
        about: keys::API_PARAM_CURSOR,
    },
    Param {
        name: "fields",
        kind: Kind::Text(1000),
        about: keys::API_PARAM_FIELDS,
    },
    Param {
        name: "q",
        kind: Kind::Text(200),
        about: keys::API_PARAM_Q,
    },
    Param {
        name: "deleted",
        kind: Kind::Flag,
        about: keys::API_PARAM_DELETED,
    },
    Param {
        name: "count",
        kind: Kind::Flag,
        about: keys::API_PARAM_COUNT,
    },
];

/// The catalog as callers see it.
const OBJECTS: Shape = Shape::Object(&[must(
    "data",
    Shape::List(
        &Shape::Object(&[
            must("key", Shape::Text(60)),
            must("plural", Shape::Text(60)),
            must("label", Shape::Any),
            must("labels", Shape::Any),
            must("title", Shape::Text(60)),
            must("writes", Shape::Text(20)),
            must("custom", Shape::Flag),
            must("fields", Shape::List(&Shape::Any, 2000)),
            must("relations", Shape::List(&Shape::Any, 2000)),
        ]),
        2000,
    ),
)]);

/// The operations on records.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            tag: "catalog",
            ..operation(
                Method::GET,
                "/api/v1/objects",
                "objects",
                Access::Member,
                keys::API_OBJECTS,
                Reply::Json(200, OBJECTS),
                |c| Box::pin(async move { objects(&c) }),
            )
        },
        Operation {
            params: LIST,
            ..operation(
                Method::GET,
                "/api/v1/{plural}",
                "list",
                Access::Records(Verb::Read),
                keys::API_LIST,
                Reply::Json(200, Shape::Page),
                |c| Box::pin(list(c)),
            )
        },
        Operation {
            when: When::Written,
            params: &[Param {
                name: "on_duplicate",
                kind: Kind::Choice(&["warn", "refuse", "ignore"]),
                about: keys::API_PARAM_ON_DUPLICATE,
            }],
            headers: &["Idempotency-Key"],
            body: Body::Json(Shape::New),
            problems: &[409, 507],
            ..operation(
                Method::POST,
                "/api/v1/{plural}",
                "create",
                Access::Records(Verb::Create),
                keys::API_CREATE,
                Reply::Json(201, Shape::Record),
                |c| Box::pin(create(c)),
            )
        },
        operation(
            Method::GET,
            "/api/v1/{plural}/{id}",
            "get",
            Access::Records(Verb::Read),
            keys::API_GET,
            Reply::Json(200, Shape::Record),
            |c| Box::pin(get(c)),
        ),
        Operation {
            when: When::Written,
            headers: &["If-Match", "Idempotency-Key"],
            body: Body::Json(Shape::Change),
            problems: &[409, 507],
            ..operation(
                Method::PATCH,
                "/api/v1/{plural}/{id}",
                "change",
                Access::Records(Verb::Update),
                keys::API_CHANGE,
                Reply::Json(200, Shape::Record),
                |c| Box::pin(patch(c)),
            )
        },
        Operation {
            when: When::Written,
            headers: &["If-Match", "Idempotency-Key"],
            problems: &[409, 507],
            ..operation(
                Method::DELETE,
                "/api/v1/{plural}/{id}",
                "delete",
                Access::Records(Verb::Delete),
                keys::API_DELETE,
                Reply::Empty(204),
                |c| Box::pin(delete(c)),
            )
        },
        Operation {
            when: When::Written,
            headers: &["Idempotency-Key"],
            problems: &[409, 507],
            ..operation(
                Method::POST,
                "/api/v1/{plural}/{id}/restore",
                "restore",
                Access::Records(Verb::Update),
                keys::API_RESTORE,
                Reply::Json(200, Shape::Record),
                |c| Box::pin(restore(c)),
            )
        },
    ]
}

/// One record with its version in the `ETag`.
pub(crate) fn one(call: &Call, object: &ObjectDef, status: StatusCode, record: &Record) -> Answer {
    let fields = call
        .app
        .visible(call.caller()?, object, None)
        .map_err(call.fail())?;
    let mut body = Vec::with_capacity(1024);
    codec::write_json(&mut body, object, record, Some(&fields));
    let mut r = json_bytes(status, body);
    put(&mut r, header::ETAG, &format!("\"{}\"", record.version()));
    Ok(r)
}

/// The list that the parameters ask for.
pub(crate) fn request(call: &Call) -> ListRequest {
    let text = |name: &str| call.param(name).map(str::to_owned);
    ListRequest {
        filter: text("filter"),
        sort: text("sort"),
        limit: call.number("limit").map(|n| n as u32),
        cursor: text("cursor"),
        fields: text("fields"),
        q: text("q"),
        deleted: call.flag("deleted"),
        count: call.flag("count"),
        ..ListRequest::default()
    }
}

/// A page of records as JSON.
pub(crate) fn page(listed: &Listed) -> Answer {
    let mut body = Vec::with_capacity(64 + listed.records.len() * 600);
    body.extend_from_slice(b"{\"data\":[");
    for (n, r) in listed.records.iter().enumerate() {
        if n > 0 {
            body.push(b',');
        }
        codec::write_json(&mut body, &listed.object, r, Some(&listed.fields));
    }
    body.extend_from_slice(b"],\"next_cursor\":");
    body.extend_from_slice(json!(listed.next).to_string().as_bytes());
    if let Some(n) = listed.count {
        let more = listed.at_least;
        body.extend_from_slice(
            format!(",\"total\":{},\"total_is_at_least\":{more}", n.min(COUNT_CAP)).as_bytes(),
        );
    }
    if listed.cut {
        body.extend_from_slice(b",\"search_stopped_early\":true");
    }
    body.push(b'}');
    Ok(json_bytes(StatusCode::OK, body))
}

/// The catalog: which objects there are, with their fields.
fn objects(call: &Call) -> Answer {
    let caller = call.caller()?;
    let catalog = caller.workspace.catalog();
    let list: Vec<Value> = catalog
        .objects()
        .iter()
        .filter(|o| caller.policy.reach(&o.key, Verb::Read) != Reach::None)
        .map(|o| {
            let fields: Vec<&peyvand_catalog::FieldDef> = o
                .fields
                .iter()
                .enumerate()
                .filter(|(i, f)| {
                    f.class != peyvand_catalog::Class::Secret
                        && caller.policy.field(&o.key, FieldIx(*i as u16))
                            != Some(peyvand_record::FieldRule::Hidden)
                })
                .map(|(_, f)| f)
                .collect();
            let relations: Vec<Value> = crate::relations::of(catalog, o)
                .iter()
                .map(|r| {
                    let keys = r.keys();
                    json!({"name": r.name, "object": r.object.key, "field": keys.first(), "fields": keys})
                })
                .collect();
            json!({"key": o.key, "plural": o.plural, "label": o.label, "labels": o.labels, "title": o.title,
                   "writes": o.writes, "custom": o.custom, "fields": fields, "relations": relations})
        })
        .collect();
    Ok(json_answer(StatusCode::OK, &json!({ "data": list })))
}

async fn list(call: Call) -> Answer {
    // A search has an order of its own: best first. Another one that is asked for is refused, not ignored.
    let searched = call.param("q").is_some_and(|q| !q.trim().is_empty());
    if let Some(sort) = call.param("sort").filter(|s| searched && !s.trim().is_empty()) {
        return Err(bad_parameter("sort", sort));
    }
    let listed = call
        .app
        .list(call.caller()?, call.object()?, &request(&call))
        .await
        .map_err(call.fail())?;
    page(&listed)
}

async fn get(call: Call) -> Answer {
    let object = call.object()?;
    let record = call
        .app
        .get(call.caller()?, object, call.id()?)
        .await
        .map_err(call.fail())?;
    one(&call, object, StatusCode::OK, &record)
}

async fn create(call: Call) -> Answer {
    let object = call.object()?;
    let plural = &object.plural;
    let key = call.idempotency(&format!("POST /{plural}"))?;
    let likely = duplicates::before_create(&call, key.as_ref()).await?;
    let record = call
        .app
        .create(call.caller()?, object, &call.json, key.as_ref())
        .await
        .map_err(call.fail())?;
    let mut answer = one(&call, object, StatusCode::CREATED, &record)?;
    duplicates::tell(&mut answer, &likely, record.id());
    put(
        &mut answer,
        header::LOCATION,
        &format!("/api/v1/{plural}/{}", record.id()),
    );
    Ok(answer)
}

async fn patch(mut call: Call) -> Answer {
    let mut known = call.known_version()?;
    if let Some(v) = call.json.remove("version") {
        let given = crate::shape::whole(&v).ok_or_else(|| bad_parameter("version", &v.to_string()))?;
        known = known.or(Some(given));
    }
    let object = call.object()?;
    let id = call.id()?;
    let key = call.idempotency(&format!("PATCH /{}/{id}", object.plural))?;
    let record = call
        .app
        .patch_once(call.caller()?, object, id, &call.json, known, key.as_ref())
        .await
        .map_err(call.fail())?;
    one(&call, object, StatusCode::OK, &record)
}

async fn delete(call: Call) -> Answer {
    let (object, id) = (call.object()?, call.id()?);
    let key = call.idempotency(&format!("DELETE /{}/{id}", object.plural))?;
    call.app
        .delete_once(call.caller()?, object, id, call.known_version()?, key.as_ref())
        .await
        .map_err(call.fail())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn restore(call: Call) -> Answer {
    let object = call.object()?;
    let id = call.id()?;
    let key = call.idempotency(&format!("POST /{}/{id}/restore", object.plural))?;
    let record = call
        .app
        .restore_once(call.caller()?, object, id, key.as_ref())
        .await
        .map_err(call.fail())?;
    one(&call, object, StatusCode::OK, &record)
}
