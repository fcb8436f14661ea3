//! Quantities in words, digits, or both: «۳ میلیارد و ۲۰۰ میلیون», «دو و نیم میلیون», "1.2k", "half a million".
//!
//! A quantity is a sum of terms, each a number below a thousand (in digits or words) with an optional scale. Within
//! a term words go from hundreds to ones; terms go from large to small; «هزار» may stand in front of a larger scale
//! («سه هزار میلیارد»). «نیم» adds one half of what stands before it: «دو و نیم میلیون» and «دو میلیون و نیم» are
//! both 2,500,000.

use crate::decimal::{Decimal, pow10};
use crate::language::Language;
use crate::parse::{NumberContext, NumberError, is_invisible, is_minus, language_of, parse_number};
use crate::{digits, words};

/// Why words are not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Nothing was given.
    #[error("no number given")]
    Empty,
    /// A word that is no number.
    #[error("{word:?} is not a number")]
    UnknownWord {
        /// The word, cut to 40 characters.
        word: String,
    },
    /// Number words in an order that means nothing («هزار میلیون و دو میلیارد»).
    #[error("the words do not make a number")]
    Order,
    /// Digits that are no number.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// More digits than a [`Decimal`] holds.
    #[error("the number is too large")]
    TooLarge,
    /// A whole number was wanted.
    #[error("not a whole number")]
    NotWhole,
}

impl QuantityError {
    /// The stable key of the message.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "quantity-empty",
            Self::UnknownWord { .. } => "quantity-unknown-word",
            Self::Order => "quantity-order",
            Self::Number(e) => e.code(),
            Self::TooLarge => "quantity-too-large",
            Self::NotWhole => "quantity-not-whole",
        }
    }
}

/// A piece of a typed quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// Digits with their separators, as typed.
    Digits(String),
    /// A word in lower case, letters only.
    Word(String),
    /// A currency or percent sign, or any other single character.
    Sign(char),
    /// A minus sign or an opening parenthesis in front.
    Minus,
}

/// More tokens than any quantity has: the longest number in words has about 90.
const MOST_TOKENS: usize = 160;
/// The longest word of the vocabulary has 12 letters.
const LONGEST_WORD: usize = 40;

/// Splits a text into digits, words and signs in one pass. Groups of digits that are separated by single spaces
/// and have three digits are one number («۱ ۲۵۰ ۰۰۰»).
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, QuantityError> {
    let mut out: Vec<Token> = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut gap = false;
    while let Some(&(_, c)) = chars.peek() {
        if out.len() > MOST_TOKENS {
            return Err(QuantityError::TooLarge);
        }
        if c.is_whitespace() || is_invisible(c) || matches!(c, 'ـ' | '\u{200C}') {
            gap = true;
            chars.next();
        } else if digits::value(c).is_some() || starts_fraction(c, &mut chars.clone()) {
            let mut run = String::new();
            while let Some(&(_, c)) = chars.peek() {
                let part = match digits::value(c) {
                    Some(d) => char::from(b'0' + d),
                    None if matches!(c, ',' | '.' | '/' | '٬' | '٫' | '،' | '\'' | '\u{2019}' | '_') => c,
                    None if is_invisible(c) && c != '\u{200C}' => {
                        chars.next();
                        continue;
                    }
                    None => break,
                };
                run.push(part);
                chars.next();
                if run.len() > 256 {
                    return Err(NumberError::TooLarge.into());
                }
            }
            // «۲۵۰۰.» and "2,500," at the end of a sentence
            while run.ends_with(['.', ',', '،', '/']) {
                run.pop();
            }
            let three = run.len() == 3 && run.bytes().all(|b| b.is_ascii_digit());
            match out.last_mut() {
                Some(Token::Digits(previous)) if gap && three => {
                    previous.push(' ');
                    previous.push_str(&run);
                }
                _ => out.push(Token::Digits(run)),
            }
            gap = false;
        } else if c.is_alphabetic() {
            let mut word = String::new();
            let mut letters = 0;
            while let Some(&(_, c)) = chars.peek() {
                if !is_letter(c) || digits::value(c).is_some() {
                    break;
                }
                letters += 1;
                if letters > LONGEST_WORD {
                    return Err(QuantityError::UnknownWord { word });
                }
                match c {
                    'ي' | 'ى' => word.push('ی'),
                    'ك' => word.push('ک'),
                    // Vowel marks: «اُم», «تومانً»
                    '\u{64B}'..='\u{65F}' | '\u{670}' => {}
                    c => word.extend(c.to_lowercase()),
                }
                chars.next();
            }
            out.push(Token::Word(word));
            gap = false;
        } else {
            out.push(if is_minus(c) { Token::Minus } else { Token::Sign(c) });
            chars.next();
            gap = false;
        }
    }
    Ok(out)
}

/// Letters and the vowel marks upon them.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '\u{64B}'..='\u{65F}' | '\u{670}')
}

/// «.5» begins a number too.
fn starts_fraction(c: char, rest: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> bool {
    matches!(c, '.' | '٫') && {
        rest.next();
        rest.peek().is_some_and(|&(_, c)| digits::value(c).is_some())
    }
}

/// What a word says about a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// 0–19, 20…90, or in Persian 100…900.
    Small(u32),
    /// English "hundred", and the second half of «چهار صد».
    Hundred,
    /// A power of ten from 1000 up.
    Scale(u32),
    Half,
    And,
    Minus,
}

/// Spellings in use beside the standard ones.
const FA_OTHER: [(&str, Meaning); 23] = [
    ("و", Meaning::And),
    ("نیم", Meaning::Half),
    ("منفی", Meaning::Minus),
    ("صد", Meaning::Hundred),
    ("شیش", Meaning::Small(6)),
    ("پونزده", Meaning::Small(15)),
    ("شونزده", Meaning::Small(16)),
    ("هیفده", Meaning::Small(17)),
    ("هیجده", Meaning::Small(18)),
    ("هژده", Meaning::Small(18)),
    ("شصد", Meaning::Small(600)),
    ("شیشصد", Meaning::Small(600)),
    ("پونصد", Meaning::Small(500)),
    ("سیست", Meaning::Small(300)),
    ("هزارتا", Meaning::Scale(3)),
    ("ملیون", Meaning::Scale(6)),
    ("میلیونی", Meaning::Scale(6)),
    ("ملیارد", Meaning::Scale(9)),
    ("بیلیون", Meaning::Scale(9)),
    ("هزاری", Meaning::Scale(3)),
    ("م", Meaning::Scale(6)),
    ("ه", Meaning::Scale(3)),
    ("تیلیارد", Meaning::Scale(12)),
];

const EN_OTHER: [(&str, Meaning); 14] = [
    ("and", Meaning::And),
    ("half", Meaning::Half),
    ("minus", Meaning::Minus),
    ("negative", Meaning::Minus),
    ("hundred", Meaning::Hundred),
    ("a", Meaning::And),
    ("an", Meaning::And),
    ("k", Meaning::Scale(3)),
    ("m", Meaning::Scale(6)),
    ("mn", Meaning::Scale(6)),
    ("mln", Meaning::Scale(6)),
    ("b", Meaning::Scale(9)),
    ("bn", Meaning::Scale(9)),
    ("t", Meaning::Scale(12)),
];

/// The meaning of a word in either language: people mix them («۵ میلیون», "5 million", «۵ k»).
fn meaning(word: &str) -> Option<Meaning> {
    let at = |table: &[&str]| table.iter().position(|w| !w.is_empty() && *w == word);
    if word.starts_with(|c: char| c.is_ascii()) {
        return EN_OTHER
            .iter()
            .find(|(w, _)| *w == word)
            .map(|&(_, m)| m)
            .or_else(|| at(&words::EN_ONES).map(|i| Meaning::Small(i as u32)))
            .or_else(|| at(&words::EN_TENS).map(|i| Meaning::Small(i as u32 * 10)))
            .or_else(|| at(&words::EN_SCALES).map(|i| Meaning::Scale(i as u32 * 3)));
    }
    FA_OTHER
        .iter()
        .find(|(w, _)| *w == word)
        .map(|&(_, m)| m)
        .or_else(|| at(&words::FA_ONES).map(|i| Meaning::Small(i as u32)))
        .or_else(|| at(&words::FA_TENS).map(|i| Meaning::Small(i as u32 * 10)))
        .or_else(|| at(&words::FA_HUNDREDS).map(|i| Meaning::Small(i as u32 * 100)))
        .or_else(|| at(&words::FA_SCALES).map(|i| Meaning::Scale(i as u32 * 3)))
}

/// Whether a word can be part of a quantity.
pub(crate) fn is_number_word(word: &str) -> bool {
    meaning(word).is_some()
}

/// Whether a token scales the number before it, as «میلیون» and "k" do.
pub(crate) fn is_scale(token: &Token) -> bool {
    matches!(token, Token::Word(w) if matches!(meaning(w), Some(Meaning::Scale(_) | Meaning::Hundred)))
}

/// Adds up the parts of a quantity.
#[derive(Default)]
struct Sum {
    /// Finished terms.
    total: Decimal,
    /// The scale of the last finished term; the next has to be smaller than it.
    last: Option<Decimal>,
    /// Terms up to thousands, before a scale has come.
    thousands: Option<Decimal>,
    /// Words or digits below a thousand.
    small: Option<Decimal>,
    /// The value that the next small word has to stay below.
    room: u32,
    /// Whether the group was typed in digits, which words cannot continue.
    typed: bool,
    half: bool,
}

impl Sum {
    fn small(&mut self, v: u32) -> Option<()> {
        let fits = match self.small {
            None => true,
            Some(_) => !self.typed && v > 0 && v < self.room,
        };
        if !fits || self.half {
            return None;
        }
        self.small = Some(self.small.unwrap_or_default().checked_add(Decimal::from(v))?);
        self.room = match v {
            100.. => 100,
            20.. => 10,
            _ => 0,
        };
        Some(())
    }

    fn hundred(&mut self) -> Option<()> {
        match self.small {
            // «صد» by itself, or after larger words: 100
            None => self.small(100),
            Some(s) if !self.typed && !self.half && s > Decimal::ZERO && s < Decimal::from(10) => {
                self.small = s.checked_mul(Decimal::from(100));
                self.room = 100;
                Some(())
            }
            Some(_) => None,
        }
    }

    fn digits(&mut self, d: Decimal) -> Option<()> {
        if self.small.is_some() || self.half {
            return None;
        }
        (self.small, self.typed, self.room) = (Some(d), true, 0);
        Some(())
    }

    fn half(&mut self) -> Option<()> {
        let half = Decimal::new(5, 1).ok()?;
        if self.half {
            return None;
        }
        self.half = true;
        if self.small.is_none() && self.thousands.is_none() && self.last.is_some() {
            // «دو میلیون و نیم»: half of the million before it
            self.total = self.total.checked_add(self.last?.checked_mul(half)?)?;
            return Some(());
        }
        if self.small.is_none() && self.thousands.is_some() {
            self.thousands = self.thousands?.checked_add(Decimal::from(500));
            return Some(());
        }
        self.small = Some(self.small.unwrap_or_default().checked_add(half)?);
        self.room = 0;
        Some(())
    }

    fn scale(&mut self, exponent: u32) -> Option<()> {
        let scale = Decimal::from(pow10(exponent)?);
        if exponent == 3 {
            if self.thousands.is_some() || (self.half && self.small.is_none()) {
                return None;
            }
            self.thousands = Some(self.small.take().unwrap_or(Decimal::ONE).checked_mul(scale)?);
        } else {
            let factor = match (self.thousands.take(), self.small.take()) {
                (None, None) if self.half => return None,
                (None, None) => Decimal::ONE,
                (a, b) => a.unwrap_or_default().checked_add(b.unwrap_or_default())?,
            };
            let term = factor.checked_mul(scale)?;
            if self.last.is_some_and(|last| term >= last) {
                return None;
            }
            self.total = self.total.checked_add(term)?;
            self.last = Some(scale);
        }
        (self.room, self.typed, self.half) = (0, false, false);
        Some(())
    }

    fn finish(self) -> Option<Decimal> {
        let small = self.small.unwrap_or_default();
        if self.thousands.is_some() && small >= Decimal::from(1000) {
            return None;
        }
        let rest = self.thousands.unwrap_or_default().checked_add(small)?;
        if self.last.is_some_and(|last| rest >= last) {
            return None;
        }
        self.total.checked_add(rest)
    }
}

/// Reads the quantity that the tokens make.
pub(crate) fn read(tokens: &[Token], numbers: NumberContext) -> Result<Decimal, QuantityError> {
    let (mut sum, mut minus, mut any) = (Sum::default(), false, false);
    for token in tokens {
        let step = match token {
            Token::Digits(d) => {
                any = true;
                sum.digits(parse_number(d, &numbers)?)
            }
            Token::Word(w) => match meaning(w) {
                Some(Meaning::And) => Some(()),
                Some(Meaning::Minus) if !any && !minus => {
                    minus = true;
                    Some(())
                }
                Some(Meaning::Minus) => None,
                Some(m) => {
                    any = true;
                    match m {
                        Meaning::Small(v) => sum.small(v),
                        Meaning::Hundred => sum.hundred(),
                        Meaning::Scale(e) => sum.scale(e),
                        _ => sum.half(),
                    }
                }
                None => return Err(QuantityError::UnknownWord { word: w.clone() }),
            },
            Token::Minus if !any && !minus => {
                minus = true;
                Some(())
            }
            // "twenty-one"
            Token::Minus if any => Some(()),
            Token::Minus => None,
            Token::Sign(c) => return Err(NumberError::Unexpected { found: *c }.into()),
        };
        step.ok_or(QuantityError::Order)?;
    }
    if !any {
        return Err(QuantityError::Empty);
    }
    let value = sum.finish().ok_or(QuantityError::Order)?;
    if minus {
        value.checked_neg().ok_or(QuantityError::TooLarge)
    } else {
        Ok(value)
    }
}

/// Reads a quantity in words, digits, or both.
///
/// ```
/// use peyvand_numbers::{Language, quantity};
/// assert_eq!(quantity::parse("دو و نیم میلیون", Language::Fa).unwrap().to_string(), "2500000");
/// assert_eq!(quantity::parse("1.2k", Language::En).unwrap().to_string(), "1200");
/// ```
pub fn parse(text: &str, language: Language) -> Result<Decimal, QuantityError> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Err(QuantityError::Empty);
    }
    read(&tokens, NumberContext::new(language_of(text, language)))
}
