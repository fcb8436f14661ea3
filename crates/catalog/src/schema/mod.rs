//! A workspace's own definitions: fields added to the shipped objects and whole objects of its own, as data that can
//! be exported, compared and applied.
//!
//! A field is known by its number, which it keeps for life: its values hang on the number, so renaming its key
//! loses nothing. A deleted field or object stays, marked, for [`RESTORE_DAYS`] days and can be restored.

mod apply;
mod change;

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

pub use change::{Change, FieldRef, diff};

use crate::catalog::Catalog;
use crate::choices::OwnChoices;
use crate::definition::{FieldDef, ObjectDef};
use crate::errors::CatalogError;
use crate::types::FieldType;

/// Days for which a deleted field or object can be restored.
pub const RESTORE_DAYS: i32 = 30;

/// The definitions of one workspace.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Counts the applied sets of changes; the catalog made from it carries the same figure.
    #[serde(default)]
    pub revision: i64,
    /// The workspace whose numbers these are (its UUID). Between two schemas of one origin the number says which
    /// fields are the same; between different origins the key does, because each workspace counts for itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
    /// Greatest number that was ever given away; numbers are never given twice.
    #[serde(default)]
    pub last_number: i32,
    /// Fields added to shipped objects, by object key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Vec<FieldDef>>,
    /// Choices of shipped fields as the workspace has them, all of a field in their order.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: OwnChoices,
    /// The workspace's own objects with their fields, without the system fields.
    #[serde(default, rename = "object", skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectDef>,
}

/// Why a schema or a change is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The text is not a schema.
    #[error("the schema cannot be read: {reason}")]
    Unreadable {
        /// What the parser says.
        reason: String,
    },
    /// The schema cannot be written as TOML.
    #[error("the schema cannot be written: {reason}")]
    Unwritable {
        /// What the writer says.
        reason: String,
    },
    /// A definition is wrong in itself or does not fit the catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The object or field that a change speaks of is not there, or is deleted (or not deleted, for a restore).
    #[error("{object}.{key} is not there to be changed")]
    Missing {
        /// The object.
        object: String,
        /// The field, or the object again.
        key: String,
    },
    /// What a change wants to replace is no longer what it was made for.
    #[error("{object}.{key} has changed since")]
    Stale {
        /// The object.
        object: String,
        /// The field, or the object again.
        key: String,
    },
    /// The key belongs to something that was deleted and can still be restored.
    #[error("{object}.{key} was deleted and can still be restored")]
    KeyTaken {
        /// The object.
        object: String,
        /// The key.
        key: String,
    },
    /// Two fields carry one number.
    #[error("{object}.{key}: the number {number} is taken")]
    NumberTaken {
        /// The object.
        object: String,
        /// The field.
        key: String,
        /// The number.
        number: i32,
    },
    /// The stored values would not survive the change.
    #[error("{object}.{key} cannot become {to}: it is {from}")]
    NotWidening {
        /// The object.
        object: String,
        /// The field.
        key: String,
        /// What it is: a type, a number of decimals, a target.
        from: String,
        /// What it should become.
        to: String,
    },
    /// The time for restoring is over.
    #[error("{object}.{key} is gone for good")]
    Gone {
        /// The object.
        object: String,
        /// The field, or the object again.
        key: String,
    },
}

impl SchemaError {
    /// The stable code, key of the translated message.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "schema-unreadable",
            Self::Unwritable { .. } => "schema-unwritable",
            Self::Catalog(e) => e.code(),
            Self::Missing { .. } => "schema-missing",
            Self::Stale { .. } => "schema-stale",
            Self::KeyTaken { .. } => "schema-key-taken",
            Self::NumberTaken { .. } => "schema-number-taken",
            Self::NotWidening { .. } => "schema-not-widening",
            Self::Gone { .. } => "schema-gone",
        }
    }
}

/// What [`Schema::expire`] took out for good; a job removes the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expired {
    /// A field: its object and number.
    Field(FieldRef),
    /// An object with all its records.
    Object(String),
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// When the text is not TOML of this form. Whether it fits the catalog is asked with [`Schema::check`].
    pub fn from_toml(text: &str) -> Result<Self, SchemaError> {
        let mut schema: Self = toml::from_str(text).map_err(|e| SchemaError::Unreadable {
            reason: e.to_string(),
        })?;
        schema.tidy();
        Ok(schema)
    }

    /// Writes it in the form that [`Schema::from_toml`] reads.
    ///
    /// # Errors
    /// When a default is a value that TOML has no form for.
    pub fn to_toml(&self) -> Result<String, SchemaError> {
        toml::to_string_pretty(self).map_err(|e| SchemaError::Unwritable {
            reason: e.to_string(),
        })
    }

    /// The catalog with these definitions.
    ///
    /// # Errors
    /// The first thing that is wrong with any of them.
    pub fn catalog(&self) -> Result<Catalog, CatalogError> {
        Catalog::with_own(&self.fields, &self.objects, &self.choices, self.revision)
    }

    /// The fields of an object, deleted ones included: those added to a shipped object, or all of an own one.
    #[must_use]
    pub fn fields_of(&self, object: &str) -> &[FieldDef] {
        self.objects
            .iter()
            .find(|o| o.key == object)
            .map(|o| o.fields.as_slice())
            .or_else(|| self.fields.get(object).map(Vec::as_slice))
            .unwrap_or_default()
    }

    /// The same without what is deleted: what people see.
    #[must_use]
    pub fn live(&self) -> Self {
        let mut live = self.clone();
        live.objects.retain(|o| o.deleted_on.is_none());
        for fields in live.field_lists() {
            fields.retain(|f| f.deleted_on.is_none());
        }
        live.tidy();
        live
    }

    /// Holds it as a whole: the catalog can be made of it, numbers are given once, and no key is used again while
    /// its former owner can be restored.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), SchemaError> {
        let mut numbers = HashSet::new();
        let lists = self
            .fields
            .iter()
            .chain(self.objects.iter().map(|o| (&o.key, &o.fields)));
        for (object, fields) in lists {
            let mut keys = HashSet::new();
            // Live ones first, so that of two equal keys the deleted one is named.
            let ordered = fields
                .iter()
                .filter(|f| f.deleted_on.is_none())
                .chain(fields.iter().filter(|f| f.deleted_on.is_some()));
            for field in ordered {
                if !keys.insert(&field.key) && field.deleted_on.is_some() {
                    return Err(SchemaError::KeyTaken {
                        object: object.clone(),
                        key: field.key.clone(),
                    });
                }
                if let Some(number) = field.number
                    && !numbers.insert(number)
                {
                    return Err(SchemaError::NumberTaken {
                        object: object.clone(),
                        key: field.key.clone(),
                        number,
                    });
                }
            }
        }
        let mut keys = HashSet::new();
        for object in &self.objects {
            if !keys.insert(&object.key) {
                return Err(CatalogError::Duplicate {
                    object: object.key.clone(),
                    key: object.key.clone(),
                }
                .into());
            }
        }
        self.catalog()?;
        Ok(())
    }

    /// Takes out what was deleted and whose time is over on `today` (days since 1970-01-01), and says what it was.
    pub fn expire(&mut self, today: i32) -> Vec<Expired> {
        let over = |day: Option<i32>| day.is_some_and(|d| d <= today);
        let mut gone = Vec::new();
        self.objects.retain(|o| {
            if over(o.deleted_on) {
                gone.push(Expired::Object(o.key.clone()));
            }
            !over(o.deleted_on)
        });
        let own = self.objects.iter_mut().map(|o| (o.key.clone(), &mut o.fields));
        for (object, fields) in self.fields.iter_mut().map(|(k, f)| (k.clone(), f)).chain(own) {
            fields.retain(|f| {
                if over(f.deleted_on) {
                    gone.push(Expired::Field(FieldRef::new(&object, f)));
                }
                !over(f.deleted_on)
            });
        }
        self.tidy();
        gone
    }

    /// The numbers of all fields that the workspace added to an object, deleted ones too.
    #[must_use]
    pub fn numbers_of(&self, object: &str) -> Vec<i32> {
        let own = self
            .objects
            .iter()
            .filter(|o| o.key == object)
            .flat_map(|o| &o.fields);
        let added = self.fields.get(object).into_iter().flatten();
        own.chain(added).filter_map(|f| f.number).collect()
    }

    /// The objects that have deleted fields which may come back.
    #[must_use]
    pub fn with_deleted_fields(&self) -> Vec<String> {
        let deleted = |fields: &[FieldDef]| fields.iter().any(|f| f.deleted_on.is_some());
        let own = self
            .objects
            .iter()
            .filter(|o| deleted(&o.fields))
            .map(|o| o.key.clone());
        let added = self
            .fields
            .iter()
            .filter(|(_, f)| deleted(f))
            .map(|(k, _)| k.clone());
        own.chain(added).collect()
    }

    /// Every list of fields.
    fn field_lists(&mut self) -> impl Iterator<Item = &mut Vec<FieldDef>> {
        self.fields
            .values_mut()
            .chain(self.objects.iter_mut().map(|o| &mut o.fields))
    }

    /// One form for one meaning: objects by key, everything marked as custom, no empty lists, the count of numbers
    /// at least the greatest in use.
    fn tidy(&mut self) {
        self.fields.retain(|_, fields| !fields.is_empty());
        for own in self.choices.values_mut() {
            own.retain(|_, choices| !choices.is_empty());
        }
        self.choices.retain(|_, own| !own.is_empty());
        self.objects.sort_by(|a, b| a.key.cmp(&b.key));
        for object in &mut self.objects {
            object.custom = true;
        }
        let mut last = self.last_number;
        for fields in self.field_lists() {
            for field in fields {
                field.custom = true;
                // Computed fields are written by the product only, whatever a file says.
                if field.ty == FieldType::Computed {
                    field.writes = crate::Writes::UseCase;
                }
                last = last.max(field.number.unwrap_or(0));
            }
        }
        self.last_number = last;
    }

    /// Gives the next number to every field that has none.
    fn number_all(&mut self) {
        self.tidy();
        let mut last = self.last_number;
        for fields in self.field_lists() {
            for field in fields {
                if field.number.is_none() {
                    last = last.saturating_add(1);
                    field.number = Some(last);
                }
            }
        }
        self.last_number = last;
    }
}
