//! The grid of time of a week or a day: a column for each day, hours down the side, activities where they begin and as long
//! as they last, those that overlap side by side; above it what takes whole days.
//!
//! The content security policy forbids styles on elements, so that places are said in classes: `h9 m15` begins at 9:15,
//! `e1 f30` lasts an hour and a half, `k1 n2` is the second of two beside each other.

use peyvand_calendar::format::{TimeStyle, format_time_into};
use peyvand_calendar::work::WorkCalendar;
use peyvand_calendar::zone;
use peyvand_i18n::{Args, keys};

use super::days::{Day, Item};
use crate::view::Viewer;

/// Minutes of a day.
pub(super) const DAY: i64 = 24 * 60;
/// Minutes that something without an end of its own takes on the grid.
const WITHOUT_END: i64 = 30;
/// Places are said in steps of so many minutes.
const STEP: i64 = 5;
/// Most that stand beside each other; what is more shares the last place.
const BESIDE: usize = 8;

/// Something on the grid.
pub(super) struct Block {
    pub(super) item: Item,
    /// Its place in classes.
    pub(super) place: String,
    /// Its first minute of this day.
    pub(super) start: i64,
    /// Minutes that it takes, as stored; 0 when it has no end.
    pub(super) length: i64,
    /// Begins on this day, so that it can be moved here.
    pub(super) begins: bool,
    /// Goes on to the end of this day and further, so that its length cannot be changed here.
    pub(super) goes_on: bool,
}

/// An hour that something can be put into.
pub(super) struct Slot {
    /// As its form says it: `2026-11-22T10:00`.
    pub(super) at: String,
    pub(super) label: String,
}

/// A day of the grid.
pub(super) struct Column {
    /// Its head; what takes the whole day stands in its items.
    pub(super) day: Day,
    /// Stretches of work in classes.
    pub(super) work: Vec<String>,
    pub(super) slots: Vec<Slot>,
    pub(super) blocks: Vec<Block>,
    /// The place of now; empty on other days.
    pub(super) now: String,
}

/// Where a minute of the day lies.
fn begins_at(minute: i64) -> String {
    let minute = (minute / STEP * STEP).clamp(0, DAY);
    format!("h{} m{}", minute / 60, minute % 60)
}

/// How long something is.
fn lasts(minutes: i64) -> String {
    let minutes = ((minutes + STEP - 1) / STEP * STEP).clamp(STEP, DAY);
    format!("e{} f{}", minutes / 60, minutes % 60)
}

/// The lane of each stretch, and how many lanes there are where it lies. The stretches come in the order of their starts;
/// those that touch no other have one lane, and of those that overlap none shares its lane with what it overlaps, as long
/// as there are lanes.
fn lanes(stretches: &[(i64, i64)]) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::with_capacity(stretches.len());
    let mut ends: Vec<i64> = Vec::new();
    let mut first = 0;
    let mut until = i64::MIN;
    for (n, &(start, end)) in stretches.iter().enumerate() {
        if start >= until {
            close(&mut out, first, ends.len());
            first = n;
            ends.clear();
        }
        let lane = match ends.iter().position(|e| *e <= start) {
            Some(free) => free,
            None if ends.len() < BESIDE => {
                ends.push(i64::MIN);
                ends.len() - 1
            }
            None => BESIDE - 1,
        };
        if let Some(e) = ends.get_mut(lane) {
            *e = (*e).max(end);
        }
        until = until.max(end);
        out.push((lane, 1));
    }
    close(&mut out, first, ends.len());
    out
}

/// Says how many lanes a knot of stretches has that overlap.
fn close(out: &mut [(usize, usize)], first: usize, lanes: usize) {
    for place in out.iter_mut().skip(first) {
        place.1 = lanes.max(1);
    }
}

/// Does an activity take whole days? What has no hour and what lasts a day and longer.
fn whole_day(i: &Item) -> bool {
    i.length >= DAY || (i.minute == 0 && i.length == 0)
}

/// Puts what has an hour on the grid; what takes the whole day comes back.
fn placed(number: i32, items: Vec<Item>) -> (Vec<Item>, Vec<Block>) {
    let (whole, timed): (Vec<Item>, Vec<Item>) = items.into_iter().partition(whole_day);
    let mut stretches: Vec<(i64, i64, Item)> = timed
        .into_iter()
        .map(|i| {
            let start = (i64::from(i.day) - i64::from(number)) * DAY + i.minute;
            let length = if i.length == 0 { WITHOUT_END } else { i.length };
            (start, start + length, i)
        })
        .collect();
    stretches.sort_by_key(|(start, end, _)| (*start, -*end));
    let shown: Vec<(i64, i64)> = stretches
        .iter()
        .map(|(start, end, _)| {
            let start = (*start).clamp(0, DAY - STEP);
            // What is very short still takes room that can be read.
            (
                start,
                (*end)
                    .min(DAY)
                    .max(start + WITHOUT_END)
                    .min(DAY.max(start + STEP)),
            )
        })
        .collect();
    let blocks = stretches
        .into_iter()
        .zip(&shown)
        .zip(lanes(&shown))
        .map(|(((start, end, item), (from, to)), (lane, of))| Block {
            place: format!("{} {} k{lane} n{of}", begins_at(*from), lasts(to - from)),
            start: *from,
            length: item.length,
            begins: start >= 0,
            goes_on: end > DAY,
            item,
        })
        .collect();
    (whole, blocks)
}

/// A time of the day in the reader's digits.
pub(super) fn hour(v: &Viewer, minute: i64) -> String {
    let mut out = String::new();
    format_time_into(
        &mut out,
        minute * zone::MINUTE_MICROS,
        TimeStyle::Minutes,
        v.digits,
    );
    out
}

impl Column {
    /// A day's column; `open` says whether something can be put into it.
    pub(super) fn of(v: &Viewer, work: &WorkCalendar, number: i32, mut day: Day, open: bool) -> Self {
        let (whole, blocks) = placed(number, std::mem::take(&mut day.items));
        day.items = whole;
        let midnight = |d: i32| zone::instant(d, 0, &v.zone);
        let (from, to) = (midnight(number), midnight(number + 1));
        // The firm's hours are those of its zone; the reader's day may lie across two of its days.
        let work = (number - 1..=number + 1)
            .flat_map(|d| work.spans(d))
            .filter_map(|span| {
                let (start, end) = (span.start.max(from), span.end.min(to));
                (start < end).then(|| {
                    let minute = |at: i64| (at - from) / zone::MINUTE_MICROS;
                    format!(
                        "{} {}",
                        begins_at(minute(start)),
                        lasts(minute(end) - minute(start))
                    )
                })
            })
            .collect();
        let slots = if open {
            (0..24)
                .map(|h| Slot {
                    at: format!("{}T{h:02}:00", day.iso),
                    label: v.with(
                        keys::TIMEGRID_SLOT,
                        &Args::new()
                            .text("day", day.heading.clone())
                            .text("time", hour(v, h * 60)),
                    ),
                })
                .collect()
        } else {
            Vec::new()
        };
        let now = if day.today {
            begins_at(zone::civil(v.now.micros(), &v.zone).1 / zone::MINUTE_MICROS)
        } else {
            String::new()
        };
        Self {
            day,
            work,
            slots,
            blocks,
            now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BESIDE, begins_at, lanes, lasts};

    #[test]
    fn places_are_said_in_steps_of_five_minutes() {
        assert_eq!(begins_at(0), "h0 m0");
        assert_eq!(begins_at(9 * 60 + 17), "h9 m15");
        assert_eq!(begins_at(24 * 60 + 9), "h24 m0");
        assert_eq!(lasts(90), "e1 f30");
        assert_eq!(lasts(0), "e0 f5");
        assert_eq!(lasts(61), "e1 f5");
    }

    #[test]
    fn what_overlaps_stands_side_by_side() {
        assert_eq!(lanes(&[]), []);
        // One after the other: each has all the room.
        assert_eq!(lanes(&[(0, 60), (60, 120)]), [(0, 1), (0, 1)]);
        // Two beside each other; the third takes the place that is free again.
        assert_eq!(lanes(&[(0, 60), (30, 120), (60, 90)]), [(0, 2), (1, 2), (0, 2)]);
        // A knot ends where nothing lasts any longer.
        assert_eq!(lanes(&[(0, 60), (0, 30), (60, 70)]), [(0, 2), (1, 2), (0, 1)]);
        // More than there are lanes for.
        let crowd = lanes(&[(0, 60); 11]);
        assert!(crowd.iter().all(|(lane, of)| *lane < BESIDE && *of == BESIDE));
    }

    #[test]
    fn no_two_that_overlap_share_a_lane() {
        // All days of up to four stretches on a coarse grid, in the order of their starts.
        let all: Vec<(i64, i64)> = (0..5).flat_map(|s| (s + 1..=5).map(move |e| (s, e))).collect();
        let mut seen = 0;
        for (a, x) in all.iter().enumerate() {
            for (b, y) in all.iter().enumerate().skip(a) {
                for (c, z) in all.iter().enumerate().skip(b) {
                    for w in all.iter().skip(c) {
                        let day = [*x, *y, *z, *w];
                        let placed = lanes(&day);
                        for i in 0..4 {
                            for j in i + 1..4 {
                                let overlap = day[i].0 < day[j].1 && day[j].0 < day[i].1;
                                if overlap {
                                    assert_ne!(placed[i].0, placed[j].0, "{day:?}");
                                    assert_eq!(placed[i].1, placed[j].1, "{day:?}");
                                }
                            }
                            assert!(placed[i].0 < placed[i].1, "{day:?}");
                        }
                        seen += 1;
                    }
                }
            }
        }
        assert_eq!(seen, 3060);
    }
}
