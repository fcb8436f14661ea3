//! The recycle bin: how many deleted records of each object wait in it, and the way to them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use peyvand_app::App;
use peyvand_app::records::COUNT_CAP;
use peyvand_i18n::keys;
use peyvand_record::{Reach, Verb};

use crate::door::Visitor;
use crate::shell::{Answer, Chrome, html, icon};

/// An object with deleted records.
struct Line {
    to: String,
    icon: &'static str,
    label: String,
    count: String,
}

#[derive(Template)]
#[template(path = "bin.html")]
struct BinPage {
    c: Chrome,
    lines: Vec<Line>,
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let mut lines = Vec::new();
    for o in caller.workspace.catalog().objects() {
        if !o.spine
            || o.writes != peyvand_catalog::Writes::Generic
            || caller.policy.reach(&o.key, Verb::Read) == Reach::None
        {
            continue;
        }
        let (n, _) = app
            .tally(caller, o, None, true, &[])
            .await
            .map_err(visitor.fail())?;
        if n > 0 {
            lines.push(Line {
                to: format!("/{}?deleted=1", o.plural),
                icon: icon(&o.icon),
                label: v.label(&o.labels).to_owned(),
                count: v.count(n, COUNT_CAP),
            });
        }
    }
    let page = BinPage {
        lines,
        c: Chrome::of(&visitor, &v.t(keys::BIN_TITLE)),
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}
