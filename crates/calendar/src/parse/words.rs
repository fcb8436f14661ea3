//! The words of typed dates, in both languages, in the folded spelling of the lexer (no spaces, آ as ا).

use crate::names::Weekday;
use crate::ymd::Calendar;

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    FiscalYear,
}

/// The meaning of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Month(Calendar, u8),
    Weekday(Weekday),
    /// Today plus so many days.
    Day(i8),
    Next,
    Previous,
    This,
    In,
    Unit(Unit),
    First,
    End,
    /// A number in words.
    Count(u32),
    /// «بیست و», «سی و»: tens that wait for their ones.
    Tens(u32),
    /// «ساعت», "at".
    Clock,
    Am,
    Pm,
    /// «شب»: hours 6–11 are evening, 12 is midnight, 1–5 are after midnight.
    Night,
    Noon,
    Midnight,
    /// The `T` of ISO 8601.
    IsoT,
    /// The `Z` of ISO 8601.
    Utc,
    /// Says nothing: "of", "the", «ام», ezafe.
    Filler,
}

/// The longest word at the start of the letters, and its length in bytes.
pub(crate) fn longest(letters: &str) -> Option<(Word, usize)> {
    WORDS
        .iter()
        .filter(|(text, _)| letters.starts_with(text))
        .max_by_key(|(text, _)| text.len())
        .map(|&(text, word)| (word, text.len()))
}

use Word::{Am, Clock, Count, Day, End, Filler, First, In, Next, Pm, Previous, This};

const fn jalali(month: u8) -> Word {
    Word::Month(Calendar::Jalali, month)
}
const fn greg(month: u8) -> Word {
    Word::Month(Calendar::Gregorian, month)
}
const fn week(day: Weekday) -> Word {
    Word::Weekday(day)
}
const fn unit(unit: Unit) -> Word {
    Word::Unit(unit)
}

#[rustfmt::skip]
const WORDS: &[(&str, Word)] = &[
    ("فروردین", jalali(1)), ("اردیبهشت", jalali(2)), ("خرداد", jalali(3)), ("تیر", jalali(4)), ("مرداد", jalali(5)),
    ("امرداد", jalali(5)), ("شهریور", jalali(6)), ("مهر", jalali(7)), ("ابان", jalali(8)), ("اذر", jalali(9)),
    ("دی", jalali(10)), ("بهمن", jalali(11)), ("اسفند", jalali(12)),
    ("farvardin", jalali(1)), ("ordibehesht", jalali(2)), ("khordad", jalali(3)), ("tir", jalali(4)), ("mordad", jalali(5)),
    ("shahrivar", jalali(6)), ("mehr", jalali(7)), ("aban", jalali(8)), ("azar", jalali(9)), ("dey", jalali(10)),
    ("bahman", jalali(11)), ("esfand", jalali(12)),
    ("ژانویه", greg(1)), ("فوریه", greg(2)), ("مارس", greg(3)), ("اوریل", greg(4)), ("اپریل", greg(4)), ("مه", greg(5)),
    ("می", greg(5)), ("ژوین", greg(6)), ("جون", greg(6)), ("ژوییه", greg(7)), ("ژولای", greg(7)), ("جولای", greg(7)),
    ("اوت", greg(8)), ("اگوست", greg(8)), ("سپتامبر", greg(9)), ("اکتبر", greg(10)), ("نوامبر", greg(11)), ("دسامبر", greg(12)),
    ("january", greg(1)), ("february", greg(2)), ("march", greg(3)), ("april", greg(4)), ("may", greg(5)), ("june", greg(6)),
    ("july", greg(7)), ("august", greg(8)), ("september", greg(9)), ("october", greg(10)), ("november", greg(11)),
    ("december", greg(12)), ("jan", greg(1)), ("feb", greg(2)), ("mar", greg(3)), ("apr", greg(4)), ("jun", greg(6)),
    ("jul", greg(7)), ("aug", greg(8)), ("sep", greg(9)), ("sept", greg(9)), ("oct", greg(10)), ("nov", greg(11)), ("dec", greg(12)),
    ("شنبه", week(Weekday::Saturday)), ("یکشنبه", week(Weekday::Sunday)), ("دوشنبه", week(Weekday::Monday)),
    ("سهشنبه", week(Weekday::Tuesday)), ("چهارشنبه", week(Weekday::Wednesday)), ("چارشنبه", week(Weekday::Wednesday)),
    ("پنجشنبه", week(Weekday::Thursday)), ("پنشنبه", week(Weekday::Thursday)), ("جمعه", week(Weekday::Friday)), ("ادینه", week(Weekday::Friday)),
    ("saturday", week(Weekday::Saturday)), ("sunday", week(Weekday::Sunday)), ("monday", week(Weekday::Monday)),
    ("tuesday", week(Weekday::Tuesday)), ("wednesday", week(Weekday::Wednesday)), ("thursday", week(Weekday::Thursday)),
    ("friday", week(Weekday::Friday)), ("sat", week(Weekday::Saturday)), ("sun", week(Weekday::Sunday)), ("mon", week(Weekday::Monday)),
    ("tue", week(Weekday::Tuesday)), ("tues", week(Weekday::Tuesday)), ("wed", week(Weekday::Wednesday)), ("thu", week(Weekday::Thursday)),
    ("thur", week(Weekday::Thursday)), ("thurs", week(Weekday::Thursday)), ("fri", week(Weekday::Friday)),
    ("امروز", Day(0)), ("فردا", Day(1)), ("پسفردا", Day(2)), ("پسانفردا", Day(3)), ("دیروز", Day(-1)), ("پریروز", Day(-2)),
    ("today", Day(0)), ("tomorrow", Day(1)), ("dayaftertomorrow", Day(2)), ("yesterday", Day(-1)), ("daybeforeyesterday", Day(-2)),
    ("بعد", Next), ("بعدی", Next), ("اینده", Next), ("دیگر", Next), ("دیگه", Next), ("اتی", Next),
    ("next", Next), ("later", Next), ("fromnow", Next), ("fromtoday", Next),
    ("قبل", Previous), ("قبلی", Previous), ("پیش", Previous), ("گذشته", Previous), ("last", Previous), ("previous", Previous),
    ("past", Previous), ("ago", Previous),
    ("این", This), ("همین", This), ("جاری", This), ("this", This), ("current", This),
    ("in", In),
    ("روز", unit(Unit::Day)), ("هفته", unit(Unit::Week)), ("ماه", unit(Unit::Month)), ("فصل", unit(Unit::Quarter)),
    ("سهماهه", unit(Unit::Quarter)), ("سال", unit(Unit::Year)),
    ("سالمالی", unit(Unit::FiscalYear)), ("fiscalyear", unit(Unit::FiscalYear)),
    ("day", unit(Unit::Day)), ("days", unit(Unit::Day)), ("week", unit(Unit::Week)), ("weeks", unit(Unit::Week)),
    ("month", unit(Unit::Month)), ("months", unit(Unit::Month)), ("quarter", unit(Unit::Quarter)),
    ("quarters", unit(Unit::Quarter)), ("year", unit(Unit::Year)), ("years", unit(Unit::Year)),
    ("d", unit(Unit::Day)), ("w", unit(Unit::Week)), ("m", unit(Unit::Month)), ("q", unit(Unit::Quarter)), ("y", unit(Unit::Year)),
    ("اول", First), ("اولین", First), ("ابتدای", First), ("ابتدا", First), ("شروع", First), ("first", First), ("start", First),
    ("beginning", First),
    ("اخر", End), ("اخرین", End), ("پایان", End), ("انتهای", End), ("end", End),
    ("یک", Count(1)), ("دو", Count(2)), ("دوم", Count(2)), ("سه", Count(3)), ("سوم", Count(3)), ("چهار", Count(4)), ("پنج", Count(5)),
    ("شش", Count(6)), ("هفت", Count(7)), ("هشت", Count(8)), ("نه", Count(9)), ("ده", Count(10)), ("یازده", Count(11)),
    ("دوازده", Count(12)), ("سیزده", Count(13)), ("چهارده", Count(14)), ("پانزده", Count(15)), ("شانزده", Count(16)),
    ("هفده", Count(17)), ("هجده", Count(18)), ("نوزده", Count(19)), ("بیست", Count(20)), ("بیستو", Word::Tens(20)),
    ("سی", Count(30)), ("سیو", Word::Tens(30)),
    ("a", Count(1)), ("an", Count(1)), ("one", Count(1)), ("two", Count(2)), ("three", Count(3)), ("four", Count(4)), ("five", Count(5)),
    ("six", Count(6)), ("seven", Count(7)), ("eight", Count(8)), ("nine", Count(9)), ("ten", Count(10)),
    ("ساعت", Clock), ("at", Clock), ("صبح", Am), ("بامداد", Am), ("am", Am), ("قبلازظهر", Am), ("قظ", Am),
    ("عصر", Pm), ("بعدازظهر", Pm), ("بظ", Pm), ("غروب", Pm), ("pm", Pm), ("شب", Word::Night), ("ظهر", Word::Noon), ("noon", Word::Noon),
    ("نیمهشب", Word::Midnight), ("midnight", Word::Midnight), ("t", Word::IsoT), ("z", Word::Utc), ("utc", Word::Utc), ("gmt", Word::Utc),
    ("of", Filler), ("the", Filler), ("on", Filler), ("st", Filler), ("nd", Filler), ("rd", Filler), ("th", Filler),
    ("ی", Filler), ("ام", Filler), ("م", Filler), ("در", Filler), ("مورخ", Filler), ("تاریخ", Filler),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_listed_once_in_the_folded_spelling() {
        let mut seen = std::collections::BTreeSet::new();
        for (text, _) in WORDS {
            assert!(seen.insert(*text), "{text}");
            assert!(
                !text.contains(['آ', 'ي', 'ك', 'ئ', 'ؤ', ' ', '\u{200c}']),
                "{text}"
            );
            assert_eq!(*text, text.to_lowercase());
        }
    }
}
