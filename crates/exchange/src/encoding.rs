//! The encodings that files come in, and how to tell them apart.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An encoding this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    Utf8,
    /// UTF-16, low byte first (Excel's "Unicode text").
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1256: Arabic and Persian on old Windows. Persian typed on it has ي for ی; ک, پ, چ, ژ and گ exist.
    Windows1256,
    /// Windows-1252: Western Europe on old Windows.
    Windows1252,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1256 => "Windows-1256",
            Self::Windows1252 => "Windows-1252",
        })
    }
}

impl Encoding {
    /// The implementation behind it; `None` for UTF-8, which the standard library checks.
    pub(crate) fn table(self) -> Option<&'static encoding_rs::Encoding> {
        match self {
            Self::Utf8 => None,
            Self::Utf16Le => Some(encoding_rs::UTF_16LE),
            Self::Utf16Be => Some(encoding_rs::UTF_16BE),
            Self::Windows1256 => Some(encoding_rs::WINDOWS_1256),
            Self::Windows1252 => Some(encoding_rs::WINDOWS_1252),
        }
    }

    /// The byte order mark, empty where there is none.
    pub(crate) fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => b"\xEF\xBB\xBF",
            Self::Utf16Le => b"\xFF\xFE",
            Self::Utf16Be => b"\xFE\xFF",
            Self::Windows1256 | Self::Windows1252 => b"",
        }
    }

    /// How many bytes of the file a piece of decoded UTF-8 came from. Exact, because each of these encodings writes
    /// a character in only one way; this is what turns a place in decoded text into a place in the file. Counted by
    /// leading bytes, so that a piece may end inside a character.
    pub(crate) fn encoded_len(self, text: &[u8]) -> u64 {
        let leading = |b: &&u8| **b & 0xC0 != 0x80;
        match self {
            Self::Utf8 => text.len() as u64,
            Self::Utf16Le | Self::Utf16Be => text
                .iter()
                .filter(leading)
                .map(|&b| if b >= 0xF0 { 4 } else { 2 })
                .sum(),
            Self::Windows1256 | Self::Windows1252 => text.iter().filter(leading).count() as u64,
        }
    }
}

/// A guess at the encoding of the beginning of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EncodingGuess {
    /// The encoding.
    pub encoding: Encoding,
    /// Whether the file begins with a byte order mark.
    pub mark: bool,
    /// From 0 (no evidence) to 1 (certain).
    pub confidence: f32,
}

/// Bytes that Windows-1252 leaves undefined.
pub(crate) fn undefined_in_1252(byte: u8) -> bool {
    matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D)
}

/// Guesses the encoding from the first bytes of a file.
///
/// A byte order mark decides. Without one, NUL bytes on one side of the pairs mean UTF-16; whole UTF-8 characters beyond
/// ASCII are UTF-8, since other text is practically never valid UTF-8, even where a byte among many of them is damaged;
/// what is left is one of the two single-byte encodings, told apart by how their letters stand together (see [`score_1256`]).
pub fn detect(head: &[u8]) -> EncodingGuess {
    for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be] {
        if head.starts_with(encoding.mark()) {
            return EncodingGuess {
                encoding,
                mark: true,
                confidence: 1.0,
            };
        }
    }
    if let Some(encoding) = utf16_without_mark(head) {
        return EncodingGuess {
            encoding,
            mark: false,
            confidence: 0.9,
        };
    }
    let (characters, faults) = multibyte(head);
    // Text in one of the other encodings is full of faults; a few beside many whole characters are damage, to be told of.
    if faults * FEW <= characters {
        let confidence = match (characters, faults) {
            (0, _) => 0.8,
            (_, 0) => 0.99,
            _ => 0.9,
        };
        return EncodingGuess {
            encoding: Encoding::Utf8,
            mark: false,
            confidence,
        };
    }
    let score = score_1256(head);
    let encoding = if score >= 0.5 {
        Encoding::Windows1256
    } else {
        Encoding::Windows1252
    };
    EncodingGuess {
        encoding,
        mark: false,
        confidence: 0.5 + (score - 0.5).abs().min(0.45),
    }
}

/// Whole characters beyond ASCII of which there are so many for each fault make a text UTF-8.
const FEW: usize = 8;

/// How many characters beyond ASCII a text holds when it is read as UTF-8, and how many faults. A character cut by the end
/// is no fault.
fn multibyte(head: &[u8]) -> (usize, usize) {
    let (mut characters, mut faults) = (0, 0);
    for chunk in head.utf8_chunks() {
        characters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        faults += usize::from(!chunk.invalid().is_empty());
    }
    let cut = head.utf8_chunks().last().is_some_and(|c| {
        let end = std::str::from_utf8(c.invalid());
        end.is_err_and(|e| e.error_len().is_none())
    });
    (characters, faults - usize::from(cut))
}

/// UTF-16 shows itself by NULs: ASCII punctuation, digits and line ends have one half zero, and Arabic script has
/// 06 there.
fn utf16_without_mark(head: &[u8]) -> Option<Encoding> {
    if head.len() < 4 {
        return None;
    }
    let pairs = head.len() / 2;
    let high = |byte: u8| byte == 0 || byte == 6;
    let (mut even, mut odd, mut nul_even, mut nul_odd) = (0, 0, 0, 0);
    for pair in head.chunks_exact(2) {
        if let [a, b] = *pair {
            even += usize::from(high(a));
            odd += usize::from(high(b));
            nul_even += usize::from(a == 0);
            nul_odd += usize::from(b == 0);
        }
    }
    if odd * 10 >= pairs * 9 && nul_odd > 0 && nul_even == 0 {
        Some(Encoding::Utf16Le)
    } else if even * 10 >= pairs * 9 && nul_even > 0 && nul_odd == 0 {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// How much a text looks like Windows-1256 rather than Windows-1252, from 0 to 1.
///
/// Persian and Arabic words are written wholly in high bytes; Western words are ASCII with a high byte here and
/// there. Half of the score is the share of high bytes that have another high byte and no ASCII letter beside
/// them, half is the share of the ten commonest letters of Persian text (ا ي ر ن د ه و م ت ل and ی's neighbours,
/// which are at least half of any running text) among the high bytes. A byte that Windows-1252 leaves undefined
/// but that is پ چ ژ or گ decides alone.
pub(crate) fn score_1256(head: &[u8]) -> f32 {
    let (mut high, mut apart, mut common, mut undefined) = (0u32, 0u32, 0u32, 0u32);
    for (i, &byte) in head.iter().enumerate() {
        if byte < 0x80 {
            continue;
        }
        high += 1;
        let before = i
            .checked_sub(1)
            .and_then(|j| head.get(j))
            .copied()
            .unwrap_or(b' ');
        let after = head.get(i + 1).copied().unwrap_or(b' ');
        if (before >= 0x80 || after >= 0x80) && !before.is_ascii_alphabetic() && !after.is_ascii_alphabetic()
        {
            apart += 1;
        }
        // ا ي ر ن د ه و م ت ل س ب ش in Windows-1256
        if matches!(
            byte,
            0xC7 | 0xED | 0xD1 | 0xE4 | 0xCF | 0xE5 | 0xE6 | 0xE3 | 0xCA | 0xE1 | 0xD3 | 0xC8 | 0xD4
        ) {
            common += 1;
        }
        undefined += u32::from(undefined_in_1252(byte));
    }
    if high == 0 {
        return 0.0;
    }
    if undefined > 0 && apart * 2 > high {
        return 1.0;
    }
    let (high, apart, common) = (f64::from(high), f64::from(apart), f64::from(common));
    (0.5 * apart / high + 0.5 * (common / high / 0.6).min(1.0)) as f32
}
