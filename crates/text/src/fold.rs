//! Folding for search and matching: lossy, never stored as the text itself.

use std::sync::LazyLock;

use peyvand_numbers::digits;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::chars::{is_dropped_by_fold, plain_latin, unify_letter};

/// The form in which texts are compared.
///
/// Everything [`crate::clean`] does, and: NFKC; case folded; diacritics of Latin, Greek, Cyrillic, Arabic and
/// Hebrew removed; أ إ آ ٱ become ا, ؤ becomes و, ئ becomes ی, ۀ and ة become ه; digits of every script become
/// ASCII; half-spaces vanish (the parts are glued); whatever is neither letter, digit nor a sign of another
/// script becomes a space, with runs of them one space and none at the ends.
///
/// Idempotent, `fold(clean(x)) == fold(x)`, linear time. The case fold is Unicode's full one, taken as the lower
/// case of the upper case, which also joins ı and i, ς and σ.
///
/// ```
/// use peyvand_text::fold;
/// assert_eq!(fold("مشتري‌مَحوري، ۱۲۳"), "مشتریمحوری 123");
/// assert_eq!(fold("Straße — CAFÉ, İzmir"), "strasse cafe izmir");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Appends the [`fold`] of `text` to `out`.
pub fn fold_into(text: &str, out: &mut String) {
    let table: &[u16; TABLE_LEN] = &TABLE;
    let bytes = text.as_bytes();
    let mut sink = Sink::new(out);
    let mut i = 0;
    while let Some(&b) = bytes.get(i) {
        if b < 0x80 {
            i += sink.put_ascii(bytes.get(i..).unwrap_or_default(), table);
        } else if b < 0xE0 {
            let second = bytes.get(i + 1).copied().unwrap_or(0x80);
            let code = table[(usize::from(b & 0x1F) << 6 | usize::from(second & 0x3F)) & (TABLE_LEN - 1)];
            if code == SLOW {
                i = fold_run(text, i, &mut sink);
            } else {
                sink.put_code(code);
                i += 2;
            }
        } else if bytes.get(i..i + 3) == Some(&[0xE2, 0x80, 0x8C]) {
            i += 3;
        } else {
            i = fold_run(text, i, &mut sink);
        }
    }
    sink.end();
}

const TABLE_LEN: usize = 0x800;
/// How many ASCII bytes are folded at once.
const BLOCK: usize = 16;
const SLOW: u16 = 0xFFFF;
const DROP: u16 = 0;
const SPACE: u16 = 0x20;
/// A code with this bit holds two ASCII letters of seven bits each, as for ß.
const PAIR: u16 = 0x8000;

/// What becomes of each character of up to two bytes, worked out once from the slow definition so that the two
/// cannot differ. A character is SLOW if what becomes of it is not one character, or depends on its neighbours.
static TABLE: LazyLock<Box<[u16; TABLE_LEN]>> = LazyLock::new(|| {
    let mut table = Box::new([SLOW; TABLE_LEN]);
    for (code, entry) in (0u32..).zip(table.iter_mut()) {
        // Syriac, Thaana and NKo have signs that stay, and whose order then matters.
        let Some(c) = char::from_u32(code).filter(|&c| c < '\u{700}') else {
            continue;
        };
        let mut out = String::new();
        let mut sink = Sink::new(&mut out);
        sink.put('a');
        fold_exactly(&c.to_string(), &mut sink);
        sink.put('a');
        sink.end();
        let middle: Vec<char> = out.get(1..out.len() - 1).unwrap_or_default().chars().collect();
        *entry = match *middle.as_slice() {
            [] => DROP,
            [one] if (one as usize) < TABLE_LEN => one as u16,
            [one, two] if one.is_ascii_alphanumeric() && two.is_ascii_alphanumeric() => {
                PAIR | (one as u16) << 7 | two as u16
            }
            _ => SLOW,
        };
    }
    table
});

/// Folds the run of characters from byte `start` on that the table does not decide, and gives the byte after it.
/// The run may be cut where a character of the table begins: none of those that stay can join with, or change
/// places with, a character outside the table.
fn fold_run(text: &str, start: usize, sink: &mut Sink<'_>) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let len = rest
        .char_indices()
        .find(|&(_, c)| {
            (c as usize) < TABLE_LEN && !matches!(TABLE[c as usize & (TABLE_LEN - 1)], SLOW | DROP)
        })
        .map_or(rest.len(), |(at, _)| at);
    fold_exactly(rest.get(..len).unwrap_or_default(), sink);
    // An empty run would never end; it cannot be, as the caller stands on a character that starts one.
    start + len.max(1)
}

/// The definition of the fold: a step repeated until it changes nothing (in practice once or twice).
fn fold_exactly(run: &str, sink: &mut Sink<'_>) {
    let mut now = step(run);
    for _ in 0..4 {
        let next = step(&now);
        if next == now {
            break;
        }
        now = next;
    }
    for c in now.chars() {
        if c == ' ' {
            sink.separate();
        } else {
            sink.put(c);
        }
    }
}

fn step(run: &str) -> String {
    let mut mapped = String::with_capacity(run.len());
    for c in run.chars().filter(|&c| !is_dropped_by_fold(c)).nfkd() {
        // A hamza on its own is written or left out as one likes: ضیاءالدین, ضیاالدین.
        if is_dropped_by_fold(c) || c == 'ء' {
            continue;
        }
        if let Some(digit) = digits::value(c) {
            mapped.push(char::from(b'0' + digit));
        } else if let Some(plain) = plain_latin(c) {
            mapped.push_str(plain);
        } else if c.is_alphanumeric() || is_combining_mark(c) {
            for upper in unify_letter(c).to_uppercase() {
                mapped.extend(upper.to_lowercase().filter(|&d| !is_dropped_by_fold(d)));
            }
        } else {
            mapped.push(' ');
        }
    }
    mapped.nfc().collect()
}

/// Collects bytes on the stack and joins separators, so that a fold appends in large pieces.
struct Sink<'a> {
    out: &'a mut String,
    buffer: [u8; Sink::LEN],
    len: usize,
    /// Whether anything was put, and whether the last byte put is a separator. Separators at the start are not
    /// put; the one at the end is taken back by [`Sink::end`].
    started: bool,
    after_separator: bool,
}

impl<'a> Sink<'a> {
    const LEN: usize = 1024;
    /// The most that one put may add: a character of four bytes.
    const ROOM: usize = 4;

    fn new(out: &'a mut String) -> Self {
        Self {
            out,
            buffer: [0; Self::LEN],
            len: 0,
            started: false,
            after_separator: true,
        }
    }

    /// Puts the folds of the ASCII characters at the start of `bytes`, of some of them if there are many, and
    /// says of how many. Written without branches on the data, as text is not predictable.
    #[inline]
    fn put_ascii(&mut self, bytes: &[u8], table: &[u16; TABLE_LEN]) -> usize {
        self.make_room();
        let mut taken = 0;
        while let Some(block) = bytes.get(taken..).and_then(<[u8]>::first_chunk::<BLOCK>)
            && self.put_block(block)
        {
            taken += BLOCK;
        }
        let mut len = self.len;
        let mut after_separator = usize::from(self.after_separator);
        // a block that was refused, byte by byte
        for &b in bytes.iter().skip(taken).take(BLOCK.min(Self::LEN - len)) {
            if b >= 0x80 {
                break;
            }
            let code = table[usize::from(b)];
            self.buffer[len & (Self::LEN - 1)] = code as u8;
            let separator = usize::from(code == SPACE);
            let stays = usize::from(code != DROP);
            len += stays & (1 - (separator & after_separator));
            after_separator = separator | (after_separator & (1 - stays));
            taken += 1;
        }
        self.started |= len > self.len;
        self.len = len;
        self.after_separator = after_separator == 1;
        taken
    }

    /// Puts a block of printable ASCII without two separators in a row; refuses any other. What it puts is what
    /// the table says; without a table and without branches the compiler makes vector instructions of it.
    #[inline]
    fn put_block(&mut self, block: &[u8; BLOCK]) -> bool {
        let Some(room) = self
            .buffer
            .get_mut(self.len..)
            .and_then(<[u8]>::first_chunk_mut::<BLOCK>)
        else {
            return false;
        };
        let mut separators = [0u8; BLOCK];
        let mut folded = [0u8; BLOCK];
        let mut refused = 0u8;
        for ((&b, f), s) in block.iter().zip(&mut folded).zip(&mut separators) {
            let lower = b | 0x20;
            let alphanumeric = u8::from(lower.wrapping_sub(b'a') < 26) | u8::from(b.wrapping_sub(b'0') < 10);
            // for digits the bit of the lower case is set already
            *f = if alphanumeric == 1 { lower } else { b' ' };
            *s = 1 - alphanumeric;
            refused |= u8::from(b.wrapping_sub(0x20) >= 0x5F);
        }
        refused |= separators[0] & u8::from(self.after_separator);
        let mut pairs = 0u8;
        for (a, b) in separators.iter().zip(&separators[1..]) {
            pairs |= a & b;
        }
        if refused | pairs != 0 {
            return false;
        }
        *room = folded;
        self.len += BLOCK;
        self.after_separator = separators[BLOCK - 1] == 1;
        self.started = true;
        true
    }

    #[inline]
    fn byte(&mut self, b: u8) {
        self.buffer[self.len & (Self::LEN - 1)] = b;
        self.len += 1;
    }

    #[inline]
    fn make_room(&mut self) {
        if self.len + Self::ROOM > Self::LEN {
            self.flush();
        }
    }

    #[inline]
    fn begin(&mut self) {
        self.make_room();
        self.after_separator = false;
        self.started = true;
    }

    #[inline]
    fn separate(&mut self) {
        if !self.after_separator {
            self.make_room();
            self.byte(b' ');
            self.after_separator = true;
        }
    }

    #[inline]
    fn put_code(&mut self, code: u16) {
        if code == SPACE {
            self.separate();
        } else if code == DROP {
        } else if code < 0x80 {
            self.begin();
            self.byte(code as u8);
        } else if code < PAIR {
            self.begin();
            self.byte(0xC0 | (code >> 6) as u8);
            self.byte(0x80 | (code & 0x3F) as u8);
        } else {
            self.begin();
            self.byte((code >> 7 & 0x7F) as u8);
            self.byte((code & 0x7F) as u8);
        }
    }

    fn put(&mut self, c: char) {
        self.begin();
        for &b in c.encode_utf8(&mut [0; 4]).as_bytes() {
            self.byte(b);
        }
    }

    fn flush(&mut self) {
        let piece = self.buffer.get(..self.len).unwrap_or_default();
        // Only whole characters are put, so the lossy form borrows and equals the piece.
        self.out.push_str(&String::from_utf8_lossy(piece));
        self.len = 0;
    }

    fn end(mut self) {
        self.flush();
        if self.started && self.after_separator {
            self.out.pop();
        }
    }
}
