//! While a record is being made: which ones may be the same, as a piece of the form.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use peyvand_app::{App, reading};
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_domain::duplicates::Reason;
use peyvand_i18n::{Args, Key, keys};
use peyvand_record::Value;
use peyvand_record::codec::{self, EdgeContext, Mode};

use crate::door::Visitor;
use crate::shell::{Answer, html};

/// A record that may be the same.
struct Candidate {
    address: String,
    title: String,
    score: String,
    reasons: String,
}

#[derive(Template)]
#[template(path = "duplicates.html")]
struct Piece {
    title: String,
    candidates: Vec<Candidate>,
}

const fn words(reason: Reason) -> Key {
    match reason {
        Reason::NationalId => keys::REASON_NATIONAL_ID,
        Reason::Mobile => keys::REASON_MOBILE,
        Reason::Email => keys::REASON_EMAIL,
        Reason::Code => keys::REASON_CODE,
        Reason::Website => keys::REASON_WEBSITE,
        Reason::Name => keys::REASON_NAME,
        Reason::NameAcrossScripts => keys::REASON_NAME_ACROSS_SCRIPTS,
        Reason::SimilarName => keys::REASON_SIMILAR_NAME,
        Reason::Phone => keys::REASON_PHONE,
        Reason::SharedMailbox => keys::REASON_SHARED_MAILBOX,
        Reason::Company => keys::REASON_COMPANY,
    }
}

/// What can be read already of what was typed; the rest is left out.
fn typed(object: &ObjectDef, given: &HashMap<String, String>, edge: &EdgeContext) -> Vec<(FieldIx, Value)> {
    let one = |field: &FieldDef| -> Option<Value> {
        match field.stored() {
            // A name in one piece, as the quick lead has it.
            FieldType::PersonName if given.contains_key(&field.key) => {
                codec::parse_text(field, given.get(&field.key)?, edge).ok()
            }
            FieldType::PersonName => {
                let prefix = format!("{}.", field.key);
                let parts: serde_json::Map<String, serde_json::Value> = given
                    .iter()
                    .filter_map(|(k, v)| Some((k.strip_prefix(&prefix)?.to_owned(), v.trim().into())))
                    .collect();
                codec::parse_json_value(field, &serde_json::Value::Object(parts), edge).ok()
            }
            // The id stands beside the title that is shown.
            FieldType::Link => {
                let beside = given
                    .get(&format!("{}.id", field.key))
                    .or(given.get(&field.key))?;
                beside.parse::<Id>().ok().map(Value::Id)
            }
            FieldType::Points => {
                // Of several lines those count that can be read.
                let lines = given
                    .get(&field.key)?
                    .lines()
                    .filter(|l| codec::parse_text(field, l, edge).is_ok());
                codec::parse_text(field, &lines.collect::<Vec<_>>().join("\n"), edge).ok()
            }
            FieldType::Text | FieldType::Code | FieldType::Email | FieldType::Phone | FieldType::Url => {
                codec::parse_text(field, given.get(&field.key)?, edge).ok()
            }
            _ => None,
        }
    };
    object
        .fields
        .iter()
        .enumerate()
        .filter(|(_, f)| !f.is_system())
        .filter_map(|(i, f)| Some((FieldIx(i as u16), one(f)?)))
        .filter(|(_, v)| !v.is_null())
        .collect()
}

/// The piece of the form; empty when there is nothing to warn of.
pub(crate) async fn piece(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(plural): Path<String>,
    Form(given): Form<HashMap<String, String>>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let edge = caller.workspace.edge(caller.language, v.now, Mode::Patch);
    let values = typed(&object, &given, &edge);
    let likely = app
        .duplicates_of(caller, &object, values, None)
        .await
        .map_err(visitor.fail())?;
    let comma = if v.dir() == "rtl" { "، " } else { ", " };
    let page = Piece {
        title: v.t(keys::DUPLICATES_TITLE),
        candidates: likely
            .iter()
            .map(|l| Candidate {
                address: format!("/{plural}/{}", l.record.id()),
                title: reading::title(&object, &l.record),
                score: v.with(
                    keys::DUPLICATES_SCORE,
                    &Args::new().number("score", i64::from(l.score)),
                ),
                reasons: l
                    .reasons
                    .iter()
                    .map(|r| v.t(words(*r)))
                    .collect::<Vec<_>>()
                    .join(comma),
            })
            .collect(),
    };
    Ok(html(StatusCode::OK, &page, false))
}
