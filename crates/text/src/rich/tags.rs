//! What in a text is meant as a tag. A reader of HTML takes whatever stands between `<` and the next `>` for one, and
//! throws away what it does not know, or all that is left when no `>` comes: `x<y then` would lose its end. What is no tag
//! that a writer of HTML writes is therefore made text before anything is cleaned.

use std::borrow::Cow;

use super::{ELEMENTS, WITH_CONTENT};

/// Elements of HTML, besides those that stay and those that go with their content: they go, their text stays.
const OTHERS: &[&str] = &[
    "abbr",
    "acronym",
    "address",
    "area",
    "article",
    "aside",
    "base",
    "basefont",
    "big",
    "body",
    "button",
    "caption",
    "center",
    "cite",
    "col",
    "colgroup",
    "data",
    "datalist",
    "dd",
    "details",
    "dfn",
    "dialog",
    "dir",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "frame",
    "head",
    "header",
    "hgroup",
    "html",
    "image",
    "img",
    "input",
    "isindex",
    "kbd",
    "keygen",
    "label",
    "legend",
    "link",
    "listing",
    "main",
    "map",
    "marquee",
    "menu",
    "menuitem",
    "meta",
    "meter",
    "nav",
    "nobr",
    "optgroup",
    "option",
    "output",
    "param",
    "picture",
    "plaintext",
    "progress",
    "rb",
    "rp",
    "rt",
    "rtc",
    "ruby",
    "samp",
    "search",
    "section",
    "slot",
    "source",
    "strike",
    "summary",
    "time",
    "track",
    "tt",
    "var",
    "wbr",
];

/// Attributes that are written without a value.
const BARE: &[&str] = &[
    "allowfullscreen",
    "async",
    "autofocus",
    "autoplay",
    "border",
    "checked",
    "compact",
    "contenteditable",
    "controls",
    "default",
    "defer",
    "disabled",
    "download",
    "draggable",
    "hidden",
    "inert",
    "itemscope",
    "loop",
    "multiple",
    "muted",
    "novalidate",
    "noshade",
    "nowrap",
    "open",
    "playsinline",
    "readonly",
    "required",
    "reversed",
    "selected",
];

/// The text with every `<` that begins no tag written as text.
pub(super) fn as_meant(html: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = html.get(at..).and_then(|rest| rest.find('<')) {
        let open = at + found;
        let rest = html.get(open..).unwrap_or_default();
        match tag(rest) {
            Some(length) => at = open + length,
            None => {
                out.push_str(html.get(kept..open).unwrap_or_default());
                out.push_str("&lt;");
                kept = open + 1;
                at = kept;
            }
        }
    }
    if kept == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(html.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

/// The length of the tag or comment with which a text begins.
fn tag(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    if let Some(comment) = inner.strip_prefix("!--") {
        return Some(4 + comment.find("-->")? + 3);
    }
    // What word processors write: `<![if …]>`, `<?xml …>`; and the heads of documents.
    if inner.starts_with("![") || inner.starts_with('?') || starts_with_word(inner, "!doctype") {
        return Some(1 + inner.find('>')? + 1);
    }
    let (closes, named) = match inner.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => (false, inner),
    };
    let end = named
        .find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
        .filter(|end| *end > 0)?;
    if !is_element(named.get(..end)?) {
        return None;
    }
    let before = 1 + usize::from(closes);
    let length = attributes(named.get(end..)?)?;
    Some(before + end + length)
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word))
}

fn is_element(name: &str) -> bool {
    let known = |list: &[&str]| list.iter().any(|e| e.eq_ignore_ascii_case(name));
    // Word processors have elements of their own: `o:p`, `w:sdt`.
    let prefixed = name.split_once(':').is_some_and(|(prefix, local)| {
        let word = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric());
        prefix.len() <= 3 && word(prefix) && word(local)
    });
    known(ELEMENTS) || known(WITH_CONTENT) || known(OTHERS) || prefixed
}

/// The length of what stands between the name of a tag and its end, the end with it, when it reads as attributes.
fn attributes(text: &str) -> Option<usize> {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return Some(text.len() - after.len());
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '/' | '>'))?;
        let name = rest.get(..end)?;
        let after = rest.get(end..)?;
        let value = after.trim_start_matches(|c: char| c.is_ascii_whitespace());
        match value.strip_prefix('=').filter(|_| !name.is_empty()) {
            Some(value) => {
                let value = value.trim_start_matches(|c: char| c.is_ascii_whitespace());
                let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
                rest = match quote {
                    Some(q) => value.get(1..)?.split_once(q)?.1,
                    None => value.get(value.find(|c: char| c.is_ascii_whitespace() || c == '>')?..)?,
                };
            }
            None if BARE.iter().any(|b| b.eq_ignore_ascii_case(name)) => rest = after,
            None => return None,
        }
    }
}
