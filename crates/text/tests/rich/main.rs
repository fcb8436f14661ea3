//! Rich text: what acts does not come through, what a reader needs does.

mod corpus;
mod oracle;

use corpus::HOSTILE;
use oracle::active;
use peyvand_text::marked::{from_written, to_written};
use peyvand_text::rich::{from_typed, sanitise, to_typed};
use proptest::prelude::*;

/// The ways in which a stored text is read by a browser: as it is, in a block, and (what mutations live on) written out
/// by one parser and read by another.
fn readings(html: &str) -> Vec<String> {
    let written = |html: &str| scraper::Html::parse_fragment(html).root_element().inner_html();
    let once = written(html);
    let twice = written(&once);
    vec![
        html.to_owned(),
        format!("<div>{html}</div>"),
        format!("<table><tr><td>{html}</td></tr></table>"),
        format!("<svg><desc>{html}</desc></svg>"),
        once,
        twice,
    ]
}

#[test]
fn nothing_active_comes_through() {
    assert!(HOSTILE.len() >= 100, "{} payloads", HOSTILE.len());
    for (kind, payload) in HOSTILE {
        let clean = sanitise(payload);
        for (n, reading) in readings(&clean).iter().enumerate() {
            // The frame around the text is the test's own.
            let found: Vec<String> = active(reading)
                .into_iter()
                .filter(|f| n != 3 || !f.ends_with("<svg>"))
                .collect();
            assert!(
                found.is_empty(),
                "{kind}: {payload:?} became {clean:?}, read as {reading:?}: {found:?}"
            );
        }
        let typed = from_typed(payload);
        assert!(
            active(&typed).is_empty(),
            "{kind}: typed {payload:?} became {typed:?}"
        );
        assert_eq!(sanitise(&clean), clean, "{kind}: {payload:?} is not stable");
    }
}

/// The control: the oracle sees every one of them when nobody cleans.
#[test]
fn every_payload_is_active_as_it_is() {
    for (kind, payload) in HOSTILE {
        let seen = readings(payload)
            .iter()
            .enumerate()
            .any(|(n, r)| active(r).iter().any(|f| n != 3 || !f.ends_with("<svg>")));
        assert!(seen, "{kind}: the oracle does not see {payload:?}");
    }
}

#[test]
fn payloads_within_payloads() {
    // Each wrapped into what is taken away, and into one another: what remains must not become active by the removal.
    for (kind, payload) in HOSTILE {
        for (before, after) in [
            ("<scr", "ipt>"),
            ("<style>", "</style>"),
            ("<a title=\"", "\">"),
            ("<p lang='", "'>"),
            ("<!--", "-->"),
            ("<table><td>", "</table>"),
            ("<ul><li><b>", "</ul>"),
            ("<svg><p>", "</svg>"),
            (
                "<math><mtext><table><mglyph><style>",
                "</style></mglyph></table></mtext></math>",
            ),
        ] {
            let html = format!("{before}{payload}{after}");
            let clean = sanitise(&html);
            let found: Vec<String> = active(&clean);
            assert!(found.is_empty(), "{kind}: {html:?} became {clean:?}: {found:?}");
        }
    }
}

#[test]
fn what_a_reader_needs_stays() {
    for same in [
        "<p>سلام، <b>جلسه</b> به <i>فردا</i> افتاد.</p>",
        "<ul><li>یک</li><li>دو</li></ul>",
        "<ol start=\"3\"><li>three</li></ol>",
        "<blockquote>گفت: <q>بله</q></blockquote><hr><pre>a  b</pre>",
        "<h2 dir=\"rtl\" lang=\"fa\">عنوان</h2>",
        "<table><thead><tr><th scope=\"col\">الف</th></tr></thead><tbody><tr><td colspan=\"2\">۱</td></tr></tbody></table>",
        "<a href=\"https://example.com/?a=1&amp;b=2\" title=\"t\" rel=\"noopener noreferrer\">x</a>",
        "<a href=\"tel:+982188776655\" rel=\"noopener noreferrer\">۰۲۱</a>",
        "می‌خواهم ۵ &lt; ۶ &amp; ۷",
    ] {
        assert_eq!(sanitise(same), same);
    }
    assert_eq!(sanitise("plain, nothing else"), "plain, nothing else");
    assert_eq!(sanitise("<p>one<p>two"), "<p>one</p><p>two</p>");
}

#[test]
fn depth_and_length_cost_no_stack() {
    for html in [
        "<div>".repeat(20_000),
        "<b><i>".repeat(15_000),
        "<div>".repeat(2_000),
        "<b><i>".repeat(400),
        "<a href=x>".repeat(10_000),
        "<svg><math>".repeat(9_000),
        "&".repeat(100_000),
        "<".repeat(100_000),
    ] {
        let found = active(&sanitise(&html));
        assert!(found.is_empty(), "{:?} …: {:?}", &html[..12], found.first());
    }
}

proptest! {
    #[test]
    fn whatever_is_put_together(parts in proptest::collection::vec(
        prop_oneof![
            proptest::sample::select(HOSTILE.iter().map(|h| h.1).collect::<Vec<_>>()).prop_map(str::to_owned),
            "[<>/a-z\"'= \t!&;#x:-]{0,12}",
            "</?(p|b|svg|math|style|table|td|a|title|noscript|template|script|select|mtext|mglyph|desc)( href='javascript:x'| onx=1|)>",
        ], 0..6)) {
        let html = parts.concat();
        let clean = sanitise(&html).into_owned();
        for (n, reading) in readings(&clean).iter().enumerate() {
            let found: Vec<String> = active(reading).into_iter().filter(|f| n != 3 || !f.ends_with("<svg>")).collect();
            prop_assert!(found.is_empty(), "{html:?} became {clean:?}: {found:?}");
        }
        prop_assert_eq!(sanitise(&clean), clean.as_str());
        prop_assert!(active(&from_typed(&html)).is_empty());
    }

    #[test]
    fn typed_and_shown_is_the_same(text in "[ا-یa-z0-9 <>&\n.]{0,80}") {
        let stored = from_typed(&text);
        prop_assert_eq!(from_typed(&to_typed(&stored)), stored);
    }
}

/// What acts in a text, in whichever way it is read; the frame of a reading is the test's own.
fn acts(html: &str) -> Vec<String> {
    readings(html)
        .iter()
        .enumerate()
        .flat_map(|(n, r)| {
            active(r)
                .into_iter()
                .filter(move |f| n != 3 || !f.ends_with("<svg>"))
        })
        .collect()
}

proptest! {
    /// What is written with marks acts as little as anything else, is clean already, and survives an input.
    #[test]
    fn marks_make_nothing_that_acts(parts in prop::collection::vec(prop_oneof![
        Just("**"), Just("_"), Just("["), Just("]("), Just(")"), Just("- "), Just("1. "), Just("\n"), Just("\\"), Just("*"),
        Just("https://example.com/"), Just("javascript:x()"), Just("<"), Just("&"), Just("\""), Just(" "), Just("a"), Just("پیوند"),
        Just("<img src=x onerror=y()>"), Just("<script>z()</script>"),
    ], 0..24)) {
        let html = from_written(&parts.concat());
        prop_assert_eq!(sanitise(&html), html.as_str());
        prop_assert_eq!(acts(&html), Vec::<String>::new(), "{}", html);
        prop_assert_eq!(from_written(&to_written(&html)), html);
    }
}

#[test]
fn hostile_texts_stay_harmless_when_they_are_written_with_marks() {
    for (kind, payload) in HOSTILE {
        for written in [
            payload.to_string(),
            format!("**{payload}**"),
            format!("- [{payload}]({payload})"),
        ] {
            let html = from_written(&written);
            assert_eq!(
                acts(&html),
                Vec::<String>::new(),
                "{kind}: {written} became {html}"
            );
        }
    }
}

/// What the plain words of a text are, with whatever signs between them: not one of them is lost.
#[test]
fn what_is_no_tag_is_text() {
    for (written, clean) in [
        ("x<y then the rest", "x&lt;y then the rest"),
        ("if a<b then c>d", "if a&lt;b then c&gt;d"),
        ("a <b>b</b> x<y", "a <b>b</b> x&lt;y"),
        ("<p title=\"x>y\">a</p>", "<p>a</p>"),
        ("<o:p>word</o:p>", "word"),
        ("<!-- said by nobody -->a", "a"),
        ("a <!-- b", "a &lt;!-- b"),
        ("<b unclosed", "&lt;b unclosed"),
        (
            "<a href=\"https://example.com/",
            "&lt;a href=\"https://example.com/",
        ),
    ] {
        assert_eq!(sanitise(written), clean, "{written}");
    }
}

proptest! {
    #[test]
    fn visible_text_survives(parts in prop::collection::vec(
        ("[a-z]{1,6}[7-9]", "(<|>|</|<!|<\\?|& | < | <= |<-|\"|=|/>|<3|<[xyz]|<ali@)"), 1..12)) {
        let text: String = parts.iter().map(|(word, sign)| format!("{word}{sign}")).collect();
        for kept in [sanitise(&text).into_owned(), from_typed(&text)] {
            let mut at = 0;
            for (word, _) in &parts {
                let found = kept.get(at..).and_then(|rest| rest.find(word.as_str()));
                prop_assert!(found.is_some(), "{:?} is lost: {:?} became {:?}", word, text, kept);
                at += found.unwrap_or_default() + word.len();
            }
        }
    }

    /// The control of what stays: markup that is meant goes through, and what is clean stays as it is.
    #[test]
    fn meant_markup_is_markup(words in prop::collection::vec("[a-z]{1,6}", 1..6)) {
        let text: String = words.iter().map(|w| format!("<p>{w} <b>{w}</b></p>")).collect();
        prop_assert_eq!(sanitise(&text), text.as_str());
    }
}
