//! The fold: what the entries about an address say together.
//!
//! A standing keeps the newest bar, the newest answer and the newest question. Each is a maximum, so the order in which
//! entries are read does not matter, nothing is counted twice, and two standings join into what one fold over both would
//! give: merging two ledgers can never widen a permission. Of two entries of one moment the stricter one counts.

use peyvand_core::{Id, Instant};

use super::entry::{Channel, Entry, Matter, Purpose, Word};

/// An entry, as far as the fold looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// When the person said it.
    pub at: Instant,
    /// What.
    pub word: Word,
    /// The entry.
    pub id: Id,
    /// Until when it holds.
    pub expires_at: Option<Instant>,
}

impl Mark {
    /// The mark of an entry.
    #[must_use]
    pub const fn of(entry: &Entry) -> Self {
        Self {
            at: entry.proof.at,
            word: entry.word,
            id: entry.id,
            expires_at: entry.proof.expires_at,
        }
    }

    /// How strict the word is among those of its kind.
    const fn strictness(self) -> u8 {
        match self.word {
            Word::Granted | Word::Released | Word::Pending => 0,
            Word::Expired => 1,
            Word::Denied => 2,
            Word::Withdrawn => 3,
            Word::Blocked => 4,
        }
    }

    fn newer(self, than: Option<Self>) -> Self {
        let rank = |m: Self| (m.at, m.strictness(), m.id);
        match than {
            Some(other) if rank(other) >= rank(self) => other,
            _ => self,
        }
    }
}

/// What is known about one address for one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nothing.
    Unknown,
    /// A yes that stands.
    Granted,
    /// Asked for confirmation.
    Pending,
    /// A no.
    Denied,
    /// A yes taken back.
    Withdrawn,
    /// A yes that has run out.
    Expired,
    /// Barred.
    Blocked,
}

impl State {
    /// Its key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Granted => "granted",
            Self::Pending => "pending",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
        }
    }

    /// Has somebody said no? Such a state holds for the person, whatever another address of theirs says.
    #[must_use]
    pub const fn is_no(self) -> bool {
        matches!(self, Self::Denied | Self::Withdrawn | Self::Blocked)
    }
}

/// What the entries about an address say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    bar: Option<Mark>,
    answer: Option<Mark>,
    question: Option<Mark>,
}

impl Standing {
    /// Adds an entry.
    pub fn add(&mut self, mark: Mark) {
        let slot = match mark.word {
            Word::Blocked | Word::Released => &mut self.bar,
            Word::Pending => &mut self.question,
            Word::Granted | Word::Denied | Word::Withdrawn | Word::Expired => &mut self.answer,
        };
        *slot = Some(mark.newer(*slot));
    }

    /// Does a bar stand?
    #[must_use]
    pub fn is_barred(&self) -> bool {
        self.bar.is_some_and(|m| m.word == Word::Blocked)
    }

    /// What both say together.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        for mark in [other.bar, other.answer, other.question].into_iter().flatten() {
            self.add(mark);
        }
        self
    }

    /// The state at an instant, and the entry that makes it so.
    #[must_use]
    pub fn state(&self, now: Instant) -> (State, Option<Mark>) {
        if let Some(bar) = self.bar.filter(|m| m.word == Word::Blocked) {
            return (State::Blocked, Some(bar));
        }
        let run_out = |m: Mark| m.expires_at.is_some_and(|e| e <= now);
        if let Some(yes) = self.answer.filter(|m| m.word == Word::Granted && !run_out(*m)) {
            return (State::Granted, Some(yes));
        }
        // A question that is newer than the last answer is what one waits for.
        if let Some(q) = self.question.filter(|q| {
            !run_out(*q)
                && self
                    .answer
                    .is_none_or(|a| (a.at, a.strictness()) < (q.at, q.strictness()))
        }) {
            return (State::Pending, Some(q));
        }
        match self.answer {
            None => (State::Unknown, None),
            Some(m) => {
                let state = match m.word {
                    Word::Denied => State::Denied,
                    Word::Withdrawn => State::Withdrawn,
                    _ => State::Expired,
                };
                (state, Some(m))
            }
        }
    }
}

/// What the entries say about one use of the address.
#[must_use]
pub fn of_scope<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    channel: Channel,
    purpose: Purpose,
) -> Standing {
    let mut standing = Standing::default();
    for e in entries {
        if e.scope.covers(channel, purpose) {
            standing.add(Mark::of(e));
        }
    }
    standing
}

/// What the entries say about any use of the person's data.
#[must_use]
pub fn restriction<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Standing {
    let mut standing = Standing::default();
    for e in entries {
        if e.scope.matter == Matter::Processing {
            standing.add(Mark::of(e));
        }
    }
    standing
}
