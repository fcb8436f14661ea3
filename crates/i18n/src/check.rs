//! What has to hold between the catalogs of the two languages. Used by the build script, tested with the crate.

use fluent_syntax::ast::{
    CallArguments, Entry as Ast, Expression, InlineExpression, Pattern, PatternElement,
};
use fluent_syntax::parser;
use std::collections::{BTreeMap, BTreeSet};

/// One `.ftl` file of a language.
pub(crate) struct Source {
    /// Name without folder; both languages have files of the same names.
    pub(crate) file: String,
    /// Its text.
    pub(crate) text: String,
}

/// A text that exists in both languages: a message's value or one of its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) file: String,
    pub(crate) id: String,
    pub(crate) attribute: Option<String>,
    /// Names of the arguments, sorted.
    pub(crate) arguments: Vec<String>,
}

impl Entry {
    /// `id` or `id.attribute`.
    pub(crate) fn name(&self) -> String {
        name(&self.id, self.attribute.as_deref())
    }

    /// The name of the constant: `error-not-found` gives `ERROR_NOT_FOUND`.
    pub(crate) fn constant(&self) -> String {
        self.name().replace(['-', '.'], "_").to_uppercase()
    }
}

fn name(id: &str, attribute: Option<&str>) -> String {
    attribute.map_or_else(|| id.to_owned(), |attribute| format!("{id}.{attribute}"))
}

/// The only function that the texts may call.
const FUNCTIONS: &[&str] = &["NUMBER"];

/// Arguments and references found in a text.
#[derive(Default)]
struct Found {
    arguments: BTreeSet<String>,
    messages: BTreeSet<String>,
    terms: BTreeSet<String>,
    functions: BTreeSet<String>,
}

impl Found {
    fn pattern(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                for variant in variants {
                    self.pattern(&variant.value);
                }
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
            InlineExpression::FunctionReference { id, arguments } => {
                self.functions.insert(id.name.to_owned());
                self.call(arguments);
            }
            InlineExpression::MessageReference { id, attribute } => {
                self.messages
                    .insert(name(id.name, attribute.as_ref().map(|found| found.name)));
            }
            InlineExpression::TermReference { id, arguments, .. } => {
                self.terms.insert(id.name.to_owned());
                if let Some(arguments) = arguments {
                    self.call(arguments);
                }
            }
            InlineExpression::VariableReference { id } => {
                self.arguments.insert(id.name.to_owned());
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
        }
    }

    fn call(&mut self, arguments: &CallArguments<&str>) {
        for inline in &arguments.positional {
            self.inline(inline);
        }
        for named in &arguments.named {
            self.inline(&named.value);
        }
    }
}

/// The texts of one language by name; faults are reported with the language in front.
fn language(tag: &str, sources: &[Source], faults: &mut Vec<String>) -> BTreeMap<String, Entry> {
    let mut texts: BTreeMap<String, Entry> = BTreeMap::new();
    let mut terms = BTreeSet::new();
    let mut references = Vec::new();
    for Source { file, text } in sources {
        let place = format!("{tag}/{file}");
        let resource = match parser::parse(text.as_str()) {
            Ok(resource) => resource,
            Err((resource, errors)) => {
                faults.extend(errors.iter().map(|error| format!("{place}: {error}")));
                resource
            }
        };
        for entry in &resource.body {
            match entry {
                Ast::Message(message) => {
                    let value = message.value.iter().map(|pattern| (None, pattern));
                    let attributes = message
                        .attributes
                        .iter()
                        .map(|found| (Some(found.id.name), &found.value));
                    for (attribute, pattern) in value.chain(attributes) {
                        let mut found = Found::default();
                        found.pattern(pattern);
                        let entry = Entry {
                            file: file.clone(),
                            id: message.id.name.to_owned(),
                            attribute: attribute.map(str::to_owned),
                            arguments: found.arguments.iter().cloned().collect(),
                        };
                        let name = entry.name();
                        references.push((format!("{place}: {name}"), found));
                        if let Some(first) = texts.insert(name.clone(), entry) {
                            faults.push(format!("{place}: {name} exists already in {tag}/{}", first.file));
                        }
                    }
                }
                Ast::Term(term) => {
                    let mut found = Found::default();
                    found.pattern(&term.value);
                    references.push((format!("{place}: -{}", term.id.name), found));
                    if !terms.insert(term.id.name.to_owned()) {
                        faults.push(format!("{place}: the term -{} exists already", term.id.name));
                    }
                }
                _ => {}
            }
        }
    }
    for (place, found) in references {
        let unknown = found.messages.iter().filter(|name| !texts.contains_key(*name));
        faults.extend(unknown.map(|name| format!("{place} refers to {name}, which does not exist")));
        let unknown = found.terms.iter().filter(|name| !terms.contains(*name));
        faults.extend(unknown.map(|name| format!("{place} refers to -{name}, which does not exist")));
        let unknown = found
            .functions
            .iter()
            .filter(|name| !FUNCTIONS.contains(&name.as_str()));
        faults.extend(unknown.map(|name| format!("{place} calls {name}, which does not exist")));
    }
    texts
}

/// Checks the catalogs and gives the texts in the order of their names, or what is wrong with them.
pub(crate) fn check(fa: &[Source], en: &[Source]) -> Result<Vec<Entry>, Vec<String>> {
    let mut faults = Vec::new();
    let persian = language("fa", fa, &mut faults);
    let english = language("en", en, &mut faults);
    for (name, entry) in &persian {
        match english.get(name) {
            None => faults.push(format!("en lacks {name}, which stands in fa/{}", entry.file)),
            Some(other) if other.file != entry.file => {
                faults.push(format!(
                    "{name} stands in fa/{} but in en/{}",
                    entry.file, other.file
                ));
            }
            Some(other) if other.arguments != entry.arguments => faults.push(format!(
                "{}: {name} has the arguments {:?} in fa and {:?} in en",
                entry.file, entry.arguments, other.arguments
            )),
            Some(_) => {}
        }
    }
    for (name, entry) in english.iter().filter(|(name, _)| !persian.contains_key(*name)) {
        faults.push(format!("fa lacks {name}, which stands in en/{}", entry.file));
    }
    let mut constants: BTreeMap<String, &str> = BTreeMap::new();
    for (name, entry) in &persian {
        if let Some(other) = constants.insert(entry.constant(), name) {
            faults.push(format!("{name} and {other} would be the same constant"));
        }
    }
    if faults.is_empty() {
        Ok(persian.into_values().collect())
    } else {
        Err(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(fa: &str, en: &str) -> Vec<String> {
        let one = |text: &str| {
            [Source {
                file: "a.ftl".to_owned(),
                text: text.to_owned(),
            }]
        };
        check(&one(fa), &one(en)).err().unwrap_or_default()
    }

    #[test]
    fn equal_catalogs_pass() {
        let fa = "a = ا { $n ->\n    [one] یک\n   *[other] { NUMBER($n) }\n }\n    .tip = راهنما { $name }\n-t = پیوند\nb = { -t } { a }\n";
        let en = "a = A { $n }\n    .tip = Tip { $name }\n-t = Peyvand\nb = { -t } { a }\n";
        assert_eq!(faults(fa, en), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_named() {
        let cases = [
            (
                "a = ا\nb = ب\n",
                "a = A\n",
                "en lacks b, which stands in fa/a.ftl",
            ),
            (
                "a = ا\n",
                "a = A\nb = B\n",
                "fa lacks b, which stands in en/a.ftl",
            ),
            (
                "a = ا { $n }\n",
                "a = A { $m }\n",
                "a.ftl: a has the arguments [\"n\"] in fa and [\"m\"] in en",
            ),
            (
                "a = ا\na = ب\n",
                "a = A\n",
                "fa/a.ftl: a exists already in fa/a.ftl",
            ),
            (
                "a = ا\n    .x = ب\n",
                "a = A\n",
                "en lacks a.x, which stands in fa/a.ftl",
            ),
            (
                "a = { b }\n",
                "a = A\n",
                "fa/a.ftl: a refers to b, which does not exist",
            ),
            (
                "a = { -b }\n",
                "a = A\n",
                "fa/a.ftl: a refers to -b, which does not exist",
            ),
            (
                "a = { DATETIME($n) }\n",
                "a = { $n }\n",
                "fa/a.ftl: a calls DATETIME, which does not exist",
            ),
            (
                "a-b = ا\na_b = ب\n",
                "a-b = A\na_b = B\n",
                "a_b and a-b would be the same constant",
            ),
        ];
        for (fa, en, expected) in cases {
            assert_eq!(faults(fa, en), [expected], "{fa}");
        }
        assert!(!faults("a = {\n", "a = A\n").is_empty(), "a broken entry");
    }
}
