//! Numbers as typed and as shown.

use peyvand_numbers::{
    Convention, Decimal, Digits, Form, Fraction, Language, NumberContext, NumberError, Style, format_number,
    parse_number,
};
use proptest::prelude::*;

const FA: NumberContext = NumberContext::new(Language::Fa);
const EN: NumberContext = NumberContext::new(Language::En);

fn d(text: &str) -> Decimal {
    text.parse().expect("a canonical decimal")
}

#[test]
fn readings_in_both_languages() {
    let both = [
        ("0", "0"),
        ("۱۲۳۴", "1234"),
        ("١٢٣٤", "1234"),
        ("１２３４", "1234"),
        ("१२३४", "1234"),
        ("۱۲٬۵۰۰٬۰۰۰", "12500000"),
        ("12,500,000", "12500000"),
        ("12 500 000", "12500000"),
        ("12\u{A0}500\u{202F}000", "12500000"),
        ("12'500'000", "12500000"),
        ("12.500.000", "12500000"),
        ("12,34,567", "1234567"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1.234.567,25", "1234567.25"),
        ("1,25", "1.25"),
        ("1.25", "1.25"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1234.567", "1234.567"),
        ("1 234.567", "1234.567"),
        ("1,234", "1234"),
        ("۱٬۲۳۴٫۵۶۷", "1234.567"),
        (".5", "0.5"),
        ("٫۵", "0.5"),
        ("-5", "-5"),
        ("−۵", "-5"),
        ("۵-", "-5"),
        ("5−", "-5"),
        ("+5", "5"),
        ("(1,250)", "-1250"),
        ("\u{200E}−۱۲۵\u{200F}", "-125"),
        ("\u{2067}۱۲۵\u{2069}", "125"),
        ("۱۲٪", "0.12"),
        ("٪۱۲", "0.12"),
        ("12.5 %", "0.125"),
        ("-50%", "-0.5"),
        ("(50%)", "-0.5"),
        ("007", "7"),
    ];
    for (text, value) in both {
        assert_eq!(parse_number(text, &FA), Ok(d(value)), "fa {text:?}");
        assert_eq!(parse_number(text, &EN), Ok(d(value)), "en {text:?}");
    }
}

#[test]
fn what_the_language_decides() {
    assert_eq!(parse_number("۲/۵", &FA), Ok(d("2.5")));
    assert_eq!(
        parse_number("2/5", &EN),
        Err(NumberError::Unexpected { found: '/' })
    );
    assert_eq!(parse_number("1.234", &EN), Ok(d("1.234")));
    let readings = [d("1.234"), d("1234")];
    assert_eq!(
        parse_number("۱.۲۳۴", &FA),
        Err(NumberError::Ambiguous { readings })
    );
    let readings = [d("-1.234"), d("-1234")];
    assert_eq!(
        parse_number("-1.234", &FA),
        Err(NumberError::Ambiguous { readings })
    );
    let german = NumberContext {
        convention: Some(Convention::Comma),
        ..EN
    };
    assert_eq!(parse_number("1.234", &german), Ok(d("1234")));
    assert_eq!(parse_number("1,234", &german), Ok(d("1.234")));
    let plain = NumberContext {
        convention: Some(Convention::Point),
        ..FA
    };
    assert_eq!(parse_number("1.234", &plain), Ok(d("1.234")));
}

#[test]
fn what_is_no_number() {
    use NumberError::*;
    let table = [
        ("", Empty),
        ("  ", Empty),
        ("\u{200F}", Empty),
        ("-", Malformed),
        ("()", Unexpected { found: ')' }),
        ("(5", Malformed),
        ("(-5)", Malformed),
        ("--5", Malformed),
        ("+-5", Malformed),
        ("5-5", Malformed),
        ("5%%", Malformed),
        ("12a", Unexpected { found: 'a' }),
        ("1e5", Unexpected { found: 'e' }),
        ("۵ ریال", Unexpected { found: 'ر' }),
        ("1,2,3", Grouping),
        ("1,23,45", Grouping),
        ("12,3456,789", Grouping),
        ("1٬234,567٬890", Grouping),
        ("1٫2٫3", Malformed),
        (",", Malformed),
    ];
    for (text, error) in table {
        assert_eq!(parse_number(text, &FA), Err(error), "{text:?}");
    }
    assert_eq!(parse_number(&"9".repeat(60), &EN), Err(TooLarge));
    assert_eq!(parse_number(&"1".repeat(4_000_000), &EN), Err(TooLarge));
    assert_eq!(parse_number("0.0000000000000000001", &EN), Err(TooPrecise));
}

#[test]
fn shown_in_both_languages() {
    let (fa, en) = (Style::new(Language::Fa), Style::new(Language::En));
    let table = [
        ("0", fa, "۰"),
        ("1234567.5", fa, "۱٬۲۳۴٬۵۶۷٫۵"),
        ("1234567.5", en, "1,234,567.5"),
        ("-1234", fa, "\u{200E}−۱٬۲۳۴"),
        ("-1234", en, "-1,234"),
        ("1234", fa.digits(Digits::Latin), "1٬234"),
        (
            "1234.5",
            Style {
                grouping: false,
                ..en
            },
            "1234.5",
        ),
        ("12.5", en.fraction(Fraction::Fixed(2)), "12.50"),
        ("12", fa.fraction(Fraction::Fixed(2)), "۱۲٫۰۰"),
        ("2.345", en.fraction(Fraction::AtMost(2)), "2.34"),
        ("0.125", fa.form(Form::Percent), "۱۲٫۵٪"),
        ("0.125", en.form(Form::Percent), "12.5%"),
        ("82437500", fa.form(Form::Short), "۸۲٫۴ میلیون"),
        ("82437500", en.form(Form::Short), "82.4M"),
        ("999", en.form(Form::Short), "999"),
        ("1000", en.form(Form::Short), "1K"),
        ("999949", en.form(Form::Short), "999.9K"),
        ("999960", en.form(Form::Short), "1M"),
        ("-1500000000", en.form(Form::Short), "-1.5B"),
        ("3200000000000", fa.form(Form::Short), "۳٫۲ تریلیون"),
        (
            "1250000",
            fa.form(Form::Short).fraction(Fraction::AtMost(2)),
            "۱٫۲۵ میلیون",
        ),
    ];
    for (number, style, shown) in table {
        assert_eq!(format_number(&d(number), &style), shown, "{number} {style:?}");
    }
}

proptest! {
    #[test]
    fn what_is_shown_is_read_again(c in -(10i128.pow(30))..10i128.pow(30), s in 0u32..9, fa: bool) {
        let language = if fa { Language::Fa } else { Language::En };
        let n = Decimal::new(c, s).unwrap();
        let shown = format_number(&n, &Style::new(language));
        prop_assert_eq!(parse_number(&shown, &NumberContext::new(language)).unwrap(), n, "{}", shown);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,80}") {
        let _ = (parse_number(&text, &FA), parse_number(&text, &EN));
    }

    #[test]
    fn no_mixture_of_digits_and_marks_panics(text in "[0-9۰-۹٠-٩०-९,./٬٫،'() %٪+−\u{200F}-]{0,60}") {
        if let Ok(n) = parse_number(&text, &EN) {
            prop_assert!(text.chars().any(|c| peyvand_numbers::digits::value(c).is_some()));
            prop_assert!(n.scale() <= 18);
        }
        let _ = parse_number(&text, &FA);
    }
}
