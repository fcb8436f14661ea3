//! Taking the last change of a record back, while nobody has changed it since.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use peyvand_app::records::Completion;
use peyvand_app::{App, AppError};
use peyvand_catalog::handles::activity;
use peyvand_core::Id;
use peyvand_record::Verb;
use serde::Deserialize;

use crate::door::{Visitor, encode, safe_path, say};
use crate::form::id_of;
use crate::shell::Answer;

/// Which change.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    /// The version that the change led to.
    version: i64,
    /// The records that were made with it, with commas between; they go with it.
    #[serde(default)]
    made: String,
    /// Where it was done; the record's own page when it is not said.
    to: Option<String>,
}

/// Where the last change of a record is taken back.
pub(crate) fn address(plural: &str, record: &peyvand_record::Record) -> String {
    format!("/{plural}/{}/undo?version={}", record.id(), record.version())
}

/// Where the completion of an activity is taken back, for somebody who stays on the page on which they did it.
pub(crate) fn completion(done: &Completion, here: &str) -> String {
    let made: Vec<String> = done.made.iter().map(ToString::to_string).collect();
    let at = address("activities", &done.record);
    format!("{at}&made={}&to={}", made.join(","), encode(here))
}

/// Gives the fields of the last change their values of before.
pub(crate) async fn undo(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    App::writable(caller, &object, Verb::Update).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let record = app.get(caller, &object, id).await.map_err(visitor.fail())?;
    let back = match &asked.to {
        Some(to) => safe_path(to).to_owned(),
        None => format!("/{plural}/{}", record.id()),
    };
    let made: Vec<Id> = asked
        .made
        .split(',')
        .filter(|id| !id.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| visitor.fail()(AppError::NotFound))?;
    let changed = AppError::changed(&record);
    if record.version() != asked.version {
        return Err(visitor.fail()(changed));
    }
    let log = app
        .audit_of(caller, &object, record.id())
        .await
        .map_err(visitor.fail())?;
    let Some(serde_json::Value::Object(detail)) = log
        .into_iter()
        .next()
        .filter(|line| line.action == "update")
        .and_then(|line| line.detail)
    else {
        return Err(visitor.fail()(changed));
    };
    let mut before = serde_json::Map::new();
    for (key, sides) in detail {
        let own = object.field(&key).is_some_and(|(_, f)| {
            (!f.is_system() || matches!(f.key.as_str(), "owner_id" | "team_id"))
                && f.writes == peyvand_catalog::Writes::Generic
        });
        if let (true, serde_json::Value::Array(sides)) = (own, sides) {
            before.insert(key, sides.into_iter().next().unwrap_or_default());
        }
    }
    let undone = if object.key == activity::OBJECT && !made.is_empty() {
        app.take_back_completion(caller, &object, record.id(), asked.version, &before, &made)
            .await
    } else {
        app.patch(caller, &object, record.id(), &before, Some(asked.version))
            .await
    };
    undone.map_err(visitor.fail())?;
    Ok(say(&back, "record-undone", ""))
}
