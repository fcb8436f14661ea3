//! Names that a workspace gives its objects, fields and choices: the keys that are made of them, and how they are told
//! apart.

use peyvand_catalog::{Choice, ObjectDef, Text, is_key, is_plural};
use peyvand_i18n::{Args, keys};
use peyvand_text::fold;
use peyvand_text::translit::slug;

use crate::door::Visitor;
use crate::form::Typed;

/// Most letters of a name.
pub(super) const LONGEST: usize = 100;

/// Most letters of a key, with room for a number behind it.
const KEY: usize = 40;

/// A key made of a name: `Shoe size` is `shoe_size`, a Persian name is spelled in Latin letters. One that is taken, or that
/// the product needs for itself, gets a number.
pub(super) fn key_of(name: &str, fallback: &str, taken: &dyn Fn(&str) -> bool) -> String {
    free(name, '_', fallback, &|k| taken(k) || !is_key(k))
}

/// The same for the name of many, as it stands in addresses: `Shoe sizes` is `shoe-sizes`.
pub(super) fn plural_of(name: &str, fallback: &str, taken: &dyn Fn(&str) -> bool) -> String {
    free(name, '-', fallback, &|k| taken(k) || !is_plural(k))
}

fn free(name: &str, joint: char, fallback: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let mut plain: String = slug(name, joint).chars().take(KEY).collect();
    plain.truncate(plain.trim_end_matches(joint).len());
    if !plain.starts_with(|c: char| c.is_ascii_lowercase()) {
        fallback.clone_into(&mut plain);
    }
    let mut key = plain.clone();
    let mut n = 2;
    while taken(&key) {
        key = format!("{plain}{joint}{n}");
        n += 1;
    }
    key
}

/// The name as it was typed in two inputs; what is left empty in one language is called as in the other. `None` when both
/// are empty.
pub(super) fn typed(form: &Typed, fa: &str, en: &str) -> Option<Text> {
    let text = |k: &str| form.get(k).map(|s| s.trim().to_owned()).unwrap_or_default();
    either(text(fa), text(en))
}

/// A name of two languages, of which one may be missing.
pub(super) fn either(fa: String, en: String) -> Option<Text> {
    match (fa.is_empty(), en.is_empty()) {
        (true, true) => None,
        (true, false) => Some(Text { fa: en.clone(), en }),
        (false, true) => Some(Text { en: fa.clone(), fa }),
        (false, false) => Some(Text { fa, en }),
    }
}

/// Would people take one name for the other, in either language?
fn alike(a: &Text, b: &Text) -> bool {
    fold(&a.fa) == fold(&b.fa) || fold(&a.en) == fold(&b.en)
}

/// What is wrong with the length of a name.
pub(super) fn too_long(visitor: &Visitor, names: &[&Text]) -> Option<String> {
    let long = |s: &str| s.chars().count() > LONGEST;
    names.iter().any(|n| long(&n.fa) || long(&n.en)).then(|| {
        let most = Args::new().number("most", LONGEST as i64);
        visitor.view.with(keys::SETTINGS_NAME_LONG, &most)
    })
}

/// Is there another field that people know by this name?
pub(super) fn field_there(
    visitor: &Visitor,
    object: &ObjectDef,
    name: &Text,
    own: Option<i32>,
) -> Option<String> {
    object
        .fields
        .iter()
        .filter(|f| !f.is_system() && f.deleted_on.is_none() && (own.is_none() || f.number != own))
        .any(|f| alike(&f.label, name))
        .then(|| said(visitor, keys::SETTINGS_FIELD_THERE, &name.fa))
}

/// Is there another object that people know by this name, for one or for many?
pub(super) fn object_there(visitor: &Visitor, one: &Text, many: &Text) -> Option<String> {
    visitor
        .session
        .caller
        .workspace
        .catalog()
        .objects()
        .iter()
        .filter(|o| o.spine || o.custom)
        .any(|o| alike(&o.label, one) || alike(&o.labels, many))
        .then(|| said(visitor, keys::SETTINGS_OBJECT_THERE, &one.fa))
}

/// The first of the choices on offer that stands there twice: whoever chooses could not tell one from the other.
pub(super) fn twice(visitor: &Visitor, choices: &[Choice]) -> Option<String> {
    let name = |c: &Choice| Text {
        fa: c.fa.clone(),
        en: c.en.clone(),
    };
    let live: Vec<&Choice> = choices.iter().filter(|c| !c.retired).collect();
    let double = live.iter().enumerate().find(|(n, c)| {
        let before = live.get(..*n).unwrap_or_default();
        before.iter().any(|b| alike(&name(b), &name(c)))
    });
    double.map(|(_, c)| said(visitor, keys::SETTINGS_CHOICE_TWICE, &c.fa))
}

fn said(visitor: &Visitor, key: peyvand_i18n::Key, name: &str) -> String {
    visitor.view.with(key, &Args::new().word("name", name.to_owned()))
}
