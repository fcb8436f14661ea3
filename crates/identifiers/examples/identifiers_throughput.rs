//! Prints how many identifiers a second are normalised on one core: `cargo run --release --example identifiers_throughput`.

use std::hint::black_box;
use std::time::Instant;

use peyvand_identifiers::phone::{PhoneContext, Region};
use peyvand_identifiers::{bank, detect, email, national, phone};

fn measure<T>(name: &str, count: usize, one: impl Fn(usize) -> T) {
    let start = Instant::now();
    for i in 0..count {
        black_box(one(i));
    }
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!("{name:<32} {rate:>14.0} /s");
}

fn main() {
    let here = PhoneContext::default();
    let abroad = PhoneContext {
        default_region: Region::new("DE"),
        default_area: None,
    };
    let latin: Vec<String> = (0..1000).map(|i| format!("0912 345 {i:04}")).collect();
    let persian: Vec<String> = latin
        .iter()
        .map(|p| peyvand_numbers::digits::show(p, peyvand_numbers::Digits::Persian).into_owned())
        .collect();
    let world: Vec<String> = (0..1000).map(|i| format!("+44 20 7946 {i:04}")).collect();
    let german: Vec<String> = (0..1000).map(|i| format!("030 1234{i:04}")).collect();
    let mails: Vec<String> = (0..1000)
        .map(|i| format!("Sara.Ahmadi{i}@Example{i}.com"))
        .collect();
    let idn: Vec<String> = (0..1000).map(|i| format!("info{i}@شرکت.ایران")).collect();
    let ids: Vec<String> = (0..1000).map(|i| format!("049937{i:04}")).collect();
    let n = 1_000_000;
    measure("mobile, Latin digits", n, |i| {
        phone::normalise(&latin[i % 1000], &here)
    });
    measure("mobile, Persian digits", n, |i| {
        phone::normalise(&persian[i % 1000], &here)
    });
    measure("+E.164 of the world", n, |i| {
        phone::normalise(&world[i % 1000], &here)
    });
    measure("German national form", 20_000, |i| {
        phone::normalise(&german[i % 1000], &abroad)
    });
    measure("e-mail", n, |i| email::normalise(&mails[i % 1000]));
    measure("e-mail, international domain", 200_000, |i| {
        email::normalise(&idn[i % 1000])
    });
    measure("national id", n, |i| national::national_id(&ids[i % 1000]));
    measure("Sheba", n, |_| {
        bank::sheba(black_box("IR82 0540 1026 8002 0817 9090 02"))
    });
    let letter =
        "با خانم احمدی (۰۹۱۲ ۳۴۵ ۶۷۸۹، sara@example.com) تماس بگیرید؛ کد ملی 0499370899. ".repeat(10);
    let start = Instant::now();
    let rounds = 2_000;
    for _ in 0..rounds {
        black_box(detect(black_box(&letter)));
    }
    let bytes = (letter.len() * rounds) as f64 / start.elapsed().as_secs_f64();
    println!("{:<32} {:>14.1} MB/s", "detect in running text", bytes / 1e6);
}
