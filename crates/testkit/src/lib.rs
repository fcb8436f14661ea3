//! What the tests share.

mod skip;

pub use skip::skip;
