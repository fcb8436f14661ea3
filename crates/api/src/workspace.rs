//! The settings of the workspace and the numbers of its records, for administrators; the tags of a record.

use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;
use peyvand_app::numbering::NUMBERED;
use peyvand_app::workspace::Settings;
use peyvand_catalog::handles::tag;
use peyvand_core::Id;
use peyvand_domain::numbering::{GREATEST, LONGEST_PREFIX, MOST_DIGITS, Numbering};
use peyvand_i18n::keys;
use peyvand_record::Verb;
use serde_json::{Map, Value, json};

use crate::call::{Answer, Call, bad_parameter, json_answer, not_found};
use crate::problem::Problem;
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Operation, Reply, When, operation};

const LANGUAGES: &[&str] = &["fa", "en"];
const CALENDARS: &[&str] = &["jalali", "gregorian"];
const NUMBERS: Shape = Shape::Object(&[
    must("prefix", Shape::Text(LONGEST_PREFIX)),
    must("width", Shape::Whole(1, MOST_DIGITS as i64)),
    must("next", Shape::Whole(1, GREATEST)),
]);
const SETTINGS: Shape = Shape::Named(
    "workspace",
    &Shape::Object(&[
        must("slug", Shape::Text(40)),
        must("name", Shape::Text(1000)),
        must("currency", Shape::Text(3)),
        must("time_zone", Shape::Text(64)),
        must("language", Shape::Choice(LANGUAGES)),
        must("calendar", Shape::Choice(CALENDARS)),
        must("codes_required", Shape::Flag),
        must("sending_paused", Shape::Flag),
        must("iran_holidays", Shape::Flag),
        must("numbering", Shape::Map(&Shape::Maybe(&NUMBERS))),
    ]),
);
const CHANGE: Shape = Shape::Object(&[
    may("currency", Shape::Text(3)),
    may("time_zone", Shape::Text(64)),
    may("language", Shape::Choice(LANGUAGES)),
    may("calendar", Shape::Choice(CALENDARS)),
    may("codes_required", Shape::Flag),
    may("sending_paused", Shape::Flag),
    may("iran_holidays", Shape::Flag),
]);
const TAGS: Shape = Shape::Object(&[must(
    "data",
    Shape::List(
        &Shape::Object(&[must("id", Shape::Id), must("name", Shape::Text(1000))]),
        10_000,
    ),
)]);

/// The operations on settings and tags.
pub(crate) fn operations() -> Vec<Operation> {
    let admin = Access::Administrator;
    let mut all = vec![
        operation(
            Method::GET,
            "/api/v1/workspace",
            "workspace",
            admin,
            keys::API_WORKSPACE,
            Reply::Json(200, SETTINGS),
            |c| Box::pin(workspace(c)),
        ),
        Operation {
            body: Body::Json(CHANGE),
            problems: &[507],
            ..operation(
                Method::PATCH,
                "/api/v1/workspace",
                "change-workspace",
                admin,
                keys::API_CHANGE_WORKSPACE,
                Reply::Json(200, SETTINGS),
                |c| Box::pin(change(c)),
            )
        },
        Operation {
            body: Body::Json(NUMBERS),
            problems: &[507],
            ..operation(
                Method::PUT,
                "/api/v1/workspace/numbering/{object}",
                "set-numbering",
                admin,
                keys::API_SET_NUMBERING,
                Reply::Empty(204),
                |c| Box::pin(number(c, true)),
            )
        },
        Operation {
            problems: &[507],
            ..operation(
                Method::DELETE,
                "/api/v1/workspace/numbering/{object}",
                "stop-numbering",
                admin,
                keys::API_STOP_NUMBERING,
                Reply::Empty(204),
                |c| Box::pin(number(c, false)),
            )
        },
    ];
    for o in &mut all {
        o.tag = "catalog";
    }
    all.push(Operation {
        when: When::Spine,
        ..operation(
            Method::GET,
            "/api/v1/{plural}/{id}/tags",
            "tags-of",
            Access::Records(Verb::Read),
            keys::API_TAGS_OF,
            Reply::Json(200, TAGS),
            |c| Box::pin(tags(c)),
        )
    });
    all.push(Operation {
        when: When::Spine,
        problems: &[507],
        ..operation(
            Method::PUT,
            "/api/v1/{plural}/{id}/tags/{tag}",
            "tag",
            Access::Records(Verb::Update),
            keys::API_TAG,
            Reply::Empty(204),
            |c| Box::pin(carried(c, true)),
        )
    });
    all.push(Operation {
        when: When::Spine,
        problems: &[507],
        ..operation(
            Method::DELETE,
            "/api/v1/{plural}/{id}/tags/{tag}",
            "untag",
            Access::Records(Verb::Update),
            keys::API_UNTAG,
            Reply::Empty(204),
            |c| Box::pin(carried(c, false)),
        )
    });
    all
}

async fn shown(call: &Call) -> Result<Value, Problem> {
    let w = &call.caller()?.workspace;
    let settings = call.app.fresh_settings(w).await.map_err(call.fail())?;
    let mut numbering = Map::new();
    for n in call.app.numberings(w).await.map_err(call.fail())? {
        let how = settings
            .numbering
            .get(n.object)
            .map(|h| json!({"prefix": h.prefix, "width": h.width, "next": n.next}));
        numbering.insert(n.object.to_owned(), how.unwrap_or_default());
    }
    Ok(json!({
        "slug": w.slug, "name": w.name, "currency": settings.base_currency, "time_zone": settings.time_zone,
        "language": settings.language, "calendar": settings.calendar,
        "codes_required": settings.codes_required, "sending_paused": settings.sending_paused,
        "iran_holidays": settings.keeps_iran_holidays(), "numbering": numbering,
    }))
}

async fn workspace(call: Call) -> Answer {
    Ok(json_answer(StatusCode::OK, &shown(&call).await?))
}

async fn change(call: Call) -> Answer {
    let caller = call.caller()?;
    let fresh = call.app.fresh_settings(&caller.workspace);
    let mut settings: Settings = fresh.await.map_err(call.fail())?;
    let said = |key: &str| call.json.get(key).and_then(Value::as_str).map(str::trim);
    if let Some(code) = said("currency") {
        settings.base_currency = code.to_uppercase();
    }
    if let Some(zone) = said("time_zone") {
        zone.clone_into(&mut settings.time_zone);
    }
    if let Some(language) = said("language") {
        language.clone_into(&mut settings.language);
    }
    if let Some(calendar) = said("calendar") {
        calendar.clone_into(&mut settings.calendar);
    }
    for (key, to) in [
        ("codes_required", &mut settings.codes_required),
        ("sending_paused", &mut settings.sending_paused),
    ] {
        if let Some(on) = call.json.get(key).and_then(Value::as_bool) {
            *to = on;
        }
    }
    let on = call.json.get("iran_holidays").and_then(Value::as_bool);
    settings.iran_holidays = on.or(settings.iran_holidays);
    call.app
        .change_settings(caller, &settings)
        .await
        .map_err(call.fail())?;
    Ok(json_answer(StatusCode::OK, &shown(&call).await?))
}

async fn number(call: Call, on: bool) -> Answer {
    let object = call.segment("object");
    if !NUMBERED.iter().any(|(key, _)| *key == object) {
        return Err(not_found());
    }
    let how = if on {
        let whole = |key: &str| call.json.get(key).and_then(Value::as_i64).unwrap_or_default();
        let prefix = call
            .json
            .get("prefix")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let width = u8::try_from(whole("width")).unwrap_or_default();
        let how = Numbering::new(prefix, width).map_err(|_| bad_parameter("prefix", prefix))?;
        Some((how, whole("next")))
    } else {
        None
    };
    call.app
        .set_numbering(call.caller()?, object, how)
        .await
        .map_err(call.fail())?;
    call.app.forget_sessions();
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn tags(call: Call) -> Answer {
    let (caller, object) = (call.caller()?, call.object()?);
    let record = call
        .app
        .get(caller, object, call.id()?)
        .await
        .map_err(call.fail())?;
    let found = call.app.tags_of(caller, record.id()).await.map_err(call.fail())?;
    let mut data: Vec<(String, String)> = found
        .iter()
        .map(|t| {
            let name = t.get(tag::NAME).as_str().unwrap_or_default();
            (name.to_owned(), t.id().to_string())
        })
        .collect();
    data.sort();
    let data: Vec<Value> = data
        .into_iter()
        .map(|(name, id)| json!({"id": id, "name": name}))
        .collect();
    Ok(json_answer(StatusCode::OK, &json!({ "data": data })))
}

async fn carried(call: Call, on: bool) -> Answer {
    let tag: Id = call.segment("tag").parse().map_err(|_| not_found())?;
    call.app
        .set_tag(call.caller()?, call.object()?, call.id()?, tag, on)
        .await
        .map_err(call.fail())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
