//! Bringing records in step by step.

mod meanings;

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use peyvand_app::transfer::import::{Preview, RowNote, TransferError, Undecided};
use peyvand_app::transfer::mapping::{Column, LinkBy, Mapping};
use peyvand_app::transfer::propose::put_currency;
use peyvand_app::transfer::tagged::{TAGS, takes_tags};
use peyvand_app::transfer::wizard::{LARGEST, Stage, Upload};
use peyvand_app::{App, AppError};
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef, Writes};
use peyvand_core::{Id, Instant};
use peyvand_i18n::{Args, Key, keys};
use peyvand_record::{Reach, Verb};
use tokio::io::AsyncWriteExt as _;

use crate::door::{Visitor, encode, say};
use crate::form::Typed;
use crate::record::files::{download, size};
use crate::shell::{Answer, Chrome, html};
use crate::view::Viewer;

/// An import of before.
struct Past {
    to: String,
    name: String,
    object: String,
    when: String,
    stage: String,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    c: Chrome,
    css: String,
    js: String,
    objects: Vec<(String, String, bool)>,
    past: Vec<Past>,
    error: String,
}

/// A column of the file, with where it goes.
/// A field that a column can go into.
struct Target {
    key: String,
    label: String,
    /// A link to records that an import may make.
    makes: bool,
    chosen: bool,
}

struct Line {
    index: usize,
    name: String,
    /// Its name in words.
    shown: String,
    samples: String,
    fields: Vec<Target>,
    key: bool,
    /// A linked record that is not there yet is made.
    make: bool,
    /// Format, the day it makes of the sample.
    dates: Vec<(String, String)>,
}

/// A row that cannot be brought in as it is.
struct Trouble {
    row: String,
    column: String,
    value: String,
    /// Where the record is that the row would make once more.
    to: String,
    expected: String,
}

#[derive(Template)]
#[template(path = "import_steps.html")]
#[expect(clippy::struct_excessive_bools, reason = "independent properties of a page")]
struct StepsPage {
    c: Chrome,
    css: String,
    js: String,
    id: String,
    name: String,
    about: String,
    /// Label and whether it is the one at hand.
    steps: Vec<(String, bool)>,
    lines: Vec<Line>,
    unknown: Vec<meanings::Unknown>,
    policies: Vec<(&'static str, String, bool)>,
    source: String,
    running: bool,
    progress: String,
    summary: Vec<(String, bool)>,
    problems: String,
    /// Column, what is expected, how many.
    kinds: Vec<(String, String, String)>,
    troubles: Vec<Trouble>,
    /// Only the first problems are shown.
    more_troubles: String,
    /// What an undo has taken back: sentences.
    taken_back: Vec<String>,
    tried: bool,
    ended: bool,
    undone: bool,
    error: String,
    list: String,
}

fn stage_text(v: &Viewer, stage: Stage) -> String {
    v.t(match stage {
        Stage::Uploaded => keys::TRANSFER_STAGE_UPLOADED,
        Stage::Trying => keys::TRANSFER_STAGE_TRYING,
        Stage::Tried => keys::TRANSFER_STAGE_TRIED,
        Stage::Importing => keys::TRANSFER_STAGE_IMPORTING,
        Stage::Done => keys::TRANSFER_STAGE_DONE,
        Stage::Failed => keys::TRANSFER_STAGE_FAILED,
        Stage::Undone => keys::TRANSFER_STAGE_UNDONE,
    })
}

/// Objects whose records the caller may make from a file.
fn importable(visitor: &Visitor) -> Vec<&ObjectDef> {
    let caller = &visitor.session.caller;
    let mut all: Vec<&ObjectDef> = caller
        .workspace
        .catalog()
        .objects()
        .iter()
        .map(AsRef::as_ref)
        .filter(|o| {
            o.writes == Writes::Generic && o.spine && caller.policy.reach(&o.key, Verb::Create) != Reach::None
        })
        .collect();
    let first = ["contact", "company", "deal", "product", "order", "activity"];
    all.sort_by_key(|o| first.iter().position(|k| *k == o.key).unwrap_or(first.len()));
    all
}

fn import_page(app: &App, visitor: &Visitor, chosen: &str, error: String) -> ImportPage {
    let v = &visitor.view;
    let catalog = visitor.session.caller.workspace.catalog();
    ImportPage {
        css: crate::assets::url("record.css"),
        js: crate::assets::url("record.js"),
        objects: importable(visitor)
            .into_iter()
            .map(|o| {
                (
                    o.plural.clone(),
                    v.label(&o.labels).to_owned(),
                    o.plural == chosen,
                )
            })
            .collect(),
        past: app
            .uploads(&visitor.session.caller)
            .into_iter()
            .map(|u| Past {
                to: format!("/import/{}", u.id),
                object: catalog
                    .by_plural(&u.object)
                    .map_or(u.object.clone(), |o| v.label(&o.labels).to_owned()),
                name: u.name,
                when: v.ago(Instant(u.at)),
                stage: stage_text(v, u.stage),
            })
            .collect(),
        error,
        c: Chrome::of(visitor, &v.t(keys::IMPORT_TITLE)),
    }
}

/// The beginning: a file, and what is in it.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(asked): Query<Typed>,
) -> Answer {
    let chosen = asked.get("object").cloned().unwrap_or_default();
    let page = import_page(&app, &visitor, &chosen, String::new());
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// Takes the file, piece by piece, to the disk.
pub(crate) async fn upload(State(app): State<Arc<App>>, visitor: Visitor, mut form: Multipart) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let mut object = String::new();
    let refuse = |object: &str, text: String| {
        let page = import_page(&app, &visitor, object, text);
        html(StatusCode::UNPROCESSABLE_ENTITY, &page, false)
    };
    loop {
        let mut field = match form.next_field().await {
            Ok(Some(f)) => f,
            Ok(None) => return Ok(refuse(&object, v.t(keys::TRANSFER_NO_FILE))),
            Err(e) => return Ok(refuse(&object, e.body_text())),
        };
        if field.name() == Some("object") {
            object = field.text().await.unwrap_or_default();
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        if name.is_empty() {
            return Ok(refuse(&object, v.t(keys::TRANSFER_NO_FILE)));
        }
        if !importable(&visitor).iter().any(|o| o.plural == object) {
            return Ok(refuse(&object, v.t(keys::TRANSFER_NO_OBJECT)));
        }
        let mut upload = app
            .begin_import_file(caller, &name, &object)
            .map_err(visitor.fail())?;
        let path = app.upload_file(&upload.id).map_err(visitor.fail())?;
        let disk = |e: std::io::Error| visitor.fail()(AppError::of_disk(&e));
        let mut file = tokio::fs::File::create(&path).await.map_err(disk)?;
        loop {
            match field.chunk().await {
                Ok(Some(bytes)) => {
                    upload.size += bytes.len() as u64;
                    if upload.size > LARGEST {
                        return Ok(refuse(&object, v.t(keys::TRANSFER_TOO_LARGE)));
                    }
                    file.write_all(&bytes).await.map_err(disk)?;
                }
                Ok(None) => break,
                Err(e) => return Ok(refuse(&object, e.body_text())),
            }
        }
        file.flush().await.map_err(disk)?;
        let checked = {
            let (app, upload) = (Arc::clone(&app), upload.clone());
            tokio::task::spawn_blocking(move || app.check_upload(&upload)).await
        };
        if let Ok(Err(TransferError::File(e))) = checked {
            app.drop_import_file(&upload.id).map_err(visitor.fail())?;
            return Ok(refuse(&object, TransferError::File(e).message(v.language)));
        }
        match app.scanned_file(&path).await {
            Ok(()) => {}
            Err(e @ AppError::FileRefused { .. }) => {
                app.drop_import_file(&upload.id).map_err(visitor.fail())?;
                return Ok(refuse(&object, e.message(v.language)));
            }
            Err(e) => {
                app.drop_import_file(&upload.id).map_err(visitor.fail())?;
                return Err(visitor.fail()(e));
            }
        }
        app.put_upload(&upload).map_err(visitor.fail())?;
        return Ok(Redirect::to(&format!("/import/{}", upload.id)).into_response());
    }
}

/// Fields that a column can go into; names and addresses by their parts too. `chosen` is the key of the chosen one.
fn targets(visitor: &Visitor, object: &ObjectDef, chosen: &str) -> Vec<Target> {
    const NAME: [(&str, Key); 3] = [
        ("title", keys::WEB_PART_TITLE),
        ("given", keys::WEB_PART_GIVEN),
        ("family", keys::WEB_PART_FAMILY),
    ];
    const ADDRESS: [(&str, Key); 5] = [
        ("province", keys::WEB_PART_PROVINCE),
        ("city", keys::WEB_PART_CITY),
        ("street", keys::WEB_PART_STREET),
        ("postal_code", keys::WEB_PART_POSTAL_CODE),
        ("country", keys::WEB_PART_COUNTRY),
    ];
    let v = &visitor.view;
    let mut out = Vec::new();
    let policy = &visitor.session.caller.policy;
    for (i, f) in object.fields.iter().enumerate() {
        let fits = policy.field(&object.key, FieldIx(i as u16)).is_none()
            && (!f.is_system() || matches!(f.key.as_str(), "owner_id" | "team_id"))
            && f.writes == Writes::Generic
            && !matches!(
                f.ty,
                FieldType::Formula
                    | FieldType::Computed
                    | FieldType::Json
                    | FieldType::File
                    | FieldType::Links
            )
            && f.to.as_deref() != Some("*");
        if !fits {
            continue;
        }
        let label = v.label(&f.label).to_owned();
        let parts: &[(&str, Key)] = match f.stored() {
            FieldType::PersonName => &NAME,
            FieldType::Address => &ADDRESS,
            _ => &[],
        };
        let mut add = |key: String, label: String| {
            out.push(Target {
                makes: makes(visitor, f),
                chosen: key == chosen,
                key,
                label,
            });
        };
        add(f.key.clone(), label.clone());
        for (part, key) in parts {
            add(format!("{}.{part}", f.key), format!("{label}: {}", v.t(*key)));
        }
    }
    if takes_tags(object) && policy.reach("tag", Verb::Read) != Reach::None {
        out.push(Target {
            makes: false,
            chosen: chosen == TAGS,
            key: TAGS.to_owned(),
            label: v.t(keys::RECORD_TAGS),
        });
    }
    out
}

/// Does the field link to records that an import may make?
fn makes(visitor: &Visitor, f: &FieldDef) -> bool {
    f.stored() == FieldType::Link
        && f.to
            .as_deref()
            .and_then(|to| visitor.session.caller.workspace.catalog().object(to))
            .is_some_and(|to| to.writes == Writes::Generic)
}

fn lines(
    visitor: &Visitor,
    object: &ObjectDef,
    preview: &Preview,
    undecided: &[Undecided],
    fresh: bool,
) -> Vec<Line> {
    preview
        .headers
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let column = preview.mapping.columns.iter().find(|c| c.name == *name);
            let to = column.map(|c| c.field.as_str()).unwrap_or_default();
            Line {
                index,
                samples: preview
                    .samples
                    .get(index)
                    .map(|s| s.join(" · "))
                    .unwrap_or_default(),
                fields: targets(visitor, object, to),
                // A firm that starts has nothing yet that its first file could link to.
                make: column
                    .and_then(|c| c.link.as_ref())
                    .is_none_or(|l| fresh || !l.make.is_empty()),
                key: preview.mapping.key.contains(name),
                dates: undecided
                    .iter()
                    .find(|(column, ..)| column == name)
                    .map(|(_, _, readings)| readings.clone())
                    .unwrap_or_default(),
                name: name.clone(),
                shown: String::new(),
            }
        })
        .collect()
}

/// What a report says: a sentence, and whether it is bad news.
fn summary(v: &Viewer, upload: &Upload) -> Vec<(String, bool)> {
    let Some(report) = &upload.report else {
        return Vec::new();
    };
    let mut out = Vec::new();
    // A trial has written nothing, and does not say that it has.
    let trial = upload.stage == Stage::Tried;
    for (key, n) in &report.outcomes {
        let outcome = key.rsplit('.').next().unwrap_or_default();
        let (text, bad) = match outcome {
            "created" if trial => (keys::TRANSFER_WOULD_CREATE, false),
            "updated" if trial => (keys::TRANSFER_WOULD_UPDATE, false),
            "created" => (keys::IMPORT_CREATED, false),
            "updated" => (keys::IMPORT_UPDATED, false),
            "unchanged" => (keys::IMPORT_UNCHANGED, false),
            "duplicate" => (keys::IMPORT_SKIPPED, true),
            "keyed" => (keys::TRANSFER_KEYED, false),
            "failed" => (keys::IMPORT_FAILED, true),
            _ => continue,
        };
        out.push((v.with(text, &Args::new().number("count", *n as i64)), bad));
    }
    for (note, n) in &report.notes {
        let key = match note.as_str() {
            "value-left-out" => keys::TRANSFER_NOTE_VALUE_LEFT_OUT,
            _ => keys::TRANSFER_NOTE_OTHER,
        };
        out.push((v.with(key, &Args::new().number("count", *n as i64)), true));
    }
    out
}

/// The words for a column of a card: its name is the key of a field, which nobody has to know.
fn head_of(v: &Viewer, object: &ObjectDef, upload: &Upload, name: &str) -> String {
    let end = upload.name.rsplit_once('.').map_or("", |(_, end)| end);
    if !["vcf", "vcard"].iter().any(|card| end.eq_ignore_ascii_case(card)) {
        return name.to_owned();
    }
    let key = match name {
        "uid" => keys::TRANSFER_CARD_UID,
        "name.given" => keys::WEB_PART_GIVEN,
        "name.family" => keys::WEB_PART_FAMILY,
        "name.title" => keys::WEB_PART_TITLE,
        "name.middle" => keys::TRANSFER_CARD_MIDDLE,
        "name.suffix" => keys::TRANSFER_CARD_SUFFIX,
        "nickname" => keys::TRANSFER_CARD_NICKNAME,
        "websites" => keys::TRANSFER_CARD_WEBSITES,
        "addresses" => keys::TRANSFER_CARD_ADDRESSES,
        "note" => keys::TRANSFER_CARD_NOTE,
        "tags" => keys::RECORD_TAGS,
        "skipped" => keys::TRANSFER_CARD_SKIPPED,
        "street" => keys::WEB_PART_STREET,
        "region" => keys::WEB_PART_PROVINCE,
        _ => {
            let own = object.field(name).or_else(|| object.field(&format!("{name}_id")));
            return own.map_or_else(|| name.to_owned(), |(_, f)| v.label(&f.label).to_owned());
        }
    };
    v.t(key)
}

/// The name of the column of the file that goes into a field, else the field's own.
fn column_of(v: &Viewer, object: &ObjectDef, mapping: &Mapping, field: &str) -> String {
    if let Some(c) = mapping.columns.iter().find(|c| c.field == field) {
        return c.name.clone();
    }
    let key = field.split('.').next().unwrap_or(field);
    object
        .field(key)
        .map_or_else(|| field.to_owned(), |(_, f)| v.label(&f.label).to_owned())
}

/// What a problem is, in words.
fn expected(v: &Viewer, outcome: &str, reason: &str) -> String {
    match (reason, outcome) {
        ("" | "duplicate", "duplicate") => v.t(keys::TRANSFER_TROUBLE_DUPLICATE),
        ("" | "value-left-out", "value-left-out") => v.t(keys::TRANSFER_TROUBLE_LEFT_OUT),
        ("", _) => v.t(keys::TRANSFER_TROUBLE_OTHER),
        (reason, _) => reason.to_owned(),
    }
}

/// What an undo has taken back, in sentences.
fn taken_back(v: &Viewer, upload: &Upload) -> Vec<String> {
    let Some(t) = upload.taken_back else {
        return Vec::new();
    };
    [
        (keys::TRANSFER_BACK_DELETED, t.deleted),
        (keys::TRANSFER_BACK_RESTORED, t.restored),
        (keys::TRANSFER_BACK_WITHDRAWN, t.withdrawn),
        (keys::TRANSFER_BACK_KEPT, t.kept),
    ]
    .into_iter()
    .filter(|(_, n)| *n > 0)
    .map(|(key, n)| v.with(key, &Args::new().number("count", n as i64)))
    .collect()
}

async fn steps_page(
    app: &App,
    visitor: &Visitor,
    upload: &Upload,
    error: String,
) -> Result<StepsPage, AppError> {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let object = app.object(caller, &upload.object)?;
    let running = matches!(upload.stage, Stage::Trying | Stage::Importing);
    let ended = matches!(upload.stage, Stage::Done);
    let undone = upload.stage == Stage::Undone;
    let mut error = if error.is_empty() {
        upload.problem.clone()
    } else {
        error
    };
    let mut found = Vec::new();
    let mut unknown = Vec::new();
    let mut mapping = Mapping::default();
    if !running && !ended && !undone {
        match app.preview_upload(caller, upload) {
            Ok((preview, undecided)) => {
                found = lines(visitor, &object, &preview, &undecided, upload.mapping.is_empty());
                let (headers, now) = (&preview.headers, &preview.mapping);
                unknown = meanings::unknown(app, visitor, &object, upload, headers, now).await;
                mapping = preview.mapping;
            }
            Err(e) => error = e.message(v.language),
        }
    }
    let at = match upload.stage {
        Stage::Uploaded | Stage::Failed => 1,
        Stage::Trying | Stage::Tried => 2,
        Stage::Importing => 3,
        Stage::Done | Stage::Undone => 4,
    };
    if running || ended || undone {
        mapping = Mapping::parse(&upload.mapping).unwrap_or_default();
    }
    let shown_of = |field: &str| head_of(v, &object, upload, &column_of(v, &object, &mapping, field));
    for line in &mut found {
        line.shown = head_of(v, &object, upload, &line.name);
    }
    for column in &mut unknown {
        column.name = head_of(v, &object, upload, &column.name);
    }
    let troubles: Vec<Trouble> = if running {
        Vec::new()
    } else {
        // A record that is there already is known by its name, not by its id.
        let there = |t: &RowNote| t.value.parse::<Id>().ok().filter(|_| t.outcome == "duplicate");
        let ids: Vec<Id> = upload.shown.iter().filter_map(there).collect();
        let wanted = HashMap::from([(object.key.clone(), ids)]);
        let titles = app.titles(caller, &wanted).await?;
        let row = |t: &RowNote| {
            let title = there(t).and_then(|id| Some((id, titles.get(&id)?)));
            Trouble {
                row: v.number(t.row as i64),
                column: shown_of(&t.field),
                value: match title {
                    Some((_, title)) => title.clone(),
                    None if there(t).is_some() => String::new(),
                    None => t.value.chars().take(200).collect(),
                },
                to: title.map_or_else(String::new, |(id, _)| format!("/{}/{id}", upload.object)),
                expected: expected(v, &t.outcome, &t.reason),
            }
        };
        upload.shown.iter().map(row).collect()
    };
    let kinds = if running {
        Vec::new()
    } else {
        let kind = |(field, what, n): &(String, String, u64)| {
            let known = matches!(what.as_str(), "duplicate" | "value-left-out");
            let words = expected(v, if known { what } else { "" }, what);
            (shown_of(field), words, v.number(*n as i64))
        };
        upload.kinds.iter().take(20).map(kind).collect()
    };
    let policy = mapping.policy.unwrap_or_default();
    let policies = [
        (
            "skip",
            keys::IMPORT_POLICY_SKIP,
            peyvand_app::transfer::OnDuplicate::Skip,
        ),
        (
            "fill",
            keys::IMPORT_POLICY_FILL,
            peyvand_app::transfer::OnDuplicate::Fill,
        ),
        (
            "overwrite",
            keys::IMPORT_POLICY_OVERWRITE,
            peyvand_app::transfer::OnDuplicate::Overwrite,
        ),
        (
            "create",
            keys::IMPORT_POLICY_CREATE,
            peyvand_app::transfer::OnDuplicate::Create,
        ),
    ];
    Ok(StepsPage {
        css: crate::assets::url("record.css"),
        js: crate::assets::url("import.js"),
        id: upload.id.clone(),
        name: upload.name.clone(),
        about: format!("{} · {}", v.label(&object.labels), size(v, upload.size as i64)),
        steps: [
            keys::TRANSFER_STEP_FILE,
            keys::IMPORT_MAPPING,
            keys::IMPORT_DRY_RUN,
            keys::IMPORT_TITLE,
            keys::TRANSFER_STEP_REPORT,
        ]
        .into_iter()
        .enumerate()
        .map(|(n, key)| (v.t(key), n == at))
        .collect(),
        lines: found,
        unknown,
        policies: policies
            .into_iter()
            .map(|(key, text, p)| (key, v.t(text), p == policy))
            .collect(),
        source: mapping.source,
        running,
        progress: match upload.rows {
            Some(rows) if rows > 0 => v.with(
                keys::IMPORT_PROGRESS,
                &Args::new()
                    .number("done", upload.done as i64)
                    .number("total", rows as i64),
            ),
            _ => v.with(
                keys::TRANSFER_ROWS_DONE,
                &Args::new().number("count", upload.done as i64),
            ),
        },
        summary: summary(v, upload),
        problems: if upload.problems > 0 {
            v.with(
                keys::TRANSFER_PROBLEMS,
                &Args::new().number("count", upload.problems as i64),
            )
        } else {
            String::new()
        },
        kinds,
        more_troubles: if upload.problems > troubles.len() as u64 && !troubles.is_empty() {
            v.with(
                keys::TRANSFER_TROUBLES_MORE,
                &Args::new().number("count", troubles.len() as i64),
            )
        } else {
            String::new()
        },
        troubles,
        taken_back: taken_back(v, upload),
        tried: upload.stage == Stage::Tried,
        ended,
        undone,
        error,
        list: format!("/{}", upload.object),
        c: Chrome::of(visitor, &v.t(keys::IMPORT_TITLE)),
    })
}

/// Where an import stands.
pub(crate) async fn steps(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let upload = app
        .import_file(&visitor.session.caller, &id)
        .map_err(visitor.fail())?;
    let page = steps_page(&app, &visitor, &upload, String::new())
        .await
        .map_err(visitor.fail())?;
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// The mapping as the form says it, on top of the one that stands.
fn mapping_of(visitor: &Visitor, object: &ObjectDef, preview: &Preview, typed: &Typed) -> Mapping {
    let mut mapping = preview.mapping.clone();
    let before = std::mem::take(&mut mapping.columns);
    mapping.key.clear();
    for (index, name) in preview.headers.iter().enumerate() {
        if typed.contains_key(&format!("key:{index}")) {
            mapping.key.push(name.clone());
        }
        let field = typed.get(&format!("field:{index}")).map_or("", String::as_str);
        if field.is_empty() {
            continue;
        }
        let mut column = before
            .iter()
            .find(|c| c.name == *name && c.field == field)
            .cloned()
            .unwrap_or_else(|| Column {
                name: name.clone(),
                field: field.to_owned(),
                link: link_of(visitor, object, field, name),
                ..Column::default()
            });
        // A file of another program names what it links to; only our own exports have ids.
        if column.link.is_none() && mapping.source != peyvand_app::transfer::bulk::OWN_SOURCE {
            column.link = link_of(visitor, object, field, name);
        }
        if let Some(link) = column.link.as_mut() {
            if !typed.contains_key(&format!("make:{index}")) {
                link.make.clear();
            } else if link.make.is_empty()
                && let Some(fuller) = link_of(visitor, object, field, name)
                && fuller.by == link.by
            {
                *link = fuller;
            }
        }
        meanings::put(&mut column, typed, index);
        if let Some(date) = typed.get(&format!("date:{index}")).filter(|d| !d.is_empty()) {
            column.date = Some(date.clone());
        }
        mapping.columns.push(column);
    }
    put_currency(object, &preview.headers, &mut mapping);
    // Columns put together by a template have no column of the file behind them.
    mapping
        .columns
        .extend(before.into_iter().filter(|c| c.template.is_some()));
    if let Some(policy) = typed.get("policy").and_then(|p| p.parse().ok()) {
        mapping.policy = Some(policy);
    }
    if let Some(source) = typed.get("source") {
        source.trim().clone_into(&mut mapping.source);
    }
    mapping
}

/// A link in a column is found by the title of what it leads to, and made when there is none.
fn link_of(visitor: &Visitor, object: &ObjectDef, field: &str, column: &str) -> Option<LinkBy> {
    let (_, f) = object.field(field)?;
    if f.stored() != FieldType::Link {
        return None;
    }
    let to = f.to.as_deref().unwrap_or("user");
    let target = visitor.session.caller.workspace.catalog().object(to)?;
    let (_, title) = target.title_field();
    let mut link = LinkBy {
        by: title.key.clone(),
        ..LinkBy::default()
    };
    if target.writes == Writes::Generic {
        link.make.insert(title.key.clone(), format!("{{{column}}}"));
    }
    Some(link)
}

/// Takes the mapping and begins the trial or the import.
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let mut upload = app.import_file(caller, &id).map_err(visitor.fail())?;
    let to = format!("/import/{}", upload.id);
    if typed.keys().any(|k| k.starts_with("field:")) {
        let object = app.object(caller, &upload.object).map_err(visitor.fail())?;
        let told = match app.preview_upload(caller, &upload) {
            Ok((preview, _)) => {
                meanings::add(&app, &visitor, &object, &preview.headers, &typed)
                    .await
                    .map_err(visitor.fail())?;
                upload.mapping = mapping_of(&visitor, &object, &preview, &typed).to_toml();
                app.preview_upload(caller, &upload)
            }
            Err(e) => Err(e),
        };
        let problem = match told {
            Ok((_, undecided)) if undecided.is_empty() => None,
            Ok(_) => Some(visitor.view.t(keys::TRANSFER_CHOOSE_DATES)),
            Err(e) => Some(TransferError::message(&e, visitor.view.language)),
        };
        if let Some(text) = problem {
            let page = steps_page(&app, &visitor, &upload, text)
                .await
                .map_err(visitor.fail())?;
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page, false));
        }
        upload.stage = Stage::Uploaded;
        app.put_upload(&upload).map_err(visitor.fail())?;
    }
    let dry = typed.get("do").is_none_or(|d| d != "import");
    app.start_upload(caller, &id, dry).await.map_err(visitor.fail())?;
    Ok(Redirect::to(&to).into_response())
}

/// The rows with problems, as a file.
pub(crate) async fn problems(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let upload = app
        .import_file(&visitor.session.caller, &id)
        .map_err(visitor.fail())?;
    let rows = app.upload_problems(&upload.id).await.map_err(visitor.fail())?;
    Ok(download(
        rows,
        &format!("{}-problems.csv", upload.object),
        "text/csv; charset=utf-8",
    ))
}

/// Takes an import back.
pub(crate) async fn undo(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    app.undo_upload(&visitor.session.caller, &id)
        .await
        .map_err(visitor.fail())?;
    Ok(say(&format!("/import/{}", encode(&id)), "transfer-undone", ""))
}
