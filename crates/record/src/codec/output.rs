//! Records as JSON: written straight into bytes, without a tree in between.

use peyvand_calendar::Calendar;
use peyvand_catalog::{Class, FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::{Id, Instant};
use serde_json::{Map, Value as Json};

use crate::value::{AddressValue, MoneyValue, NameValue, Point, Record, Value};

/// The member that names the fields whose values there are and the reader may not see, where their type has no room for a
/// mask.
pub const MASKED: &str = "masked";

/// Is this the mask of a value, not one of the field's type?
fn is_mask(field: &FieldDef, value: &Value) -> bool {
    use FieldType as T;
    let text = matches!(
        field.stored(),
        T::Text | T::LongText | T::RichText | T::Code | T::Email | T::Phone | T::Url
    );
    !text && matches!(value, Value::Text(_))
}

/// Appends a record as the flat object of the interface: all fields of the catalog by key, or those of `fields` in the
/// order of the catalog, with `null` for fields without a value. Fields of the class `secret` are never written. A text
/// where a value of another type belongs is the mask of one: it is `null`, and the list [`MASKED`] names its field.
pub fn write_json(out: &mut Vec<u8>, object: &ObjectDef, record: &Record, fields: Option<&[FieldIx]>) {
    out.reserve(object.fields.len() * 32);
    out.push(b'{');
    let mut first = true;
    let mut masked: Vec<&str> = Vec::new();
    // The fields are named in the order of the object as a rule: the next one is looked at before all the others.
    let mut next = 0;
    let mut named = |list: &[FieldIx], ix: FieldIx| {
        let at = if list.get(next) == Some(&ix) {
            Some(next)
        } else {
            list.iter().position(|l| *l == ix)
        };
        next = at.map_or(next, |at| at + 1);
        at.is_some()
    };
    for (i, field) in object.fields.iter().enumerate() {
        let ix = FieldIx(i as u16);
        if field.class == Class::Secret || fields.is_some_and(|f| !named(f, ix)) {
            continue;
        }
        out.extend_from_slice(if std::mem::take(&mut first) { b"\"" } else { b",\"" });
        // Keys are snake_case: nothing in them needs an escape.
        out.extend_from_slice(field.key.as_bytes());
        match record.get(ix) {
            Value::Null => out.extend_from_slice(b"\":null"),
            value if is_mask(field, value) => {
                out.extend_from_slice(b"\":null");
                masked.push(&field.key);
            }
            value => {
                out.extend_from_slice(b"\":");
                write_value(out, field, value);
            }
        }
    }
    if !masked.is_empty() {
        out.extend_from_slice(format!(",\"{MASKED}\":").as_bytes());
        push_list(out, &masked, |out, key| push_json_string(out, key));
    }
    out.push(b'}');
}

/// A record as a tree of JSON; what [`write_json`] writes.
#[must_use]
pub fn to_json(object: &ObjectDef, record: &Record, fields: Option<&[FieldIx]>) -> Map<String, Json> {
    object
        .fields
        .iter()
        .enumerate()
        .map(|(i, f)| (FieldIx(i as u16), f))
        .filter(|(ix, f)| f.class != Class::Secret && fields.is_none_or(|list| list.contains(ix)))
        .map(|(ix, f)| (f.key.clone(), value_to_json(f, record.get(ix))))
        .collect()
}

/// One value as a tree of JSON.
#[must_use]
pub fn value_to_json(field: &FieldDef, value: &Value) -> Json {
    let mut out = Vec::with_capacity(64);
    write_value(&mut out, field, value);
    // What was written here is JSON.
    serde_json::from_slice(&out).unwrap_or(Json::Null)
}

/// The changed fields of a record, for the audit log: `{"city":["تهران","شیراز"]}`, before and after. `before` is
/// `None` for a new record; system fields and secrets are left out.
#[must_use]
pub fn changes_json(object: &ObjectDef, before: Option<&Record>, after: Option<&Record>) -> String {
    let mut out = Vec::with_capacity(128);
    out.push(b'{');
    let get = |r: Option<&Record>, ix| r.map_or(Value::Null, |r: &Record| r.get(ix).clone());
    for (i, field) in object.fields.iter().enumerate() {
        let ix = FieldIx(i as u16);
        let own = !field.is_system() || matches!(field.key.as_str(), "owner_id" | "team_id" | "deleted_at");
        if !own || field.class == Class::Secret {
            continue;
        }
        let (old, new) = (get(before, ix), get(after, ix));
        if old == new {
            continue;
        }
        if out.len() > 1 {
            out.push(b',');
        }
        push_json_string(&mut out, &field.key);
        out.extend_from_slice(b":[");
        write_value(&mut out, field, &old);
        out.push(b',');
        write_value(&mut out, field, &new);
        out.push(b']');
    }
    out.push(b'}');
    String::from_utf8(out).unwrap_or_default()
}

/// Appends one value.
pub fn write_value(out: &mut Vec<u8>, field: &FieldDef, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Text(s) | Value::Choice(s) => push_json_string(out, s),
        Value::Int(i) => push_int(out, *i),
        Value::Decimal(d) => push_decimal(out, *d, field.decimals()),
        Value::Money(m) => push_money(out, m),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Date(days) => {
            out.push(b'"');
            push_date(out, *days);
            out.push(b'"');
        }
        Value::Instant(i) => push_instant(out, *i),
        Value::Choices(keys) => push_list(out, keys, |out, k| push_json_string(out, k)),
        Value::Id(id) => push_id(out, *id),
        Value::Ids(ids) => push_list(out, ids, |out, id| push_id(out, *id)),
        Value::Name(n) => push_name(out, n),
        Value::Address(a) => push_address(out, a),
        Value::Points(points) => push_list(out, points, push_point),
        Value::Json(j) => {
            // Writing a tree into memory cannot fail.
            let _ = serde_json::to_writer(&mut *out, j);
        }
    }
    debug_assert!(
        field.stored() != FieldType::Formula,
        "stored types are never formulas"
    );
}

fn push_list<T>(out: &mut Vec<u8>, list: &[T], each: impl Fn(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (i, entry) in list.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        each(out, entry);
    }
    out.push(b']');
}

/// The members that have a value, as an object.
fn push_members(out: &mut Vec<u8>, members: &[(&str, &str)]) {
    out.push(b'{');
    let mut first = true;
    for (key, value) in members.iter().filter(|(_, v)| !v.is_empty()) {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        push_json_string(out, key);
        out.push(b':');
        push_json_string(out, value);
    }
    out.push(b'}');
}

fn push_name(out: &mut Vec<u8>, n: &NameValue) {
    push_members(
        out,
        &[
            ("title", &n.title),
            ("given", &n.given),
            ("middle", &n.middle),
            ("family", &n.family),
            ("suffix", &n.suffix),
            ("latin", &n.latin),
        ],
    );
}

fn push_address(out: &mut Vec<u8>, a: &AddressValue) {
    push_members(
        out,
        &[
            ("street", &a.street),
            ("city", &a.city),
            ("province", &a.province),
            ("postal_code", &a.postal_code),
            ("country", &a.country),
        ],
    );
}

fn push_point(out: &mut Vec<u8>, p: &Point) {
    out.push(b'{');
    if p.id != Id::NIL {
        out.extend_from_slice(b"\"id\":");
        push_id(out, p.id);
        out.push(b',');
    }
    out.extend_from_slice(b"\"value\":");
    push_json_string(out, &p.value);
    out.extend_from_slice(b",\"channel\":");
    push_json_string(out, &p.channel);
    if let Some(label) = &p.label {
        out.extend_from_slice(b",\"label\":");
        push_json_string(out, label);
    }
    out.extend_from_slice(if p.primary {
        b",\"primary\":true}"
    } else {
        b",\"primary\":false}"
    });
}

fn push_money(out: &mut Vec<u8>, m: &MoneyValue) {
    out.extend_from_slice(b"{\"amount\":\"");
    push_int(out, m.minor);
    out.extend_from_slice(b"\",\"currency\":");
    push_json_string(out, &m.currency);
    out.push(b'}');
}

fn push_id(out: &mut Vec<u8>, id: Id) {
    let mut buffer = [0; 36];
    out.push(b'"');
    out.extend_from_slice(id.0.hyphenated().encode_lower(&mut buffer).as_bytes());
    out.push(b'"');
}

fn push_int(out: &mut Vec<u8>, n: i64) {
    if n < 0 {
        out.push(b'-');
    }
    push_unsigned(out, n.unsigned_abs(), 1);
}

/// The digits of a number, with zeros in front up to `width`.
fn push_unsigned(out: &mut Vec<u8>, mut n: u64, width: usize) {
    let mut buffer = [b'0'; 20];
    let mut at = buffer.len();
    while n > 0 || buffer.len() - at < width {
        at -= 1;
        buffer[at] = b'0' + (n % 10) as u8;
        n /= 10;
    }
    out.extend_from_slice(&buffer[at..]);
}

/// A scaled decimal as a string with as many places as it needs: `"12.5"`.
fn push_decimal(out: &mut Vec<u8>, scaled: i64, places: u8) {
    out.push(b'"');
    if scaled < 0 {
        out.push(b'-');
    }
    let unit = 10u64.pow(u32::from(places.min(18)));
    let abs = scaled.unsigned_abs();
    push_unsigned(out, abs / unit, 1);
    let (mut rest, mut width) = (abs % unit, usize::from(places));
    if rest > 0 {
        while rest.is_multiple_of(10) {
            rest /= 10;
            width -= 1;
        }
        out.push(b'.');
        push_unsigned(out, rest, width);
    }
    out.push(b'"');
}

fn push_date(out: &mut Vec<u8>, days: i32) {
    let at = Calendar::Gregorian.ymd(days);
    if at.year < 0 {
        out.push(b'-');
    }
    push_unsigned(out, u64::from(at.year.unsigned_abs()), 4);
    out.push(b'-');
    push_unsigned(out, u64::from(at.month), 2);
    out.push(b'-');
    push_unsigned(out, u64::from(at.day), 2);
}

/// RFC 3339 in UTC with microseconds, the form of `Instant`'s `Display`.
fn push_instant(out: &mut Vec<u8>, instant: Instant) {
    let day = instant.micros().div_euclid(Instant::DAY);
    let of_day = instant.micros().rem_euclid(Instant::DAY) as u64;
    out.push(b'"');
    match i32::try_from(day) {
        Ok(day) if (0..=9999).contains(&Calendar::Gregorian.ymd(day).year) => {
            push_date(out, day);
            let second = of_day / 1_000_000;
            for (mark, part) in [
                (b'T', second / 3600),
                (b':', second / 60 % 60),
                (b':', second % 60),
            ] {
                out.push(mark);
                push_unsigned(out, part, 2);
            }
            out.push(b'.');
            push_unsigned(out, of_day % 1_000_000, 6);
            out.push(b'Z');
        }
        _ => out.extend_from_slice(instant.to_string().as_bytes()),
    }
    out.push(b'"');
}

/// The bytes at which a string may need an escape.
static SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 0x20 {
        table[b] = true;
        b += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table[b'<' as usize] = true;
    // The first byte of U+2028 and U+2029.
    table[0xE2] = true;
    table
};

/// Appends a JSON string with its quotes. `<`, U+2028 and U+2029 are escaped too, so that the JSON may stand inside a
/// script element.
pub fn push_json_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    for (i, &b) in bytes.iter().enumerate() {
        if !SPECIAL[usize::from(b)] {
            continue;
        }
        let escape: &[u8] = match b {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            b'<' => b"\\u003c",
            0..=0x1F => {
                out.extend_from_slice(&bytes[start..i]);
                out.extend_from_slice(b"\\u00");
                out.push(b"0123456789abcdef"[usize::from(b >> 4)]);
                out.push(b"0123456789abcdef"[usize::from(b & 15)]);
                start = i + 1;
                continue;
            }
            0xE2 if matches!(bytes.get(i + 1..i + 3), Some([0x80, 0xA8 | 0xA9])) => {
                out.extend_from_slice(&bytes[start..i]);
                out.extend_from_slice(if bytes[i + 2] == 0xA8 {
                    b"\\u2028"
                } else {
                    b"\\u2029"
                });
                start = i + 3;
                continue;
            }
            _ => continue,
        };
        out.extend_from_slice(&bytes[start..i]);
        out.extend_from_slice(escape);
        start = i + 1;
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}
