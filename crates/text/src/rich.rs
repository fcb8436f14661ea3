//! Rich text: the few elements of HTML that a note or a letter needs, and nothing that acts.
//!
//! What comes in is cleaned before it is stored, and what is stored is cleaned again before it is shown: a rule that
//! is made stricter later holds for what was stored before. Cleaning is idempotent.

mod tags;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

/// Elements that stay. No image: what is loaded from elsewhere tells somebody that the text is being read.
const ELEMENTS: &[&str] = &[
    "a",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "ins",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Elements that go together with everything in them: their content is code, not text for a reader.
const WITH_CONTENT: &[&str] = &[
    "applet", "audio", "canvas", "embed", "frameset", "iframe", "math", "noembed", "noframes", "noscript",
    "object", "script", "select", "style", "svg", "template", "textarea", "title", "video", "xmp",
];

/// Most elements of one text. A table of 300 rows and six columns has 2,100.
const MOST_TAGS: usize = 2500;
/// Readings after the first, at most.
const ROUNDS: usize = 6;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let set = |list: &[&'static str]| list.iter().copied().collect::<HashSet<_>>();
    let mut cleaner = Builder::empty();
    cleaner
        .tags(set(ELEMENTS))
        .clean_content_tags(set(WITH_CONTENT))
        .generic_attributes(set(&["dir", "lang"]))
        .tag_attributes(HashMap::from([
            ("a", set(&["href", "title"])),
            ("ol", set(&["start", "type"])),
            ("td", set(&["colspan", "rowspan"])),
            ("th", set(&["colspan", "rowspan", "scope"])),
        ]))
        .url_schemes(set(&["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true);
    cleaner
});

/// The text with nothing but the allowed elements and attributes; links lead to the web, to mail and to telephones only,
/// and tell the page that they lead to neither who sent the reader nor which window it was. Idempotent.
///
/// ```
/// use peyvand_text::rich::sanitise;
/// assert_eq!(sanitise("<p onclick='x()'>سلام <b>علی</b><script>x()</script></p>"), "<p>سلام <b>علی</b></p>");
/// assert_eq!(
///     sanitise("<a href='https://example.com/'>a</a><a href='java\tscript:x()'>b</a>"),
///     "<a href=\"https://example.com/\" rel=\"noopener noreferrer\">a</a><a rel=\"noopener noreferrer\">b</a>"
/// );
/// ```
#[must_use]
pub fn sanitise(html: &str) -> Cow<'_, str> {
    if !html.contains(['<', '>', '&']) {
        return Cow::Borrowed(html);
    }
    match tags::as_meant(html) {
        Cow::Borrowed(_) => cleaned(html),
        Cow::Owned(meant) => Cow::Owned(cleaned(&meant).into_owned()),
    }
}

fn cleaned(html: &str) -> Cow<'_, str> {
    if count_tags(html) > MOST_TAGS {
        // Reading takes the square of the depth: what nobody writes by hand stays as the text that it is.
        return Cow::Owned(escaped(html));
    }
    // What one reading gives may be read otherwise the next time (links within links, things that stand in a table where
    // none may stand): it is read until it stays as it is. What does not come to rest loses its markup.
    let mut clean = CLEANER.clean(html).to_string();
    for _ in 0..ROUNDS {
        let again = CLEANER.clean(&clean).to_string();
        if again == clean {
            // What is read adds elements of its own; the result must be one that can be read again.
            let most = count_tags(&clean) > MOST_TAGS;
            return Cow::Owned(if most { escaped(html) } else { clean });
        }
        clean = again;
    }
    Cow::Owned(Builder::empty().clean(&clean).to_string())
}

/// How many elements begin in a text.
fn count_tags(html: &str) -> usize {
    html.as_bytes()
        .windows(2)
        .filter(|w| matches!(w, [b'<', next] if next.is_ascii_alphabetic()))
        .count()
}

/// The words of a rich text that was cleaned, without its markup, for titles and lists.
///
/// ```
/// use peyvand_text::rich::words;
/// assert_eq!(words("<p>سلام <b>علی</b> &amp; Co</p>"), "سلام علی & Co");
/// ```
#[must_use]
pub fn words(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                out.push(' ');
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    let plain = out
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Does a text hold markup, as far as a person means it: a tag or an entity?
pub(crate) fn is_markup(text: &str) -> bool {
    let follows = |at: usize, fits: fn(char) -> bool| {
        text.get(at + 1..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(fits)
    };
    text.char_indices().any(|(at, c)| match c {
        '<' => follows(at, |n| n.is_ascii_alphabetic() || matches!(n, '/' | '!')),
        '&' => {
            follows(at, |n| n.is_ascii_alphabetic() || n == '#')
                && text
                    .get(at..)
                    .is_some_and(|rest| rest.chars().take(12).any(|c| c == ';'))
        }
        _ => false,
    })
}

/// Rich text from what a person typed into a plain input or wrote into a cell: markup is taken as such, anything else
/// becomes paragraphs, one for each line.
///
/// ```
/// use peyvand_text::rich::{from_typed, to_typed};
/// assert_eq!(from_typed("یک\nدو < سه"), "<p>یک</p><p>دو &lt; سه</p>");
/// assert_eq!(from_typed("<b>یک</b>"), "<b>یک</b>");
/// assert_eq!(to_typed("<p>یک</p><p>دو &lt; سه</p>"), "یک\nدو < سه");
/// ```
#[must_use]
pub fn from_typed(text: &str) -> String {
    if is_markup(text) {
        let clean = sanitise(text);
        if clean.contains('<') {
            return clean.into_owned();
        }
        return paragraphs(&unescape(&clean));
    }
    paragraphs(text)
}

fn paragraphs(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        out.push_str("<p>");
        escape_into(&mut out, line);
        out.push_str("</p>");
    }
    out
}

/// What a plain input shows of rich text, so that nothing is lost when it comes back unchanged: lines, where it has
/// nothing but paragraphs, else the markup itself.
#[must_use]
pub fn to_typed(html: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some((text, after)) = rest.strip_prefix("<p>").and_then(|r| r.split_once("</p>")) {
        if text.contains('<') {
            return html.to_owned();
        }
        lines.push(unescape(text));
        rest = after;
    }
    let plain = lines.join("\n");
    if rest.is_empty() && from_typed(&plain) == html {
        plain
    } else {
        html.to_owned()
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    escape_into(&mut out, text);
    out
}

pub(crate) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{A0}' => out.push_str("&nbsp;"),
            c => out.push(c),
        }
    }
}

pub(crate) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u{A0}")
        .replace("&amp;", "&")
}
