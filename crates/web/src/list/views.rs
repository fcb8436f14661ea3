//! Saved views of a list: mine and those that others share. A view is what the address of a list can say, under a name.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, Path, State as Axum};
use peyvand_app::records::column;
use peyvand_app::{App, AppError, Caller, ListRequest};
use peyvand_catalog::ObjectDef;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::saved_view;
use peyvand_core::Id;
use peyvand_record::{Policy, Record, Value};
use peyvand_text::sort_key;

use crate::asking;
use crate::door::{Visitor, encode, say_undo};
use crate::form::id_of;
use crate::shell::Answer;

/// Most views of one list.
const MOST: u32 = 200;
/// Longest name of a view, in characters.
const NAME: usize = 60;

/// A saved view.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) object: String,
    pub(crate) mine: bool,
    pub(crate) visibility: String,
    pub(crate) pinned: bool,
    filter: String,
    sort: String,
    group: String,
    columns: String,
    density: String,
    /// Its filter asks for what this person does not see: it is left out.
    pub(crate) unseen: bool,
}

impl View {
    fn of(caller: &Caller, r: &Record) -> Self {
        let text = |ix| r.get(ix).as_str().unwrap_or_default().to_owned();
        let json = match r.get(saved_view::COLUMNS) {
            Value::Json(j) => (**j).clone(),
            _ => serde_json::Value::Null,
        };
        let part = |k: &str| {
            json.get(k)
                .and_then(|v| v.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        Self {
            id: r.id(),
            name: text(saved_view::NAME),
            object: text(saved_view::OBJECT_KEY),
            mine: r.get(system::OWNER_ID).as_id() == Some(caller.actor.id()),
            visibility: text(saved_view::VISIBILITY),
            pinned: *r.get(saved_view::PINNED) == Value::Bool(true),
            filter: text(saved_view::FILTER_TEXT),
            sort: text(saved_view::SORT_BY),
            group: text(saved_view::GROUP_BY),
            columns: part("columns"),
            density: part("density"),
            unseen: false,
        }
    }

    /// The same for a list of this person: without conditions and orders by what they do not see.
    pub(crate) fn seen_by(mut self, app: &App, caller: &Caller, object: &ObjectDef) -> Self {
        if !self.filter.is_empty() && !asking::may(app, caller, object, &self.filter) {
            self.filter.clear();
            self.unseen = true;
        }
        self.sort = asking::order(caller, object, &self.sort).unwrap_or_default();
        self
    }

    /// A part of the address that the view stands for.
    pub(crate) fn part(&self, key: &str) -> &str {
        match key {
            "filter" => &self.filter,
            "sort" => &self.sort,
            "group" => &self.group,
            "columns" => &self.columns,
            "density" => &self.density,
            _ => "",
        }
    }
}

/// Views are read and written by everybody for themselves, whatever their role says of records: the store shows each what
/// is theirs or shown to them, and that only the owner changes one is held here.
fn keeper(caller: &Caller) -> Caller {
    let mut own = caller.clone();
    own.policy = Arc::new(Policy {
        actor: caller.actor,
        unrestricted: true,
        teams: caller.policy.teams.clone(),
        teams_below: Vec::new(),
        objects: HashMap::new(),
    });
    own
}

/// The views that this person sees, of one object or of all.
pub(crate) async fn all(app: &App, caller: &Caller, object: Option<&str>) -> Result<Vec<View>, AppError> {
    let Some(def) = caller.workspace.catalog().object("saved_view") else {
        return Ok(Vec::new());
    };
    let request = ListRequest {
        filter: object.map(|o| format!("object_key = \"{o}\"")),
        // By name they would be asked for twice: those that have one, and those that have none. Every list asks.
        sort: Some("-created_at".to_owned()),
        limit: Some(MOST),
        ..ListRequest::default()
    };
    let listed = app.list(&keeper(caller), def, &request).await?;
    let mut views: Vec<View> = listed.records.iter().map(|r| View::of(caller, r)).collect();
    views.sort_by_cached_key(|v| sort_key(&v.name));
    Ok(views)
}

/// The view with this id, when this person sees it.
pub(crate) async fn one(app: &App, caller: &Caller, key: &str) -> Option<View> {
    let def = caller.workspace.catalog().object("saved_view")?;
    let id: Id = key.parse().ok()?;
    let record = app.get(&keeper(caller), def, id).await.ok()?;
    Some(View::of(caller, &record))
}

fn field<'a>(given: &'a [(String, String)], key: &str) -> &'a str {
    given
        .iter()
        .rev()
        .find(|(k, _)| k == key)
        .map(|(_, v)| v.trim())
        .unwrap_or_default()
}

fn values(
    caller: &Caller,
    object: &ObjectDef,
    given: &[(String, String)],
) -> Vec<(peyvand_catalog::FieldIx, Value)> {
    let text = |s: &str| {
        if s.is_empty() {
            Value::Null
        } else {
            Value::Text(s.into())
        }
    };
    let visibility = match field(given, "visibility") {
        v @ ("everyone" | "team") => v,
        _ => "private",
    };
    // An address that was kept for long may name a field that is gone: the list leaves it out, and so does the view.
    let columns: Vec<&str> = field(given, "columns")
        .split(',')
        .filter(|part| column(object, part).is_some())
        .collect();
    let density = match field(given, "density") {
        d @ "compact" => d,
        _ => "",
    };
    let json = serde_json::json!({"columns": columns.join(","), "density": density});
    let mut out = vec![
        (saved_view::OBJECT_KEY, text(&object.key)),
        (saved_view::FILTER_TEXT, text(field(given, "filter"))),
        (saved_view::SORT_BY, text(field(given, "sort"))),
        (saved_view::GROUP_BY, text(field(given, "group"))),
        (saved_view::COLUMNS, Value::Json(Box::new(json))),
        (saved_view::VISIBILITY, Value::Choice(visibility.into())),
        (saved_view::PINNED, Value::Bool(field(given, "pinned") == "1")),
        (system::OWNER_ID, Value::Id(caller.actor.id())),
    ];
    if let Some(team) = caller.policy.teams.first() {
        out.push((system::TEAM_ID, Value::Id(*team)));
    }
    out
}

/// Saves a view: a new one, or (with `id`) the one that is shown, as it stands now.
pub(crate) async fn save(
    Axum(app): Axum<Arc<App>>,
    visitor: Visitor,
    Path(plural): Path<String>,
    Form(given): Form<Vec<(String, String)>>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let def = app.object(caller, "saved-views").map_err(visitor.fail())?;
    // A filter that cannot be read is not kept: the view would show an error for ever.
    let filter = field(&given, "filter");
    if !filter.is_empty() {
        app.filter(caller, &object, filter)
            .await
            .map_err(visitor.fail())?;
    }
    // Nor is an order that the list cannot be in.
    let sort = field(&given, "sort");
    if !sort.is_empty() {
        app.check_sort(caller, &object, sort).map_err(visitor.fail())?;
    }
    let mut all = values(caller, &object, &given);
    let name: String = field(&given, "name").chars().take(NAME).collect();
    let keeper = keeper(caller);
    let id = match one(&app, caller, field(&given, "id")).await {
        Some(view) => {
            if !view.mine {
                return Err(crate::shell::failure(&AppError::Forbidden, visitor.view.language));
            }
            // One form says what the view shows, the other how it is called, whose it is and where it stands: what a form
            // does not say stays.
            let settings = field(&given, "settings") == "1";
            all.retain(|(ix, _)| {
                let of_settings = matches!(*ix, saved_view::VISIBILITY | saved_view::PINNED);
                of_settings == settings
            });
            if !name.is_empty() {
                all.push((saved_view::NAME, Value::Text(name.into())));
            }
            app.patch_values(&keeper, &def, view.id, all, None)
                .await
                .map_err(visitor.fail())?
                .id()
        }
        None => {
            let name = if name.is_empty() {
                visitor.view.label(&object.labels).to_owned()
            } else {
                name
            };
            all.push((saved_view::NAME, Value::Text(name.into())));
            app.create_values(&keeper, &def, all, None)
                .await
                .map_err(visitor.fail())?
                .id()
        }
    };
    Ok(say_undo(&format!("/{plural}?view={id}"), "web-saved", "", 0))
}

/// Takes a view of one's own away.
pub(crate) async fn delete(
    Axum(app): Axum<Arc<App>>,
    visitor: Visitor,
    Path((plural, id)): Path<(String, String)>,
) -> Answer {
    let caller = &visitor.session.caller;
    let def = app.object(caller, "saved-views").map_err(visitor.fail())?;
    let id = id_of(&visitor, &id)?;
    let mine = one(&app, caller, &id.to_string()).await.is_some_and(|v| v.mine);
    if !mine {
        return Err(crate::shell::failure(&AppError::NotFound, visitor.view.language));
    }
    app.delete(&keeper(caller), &def, id, None)
        .await
        .map_err(visitor.fail())?;
    let undo = format!("/{}/views/{id}/restore", encode(&plural));
    Ok(say_undo(&format!("/{plural}"), "web-deleted", &undo, 0))
}

/// Brings a deleted view of one's own back.
pub(crate) async fn restore(
    Axum(app): Axum<Arc<App>>,
    visitor: Visitor,
    Path((plural, id)): Path<(String, String)>,
) -> Answer {
    let caller = &visitor.session.caller;
    let def = app.object(caller, "saved-views").map_err(visitor.fail())?;
    let id = id_of(&visitor, &id)?;
    let keeper = keeper(caller);
    let back = app.restore(&keeper, &def, id).await.map_err(visitor.fail())?;
    if !View::of(caller, &back).mine {
        // Somebody else's: put back where it was.
        app.delete(&keeper, &def, id, None)
            .await
            .map_err(visitor.fail())?;
        return Err(crate::shell::failure(&AppError::NotFound, visitor.view.language));
    }
    Ok(say_undo(&format!("/{plural}?view={id}"), "web-restored", "", 0))
}
