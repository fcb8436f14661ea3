//! For tests only: databases of both engines, records to test with, fault tools.

pub mod db;
pub mod records;
mod skip;

pub use db::TestDb;
pub use peyvand_testkit_macros::db_test;
pub use skip::skip;
