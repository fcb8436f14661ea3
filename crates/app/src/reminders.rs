//! Telling people of activities that are due or late: once a day each, only what they may see, and nothing of people whose
//! data may only be kept.

use std::sync::Arc;

use jiff::tz::TimeZone;
use peyvand_calendar::zone;
use peyvand_catalog::ObjectDef;
use peyvand_catalog::handles::{activity, contact, notification, user};
use peyvand_core::{Id, Instant, Via};
use peyvand_domain::consent::State;
use peyvand_domain::reminders::{Reminder, day_began, reminder, span};
use peyvand_record::query::Query;
use peyvand_record::{Record, Verb};
use peyvand_store::RowsCall;
use peyvand_store::tables::SIDE;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::notifications::Many;
use crate::people::active;
use crate::workspace::Workspace;

/// The name of the lease of whoever tells.
const LEASE: &str = "reminders";
/// Most activities of one person that one round looks at, the latest due first.
const MOST: u32 = 200;

impl App {
    /// Tells everybody in a workspace of what is due or late. Two programs on one database do not tell twice: one of them
    /// holds the lease. Gives how many notifications were written.
    ///
    /// # Errors
    /// What the store says.
    pub async fn remind(&self, workspace: &Arc<Workspace>) -> Result<u64, AppError> {
        let Some(token) = self.take_lease(workspace.id, LEASE).await? else {
            return Ok(0);
        };
        let told = self.remind_all(workspace).await;
        self.drop_lease(workspace.id, LEASE, token).await?;
        told
    }

    async fn remind_all(&self, workspace: &Arc<Workspace>) -> Result<u64, AppError> {
        let caller = Caller::system(workspace, Via::Job);
        let Some(object) = workspace.catalog().object(activity::OBJECT).map(Arc::clone) else {
            return Ok(0);
        };
        let mut told = 0;
        for person in self.everybody(workspace, user::OBJECT).await? {
            if active(&person) {
                told += self.remind_one(&caller, &object, &person).await?;
            }
        }
        Ok(told)
    }

    async fn remind_one(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        person: &Record,
    ) -> Result<u64, AppError> {
        let w = &caller.workspace;
        let now = self.clock.now();
        let zone = person
            .get(user::TIME_ZONE)
            .as_str()
            .and_then(zone::zone)
            .or_else(|| zone::zone(&w.settings.time_zone))
            .unwrap_or_else(zone::tehran);
        let found = self.nearly_due(caller, object, person.id(), now, &zone).await?;
        if found.is_empty() {
            return Ok(0);
        }
        let known = self.reminded(caller, person.id(), day_began(now, &zone)).await?;
        let fresh: Vec<(Reminder, Record)> = found
            .into_iter()
            .filter(|(what, r)| match what {
                Reminder::Due => !known.iter().any(|(_, about)| *about == Some(r.id())),
                // What is late is told of in one notification in the morning.
                Reminder::Overdue => !known.iter().any(|(kind, _)| kind == "overdue"),
            })
            .collect();
        if fresh.is_empty() {
            return Ok(0);
        }
        let mut late = Vec::new();
        let mut told = 0;
        for (what, record) in self.may_be_told(caller, object, person.id(), fresh).await? {
            match what {
                Reminder::Due => {
                    self.notify(caller, person.id(), "due", Some(record.id()), None)
                        .await?;
                    told += 1;
                }
                Reminder::Overdue => late.push(record.id()),
            }
        }
        match late.as_slice() {
            [] => {}
            [one] => {
                self.notify(caller, person.id(), "overdue", Some(*one), None)
                    .await?;
                told += 1;
            }
            more => {
                let many = Many {
                    object: object.key.clone(),
                    count: more.len() as u64,
                };
                self.notify(caller, person.id(), "overdue", None, Some(&many))
                    .await?;
                told += 1;
            }
        }
        Ok(told)
    }

    /// The open activities of a person of which they are to be told now.
    async fn nearly_due(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        person: Id,
        now: Instant,
        zone: &TimeZone,
    ) -> Result<Vec<(Reminder, Record)>, AppError> {
        let w = &caller.workspace;
        let (from, to) = span(now, zone);
        let text = format!(
            "owner_id = \"{person}\" AND status in (open, in_progress, waiting) AND due_at >= \"{from}\" AND due_at <= \"{to}\""
        );
        let query = Query::of(&object.key)
            .filter(self.filter_by_ids(caller, object, &text)?)
            .limit(MOST);
        let page = self.store.page(w.id, &w.layout, &caller.policy, &query).await?;
        Ok(page
            .records
            .into_iter()
            .filter_map(|r| Some((reminder(r.get(activity::DUE_AT).as_instant()?, now, zone)?, r)))
            .collect())
    }

    /// What a person was reminded of since their day began: the kind, and the activity when it was one.
    async fn reminded(
        &self,
        caller: &Caller,
        person: Id,
        since: Instant,
    ) -> Result<Vec<(String, Option<Id>)>, AppError> {
        let w = &caller.workspace;
        let Some(object) = w.catalog().object(notification::OBJECT) else {
            return Ok(Vec::new());
        };
        let text = format!("user_id = \"{person}\" AND kind in (due, overdue) AND created_at >= \"{since}\"");
        let query = Query::of(notification::OBJECT)
            .filter(self.filter_by_ids(caller, object, &text)?)
            .limit(MOST);
        let told = self.store.every(w.id, &w.layout, &caller.policy, query).await?;
        Ok(told
            .iter()
            .map(|r| {
                let kind = r.get(notification::KIND).as_str().unwrap_or_default().to_owned();
                (kind, r.get(notification::TARGET_ID).as_id())
            })
            .collect())
    }

    /// Those that the person may see, and that are about nobody whose data may only be kept.
    async fn may_be_told(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        person: Id,
        fresh: Vec<(Reminder, Record)>,
    ) -> Result<Vec<(Reminder, Record)>, AppError> {
        let w = &caller.workspace;
        let (policy, _) = self.policy_of(w, person, "*").await?;
        let ids: Vec<Id> = fresh.iter().map(|(_, r)| r.id()).collect();
        let seen = self
            .within_reach(w, &policy, &object.key, &ids, Verb::Read)
            .await?;
        let mut out = Vec::new();
        for (what, record) in fresh {
            if seen.contains(&record.id()) && !self.about_restricted(w, &record).await? {
                out.push((what, record));
            }
        }
        Ok(out)
    }

    async fn about_restricted(&self, w: &Workspace, record: &Record) -> Result<bool, AppError> {
        let named = record.get(activity::CONTACT_ID).as_id();
        let about = match record.get(activity::TARGET_ID).as_id() {
            Some(id) if self.is_contact(w, id).await? => Some(id),
            _ => None,
        };
        for person in named.into_iter().chain(about) {
            let book = self.book(w, person).await?;
            if book.restriction().state(self.clock.now()).0 == State::Blocked {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_contact(&self, w: &Workspace, id: Id) -> Result<bool, AppError> {
        let t = &SIDE.record;
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("id", id.into()),
            ("object", contact::OBJECT.into()),
        ];
        Ok(!self.store.rows(RowsCall::new(t, &key).limit(1)).await?.is_empty())
    }
}
