//! How the records of an object lie in its table: which columns a field has, records to rows and back.

mod indexes;
mod values;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use peyvand_catalog::{Catalog, FieldDef, FieldIx, FieldType, ObjectDef, Writes};
use peyvand_core::WorkspaceId;
use peyvand_record::derive;
use peyvand_record::{MoneyValue, Record, Value};

use crate::tables::{Column, Kind, SIDE, SYSTEM_COLUMNS, Table, optional};
use crate::value::SqlVal;

use self::indexes::indexes;
pub use self::values::{from_image, from_stored_json, image, plain, to_stored_json};
use self::values::{from_plain, object_of};

/// Where the values of a field are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot {
    /// In one column, with the fold and the sort key beside it where the field has them.
    Column {
        /// The column of the value.
        main: usize,
        /// The column of the folded text.
        fold: Option<usize>,
        /// The column of the sort key.
        key: Option<usize>,
    },
    /// An amount: minor units, currency, base twin, rate, day of the rate: five columns from here.
    Money(usize),
    /// In the JSON column, under its number; found through the field index.
    Custom(i32),
}

/// Columns that a select reads.
#[derive(Debug, Clone)]
pub struct Columns {
    /// Their positions in the table, ascending.
    pub list: Vec<usize>,
    /// For each column of the table, where it stands in the list.
    places: Vec<Option<usize>>,
}

impl Columns {
    fn of(mut list: Vec<usize>, table: &[Column]) -> Self {
        list.sort_unstable();
        list.dedup();
        let mut places = vec![None; table.len()];
        for (n, at) in list.iter().enumerate() {
            places[*at] = Some(n);
        }
        Self { list, places }
    }
}

/// The layout of one object.
#[derive(Debug, Clone)]
pub struct ObjectLayout {
    /// The definition.
    pub object: Arc<ObjectDef>,
    /// The table.
    pub table: Arc<Table>,
    /// A slot per field, in the order of the definition.
    pub slots: Vec<Slot>,
    /// The JSON column of the custom fields.
    pub custom: Option<usize>,
    /// The column that names the object, in the table that all custom objects share.
    pub object_column: Option<usize>,
    /// Columns that a select reads: all but folds and keys.
    pub read: Columns,
    /// Values of deleted fields lie in the JSON column and are carried along behind the fields.
    pub keeps: bool,
}

/// The layouts of a catalog.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The catalog.
    pub catalog: Arc<Catalog>,
    objects: HashMap<String, Arc<ObjectLayout>>,
}

/// Does the field keep its folded text in a column of its own?
#[must_use]
pub fn has_fold(f: &FieldDef) -> bool {
    f.filter && !f.custom && matches!(f.stored(), FieldType::Text | FieldType::PersonName)
}

/// Does the field keep a sort key in a column of its own?
#[must_use]
pub fn has_key(f: &FieldDef) -> bool {
    f.sort && !f.custom && matches!(f.stored(), FieldType::Text | FieldType::PersonName)
}

/// The kind of the main column of a stored type.
#[must_use]
pub const fn kind_of(ty: FieldType) -> Kind {
    match ty {
        FieldType::Number
        | FieldType::Decimal
        | FieldType::Boolean
        | FieldType::Date
        | FieldType::Instant
        | FieldType::Money => Kind::Int,
        FieldType::Link | FieldType::File => Kind::Uuid,
        _ => Kind::Text,
    }
}

impl Layout {
    /// The layout of a catalog.
    #[must_use]
    pub fn of(catalog: Arc<Catalog>) -> Self {
        let objects = catalog
            .objects()
            .iter()
            .map(|o| (o.key.clone(), Arc::new(ObjectLayout::of(o))))
            .collect();
        Self { catalog, objects }
    }

    /// The same layout, in which records of these objects carry the values of their deleted fields along, so that a
    /// change of something else does not lose them.
    #[must_use]
    pub fn keeping(mut self, objects: &[String]) -> Self {
        for key in objects {
            if let Some(l) = self.objects.get_mut(key) {
                Arc::make_mut(l).keeps = true;
            }
        }
        self
    }

    /// The layout of an object.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<&Arc<ObjectLayout>> {
        self.objects.get(key)
    }

    /// The tables of the standard objects, in the order of the catalog.
    #[must_use]
    pub fn tables(&self) -> Vec<Arc<Table>> {
        self.catalog
            .objects()
            .iter()
            .filter(|o| !o.custom)
            .filter_map(|o| self.object(&o.key))
            .map(|l| Arc::clone(&l.table))
            .collect()
    }
}

impl ObjectLayout {
    /// The layout of a definition.
    #[must_use]
    pub fn of(object: &Arc<ObjectDef>) -> Self {
        if object.custom {
            return Self::of_custom(object);
        }
        let mut columns: Vec<Column> = SYSTEM_COLUMNS
            .iter()
            .map(|&(name, kind, nullable)| Column {
                name: name.to_owned(),
                kind,
                nullable,
            })
            .collect();
        let mut slots = Vec::with_capacity(object.fields.len());
        for f in &object.fields {
            if let Some(at) = columns.iter().position(|c| c.name == f.key) {
                slots.push(Slot::Column {
                    main: at,
                    fold: None,
                    key: None,
                });
                continue;
            }
            if f.custom {
                slots.push(Slot::Custom(f.number.unwrap_or_default()));
                continue;
            }
            let at = columns.len();
            if f.stored() == FieldType::Money {
                columns.push(optional(&f.key, Kind::Int));
                for (suffix, kind) in [
                    ("currency", Kind::Text),
                    ("base", Kind::Int),
                    ("rate", Kind::Text),
                    ("rated_on", Kind::Int),
                ] {
                    columns.push(optional(&format!("{}__{suffix}", f.key), kind));
                }
                slots.push(Slot::Money(at));
                continue;
            }
            columns.push(optional(&f.key, kind_of(f.stored())));
            let mut extra = |wanted: bool, suffix: &str, kind: Kind| {
                wanted.then(|| {
                    columns.push(optional(&format!("{}__{suffix}", f.key), kind));
                    columns.len() - 1
                })
            };
            let fold = extra(has_fold(f), "fold", Kind::Text);
            let key = extra(has_key(f), "key", Kind::Bytes);
            slots.push(Slot::Column { main: at, fold, key });
        }
        columns.push(optional("custom", Kind::Text));
        let custom = Some(columns.len() - 1);
        let read = read_columns(&columns);
        let indexes = indexes(object, &columns, &slots);
        let table = Arc::new(Table {
            name: object.key.clone(),
            columns,
            primary: vec!["workspace_id".to_owned(), "id".to_owned()],
            indexes,
            // Clustered tables would be smaller by the index of their key. But SQLite then takes the key, of which only the
            // workspace is given and whose order is asked for, for a better way than the index of what is looked for.
            clustered: false,
            append_only: object.writes == Writes::Append,
            references_record: None,
        });
        Self {
            object: Arc::clone(object),
            table,
            slots,
            custom,
            object_column: None,
            read,
            keeps: false,
        }
    }

    fn of_custom(object: &Arc<ObjectDef>) -> Self {
        let table = Arc::clone(&SIDE.custom_record);
        let slots = object
            .fields
            .iter()
            .map(|f| match table.columns.iter().position(|c| c.name == f.key) {
                Some(main) if f.is_system() || matches!(f.key.as_str(), "id" | "version") => Slot::Column {
                    main,
                    fold: None,
                    key: None,
                },
                _ => Slot::Custom(f.number.unwrap_or_default()),
            })
            .collect();
        let custom = Some(table.at("custom"));
        let object_column = Some(table.at("object"));
        let read = read_columns(&table.columns);
        Self {
            object: Arc::clone(object),
            table,
            slots,
            custom,
            object_column,
            read,
            keeps: false,
        }
    }

    /// The slot of a field.
    #[must_use]
    pub fn slot(&self, ix: FieldIx) -> Option<&Slot> {
        self.slots.get(ix.index())
    }

    /// The name of a column.
    #[must_use]
    pub fn name(&self, at: usize) -> &str {
        &self.table.columns[at].name
    }

    /// A row, in the order of the table's columns.
    #[must_use]
    pub fn encode(&self, workspace: WorkspaceId, record: &Record) -> Vec<SqlVal> {
        let mut row = vec![SqlVal::Null; self.table.columns.len()];
        row[0] = SqlVal::Int(i64::from(workspace.0));
        let mut custom = serde_json::Map::new();
        for (i, slot) in self.slots.iter().enumerate() {
            let ix = FieldIx(i as u16);
            let value = record.get(ix);
            let field = &self.object.fields[i];
            match slot {
                Slot::Column { main, fold, key } => {
                    row[*main] = plain(value);
                    if let Some(at) = fold {
                        row[*at] = derive::fold_of(field, value).into();
                    }
                    if let Some(at) = key {
                        row[*at] = derive::sort_key_of(field, value).into();
                    }
                }
                Slot::Money(at) => {
                    if let Value::Money(m) = value {
                        row[*at] = SqlVal::Int(m.minor);
                        row[*at + 1] = SqlVal::Text(m.currency.to_string());
                        row[*at + 2] = m.base.into();
                        row[*at + 3] = m.rate.as_deref().into();
                        row[*at + 4] = m.rated_on.map(i64::from).into();
                    }
                }
                Slot::Custom(number) => {
                    if let Some(json) = to_stored_json(value) {
                        custom.insert(number.to_string(), json);
                    }
                }
            }
        }
        // What lies under numbers that the catalog does not show (deleted fields that may come back) stays.
        if let Some(Value::Json(kept)) = record.values.get(self.slots.len())
            && let serde_json::Value::Object(kept) = &**kept
        {
            for (number, json) in kept {
                custom.entry(number.clone()).or_insert_with(|| json.clone());
            }
        }
        if let Some(at) = self.custom {
            let empty = custom.is_empty();
            if !empty || !self.table.columns[at].nullable {
                row[at] = SqlVal::Text(serde_json::Value::Object(custom).to_string());
            }
        }
        if let Some(at) = self.object_column {
            row[at] = SqlVal::Text(self.object.key.clone());
        }
        row
    }

    /// The columns that hold these fields, and those of the system, in the order of the table; all that a select reads
    /// when none are named.
    #[must_use]
    pub fn columns_of(&self, fields: Option<&[FieldIx]>) -> Cow<'_, Columns> {
        let Some(fields) = fields else {
            return Cow::Borrowed(&self.read);
        };
        let mut out: Vec<usize> = (0..SYSTEM_COLUMNS.len()).collect();
        if self.keeps {
            out.extend(self.custom);
        }
        for ix in fields {
            match self.slot(*ix) {
                Some(Slot::Column { main, .. }) => out.push(*main),
                Some(Slot::Money(at)) => out.extend(*at..*at + 5),
                Some(Slot::Custom(_)) => out.extend(self.custom),
                None => {}
            }
        }
        Cow::Owned(Columns::of(out, &self.table.columns))
    }

    /// A record from the columns that a select reads (`read`, in that order).
    #[must_use]
    pub fn decode(&self, row: Vec<SqlVal>) -> Record {
        self.decode_from(&self.read, row)
    }

    /// A record from these columns, in their order; fields of which there is no column are empty.
    #[must_use]
    pub fn decode_from(&self, columns: &Columns, mut row: Vec<SqlVal>) -> Record {
        let mut record = Record {
            object: self.object.key.as_str().into(),
            values: vec![Value::Null; self.object.fields.len()],
        };
        let mut custom: Option<serde_json::Map<String, serde_json::Value>> = None;
        let mut take = |column: usize| {
            columns
                .places
                .get(column)
                .copied()
                .flatten()
                .and_then(|p| row.get_mut(p))
                .map_or(SqlVal::Null, |v| std::mem::replace(v, SqlVal::Null))
        };
        for (i, slot) in self.slots.iter().enumerate() {
            let field = &self.object.fields[i];
            record.values[i] = match slot {
                Slot::Column { main, .. } => from_plain(field.stored(), take(*main)),
                Slot::Money(at) => match (take(*at), take(*at + 1)) {
                    (SqlVal::Int(minor), SqlVal::Text(currency)) => Value::money(MoneyValue {
                        minor,
                        currency: currency.into(),
                        base: take(*at + 2).int(),
                        rate: take(*at + 3).text().map(Into::into),
                        rated_on: take(*at + 4).int().map(|d| d as i32),
                    }),
                    _ => Value::Null,
                },
                Slot::Custom(number) => {
                    let map = custom.get_or_insert_with(|| object_of(self.custom.map(&mut take)));
                    map.get(number.to_string().as_str())
                        .map_or(Value::Null, |j| from_stored_json(field.stored(), j))
                }
            };
        }
        if self.keeps {
            let map = custom.unwrap_or_else(|| object_of(self.custom.map(&mut take)));
            let shown = |number: &str| {
                self.slots
                    .iter()
                    .any(|s| matches!(s, Slot::Custom(n) if n.to_string() == number))
            };
            let kept: serde_json::Map<String, serde_json::Value> =
                map.into_iter().filter(|(n, _)| !shown(n)).collect();
            if !kept.is_empty() {
                record.values.push(Value::Json(Box::new(kept.into())));
            }
        }
        record
    }
}

fn read_columns(columns: &[Column]) -> Columns {
    let read = columns
        .iter()
        .enumerate()
        .filter(|(_, c)| !c.name.ends_with("__fold") && !c.name.ends_with("__key"))
        .map(|(i, _)| i);
    Columns::of(read.collect(), columns)
}

/// The column that sorts and bounds a field: its key, its base twin, or the value itself.
#[must_use]
pub fn sort_column(slot: &Slot) -> Option<usize> {
    match slot {
        Slot::Column { main, key, .. } => Some(key.unwrap_or(*main)),
        Slot::Money(at) => Some(at + 2),
        Slot::Custom(_) => None,
    }
}

/// The column by which a field is looked up: its fold, its minor units, or the value itself.
#[must_use]
pub fn lookup_column(slot: &Slot) -> Option<usize> {
    match slot {
        Slot::Column { main, fold, .. } => Some(fold.unwrap_or(*main)),
        Slot::Money(at) => Some(*at),
        Slot::Custom(_) => None,
    }
}
