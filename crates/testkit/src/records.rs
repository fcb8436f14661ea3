//! Records to test with: values of every type of field, invented from a seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use peyvand_catalog::{Catalog, FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::random::SplitMix;
use peyvand_core::{Id, Instant};
use peyvand_record::{AddressValue, MoneyValue, NameValue, Point, Value};

/// Words of both languages, with letters that fold, a joiner, and what SQL, LIKE and FTS would trip over.
pub const WORDS: &[&str] = &[
    "سارا",
    "كتاب‌های",
    "کتاب",
    "علي",
    "احمدی",
    "تهران",
    "شیراز",
    "Book",
    "book",
    "Straße",
    "O'Brien",
    "100%",
    "a_b",
    "\"x\"",
    "پ",
    "ژاله",
    "۱۲۳",
    "123",
    "naïve",
    "İstanbul",
    "😀",
    "AND",
];

/// Invents values from a seed. Small pools make ties, full ranges make edges.
#[derive(Debug, Clone)]
pub struct Inventor {
    /// The generator.
    pub random: SplitMix,
    /// Ids that links point to, by object key; `*` for any.
    pub targets: BTreeMap<String, Vec<Id>>,
    /// Few different values, so that many are equal.
    pub ties: bool,
    count: u64,
}

impl Inventor {
    /// An inventor with this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            random: SplitMix::new(seed),
            targets: BTreeMap::new(),
            ties: false,
            count: 0,
        }
    }

    /// Some words with single spaces.
    pub fn words(&mut self, most: u64) -> String {
        let n = 1 + self.random.below(most);
        (0..n)
            .map(|_| *self.random.pick(WORDS))
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn int(&mut self) -> i64 {
        if self.ties {
            return self.random.below(5) as i64 - 2;
        }
        match self.random.below(8) {
            0 => 0,
            1 => -1,
            2 => 1_000_000_000_000,
            _ => self.random.below(2_000_000) as i64 - 1_000_000,
        }
    }

    /// A code that no other call gives.
    pub fn code(&mut self) -> String {
        self.count += 1;
        format!("C{:04X}-{}", self.random.below(0x10000), self.count)
    }

    /// A record that the link can lead to; `None` while there is none.
    fn target(&mut self, field: &FieldDef) -> Option<Id> {
        let to = field.to.as_deref().unwrap_or("*");
        let ids = self.targets.get(to).filter(|t| !t.is_empty())?;
        Some(*self.random.pick(ids))
    }

    /// Remembers a record, so that links can lead to it; links to anything lead to what stands on the spine.
    pub fn know(&mut self, object: &ObjectDef, id: Id) {
        let anything = object.spine.then_some("*");
        for key in std::iter::once(object.key.as_str()).chain(anything) {
            self.targets.entry(key.to_owned()).or_default().push(id);
        }
    }

    fn stranger(&mut self) -> Id {
        let mut b = [0x11; 16];
        b[8..].copy_from_slice(&self.random.next_u64().to_be_bytes());
        b[6] = 0x70;
        b[8] = 0x80;
        Id::from_bytes(b)
    }

    /// A value for a field, as it is stored; null in `nulls` of a hundred cases unless the field must have one.
    pub fn value(&mut self, field: &FieldDef, nulls: u64) -> Value {
        if !field.required && self.random.chance(nulls) {
            return Value::Null;
        }
        match field.stored() {
            FieldType::Text => Value::text(self.words(3)),
            FieldType::LongText => Value::text(self.words(12)),
            FieldType::RichText => Value::text(format!("<p>{}</p>", self.words(8).replace(['"', '\''], ""))),
            FieldType::Code if self.ties && !field.unique => {
                Value::text(format!("K{}", self.random.below(4)))
            }
            FieldType::Code => Value::text(self.code()),
            FieldType::Number => Value::Int(self.int()),
            FieldType::Decimal => Value::Decimal(self.int()),
            FieldType::Money => {
                let currency = *self.random.pick(&["IRR", "USD", "EUR"]);
                let minor = self.int();
                let foreign = currency != "IRR";
                let base = (!foreign || self.random.chance(70)).then_some(minor);
                Value::money(MoneyValue {
                    minor,
                    currency: currency.into(),
                    base,
                    rate: (foreign && base.is_some()).then(|| "1".into()),
                    rated_on: (foreign && base.is_some()).then_some(20_000),
                })
            }
            FieldType::Boolean => Value::Bool(self.random.chance(50)),
            FieldType::Date => {
                let span = if self.ties { 4 } else { 60_000 };
                Value::Date(20_779 - 2 + self.random.below(span) as i32)
            }
            FieldType::Instant => {
                let span = if self.ties { 4 } else { 10_000_000 };
                Value::Instant(Instant(
                    1_795_336_200_000_000 + (self.random.below(span) as i64 - 2) * 86_400_000_000 / 7,
                ))
            }
            FieldType::Choice => {
                if field.choices.is_empty() {
                    return Value::Null;
                }
                let choice = self.random.pick(&field.choices);
                Value::Choice(choice.key.as_str().into())
            }
            FieldType::Choices => {
                let some: Vec<Box<str>> = field
                    .choices
                    .iter()
                    .filter(|_| self.random.chance(50))
                    .map(|c| c.key.as_str().into())
                    .collect();
                if some.is_empty() {
                    Value::Null
                } else {
                    Value::Choices(some)
                }
            }
            FieldType::Email => {
                let n = self.number();
                Value::text(format!("p{n}@example.com"))
            }
            FieldType::Phone => {
                let n = self.number();
                Value::text(format!("+98912{n:07}"))
            }
            FieldType::Url => {
                let n = self.number();
                Value::text(format!("https://example.com/{n}"))
            }
            FieldType::Address => Value::Address(Box::new(AddressValue {
                street: self.words(3).into(),
                city: self.words(1).into(),
                ..AddressValue::default()
            })),
            FieldType::Points => self.points(field),
            FieldType::PersonName => {
                let mut name = NameValue {
                    family: self.words(1).into(),
                    ..NameValue::default()
                };
                if self.random.chance(70) {
                    name.given = self.words(1).into();
                }
                if self.random.chance(20) {
                    name.title = "دکتر".into();
                }
                Value::Name(Box::new(name))
            }
            FieldType::Link | FieldType::File => match self.target(field) {
                Some(id) => Value::Id(id),
                None if field.required => Value::Id(self.stranger()),
                None => Value::Null,
            },
            FieldType::Links => {
                let mut ids: Vec<Id> = Vec::new();
                for _ in 0..=self.random.below(2) {
                    if let Some(id) = self.target(field)
                        && !ids.contains(&id)
                    {
                        ids.push(id);
                    }
                }
                if ids.is_empty() {
                    Value::Null
                } else {
                    Value::Ids(ids)
                }
            }
            FieldType::Json => Value::Json(Box::new(
                serde_json::json!({"n": self.random.below(9), "list": [1, "دو", null]}),
            )),
            FieldType::Formula | FieldType::Computed => Value::Null,
        }
    }

    fn number(&mut self) -> u64 {
        if self.ties {
            self.random.below(5)
        } else {
            self.count += 1;
            self.count * 1000 + self.random.below(1000)
        }
    }

    fn points(&mut self, field: &FieldDef) -> Value {
        let mail = field.channel.as_deref() == Some("email");
        let mut list: Vec<Point> = Vec::new();
        for n in 0..=self.random.below(2) {
            let number = self.number();
            let value: Box<str> = if mail {
                format!("p{number}@example.com").into()
            } else {
                format!("+98912{number:07}").into()
            };
            if list.iter().any(|p| p.value == value) {
                continue;
            }
            list.push(Point {
                id: Id::NIL,
                normalised: value.clone(),
                value,
                channel: if mail { "email" } else { "mobile" }.into(),
                label: self.random.chance(30).then(|| "work".into()),
                primary: n == 0,
            });
        }
        Value::Points(list)
    }

    /// Values for the object's own fields (and owner and team, where it has them).
    pub fn values(&mut self, object: &ObjectDef, nulls: u64) -> Vec<(FieldIx, Value)> {
        object
            .fields
            .iter()
            .enumerate()
            .filter(|(_, f)| !f.is_system() || matches!(f.key.as_str(), "owner_id" | "team_id"))
            .map(|(i, f)| (FieldIx(i as u16), self.value(f, nulls)))
            .collect()
    }
}

/// A field of every type, as a workspace adds them: `(key, the rest of its definition)`.
const CUSTOM: &[(&str, &str)] = &[
    ("c_text", "type = \"text\"\nsort = true\nsearch = \"words\""),
    ("c_code", "type = \"code\"\nsort = true"),
    ("c_number", "type = \"number\"\nsort = true"),
    ("c_decimal", "type = \"decimal\"\nscale = 3\nsort = true"),
    ("c_money", "type = \"money\"\nsort = true"),
    ("c_boolean", "type = \"boolean\""),
    ("c_date", "type = \"date\"\nsort = true"),
    ("c_instant", "type = \"instant\"\nsort = true"),
    (
        "c_choice",
        "type = \"choice\"\nsort = true\nchoices = [{ key = \"z\", fa = \"ز\", en = \"Z\" }, { key = \"a\", fa = \"آ\", en = \"A\" }]",
    ),
    (
        "c_choices",
        "type = \"choices\"\nchoices = [{ key = \"a\", fa = \"آ\", en = \"A\" }, { key = \"aa\", fa = \"آآ\", en = \"AA\" }, { key = \"b\", fa = \"ب\", en = \"B\" }]",
    ),
    ("c_email", "type = \"email\"\nclass = \"personal\""),
    ("c_phone", "type = \"phone\"\nclass = \"personal\""),
    ("c_url", "type = \"url\""),
    ("c_long", "type = \"long_text\""),
    ("c_address", "type = \"address\"\nclass = \"personal\""),
    (
        "c_link",
        "type = \"link\"\nto = \"company\"\ninverse = \"c_of_{object}\"",
    ),
    (
        "c_links",
        "type = \"links\"\nto = \"contact\"\ninverse = \"c_in_{object}\"",
    ),
];

/// The standard catalog with a field of every type on contacts, and an object of the workspace's own (`x_visit`) with
/// the same.
///
/// # Panics
/// When a definition is refused.
#[must_use]
pub fn catalog() -> Arc<Catalog> {
    let field = |object: &str, key: &str, rest: &str, number: usize| -> FieldDef {
        let rest = rest.replace("{object}", object);
        toml::from_str(&format!(
            "key = \"{key}\"\nnumber = {number}\nlabel = {{ fa = \"{key}\", en = \"{key}\" }}\n{rest}\n"
        ))
        .unwrap_or_else(|e| panic!("{key}: {e}"))
    };
    let on_contact: Vec<FieldDef> = CUSTOM
        .iter()
        .enumerate()
        .map(|(i, (k, r))| field("contact", k, r, i + 1))
        .collect();
    let mut visit: ObjectDef = toml::from_str(
        "key = \"x_visit\"\nplural = \"x-visits\"\nlabel = { fa = \"بازدید\", en = \"Visit\" }\n\
         labels = { fa = \"بازدیدها\", en = \"Visits\" }\ntitle = \"c_text\"\nownable = true\n",
    )
    .expect("the object");
    visit.fields = CUSTOM
        .iter()
        .enumerate()
        .map(|(i, (k, r))| field("visit", k, r, 101 + i))
        .collect();
    let fields = BTreeMap::from([("contact".to_owned(), on_contact)]);
    Arc::new(Catalog::with_custom(&fields, &[visit], 1).expect("the catalog"))
}
