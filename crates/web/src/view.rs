//! How one reader sees things: language, calendar, digits, zone, rial or toman.

use peyvand_app::{App, Session};
use peyvand_calendar::format::{DateStyle, DateView, TimeStyle, format_date, format_instant};
use peyvand_calendar::{Calendar, relative, zone};
use peyvand_catalog::ObjectDef;
use peyvand_catalog::definition::Text;
use peyvand_catalog::handles::user;
use peyvand_core::Instant;
use peyvand_i18n::{Args, Key, keys};
use peyvand_numbers::amount::{ShowStyle, show};
use peyvand_numbers::{
    Currency, Decimal, Digits, Fraction, Language, Money, RialUnit, Style, digits, format_number,
};
use peyvand_record::MoneyValue;

/// One reader's way of seeing.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    pub(crate) language: Language,
    pub(crate) calendar: Calendar,
    pub(crate) digits: Digits,
    pub(crate) unit: RialUnit,
    pub(crate) theme: &'static str,
    pub(crate) zone: jiff::tz::TimeZone,
    pub(crate) now: Instant,
}

impl Viewer {
    /// The way of somebody who is not signed in.
    pub(crate) fn stranger(app: &App, language: Language) -> Self {
        let fa = language == Language::Fa;
        Self {
            language,
            calendar: if fa { Calendar::Jalali } else { Calendar::Gregorian },
            digits: language.digits(),
            unit: RialUnit::Rial,
            theme: "system",
            zone: zone::tehran(),
            now: app.clock.now(),
        }
    }

    /// The way of a person who is signed in, from their own record.
    pub(crate) fn of(app: &App, session: &Session) -> Self {
        let mut v = Self::stranger(app, session.caller.language);
        let get = |ix| session.user.get(ix).as_str();
        let settings = &session.caller.workspace.settings;
        v.calendar = match get(user::CALENDAR).unwrap_or(&settings.calendar) {
            "gregorian" => Calendar::Gregorian,
            _ => Calendar::Jalali,
        };
        v.digits = match get(user::DIGITS) {
            Some("latin") => Digits::Latin,
            Some(_) if v.language == Language::Fa => Digits::Persian,
            _ => v.language.digits(),
        };
        if get(user::RIAL_DISPLAY) == Some("toman") {
            v.unit = RialUnit::Toman;
        }
        v.theme = match get(user::THEME) {
            Some("light") => "light",
            Some("dark") => "dark",
            _ => "system",
        };
        if let Some(z) = zone::zone(get(user::TIME_ZONE).unwrap_or(&settings.time_zone)) {
            v.zone = z;
        }
        v
    }

    pub(crate) fn tag(&self) -> &'static str {
        self.language.tag()
    }

    pub(crate) fn dir(&self) -> &'static str {
        if self.language == Language::Fa {
            "rtl"
        } else {
            "ltr"
        }
    }

    pub(crate) fn label<'a>(&self, text: &'a Text) -> &'a str {
        if self.language == Language::Fa {
            &text.fa
        } else {
            &text.en
        }
    }

    /// What making a record of this name is called: «نمای تازه», "New view".
    pub(crate) fn new_of(&self, one: &Text) -> String {
        let name = match self.language {
            Language::Fa => peyvand_text::names::with_ezafe(&one.fa),
            Language::En => one.en.clone(),
        };
        self.with(keys::WEB_NEW_OF, &Args::new().text("object", name))
    }

    /// A text without arguments.
    pub(crate) fn t(&self, key: Key) -> String {
        self.with(key, &Args::new())
    }

    /// A text with arguments, in the reader's digits.
    pub(crate) fn with(&self, key: Key, args: &Args) -> String {
        peyvand_i18n::text_in(self.language, self.digits, key, args)
    }

    /// A text with digits as the reader wants them. Only the digits that the program itself wrote may pass here.
    pub(crate) fn in_digits(&self, text: &str) -> String {
        digits::show(text, self.digits).into_owned()
    }

    pub(crate) fn dates(&self) -> DateView {
        DateView {
            language: self.language,
            calendar: self.calendar,
            digits: self.digits,
        }
    }

    pub(crate) fn today(&self) -> i32 {
        zone::day_of(self.now.micros(), &self.zone)
    }

    pub(crate) fn date(&self, day: i32) -> String {
        format_date(day, DateStyle::Short, self.dates())
    }

    pub(crate) fn long_date(&self, day: i32) -> String {
        format_date(day, DateStyle::LongWeekday, self.dates())
    }

    pub(crate) fn instant(&self, at: Instant) -> String {
        format_instant(
            at.micros(),
            DateStyle::Short,
            TimeStyle::Minutes,
            self.dates(),
            &self.zone,
        )
    }

    pub(crate) fn ago(&self, at: Instant) -> String {
        relative::relative(at.micros(), self.now.micros(), self.dates(), &self.zone)
    }

    pub(crate) fn number(&self, n: i64) -> String {
        format_number(
            &Decimal::from_int(i128::from(n)),
            &Style::new(self.language).digits(self.digits),
        )
    }

    pub(crate) fn decimal(&self, scaled: i64, places: u8) -> String {
        Decimal::new(i128::from(scaled), u32::from(places)).map_or_else(
            |_| scaled.to_string(),
            |d| {
                format_number(
                    &d,
                    &Style::new(self.language)
                        .digits(self.digits)
                        .fraction(Fraction::Natural),
                )
            },
        )
    }

    pub(crate) fn money(&self, m: &MoneyValue, short: bool) -> String {
        match Currency::new(&m.currency) {
            Ok(c) => self.amount(Money::new(m.minor, c), short),
            Err(_) => format!("{} {}", m.minor, m.currency),
        }
    }

    pub(crate) fn amount(&self, m: Money, short: bool) -> String {
        let mut style = ShowStyle::new(self.language, self.unit);
        style.number = style.number.digits(self.digits);
        // In short a large amount loses its last digits; a small one has none to lose.
        let whole = m.minor.unsigned_abs() / 10_u64.pow(u32::from(m.currency.decimals()));
        if short && whole >= 10_000 {
            style = style.short();
        }
        show(&m, &style)
    }

    /// So many records of an object: after a number Persian has the singular, English only after one.
    pub(crate) fn counted(&self, n: u64, object: &ObjectDef) -> String {
        let name = if n == 1 || self.language == Language::Fa {
            &object.label
        } else {
            &object.labels
        };
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        format!("{} {}", self.number(n), self.label(name))
    }

    /// A number of matches that was counted up to a cap.
    pub(crate) fn count(&self, n: u64, cap: u64) -> String {
        if n > cap {
            format!("{}+", self.number(cap as i64))
        } else {
            self.number(n as i64)
        }
    }
}
