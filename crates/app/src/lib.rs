//! The use cases: the same ones serve the pages, the REST interface and the command line. Each authorises, reads, lets the
//! rules decide, and applies.

pub mod app;
pub mod audit;
pub mod backup;
pub mod bin;
pub mod caller;
pub mod errors;
pub mod feed;
pub mod files;
pub mod heads;
pub mod jobs;
mod linked;
pub mod merge;
pub mod people;
pub mod reading;
pub mod records;
pub mod rights;
pub mod schema;
pub mod sessions;
pub mod transfer;
pub mod workspace;

pub use app::App;
pub use caller::Caller;
pub use errors::AppError;
pub use records::{ListRequest, Listed};
pub use sessions::Session;
