//! Money: arithmetic, amounts as typed and as shown, redenomination.

use peyvand_numbers::amount::{AmountContext, AmountError, ShowStyle, parse_amount, show};
use peyvand_numbers::money::{Currency, Money, MoneyError, RialUnit, Rounding, in_words, line_total};
use peyvand_numbers::redenomination::{RIAL, Redenomination};
use peyvand_numbers::{Decimal, Language};
use proptest::prelude::*;

const RIALS: AmountContext = AmountContext::rial(Language::Fa, RialUnit::Rial);
const TOMANS: AmountContext = AmountContext::rial(Language::Fa, RialUnit::Toman);

fn irr(minor: i64) -> Money {
    Money::new(minor, Currency::IRR)
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn code(c: &str) -> Currency {
    Currency::new(c).expect("a known currency")
}

#[test]
fn decimal_places_of_currencies() {
    for (c, places) in [
        ("USD", 2),
        ("EUR", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("CLP", 0),
        ("XOF", 0),
        ("ISK", 0),
        ("VND", 0),
        ("IQD", 3),
        ("KWD", 3),
        ("OMR", 3),
        ("TND", 3),
        ("CLF", 4),
        ("IRR", 0),
        ("IRN", 2),
    ] {
        assert_eq!(code(c).decimals(), places, "{c}");
    }
    assert_eq!(Currency::new("eur"), Ok(Currency::EUR));
    for bad in ["", "US", "USDT", "XYZ", "دلا"] {
        assert!(Currency::new(bad).is_err(), "{bad}");
    }
    let all: Vec<_> = Currency::all().collect();
    assert!(
        all.len() > 150 && all.windows(2).all(|w| w[0] < w[1]),
        "sorted and without doubles"
    );
    assert!(
        all.iter()
            .all(|c| !c.name(Language::Fa).is_empty() && !c.name(Language::En).is_empty())
    );
}

#[test]
fn amounts_as_typed() {
    let table = [
        ("۲۵ م ت", irr(250_000_000)),
        ("۲۵م ت", irr(250_000_000)),
        ("۲۵ م.ت", irr(250_000_000)),
        ("۵۰۰ ه ت", irr(5_000_000)),
        ("۱۰ همت", irr(100_000_000_000_000)),
        ("۲/۵ میلیون تومان", irr(25_000_000)),
        ("۲٫۵ میلیون تومن", irr(25_000_000)),
        ("دو و نیم میلیون تومان", irr(25_000_000)),
        ("۱۲٬۵۰۰٬۰۰۰ ریال", irr(12_500_000)),
        ("12,500,000", irr(12_500_000)),
        ("ریال ۱۲۵۰۰", irr(12_500)),
        ("۱.۲۵۰ ریال", irr(1_250)),
        ("۱.۲۰۰ تومان", irr(12_000)),
        ("۳ میلیارد و ۲۰۰ میلیون تومان", irr(32_000_000_000)),
        ("۳ میلیارد تومان و ۲۰۰ میلیون تومان", irr(32_000_000_000)),
        ("دوازده میلیون و پانصد هزار ریال", irr(12_500_000)),
        ("دوازده ميليون و پانصد هزار ريال", irr(12_500_000)),
        ("1.2k", irr(1_200)),
        ("1250000 ﷼", irr(1_250_000)),
        ("$1,250.50", usd(125_050)),
        ("-$5", usd(-500)),
        ("($5.25)", usd(-525)),
        ("1250 EUR", Money::new(125_000, Currency::EUR)),
        ("€ 1.250,50", Money::new(125_050, Currency::EUR)),
        ("۵۰ دلار", usd(5_000)),
        ("twelve dollars", usd(1_200)),
        ("۱۰ دینار عراق", Money::new(10_000, code("IQD"))),
        ("۱۰۰ درهم", Money::new(10_000, code("AED"))),
        ("100 yen", Money::new(100, code("JPY"))),
        ("۱۲٫۵ ریال جدید", Money::new(1_250, Currency::IRN)),
        ("۵۰ قران", Money::new(50, Currency::IRN)),
        ("- ۵۰۰ ریال", irr(-500)),
        ("۵۰۰- ریال", irr(-500)),
    ];
    for (text, money) in table {
        assert_eq!(parse_amount(text, &RIALS), Ok(money), "{text}");
    }
    assert_eq!(parse_amount("۱۲۵۰", &TOMANS), Ok(irr(12_500)));
    assert_eq!(parse_amount("۱۲۵۰ ریال", &TOMANS), Ok(irr(1_250)));
    assert_eq!(parse_amount("$5", &TOMANS), Ok(usd(500)));
    let canada = AmountContext {
        default_currency: code("CAD"),
        ..RIALS
    };
    assert_eq!(parse_amount("$5", &canada), Ok(Money::new(500, code("CAD"))));
}

#[test]
fn amounts_that_are_refused() {
    let readings = [irr(1_250_000), irr(1_250_000_000)];
    assert_eq!(
        parse_amount("۱.۲۵۰ میلیون ریال", &RIALS),
        Err(AmountError::Ambiguous { readings })
    );
    assert_eq!(parse_amount("۵ دلار یورو", &RIALS), Err(AmountError::TwoUnits));
    assert_eq!(parse_amount("", &RIALS), Err(AmountError::Empty));
    assert_eq!(parse_amount("تومان", &RIALS), Err(AmountError::Empty));
    let precise = |currency| AmountError::Money(MoneyError::TooPrecise { currency });
    assert_eq!(parse_amount("۲/۵ ریال", &RIALS), Err(precise(Currency::IRR)));
    assert_eq!(parse_amount("$1.2345", &RIALS), Err(precise(Currency::USD)));
    for (text, key) in [
        ("۵ سیب", "quantity-unknown-word"),
        ("99999999999999999999 ریال", "money-overflow"),
        ("۵ + ۶", "number-unexpected-character"),
        ("یک میلیون و دو میلیارد ریال", "quantity-order"),
    ] {
        assert_eq!(
            parse_amount(text, &RIALS).map_err(|e| e.code()),
            Err(key),
            "{text}"
        );
    }
}

#[test]
fn shown_with_the_unit_always() {
    let fa = |unit| ShowStyle::new(Language::Fa, unit);
    let en = |unit| ShowStyle::new(Language::En, unit);
    let table = [
        (irr(12_500_000), fa(RialUnit::Rial), "۱۲٬۵۰۰٬۰۰۰ ریال"),
        (irr(12_500_000), fa(RialUnit::Toman), "۱٬۲۵۰٬۰۰۰ تومان"),
        (irr(125), fa(RialUnit::Toman), "۱۲٫۵ تومان"),
        (irr(12_500_000), en(RialUnit::Rial), "12,500,000 rials"),
        (irr(10), en(RialUnit::Toman), "1 toman"),
        (irr(824_000_000), fa(RialUnit::Rial).short(), "۸۲۴ میلیون ریال"),
        (irr(824_000_000), fa(RialUnit::Toman).short(), "۸۲٫۴ میلیون تومان"),
        (usd(125_050), en(RialUnit::Rial), "1,250.50 USD"),
        (usd(125_050), fa(RialUnit::Toman), "۱٬۲۵۰٫۵۰ دلار"),
        (
            Money::new(1_250, Currency::IRN),
            fa(RialUnit::Toman),
            "۱۲٫۵۰ ریال جدید",
        ),
        (Money::new(500, code("JPY")), en(RialUnit::Rial), "500 JPY"),
    ];
    for (money, style, shown) in table {
        assert_eq!(show(&money, &style), shown);
    }
}

#[test]
fn in_words_in_both_languages() {
    let fa = |m, unit| in_words(&m, Language::Fa, unit);
    let en = |m, unit| in_words(&m, Language::En, unit);
    assert_eq!(
        fa(irr(12_500_000), RialUnit::Rial),
        "دوازده میلیون و پانصد هزار ریال"
    );
    assert_eq!(fa(irr(10_000), RialUnit::Toman), "یک هزار تومان");
    assert_eq!(fa(irr(125), RialUnit::Toman), "دوازده تومان و پنج ریال");
    assert_eq!(fa(irr(5), RialUnit::Toman), "پنج ریال");
    assert_eq!(fa(irr(0), RialUnit::Toman), "صفر تومان");
    assert_eq!(fa(irr(-30), RialUnit::Rial), "منفی سی ریال");
    assert_eq!(
        en(irr(12_500_000), RialUnit::Rial),
        "twelve million five hundred thousand rials"
    );
    assert_eq!(en(usd(101), RialUnit::Rial), "one dollar and one cent");
    assert_eq!(en(usd(50), RialUnit::Rial), "fifty cents");
    assert_eq!(
        fa(Money::new(1_250, Currency::IRN), RialUnit::Rial),
        "دوازده ریال جدید و پنجاه قِران"
    );
    assert_eq!(
        fa(Money::new(1_250, code("THB")), RialUnit::Rial),
        "دوازده و پنجاه صدم بات تایلند"
    );
    assert_eq!(
        en(Money::new(1_250, code("THB")), RialUnit::Rial),
        "twelve and 50/100 Thai baht"
    );
}

#[test]
fn arithmetic_is_checked() {
    assert_eq!(irr(5).checked_add(irr(6)), Ok(irr(11)));
    assert_eq!(irr(i64::MAX).checked_add(irr(1)), Err(MoneyError::Overflow));
    assert_eq!(irr(i64::MIN).checked_neg(), Err(MoneyError::Overflow));
    assert!(matches!(
        irr(5).checked_sub(usd(5)),
        Err(MoneyError::CurrencyMismatch { .. })
    ));
    // price × quantity goes beyond 64 bits on the way
    let price: Decimal = "1234567890123.456789".parse().unwrap();
    let total = line_total(
        price,
        "1000000.000001".parse().unwrap(),
        Currency::IRR,
        Rounding::HalfUp,
    )
    .unwrap();
    assert_eq!(total.minor, 1_234_567_890_124_691_357);
    assert_eq!(
        line_total(price, 10_000_000.into(), Currency::IRR, Rounding::HalfUp),
        Err(MoneyError::Overflow)
    );
    assert_eq!(
        usd(1_005).checked_mul("0.5".parse().unwrap(), Rounding::HalfEven),
        Ok(usd(502))
    );
    let rate: Decimal = "1080500".parse().unwrap();
    assert_eq!(
        usd(150).convert(rate, Currency::IRR, Rounding::HalfUp),
        Ok(irr(1_620_750))
    );
}

#[test]
fn redenomination() {
    assert_eq!(
        RIAL.convert(irr(10_000), Rounding::HalfEven),
        Ok(Money::new(100, Currency::IRN))
    );
    assert_eq!(
        RIAL.convert(irr(149), Rounding::HalfEven),
        Ok(Money::new(1, Currency::IRN))
    );
    assert_eq!(
        RIAL.convert(Money::new(1, Currency::IRN), Rounding::HalfEven),
        Ok(irr(100))
    );
    assert!(RIAL.convert(usd(5), Rounding::HalfEven).is_err());
    assert_eq!(RIAL.currency_on(30_000), Currency::IRR);
    let dated = Redenomination {
        effective_day: Some(21_000),
        ..RIAL
    };
    assert_eq!(dated.currency_on(20_999), Currency::IRR);
    assert_eq!(dated.currency_on(21_000), Currency::IRN);
}

proptest! {
    #[test]
    fn allocation_adds_up(minor: i64, shares in prop::collection::vec(0u32..1000, 1..20)) {
        prop_assume!(shares.iter().any(|&s| s > 0));
        let parts = irr(minor).allocate(&shares).unwrap();
        prop_assert_eq!(parts.iter().map(|p| i128::from(p.minor)).sum::<i128>(), i128::from(minor));
        let whole: i128 = shares.iter().map(|&s| i128::from(s)).sum();
        for (part, share) in parts.iter().zip(&shares) {
            let fair = i128::from(minor) * i128::from(*share) / whole;
            prop_assert!((i128::from(part.minor) - fair).abs() <= 1);
        }
    }

    #[test]
    fn what_is_shown_is_read_again(minor in -(10i64.pow(15))..10i64.pow(15), toman: bool, fa: bool) {
        let unit = if toman { RialUnit::Toman } else { RialUnit::Rial };
        let language = if fa { Language::Fa } else { Language::En };
        let context = AmountContext { language, ..RIALS };
        for money in [irr(minor), usd(minor), Money::new(minor, Currency::IRN)] {
            let shown = show(&money, &ShowStyle::new(language, unit));
            prop_assert_eq!(parse_amount(&shown, &context), Ok(money), "{}", shown);
        }
    }

    #[test]
    fn rials_in_words_are_read_again(minor in -(10i64.pow(17))..10i64.pow(17), fa: bool) {
        let language = if fa { Language::Fa } else { Language::En };
        let context = AmountContext { language, ..RIALS };
        let text = in_words(&irr(minor), language, RialUnit::Rial);
        prop_assert_eq!(parse_amount(&text, &context), Ok(irr(minor)), "{}", text);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,120}") {
        let _ = parse_amount(&text, &RIALS);
    }

    #[test]
    fn no_mixture_of_words_panics(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "میلیون", "هزار", "نیم", "و", "ت", "م", "تومان", "همت", "۱۲", "۳.۵۰۰", "-", "(", ")", "صد", "سه",
                "میلیارد", "$", "usd", "منفی", "k", "hundred", "٪", "\u{202E}",
            ]),
            0..30,
        ),
        glue: bool,
    ) {
        let _ = parse_amount(&words.join(if glue { "" } else { " " }), &TOMANS);
    }
}

#[test]
fn large_input_is_refused_at_once() {
    for unit in [
        "۱",
        "میلیون ",
        "ت",
        "\u{301}",
        "\u{202E}",
        " ",
        "(",
        "-",
        "०",
        "ۀ",
        "$ ",
    ] {
        let text = unit.repeat(4_000_000 / unit.len());
        assert!(parse_amount(&text, &RIALS).is_err(), "{unit:?}");
    }
}
