//! Amounts of money as people type and read them, always with the unit.
//!
//! Typed: «۲۵ م ت» (25 million tomans), «۵۰۰ ه ت», «۲/۵ میلیون تومان», «۱۲٬۵۰۰٬۰۰۰ ریال», «۱۰ همت» (thousand billion
//! tomans), «۳ میلیارد و ۲۰۰ میلیون», «دوازده میلیون و پانصد هزار ریال», "1.2k", "$1,250.50", "1250 EUR", "(250)".
//! What names no unit is in the default unit of the context.

use std::ops::Range;

use crate::currency::{Currency, RialUnit};
use crate::decimal::Decimal;
use crate::find;
use crate::format::{Form, Fraction, Style, format_number};
use crate::language::Language;
use crate::money::{Money, MoneyError};
use crate::parse::{Convention, NumberContext, NumberError, language_of};
use crate::quantity::{self, QuantityError, Token};

/// What is known about the one who typed the amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AmountContext {
    /// The currency of amounts that name none.
    pub default_currency: Currency,
    /// Rial or toman, for amounts in the current rial that name neither.
    pub default_unit: RialUnit,
    /// The language of the typist.
    pub language: Language,
}

impl AmountContext {
    /// Amounts in rials, or in the unit given.
    #[must_use]
    pub const fn rial(language: Language, default_unit: RialUnit) -> Self {
        Self {
            default_currency: Currency::IRR,
            default_unit,
            language,
        }
    }
}

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nothing was typed, or a unit only.
    #[error("no amount given")]
    Empty,
    /// The number in it could not be read.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// It does not fit in money, or has more decimal places than the currency.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// It names two units.
    #[error("two currencies in one amount")]
    TwoUnits,
    /// A number may be read in two ways.
    #[error("two readings")]
    Ambiguous {
        /// The amounts, with the separator as a decimal point and as a separator of thousands. A reading that the
        /// currency cannot hold is not listed among them.
        readings: [Money; 2],
    },
}

impl AmountError {
    /// The stable key of the message.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "amount-empty",
            Self::Quantity(e) => e.code(),
            Self::Money(e) => e.code(),
            Self::TwoUnits => "amount-two-units",
            Self::Ambiguous { .. } => "amount-ambiguous",
        }
    }
}

/// A unit as typed: a currency, and how many of its main units it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unit {
    currency: Currency,
    factor: Decimal,
}

/// Reads an amount; see [this module](self) for what is understood.
///
/// ```
/// use peyvand_numbers::{Language, amount::{AmountContext, parse_amount}, money::{Currency, Money, RialUnit}};
/// let fa = AmountContext::rial(Language::Fa, RialUnit::Rial);
/// assert_eq!(parse_amount("۲۵ م ت", &fa), Ok(Money::new(250_000_000, Currency::IRR)));
/// assert_eq!(parse_amount("۲/۵ میلیون تومان", &fa), Ok(Money::new(25_000_000, Currency::IRR)));
/// assert_eq!(parse_amount("$1,250.50", &fa), Ok(Money::new(125_050, Currency::USD)));
/// let en = AmountContext::rial(Language::En, RialUnit::Rial);
/// assert_eq!(parse_amount("۲/۵ میلیون تومان", &en), Ok(Money::new(25_000_000, Currency::IRR)));
/// ```
pub fn parse_amount(text: &str, context: &AmountContext) -> Result<Money, AmountError> {
    let context = &AmountContext {
        language: language_of(text, context.language),
        ..*context
    };
    let tokens = quantity::tokens(text)?;
    let (tokens, unit) = split_unit(&tokens, *context)?;
    let (tokens, negative) = split_sign(tokens);
    if tokens.is_empty() {
        return Err(AmountError::Empty);
    }
    let unit = unit.unwrap_or_else(|| Unit {
        currency: context.default_currency,
        factor: if context.default_currency == Currency::IRR && context.default_unit == RialUnit::Toman {
            Decimal::from(10)
        } else {
            Decimal::ONE
        },
    });
    let read = |convention: Option<Convention>| -> Result<Money, AmountError> {
        let numbers = NumberContext {
            language: context.language,
            convention,
        };
        let n = quantity::read(&tokens, numbers)?;
        let n = if negative {
            n.checked_neg().ok_or(MoneyError::Overflow)?
        } else {
            n
        };
        let n = n.checked_mul(unit.factor).ok_or(MoneyError::Overflow)?;
        Ok(Money::from_decimal(n, unit.currency)?)
    };
    match read(None) {
        Err(AmountError::Quantity(QuantityError::Number(e @ NumberError::Ambiguous { .. }))) => {
            // The currency may leave only one reading: nobody types fractions of a rial or a toman, so «۱.۲۵۰ تومان»
            // groups; with a scale behind it («۱.۲۵۰ میلیون») both readings stand.
            if unit.currency == Currency::IRR && !tokens.iter().any(quantity::is_scale) {
                return read(Some(Convention::Comma));
            }
            match (read(Some(Convention::Point)), read(Some(Convention::Comma))) {
                (Ok(a), Ok(b)) if a == b => Ok(a),
                (Ok(a), Ok(b)) => Err(AmountError::Ambiguous { readings: [a, b] }),
                (Ok(m), Err(_)) | (Err(_), Ok(m)) => Ok(m),
                (Err(_), Err(_)) => Err(QuantityError::Number(e).into()),
            }
        }
        other => other,
    }
}

/// Takes parentheses and a trailing minus from the tokens; the leading minus is read with the number.
fn split_sign(mut tokens: Vec<Token>) -> (Vec<Token>, bool) {
    if tokens.first() == Some(&Token::Sign('(')) && tokens.last() == Some(&Token::Sign(')')) {
        tokens.pop();
        tokens.remove(0);
        return (tokens, true);
    }
    if tokens.len() > 1 && tokens.last() == Some(&Token::Minus) && tokens.first() != Some(&Token::Minus) {
        tokens.pop();
        return (tokens, true);
    }
    (tokens, false)
}

/// The amounts of a running text that name their unit, where they stand.
///
/// ```
/// use peyvand_numbers::{Currency, Language, Money, RialUnit, amount::{AmountContext, find_amounts}};
/// let context = AmountContext::rial(Language::Fa, RialUnit::Rial);
/// let text = "پیش‌پرداخت ۲/۵ میلیون تومان بود، مانده $1,250.50؛ ۳ نفر آمدند.";
/// let found: Vec<_> = find_amounts(text, &context).into_iter().map(|(_, amount)| amount).collect();
/// assert_eq!(found, [Money::new(25_000_000, Currency::IRR), Money::new(125_050, Currency::USD)]);
/// ```
#[must_use]
pub fn find_amounts(text: &str, context: &AmountContext) -> Vec<(Range<usize>, Money)> {
    // What names no unit is read differently where another currency is the usual one.
    let other = AmountContext {
        default_currency: if context.default_currency == Currency::IRR {
            Currency::USD
        } else {
            Currency::IRR
        },
        ..*context
    };
    find(text, LONGEST_AMOUNT, |words| {
        let amount = parse_amount(words, context).ok()?;
        (parse_amount(words, &other) == Ok(amount)).then_some(amount)
    })
}

/// Words of the longest amount looked for in a text: «یک میلیارد و دویست و پنجاه میلیون و سیصد هزار ریال».
const LONGEST_AMOUNT: usize = 12;

/// Takes the unit from the tokens, wherever it stands.
fn split_unit(tokens: &[Token], context: AmountContext) -> Result<(Vec<Token>, Option<Unit>), AmountError> {
    let mut rest = Vec::with_capacity(tokens.len());
    let mut unit: Option<Unit> = None;
    let mut i = 0;
    while let Some(token) = tokens.get(i) {
        // «م.ت»
        if *token == Token::Sign('.') {
            i += 1;
            continue;
        }
        let after_number = rest
            .last()
            .is_some_and(|t| matches!(t, Token::Digits(_) | Token::Word(_)));
        if let Some((found, used, scale)) = unit_at(tokens.get(i..).unwrap_or(&[]), after_number, context) {
            // «سه میلیارد تومان و دویست میلیون تومان» names the same unit twice.
            if unit.is_some_and(|u| u != found) {
                return Err(AmountError::TwoUnits);
            }
            unit = Some(found);
            rest.extend(scale.into_iter().map(|s: &str| Token::Word(s.to_owned())));
            i += used;
        } else {
            rest.push(token.clone());
            i += 1;
        }
    }
    Ok((rest, unit))
}

/// The unit at the head of the tokens, how many tokens it takes, and the scales that are part of it.
fn unit_at(
    tokens: &[Token],
    after_number: bool,
    context: AmountContext,
) -> Option<(Unit, usize, Vec<&'static str>)> {
    let rials = |n: i64| Unit {
        currency: Currency::IRR,
        factor: Decimal::from(n),
    };
    let plain = |currency| Unit {
        currency,
        factor: Decimal::ONE,
    };
    let word = |i: usize| match tokens.get(i) {
        Some(Token::Word(w)) => Some(w.as_str()),
        _ => None,
    };
    match tokens.first()? {
        Token::Sign('﷼') => Some((plain(Currency::IRR), 1, vec![])),
        Token::Sign('$') => {
            // A dollar sign is that of the workspace, when it keeps its books in some dollar.
            let own = context.default_currency;
            let dollar = own.info().is_some_and(|i| i.en.ends_with("dollar"));
            Some((plain(if dollar { own } else { Currency::USD }), 1, vec![]))
        }
        Token::Sign(c) => {
            let mut buffer = [0; 4];
            let symbol: &str = c.encode_utf8(&mut buffer);
            let currency = Currency::all().find(|c| c.symbol() == Some(symbol))?;
            Some((plain(currency), 1, vec![]))
        }
        Token::Word(w) => {
            let glued = match w.as_str() {
                "تومان" | "تومن" | "تومانی" | "تومنی" | "تومانها" | "toman" | "tomans" | "irt" => {
                    Some((rials(10), 1, vec![]))
                }
                // Abbreviations count only behind a number, where they cannot be words.
                "ت" if after_number => Some((rials(10), 1, vec![])),
                "مت" if after_number => Some((rials(10), 1, vec!["میلیون"])),
                "هت" if after_number => Some((rials(10), 1, vec!["هزار"])),
                "همت" if after_number => Some((rials(10), 1, vec!["هزار", "میلیارد"])),
                "ر" if after_number => Some((plain(Currency::IRR), 1, vec![])),
                "ریال" if word(1) == Some("جدید") => Some((plain(Currency::IRN), 2, vec![])),
                "new" if matches!(word(1), Some("rial" | "rials")) => Some((plain(Currency::IRN), 2, vec![])),
                "قران" | "qeran" => Some((
                    Unit {
                        currency: Currency::IRN,
                        factor: Decimal::new(1, 2).ok()?,
                    },
                    1,
                    vec![],
                )),
                _ => None,
            };
            glued.or_else(|| named(tokens)).or_else(|| {
                // Three letters are a code, unless they are a number word ("six", "ten", "and").
                let code = w.len() == 3 && w.is_ascii() && !quantity::is_number_word(w);
                let currency = code.then(|| Currency::new(w).ok())??;
                Some((plain(currency), 1, vec![]))
            })
        }
        Token::Digits(_) | Token::Minus => None,
    }
}

/// The longest name of a currency at the head of the tokens: «دینار عراق», «ریال».
fn named(tokens: &[Token]) -> Option<(Unit, usize, Vec<&'static str>)> {
    let Some(Token::Word(first)) = tokens.first() else {
        return None;
    };
    let mut best: Option<(Currency, usize)> = None;
    for currency in Currency::all() {
        for name in currency.info().map(|i| i.typed.as_slice()).unwrap_or_default() {
            if !name.starts_with(first.as_str()) {
                continue;
            }
            let words = name.split(' ').count();
            let same = name
                .split(' ')
                .enumerate()
                .all(|(i, part)| matches!(tokens.get(i), Some(Token::Word(w)) if w == part));
            if same && best.is_none_or(|(_, n)| words > n) {
                best = Some((currency, words));
            }
        }
    }
    best.map(|(currency, n)| {
        (
            Unit {
                currency,
                factor: Decimal::ONE,
            },
            n,
            vec![],
        )
    })
}

/// How an amount is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShowStyle {
    /// Language, digits and grouping of the number, and whether it is short («۸۲٫۴ میلیون»).
    pub number: Style,
    /// Rial or toman, for amounts in the current rial.
    pub unit: RialUnit,
}

impl ShowStyle {
    /// All digits, in the unit given.
    #[must_use]
    pub const fn new(language: Language, unit: RialUnit) -> Self {
        Self {
            number: Style::new(language),
            unit,
        }
    }

    /// The same in the short form, for lists and charts.
    #[must_use]
    pub const fn short(mut self) -> Self {
        self.number.form = Form::Short;
        self
    }
}

/// Shows an amount with its unit, which is always written: a factor of ten between rial and toman must not hang on
/// what a reader takes for granted. Iranian units are named («ریال», "rials"), others by name in Persian and by code
/// in English. Decimal places are those of the currency in the full form.
///
/// ```
/// use peyvand_numbers::{Language, amount::{ShowStyle, show}, money::{Currency, Money, RialUnit}};
/// let m = Money::new(824_000_000, Currency::IRR);
/// assert_eq!(show(&m, &ShowStyle::new(Language::Fa, RialUnit::Rial)), "۸۲۴٬۰۰۰٬۰۰۰ ریال");
/// assert_eq!(show(&m, &ShowStyle::new(Language::Fa, RialUnit::Toman).short()), "۸۲٫۴ میلیون تومان");
/// let d = Money::new(125_050, Currency::USD);
/// assert_eq!(show(&d, &ShowStyle::new(Language::En, RialUnit::Rial)), "1,250.50 USD");
/// ```
#[must_use]
pub fn show(money: &Money, style: &ShowStyle) -> String {
    let toman = money.currency == Currency::IRR && style.unit == RialUnit::Toman;
    let mut number = style.number;
    let mut amount = money.to_decimal();
    if toman {
        amount = Decimal::new(i128::from(money.minor), 1).unwrap_or_default();
    } else if number.form == Form::Full && number.fraction == Fraction::Natural {
        number.fraction = Fraction::Fixed(money.currency.decimals());
    }
    let digits = format_number(&amount, &number);
    let one = amount == Decimal::ONE;
    let unit = match (number.language, money.currency) {
        (Language::Fa, _) if toman => "تومان",
        (Language::En, _) if toman => {
            if one {
                "toman"
            } else {
                "tomans"
            }
        }
        (Language::Fa, c) => c.name(Language::Fa),
        (Language::En, c @ (Currency::IRR | Currency::IRN)) => match c.info() {
            Some(i) if one => i.en,
            Some(i) => i.en_plural,
            None => "",
        },
        (Language::En, c) => return format!("{digits} {c}"),
    };
    format!("{digits} {unit}")
}
