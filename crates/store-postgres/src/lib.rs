//! The database on PostgreSQL 15 and its kin: a small pool, READ COMMITTED with guards by row count, whole transactions
//! repeated after 40001 and 40P01, multi-row inserts, and search by tokens of our own in one inverted index, so that
//! neither extensions nor the server's locale matter. This crate writes SQL; it knows nothing of rules or rights.

mod bind;
pub mod ddl;
mod door;
mod dump;
mod engine;
mod error;
mod insert;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod limits;
mod migrate;
mod read;
mod search;
pub mod wall;
mod write;

pub use engine::{Isolation, Options, PostgresEngine};
