//! Amounts in words, as invoices and cheques want them («مبلغ به حروف»).

use crate::currency::{Currency, RialUnit};
use crate::language::Language;
use crate::money::Money;
use crate::words::{self, Thousand};

/// The amount in words with its unit: «دوازده میلیون و پانصد هزار ریال», "twelve dollars and fifty cents". A lone
/// thousand is written «یک هزار», so that nothing can be put in front of it. `unit` matters for the current rial
/// only; rials that do not fill a toman are named after it.
///
/// ```
/// use peyvand_numbers::{Language, money::{Currency, Money, RialUnit, in_words}};
/// let m = Money::new(12_500_000, Currency::IRR);
/// assert_eq!(in_words(&m, Language::Fa, RialUnit::Rial), "دوازده میلیون و پانصد هزار ریال");
/// assert_eq!(in_words(&m, Language::Fa, RialUnit::Toman), "یک میلیون و دویست و پنجاه هزار تومان");
/// let d = Money::new(1250, Currency::USD);
/// assert_eq!(in_words(&d, Language::En, RialUnit::Rial), "twelve dollars and fifty cents");
/// assert_eq!(in_words(&d, Language::Fa, RialUnit::Rial), "دوازده دلار و پنجاه سنت");
/// ```
#[must_use]
pub fn in_words(money: &Money, language: Language, unit: RialUnit) -> String {
    let minor = i128::from(money.minor);
    let abs = minor.abs();
    let body = if money.currency == Currency::IRR && unit == RialUnit::Toman {
        let (fa, en) = (["تومان", "ریال"], [["toman", "tomans"], ["rial", "rials"]]);
        two_units(abs / 10, abs % 10, language, fa, en)
    } else {
        with_minor(money.currency, abs, language)
    };
    match (minor < 0, language) {
        (false, _) => body,
        (true, Language::Fa) => format!("منفی {body}"),
        (true, Language::En) => format!("minus {body}"),
    }
}

fn number(n: i128, language: Language) -> String {
    match language {
        Language::Fa => words::fa_with(n, Thousand::Counted),
        Language::En => words::en(n),
    }
}

/// So many of a large and so many of a small unit; what is zero is left out, unless both are.
fn two_units(large: i128, small: i128, language: Language, fa: [&str; 2], en: [[&str; 2]; 2]) -> String {
    let one = |n: i128, i: usize| {
        let name = match language {
            Language::Fa => fa.get(i).copied(),
            Language::En => en
                .get(i)
                .and_then(|names| names.get(usize::from(n != 1)))
                .copied(),
        };
        format!("{} {}", number(n, language), name.unwrap_or(""))
    };
    match (large, small) {
        (n, 0) => one(n, 0),
        (0, n) => one(n, 1),
        (a, b) => match language {
            Language::Fa => format!("{} و {}", one(a, 0), one(b, 1)),
            Language::En => format!("{} and {}", one(a, 0), one(b, 1)),
        },
    }
}

fn with_minor(currency: Currency, abs: i128, language: Language) -> String {
    let Some(info) = currency.info() else {
        return String::new();
    };
    let per = 10i128.pow(u32::from(currency.decimals()));
    let (large, small) = (abs / per, abs % per);
    if small == 0 || !info.fa_minor.is_empty() {
        let fa = [info.fa, info.fa_minor];
        let en = [[info.en, info.en_plural], [info.en_minor, info.en_minor_plural]];
        return two_units(large, small, language, fa, en);
    }
    // A currency whose fractions have no name in the table: «… و پنجاه صدم», "… and 50/100".
    match language {
        Language::Fa => {
            let part = match currency.decimals() {
                1 => "دهم",
                2 => "صدم",
                3 => "هزارم",
                _ => "ده‌هزارم",
            };
            format!(
                "{} و {} {part} {}",
                number(large, language),
                number(small, language),
                info.fa
            )
        }
        Language::En => format!("{} and {small}/{per} {}", number(large, language), info.en_plural),
    }
}
