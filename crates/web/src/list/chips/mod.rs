//! The filter of a list as chips: field, operator, value; groups as brackets. Each chip is taken apart from the filter's
//! own syntax and put back into it, so that whatever the language can say is shown, and what the chips can say is written
//! in the language.

mod draw;
mod picker;

use std::collections::HashMap;

use peyvand_catalog::handles::tag;
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::{Key, keys};
use peyvand_record::filter::syntax::{Expr, Literal, LiteralKind, Name, Path, Place, Syntax};
use peyvand_record::filter::{Op, parse, print};

pub(crate) use draw::Chips;
pub(crate) use picker::{Picker, picker};

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

/// The chip of tags: no field has this key, for none may begin with a colon.
pub(crate) const TAGS: &str = ":tags";
/// The operators of the chip of tags.
pub(crate) const TAG_OPERATORS: [Operator; 2] = [
    ("tagged", keys::LIST_OP_TAGGED),
    ("untagged", keys::LIST_OP_UNTAGGED),
];

/// The condition that records carry a tag, or do not. The tag is named by its id, so that another name for it changes
/// nothing.
pub(crate) fn tag_condition(op: &str, tag: Id) -> Option<Expr> {
    let carries = Expr::Call {
        name: Name {
            text: "tagged".to_owned(),
            place: Place(0),
        },
        args: vec![literal(LiteralKind::Quoted(tag.to_string()))],
    };
    match op {
        "tagged" => Some(carries),
        "untagged" => Some(Expr::Not(Box::new(carries))),
        _ => None,
    }
}

/// The tag that a condition names, and the operator of its chip.
fn tag_of(e: &Expr) -> Option<(&'static str, &Literal)> {
    match e {
        Expr::Call { name, args } if name.text == "tagged" => args.first().map(|t| ("tagged", t)),
        Expr::Not(inner) => match tag_of(inner)? {
            ("tagged", t) => Some(("untagged", t)),
            _ => None,
        },
        _ => None,
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
            Expr::Call { .. } => {
                if let Some(id) = tag_of(e).and_then(|(_, t)| plain(t).parse().ok()) {
                    out.entry(tag::OBJECT.to_owned()).or_default().push(id);
                }
            }
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
    use super::{Act, changed, tag_condition, tag_of, text_of, without};
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

    #[test]
    fn a_tag_is_carried_or_not() {
        let tag = peyvand_core::Id::NIL;
        for (op, wanted) in [
            ("tagged", format!("tagged(\"{tag}\")")),
            ("untagged", format!("NOT tagged(\"{tag}\")")),
        ] {
            let text = changed("a = 1", Act::Add, "", tag_condition(op, tag).unwrap()).unwrap();
            assert_eq!(text, format!("a = 1 AND {wanted}"));
            let parsed = super::parts(&text).unwrap();
            assert_eq!(tag_of(&parsed[1]).map(|(op, _)| op), Some(op));
            assert_eq!(tag_of(&parsed[0]), None);
        }
        assert!(tag_condition("eq", tag).is_none());
    }
}
