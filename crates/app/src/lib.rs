//! The use cases: the same ones serve the pages, the REST interface and the command line. Each authorises, reads, lets the
//! rules decide, and applies.

pub mod access;
mod accounts;
pub mod app;
pub mod attachments;
pub mod audit;
pub mod backup;
pub mod bin;
pub mod caller;
pub mod consent;
pub mod errors;
pub mod feed;
pub mod files;
pub mod following;
pub mod jobs;
pub mod leaver;
mod linked;
pub mod links;
pub mod merge;
pub mod oversight;
pub mod passwords;
pub mod people;
pub mod reading;
pub mod records;
pub mod rights;
pub mod schema;
pub mod security;
pub mod sending;
mod sensitive;
pub mod sessions;
pub mod shares;
pub mod sign_in;
pub mod tasks;
pub mod tokens;
pub mod totp;
pub mod transfer;
pub mod uploads;
pub mod work;
pub mod workspace;

pub use app::App;
pub use caller::Caller;
pub use errors::AppError;
pub use records::{ListRequest, Listed};
pub use sessions::{Peer, Session, Visit};
