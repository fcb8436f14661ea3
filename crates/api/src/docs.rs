//! The reference of the interface as a page that people read: made on the server from the same table and catalog as the
//! description for programs.

use askama::Template;
use axum::http::{HeaderName, Method, StatusCode, header};
use axum::response::IntoResponse;
use peyvand_catalog::{Catalog, FieldIx, FieldType, ObjectDef};
use peyvand_core::Actor;
use peyvand_i18n::{Args, Key, keys, text};
use peyvand_numbers::Language;
use peyvand_record::Policy;

use crate::call::{Answer, Call, put};
use crate::openapi::{Reader, written};
use crate::problem::Problem;
use crate::table::{Access, Kind, Operation, Param, Reply, operation};

const STYLE: &str = include_str!("../templates/docs.css");
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The operations that answer the page.
pub(crate) fn operations() -> Vec<Operation> {
    const LANGUAGE: &[Param] = &[Param {
        name: "language",
        kind: Kind::Choice(&["fa", "en"]),
        about: keys::API_PARAM_LANGUAGE,
    }];
    vec![
        Operation {
            tag: "service",
            cookie: true,
            params: LANGUAGE,
            ..operation(
                Method::GET,
                "/api/docs",
                "reference",
                Access::Anyone,
                keys::API_DOCS,
                Reply::Page("text/html"),
                |c| Box::pin(async move { page(&c) }),
            )
        },
        Operation {
            tag: "service",
            ..operation(
                Method::GET,
                "/api/docs/style.css",
                "reference-style",
                Access::Anyone,
                keys::API_DOCS,
                Reply::Page("text/css"),
                |_| Box::pin(async { Ok(style()) }),
            )
        },
    ]
}

fn style() -> axum::response::Response {
    let mut r = (StatusCode::OK, STYLE).into_response();
    put(&mut r, header::CONTENT_TYPE, "text/css; charset=utf-8");
    put(&mut r, header::CACHE_CONTROL, "public, max-age=3600");
    r
}

struct Line {
    method: &'static str,
    path: String,
    about: String,
    access: String,
}

struct Field {
    key: String,
    kind: &'static str,
    label: String,
    marks: String,
}

struct Section {
    name: String,
    title: String,
    lines: Vec<Line>,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "docs.html")]
struct Page {
    language: Language,
    sections: Vec<Section>,
    codes: Vec<(&'static str, u16)>,
}

impl Page {
    fn fa(&self) -> bool {
        self.language == Language::Fa
    }

    fn say(&self, key: Key) -> String {
        text(self.language, key, &Args::new())
    }
}

fn page(call: &Call) -> Answer {
    let language = match call.param("language") {
        Some("fa") => Language::Fa,
        Some("en") => Language::En,
        _ => call.language,
    };
    let standard = Catalog::standard();
    let all = Policy::all(Actor::System);
    let (catalog, policy): (&Catalog, &Policy) = match call.guest() {
        Some(c) => (c.workspace.catalog(), &c.policy),
        None => (&standard, &all),
    };
    let reader = Reader {
        catalog,
        policy,
        language,
    };
    let page = Page {
        language,
        sections: sections(&reader),
        codes: crate::problem::CODES.to_vec(),
    };
    let html = page
        .render()
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"))?;
    let mut r = (StatusCode::OK, html).into_response();
    put(&mut r, header::CONTENT_TYPE, "text/html; charset=utf-8");
    put(&mut r, HeaderName::from_static("content-security-policy"), POLICY);
    Ok(r)
}

fn access(reader: &Reader<'_>, access: Access) -> String {
    let key = match access {
        Access::Anyone => keys::API_ACCESS_ANYONE,
        Access::Member => keys::API_ACCESS_MEMBER,
        Access::Administrator => keys::API_ACCESS_ADMINISTRATOR,
        Access::Records(verb) | Access::All(_, verb) => match verb {
            peyvand_record::Verb::Read => keys::API_ACCESS_READ,
            peyvand_record::Verb::Create => keys::API_ACCESS_CREATE,
            peyvand_record::Verb::Update => keys::API_ACCESS_UPDATE,
            peyvand_record::Verb::Delete => keys::API_ACCESS_DELETE,
            peyvand_record::Verb::Export => keys::API_ACCESS_EXPORT,
        },
    };
    text(reader.language, key, &Args::new())
}

/// First what belongs to no object, then the objects in the order of the catalog.
fn sections(reader: &Reader<'_>) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    for w in written(reader) {
        let name = w.object.map_or(w.operation.tag, |o| o.plural.as_str());
        let line = Line {
            method: match w.operation.method {
                Method::GET => "GET",
                Method::POST => "POST",
                Method::PUT => "PUT",
                Method::PATCH => "PATCH",
                _ => "DELETE",
            },
            path: format!("/api/v1{}", w.path),
            about: reader.about(w.operation.about, w.related.as_deref().or(w.object)),
            access: access(reader, w.operation.access),
        };
        if let Some(s) = out.iter_mut().find(|s| s.name == name) {
            s.lines.push(line);
            continue;
        }
        out.push(Section {
            name: name.to_owned(),
            title: w
                .object
                .map_or_else(|| name.to_owned(), |o| reader.labels(o).to_owned()),
            lines: vec![line],
            fields: w.object.map(|o| fields(reader, o)).unwrap_or_default(),
        });
    }
    out
}

fn fields(reader: &Reader<'_>, object: &ObjectDef) -> Vec<Field> {
    let fa = reader.language == Language::Fa;
    object
        .fields
        .iter()
        .enumerate()
        .filter(|(i, _)| reader.sees(object, FieldIx(*i as u16)))
        .map(|(_, f)| {
            let mut marks: Vec<String> = Vec::new();
            let mut mark = |is: bool, key: Key| {
                if is {
                    marks.push(text(reader.language, key, &Args::new()));
                }
            };
            mark(f.required, keys::API_MARK_REQUIRED);
            mark(f.unique, keys::API_MARK_UNIQUE);
            mark(f.sort, keys::API_MARK_SORT);
            mark(
                f.writes != peyvand_catalog::Writes::Generic
                    || matches!(f.ty, FieldType::Formula | FieldType::Computed),
                keys::API_MARK_READ_ONLY,
            );
            let comma = if fa { "، " } else { ", " };
            Field {
                key: f.key.clone(),
                kind: f.stored().key(),
                label: if fa {
                    f.label.fa.clone()
                } else {
                    f.label.en.clone()
                },
                marks: marks.join(comma),
            }
        })
        .collect()
}
