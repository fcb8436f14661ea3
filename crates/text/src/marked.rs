//! Formatting by a few marks in plain text: `**bold**`, `_italic_`, lines that begin with `- ` or `1. `, `[text](address)`.
//!
//! What comes out is rich text that was cleaned like any other ([`rich::sanitise`]); marks that do not fit stay the signs that
//! they are.

use crate::rich;

/// Depth of formatting within formatting.
const DEPTH: u8 = 3;
/// Where a link may lead.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// Rich text from what a person wrote: markup is taken as such (and cleaned), anything else is read with its marks, a
/// paragraph for each line.
///
/// ```
/// use peyvand_text::marked::from_written;
/// assert_eq!(from_written("سلام **علی** و _رضا_"), "<p>سلام <strong>علی</strong> و <em>رضا</em></p>");
/// assert_eq!(from_written("- یک\n- دو\nسه"), "<ul><li>یک</li><li>دو</li></ul><p>سه</p>");
/// assert_eq!(from_written("5 * 3, snake_case, a\\*b"), "<p>5 * 3, snake_case, a*b</p>");
/// ```
#[must_use]
pub fn from_written(text: &str) -> String {
    if rich::is_markup(text) {
        return rich::from_typed(text);
    }
    let mut out = String::with_capacity(text.len() + text.len() / 4 + 16);
    let mut list: Option<&'static str> = None;
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let (kind, rest) = item(line);
        if list != kind {
            if let Some(open) = list {
                close(&mut out, open);
            }
            if let Some(new) = kind {
                open(&mut out, new);
            }
            list = kind;
        }
        let tag = if kind.is_some() { "li" } else { "p" };
        open(&mut out, tag);
        inline(rest, DEPTH, &mut out);
        close(&mut out, tag);
    }
    if let Some(open) = list {
        close(&mut out, open);
    }
    rich::sanitise(&out).into_owned()
}

fn open(out: &mut String, tag: &str) {
    out.push('<');
    out.push_str(tag);
    out.push('>');
}

fn close(out: &mut String, tag: &str) {
    out.push_str("</");
    out.push_str(tag);
    out.push('>');
}

/// The list that a line belongs to, and what stands in it.
fn item(line: &str) -> (Option<&'static str>, &str) {
    for mark in ["- ", "* ", "• "] {
        if let Some(rest) = line.strip_prefix(mark).map(str::trim).filter(|r| !r.is_empty()) {
            return (Some("ul"), rest);
        }
    }
    let digits = |c: char| c.is_ascii_digit() || ('۰'..='۹').contains(&c) || ('٠'..='٩').contains(&c);
    let after = line.trim_start_matches(digits);
    let count = line.chars().count() - after.chars().count();
    if (1..=3).contains(&count)
        && let Some(rest) = after.strip_prefix(". ").or_else(|| after.strip_prefix(") "))
        && !rest.trim().is_empty()
    {
        return (Some("ol"), rest.trim());
    }
    (None, line)
}

/// Signs that a backslash makes ordinary.
fn is_mark(c: char) -> bool {
    matches!(c, '\\' | '*' | '_' | '[' | '-' | '.' | ')')
}

/// The place of a closing mark: after something that is no space, and for `_` before something that continues no word.
fn closing(text: &str, mark: &str) -> Option<usize> {
    let mut before = None;
    let mut skip = false;
    for (at, c) in text.char_indices() {
        if skip {
            skip = false;
            before = Some(c);
            continue;
        }
        if c == '\\' {
            skip = true;
            before = Some(c);
            continue;
        }
        if before.is_some_and(|b: char| !b.is_whitespace())
            && let Some(rest) = text.get(at..).and_then(|t| t.strip_prefix(mark))
            && (mark != "_" || !rest.chars().next().is_some_and(char::is_alphanumeric))
        {
            return Some(at);
        }
        before = Some(c);
    }
    None
}

/// `[text](address)` at the beginning of a text: text, address and the rest.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (address, rest) = rest.split_once(')')?;
    let known = SCHEMES.iter().any(|s| address.starts_with(s));
    let plain = !address.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>'));
    (known && plain && !label.trim().is_empty() && !label.contains('[')).then_some((label, address, rest))
}

fn inline(text: &str, depth: u8, out: &mut String) {
    let mut rest = text;
    let mut before: Option<char> = None;
    // Where nothing closes, nothing further on is closed either.
    let (mut bold, mut italic, mut links) = (true, true, true);
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '\\'
            && let Some(next) = after.chars().next().filter(|n| is_mark(*n))
        {
            rich::escape_into(out, next.encode_utf8(&mut [0; 4]));
            rest = after.get(next.len_utf8()..).unwrap_or_default();
            before = Some(next);
            continue;
        }
        let starts = |after: &str| after.chars().next().is_some_and(|n| !n.is_whitespace());
        let free = before.is_none_or(|b| !b.is_alphanumeric() && !matches!(b, '/' | ':' | '_' | '.'));
        if depth > 0 {
            let pair = match c {
                '*' if bold && after.starts_with('*') && starts(after.get(1..).unwrap_or_default()) => {
                    Some(("**", "strong", &mut bold))
                }
                '_' if italic && free && starts(after) => Some(("_", "em", &mut italic)),
                _ => None,
            };
            if let Some((mark, tag, hope)) = pair {
                let body = rest.get(mark.len()..).unwrap_or_default();
                match closing(body, mark) {
                    Some(at) => {
                        let (inner, tail) = body.split_at(at);
                        open(out, tag);
                        inline(inner, depth - 1, out);
                        close(out, tag);
                        rest = tail.get(mark.len()..).unwrap_or_default();
                        before = mark.chars().next();
                        continue;
                    }
                    None => *hope = false,
                }
            }
            if c == '[' && links {
                if let Some((label, address, tail)) = link(rest) {
                    out.push_str("<a href=\"");
                    rich::escape_into(out, address);
                    out.push_str("\">");
                    rich::escape_into(out, label.trim());
                    out.push_str("</a>");
                    rest = tail;
                    before = Some(')');
                    continue;
                }
                links = rest.contains("](");
            }
        }
        rich::escape_into(out, c.encode_utf8(&mut [0; 4]));
        rest = after;
        before = Some(c);
    }
}

/// What a plain input shows of rich text, so that nothing is lost when it comes back unchanged: marks where they say all of
/// it, else the markup itself.
///
/// ```
/// use peyvand_text::marked::{from_written, to_written};
/// let written = "سلام **علی**\n- یک\n- [پیوند](https://example.com/)";
/// assert_eq!(to_written(&from_written(written)), written);
/// ```
#[must_use]
pub fn to_written(html: &str) -> String {
    [false, true]
        .into_iter()
        .filter_map(|careful| marks(html, careful))
        .find(|written| from_written(written) == html)
        .unwrap_or_else(|| rich::to_typed(html))
}

/// The marks of a rich text, `None` when it has other elements; with care, signs that could be read as marks are kept from
/// it.
fn marks(html: &str, careful: bool) -> Option<String> {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    let mut number: Option<usize> = None;
    let mut address = String::new();
    while let Some(at) = rest.find('<') {
        let (text, tail) = rest.split_at(at);
        write(text, careful, &mut out);
        let (tag, tail) = tail.get(1..)?.split_once('>')?;
        match tag {
            "p" => {}
            "/p" | "/li" => out.push('\n'),
            "ul" | "/ul" | "/ol" => number = None,
            "ol" => number = Some(0),
            "li" => match &mut number {
                Some(n) => {
                    *n += 1;
                    out.push_str(&n.to_string());
                    out.push_str(". ");
                }
                None => out.push_str("- "),
            },
            "strong" | "/strong" => out.push_str("**"),
            "em" | "/em" => out.push('_'),
            "/a" => {
                out.push_str("](");
                out.push_str(&rich::unescape(&address));
                out.push(')');
            }
            tag => {
                let (to, _) = tag.strip_prefix("a href=\"")?.split_once('"')?;
                to.clone_into(&mut address);
                out.push('[');
            }
        }
        rest = tail;
    }
    write(rest, careful, &mut out);
    out.truncate(out.trim_end().len());
    Some(out)
}

fn write(text: &str, careful: bool, out: &mut String) {
    let plain = rich::unescape(text);
    let mut starts = out.is_empty() || out.ends_with('\n') || out.ends_with(' ');
    for c in plain.chars() {
        let says = match c {
            '\\' | '*' | '_' | '[' => true,
            '-' | '.' | ')' => starts || out.ends_with(char::is_numeric),
            _ => false,
        };
        if careful && says {
            out.push('\\');
        }
        out.push(c);
        starts = false;
    }
}

#[cfg(test)]
mod tests {
    use super::{from_written, to_written};

    #[test]
    fn marks_are_read() {
        for (written, html) in [
            ("یک\nدو < سه", "<p>یک</p><p>دو &lt; سه</p>"),
            ("**a _b_ c**", "<p><strong>a <em>b</em> c</strong></p>"),
            ("1. a\n۲. b\n\n3) c", "<ol><li>a</li><li>b</li><li>c</li></ol>"),
            ("- a\n1. b", "<ul><li>a</li></ul><ol><li>b</li></ol>"),
            (
                "[x & y](https://example.com/?a=1&b=_2_)",
                "<p><a href=\"https://example.com/?a=1&amp;b=_2_\" rel=\"noopener noreferrer\">x &amp; y</a></p>",
            ),
            // What does not fit stays what it is.
            ("[x](javascript:y())", "<p>[x](javascript:y())</p>"),
            ("** a**, _ b_, **c", "<p>** a**, _ b_, **c</p>"),
            ("https://example.com/_a_/b", "<p>https://example.com/_a_/b</p>"),
            ("2026. was", "<p>2026. was</p>"),
            ("\\- a \\**b**", "<p>- a **b**</p>"),
            ("@نگار صدر، **فوری**", "<p>@نگار صدر، <strong>فوری</strong></p>"),
            // Markup is markup, and cleaned.
            ("<b onclick='x()'>a</b><script>y()</script>", "<b>a</b>"),
        ] {
            assert_eq!(from_written(written), html, "{written}");
        }
    }

    #[test]
    fn what_an_input_shows_comes_back_unchanged() {
        for html in [
            "<p>a **b** c</p>",
            "<p>- no list</p><p>1. none</p><p>2) none</p>",
            "<p>back\\slash [x](https://example.com/)</p>",
            "<ul><li><strong>a</strong></li></ul><p><em>b</em> _c_</p>",
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
            "<p>a<br>b</p>",
        ] {
            assert_eq!(from_written(&to_written(html)), html, "{}", to_written(html));
        }
        assert_eq!(
            to_written("<p>یک</p><p>دو < سه</p>".replace(" < ", " &lt; ").as_str()),
            "یک\nدو < سه"
        );
    }
}
