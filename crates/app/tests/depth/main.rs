//! What records keep beside their values, on both engines: unique fields, formulas, twins, keys of requests, the life of
//! a field of one's own.

mod bounded;
mod duplicates;
mod formulas;
mod keys;
mod lifecycle;
mod long;
mod search;
mod twins;
mod unique;
mod world;
