//! Records of every object through the store and the rules, on both engines.

mod filters;
mod golden;
mod paging;
mod rights;
mod roundtrip;
mod search;
mod world;
