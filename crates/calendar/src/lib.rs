//! Jalali and Gregorian calendars: dates as people type them, holidays, working time, recurrences.
