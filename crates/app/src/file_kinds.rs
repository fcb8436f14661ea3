//! Which files are taken: told by the name, and the content must agree. Both ways in ask here, the page of a record and
//! the uploads of the interface.

use crate::errors::AppError;

/// Most bytes of a file: 100 MB.
pub const LARGEST_FILE: u64 = 100 * 1024 * 1024;
/// Bytes by which the kind of a content is told.
pub(crate) const HEAD: usize = 4096;

/// How a content shows what it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sign {
    /// It begins with one of these.
    Begins(&'static [&'static [u8]]),
    /// It has this behind so many bytes.
    Holds(usize, &'static [u8]),
    /// It is text: no NUL, no control characters but white space.
    Text,
}

const ZIP: Sign = Sign::Begins(&[b"PK\x03\x04", b"PK\x05\x06"]);
const OLE: Sign = Sign::Begins(&[&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]]);

/// The extensions that are taken, each with its media type and the sign of its content. What browsers would run as a
/// page (html, svg, xml) is not among them.
const KINDS: &[(&str, &str, Sign)] = &[
    ("pdf", "application/pdf", Sign::Begins(&[b"%PDF-"])),
    ("png", "image/png", Sign::Begins(&[b"\x89PNG\r\n\x1a\n"])),
    ("jpg", "image/jpeg", Sign::Begins(&[&[0xFF, 0xD8, 0xFF]])),
    ("jpeg", "image/jpeg", Sign::Begins(&[&[0xFF, 0xD8, 0xFF]])),
    ("gif", "image/gif", Sign::Begins(&[b"GIF87a", b"GIF89a"])),
    ("webp", "image/webp", Sign::Holds(8, b"WEBP")),
    ("txt", "text/plain", Sign::Text),
    ("csv", "text/csv", Sign::Text),
    ("tsv", "text/tab-separated-values", Sign::Text),
    ("json", "application/json", Sign::Text),
    ("ndjson", "application/x-ndjson", Sign::Text),
    ("vcf", "text/vcard", Sign::Text),
    ("eml", "message/rfc822", Sign::Text),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ZIP,
    ),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ZIP,
    ),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ZIP,
    ),
    ("odt", "application/vnd.oasis.opendocument.text", ZIP),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet", ZIP),
    ("zip", "application/zip", ZIP),
    ("doc", "application/msword", OLE),
    ("xls", "application/vnd.ms-excel", OLE),
    ("ppt", "application/vnd.ms-powerpoint", OLE),
    (
        "mp3",
        "audio/mpeg",
        Sign::Begins(&[b"ID3", &[0xFF, 0xFB], &[0xFF, 0xF3]]),
    ),
    ("ogg", "audio/ogg", Sign::Begins(&[b"OggS"])),
    ("wav", "audio/wav", Sign::Holds(8, b"WAVE")),
    ("mp4", "video/mp4", Sign::Holds(4, b"ftyp")),
    ("m4a", "audio/mp4", Sign::Holds(4, b"ftyp")),
];

impl Sign {
    /// Does what begins with this head look so?
    pub(crate) fn fits(self, head: &[u8]) -> bool {
        match self {
            Self::Begins(signs) => signs.iter().any(|s| head.starts_with(s)),
            Self::Holds(at, sign) => head.get(at..).is_some_and(|rest| rest.starts_with(sign)),
            // UTF-16 and UTF-32 begin with a mark of their own and have NULs for Latin letters.
            Self::Text if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) => true,
            Self::Text => head
                .iter()
                .all(|b| *b >= 0x20 || matches!(b, b'\t' | b'\n' | b'\r' | 0x0C)),
        }
    }
}

/// The kind that a file's name says.
pub(crate) fn kind_of(name: &str) -> Option<(&'static str, Sign)> {
    let (_, extension) = name.rsplit_once('.')?;
    let extension = extension.to_lowercase();
    KINDS
        .iter()
        .find(|(e, _, _)| *e == extension)
        .map(|(_, media, sign)| (*media, *sign))
}

/// The name without folders and without what cannot be seen; `None` when nothing is left of it.
pub(crate) fn plain_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
        .collect();
    let plain = plain.trim().trim_matches('.').to_owned();
    (!plain.is_empty() && plain.chars().count() <= 200).then_some(plain)
}

/// The name to keep and the media type of a file that is whole in memory.
///
/// # Errors
/// `FileRefused` with what does not fit.
pub(crate) fn admitted(name: &str, content: &[u8]) -> Result<(String, &'static str), AppError> {
    let refused = |reason: &'static str| AppError::FileRefused { reason };
    let name = plain_name(name).ok_or_else(|| refused("name"))?;
    let (media, sign) = kind_of(&name).ok_or_else(|| refused("extension"))?;
    if content.is_empty() || content.len() as u64 > LARGEST_FILE {
        return Err(refused("size"));
    }
    if !sign.fits(content.get(..HEAD).unwrap_or(content)) {
        return Err(refused("content"));
    }
    Ok((name, media))
}

#[cfg(test)]
mod tests {
    use super::{kind_of, plain_name};

    #[test]
    fn names_and_contents_are_looked_at() {
        for (given, kept) in [
            ("../../etc/passwd.txt", Some("passwd.txt")),
            ("C:\\temp\\قرارداد.pdf", Some("قرارداد.pdf")),
            ("a\u{202E}fdp.txt", Some("afdp.txt")),
            ("..", None),
            ("", None),
        ] {
            assert_eq!(plain_name(given).as_deref(), kept, "{given}");
        }
        for refused in [
            "page.html",
            "x.svg",
            "run.exe",
            "x.pHp",
            "noextension",
            "x.pdf.js",
        ] {
            assert!(kind_of(refused).is_none(), "{refused}");
        }
        let fits = |name: &str, head: &[u8]| kind_of(name).is_some_and(|(_, sign)| sign.fits(head));
        assert!(fits("a.PDF", b"%PDF-1.7") && !fits("a.pdf", b"<html>"));
        assert!(fits("a.csv", "نام,شهر\n".as_bytes()) && !fits("a.csv", b"a\0b"));
        assert!(
            fits("a.webp", b"RIFF0000WEBP") && !fits("a.webp", b"RIFF0000WAVE") && !fits("a.webp", b"RI")
        );
    }
}
