//! The filter of a list as chips: field, operator, value; groups as brackets. Each chip is taken apart from the filter's
//! own syntax and put back into it, so that whatever the language can say is shown, and what the chips can say is written
//! in the language.

use std::collections::HashMap;

use peyvand_app::{App, Caller};
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::{Args, Key, keys};
use peyvand_record::filter::syntax::{Expr, Literal, LiteralKind, Name, Path, Place, Syntax};
use peyvand_record::filter::{Op, parse, print};

use super::state::{State, filterable};
use crate::fields::escape_into;
use crate::view::Viewer;

/// An operator of a chip: its key in the address and its label.
pub(crate) type Operator = (&'static str, Key);

const EMPTY: [Operator; 2] = [("empty", keys::LIST_OP_EMPTY), ("filled", keys::LIST_OP_FILLED)];
const IS: Operator = ("eq", keys::LIST_OP_IS);
const IS_NOT: Operator = ("ne", keys::LIST_OP_IS_NOT);
const HAS: Operator = ("has", keys::LIST_OP_HAS);
const STARTS: Operator = ("starts", keys::LIST_OP_STARTS);
const MORE: Operator = ("gt", keys::LIST_OP_MORE);
const LESS: Operator = ("lt", keys::LIST_OP_LESS);
const AT_LEAST: Operator = ("ge", keys::LIST_OP_AT_LEAST);
const AT_MOST: Operator = ("le", keys::LIST_OP_AT_MOST);
const AFTER: Operator = ("gt", keys::LIST_OP_AFTER);
const BEFORE: Operator = ("lt", keys::LIST_OP_BEFORE);
const ONE_OF: Operator = ("in", keys::LIST_OP_ONE_OF);
const PERIOD: Operator = ("period", keys::LIST_OP_PERIOD);
const ME: Operator = ("me", keys::LIST_OP_ME);

/// Periods that a chip offers.
pub(crate) const PERIODS: [(&str, Key); 16] = [
    ("today", keys::LIST_PERIOD_TODAY),
    ("yesterday", keys::LIST_PERIOD_YESTERDAY),
    ("tomorrow", keys::LIST_PERIOD_TOMORROW),
    ("this_week", keys::LIST_PERIOD_THIS_WEEK),
    ("last_week", keys::LIST_PERIOD_LAST_WEEK),
    ("next_week", keys::LIST_PERIOD_NEXT_WEEK),
    ("this_month", keys::LIST_PERIOD_THIS_MONTH),
    ("last_month", keys::LIST_PERIOD_LAST_MONTH),
    ("next_month", keys::LIST_PERIOD_NEXT_MONTH),
    ("this_quarter", keys::LIST_PERIOD_THIS_QUARTER),
    ("this_year", keys::LIST_PERIOD_THIS_YEAR),
    ("last_year", keys::LIST_PERIOD_LAST_YEAR),
    ("last_days-7", keys::LIST_PERIOD_LAST_7),
    ("last_days-30", keys::LIST_PERIOD_LAST_30),
    ("next_days-7", keys::LIST_PERIOD_NEXT_7),
    ("next_days-30", keys::LIST_PERIOD_NEXT_30),
];

/// The operators that fit a field.
pub(crate) fn operators(f: &FieldDef) -> Vec<Operator> {
    let mut out = match f.stored() {
        FieldType::Number | FieldType::Decimal | FieldType::Money => {
            vec![IS, MORE, LESS, AT_LEAST, AT_MOST, IS_NOT]
        }
        FieldType::Date | FieldType::Instant => vec![PERIOD, IS, AFTER, BEFORE],
        FieldType::Boolean => return vec![IS],
        FieldType::Choice => vec![ONE_OF, IS_NOT],
        FieldType::Choices => vec![ONE_OF],
        FieldType::Link if links_people(f) => vec![ME, IS, IS_NOT],
        FieldType::Link => vec![IS, IS_NOT],
        FieldType::Links => vec![HAS],
        _ => vec![HAS, IS, STARTS, IS_NOT],
    };
    out.extend(EMPTY);
    out
}

fn links_people(f: &FieldDef) -> bool {
    f.to.as_deref() == Some("user") || f.key == "owner_id"
}

fn named(text: &str) -> Path {
    Path(
        text.split('.')
            .map(|t| Name {
                text: t.to_owned(),
                place: Place(0),
            })
            .collect(),
    )
}

fn literal(kind: LiteralKind) -> Literal {
    Literal {
        kind,
        place: Place(0),
    }
}

fn bare(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A value as a chip gives it: a key as a word, everything else as people type it.
fn value_of(f: &FieldDef, text: &str) -> Literal {
    let word = matches!(
        f.stored(),
        FieldType::Choice | FieldType::Choices | FieldType::Boolean
    ) && bare(text);
    literal(if word {
        LiteralKind::Word(text.to_owned())
    } else {
        LiteralKind::Quoted(text.to_owned())
    })
}

/// The condition that a chip's form says; `None` when it has no value.
pub(crate) fn condition(f: &FieldDef, op: &str, values: &[String]) -> Option<Expr> {
    let compare = |op: Op, value: Literal| {
        Some(Expr::Compare {
            path: named(&f.key),
            op,
            value,
        })
    };
    let first = values.iter().map(|v| v.trim()).find(|v| !v.is_empty());
    match op {
        "empty" => compare(Op::Eq, literal(LiteralKind::Null)),
        "filled" => compare(Op::Ne, literal(LiteralKind::Null)),
        "me" => compare(
            Op::Eq,
            literal(LiteralKind::Call {
                name: "me".to_owned(),
                args: Vec::new(),
            }),
        ),
        "period" => {
            let (key, _) = PERIODS.iter().find(|(k, _)| Some(*k) == first)?;
            let (name, args) = match key.split_once('-') {
                Some((name, n)) => (name, vec![literal(LiteralKind::Word(n.to_owned()))]),
                None => (*key, Vec::new()),
            };
            compare(
                Op::Eq,
                literal(LiteralKind::Call {
                    name: name.to_owned(),
                    args,
                }),
            )
        }
        "in" => {
            let list: Vec<Literal> = values
                .iter()
                .filter(|v| !v.trim().is_empty())
                .map(|v| value_of(f, v.trim()))
                .collect();
            match <[Literal; 1]>::try_from(list) {
                Ok([one]) if f.stored() == FieldType::Choice => compare(Op::Eq, one),
                Ok(one) => Some(Expr::In {
                    path: named(&f.key),
                    values: one.into(),
                }),
                Err(list) if list.is_empty() => None,
                Err(list) => Some(Expr::In {
                    path: named(&f.key),
                    values: list,
                }),
            }
        }
        other => {
            let op = match other {
                "eq" => Op::Eq,
                "ne" => Op::Ne,
                "has" => Op::Has,
                "starts" => Op::Starts,
                "gt" => Op::Gt,
                "ge" => Op::Ge,
                "lt" => Op::Lt,
                "le" => Op::Le,
                _ => return None,
            };
            compare(op, value_of(f, first?))
        }
    }
}

/// The conditions of a filter that are joined by AND at its top; `None` when it cannot be read.
pub(crate) fn parts(filter: &str) -> Option<Vec<Expr>> {
    match parse(filter).ok()?.root {
        None => Some(Vec::new()),
        Some(Expr::And(list)) => Some(list),
        Some(one) => Some(vec![one]),
    }
}

/// The text of such conditions.
pub(crate) fn text_of(mut list: Vec<Expr>) -> String {
    let root = match list.len() {
        0 => None,
        1 => list.pop(),
        _ => Some(Expr::And(list)),
    };
    print(&Syntax { root })
}

/// A place in the tree: `1.0` is the first condition of the second group.
fn place(text: &str) -> Vec<usize> {
    text.split('.').filter_map(|n| n.parse().ok()).collect()
}

fn children(e: &mut Expr) -> Option<&mut Vec<Expr>> {
    match e {
        Expr::And(list) | Expr::Or(list) => Some(list),
        _ => None,
    }
}

/// The list in which the place stands, and its position there.
fn spot<'a>(list: &'a mut Vec<Expr>, at: &[usize]) -> Option<(&'a mut Vec<Expr>, usize)> {
    match at {
        [] => None,
        [one] => (*one < list.len()).then_some((list, *one)),
        [first, rest @ ..] => {
            let e = list.get_mut(*first)?;
            let e = match e {
                Expr::Not(inner) => inner.as_mut(),
                e => e,
            };
            spot(children(e)?, rest)
        }
    }
}

/// What a form of a chip does to the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// One more condition beside the others at the top, or in the group at the place.
    Add,
    /// Another condition instead of the one at the place.
    Replace,
    /// An alternative to the one at the place.
    Or,
}

impl Act {
    pub(crate) fn of(text: &str) -> Self {
        match text {
            "replace" => Self::Replace,
            "or" => Self::Or,
            _ => Self::Add,
        }
    }
}

/// The filter with the change; `None` when there is no such place.
pub(crate) fn changed(filter: &str, act: Act, at: &str, new: Expr) -> Option<String> {
    let mut list = parts(filter)?;
    let path = place(at);
    match act {
        Act::Add if path.is_empty() => list.push(new),
        Act::Add => {
            let (near, n) = spot(&mut list, &path)?;
            children(near.get_mut(n)?)?.push(new);
        }
        Act::Replace => {
            let (near, n) = spot(&mut list, &path)?;
            *near.get_mut(n)? = new;
        }
        Act::Or => {
            let (near, n) = spot(&mut list, &path)?;
            let e = near.get_mut(n)?;
            if let Expr::Or(any) = e {
                any.push(new);
            } else {
                let old = std::mem::replace(e, Expr::Or(Vec::new()));
                *e = Expr::Or(vec![old, new]);
            }
        }
    }
    Some(text_of(list))
}

/// The filter without the condition at the place; a group of one is that one.
pub(crate) fn without(filter: &str, at: &str) -> Option<String> {
    fn tidy(list: &mut Vec<Expr>) {
        for e in list.iter_mut() {
            if let Some(inner) = children(e) {
                tidy(inner);
                if inner.len() == 1
                    && let Some(one) = inner.pop()
                {
                    *e = one;
                }
            }
        }
        list.retain(|e| !matches!(e, Expr::And(l) | Expr::Or(l) if l.is_empty()));
    }
    let mut list = parts(filter)?;
    let (near, n) = spot(&mut list, &place(at))?;
    near.remove(n);
    tidy(&mut list);
    Some(text_of(list))
}

/// Ids that the filter names: their titles are shown instead.
pub(crate) fn ids(object: &ObjectDef, filter: &str) -> HashMap<String, Vec<Id>> {
    fn walk(object: &ObjectDef, e: &Expr, out: &mut HashMap<String, Vec<Id>>) {
        match e {
            Expr::And(l) | Expr::Or(l) => l.iter().for_each(|e| walk(object, e, out)),
            Expr::Not(e) => walk(object, e, out),
            Expr::Compare { path, value, .. } => note(object, path, std::slice::from_ref(value), out),
            Expr::In { path, values } => note(object, path, values, out),
            _ => {}
        }
    }
    fn note(object: &ObjectDef, path: &Path, values: &[Literal], out: &mut HashMap<String, Vec<Id>>) {
        let [name] = path.0.as_slice() else { return };
        let Some((_, f)) = field_of(object, &name.text).filter(|(_, f)| f.stored() == FieldType::Link) else {
            return;
        };
        let to = crate::form::inputs::target_of(f).to_owned();
        for v in values {
            if let LiteralKind::Quoted(t) | LiteralKind::Word(t) = &v.kind
                && let Ok(id) = t.parse()
            {
                out.entry(to.clone()).or_default().push(id);
            }
        }
    }
    let mut out = HashMap::new();
    for e in parts(filter).unwrap_or_default() {
        walk(object, &e, &mut out);
    }
    out
}

fn field_of<'a>(object: &'a ObjectDef, name: &str) -> Option<(FieldIx, &'a FieldDef)> {
    object.field(name).or_else(|| object.field(&format!("{name}_id")))
}

/// What the chips are drawn with.
pub(crate) struct Chips<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) v: &'a Viewer,
    pub(crate) object: &'a ObjectDef,
    pub(crate) state: &'a State,
    pub(crate) titles: &'a HashMap<Id, String>,
    pub(crate) icons: &'a str,
}

impl Chips<'_> {
    /// All chips as HTML. A filter that cannot be read is one chip with its text.
    pub(crate) fn html(&self) -> String {
        let filter = self.state.get("filter");
        let mut out = String::new();
        match parts(filter) {
            Some(list) => {
                for (n, e) in list.iter().enumerate() {
                    self.one(&mut out, e, &n.to_string());
                }
            }
            None => self.raw(&mut out, filter, &self.state.address(&[("filter", "")])),
        }
        out
    }

    fn icon(&self, out: &mut String, name: &str) {
        out.push_str("<svg class=\"i sm\" aria-hidden=\"true\"><use href=\"");
        escape_into(out, self.icons);
        out.push_str("#i-");
        out.push_str(name);
        out.push_str("\"/></svg>");
    }

    fn link(&self, out: &mut String, to: &str, label: &str, icon: &str) {
        out.push_str("<a data-swap href=\"");
        escape_into(out, to);
        out.push_str("\" aria-label=\"");
        escape_into(out, label);
        out.push_str("\" title=\"");
        escape_into(out, label);
        out.push_str("\">");
        self.icon(out, icon);
        out.push_str("</a>");
    }

    fn raw(&self, out: &mut String, text: &str, remove: &str) {
        out.push_str("<span class=\"chip\"><span>");
        escape_into(out, &self.v.t(keys::WEB_FILTER_LABEL));
        out.push_str("</span><b><bdi dir=\"ltr\" class=\"clip\">");
        escape_into(out, text);
        out.push_str("</bdi></b>");
        self.link(out, remove, &self.v.t(keys::WEB_REMOVE_FILTER), "x");
        out.push_str("</span>");
    }

    fn remove(&self, at: &str) -> String {
        let filter = self.state.get("filter");
        // A place that cannot be found takes nothing away.
        let left = without(filter, at).unwrap_or_else(|| filter.to_owned());
        self.state.address(&[("filter", &left)])
    }

    fn group(&self, out: &mut String, list: &[Expr], at: &str, joint: Key, not: bool) {
        out.push_str("<span class=\"chips\" role=\"group\">");
        if not {
            out.push_str("<i>");
            escape_into(out, &self.v.t(keys::LIST_NOT));
            out.push_str("</i>");
        }
        for (n, e) in list.iter().enumerate() {
            if n > 0 {
                out.push_str("<i>");
                escape_into(out, &self.v.t(joint));
                out.push_str("</i>");
            }
            self.one(out, e, &format!("{at}.{n}"));
        }
        let add = self.state.address(&[("pick", "1"), ("at", at), ("act", "add")]);
        self.link(out, &add, &self.v.t(keys::LIST_ADD_TO_GROUP), "plus");
        self.link(out, &self.remove(at), &self.v.t(keys::LIST_REMOVE_GROUP), "x");
        out.push_str("</span>");
    }

    fn one(&self, out: &mut String, e: &Expr, at: &str) {
        match e {
            Expr::And(list) => self.group(out, list, at, keys::LIST_AND, false),
            Expr::Or(list) => self.group(out, list, at, keys::LIST_OR, false),
            Expr::Not(inner) => match inner.as_ref() {
                Expr::And(list) => self.group(out, list, at, keys::LIST_AND, true),
                Expr::Or(list) => self.group(out, list, at, keys::LIST_OR, true),
                one => {
                    out.push_str("<span class=\"chips\" role=\"group\"><i>");
                    escape_into(out, &self.v.t(keys::LIST_NOT));
                    out.push_str("</i>");
                    self.one(out, one, at);
                    out.push_str("</span>");
                }
            },
            Expr::Compare { path, op, value } => self.chip(out, path, self.said(path, *op, value), at),
            Expr::In { path, values } => {
                let text: Vec<String> = values.iter().map(|v| self.value(path, v)).collect();
                let joined = text.join(if self.v.dir() == "rtl" { "، " } else { ", " });
                self.chip(out, path, (self.v.t(keys::LIST_OP_ONE_OF), joined), at);
            }
            other => {
                let text = print(&Syntax {
                    root: Some(other.clone()),
                });
                self.raw(out, &text, &self.remove(at));
            }
        }
    }

    /// Operator and value of a comparison, in words.
    fn said(&self, path: &Path, op: Op, value: &Literal) -> (String, String) {
        let f = self.field(path);
        let dated = f.is_some_and(|f| matches!(f.stored(), FieldType::Date | FieldType::Instant));
        let key = match (&value.kind, op) {
            (LiteralKind::Null, Op::Eq) => return (self.v.t(keys::LIST_OP_EMPTY), String::new()),
            (LiteralKind::Null, _) => return (self.v.t(keys::LIST_OP_FILLED), String::new()),
            (_, Op::Eq) if dated && matches!(value.kind, LiteralKind::Call { .. }) => keys::LIST_OP_PERIOD,
            (_, Op::Eq) => keys::LIST_OP_IS,
            (_, Op::Ne) => keys::LIST_OP_IS_NOT,
            (_, Op::Lt) if dated => keys::LIST_OP_BEFORE,
            (_, Op::Lt) => keys::LIST_OP_LESS,
            (_, Op::Le) => keys::LIST_OP_AT_MOST,
            (_, Op::Gt) if dated => keys::LIST_OP_AFTER,
            (_, Op::Gt) => keys::LIST_OP_MORE,
            (_, Op::Ge) => keys::LIST_OP_AT_LEAST,
            (_, Op::Has) => keys::LIST_OP_HAS,
            (_, Op::Starts) => keys::LIST_OP_STARTS,
            (_, Op::In) => keys::LIST_OP_ONE_OF,
        };
        (self.v.t(key), self.value(path, value))
    }

    fn field(&self, path: &Path) -> Option<&FieldDef> {
        match path.0.as_slice() {
            [name] => field_of(self.object, &name.text)
                .filter(|(ix, _)| filterable(self.caller, self.object, *ix))
                .map(|(_, f)| f),
            _ => None,
        }
    }

    fn value(&self, path: &Path, value: &Literal) -> String {
        let f = self.field(path);
        match &value.kind {
            LiteralKind::Null => "—".to_owned(),
            LiteralKind::Word(t) | LiteralKind::Quoted(t) => {
                if let Some(c) = f.and_then(|f| f.choice(t)) {
                    return (if self.v.dir() == "rtl" { &c.fa } else { &c.en }).clone();
                }
                if f.is_some_and(|f| f.stored() == FieldType::Boolean) {
                    let yes = matches!(t.as_str(), "true" | "بله");
                    return self.v.t(if yes { keys::WEB_YES } else { keys::WEB_NO });
                }
                if let Some(title) = t.parse::<Id>().ok().and_then(|id| self.titles.get(&id)) {
                    return title.clone();
                }
                let numeric = f.is_some_and(|f| {
                    matches!(
                        f.stored(),
                        FieldType::Number
                            | FieldType::Decimal
                            | FieldType::Money
                            | FieldType::Date
                            | FieldType::Instant
                            | FieldType::Phone
                            | FieldType::Points
                    )
                });
                if numeric { self.v.in_digits(t) } else { t.clone() }
            }
            LiteralKind::Amount { number, currency } => self.v.in_digits(&format!("{number} {currency}")),
            LiteralKind::Call { name, args } => {
                let mut key = name.clone();
                if let Some(Literal {
                    kind: LiteralKind::Word(n),
                    ..
                }) = args.first()
                {
                    key.push('-');
                    key.push_str(n);
                }
                if name == "me" {
                    return self.v.t(keys::LIST_OP_ME);
                }
                PERIODS
                    .iter()
                    .find(|(k, _)| *k == key)
                    .map_or_else(|| self.v.in_digits(&format!("{key}()")), |(_, k)| self.v.t(*k))
            }
        }
    }

    fn chip(&self, out: &mut String, path: &Path, (op, value): (String, String), at: &str) {
        let f = self.field(path);
        let label = f.map_or_else(
            || {
                path.0
                    .iter()
                    .map(|n| n.text.as_str())
                    .collect::<Vec<_>>()
                    .join(".")
            },
            |f| self.v.label(&f.label).to_owned(),
        );
        out.push_str("<span class=\"chip\">");
        let open = |out: &mut String| match f {
            Some(f) => {
                let to = self
                    .state
                    .address(&[("pick", &f.key), ("at", at), ("act", "replace")]);
                out.push_str("<a class=\"body\" data-swap href=\"");
                escape_into(out, &to);
                out.push_str("\">");
            }
            None => out.push_str("<span class=\"body\">"),
        };
        open(out);
        out.push_str("<span>");
        escape_into(out, &label);
        out.push_str("</span><span>");
        escape_into(out, &op);
        out.push_str("</span>");
        if !value.is_empty() {
            out.push_str("<b><bdi class=\"clip\">");
            escape_into(out, &value);
            out.push_str("</bdi></b>");
        }
        out.push_str(if f.is_some() { "</a>" } else { "</span>" });
        if !at.contains('.') {
            let or = self.state.address(&[("pick", "1"), ("at", at), ("act", "or")]);
            let text = self
                .v
                .with(keys::LIST_OR_WITH, &Args::new().text("field", label.clone()));
            self.link(out, &or, &text, "flow");
        }
        let text = format!("{}: {label}", self.v.t(keys::WEB_REMOVE_FILTER));
        self.link(out, &self.remove(at), &text, "x");
        out.push_str("</span>");
    }
}

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
        return Some(out);
    };
    f.key.clone_into(&mut out.field);
    v.label(&f.label).clone_into(&mut out.label);
    // What the chip says now.
    let now = (out.act == "replace")
        .then(|| parts(s.get("filter")))
        .flatten()
        .and_then(|mut list| {
            let path = place(&out.at);
            let (near, n) = spot(&mut list, &path)?;
            near.get(n).cloned()
        });
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
                        .map(|(id, t)| {
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

fn plain(value: &Literal) -> String {
    match &value.kind {
        LiteralKind::Null => String::new(),
        LiteralKind::Word(t) | LiteralKind::Quoted(t) => t.clone(),
        LiteralKind::Amount { number, currency } => format!("{number} {currency}"),
        LiteralKind::Call { name, args } => match args.first() {
            Some(a) => format!("{name}-{}", plain(a)),
            None => name.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Act, changed, text_of, without};
    use peyvand_record::filter::parse;

    fn more() -> super::Expr {
        parse("city = \"قم\"").unwrap().root.unwrap()
    }

    #[test]
    fn chips_change_the_filter_at_their_place() {
        let two = "lifecycle = lost AND (city = \"تهران\" OR city = \"شیراز\")";
        for (filter, act, at, wanted) in [
            ("", Act::Add, "", "city = \"قم\""),
            ("a = 1", Act::Add, "", "a = 1 AND city = \"قم\""),
            ("a = 1", Act::Or, "0", "a = 1 OR city = \"قم\""),
            ("a = 1", Act::Replace, "0", "city = \"قم\""),
            (
                two,
                Act::Add,
                "1",
                "lifecycle = lost AND (city = \"تهران\" OR city = \"شیراز\" OR city = \"قم\")",
            ),
            (
                two,
                Act::Replace,
                "1.0",
                "lifecycle = lost AND (city = \"قم\" OR city = \"شیراز\")",
            ),
        ] {
            assert_eq!(changed(filter, act, at, more()).as_deref(), Some(wanted));
        }
        assert_eq!(changed("a = 1", Act::Replace, "7", more()), None);
        assert_eq!(changed("a = ", Act::Add, "", more()), None);
    }

    #[test]
    fn a_group_of_one_is_that_one() {
        let two = "a = 1 AND (b = 2 OR c = 3)";
        assert_eq!(without(two, "1.1").as_deref(), Some("a = 1 AND b = 2"));
        assert_eq!(without(two, "0").as_deref(), Some("b = 2 OR c = 3"));
        assert_eq!(without("a = 1", "0").as_deref(), Some(""));
        assert_eq!(without(two, "1.5"), None);
        assert_eq!(text_of(Vec::new()), "");
    }
}
