//! The grid of a list: heads, rows, cells, sums.

use peyvand_app::reading;
use peyvand_catalog::{FieldIx, FieldType, ObjectDef};
use peyvand_numbers::Money;
use peyvand_record::{Record, Value};

use super::grouping::GroupHead;
use super::state::{State, sort_text};
use crate::board::base_currency;
use crate::door::Visitor;
use crate::fields::{self, Titles};
use crate::shell::{initials, pigment};

/// The head of a column.
pub(crate) struct Head {
    pub(crate) key: String,
    pub(crate) label: String,
    /// Where a click leads; empty when the list cannot be sorted by it.
    pub(crate) sort: String,
    /// The same beside what is sorted by already.
    pub(crate) also: String,
    /// `ascending`, `descending` or nothing.
    pub(crate) state: &'static str,
    /// Its place among several.
    pub(crate) rank: String,
    pub(crate) numeric: bool,
    pub(crate) width: u16,
}

/// Rows under one heading; without a heading when nothing is grouped.
pub(super) struct Group {
    pub(super) head: GroupHead,
    pub(super) rows: Vec<Row>,
}

/// A row.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) address: String,
    pub(crate) title: String,
    pub(crate) initials: String,
    pub(crate) pigment: &'static str,
    pub(crate) edit: bool,
    pub(crate) cells: Vec<GridCell>,
}

/// A cell of the grid.
pub(crate) struct GridCell {
    pub(crate) key: String,
    pub(crate) label: String,
    pub(crate) html: String,
    pub(crate) class: &'static str,
    pub(crate) edit: bool,
    pub(crate) empty: bool,
}

/// What rows are drawn with.
pub(crate) struct Draw<'a> {
    pub(crate) visitor: &'a Visitor,
    pub(crate) object: &'a ObjectDef,
    pub(crate) state: &'a State,
    pub(crate) columns: &'a [(FieldIx, u16)],
    pub(crate) titles: &'a Titles,
    pub(crate) bin: bool,
    pub(crate) editable: Vec<FieldIx>,
}

fn numeric(ty: FieldType) -> bool {
    matches!(ty, FieldType::Number | FieldType::Decimal | FieldType::Money)
}

/// The columns that are summed: those whose values add up to something, with a column of their own in the database.
pub(crate) fn summed(object: &ObjectDef, columns: &[FieldIx]) -> Vec<FieldIx> {
    columns
        .iter()
        .copied()
        .filter(|ix| {
            object
                .at(*ix)
                .is_some_and(|f| f.adds_up() && !f.custom && f.ty != FieldType::Formula)
        })
        .collect()
}

/// The sums under their columns, as texts.
pub(crate) fn sums(
    visitor: &Visitor,
    object: &ObjectDef,
    columns: &[FieldIx],
    summed: &[FieldIx],
    values: &[Option<i64>],
) -> Vec<String> {
    let v = &visitor.view;
    columns
        .iter()
        .map(|ix| {
            let Some(n) = summed.iter().position(|s| s == ix).and_then(|n| values.get(n)) else {
                return String::new();
            };
            match (n, object.at(*ix).map(|f| (f.stored(), f.decimals()))) {
                (Some(n), Some((FieldType::Money, _))) => {
                    v.amount(Money::new(*n, base_currency(&visitor.session.caller)), true)
                }
                (Some(n), Some((FieldType::Decimal, places))) => v.decimal(*n, places),
                (Some(n), _) => v.number(*n),
                _ => String::new(),
            }
        })
        .collect()
}

impl Draw<'_> {
    /// The heads of the columns.
    pub(crate) fn heads(&self) -> Vec<Head> {
        let v = &self.visitor.view;
        let sort = self.state.sort(&self.visitor.session.caller, self.object);
        self.columns
            .iter()
            .filter_map(|(ix, width)| self.object.at(*ix).map(|f| (f, *width)))
            .map(|(f, width)| {
                let at = sort.iter().position(|(k, _)| *k == f.key);
                let down = at.and_then(|n| sort.get(n)).map(|(_, d)| *d);
                let turned = (f.key.clone(), down == Some(false));
                let mut also = sort.clone();
                match at.and_then(|n| also.get_mut(n)) {
                    Some(s) => *s = turned.clone(),
                    None => {
                        also.truncate(2);
                        also.push(turned.clone());
                    }
                }
                let link = |list: &[(String, bool)]| {
                    if f.sort {
                        self.state.address(&[("sort", &sort_text(list))])
                    } else {
                        String::new()
                    }
                };
                Head {
                    key: f.key.clone(),
                    label: v.label(&f.label).to_owned(),
                    sort: link(std::slice::from_ref(&turned)),
                    also: link(&also),
                    state: match down {
                        Some(true) => "descending",
                        Some(false) => "ascending",
                        None => "",
                    },
                    rank: match at {
                        Some(n) if sort.len() > 1 => v.number(n as i64 + 1),
                        _ => String::new(),
                    },
                    numeric: numeric(f.stored()),
                    width,
                }
            })
            .collect()
    }

    /// The rows, under their headings.
    pub(super) fn groups(&self, heads: Vec<(GroupHead, usize)>, records: &[Record]) -> Vec<Group> {
        let mut rest = records.iter();
        heads
            .into_iter()
            .map(|(head, n)| Group {
                head,
                rows: rest.by_ref().take(n).map(|r| self.row(r)).collect(),
            })
            .collect()
    }

    /// One row.
    pub(crate) fn row(&self, r: &Record) -> Row {
        let caller = &self.visitor.session.caller;
        let v = &self.visitor.view;
        let (title_ix, title_field) = self.object.title_field();
        let shown = fields::cell(caller, v, title_field, r.get(title_ix), self.titles, true).text();
        let title = if shown.is_empty() {
            reading::title(self.object, r)
        } else {
            shown
        };
        Row {
            id: r.id().to_string(),
            version: r.version(),
            address: if self.bin {
                String::new()
            } else {
                format!("/{}/{}", self.object.plural, r.id())
            },
            initials: initials(&title),
            pigment: pigment(&title),
            title: if title.is_empty() { "—".to_owned() } else { title },
            edit: self.editable.contains(&title_ix),
            cells: self
                .columns
                .iter()
                .filter(|(ix, _)| *ix != title_ix)
                .filter_map(|(ix, _)| self.cell(r, *ix))
                .collect(),
        }
    }

    /// One cell.
    pub(crate) fn cell(&self, r: &Record, ix: FieldIx) -> Option<GridCell> {
        let f = self.object.at(ix)?;
        let v = &self.visitor.view;
        let cell = fields::cell(&self.visitor.session.caller, v, f, r.get(ix), self.titles, true);
        let empty = matches!(r.get(ix), Value::Null);
        let class = if cell.numeric || numeric(f.stored()) {
            "num"
        } else if matches!(
            f.stored(),
            FieldType::LongText | FieldType::RichText | FieldType::Text | FieldType::Address
        ) {
            "cut"
        } else {
            ""
        };
        Some(GridCell {
            key: f.key.clone(),
            label: v.label(&f.label).to_owned(),
            empty,
            // The cell is grey already: most cells of a list are empty, and an element less in each is felt.
            html: if empty { "—".to_owned() } else { cell.html() },
            class,
            edit: self.editable.contains(&ix),
        })
    }
}
