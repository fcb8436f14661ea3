//! Says what in a piece of HTML acts, loads or deceives, by reading it with the parser of a browser. Knows nothing of
//! the cleaner's list.

use scraper::{Html, Node};

/// Elements that run, load, take input, or change how what follows is read.
const ELEMENTS: &[&str] = &[
    "animate",
    "animatemotion",
    "animatetransform",
    "applet",
    "area",
    "audio",
    "base",
    "bgsound",
    "body",
    "button",
    "canvas",
    "datalist",
    "dialog",
    "embed",
    "fencedframe",
    "foreignobject",
    "form",
    "frame",
    "frameset",
    "head",
    "iframe",
    "image",
    "img",
    "input",
    "isindex",
    "keygen",
    "link",
    "map",
    "marquee",
    "math",
    "meta",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "option",
    "param",
    "picture",
    "plaintext",
    "portal",
    "script",
    "select",
    "set",
    "slot",
    "source",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "track",
    "use",
    "video",
    "xmp",
    "details",
];

/// Attributes that load, act, style, or let a script of the page be deceived (names that shadow its own).
const ATTRIBUTES: &[&str] = &[
    "action",
    "autofocus",
    "background",
    "class",
    "contenteditable",
    "data",
    "download",
    "dynsrc",
    "formaction",
    "hidden",
    "http-equiv",
    "id",
    "is",
    "itemid",
    "itemprop",
    "longdesc",
    "lowsrc",
    "manifest",
    "name",
    "ping",
    "popovertarget",
    "poster",
    "profile",
    "slot",
    "src",
    "srcdoc",
    "srcset",
    "style",
    "target",
    "usemap",
    "accesskey",
    "tabindex",
];

/// What acts, one line each; empty for harmless text.
pub(crate) fn active(html: &str) -> Vec<String> {
    let parsed = Html::parse_fragment(html);
    let mut found = Vec::new();
    for node in parsed.tree.nodes() {
        match node.value() {
            Node::Element(e) => {
                let name = e.name().to_ascii_lowercase();
                // The frame that the parser makes by itself.
                if matches!(name.as_str(), "html" | "head" | "body") && e.attrs().next().is_none() {
                    continue;
                }
                if ELEMENTS.contains(&name.as_str())
                    || name.contains('-')
                    || name.contains(':')
                    || name == "html"
                {
                    found.push(format!("<{name}>"));
                }
                for (key, value) in e.attrs() {
                    let key = key.to_ascii_lowercase();
                    let local = key.rsplit(':').next().unwrap_or_default();
                    // Blanks and control characters within a scheme are skipped by browsers.
                    let address: String = value
                        .chars()
                        .filter(|c| !c.is_control() && !c.is_whitespace())
                        .collect::<String>()
                        .to_ascii_lowercase();
                    let safe = ["http://", "https://", "mailto:", "tel:"]
                        .iter()
                        .any(|s| address.starts_with(s));
                    if key.starts_with("on")
                        || key.starts_with("hx-")
                        || key.starts_with("data-")
                        || ATTRIBUTES.contains(&local)
                        || (local == "href" && !safe)
                    {
                        found.push(format!("<{name} {key}={value:?}>"));
                    }
                }
                if name == "a" && e.attr("rel") != Some("noopener noreferrer") {
                    found.push("<a> that tells where it came from".to_owned());
                }
            }
            Node::Comment(c) => found.push(format!("comment {:?}", &**c)),
            Node::ProcessingInstruction(_) | Node::Doctype(_) => found.push("declaration".to_owned()),
            _ => {}
        }
    }
    found
}
