//! What must hold of values before they are written: rights on the object, on each field, and links that lead to
//! records which the caller may see.

use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldIx, ObjectDef, Writes};
use peyvand_core::Id;
use peyvand_record::codec::{self, Expected, FieldErrorCode};
use peyvand_record::policy::{FieldRule, Policy, Reach, Verb};
use peyvand_record::query::DeletedScope;
use peyvand_record::{Guard, Record, Value};
use peyvand_store::RowsCall;
use peyvand_store::tables::SIDE;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::people::managed;

/// Links to what a record stands under.
const UPWARDS: [(&str, &str); 6] = [
    ("company", "parent_id"),
    ("company", "tier_above_id"),
    ("category", "parent_id"),
    ("territory", "parent_id"),
    ("product", "variant_of_id"),
    ("team", "parent_id"),
];
/// Most records that one may stand under.
pub(crate) const DEEPEST: u32 = 100;

/// The links of an object to what its records stand under.
pub(crate) fn upwards(object: &ObjectDef) -> impl Iterator<Item = FieldIx> + use<'_> {
    let of = UPWARDS.iter().filter(|(o, _)| *o == object.key);
    of.filter_map(|(_, key)| Some(object.field(key)?.0))
}

impl App {
    /// May the caller do this with any record of the object by a generic write?
    pub fn writable(caller: &Caller, object: &ObjectDef, verb: Verb) -> Result<(), AppError> {
        if managed(object) {
            return match caller.policy.reach(&object.key, verb) {
                Reach::All => Ok(()),
                _ => Err(AppError::Forbidden),
            };
        }
        if object.writes != Writes::Generic || caller.policy.reach(&object.key, verb) == Reach::None {
            // A child has no rights of its own: the store holds its parent's against the change.
            let child = object.writes == Writes::Generic && object.is_child();
            return if child { Ok(()) } else { Err(AppError::Forbidden) };
        }
        Ok(())
    }

    /// A child is changed by those who may change what it belongs to: what it belonged to and what it shall belong to.
    pub(super) async fn check_parent(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        before: Option<&Record>,
        values: &[(FieldIx, Value)],
    ) -> Result<(), AppError> {
        if caller.policy.unrestricted || !object.is_child() {
            return Ok(());
        }
        let w = &caller.workspace;
        let mut any = false;
        for link in [&object.parent, &object.parent_or].into_iter().flatten() {
            let Some((ix, field)) = object.field(link) else {
                continue;
            };
            let Some(to) = field.to.as_deref() else { continue };
            let old = before.and_then(|b| b.get(ix).as_id());
            let new = values.iter().find(|(i, _)| *i == ix).and_then(|(_, v)| v.as_id());
            for id in old.into_iter().chain(new) {
                let found = self
                    .within_reach(w, &caller.policy, to, &[id], Verb::Update)
                    .await?;
                if found.is_empty() {
                    return Err(AppError::Forbidden);
                }
                any = true;
            }
        }
        if any { Ok(()) } else { Err(AppError::Forbidden) }
    }

    /// The share that lets the caller change a record which their reach does not hold; the store checks it again in the
    /// same transaction.
    pub(crate) async fn share_of(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        record: &Record,
    ) -> Result<Option<Guard>, AppError> {
        let p = &caller.policy;
        let owner = record.get(system::OWNER_ID).as_id();
        let team = record.get(system::TEAM_ID).as_id();
        if !object.ownable
            || p.reach(&object.key, Verb::Update) == Reach::None
            || p.reaches(&object.key, Verb::Update, owner, team)
        {
            return Ok(None);
        }
        let t = &SIDE.record_share;
        let mut grantees = vec![p.actor.id()];
        grantees.extend(&p.teams);
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("record_id", record.id().into()),
            ("may_update", 1.into()),
        ];
        let call =
            RowsCall::new(t, &key).any_of("grantee_id", grantees.into_iter().map(Into::into).collect());
        let rows = self.store.rows(call.limit(1)).await?;
        Ok(rows
            .first()
            .and_then(|r| r[t.at("grantee_id")].uuid())
            .map(|grantee| Guard::Shared {
                record: record.id(),
                grantee,
            }))
    }

    /// Links must lead to live records that the caller may see: anything else is as good as not there.
    pub(crate) async fn check_links(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        values: &[(FieldIx, Value)],
    ) -> Result<(), AppError> {
        let w = &caller.workspace;
        let mut errors = Vec::new();
        for (ix, value) in values {
            let Some(f) = object.at(*ix) else { continue };
            let ids: Vec<Id> = match value {
                Value::Id(id) => vec![*id],
                Value::Ids(ids) => ids.clone(),
                _ => continue,
            };
            // Owners and teams are named by everybody, also by tokens that may not list them.
            let all = Policy::all(caller.actor);
            let (to, policy) = match (*ix, f.to.as_deref()) {
                // Only what can be owned has the two; elsewhere a field of its own stands in their place.
                (system::OWNER_ID, _) if object.ownable => ("user", &*all),
                (system::TEAM_ID, _) if object.ownable => ("team", &*all),
                (_, Some(to)) => (to, &*caller.policy),
                (_, None) => continue,
            };
            let mut found = 0;
            if to == "*" {
                let t = &SIDE.record;
                let call = RowsCall::new(t, &[("workspace_id", i64::from(w.id.0).into())])
                    .any_of("id", ids.iter().map(|i| (*i).into()).collect());
                for row in self.store.rows(call).await? {
                    if let (Some(o), Some(id)) = (row[t.at("object")].text(), row[t.at("id")].uuid()) {
                        found += self.linkable(caller, policy, o, &[id]).await?;
                    }
                }
            } else {
                found += self.linkable(caller, policy, to, &ids).await?;
            }
            if found < ids.len() {
                let shown = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                errors.push(codec::FieldError::of(
                    f,
                    FieldErrorCode::NoSuchRecord,
                    &shown,
                    Expected::Nothing,
                ));
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(AppError::Invalid(errors))
        }
    }

    /// A record is not linked to itself, and does not stand under itself. What is answered holds the records above it as
    /// they were read: whoever changes one of them meanwhile has this decided again.
    pub(crate) async fn check_circle(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        id: Id,
        values: &[(FieldIx, Value)],
    ) -> Result<Vec<Guard>, AppError> {
        let mut guards = Vec::new();
        for (ix, value) in values {
            let Some(f) = object.at(*ix) else { continue };
            if f.is_system() || f.to.as_deref() != Some(object.key.as_str()) {
                continue;
            }
            let leads_back = || {
                AppError::Invalid(vec![codec::FieldError::of(
                    f,
                    FieldErrorCode::LeadsBack,
                    "",
                    Expected::Nothing,
                )])
            };
            let itself = match value {
                Value::Id(to) => *to == id,
                Value::Ids(to) => to.contains(&id),
                _ => false,
            };
            if itself {
                return Err(leads_back());
            }
            if !upwards(object).any(|up| up == *ix) {
                continue;
            }
            if let Some(to) = value.as_id() {
                let above = self.above(caller, object, *ix, to, &[id]).await?;
                guards.extend(above.ok_or_else(leads_back)?);
            }
        }
        Ok(guards)
    }

    /// The records from this one upwards by a link, as guards of what was read; `None` when the way leads to one of `ends`.
    pub(crate) async fn above(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        ix: FieldIx,
        from: Id,
        ends: &[Id],
    ) -> Result<Option<Vec<Guard>>, AppError> {
        let w = &caller.workspace;
        let all = Policy::all(caller.actor);
        let mut guards = Vec::new();
        let mut above = Some(from);
        for step in 0.. {
            let Some(at) = above else { break };
            // So deep a tree is a circle that was made elsewhere, or as good as one.
            if ends.contains(&at) || step == DEEPEST {
                return Ok(None);
            }
            let live = DeletedScope::Live;
            let found = self
                .store
                .get(w.id, &w.layout, &all, &object.key, at, live)
                .await?;
            let Some(found) = found else { break };
            guards.push(Guard::Version {
                object: object.key.as_str().into(),
                id: at,
                version: found.version(),
            });
            above = found.get(ix).as_id();
        }
        Ok(Some(guards))
    }

    /// How many of these records a link of the caller may lead to.
    async fn linkable(
        &self,
        caller: &Caller,
        policy: &Policy,
        object: &str,
        ids: &[Id],
    ) -> Result<usize, AppError> {
        let w = &caller.workspace;
        let found = self.within_reach(w, policy, object, ids, Verb::Read).await?;
        Ok(found.len())
    }

    pub(crate) fn check_fields(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        values: &[(FieldIx, Value)],
    ) -> Result<(), AppError> {
        let errors: Vec<_> = values
            .iter()
            .filter_map(|(ix, _)| {
                let f = object.at(*ix)?;
                match caller.policy.field(&object.key, *ix)? {
                    FieldRule::Hidden => Some(codec::FieldError::unknown(&f.key, "")),
                    FieldRule::ReadOnly | FieldRule::Masked => Some(codec::FieldError::of(
                        f,
                        FieldErrorCode::ReadOnly,
                        "",
                        Expected::Nothing,
                    )),
                }
            })
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(AppError::Invalid(errors))
        }
    }
}
