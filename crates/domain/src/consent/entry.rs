//! What an entry of the ledger says, and what it must say to be taken.

use std::fmt;

use peyvand_core::{Actor, Id, Instant};
use serde::{Deserialize, Serialize};

/// Most characters of the text that a person was shown.
pub const LONGEST_TEXT: usize = 10_000;
/// Most characters of a reference, an address of a form, a message id.
const LONGEST_REFERENCE: usize = 1_000;
/// Clocks of forms and files may be ahead of ours by this much.
const CLOCK_SLACK: i64 = 300 * Instant::SECOND;

/// An enum whose members are stored under keys.
macro_rules! keyed {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $key:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every one, in the order of the catalog.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The key under which it is stored, shown by the interface and named in the catalog.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }

            /// The one with this key.
            #[must_use]
            pub fn find(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|x| x.key() == key)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.key())
            }
        }
    };
}

keyed! {
    /// A way to reach people.
    Channel {
        /// E-mail.
        Email = "email",
        /// Text messages.
        Sms = "sms",
        /// Calls.
        Phone = "phone",
        /// Messengers.
        Messenger = "messenger",
        /// Social networks.
        Social = "social",
        /// Letters.
        Post = "post",
        /// Fax.
        Fax = "fax",
        /// Notifications on a device.
        Push = "push",
        /// The firm's own site.
        Web = "web",
    }
}

impl Channel {
    /// The kinds of contact points (`contact_point.channel`) that it reaches.
    #[must_use]
    pub const fn points(self) -> &'static [&'static str] {
        match self {
            Self::Email => &["email"],
            Self::Sms => &["mobile"],
            Self::Phone => &["mobile", "phone"],
            Self::Messenger => &["messenger", "mobile"],
            Self::Social => &["social"],
            Self::Post => &["post"],
            Self::Fax => &["fax"],
            Self::Push => &["device"],
            Self::Web => &[],
        }
    }
}

keyed! {
    /// What an address is used for.
    Purpose {
        /// What a customer needs to know of their own business: an invoice, an appointment, a code.
        Service = "service",
        /// Advertising.
        Advertising = "advertising",
        /// A newsletter.
        Newsletter = "newsletter",
        /// A survey.
        Survey = "survey",
        /// Following who opens and clicks.
        Tracking = "tracking",
        /// Scores and forecasts about the person.
        Profiling = "profiling",
        /// Recording of calls.
        Recording = "recording",
        /// Passing data on to others.
        Sharing = "sharing",
    }
}

impl Purpose {
    /// Does it need a yes? Service stands on the contract with the customer and needs none; it can still be refused.
    #[must_use]
    pub const fn needs_consent(self) -> bool {
        !matches!(self, Self::Service)
    }

    /// Is it something that the firm wants more than the person does: bound by quiet hours and caps, never repeated
    /// when its outcome is unknown?
    #[must_use]
    pub const fn is_marketing(self) -> bool {
        matches!(self, Self::Advertising | Self::Newsletter | Self::Survey)
    }

    /// Can a message have this purpose? The others are permissions of what happens beside messages.
    #[must_use]
    pub const fn is_message(self) -> bool {
        matches!(
            self,
            Self::Service | Self::Advertising | Self::Newsletter | Self::Survey
        )
    }
}

keyed! {
    /// What an entry says.
    Word {
        /// Yes.
        Granted = "granted",
        /// Asked for confirmation (double opt-in), not yet answered.
        Pending = "pending",
        /// Asked, and the answer was no.
        Denied = "denied",
        /// A yes taken back, or an objection.
        Withdrawn = "withdrawn",
        /// The yes has run out.
        Expired = "expired",
        /// Barred: a complaint, a regulator's list, a restriction. No yes lifts it.
        Blocked = "blocked",
        /// The bar is lifted; what was said before stands again.
        Released = "released",
    }
}

keyed! {
    /// Where an entry comes from.
    Source {
        /// A form on the web.
        Form = "form",
        /// A file.
        Import = "import",
        /// A colleague wrote it down.
        Staff = "staff",
        /// On the telephone.
        Phone = "phone",
        /// On paper.
        Paper = "paper",
        /// An answer to a message («11», «STOP»).
        Reply = "reply",
        /// The link in a message.
        Unsubscribe = "unsubscribe",
        /// The person's own page of preferences.
        Preference = "preference",
        /// A complaint about spam.
        Complaint = "complaint",
        /// A list of a regulator or an operator.
        Regulator = "regulator",
        /// Another program.
        Api = "api",
    }
}

keyed! {
    /// The ground on which an address is used (GDPR Art. 6).
    Basis {
        /// Consent.
        Consent = "consent",
        /// A contract with the person.
        Contract = "contract",
        /// A duty by law.
        LegalObligation = "legal_obligation",
        /// An interest of the firm that outweighs.
        LegitimateInterest = "legitimate_interest",
    }
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matter {
    /// One purpose.
    Purpose(Purpose),
    /// Every purpose at once: only a no can be that wide.
    Every,
    /// Any use of the person's data (restriction, GDPR Art. 18).
    Processing,
}

impl Matter {
    /// The key under which it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Purpose(p) => p.key(),
            Self::Every => "all",
            Self::Processing => "processing",
        }
    }

    /// The one with this key.
    #[must_use]
    pub fn find(key: &str) -> Option<Self> {
        match key {
            "all" => Some(Self::Every),
            "processing" => Some(Self::Processing),
            k => Purpose::find(k).map(Self::Purpose),
        }
    }
}

/// Where and for what an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The channel; `None` is every channel.
    pub channel: Option<Channel>,
    /// The matter.
    pub matter: Matter,
}

impl Scope {
    /// One purpose on one channel.
    #[must_use]
    pub const fn of(channel: Channel, purpose: Purpose) -> Self {
        Self {
            channel: Some(channel),
            matter: Matter::Purpose(purpose),
        }
    }

    /// The key of the channel as it is stored.
    #[must_use]
    pub fn channel_key(&self) -> &'static str {
        self.channel.map_or("any", Channel::key)
    }

    /// Does an entry of this scope speak about that use?
    #[must_use]
    pub fn covers(&self, channel: Channel, purpose: Purpose) -> bool {
        self.channel.is_none_or(|c| c == channel)
            && match self.matter {
                Matter::Purpose(p) => p == purpose,
                Matter::Every => true,
                Matter::Processing => false,
            }
    }
}

/// The keyed hash of a normalised address, or of a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct AddressHash(pub [u8; 32]);

impl fmt::Display for AddressHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for AddressHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddressHash({self})")
    }
}

/// What shows that an entry is true (GDPR Art. 7(1)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Where it comes from.
    pub source: Source,
    /// The ground.
    pub basis: Basis,
    /// When the person said it.
    pub at: Instant,
    /// Until when it holds.
    pub expires_at: Option<Instant>,
    /// The exact text that was shown.
    pub text_shown: Option<String>,
    /// Anything else that can be looked up: the number of a paper, of a recording.
    pub reference: Option<String>,
    /// The address of the form.
    pub form_url: Option<String>,
    /// The IP address from which it came.
    pub ip: Option<String>,
    /// The message by which it was confirmed.
    pub opt_in_message: Option<String>,
}

impl Proof {
    /// A proof of nothing but its source and time.
    #[must_use]
    pub const fn of(source: Source, at: Instant) -> Self {
        Self {
            source,
            basis: Basis::Consent,
            at,
            expires_at: None,
            text_shown: None,
            reference: None,
            form_url: None,
            ip: None,
            opt_in_message: None,
        }
    }
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: Id,
    /// About which address.
    pub address: AddressHash,
    /// Where and for what.
    pub scope: Scope,
    /// What it says.
    pub word: Word,
    /// What shows it.
    pub proof: Proof,
    /// The contact at whom it was written down.
    pub contact: Option<Id>,
    /// The contact point at which it was written down.
    pub point: Option<Id>,
    /// Who wrote it down.
    pub actor: Actor,
    /// When it was written down.
    pub recorded_at: Instant,
}

/// Why an entry is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// A yes without proof: the text that was shown, or a reference that can be looked up.
    #[error("a consent needs its proof")]
    NoProof,
    /// It says that it happened in the future.
    #[error("this time has not come yet")]
    InFuture,
    /// It would have run out before it began.
    #[error("it expires before it begins")]
    Expiry,
    /// This cannot be said about this: a yes to everything, a restriction of one channel.
    #[error("this word does not fit this purpose")]
    Scope,
    /// A text of the proof is too long.
    #[error("a text of the proof is too long")]
    TooLong,
    /// The contact has no address of this channel.
    #[error("there is no address for this channel")]
    NoAddress,
}

impl ConsentError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoProof => "consent-no-proof",
            Self::InFuture => "consent-in-future",
            Self::Expiry => "consent-expiry",
            Self::Scope => "consent-scope",
            Self::TooLong => "consent-too-long",
            Self::NoAddress => "consent-no-address",
        }
    }
}

/// The word as it may be recorded now: a yes from a form or another program that must be confirmed first is only
/// `Pending` until it names the message by which it was confirmed.
///
/// # Errors
/// What the entry lacks, or what it may not say.
pub fn as_recorded(
    word: Word,
    scope: Scope,
    proof: &Proof,
    double_opt_in: bool,
    now: Instant,
) -> Result<Word, ConsentError> {
    let fits = match (scope.matter, word) {
        (Matter::Processing, Word::Blocked | Word::Released) => scope.channel.is_none(),
        (Matter::Processing, _) | (Matter::Every, Word::Granted | Word::Pending) => false,
        // A yes is for one use; a yes for every channel would be none of them in particular.
        (Matter::Purpose(_), Word::Granted | Word::Pending) => scope.channel.is_some(),
        _ => true,
    };
    if !fits {
        return Err(ConsentError::Scope);
    }
    if proof.at > now.plus_micros(CLOCK_SLACK) {
        return Err(ConsentError::InFuture);
    }
    if proof.expires_at.is_some_and(|e| e <= proof.at) {
        return Err(ConsentError::Expiry);
    }
    let long = |t: &Option<String>, most: usize| t.as_ref().is_some_and(|s| s.chars().count() > most);
    if long(&proof.text_shown, LONGEST_TEXT)
        || [
            &proof.reference,
            &proof.form_url,
            &proof.ip,
            &proof.opt_in_message,
        ]
        .into_iter()
        .any(|t| long(t, LONGEST_REFERENCE))
    {
        return Err(ConsentError::TooLong);
    }
    let filled = |t: &Option<String>| t.as_ref().is_some_and(|s| !s.trim().is_empty());
    if word == Word::Granted && !filled(&proof.text_shown) && !filled(&proof.reference) {
        return Err(ConsentError::NoProof);
    }
    let marketing = matches!(scope.matter, Matter::Purpose(p) if p.is_marketing());
    let unconfirmed = double_opt_in
        && marketing
        && scope.channel == Some(Channel::Email)
        && matches!(proof.source, Source::Form | Source::Api)
        && !filled(&proof.opt_in_message);
    Ok(if word == Word::Granted && unconfirmed {
        Word::Pending
    } else {
        word
    })
}
