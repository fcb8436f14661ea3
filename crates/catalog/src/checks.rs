//! What a definition must hold, one object and one field at a time.

use std::collections::{HashMap, HashSet};

use crate::definition::{Check, Class, FieldDef, ObjectDef, Writes};
use crate::errors::CatalogError;
use crate::types::FieldType;

/// Words with a meaning of their own in filters, addresses or the store.
const RESERVED: &[&str] = &[
    "and",
    "or",
    "not",
    "null",
    "true",
    "false",
    "in",
    "any",
    "all",
    "count",
    "sum",
    "custom",
    "object",
    "workspace_id",
    "rid",
];

/// Words that addresses of the interface and of the pages have taken, beside the plurals of the product's own objects:
/// what stands behind `/api/v1/` or `/`, and what stands behind a plural or a record.
const ADDRESSES: &[&str] = &[
    "account",
    "again",
    "api",
    "assets",
    "audit",
    "batch",
    "bin",
    "bulk",
    "by-key",
    "calendar",
    "consent",
    "docs",
    "duplicates",
    "events",
    "export",
    "exports",
    "groups",
    "health",
    "import",
    "imports",
    "jobs",
    "join",
    "lookup",
    "mcp",
    "merge",
    "merges",
    "metrics",
    "new",
    "objects",
    "openapi",
    "preferences",
    "quick",
    "reset",
    "restore",
    "schema",
    "search",
    "set-up",
    "shares",
    "shell",
    "sign-in",
    "sign-out",
    "sums",
    "timeline",
    "tokens",
    "uploads",
    "webhooks",
    "workspace",
];

/// The pigments of the design system.
pub(crate) const COLORS: &[&str] = &[
    "lapis",
    "violet",
    "saffron",
    "pistachio",
    "anar",
    "clay",
    "firouzeh",
];

/// Most fields of one object: positions are 16-bit, and a wider row serves nobody.
const MOST_FIELDS: usize = 1000;

/// Can an object, a field or a choice have this key, as far as its letters go and the product does not need the word?
#[must_use]
pub fn is_key(key: &str) -> bool {
    check_key(key).is_ok()
}

/// Can an object be called by this in addresses?
#[must_use]
pub fn is_plural(plural: &str) -> bool {
    check_plural(plural).is_ok()
}

pub(crate) fn check_key(key: &str) -> Result<(), CatalogError> {
    if is_word(key, '_')
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && !key.contains("__")
        && !RESERVED.contains(&key)
    {
        Ok(())
    } else {
        Err(CatalogError::BadKey { key: key.to_owned() })
    }
}

/// Plural names stand in addresses: kebab-case.
pub(crate) fn check_plural(plural: &str) -> Result<(), CatalogError> {
    if is_word(plural, '-')
        && plural.starts_with(|c: char| c.is_ascii_lowercase())
        && !plural.ends_with('-')
        && !plural.contains("--")
        && !ADDRESSES.contains(&plural)
    {
        Ok(())
    } else {
        Err(CatalogError::BadKey {
            key: plural.to_owned(),
        })
    }
}

fn is_word(s: &str, joint: char) -> bool {
    !s.is_empty()
        && s.len() <= 48
        && s.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint)
}

pub(crate) fn check_object(object: &ObjectDef, objects: &HashMap<String, usize>) -> Result<(), CatalogError> {
    let wrong = |field: &str, problem| {
        Err(CatalogError::Field {
            object: object.key.clone(),
            field: field.to_owned(),
            problem,
        })
    };
    if [&object.label, &object.labels]
        .iter()
        .any(|t| t.fa.trim().is_empty() || t.en.trim().is_empty())
    {
        return wrong(&object.key, "label-missing");
    }
    if object.fields.len() > MOST_FIELDS {
        return wrong(&object.key, "too-many-fields");
    }
    let mut seen: HashMap<&str, &FieldDef> = HashMap::new();
    for field in &object.fields {
        check_key(&field.key)?;
        if seen.insert(&field.key, field).is_some() {
            return Err(CatalogError::Duplicate {
                object: object.key.clone(),
                key: field.key.clone(),
            });
        }
        check_field(object, field, objects)?;
    }
    let named = |key: &str| {
        seen.get(key).copied().ok_or_else(|| CatalogError::Unknown {
            object: object.key.clone(),
            field: object.key.clone(),
            target: key.to_owned(),
        })
    };
    if matches!(
        named(&object.title)?.stored(),
        FieldType::Json | FieldType::Points
    ) {
        return wrong(&object.title, "title-wrong");
    }
    for key in object.parent.iter().chain(&object.parent_or) {
        if named(key)?.ty != FieldType::Link {
            return wrong(key, "parent-not-link");
        }
    }
    if object.parent_or.is_some() && object.parent.is_none() {
        return wrong(&object.key, "parent-missing");
    }
    for key in &object.timeline {
        if !matches!(named(key)?.ty, FieldType::Link | FieldType::Links) {
            return wrong(key, "timeline-not-link");
        }
    }
    if let Some(key) = &object.timeline_at
        && !matches!(named(key)?.stored(), FieldType::Instant | FieldType::Date)
    {
        return wrong(key, "timeline-not-time");
    }
    for part in object.default_sort.iter().flat_map(|s| s.split(',')) {
        let key = part.trim().trim_start_matches('-');
        if !named(key)?.sort {
            return wrong(key, "default-sort-wrong");
        }
    }
    for set in object.unique.iter().chain(&object.index) {
        if set.is_empty() {
            return wrong(&object.key, "index-empty");
        }
        for key in set {
            if matches!(
                named(key)?.stored(),
                FieldType::Json
                    | FieldType::Points
                    | FieldType::Links
                    | FieldType::Choices
                    | FieldType::RichText
                    | FieldType::LongText
                    | FieldType::Address
            ) {
                return wrong(key, "type-not-indexed");
            }
        }
    }
    Ok(())
}

fn check_field(
    object: &ObjectDef,
    field: &FieldDef,
    objects: &HashMap<String, usize>,
) -> Result<(), CatalogError> {
    if let FieldType::Link | FieldType::Links = field.stored()
        && let Some(to) = field.to.as_deref()
        && to != "*"
        && !objects.contains_key(to)
    {
        return Err(CatalogError::Unknown {
            object: object.key.clone(),
            field: field.key.clone(),
            target: to.to_owned(),
        });
    }
    if let Some(name) = &field.inverse {
        check_key(name)?;
    }
    let problem = text_problem(field)
        .or_else(|| link_problem(field))
        .or_else(|| type_problem(field))
        .or_else(|| use_problem(field));
    match problem {
        None => Ok(()),
        Some(problem) => Err(CatalogError::Field {
            object: object.key.clone(),
            field: field.key.clone(),
            problem,
        }),
    }
}

/// Labels and choices.
fn text_problem(field: &FieldDef) -> Option<&'static str> {
    let empty = |s: &str| s.trim().is_empty();
    if empty(&field.label.fa) || empty(&field.label.en) {
        return Some("label-missing");
    }
    if field.help.as_ref().is_some_and(|h| empty(&h.fa) || empty(&h.en)) {
        return Some("help-half");
    }
    let chooses = matches!(field.stored(), FieldType::Choice | FieldType::Choices);
    if chooses && field.choices.is_empty() {
        return Some("choices-missing");
    }
    if !chooses && !field.choices.is_empty() {
        return Some("choices-unexpected");
    }
    let mut keys = HashSet::new();
    for c in &field.choices {
        if !is_word(&c.key, '_') || !keys.insert(&c.key) || empty(&c.fa) || empty(&c.en) {
            return Some("choices-wrong");
        }
        if c.color.as_deref().is_some_and(|color| !COLORS.contains(&color)) {
            return Some("color-unknown");
        }
    }
    None
}

/// Links and their rules.
fn link_problem(field: &FieldDef) -> Option<&'static str> {
    if !matches!(field.stored(), FieldType::Link | FieldType::Links) {
        let ruled = field.inverse.is_some() || field.on_delete.is_some() || field.on_merge.is_some();
        let aimed = field.to.is_some() && field.stored() != FieldType::File;
        return (ruled || aimed).then_some("rule-without-link");
    }
    if field.to.is_none() {
        return Some("link-without-target");
    }
    if field.to.as_deref() == Some("*") && field.inverse.is_some() {
        return Some("inverse-of-any");
    }
    // A workspace's own links take the defaults: cleared on delete, moved on merge.
    if !field.custom && !field.is_system() && (field.on_delete.is_none() || field.on_merge.is_none()) {
        return Some("link-without-rule");
    }
    if field.required && field.on_delete == Some(crate::OnDelete::Clear) {
        return Some("required-link-cleared");
    }
    None
}

/// What only some types can have, or must.
fn type_problem(field: &FieldDef) -> Option<&'static str> {
    let stored = field.stored();
    if (field.ty == FieldType::Points) != field.channel.is_some() {
        return Some(if field.channel.is_some() {
            "channel-unexpected"
        } else {
            "points-without-channel"
        });
    }
    if (field.ty == FieldType::Formula) != field.formula.is_some() {
        return Some(if field.formula.is_some() {
            "formula-unexpected"
        } else {
            "formula-missing"
        });
    }
    let derived = matches!(field.ty, FieldType::Formula | FieldType::Computed);
    match field.of {
        None if derived => return Some("stored-type-missing"),
        Some(_) if !derived => return Some("stored-type-unexpected"),
        Some(FieldType::Formula | FieldType::Computed | FieldType::Points) => {
            return Some("stored-type-wrong");
        }
        _ => {}
    }
    if derived && (field.required || field.default.is_some()) {
        return Some("derived-required");
    }
    if field.ty == FieldType::Computed && field.writes != Writes::UseCase {
        return Some("computed-writable");
    }
    if field.scale.is_some_and(|s| s > 9 || stored != FieldType::Decimal) {
        return Some("scale-wrong");
    }
    let numeric = matches!(stored, FieldType::Number | FieldType::Decimal);
    if (field.min.is_some() || field.max.is_some()) && !numeric {
        return Some("range-unexpected");
    }
    let checked = match field.check {
        None => true,
        Some(Check::NationalId | Check::TimeZone) => stored == FieldType::Code,
        Some(Check::Past) => stored == FieldType::Date,
        Some(Check::Year) => stored == FieldType::Number,
        Some(Check::NotNegative) => stored == FieldType::Money,
    };
    if !checked {
        return Some("check-unexpected");
    }
    if let (Some(min), Some(max)) = (field.min, field.max)
        && min > max
    {
        return Some("range-wrong");
    }
    let lengthy = stored.is_text() || matches!(stored, FieldType::Email | FieldType::Url);
    if field.max_length.is_some_and(|n| n == 0 || !lengthy) {
        return Some("length-wrong");
    }
    if let Some(d) = &field.default {
        let within = |n: i64| field.min.is_none_or(|m| n >= m) && field.max.is_none_or(|m| n <= m);
        let fits = match stored {
            FieldType::Choice => d
                .as_str()
                .is_some_and(|k| field.choice(k).is_some_and(|c| !c.retired)),
            FieldType::Boolean => d.as_bool().is_some(),
            FieldType::Number | FieldType::Decimal => d.as_integer().is_some_and(within),
            FieldType::Text | FieldType::Code => d.as_str().is_some(),
            _ => false,
        };
        if !fits {
            return Some("default-wrong");
        }
    }
    None
}

/// Sorting, searching, uniqueness and secrecy.
fn use_problem(field: &FieldDef) -> Option<&'static str> {
    let stored = field.stored();
    if field.sort && !stored.is_sortable() {
        return Some("type-not-sortable");
    }
    if field.search.is_some() && !stored.is_searchable() {
        return Some("type-not-searchable");
    }
    if stored == FieldType::Json && field.filter {
        return Some("type-not-filterable");
    }
    let single = matches!(
        stored,
        FieldType::Code | FieldType::Email | FieldType::Phone | FieldType::Number | FieldType::Text
    );
    if field.unique && !single {
        return Some("type-not-unique");
    }
    if field.class == Class::Secret && (field.filter || field.sort || field.list || field.search.is_some()) {
        return Some("secret-shown");
    }
    None
}
