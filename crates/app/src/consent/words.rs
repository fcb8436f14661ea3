//! Verdicts in sentences that a person can read.

use peyvand_calendar::Calendar;
use peyvand_calendar::format::{DateStyle, DateView, TimeStyle, format_instant};
use peyvand_core::Instant;
use peyvand_domain::consent::{Reason, Refusal, Wait};
use peyvand_i18n::{Args, Key, keys, text};
use peyvand_numbers::Language;

/// How a date is shown in a sentence.
fn when(at: Instant, language: Language, calendar: Calendar, zone: &jiff::tz::TimeZone) -> String {
    let view = DateView {
        language,
        calendar,
        digits: language.digits(),
    };
    format_instant(at.micros(), DateStyle::Short, TimeStyle::Minutes, view, zone)
}

const fn key_of(reason: Reason) -> Key {
    match reason {
        Reason::Gone => keys::CONSENT_WHY_GONE,
        Reason::Restricted => keys::CONSENT_WHY_RESTRICTED,
        Reason::NoAddress => keys::CONSENT_WHY_NO_ADDRESS,
        Reason::Undeliverable => keys::CONSENT_WHY_UNDELIVERABLE,
        Reason::NoConsent => keys::CONSENT_WHY_NO_CONSENT,
        Reason::Pending => keys::CONSENT_WHY_PENDING,
        Reason::Denied => keys::CONSENT_WHY_DENIED,
        Reason::Withdrawn => keys::CONSENT_WHY_WITHDRAWN,
        Reason::Expired => keys::CONSENT_WHY_EXPIRED,
        Reason::Blocked => keys::CONSENT_WHY_BLOCKED,
        Reason::NoAccount => keys::CONSENT_WHY_NO_ACCOUNT,
    }
}

/// Why nothing may be sent, in the reader's language and calendar.
#[must_use]
pub fn refusal_sentence(
    refusal: &Refusal,
    language: Language,
    calendar: Calendar,
    zone: &jiff::tz::TimeZone,
) -> String {
    let sentence = text(language, key_of(refusal.reason), &Args::new());
    let Some(mark) = refusal.entry else {
        return sentence;
    };
    let at = match (refusal.reason, mark.expires_at) {
        (Reason::Expired, Some(end)) => end,
        _ => mark.at,
    };
    let args = Args::new()
        .text("why", sentence)
        .date("when", when(at, language, calendar, zone));
    match &refusal.address {
        Some(address) => text(
            language,
            keys::CONSENT_WHY_AT_ADDRESS,
            &args.text("address", address.clone()),
        ),
        None => text(language, keys::CONSENT_WHY_SINCE, &args),
    }
}

/// Why a message waits, in the reader's language.
#[must_use]
pub fn wait_sentence(wait: Wait, language: Language) -> String {
    let key = match wait {
        Wait::Scheduled => keys::CONSENT_WAIT_SCHEDULED,
        Wait::QuietHours => keys::CONSENT_WAIT_QUIET_HOURS,
        Wait::Cap => keys::CONSENT_WAIT_CAP,
        Wait::Paused => keys::CONSENT_WAIT_PAUSED,
        Wait::NoCarrier => keys::CONSENT_WAIT_NO_CARRIER,
    };
    text(language, key, &Args::new())
}
