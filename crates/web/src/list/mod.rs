//! The list of every object: a grid of cells, quick search, filter chips, sort by several columns, columns of one's own,
//! groups, sums, key-set pages, saved views.

mod acts;
pub(crate) mod chips;
mod grouping;
mod menus;
mod months;
mod rows;
pub(crate) mod state;
pub(crate) mod views;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State as Axum};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};
use peyvand_app::records::{COUNT_CAP, MOST_PER_PAGE};
use peyvand_app::{App, AppError, ListRequest, Listed};
use peyvand_catalog::{FieldIx, FieldType, ObjectDef, Writes};
use peyvand_i18n::{Args, keys};
use peyvand_record::{Reach, Verb};

use crate::door::Visitor;
use crate::fields;
use crate::form;
use crate::shell::{self, Answer, Chrome, html};
use crate::view::Viewer;
use acts::act;
use chips::{Chips, Picker};
use grouping::{Heads, Plan, Stretch, Summed, group_lines, linked, listed_in, plan};
use menus::{Line, column_lines, sort_lines};
use rows::{Group, Head};
use state::{State, columns_text};

/// Records a list begins with: as many as most screens show. What is drawn nobody sees has to be waited for as well, so the
/// others come when they are drawn near, or with the next page.
const FIRST: u32 = 25;

/// Records of each page after the first.
const PAGE: u32 = 50;

/// A tab: a saved view.
struct Tab {
    to: String,
    name: String,
    here: bool,
    shared: bool,
}

/// A field that a bulk edit can set.
struct Settable {
    key: String,
    label: String,
}

#[derive(Template)]
#[template(path = "list.html")]
#[expect(clippy::struct_excessive_bools, reason = "independent properties of a page")]
struct ListPage {
    c: Chrome,
    js: String,
    plural: String,
    object: String,
    icon: &'static str,
    label: String,
    count: String,
    q: String,
    hidden: Vec<(String, String)>,
    hidden_all: Vec<(String, String)>,
    tabs: Vec<Tab>,
    view: Option<views::View>,
    changed: bool,
    revert: String,
    chips: String,
    picker: Option<Picker>,
    pick: String,
    advanced: String,
    example: String,
    error: String,
    /// What is said of the view.
    notice: String,
    columns: Vec<Line>,
    columns_text: String,
    sorts: Vec<Line>,
    groups: Vec<Line>,
    /// The groups stand by size, being too many to stand by name.
    by_size: bool,
    density: String,
    density_to: String,
    heads: Vec<Head>,
    /// Somebody has chosen how wide columns are.
    sized: bool,
    rows: Vec<Group>,
    sums: Vec<String>,
    any_sum: bool,
    total: String,
    next: String,
    first: String,
    shown: String,
    cut: bool,
    bin: bool,
    may_create: bool,
    may_edit: bool,
    may_delete: bool,
    may_export: bool,
    new_label: String,
    board: bool,
    export_csv: String,
    export_xlsx: String,
    settable: Vec<Settable>,
    people: Vec<(String, String)>,
    empty_title: String,
    empty_lead: String,
    clear: String,
    here: String,
}

/// An example of a filter that fits the object.
fn example(object: &ObjectDef) -> String {
    if let Some(f) = object
        .fields
        .iter()
        .find(|f| f.ty == FieldType::Choice && f.filter)
        && let Some(c) = f.choices.first()
    {
        return format!("{} = {}", f.key, c.key);
    }
    "created_at = this_month()".to_owned()
}

/// Reads the state of a list from an address.
pub(crate) async fn state_of(
    app: &App,
    visitor: &Visitor,
    plural: &str,
    object: &ObjectDef,
    pairs: Vec<(String, String)>,
) -> State {
    let state = State::read(plural, pairs);
    let saved = match state.given("view") {
        Some(id) => views::one(app, &visitor.session.caller, id)
            .await
            .filter(|s| s.object == object.key)
            .map(|s| s.seen_by(app, &visitor.session.caller, object)),
        None => None,
    };
    state.under(saved)
}

/// The keys of fields, as a list takes them.
fn named(object: &ObjectDef, fields: impl Iterator<Item = FieldIx>) -> String {
    let keys: Vec<&str> = fields
        .filter_map(|ix| object.at(ix))
        .map(|f| f.key.as_str())
        .collect();
    keys.join(",")
}

/// How many records the answer holds. A script that sets a list anew says how many stood in it, so that nobody is taken away
/// from where they were.
fn length(headers: &HeaderMap, state: &State) -> u32 {
    let stood = headers
        .get("x-rows")
        .and_then(|h| h.to_str().ok())
        .and_then(|h| h.parse::<u32>().ok());
    match stood {
        Some(n) => n.clamp(FIRST, MOST_PER_PAGE),
        None if state.besides("cursor").is_empty() => FIRST,
        None => PAGE,
    }
}

/// How many records a search found; with a mark where it was not counted to the end.
async fn found(
    app: &App,
    visitor: &Visitor,
    object: &Arc<ObjectDef>,
    request: &ListRequest,
) -> Result<String, AppError> {
    let one = ListRequest {
        filter: request.filter.clone(),
        q: request.q.clone(),
        deleted: request.deleted,
        fields: Some("id".to_owned()),
        limit: Some(1),
        count: true,
        ..ListRequest::default()
    };
    let listed = app.list(&visitor.session.caller, object, &one).await?;
    let n = listed.count.unwrap_or_default();
    Ok(if listed.at_least {
        visitor.view.count(n + 1, n)
    } else {
        visitor.view.number(n as i64)
    })
}

/// The records of a list, in their groups; and, where the filter or the order that is asked for cannot be, why, with the
/// list as it is without them.
async fn asked(
    app: &App,
    visitor: &Visitor,
    object: &Arc<ObjectDef>,
    state: &State,
    request: &mut ListRequest,
    summed: &Summed<'_>,
) -> Result<((Plan, Listed, Vec<Stretch>), String), AppError> {
    let (caller, v) = (&visitor.session.caller, &visitor.view);
    let grouped = async {
        let plan = plan(app, visitor, object, state, request, summed).await?;
        let (listed, stretches) = listed_in(app, caller, object, request, &plan).await?;
        Ok((plan, listed, stretches))
    };
    let error = match grouped.await {
        Ok(found) => return Ok((found, String::new())),
        Err(AppError::Filter(e)) => v.with(
            keys::WEB_FILTER_ERROR,
            &Args::new().text("reason", e.message(v.language)),
        ),
        Err(e @ AppError::Parameter { .. }) => e.message(v.language),
        Err(e) => return Err(e),
    };
    request.filter = None;
    request.cursor = None;
    request.sort = None;
    let listed = app.list(caller, object, request).await?;
    Ok(((Plan::Flat, listed, Vec::new()), error))
}

/// What a list without records says: a title, and what to do.
fn empty(v: &Viewer, object: &ObjectDef, state: &State, may_create: bool) -> (String, String) {
    let one = v.label(&object.label);
    let (asked, filtered) = (state.get("q"), !state.get("filter").is_empty());
    let searched = !asked.is_empty() || filtered;
    let bin = state.get("deleted") == "1";
    let title = if bin && !searched {
        v.t(keys::BIN_EMPTY)
    } else if searched {
        v.t(keys::WEB_EMPTY_NONE_TITLE)
    } else {
        v.with(keys::WEB_EMPTY_TITLE, &Args::new().text("object", one))
    };
    let lead = if bin && !searched {
        v.t(keys::LIST_BIN_LEAD)
    } else if !asked.is_empty() {
        v.with(keys::LIST_EMPTY_SEARCH, &Args::new().text("query", asked))
    } else if searched {
        v.t(keys::LIST_EMPTY_FILTER)
    } else if may_create {
        v.with(keys::WEB_EMPTY_LEAD, &Args::new().text("object", one))
    } else {
        v.t(keys::WEB_EMPTY_READ)
    };
    (title, lead)
}

/// A page of records.
pub(crate) async fn page(
    Axum(app): Axum<Arc<App>>,
    visitor: Visitor,
    Path(plural): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    if caller.policy.reach(&object.key, Verb::Read) == Reach::None && object.spine {
        return Err(shell::failure(&AppError::Forbidden, v.language));
    }
    let state = state_of(&app, &visitor, &plural, &object, pairs).await;
    let mut pick_error = String::new();
    match act(&app, &visitor, &object, &state).await {
        Some(Ok(to)) => return Ok(Redirect::to(&to).into_response()),
        Some(Err(e)) => pick_error = e,
        None => {}
    }
    let some = |s: &str| Some(s.trim().to_owned()).filter(|s| !s.is_empty());
    let order = state.order(caller, &object);
    let bin = state.get("deleted") == "1";
    let columns = state.columns(&app, caller, &object);
    let ixs: Vec<FieldIx> = columns.iter().map(|(ix, _)| *ix).collect();
    let mut request = ListRequest {
        filter: some(state.get("filter")),
        sort: some(&order),
        limit: Some(length(&headers, &state)),
        cursor: some(state.besides("cursor")),
        fields: Some(named(
            &object,
            ixs.iter().copied().chain(state.group(caller, &object)),
        )),
        q: some(state.get("q")),
        deleted: bin,
        count: false,
        ..ListRequest::default()
    };
    let summed = rows::summed(&object, &ixs);
    let in_groups = Summed {
        columns: &ixs,
        fields: &summed,
    };
    let (asked, error) = asked(&app, &visitor, &object, &state, &mut request, &in_groups)
        .await
        .map_err(visitor.fail())?;
    let (plan, listed, stretches) = asked;
    let mut wanted = chips::ids(&object, state.get("filter"));
    fields::linked(&object, &listed.records, &ixs, &mut wanted);
    linked(&object, &plan, &stretches, &mut wanted);
    let may = |verb| App::writable(caller, &object, verb).is_ok();
    let generic = object.writes == Writes::Generic;
    let editable = if generic && !bin && may(Verb::Update) {
        form::inputs::editable(caller, &object)
    } else {
        Vec::new()
    };
    // A script that sets the rows below those of the page before needs nothing of what stands around them.
    let rows_only = form::inline::wants_part(&headers);
    let told = async {
        if rows_only {
            return Ok((String::new(), vec![String::new(); columns.len()]));
        }
        if request.q.is_some() {
            let n = found(&app, &visitor, &object, &request).await?;
            return Ok((n, vec![String::new(); columns.len()]));
        }
        let (n, sums) = app
            .tally(caller, &object, request.filter.as_deref(), bin, &summed)
            .await?;
        let n = v.count(n, COUNT_CAP);
        Ok((n, rows::sums(&visitor, &object, &ixs, &summed, &sums)))
    };
    let tabs = async {
        if rows_only || bin {
            return Ok(Vec::new());
        }
        tabs(&app, &visitor, &object, &state, &plural).await
    };
    let people = async {
        Ok(if rows_only || !object.ownable || editable.is_empty() {
            Vec::new()
        } else {
            people(&app, &visitor).await
        })
    };
    // None of these waits for another.
    let (titles, (count, sums), tabs, people) =
        tokio::try_join!(app.titles(caller, &wanted), told, tabs, people).map_err(visitor.fail())?;
    let draw = rows::Draw {
        visitor: &visitor,
        object: &object,
        state: &state,
        columns: &columns,
        titles: &titles,
        bin,
        editable,
    };
    let heads = draw.heads();
    let group_heads = Heads {
        visitor: &visitor,
        object: &object,
        state: &state,
        titles: &titles,
        summed: &in_groups,
    };
    let group_heads = group_heads.of(&plan, &stretches, &listed.records);
    let rows = if listed.records.is_empty() && stretches.is_empty() {
        Vec::new()
    } else {
        draw.groups(group_heads, &listed.records)
    };
    let label = v.label(&object.labels).to_owned();
    let c = Chrome::of(&visitor, &label);
    let chips = Chips {
        caller,
        v,
        object: &object,
        state: &state,
        titles: &titles,
        icons: &c.icons,
    };
    let picker = chips::picker(&app, &chips, pick_error).await;
    let chips = chips.html();
    let may_create = may(Verb::Create) && generic && !bin;
    let (empty_title, empty_lead) = empty(v, &object, &state, may_create);
    let searched = !state.get("q").is_empty() || !state.get("filter").is_empty();
    let export = format!("/{plural}/export");
    let exported = state.address(&[]).replacen(&format!("/{plural}"), &export, 1);
    let exported = format!(
        "{exported}{}format=",
        if exported.contains('?') { '&' } else { '?' }
    );
    let settable = settable(&visitor, &object, &draw.editable);
    let status = if error.is_empty() && picker.as_ref().is_none_or(|p| p.error.is_empty()) {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let saved = state.saved().cloned();
    let shown = listed.records.len();
    let page = ListPage {
        js: crate::assets::url("list.js"),
        icon: shell::icon(&object.icon),
        object: object.key.clone(),
        count: count.clone(),
        q: state.get("q").to_owned(),
        hidden: state.hidden(&["q"]),
        hidden_all: state.hidden(&[]),
        tabs,
        changed: state.changed(),
        revert: saved
            .as_ref()
            .map_or_else(|| format!("/{plural}"), |s| format!("/{plural}?view={}", s.id)),
        view: saved,
        chips,
        picker,
        pick: state.address(&[("pick", "1")]),
        advanced: state.get("filter").to_owned(),
        example: v.with(
            keys::WEB_FILTER_EXAMPLE,
            &Args::new().text("example", example(&object)),
        ),
        error,
        notice: if state.saved().is_some_and(|s| s.unseen) && state.given("filter").is_none() {
            v.t(keys::LIST_VIEW_UNSEEN)
        } else {
            String::new()
        },
        columns: column_lines(&app, &visitor, &object, &state, &columns),
        columns_text: columns_text(&object, &columns),
        sorts: sort_lines(&visitor, &object, &state),
        groups: group_lines(&visitor, &object, &state),
        by_size: plan.is_by_size(),
        density: state.get("density").to_owned(),
        density_to: state.address(&[(
            "density",
            if state.get("density") == "compact" {
                ""
            } else {
                "compact"
            },
        )]),
        sized: heads.iter().any(|h| h.width > 0),
        heads,
        rows,
        any_sum: sums.iter().any(|s| !s.is_empty()),
        sums,
        total: if count.is_empty() {
            String::new()
        } else {
            v.with(keys::LIST_TOTAL, &Args::new().word("count", count))
        },
        next: listed
            .next
            .as_deref()
            .map(|n| state.address(&[("cursor", n)]))
            .unwrap_or_default(),
        first: if state.besides("cursor").is_empty() {
            String::new()
        } else {
            state.address(&[])
        },
        shown: v.with(keys::WEB_SHOWN, &Args::new().number("count", shown as i64)),
        cut: listed.cut,
        may_create,
        may_edit: !draw.editable.is_empty(),
        may_delete: generic && (bin || may(Verb::Delete)),
        may_export: caller.policy.reach(&object.key, Verb::Export) != Reach::None && !bin,
        bin,
        new_label: v.new_of(&object.label),
        board: crate::board::has_board(&object),
        export_csv: format!("{exported}csv"),
        export_xlsx: format!("{exported}xlsx"),
        settable,
        people,
        empty_title,
        empty_lead,
        clear: if searched {
            state.address(&[("q", ""), ("filter", "")])
        } else {
            String::new()
        },
        here: visitor.here.clone(),
        c,
        label,
        plural,
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

async fn tabs(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    state: &State,
    plural: &str,
) -> Result<Vec<Tab>, AppError> {
    let v = &visitor.view;
    let mut out = vec![Tab {
        to: format!("/{plural}"),
        name: v.with(
            keys::WEB_ALL_OF,
            &Args::new().text("objects", v.label(&object.labels)),
        ),
        here: state.saved().is_none(),
        shared: false,
    }];
    for view in views::all(app, &visitor.session.caller, Some(&object.key)).await? {
        out.push(Tab {
            to: format!("/{plural}?view={}", view.id),
            here: state.saved().is_some_and(|s| s.id == view.id),
            shared: view.visibility != "private",
            name: view.name,
        });
    }
    Ok(out)
}

/// Fields that a bulk edit offers: of one value that fits all.
fn settable(visitor: &Visitor, object: &ObjectDef, editable: &[FieldIx]) -> Vec<Settable> {
    editable
        .iter()
        .filter_map(|ix| object.at(*ix))
        .filter(|f| !f.unique && !matches!(f.stored(), FieldType::PersonName | FieldType::Points))
        .map(|f| Settable {
            key: f.key.clone(),
            label: visitor.view.label(&f.label).to_owned(),
        })
        .collect()
}

/// The people that a record can be given to.
pub(crate) async fn people(app: &App, visitor: &Visitor) -> Vec<(String, String)> {
    let caller = &visitor.session.caller;
    app.colleagues(&caller.workspace)
        .await
        .map(|all| {
            all.iter()
                .map(|(id, name)| (id.to_string(), name.clone()))
                .collect()
        })
        .unwrap_or_default()
}
