//! Writing vCards as a stream, in 3.0 or 4.0.

use std::io::Write;

use super::card::{Card, CardPoint, VcardVersion};
use crate::ExchangeError;

/// Octets of a line, its end not counted (RFC 6350, 3.2).
const LINE_OCTETS: usize = 75;

/// A streaming writer of vCards: UTF-8, CRLF, lines folded at 75 octets and never inside a character.
pub struct VcardWriter<W> {
    writer: W,
    version: VcardVersion,
}

impl<W: Write> VcardWriter<W> {
    /// Writes in version 4.0 or 3.0; for 2.1, which is read only, in 3.0.
    pub fn new(writer: W, version: VcardVersion) -> Self {
        let version = if version == VcardVersion::V40 {
            VcardVersion::V40
        } else {
            VcardVersion::V30
        };
        Self { writer, version }
    }

    /// Writes one card.
    pub fn write_card(&mut self, card: &Card) -> Result<(), ExchangeError> {
        let modern = self.version == VcardVersion::V40;
        let mut out = String::new();
        let mut groups = 0;
        fold(&mut out, "BEGIN:VCARD");
        fold(&mut out, if modern { "VERSION:4.0" } else { "VERSION:3.0" });
        if let Some(uid) = &card.uid {
            // a text is allowed in both; a URI is the default in 4.0
            let kind = if modern && !uid.contains(':') {
                ";VALUE=text"
            } else {
                ""
            };
            fold(&mut out, &format!("UID{kind}:{}", escape(uid)));
        }
        fold(&mut out, &format!("FN:{}", escape(&card.display_name())));
        let name = &card.name;
        // 3.0 asks for N even when there is nothing to say
        if !name.is_empty() || !modern {
            let parts = [&name.family, &name.given, &name.middle, &name.title, &name.suffix];
            fold(&mut out, &format!("N:{}", join(&parts)));
        }
        text_property(&mut out, "NICKNAME", &card.nickname);
        if !card.organization.is_empty() || !card.department.is_empty() {
            let mut parts = vec![card.organization.as_str()];
            parts.extend(card.department.split(" / ").filter(|unit| !unit.is_empty()));
            let parts: Vec<String> = parts.into_iter().map(escape).collect();
            fold(&mut out, &format!("ORG:{}", parts.join(";")));
        }
        text_property(&mut out, "TITLE", &card.job_title);
        for (name, points) in [
            ("EMAIL", &card.emails),
            ("TEL", &card.phones),
            ("URL", &card.urls),
        ] {
            for point in points {
                self.point(&mut out, name, point, &mut groups);
            }
        }
        for address in &card.addresses {
            let parts = [
                &address.po_box,
                &address.extended,
                &address.street,
                &address.city,
                &address.region,
                &address.postal_code,
                &address.country,
            ];
            let head = self.head("ADR", address.label.as_deref(), address.primary, &mut groups);
            fold(&mut out, &format!("{}:{}", head.start, join(&parts)));
            head.label_line(&mut out);
        }
        if let Some(day) = &card.birth_date {
            let compact = day.len() == 10 && day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            let yearless = day.len() == 7 && day.starts_with("--");
            let line = match (modern, compact, yearless) {
                (true, true, _) => format!("BDAY:{}", day.replace('-', "")),
                (true, false, true) => format!("BDAY:--{}", day.replace('-', "")),
                (false, true, _) => format!("BDAY:{day}"),
                // the form Apple gave to a birthday without a year, which 3.0 does not have
                (false, false, true) => {
                    format!("BDAY;X-APPLE-OMIT-YEAR=1604:1604-{}", day.trim_start_matches('-'))
                }
                _ => format!("BDAY;VALUE=text:{}", escape(day)),
            };
            fold(&mut out, &line);
        }
        text_property(&mut out, "NOTE", &card.note);
        if !card.categories.is_empty() {
            let categories: Vec<String> = card.categories.iter().map(|one| escape(one)).collect();
            fold(&mut out, &format!("CATEGORIES:{}", categories.join(",")));
        }
        fold(&mut out, "END:VCARD");
        self.writer.write_all(out.as_bytes())?;
        Ok(())
    }

    /// Flushes and gives the writer back.
    pub fn finish(mut self) -> Result<W, ExchangeError> {
        self.writer.flush()?;
        Ok(self.writer)
    }

    fn point(&self, out: &mut String, name: &str, point: &CardPoint, groups: &mut u32) {
        let head = self.head(name, point.label.as_deref(), point.primary, groups);
        // 4.0 takes a phone for a text unless told otherwise, so nothing needs to be said
        fold(out, &format!("{}:{}", head.start, escape(&point.value)));
        head.label_line(out);
    }

    /// Name and parameters: a standard type, or a group whose own label follows.
    fn head(&self, name: &str, label: Option<&str>, primary: bool, groups: &mut u32) -> Head {
        const TYPES: [&str; 9] = [
            "home", "work", "cell", "fax", "pager", "video", "other", "main", "iphone",
        ];
        let mut start = name.to_owned();
        let mut own = None;
        match label {
            Some(label) if TYPES.contains(&label) => {
                start = format!(
                    "{start};TYPE={}",
                    if label == "cell" || self.modern() {
                        label.to_owned()
                    } else {
                        label.to_uppercase()
                    }
                );
            }
            Some(label) if !label.is_empty() => {
                *groups += 1;
                start = format!("item{groups}.{name}");
                own = Some((*groups, escape(label)));
            }
            _ => {}
        }
        if primary {
            start.push_str(if self.modern() { ";PREF=1" } else { ";TYPE=pref" });
        }
        Head { start, own }
    }

    fn modern(&self) -> bool {
        self.version == VcardVersion::V40
    }
}

/// The part of a line before its colon, and the label that is to follow it.
struct Head {
    start: String,
    own: Option<(u32, String)>,
}

impl Head {
    fn label_line(&self, out: &mut String) {
        if let Some((group, label)) = &self.own {
            fold(out, &format!("item{group}.X-ABLabel:{label}"));
        }
    }
}

fn text_property(out: &mut String, name: &str, text: &str) {
    if !text.is_empty() {
        fold(out, &format!("{name}:{}", escape(text)));
    }
}

fn join(parts: &[&String]) -> String {
    parts
        .iter()
        .map(|part| escape(part))
        .collect::<Vec<_>>()
        .join(";")
}

/// Escapes backslash, comma, semicolon and line breaks. Other control characters do not belong in a text and go.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' | ',' | ';' => {
                out.push('\\');
                out.push(c);
            }
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push_str("\\n");
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push('\t'),
            _ if c.is_control() => {}
            _ => out.push(c),
        }
    }
    out
}

/// Appends a line folded at 75 octets; a continued line begins with a space, which counts.
fn fold(out: &mut String, line: &str) {
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_OCTETS {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out.push_str("\r\n");
}
