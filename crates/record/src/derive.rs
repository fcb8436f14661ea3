//! What the store writes beside the values of a record: folds, sort keys, entries of the field index, search text.
//! Pure functions of the record and the catalog.

use std::borrow::Cow;

use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_text::{fold, sort_key};

use crate::filter::{Op, Operand};
use crate::value::{AddressValue, Record, Value};

mod search;
mod unique;

pub use search::{PARTS, Phase, SearchQuery, SearchText, name_keys, part_of, search_text, sounds_like};
pub use unique::unique_keys;

/// The text of a value as a reader sees it, for the types that are compared as folded text.
fn shown<'v>(field: &FieldDef, value: &'v Value) -> Option<Cow<'v, str>> {
    match (field.stored(), value) {
        (FieldType::Text | FieldType::LongText, Value::Text(s)) => Some(Cow::Borrowed(s)),
        (FieldType::RichText, Value::Text(s)) => Some(Cow::Owned(without_tags(s))),
        (_, Value::Name(n)) => Some(Cow::Owned(n.plain())),
        (_, Value::Address(a)) => Some(Cow::Owned(address_line(a))),
        _ => None,
    }
}

fn address_line(a: &AddressValue) -> String {
    [&a.street, &a.city, &a.province, &a.postal_code, &a.country]
        .into_iter()
        .filter(|p| !p.is_empty())
        .map(|p| &**p)
        .collect::<Vec<_>>()
        .join(" ")
}

/// HTML without its tags; entities of the five markup characters and the space become what they stand for.
pub(crate) fn without_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((text, tail)) = rest.split_once('<') {
        out.push_str(text);
        out.push(' ');
        rest = tail.split_once('>').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    for (entity, plain) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        if out.contains(entity) {
            out = out.replace(entity, plain);
        }
    }
    out
}

/// The folded text by which a value is compared, for text, long and rich text, names (without title and suffix) and
/// addresses. `None` for other types, for no value, and when the fold is empty.
#[must_use]
pub fn fold_of(field: &FieldDef, value: &Value) -> Option<String> {
    shown(field, value).map(|s| fold(&s)).filter(|s| !s.is_empty())
}

/// The bytes by which a text or name is sorted; a name by family, then given name. `None` for types that sort by
/// their own value, and for no value.
#[must_use]
pub fn sort_key_of(field: &FieldDef, value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Name(n) => {
            let sorting = n.sorting();
            Some(sort_key(if sorting.is_empty() { &n.latin } else { &sorting }))
        }
        Value::Text(s) if field.stored() == FieldType::Text => Some(sort_key(s)),
        _ => None,
    }
}

/// What an entry of the field index is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndexKind {
    /// To find records by the value.
    Value,
    /// To sort records by the value: at most one entry per record and field.
    Sort,
    /// To keep others from the value: one entry per value, under no record.
    Unique,
    /// To find what a text contains that is too long to be a key: pieces of it that overlap by half.
    Part,
}

/// An entry of the field index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexEntry {
    /// The number of the custom field.
    pub number: i32,
    /// What it is for.
    pub kind: IndexKind,
    /// Bytes whose order is the order of the values.
    pub key: Vec<u8>,
}

/// Longest text, in bytes, that is a key as it is; a longer one is cut and ends with its FNV-1a hash (128 bits), so
/// that equal keys still mean equal texts, save by an accident of 2⁻¹²⁸. Fits the index rows of both engines.
pub const LONGEST_KEY: usize = 1024;
/// Longest text, in bytes, that is looked for within the values of a custom field: wherever it stands in a long value,
/// one of the pieces has all of it.
pub const LONGEST_PART: usize = LONGEST_KEY / 2;

/// The entries of a record's custom fields: a value entry for each value of a field that can be filtered or must be
/// unique, and a sort entry for a field that lists can be sorted by.
#[must_use]
pub fn index_entries(object: &ObjectDef, record: &Record) -> Vec<IndexEntry> {
    let mut out = Vec::new();
    for (i, field) in object.fields.iter().enumerate() {
        let Some(number) = field.number.filter(|_| field.custom) else {
            continue;
        };
        let value = record.get(FieldIx(i as u16));
        if value.is_null() {
            continue;
        }
        if field.filter || field.unique {
            out.extend(parts(field, value).map(|key| IndexEntry {
                number,
                kind: IndexKind::Part,
                key,
            }));
            let mut keys = value_keys(field, value);
            keys.sort_unstable();
            keys.dedup();
            out.extend(keys.into_iter().map(|key| IndexEntry {
                number,
                kind: IndexKind::Value,
                key,
            }));
        }
        if field.sort
            && let Some(key) = sort_entry(field, value)
        {
            out.push(IndexEntry {
                number,
                kind: IndexKind::Sort,
                key,
            });
        }
    }
    out
}

/// The key under which a sort entry of the value stands.
fn sort_entry(field: &FieldDef, value: &Value) -> Option<Vec<u8>> {
    sort_key_of(field, value).or_else(|| match value {
        Value::Money(m) => m.base.map(|b| int_key(b).to_vec()),
        Value::Choice(key) => {
            // Choices sort in the order of the definition.
            let place = field.choices.iter().position(|c| c.key == **key)?;
            Some(int_key(place as i64).to_vec())
        }
        _ => value_keys(field, value).into_iter().next(),
    })
}

/// The pieces of a text that is too long to be a key: bytes, since whole characters stand in them as whole characters.
fn parts(field: &FieldDef, value: &Value) -> impl Iterator<Item = Vec<u8>> {
    let text = fold_of(field, value).or_else(|| value.as_str().map(str::to_owned));
    let text = text
        .filter(|t| field.filter && t.len() > LONGEST_KEY)
        .unwrap_or_default();
    let last = text.len().saturating_sub(LONGEST_PART);
    let piece = move |at: usize| {
        let end = text.len().min(at + LONGEST_KEY);
        text.as_bytes().get(at..end).unwrap_or_default().to_vec()
    };
    let mut pieces: Vec<Vec<u8>> = (0..last).step_by(LONGEST_PART).map(piece).collect();
    pieces.sort_unstable();
    pieces.dedup();
    pieces.into_iter()
}

fn value_keys(field: &FieldDef, value: &Value) -> Vec<Vec<u8>> {
    if let Some(folded) = fold_of(field, value) {
        return vec![text_key(&folded)];
    }
    match value {
        Value::Text(s) if shown(field, value).is_none() => vec![text_key(s)],
        Value::Choice(s) => vec![text_key(s)],
        Value::Int(i) | Value::Decimal(i) => vec![int_key(*i).to_vec()],
        Value::Bool(b) => vec![int_key(i64::from(*b)).to_vec()],
        Value::Date(d) => vec![int_key(i64::from(*d)).to_vec()],
        Value::Instant(i) => vec![int_key(i.micros()).to_vec()],
        Value::Money(m) => {
            let mut keys = vec![money_key(Some(&m.currency), m.minor)];
            keys.extend(m.base.map(|b| money_key(None, b)));
            keys
        }
        Value::Id(id) => vec![id.bytes().to_vec()],
        Value::Ids(ids) => ids.iter().map(|id| id.bytes().to_vec()).collect(),
        Value::Choices(keys) => keys.iter().map(|k| text_key(k)).collect(),
        Value::Points(points) => points.iter().map(|p| text_key(&p.normalised)).collect(),
        Value::Null => Vec::new(),
        // A value that nothing can be equal to (a text whose fold is empty, structured data) is a value all the same:
        // the empty key tells that the field is not empty.
        _ => vec![Vec::new()],
    }
}

/// Eight bytes that compare as the numbers do: big-endian with the sign bit flipped.
fn int_key(n: i64) -> [u8; 8] {
    (n ^ i64::MIN).to_be_bytes()
}

/// Amounts in the base currency stand under 0, amounts as given under 1 and their currency.
fn money_key(currency: Option<&str>, minor: i64) -> Vec<u8> {
    let mut key = Vec::with_capacity(16);
    match currency {
        None => key.push(0),
        Some(code) => {
            key.push(1);
            key.extend_from_slice(code.as_bytes());
            key.push(0);
        }
    }
    key.extend_from_slice(&int_key(minor));
    key
}

fn text_key(text: &str) -> Vec<u8> {
    if text.len() <= LONGEST_KEY {
        return text.as_bytes().to_vec();
    }
    let mut at = LONGEST_KEY;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let mut key = text.as_bytes().get(..at).unwrap_or_default().to_vec();
    // FNV-1a of 128 bits: offset basis and prime of draft-eastlake-fnv.
    let mut hash: u128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D;
    for b in text.bytes() {
        hash = (hash ^ u128::from(b)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B);
    }
    key.push(0xFF);
    key.extend_from_slice(&hash.to_be_bytes());
    key
}

/// The key under which a value equal to the operand stands. `None` for null, ranges and lists.
#[must_use]
pub fn index_key(field: &FieldDef, operand: &Operand) -> Option<Vec<u8>> {
    match operand {
        Operand::Int(i) if field.stored() == FieldType::Money => Some(money_key(None, *i)),
        Operand::Int(i) => Some(int_key(*i).to_vec()),
        Operand::Text(s) => Some(text_key(s)),
        Operand::Id(id) => Some(id.bytes().to_vec()),
        Operand::Money { minor, currency } => Some(money_key(currency.as_deref(), *minor)),
        Operand::Null | Operand::Range { .. } | Operand::List(_) => None,
    }
}

/// Where the value entries of the records stand that a test finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexLookup {
    /// Under one of these keys.
    Keys(Vec<Vec<u8>>),
    /// From the first key on, and before the second one (to the end of the field when `None`).
    Range(Vec<u8>, Option<Vec<u8>>),
    /// In one of these ranges.
    Ranges(Vec<(Vec<u8>, Option<Vec<u8>>)>),
    /// Under any key.
    Any,
}

/// Where to look for the records that fulfil a test of a custom field. `Ne` is looked up as the complement of `Eq`, and
/// `= null` as the complement of [`IndexLookup::Any`]. `None` when the index cannot tell: text that contains another.
#[must_use]
pub fn index_lookup(field: &FieldDef, op: Op, operand: &Operand) -> Option<IndexLookup> {
    match (op, operand) {
        (Op::Eq | Op::Ne, Operand::Null) => Some(IndexLookup::Any),
        (Op::Eq | Op::Ne, Operand::Range { from, to }) => Some(IndexLookup::Range(
            int_key(*from).to_vec(),
            Some(int_key(*to).to_vec()),
        )),
        (Op::Eq | Op::Ne, Operand::List(_)) => index_lookup(field, Op::In, operand),
        (Op::Eq | Op::Ne, _) => Some(IndexLookup::Keys(vec![index_key(field, operand)?])),
        (Op::In, Operand::List(list)) => {
            let mut keys = Vec::new();
            let mut ranges = Vec::new();
            for one in list {
                match index_lookup(field, Op::Eq, one)? {
                    IndexLookup::Keys(k) => keys.extend(k),
                    IndexLookup::Range(from, to) => ranges.push((from, to)),
                    IndexLookup::Ranges(r) => ranges.extend(r),
                    IndexLookup::Any => return None,
                }
            }
            if ranges.is_empty() {
                return Some(IndexLookup::Keys(keys));
            }
            ranges.extend(keys.into_iter().map(|k| {
                let end = successor(&k);
                (k, Some(end))
            }));
            Some(IndexLookup::Ranges(ranges))
        }
        // Members of choices, links and points stand under keys of their own.
        (Op::Has, _) if !matches!(field.stored(), t if t.is_text() || t == FieldType::PersonName) => {
            match field.stored() {
                FieldType::Choice | FieldType::Choices | FieldType::Link | FieldType::Links => {
                    Some(IndexLookup::Keys(vec![index_key(field, operand)?]))
                }
                _ => None,
            }
        }
        (Op::Starts, Operand::Text(s)) if s.len() <= LONGEST_KEY => Some(IndexLookup::Range(
            s.as_bytes().to_vec(),
            after_prefix(s.as_bytes()),
        )),
        (Op::Lt | Op::Le | Op::Gt | Op::Ge, _) => bounds(field, op, operand),
        _ => None,
    }
}

fn bounds(field: &FieldDef, op: Op, operand: &Operand) -> Option<IndexLookup> {
    let (low, high): (Vec<u8>, Option<Vec<u8>>) = match operand {
        Operand::Money { currency, .. } => {
            let head = money_key(currency.as_deref(), 0);
            let head = head.get(..head.len() - 8)?.to_vec();
            let end = after_prefix(&head);
            (head, end)
        }
        Operand::Int(_) if field.stored() == FieldType::Money => (vec![0], Some(vec![1])),
        _ => (Vec::new(), None),
    };
    let (from, behind) = if let Operand::Range { from, to } = operand {
        (int_key(*from).to_vec(), int_key(*to).to_vec())
    } else {
        let key = index_key(field, operand)?;
        let behind = successor(&key);
        (key, behind)
    };
    Some(match op {
        Op::Lt => IndexLookup::Range(low, Some(from)),
        Op::Le => IndexLookup::Range(low, Some(behind)),
        Op::Gt => IndexLookup::Range(behind, high),
        _ => IndexLookup::Range(from, high),
    })
}

/// The first key behind this one.
fn successor(key: &[u8]) -> Vec<u8> {
    let mut next = key.to_vec();
    next.push(0);
    next
}

/// The first key behind all that begin with these bytes; `None` when there is none.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.last_mut() {
        if *last < 0xFF {
            *last += 1;
            return Some(end);
        }
        end.pop();
    }
    None
}
