//! Numbers in words and back.

use peyvand_numbers::quantity::{self, QuantityError};
use peyvand_numbers::{Language, words};
use proptest::prelude::*;

#[test]
fn cardinals() {
    let table: [(i128, &str, &str); 14] = [
        (0, "صفر", "zero"),
        (7, "هفت", "seven"),
        (19, "نوزده", "nineteen"),
        (20, "بیست", "twenty"),
        (21, "بیست و یک", "twenty-one"),
        (100, "صد", "one hundred"),
        (443, "چهارصد و چهل و سه", "four hundred forty-three"),
        (1000, "هزار", "one thousand"),
        (1405, "هزار و چهارصد و پنج", "one thousand four hundred five"),
        (
            500_443,
            "پانصد هزار و چهارصد و چهل و سه",
            "five hundred thousand four hundred forty-three",
        ),
        (30_000_000_000, "سی میلیارد", "thirty billion"),
        (-12, "منفی دوازده", "minus twelve"),
        (
            502_375_902_532_527,
            "پانصد و دو تریلیون و سیصد و هفتاد و پنج میلیارد و نهصد و دو میلیون و پانصد و سی و دو هزار و پانصد و بیست و هفت",
            "five hundred two trillion three hundred seventy-five billion nine hundred two million five hundred \
             thirty-two thousand five hundred twenty-seven",
        ),
        (1_000_000_000_000_000_000_000, "یک سکستیلیون", "one sextillion"),
    ];
    for (n, fa, en) in table {
        assert_eq!(words::fa(n), fa);
        assert_eq!(words::en(n), en);
    }
    assert_eq!(
        words::fa_with(1_001_000, words::Thousand::Counted),
        "یک میلیون و یک هزار"
    );
    assert!(words::fa(i128::MIN).starts_with("منفی صد و هفتاد آندسیلیون"));
}

#[test]
fn ordinals() {
    let table: [(i128, &str, &str, &str); 11] = [
        (1, "یکم", "first", "1st"),
        (2, "دوم", "second", "2nd"),
        (3, "سوم", "third", "3rd"),
        (10, "دهم", "tenth", "10th"),
        (12, "دوازدهم", "twelfth", "12th"),
        (30, "سی‌اُم", "thirtieth", "30th"),
        (-30, "منفی سی‌اُم", "minus thirtieth", "-30th"),
        (33, "سی و سوم", "thirty-third", "33rd"),
        (111, "صد و یازدهم", "one hundred eleventh", "111th"),
        (1000, "هزارم", "one thousandth", "1000th"),
        (122, "صد و بیست و دوم", "one hundred twenty-second", "122nd"),
    ];
    for (n, fa, en, digits) in table {
        assert_eq!(words::ordinal(n, Language::Fa), fa);
        assert_eq!(words::ordinal(n, Language::En), en);
        assert_eq!(words::ordinal_digits_en(n), digits);
    }
}

#[test]
fn quantities_as_people_write_them() {
    let fa = [
        ("چهار صد و چهل و سه", "443"),
        ("پانصد هزار و چهار صد و چهل و سه", "500443"),
        ("هزار و چهارصد و پنج", "1405"),
        ("يك ميليون", "1000000"),
        ("دو و نیم میلیون", "2500000"),
        ("دو میلیون و نیم", "2500000"),
        ("نیم میلیون", "500000"),
        ("۲ و نیم میلیارد", "2500000000"),
        ("۳ میلیارد و ۲۰۰ میلیون", "3200000000"),
        ("سه هزار میلیارد", "3000000000000"),
        ("دوازده هزار و پانصد میلیارد", "12500000000000"),
        ("۲/۵ میلیون", "2500000"),
        ("۵۰۰هزار", "500000"),
        ("منفی سی", "-30"),
        ("هیجده ملیون", "18000000"),
        ("سی‌هزار", "30000"),
    ];
    for (text, value) in fa {
        assert_eq!(
            quantity::parse(text, Language::Fa)
                .map(|d| d.to_string())
                .as_deref(),
            Ok(value),
            "{text}"
        );
    }
    let en = [
        ("1.2k", "1200"),
        ("2.5 million", "2500000"),
        ("half a million", "500000"),
        ("three billion and two hundred million", "3200000000"),
        ("Twenty-One", "21"),
        ("two hundred and fifty", "250"),
        ("minus five", "-5"),
    ];
    for (text, value) in en {
        assert_eq!(
            quantity::parse(text, Language::En)
                .map(|d| d.to_string())
                .as_deref(),
            Ok(value),
            "{text}"
        );
    }
}

#[test]
fn words_that_make_no_number() {
    for text in [
        "پنج شش",
        "بیست سی",
        "یک میلیون و دو میلیارد",
        "پنج هزار هزار",
        "سیصد و چهارصد",
        "بیست و دوازده",
    ] {
        assert_eq!(words::parse_fa(text), Err(QuantityError::Order), "{text}");
    }
    for text in [
        "five six",
        "twenty thirty",
        "one million two billion",
        "five hundred hundred",
    ] {
        assert_eq!(words::parse_en(text), Err(QuantityError::Order), "{text}");
    }
    assert_eq!(
        words::parse_fa("سلام"),
        Err(QuantityError::UnknownWord {
            word: "سلام".into()
        })
    );
    assert_eq!(words::parse_fa(""), Err(QuantityError::Empty));
    assert_eq!(words::parse_fa("و و"), Err(QuantityError::Empty));
    assert_eq!(words::parse_fa("دو و نیم"), Err(QuantityError::NotWhole));
}

proptest! {
    #[test]
    fn fa_words_are_read_again(n in -(10i128.pow(22))..10i128.pow(22)) {
        prop_assert_eq!(words::parse_fa(&words::fa(n)), Ok(n));
        prop_assert_eq!(words::parse_fa(&words::fa_with(n, words::Thousand::Counted)), Ok(n));
    }

    #[test]
    fn en_words_are_read_again(n in -(10i128.pow(22))..10i128.pow(22)) {
        prop_assert_eq!(words::parse_en(&words::en(n)), Ok(n));
    }

    #[test]
    fn small_numbers_too(n in -20_000i128..20_000) {
        prop_assert_eq!(words::parse_fa(&words::fa(n)), Ok(n));
        prop_assert_eq!(words::parse_en(&words::en(n)), Ok(n));
    }
}
