//! What a form showed, carried by the form itself: a digest beside each input. A field that comes back as it was shown was
//! not touched by this reader, whatever has become of the record meanwhile; only the others are read and written.

use peyvand_catalog::FieldDef;
use sha2::{Digest as _, Sha256};

use super::Typed;
use super::inputs::Input;

/// Name of the hidden input that holds the digest of a field.
pub(crate) fn name(key: &str) -> String {
    format!("was:{key}")
}

/// Bytes of a digest: it tells two texts of one field apart and guards nothing.
const BYTES: usize = 8;

fn digest(mut entries: Vec<(String, String)>) -> String {
    entries.retain(|(_, x)| !x.is_empty());
    entries.sort();
    let mut hash = Sha256::new();
    for (k, x) in entries {
        for part in [k, x] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
    }
    hex::encode(&hash.finalize()[..BYTES])
}

/// A text as browsers send it back: line ends become CRLF, and an input of one line has none.
fn plain(text: &str, lines: bool) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = if lines {
        text
    } else {
        text.replace(['\n', '\r'], "")
    };
    text.trim().to_owned()
}

/// The digest of what a browser sends for this input when nobody touches it. The parts of a recurrence stand in `texts`.
pub(crate) fn of_input(input: &Input, texts: &Typed) -> String {
    let key = &input.key;
    let one = |lines: bool| (key.clone(), plain(&input.value, lines));
    digest(match input.kind {
        "choice" | "pick" => input
            .options
            .iter()
            .filter(|(.., on)| *on)
            .take(1)
            .map(|(value, ..)| (key.clone(), value.clone()))
            .collect(),
        "choices" => input
            .options
            .iter()
            .filter(|(.., on)| *on)
            .map(|(value, ..)| (format!("{key}:{value}"), "on".to_owned()))
            .collect(),
        "check" if matches!(input.value.as_str(), "true" | "on") => vec![(key.clone(), "on".to_owned())],
        "check" => Vec::new(),
        "parts" => input
            .parts
            .iter()
            .map(|p| (p.name.clone(), plain(&p.value, false)))
            .collect(),
        "link" => vec![one(false), (format!("{key}.id"), input.id.clone())],
        "repeat" => sent(key, texts, false),
        kind => vec![one(matches!(kind, "area" | "marked" | "lines"))],
    })
}

fn sent(key: &str, typed: &Typed, check: bool) -> Vec<(String, String)> {
    typed
        .iter()
        .filter_map(|(k, x)| {
            let part = k.strip_prefix(key)?;
            let text = match part.chars().next() {
                None if check => "on".to_owned(),
                None | Some('.') => plain(x, true),
                Some(':') => "on".to_owned(),
                Some(_) => return None,
            };
            // The day from which a recurrence begins follows the activity.
            (part != ".from").then(|| (k.clone(), text))
        })
        .collect()
}

/// Is what was sent for a field what its form showed? `None` when the form does not say what it showed.
pub(crate) fn untouched(f: &FieldDef, typed: &Typed) -> Option<bool> {
    let was = typed.get(&name(&f.key))?;
    let check = f.stored() == peyvand_catalog::FieldType::Boolean;
    Some(*was == digest(sent(&f.key, typed, check)))
}

/// Does this form say what it showed?
pub(crate) fn is_said(typed: &Typed) -> bool {
    typed.keys().any(|k| k.starts_with("was:"))
}
