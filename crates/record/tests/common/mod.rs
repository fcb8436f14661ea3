//! A small catalog with a field of every type, and helpers of the tests.

#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use peyvand_catalog::{Catalog, FieldDef, FieldIx, ObjectDef};
use peyvand_core::{Actor, Id, Instant};
use peyvand_numbers::Language;
use peyvand_record::codec::{EdgeContext, Mode};
use peyvand_record::{Record, Value};

/// 2026-11-22, 1 Azar 1405.
pub(crate) const TODAY: i32 = 20_779;
/// 2026-11-22T08:30:00Z, noon in Tehran.
pub(crate) const NOW: Instant = Instant(1_795_336_200_000_000);

const SAMPLE: &str = r#"
key = "sample"
plural = "samples"
label = { fa = "نمونه", en = "Sample" }
labels = { fa = "نمونه‌ها", en = "Samples" }
title = "title"
ownable = true
"#;

const FIELDS: &[(&str, &str)] = &[
    (
        "title",
        r#"type = "text"
required = true
sort = true
search = "title""#,
    ),
    ("short", "type = \"text\"\nmax_length = 5"),
    ("body", "type = \"long_text\"\nsearch = \"words\""),
    ("html", "type = \"rich_text\"\nsearch = \"words\""),
    (
        "code",
        "type = \"code\"\nunique = true\nsort = true\nsearch = \"exact\"\nclass = \"sensitive\"",
    ),
    ("national_id", "type = \"code\""),
    ("size", "type = \"number\"\nmin = 0\nmax = 1000\nsort = true"),
    ("ratio", "type = \"decimal\"\nscale = 3\nsort = true"),
    ("amount", "type = \"money\"\nsort = true"),
    ("active", "type = \"boolean\"\ndefault = true"),
    ("day", "type = \"date\"\nsort = true"),
    ("moment", "type = \"instant\"\nsort = true"),
    (
        "level",
        r#"type = "choice"
sort = true
default = "low"
choices = [{ key = "low", fa = "کم", en = "Low" }, { key = "high", fa = "زیاد", en = "High" }, { key = "old", fa = "کهنه", en = "Old", retired = true }]"#,
    ),
    (
        "tags",
        r#"type = "choices"
choices = [{ key = "a", fa = "الف", en = "Alpha" }, { key = "b", fa = "ب", en = "Beta" }, { key = "c", fa = "پ", en = "Gamma" }]"#,
    ),
    (
        "mail",
        "type = \"email\"\nsearch = \"exact\"\nclass = \"personal\"",
    ),
    ("phone", "type = \"phone\"\nclass = \"personal\""),
    ("site", "type = \"url\""),
    ("place", "type = \"address\"\nclass = \"personal\""),
    (
        "mails",
        "type = \"points\"\nchannel = \"email\"\nclass = \"personal\"\nsearch = \"exact\"",
    ),
    (
        "phones",
        "type = \"points\"\nchannel = \"phone\"\nclass = \"personal\"\nsearch = \"exact\"",
    ),
    (
        "person",
        "type = \"person_name\"\nsort = true\nclass = \"personal\"\nsearch = \"title\"",
    ),
    (
        "contact_id",
        "type = \"link\"\nto = \"contact\"\ninverse = \"samples\"",
    ),
    ("others", "type = \"links\"\nto = \"sample\""),
    ("scan", "type = \"file\""),
    ("settings", "type = \"json\"\nfilter = false"),
    (
        "twice",
        "type = \"formula\"\nof = \"number\"\nformula = \"size * 2\"\nwrites = \"use-case\"",
    ),
    (
        "score",
        "type = \"computed\"\nof = \"number\"\nwrites = \"use-case\"",
    ),
    ("locked", "type = \"text\"\nwrites = \"use-case\""),
    (
        "token",
        "type = \"text\"\nclass = \"secret\"\nfilter = false\nwrites = \"use-case\"",
    ),
    ("hidden", "type = \"text\""),
];

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(build);

pub(crate) fn catalog() -> Arc<Catalog> {
    Arc::clone(&CATALOG)
}

fn build() -> Arc<Catalog> {
    let mut object: ObjectDef = toml::from_str(SAMPLE).unwrap();
    for (i, (key, rest)) in FIELDS.iter().enumerate() {
        let text = format!(
            "key = \"{key}\"\nnumber = {}\nlabel = {{ fa = \"فیلد {key}\", en = \"Field {key}\" }}\n{rest}\n",
            i + 1
        );
        let field: FieldDef = toml::from_str(&text).unwrap_or_else(|e| panic!("{key}: {e}"));
        object.fields.push(field);
    }
    Arc::new(Catalog::with_custom(&BTreeMap::new(), &[object], 1).unwrap())
}

pub(crate) fn sample(catalog: &Catalog) -> Arc<ObjectDef> {
    Arc::clone(catalog.object("sample").unwrap())
}

pub(crate) fn field<'o>(object: &'o ObjectDef, key: &str) -> &'o FieldDef {
    object.field(key).unwrap_or_else(|| panic!("no field {key}")).1
}

pub(crate) fn ix(object: &ObjectDef, key: &str) -> FieldIx {
    object.field(key).unwrap_or_else(|| panic!("no field {key}")).0
}

pub(crate) fn edge(language: Language, mode: Mode) -> EdgeContext {
    EdgeContext::new(language, TODAY, mode)
}

pub(crate) fn id(n: u8) -> Id {
    let mut b = [0x11; 16];
    b[6] = 0x70;
    b[8] = 0x80;
    b[15] = n;
    Id::from_bytes(b)
}

pub(crate) fn record(object: &ObjectDef, n: u8, values: &[(&str, Value)]) -> Record {
    let mut r = Record::new(object, id(n), NOW, Actor::User(id(200)));
    for (key, value) in values {
        r.set(ix(object, key), value.clone());
    }
    r
}
