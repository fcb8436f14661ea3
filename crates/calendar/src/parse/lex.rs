//! Text to tokens: any digits, any spelling of the same words; linear in the length of the text.

use peyvand_numbers::digits;

use super::words::{self, Word};

/// One piece of a typed date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// A run of digits: its value and how many digits it had (0 for a number word).
    Number { value: u32, digits: u8 },
    /// A known word.
    Word(Word),
    /// One of `/ - . : , +`.
    Mark(char),
}

/// What the lexer found.
#[derive(Debug, Default)]
pub(crate) struct Lexed {
    pub(crate) tokens: Vec<Token>,
    /// Some word was in Arabic script.
    pub(crate) persian: bool,
    /// Some word was in Latin script.
    pub(crate) latin: bool,
}

/// Why a text is no sequence of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LexError {
    TooLong,
    Unknown,
}

/// Longer texts (counted without marks and spaces) are no dates.
const MAX_CHARS: usize = 96;
/// Longest run of digits: nanoseconds.
const MAX_DIGITS: usize = 9;

/// Splits a text. Letters are joined across spaces and half-spaces, so that every spelling of «پس‌فردا» is one word.
pub(crate) fn lex(text: &str) -> Result<Lexed, LexError> {
    let mut out = Lexed::default();
    let mut letters = String::new();
    let mut number: Option<(u32, usize)> = None;
    let mut significant = 0_usize;
    for c in text.chars() {
        if is_ignored(c) {
            continue;
        }
        if c.is_whitespace() || c == '\u{200c}' || c == '\u{200b}' {
            flush_number(&mut out, &mut number);
            continue;
        }
        significant += 1;
        if significant > MAX_CHARS {
            return Err(LexError::TooLong);
        }
        if let Some(digit) = digits::value(c) {
            flush_letters(&mut out, &mut letters)?;
            let (value, count) = number.unwrap_or((0, 0));
            if count == MAX_DIGITS {
                return Err(LexError::Unknown);
            }
            number = Some((value * 10 + u32::from(digit), count + 1));
        } else if let Some(mark) = mark(c) {
            flush_number(&mut out, &mut number);
            flush_letters(&mut out, &mut letters)?;
            out.tokens.push(Token::Mark(mark));
        } else if c.is_alphabetic() {
            flush_number(&mut out, &mut number);
            letters.push(fold_letter(c));
        } else {
            return Err(LexError::Unknown);
        }
    }
    flush_number(&mut out, &mut number);
    flush_letters(&mut out, &mut letters)?;
    Ok(out)
}

fn flush_number(out: &mut Lexed, number: &mut Option<(u32, usize)>) {
    if let Some((value, digits)) = number.take() {
        out.tokens.push(Token::Number {
            value,
            digits: digits as u8,
        });
    }
}

/// Cuts joined letters into known words, longest first.
fn flush_letters(out: &mut Lexed, letters: &mut String) -> Result<(), LexError> {
    let mut rest = letters.as_str();
    while let Some(first) = rest.chars().next() {
        let (word, length) = words::longest(rest).ok_or(LexError::Unknown)?;
        if first.is_ascii() {
            out.latin = true;
        } else {
            out.persian = true;
        }
        match word {
            Word::Filler => {}
            Word::Count(ones) => match out.tokens.last_mut() {
                // «بیست و یکم»
                Some(last @ Token::Word(Word::Tens(_))) if ones < 10 => {
                    let tens = if let Token::Word(Word::Tens(tens)) = *last {
                        tens
                    } else {
                        0
                    };
                    *last = Token::Number {
                        value: tens + ones,
                        digits: 0,
                    };
                }
                _ => out.tokens.push(Token::Number {
                    value: ones,
                    digits: 0,
                }),
            },
            word => out.tokens.push(Token::Word(word)),
        }
        rest = &rest[length..];
    }
    letters.clear();
    Ok(())
}

/// Characters that change nothing: bidi controls, joiners, tatweel, vowel marks and other combining marks.
fn is_ignored(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036f}' | '\u{0610}'..='\u{061a}' | '\u{061c}' | '\u{0640}' | '\u{064b}'..='\u{065f}'
        | '\u{0670}' | '\u{06d6}'..='\u{06dc}' | '\u{06df}'..='\u{06e8}' | '\u{06ea}'..='\u{06ed}' | '\u{200d}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// The separators that people type, in one spelling.
fn mark(c: char) -> Option<char> {
    Some(match c {
        '/' | '\u{2044}' | '\u{2215}' | '\u{ff0f}' => '/',
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' => '-',
        '.' | '\u{ff0e}' => '.',
        ':' | '\u{ff1a}' | '\u{2236}' => ':',
        ',' | '،' | '٬' | ';' | '؛' | '\u{ff0c}' => ',',
        '+' | '\u{ff0b}' => '+',
        _ => return None,
    })
}

/// Letters in the spelling of the word list: lower case, Persian kaf and yeh, alef and heh without marks.
fn fold_letter(c: char) -> char {
    match c {
        'ي' | 'ى' | 'ئ' => 'ی',
        'ك' => 'ک',
        'آ' | 'أ' | 'إ' | 'ٱ' => 'ا',
        'ۀ' | 'ة' => 'ه',
        'ؤ' => 'و',
        _ => c.to_ascii_lowercase(),
    }
}
