//! What a batch takes for granted, as steps that fail when it does not hold.

use std::sync::Arc;

use peyvand_core::Id;
use peyvand_record::{Guard, derive};

use super::{Lowering, key, row, ws};
use crate::layout::{lookup_column, plain};
use crate::ports::{Conflict, OnKey, Step, StoreError};
use crate::tables::SIDE;
use crate::value::SqlVal;

impl Lowering<'_> {
    /// The record is there and not deleted, and at this version when one is given.
    fn live(&self, object: &str, id: Id, version: Option<i64>) -> Result<Step, StoreError> {
        let t = &self.layout(object)?.table;
        let mut parts = vec![
            ("workspace_id", ws(self.context)),
            ("id", id.into()),
            ("deleted_at", SqlVal::Null),
        ];
        parts.extend(version.map(|v| ("version", v.into())));
        Ok(Step::Check {
            table: Arc::clone(t),
            key: key(t, &parts),
            present: true,
            otherwise: Conflict::Stale {
                object: object.to_owned(),
                id,
            },
        })
    }

    pub(super) fn guard(&self, guard: &Guard) -> Result<Step, StoreError> {
        let w = ws(self.context);
        Ok(match guard {
            Guard::Version { object, id, version } => self.live(object, *id, Some(*version))?,
            Guard::Exists { object, id } => self.live(object, *id, None)?,
            Guard::Shared { record, grantee } => {
                let t = &SIDE.record_share;
                Step::Check {
                    table: Arc::clone(t),
                    key: key(
                        t,
                        &[
                            ("workspace_id", w),
                            ("record_id", (*record).into()),
                            ("grantee_id", (*grantee).into()),
                            ("may_update", 1.into()),
                        ],
                    ),
                    present: true,
                    otherwise: Conflict::Guard("share".to_owned()),
                }
            }
            Guard::Absent { object, field, value } => {
                let l = self.layout(object)?;
                let def = l.object.at(*field);
                let at = l.slot(*field).and_then(lookup_column);
                let (Some(at), Some(def)) = (at, def) else {
                    return Err(StoreError::Conflict(Conflict::Guard("absent".to_owned())));
                };
                let v = if crate::layout::has_fold(def) {
                    derive::fold_of(def, value).into()
                } else {
                    plain(value)
                };
                let t = &l.table;
                let mut k = key(t, &[("workspace_id", w), ("deleted_at", SqlVal::Null)]);
                k.push((at, v));
                Step::Check {
                    table: Arc::clone(t),
                    key: k,
                    present: false,
                    otherwise: Conflict::Duplicate {
                        table: t.name.clone(),
                        columns: def.key.clone(),
                    },
                }
            }
            Guard::KeyAbsent {
                object,
                source,
                key: k,
            } => {
                let t = &SIDE.external_key;
                Step::Check {
                    table: Arc::clone(t),
                    key: key(
                        t,
                        &[
                            ("workspace_id", w),
                            ("object", SqlVal::Text(object.to_string())),
                            ("source", SqlVal::Text(source.to_string())),
                            ("key", SqlVal::Text(k.to_string())),
                        ],
                    ),
                    present: false,
                    otherwise: Conflict::Duplicate {
                        table: t.name.clone(),
                        columns: "key".to_owned(),
                    },
                }
            }
            Guard::Counter {
                name,
                window,
                at_most,
            } => Step::Count {
                workspace: self.context.workspace,
                name: name.to_string(),
                window: *window,
                at_most: *at_most,
            },
            Guard::ConsentHead { address, version } => {
                let t = &SIDE.consent_head;
                let mut pairs = vec![("workspace_id", w), ("address_hash", address.to_vec().into())];
                if *version > 0 {
                    pairs.push(("version", (*version).into()));
                }
                Step::Check {
                    table: Arc::clone(t),
                    key: key(t, &pairs),
                    present: *version > 0,
                    otherwise: Conflict::Guard("consent".to_owned()),
                }
            }
        })
    }

    /// A row of the consent ledger's heads: made, or raised by whoever knows how high it stands.
    pub(super) fn consent_head(&self, address: [u8; 32], version: i64, entries: i64, entry: Id) -> Step {
        let t = &SIDE.consent_head;
        let place = [
            ("workspace_id", ws(self.context)),
            ("address_hash", address.to_vec().into()),
        ];
        if version == 0 {
            let mut all = place.to_vec();
            all.extend([("version", entries.into()), ("entry_id", entry.into())]);
            return row(t, &all, OnKey::Fail);
        }
        let mut at = place.to_vec();
        at.push(("version", version.into()));
        Step::Update {
            table: Arc::clone(t),
            set: key(
                t,
                &[
                    ("version", (version + entries).into()),
                    ("entry_id", entry.into()),
                ],
            ),
            key: key(t, &at),
            expect_one: Some(Conflict::Guard("consent".to_owned())),
        }
    }
}
