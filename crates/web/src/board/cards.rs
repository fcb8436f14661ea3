//! The cards of a board.

use axum::response::Response;
use peyvand_app::{App, reading};
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{deal, stage};
use peyvand_catalog::{FieldIx, FieldType, ObjectDef};
use peyvand_domain::deals::rotting;
use peyvand_i18n::{Args, keys};
use peyvand_record::{Record, Value};

use super::blank;
use crate::door::Visitor;
use crate::fields::{self, Titles};
use crate::shell::{initials, pigment};

/// A card.
pub(crate) struct Card {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) to: String,
    pub(crate) title: String,
    pub(crate) amount: String,
    pub(crate) about: String,
    /// More of the record, as HTML.
    pub(crate) lines: Vec<String>,
    pub(crate) due: String,
    pub(crate) late: bool,
    /// What is to be done next; empty when nobody has said it.
    pub(crate) next: String,
    /// Says that the next step is missing; empty when it is there or not wanted.
    pub(crate) no_next: String,
    /// Says for how long the card has stood here, when that is too long.
    pub(crate) rotting: String,
    pub(crate) owner: String,
    pub(crate) owner_name: String,
    pub(crate) owner_pigment: &'static str,
}

/// What cards are drawn with.
pub(crate) struct Deck<'a> {
    visitor: &'a Visitor,
    object: &'a ObjectDef,
    columns: Vec<FieldIx>,
    titles: Titles,
}

impl<'a> Deck<'a> {
    /// For the cards of these records, and of no others.
    pub(crate) async fn of(
        app: &App,
        visitor: &'a Visitor,
        object: &'a ObjectDef,
        records: &[&Record],
    ) -> Result<Self, Response> {
        let caller = &visitor.session.caller;
        let columns = if object.key == "deal" {
            vec![deal::COMPANY_ID, deal::CONTACT_ID, system::OWNER_ID]
        } else {
            fields::list_columns(app, caller, object)
        };
        let titles = fields::titles_of(app, caller, object, records, &columns)
            .await
            .map_err(visitor.fail())?;
        Ok(Self {
            visitor,
            object,
            columns,
            titles,
        })
    }

    /// The card of a record, in a stage when it is a deal on its way.
    pub(crate) fn card(&self, r: &Record, stage: Option<&Record>) -> Card {
        let v = &self.visitor.view;
        let caller = &self.visitor.session.caller;
        let name = |value: &Value| {
            value
                .as_id()
                .and_then(|id| self.titles.get(&id).cloned())
                .unwrap_or_default()
        };
        let owner = if self.object.ownable {
            name(r.get(system::OWNER_ID))
        } else {
            String::new()
        };
        let (title_ix, title_field) = self.object.title_field();
        let shown = fields::cell(caller, v, title_field, r.get(title_ix), &self.titles, true).text();
        let title = if shown.is_empty() {
            reading::title(self.object, r)
        } else {
            shown
        };
        let mut card = Card {
            id: r.id().to_string(),
            version: r.version(),
            to: format!("/{}/{}", self.object.plural, r.id()),
            title: if title.is_empty() { "—".to_owned() } else { title },
            amount: String::new(),
            about: String::new(),
            lines: Vec::new(),
            due: String::new(),
            late: false,
            next: String::new(),
            no_next: String::new(),
            rotting: String::new(),
            owner: initials(&owner),
            owner_pigment: pigment(&owner),
            owner_name: owner,
        };
        if self.object.key == "deal" {
            self.deal(&mut card, r, stage);
        } else {
            card.lines = self
                .columns
                .iter()
                .filter(|ix| **ix != title_ix && **ix != system::OWNER_ID)
                .filter_map(|ix| self.object.at(*ix).map(|f| (*ix, f)))
                .filter(|(ix, f)| !r.get(*ix).is_null() && f.stored() != FieldType::LongText)
                .take(3)
                .map(|(ix, f)| fields::cell(caller, v, f, r.get(ix), &self.titles, true).html())
                .collect();
        }
        card
    }

    fn deal(&self, card: &mut Card, r: &Record, stage: Option<&Record>) {
        let v = &self.visitor.view;
        let name = |ix| {
            r.get(ix)
                .as_id()
                .and_then(|id: peyvand_core::Id| self.titles.get(&id).cloned())
                .unwrap_or_default()
        };
        let company: String = name(deal::COMPANY_ID);
        card.about = if company.is_empty() {
            name(deal::CONTACT_ID)
        } else {
            company
        };
        card.amount = r
            .get(deal::AMOUNT)
            .as_money()
            .map(|m| v.money(m, true))
            .unwrap_or_default();
        let open = r.get(deal::STATUS).as_str().unwrap_or("open") == "open";
        if let Value::Date(day) = r.get(if open {
            deal::EXPECTED_CLOSE
        } else {
            deal::CLOSED_ON
        }) {
            card.due = v.date(*day);
            card.late = open && *day < v.today();
        }
        if !open {
            return;
        }
        if blank(r.get(deal::NEXT_STEP)) {
            card.no_next = v.t(keys::BOARD_NO_NEXT);
        } else {
            card.next = r.get(deal::NEXT_STEP).as_str().unwrap_or_default().to_owned();
        }
        if let Some(s) = stage.filter(|s| rotting(r, s, v.now)) {
            let days = s.get(stage::ROTTING_DAYS).as_int().unwrap_or(0);
            card.rotting = v.with(keys::BOARD_ROTTING, &Args::new().number("days", days));
        }
    }
}
