//! The gate: the one place where a message becomes one that may be sent.

use async_trait::async_trait;
use peyvand_core::{Id, Instant};
use peyvand_domain::consent::{
    self, Decision, Formality, OwnUser, Permit, PersonCase, Question, Refusal, Timing, Wait, decide,
    decide_notice,
};

/// Times that a decision is made anew when the ledger grew meanwhile.
const TRIES: u32 = 100;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It waits.
    Queued,
    /// It has been handed over, or is about to be.
    Sending,
    /// The provider took it.
    Sent,
    /// The provider did not take it.
    Failed,
    /// Nobody knows whether it went out. Never sent again by itself.
    Unknown,
    /// Permission was missing when its turn came.
    Refused,
    /// Somebody took it back.
    Cancelled,
}

impl Status {
    /// Every one.
    pub const ALL: &[Self] = &[
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Failed,
        Self::Unknown,
        Self::Refused,
        Self::Cancelled,
    ];

    /// The key under which it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
        }
    }

    /// The one with this key.
    #[must_use]
    pub fn find(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.key() == key)
    }
}

/// What the program says to its own users. A closed list: nobody else's words, nobody else's people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Notice {
    /// A link by which to sign in.
    SignInLink,
    /// The password was changed.
    PasswordChanged,
    /// A long job has ended.
    JobEnded,
}

impl Notice {
    /// Every one.
    pub const ALL: &[Self] = &[Self::SignInLink, Self::PasswordChanged, Self::JobEnded];

    /// The key under which it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::SignInLink => "sign-in-link",
            Self::PasswordChanged => "password-changed",
            Self::JobEnded => "job-ended",
        }
    }

    /// The one with this key.
    #[must_use]
    pub fn find(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|n| n.key() == key)
    }
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// For a person, with the purpose on which permission stands.
    Person(consent::Purpose),
    /// For a colleague's own account.
    Account(Notice),
}

impl Purpose {
    /// The key under which it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Person(p) => p.key(),
            Self::Account(_) => "account",
        }
    }
}

/// For whom a message is, as the database says it right now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// A person: the ledger is asked.
    Person {
        /// The purpose.
        purpose: consent::Purpose,
        /// What is known of them.
        case: Box<PersonCase>,
        /// When the contact policy lets it go.
        timing: Timing,
    },
    /// A colleague: their account is asked.
    Own {
        /// What it says.
        notice: Notice,
        /// The account.
        user: OwnUser,
    },
}

/// A message with everything that decides over it, read afresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its id; the same in every attempt.
    pub id: Id,
    /// Where it stands.
    pub status: Status,
    /// The channel.
    pub channel: consent::Channel,
    /// The subject; empty where the channel has none.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The tone.
    pub formality: Formality,
    /// For whom.
    pub recipient: Recipient,
    /// Why it waits whoever it is for: sending is paused, or nobody carries the channel.
    pub held: Option<Wait>,
    /// Not before.
    pub not_before: Option<Instant>,
}

/// How a step of the gate ended in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is on the disk.
    Done,
    /// Something that the decision stands on has changed: decide anew.
    Changed,
}

/// What the gate needs of the database. Each method is one transaction.
#[async_trait]
pub trait Gate: Send + Sync {
    /// What can go wrong there.
    type Error: Send;

    /// The message with everything that decides over it; `None` when it is gone.
    async fn read(&self, id: Id, now: Instant) -> Result<Option<Draft>, Self::Error>;

    /// `queued → sending`, only while the message is queued and the ledger has no entry that was not read.
    async fn begin(&self, draft: &Draft, permit: &Permit) -> Result<Step, Self::Error>;

    /// `queued → refused`.
    async fn refuse(&self, draft: &Draft, refusal: &Refusal) -> Result<Step, Self::Error>;

    /// It stays queued, not before `at`.
    async fn wait(&self, draft: &Draft, at: Option<Instant>, why: Wait) -> Result<Step, Self::Error>;

    /// `sending → unknown`: whoever was sending it is gone.
    async fn lose(&self, draft: &Draft) -> Result<Step, Self::Error>;
}

/// A message that may be sent. Only [`hand_over`] makes one, after the transaction that marks it as being sent; it cannot
/// be copied or read from anywhere, and it is used up by sending.
#[derive(Debug)]
pub struct PermittedMessage {
    id: Id,
    channel: consent::Channel,
    purpose: Purpose,
    address: String,
    subject: String,
    body: String,
    formality: Formality,
    consent: Option<Id>,
}

impl PermittedMessage {
    /// Its id; the same in every attempt, so that a provider can know it again.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.id
    }
    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> consent::Channel {
        self.channel
    }
    /// What it is for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }
    /// Where to.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
    /// The subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
    /// The text.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }
    /// The tone.
    #[must_use]
    pub const fn formality(&self) -> Formality {
        self.formality
    }
    /// The entry of the ledger on which it stands, when its purpose needs one.
    #[must_use]
    pub const fn consent(&self) -> Option<Id> {
        self.consent
    }
}

/// What came of a message's turn.
#[derive(Debug)]
pub enum HandOver {
    /// It is to be sent, now, by whoever holds this.
    Send(PermittedMessage),
    /// It is not permitted.
    Refused(Refusal),
    /// Its time has not come.
    Later(Option<Instant>, Wait),
    /// It was being sent when its sender was lost.
    Lost,
    /// There is nothing to do: it is gone, or has been dealt with.
    Nothing,
}

/// Takes a message through the gate: reads everything anew, decides, and marks it as being sent in a transaction that
/// fails when the ledger has grown since.
///
/// # Errors
/// What the database says.
pub async fn hand_over<G: Gate + ?Sized>(gate: &G, id: Id, now: Instant) -> Result<HandOver, G::Error> {
    for _ in 0..TRIES {
        let Some(draft) = gate.read(id, now).await? else {
            return Ok(HandOver::Nothing);
        };
        match draft.status {
            Status::Queued => {}
            Status::Sending => match gate.lose(&draft).await? {
                Step::Done => return Ok(HandOver::Lost),
                Step::Changed => continue,
            },
            _ => return Ok(HandOver::Nothing),
        }
        let (decision, purpose) = match &draft.recipient {
            Recipient::Person { purpose, case, .. } => {
                let q = Question {
                    channel: draft.channel,
                    purpose: *purpose,
                    now,
                };
                (decide(case, &q), Purpose::Person(*purpose))
            }
            Recipient::Own { notice, user } => (decide_notice(user), Purpose::Account(*notice)),
        };
        let permit = match decision {
            Decision::Allowed(permit) => permit,
            // A no is final at once, whether sending is paused or not.
            Decision::Refused(refusal) => match gate.refuse(&draft, &refusal).await? {
                Step::Done => return Ok(HandOver::Refused(refusal)),
                Step::Changed => continue,
            },
        };
        let waits = match (&draft.held, draft.not_before, &draft.recipient) {
            (Some(why), _, _) => Some((None, *why)),
            (None, Some(at), _) if at > now => return Ok(HandOver::Later(Some(at), Wait::Scheduled)),
            (
                None,
                _,
                Recipient::Person {
                    timing: Timing::Later(at, why),
                    ..
                },
            ) => Some((Some(*at), *why)),
            _ => None,
        };
        if let Some((at, why)) = waits {
            match gate.wait(&draft, at, why).await? {
                Step::Done => return Ok(HandOver::Later(at, why)),
                Step::Changed => continue,
            }
        }
        match gate.begin(&draft, &permit).await? {
            Step::Changed => {}
            Step::Done => {
                return Ok(HandOver::Send(PermittedMessage {
                    id: draft.id,
                    channel: draft.channel,
                    purpose,
                    address: permit.address().to_owned(),
                    subject: draft.subject,
                    body: draft.body,
                    formality: draft.formality,
                    consent: permit.entry(),
                }));
            }
        }
    }
    // Somebody writes about this person without a pause: its turn comes again.
    Ok(HandOver::Later(None, Wait::Scheduled))
}
