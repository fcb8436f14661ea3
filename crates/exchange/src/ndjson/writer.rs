//! Writing NDJSON as a stream.

use std::io::Write;

use serde_json::Value;

use crate::{Cell, ExchangeError};

/// A streaming writer of NDJSON.
///
/// Dotted columns become nested objects (`name.given` → `{"name":{"given":…}}`), unless the part before the dot is
/// itself a column; then the dotted name stays as it is. Empty cells are left out, so what is not there and what is
/// empty read back alike.
pub struct NdjsonWriter<W> {
    writer: W,
    paths: Vec<Vec<String>>,
}

/// A number written digit by digit as it stands.
const NUMBER: &str = "0123456789+-.eE";

impl<W: Write> NdjsonWriter<W> {
    /// Prepares for rows with these columns; nothing is written yet.
    pub fn new(writer: W, headers: &[String]) -> Self {
        let nested = |header: &str| {
            let parts: Vec<&str> = header.split('.').collect();
            let whole = parts.iter().all(|part| !part.is_empty());
            let free = (1..parts.len()).all(|n| {
                parts
                    .get(..n)
                    .is_some_and(|some| !headers.iter().any(|h| *h == some.join(".")))
            });
            whole && free
        };
        let paths = headers
            .iter()
            .map(|header| {
                if nested(header) {
                    header.split('.').map(str::to_owned).collect()
                } else {
                    vec![header.clone()]
                }
            })
            .collect();
        Self { writer, paths }
    }

    /// Writes one row as one line; cells beyond the columns are left out, since they have no name.
    pub fn write_row(&mut self, cells: &[Cell]) -> Result<(), ExchangeError> {
        let mut tree = Node::default();
        for (path, cell) in self.paths.iter().zip(cells) {
            if !cell.is_empty() {
                tree.put(path, cell_json(cell)?);
            }
        }
        let mut line = String::new();
        tree.write(&mut line)?;
        line.push('\n');
        self.writer.write_all(line.as_bytes())?;
        Ok(())
    }

    /// Flushes and gives the writer back.
    pub fn finish(mut self) -> Result<W, ExchangeError> {
        self.writer.flush()?;
        Ok(self.writer)
    }
}

/// One member of an object: its text, or an object of further members.
#[derive(Default)]
struct Node {
    members: Vec<(String, Member)>,
}

enum Member {
    Text(String),
    Object(Node),
}

impl Node {
    fn put(&mut self, path: &[String], text: String) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        if rest.is_empty() {
            self.members.push((first.clone(), Member::Text(text)));
            return;
        }
        let at = self
            .members
            .iter()
            .position(|(key, member)| key == first && matches!(member, Member::Object(_)));
        let at = at.unwrap_or_else(|| {
            self.members
                .push((first.clone(), Member::Object(Self::default())));
            self.members.len() - 1
        });
        if let Some((_, Member::Object(node))) = self.members.get_mut(at) {
            node.put(rest, text);
        }
    }

    fn write(&self, out: &mut String) -> Result<(), ExchangeError> {
        out.push('{');
        for (index, (key, member)) in self.members.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            out.push_str(&json_text(key)?);
            out.push(':');
            match member {
                Member::Text(text) => out.push_str(text),
                Member::Object(node) => node.write(out)?,
            }
        }
        out.push('}');
        Ok(())
    }
}

fn json_text(text: &str) -> Result<String, ExchangeError> {
    serde_json::to_string(text).map_err(|e| ExchangeError::Io(std::io::Error::other(e.to_string())))
}

fn cell_json(cell: &Cell) -> Result<String, ExchangeError> {
    let text = cell.as_text();
    match cell {
        Cell::Bool(_) => Ok(text.into_owned()),
        // only what is a JSON number; `+5` or `.5` would break the line
        Cell::Number(_) if text.chars().all(|c| NUMBER.contains(c)) && is_json(&text) => {
            Ok(text.into_owned())
        }
        Cell::Json(_) if !text.contains(['\n', '\r']) && is_json(&text) => Ok(text.into_owned()),
        // JSON of several lines is made one
        Cell::Json(_) => match serde_json::from_str::<Value>(&text) {
            Ok(value) => Ok(value.to_string()),
            Err(_) => json_text(&text),
        },
        _ => json_text(&text),
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}
