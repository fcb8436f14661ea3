//! The records that belong to a record: every link of the catalog that ends here, with a way to add one.

use peyvand_app::{App, ListRequest, reading};
use peyvand_catalog::{FieldIx, FieldType, ObjectDef, Writes};
use peyvand_core::Id;
use peyvand_record::{Reach, Verb};

use crate::door::{Visitor, encode};
use crate::fields;
use crate::shell;

/// Records shown of each link.
const SHOWN: usize = 5;
/// What the page shows in another place, or what is the program's own business.
const ELSEWHERE: &[&str] = &[
    "activity",
    "interaction",
    "note",
    "need",
    "perception",
    "file",
    "notification",
    "saved_view",
    "contact_point",
    "consent_entry",
    "setting",
];

/// Records that point here.
pub(crate) struct Related {
    pub(crate) label: String,
    pub(crate) icon: &'static str,
    pub(crate) add: String,
    pub(crate) all: String,
    /// Address, title, a fact as HTML.
    pub(crate) rows: Vec<(String, String, String)>,
}

/// The newest records of each link that ends here.
pub(crate) async fn related(app: &App, visitor: &Visitor, object: &ObjectDef, id: Id) -> Vec<Related> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let catalog = caller.workspace.catalog();
    let inverses = catalog.inverses(&object.key);
    let mut out = Vec::new();
    for inverse in inverses {
        let Some(def) = catalog.object(&inverse.object) else {
            continue;
        };
        let child = def.is_child();
        if ELSEWHERE.contains(&def.key.as_str())
            || (caller.policy.reach(&def.key, Verb::Read) == Reach::None && !child)
        {
            continue;
        }
        let Some(link) = def.at(inverse.field).filter(|f| !f.is_system()) else {
            continue;
        };
        let filter = format!("{} = \"{id}\"", link.key);
        let request = ListRequest {
            filter: Some(filter.clone()),
            limit: Some(SHOWN as u32 + 1),
            sort: Some("-created_at".to_owned()),
            ..ListRequest::default()
        };
        let listed = match app.list(caller, def, &request).await {
            Ok(l) => l,
            Err(e) => {
                tracing::debug!(object = def.key, "related records: {e}");
                continue;
            }
        };
        let fact = def
            .fields
            .iter()
            .position(|f| f.list && matches!(f.stored(), FieldType::Choice | FieldType::Money))
            .map(|i| FieldIx(i as u16));
        // A record without a title of its own, or with a mere choice for one, is called by what it links to.
        let choice = def.title_field().1.stored() == FieldType::Choice;
        let title_is_link = |r: &peyvand_record::Record| choice || reading::title(def, r).is_empty();
        let others: Vec<FieldIx> = def
            .fields
            .iter()
            .enumerate()
            .filter(|(i, f)| {
                f.stored() == FieldType::Link
                    && !f.is_system()
                    && *i != usize::from(inverse.field.0)
                    && f.to.as_deref() != Some("*")
            })
            .map(|(i, _)| FieldIx(i as u16))
            .collect();
        let titles = if listed.records.iter().any(title_is_link) {
            fields::titles_of(app, caller, def, &listed.records, &others)
                .await
                .unwrap_or_default()
        } else {
            fields::Titles::new()
        };
        let rows: Vec<_> = listed
            .records
            .iter()
            .take(SHOWN)
            .map(|r| {
                let shown = fact
                    .and_then(|ix| def.at(ix).map(|f| (ix, f)))
                    .filter(|(ix, _)| !r.get(*ix).is_null())
                    .map(|(ix, f)| fields::cell(caller, v, f, r.get(ix), &fields::Titles::new(), true).html())
                    .unwrap_or_default();
                let mut title = reading::title(def, r);
                if title_is_link(r) {
                    title = others
                        .iter()
                        .find_map(|ix| titles.get(&r.get(*ix).as_id()?).cloned())
                        .unwrap_or_else(|| v.label(&def.label).to_owned());
                }
                (format!("/{}/{}", def.plural, r.id()), title, shown)
            })
            .collect();
        let may_add = def.writes == Writes::Generic && App::writable(caller, def, Verb::Create).is_ok();
        if rows.is_empty() && !may_add {
            continue;
        }
        let several = inverses.iter().filter(|i| i.object == def.key).count() > 1;
        out.push(Related {
            label: if several {
                format!("{} ({})", v.label(&def.labels), v.label(&link.label))
            } else {
                v.label(&def.labels).to_owned()
            },
            icon: shell::icon(&def.icon),
            add: if may_add {
                format!("/{}/new?{}={id}&to=/{}/{id}", def.plural, link.key, object.plural)
            } else {
                String::new()
            },
            all: if listed.records.len() > SHOWN {
                format!("/{}?filter={}", def.plural, encode(&filter))
            } else {
                String::new()
            },
            rows,
        });
    }
    // What is there stands before what could be.
    out.sort_by_key(|r| r.rows.is_empty());
    out
}
