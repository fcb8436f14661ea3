//! What the caller was told: their own notifications, and marking them as read.

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use peyvand_app::notifications::{Notice, UNREAD_CAP};
use peyvand_app::wishes::KINDS;
use peyvand_i18n::keys;
use serde_json::{Value, json};

use crate::call::{Answer, Call, json_answer};
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Kind, Operation, Param, Reply, operation};

const MAYBE_TIME: Shape = Shape::Maybe(&Shape::Instant);
/// A record with its title.
const TITLED: Shape = Shape::Object(&[
    must("object", Shape::Text(60)),
    must("id", Shape::Id),
    must("title", Shape::Text(1000)),
]);
/// A colleague with their name.
const PERSON: Shape = Shape::Object(&[must("id", Shape::Id), must("name", Shape::Text(1000))]);
/// Several records at once.
const MANY: Shape = Shape::Object(&[
    must("object", Shape::Text(60)),
    must("count", Shape::Whole(0, i64::MAX)),
]);
/// Work in the background that has ended.
const ENDED: Shape = Shape::Object(&[must("work", Shape::Text(20)), must("id", Shape::Text(60))]);
const NOTICE: Shape = Shape::Named(
    "notification",
    &Shape::Object(&[
        must("id", Shape::Id),
        must("kind", Shape::Text(40)),
        must("at", Shape::Instant),
        must("read_at", MAYBE_TIME),
        must("actor", Shape::Maybe(&PERSON)),
        must("target", Shape::Maybe(&TITLED)),
        must("many", Shape::Maybe(&MANY)),
        must("ended", Shape::Maybe(&ENDED)),
    ]),
);
const NOTICES: Shape = Shape::Object(&[
    must("data", Shape::List(&NOTICE, 200)),
    must("next_cursor", Shape::Maybe(&Shape::Text(2000))),
    must("unread", Shape::Whole(0, UNREAD_CAP as i64)),
    must("unread_is_at_least", Shape::Flag),
]);
const MARKED: Shape = Shape::Object(&[must("marked", Shape::Whole(0, i64::MAX))]);
/// The kinds of which somebody is told or not, each by `must` or `may`.
macro_rules! kinds {
    ($member:ident) => {
        Shape::Object(&[
            $member("assigned", Shape::Flag),
            $member("mentioned", Shape::Flag),
            $member("shared", Shape::Flag),
            $member("followed", Shape::Flag),
            $member("due", Shape::Flag),
            $member("overdue", Shape::Flag),
            $member("job_done", Shape::Flag),
            $member("job_failed", Shape::Flag),
        ])
    };
}
const WISHES: Shape = kinds!(must);
const NEW_WISHES: Shape = kinds!(may);
const PAGE: &[Param] = &[
    Param {
        name: "unread",
        kind: Kind::Flag,
        about: keys::NOTIFICATIONS_PARAM_UNREAD,
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
];

/// The operations on the caller's own notifications.
pub(crate) fn operations() -> Vec<Operation> {
    let tagged = |o: Operation| Operation {
        tag: "notifications",
        ..o
    };
    [
        Operation {
            params: PAGE,
            ..operation(
                Method::GET,
                "/api/v1/notifications",
                "list-notifications",
                Access::Member,
                keys::NOTIFICATIONS_API_LIST,
                Reply::Json(200, NOTICES),
                |c| Box::pin(list(c)),
            )
        },
        Operation {
            problems: &[507],
            ..operation(
                Method::POST,
                "/api/v1/notifications/{id}/read",
                "read-notification",
                Access::Member,
                keys::NOTIFICATIONS_API_READ,
                Reply::Empty(204),
                |c| Box::pin(read(c)),
            )
        },
        Operation {
            problems: &[507],
            ..operation(
                Method::POST,
                "/api/v1/notifications/read-all",
                "read-notifications",
                Access::Member,
                keys::NOTIFICATIONS_API_READ_ALL,
                Reply::Json(200, MARKED),
                |c| Box::pin(read_all(c)),
            )
        },
        operation(
            Method::GET,
            "/api/v1/notifications/wishes",
            "notification-wishes",
            Access::Member,
            keys::NOTIFICATIONS_API_WISHES,
            Reply::Json(200, WISHES),
            |c| Box::pin(wishes(c)),
        ),
        Operation {
            body: Body::Json(NEW_WISHES),
            problems: &[507],
            ..operation(
                Method::PUT,
                "/api/v1/notifications/wishes",
                "set-notification-wishes",
                Access::Member,
                keys::NOTIFICATIONS_API_SET_WISHES,
                Reply::Json(200, WISHES),
                |c| Box::pin(set_wishes(c)),
            )
        },
    ]
    .into_iter()
    .map(tagged)
    .collect()
}

fn shown(n: Notice) -> Value {
    json!({
        "id": n.id.to_string(), "kind": n.kind, "at": n.at.to_string(),
        "read_at": n.read_at.map(|t| t.to_string()),
        "actor": n.actor.map(|(id, name)| json!({"id": id.to_string(), "name": name})),
        "target": n.about.map(|a| json!({"object": a.object, "id": a.id.to_string(), "title": a.title})),
        "many": n.many.map(|m| json!({"object": m.object, "count": m.count})),
        "ended": n.ended.map(|e| json!({"work": e.work.key(), "id": e.id})),
    })
}

async fn list(call: Call) -> Answer {
    let caller = call.caller()?;
    let limit = call.number("limit").and_then(|n| u32::try_from(n).ok());
    let page = call
        .app
        .notifications(
            caller,
            call.flag("unread"),
            limit.unwrap_or(50),
            call.param("cursor"),
        )
        .await
        .map_err(call.fail())?;
    let unread = call.app.unread(caller).await.map_err(call.fail())?;
    let data: Vec<Value> = page.list.into_iter().map(shown).collect();
    Ok(json_answer(
        StatusCode::OK,
        &json!({
            "data": data, "next_cursor": page.next,
            "unread": unread.min(UNREAD_CAP), "unread_is_at_least": unread > UNREAD_CAP,
        }),
    ))
}

async fn read(call: Call) -> Answer {
    call.app
        .read_notification(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn read_all(call: Call) -> Answer {
    let marked = call
        .app
        .read_notifications(call.caller()?)
        .await
        .map_err(call.fail())?;
    Ok(json_answer(StatusCode::OK, &json!({ "marked": marked })))
}

fn told(wishes: &[(&'static str, bool)]) -> Response {
    let all: serde_json::Map<String, Value> = wishes
        .iter()
        .map(|(kind, on)| ((*kind).to_owned(), (*on).into()))
        .collect();
    json_answer(StatusCode::OK, &Value::Object(all))
}

async fn wishes(call: Call) -> Answer {
    let wishes = call.app.notification_wishes(call.caller()?).await;
    Ok(told(&wishes.map_err(call.fail())?))
}

async fn set_wishes(call: Call) -> Answer {
    let wanted: Vec<(&str, bool)> = KINDS
        .iter()
        .filter_map(|(kind, _)| Some((*kind, call.json.get(*kind)?.as_bool()?)))
        .collect();
    let wishes = call.app.set_notification_wishes(call.caller()?, &wanted).await;
    Ok(told(&wishes.map_err(call.fail())?))
}
