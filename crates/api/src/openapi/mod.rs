//! The description of the interface (OpenAPI 3.1), made from the table of operations and the workspace's own catalog:
//! each operation of every object is written out for each object, closed and typed.

mod records;

use std::collections::BTreeMap;

use axum::http::Method;
use peyvand_catalog::{Catalog, ObjectDef};
use peyvand_i18n::{Args, Key, text};
use peyvand_numbers::Language;
use peyvand_record::{FieldRule, Policy, Reach, Verb};
use serde_json::{Map, Value, json};

use crate::relations;
use crate::repeat::Repeat;
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Entry, Kind, Operation, Reply, table, variable};

/// Where the interface stands.
const BASE: &str = "/api/v1";

/// A problem document.
const PROBLEM: Shape = Shape::Object(&[
    must("type", Shape::Text(200)),
    must("title", Shape::Text(200)),
    must("status", Shape::Whole(400, 599)),
    must("code", Shape::Text(100)),
    may("detail", Shape::Text(100_000)),
    may("candidates", Shape::List(&Shape::Any, 20)),
    may("count", Shape::Whole(0, i64::MAX)),
    may("errors", Shape::List(&FAULT, 1000)),
    may("field", Shape::Text(1000)),
    may("id", Shape::Id),
    may("item", Shape::Whole(0, i64::MAX)),
    may("most", Shape::Whole(0, i64::MAX)),
    may("now", Shape::Map(&Shape::Any)),
    may("object", Shape::Text(100)),
    may("offered", Shape::List(&Shape::Text(100), 20)),
    may("operation", Shape::Id),
    may("parameter", Shape::Text(100)),
    may("position", Shape::Whole(0, i64::MAX)),
    // Of a file that waits for an answer: how it would be read, and what is asked.
    may("proposal", Shape::Any),
    may("questions", Shape::List(&Shape::Any, 1000)),
    // A word; of a message that may not be sent, what stands against it.
    may("reason", Shape::Any),
    may("value", Shape::Text(100_000)),
    may("version", Shape::Whole(0, i64::MAX)),
]);

/// One value that was refused.
const FAULT: Shape = Shape::Named(
    "problem.field",
    &Shape::Object(&[
        must("field", Shape::Text(1000)),
        must("code", Shape::Text(100)),
        must("value", Shape::Text(1000)),
        must(
            "message",
            Shape::Object(&[must("fa", Shape::Text(10_000)), must("en", Shape::Text(10_000))]),
        ),
        may("choices", Shape::List(&Shape::Text(200), 10_000)),
        may("reason", Shape::Text(200)),
        may("readings", Shape::List(&Shape::Text(200), 100)),
    ]),
);

/// For whom the description is made: what they may not see does not stand in it.
pub(crate) struct Reader<'a> {
    /// The catalog.
    pub(crate) catalog: &'a Catalog,
    /// The rights.
    pub(crate) policy: &'a Policy,
    /// The language of its sentences.
    pub(crate) language: Language,
}

impl Reader<'_> {
    /// May the reader know of the field?
    pub(crate) fn sees(&self, object: &ObjectDef, ix: peyvand_catalog::FieldIx) -> bool {
        self.policy.field(&object.key, ix) != Some(FieldRule::Hidden)
            && object
                .at(ix)
                .is_some_and(|f| f.class != peyvand_catalog::Class::Secret && f.deleted_on.is_none())
    }

    fn knows(&self, object: &ObjectDef) -> bool {
        self.policy.reach(&object.key, Verb::Read) != Reach::None || object.parent.is_some()
    }

    fn label<'o>(&self, object: &'o ObjectDef, many: bool) -> &'o str {
        let label = if many { &object.labels } else { &object.label };
        match self.language {
            Language::Fa => &label.fa,
            Language::En => &label.en,
        }
    }

    /// The label of many.
    pub(crate) fn labels<'o>(&self, object: &'o ObjectDef) -> &'o str {
        self.label(object, true)
    }

    /// The sentence of an operation about an object.
    pub(crate) fn about(&self, key: Key, object: Option<&ObjectDef>) -> String {
        let args = Args::new()
            .text("object", object.map_or("", |o| self.label(o, false)))
            .text("objects", object.map_or("", |o| self.label(o, true)));
        text(self.language, key, &args)
    }
}

/// The name of an object's component: `contact_point` is `ContactPoint`.
pub(crate) fn component(object: &ObjectDef) -> String {
    object
        .key
        .split('_')
        .map(|w| {
            let mut letters = w.chars();
            letters
                .next()
                .map(|c| c.to_ascii_uppercase().to_string() + letters.as_str())
                .unwrap_or_default()
        })
        .collect()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// One operation at one address, for one object where the table says all.
pub(crate) struct Written<'a> {
    /// The entry of the table.
    pub(crate) operation: &'static Operation,
    /// The address behind the base.
    pub(crate) path: String,
    /// The object in the address.
    pub(crate) object: Option<&'a ObjectDef>,
    /// The object at the other end of the relation in the address.
    pub(crate) related: Option<std::sync::Arc<ObjectDef>>,
    /// Its name.
    pub(crate) id: String,
}

/// Every operation that the reader's catalog has, in the order of the table, objects in the order of the catalog.
pub(crate) fn written<'a>(reader: &Reader<'a>) -> Vec<Written<'a>> {
    let mut out: Vec<Written<'a>> = Vec::new();
    let under = |e: &Entry| e.operation.path.strip_prefix(BASE).map(str::to_owned);
    for entry in table().iter().filter(|e| !e.is_generic()) {
        let Some(path) = under(entry) else { continue };
        out.push(Written {
            operation: &entry.operation,
            path,
            object: entry
                .segments
                .get(2)
                .and_then(|p| reader.catalog.by_plural(p))
                .map(std::sync::Arc::as_ref),
            related: None,
            id: entry.operation.id.to_owned(),
        });
    }
    let own: std::collections::HashSet<(Method, String)> = out
        .iter()
        .map(|w| (w.operation.method.clone(), shape_of(&w.path)))
        .collect();
    for object in reader.catalog.objects().iter().filter(|o| reader.knows(o)) {
        for entry in table()
            .iter()
            .filter(|e| e.is_generic() && e.operation.when.holds(object))
        {
            let Some(path) = under(entry) else { continue };
            let path = path.replace("{plural}", &object.plural);
            let mut push = |path: String, id: String, related: Option<std::sync::Arc<ObjectDef>>| {
                // What the table says of this very address comes first.
                if own.contains(&(entry.operation.method.clone(), shape_of(&path))) {
                    return;
                }
                out.push(Written {
                    operation: &entry.operation,
                    path,
                    object: Some(object),
                    related,
                    id,
                });
            };
            if path.contains("{relation}") {
                for r in relations::of(reader.catalog, object) {
                    if reader.knows(&r.object) && r.fields.iter().any(|ix| reader.sees(&r.object, *ix)) {
                        let id = format!("{}-{}-of-{}", entry.operation.id, r.name, object.plural);
                        push(path.replace("{relation}", &r.name), id, Some(r.object));
                    }
                }
            } else {
                let id = format!("{}-{}", entry.operation.id, object.plural);
                push(path, id, None);
            }
        }
    }
    out
}

/// The address with its variables without names.
fn shape_of(path: &str) -> String {
    path.split('/')
        .map(|s| if variable(s).is_some() { "{}" } else { s })
        .collect::<Vec<_>>()
        .join("/")
}

/// The description for everything that the standard catalog has, in English: what a workspace without changes of its own
/// answers to its administrator.
#[must_use]
pub fn description(catalog: &Catalog, language: Language) -> Value {
    let policy = Policy::all(peyvand_core::Actor::System);
    document(&Reader {
        catalog,
        policy: &policy,
        language,
    })
}

/// The description as a file: one operation and one schema on each line, so that differences can be read.
#[must_use]
pub fn readable(document: &Value) -> String {
    fn level(value: &Value, depth: usize, out: &mut String) {
        let Some(map) = value.as_object().filter(|m| depth > 0 && !m.is_empty()) else {
            out.push_str(&value.to_string());
            return;
        };
        out.push_str("{\n");
        for (n, (k, v)) in map.iter().enumerate() {
            if n > 0 {
                out.push_str(",\n");
            }
            out.push_str(&json!(k).to_string());
            out.push_str(": ");
            level(v, depth - 1, out);
        }
        out.push_str("\n}");
    }
    let mut out = String::new();
    level(document, 3, &mut out);
    out.push('\n');
    out
}

/// The description for a reader.
pub(crate) fn document(reader: &Reader<'_>) -> Value {
    let mut schemas: BTreeMap<String, Value> = BTreeMap::new();
    let mut paths: Map<String, Value> = Map::new();
    for w in written(reader) {
        let method = w.operation.method.as_str().to_ascii_lowercase();
        let body = one(reader, &w, &mut schemas);
        paths
            .entry(w.path)
            .or_insert_with(|| json!({}))
            .as_object_mut()
            .map(|p| p.insert(method, body));
    }
    records::shared(&mut schemas);
    let named = |s: &Shape| reference(if let Shape::Named(n, _) = s { n } else { "problem" });
    schemas.insert("problem".to_owned(), PROBLEM.schema(&named));
    if let Shape::Named(name, shape) = FAULT {
        schemas.insert(name.to_owned(), shape.schema(&named));
    }
    let say = |key: Key| text(reader.language, key, &Args::new());
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": say(peyvand_i18n::keys::API_TITLE),
            "version": "1",
            "description": say(peyvand_i18n::keys::API_LEAD),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": BASE}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {
                "type": "http", "scheme": "bearer", "description": say(peyvand_i18n::keys::API_TOKEN),
            }},
            "responses": {"problem": {
                "description": say(peyvand_i18n::keys::API_PROBLEM),
                "content": {"application/problem+json": {"schema": reference("problem")}},
            }},
            "headers": {
                "etag": {"description": say(peyvand_i18n::keys::API_HEADER_ETAG), "schema": {"type": "string"}},
                "location": {"description": say(peyvand_i18n::keys::API_HEADER_LOCATION), "schema": {"type": "string"}},
            },
            "schemas": schemas,
        },
    })
}

fn one(reader: &Reader<'_>, w: &Written<'_>, schemas: &mut BTreeMap<String, Value>) -> Value {
    let o = w.operation;
    let mut out = json!({
        "operationId": w.id,
        "tags": [w.object.map_or(o.tag, |x| x.plural.as_str())],
        "summary": match &w.related {
            Some(r) => reader.about(o.about, Some(r)),
            None => reader.about(o.about, w.object),
        },
    });
    if o.access == Access::Anyone {
        out["security"] = json!([]);
    }
    out["x-access"] = access(o.access);
    let mut parameters: Vec<Value> = w
        .path
        .split('/')
        .filter_map(variable)
        .map(|name| {
            let schema = match name {
                "id" => json!({"type": "string", "format": "uuid"}),
                _ => json!({"type": "string", "minLength": 1, "maxLength": 255}),
            };
            json!({"name": name, "in": "path", "required": true, "schema": schema})
        })
        .collect();
    for p in o.params {
        parameters.push(json!({
            "name": p.name, "in": "query", "description": text(reader.language, p.about, &Args::new()),
            "schema": match p.kind {
                Kind::Text(most) => json!({"type": "string", "maxLength": most}),
                Kind::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
                Kind::Flag => json!({"type": "boolean"}),
                Kind::Choice(words) => json!({"type": "string", "enum": words}),
                Kind::Id => json!({"type": "string", "format": "uuid"}),
                Kind::Instant => json!({"type": "string", "format": "date-time"}),
            },
        }));
    }
    for name in o.reads() {
        parameters.push(header_parameter(reader, name));
    }
    if !parameters.is_empty() {
        out["parameters"] = Value::Array(parameters);
    }
    match o.body {
        Body::None => {}
        Body::Json(shape) => {
            let mut content = json!({"schema": shape_schema(reader, w, &shape, schemas)});
            content["example"] = records::example(reader, w.object, &shape);
            out["requestBody"] = json!({"required": true, "content": {"application/json": content}});
        }
        Body::Bytes(kind, most) => {
            out["requestBody"] =
                json!({"required": true, "content": {kind: {"schema": {"maxLength": most}}}});
        }
    }
    let mut responses = Map::new();
    let (status, answer) = answer(reader, w, schemas);
    responses.insert(status.to_string(), answer);
    for status in problems(w) {
        // Not only problems have a status of their own: a new record, a part of a file.
        if status < 300 {
            let mut same = responses.values().next().cloned().unwrap_or_default();
            same["description"] = json!(text(reader.language, peyvand_i18n::keys::API_DONE, &Args::new()));
            responses.insert(status.to_string(), same);
            continue;
        }
        // The head of the request was not read to its end: the connection answers, not an operation.
        let response = if status == 431 {
            let said = text(
                reader.language,
                peyvand_i18n::keys::API_HEAD_TOO_LARGE,
                &Args::new(),
            );
            json!({ "description": said })
        } else {
            json!({"$ref": "#/components/responses/problem"})
        };
        responses.insert(status.to_string(), response);
    }
    out["responses"] = Value::Object(responses);
    out
}

/// One event of a stream.
fn event() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["data", "event"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "event": {"type": "string", "enum": ["hello", "change", "reset"]},
            "data": {"type": "string"},
            "retry": {"type": "integer", "minimum": 0},
        },
    })
}

/// The policy of an operation in words that programs can read.
fn access(access: Access) -> Value {
    let verb = |v: Verb| serde_json::to_value(v).unwrap_or_default();
    match access {
        Access::Anyone => json!({"who": "anyone"}),
        Access::Member => json!({"who": "member"}),
        Access::Administrator => json!({"who": "administrator"}),
        Access::Records(v) => json!({"who": "right", "verb": verb(v)}),
        Access::All(object, v) => json!({"who": "right", "object": object, "verb": verb(v), "reach": "all"}),
    }
}

fn header_parameter(reader: &Reader<'_>, name: &str) -> Value {
    use peyvand_i18n::keys;
    let (about, required, schema) = match name {
        "If-Match" => (
            keys::API_HEADER_IF_MATCH,
            false,
            json!({"type": "string", "pattern": "^(\\*|\"?[0-9]{1,18}\"?)$"}),
        ),
        "Idempotency-Key" => (
            keys::API_HEADER_IDEMPOTENCY,
            false,
            json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}),
        ),
        "Upload-Offset" => (
            keys::API_HEADER_OFFSET,
            true,
            json!({"type": "integer", "minimum": 0, "maximum": 1_099_511_627_776_i64}),
        ),
        "Range" => (
            keys::API_HEADER_RANGE,
            false,
            json!({"type": "string", "maxLength": 100}),
        ),
        _ => (
            keys::API_HEADER_LAST_EVENT,
            false,
            json!({"type": "string", "maxLength": 100, "pattern": "^[!-~]*$"}),
        ),
    };
    json!({"name": name, "in": "header", "required": required,
           "description": text(reader.language, about, &Args::new()), "schema": schema})
}

/// The statuses of problems that an operation can answer with.
fn problems(w: &Written<'_>) -> Vec<u16> {
    let o = w.operation;
    let mut all = vec![400, 406, 431, 503];
    if o.access != Access::Anyone {
        all.extend([401, 403]);
    }
    if w.path.contains('{') || o.body.has_json() {
        all.push(404);
    }
    if !matches!(o.body, Body::None) {
        all.extend([408, 413, 415, 422]);
    }
    if o.method != Method::GET {
        all.extend([422, 429]);
    }
    all.extend(o.problems);
    if o.repeated() == Repeat::Kept {
        all.push(409);
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn answer(reader: &Reader<'_>, w: &Written<'_>, schemas: &mut BTreeMap<String, Value>) -> (u16, Value) {
    let said = text(reader.language, peyvand_i18n::keys::API_DONE, &Args::new());
    match w.operation.reply {
        Reply::Empty(status) => (status, json!({ "description": said })),
        Reply::Json(status, shape) => {
            let schema = shape_schema(reader, w, &shape, schemas);
            let mut media = json!({ "schema": schema });
            let example = records::example(reader, w.related.as_deref().or(w.object), &shape);
            if !example.is_null() {
                media["example"] = example;
            }
            let mut out = json!({"description": said, "content": {"application/json": media}});
            if matches!(shape, Shape::Record) {
                out["headers"] = json!({"ETag": {"$ref": "#/components/headers/etag"}});
            }
            if status == 201 {
                out["headers"]["Location"] = json!({"$ref": "#/components/headers/location"});
            }
            (status, out)
        }
        Reply::File => (
            200,
            json!({"description": said, "content": {"application/octet-stream": {"schema": {}}}}),
        ),
        Reply::Events => (
            200,
            json!({"description": said, "content": {"text/event-stream": {"schema": event()}}}),
        ),
        Reply::Page(kind) => (
            200,
            json!({"description": said, "content": {kind: {"schema": {"type": "string"}}}}),
        ),
        Reply::Description => (
            200,
            json!({"description": said, "content": {"application/json": {"schema": {"type": "object"}}}}),
        ),
    }
}

/// The schema of a shape; what has a name of its own goes into the components.
fn shape_schema(
    reader: &Reader<'_>,
    w: &Written<'_>,
    shape: &Shape,
    schemas: &mut BTreeMap<String, Value>,
) -> Value {
    let cell = std::cell::RefCell::new(schemas);
    let inner = |s: &Shape| -> Value {
        let mut schemas = cell.borrow_mut();
        if let Shape::Named(name, body) = s {
            if !schemas.contains_key(*name) {
                let simple = |n: &Shape| reference(if let Shape::Named(n, _) = n { n } else { "problem" });
                schemas.insert((*name).to_owned(), body.schema(&simple));
                named_inside(body, &mut schemas);
            }
            return reference(name);
        }
        let object = if matches!(s, Shape::Related) {
            w.related.as_deref()
        } else {
            w.object
        };
        object.map_or(json!({}), |o| records::schema(reader, o, s, &mut schemas))
    };
    shape.schema(&inner)
}

/// Named shapes inside a named one.
fn named_inside(shape: &Shape, schemas: &mut BTreeMap<String, Value>) {
    match shape {
        Shape::Named(name, body) => {
            let simple = |n: &Shape| reference(if let Shape::Named(n, _) = n { n } else { "problem" });
            schemas
                .entry((*name).to_owned())
                .or_insert_with(|| body.schema(&simple));
            named_inside(body, schemas);
        }
        Shape::Maybe(s) | Shape::List(s, _) | Shape::Map(s) => named_inside(s, schemas),
        Shape::Object(members) => {
            for m in *members {
                named_inside(&m.shape, schemas);
            }
        }
        _ => {}
    }
}
