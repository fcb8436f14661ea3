//! Parameters of lists, read strictly: an unknown one is an error, not a silent nothing.

use axum::http::StatusCode;
use peyvand_app::ListRequest;
use serde_json::json;

use crate::problem::Problem;

/// `%41` and `+` as what they stand for; `None` when the bytes are not UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        match b {
            b'+' => out.push(b' '),
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                out.push((high * 16 + low) as u8);
            }
            b => out.push(b),
        }
    }
    String::from_utf8(out).ok()
}

/// The list that a query string asks for.
pub(crate) fn list(query: Option<&str>) -> Result<ListRequest, Problem> {
    let mut r = ListRequest::default();
    let bad = |name: &str, value: &str| {
        Problem::new(StatusCode::BAD_REQUEST, "bad-parameter")
            .with("parameter", json!(name.chars().take(60).collect::<String>()))
            .with("value", json!(value.chars().take(60).collect::<String>()))
    };
    for pair in query.unwrap_or_default().split('&').filter(|p| !p.is_empty()) {
        let (k, v) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (decode(k), decode(v)) else {
            return Err(bad(k, v));
        };
        if value.contains('\0') {
            return Err(bad(&name, "NUL"));
        }
        match name.as_str() {
            "filter" => r.filter = Some(value),
            "sort" => r.sort = Some(value),
            "cursor" => r.cursor = Some(value),
            "fields" => r.fields = Some(value),
            "q" => r.q = Some(value),
            "limit" => r.limit = Some(value.parse().map_err(|_| bad(&name, &value))?),
            "deleted" => r.deleted = flag(&value).ok_or_else(|| bad(&name, &value))?,
            "count" => r.count = flag(&value).ok_or_else(|| bad(&name, &value))?,
            _ => return Err(bad(&name, &value)),
        }
    }
    Ok(r)
}

fn flag(v: &str) -> Option<bool> {
    match v {
        "true" | "1" | "" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
