//! `peyvand text explain`: how a text is cleaned, folded, cut into words, and what is recognised in it.

use anyhow::Result;
use clap::Subcommand;
use peyvand_calendar::Calendar;
use peyvand_calendar::format::{DateStyle, DateView, format_date};
use peyvand_calendar::parse::{DateError, ParseContext, parse_date};
use peyvand_core::{Clock as _, SystemClock};
use peyvand_numbers::Language;
use serde_json::json;

use crate::instance::Place;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Clean, fold, tokens, direction, language, names, phones, identifiers and dates of a text.
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
    let mut out = serde_json::to_value(peyvand_text::explain(text))?;
    let found: Vec<_> = peyvand_identifiers::detect(text)
        .into_iter()
        .map(|f| {
            json!({
                "kind": format!("{:?}", f.kind),
                "text": text.get(f.span.clone()),
                "normalised": f.checked.normalised,
                "verdict": format!("{:?}", f.checked.verdict),
                "reason": f.checked.reason.as_ref().map(|r| json!({"code": r.code(), "fa": r.fa(), "en": r.en()})),
            })
        })
        .collect();
    let show = |days: i32| {
        json!({
            "jalali": format_date(days, DateStyle::LongWeekday, DateView::FA),
            "gregorian": format_date(days, DateStyle::LongWeekday, DateView::EN.in_calendar(Calendar::Gregorian)),
        })
    };
    let date = match parse_date(text, &ParseContext::new(today, Language::Fa)) {
        Ok(d) => show(d.days),
        Err(DateError::Ambiguous { readings }) => {
            json!({ "ambiguous": readings.iter().map(|r| show(r.days)).collect::<Vec<_>>() })
        }
        Err(_) => json!(null),
    };
    let query = peyvand_record::derive::SearchQuery::parse(text);
    if let Some(map) = out.as_object_mut() {
        map.insert("found".to_owned(), json!(found));
        map.insert("date".to_owned(), date);
        map.insert(
            "search".to_owned(),
            json!({"exact": query.exact_keys, "words": query.words, "substring": query.substring}),
        );
    }
    if place.json {
        println!("{out}");
    } else {
        println!("{}", serde_json::to_string_pretty(&out)?);
    }
    Ok(())
}
