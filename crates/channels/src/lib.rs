//! Ways to reach people. Nothing leaves without permission: a [`Channel`] carries [`PermittedMessage`]s only, and only the
//! gate makes them, once the verdict has been read again and the message has been marked as being sent in one transaction.
//!
//! Nobody else can make one:
//!
//! ```compile_fail
//! fn make(from: peyvand_channels::PermittedMessage) -> peyvand_channels::PermittedMessage {
//!     peyvand_channels::PermittedMessage { ..from }
//! }
//! ```
//!
//! ```compile_fail
//! let m: peyvand_channels::PermittedMessage = Default::default();
//! ```
//!
//! ```compile_fail
//! let m: peyvand_channels::PermittedMessage = serde_json::from_str("{}").unwrap();
//! ```
//!
//! ```compile_fail
//! fn twice(m: peyvand_channels::PermittedMessage) -> [peyvand_channels::PermittedMessage; 2] { [m.clone(), m] }
//! ```
//!
//! Reading one is open to all:
//!
//! ```
//! fn look(m: &peyvand_channels::PermittedMessage) -> (&str, &str) { (m.address(), m.body()) }
//! ```

mod gate;
mod ledger_file;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use peyvand_domain::consent;

pub use gate::{
    Draft, Gate, HandOver, Notice, PermittedMessage, Purpose, Recipient, Status, Step, hand_over,
};
pub use ledger_file::LedgerFile;

/// How a hand-over to a provider ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took the message; the reference is its own.
    Sent {
        /// The provider's reference, when it gave one.
        reference: Option<String>,
    },
    /// It did not take it and says so: it has not gone out.
    Failed {
        /// The provider's own word, for people who look into it.
        reason: String,
    },
    /// The line broke before an answer: it may have gone out or not.
    Unknown {
        /// What was seen.
        reason: String,
    },
}

/// An adapter that carries messages. It is called outside of any transaction.
#[async_trait]
pub trait Channel: Send + Sync + fmt::Debug {
    /// What it carries.
    fn carries(&self) -> consent::Channel;

    /// Hands one message over. May take its time; must not hand it over twice.
    async fn send(&self, message: &PermittedMessage) -> Outcome;
}

/// The adapters of an instance, one for each channel.
#[derive(Debug, Default)]
pub struct Channels {
    by_kind: RwLock<HashMap<consent::Channel, Arc<dyn Channel>>>,
}

impl Channels {
    /// Puts an adapter to its channel; an earlier one of the channel goes.
    pub fn register(&self, channel: Arc<dyn Channel>) {
        self.by_kind
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(channel.carries(), channel);
    }

    /// The adapter of a channel.
    #[must_use]
    pub fn of(&self, kind: consent::Channel) -> Option<Arc<dyn Channel>> {
        self.by_kind
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&kind)
            .cloned()
    }

    /// The channels that have an adapter.
    #[must_use]
    pub fn kinds(&self) -> Vec<consent::Channel> {
        let mut all: Vec<consent::Channel> = self
            .by_kind
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .copied()
            .collect();
        all.sort_unstable();
        all
    }
}
