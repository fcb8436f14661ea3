//! The form of a condition that is picked or changed.

use peyvand_app::{App, ListRequest};
use peyvand_catalog::handles::tag;
use peyvand_catalog::{FieldIx, FieldType};
use peyvand_core::Id;
use peyvand_i18n::keys;
use peyvand_record::filter::Op;
use peyvand_record::filter::syntax::{Expr, Literal, LiteralKind};
use peyvand_record::policy::{Reach, Verb};

use super::{Chips, PERIODS, TAG_OPERATORS, TAGS, operators, parts, place, plain, spot, tag_of};
use crate::list::state::{State, filterable};

/// So many tags are listed; more are found by typing.
const LISTED: u32 = 100;

/// The form of a condition that is picked or changed.
pub(crate) struct Picker {
    pub(crate) act: String,
    pub(crate) at: String,
    /// Empty while the field is still to be picked.
    pub(crate) field: String,
    pub(crate) label: String,
    /// Fields to pick from, with the address that picks each.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) operators: Vec<(String, String, bool)>,
    /// `text`, `choices`, `check`, `pick`, `link`, `date`.
    pub(crate) kind: &'static str,
    pub(crate) value: String,
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) options: Vec<(String, String, bool)>,
    pub(crate) periods: Vec<(String, String, bool)>,
    pub(crate) cancel: String,
    pub(crate) error: String,
}

/// The picker that the address asks for.
pub(crate) async fn picker(app: &App, chips: &Chips<'_>, error: String) -> Option<Picker> {
    let s = chips.state;
    let pick = s.besides("pick");
    if pick.is_empty() {
        return None;
    }
    let v = chips.v;
    let mut out = Picker {
        act: s.besides("act").to_owned(),
        at: s.besides("at").to_owned(),
        field: String::new(),
        label: String::new(),
        fields: Vec::new(),
        operators: Vec::new(),
        kind: "text",
        value: s.besides("value").to_owned(),
        id: s.besides("value.id").to_owned(),
        to: String::new(),
        options: Vec::new(),
        periods: Vec::new(),
        cancel: s.address(&[]),
        error,
    };
    if pick == TAGS && has_tags(chips) {
        return Some(of_tags(app, chips, out).await);
    }
    let found = chips
        .object
        .field(pick)
        .filter(|(ix, _)| filterable(chips.caller, chips.object, *ix));
    let Some((ix, f)) = found else {
        for (i, f) in chips.object.fields.iter().enumerate() {
            if filterable(chips.caller, chips.object, FieldIx(i as u16)) {
                let to = s.address(&[("pick", &f.key), ("at", &out.at), ("act", &out.act)]);
                out.fields.push((v.label(&f.label).to_owned(), to));
            }
        }
        if has_tags(chips) {
            let to = s.address(&[("pick", TAGS), ("at", &out.at), ("act", &out.act)]);
            out.fields.push((chips.tags(), to));
        }
        return Some(out);
    };
    f.key.clone_into(&mut out.field);
    v.label(&f.label).clone_into(&mut out.label);
    // What the chip says now.
    let now = said_now(s, &out);
    let (mut op, mut values) = (s.besides("op").to_owned(), Vec::new());
    match &now {
        Some(Expr::Compare { op: o, value, .. }) if op.is_empty() => {
            (op, values) = (op_key(*o, value), vec![plain(value)]);
        }
        Some(Expr::In { values: list, .. }) if op.is_empty() => {
            "in".clone_into(&mut op);
            values = list.iter().map(plain).collect();
        }
        _ => {}
    }
    if op == "eq" && f.stored() == FieldType::Choice {
        "in".clone_into(&mut op);
    }
    if out.value.is_empty() {
        values
            .first()
            .cloned()
            .unwrap_or_default()
            .clone_into(&mut out.value);
    }
    out.operators = operators(f)
        .into_iter()
        .map(|(k, label)| (k.to_owned(), v.t(label), k == op))
        .collect();
    match f.stored() {
        FieldType::Choice | FieldType::Choices => {
            out.kind = "choices";
            out.options = f
                .choices
                .iter()
                .filter(|c| !c.retired)
                .map(|c| {
                    let label = if v.dir() == "rtl" { &c.fa } else { &c.en };
                    (c.key.clone(), label.clone(), values.contains(&c.key))
                })
                .collect();
        }
        FieldType::Boolean => {
            out.kind = "check";
            out.options = vec![
                ("true".to_owned(), v.t(keys::WEB_YES), out.value != "false"),
                ("false".to_owned(), v.t(keys::WEB_NO), out.value == "false"),
            ];
        }
        FieldType::Date | FieldType::Instant => {
            out.kind = "date";
            out.periods = PERIODS
                .iter()
                .map(|(k, label)| ((*k).to_owned(), v.t(*label), *k == out.value))
                .collect();
            if out.periods.iter().any(|(_, _, on)| *on) {
                out.value.clear();
            }
        }
        FieldType::Link | FieldType::Links => {
            crate::form::inputs::target_of(f).clone_into(&mut out.to);
            let small = crate::form::inputs::choices_of(app, chips.caller, chips.object, &[ix]).await;
            match small.get(&out.to) {
                Some(list) => {
                    out.kind = "pick";
                    out.options = list
                        .iter()
                        .map(|(id, t, _)| {
                            let id = id.to_string();
                            let on = id == out.value;
                            (id, t.clone(), on)
                        })
                        .collect();
                }
                None => {
                    out.kind = "link";
                    if let Ok(id) = out.value.parse::<Id>() {
                        out.id = id.to_string();
                        out.value = chips.titles.get(&id).cloned().unwrap_or_default();
                    }
                }
            }
        }
        _ => {}
    }
    Some(out)
}

/// The condition that the chip at the form's place says now.
fn said_now(s: &State, form: &Picker) -> Option<Expr> {
    if form.act != "replace" {
        return None;
    }
    let mut list = parts(s.get("filter"))?;
    let path = place(&form.at);
    let (near, n) = spot(&mut list, &path)?;
    near.get(n).cloned()
}

/// Can records of this object carry tags that the reader may see?
pub(crate) fn has_tags(chips: &Chips<'_>) -> bool {
    chips.object.spine && chips.caller.policy.reach(tag::OBJECT, Verb::Read) != Reach::None
}

/// The form of the chip of tags.
async fn of_tags(app: &App, chips: &Chips<'_>, mut out: Picker) -> Picker {
    TAGS.clone_into(&mut out.field);
    out.label = chips.tags();
    let now = said_now(chips.state, &out);
    let (now, tag) = match now.as_ref().and_then(tag_of) {
        Some((op, t)) => (op, plain(t)),
        None => ("tagged", String::new()),
    };
    let op = Some(chips.state.besides("op"))
        .filter(|op| !op.is_empty())
        .unwrap_or(now);
    out.operators = TAG_OPERATORS
        .iter()
        .map(|(k, label)| ((*k).to_owned(), chips.v.t(*label), *k == op))
        .collect();
    if out.value.is_empty() {
        out.value = tag;
    }
    tag::OBJECT.clone_into(&mut out.to);
    let request = ListRequest {
        sort: Some("name".to_owned()),
        limit: Some(LISTED),
        ..ListRequest::default()
    };
    let listed = match app.object(chips.caller, "tags") {
        Ok(tags) => app.list(chips.caller, &tags, &request).await.ok(),
        Err(_) => None,
    };
    match listed.filter(|l| l.next.is_none()) {
        Some(all) => {
            out.kind = "pick";
            out.options = all
                .records
                .iter()
                .map(|t| {
                    let id = t.id().to_string();
                    let name = t.get(tag::NAME).as_str().unwrap_or_default().to_owned();
                    let on = id == out.value;
                    (id, name, on)
                })
                .collect();
        }
        None => {
            out.kind = "link";
            if let Ok(id) = out.value.parse::<Id>() {
                out.id = id.to_string();
                out.value = chips.titles.get(&id).cloned().unwrap_or_default();
            }
        }
    }
    out
}

fn op_key(op: Op, value: &Literal) -> String {
    match (&value.kind, op) {
        (LiteralKind::Null, Op::Eq) => "empty",
        (LiteralKind::Null, _) => "filled",
        (LiteralKind::Call { name, .. }, Op::Eq) if name == "me" => "me",
        (LiteralKind::Call { .. }, Op::Eq) => "period",
        (_, Op::Eq) => "eq",
        (_, Op::Ne) => "ne",
        (_, Op::Lt) => "lt",
        (_, Op::Le) => "le",
        (_, Op::Gt) => "gt",
        (_, Op::Ge) => "ge",
        (_, Op::Has) => "has",
        (_, Op::Starts) => "starts",
        (_, Op::In) => "in",
    }
    .to_owned()
}
