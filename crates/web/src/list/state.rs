//! What a list shows, as its address says it: search, filter, sort, columns, density, group, saved view.

use peyvand_app::{App, Caller};
use peyvand_catalog::definition::system;
use peyvand_catalog::{Class, FieldIx, FieldType, ObjectDef};
use peyvand_record::FieldRule;

use super::views;
use crate::door::encode;
use crate::fields;

/// The parts of an address that say what is shown, in the order in which they are written.
const KEYS: [&str; 9] = [
    "view", "q", "filter", "sort", "group", "fold", "columns", "density", "deleted",
];

/// Widest column, in pixels.
const WIDEST: u16 = 900;

/// What a list shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    plural: String,
    /// What the address says; a part that it does not name comes from the saved view.
    given: Vec<(String, String)>,
    /// The rest of the address: what is asked for besides.
    pub(crate) rest: Vec<(String, String)>,
    saved: Option<views::View>,
}

impl State {
    /// Reads an address; the saved view comes with [`State::under`].
    pub(crate) fn read(plural: &str, pairs: Vec<(String, String)>) -> Self {
        let (given, rest) = pairs
            .into_iter()
            .partition(|(k, _): &(String, String)| KEYS.contains(&k.as_str()));
        Self {
            plural: plural.to_owned(),
            given,
            rest,
            saved: None,
        }
    }

    /// The same under its saved view.
    pub(crate) fn under(mut self, saved: Option<views::View>) -> Self {
        self.saved = saved;
        self
    }

    /// The saved view.
    pub(crate) const fn saved(&self) -> Option<&views::View> {
        self.saved.as_ref()
    }

    /// A part as the address gives it.
    pub(crate) fn given(&self, key: &str) -> Option<&str> {
        self.given
            .iter()
            .rev()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    }

    /// A part: the address's, else the saved view's.
    pub(crate) fn get(&self, key: &str) -> &str {
        self.given(key)
            .or_else(|| self.saved.as_ref().map(|s| s.part(key)))
            .unwrap_or_default()
            .trim()
    }

    /// Something besides: `cursor`, `pick`, `act` ….
    pub(crate) fn besides(&self, key: &str) -> &str {
        self.rest
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
            .unwrap_or_default()
    }

    /// Does the address show something else than the saved view?
    pub(crate) fn changed(&self) -> bool {
        let Some(saved) = &self.saved else {
            return false;
        };
        self.given.iter().any(|(k, v)| {
            !matches!(k.as_str(), "view" | "q" | "fold" | "deleted") && v.trim() != saved.part(k)
        })
    }

    /// The address with some parts changed. A part that is emptied stays written while a saved view would fill it.
    pub(crate) fn address(&self, changes: &[(&str, &str)]) -> String {
        let mut out = format!("/{}", self.plural);
        let mut sep = '?';
        let mut put = |key: &str, value: &str| {
            out.push(sep);
            sep = '&';
            out.push_str(key);
            out.push('=');
            out.push_str(&encode(value));
        };
        for key in KEYS {
            let new = changes.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
            let value = new.or_else(|| self.given(key));
            let Some(value) = value else { continue };
            let fills = self.saved.as_ref().is_some_and(|s| !s.part(key).is_empty());
            if !value.is_empty() || (fills && key != "view") {
                put(key, value);
            }
        }
        for (key, value) in changes {
            if !KEYS.contains(key) && !value.is_empty() {
                put(key, value);
            }
        }
        out
    }

    /// The parts of the address, for the hidden inputs of a form; without those that the form has itself.
    pub(crate) fn hidden(&self, without: &[&str]) -> Vec<(String, String)> {
        KEYS.iter()
            .filter(|k| !without.contains(k))
            .filter_map(|k| self.given(k).map(|v| ((*k).to_owned(), v.to_owned())))
            .collect()
    }

    /// The columns with their widths: those that were asked for and may be seen, else the object's own; the title first.
    pub(crate) fn columns(&self, app: &App, caller: &Caller, object: &ObjectDef) -> Vec<(FieldIx, u16)> {
        let (title, _) = object.title_field();
        let seen = candidates(app, caller, object);
        let mut out: Vec<(FieldIx, u16)> = self
            .get("columns")
            .split(',')
            .filter_map(|part| {
                let (key, width) = part.split_once(':').unwrap_or((part, ""));
                let (ix, _) = object.field(key.trim())?;
                seen.contains(&ix)
                    .then(|| (ix, width.parse::<u16>().unwrap_or(0).min(WIDEST)))
            })
            .collect();
        if out.is_empty() {
            out = fields::list_columns(app, caller, object)
                .into_iter()
                .map(|ix| (ix, 0))
                .collect();
        }
        let mut known = Vec::new();
        out.retain(|(ix, _)| {
            let new = !known.contains(ix);
            known.push(*ix);
            new
        });
        match out.iter().position(|(ix, _)| *ix == title) {
            Some(0) => {}
            Some(n) => {
                let first = out.remove(n);
                out.insert(0, first);
            }
            None if seen.contains(&title) => out.insert(0, (title, 0)),
            None => {}
        }
        out
    }

    /// The sort: keys with their direction (`true` is descending).
    pub(crate) fn sort(&self, caller: &Caller, object: &ObjectDef) -> Vec<(String, bool)> {
        let own = object.default_sort.as_deref().unwrap_or_default();
        let text = match self.get("sort") {
            "" => crate::asking::order(caller, object, own).unwrap_or_default(),
            s => s.to_owned(),
        };
        text.split(',')
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .map(|p| match p.strip_prefix('-') {
                Some(k) => (k.to_owned(), true),
                None => (p.to_owned(), false),
            })
            .collect()
    }

    /// The field by which rows are grouped: one that can be sorted by, or whose values are asked for one by one.
    pub(crate) fn group(&self, caller: &Caller, object: &ObjectDef) -> Option<FieldIx> {
        let (ix, f) = object.field(self.get("group"))?;
        let groups =
            f.sort && caller.policy.sees(&object.key, ix) || super::grouping::by_value(caller, object, ix);
        // A search has its own order, so that it knows no linked records one after the other.
        let searched = !self.get("q").is_empty() && f.stored() == FieldType::Link;
        (groups && !searched).then_some(ix)
    }

    /// The sort that is asked of the store: the group first.
    pub(crate) fn order(&self, caller: &Caller, object: &ObjectDef) -> String {
        let mut sort = self.sort(caller, object);
        let group = self
            .group(caller, object)
            .filter(|ix| !super::grouping::by_value(caller, object, *ix))
            .and_then(|ix| object.at(ix));
        if let Some(f) = group.filter(|f| f.sort) {
            let down = sort.iter().find(|(k, _)| *k == f.key).is_some_and(|(_, d)| *d);
            sort.retain(|(k, _)| *k != f.key);
            sort.insert(0, (f.key.clone(), down));
            sort.truncate(3);
        }
        sort_text(&sort)
    }
}

/// A sort as the address has it.
pub(crate) fn sort_text(sort: &[(String, bool)]) -> String {
    sort.iter()
        .map(|(k, down)| if *down { format!("-{k}") } else { k.clone() })
        .collect::<Vec<_>>()
        .join(",")
}

/// Columns as the address has them.
pub(crate) fn columns_text(object: &ObjectDef, columns: &[(FieldIx, u16)]) -> String {
    columns
        .iter()
        .filter_map(|(ix, w)| object.at(*ix).map(|f| (f, w)))
        .map(|(f, w)| {
            if *w > 0 {
                format!("{}:{w}", f.key)
            } else {
                f.key.clone()
            }
        })
        .collect::<Vec<_>>()
        .join(",")
}

/// Fields that can be a column.
pub(crate) fn candidates(app: &App, caller: &Caller, object: &ObjectDef) -> Vec<FieldIx> {
    app.visible(caller, object, None)
        .unwrap_or_default()
        .into_iter()
        .filter(|ix| {
            !matches!(*ix, system::ID | system::VERSION | system::DELETED_AT)
                && object
                    .at(*ix)
                    .is_some_and(|f| f.class != Class::Secret && f.stored() != FieldType::Json)
        })
        .collect()
}

/// May this person's list filter by the field?
pub(crate) fn filterable(caller: &Caller, object: &ObjectDef, ix: FieldIx) -> bool {
    object.at(ix).is_some_and(|f| {
        f.filter
            && f.class != Class::Secret
            && !matches!(
                f.stored(),
                FieldType::LongText
                    | FieldType::RichText
                    | FieldType::Address
                    | FieldType::Json
                    | FieldType::File
            )
            && !matches!(
                caller.policy.field(&object.key, ix),
                Some(FieldRule::Hidden | FieldRule::Masked)
            )
            && ix != system::ID
            && ix != system::VERSION
            && ix != system::DELETED_AT
    })
}
