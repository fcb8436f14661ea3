//! Folding of texts and writing of dates.

use std::hint::black_box;
use std::time::Instant;

use peyvand_calendar::format::{DateStyle, DateView, format_date_into};
use peyvand_text::fold_into;

use crate::figure::{Figure, Goal, median};

const ENGLISH: &str = "Dear Mr. Smith, thank you for your order of 12 March. The goods leave our store on Monday; \
    please find the invoice (No. 1405-221) attached, and call us at +44 20 7946 0958 with any question.\n";
const PERSIAN: &str = "جناب آقای دکتر احمدی، با سپاس از سفارش شما در تاریخ ۱۲ اسفند؛ کالاها روز شنبه از انبار ما \
    ارسال می‌شوند. صورت‌حساب شماره ۱۴۰۵/۲۲۱ پیوست است و برای هر پرسش، همکاران ما پاسخ‌گوی شما هستند.\n";
const ROUNDS: usize = 41;
const DATES: i32 = 500_000;

/// The figures of this subject.
pub(crate) fn run() -> Vec<Figure> {
    let fold = |what: &str, sample: &str, goal: f64| {
        let text = sample.repeat(1_000_000 / sample.len());
        let mut out = String::with_capacity(text.len());
        let mut copy = Vec::with_capacity(text.len());
        let mut copied = Vec::with_capacity(ROUNDS);
        let mut rates: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                out.clear();
                let start = Instant::now();
                fold_into(black_box(&text), &mut out);
                black_box(&out);
                let rate = text.len() as f64 / 1e6 / start.elapsed().as_secs_f64();
                copy.clear();
                let start = Instant::now();
                copy.extend(black_box(text.as_str()).chars().map(|c| c as u32 as u8));
                black_box(&copy);
                copied.push(text.len() as f64 / 1e6 / start.elapsed().as_secs_f64());
                rate
            })
            .collect();
        Figure::new(
            "text",
            format!("`fold` of {what} text, 1 MB"),
            "MB/s",
            median(&mut rates),
        )
        .goal(Goal::AtLeast(goal))
        .beside(median(&mut copied), Goal::None)
        .note("limit: decoding the characters alone")
    };
    let mut out = vec![fold("ASCII", ENGLISH, 200.0), fold("Persian", PERSIAN, 60.0)];
    for (what, style, view) in [
        ("short, Persian, Jalali", DateStyle::Short, DateView::FA),
        ("long, Persian, Jalali", DateStyle::Long, DateView::FA),
        ("short, English, Gregorian", DateStyle::Short, DateView::EN),
        ("long, English, Gregorian", DateStyle::Long, DateView::EN),
    ] {
        let mut text = String::with_capacity(128);
        let mut rates: Vec<f64> = (0..7)
            .map(|_| {
                let start = Instant::now();
                for day in 0..DATES {
                    text.clear();
                    format_date_into(&mut text, black_box(day % 40_000), style, view);
                    black_box(&text);
                }
                f64::from(DATES) / 1e6 / start.elapsed().as_secs_f64()
            })
            .collect();
        out.push(
            Figure::new(
                "text",
                format!("dates written ({what})"),
                "million/s",
                median(&mut rates),
            )
            .goal(Goal::AtLeast(2.0)),
        );
    }
    out
}
