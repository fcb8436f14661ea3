//! The first page of the day: what is due, where my deals stand, what has changed, and the firm's headline figures, each
//! with the list behind it.

mod chart;

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use peyvand_app::records::COUNT_CAP;
use peyvand_app::{App, AppError, ListRequest, reading};
use peyvand_calendar::zone;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{activity, deal, user};
use peyvand_core::Instant;
use peyvand_i18n::{Args, Key, keys};
use peyvand_numbers::Money;
use peyvand_record::{Reach, Record, Verb};

use crate::agenda::days::rfc3339;
use crate::asking;
use crate::board;
use crate::door::{Visitor, encode};
use crate::fields::{self, Titles};
use crate::shell::{Answer, Chrome, html, icon};
use chart::Chart;

/// Most activities of the day's list.
const DUE: u32 = 10;
/// Most changes.
const CHANGED: usize = 8;

/// A figure with the list behind it.
struct Figure {
    label: String,
    value: String,
    /// What it was before, in words; empty when there is nothing to compare.
    before: String,
    to: String,
    late: bool,
}

/// An activity that is due.
struct Due {
    id: String,
    to: String,
    title: String,
    kind: String,
    when: String,
    late: bool,
}

/// A stage with its open deals.
struct Bar {
    to: String,
    label: String,
    color: String,
    count: String,
    total: String,
    /// Length of the bar in twentieths.
    length: usize,
}

/// A record that was changed lately.
struct Changed {
    to: String,
    icon: &'static str,
    title: String,
    what: String,
    when: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    c: Chrome,
    hello: String,
    today: String,
    /// Nothing is here yet: how to begin.
    fresh: bool,
    figures: Vec<Figure>,
    due: Vec<Due>,
    due_all: String,
    /// What should have been done before today: how much, the oldest of it, and the list of all of it.
    late: Vec<Due>,
    late_count: String,
    late_all: String,
    bars: Vec<Bar>,
    changed: Vec<Changed>,
    charts: Vec<Chart>,
}

struct Sight<'a> {
    app: &'a App,
    visitor: &'a Visitor,
}

impl Sight<'_> {
    fn may(&self, object: &str) -> bool {
        self.visitor.session.caller.policy.reach(object, Verb::Read) != Reach::None
    }

    /// May the reader ask this of the object?
    fn may_ask(&self, object: &str, filter: &str) -> bool {
        let caller = &self.visitor.session.caller;
        let def = caller.workspace.catalog().object(object);
        self.may(object) && def.is_some_and(|def| asking::may(self.app, caller, def, filter))
    }

    async fn count(&self, object: &str, filter: &str) -> Result<u64, AppError> {
        let caller = &self.visitor.session.caller;
        let Some(def) = caller.workspace.catalog().object(object) else {
            return Ok(0);
        };
        Ok(self.app.tally(caller, def, Some(filter), false, &[]).await?.0)
    }

    async fn figure(
        &self,
        label: Key,
        object: &str,
        plural: &str,
        filter: &str,
        before: &str,
    ) -> Result<Option<Figure>, AppError> {
        if !self.may_ask(object, filter) || !(before.is_empty() || self.may_ask(object, before)) {
            return Ok(None);
        }
        let v = &self.visitor.view;
        let n = self.count(object, filter).await?;
        let was = if before.is_empty() {
            String::new()
        } else {
            let n = self.count(object, before).await?;
            v.with(
                keys::HOME_BEFORE,
                &Args::new().word("count", v.count(n, COUNT_CAP)),
            )
        };
        Ok(Some(Figure {
            label: v.t(label),
            value: v.count(n, COUNT_CAP),
            before: was,
            to: format!("/{plural}?filter={}", encode(filter)),
            late: label == keys::WEB_HOME_OVERDUE && n > 0,
        }))
    }

    async fn figures(&self, open: &str, overdue: &str) -> Result<Vec<Figure>, AppError> {
        let me = self.visitor.session.user.id();
        let done = |when: &str| format!("owner_id = \"{me}\" AND status = done AND completed_at = {when}");
        let kept =
            |when: &str| format!("orders.any(ordered_at = {when}) AND orders.any(ordered_at < {when})");
        let mut out = Vec::new();
        for (label, object, plural, filter, before) in [
            (
                keys::WEB_HOME_DUE,
                "activity",
                "activities",
                open.to_owned(),
                String::new(),
            ),
            (
                keys::WEB_HOME_OVERDUE,
                "activity",
                "activities",
                overdue.to_owned(),
                String::new(),
            ),
            (
                keys::HOME_DONE,
                "activity",
                "activities",
                done("this_week()"),
                done("last_week()"),
            ),
            (
                keys::WEB_HOME_WON,
                "deal",
                "deals",
                "status = won AND closed_on = this_month()".to_owned(),
                "status = won AND closed_on = last_month()".to_owned(),
            ),
            (
                keys::WEB_HOME_NEW,
                "contact",
                "contacts",
                "created_at = this_month()".to_owned(),
                "created_at = last_month()".to_owned(),
            ),
            (
                keys::HOME_KEPT,
                "contact",
                "contacts",
                kept("this_month()"),
                kept("last_month()"),
            ),
        ] {
            out.extend(self.figure(label, object, plural, &filter, &before).await?);
        }
        Ok(out)
    }

    /// The first activities of a filter, in the order in which they are due.
    async fn due(&self, filter: &str) -> Result<Vec<Due>, AppError> {
        let caller = &self.visitor.session.caller;
        let v = &self.visitor.view;
        let Some(def) = caller
            .workspace
            .catalog()
            .object("activity")
            .filter(|_| self.may_ask("activity", filter))
        else {
            return Ok(Vec::new());
        };
        let request = ListRequest {
            filter: Some(filter.to_owned()),
            sort: asking::order(caller, def, "due_at"),
            limit: Some(DUE),
            ..ListRequest::default()
        };
        let listed = self.app.list(caller, def, &request).await?;
        Ok(listed
            .records
            .iter()
            .map(|r| {
                let at = r.get(activity::DUE_AT).as_instant();
                let kind = def
                    .at(activity::KIND)
                    .map(|f| fields::cell(caller, v, f, r.get(activity::KIND), &Titles::new(), true).html())
                    .unwrap_or_default();
                Due {
                    id: r.id().to_string(),
                    to: format!("/{}/{}", def.plural, r.id()),
                    title: reading::title(def, r),
                    kind,
                    when: at.map(|t| v.ago(t)).unwrap_or_default(),
                    late: at.is_some_and(|t| t < v.now),
                }
            })
            .collect())
    }

    async fn bars(&self) -> Result<Vec<Bar>, AppError> {
        let caller = &self.visitor.session.caller;
        let v = &self.visitor.view;
        let me = self.visitor.session.user.id();
        let filter = format!("status = open AND owner_id = \"{me}\"");
        if !self.may_ask("deal", &filter) {
            return Ok(Vec::new());
        }
        let stages = board::stages(self.app, caller).await?;
        let deals = board::all(
            self.app,
            caller,
            "deals",
            Some(filter.clone()),
            "-created_at",
            2000,
        )
        .await?;
        let rows = board::by_stage(&stages, &deals);
        let most = rows.iter().map(|r| r.3).max().unwrap_or(1).max(1);
        let currency = board::base_currency(caller);
        Ok(rows
            .into_iter()
            .map(|(id, label, color, n, total)| Bar {
                to: format!(
                    "/deals?filter={}",
                    encode(&format!("{filter} AND stage_id = \"{id}\""))
                ),
                label,
                color,
                count: v.number(n as i64),
                total: v.amount(Money::new(total, currency), true),
                length: (n * 20).div_ceil(most).clamp(1, 20),
            })
            .collect())
    }

    async fn changed(&self) -> Result<Vec<Changed>, AppError> {
        let caller = &self.visitor.session.caller;
        let v = &self.visitor.view;
        let mut found: Vec<(&str, &str, Record)> = Vec::new();
        for key in ["contact", "company", "deal", "order", "activity"] {
            let Some(def) = caller.workspace.catalog().object(key).filter(|_| self.may(key)) else {
                continue;
            };
            let request = ListRequest {
                sort: Some("-updated_at".to_owned()),
                limit: Some(CHANGED as u32),
                ..ListRequest::default()
            };
            let listed = self.app.list(caller, def, &request).await?;
            found.extend(
                listed
                    .records
                    .into_iter()
                    .map(|r| (def.key.as_str(), def.plural.as_str(), r)),
            );
        }
        let at = |r: &Record| r.get(system::UPDATED_AT).as_instant().unwrap_or_default();
        found.sort_by_key(|(_, _, r)| std::cmp::Reverse(at(r)));
        found.truncate(CHANGED);
        let who: Vec<_> = found
            .iter()
            .filter_map(|(_, _, r)| r.get(system::UPDATED_BY).as_id())
            .collect();
        let names = self
            .app
            .titles(caller, &HashMap::from([("user".to_owned(), who)]))
            .await?;
        Ok(found
            .iter()
            .filter_map(|(key, plural, r)| {
                let def = caller.workspace.catalog().object(key)?;
                let who = r
                    .get(system::UPDATED_BY)
                    .as_id()
                    .and_then(|id| names.get(&id).cloned())
                    .unwrap_or_else(|| v.t(keys::WEB_SYSTEM_ACTOR));
                let new = r.version() == 1;
                let key = if new { keys::HOME_MADE } else { keys::HOME_CHANGED };
                Some(Changed {
                    to: format!("/{plural}/{}", r.id()),
                    icon: icon(&def.icon),
                    title: reading::title(def, r),
                    what: v.with(key, &Args::new().text("who", who)),
                    when: v.ago(at(r)),
                })
            })
            .collect())
    }

    /// Amounts won in each of the last six months.
    async fn won(&self) -> Result<Option<Chart>, AppError> {
        if !self.may("deal") {
            return Ok(None);
        }
        let caller = &self.visitor.session.caller;
        let v = &self.visitor.view;
        let Some(def) = caller.workspace.catalog().object("deal") else {
            return Ok(None);
        };
        let mut marks = Vec::new();
        for m in chart::months(v, 6) {
            let filter = format!("status = won AND {}", m.within("closed_on"));
            if !asking::may(self.app, caller, def, &filter) || !caller.policy.sees("deal", deal::AMOUNT) {
                return Ok(None);
            }
            let (n, sums) = self
                .app
                .tally(caller, def, Some(&filter), false, &[deal::AMOUNT])
                .await?;
            let total = sums.first().copied().flatten().unwrap_or(0);
            let amount = v.amount(Money::new(total, board::base_currency(caller)), true);
            marks.push(chart::Mark {
                label: m.name,
                full: m.full,
                value: total,
                shown: amount,
                note: v.with(keys::WEB_BOARD_COUNT, &Args::new().number("count", n)),
                to: format!("/deals?filter={}", encode(&filter)),
            });
        }
        Ok(Chart::of(&v.t(keys::HOME_WON_MONTHS), marks, v.dir() == "rtl"))
    }

    /// New customers of each of the last six months.
    async fn customers(&self) -> Result<Option<Chart>, AppError> {
        if !self.may("contact") {
            return Ok(None);
        }
        let v = &self.visitor.view;
        let mut marks = Vec::new();
        for m in chart::months(v, 6) {
            let filter = m.within("created_at");
            let n = self.count("contact", &filter).await?;
            marks.push(chart::Mark {
                label: m.name,
                full: m.full,
                value: i64::try_from(n).unwrap_or(i64::MAX),
                shown: v.count(n, COUNT_CAP),
                note: String::new(),
                to: format!("/contacts?filter={}", encode(&filter)),
            });
        }
        Ok(Chart::of(&v.t(keys::HOME_NEW_MONTHS), marks, v.dir() == "rtl"))
    }

    /// Is nothing here yet? Who sees only a part cannot tell.
    async fn fresh(&self) -> Result<bool, AppError> {
        let caller = &self.visitor.session.caller;
        for object in ["contact", "company", "deal"] {
            if caller.policy.reach(object, Verb::Read) != Reach::All {
                return Ok(false);
            }
            let Some(def) = caller.workspace.catalog().object(object) else {
                continue;
            };
            let request = ListRequest {
                limit: Some(1),
                ..ListRequest::default()
            };
            if !self.app.list(caller, def, &request).await?.records.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The home page.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    let v = &visitor.view;
    let me = visitor.session.user.id();
    let open = format!("owner_id = \"{me}\" AND status in (open, in_progress, waiting)");
    let sight = Sight {
        app: &app,
        visitor: &visitor,
    };
    // The day begins at midnight: what was due before it is late, what is due from it on is the day's and what follows.
    let midnight = rfc3339(Instant(zone::instant(v.today(), 0, &v.zone)));
    let ahead = format!("{open} AND due_at >= \"{midnight}\"");
    let behind = format!("{open} AND due_at < \"{midnight}\"");
    let name = visitor.session.user.get(user::NAME).as_str().unwrap_or_default();
    let fail = visitor.fail();
    let fresh = sight.fresh().await.map_err(&fail)?;
    let page = HomePage {
        hello: v.with(keys::WEB_HOME_HELLO, &Args::new().text("name", name)),
        today: v.long_date(v.today()),
        fresh,
        figures: sight.figures(&open, &behind).await.map_err(&fail)?,
        due: sight.due(&ahead).await.map_err(&fail)?,
        late_count: if sight.may_ask("activity", &behind) {
            v.count(sight.count("activity", &behind).await.map_err(&fail)?, COUNT_CAP)
        } else {
            String::new()
        },
        late: sight.due(&behind).await.map_err(&fail)?,
        late_all: format!("/activities?filter={}&sort=due_at", encode(&behind)),
        due_all: format!("/activities?filter={}&sort=due_at", encode(&open)),
        bars: sight.bars().await.map_err(&fail)?,
        changed: sight.changed().await.map_err(&fail)?,
        charts: [
            sight.won().await.map_err(&fail)?,
            sight.customers().await.map_err(&fail)?,
        ]
        .into_iter()
        .flatten()
        .collect(),
        c: Chrome::of(&visitor, &v.t(keys::NAV_HOME)),
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}
