//! Cards as rows with columns that never change, named by the keys of the product's fields.

use serde::{Deserialize, Serialize};

use super::card::{Card, CardAddress, CardName, CardPoint, VcardVersion};
use crate::Cell;

/// The columns of a card. Lists (`emails`, `phones`, `websites`, `addresses`, `tags`) are JSON arrays; a point is
/// `{"value":…,"label":…,"primary":true}`, an address has its parts by name. The preferred address, or the first, stands
/// in columns of its own as well; its country only as a code of two letters.
pub const CARD_HEADERS: [&str; 24] = [
    "uid",
    "name",
    "name.title",
    "name.given",
    "name.middle",
    "name.family",
    "name.suffix",
    "nickname",
    "company",
    "department",
    "job_title",
    "emails",
    "phones",
    "websites",
    "addresses",
    "birth_date",
    "note",
    "tags",
    "skipped",
    "street",
    "city",
    "region",
    "postal_code",
    "country",
];

#[derive(Serialize, Deserialize)]
struct PointJson {
    value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    primary: bool,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct AddressJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    po_box: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    extended: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    street: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    city: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    region: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    postal_code: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    country: String,
    #[serde(skip_serializing_if = "is_false")]
    primary: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(yes: &bool) -> bool {
    !yes
}

/// The cells of a card, in the order of [`CARD_HEADERS`].
pub fn card_to_row(card: &Card) -> Vec<Cell> {
    let name = &card.name;
    let points = |points: &[CardPoint]| {
        let points: Vec<PointJson> = points
            .iter()
            .map(|p| PointJson {
                value: p.value.clone(),
                label: p.label.clone(),
                primary: p.primary,
            })
            .collect();
        list(&points)
    };
    let addresses: Vec<AddressJson> = card
        .addresses
        .iter()
        .cloned()
        .map(|a| AddressJson {
            label: a.label,
            po_box: a.po_box,
            extended: a.extended,
            street: a.street,
            city: a.city,
            region: a.region,
            postal_code: a.postal_code,
            country: a.country,
            primary: a.primary,
        })
        .collect();
    let main = card
        .addresses
        .iter()
        .find(|a| a.primary)
        .or(card.addresses.first());
    let part = |of: fn(&CardAddress) -> &String| Cell::text(main.map(of).cloned().unwrap_or_default());
    let birth_date = match &card.birth_date {
        None => Cell::Empty,
        Some(day) if is_iso_date(day) => Cell::Date(day.clone()),
        Some(other) => Cell::text(other),
    };
    vec![
        Cell::text(card.uid.clone().unwrap_or_default()),
        Cell::text(card.display_name()),
        Cell::text(&name.title),
        Cell::text(&name.given),
        Cell::text(&name.middle),
        Cell::text(&name.family),
        Cell::text(&name.suffix),
        Cell::text(&card.nickname),
        Cell::text(&card.organization),
        Cell::text(&card.department),
        Cell::text(&card.job_title),
        points(&card.emails),
        points(&card.phones),
        points(&card.urls),
        list(&addresses),
        birth_date,
        Cell::text(&card.note),
        list(&card.categories),
        list(&card.skipped),
        part(|a| &a.street),
        part(|a| &a.city),
        part(|a| &a.region),
        part(|a| &a.postal_code),
        Cell::text(
            main.map(|a| a.country.as_str())
                .filter(|c| is_code(c))
                .unwrap_or_default(),
        ),
    ]
}

/// A card of cells named by their columns; columns that are not in [`CARD_HEADERS`] are passed over. Lists may be
/// JSON or a single plain text.
pub fn row_to_card(headers: &[String], cells: &[Cell]) -> Card {
    let cell = |key: &str| {
        headers
            .iter()
            .position(|header| header == key)
            .and_then(|index| cells.get(index))
    };
    let text = |key: &str| {
        cell(key)
            .map(|cell| cell.as_text().into_owned())
            .unwrap_or_default()
    };
    let points = |key: &str| {
        let text = text(key);
        if let Ok(points) = serde_json::from_str::<Vec<PointJson>>(&text) {
            let points = points.into_iter();
            return points
                .map(|p| CardPoint {
                    value: p.value,
                    label: p.label,
                    primary: p.primary,
                })
                .collect();
        }
        let values = serde_json::from_str::<Vec<String>>(&text);
        let values = values.unwrap_or_else(|_| Some(text).filter(|t| !t.is_empty()).into_iter().collect());
        values
            .into_iter()
            .map(|value| CardPoint {
                value,
                ..CardPoint::default()
            })
            .collect::<Vec<_>>()
    };
    let texts = |key: &str| {
        let text = text(key);
        serde_json::from_str::<Vec<String>>(&text)
            .unwrap_or_else(|_| Some(text).filter(|t| !t.is_empty()).into_iter().collect())
    };
    let addresses = serde_json::from_str::<Vec<AddressJson>>(&text("addresses")).unwrap_or_default();
    Card {
        version: VcardVersion::V40,
        line: 0,
        uid: Some(text("uid")).filter(|uid| !uid.is_empty()),
        full_name: text("name"),
        name: CardName {
            title: text("name.title"),
            given: text("name.given"),
            middle: text("name.middle"),
            family: text("name.family"),
            suffix: text("name.suffix"),
        },
        nickname: text("nickname"),
        organization: text("company"),
        department: text("department"),
        job_title: text("job_title"),
        emails: points("emails"),
        phones: points("phones"),
        urls: points("websites"),
        addresses: addresses
            .into_iter()
            .map(|a| CardAddress {
                label: a.label,
                po_box: a.po_box,
                extended: a.extended,
                street: a.street,
                city: a.city,
                region: a.region,
                postal_code: a.postal_code,
                country: a.country,
                primary: a.primary,
            })
            .collect(),
        birth_date: Some(text("birth_date")).filter(|day| !day.is_empty()),
        note: text("note"),
        categories: texts("tags"),
        skipped: texts("skipped"),
        malformed_lines: 0,
    }
}

fn list<T: Serialize>(items: &[T]) -> Cell {
    if items.is_empty() {
        return Cell::Empty;
    }
    // structures of texts always have a JSON form
    serde_json::to_string(items).map_or(Cell::Empty, Cell::Json)
}

fn is_code(country: &str) -> bool {
    country.len() == 2 && country.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_iso_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| {
            if at == 4 || at == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        })
}
