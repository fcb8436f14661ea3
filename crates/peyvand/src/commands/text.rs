//! `peyvand text explain`: how a text is cleaned, folded, cut into words, and what is recognised in it.

use anyhow::Result;
use clap::Subcommand;
use peyvand_calendar::Calendar;
use peyvand_calendar::format::{DateStyle, DateView, format_date};
use peyvand_calendar::parse::{ParseContext, find_dates};
use peyvand_core::{Clock as _, SystemClock};
use peyvand_i18n::{Args, Key, keys, text as say};
use peyvand_numbers::amount::{AmountContext, find_amounts};
use peyvand_numbers::{Language, RialUnit};
use peyvand_record::derive::SearchQuery;
use peyvand_text::names::{NameStyle, display, find_names};
use peyvand_text::{Direction, Explain};
use serde_json::{Value, json};

use crate::instance::Place;
use crate::terminal;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Clean, fold, tokens, direction, language, names, phones, identifiers, dates and amounts of a text.
    Explain {
        /// The text.
        text: String,
    },
}

/// Runs it.
pub(crate) fn run(command: &Command, place: &Place) -> Result<()> {
    let Command::Explain { text } = command;
    let now = SystemClock::default().now();
    let today = peyvand_calendar::zone::day_of(now.micros(), &peyvand_calendar::zone::tehran());
    let language = terminal::language();
    let all = Explained {
        text,
        text_parts: peyvand_text::explain(text),
        found: Found::in_text(text, today, language),
        query: SearchQuery::parse(text),
    };
    if place.json {
        println!("{}", all.json()?);
    } else {
        print!("{}", all.page(language));
    }
    Ok(())
}

/// All that is known about a text.
struct Explained<'a> {
    text: &'a str,
    text_parts: Explain,
    found: Found<'a>,
    query: SearchQuery,
}

/// What was recognised: the words as they stand, and what they were taken for.
struct Found<'a> {
    names: Vec<(&'a str, String)>,
    identifiers: Vec<(&'a str, peyvand_identifiers::Found)>,
    /// In the order of the readings; several when a date is ambiguous.
    dates: Vec<(&'a str, Vec<i32>)>,
    amounts: Vec<(&'a str, peyvand_numbers::Money)>,
}

impl<'a> Found<'a> {
    fn in_text(text: &'a str, today: i32, language: Language) -> Self {
        let words = |span: std::ops::Range<usize>| text.get(span).unwrap_or_default();
        let amounts = AmountContext::rial(language, RialUnit::Rial);
        Self {
            names: find_names(text)
                .into_iter()
                .map(|(span, name)| (words(span), display(&name, NameStyle::Full)))
                .collect(),
            identifiers: peyvand_identifiers::detect(text)
                .into_iter()
                .map(|f| (words(f.span.clone()), f))
                .collect(),
            dates: find_dates(text, &ParseContext::new(today, language))
                .into_iter()
                .map(|f| {
                    let days = match f.day {
                        Ok(day) => vec![day.days],
                        Err(readings) => readings.iter().map(|r| r.days).collect(),
                    };
                    (words(f.span), days)
                })
                .collect(),
            amounts: find_amounts(text, &amounts)
                .into_iter()
                .map(|(span, m)| (words(span), m))
                .collect(),
        }
    }
}

/// A day in both calendars.
fn both(days: i32, language: Language) -> [String; 2] {
    let view = match language {
        Language::Fa => DateView::FA,
        Language::En => DateView::EN,
    };
    [Calendar::Jalali, Calendar::Gregorian]
        .map(|calendar| format_date(days, DateStyle::LongWeekday, view.in_calendar(calendar)))
}

impl Explained<'_> {
    fn json(&self) -> Result<Value> {
        let found = &self.found;
        let mut out = serde_json::to_value(&self.text_parts)?;
        let day = |days: &i32| {
            let [jalali, _] = both(*days, Language::Fa);
            let [_, gregorian] = both(*days, Language::En);
            json!({ "jalali": jalali, "gregorian": gregorian })
        };
        let identifier = |(words, f): &(&str, peyvand_identifiers::Found)| {
            json!({
                "kind": format!("{:?}", f.kind),
                "text": words,
                "normalised": f.checked.normalised,
                "verdict": format!("{:?}", f.checked.verdict),
                "reason": f.checked.reason.as_ref().map(|r| json!({"code": r.code(), "fa": r.fa(), "en": r.en()})),
            })
        };
        if let Some(map) = out.as_object_mut() {
            map.insert("found".to_owned(), json!({
                "names": found.names.iter().map(|(w, n)| json!({"text": w, "name": n})).collect::<Vec<_>>(),
                "identifiers": found.identifiers.iter().map(identifier).collect::<Vec<_>>(),
                "dates": found.dates.iter()
                    .map(|(w, d)| json!({"text": w, "readings": d.iter().map(day).collect::<Vec<_>>()}))
                    .collect::<Vec<_>>(),
                "amounts": found.amounts.iter()
                    .map(|(w, m)| json!({"text": w, "amount": m.minor.to_string(), "currency": m.currency.code()}))
                    .collect::<Vec<_>>(),
            }));
            map.insert(
                "search".to_owned(),
                json!({
                    "exact": self.query.exact_keys,
                    "words": self.query.words,
                    "glued": self.query.glued,
                    "sound": self.query.sound,
                    "substring": self.query.substring,
                }),
            );
        }
        Ok(out)
    }

    /// The same for a person to read: a label and what it says, a line each; what is empty is left out.
    fn page(&self, language: Language) -> String {
        let mut page = Page {
            language,
            out: String::new(),
        };
        let parts = &self.text_parts;
        page.line(keys::EXPLAIN_CLEAN, &parts.clean);
        page.line(keys::EXPLAIN_FOLD, &parts.fold);
        page.list(keys::EXPLAIN_WORDS, &parts.tokens.words);
        page.list(keys::EXPLAIN_GLUED, &parts.tokens.glued);
        page.list(keys::EXPLAIN_STEMS, &parts.tokens.stems);
        page.list(keys::EXPLAIN_TAILS, &parts.tokens.tails);
        let direction = match parts.direction {
            Direction::Rtl => keys::EXPLAIN_RTL,
            Direction::Ltr => keys::EXPLAIN_LTR,
            Direction::Neutral => keys::EXPLAIN_NEUTRAL,
        };
        page.line(keys::EXPLAIN_DIRECTION, &say(language, direction, &Args::new()));
        let spoken = match parts.language {
            Some(peyvand_text::Language::Fa) => keys::EXPLAIN_PERSIAN,
            Some(peyvand_text::Language::En) => keys::EXPLAIN_ENGLISH,
            Some(peyvand_text::Language::Ar) => keys::EXPLAIN_ARABIC,
            Some(peyvand_text::Language::Other) | None => keys::EXPLAIN_UNKNOWN,
        };
        page.line(keys::EXPLAIN_LANGUAGE, &say(language, spoken, &Args::new()));
        page.line(
            keys::EXPLAIN_LATIN,
            if parts.latin == parts.clean {
                ""
            } else {
                &parts.latin
            },
        );
        for (words, name) in &self.found.names {
            page.found(keys::EXPLAIN_NAME, words, name);
        }
        for (words, f) in &self.found.identifiers {
            let (kind, reason) = match language {
                Language::Fa => (f.kind.fa(), f.checked.reason.as_ref().map(|r| r.fa())),
                Language::En => (f.kind.en(), f.checked.reason.as_ref().map(|r| r.en())),
            };
            let what = match reason {
                None => format!("{kind} {}", f.checked.normalised),
                Some(reason) => format!("{kind} {} ({reason})", f.checked.normalised),
            };
            page.found(keys::EXPLAIN_IDENTIFIER, words, &what);
        }
        for (words, days) in &self.found.dates {
            let readings: Vec<String> = days.iter().map(|d| both(*d, language).join(" = ")).collect();
            page.found(keys::EXPLAIN_DATE, words, &readings.join(" | "));
        }
        for (words, amount) in &self.found.amounts {
            let number =
                peyvand_numbers::format_number(&amount.to_decimal(), &peyvand_numbers::Style::new(language));
            let what = format!("{number} {}", amount.currency.name(language));
            page.found(keys::EXPLAIN_AMOUNT, words, &what);
        }
        // What a search for this text asks for, in the order in which it asks.
        page.list(keys::EXPLAIN_SEARCH_EXACT, &self.query.exact_keys);
        page.list(keys::EXPLAIN_SEARCH_WORDS, &self.query.words);
        page.line(
            keys::EXPLAIN_SEARCH_GLUED,
            self.query.glued.as_deref().unwrap_or_default(),
        );
        page.line(
            keys::EXPLAIN_SEARCH_SOUND,
            self.query.sound.as_deref().unwrap_or_default(),
        );
        page.line(
            keys::EXPLAIN_SEARCH_SUBSTRING,
            self.query.substring.as_deref().unwrap_or_default(),
        );
        if self.text.trim().is_empty() {
            page.line(keys::EXPLAIN_NOTHING, "—");
        }
        page.out
    }
}

/// Lines for a terminal.
struct Page {
    language: Language,
    out: String,
}

impl Page {
    fn line(&mut self, label: Key, what: &str) {
        if !what.is_empty() {
            let label = say(self.language, label, &Args::new());
            self.out.push_str(&format!("{label}: {what}\n"));
        }
    }

    fn list(&mut self, label: Key, items: &[String]) {
        let between = if self.language == Language::Fa {
            "، "
        } else {
            ", "
        };
        self.line(label, &items.join(between));
    }

    fn found(&mut self, label: Key, words: &str, what: &str) {
        let quoted = if self.language == Language::Fa {
            format!("«{words}» → {what}")
        } else {
            format!("“{words}” → {what}")
        };
        self.line(label, &quoted);
    }
}
