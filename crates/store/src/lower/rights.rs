//! The policy held against every change.

use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldIx, FieldType};
use peyvand_record::Record;
use peyvand_record::policy::{FieldRule, Verb};

use super::Lowering;
use crate::layout::ObjectLayout;
use crate::ports::StoreError;

impl Lowering<'_> {
    /// What is only appended to is never rewritten, whoever asks.
    pub(super) fn rewritable(l: &ObjectLayout, verb: Verb) -> Result<(), StoreError> {
        if l.table.append_only {
            return Err(StoreError::Denied {
                object: l.object.key.clone(),
                verb: verb_name(verb),
                field: None,
            });
        }
        Ok(())
    }

    /// Is this change within the rights of the one who acts? A child is written with its parent, whose own change is
    /// checked; where the parent is not part of the batch, the rights on the parent's object count.
    pub(super) fn allow(&self, l: &ObjectLayout, verb: Verb, record: &Record) -> Result<(), StoreError> {
        if self.policy.unrestricted {
            return Ok(());
        }
        let filled = |link: &&String| {
            l.object
                .field(link)
                .is_some_and(|(ix, _)| !record.get(ix).is_null())
        };
        let object = [&l.object.parent, &l.object.parent_or]
            .into_iter()
            .flatten()
            .filter(|_| !l.object.spine)
            .find(filled)
            .and_then(|p| l.object.field(p))
            .and_then(|(_, f)| f.to.as_deref())
            .unwrap_or(l.object.key.as_str());
        let allowed = if verb == Verb::Update && self.shared.contains(&record.id()) {
            true
        } else if l.object.ownable {
            let owner = record.get(system::OWNER_ID).as_id();
            let team = record.get(system::TEAM_ID).as_id();
            self.policy.reaches(object, verb, owner, team)
        } else {
            self.policy.reach(object, verb) != peyvand_record::Reach::None
        };
        if allowed {
            Ok(())
        } else {
            Err(StoreError::Denied {
                object: l.object.key.clone(),
                verb: verb_name(verb),
                field: None,
            })
        }
    }

    pub(super) fn allow_fields(&self, l: &ObjectLayout, changed: &[FieldIx]) -> Result<(), StoreError> {
        for &ix in changed {
            // What a formula gives is written by the system, whoever changes its inputs.
            if l.object.at(ix).is_some_and(|f| f.ty == FieldType::Formula) {
                continue;
            }
            if let Some(FieldRule::Hidden | FieldRule::ReadOnly | FieldRule::Masked) =
                self.policy.field(&l.object.key, ix)
            {
                return Err(StoreError::Denied {
                    object: l.object.key.clone(),
                    verb: "update",
                    field: l.object.at(ix).map(|f| f.key.clone()),
                });
            }
        }
        Ok(())
    }
}

const fn verb_name(verb: Verb) -> &'static str {
    match verb {
        Verb::Read => "read",
        Verb::Create => "create",
        Verb::Update => "update",
        Verb::Delete => "delete",
        Verb::Export => "export",
    }
}
