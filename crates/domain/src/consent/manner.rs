//! The manner: when, how often and in which tone people are written to.

use peyvand_calendar::zone;
use peyvand_core::Instant;
use serde::{Deserialize, Serialize};

use super::entry::{Channel, Purpose};

const MINUTES_OF_DAY: u16 = 24 * 60;

/// A tone. `contact.formality` of the person comes before the workspace's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formality {
    /// شما.
    #[default]
    Formal,
    /// تو.
    Friendly,
}

impl Formality {
    /// The key of the choice.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Formal => "formal",
            Self::Friendly => "friendly",
        }
    }

    /// The one with this key.
    #[must_use]
    pub fn find(key: &str) -> Option<Self> {
        match key {
            "formal" => Some(Self::Formal),
            "friendly" => Some(Self::Friendly),
            _ => None,
        }
    }
}

/// Hours in which nobody is disturbed, in minutes of the day of the workspace's zone; `from` may lie behind `to`, over
/// midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// The first quiet minute.
    pub from: u16,
    /// The first minute that is no longer quiet.
    pub to: u16,
}

impl QuietHours {
    fn holds(self, minute: u16) -> bool {
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

/// So many messages in so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Messages.
    pub messages: u32,
    /// Days, counted back from now.
    pub days: u32,
}

impl Bound {
    /// Its window.
    #[must_use]
    pub const fn window(self) -> i64 {
        (self.days as i64) * Instant::DAY
    }
}

/// The contact policy of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactPolicy {
    /// Quiet hours of marketing. The operators of Iran carry advertising by text message from 9 to 21 only.
    pub quiet: Option<QuietHours>,
    /// Channels that make a noise, to which the quiet hours apply.
    pub quiet_channels: Vec<Channel>,
    /// A person gets at most so many messages of marketing, over all channels.
    pub at_most: Option<Bound>,
    /// A person should hear from us at least so often.
    pub at_least: Option<Bound>,
    /// The tone towards people of whom none is known.
    pub formality: Formality,
    /// A yes to marketing by e-mail that came by a form must be confirmed by a message.
    pub double_opt_in: bool,
}

impl Default for ContactPolicy {
    fn default() -> Self {
        Self {
            quiet: Some(QuietHours {
                from: 21 * 60,
                to: 9 * 60,
            }),
            quiet_channels: vec![Channel::Sms, Channel::Phone, Channel::Messenger, Channel::Push],
            at_most: Some(Bound { messages: 3, days: 7 }),
            at_least: None,
            formality: Formality::Formal,
            double_opt_in: true,
        }
    }
}

/// Why a message waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wait {
    /// Its time has not come.
    Scheduled,
    /// It is a quiet hour.
    QuietHours,
    /// The person has had as many as they may get.
    Cap,
    /// Sending stands still in the whole workspace.
    Paused,
    /// No adapter carries this channel.
    NoCarrier,
}

impl Wait {
    /// Every one.
    pub const ALL: &[Self] = &[
        Self::Scheduled,
        Self::QuietHours,
        Self::Cap,
        Self::Paused,
        Self::NoCarrier,
    ];

    /// Its key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::QuietHours => "quiet-hours",
            Self::Cap => "cap",
            Self::Paused => "paused",
            Self::NoCarrier => "no-carrier",
        }
    }

    /// The one with this key.
    #[must_use]
    pub fn find(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|w| w.key() == key)
    }
}

/// When a permitted message may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Now.
    Now,
    /// Not before then.
    Later(Instant, Wait),
}

impl ContactPolicy {
    /// When may a message go to a person who has had messages of marketing at these instants?
    #[must_use]
    pub fn timing(
        &self,
        channel: Channel,
        purpose: Purpose,
        zone: &jiff::tz::TimeZone,
        sent: &[Instant],
        now: Instant,
    ) -> Timing {
        if !purpose.is_marketing() {
            return Timing::Now;
        }
        if let Some(q) = self.quiet.filter(|_| self.quiet_channels.contains(&channel)) {
            let (day, micros) = zone::civil(now.micros(), zone);
            let minute = u16::try_from(micros / zone::MINUTE_MICROS).unwrap_or(0);
            let to = q.to.min(MINUTES_OF_DAY);
            if q.holds(minute) {
                let day = if minute < to { day } else { day + 1 };
                let at = zone::instant(day, i64::from(to) * zone::MINUTE_MICROS, zone);
                return Timing::Later(Instant(at), Wait::QuietHours);
            }
        }
        if let Some(cap) = self.at_most {
            let since = now.plus_micros(-cap.window());
            let mut recent: Vec<Instant> = sent.iter().copied().filter(|at| *at > since).collect();
            recent.sort_unstable();
            let most = cap.messages as usize;
            if recent.len() >= most {
                // The window is free again once the oldest that still counts has left it.
                let oldest = recent.get(recent.len() - most).copied().unwrap_or(now);
                return Timing::Later(oldest.plus_micros(cap.window()), Wait::Cap);
            }
        }
        Timing::Now
    }
}
