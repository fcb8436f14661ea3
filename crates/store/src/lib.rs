//! The database as the rest of the program sees it: ports, the layout of the tables, the query compiler, the lowering of
//! batches, and the `Store` that ties them together. No SQL text: the engine crates write it.

mod by_ids;
pub mod compile;
pub mod forward;
mod groups;
pub mod keys;
pub mod layout;
pub mod lower;
mod pack;
pub mod ports;
pub mod reach;
mod search;
mod short;
pub mod store;
pub mod tables;
pub mod times;
pub mod value;

pub use by_ids::ByIds;
pub use compile::{CompileError, Dialect, Select};
pub use forward::Forward;
pub use keys::{Keys, Secret};
pub use layout::{Layout, ObjectLayout};
pub use ports::{
    Bound, Conflict, Engine, Hit, OnKey, Plan, Row, RowsCall, SchemaVersion, SearchCall, SearchPhase,
    SearchPut, Step, StoreError,
};
pub use reach::{Reach, Wall};
pub use search::{Found, SearchFor};
pub use store::{Store, Sum};
pub use value::SqlVal;
