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

/// Longest name of an element or an attribute that is looked at.
const LONGEST_NAME: usize = 64;

/// What does not come any more in the rest of a text, so that it is looked for once and not behind every `<`.
type Gone = [bool; 4];

const COMMENT: usize = 0;
const END: usize = 1;
const SINGLE: usize = 2;
const DOUBLE: usize = 3;

/// Where `wanted` begins in a text; whether it is gone is remembered.
fn find(text: &str, wanted: &str, gone: &mut bool) -> Option<usize> {
    if *gone {
        return None;
    }
    let found = text.find(wanted);
    *gone = found.is_none();
    found
}

/// The text with every `<` that begins no tag written as text.
pub(super) fn as_meant(html: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    let mut gone: Gone = [false; 4];
    while let Some(found) = html.get(at..).and_then(|rest| rest.find('<')) {
        let open = at + found;
        let rest = html.get(open..).unwrap_or_default();
        match tag(rest, &mut gone) {
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
fn tag(text: &str, gone: &mut Gone) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    if let Some(comment) = inner.strip_prefix("!--") {
        return Some(4 + find(comment, "-->", &mut gone[COMMENT])? + 3);
    }
    // What word processors write: `<![if …]>`, `<?xml …>`; and the heads of documents.
    if inner.starts_with("![") || ["?xml", "!doctype"].iter().any(|w| starts_with_word(inner, w)) {
        return Some(1 + find(inner, ">", &mut gone[END])? + 1);
    }
    let (closes, named) = match inner.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => (false, inner),
    };
    let end = name_end(named, &['/', '>'])?;
    if !is_element(named.get(..end)?) {
        return None;
    }
    let before = 1 + usize::from(closes);
    let length = attributes(named.get(end..)?, gone)?;
    Some(before + end + length)
}

/// Where a name ends: at a space, or one of these signs. A name has a sign at least and no `<`.
fn name_end(text: &str, ends: &[char]) -> Option<usize> {
    let (end, c) = text
        .char_indices()
        .take(LONGEST_NAME)
        .find(|(_, c)| c.is_ascii_whitespace() || *c == '<' || ends.contains(c))?;
    (end > 0 && c != '<').then_some(end)
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
fn attributes(text: &str, gone: &mut Gone) -> Option<usize> {
    let blank = |c: char| c.is_ascii_whitespace();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| blank(c) || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return Some(text.len() - after.len());
        }
        let end = name_end(rest, &['=', '/', '>'])?;
        let name = rest.get(..end)?;
        let after = rest.get(end..)?;
        rest = match after.trim_start_matches(blank).strip_prefix('=') {
            Some(value) => {
                let value = value.trim_start_matches(blank);
                let quoted = match value.chars().next()? {
                    '"' => Some(("\"", &mut gone[DOUBLE])),
                    '\'' => Some(("'", &mut gone[SINGLE])),
                    _ => None,
                };
                match quoted {
                    Some((quote, gone)) => {
                        let inner = value.get(1..)?;
                        inner.get(find(inner, quote, gone)? + 1..)?
                    }
                    None => {
                        let end = value.find(|c: char| blank(c) || matches!(c, '>' | '<'))?;
                        value.get(end..).filter(|rest| !rest.starts_with('<'))?
                    }
                }
            }
            None if BARE.iter().any(|b| b.eq_ignore_ascii_case(name)) => after,
            None => return None,
        };
    }
}
