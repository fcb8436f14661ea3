//! From the text of a filter to its syntax, by recursive descent of bounded depth.
//!
//! ```text
//! filter     = [ terms ]
//! terms      = term { AND term } | term { OR term }
//! term       = { NOT | "-" } ( "(" terms ")" | condition )
//! condition  = path op value
//!            | path "in" ( "(" value { "," value } ")" | function )
//!            | path ".any" "(" [ terms ] ")"
//!            | path ".count" "(" [ terms ] ")" op value
//!            | path ".sum" "(" name [ "," terms ] ")" op value
//!            | name "(" [ value { "," value } ] ")"
//! value      = "null" | quoted | word | number currency | function
//! function   = name "(" [ value { "," value } ] ")"
//! ```

use super::Op;
use super::error::{FilterError, FilterErrorCode as Code};
use super::lex::{Kind, Token, lex};
use super::syntax::{Expr, Literal, LiteralKind, MAX_DEPTH, MAX_TERMS, Name, Path, Place, Syntax};

/// Reads a filter. An empty text is the filter that everything fulfils.
///
/// ```
/// use peyvand_record::filter::{parse, print};
/// let s = parse("شهر = «تهران» و (stage_id = X یا amount > ۱۰۰۰ IRR)").unwrap();
/// assert_eq!(print(&s), r#"شهر = "تهران" AND (stage_id = X OR amount > ۱۰۰۰ IRR)"#);
/// ```
///
/// # Errors
/// With the place at fault. Fields, types and functions are looked at later, by [`super::check`].
pub fn parse(text: &str) -> Result<Syntax, FilterError> {
    let tokens = lex(text)?;
    let end = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        end,
        terms: 0,
    };
    if tokens.is_empty() {
        return Ok(Syntax { root: None });
    }
    let root = parser.terms(1)?;
    match parser.peek() {
        None => Ok(Syntax { root: Some(root) }),
        Some(_) => Err(parser.fail(Code::Unexpected)),
    }
}

/// Words that join or turn conditions; in lower case.
pub(super) fn keyword(word: &str) -> Option<Keyword> {
    match word {
        "و" => Some(Keyword::And),
        "یا" => Some(Keyword::Or),
        "نه" => Some(Keyword::Not),
        _ if word.eq_ignore_ascii_case("and") => Some(Keyword::And),
        _ if word.eq_ignore_ascii_case("or") => Some(Keyword::Or),
        _ if word.eq_ignore_ascii_case("not") => Some(Keyword::Not),
        _ => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    And,
    Or,
    Not,
}

/// Is the word a number, as far as one can tell without reading it?
pub(super) fn looks_like_number(word: &str) -> bool {
    word.trim_start_matches(['-', '+', '\u{2212}'])
        .chars()
        .next()
        .is_some_and(|c| peyvand_numbers::digits::value(c).is_some())
}

/// Is the word a currency behind a number: a code of three letters, or the name of an Iranian unit?
pub(super) fn is_currency(word: &str) -> bool {
    let code = word.len() == 3 && word.bytes().all(|b| b.is_ascii_alphabetic()) && keyword(word).is_none();
    code || matches!(word, "ریال" | "تومان" | "rial" | "rials" | "toman" | "tomans")
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    end: u32,
    terms: u32,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|t| &t.kind)
    }

    fn place(&self) -> u32 {
        self.tokens.get(self.at).map_or(self.end, |t| t.place)
    }

    fn fail(&self, code: Code) -> FilterError {
        let found = match self.peek() {
            None => "",
            Some(Kind::Open) => "(",
            Some(Kind::Close) => ")",
            Some(Kind::Comma) => ",",
            Some(Kind::Op(op)) => op.symbol(),
            Some(Kind::Quoted(s) | Kind::Word(s)) => s,
        };
        FilterError::new(code, self.place(), found)
    }

    fn eat(&mut self, kind: &Kind) -> bool {
        let yes = self.peek() == Some(kind);
        if yes {
            self.at += 1;
        }
        yes
    }

    fn close(&mut self, opened: u32) -> Result<(), FilterError> {
        if self.eat(&Kind::Close) {
            return Ok(());
        }
        Err(if self.peek().is_none() {
            FilterError::new(Code::OpenBracket, opened, "(")
        } else {
            self.fail(Code::Unexpected)
        })
    }

    fn word(&self) -> Option<&str> {
        match self.peek() {
            Some(Kind::Word(w)) => Some(w),
            _ => None,
        }
    }

    fn joint(&self) -> Option<Keyword> {
        self.word().and_then(keyword).filter(|k| *k != Keyword::Not)
    }

    fn count_term(&mut self) -> Result<(), FilterError> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            Err(self.fail(Code::TooManyTerms))
        } else {
            Ok(())
        }
    }

    fn terms(&mut self, depth: u32) -> Result<Expr, FilterError> {
        if depth > MAX_DEPTH {
            return Err(self.fail(Code::TooDeep));
        }
        let first = self.term(depth)?;
        let Some(joint) = self.joint() else {
            return Ok(first);
        };
        let mut list = vec![first];
        while let Some(next) = self.joint() {
            if next != joint {
                return Err(self.fail(Code::MixedAndOr));
            }
            self.at += 1;
            list.push(self.term(depth)?);
        }
        Ok(if joint == Keyword::And {
            Expr::And(list)
        } else {
            Expr::Or(list)
        })
    }

    fn term(&mut self, depth: u32) -> Result<Expr, FilterError> {
        if self.word().and_then(keyword) == Some(Keyword::Not) || self.word() == Some("-") {
            self.at += 1;
            let inner = self.deeper(depth, Self::term)?;
            return Ok(Expr::Not(Box::new(inner)));
        }
        if self.word().is_some_and(|w| w.starts_with('-')) {
            // «-name»: the minus is the first character of the word.
            let inner = self.deeper(depth, |p, depth| p.condition(depth, 1))?;
            return Ok(Expr::Not(Box::new(inner)));
        }
        let opened = self.place();
        if self.eat(&Kind::Open) {
            let inner = self.terms(depth + 1)?;
            self.close(opened)?;
            return Ok(inner);
        }
        self.condition(depth, 0)
    }

    fn deeper(
        &mut self,
        depth: u32,
        read: impl FnOnce(&mut Self, u32) -> Result<Expr, FilterError>,
    ) -> Result<Expr, FilterError> {
        if depth >= MAX_DEPTH {
            Err(self.fail(Code::TooDeep))
        } else {
            read(self, depth + 1)
        }
    }

    /// A condition; the first `skip` characters of its first word are left out.
    fn condition(&mut self, depth: u32, skip: usize) -> Result<Expr, FilterError> {
        let Some(word) = self.word() else {
            return Err(self.fail(Code::ConditionMissing));
        };
        let word = word.get(skip..).unwrap_or_default().to_owned();
        if keyword(&word).is_some() {
            return Err(self.fail(Code::ConditionMissing));
        }
        self.count_term()?;
        let start = self.place() + skip as u32;
        let path = self.path(&word, start)?;
        self.at += 1;
        let opened = self.place();
        if self.eat(&Kind::Open) {
            return self.call(path, opened, depth);
        }
        if self.word().is_some_and(|w| w.eq_ignore_ascii_case("in")) {
            self.at += 1;
            return self.in_list(path, depth);
        }
        let Some(Kind::Op(op)) = self.peek() else {
            return Err(self.fail(Code::OperatorMissing));
        };
        let op = *op;
        self.at += 1;
        let value = self.value(depth)?;
        Ok(Expr::Compare { path, op, value })
    }

    fn path(&self, word: &str, start: u32) -> Result<Path, FilterError> {
        let mut place = start;
        let mut names = Vec::new();
        for part in word.split('.') {
            if part.is_empty() || part.starts_with('-') {
                return Err(FilterError::new(Code::Unexpected, place, word));
            }
            names.push(Name {
                text: part.to_owned(),
                place: Place(place),
            });
            place += part.chars().count() as u32 + 1;
        }
        if names.len() > MAX_DEPTH as usize {
            return Err(self.fail(Code::TooDeep));
        }
        Ok(Path(names))
    }

    fn in_list(&mut self, path: Path, depth: u32) -> Result<Expr, FilterError> {
        let opened = self.place();
        if !self.eat(&Kind::Open) {
            // `in my_team()`: a function that stands for several.
            let value = self.value(depth)?;
            return match value.kind {
                LiteralKind::Call { .. } => Ok(Expr::In {
                    path,
                    values: vec![value],
                }),
                _ => Err(FilterError::new(Code::Unexpected, opened, "").expecting(["("])),
            };
        }
        let mut values = vec![self.value(depth)?];
        while self.eat(&Kind::Comma) {
            self.count_term()?;
            values.push(self.value(depth)?);
        }
        self.close(opened)?;
        Ok(Expr::In { path, values })
    }

    /// What follows `name(` or `relation.any(`.
    fn call(&mut self, mut path: Path, opened: u32, depth: u32) -> Result<Expr, FilterError> {
        let Some(last) = path.0.pop() else {
            return Err(self.fail(Code::ConditionMissing));
        };
        if path.0.is_empty() {
            let args = self.args(opened, depth)?;
            return Ok(Expr::Call { name: last, args });
        }
        match last.text.as_str() {
            "any" => {
                let inner = self.inner(depth)?;
                self.close(opened)?;
                Ok(Expr::Any { path, inner })
            }
            "count" => {
                let inner = self.inner(depth)?;
                self.close(opened)?;
                let (op, value) = self.compared(depth)?;
                Ok(Expr::Count {
                    path,
                    inner,
                    op,
                    value,
                })
            }
            "sum" => {
                let Some(field) = self.word() else {
                    return Err(self.fail(Code::WrongArguments));
                };
                let field = Name {
                    text: field.to_owned(),
                    place: Place(self.place()),
                };
                self.at += 1;
                let inner = if self.eat(&Kind::Comma) {
                    self.inner(depth)?
                } else {
                    None
                };
                self.close(opened)?;
                let (op, value) = self.compared(depth)?;
                Ok(Expr::Sum {
                    path,
                    field,
                    inner,
                    op,
                    value,
                })
            }
            other => Err(FilterError::new(Code::UnknownFunction, last.place.0, other)
                .expecting(["any", "count", "sum"])),
        }
    }

    fn inner(&mut self, depth: u32) -> Result<Option<Box<Expr>>, FilterError> {
        if self.peek() == Some(&Kind::Close) {
            return Ok(None);
        }
        Ok(Some(Box::new(self.terms(depth + 1)?)))
    }

    fn compared(&mut self, depth: u32) -> Result<(Op, Literal), FilterError> {
        let Some(Kind::Op(op)) = self.peek() else {
            return Err(self.fail(Code::OperatorMissing));
        };
        let op = *op;
        self.at += 1;
        Ok((op, self.value(depth)?))
    }

    fn args(&mut self, opened: u32, depth: u32) -> Result<Vec<Literal>, FilterError> {
        let mut args = Vec::new();
        if self.eat(&Kind::Close) {
            return Ok(args);
        }
        args.push(self.value(depth + 1)?);
        while self.eat(&Kind::Comma) {
            self.count_term()?;
            args.push(self.value(depth + 1)?);
        }
        self.close(opened)?;
        Ok(args)
    }

    fn value(&mut self, depth: u32) -> Result<Literal, FilterError> {
        if depth > MAX_DEPTH {
            return Err(self.fail(Code::TooDeep));
        }
        let start = self.place();
        let place = Place(start);
        match self.peek() {
            Some(Kind::Quoted(s)) => {
                let kind = LiteralKind::Quoted(s.clone());
                self.at += 1;
                Ok(Literal { kind, place })
            }
            Some(Kind::Word(w)) if keyword(w).is_none() => {
                let word = w.clone();
                self.at += 1;
                let opened = self.place();
                if self.eat(&Kind::Open) {
                    let args = self.args(opened, depth)?;
                    return Ok(Literal {
                        kind: LiteralKind::Call { name: word, args },
                        place,
                    });
                }
                if word.eq_ignore_ascii_case("null") {
                    return Ok(Literal {
                        kind: LiteralKind::Null,
                        place,
                    });
                }
                if looks_like_number(&word)
                    && let Some(currency) = self.word().filter(|w| is_currency(w)).map(str::to_owned)
                {
                    self.at += 1;
                    return Ok(Literal {
                        kind: LiteralKind::Amount {
                            number: word,
                            currency,
                        },
                        place,
                    });
                }
                Ok(Literal {
                    kind: LiteralKind::Word(word),
                    place,
                })
            }
            _ => Err(self.fail(Code::ValueMissing)),
        }
    }
}
