//! Filters as statements against filters row by row: random worlds, random filters.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use peyvand_catalog::definition::system;
use peyvand_catalog::{Catalog, FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::random::SplitMix;
use peyvand_core::{Actor, Id};
use peyvand_record::derive::fold_of;
use peyvand_record::filter::{Aggregate, Node, Op, Operand, Relation, Test, World, matches};
use peyvand_record::{
    Batch, Change, ExternalKey, Filter, ObjectPolicy, Policy, Query, Reach, Record, Value, Verb,
};
use peyvand_store::tables::SIDE;
use peyvand_testkit::records::Inventor;
use peyvand_testkit::{TestDb, db_test};

use crate::world::Bench;

/// What each type of field can be asked, by the documentation of filters.
fn operators(ty: FieldType) -> &'static [Op] {
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
        FieldType::Choice | FieldType::Link => &[Op::Eq, Op::Ne, Op::In],
        FieldType::Choices | FieldType::Links => &[Op::Has],
        _ => &[],
    }
}

/// Filters drawn.
const ROUNDS: usize = 1500;

struct Memory<'a> {
    catalog: &'a Catalog,
    policy: &'a Policy,
    records: &'a [Record],
    keys: &'a [(Id, &'static str, &'static str)],
    tags: &'a [(Id, Id)],
}

impl Memory<'_> {
    fn visible(&self, r: &Record) -> bool {
        if r.is_deleted() {
            return false;
        }
        if self.policy.unrestricted {
            return true;
        }
        let object = self.catalog.object(&r.object).expect("an object");
        if !object.spine
            && let Some(parent) = &object.parent
        {
            let links = [Some(parent), object.parent_or.as_ref()];
            return links.into_iter().flatten().any(|link| {
                let (at, f) = object.field(link).expect("a link");
                r.get(at).as_id().is_some_and(|id| {
                    self.records
                        .iter()
                        .any(|p| Some(&*p.object) == f.to.as_deref() && p.id() == id && self.visible(p))
                })
            });
        }
        if object.ownable {
            self.policy.reaches(
                &r.object,
                Verb::Read,
                r.get(system::OWNER_ID).as_id(),
                r.get(system::TEAM_ID).as_id(),
            )
        } else {
            self.policy.reach(&r.object, Verb::Read) != Reach::None
        }
    }
}

impl World for Memory<'_> {
    fn catalog(&self) -> &Catalog {
        self.catalog
    }

    fn related(&self, relation: &Relation, record: &Record) -> Vec<&Record> {
        self.records
            .iter()
            .filter(|r| &*r.object == relation.object())
            .filter(|r| match relation {
                Relation::Forward { field, .. } => leads(record.get(*field), r.id()),
                Relation::Inverse { field, .. } => leads(r.get(*field), record.id()),
            })
            .filter(|r| self.visible(r))
            .collect()
    }

    fn has_key(&self, record: &Record, source: &str, key: Option<&str>) -> bool {
        self.keys
            .iter()
            .any(|(id, s, k)| *id == record.id() && *s == source && key.is_none_or(|w| w == *k))
    }

    fn tagged(&self, record: &Record, tag: Id) -> bool {
        self.tags.contains(&(record.id(), tag))
    }
}

/// What is drawn when a relation is drawn.
fn along(way: &str, link: Option<&FieldDef>) -> String {
    let kind = link.map_or("", |f| if f.custom { "custom " } else { "" });
    let ty = link.map_or(FieldType::Link, FieldDef::stored);
    format!("{way} {kind}{ty:?}")
}

/// Does a link lead there?
fn leads(link: &Value, to: Id) -> bool {
    match link {
        Value::Id(id) => *id == to,
        Value::Ids(ids) => ids.contains(&to),
        _ => false,
    }
}

/// How often what was drawn.
#[derive(Default)]
struct Histogram(BTreeMap<String, u32>);

impl Histogram {
    fn count(&mut self, what: String) {
        *self.0.entry(what).or_default() += 1;
    }
}

struct Drawer<'a> {
    catalog: &'a Catalog,
    records: &'a [Record],
    random: SplitMix,
    tags: Vec<Id>,
    histogram: Histogram,
}

impl Drawer<'_> {
    fn cut(&mut self, text: &str, from_start: bool) -> String {
        let chars: Vec<char> = text.chars().collect();
        let from = if from_start {
            0
        } else {
            self.random.below(chars.len() as u64) as usize
        };
        let n = 1 + self.random.below((chars.len() - from) as u64) as usize;
        chars[from..from + n].iter().collect()
    }

    /// The value that the field has in some record, else an invented one.
    fn sample(&mut self, object: &ObjectDef, at: FieldIx, field: &FieldDef) -> Value {
        for _ in 0..12 {
            let r = self.random.pick(self.records).clone();
            if *r.object == *object.key && !r.get(at).is_null() && self.random.chance(85) {
                return r.get(at).clone();
            }
        }
        let mut inventor = Inventor::new(self.random.next_u64());
        inventor.ties = true;
        let mut wanted = field.clone();
        wanted.required = true;
        inventor.value(&wanted, 0)
    }

    fn operand(&mut self, object: &ObjectDef, at: FieldIx, field: &FieldDef, op: Op) -> Option<Operand> {
        let value = self.sample(object, at, field);
        let near = |random: &mut SplitMix| random.below(3) as i64 - 1;
        Some(match value {
            Value::Int(n) | Value::Decimal(n) => Operand::Int(n.saturating_add(near(&mut self.random))),
            Value::Bool(v) => Operand::Int(i64::from(v)),
            Value::Date(d) if self.random.chance(40) && op != Op::In => Operand::Range {
                from: i64::from(d),
                to: i64::from(d) + self.random.below(3) as i64,
            },
            Value::Date(d) => Operand::Int(i64::from(d) + near(&mut self.random)),
            Value::Instant(i) if self.random.chance(40) && op != Op::In => Operand::Range {
                from: i.micros() - 1,
                to: i.micros() + near(&mut self.random),
            },
            Value::Instant(i) => Operand::Int(i.micros() + near(&mut self.random)),
            Value::Money(m) if self.random.chance(50) => Operand::Money {
                minor: m.base.unwrap_or(m.minor) + near(&mut self.random),
                currency: None,
            },
            Value::Money(m) => Operand::Money {
                minor: m.minor + near(&mut self.random),
                currency: Some(m.currency),
            },
            Value::Id(id) => Operand::Id(id),
            Value::Ids(ids) => Operand::Id(*self.random.pick(&ids)),
            Value::Choice(k) => Operand::Text(k),
            Value::Choices(keys) => Operand::Text(self.random.pick(&keys).clone()),
            Value::Points(points) => {
                let text = self.random.pick(&points).normalised.to_string();
                Operand::Text(self.part(&text, op)?)
            }
            v @ (Value::Text(_) | Value::Name(_)) => {
                let text = match fold_of(field, &v) {
                    Some(folded) => folded,
                    None if matches!(field.stored(), FieldType::Text | FieldType::PersonName) => return None,
                    None => v.as_str()?.to_owned(),
                };
                Operand::Text(self.part(&text, op)?)
            }
            _ => return None,
        })
    }

    fn part(&mut self, text: &str, op: Op) -> Option<Box<str>> {
        let text = match op {
            Op::Has => self.cut(text, false),
            Op::Starts => self.cut(text, true),
            _ => text.to_owned(),
        };
        (!text.is_empty()).then(|| text.into())
    }

    fn test(&mut self, object: &ObjectDef) -> Option<Node> {
        // First a type, then a field of it: rare types are drawn as often as common ones.
        let kinds: BTreeSet<(bool, String)> = object
            .fields
            .iter()
            .map(|f| (f.custom, format!("{:?}", f.stored())))
            .collect();
        let kinds: Vec<_> = kinds.into_iter().collect();
        let (custom, name) = self.random.pick(&kinds).clone();
        let list: Vec<FieldIx> = (0..object.fields.len() as u16)
            .map(FieldIx)
            .filter(|i| {
                object
                    .at(*i)
                    .is_some_and(|f| f.custom == custom && format!("{:?}", f.stored()) == name)
            })
            .collect();
        let at = *self.random.pick(&list);
        let field = object.at(at)?;
        let ty = field.stored();
        if !field.filter || field.class == peyvand_catalog::Class::Secret || field.deleted_on.is_some() {
            return None;
        }
        if self.random.chance(15) {
            let op = *self.random.pick(&[Op::Eq, Op::Ne]);
            return self.of(object, at, op, true);
        }
        let op = *self.random.pick(operators(ty).get(..).filter(|o| !o.is_empty())?);
        self.of(object, at, op, false)
    }

    /// A test of this field by this operator, with nothing or with a value.
    fn of(&mut self, object: &ObjectDef, at: FieldIx, op: Op, null: bool) -> Option<Node> {
        let field = object.at(at)?;
        let kind = if field.custom { "custom " } else { "" };
        let operand = if null {
            Operand::Null
        } else if op == Op::In {
            let mut list = Vec::new();
            for _ in 0..=self.random.below(3) {
                list.extend(self.operand(object, at, field, op));
            }
            Operand::List(list)
        } else {
            self.operand(object, at, field, op)?
        };
        let with = if null { "null" } else { "value" };
        self.histogram
            .count(format!("{kind}{:?} {} {with}", field.stored(), op.symbol()));
        Some(Node::Test(Test {
            field: at,
            op,
            operand,
        }))
    }

    /// Every operator of every field of an object, on a value twice and on nothing once.
    fn sweep(&mut self, object: &ObjectDef) -> Vec<Node> {
        let mut out = Vec::new();
        for at in (0..object.fields.len() as u16).map(FieldIx) {
            let Some(field) = object.at(at) else { continue };
            if !field.filter || field.class == peyvand_catalog::Class::Secret {
                continue;
            }
            for op in operators(field.stored()) {
                out.extend(self.of(object, at, *op, false));
                out.extend(self.of(object, at, *op, false));
            }
            for op in [Op::Eq, Op::Ne] {
                out.extend(self.of(object, at, op, true));
            }
        }
        out
    }

    fn relation(&mut self, object: &ObjectDef) -> Option<(Relation, std::sync::Arc<ObjectDef>)> {
        let has_records = |key: &str, records: &[Record]| records.iter().any(|r| &*r.object == key);
        if self.random.chance(50) {
            let links: Vec<(FieldIx, String)> = object
                .fields
                .iter()
                .enumerate()
                .filter(|(_, f)| matches!(f.stored(), FieldType::Link | FieldType::Links) && f.filter)
                .filter_map(|(i, f)| Some((FieldIx(i as u16), f.to.clone()?)))
                .filter(|(_, to)| has_records(to, self.records))
                .collect();
            let (field, to) = links.get(self.random.below(links.len() as u64) as usize)?.clone();
            let target = self.catalog.object(&to)?;
            self.histogram.count(along("forward relation", object.at(field)));
            return Some((
                Relation::Forward {
                    field,
                    object: to.into(),
                },
                std::sync::Arc::clone(target),
            ));
        }
        let list: Vec<_> = self
            .catalog
            .inverses(&object.key)
            .iter()
            .filter(|i| has_records(&i.object, self.records))
            .filter(|i| {
                self.catalog
                    .object(&i.object)
                    .and_then(|o| o.at(i.field))
                    .is_some_and(|f| matches!(f.stored(), FieldType::Link | FieldType::Links))
            })
            .collect();
        let inverse = list.get(self.random.below(list.len() as u64) as usize)?;
        let target = self.catalog.object(&inverse.object)?;
        self.histogram
            .count(along("inverse relation", target.at(inverse.field)));
        Some((
            Relation::Inverse {
                object: inverse.object.as_str().into(),
                field: inverse.field,
            },
            std::sync::Arc::clone(target),
        ))
    }

    fn node(&mut self, object: &ObjectDef, depth: u32) -> Node {
        for _ in 0..50 {
            let drawn = match self.random.below(if depth > 2 { 10 } else { 20 }) {
                0..=8 => self.test(object),
                9 if object.spine => Some(if self.random.chance(50) {
                    self.histogram.count("has_key".to_owned());
                    Node::HasKey {
                        source: (*self.random.pick(&["hubspot", "espo"])).into(),
                        key: self
                            .random
                            .chance(50)
                            .then(|| (*self.random.pick(&["1", "2"])).into()),
                    }
                } else {
                    self.histogram.count("tagged".to_owned());
                    Node::Tagged(*self.random.pick(&self.tags.clone()))
                }),
                10..=12 => self.relation(object).map(|(relation, target)| Node::Related {
                    relation,
                    inner: Box::new(self.node(&target, depth + 1)),
                }),
                13 | 14 => self.relation(object).map(|(relation, target)| {
                    let op = *self
                        .random
                        .pick(&[Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge]);
                    let summed: Vec<FieldIx> = target
                        .fields
                        .iter()
                        .enumerate()
                        .filter(|(_, f)| {
                            f.filter
                                && matches!(
                                    f.stored(),
                                    FieldType::Number | FieldType::Decimal | FieldType::Money
                                )
                        })
                        .map(|(i, _)| FieldIx(i as u16))
                        .collect();
                    let function = if self.random.chance(50) || summed.is_empty() {
                        Aggregate::Count
                    } else {
                        Aggregate::Sum(*self.random.pick(&summed))
                    };
                    let name = match function {
                        Aggregate::Count => "count",
                        Aggregate::Sum(f) if target.at(f).is_some_and(|f| f.custom) => "custom sum",
                        Aggregate::Sum(_) => "sum",
                    };
                    self.histogram.count(format!("{name} {}", op.symbol()));
                    Node::Aggregate {
                        relation,
                        function,
                        inner: Box::new(self.node(&target, depth + 1)),
                        op,
                        value: self.random.below(4) as i64 - 1,
                    }
                }),
                15 => Some(Node::Not(Box::new(self.node(object, depth + 1)))),
                16 | 17 => Some(Node::All(
                    (0..self.random.below(3))
                        .map(|_| self.node(object, depth + 1))
                        .collect(),
                )),
                18 | 19 => Some(Node::Any(
                    (0..self.random.below(4))
                        .map(|_| self.node(object, depth + 1))
                        .collect(),
                )),
                _ => None,
            };
            if let Some(node) = drawn {
                return node;
            }
        }
        Node::All(Vec::new())
    }
}

/// Every operator on every type that has it, on values and on nothing, alone and behind relations, in counts and sums,
/// under full and under partial rights: the statement finds what the evaluator finds.
#[db_test]
async fn statements_agree_with_the_evaluator(db: TestDb) {
    let b = Bench::new(db);
    let catalog = std::sync::Arc::clone(b.catalog());
    let me = b.db.id();
    let team = b.db.id();
    let objects = [
        "company",
        "contact",
        "x_visit",
        "deal",
        "order",
        "order_line",
        "product",
        "activity",
    ];
    // The workspace's records of other objects are not asked about; those asked about are all made here.
    let mut inventor = b.inventor(21).await;
    inventor.ties = true;
    inventor.targets.insert("user".to_owned(), vec![me, b.db.id()]);
    inventor.targets.insert("team".to_owned(), vec![team, b.db.id()]);
    let mut records: Vec<Record> = Vec::new();
    for key in objects.iter().chain(&["contact_point"]) {
        for id in b.all(&b.db.all, Query::of(key)).await.expect("pages") {
            records.extend(b.get(key, id, peyvand_record::query::DeletedScope::Live).await);
        }
    }
    for key in objects {
        let object = b.object(key);
        for n in 0..27 {
            let mut values = inventor.values(&object, [5, 40, 80][n % 3]);
            // A value whose fold is empty is a value all the same.
            if n % 9 == 0 {
                for (at, v) in &mut values {
                    let field = object.at(*at).expect("a field");
                    if field.stored() == FieldType::Text && !field.required {
                        *v = Value::text("،؟");
                    }
                }
            }
            let r = match b.create(&object, values).await {
                Ok(r) => r,
                Err(e) => {
                    assert_eq!(e.code(), "duplicate", "{key}: {e}");
                    continue;
                }
            };
            inventor.know(&object, r.id());
            // The contact points of the record are records too.
            for v in &r.values {
                if let Value::Points(list) = v {
                    for p in list {
                        records.extend(
                            b.get("contact_point", p.id, peyvand_record::query::DeletedScope::Live)
                                .await,
                        );
                    }
                }
            }
            let r = if n % 11 == 10 {
                b.delete(&object, &r).await
            } else {
                r
            };
            records.push(r);
        }
    }
    let tags = vec![b.db.id(), b.db.id()];
    let mut keyed = Vec::new();
    let mut tagged = Vec::new();
    let mut batch = Batch::default();
    for (n, r) in records.iter().enumerate() {
        let spine = catalog.object(&r.object).is_some_and(|o| o.spine);
        if !spine {
            continue;
        }
        if n % 4 == 0 {
            b.row(
                &SIDE.record_tag,
                &[
                    ("tag_id", tags[n % 2].into()),
                    ("record_id", r.id().into()),
                    ("at", 0.into()),
                ],
            )
            .await;
            tagged.push((r.id(), tags[n % 2]));
        }
        if n % 31 == 0 && !keyed.iter().any(|(_, s, k)| (*s, *k) == ("hubspot", "1")) {
            keyed.push((r.id(), "hubspot", "1"));
        } else if n % 37 == 1 && !keyed.iter().any(|(_, s, k)| (*s, *k) == ("espo", "2")) {
            keyed.push((r.id(), "espo", "2"));
        }
    }
    for (id, source, key) in &keyed {
        let object = &records.iter().find(|r| r.id() == *id).expect("a record").object;
        batch.changes.push(Change::PutKey(ExternalKey {
            object: object.clone(),
            record: *id,
            source: (*source).into(),
            key: (*key).into(),
        }));
    }
    let context = b.context();
    b.apply(&context, &batch).await.expect("keys");

    let partial = Policy {
        actor: Actor::User(me),
        unrestricted: false,
        teams: vec![team],
        teams_below: vec![team],
        objects: objects
            .iter()
            .chain(&["contact_point"])
            .map(|o| {
                let reach = match *o {
                    "deal" | "activity" => Reach::Own,
                    "product" => Reach::None,
                    "company" => Reach::All,
                    _ => Reach::Team,
                };
                let rights = ObjectPolicy {
                    reach: HashMap::from([(Verb::Read, reach)]),
                    fields: HashMap::new(),
                };
                ((*o).to_owned(), rights)
            })
            .collect(),
    };
    let mut drawer = Drawer {
        catalog: &catalog,
        records: &records,
        random: SplitMix::new(77),
        tags,
        histogram: Histogram::default(),
    };
    let (mut some, mut none) = (0, 0);
    let mut wrong: Vec<String> = Vec::new();
    let mut drawn: Vec<(std::sync::Arc<ObjectDef>, Node)> = Vec::new();
    for key in objects {
        let object = b.object(key);
        let swept = drawer.sweep(&object);
        drawn.extend(swept.into_iter().map(|n| (std::sync::Arc::clone(&object), n)));
    }
    for _ in 0..ROUNDS {
        let object = b.object(objects[drawer.random.below(objects.len() as u64) as usize]);
        let node = drawer.node(&object, 0);
        drawn.push((object, node));
    }
    let total = drawn.len();
    for (round, (object, root)) in drawn.into_iter().enumerate() {
        let filter = Filter {
            object: object.key.as_str().into(),
            root,
        };
        let policy = if round % 4 == 3 { &partial } else { &*b.db.all };
        let world = Memory {
            catalog: &catalog,
            policy,
            records: &records,
            keys: &keyed,
            tags: &tagged,
        };
        let expected: BTreeSet<Id> = records
            .iter()
            .filter(|r| r.object == filter.object && world.visible(r) && matches(&filter, r, &world))
            .map(Record::id)
            .collect();
        let q = Query::of(&object.key).limit(200).filter(filter.clone());
        match b.all(policy, q).await {
            Ok(got) => {
                let got: BTreeSet<Id> = got.into_iter().collect();
                if got != expected {
                    let odd: Vec<_> = got.symmetric_difference(&expected).collect();
                    wrong.push(format!(
                        "{} of {} found, {} expected, first odd {:?}: {:?}",
                        got.len(),
                        object.key,
                        expected.len(),
                        records.iter().find(|r| r.id() == *odd[0]).map(|r| {
                            object
                                .fields
                                .iter()
                                .zip(&r.values)
                                .filter(|(_, v)| !v.is_null())
                                .map(|(f, v)| format!("{}={v:?}", f.key))
                                .collect::<Vec<_>>()
                                .join(" ")
                                .chars()
                                .take(600)
                                .collect::<String>()
                        }),
                        filter.root
                    ));
                }
            }
            Err(e) => wrong.push(format!("{e}: {:?}", filter.root)),
        }
        if expected.is_empty() {
            none += 1;
        } else {
            some += 1;
        }
    }
    wrong.sort_by_key(String::len);
    println!("{some} filters found records, {none} found none");
    for (what, n) in &drawer.histogram.0 {
        println!("{n:6} {what}");
    }
    for w in wrong.iter().take(12) {
        println!("WRONG {w}");
    }
    assert!(wrong.is_empty(), "{} of {total} filters disagree", wrong.len());
    assert!(some > 800 && none > 100, "{some} found, {none} empty");

    // What must have been drawn: every operator of every type, on fields of the product and of the workspace.
    let drawn = &drawer.histogram.0;
    for key in objects {
        for f in &b.object(key).fields {
            let ty = f.stored();
            if !f.filter || f.class == peyvand_catalog::Class::Secret {
                continue;
            }
            let kind = if f.custom { "custom " } else { "" };
            for op in operators(ty) {
                let what = format!("{kind}{ty:?} {} value", op.symbol());
                assert!(drawn.contains_key(&what), "never drawn: {what}");
            }
            for op in ["=", "!="] {
                let what = format!("{kind}{ty:?} {op} null");
                assert!(drawn.contains_key(&what), "never drawn: {what}");
            }
        }
    }
    for what in ["has_key", "tagged", "custom sum >", "custom sum ="] {
        assert!(drawn.contains_key(what), "never drawn: {what}");
    }
    for way in ["forward relation", "inverse relation"] {
        for kind in ["Link", "custom Link", "custom Links"] {
            let what = format!("{way} {kind}");
            assert!(drawn.contains_key(&what), "never drawn: {what}");
        }
    }
    for op in [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge] {
        for function in ["count", "sum"] {
            let what = format!("{function} {}", op.symbol());
            assert!(drawn.contains_key(&what), "never drawn: {what}");
        }
    }
}
