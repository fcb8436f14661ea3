//! From the syntax of a filter to its meaning: fields are looked up under the rights of the asker, values get the form
//! in which fields are stored, functions of time are resolved.

use jiff::tz::TimeZone;
use peyvand_calendar::{Calendar, zone};
use peyvand_catalog::{Catalog, Class, FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::{Id, Instant};
use peyvand_numbers::Language;

use super::error::{FilterError, FilterErrorCode as Code};
use super::operand::{self, Meaning};
use super::syntax::{Expr, Literal, LiteralKind, MAX_DEPTH, Name, Path, Syntax};
use super::{Aggregate, Filter, Node, Op, Operand, Relation, Test};
use crate::codec::{EdgeContext, Mode};
use crate::derive::LONGEST_PART;
use crate::policy::{Policy, Reach, Verb};

/// Finds tags by their name.
pub trait TagResolver {
    /// The tag with this name, as people write it.
    fn tag(&self, name: &str) -> Option<Id>;
}

/// Knows no tags.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTags;

impl TagResolver for NoTags {
    fn tag(&self, _: &str) -> Option<Id> {
        None
    }
}

/// What a filter is checked under.
pub struct FilterContext<'a> {
    /// How values are read: language, zone, today, base currency. Saved filters carry these.
    pub edge: EdgeContext,
    /// The present.
    pub now: Instant,
    /// The calendar of periods that name none.
    pub calendar: Calendar,
    /// First month (1–12) of the fiscal year, in that calendar.
    pub fiscal_start: u8,
    /// The rights of the asker; also who `me()` and `my_team()` are.
    pub policy: &'a Policy,
    /// The tags of the workspace.
    pub tags: &'a dyn TagResolver,
}

impl<'a> FilterContext<'a> {
    /// A context of Iran at an instant: rials, Tehran, years from the first month.
    #[must_use]
    pub fn new(
        language: Language,
        now: Instant,
        calendar: Calendar,
        policy: &'a Policy,
        tags: &'a dyn TagResolver,
    ) -> Self {
        let time_zone = zone::tehran();
        let today = zone::day_of(now.micros(), &time_zone);
        Self {
            edge: EdgeContext::new(language, today, Mode::Patch),
            now,
            calendar,
            fiscal_start: 1,
            policy,
            tags,
        }
    }

    /// The same in another zone.
    #[must_use]
    pub fn in_zone(mut self, time_zone: TimeZone) -> Self {
        self.edge.today = zone::day_of(self.now.micros(), &time_zone);
        self.edge.time_zone = time_zone;
        self
    }
}

/// Checks a filter over records of an object.
///
/// A field that the asker may not see, or sees masked, is refused exactly as one that does not exist: a filter must not
/// tell what the page hides.
///
/// # Errors
/// With the place at fault.
pub fn check(
    syntax: &Syntax,
    catalog: &Catalog,
    object: &str,
    context: &FilterContext<'_>,
) -> Result<Filter, FilterError> {
    let Some(def) = catalog.object(object) else {
        return Err(FilterError::new(Code::UnknownField, 0, object));
    };
    let checker = Checker { catalog, context };
    let root = match &syntax.root {
        None => Node::All(Vec::new()),
        Some(e) => checker.expr(e, def, 1)?,
    };
    Ok(Filter {
        object: object.into(),
        root,
    })
}

/// What a name of a path stands for.
enum Step<'c> {
    Field(FieldIx, &'c FieldDef),
    Relation(Relation, &'c ObjectDef),
}

struct Checker<'c> {
    catalog: &'c Catalog,
    context: &'c FilterContext<'c>,
}

impl<'c> Checker<'c> {
    fn expr(&self, e: &Expr, object: &'c ObjectDef, depth: u32) -> Result<Node, FilterError> {
        match e {
            Expr::And(list) => Ok(Node::All(self.list(list, object, depth)?)),
            Expr::Or(list) => Ok(Node::Any(self.list(list, object, depth)?)),
            Expr::Not(inner) => Ok(Node::Not(Box::new(self.expr(inner, object, depth)?))),
            Expr::Compare { path, op, value } => self.along(path, object, depth, |object, name, _| {
                self.compare(object, name, *op, value)
            }),
            Expr::In { path, values } => self.along(path, object, depth, |object, name, _| {
                self.one_of(object, name, values)
            }),
            Expr::Any { path, inner } => self.along(path, object, depth, |object, name, depth| {
                let (relation, target) = self.relation(object, name)?;
                Ok(Node::Related {
                    relation,
                    inner: Box::new(self.inner(inner.as_deref(), target, depth)?),
                })
            }),
            Expr::Count {
                path,
                inner,
                op,
                value,
            } => self.along(path, object, depth, |object, name, depth| {
                let (relation, target) = self.relation(object, name)?;
                let inner = Box::new(self.inner(inner.as_deref(), target, depth)?);
                let op = order(*op, value)?;
                let value = operand::whole(value, self.context)?;
                Ok(Node::Aggregate {
                    relation,
                    function: Aggregate::Count,
                    inner,
                    op,
                    value,
                })
            }),
            Expr::Sum {
                path,
                field,
                inner,
                op,
                value,
            } => self.along(path, object, depth, |object, name, depth| {
                let (relation, target) = self.relation(object, name)?;
                let inner = Box::new(self.inner(inner.as_deref(), target, depth)?);
                let (ix, summed) = self.field(target, field)?;
                let op = order(*op, value)?;
                let value = self.sum_value(summed, field, value)?;
                Ok(Node::Aggregate {
                    relation,
                    function: Aggregate::Sum(ix),
                    inner,
                    op,
                    value,
                })
            }),
            Expr::Call { name, args } => self.call(object, name, args),
        }
    }

    fn list(&self, list: &[Expr], object: &'c ObjectDef, depth: u32) -> Result<Vec<Node>, FilterError> {
        list.iter().map(|e| self.expr(e, object, depth)).collect()
    }

    fn inner(&self, inner: Option<&Expr>, object: &'c ObjectDef, depth: u32) -> Result<Node, FilterError> {
        inner.map_or(Ok(Node::All(Vec::new())), |e| self.expr(e, object, depth))
    }

    /// Walks the relations of a path; the last name is left to `end`, which learns how deep it stands.
    fn along(
        &self,
        path: &Path,
        mut object: &'c ObjectDef,
        mut depth: u32,
        end: impl FnOnce(&'c ObjectDef, &Name, u32) -> Result<Node, FilterError>,
    ) -> Result<Node, FilterError> {
        let Some((last, before)) = path.0.split_last() else {
            return Err(FilterError::new(Code::ConditionMissing, 0, ""));
        };
        let mut roads = Vec::with_capacity(before.len());
        for name in before {
            match self.step(object, name, true)? {
                Step::Relation(relation @ Relation::Forward { .. }, target) => {
                    roads.push(relation);
                    object = target;
                }
                Step::Relation(Relation::Inverse { .. }, _) => {
                    return Err(FilterError::new(
                        Code::RelationNeedsFunction,
                        name.place.0,
                        &name.text,
                    ));
                }
                Step::Field(..) => return Err(unknown(name)),
            }
            depth += 1;
        }
        if depth >= MAX_DEPTH {
            return Err(FilterError::new(Code::TooDeep, last.place.0, &last.text));
        }
        let mut node = end(object, last, depth + 1)?;
        for relation in roads.into_iter().rev() {
            node = Node::Related {
                relation,
                inner: Box::new(node),
            };
        }
        Ok(node)
    }

    /// May the asker know that this field exists?
    fn sees(&self, object: &ObjectDef, ix: FieldIx, field: &FieldDef) -> bool {
        field.class != Class::Secret
            && field.deleted_on.is_none()
            && self.context.policy.sees(&object.key, ix)
    }

    /// The object at the end of a relation, when the asker may read any of it.
    fn target(&self, key: &str) -> Option<&'c ObjectDef> {
        let readable = self.context.policy.reach(key, Verb::Read) != Reach::None;
        self.catalog.object(key).filter(|_| readable).map(|o| &**o)
    }

    /// What a name means here; `road` asks for a relation where the name is a link.
    fn step(&self, object: &'c ObjectDef, name: &Name, road: bool) -> Result<Step<'c>, FilterError> {
        let link = format!("{}_id", name.text);
        let found = object
            .field(&name.text)
            .or_else(|| object.field(&link).filter(|(_, f)| f.stored() == FieldType::Link))
            .filter(|(ix, f)| self.sees(object, *ix, f));
        if let Some((ix, field)) = found {
            let linked = matches!(field.stored(), FieldType::Link | FieldType::Links);
            if road && linked {
                let target = field
                    .to
                    .as_deref()
                    .and_then(|to| self.target(to))
                    .ok_or_else(|| unknown(name))?;
                let relation = Relation::Forward {
                    field: ix,
                    object: target.key.as_str().into(),
                };
                return Ok(Step::Relation(relation, target));
            }
            return Ok(Step::Field(ix, field));
        }
        let inverse = self
            .catalog
            .inverse(&object.key, &name.text)
            .ok_or_else(|| unknown(name))?;
        let target = self.target(&inverse.object).ok_or_else(|| unknown(name))?;
        match target.at(inverse.field) {
            Some(field) if self.sees(target, inverse.field, field) => {
                let relation = Relation::Inverse {
                    object: target.key.as_str().into(),
                    field: inverse.field,
                };
                Ok(Step::Relation(relation, target))
            }
            _ => Err(unknown(name)),
        }
    }

    fn relation(&self, object: &'c ObjectDef, name: &Name) -> Result<(Relation, &'c ObjectDef), FilterError> {
        match self.step(object, name, true)? {
            Step::Relation(relation, target) => Ok((relation, target)),
            Step::Field(..) => Err(unknown(name)),
        }
    }

    fn field(&self, object: &'c ObjectDef, name: &Name) -> Result<(FieldIx, &'c FieldDef), FilterError> {
        match self.step(object, name, false)? {
            Step::Field(_, field) if !field.filter => {
                Err(FilterError::new(Code::NotFilterable, name.place.0, &name.text))
            }
            Step::Field(ix, field) => Ok((ix, field)),
            Step::Relation(..) => Err(FilterError::new(
                Code::RelationNeedsFunction,
                name.place.0,
                &name.text,
            )),
        }
    }

    fn compare(
        &self,
        object: &'c ObjectDef,
        name: &Name,
        op: Op,
        value: &Literal,
    ) -> Result<Node, FilterError> {
        let (ix, field) = self.field(object, name)?;
        let test = |op, operand| {
            Node::Test(Test {
                field: ix,
                op,
                operand,
            })
        };
        if value.kind == LiteralKind::Null {
            return match op {
                Op::Eq | Op::Ne => Ok(test(op, Operand::Null)),
                _ => {
                    Err(FilterError::new(Code::WrongOperator, value.place.0, op.symbol())
                        .expecting(["=", "!="]))
                }
            };
        }
        let allowed = operators(field.stored());
        if !allowed.contains(&op) {
            return Err(FilterError::new(Code::WrongOperator, name.place.0, op.symbol())
                .expecting(allowed.iter().map(|o| o.symbol())));
        }
        // A choice or a link has one member: itself.
        let single = matches!(
            field.stored(),
            FieldType::Choice | FieldType::Link | FieldType::File
        );
        let op = if op == Op::Has && single { Op::Eq } else { op };
        match operand::read(field, op, value, self.context)? {
            // Long values of a field of the workspace's own are kept in pieces.
            Meaning::One(Operand::Text(text))
                if field.custom && matches!(op, Op::Has | Op::Starts) && text.len() > LONGEST_PART =>
            {
                Err(FilterError::new(Code::TextTooLong, value.place.0, &text))
            }
            Meaning::One(operand) => Ok(test(op, operand)),
            Meaning::Several(list) => {
                let list = Operand::List(list);
                match op {
                    Op::Eq => Ok(test(Op::In, list)),
                    Op::Ne => Ok(Node::Not(Box::new(test(Op::In, list)))),
                    _ => Err(FilterError::new(Code::WrongOperator, value.place.0, op.symbol())
                        .expecting(["=", "!=", "in"])),
                }
            }
        }
    }

    fn one_of(&self, object: &'c ObjectDef, name: &Name, values: &[Literal]) -> Result<Node, FilterError> {
        let (ix, field) = self.field(object, name)?;
        let allowed = operators(field.stored());
        if !allowed.contains(&Op::In) {
            return Err(FilterError::new(Code::WrongOperator, name.place.0, "in")
                .expecting(allowed.iter().map(|o| o.symbol())));
        }
        let many = matches!(field.stored(), FieldType::Choices | FieldType::Links);
        let op = if many { Op::Has } else { Op::Eq };
        let mut list = Vec::with_capacity(values.len());
        for value in values {
            if value.kind == LiteralKind::Null {
                return Err(FilterError::new(Code::WrongValue, value.place.0, "null"));
            }
            match operand::read(field, op, value, self.context)? {
                Meaning::One(one) => list.push(one),
                Meaning::Several(more) => list.extend(more),
            }
        }
        if many {
            let has = |operand| {
                Node::Test(Test {
                    field: ix,
                    op: Op::Has,
                    operand,
                })
            };
            return Ok(Node::Any(list.into_iter().map(has).collect()));
        }
        Ok(Node::Test(Test {
            field: ix,
            op: Op::In,
            operand: Operand::List(list),
        }))
    }

    /// The number that a sum is compared with, in the form of the summed field.
    fn sum_value(&self, field: &FieldDef, name: &Name, value: &Literal) -> Result<i64, FilterError> {
        let wrong = |place: u32, found: &str| Err(FilterError::new(Code::WrongAggregate, place, found));
        if !matches!(
            field.stored(),
            FieldType::Number | FieldType::Decimal | FieldType::Money
        ) {
            return wrong(name.place.0, &name.text);
        }
        match operand::read(field, Op::Eq, value, self.context)? {
            Meaning::One(Operand::Int(n)) => Ok(n),
            Meaning::One(Operand::Money { minor, currency }) => {
                let base = self.context.edge.base_currency;
                match currency {
                    Some(c) if &*c != base.code() => wrong(value.place.0, &c),
                    _ => Ok(minor),
                }
            }
            _ => wrong(value.place.0, ""),
        }
    }

    fn call(&self, object: &ObjectDef, name: &Name, args: &[Literal]) -> Result<Node, FilterError> {
        let place = name.place.0;
        let text = |l: &Literal| match &l.kind {
            LiteralKind::Quoted(s) | LiteralKind::Word(s) if !s.trim().is_empty() => Ok(s.trim().to_owned()),
            _ => Err(FilterError::new(Code::WrongArguments, l.place.0, "")),
        };
        match (name.text.as_str(), args) {
            ("has_key", [source]) if object.spine => Ok(Node::HasKey {
                source: text(source)?.into(),
                key: None,
            }),
            ("has_key", [source, key]) if object.spine => Ok(Node::HasKey {
                source: text(source)?.into(),
                key: Some(text(key)?.into()),
            }),
            ("tagged", [tag]) if object.spine => {
                let wanted = text(tag)?;
                let id = wanted
                    .parse::<Id>()
                    .ok()
                    .or_else(|| self.context.tags.tag(&wanted));
                id.map(Node::Tagged)
                    .ok_or_else(|| FilterError::new(Code::UnknownTag, tag.place.0, &wanted))
            }
            ("has_key" | "tagged", _) if object.spine => {
                Err(FilterError::new(Code::WrongArguments, place, &name.text))
            }
            _ => {
                Err(FilterError::new(Code::UnknownFunction, place, &name.text)
                    .expecting(["has_key", "tagged"]))
            }
        }
    }
}

fn unknown(name: &Name) -> FilterError {
    FilterError::new(Code::UnknownField, name.place.0, &name.text)
}

/// Counts and sums are compared by order only.
fn order(op: Op, value: &Literal) -> Result<Op, FilterError> {
    match op {
        Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge => Ok(op),
        _ => Err(FilterError::new(Code::WrongOperator, value.place.0, op.symbol())
            .expecting(["=", "!=", "<", "<=", ">", ">="])),
    }
}

/// The operators that a type of field has, besides `= null` and `!= null`, which every field has.
#[must_use]
pub(crate) const fn operators(ty: FieldType) -> &'static [Op] {
    match ty {
        FieldType::Text
        | FieldType::PersonName
        | FieldType::Code
        | FieldType::Email
        | FieldType::Phone
        | FieldType::Url
        | FieldType::Points => &[Op::Eq, Op::Ne, Op::Has, Op::Starts, Op::In],
        FieldType::Number | FieldType::Decimal | FieldType::Money | FieldType::Date | FieldType::Instant => {
            &[Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::In]
        }
        FieldType::Boolean => &[Op::Eq, Op::Ne],
        FieldType::Choice | FieldType::Link | FieldType::File => &[Op::Eq, Op::Ne, Op::Has, Op::In],
        FieldType::Choices | FieldType::Links => &[Op::Has, Op::In],
        // Long texts are found by search; addresses and structured data have no single value to compare.
        FieldType::LongText
        | FieldType::RichText
        | FieldType::Address
        | FieldType::Json
        | FieldType::Formula
        | FieldType::Computed => &[],
    }
}
