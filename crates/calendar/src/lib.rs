//! Jalali and Gregorian calendars: dates as people type them, holidays, working time, recurrences.
//!
//! A day is stored as days since 1970-01-01 (`i32`), an instant as UTC microseconds (`i64`). The calendar, the digits,
//! the language and the zone are choices of the reader, never of the storage. Nothing here reads a clock: "now" and
//! "today" are parameters.
//!
//! # Days and calendars
//!
//! ```
//! use peyvand_calendar::{Calendar, Jalali, jalali};
//!
//! let day = Calendar::Gregorian.days(2025, 3, 20).unwrap();
//! assert_eq!(Jalali::from_days(day), Jalali { year: 1403, month: 12, day: 30 });
//! assert!(jalali::is_leap(1403) && !jalali::is_leap(1404));
//! assert!(Jalali::new(1404, 12, 30).is_err());
//! ```
//!
//! # Reading what people type
//!
//! ```
//! use peyvand_calendar::parse::{DateError, FieldOrder, ParseContext, parse_date};
//! use peyvand_calendar::{Calendar, Language};
//!
//! let today = Calendar::Gregorian.days(2026, 11, 22).unwrap(); // یکشنبه ۱ آذر ۱۴۰۵
//! let context = ParseContext::new(today, Language::Fa);
//! let read = |text: &str| parse_date(text, &context).map(|date| date.days);
//!
//! assert_eq!(read("۱۴۰۵/۸/۳۰"), Ok(today - 1));
//! assert_eq!(read("۳۰ آبان"), Ok(today - 1));
//! assert_eq!(read("پس‌فردا"), Ok(today + 2));
//! assert_eq!(read("شنبه آینده"), Ok(today + 6));
//! assert_eq!(read("next Tuesday"), Ok(today + 2));
//! assert_eq!(read("Nov 22, 2026"), Ok(today));
//! assert_eq!(read("+3d"), Ok(today + 3));
//!
//! // Two readings: refused, until the context states the order.
//! assert!(matches!(read("03/04/2026"), Err(DateError::Ambiguous { readings }) if readings.len() == 2));
//! let day_first = context.with_order(FieldOrder::Dmy);
//! assert_eq!(parse_date("03/04/2026", &day_first).unwrap().days, Calendar::Gregorian.days(2026, 4, 3).unwrap());
//! ```
//!
//! # Showing
//!
//! ```
//! use peyvand_calendar::format::{DateStyle, DateView, format_date};
//! use peyvand_calendar::relative::relative_day;
//! use peyvand_calendar::Calendar;
//!
//! let day = Calendar::Gregorian.days(2026, 11, 21).unwrap();
//! assert_eq!(format_date(day, DateStyle::LongWeekday, DateView::FA), "شنبه ۳۰ آبان ۱۴۰۵");
//! assert_eq!(format_date(day, DateStyle::Long, DateView::FA.in_calendar(Calendar::Gregorian)), "۲۱ نوامبر ۲۰۲۶");
//! assert_eq!(format_date(day, DateStyle::Long, DateView::EN), "21 November 2026");
//! assert_eq!(format_date(day, DateStyle::Long, DateView::EN.in_calendar(Calendar::Jalali)), "30 Aban 1405");
//! assert_eq!(relative_day(day, day + 1, DateView::FA), "دیروز");
//! assert_eq!(relative_day(day + 5, day, DateView::EN), "in 5 days");
//! ```
//!
//! # Working time
//!
//! The weekend, the hours and the holidays are dated data of the workspace; what is shipped is a starting point. Lunar
//! holidays that were computed and not published carry [`holidays::HolidayStatus::Computed`], and screens must say so.
//!
//! ```
//! use peyvand_calendar::work::WorkCalendar;
//! use peyvand_calendar::Calendar;
//!
//! let work = WorkCalendar::iran();
//! let day = |month, day| Calendar::Jalali.days(1405, month, day).unwrap();
//! // After Tuesday 2 Tir come Tasua, Ashura and Friday.
//! assert_eq!(work.next_working_day(day(4, 2)), Ok(day(4, 6)));
//! assert_eq!(work.holidays.on(day(4, 4))[0].name_fa, "عاشورای حسینی");
//! ```

pub mod column;
pub mod date_format;
pub mod fiscal;
pub mod format;
pub mod holidays;
pub mod hours;
pub mod jalali;
pub mod names;
pub mod parse;
pub mod recur;
pub mod relative;
pub mod week;
pub mod work;
pub mod ymd;
pub mod zone;

pub use date_format::DateFormat;
pub use jalali::Jalali;
pub use names::Weekday;
pub use peyvand_numbers::{Digits, Language};
pub use ymd::{Calendar, DateInvalid, Part, Ymd};
