//! What an object is: one TOML file per standard object in `objects/`, and definitions of the same form that a
//! workspace adds at run time. Lists, filters, forms, import, export, search, API, rights, audit, merge and
//! erasure are all read from here.
//!
//! ```
//! use peyvand_catalog::{Catalog, handles::contact};
//! let catalog = Catalog::standard();
//! let contact = catalog.object("contact").unwrap();
//! assert_eq!(contact.label.fa, "مخاطب");
//! assert_eq!(contact.fields[contact::JOB_TITLE.index()].key, "job_title");
//! ```

pub mod catalog;
mod checks;
pub mod choices;
pub mod definition;
pub mod errors;
pub mod reference;
pub mod schema;
pub mod types;

pub use catalog::{Catalog, Inverse, parse_object};
pub use checks::{is_key, is_plural};
pub use choices::OwnChoices;
pub use definition::{
    Check, Choice, Class, FieldDef, FieldIx, ObjectDef, OnDelete, OnMerge, SearchUse, Text, Writes,
};
pub use errors::CatalogError;
pub use schema::{Change, FieldRef, Schema, SchemaError, diff};
pub use types::FieldType;

/// Handles of the standard fields, made from `objects/*.toml` when the crate is built.
#[allow(clippy::all, clippy::pedantic, clippy::allow_attributes, reason = "generated")]
pub mod handles {
    include!(concat!(env!("OUT_DIR"), "/handles.rs"));
}

mod sources {
    include!(concat!(env!("OUT_DIR"), "/sources.rs"));
}
