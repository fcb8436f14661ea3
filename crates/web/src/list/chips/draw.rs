//! Chips as HTML.

use std::collections::HashMap;

use peyvand_app::Caller;
use peyvand_catalog::handles::tag;
use peyvand_catalog::{FieldDef, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::{Args, Key, keys};
use peyvand_numbers::{Currency, Decimal, Money};
use peyvand_record::filter::syntax::{Expr, Literal, LiteralKind, Path, Syntax};
use peyvand_record::filter::{Op, print};

use super::{PERIODS, TAG_OPERATORS, TAGS, field_of, parts, plain, tag_of, without};
use crate::board::base_currency;
use crate::fields::{self, escape_into};
use crate::list::state::{State, filterable};
use crate::view::Viewer;

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
                _ if tag_of(e).is_some() => self.tagged(out, e, at),
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
            Expr::Call { .. } if tag_of(e).is_some() => self.tagged(out, e, at),
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

    /// An amount as amounts are shown: in groups, with its unit.
    fn amount(&self, text: &str, currency: Currency) -> Option<String> {
        let n = text.parse::<Decimal>().ok()?;
        Some(self.v.amount(Money::from_decimal(n, currency).ok()?, false))
    }

    fn value(&self, path: &Path, value: &Literal) -> String {
        let f = self.field(path);
        match &value.kind {
            LiteralKind::Null => "—".to_owned(),
            LiteralKind::Word(t) | LiteralKind::Quoted(t) => {
                if let Some(c) = f.and_then(|f| f.choice(t)) {
                    return (if self.v.dir() == "rtl" { &c.fa } else { &c.en }).clone();
                }
                if f.is_some_and(FieldDef::is_country) {
                    return fields::country(self.v, t).to_owned();
                }
                if f.is_some_and(|f| f.stored() == FieldType::Boolean) {
                    let yes = matches!(t.as_str(), "true" | "بله");
                    return self.v.t(if yes { keys::WEB_YES } else { keys::WEB_NO });
                }
                if let Some(title) = t.parse::<Id>().ok().and_then(|id| self.titles.get(&id)) {
                    return title.clone();
                }
                let amount = f.filter(|f| f.stored() == FieldType::Money);
                if let Some(shown) = amount.and_then(|_| self.amount(t, base_currency(self.caller))) {
                    return shown;
                }
                let counted = f.is_some_and(|f| matches!(f.stored(), FieldType::Number | FieldType::Decimal));
                if let Some(n) = t.parse().ok().filter(|_| counted) {
                    return self.v.number(n);
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
            LiteralKind::Amount { number, currency } => Currency::new(currency)
                .ok()
                .and_then(|c| self.amount(number, c))
                .unwrap_or_else(|| self.v.in_digits(&format!("{number} {currency}"))),
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

    /// The chip of a tag.
    fn tagged(&self, out: &mut String, e: &Expr, at: &str) {
        let Some((op, tag)) = tag_of(e) else { return };
        let text = plain(tag);
        let name = text
            .parse::<Id>()
            .ok()
            .and_then(|id| self.titles.get(&id).cloned());
        let said = TAG_OPERATORS
            .iter()
            .find(|(k, _)| *k == op)
            .map(|(_, label)| self.v.t(*label))
            .unwrap_or_default();
        self.draw(out, Some(TAGS), &self.tags(), (said, name.unwrap_or(text)), at);
    }

    /// What the chip of tags is called.
    pub(super) fn tags(&self) -> String {
        let catalog = self.caller.workspace.catalog();
        catalog
            .object(tag::OBJECT)
            .map(|o| self.v.label(&o.label).to_owned())
            .unwrap_or_default()
    }

    fn chip(&self, out: &mut String, path: &Path, said: (String, String), at: &str) {
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
        self.draw(out, f.map(|f| f.key.as_str()), &label, said, at);
    }

    /// A chip: what it is about, operator, value, and where it is changed (`pick`), taken away or given an alternative.
    fn draw(
        &self,
        out: &mut String,
        pick: Option<&str>,
        label: &str,
        (op, value): (String, String),
        at: &str,
    ) {
        out.push_str("<span class=\"chip\">");
        match pick {
            Some(pick) => {
                let to = self
                    .state
                    .address(&[("pick", pick), ("at", at), ("act", "replace")]);
                out.push_str("<a class=\"body\" data-swap href=\"");
                escape_into(out, &to);
                out.push_str("\">");
            }
            None => out.push_str("<span class=\"body\">"),
        }
        out.push_str("<span>");
        escape_into(out, label);
        out.push_str("</span><span>");
        escape_into(out, &op);
        out.push_str("</span>");
        if !value.is_empty() {
            out.push_str("<b><bdi class=\"clip\">");
            escape_into(out, &value);
            out.push_str("</bdi></b>");
        }
        out.push_str(if pick.is_some() { "</a>" } else { "</span>" });
        if !at.contains('.') {
            let or = self.state.address(&[("pick", "1"), ("at", at), ("act", "or")]);
            let text = self.v.with(keys::LIST_OR_WITH, &Args::new().text("field", label));
            self.link(out, &or, &text, "flow");
        }
        let text = format!("{}: {label}", self.v.t(keys::WEB_REMOVE_FILTER));
        self.link(out, &self.remove(at), &text, "x");
        out.push_str("</span>");
    }
}
