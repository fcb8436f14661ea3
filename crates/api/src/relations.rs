//! Records behind a link: `/companies/{id}/contacts`, for every link of the catalog.

use std::sync::Arc;

use axum::http::Method;
use peyvand_app::AppError;
use peyvand_catalog::{Catalog, FieldIx, FieldType, ObjectDef};
use peyvand_i18n::keys;
use peyvand_record::Verb;

use crate::call::{Answer, Call, not_found, reaches};
use crate::records::{LIST, page, request};
use crate::shape::Shape;
use crate::table::{Access, Operation, Reply, operation};

/// A link seen from its other end, or several links of one object that have one name there: what hangs on a record by a link
/// to any object is found beside what names it by a link of its own.
#[derive(Debug, Clone)]
pub(crate) struct Related {
    /// Its name in addresses: the catalog's name for the relation in kebab-case, or the plural of the linking object with
    /// the link behind it.
    pub(crate) name: String,
    /// The linking object.
    pub(crate) object: Arc<ObjectDef>,
    /// The links, those with a name of the catalog's first.
    pub(crate) fields: Vec<FieldIx>,
}

impl Related {
    /// Keys of the links.
    pub(crate) fn keys(&self) -> Vec<&str> {
        let key = |ix: &FieldIx| self.object.at(*ix).map(|f| f.key.as_str());
        self.fields.iter().filter_map(key).collect()
    }
}

/// The relations that end at an object.
pub(crate) fn of(catalog: &Catalog, object: &ObjectDef) -> Vec<Related> {
    let mut out: Vec<Related> = Vec::new();
    for (linking, field) in catalog.links_to(&object.key) {
        let Some(f) = linking.at(field) else { continue };
        // Who made or owns a record is asked by a filter, if the other end has no name for it; files hang on every record by a
        // link to any object.
        if (f.is_system() && f.inverse.is_none())
            || !f.filter
            || f.ty == FieldType::File
            || f.class == peyvand_catalog::Class::Secret
        {
            continue;
        }
        let name = match &f.inverse {
            Some(name) => name.replace('_', "-"),
            None if f.to.as_deref() == Some("*") => linking.plural.clone(),
            None => format!(
                "{}-by-{}",
                linking.plural,
                f.key.trim_end_matches("_id").replace('_', "-")
            ),
        };
        match out.iter_mut().find(|r| r.name == name) {
            Some(r) if r.object.key == linking.key && f.inverse.is_some() => r.fields.insert(0, field),
            Some(r) if r.object.key == linking.key => r.fields.push(field),
            // The name that somebody gave comes before one that follows from a plural.
            Some(r) if f.inverse.is_some() => {
                r.object = Arc::clone(linking);
                r.fields = vec![field];
            }
            Some(_) => {}
            None => out.push(Related {
                name,
                object: Arc::clone(linking),
                fields: vec![field],
            }),
        }
    }
    out
}

/// The operations on relations.
pub(crate) fn operations() -> Vec<Operation> {
    vec![Operation {
        params: LIST,
        ..operation(
            Method::GET,
            "/api/v1/{plural}/{id}/{relation}",
            "related",
            Access::Records(Verb::Read),
            keys::API_RELATED,
            Reply::Json(200, Shape::Related),
            |c| Box::pin(related(c)),
        )
    }]
}

async fn related(call: Call) -> Answer {
    let caller = call.caller()?;
    let object = call.object()?;
    let id = call.id()?;
    let name = call.segment("relation");
    let relation = of(caller.workspace.catalog(), object)
        .into_iter()
        .find(|r| r.name == name)
        .ok_or_else(not_found)?;
    // A record that is not to be seen has no relations either.
    let record = call.app.get(caller, object, id).await.map_err(call.fail())?;
    // No right at all is said; an empty list would say that there is nothing.
    if !reaches(caller, &relation.object, Verb::Read) {
        return Err((call.fail())(AppError::Forbidden));
    }
    let mut wanted = request(&call);
    wanted.linked = Some((relation.fields, record.id()));
    let listed = call
        .app
        .list(caller, &relation.object, &wanted)
        .await
        .map_err(call.fail())?;
    page(&listed)
}
