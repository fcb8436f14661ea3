//! Records of people as cards: what stands in several fields here is one property there.

use peyvand_catalog::ObjectDef;
use peyvand_core::Id;
use peyvand_exchange::Cell;
use peyvand_exchange::vcard::{Card, CardAddress, CardPoint, row_to_card};
use peyvand_record::{Record, Value};

/// The company that a record names.
pub(crate) fn company_of(object: &ObjectDef, record: &Record) -> Option<Id> {
    object
        .field("company_id")
        .and_then(|(ix, _)| record.get(ix).as_id())
}

/// The card of a record; of its fields only those that are among the columns, which are what the caller may see.
pub(crate) fn card_of(
    object: &ObjectDef,
    record: &Record,
    headers: &[String],
    cells: &[Cell],
    company: Option<&String>,
) -> Card {
    let mut card = row_to_card(headers, cells);
    let shown = |key: &str| {
        headers
            .iter()
            .any(|h| h == key)
            .then(|| object.field(key))
            .flatten()
            .map(|(ix, _)| record.get(ix))
    };
    let text = |key: &str| {
        shown(key)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .unwrap_or_default()
    };
    let points = |key: &str| -> Vec<CardPoint> {
        match shown(key) {
            Some(Value::Points(all)) => all
                .iter()
                .map(|p| CardPoint {
                    value: p.value.to_string(),
                    // A fax is a kind of number there, not a label of it.
                    label: if &*p.channel == "fax" {
                        Some("fax".to_owned())
                    } else {
                        p.label.as_deref().map(str::to_owned)
                    },
                    primary: p.primary && all.len() > 1,
                })
                .collect(),
            _ => Vec::new(),
        }
    };
    card.emails = points("emails");
    card.phones = points("phones");
    let address = CardAddress {
        street: text("address"),
        city: text("city"),
        region: text("province"),
        postal_code: text("postal_code"),
        country: text("country"),
        ..CardAddress::default()
    };
    if !address.is_empty() {
        card.addresses = vec![address];
    }
    card.note = text("description");
    if headers.iter().any(|h| h == "company_id")
        && let Some(name) = company
    {
        card.organization.clone_from(name);
    }
    card
}
