//! Prints the speed of `fold` in MB/s for English and for Persian text.
//! Run with `cargo run --release -p peyvand-text --example throughput`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use peyvand_text::fold_into;

const ENGLISH: &str = "Dear Mr. Smith, thank you for your order of 12 March. The goods leave our store on Monday; \
    please find the invoice (No. 1405-221) attached, and call us at +44 20 7946 0958 with any question.\n";
const PERSIAN: &str = "جناب آقای دکتر احمدی، با سپاس از سفارش شما در تاریخ ۱۲ اسفند؛ کالاها روز شنبه از انبار ما \
    ارسال می‌شوند. صورت‌حساب شماره ۱۴۰۵/۲۲۱ پیوست است و برای هر پرسش، همکاران ما پاسخ‌گوی شما هستند.\n";

/// Megabytes (10^6 bytes) of input per second, the best of forty rounds.
fn megabytes_per_second(sample: &str) -> f64 {
    let text = sample.repeat(1_000_000 / sample.len());
    let mut out = String::with_capacity(text.len());
    let best = (0..40)
        .map(|_| {
            out.clear();
            let start = Instant::now();
            fold_into(black_box(&text), &mut out);
            black_box(&out);
            start.elapsed()
        })
        .min()
        .unwrap_or(Duration::MAX);
    text.len() as f64 / 1e6 / best.as_secs_f64()
}

fn main() {
    println!("fold, ASCII:   {:.0} MB/s", megabytes_per_second(ENGLISH));
    println!("fold, Persian: {:.0} MB/s", megabytes_per_second(PERSIAN));
}
