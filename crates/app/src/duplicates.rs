//! Likely duplicates of a record that is being made.

use std::sync::Arc;

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_domain::duplicates::{self, LIKELY, Reason};
use peyvand_record::codec::{self, Mode};
use peyvand_record::policy::{FieldRule, Reach, Verb};
use peyvand_record::{Record, Value};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Keys that are looked up, at most: a record with a hundred numbers costs no more than one with ten.
const KEYS: usize = 16;
/// Records under one key that are looked at, at most: the newest.
const PER_KEY: u32 = 20;
/// Candidates that are shown, at most.
const SHOWN: usize = 5;

/// A record that may be the same.
#[derive(Debug, Clone)]
pub struct Likely {
    /// What was compared of the record (its title, identifiers, points), as the caller may see it.
    pub record: Record,
    /// How likely: 0 to 100; from 95 on an identifier is the same.
    pub score: u8,
    /// Why, the strongest reason first.
    pub reasons: Vec<Reason>,
}

impl App {
    /// The records that the given values may be a second copy of, most likely first, at most five. Values that cannot be
    /// read yet (somebody is typing) are left out. What the caller may not see is neither found nor compared.
    pub async fn duplicates(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        given: &serde_json::Map<String, serde_json::Value>,
        except: Option<Id>,
    ) -> Result<Vec<Likely>, AppError> {
        let edge = caller
            .workspace
            .edge(caller.language, self.clock.now(), Mode::Patch);
        let values = given
            .iter()
            .filter_map(|(key, json)| {
                let (ix, field) = object.field(key)?;
                let value = codec::parse_json_value(field, json, &edge).ok()?;
                Some((ix, value))
            })
            .collect();
        self.duplicates_of(caller, object, values, except).await
    }

    /// The same for what is about to be made; what could not be made so is refused by name.
    ///
    /// # Errors
    /// Fields that are unknown, read-only or of another kind, as [`App::create`] refuses them.
    pub async fn duplicates_of_draft(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        given: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Vec<Likely>, AppError> {
        let edge = caller
            .workspace
            .edge(caller.language, self.clock.now(), Mode::Create);
        let values =
            codec::parse_json(caller.workspace.catalog(), object, given, &edge).map_err(AppError::Invalid)?;
        self.check_fields(caller, object, &values)?;
        self.duplicates_of(caller, object, values, None).await
    }

    /// The same for values that have been read already.
    pub async fn duplicates_of(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        values: Vec<(FieldIx, Value)>,
        except: Option<Id>,
    ) -> Result<Vec<Likely>, AppError> {
        if caller.policy.reach(&object.key, Verb::Read) == Reach::None {
            return Ok(Vec::new());
        }
        let mut draft = Record {
            object: object.key.as_str().into(),
            values: vec![Value::Null; object.fields.len()],
        };
        for (ix, value) in values {
            let seen = caller
                .policy
                .field(&object.key, ix)
                .is_none_or(|r| r == FieldRule::ReadOnly);
            if seen {
                draft.set(ix, value);
            }
        }
        let w = &caller.workspace;
        let mut keys = duplicates::keys(object, &draft);
        keys.truncate(KEYS);
        let mut found = self
            .store
            .under_keys(
                w.id,
                &w.layout,
                &caller.policy,
                &object.key,
                &keys,
                &duplicates::compared(object),
                PER_KEY,
            )
            .await?;
        self.dress(caller, object, &mut found);
        let mut out: Vec<Likely> = Vec::new();
        for record in found.into_iter().filter(|r| Some(r.id()) != except) {
            if let Some((score, reasons)) = duplicates::compare(object, &draft, &record)
                && score >= LIKELY
            {
                out.push(Likely {
                    record,
                    score,
                    reasons,
                });
            }
        }
        out.sort_by_key(|l| (std::cmp::Reverse(l.score), std::cmp::Reverse(l.record.id())));
        out.truncate(SHOWN);
        Ok(out)
    }
}
