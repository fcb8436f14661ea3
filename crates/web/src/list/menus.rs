//! The menus of a list: which columns it has, and in which order it stands.

use peyvand_app::App;
use peyvand_catalog::{FieldIx, ObjectDef};

use super::state::{self, State, columns_text, sort_text};
use crate::door::Visitor;

/// A line of the columns' or the sort's menu.
pub(super) struct Line {
    pub(super) label: String,
    /// Adds, takes away or turns.
    pub(super) to: String,
    pub(super) on: bool,
    /// `↑`, `↓` or nothing.
    pub(super) mark: &'static str,
    pub(super) up: String,
    pub(super) down: String,
}

/// The columns that the list has, then those that it could have.
pub(super) fn column_lines(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    state: &State,
    columns: &[(FieldIx, u16)],
) -> Vec<Line> {
    let v = &visitor.view;
    let link = |list: &[(FieldIx, u16)]| state.address(&[("columns", &columns_text(object, list))]);
    let mut out = Vec::new();
    for (n, (ix, _)) in columns.iter().enumerate() {
        let Some(f) = object.at(*ix) else { continue };
        let moved = |to: usize| {
            let mut list = columns.to_vec();
            list.swap(n, to);
            link(&list)
        };
        let mut less = columns.to_vec();
        less.remove(n);
        out.push(Line {
            label: v.label(&f.label).to_owned(),
            to: if n == 0 { String::new() } else { link(&less) },
            on: true,
            mark: "",
            up: if n > 1 { moved(n - 1) } else { String::new() },
            down: if n > 0 && n + 1 < columns.len() {
                moved(n + 1)
            } else {
                String::new()
            },
        });
    }
    for ix in state::candidates(app, &visitor.session.caller, object) {
        let Some(f) = object.at(ix).filter(|_| !columns.iter().any(|(i, _)| *i == ix)) else {
            continue;
        };
        let mut more = columns.to_vec();
        more.push((ix, 0));
        out.push(Line {
            label: v.label(&f.label).to_owned(),
            to: link(&more),
            on: false,
            mark: "",
            up: String::new(),
            down: String::new(),
        });
    }
    out
}

/// The fields that the list is in the order of, then those that it could be.
pub(super) fn sort_lines(visitor: &Visitor, object: &ObjectDef, state: &State) -> Vec<Line> {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let now = state.sort(caller, object);
    let link = |list: &[(String, bool)]| state.address(&[("sort", &sort_text(list))]);
    let line = |key: &str| {
        let (ix, f) = object.field(key)?;
        if !f.sort || !caller.policy.sees(&object.key, ix) {
            return None;
        }
        let at = now.iter().position(|(k, _)| k == key);
        let mut next = now.clone();
        let (on, mark) = match at {
            None => {
                next.truncate(2);
                next.push((key.to_owned(), false));
                (false, "")
            }
            Some(n) => {
                let down = next.get(n).is_some_and(|(_, d)| *d);
                if down {
                    next.remove(n);
                } else if let Some(s) = next.get_mut(n) {
                    s.1 = true;
                }
                (true, if down { "↓" } else { "↑" })
            }
        };
        Some(Line {
            label: v.label(&f.label).to_owned(),
            to: link(&next),
            on,
            mark,
            up: String::new(),
            down: String::new(),
        })
    };
    let mut out: Vec<Line> = now.iter().filter_map(|(k, _)| line(k)).collect();
    out.extend(
        object
            .fields
            .iter()
            .filter(|f| !now.iter().any(|(k, _)| *k == f.key))
            .filter_map(|f| line(&f.key)),
    );
    out
}
