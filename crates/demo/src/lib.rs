//! A believable bilingual company for an empty workspace: a trading house in Tehran that sells tools, books, things for
//! the home, style, software and trade consultancy in Iran and abroad. Everybody in it is invented.
//!
//! [`company`] answers its records in an order in which every link points to an earlier one. The same day and size give
//! the same records; another day moves all dates with it, so that there is always work overdue and work to come.
//!
//! Values have the JSON form of the interface. A link is `{"@": ["object", "external key"]}`; whoever loads the records
//! puts the id in its place. Returns and cancellations carry negative quantities and totals, so that sums over orders
//! are net; `subtotal − discount + tax = total`, on every line and in every order.

mod activities;
mod companies;
mod contacts;
mod deals;
mod draw;
mod interactions;
mod notes;
mod orders;
mod say;
mod setup;
mod since;
mod tables;
mod time;
mod world;

use peyvand_core::Instant;
use serde_json::{Map, Value};
use world::World;

pub use tables::names;

/// How large the company is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Size {
    /// For showing the product: about 2,200 contacts, 330 companies, 560 deals, 5,400 orders and 10,600 interactions.
    Full,
    /// About a tenth of it, for tests.
    Small,
}

impl Size {
    /// The number of things of this size, of which the full company has `full`.
    const fn of(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Small => full / 10,
        }
    }
}

/// A record of the company.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The key of the object in the catalog.
    pub object: &'static str,
    /// The external key, unique among the records of the object.
    pub key: String,
    /// The values by field key, in the JSON form of the interface; links as `{"@": [object, external key]}`.
    pub values: Map<String, Value>,
    /// When somebody of the house first put it down; `None`: today.
    pub made: Option<Instant>,
}

impl Item {
    /// A record of these values; what is null is left out.
    fn new(object: &'static str, key: impl Into<String>, values: Value) -> Self {
        let mut values = match values {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        values.retain(|_, v| !v.is_null());
        Self {
            object,
            key: key.into(),
            values,
            made: None,
        }
    }
}

/// The records of the company as it is on `today` (days since 1970-01-01), in an order in which links point backwards.
/// Users and teams are among them, although they are not made by generic writes.
pub fn company(today: i32, size: Size) -> impl Iterator<Item = Item> {
    let parts: [fn(&mut World) -> Vec<Item>; 9] = [
        setup::items,
        companies::items,
        contacts::items,
        contacts::after,
        deals::items,
        orders::items,
        activities::items,
        interactions::items,
        notes::items,
    ];
    let mut world = World::new(today, size);
    let mut items: Vec<Item> = parts.into_iter().flat_map(|part| part(&mut world)).collect();
    since::put_back(&mut items, today);
    items.into_iter()
}
