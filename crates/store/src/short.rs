//! Names and contact points as they stand in the row of their person or company: short, since everybody has them and every
//! list reads them.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use peyvand_core::Id;
use peyvand_record::{NameValue, Point};
use serde::{Deserialize, Serialize};

/// The text of a name: an array of given name, family name, middle name, title, suffix and Latin form, without the empty
/// ones at its end.
pub(crate) fn encode_name(name: &NameValue) -> String {
    let parts = [
        &name.given,
        &name.family,
        &name.middle,
        &name.title,
        &name.suffix,
        &name.latin,
    ];
    let filled = parts.iter().rposition(|p| !p.is_empty()).map_or(0, |n| n + 1);
    // Strings: nothing of it can fail.
    serde_json::to_string(&parts[..filled]).unwrap_or_default()
}

/// What `encode_name` wrote; `None` for anything else.
pub(crate) fn decode_name(text: &str) -> Option<NameValue> {
    let parts: Vec<Box<str>> = serde_json::from_str(text).ok()?;
    let mut parts = parts.into_iter();
    let mut next = || parts.next().unwrap_or_default();
    let name = NameValue {
        given: next(),
        family: next(),
        middle: next(),
        title: next(),
        suffix: next(),
        latin: next(),
    };
    parts.next().is_none().then_some(name)
}

/// A point as an array: its id in base64, the value, the channel, 1 for the one to use first; and, where there is one of
/// them, the normalised value (empty when it is the value) and the label (empty for none).
#[derive(Serialize, Deserialize)]
struct Short<'a>(
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    u8,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")] Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")] Option<Cow<'a, str>>,
);

/// The text of contact points.
pub(crate) fn encode_points(points: &[Point]) -> String {
    let short: Vec<Short<'_>> = points
        .iter()
        .map(|p| {
            let other = (p.normalised != p.value).then_some(&*p.normalised);
            let rare = other.is_some() || p.label.is_some();
            let end = |text: Option<&'_ str>| rare.then(|| Cow::Owned(text.unwrap_or_default().to_owned()));
            Short(
                URL_SAFE_NO_PAD.encode(p.id.bytes()).into(),
                (&*p.value).into(),
                (&*p.channel).into(),
                u8::from(p.primary),
                end(other),
                end(p.label.as_deref()),
            )
        })
        .collect();
    // Strings and a number: nothing of it can fail.
    serde_json::to_string(&short).unwrap_or_default()
}

/// What `encode_points` wrote; `None` for anything else.
pub(crate) fn decode_points(text: &str) -> Option<Vec<Point>> {
    let short: Vec<Short<'_>> = serde_json::from_str(text).ok()?;
    short
        .into_iter()
        .map(|Short(id, value, channel, primary, other, label)| {
            let mut bytes = [0; 16];
            let n = URL_SAFE_NO_PAD.decode_slice(&*id, &mut bytes).ok()?;
            let value: Box<str> = value.into();
            let filled = |text: Option<Cow<'_, str>>| text.filter(|t| !t.is_empty()).map(Box::from);
            Some(Point {
                id: (n == bytes.len()).then(|| Id::from_bytes(bytes))?,
                normalised: filled(other).unwrap_or_else(|| value.clone()),
                value,
                channel: channel.into(),
                label: filled(label),
                primary: primary == 1,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(value: &str, normalised: &str, label: Option<&str>, primary: bool) -> Point {
        Point {
            id: Id::from_bytes([0xA7; 16]),
            value: value.into(),
            normalised: normalised.into(),
            channel: "phone".into(),
            label: label.map(Into::into),
            primary,
        }
    }

    #[test]
    fn points_come_back_as_they_went() {
        let all = vec![
            point("+98 912 000", "+98912000", Some("کار \"خانه\"\n"), true),
            point("sara@example.com", "sara@example.com", None, false),
        ];
        assert_eq!(decode_points(&encode_points(&all)), Some(all));
        assert_eq!(decode_points(&encode_points(&[])), Some(Vec::new()));
    }

    #[test]
    fn a_point_is_short() {
        let text = encode_points(&[point("+98912000", "+98912000", None, true)]);
        assert_eq!(text, r#"[["p6enp6enp6enp6enp6enpw","+98912000","phone",1]]"#);
    }

    #[test]
    fn other_texts_are_no_points() {
        for text in [
            "",
            "{}",
            "[[]]",
            r#"[["p6en","1","phone",1]]"#,
            r#"[["?","1","phone",1]]"#,
            r#"[["p6enp6enp6enp6enp6enpw","1","phone"]]"#,
        ] {
            assert_eq!(decode_points(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_comes_back_as_it_went() {
        let name = NameValue {
            given: "Sara".into(),
            family: "O'Brien \"x\"".into(),
            ..NameValue::default()
        };
        assert_eq!(encode_name(&name), r#"["Sara","O'Brien \"x\""]"#);
        assert_eq!(decode_name(&encode_name(&name)), Some(name.clone()));
        let all = NameValue {
            title: "دکتر".into(),
            middle: "M.".into(),
            suffix: "Jr.".into(),
            latin: "Sara".into(),
            ..name
        };
        assert_eq!(decode_name(&encode_name(&all)), Some(all));
        assert_eq!(encode_name(&NameValue::default()), "[]");
        assert_eq!(decode_name("[]"), Some(NameValue::default()));
        for other in ["", "{}", "[1]", r#"["","","","","","",""]"#] {
            assert_eq!(decode_name(other), None, "{other}");
        }
    }
}
