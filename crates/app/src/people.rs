//! Users, roles and teams: who works here and with which rights. They are records like others; what is particular is
//! checked here before a change and follows from it here.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use peyvand_calendar::Calendar;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{role, team, user};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::{Actor, Id, Instant, Via};
use peyvand_domain::Writer;
use peyvand_numbers::Language;
use peyvand_record::codec::{Expected, FieldError, FieldErrorCode, Mode};
use peyvand_record::policy::{Policy, Reach, Verb};
use peyvand_record::query::{DeletedScope, Query};
use peyvand_record::{Record, Value};
use peyvand_store::RowsCall;
use peyvand_store::tables::SIDE;
use peyvand_text::fold;
use peyvand_text::translit::slug;

use crate::accounts::{INSTANCE, number};
use crate::app::App;
use crate::caller::{Caller, Habits};
use crate::errors::AppError;
use crate::rights::{RoleRules, covers, with_teams_below};
use crate::workspace::Workspace;

/// The revision of all rights is asked of the database this often; changes made by this process hold at once.
const REVISION_FOR: i64 = Instant::SECOND;
/// The counter that every change of rights raises.
const REVISION: &str = "rights";

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// E-mail address: unique in the workspace.
    pub email: String,
    /// Name.
    pub name: String,
    /// Key of the role.
    pub role: String,
    /// May sign in.
    pub active: bool,
    /// The team.
    pub team: Option<Id>,
}

/// What a user's rights follow from.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) person: Record,
    pub(crate) role: Option<Record>,
    pub(crate) rules: RoleRules,
    pub(crate) teams: Vec<Id>,
    pub(crate) teams_below: Vec<Id>,
}

/// Are the object's records people, roles or teams?
pub(crate) fn managed(object: &ObjectDef) -> bool {
    matches!(object.key.as_str(), "user" | "role" | "team")
}

fn rules_of(role: &Record) -> RoleRules {
    // Rules that cannot be read give nothing.
    match role.get(role::RULES) {
        Value::Json(j) => serde_json::from_value((**j).clone()).unwrap_or_default(),
        _ => RoleRules::default(),
    }
}

fn role_fields(
    name: Option<&str>,
    rules: Option<&serde_json::Value>,
) -> serde_json::Map<String, serde_json::Value> {
    let mut given = serde_json::Map::new();
    if let Some(n) = name {
        given.insert("name".to_owned(), n.into());
    }
    if let Some(r) = rules {
        given.insert("rules".to_owned(), r.clone());
    }
    given
}

/// A key that no role has, made of a name: `Field sales` is `field-sales`, a Persian name is spelled in Latin letters.
fn role_key(name: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let mut key: String = slug(name, '-').chars().take(40).collect();
    key.truncate(key.trim_end_matches('-').len());
    if key.is_empty() {
        key.push_str("role");
    }
    let plain = key.clone();
    let mut n = 2;
    while taken(&key) {
        key = format!("{plain}-{n}");
        n += 1;
    }
    key
}

/// What a user without a role lacks: the role, and whatever else a new one must have, so that all is told at once.
fn without_role(object: &ObjectDef, verb: Verb, values: &[(FieldIx, Value)]) -> Vec<FieldError> {
    let lacks = |ix: FieldIx| !values.iter().any(|(i, v)| *i == ix && !v.is_null());
    object
        .fields
        .iter()
        .enumerate()
        .map(|(n, f)| (FieldIx(n as u16), f))
        .filter(|(ix, f)| {
            let asked = verb == Verb::Create && f.required && !f.is_system();
            *ix == user::ROLE_ID || (asked && lacks(*ix))
        })
        .map(|(_, f)| FieldError::of(f, FieldErrorCode::Required, "", Expected::SomeValue))
        .collect()
}

pub(crate) fn active(person: &Record) -> bool {
    *person.get(user::ACTIVE) != Value::Bool(false)
}

impl App {
    /// The role with this key, made when it is a built-in one that is not there yet.
    pub async fn role(&self, workspace: &Arc<Workspace>, key: &str) -> Result<Id, AppError> {
        let caller = Caller::system(workspace, Via::Cli);
        let roles = self.all_of(workspace, "role").await?;
        if let Some(r) = roles.iter().find(|r| r.get(role::KEY).as_str() == Some(key)) {
            return Ok(r.id());
        }
        let rules = RoleRules::built_in(key).ok_or_else(|| AppError::Parameter {
            name: "role",
            value: key.to_owned(),
        })?;
        let name = match (key, caller.workspace.settings.language.as_str()) {
            ("admin", "fa") => "مدیر سامانه",
            ("manager", "fa") => "مدیر فروش",
            ("seller", "fa") => "کارشناس فروش",
            ("reader", "fa") => "بیننده",
            ("admin", _) => "Administrator",
            ("manager", _) => "Sales manager",
            ("seller", _) => "Salesperson",
            _ => "Reader",
        };
        let values = vec![
            (role::NAME, Value::text(name)),
            (role::KEY, Value::text(key)),
            (
                role::RULES,
                Value::Json(Box::new(serde_json::to_value(rules).unwrap_or_default())),
            ),
            (role::BUILT_IN, Value::Bool(true)),
        ];
        self.insert(&caller, "role", values).await
    }

    /// Makes a role of one's own, or changes the rules of the one with this key.
    pub async fn save_role(
        &self,
        caller: &Caller,
        key: &str,
        name: Option<&str>,
        rules: Option<&serde_json::Value>,
    ) -> Result<Id, AppError> {
        let w = &caller.workspace;
        let object = w.catalog().object("role").ok_or(AppError::NotFound)?;
        let roles = self.all_of(w, "role").await?;
        if let Some(r) = roles.iter().find(|r| r.get(role::KEY).as_str() == Some(key)) {
            return Ok(self.change_role(caller, r.id(), name, rules, None).await?.id());
        }
        let mut given = role_fields(name, rules);
        given.entry("name").or_insert_with(|| key.into());
        given.insert("key".to_owned(), key.into());
        Ok(self.create(caller, object, &given, None).await?.id())
    }

    /// Changes the name or the rules of a role; `known_version` as in [`App::patch`]. Its holders have the new rights at
    /// once.
    pub async fn change_role(
        &self,
        caller: &Caller,
        id: Id,
        name: Option<&str>,
        rules: Option<&serde_json::Value>,
        known_version: Option<i64>,
    ) -> Result<Record, AppError> {
        let object = caller
            .workspace
            .catalog()
            .object("role")
            .ok_or(AppError::NotFound)?;
        self.patch(caller, object, id, &role_fields(name, rules), known_version)
            .await
    }

    /// Makes a role with a name and the rules of another one; with no rights when there is no other one. Its key is made
    /// of the name.
    pub async fn copy_role(&self, caller: &Caller, from: Option<Id>, name: &str) -> Result<Id, AppError> {
        let w = &caller.workspace;
        self.may_manage(caller, "role", Verb::Create)?;
        let roles = self.roles(w).await?;
        let rules = match from {
            None => RoleRules::default(),
            Some(id) => roles
                .iter()
                .find(|(r, _)| r.id() == id)
                .map(|(_, rules)| rules.known(w.catalog()))
                .ok_or(AppError::NotFound)?,
        };
        let taken = |key: &str| roles.iter().any(|(r, _)| r.get(role::KEY).as_str() == Some(key));
        let key = role_key(name, &taken);
        let json = serde_json::to_value(rules).unwrap_or_default();
        self.save_role(caller, &key, Some(name), Some(&json)).await
    }

    /// Every role: record and rules.
    pub async fn roles(&self, workspace: &Workspace) -> Result<Vec<(Record, RoleRules)>, AppError> {
        let roles = self.all_of(workspace, "role").await?;
        Ok(roles.into_iter().map(|r| (r.clone(), rules_of(&r))).collect())
    }

    /// Makes a team.
    pub async fn create_team(
        &self,
        workspace: &Arc<Workspace>,
        name: &str,
        parent: Option<Id>,
    ) -> Result<Id, AppError> {
        let caller = Caller::system(workspace, Via::Cli);
        let made = self
            .insert(
                &caller,
                "team",
                vec![(team::NAME, Value::text(name)), (team::PARENT_ID, parent.into())],
            )
            .await?;
        self.rights_changed().await?;
        Ok(made)
    }

    /// Makes a user. For whoever runs the instance: a person without an account gets one, whose password an invitation or
    /// the set-up sets; a person who works in another workspace joins by an invitation.
    pub async fn create_user(&self, workspace: &Arc<Workspace>, new: &NewUser) -> Result<Id, AppError> {
        let caller = Caller::system(workspace, Via::Cli);
        let role_id = self.role(workspace, &new.role).await?;
        let object = workspace.catalog().object("user").ok_or(AppError::NotFound)?;
        let mut edge = workspace.edge(Language::Fa, self.clock.now(), Mode::Create);
        edge.use_case = true;
        let mut given = serde_json::Map::new();
        given.insert("name".to_owned(), new.name.clone().into());
        given.insert("email".to_owned(), new.email.clone().into());
        let mut values = peyvand_record::codec::parse_json(workspace.catalog(), object, &given, &edge)
            .map_err(AppError::Invalid)?;
        values.push((user::ROLE_ID, Value::Id(role_id)));
        values.push((user::ACTIVE, Value::Bool(new.active)));
        values.push((user::TEAM_ID, new.team.into()));
        let id = self.insert(&caller, "user", values).await?;
        self.take_place(workspace, id, &new.email).await?;
        self.read_teams(workspace).await?;
        self.rights_changed().await?;
        Ok(id)
    }

    /// Makes a new user the place of their account, unless the account belongs to somebody who works elsewhere: they join
    /// by an invitation, so that nobody is put into a workspace under a password that somebody else chose.
    ///
    /// # Errors
    /// What the store says.
    pub async fn take_place(&self, workspace: &Workspace, id: Id, email: &str) -> Result<(), AppError> {
        let (account, made) = self.ensure_account(email).await?;
        if made || (account.password_hash.is_none() && self.memberships(account.id).await?.is_empty()) {
            self.steps(vec![Self::join_step(account.id, workspace.id, id)])
                .await?;
        }
        Ok(())
    }

    /// A record made by the program's own use case.
    pub(crate) async fn insert(
        &self,
        caller: &Caller,
        object: &str,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<Id, AppError> {
        let context = self.context(caller);
        let catalog = caller.workspace.catalog();
        let def = catalog.object(object).ok_or(AppError::NotFound)?;
        let (record, batch) = Writer {
            catalog,
            context: &context,
            ids: &self.ids,
            zone: &caller.workspace.settings.time_zone,
            teams: self.teams(caller.workspace.id),
        }
        .create(def, values)
        .map_err(AppError::Invalid)?;
        self.store
            .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
            .await?;
        Ok(record.id())
    }

    /// Up to 1,000 records of an object, for the program's own use.
    pub(crate) async fn all_of(&self, workspace: &Workspace, object: &str) -> Result<Vec<Record>, AppError> {
        let all = Policy::all(Actor::System);
        let q = Query::of(object).limit(1000);
        Ok(self
            .store
            .page(workspace.id, &workspace.layout, &all, &q)
            .await?
            .records)
    }

    /// Up to 1,000 users or teams of a workspace: who works here is known to everybody who does.
    pub async fn everybody(&self, workspace: &Workspace, object: &str) -> Result<Vec<Record>, AppError> {
        match object {
            "user" | "team" => self.all_of(workspace, object).await,
            _ => Err(AppError::Forbidden),
        }
    }

    /// The user with this e-mail address.
    pub async fn user_by_email(
        &self,
        workspace: &Workspace,
        email: &str,
    ) -> Result<Option<Record>, AppError> {
        let wanted =
            peyvand_identifiers::email::normalise(email).map_or_else(|_| email.to_owned(), |e| e.address);
        let users = self.all_of(workspace, "user").await?;
        Ok(users.into_iter().find(|u| {
            u.get(user::EMAIL)
                .as_str()
                .is_some_and(|e| e.eq_ignore_ascii_case(&wanted))
        }))
    }

    /// May the caller manage people, roles or teams?
    pub(crate) fn may_manage(&self, caller: &Caller, object: &str, verb: Verb) -> Result<(), AppError> {
        if caller.policy.reach(object, verb) == Reach::All {
            Ok(())
        } else {
            Err(AppError::Forbidden)
        }
    }

    /// What must hold before a user, role or team is made, changed or deleted: nobody gives rights that they lack, nobody
    /// manages somebody who has more, the tree of teams has no circle, and an administrator is left.
    pub(crate) async fn check_managed(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        verb: Verb,
        before: Option<&Record>,
        values: &[(FieldIx, Value)],
    ) -> Result<(), AppError> {
        if !managed(object) {
            return Ok(());
        }
        self.may_manage(caller, &object.key, verb)?;
        let w = &caller.workspace;
        let given = |ix: FieldIx| values.iter().find(|(i, _)| *i == ix).map(|(_, v)| v);
        match object.key.as_str() {
            "user" => {
                // When somebody was here is for the product to say.
                if given(user::LAST_SEEN_AT).is_some() {
                    let e = FieldError::at(object, user::LAST_SEEN_AT, FieldErrorCode::ReadOnly, "");
                    return Err(AppError::Invalid(vec![e]));
                }
                let role = given(user::ROLE_ID);
                if role.is_some_and(Value::is_null) || (verb == Verb::Create && role.is_none()) {
                    return Err(AppError::Invalid(without_role(object, verb, values)));
                }
                if let Some(b) = before {
                    let theirs = self.rights_of(w, b.id()).await?;
                    self.must_cover(caller, &theirs)?;
                    let off = given(user::ACTIVE) == Some(&Value::Bool(false)) || verb == Verb::Delete;
                    if off && caller.actor == Actor::User(b.id()) {
                        return Err(AppError::Forbidden);
                    }
                    let moved = given(user::ROLE_ID).is_some_and(|r| r != b.get(user::ROLE_ID));
                    if (off || moved) && active(b) {
                        self.administrator_left(w, |u| (u != b.id()).then_some(None))
                            .await?;
                    }
                }
                if let Some(Value::Id(r)) = given(user::ROLE_ID) {
                    let roles = self.roles(w).await?;
                    let (_, rules) = roles
                        .iter()
                        .find(|(x, _)| x.id() == *r)
                        .ok_or(AppError::NotFound)?;
                    self.must_cover_rules(caller, rules)?;
                }
            }
            "role" => {
                if let Some(b) = before {
                    self.must_cover_rules(caller, &rules_of(b))?;
                }
                if let Some(Value::Text(name)) = given(role::NAME) {
                    let own = before.map(Record::id);
                    let roles = self.all_of(w, "role").await?;
                    let there = roles.iter().filter(|r| Some(r.id()) != own).any(|r| {
                        let theirs = r.get(role::NAME).as_str().unwrap_or_default();
                        fold(theirs) == fold(name)
                    });
                    if there {
                        let e = FieldError::at(object, role::NAME, FieldErrorCode::NotUnique, name);
                        return Err(AppError::Invalid(vec![e]));
                    }
                }
                if let Some(Value::Json(j)) = given(role::RULES) {
                    let rules = RoleRules::read(j, w.catalog())?;
                    self.must_cover_rules(caller, &rules)?;
                    if let Some(b) = before.filter(|_| !rules.everything) {
                        self.administrator_left(w, |_| Some(Some(b.id()))).await?;
                    }
                }
                if verb == Verb::Delete
                    && let Some(b) = before
                {
                    let users = self.all_of(w, "user").await?;
                    let holders = users
                        .iter()
                        .filter(|u| u.get(user::ROLE_ID).as_id() == Some(b.id()))
                        .count();
                    if holders > 0 {
                        return Err(AppError::InUse {
                            object: user::OBJECT.to_owned(),
                            count: holders as u64,
                        });
                    }
                }
            }
            _ => {
                if let (Some(b), Some(Value::Id(parent))) = (before, given(team::PARENT_ID)) {
                    let below = with_teams_below(&[b.id()], &self.team_tree(w).await?);
                    if below.contains(parent) {
                        let e = FieldError::at(object, team::PARENT_ID, FieldErrorCode::LeadsBack, "");
                        return Err(AppError::Invalid(vec![e]));
                    }
                }
            }
        }
        Ok(())
    }

    fn must_cover(&self, caller: &Caller, theirs: &Policy) -> Result<(), AppError> {
        if covers(&caller.policy, theirs, caller.workspace.catalog()) {
            Ok(())
        } else {
            Err(AppError::Forbidden)
        }
    }

    fn must_cover_rules(&self, caller: &Caller, rules: &RoleRules) -> Result<(), AppError> {
        let theirs = rules.policy(caller.workspace.catalog(), Id::NIL, Vec::new(), Vec::new());
        self.must_cover(caller, &theirs)
    }

    /// Is there an active administrator among the users that remain? `remains` gives `None` for a user that goes, and
    /// the role that no longer is an administrator's.
    async fn administrator_left(
        &self,
        w: &Workspace,
        remains: impl Fn(Id) -> Option<Option<Id>>,
    ) -> Result<(), AppError> {
        let roles = self.roles(w).await?;
        let users = self.all_of(w, "user").await?;
        let left = users.iter().filter(|u| active(u)).any(|u| {
            let Some(lost) = remains(u.id()) else { return false };
            let role = u.get(user::ROLE_ID).as_id();
            role.is_some()
                && role != lost
                && roles
                    .iter()
                    .any(|(r, rules)| Some(r.id()) == role && rules.everything)
        });
        if left {
            Ok(())
        } else {
            Err(AppError::LastAdministrator)
        }
    }

    /// What follows from a change of a user, role or team: rights hold at once; whoever is switched off or has another role
    /// is signed out, their tokens die with them.
    pub(crate) async fn after_managed(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        before: Option<&Record>,
        after: &Record,
    ) -> Result<(), AppError> {
        if !managed(object) {
            return Ok(());
        }
        let w = &caller.workspace;
        if object.key == "user" {
            self.read_teams(w).await?;
            match before {
                None => {
                    let email = after.get(user::EMAIL).as_str().unwrap_or_default();
                    self.take_place(w, after.id(), email).await?;
                }
                Some(b) => {
                    let gone = !active(after) || after.is_deleted();
                    let changed = [user::ROLE_ID, user::EMAIL]
                        .iter()
                        .any(|ix| b.get(*ix) != after.get(*ix));
                    if gone {
                        self.revoke_tokens_of(w, after.id()).await?;
                    }
                    if gone || (changed && caller.actor != Actor::User(after.id())) {
                        self.end_sessions_of_user(w.id, after.id()).await?;
                    }
                }
            }
        }
        self.rights_changed().await
    }

    /// The teams of a workspace with their parents.
    pub(crate) async fn team_tree(&self, w: &Workspace) -> Result<Vec<(Id, Option<Id>)>, AppError> {
        Ok(self
            .all_of(w, "team")
            .await?
            .iter()
            .map(|t| (t.id(), t.get(team::PARENT_ID).as_id()))
            .collect())
    }

    /// What a user's rights follow from, whether or not they may come in.
    pub(crate) async fn standing(&self, workspace: &Workspace, id: Id) -> Result<Standing, AppError> {
        let person = self.user_record(workspace, id).await?;
        let all = Policy::all(Actor::System);
        let role = match person.get(user::ROLE_ID).as_id() {
            Some(r) => {
                self.store
                    .get(
                        workspace.id,
                        &workspace.layout,
                        &all,
                        "role",
                        r,
                        DeletedScope::Live,
                    )
                    .await?
            }
            None => None,
        };
        let rules = role.as_ref().map(rules_of).unwrap_or_default();
        let teams: Vec<Id> = person.get(user::TEAM_ID).as_id().into_iter().collect();
        let teams_below = if teams.is_empty() {
            Vec::new()
        } else {
            with_teams_below(&teams, &self.team_tree(workspace).await?)
        };
        Ok(Standing {
            person,
            role,
            rules,
            teams,
            teams_below,
        })
    }

    async fn rights_of(&self, workspace: &Workspace, id: Id) -> Result<Arc<Policy>, AppError> {
        let s = self.standing(workspace, id).await?;
        Ok(s.rules.policy(workspace.catalog(), id, s.teams, s.teams_below))
    }

    /// The rights and the language of a user, within the scopes of a token (`*`, `contacts:read`, `contacts:*`).
    ///
    /// # Errors
    /// `Unauthenticated` when there is no such user or they are switched off.
    pub async fn policy_of(
        &self,
        workspace: &Workspace,
        id: Id,
        scopes: &str,
    ) -> Result<(Arc<Policy>, Habits), AppError> {
        let s = self.standing(workspace, id).await?;
        if !active(&s.person) {
            return Err(AppError::Unauthenticated);
        }
        let tag = s.person.get(user::LANGUAGE).as_str();
        let language = if tag.unwrap_or(&workspace.settings.language) == "en" {
            Language::En
        } else {
            Language::Fa
        };
        let own = s.person.get(user::CALENDAR).as_str();
        let calendar = own.and_then(Calendar::from_key);
        let habits = Habits {
            language,
            calendar: calendar.unwrap_or_else(|| workspace.calendar()),
        };
        let policy = s.rules.policy(workspace.catalog(), id, s.teams, s.teams_below);
        Ok((
            crate::tokens::narrow(workspace.catalog(), &policy, scopes),
            habits,
        ))
    }

    /// A user of the workspace as one who calls, with all their rights as they are now.
    ///
    /// # Errors
    /// `Unauthenticated` when there is no such user or they are switched off.
    pub async fn caller_of(
        &self,
        workspace: &Arc<Workspace>,
        user: Id,
        via: Via,
    ) -> Result<Caller, AppError> {
        let (policy, habits) = self.policy_of(workspace, user, "*").await?;
        Ok(Caller {
            workspace: Arc::clone(workspace),
            actor: Actor::User(user),
            via,
            policy,
            language: habits.language,
            calendar: habits.calendar,
        })
    }

    /// The revision of all rights: what was looked up under another one is looked up anew.
    pub(crate) async fn rights_revision(&self) -> Result<i64, AppError> {
        let now = self.clock.now();
        let (revision, until) = *self.rights.lock().unwrap_or_else(PoisonError::into_inner);
        if until > now {
            return Ok(revision);
        }
        let t = &SIDE.counter;
        let key = [("workspace_id", number(INSTANCE)), ("name", REVISION.into())];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let found = rows
            .first()
            .and_then(|r| r[t.at("value")].int())
            .unwrap_or_default();
        *self.rights.lock().unwrap_or_else(PoisonError::into_inner) = (found, now.plus_micros(REVISION_FOR));
        if self.teams_at.swap(found, Ordering::Relaxed) != found {
            self.read_all_teams().await?;
        }
        Ok(found)
    }

    /// Rights have changed: nobody takes what they knew for true, here at once and in other processes within a second.
    pub(crate) async fn rights_changed(&self) -> Result<(), AppError> {
        self.store.engine().reserve(INSTANCE, REVISION, 1).await?;
        *self.rights.lock().unwrap_or_else(PoisonError::into_inner) = (0, Instant::default());
        self.forget_sessions();
        Ok(())
    }

    /// Switches a user on or off.
    pub async fn set_active(&self, caller: &Caller, id: Id, on: bool) -> Result<(), AppError> {
        let object = caller
            .workspace
            .catalog()
            .object("user")
            .map(Arc::clone)
            .ok_or(AppError::NotFound)?;
        self.patch_values(caller, &object, id, vec![(user::ACTIVE, Value::Bool(on))], None)
            .await
            .map(drop)
    }

    /// Does the record belong to this user?
    pub(crate) fn owned_by(record: &Record, id: Id) -> bool {
        record.get(system::OWNER_ID).as_id() == Some(id)
    }
}
