//! The texts themselves: looked up by key, with their arguments put in.

use crate::args::{as_it_is, digits_brought_back, digits_kept};
use crate::{Args, Lang};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::{FluentNumber, FluentValue};
use fluent_bundle::{FluentError, FluentResource};
use peyvand_numbers::{Decimal, Digits, Fraction, Style, format_number};
use std::borrow::Cow;
use std::sync::OnceLock;

/// A text as the build found it in both languages.
pub(crate) struct Entry {
    name: &'static str,
    id: &'static str,
    attribute: Option<&'static str>,
    arguments: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// The key of a text. There are no others than the constants of [`keys`](crate::keys).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub(crate) usize);

impl Key {
    /// Finds a key by its name in the catalogs, such as `error-not-found`, or `None`.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        ENTRIES
            .binary_search_by(|entry| entry.name.cmp(name))
            .ok()
            .map(Self)
    }

    /// All keys, in the order of their names.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ENTRIES.len()).map(Self)
    }

    /// The name in the catalogs.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().map_or("", |entry| entry.name)
    }

    /// The names of the arguments that the text takes, sorted.
    #[must_use]
    pub fn arguments(self) -> &'static [&'static str] {
        self.entry().map_or(&[], |entry| entry.arguments)
    }

    fn entry(self) -> Option<&'static Entry> {
        ENTRIES.get(self.0)
    }
}

/// The text of a key in a language.
///
/// Arguments that the text does not take are left out; a missing one is shown as its name, and is a mistake that stops
/// a debug build.
#[must_use]
pub fn text(lang: Lang, key: Key, args: &Args) -> String {
    debug_assert!(
        key.arguments().iter().all(|name| args.has(name)),
        "{} takes the arguments {:?}",
        key.name(),
        key.arguments()
    );
    format(lang, key, args, as_it_is).unwrap_or_else(|| key.name().to_owned())
}

/// The same in the digits of the reader: those of the sentence and of its numbers. Texts from outside, which may be
/// addresses and names, stay as they are.
#[must_use]
pub fn text_in(lang: Lang, digits: Digits, key: Key, args: &Args) -> String {
    if digits == Digits::Latin {
        return text(lang, key, args);
    }
    format(lang, key, args, digits_kept).map_or_else(
        || key.name().to_owned(),
        |t| digits_brought_back(&peyvand_numbers::digits::show(&t, digits)),
    )
}

/// The sentence for an error code of the product: the text `error-<code>`, or the general one that shows the code when
/// there is none or when the data does not fit it.
#[must_use]
pub fn text_of_code(lang: Lang, code: &str, args: &Args) -> String {
    match Key::find(&format!("error-{code}")) {
        Some(key) if key.arguments().iter().all(|name| args.has(name)) => text(lang, key, args),
        _ => text(lang, crate::keys::ERROR_UNKNOWN, &Args::new().text("code", code)),
    }
}

fn format(lang: Lang, key: Key, args: &Args, kept: fn(&str) -> Cow<'_, str>) -> Option<String> {
    let entry = key.entry()?;
    let bundle = bundle(lang);
    let message = bundle.get_message(entry.id)?;
    let pattern = match entry.attribute {
        Some(name) => message.get_attribute(name)?.value(),
        None => message.value()?,
    };
    let mut errors: Vec<FluentError> = Vec::new();
    let args = args.to_fluent(lang, kept);
    Some(
        bundle
            .format_pattern(pattern, Some(&args), &mut errors)
            .into_owned(),
    )
}

type Bundle = FluentBundle<FluentResource>;

fn bundle(lang: Lang) -> &'static Bundle {
    static PERSIAN: OnceLock<Bundle> = OnceLock::new();
    static ENGLISH: OnceLock<Bundle> = OnceLock::new();
    match lang {
        Lang::Fa => PERSIAN.get_or_init(|| make(Lang::Fa, FA)),
        Lang::En => ENGLISH.get_or_init(|| make(Lang::En, EN)),
    }
}

fn make(lang: Lang, sources: &[&str]) -> Bundle {
    let tag = lang.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Arguments are isolated one by one where they need it.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match lang {
        Lang::Fa => |value, _| show(value, Lang::Fa),
        Lang::En => |value, _| show(value, Lang::En),
    }));
    // The build has parsed the same texts and refused doubled keys, so that neither of these can fail.
    let _ = bundle.add_builtins();
    for source in sources {
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, _)| resource);
        let _ = bundle.add_resource(resource);
    }
    bundle
}

/// Numbers as the language shows them; whatever else Fluent shows by itself.
fn show(value: &FluentValue<'_>, lang: Lang) -> Option<String> {
    let FluentValue::Number(FluentNumber { value, options }) = value else {
        return None;
    };
    let number = Decimal::parse(&value.to_string()).ok()?;
    let places = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
    let fraction = match (options.minimum_fraction_digits, options.maximum_fraction_digits) {
        (Some(least), _) if least > 0 => Fraction::Fixed(places(least)),
        (_, Some(most)) => Fraction::AtMost(places(most)),
        _ => Fraction::Natural,
    };
    let mut style = Style::new(lang).fraction(fraction);
    style.grouping = options.use_grouping;
    Some(format_number(&number, &style))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_formats_without_errors() {
        for lang in [Lang::Fa, Lang::En] {
            for key in Key::all() {
                let entry = key.entry().unwrap();
                for count in [0, 1, 2, 5000] {
                    let args = key
                        .arguments()
                        .iter()
                        .fold(Args::new(), |args, name| args.number(name, count));
                    let message = bundle(lang).get_message(entry.id).unwrap();
                    let pattern = match entry.attribute {
                        Some(name) => message.get_attribute(name).unwrap().value(),
                        None => message.value().unwrap(),
                    };
                    let mut errors = Vec::new();
                    let args = args.to_fluent(lang, as_it_is);
                    let shown = bundle(lang).format_pattern(pattern, Some(&args), &mut errors);
                    assert!(errors.is_empty(), "{lang:?} {}: {errors:?}", key.name());
                    assert!(
                        !shown.trim().is_empty() && !shown.contains("{$"),
                        "{lang:?} {}: {shown}",
                        key.name()
                    );
                }
            }
        }
    }

    #[test]
    fn a_number_follows_the_language_and_its_options() {
        let number = |value: f64| {
            FluentValue::Number(FluentNumber::new(
                value,
                fluent_bundle::types::FluentNumberOptions::default(),
            ))
        };
        assert_eq!(show(&number(1234567.5), Lang::Fa).as_deref(), Some("۱٬۲۳۴٬۵۶۷٫۵"));
        assert_eq!(show(&number(1234567.5), Lang::En).as_deref(), Some("1,234,567.5"));
        assert_eq!(show(&FluentValue::from("12"), Lang::Fa), None);
    }

    /// An address in a sentence is still that address.
    #[test]
    fn digits_of_texts_from_outside_stay() {
        let example = Args::new().text("example", "sara2@x.example.com = 10");
        for lang in [Lang::Fa, Lang::En] {
            let shown = text_in(lang, Digits::Persian, crate::keys::WEB_FILTER_EXAMPLE, &example);
            assert!(shown.contains("sara2@x.example.com = 10"), "{shown}");
        }
        let count = Args::new().number("count", 12);
        let shown = text_in(Lang::En, Digits::Persian, crate::keys::BOARD_MORE, &count);
        assert!(shown.starts_with("۱۲ more"), "{shown}");
        // What has the stand-ins itself is shown as it would be without them.
        let odd = Args::new().text("example", "\u{F8F1} 1");
        let shown = text_in(Lang::En, Digits::Latin, crate::keys::WEB_FILTER_EXAMPLE, &odd);
        assert!(shown.contains("\u{F8F1} 1"), "{shown}");
    }
}
