//! What has no column of its own: links to several records, which stand in a table of links, and fields of a workspace's
//! own, whose values stand in the JSON column of their record and, to be found, in the field index.

use peyvand_catalog::{FieldIx, FieldType};
use sea_query::{Alias, Cond, Expr, ExprTrait, Func, JoinType, SelectStatement};

use super::{CompileError, Compiler, Dialect, col, not_comparable};
use crate::layout::{ObjectLayout, Slot, sort_column};
use crate::tables::Kind;

/// The number of the field index for values, as opposed to sort keys.
const VALUES: i32 = 0;

/// From which end a link is followed: which of its two records the statement already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The one that links.
    Linking,
    /// The one that is linked to.
    Linked,
}

/// A part of an amount in the JSON column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The number itself, of a field that is no amount.
    Whole,
    /// The text itself, the key of a choice, the id of a link.
    Text,
    /// Yes (1) or no (0).
    YesNo,
    /// Minor units.
    Minor,
    /// The currency.
    Currency,
    /// The twin in the base currency.
    Base,
}

impl Part {
    const fn member(self) -> Option<&'static str> {
        match self {
            Self::Whole | Self::Text | Self::YesNo => None,
            Self::Minor => Some("minor"),
            Self::Currency => Some("currency"),
            Self::Base => Some("base"),
        }
    }
}

impl Compiler<'_> {
    /// Ties the rows of `new` in `sub` to the rows of `known` outside of it by a link of the object `l`; `end` is what
    /// `known` is. The table of the links, where the link has no column, is called `between`.
    pub(super) fn tie(
        &self,
        sub: &mut SelectStatement,
        l: &ObjectLayout,
        field: FieldIx,
        end: End,
        (known, new): (&str, &str),
        between: &str,
    ) -> Result<(), CompileError> {
        let def = l.object.at(field).ok_or_else(|| not_comparable(l, field))?;
        let (linking, linked) = match end {
            End::Linking => (known, new),
            End::Linked => (new, known),
        };
        let id = |alias: &str| col(alias, "id");
        let of = |alias: &str, column: &'static str| (Alias::new(alias), Alias::new(column));
        if def.stored() == FieldType::Links {
            let cond = Cond::all()
                .add(col(between, "workspace_id").eq(self.workspace.0))
                .add(col(between, "object").eq(l.object.key.as_str()))
                .add(col(between, "field").eq(def.key.as_str()))
                .add(col(between, "from_id").equals(of(linking, "id")))
                .add(col(between, "to_id").equals(of(linked, "id")));
            sub.join_as(JoinType::InnerJoin, "record_link", Alias::new(between), cond);
            return Ok(());
        }
        match l.slot(field) {
            Some(Slot::Column { main, .. }) => {
                sub.and_where(col(linking, l.name(*main)).equals(of(linked, "id")));
            }
            Some(Slot::Custom(number)) => {
                let key = || col(between, "key");
                // The side that is written differently is the one that is known: the other one is found by its index.
                let same = match (self.dialect, end) {
                    (Dialect::Sqlite, _) => key().eq(id(linked)),
                    (Dialect::Postgres, End::Linking) => {
                        let hex = Func::cust("encode").arg(key()).arg("hex");
                        id(linked).eq(Expr::expr(hex).cast_as(Alias::new("uuid")))
                    }
                    (Dialect::Postgres, End::Linked) => {
                        key().eq(Expr::expr(Func::cust("uuid_send").arg(id(linked))))
                    }
                };
                let cond = Cond::all()
                    .add(col(between, "workspace_id").eq(self.workspace.0))
                    .add(col(between, "field").eq(i64::from(*number)))
                    .add(col(between, "kind").eq(VALUES))
                    .add(col(between, "record_id").equals(of(linking, "id")))
                    .add(same);
                sub.join_as(JoinType::InnerJoin, "field_index", Alias::new(between), cond);
            }
            _ => return Err(not_comparable(l, field)),
        }
        Ok(())
    }

    /// The number of a field by which it is summed: as it is stored, of an amount its twin in the base currency. `None`
    /// for a field that has none.
    pub(super) fn summand(&self, l: &ObjectLayout, alias: &str, field: FieldIx) -> Option<Expr> {
        let slot = l.slot(field)?;
        if let Slot::Custom(_) = slot {
            let part = match l.object.at(field)?.stored() {
                FieldType::Money => Part::Base,
                FieldType::Number | FieldType::Decimal => Part::Whole,
                _ => return None,
            };
            return self.custom_part(l, alias, field, part);
        }
        let at = sort_column(slot).filter(|at| l.table.columns[*at].kind == Kind::Int)?;
        Some(col(alias, l.name(at)))
    }

    /// What records are grouped by, and of which kind it is: the column of the field, or its value out of the JSON column,
    /// where links are written as texts. `None` for a field by which none are grouped.
    pub(super) fn grouping(&self, l: &ObjectLayout, alias: &str, field: FieldIx) -> Option<(Expr, Kind)> {
        match l.slot(field)? {
            Slot::Column { main, .. } => Some((col(alias, l.name(*main)), l.table.columns[*main].kind)),
            Slot::Custom(_) => {
                let (part, kind) = match l.object.at(field)?.stored() {
                    FieldType::Choice | FieldType::Text | FieldType::Link => (Part::Text, Kind::Text),
                    FieldType::Number | FieldType::Date => (Part::Whole, Kind::Int),
                    FieldType::Boolean => (Part::YesNo, Kind::Int),
                    _ => return None,
                };
                Some((self.custom_part(l, alias, field, part)?, kind))
            }
            Slot::Money(_) => None,
        }
    }

    /// A part of the value of a workspace's own field, out of the JSON column.
    pub(super) fn custom_part(
        &self,
        l: &ObjectLayout,
        alias: &str,
        field: FieldIx,
        part: Part,
    ) -> Option<Expr> {
        let (Some(Slot::Custom(number)), Some(at)) = (l.slot(field), l.custom) else {
            return None;
        };
        let json = col(alias, l.name(at));
        Some(match self.dialect {
            Dialect::Sqlite => {
                let member = part.member().map(|m| format!(".{m}")).unwrap_or_default();
                let path = format!("$.\"{number}\"{member}");
                Expr::expr(Func::cust("json_extract").arg(json).arg(path))
            }
            Dialect::Postgres => {
                let mut text = Func::cust("json_extract_path_text")
                    .arg(json.cast_as(Alias::new("json")))
                    .arg(number.to_string());
                if let Some(member) = part.member() {
                    text = text.arg(member);
                }
                let text = Expr::expr(text);
                match part {
                    Part::Currency | Part::Text => text,
                    Part::YesNo => text
                        .cast_as(Alias::new("boolean"))
                        .cast_as(Alias::new("integer"))
                        .cast_as(Alias::new("bigint")),
                    _ => text.cast_as(Alias::new("bigint")),
                }
            }
        })
    }
}
