//! What administrators look at: the definitions and their changes, jobs and dead letters, the audit log as a whole.

use axum::http::{Method, StatusCode};
use axum::response::IntoResponse;
use peyvand_app::audit::AuditQuery;
use peyvand_catalog::Schema;
use peyvand_core::{Id, Instant};
use peyvand_i18n::{Args, keys, text};
use peyvand_numbers::Language;
use serde_json::{Value, json};

use crate::call::{Answer, Call, json_answer};
use crate::problem::Problem;
use crate::repeat::Repeat;
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Kind, Operation, Param, Reply, operation};

const SCHEMA: Shape = Shape::Object(&[must("schema", Shape::Any), may("confirmed", Shape::Flag)]);
const CHANGES: Shape = Shape::Object(&[must("data", Shape::List(&Shape::Any, 10_000))]);
const JOBS: Shape = Shape::Object(&[
    must(
        "data",
        Shape::List(
            &Shape::Object(&[
                must("id", Shape::Id),
                must("kind", Shape::Text(60)),
                must("state", Shape::Choice(STATES)),
                must("attempts", Shape::Whole(0, i64::MAX)),
                must("run_at", Shape::Instant),
                must("error", Shape::Maybe(&Shape::Text(100_000))),
            ]),
            200,
        ),
    ),
    must("next_cursor", Shape::Maybe(&Shape::Text(40))),
]);
const STATES: &[&str] = &["waiting", "running", "done", "dead"];
const LOG: Shape = Shape::Object(&[
    must(
        "data",
        Shape::List(
            &Shape::Named(
                "audit.line",
                &Shape::Object(&[
                    must("id", Shape::Id),
                    must("position", Shape::Whole(1, i64::MAX)),
                    must("at", Shape::Instant),
                    must("actor", Shape::Maybe(&Shape::Id)),
                    must("via", Shape::Text(20)),
                    must("request", Shape::Id),
                    must("action", Shape::Text(20)),
                    must("object", Shape::Text(60)),
                    must("record", Shape::Maybe(&Shape::Id)),
                ]),
            ),
            200,
        ),
    ),
    must("next_cursor", Shape::Maybe(&Shape::Text(40))),
]);
const LOG_PARAMS: &[Param] = &[
    Param {
        name: "actor",
        kind: Kind::Id,
        about: keys::API_PARAM_ACTOR,
    },
    Param {
        name: "action",
        kind: Kind::Choice(&[
            "create", "update", "delete", "restore", "purge", "merge", "unmerge", "export", "import",
            "security", "bulk", "view",
        ]),
        about: keys::API_PARAM_ACTION,
    },
    Param {
        name: "object",
        kind: Kind::Text(60),
        about: keys::API_PARAM_OBJECT,
    },
    Param {
        name: "since",
        kind: Kind::Instant,
        about: keys::API_PARAM_SINCE,
    },
    Param {
        name: "until",
        kind: Kind::Instant,
        about: keys::API_PARAM_UNTIL,
    },
    Param {
        name: "cursor",
        kind: Kind::Whole(1, i64::MAX),
        about: keys::API_PARAM_CURSOR,
    },
    Param {
        name: "limit",
        kind: Kind::Whole(1, 200),
        about: keys::API_PARAM_LIMIT,
    },
];

/// The operations of administration.
pub(crate) fn operations() -> Vec<Operation> {
    let admin = Access::Administrator;
    vec![
        Operation {
            tag: "catalog",
            ..operation(
                Method::GET,
                "/api/v1/schema",
                "schema",
                admin,
                keys::API_SCHEMA,
                Reply::Json(200, Shape::Any),
                |c| Box::pin(async move { schema(&c) }),
            )
        },
        Operation {
            tag: "catalog",
            body: Body::Json(SCHEMA),
            // A question: it has no effect.
            repeat: Repeat::Own,
            ..operation(
                Method::POST,
                "/api/v1/schema/diff",
                "schema-diff",
                admin,
                keys::API_SCHEMA_DIFF,
                Reply::Json(200, CHANGES),
                |c| Box::pin(schema_diff(c)),
            )
        },
        Operation {
            tag: "catalog",
            body: Body::Json(SCHEMA),
            problems: &[409, 507],
            ..operation(
                Method::POST,
                "/api/v1/schema/apply",
                "schema-apply",
                admin,
                keys::API_SCHEMA_APPLY,
                Reply::Json(200, CHANGES),
                |c| Box::pin(schema_apply(c)),
            )
        },
        Operation {
            tag: "jobs",
            params: &[
                Param {
                    name: "state",
                    kind: Kind::Choice(STATES),
                    about: keys::API_PARAM_STATE,
                },
                Param {
                    name: "cursor",
                    kind: Kind::Id,
                    about: keys::API_PARAM_CURSOR,
                },
                Param {
                    name: "limit",
                    kind: Kind::Whole(1, 200),
                    about: keys::API_PARAM_LIMIT,
                },
            ],
            ..operation(
                Method::GET,
                "/api/v1/jobs",
                "jobs",
                admin,
                keys::API_JOBS,
                Reply::Json(200, JOBS),
                |c| Box::pin(jobs(c)),
            )
        },
        Operation {
            tag: "jobs",
            ..operation(
                Method::POST,
                "/api/v1/jobs/{id}/retry",
                "retry-job",
                admin,
                keys::API_RETRY_JOB,
                Reply::Empty(204),
                |c| Box::pin(retry(c)),
            )
        },
        Operation {
            tag: "audit",
            params: LOG_PARAMS,
            ..operation(
                Method::GET,
                "/api/v1/audit",
                "audit",
                admin,
                keys::API_AUDIT,
                Reply::Json(200, LOG),
                |c| Box::pin(audit(c)),
            )
        },
    ]
}

fn schema(call: &Call) -> Answer {
    let schema = call.app.schema_of(&call.caller()?.workspace).live();
    let json = serde_json::to_value(schema)
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"))?;
    Ok(json_answer(StatusCode::OK, &json))
}

fn wanted(call: &Call) -> Result<Schema, Problem> {
    let given = call.json.get("schema").cloned().unwrap_or_default();
    serde_json::from_value(given).map_err(|e| {
        let reason: String = e.to_string().chars().take(200).collect();
        let said = |language| text(language, keys::API_SCHEMA_UNREADABLE, &Args::new());
        let errors = json!({"field": "schema", "code": "wrong-type", "value": reason,
                            "message": {"fa": said(Language::Fa), "en": said(Language::En)}});
        Problem::invalid(vec![errors], call.language)
    })
}

fn listed(changes: &[peyvand_catalog::Change]) -> Answer {
    let data: Vec<Value> = changes
        .iter()
        .map(|c| serde_json::to_value(c).unwrap_or_default())
        .collect();
    Ok(json_answer(StatusCode::OK, &json!({ "data": data })))
}

async fn schema_diff(call: Call) -> Answer {
    let w = &call.caller()?.workspace;
    let changes = call.app.schema_changes(w, &wanted(&call)?);
    // What could not be made is no difference to be looked at.
    call.app.check_schema(w, &changes).await.map_err(call.fail())?;
    listed(&changes)
}

async fn schema_apply(call: Call) -> Answer {
    let caller = call.caller()?;
    let w = &caller.workspace;
    let changes = call.app.schema_changes(w, &wanted(&call)?);
    let confirmed = call
        .json
        .get("confirmed")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    call.app
        .change_schema(caller, &changes, confirmed)
        .await
        .map_err(call.fail())?;
    listed(&changes)
}

async fn jobs(call: Call) -> Answer {
    let limit = call.number("limit").unwrap_or(50) as u32;
    let behind = call.param("cursor").and_then(|t| t.parse::<Id>().ok());
    let lines = call
        .app
        .jobs_page(call.caller()?.workspace.id, call.param("state"), behind, limit)
        .await
        .map_err(call.fail())?;
    let next = lines.last().filter(|_| lines.len() >= limit as usize);
    let next = next.map(|l| l.id.clone());
    let data: Vec<Value> = lines
        .into_iter()
        .map(|l| {
            json!({"id": l.id, "kind": l.kind, "state": l.state, "attempts": l.attempts,
                   "run_at": Instant(l.run_at).to_string(), "error": l.error})
        })
        .collect();
    Ok(json_answer(
        StatusCode::OK,
        &json!({"data": data, "next_cursor": next}),
    ))
}

async fn retry(call: Call) -> Answer {
    call.app
        .retry_job(call.caller()?.workspace.id, call.id()?)
        .await
        .map_err(call.fail())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn audit(call: Call) -> Answer {
    let instant = |name: &str| call.param(name).and_then(|t| t.parse::<Instant>().ok());
    let query = AuditQuery {
        actor: call.param("actor").and_then(|t| t.parse::<Id>().ok()),
        action: call.param("action").map(str::to_owned),
        object: call.param("object").map(str::to_owned),
        since: instant("since"),
        until: instant("until"),
        before: call.number("cursor"),
        limit: call.number("limit").unwrap_or(50) as usize,
    };
    let (lines, next) = call
        .app
        .audit_log(&call.caller()?.workspace, &query)
        .await
        .map_err(call.fail())?;
    let data: Vec<Value> = lines
        .iter()
        .map(|(object, record, e)| {
            json!({
                "id": e.id.to_string(), "position": e.position, "at": e.at.to_string(),
                "actor": e.actor.map(|a| a.to_string()), "via": e.via, "request": e.request.to_string(),
                "action": e.action, "object": object,
                "record": (*record != Id::NIL).then(|| record.to_string()),
            })
        })
        .collect();
    Ok(json_answer(
        StatusCode::OK,
        &json!({"data": data, "next_cursor": next.map(|n| n.to_string())}),
    ))
}
