//! Reading NDJSON as a stream: nested objects flattened to dotted columns, numbers digit by digit as they stand.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io::{Read, Seek};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::decode::LineReader;
use crate::{Cell, Encoding, ExchangeError, Limits, Position, Row, RowReader, Shape};

/// How an NDJSON file is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NdjsonOptions {
    /// Encoding of the file; by the standard UTF-8.
    pub encoding: Encoding,
    /// Limits.
    pub limits: Limits,
}

/// A streaming reader of NDJSON (also called JSON Lines).
///
/// `{"name":{"given":"Sara"}}` gives the column `name.given`; arrays and empty objects stay JSON in one cell
/// ([`Cell::Json`]); `null` is an empty cell. Columns are found as they come: a row holds a cell for every column
/// known when it was read, and later columns are added at the end. A bad line is an error with its number, and
/// reading goes on behind it.
pub struct NdjsonReader<R> {
    lines: LineReader<R>,
    limits: Limits,
    headers: Vec<String>,
    columns: HashMap<String, usize>,
    line: String,
    row: u64,
    done: bool,
}

impl<R: Read> NdjsonReader<R> {
    /// Begins reading. No line is read yet, so no column is known yet.
    pub fn new(reader: R, options: NdjsonOptions) -> Self {
        Self {
            lines: LineReader::new(reader, options.encoding, options.limits.max_line_bytes),
            limits: options.limits,
            headers: Vec::new(),
            columns: HashMap::new(),
            line: String::new(),
            row: 0,
            done: false,
        }
    }

    /// Gives the columns that are known from before, in their order, so that cells keep their places.
    pub fn set_headers(&mut self, headers: &[String]) {
        self.headers = headers.to_vec();
        self.columns = headers
            .iter()
            .enumerate()
            .map(|(index, name)| (name.clone(), index))
            .collect();
    }

    /// Memory held for the file, in bytes.
    pub fn buffered_bytes(&self) -> usize {
        self.lines.buffered_bytes() + self.line.capacity()
    }

    fn advance(&mut self) -> Result<Option<Row>, ExchangeError> {
        loop {
            let number = self.lines.line();
            let mut line = std::mem::take(&mut self.line);
            let more = self.lines.next_line(&mut line);
            self.line = line;
            if !more? {
                return Ok(None);
            }
            if !self.line.trim().is_empty() {
                self.row += 1;
                if self.row > self.limits.max_rows {
                    return Err(ExchangeError::TooManyRows {
                        limit: self.limits.max_rows,
                    });
                }
                return self.parse(number).map(Some);
            }
        }
    }

    fn parse(&mut self, line: u64) -> Result<Row, ExchangeError> {
        let text = self.line.trim();
        if depth_of(text) > self.limits.max_depth {
            return Err(ExchangeError::TooDeep {
                line,
                limit: self.limits.max_depth as u64,
            });
        }
        // the whole line is checked before any of it counts
        let raw: &RawValue = serde_json::from_str(text).map_err(|e| bad_json(line, &e))?;
        if !raw.get().starts_with('{') {
            return Err(ExchangeError::NotAnObject { line });
        }
        let mut found = Vec::new();
        flatten(raw.get(), "", line, &mut found)?;
        let mut seen = HashSet::with_capacity(found.len());
        for (key, cell) in &found {
            if !seen.insert(key.as_str()) {
                return Err(ExchangeError::DuplicateKey {
                    line,
                    key: key.clone(),
                });
            }
            if cell.as_text().len() > self.limits.max_cell_bytes {
                let column = self.columns.get(key).copied().unwrap_or(self.headers.len()) as u64 + 1;
                let limit = self.limits.max_cell_bytes as u64;
                return Err(ExchangeError::CellTooLong {
                    row: self.row,
                    column,
                    limit,
                });
            }
        }
        let mut cells = vec![Cell::Empty; self.headers.len()];
        for (key, cell) in found {
            let index = if let Some(index) = self.columns.get(&key) {
                *index
            } else {
                let index = self.headers.len();
                if index >= self.limits.max_columns {
                    let limit = self.limits.max_columns as u64;
                    return Err(ExchangeError::TooManyColumns { row: self.row, limit });
                }
                self.headers.push(key.clone());
                self.columns.insert(key, index);
                cells.push(Cell::Empty);
                index
            };
            if let Some(place) = cells.get_mut(index) {
                *place = cell;
            }
        }
        Ok(Row {
            number: self.row,
            line,
            cells,
            shape: Shape::Exact,
        })
    }
}

impl<R: Read + Seek> NdjsonReader<R> {
    /// Goes on at a place that [`position`](RowReader::position) gave for the same file, with the columns known then.
    pub fn resume(
        reader: R,
        options: NdjsonOptions,
        headers: &[String],
        position: Position,
    ) -> Result<Self, ExchangeError> {
        let mut ndjson = Self::new(reader, options);
        ndjson.set_headers(headers);
        ndjson.lines.seek(position)?;
        ndjson.row = position.row;
        Ok(ndjson)
    }
}

impl<R: Read> RowReader for NdjsonReader<R> {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn next_row(&mut self) -> Result<Option<Row>, ExchangeError> {
        if self.done {
            return Ok(None);
        }
        let result = self.advance();
        self.done = match &result {
            Ok(row) => row.is_none(),
            Err(e) => !e.is_row_error(),
        };
        result
    }

    fn position(&self) -> Position {
        Position {
            offset: self.lines.offset(),
            row: self.row,
            line: self.lines.line(),
        }
    }
}

fn bad_json(line: u64, e: &serde_json::Error) -> ExchangeError {
    // the place is said by the fields; the parser's words say it again
    let message = e.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    ExchangeError::BadJson {
        line,
        column: e.column() as u64,
        message,
    }
}

/// How deep the brackets of a JSON text nest, those in strings not counted.
fn depth_of(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for byte in text.bytes() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The members of one object, in order, each as its own text.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// Appends the cells of an object to `found`; recursion is bounded by the depth limit.
fn flatten(
    text: &str,
    prefix: &str,
    line: u64,
    found: &mut Vec<(String, Cell)>,
) -> Result<(), ExchangeError> {
    let members: Members<'_> = serde_json::from_str(text).map_err(|e| bad_json(line, &e))?;
    for (key, raw) in members.0 {
        let key = if prefix.is_empty() {
            key
        } else {
            format!("{prefix}.{key}")
        };
        let value = raw.get();
        let cell = match value.as_bytes().first() {
            Some(b'{') if !value.trim_start_matches('{').trim_start().starts_with('}') => {
                flatten(value, &key, line, found)?;
                continue;
            }
            Some(b'"') => {
                let text: String = serde_json::from_str(value).map_err(|e| bad_json(line, &e))?;
                if let Some(offset) = text.find('\0') {
                    let message = format!("a NUL in a string, at its byte {offset}");
                    return Err(ExchangeError::BadJson {
                        line,
                        column: 1,
                        message,
                    });
                }
                Cell::text(text)
            }
            Some(b't') => Cell::Bool(true),
            Some(b'f') => Cell::Bool(false),
            Some(b'n') => Cell::Empty,
            Some(b'{' | b'[') => Cell::Json(value.to_owned()),
            _ => Cell::Number(value.to_owned()),
        };
        found.push((key, cell));
    }
    Ok(())
}
