//! The reference of all objects as a Markdown page in both languages, made from the catalog.

use std::fmt::Write as _;

use crate::catalog::Catalog;
use crate::definition::{Class, FieldDef, ObjectDef, OnDelete, OnMerge, SearchUse, Writes};
use crate::types::FieldType;

/// The page: a table of the objects, then a table of fields per object.
#[must_use]
pub fn markdown(catalog: &Catalog) -> String {
    let mut page = String::from(
        "# Objects · رکوردها\n\n\
         Every object of the product with its fields, as the catalog defines them. This page is made from\n\
         `crates/catalog/objects/*.toml`; after a change there run\n\
         `cargo run -p peyvand-catalog --example objects_md`.\n\n\
         همهٔ انواع رکورد با فیلدهایشان. این صفحه از روی تعریف‌ها ساخته می‌شود.\n\n\
         Each record also has the fields of the system: `id`, `version`, `created_at`, `updated_at`, `created_by`,\n\
         `updated_by`, `deleted_at`, and `owner_id` and `team_id` where it has an owner.\n\n\
         Marks: **required** must have a value · **unique** no two records share it · **sort** lists can be sorted by\n\
         it · **search** how search uses it · **list** a column of the default list · **set by the product** not\n\
         written by people. Classes say how personal a field is: public, business, personal, sensitive, secret.\n\n\
         | Object | فارسی | English | Address |\n|---|---|---|---|\n",
    );
    for object in catalog.objects() {
        line(
            &mut page,
            &format!(
                "| [`{0}`](#{0}) | {1} | {2} | `/{3}` |",
                object.key, object.label.fa, object.label.en, object.plural
            ),
        );
    }
    for object in catalog.objects() {
        object_section(&mut page, catalog, object);
    }
    page
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

fn object_section(page: &mut String, catalog: &Catalog, object: &ObjectDef) {
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "\n## {}\n\n{} · {}",
        object.key, object.labels.fa, object.labels.en
    );
    let mut traits = Vec::new();
    if object.ownable {
        traits.push("has an owner and a team".to_owned());
    }
    if object.mergeable {
        traits.push("can be merged".to_owned());
    }
    match object.writes {
        Writes::Generic => {}
        Writes::Append => traits.push("only appended to, never changed".to_owned()),
        Writes::UseCase => traits.push("written only by its own commands".to_owned()),
    }
    if let Some(parent) = &object.parent {
        let other = object
            .parent_or
            .as_ref()
            .map(|p| format!(" or `{p}`"))
            .unwrap_or_default();
        traits.push(format!("its rights are those of `{parent}`{other}"));
    }
    if !traits.is_empty() {
        let _ = write!(page, " — {}", traits.join("; "));
    }
    page.push_str("\n\n| Field | فارسی | English | Type | Class | Notes |\n|---|---|---|---|---|---|\n");
    for field in object.fields.iter().filter(|f| !f.is_system()) {
        line(
            page,
            &format!(
                "| `{}` | {} | {} | {} | {} | {} |",
                field.key,
                cell(&field.label.fa),
                cell(&field.label.en),
                type_name(field),
                class_name(field.class),
                cell(&notes(field))
            ),
        );
    }
    let relations: Vec<String> = catalog
        .inverses(&object.key)
        .iter()
        .map(|i| format!("`{}` (`{}`)", i.name, i.object))
        .collect();
    if !relations.is_empty() {
        line(page, &format!("\nRelations: {}", relations.join(", ")));
    }
    for field in object.fields.iter().filter(|f| !f.choices.is_empty()) {
        let choices: Vec<String> = field
            .choices
            .iter()
            .map(|c| format!("`{}` {} / {}", c.key, c.fa, c.en))
            .collect();
        line(page, &format!("\n`{}`: {}", field.key, choices.join(" · ")));
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn type_name(field: &FieldDef) -> String {
    let ty = match field.ty {
        FieldType::Formula | FieldType::Computed => {
            format!("{} of {}", field.ty.key(), field.stored().key())
        }
        FieldType::Points => format!("points ({})", field.channel.as_deref().unwrap_or_default()),
        t => t.key().to_owned(),
    };
    match field.to.as_deref() {
        Some("*") => format!("{ty} → any"),
        Some(to) => format!("{ty} → [`{to}`](#{to})"),
        None => ty,
    }
}

const fn class_name(class: Class) -> &'static str {
    match class {
        Class::Public => "public",
        Class::Business => "business",
        Class::Personal => "personal",
        Class::Sensitive => "sensitive",
        Class::Secret => "secret",
    }
}

fn notes(field: &FieldDef) -> String {
    let mut notes = Vec::new();
    for (on, name) in [
        (field.required, "required"),
        (field.unique, "unique"),
        (field.sort, "sort"),
        (field.list, "list"),
    ] {
        if on {
            notes.push(name.to_owned());
        }
    }
    if let Some(search) = field.search {
        notes.push(format!(
            "search: {}",
            match search {
                SearchUse::Title => "title",
                SearchUse::Words => "words",
                SearchUse::Exact => "exact",
            }
        ));
    }
    if field.writes == Writes::UseCase {
        notes.push("set by the product".to_owned());
    }
    if let Some(formula) = &field.formula {
        notes.push(format!("= `{formula}`"));
    }
    if let Some(rule) = field.on_delete {
        notes.push(format!(
            "on delete: {}",
            match rule {
                OnDelete::Clear => "clear",
                OnDelete::Cascade => "cascade",
                OnDelete::Restrict => "restrict",
                OnDelete::Keep => "keep",
            }
        ));
    }
    if let Some(rule) = field.on_merge {
        notes.push(format!(
            "on merge: {}",
            match rule {
                OnMerge::Relink => "relink",
                OnMerge::RelinkUnique => "relink, equal rows become one",
                OnMerge::Keep => "keep",
            }
        ));
    }
    if let Some(help) = &field.help {
        notes.push(format!("{} {}", help.fa, help.en));
    }
    notes.join(" · ")
}
