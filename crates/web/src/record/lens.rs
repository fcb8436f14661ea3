//! What is known of a customer's mind: needs, wants, preferences and values as lists of their own, how they see us by four
//! factors; and how complete and reachable the record is.

use peyvand_app::{App, ListRequest};
use peyvand_catalog::handles::{need, perception};
use peyvand_catalog::{FieldIx, FieldType, ObjectDef, Writes};
use peyvand_core::Id;
use peyvand_i18n::{Args, Key, keys};
use peyvand_record::{Reach, Record, Value, Verb};

use super::may_make;
use crate::door::Visitor;
use crate::fields;

/// The lists of needs, by kind, in their order.
const KINDS: [(&str, Key); 6] = [
    ("need", keys::RECORD_NEEDS),
    ("want", keys::RECORD_WANTS),
    ("preference", keys::RECORD_PREFERENCES),
    ("value", keys::RECORD_VALUES),
    ("habit", keys::RECORD_HABITS),
    ("trait", keys::RECORD_TRAITS),
];
/// The four factors by which a customer sees a brand.
const FACTORS: [&str; 4] = ["quality", "features", "feeling", "personal_values"];
/// Fields that are named as missing, at most.
const MISSING: usize = 5;

/// One need.
pub(crate) struct Need {
    pub(crate) to: String,
    pub(crate) text: String,
    /// 1 to 5; 0 when not said.
    pub(crate) strength: i64,
    pub(crate) strength_text: String,
    /// Its status as HTML.
    pub(crate) status: String,
}

/// Needs of one kind.
pub(crate) struct Needs {
    pub(crate) kind: &'static str,
    pub(crate) label: String,
    pub(crate) list: Vec<Need>,
}

/// One factor.
pub(crate) struct Factor {
    pub(crate) label: String,
    /// Mean score, moved to 0 to 10 for the meter; `None` when nothing is known.
    pub(crate) meter: Option<i64>,
    pub(crate) score: String,
    /// The newest words, and where they are.
    pub(crate) words: String,
    pub(crate) to: String,
    pub(crate) add: String,
}

/// Everything of it.
pub(crate) struct Lens {
    pub(crate) needs: Vec<Needs>,
    pub(crate) factors: Vec<Factor>,
    /// Where a need is added; empty when the reader may not.
    pub(crate) add: String,
}

/// How complete a record is, and how its person can be reached.
pub(crate) struct Complete {
    pub(crate) percent: i64,
    pub(crate) text: String,
    /// Address and label of empty fields.
    pub(crate) missing: Vec<(String, String)>,
    /// Label, and is there such a way?
    pub(crate) ways: Vec<(String, bool)>,
}

async fn all(app: &App, visitor: &Visitor, object: &str, filter: String) -> Vec<Record> {
    let caller = &visitor.session.caller;
    let Some(def) = caller.workspace.catalog().object(object) else {
        return Vec::new();
    };
    if caller.policy.reach(object, Verb::Read) == Reach::None {
        return Vec::new();
    }
    let request = ListRequest {
        filter: Some(filter),
        limit: Some(100),
        ..ListRequest::default()
    };
    app.list(caller, def, &request)
        .await
        .map(|l| l.records)
        .unwrap_or_default()
}

/// The lens of a contact or company; `None` for who may see none of it.
pub(crate) async fn lens(app: &App, visitor: &Visitor, object: &ObjectDef, id: Id) -> Option<Lens> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let catalog = caller.workspace.catalog();
    if caller.policy.reach(need::OBJECT, Verb::Read) == Reach::None {
        return None;
    }
    let (needs_def, seen_def) = (catalog.object(need::OBJECT)?, catalog.object(perception::OBJECT)?);
    let filter = format!("{}_id = \"{id}\"", object.key);
    let needs = all(app, visitor, need::OBJECT, filter.clone()).await;
    let seen = all(app, visitor, perception::OBJECT, filter).await;
    let status = needs_def.at(need::STATUS)?;
    let none = fields::Titles::new();
    let mut lists: Vec<Needs> = KINDS
        .into_iter()
        .map(|(kind, key)| Needs {
            kind,
            label: v.t(key),
            list: needs
                .iter()
                .filter(|r| r.get(need::KIND).as_str() == Some(kind))
                .map(|r| {
                    let strength = r.get(need::STRENGTH).as_int().unwrap_or(0);
                    Need {
                        to: format!("/{}/{}", needs_def.plural, r.id()),
                        text: r.get(need::STATEMENT).as_str().unwrap_or_default().to_owned(),
                        strength,
                        strength_text: v.number(strength),
                        status: fields::cell(caller, v, status, r.get(need::STATUS), &none, true).html(),
                    }
                })
                .collect(),
        })
        .collect();
    // The three lists and the values always stand; habits and traits when there are any.
    lists.retain(|l| !matches!(l.kind, "habit" | "trait") || !l.list.is_empty());
    let may_see = may_make(visitor, perception::OBJECT);
    let aspect = seen_def.at(perception::ASPECT)?;
    let factors = FACTORS
        .into_iter()
        .filter_map(|key| {
            let choice = aspect.choice(key)?;
            let of: Vec<&Record> = seen
                .iter()
                .filter(|r| r.get(perception::ASPECT).as_str() == Some(key))
                .collect();
            let scores: Vec<i64> = of
                .iter()
                .filter_map(|r| r.get(perception::SCORE).as_int())
                .collect();
            let mean = (!scores.is_empty()).then(|| {
                let sum: i64 = scores.iter().sum();
                // To the nearest whole point: the scale has eleven.
                (sum as f64 / scores.len() as f64).round() as i64
            });
            let newest = of.first();
            Some(Factor {
                label: match v.language {
                    peyvand_numbers::Language::Fa => choice.fa.clone(),
                    peyvand_numbers::Language::En => choice.en.clone(),
                },
                meter: mean.map(|m| m + 5),
                score: mean.map(|m| v.number(m)).unwrap_or_default(),
                words: newest
                    .and_then(|r| r.get(perception::WORDS).as_str())
                    .unwrap_or_default()
                    .to_owned(),
                to: newest
                    .map(|r| format!("/{}/{}", seen_def.plural, r.id()))
                    .unwrap_or_default(),
                add: if may_see {
                    format!(
                        "/{}/new?{}_id={id}&aspect={key}&to=/{}/{id}",
                        seen_def.plural, object.key, object.plural
                    )
                } else {
                    String::new()
                },
            })
        })
        .collect();
    Some(Lens {
        needs: lists,
        factors,
        add: if may_make(visitor, need::OBJECT) {
            format!("/{}/{id}/needs", object.plural)
        } else {
            String::new()
        },
    })
}

/// How complete a record is.
pub(crate) fn complete(visitor: &Visitor, object: &ObjectDef, record: &Record, may_edit: bool) -> Complete {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let (mut filled, mut all) = (0_i64, 0_i64);
    let mut missing = Vec::new();
    let mut ways = Vec::new();
    for (i, f) in object.fields.iter().enumerate() {
        let ix = FieldIx(i as u16);
        let counted = !f.is_system()
            && f.writes == Writes::Generic
            && caller.policy.sees(&object.key, ix)
            && !matches!(
                f.ty,
                FieldType::Formula
                    | FieldType::Computed
                    | FieldType::Json
                    | FieldType::Boolean
                    | FieldType::Links
            );
        if !counted {
            continue;
        }
        let empty = match record.get(ix) {
            Value::Null => true,
            Value::Points(p) => p.is_empty(),
            Value::Text(s) => s.trim().is_empty(),
            _ => false,
        };
        all += 1;
        filled += i64::from(!empty);
        if empty && may_edit && missing.len() < MISSING {
            missing.push((
                format!("/{}/{}/edit/{}", object.plural, record.id(), f.key),
                v.label(&f.label).to_owned(),
            ));
        }
        if matches!(f.stored(), FieldType::Points | FieldType::Address) {
            ways.push((v.label(&f.label).to_owned(), !empty));
        }
    }
    let percent = if all == 0 { 100 } else { filled * 100 / all };
    Complete {
        percent,
        text: v.with(keys::RECORD_COMPLETE, &Args::new().number("percent", percent)),
        missing,
        ways,
    }
}
