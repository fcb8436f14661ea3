//! The database on PostgreSQL.
