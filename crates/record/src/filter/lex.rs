//! The pieces of a filter.

use super::Op;
use super::error::{FilterError, FilterErrorCode as Code};
use super::syntax::MAX_BYTES;

/// A piece and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) place: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    Comma,
    Op(Op),
    Quoted(String),
    /// A run of anything else: what it means depends on where it stands.
    Word(String),
}

/// Does a character end a bare word?
pub(super) fn ends_word(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '(' | ')' | ',' | '،' | '=' | '!' | '<' | '>' | ':' | '^' | '"' | '\'' | '«' | '»' | '“' | '”'
        )
}

/// Marks of direction that editors of mixed text leave behind.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Cuts a filter into pieces, in one pass.
pub(super) fn lex(text: &str) -> Result<Vec<Token>, FilterError> {
    if text.len() > MAX_BYTES {
        return Err(FilterError::new(Code::TooLong, 0, ""));
    }
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    let mut at: u32 = 0;
    while let Some(c) = chars.next() {
        let place = at;
        at += 1;
        let mut follows = |wanted: char| {
            let yes = chars.peek() == Some(&wanted);
            if yes {
                chars.next();
                at += 1;
            }
            yes
        };
        let kind = match c {
            _ if c.is_whitespace() || is_mark(c) => continue,
            '(' => Kind::Open,
            ')' => Kind::Close,
            ',' | '،' => Kind::Comma,
            '=' => Kind::Op(Op::Eq),
            ':' => Kind::Op(Op::Has),
            '^' => Kind::Op(Op::Starts),
            '<' => Kind::Op(if follows('=') { Op::Le } else { Op::Lt }),
            '>' => Kind::Op(if follows('=') { Op::Ge } else { Op::Gt }),
            '!' if follows('=') => Kind::Op(Op::Ne),
            '"' | '\'' | '«' | '“' => {
                let end = match c {
                    '«' => '»',
                    '“' => '”',
                    same => same,
                };
                let mut quoted = String::new();
                loop {
                    match chars.next() {
                        None => return Err(FilterError::new(Code::OpenQuote, place, &quoted)),
                        Some(e) if e == end => {
                            at += 1;
                            break;
                        }
                        Some('\\') => {
                            at += 1;
                            match chars.next() {
                                None => return Err(FilterError::new(Code::OpenQuote, place, &quoted)),
                                Some(escaped) => {
                                    at += 1;
                                    quoted.push(escaped);
                                }
                            }
                        }
                        Some(other) => {
                            at += 1;
                            quoted.push(other);
                        }
                    }
                }
                Kind::Quoted(quoted)
            }
            _ if ends_word(c) => return Err(FilterError::new(Code::Unexpected, place, &c.to_string())),
            _ => {
                let mut word = String::from(c);
                while let Some(&next) = chars.peek() {
                    if ends_word(next) {
                        break;
                    }
                    chars.next();
                    at += 1;
                    if !is_mark(next) {
                        word.push(next);
                    }
                }
                Kind::Word(word)
            }
        };
        tokens.push(Token { kind, place });
    }
    Ok(tokens)
}
