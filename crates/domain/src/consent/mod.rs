//! Permission: the words of the consent ledger, the fold that makes a state of them, and the verdict on a message.
//!
//! The ledger is append-only and keyed by the address itself (a keyed hash of it), the channel and the purpose, so that it
//! outlives contact points and people. What it says about an address is a fold of its entries ([`Standing`]); what may be
//! sent to a person is decided over all their addresses ([`decide`]), and what is in doubt is not sent.

mod entry;
mod fold;
mod manner;
mod verdict;

pub use entry::{
    AddressHash, Basis, Channel, ConsentError, Entry, LONGEST_TEXT, Matter, Proof, Purpose, Scope, Source,
    Word, as_recorded,
};
pub use fold::{Mark, Standing, State, of_scope, restriction};
pub use manner::{Bound, ContactPolicy, Formality, QuietHours, Timing, Wait};
pub use verdict::{
    AddressCase, Decision, OwnUser, Permit, PersonCase, Question, Reason, Refusal, decide, decide_notice,
};
