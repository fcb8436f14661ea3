//! Working-time arithmetic across weekends, half days, holidays, special hours and changes of the clock.

use std::ops::Range;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::holidays::HolidayBook;
use crate::hours::WorkHours;
use crate::week::{DayKind, WeekendRules};
use crate::zone;

/// Longest stretch that is searched or measured, in days (100 years).
const MAX_DAYS: i32 = 36_525;

/// When an organisation works.
#[derive(Debug, Clone)]
pub struct WorkCalendar {
    /// The zone of the hours.
    pub zone: TimeZone,
    /// Hours of the day.
    pub hours: WorkHours,
    /// Days of the week.
    pub weekend: WeekendRules,
    /// Days without work.
    pub holidays: HolidayBook,
}

/// Why working time cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WorkError {
    /// The calendar has not enough working time within 100 years.
    #[error("work-time-missing")]
    Missing,
    /// The instants are more than 100 years apart.
    #[error("work-range-too-long")]
    TooLong,
}

impl WorkError {
    /// Stable key of the message.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "work-time-missing",
            Self::TooLong => "work-range-too-long",
        }
    }
}

impl WorkCalendar {
    /// The shipped calendar of Iran: zone, hours, weekend and holidays as data to be edited.
    #[must_use]
    pub fn iran() -> Self {
        Self {
            zone: zone::tehran(),
            hours: WorkHours::iran(),
            weekend: WeekendRules::iran(),
            holidays: HolidayBook::iran(),
        }
    }

    /// The calendar of a firm elsewhere, as data to be edited: Monday to Friday, no holidays.
    #[must_use]
    pub fn five_days() -> Self {
        Self {
            zone: TimeZone::UTC,
            hours: WorkHours::five_days(),
            // A day without hours is a day off: the week needs no rule beside them.
            weekend: WeekendRules { rules: Vec::new() },
            holidays: HolidayBook::default(),
        }
    }

    /// The working stretches of a civil day as instants (UTC microseconds), in order, without overlap.
    #[must_use]
    pub fn spans(&self, days: i32) -> Vec<Range<i64>> {
        let until = match self.weekend.day(days) {
            DayKind::Off => return Vec::new(),
            DayKind::Working => zone::DAY_MICROS,
            DayKind::Half(until) => until.micros(),
        };
        if self.holidays.is_holiday(days) {
            return Vec::new();
        }
        let mut hours: Vec<(i64, i64)> = self
            .hours
            .on(days)
            .iter()
            .map(|span| (span.start.micros(), span.end.micros().min(until)))
            .filter(|(start, end)| start < end)
            .collect();
        hours.sort_unstable();
        let mut spans: Vec<Range<i64>> = Vec::with_capacity(hours.len());
        for (start, end) in hours {
            let (start, end) = (
                zone::instant(days, start, &self.zone),
                zone::instant(days, end, &self.zone),
            );
            match spans.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(end),
                _ if start < end => spans.push(start..end),
                _ => {}
            }
        }
        spans
    }

    /// Whether there is any work on a day.
    #[must_use]
    pub fn is_working_day(&self, days: i32) -> bool {
        !self.spans(days).is_empty()
    }

    /// The first working day after a day.
    ///
    /// # Errors
    /// [`WorkError::Missing`] if there is none within 100 years.
    pub fn next_working_day(&self, days: i32) -> Result<i32, WorkError> {
        (1..=MAX_DAYS)
            .filter_map(|step| days.checked_add(step))
            .find(|day| self.is_working_day(*day))
            .ok_or(WorkError::Missing)
    }

    /// The earliest instant with so much working time between `micros` and it (for a negative duration: the latest
    /// instant before). Adding nothing gives the instant itself, even outside working time.
    ///
    /// ```
    /// use peyvand_calendar::{Calendar, work::WorkCalendar, zone};
    /// let work = WorkCalendar::iran();
    /// // Wednesday 27 Aban 1405, 16:00: one hour that day, four on the half Thursday, three on Saturday.
    /// let at = |day, hour: i64| {
    ///     zone::instant(Calendar::Jalali.days(1405, 8, day).unwrap(), hour * 3_600_000_000, &work.zone)
    /// };
    /// assert_eq!(work.add_working(at(27, 16), jiff::SignedDuration::from_hours(8)).unwrap(), at(30, 10));
    /// ```
    ///
    /// # Errors
    /// [`WorkError::Missing`] if the calendar has not that much working time within 100 years.
    pub fn add_working(&self, micros: i64, duration: SignedDuration) -> Result<i64, WorkError> {
        let total = i64::try_from(duration.as_micros()).map_err(|_| WorkError::Missing)?;
        if total == 0 {
            return Ok(micros);
        }
        let today = zone::day_of(micros, &self.zone);
        let mut left = total.unsigned_abs();
        let forward = total > 0;
        for step in 0..=MAX_DAYS {
            let day = if forward {
                today.checked_add(step)
            } else {
                today.checked_sub(step)
            };
            let mut spans = self.spans(day.ok_or(WorkError::Missing)?);
            if !forward {
                spans.reverse();
            }
            for span in spans {
                let (start, end) = if forward {
                    (span.start.max(micros), span.end)
                } else {
                    (span.start, span.end.min(micros))
                };
                let length = u64::try_from(end.saturating_sub(start)).unwrap_or(0);
                if length >= left {
                    let left = left as i64;
                    return Ok(if forward { start + left } else { end - left });
                }
                left -= length;
            }
        }
        Err(WorkError::Missing)
    }

    /// The working time between two instants; negative if `to` is before `from`.
    ///
    /// # Errors
    /// [`WorkError::TooLong`] if they are more than 100 years apart.
    pub fn working_between(&self, from: i64, to: i64) -> Result<SignedDuration, WorkError> {
        let (first, last) = (from.min(to), from.max(to));
        let days = zone::day_of(first, &self.zone)..=zone::day_of(last, &self.zone);
        if days.end().saturating_sub(*days.start()) > MAX_DAYS {
            return Err(WorkError::TooLong);
        }
        let mut total = 0_i64;
        for day in days {
            for span in self.spans(day) {
                total += (span.end.min(last) - span.start.max(first)).max(0);
            }
        }
        Ok(SignedDuration::from_micros(if from <= to {
            total
        } else {
            -total
        }))
    }
}
