//! Reading vCards as a stream, as tolerant as the clients that write them need.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::card::{Card, CardAddress, CardName, CardPoint, VcardVersion};
use super::line::{Property, components, is_quoted_printable, parse, text};
use super::row::{CARD_HEADERS, card_to_row};
use crate::decode::LineReader;
use crate::{Encoding, ExchangeError, Limits, Position, Row, RowReader, Shape};

/// How a vCard file is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VcardOptions {
    /// Encoding of the file; values that name their own character set and are quoted-printable follow that.
    pub encoding: Encoding,
    /// Limits; [`Limits::max_line_bytes`] bounds a whole card.
    pub limits: Limits,
}

/// A streaming reader of vCards. Memory is bounded by one card.
pub struct VcardReader<R> {
    lines: LineReader<R>,
    limits: Limits,
    headers: Vec<String>,
    /// A physical line read ahead, with the offset and number of it: unfolding needs to see the next one.
    ahead: Option<Physical>,
    row: u64,
    done: bool,
}

struct Physical {
    text: String,
    offset: u64,
    line: u64,
}

impl<R: Read> VcardReader<R> {
    /// Begins reading.
    pub fn new(reader: R, options: VcardOptions) -> Self {
        Self {
            lines: LineReader::new(reader, options.encoding, options.limits.max_line_bytes),
            limits: options.limits,
            headers: CARD_HEADERS.iter().map(|&header| header.to_owned()).collect(),
            ahead: None,
            row: 0,
            done: false,
        }
    }

    /// The next contact as it stands in the file.
    pub fn next_card(&mut self) -> Result<Option<Card>, ExchangeError> {
        if self.done {
            return Ok(None);
        }
        let result = self.read_card();
        self.done = match &result {
            Ok(card) => card.is_none(),
            Err(e) => !e.is_row_error(),
        };
        result
    }

    fn physical(&mut self) -> Result<Option<Physical>, ExchangeError> {
        if let Some(line) = self.ahead.take() {
            return Ok(Some(line));
        }
        let (offset, line) = (self.lines.offset(), self.lines.line());
        let mut text = String::new();
        Ok(self
            .lines
            .next_line(&mut text)?
            .then_some(Physical { text, offset, line }))
    }

    /// The next line with its folded parts joined.
    fn unfolded(&mut self) -> Result<Option<(String, u64)>, ExchangeError> {
        let Some(first) = self.physical()? else {
            return Ok(None);
        };
        let (mut text, number) = (first.text, first.line);
        let printable = is_quoted_printable(&text);
        while let Some(next) = self.physical()? {
            if printable && text.ends_with('=') {
                // the soft line break of quoted-printable; some writers indent what follows
                text.pop();
                text.push_str(next.text.trim_start_matches([' ', '\t']));
            } else if next.text.starts_with([' ', '\t']) {
                text.push_str(next.text.get(1..).unwrap_or_default());
            } else {
                self.ahead = Some(next);
                break;
            }
            if text.len() > self.limits.max_line_bytes {
                let limit = self.limits.max_line_bytes as u64;
                return Err(ExchangeError::LineTooLong { line: number, limit });
            }
        }
        Ok(Some((text, number)))
    }

    fn read_card(&mut self) -> Result<Option<Card>, ExchangeError> {
        let begin = loop {
            let Some((text, line)) = self.unfolded()? else {
                return Ok(None);
            };
            let text = text.trim();
            if text.eq_ignore_ascii_case("BEGIN:VCARD") {
                break line;
            }
            if !text.is_empty() {
                // the rest up to the next card is one fault, not one for each line
                self.skip_to_begin()?;
                return Err(ExchangeError::OutsideCard { line });
            }
        };
        self.row += 1;
        if self.row > self.limits.max_rows {
            return Err(ExchangeError::TooManyRows {
                limit: self.limits.max_rows,
            });
        }
        let mut draft = Draft {
            card: Card {
                line: begin,
                ..Card::default()
            },
            labels: HashMap::new(),
        };
        let mut size = 0;
        loop {
            let Some((line, _)) = self.unfolded()? else {
                return Err(ExchangeError::UnterminatedCard { line: begin });
            };
            let trimmed = line.trim();
            if trimmed.eq_ignore_ascii_case("END:VCARD") {
                return Ok(Some(draft.finish()));
            }
            if trimmed.eq_ignore_ascii_case("BEGIN:VCARD") {
                return Err(ExchangeError::UnterminatedCard { line: begin });
            }
            size += line.len();
            if size > self.limits.max_line_bytes {
                return Err(ExchangeError::LineTooLong {
                    line: begin,
                    limit: self.limits.max_line_bytes as u64,
                });
            }
            if trimmed.is_empty() {
                continue;
            }
            match parse(&line) {
                Some(property) => draft.take(&property),
                None => draft.card.malformed_lines += 1,
            }
        }
    }

    fn skip_to_begin(&mut self) -> Result<(), ExchangeError> {
        while let Some(line) = self.physical()? {
            if line.text.trim().eq_ignore_ascii_case("BEGIN:VCARD") {
                self.ahead = Some(line);
                break;
            }
        }
        Ok(())
    }
}

impl<R: Read + Seek> VcardReader<R> {
    /// Goes on at a place that [`position`](RowReader::position) gave for the same file.
    pub fn resume(reader: R, options: VcardOptions, position: Position) -> Result<Self, ExchangeError> {
        let mut vcard = Self::new(reader, options);
        vcard.lines.seek(position)?;
        vcard.row = position.row;
        Ok(vcard)
    }
}

impl<R: Read> RowReader for VcardReader<R> {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn next_row(&mut self) -> Result<Option<Row>, ExchangeError> {
        let Some(card) = self.next_card()? else {
            return Ok(None);
        };
        Ok(Some(Row {
            number: self.row,
            line: card.line,
            cells: card_to_row(&card),
            shape: Shape::Exact,
        }))
    }

    fn position(&self) -> Position {
        let (offset, line) = match &self.ahead {
            Some(ahead) => (ahead.offset, ahead.line),
            None => (self.lines.offset(), self.lines.line()),
        };
        Position {
            offset,
            row: self.row,
            line,
        }
    }
}

/// A card while its properties come in.
struct Draft {
    card: Card,
    /// Own labels by group (`item1` → `Assistant`), and where a point of that group stands.
    labels: HashMap<String, String>,
}

/// Marks a label that is to be replaced by the own label of its group, which may come later.
const GROUP: char = '\u{1}';

impl Draft {
    fn take(&mut self, property: &Property) {
        let value = property.value.as_str();
        let card = &mut self.card;
        match property.name.as_str() {
            "VERSION" => {
                card.version = match value.trim() {
                    "2.1" => VcardVersion::V21,
                    "4.0" => VcardVersion::V40,
                    _ => VcardVersion::V30,
                }
            }
            "FN" if card.full_name.is_empty() => card.full_name = clean(&text(value)),
            "N" if card.name.is_empty() => {
                let mut parts = components(value, ';').into_iter().map(|part| clean(&part));
                let mut next = || parts.next().unwrap_or_default();
                let (family, given, middle) = (next(), next(), next());
                card.name = CardName {
                    family,
                    given,
                    middle,
                    title: next(),
                    suffix: next(),
                };
            }
            "NICKNAME" if card.nickname.is_empty() => card.nickname = clean(&text(value)),
            "ORG" if card.organization.is_empty() => {
                let mut parts = components(value, ';').into_iter().map(|part| clean(&part));
                // A department may stand without the organisation that it belongs to (RFC 6350, 6.6.4).
                card.organization = parts.next().unwrap_or_default();
                let units: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
                card.department = units.join(" / ");
            }
            "TITLE" if card.job_title.is_empty() => card.job_title = clean(&text(value)),
            "EMAIL" => push_point(&mut card.emails, property, "mailto:"),
            "TEL" => push_point(&mut card.phones, property, "tel:"),
            "URL" => push_point(&mut card.urls, property, ""),
            "ADR" => {
                let mut parts = components(value, ';')
                    .into_iter()
                    .map(|part| part.trim().to_owned());
                let mut next = || parts.next().unwrap_or_default();
                let address = CardAddress {
                    po_box: next(),
                    extended: next(),
                    street: next(),
                    city: next(),
                    region: next(),
                    postal_code: next(),
                    country: next(),
                    label: label_of(property),
                    primary: property.preferred(),
                };
                if !address.is_empty() {
                    card.addresses.push(address);
                }
            }
            "BDAY" if card.birth_date.is_none() => {
                let omitted = property.param("X-APPLE-OMIT-YEAR");
                card.birth_date = birth_date(&text(value), omitted);
            }
            "NOTE" => {
                let note = text(value);
                if !note.trim().is_empty() {
                    if !card.note.is_empty() {
                        card.note.push_str("\n\n");
                    }
                    card.note.push_str(&note);
                }
            }
            "UID" if card.uid.is_none() => {
                card.uid = Some(text(value).trim().to_owned()).filter(|uid| !uid.is_empty());
            }
            "CATEGORIES" => {
                for category in components(value, ',') {
                    let category = clean(&category);
                    if !category.is_empty() && !card.categories.contains(&category) {
                        card.categories.push(category);
                    }
                }
            }
            "X-ABLABEL" => {
                if let Some(group) = &property.group {
                    // Apple writes its own words as _$!<HomePage>!$_
                    let label = text(value);
                    let label = label
                        .trim()
                        .trim_start_matches("_$!<")
                        .trim_end_matches(">!$_")
                        .to_owned();
                    self.labels.insert(group.clone(), label);
                }
            }
            // said by the file and of no meaning for a contact
            "PRODID" | "REV" | "X-ABADR" | "END" | "BEGIN" => {}
            other => {
                if card.skipped.len() < 100 && !card.skipped.iter().any(|name| name == other) {
                    card.skipped.push(other.to_owned());
                }
            }
        }
    }

    /// Replaces the labels by group with the own labels.
    fn finish(self) -> Card {
        let Self { mut card, labels } = self;
        let resolve = |label: &mut Option<String>| {
            let Some(text) = label.as_mut() else { return };
            let Some((group, fallback)) = text.strip_prefix(GROUP).and_then(|rest| rest.split_once(GROUP))
            else {
                return;
            };
            let own = labels.get(group).filter(|own| !own.is_empty()).cloned();
            *label = own.or_else(|| (!fallback.is_empty()).then(|| fallback.to_owned()));
        };
        for point in card
            .emails
            .iter_mut()
            .chain(&mut card.phones)
            .chain(&mut card.urls)
        {
            resolve(&mut point.label);
        }
        for address in &mut card.addresses {
            resolve(&mut address.label);
        }
        card
    }
}

fn clean(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn push_point(points: &mut Vec<CardPoint>, property: &Property, scheme: &str) {
    let value = text(&property.value);
    let mut value = value.trim();
    if let Some(start) = value
        .get(..scheme.len())
        .filter(|start| start.eq_ignore_ascii_case(scheme))
    {
        value = value.get(start.len()..).unwrap_or_default();
    }
    if !value.is_empty() {
        points.push(CardPoint {
            value: value.to_owned(),
            label: label_of(property),
            primary: property.preferred(),
        });
    }
}

/// The telling type, tied to the group if there is one, since the group's own label may come later.
fn label_of(property: &Property) -> Option<String> {
    let telling = |one: &String| {
        !matches!(
            one.as_str(),
            "pref" | "internet" | "voice" | "text" | "x400" | "uri"
        )
    };
    let types: Vec<String> = property.types().filter(telling).collect();
    // fax says more than work, as it tells what the number is for
    let best = types.iter().find(|one| one.as_str() == "fax").or_else(|| {
        types
            .iter()
            .find(|one| one.as_str() == "cell")
            .or_else(|| types.first())
    });
    let own = property.param("LABEL").map(str::to_owned);
    let label = best
        .map(|one| one.strip_prefix("x-").unwrap_or(one).to_owned())
        .or(own);
    match &property.group {
        Some(group) => Some(format!("{GROUP}{group}{GROUP}{}", label.unwrap_or_default())),
        None => label,
    }
}

/// `19850412`, `1985-04-12`, `1985-04-12T00:00:00Z`, `--0412`, and Apple's made-up year for a birthday without one.
fn birth_date(text: &str, omitted_year: Option<&str>) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let day = text.split('T').next().unwrap_or_default();
    let digits: String = day.chars().filter(char::is_ascii_digit).collect();
    let plain = day.chars().all(|c| c.is_ascii_digit() || c == '-');
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    Some(match digits.len() {
        8 if plain && omitted_year == digits.get(..4) => format!("--{}-{}", part(4, 6), part(6, 8)),
        8 if plain => format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8)),
        4 if plain && day.starts_with("--") => format!("--{}-{}", part(0, 2), part(2, 4)),
        _ => text.to_owned(),
    })
}
