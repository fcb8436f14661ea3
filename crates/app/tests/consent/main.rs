//! The consent ledger on both engines: the fold against a model, entries that cannot be changed, merges that widen
//! nothing, proof that is asked for.

mod imported;
mod ledger;
mod merges;
#[path = "../people/mod.rs"]
mod people;
mod restriction;
mod saying;
