//! What is put into a text.

use std::borrow::Cow;

use crate::Lang;
use crate::isolation::isolate;
use fluent_bundle::FluentArgs;
use fluent_bundle::types::{FluentNumber, FluentNumberOptions, FluentValue};
use peyvand_numbers::{Decimal, Style, format_number};

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(String),
    Number(Decimal),
    Word(String),
    Exact(String),
}

/// The arguments of a text, each with its type.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Args(Vec<(&'static str, Value)>);

impl Args {
    /// No arguments.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// A text from outside: a name, a value, an address. Isolated where its direction differs.
    #[must_use]
    pub fn text(self, name: &'static str, text: impl Into<String>) -> Self {
        self.with(name, Value::Text(text.into()))
    }

    /// A number; decides plurals, and is shown in the digits of the language.
    #[must_use]
    pub fn number(self, name: &'static str, number: impl Into<Decimal>) -> Self {
        self.with(name, Value::Number(number.into()))
    }

    /// A date or time, already formatted in the reader's calendar and digits.
    #[must_use]
    pub fn date(self, name: &'static str, formatted: impl Into<String>) -> Self {
        self.with(name, Value::Text(formatted.into()))
    }

    /// A word that chooses a variant of the text and is not itself shown, such as `csv` in `{ $format -> [csv] … }`.
    #[must_use]
    pub fn word(self, name: &'static str, word: impl Into<String>) -> Self {
        self.with(name, Value::Word(word.into()))
    }

    /// What a person copies, such as a command: letter for letter, without marks of direction, which a copy would carry
    /// along. It belongs at the end of a line, where it disturbs no sentence.
    #[must_use]
    pub fn exact(self, name: &'static str, text: impl Into<String>) -> Self {
        self.with(name, Value::Exact(text.into()))
    }

    /// Whether an argument of this name was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| *known == name)
    }

    fn with(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((name, value));
        self
    }

    /// As Fluent takes them; `kept` does something to texts from outside that [`digits_brought_back`] undoes.
    pub(crate) fn to_fluent(&self, lang: Lang, kept: fn(&str) -> Cow<'_, str>) -> FluentArgs<'_> {
        let mut args = FluentArgs::with_capacity(self.0.len());
        for (name, value) in &self.0 {
            let value = match value {
                Value::Text(text) => {
                    let isolated = isolate(text, lang);
                    FluentValue::String(match kept(&isolated) {
                        Cow::Owned(kept) => Cow::Owned(kept),
                        Cow::Borrowed(_) => isolated,
                    })
                }
                Value::Exact(text) => FluentValue::String(kept(text)),
                Value::Word(word) => FluentValue::from(word.as_str()),
                Value::Number(number) => fluent_number(*number, lang),
            };
            args.set(*name, value);
        }
        args
    }
}

/// Characters for private use that stand for the ASCII digits of texts from outside while the digits of a sentence are
/// changed.
const STAND_INS: std::ops::RangeInclusive<char> = '\u{F8F0}'..='\u{F8F9}';

/// The text, for sentences whose digits are not changed.
pub(crate) fn as_it_is(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// The text with its ASCII digits out of reach; one that has the stand-ins itself stays as it is.
pub(crate) fn digits_kept(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| b.is_ascii_digit()) || text.chars().any(|c| STAND_INS.contains(&c)) {
        return Cow::Borrowed(text);
    }
    let stand_in = |c: char| {
        c.to_digit(10)
            .and_then(|d| char::from_u32(u32::from(*STAND_INS.start()) + d))
            .unwrap_or(c)
    };
    Cow::Owned(text.chars().map(stand_in).collect())
}

/// The text with its stand-ins as the digits that they were.
pub(crate) fn digits_brought_back(text: &str) -> String {
    let digit = |c: char| {
        if !STAND_INS.contains(&c) {
            return c;
        }
        char::from_digit(u32::from(c) - u32::from(*STAND_INS.start()), 10).unwrap_or(c)
    };
    text.chars().map(digit).collect()
}

/// Fluent counts in binary floating point; a number that does not survive that is shown exactly and takes the plural of "other".
fn fluent_number(number: Decimal, lang: Lang) -> FluentValue<'static> {
    let value = number.to_f64();
    if Decimal::parse(&value.to_string()).is_ok_and(|back| back == number) {
        FluentValue::Number(FluentNumber::new(value, FluentNumberOptions::default()))
    } else {
        FluentValue::from(format_number(&number, &Style::new(lang)))
    }
}
