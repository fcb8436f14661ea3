//! Dates formatted and parsed per second. Run in release: `cargo run --release -p peyvand-calendar --example throughput`.

use std::hint::black_box;
use std::time::Instant;

use peyvand_calendar::format::{DateStyle, DateView, TimeStyle, format_date_into, format_instant_into};
use peyvand_calendar::parse::{ParseContext, parse_date};
use peyvand_calendar::{Language, zone};

const ROUNDS: i32 = 5_000_000;

fn report(what: &str, mut step: impl FnMut(i32)) {
    let started = Instant::now();
    for index in 0..ROUNDS {
        step(index);
    }
    let per_second = f64::from(ROUNDS) / started.elapsed().as_secs_f64();
    println!("{what:28} {:6.2} million/s", per_second / 1e6);
}

fn main() {
    let mut out = String::with_capacity(128);
    for (what, style, view) in [
        ("short, fa, Jalali", DateStyle::Short, DateView::FA),
        ("long, fa, Jalali", DateStyle::Long, DateView::FA),
        ("weekday, fa, Jalali", DateStyle::LongWeekday, DateView::FA),
        ("short, en, Gregorian", DateStyle::Short, DateView::EN),
        ("long, en, Gregorian", DateStyle::Long, DateView::EN),
    ] {
        report(what, |index| {
            out.clear();
            format_date_into(&mut out, black_box(index % 40_000), style, view);
            black_box(&out);
        });
    }
    let tehran = zone::tehran();
    report("instant, fa, Tehran", |index| {
        out.clear();
        let micros = i64::from(black_box(index)) * 300_000_000;
        format_instant_into(
            &mut out,
            micros,
            DateStyle::Short,
            TimeStyle::Minutes,
            DateView::FA,
            &tehran,
        );
        black_box(&out);
    });
    let context = ParseContext::new(20_779, Language::Fa);
    for text in ["۱۴۰۵/۰۸/۳۰", "2026-11-21", "۳۰ آبان ۱۴۰۵"] {
        report(&format!("parse {text}"), |_| {
            let _ = black_box(parse_date(black_box(text), &context));
        });
    }
}
