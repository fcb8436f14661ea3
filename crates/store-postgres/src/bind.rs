//! Values to and from PostgreSQL, in its binary form.

use peyvand_core::Id;
use peyvand_store::SqlVal;
use peyvand_store::tables::Kind;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::query::Query;
use sqlx::{Decode, Encode, Postgres, Type};

/// A UUID. The engine binds it itself: the library's own support of it would draw its SQLite half into the dependency
/// tree, which must hold one SQLite only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PgId(pub(crate) Id);

// Fixed numbers of pg_type.dat: uuid and uuid[].
const UUID: u32 = 2950;
const UUID_ARRAY: u32 = 2951;

impl Type<Postgres> for PgId {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(UUID))
    }
}

impl PgHasArrayType for PgId {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(UUID_ARRAY))
    }
}

impl Encode<'_, Postgres> for PgId {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buf.extend_from_slice(self.0.bytes());
        Ok(IsNull::No)
    }
}

impl<'r> Decode<'r, Postgres> for PgId {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let bytes: [u8; 16] = value.as_bytes()?.try_into()?;
        Ok(Self(Id::from_bytes(bytes)))
    }
}

/// Binds one value as the kind of its column, so that `NULL` has a type too.
pub(crate) fn bind<'q>(
    q: Query<'q, Postgres, PgArguments>,
    value: &'q SqlVal,
    kind: Kind,
) -> Query<'q, Postgres, PgArguments> {
    match value {
        SqlVal::Null => match kind {
            Kind::Int => q.bind(None::<i64>),
            Kind::Text => q.bind(None::<&str>),
            Kind::Bytes => q.bind(None::<&[u8]>),
            Kind::Uuid => q.bind(None::<PgId>),
            Kind::Tokens => q.bind(None::<Vec<String>>),
        },
        SqlVal::Int(i) => q.bind(*i),
        SqlVal::Text(s) => q.bind(s.as_str()),
        SqlVal::Bytes(b) => q.bind(b.as_slice()),
        SqlVal::Uuid(u) => q.bind(PgId(*u)),
        SqlVal::Tokens(t) => q.bind(t.as_slice()),
    }
}

/// The kind that a value has by itself; of an empty one it does not matter where it is bound.
pub(crate) const fn own_kind(value: &SqlVal) -> Kind {
    match value {
        SqlVal::Int(_) => Kind::Int,
        SqlVal::Null | SqlVal::Text(_) => Kind::Text,
        SqlVal::Bytes(_) => Kind::Bytes,
        SqlVal::Uuid(_) => Kind::Uuid,
        SqlVal::Tokens(_) => Kind::Tokens,
    }
}

/// A column value that the server gave, as the kind that is expected.
pub(crate) fn value(v: PgValueRef<'_>, kind: Kind) -> Result<SqlVal, BoxDynError> {
    use sqlx::ValueRef as _;
    if v.is_null() {
        return Ok(SqlVal::Null);
    }
    if v.format() == PgValueFormat::Text {
        return Ok(SqlVal::Text(v.as_str()?.to_owned()));
    }
    Ok(match kind {
        Kind::Int => {
            // The sum of BIGINT is NUMERIC.
            let numeric = <sqlx::Postgres as sqlx::Database>::TypeInfo::with_name("NUMERIC");
            if *v.type_info() == numeric {
                SqlVal::Int(numeric_int(v.as_bytes()?).ok_or("a sum beyond 64 bits")?)
            } else {
                SqlVal::Int(integer(v.as_bytes()?).ok_or("an integer of no known size")?)
            }
        }
        Kind::Text => SqlVal::Text(v.as_str()?.to_owned()),
        Kind::Bytes => SqlVal::Bytes(v.as_bytes()?.to_vec()),
        Kind::Uuid => SqlVal::Uuid(PgId::decode(v)?.0),
        Kind::Tokens => SqlVal::Tokens(<Vec<String> as Decode<Postgres>>::decode(v)?),
    })
}

/// A whole number of 1, 2, 4 or 8 bytes, most significant first.
fn integer(b: &[u8]) -> Option<i64> {
    Some(match b.len() {
        1 => i64::from(*b.first()?),
        2 => i64::from(i16::from_be_bytes(b.try_into().ok()?)),
        4 => i64::from(i32::from_be_bytes(b.try_into().ok()?)),
        8 => i64::from_be_bytes(b.try_into().ok()?),
        _ => return None,
    })
}

/// The whole part of a NUMERIC in its binary form: count of digits, weight of the first, sign, scale, and then digits
/// to the base 10,000 (`numeric_send` in PostgreSQL's source).
fn numeric_int(b: &[u8]) -> Option<i64> {
    let word =
        |i: usize| -> Option<i16> { Some(i16::from_be_bytes(b.get(i * 2..i * 2 + 2)?.try_into().ok()?)) };
    let (count, weight, sign) = (usize::try_from(word(0)?).ok()?, word(1)?, word(2)?);
    let mut n: i128 = 0;
    for place in 0..=weight.max(-1) {
        let at = usize::try_from(place).ok()?;
        let digit = if at < count { word(4 + at)? } else { 0 };
        n = n.checked_mul(10_000)?.checked_add(i128::from(digit))?;
    }
    match sign {
        0 => i64::try_from(n).ok(),
        0x4000 => i64::try_from(-n).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(words: &[i16]) -> Vec<u8> {
        words.iter().flat_map(|w| w.to_be_bytes()).collect()
    }

    /// Vectors from the documentation of the format: digits to the base 10,000.
    #[test]
    fn sums_are_read() {
        for (words, want) in [
            (&[0_i16, 0, 0, 0][..], Some(0)),
            (&[1, 0, 0, 0, 42], Some(42)),
            (&[1, 1, 0, 0, 5], Some(50_000)),
            (&[2, 1, 0x4000, 0, 1, 2345], Some(-12_345)),
            (&[2, 0, 0, 2, 7, 2500], Some(7)),
            (&[5, 4, 0, 0, 922, 3372, 368, 5477, 5807], Some(i64::MAX)),
            (&[5, 4, 0, 0, 922, 3372, 368, 5477, 5808], None),
            (&[0, 0, -16384, 0], None),
        ] {
            assert_eq!(numeric_int(&numeric(words)), want, "{words:?}");
        }
        assert_eq!(numeric_int(&[0, 1]), None);
    }
}
