//! Definitions of objects and fields, as they stand in the files and in a workspace's own catalog.

use serde::{Deserialize, Serialize};

use crate::types::FieldType;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Persian.
    pub fa: String,
    /// English.
    pub en: String,
}

/// How personal a field is: decides masking, logging, erasure and which part of the search text it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// May be shown to anybody: a product's name.
    Public,
    /// Belongs to the firm: an amount, a stage.
    #[default]
    Business,
    /// Tells about a person.
    Personal,
    /// Asks for explicit consent; every view is logged.
    Sensitive,
    /// Never leaves the database: hashes of passwords and tokens.
    Secret,
}

/// Which writes may touch an object or a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Writes {
    /// Create, patch, import, bulk edit.
    #[default]
    Generic,
    /// Only new rows, by their own use case; never changed or deleted.
    Append,
    /// Only by the object's own use cases.
    UseCase,
}

/// What happens to a record when the record it links to is deleted for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDelete {
    /// The link becomes empty.
    #[default]
    Clear,
    /// The linking record goes with it.
    Cascade,
    /// The deletion is refused while the link stands.
    Restrict,
    /// The link stays and points to nothing: history.
    Keep,
}

/// What happens to a link when the record it points to is merged into another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnMerge {
    /// The link moves to the survivor.
    #[default]
    Relink,
    /// The link moves; where the survivor has an equal row already, the two become one.
    RelinkUnique,
    /// The link stays as it was written; the alias leads to the survivor.
    Keep,
}

/// How a field takes part in search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchUse {
    /// Its words are found, by prefix and by substring, and its whole folded text is an exact key.
    Title,
    /// Its words are found.
    Words,
    /// Its normalised value is an exact key, and found by substring.
    Exact,
}

/// One choice of a choice field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The key under which it is stored.
    pub key: String,
    /// Persian label.
    pub fa: String,
    /// English label.
    pub en: String,
    /// Pigment of the design system: lapis, violet, saffron, pistachio, anar, clay, firouzeh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// No longer offered, still readable where it is stored.
    #[serde(default, skip_serializing_if = "is_false")]
    pub retired: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for")]
const fn is_false(b: &bool) -> bool {
    !*b
}

const fn yes() -> bool {
    true
}

/// Position of a field within its object: the index of a value in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldIx(pub u16);

impl FieldIx {
    /// As an index into `ObjectDef::fields` and `Record` values.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The system fields that every record has, in this order, before its own: `id`, `version`, `created_at`,
/// `updated_at`, `created_by`, `updated_by`, `deleted_at`; and `owner_id`, `team_id` where it can be owned.
pub mod system {
    use super::FieldIx;

    /// The record's id.
    pub const ID: FieldIx = FieldIx(0);
    /// Counts the changes, from 1; only grows.
    pub const VERSION: FieldIx = FieldIx(1);
    /// When it was made.
    pub const CREATED_AT: FieldIx = FieldIx(2);
    /// When it was last changed.
    pub const UPDATED_AT: FieldIx = FieldIx(3);
    /// Who made it.
    pub const CREATED_BY: FieldIx = FieldIx(4);
    /// Who last changed it.
    pub const UPDATED_BY: FieldIx = FieldIx(5);
    /// When it was put into the recycle bin.
    pub const DELETED_AT: FieldIx = FieldIx(6);
    /// Who owns it (objects that can be owned).
    pub const OWNER_ID: FieldIx = FieldIx(7);
    /// Whose team owns it (objects that can be owned).
    pub const TEAM_ID: FieldIx = FieldIx(8);
}

/// What must hold of a value beyond its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Ten digits are a national id of Iran, the last of them its check digit. Other numbers are those of other countries.
    NationalId,
    /// A day that has come: not one after today.
    Past,
    /// An amount of nothing or more.
    NotNegative,
    /// The name of a time zone of the tz database, stored as the database writes it.
    TimeZone,
    /// A year of either calendar: a name, not a quantity, and written without marks between its digits.
    Year,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent properties, as they stand in the file"
)]
pub struct FieldDef {
    /// Name in the API, in filters and in files: `snake_case`, unique in its object, never reused.
    pub key: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// Label in both languages.
    pub label: Text,
    /// A sentence of help under the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// Must have a value.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// No two live records of the object share the value.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// May be used in a filter.
    #[serde(default = "yes")]
    pub filter: bool,
    /// Lists may be sorted by it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sort: bool,
    /// How search uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchUse>,
    /// How personal it is.
    #[serde(default)]
    pub class: Class,
    /// Which writes may touch it; `use-case` fields are refused in generic patches.
    #[serde(default)]
    pub writes: Writes,
    /// Longest text in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Digits behind the point (decimals; at most 9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u8>,
    /// Least value of a number or decimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// Greatest value of a number or decimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// What must hold of a value beyond its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// The channel of a points field: `email`, `phone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The choices of a choice field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// A workspace may add to its shipped choices, retire them and put them into another order; of all others the product
    /// knows the meaning, so that they can only be called and coloured otherwise.
    #[serde(default, skip_serializing_if = "is_false")]
    pub open: bool,
    /// The value of a new record that does not say (choice key, number, `true`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<toml::Value>,
    /// The object that a link points to; `*` for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The name by which the linked object knows these records in filters (`orders` on a contact).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<String>,
    /// What becomes of a link when its target is deleted for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_delete: Option<OnDelete>,
    /// What becomes of a link when its target is merged away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_merge: Option<OnMerge>,
    /// The stored type of a formula or computed field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<FieldType>,
    /// The CEL expression of a formula.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// Section of the form and record page: `main`, `contact`, `address`, `business`, `system` ….
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Do values of several records add up to something? Amounts do unless this says no (a price), numbers only where this
    /// says yes (a quantity, but no rate, percentage, score or place in an order).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<bool>,
    /// Shown in the object's default list.
    #[serde(default, skip_serializing_if = "is_false")]
    pub list: bool,
    /// Added by the workspace, not shipped: stored in the JSON column and in the field index.
    #[serde(default, skip_serializing_if = "is_false")]
    pub custom: bool,
    /// Number of a custom field within its workspace: the key of its values in the field index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i32>,
    /// Day on which a deleted custom field goes for good (days since 1970-01-01); until then it can be restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_on: Option<i32>,
}

impl FieldDef {
    /// May a list say what its values come to?
    #[must_use]
    pub fn adds_up(&self) -> bool {
        match self.stored() {
            FieldType::Money => self.sum.unwrap_or(true),
            FieldType::Number | FieldType::Decimal => self.sum.unwrap_or(false),
            _ => false,
        }
    }

    /// The type whose values are stored: a formula's or computed field's `of`, else the type itself.
    #[must_use]
    pub fn stored(&self) -> FieldType {
        match self.ty {
            FieldType::Formula | FieldType::Computed => self.of.unwrap_or(FieldType::Text),
            t => t,
        }
    }

    /// One of the fields that every record has.
    #[must_use]
    pub fn is_system(&self) -> bool {
        matches!(
            self.key.as_str(),
            "id" | "version"
                | "created_at"
                | "updated_at"
                | "created_by"
                | "updated_by"
                | "deleted_at"
                | "owner_id"
                | "team_id"
        ) && !self.custom
    }

    /// Does it hold a country, by its code of two letters?
    #[must_use]
    pub fn is_country(&self) -> bool {
        self.key == "country" && self.stored() == FieldType::Code && self.max_length == Some(2)
    }

    /// Does it hold a time zone, by its name?
    #[must_use]
    pub fn is_zone(&self) -> bool {
        self.check == Some(Check::TimeZone)
    }

    /// Is it a year?
    #[must_use]
    pub fn is_year(&self) -> bool {
        self.check == Some(Check::Year)
    }

    /// The choice with this key.
    #[must_use]
    pub fn choice(&self, key: &str) -> Option<&Choice> {
        self.choices.iter().find(|c| c.key == key)
    }

    /// May choices be added and retired?
    #[must_use]
    pub const fn takes_choices(&self) -> bool {
        self.open || self.custom
    }

    /// Digits behind the point of a decimal field.
    #[must_use]
    pub fn decimals(&self) -> u8 {
        self.scale.unwrap_or(4).min(9)
    }
}

/// An object: a kind of record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent properties, as they stand in the file"
)]
pub struct ObjectDef {
    /// Name in the program: singular `snake_case`; the table of a standard object has it too.
    pub key: String,
    /// Name in addresses: plural kebab-case.
    pub plural: String,
    /// Label of one.
    pub label: Text,
    /// Label of many.
    pub labels: Text,
    /// Icon of the design system.
    #[serde(default)]
    pub icon: String,
    /// The field that names a record in lists, links and search.
    pub title: String,
    /// Has a row in `record`: can carry tags, files, notes, shares, followers, external keys.
    #[serde(default = "yes")]
    pub spine: bool,
    /// Has an owner and a team.
    #[serde(default)]
    pub ownable: bool,
    /// Two of them can be merged.
    #[serde(default, skip_serializing_if = "is_false")]
    pub mergeable: bool,
    /// Which writes may touch it.
    #[serde(default)]
    pub writes: Writes,
    /// The link to the record whose rights decide over this one (an order line's order), for objects without spine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The link that decides where `parent` is empty: a contact point belongs to a contact or to a company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_or: Option<String>,
    /// Links whose targets show this record on their timeline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<String>,
    /// The instant or date at which it stands on a timeline; `created_at` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline_at: Option<String>,
    /// Sort of the default list, as in the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_sort: Option<String>,
    /// Area of the navigation: `sales`, `marketing`, `service`, `settings`, `work`.
    #[serde(default)]
    pub area: String,
    /// Added by the workspace.
    #[serde(default, skip_serializing_if = "is_false")]
    pub custom: bool,
    /// Day on which a deleted object of the workspace goes for good (days since 1970-01-01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_on: Option<i32>,
    /// Sets of fields that are unique together, for example `["pipeline_id", "key"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique: Vec<Vec<String>>,
    /// Sets of fields that get an index of their own, for the hot calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub index: Vec<Vec<String>>,
    /// The fields; the system fields come first once loaded.
    #[serde(default, rename = "field")]
    pub fields: Vec<FieldDef>,
}

impl ObjectDef {
    /// The field with this key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<(FieldIx, &FieldDef)> {
        self.fields
            .iter()
            .position(|f| f.key == key)
            .map(|i| (FieldIx(i as u16), &self.fields[i]))
    }

    /// The field at this position.
    #[must_use]
    pub fn at(&self, ix: FieldIx) -> Option<&FieldDef> {
        self.fields.get(ix.index())
    }

    /// Does another record decide over the records of this object (over an order line its order)?
    #[must_use]
    pub const fn is_child(&self) -> bool {
        !self.spine && self.parent.is_some()
    }

    /// The field that names a record.
    #[must_use]
    pub fn title_field(&self) -> (FieldIx, &FieldDef) {
        self.field(&self.title).unwrap_or((system::ID, &self.fields[0]))
    }
}
