//! Records given as JSON with links by external key: the demonstration, and whoever speaks the interface's language in
//! bulk.

use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldIx, FieldType};
use peyvand_core::Id;
use peyvand_record::Value;
use peyvand_record::codec::{self, Mode};
use serde_json::{Map, Value as Json};

use super::bulk::{Bulk, By, CHUNK, Draft, Link, OnDuplicate, Outcome, Target, Written};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// A record: object, external key, values as the interface gives them; a link may be `{"@": [object, external key]}`, and
/// `created_at` may say that the record was made before it comes here.
pub type Item = (String, String, Map<String, Json>);

/// How many records came in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Made.
    pub created: u64,
    /// There already.
    pub kept: u64,
}

impl App {
    /// Writes records in the order given; links lead to earlier ones or to records that are there. What is there by
    /// its key stays as it is, so that an interrupted load can be begun again. `progress` is told the number written.
    ///
    /// # Errors
    /// The first record that cannot be written, and what the store says.
    pub async fn load_items(
        &self,
        caller: &Caller,
        source: &str,
        items: impl Iterator<Item = Item>,
        mut progress: impl FnMut(u64),
    ) -> Result<Loaded, AppError> {
        let operation = self.ids.next(self.clock.now());
        let mut bulk = Bulk::new(self, caller, operation, source, OnDuplicate::Skip);
        let mut loaded = Loaded::default();
        let mut chunk: Vec<Draft> = Vec::with_capacity(CHUNK);
        let mut rows = 0;
        for (object, key, values) in items {
            rows += 1;
            let draft = self.draft_of(caller, source, &object, key, values)?;
            // A record without external keys of its own is written together with the one it belongs to.
            let parent = (!draft.object.spine).then(|| parent_of(&draft)).flatten();
            let draft = match parent {
                Some((link, target)) => {
                    let place = chunk.iter_mut().rev().find(|d| {
                        target.object.as_ref() == d.object.key
                            && d.key.as_deref() == Some(target.text.as_str())
                    });
                    let mut child = draft;
                    child.links.retain(|l| l.field != link);
                    if let Some(d) = place {
                        let same = d
                            .children
                            .first()
                            .is_none_or(|(_, c)| c.object.key == child.object.key);
                        if same {
                            d.children.push((link, child));
                            continue;
                        }
                    }
                    // Its parent is written already: the parent comes again, and is found.
                    let Some(def) = caller.workspace.catalog().object(&target.object) else {
                        return Err(AppError::NotFound);
                    };
                    Draft {
                        object: std::sync::Arc::clone(def),
                        key: Some(target.text),
                        stated: true,
                        values: Vec::new(),
                        links: Vec::new(),
                        children: vec![(link, child)],
                        sums: Vec::new(),
                        row: 0,
                        made: None,
                    }
                }
                None => draft,
            };
            if rows >= bulk.fits() && draft.children.is_empty() {
                rows = 0;
                tally(bulk.write(std::mem::take(&mut chunk)).await?, &mut loaded)?;
                progress(loaded.created + loaded.kept);
            }
            chunk.push(draft);
        }
        tally(bulk.write(chunk).await?, &mut loaded)?;
        progress(loaded.created + loaded.kept);
        Ok(loaded)
    }

    fn draft_of(
        &self,
        caller: &Caller,
        source: &str,
        object: &str,
        key: String,
        mut values: Map<String, Json>,
    ) -> Result<Draft, AppError> {
        let catalog = caller.workspace.catalog();
        let def = catalog.object(object).ok_or(AppError::NotFound)?;
        let mut links = Vec::new();
        values.retain(|k, v| {
            let Some((ix, f)) = def.field(k) else { return true };
            let many = f.stored() == FieldType::Links;
            let given: Vec<&Json> = match v {
                Json::Array(list) if many => list.iter().collect(),
                one => vec![one],
            };
            let targets: Vec<Target> = given.into_iter().filter_map(|g| target_of(g, source)).collect();
            let is_link = !targets.is_empty();
            links.extend(targets.into_iter().map(|target| Link {
                field: ix,
                said: target.text.clone(),
                target,
                make: None,
                many,
                leave: false,
            }));
            !is_link
        });
        let mut edge = caller
            .workspace
            .edge(caller.language, self.clock.now(), Mode::Create);
        edge.use_case = true;
        let made = match (values.remove("created_at"), def.at(system::CREATED_AT)) {
            (Some(at), Some(f)) => {
                let at = codec::parse_json_value(f, &at, &edge).map_err(|e| AppError::Invalid(vec![e]))?;
                at.as_instant()
            }
            _ => None,
        };
        let values = codec::parse_json(catalog, def, &values, &edge).map_err(AppError::Invalid)?;
        Ok(Draft {
            object: std::sync::Arc::clone(def),
            key: Some(key),
            stated: true,
            values: values.into_iter().filter(|(_, v)| *v != Value::Null).collect(),
            links,
            children: Vec::new(),
            sums: Vec::new(),
            row: 0,
            made,
        })
    }
}

fn parent_of(draft: &Draft) -> Option<(FieldIx, Target)> {
    [&draft.object.parent, &draft.object.parent_or]
        .into_iter()
        .flatten()
        .filter_map(|p| draft.object.field(p))
        .find_map(|(ix, _)| {
            draft
                .links
                .iter()
                .find(|l| l.field == ix)
                .map(|l| (ix, l.target.clone()))
        })
}

fn target_of(json: &Json, source: &str) -> Option<Target> {
    let pair = json.as_object()?.get("@")?.as_array()?;
    Some(Target {
        object: pair.first()?.as_str()?.into(),
        by: By::Key(source.into()),
        text: pair.get(1)?.as_str()?.to_owned(),
    })
}

fn tally(written: Vec<Written>, loaded: &mut Loaded) -> Result<(), AppError> {
    for w in written {
        match w.outcome {
            Outcome::Created => loaded.created += 1,
            Outcome::Failed(errors) => return Err(AppError::Invalid(errors)),
            Outcome::Duplicate(fields) if w.id.is_none_or(|i| i == Id::NIL) => {
                return Err(AppError::Duplicate { fields });
            }
            _ => loaded.kept += 1,
        }
    }
    Ok(())
}
