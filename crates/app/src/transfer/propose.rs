//! A mapping proposed from the names of a file's columns.

use std::collections::BTreeMap;

use peyvand_catalog::{Catalog, FieldType, ObjectDef, Writes};
use peyvand_exchange::headers::{Target, match_headers, normalise};
use peyvand_exchange::presets::{self, Preset};
use peyvand_numbers::RialUnit;

use super::mapping::{Column, LinkBy, Mapping};
use super::tagged::{TAGS, takes_tags};

/// Names under which fields go in files, beside their key and labels.
const ALIASES: &[(&str, &[&str])] = &[
    (
        "name",
        &[
            "full name",
            "نام کامل",
            "نام و نام خانوادگی",
            "title",
            "account",
            "product",
            "عنوان",
        ],
    ),
    ("name.given", &["given", "first name", "given name", "نام کوچک"]),
    (
        "name.family",
        &["family", "last name", "surname", "family name", "نام خانوادگی"],
    ),
    (
        "emails",
        &["email", "e-mail", "email address", "ایمیل", "پست الکترونیک"],
    ),
    (
        "phones",
        &[
            "phone",
            "mobile",
            "tel",
            "telephone",
            "cell",
            "تلفن",
            "موبایل",
            "همراه",
            "شماره تماس",
        ],
    ),
    (
        "company_id",
        &[
            "company",
            "organization",
            "organisation",
            "employer",
            "account",
            "شرکت",
            "سازمان",
        ],
    ),
    ("job_title", &["title", "position", "role", "سمت", "شغل", "عنوان"]),
    ("lifecycle", &["stage", "lifecycle stage", "مرحله"]),
    ("birth_date", &["birthday", "date of birth", "تولد"]),
    (
        "expected_close",
        &["close date", "closing date", "تاریخ بستن", "تاریخ بسته شدن"],
    ),
    ("description", &["note", "notes", "comment", "یادداشت", "توضیح"]),
    ("address", &["street", "street address", "آدرس"]),
    ("province", &["region", "state", "state/region"]),
    (
        "recurrence",
        &["repeat", "repeats", "repetition", "rrule", "شیوهٔ تکرار"],
    ),
    ("owner_id", &["owner", "sales agent", "کارشناس", "مسئول"]),
];

/// Names under which tags go in files.
const TAG_NAMES: &[&str] = &["tag", "labels", "label", "برچسب", "برچسب‌ها", "برچسب ها"];

/// Is it the column of the tags?
fn is_tags(object: &ObjectDef, name: &str) -> bool {
    name == TAGS && takes_tags(object)
}

/// What was proposed.
#[derive(Debug, Clone)]
pub struct Proposed {
    /// The mapping.
    pub mapping: Mapping,
    /// The program whose columns were recognised.
    pub preset: Option<String>,
    /// Columns without a field.
    pub left: Vec<String>,
}

/// Proposes a mapping of a file's columns to an object.
#[must_use]
pub fn propose(catalog: &Catalog, object: &ObjectDef, headers: &[String]) -> Proposed {
    let mut mapping = Mapping {
        object: object.plural.clone(),
        ..Mapping::default()
    };
    let mut used = vec![false; headers.len()];
    // An export of this product: its ids are the keys, and its links are ids.
    let own = headers.first().is_some_and(|h| h == "id")
        && headers
            .iter()
            .skip(1)
            .all(|h| is_tags(object, h) || object.field(h.split('.').next().unwrap_or(h)).is_some());
    if own {
        mapping.key = vec!["id".to_owned()];
        super::bulk::OWN_SOURCE.clone_into(&mut mapping.source);
        for h in headers {
            let known = object.field(h.split('.').next().unwrap_or(h));
            // What an amount is in stands beside it.
            if h.ends_with(".currency") && known.is_some_and(|(_, f)| f.stored() == FieldType::Money) {
                continue;
            }
            let writable = known.is_some_and(|(_, f)| {
                super::plan::may_bring(object, f) && !matches!(f.ty, FieldType::Formula | FieldType::Computed)
            });
            if writable || is_tags(object, h) {
                mapping.columns.push(Column {
                    name: h.clone(),
                    field: h.clone(),
                    ..Column::default()
                });
            }
        }
        put_currency(object, headers, &mut mapping);
        return Proposed {
            mapping,
            preset: Some(super::bulk::OWN_SOURCE.to_owned()),
            left: Vec::new(),
        };
    }
    let preset = presets::detect_of(headers, &object.key);
    // Columns of which the other program's own keys are known to mean nothing here.
    let mut foreign: Vec<usize> = Vec::new();
    if let Some(p) = &preset {
        let known = p.map(headers);
        let has = |key: &str| known.iter().any(|m| m.column.key == key);
        let mut currency = None;
        for m in &known {
            if m.column.key == "external_id" {
                mapping.key = vec![headers[m.header].clone()];
                mapping.source.clone_from(&p.system);
                used[m.header] = true;
                continue;
            }
            let name = &headers[m.header];
            match m.column.key.as_str() {
                "currency" => {
                    currency = Some(name.clone());
                    used[m.header] = true;
                    continue;
                }
                // A company that stands there by its key in the other program, and by its name: the name finds more.
                "company_external_id" if has("company") => {
                    foreign.push(m.header);
                    continue;
                }
                "parent_external_id" if has("parent") => {
                    foreign.push(m.header);
                    continue;
                }
                key @ ("company_external_id" | "contact_external_id" | "parent_external_id") => {
                    let fresh = |c: &Column| !mapping.columns.iter().any(|other| other.field == c.field);
                    if let Some(c) = by_key(object, name, key, p).filter(fresh) {
                        used[m.header] = true;
                        mapping.columns.push(c);
                    } else {
                        foreign.push(m.header);
                    }
                    continue;
                }
                // People who work there are not known by their keys there.
                "owner_external_id" => {
                    foreign.push(m.header);
                    continue;
                }
                _ => {}
            }
            let label = match m.label_header {
                Some(at) => {
                    used[at] = true;
                    Some(format!("{{{}}}", headers[at]))
                }
                None => m.column.label.clone(),
            };
            if let Some(mut column) = column(catalog, object, name, &m.column.key, label) {
                used[m.header] = true;
                // Their stages are not ours: what has no stage of its name here begins where new deals begin, and is told.
                if let Some(link) = column.link.as_mut().filter(|_| m.column.key == "stage") {
                    link.leave = true;
                }
                if m.column.key == "lifecycle_stage" {
                    column.values = stages(&p.system);
                }
                mapping.columns.push(column);
            }
        }
        // An amount is what its own column says, and in the currency that the column beside it names.
        for c in &mut mapping.columns {
            let money = object
                .field(&c.field)
                .is_some_and(|(_, f)| f.stored() == FieldType::Money);
            c.currency = currency.clone().filter(|_| money);
        }
    }
    // A card has its addresses as a list as well, for those who want all of them.
    if let Some(at) = headers.iter().position(|h| h == "addresses") {
        used[at] |= headers.iter().any(|h| h == "skipped");
    }
    let mut targets: Vec<Target> = Vec::new();
    if takes_tags(object) {
        targets.push(Target {
            key: TAGS.to_owned(),
            labels: Vec::new(),
            aliases: TAG_NAMES.iter().map(|s| (*s).to_owned()).collect(),
        });
    }
    for f in &object.fields {
        let writable = f.writes == Writes::Generic
            && (!f.is_system() || f.key == "owner_id")
            && !matches!(f.ty, FieldType::Formula | FieldType::Computed);
        let taken = mapping
            .columns
            .iter()
            .any(|c| c.field == f.key || c.field.starts_with(&format!("{}.", f.key)));
        if !writable || taken {
            continue;
        }
        let aliases = |key: &str| {
            ALIASES
                .iter()
                .find(|(k, _)| *k == key)
                .map(|(_, a)| a.iter().map(|s| (*s).to_owned()).collect())
                .unwrap_or_default()
        };
        targets.push(Target {
            key: f.key.clone(),
            labels: vec![f.label.fa.clone(), f.label.en.clone()],
            aliases: aliases(&f.key),
        });
        if f.stored() == FieldType::PersonName {
            for part in ["given", "family", "middle", "title", "suffix", "latin"] {
                let key = format!("{}.{part}", f.key);
                targets.push(Target {
                    aliases: aliases(&key),
                    labels: Vec::new(),
                    key,
                });
            }
        }
    }
    let free: Vec<String> = headers
        .iter()
        .zip(&used)
        .enumerate()
        .map(|(i, (h, u))| {
            if *u || foreign.contains(&i) {
                String::new()
            } else {
                without_unit(h)
            }
        })
        .collect();
    for p in match_headers(&free, &targets) {
        if let Some(c) = column(catalog, object, &headers[p.header], &p.key, None) {
            used[p.header] = true;
            mapping.columns.push(c);
        }
    }
    // Beside a column of family names, "name" is the given name.
    let has = |columns: &[Column], field: &str| columns.iter().any(|c| c.field == field);
    if has(&mapping.columns, "name.family") && !has(&mapping.columns, "name.given") {
        for c in mapping.columns.iter_mut().filter(|c| c.field == "name") {
            "name.given".clone_into(&mut c.field);
        }
    }
    // Further columns of addresses and numbers belong to the same field.
    for (i, h) in headers
        .iter()
        .enumerate()
        .filter(|(i, _)| !used[*i] && !foreign.contains(i))
        .collect::<Vec<_>>()
    {
        let n = peyvand_exchange::headers::normalise(h);
        let field = ALIASES
            .iter()
            .filter(|(k, _)| matches!(*k, "emails" | "phones"))
            .find(|(_, a)| a.iter().any(|a| n.split(' ').any(|w| w == *a)))
            .map(|(k, _)| *k);
        if let Some(c) = field.and_then(|f| column(catalog, object, h, f, Some(h.clone()))) {
            used[i] = true;
            mapping.columns.push(c);
        }
    }
    for at in put_currency(object, headers, &mut mapping) {
        used[at] = true;
    }
    mapping
        .columns
        .sort_by_key(|c| headers.iter().position(|h| *h == c.name));
    Proposed {
        left: headers
            .iter()
            .zip(&used)
            .filter(|(_, u)| !**u)
            .map(|(h, _)| h.clone())
            .collect(),
        preset: preset.map(|p| p.system),
        mapping,
    }
}

/// A column that names what a record belongs to by its key in the other program: records of that program that were
/// brought before are found by it.
fn by_key(object: &ObjectDef, name: &str, key: &str, preset: &Preset) -> Option<Column> {
    let field = match key {
        "company_external_id" => "company_id",
        "contact_external_id" => "contact_id",
        _ => "parent_id",
    };
    let (_, f) = object.field(field)?;
    (f.stored() == FieldType::Link).then(|| Column {
        name: name.to_owned(),
        field: field.to_owned(),
        link: Some(LinkBy {
            by: "key".to_owned(),
            source: Some(preset.system.clone()),
            // A deal is worth having without its person, and is told to have none.
            leave: field == "contact_id",
            first: preset.separator.as_deref() == Some(";"),
            make: BTreeMap::new(),
        }),
        ..Column::default()
    })
}

/// What a column is called that names the currency of the amounts beside it.
const CURRENCIES: &[&str] = &[
    "currency",
    "currency code",
    "deal currency",
    "currency iso code",
    "ارز",
    "واحد پول",
    "واحد ارز",
    "نوع ارز",
];

/// A column of currencies that goes to no field says what the amounts beside it are in, where they do not say it themselves:
/// «Currency» of all amounts of the file, «Amount: currency» of one column. Gives which columns these are.
pub fn put_currency(object: &ObjectDef, headers: &[String], mapping: &mut Mapping) -> Vec<usize> {
    let free = |h: &String| !mapping.columns.iter().any(|c| c.name == *h);
    let names: Vec<(usize, String)> = headers
        .iter()
        .enumerate()
        .filter(|(_, h)| free(h))
        .map(|(at, h)| (at, normalise(h)))
        .collect();
    let named = |of: &str| {
        let is = |name: &str| CURRENCIES.iter().any(|c| name.trim() == *c);
        let one = |(at, h): &(usize, String)| h.strip_prefix(of).filter(|rest| is(rest)).map(|_| *at);
        names.iter().find_map(one)
    };
    let money = |c: &&mut Column| {
        let field = object.field(&c.field);
        c.currency.is_none() && field.is_some_and(|(_, f)| f.stored() == FieldType::Money)
    };
    let mut out = Vec::new();
    for c in mapping.columns.iter_mut().filter(money) {
        if let Some(at) = named(&normalise(&c.name)).or_else(|| named("")) {
            c.currency = headers.get(at).cloned();
            out.push(at);
        }
    }
    out
}

/// Words by which the head of a column says that its amounts are in tomans, or in rials.
const UNITS: &[(&str, RialUnit)] = &[
    ("تومان", RialUnit::Toman),
    ("تومن", RialUnit::Toman),
    ("toman", RialUnit::Toman),
    ("tomans", RialUnit::Toman),
    ("ریال", RialUnit::Rial),
    ("rial", RialUnit::Rial),
    ("rials", RialUnit::Rial),
];

fn unit(word: &str) -> Option<RialUnit> {
    UNITS.iter().find(|(w, _)| *w == word).map(|(_, unit)| *unit)
}

/// The unit that the head of a column names: «مبلغ (تومان)». A factor of ten is nothing to be guessed.
pub(super) fn unit_of(header: &str) -> Option<RialUnit> {
    normalise(header).split(' ').find_map(unit)
}

/// The head of a column without the unit of its amounts.
fn without_unit(header: &str) -> String {
    if unit_of(header).is_none() {
        return header.to_owned();
    }
    let plain = normalise(header);
    let says_unit = |w: &&str| unit(w).is_some() || matches!(*w, "به" | "in");
    let words: Vec<&str> = plain.split(' ').filter(|w| !says_unit(w)).collect();
    words.join(" ")
}

/// What the stages of another program are here.
fn stages(system: &str) -> BTreeMap<String, String> {
    let known: &[(&str, &str)] = match system {
        "hubspot" => &[
            ("subscriber", "identified"),
            ("lead", "identified"),
            ("marketingqualifiedlead", "identified"),
            ("salesqualifiedlead", "identified"),
            ("opportunity", "identified"),
            ("customer", "acquired"),
            ("evangelist", "retained"),
            ("other", ""),
            ("Subscriber", "identified"),
            ("Lead", "identified"),
            ("Marketing Qualified Lead", "identified"),
            ("Sales Qualified Lead", "identified"),
            ("Opportunity", "identified"),
            ("Customer", "acquired"),
            ("Evangelist", "retained"),
            ("Other", ""),
        ],
        _ => &[],
    };
    known
        .iter()
        .map(|(theirs, ours)| ((*theirs).to_owned(), (*ours).to_owned()))
        .collect()
}

fn column(
    catalog: &Catalog,
    object: &ObjectDef,
    name: &str,
    field: &str,
    label: Option<String>,
) -> Option<Column> {
    let key = match field {
        // The presets name the company by what it is called.
        "company" | "company_name" => "company_id",
        "parent" => "parent_id",
        "street" => "address",
        "region" => "province",
        "note" => "description",
        "lifecycle_stage" => "lifecycle",
        "stage" if object.field("stage_id").is_some() => "stage_id",
        other => other,
    };
    if is_tags(object, key) {
        return Some(Column {
            name: name.to_owned(),
            field: key.to_owned(),
            ..Column::default()
        });
    }
    let (_, f) = object.field(key.split('.').next()?)?;
    if f.writes != Writes::Generic {
        return None;
    }
    let link = match f.stored() {
        FieldType::Link | FieldType::Links => {
            let to = catalog.object(f.to.as_deref()?)?;
            let by = to.title.clone();
            let mut make = BTreeMap::new();
            // A company that is only a name is worth a record; anything else is to be there.
            if to.key == "company" {
                make.insert(by.clone(), "{value}".to_owned());
            }
            Some(LinkBy {
                by,
                make,
                ..LinkBy::default()
            })
        }
        _ => None,
    };
    Some(Column {
        name: name.to_owned(),
        field: key.to_owned(),
        label: label.filter(|_| f.stored() == FieldType::Points),
        link,
        ..Column::default()
    })
}
