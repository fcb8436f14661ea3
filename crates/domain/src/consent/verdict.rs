//! The verdict: may this be sent to this person, and to which of their addresses?

use peyvand_core::{Id, Instant};

use super::entry::{AddressHash, Channel, Purpose};
use super::fold::{Mark, Standing, State};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// By which channel.
    pub channel: Channel,
    /// For what.
    pub purpose: Purpose,
    /// When.
    pub now: Instant,
}

/// One address of a person on the channel that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressCase {
    /// Its keyed hash.
    pub hash: AddressHash,
    /// Its contact point.
    pub point: Option<Id>,
    /// The normalised address.
    pub address: String,
    /// What the ledger says about it for this use.
    pub standing: Standing,
    /// Messages can arrive there: it has not bounced for good.
    pub deliverable: bool,
    /// The person's first choice.
    pub primary: bool,
}

/// A person, as far as permission looks at them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonCase {
    /// In the recycle bin, or gone.
    pub gone: bool,
    /// Is any use of their data restricted?
    pub restriction: Standing,
    /// What was said about the person as a whole for this use, over all channels.
    pub person: Standing,
    /// Their addresses on the channel.
    pub addresses: Vec<AddressCase>,
    /// Only this address is wanted, when one is named.
    pub only: Option<AddressHash>,
}

/// Why nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The person is in the recycle bin, or gone.
    Gone,
    /// The use of their data is restricted.
    Restricted,
    /// There is no address on this channel.
    NoAddress,
    /// Messages no longer arrive there.
    Undeliverable,
    /// Nobody has said yes.
    NoConsent,
    /// The yes is not confirmed yet.
    Pending,
    /// They said no.
    Denied,
    /// They took their yes back.
    Withdrawn,
    /// Their yes has run out.
    Expired,
    /// The address is barred.
    Blocked,
    /// The colleague no longer has an account.
    NoAccount,
}

impl Reason {
    /// Every reason.
    pub const ALL: &[Self] = &[
        Self::Gone,
        Self::Restricted,
        Self::NoAddress,
        Self::Undeliverable,
        Self::NoConsent,
        Self::Pending,
        Self::Denied,
        Self::Withdrawn,
        Self::Expired,
        Self::Blocked,
        Self::NoAccount,
    ];

    /// Its key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Restricted => "restricted",
            Self::NoAddress => "no-address",
            Self::Undeliverable => "undeliverable",
            Self::NoConsent => "no-consent",
            Self::Pending => "pending",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
            Self::NoAccount => "no-account",
        }
    }

    /// The one with this key.
    #[must_use]
    pub fn find(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.key() == key)
    }
}

/// A no, and the entry behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The entry that says so, when it is one.
    pub entry: Option<Mark>,
    /// The address that it is about, when it is one.
    pub address: Option<String>,
}

impl Refusal {
    const fn bare(reason: Reason) -> Self {
        Self {
            reason,
            entry: None,
            address: None,
        }
    }
}

/// A yes. Nobody makes one but [`decide`] and [`decide_notice`].
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    address: String,
    hash: Option<AddressHash>,
    entry: Option<Id>,
}

impl Permit {
    /// The address to which it may be sent.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The keyed hash of the address; none when it is a colleague's.
    #[must_use]
    pub const fn hash(&self) -> Option<AddressHash> {
        self.hash
    }

    /// The entry on which the yes stands, when the purpose needs one.
    #[must_use]
    pub const fn entry(&self) -> Option<Id> {
        self.entry
    }
}

/// The verdict.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes, to this address.
    Allowed(Permit),
    /// No.
    Refused(Refusal),
}

const fn reason_of(state: State) -> Reason {
    match state {
        State::Unknown | State::Granted => Reason::NoConsent,
        State::Pending => Reason::Pending,
        State::Denied => Reason::Denied,
        State::Withdrawn => Reason::Withdrawn,
        State::Expired => Reason::Expired,
        State::Blocked => Reason::Blocked,
    }
}

/// How near a refusal is to what the person said: the one that is shown is the strictest.
const fn weight(reason: Reason) -> u8 {
    match reason {
        Reason::Blocked => 6,
        Reason::Withdrawn => 5,
        Reason::Denied => 4,
        Reason::Expired => 3,
        Reason::Pending => 2,
        Reason::NoConsent => 1,
        _ => 0,
    }
}

/// May it be sent, and where to?
///
/// A restriction and a no about the person as a whole come first. For what needs a yes, a no at any of the person's
/// addresses on the channel is a no for the person (so a merge of two people never widens anything); only an address with
/// a yes of its own is used. Service needs no yes, and a no stops it at that address only.
#[must_use]
pub fn decide(person: &PersonCase, q: &Question) -> Decision {
    let refuse = |r: Refusal| Decision::Refused(r);
    if person.gone {
        return refuse(Refusal::bare(Reason::Gone));
    }
    if let (State::Blocked, entry) = person.restriction.state(q.now) {
        return refuse(Refusal {
            reason: Reason::Restricted,
            entry,
            address: None,
        });
    }
    if let (state, entry) = person.person.state(q.now)
        && state.is_no()
    {
        return refuse(Refusal {
            reason: reason_of(state),
            entry,
            address: None,
        });
    }
    if person.addresses.is_empty() {
        return refuse(Refusal::bare(Reason::NoAddress));
    }
    let mut strictest: Option<Refusal> = None;
    let mut note = |refusal: Refusal| {
        if strictest
            .as_ref()
            .is_none_or(|s| weight(s.reason) < weight(refusal.reason))
        {
            strictest = Some(refusal);
        }
    };
    let mut usable: Option<(&AddressCase, Option<Mark>)> = None;
    let mut a_no = false;
    for a in &person.addresses {
        let (state, entry) = a.standing.state(q.now);
        let wanted = person.only.is_none_or(|h| h == a.hash);
        let allowed = state == State::Granted || (!q.purpose.needs_consent() && !state.is_no());
        if state.is_no() && q.purpose.needs_consent() {
            a_no = true;
        }
        if allowed && wanted {
            if a.deliverable {
                if usable.is_none_or(|(u, _)| a.primary && !u.primary) {
                    usable = Some((a, entry.filter(|m| m.word == super::entry::Word::Granted)));
                }
            } else {
                note(Refusal {
                    reason: Reason::Undeliverable,
                    entry: None,
                    address: Some(a.address.clone()),
                });
            }
        }
        if !allowed && (wanted || state.is_no()) {
            note(Refusal {
                reason: reason_of(state),
                entry,
                address: Some(a.address.clone()),
            });
        }
    }
    match usable {
        Some((a, entry)) if !a_no => Decision::Allowed(Permit {
            address: a.address.clone(),
            hash: Some(a.hash),
            entry: entry.map(|m| m.id),
        }),
        _ => refuse(strictest.unwrap_or_else(|| Refusal::bare(Reason::NoAddress))),
    }
}

/// A colleague: somebody who has an account here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnUser {
    /// May they sign in?
    pub active: bool,
    /// Their address, as it stands in their account.
    pub address: Option<String>,
}

/// May the program say something to one of its own users? No consent is needed for what belongs to the account itself.
#[must_use]
pub fn decide_notice(user: &OwnUser) -> Decision {
    match &user.address {
        _ if !user.active => Decision::Refused(Refusal::bare(Reason::NoAccount)),
        None => Decision::Refused(Refusal::bare(Reason::NoAddress)),
        Some(address) => Decision::Allowed(Permit {
            address: address.clone(),
            hash: None,
            entry: None,
        }),
    }
}
