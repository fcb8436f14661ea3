//! The first page of the day: what is due, what is late, where the deals stand.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use peyvand_app::records::COUNT_CAP;
use peyvand_app::{App, ListRequest, reading};
use peyvand_catalog::handles::activity;
use peyvand_catalog::handles::user;
use peyvand_i18n::{Args, keys};
use peyvand_numbers::Money;
use peyvand_record::{Reach, Verb};

use crate::board;
use crate::door::{Visitor, encode};
use crate::fields::{self, Titles};
use crate::shell::{Answer, Chrome, html};

/// A figure with the list behind it.
struct Figure {
    label: String,
    value: String,
    to: String,
    late: bool,
}

/// An activity that is due.
struct Due {
    to: String,
    title: String,
    kind: String,
    when: String,
    late: bool,
}

/// A stage with its open deals.
struct Bar {
    label: String,
    color: String,
    count: String,
    total: String,
    /// Length of the bar in twentieths.
    length: usize,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    c: Chrome,
    hello: String,
    today: String,
    figures: Vec<Figure>,
    due: Vec<Due>,
    bars: Vec<Bar>,
}

/// The home page.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let me = visitor.session.user.id();
    let open = format!("owner_id = \"{me}\" AND status in (open, in_progress, waiting)");
    let overdue = format!("{open} AND due_at < now()");
    let mut figures = Vec::new();
    for (label, object, filter, late) in [
        (keys::WEB_HOME_DUE, "activity", open.clone(), false),
        (keys::WEB_HOME_OVERDUE, "activity", overdue, true),
        (
            keys::WEB_HOME_OPEN_DEALS,
            "deal",
            "status = open".to_owned(),
            false,
        ),
        (
            keys::WEB_HOME_WON,
            "deal",
            "status = won AND closed_on = this_month()".to_owned(),
            false,
        ),
        (
            keys::WEB_HOME_NEW,
            "contact",
            "created_at = this_month()".to_owned(),
            false,
        ),
    ] {
        let Some(def) = caller.workspace.catalog().object(object) else {
            continue;
        };
        if caller.policy.reach(object, Verb::Read) == Reach::None {
            continue;
        }
        let request = ListRequest {
            filter: Some(filter.clone()),
            limit: Some(1),
            count: true,
            ..ListRequest::default()
        };
        let listed = app.list(caller, def, &request).await.map_err(visitor.fail())?;
        let n = listed.count.unwrap_or(0);
        figures.push(Figure {
            label: v.t(label),
            value: v.count(n, COUNT_CAP),
            to: format!("/{}?filter={}", def.plural, encode(&filter)),
            late: late && n > 0,
        });
    }
    let mut due = Vec::new();
    if let Some(def) = caller.workspace.catalog().object("activity") {
        let request = ListRequest {
            filter: Some(open),
            sort: Some("due_at".to_owned()),
            limit: Some(12),
            ..ListRequest::default()
        };
        let listed = app.list(caller, def, &request).await.map_err(visitor.fail())?;
        for r in &listed.records {
            let at = r.get(activity::DUE_AT).as_instant();
            let kind = def
                .at(activity::KIND)
                .map(|f| fields::cell(caller, v, f, r.get(activity::KIND), &Titles::new(), true).html())
                .unwrap_or_default();
            due.push(Due {
                to: format!("/{}/{}", def.plural, r.id()),
                title: reading::title(def, r),
                kind,
                when: at.map(|t| v.ago(t)).unwrap_or_default(),
                late: at.is_some_and(|t| t < v.now),
            });
        }
    }
    let mut bars = Vec::new();
    if caller.policy.reach("deal", Verb::Read) != Reach::None {
        let stages = board::stages(&app, caller).await.map_err(visitor.fail())?;
        let deals = board::open_deals(&app, caller).await.map_err(visitor.fail())?;
        let rows = board::by_stage(&stages, &deals);
        let most = rows.iter().map(|r| r.2).max().unwrap_or(1).max(1);
        let currency = board::base_currency(caller);
        bars = rows
            .into_iter()
            .map(|(label, color, n, total)| Bar {
                label,
                color,
                count: v.number(n as i64),
                total: v.amount(Money::new(total, currency), true),
                length: (n * 20).div_ceil(most).clamp(1, 20),
            })
            .collect();
    }
    let name = visitor.session.user.get(user::NAME).as_str().unwrap_or_default();
    let page = HomePage {
        hello: v.with(keys::WEB_HOME_HELLO, &Args::new().text("name", name)),
        today: v.long_date(v.today()),
        figures,
        due,
        bars,
        c: Chrome::of(&visitor, &v.t(keys::NAV_HOME)),
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}
