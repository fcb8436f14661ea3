//! One property of a card: `group.NAME;PARAM=value:VALUE`.

use std::borrow::Cow;

/// A property, its parts separated but its value not yet unescaped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Property {
    /// `item1` in `item1.EMAIL`, in lower case.
    pub(crate) group: Option<String>,
    /// In upper case.
    pub(crate) name: String,
    /// Names in upper case; bare parameters of 2.1 (`HOME`) are filed under `TYPE`.
    pub(crate) params: Vec<(String, String)>,
    /// After decoding of quoted-printable and base64.
    pub(crate) value: String,
}

impl Property {
    /// The first value of a parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All types, in lower case.
    pub(crate) fn types(&self) -> impl Iterator<Item = String> {
        self.params
            .iter()
            .filter(|(key, _)| key == "TYPE")
            .flat_map(|(_, value)| value.split(','))
            .map(|one| one.trim().to_lowercase())
            .filter(|one| !one.is_empty())
    }

    /// Whether the value is marked as preferred: `TYPE=pref` in 3.0, `PREF=1` in 4.0.
    pub(crate) fn preferred(&self) -> bool {
        self.types().any(|one| one == "pref") || self.param("PREF") == Some("1")
    }
}

/// Whether the value of a physical line is quoted-printable, whose long lines go on after a final `=`.
pub(crate) fn is_quoted_printable(line: &str) -> bool {
    let Some(at) = value_start(line) else { return false };
    line.get(..at)
        .unwrap_or_default()
        .to_ascii_uppercase()
        .contains("QUOTED-PRINTABLE")
}

/// The byte behind the colon that begins the value; colons in quoted parameters do not count.
fn value_start(line: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b':' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    // an unclosed quote: what is tolerated is the first colon
    line.find(':').map(|at| at + 1)
}

/// Separates an unfolded line; `None` if it has no value or no name.
pub(crate) fn parse(line: &str) -> Option<Property> {
    let at = value_start(line)?;
    let head = line.get(..at - 1)?;
    let raw = line.get(at..)?;
    let mut pieces = split_unquoted(head, ';').into_iter();
    let full = pieces.next()?.trim().to_owned();
    let (group, name) = match full.rsplit_once('.') {
        Some((group, name)) => (Some(group.to_lowercase()), name.to_uppercase()),
        None => (None, full.to_uppercase()),
    };
    if name.is_empty()
        || !name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        return None;
    }
    let mut params = Vec::new();
    for piece in pieces {
        if let Some((key, value)) = piece.split_once('=') {
            params.push((key.trim().to_uppercase(), unquote(value)));
        } else {
            let bare = piece.trim().to_uppercase();
            let key = match bare.as_str() {
                "QUOTED-PRINTABLE" | "BASE64" | "8BIT" | "7BIT" => "ENCODING",
                _ => "TYPE",
            };
            params.push((key.to_owned(), bare));
        }
    }
    let mut property = Property {
        group,
        name,
        params,
        value: String::new(),
    };
    property.value = decode_value(&property, raw);
    Some(property)
}

/// RFC 6868: `^n` is a line break, `^'` a quotation mark, `^^` a caret.
fn unquote(value: &str) -> String {
    let plain = value.trim().replace('"', "");
    if !plain.contains('^') {
        return plain;
    }
    let mut out = String::new();
    let mut chars = plain.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('^', Some('n')) => out.push('\n'),
            ('^', Some('\'')) => out.push('"'),
            ('^', Some('^')) => out.push('^'),
            _ => {
                out.push(c);
                continue;
            }
        }
        chars.next();
    }
    out
}

fn split_unquoted(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        if c == '"' {
            quoted = !quoted;
        }
        if c == separator && !quoted {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

fn decode_value(property: &Property, raw: &str) -> String {
    let encoding = property
        .param("ENCODING")
        .unwrap_or_default()
        .to_ascii_uppercase();
    if encoding != "QUOTED-PRINTABLE" {
        return raw.to_owned();
    }
    let bytes = quoted_printable(raw);
    let charset = property.param("CHARSET").unwrap_or("utf-8");
    let table = encoding_rs::Encoding::for_label(charset.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    // a label that does not fit shows as replacement characters, as mail programs do it
    let text: Cow<'_, str> = table.decode_without_bom_handling(&bytes).0;
    text.replace('\0', "").replace("\r\n", "\n")
}

fn quoted_printable(raw: &str) -> Vec<u8> {
    let bytes = raw.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = bytes
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) if byte == b'=' => {
                out.push(decoded);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// Splits a structured value at unescaped separators and unescapes the parts.
pub(crate) fn components(value: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c == separator {
            parts.push(String::new());
            continue;
        }
        let Some(last) = parts.last_mut() else { break };
        if c != '\\' {
            last.push(c);
            continue;
        }
        match chars.next() {
            Some('n' | 'N') => last.push('\n'),
            Some(escaped @ (',' | ';' | '\\' | ':' | '"')) => last.push(escaped),
            Some(other) => {
                last.push('\\');
                last.push(other);
            }
            None => last.push('\\'),
        }
    }
    parts
}

/// The value as one text.
pub(crate) fn text(value: &str) -> String {
    // no text contains a NUL, so this separator splits nothing
    components(value, '\0').concat()
}
