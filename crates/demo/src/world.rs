//! What later parts have to know about earlier ones.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::Size;
use crate::tables::goods::GOODS;

/// A user of the workspace.
pub(crate) struct User {
    /// External key.
    pub(crate) key: &'static str,
    /// The name in Persian.
    pub(crate) name: &'static str,
    /// The name in English.
    pub(crate) latin: &'static str,
    /// Works mostly in Persian?
    pub(crate) persian: bool,
}

/// A company of the workspace.
pub(crate) struct Firm {
    /// External key.
    pub(crate) key: String,
    /// Trade name.
    pub(crate) name: String,
    /// Is it in Iran?
    pub(crate) persian: bool,
    /// Place in the table of cities at home or abroad.
    pub(crate) city: usize,
    /// Host name of its addresses.
    pub(crate) host: String,
    /// Group of goods that it buys most.
    pub(crate) taste: &'static str,
    /// Place of its owner among the users.
    pub(crate) owner: usize,
}

/// A contact of the workspace.
#[derive(Clone)]
pub(crate) struct Person {
    /// External key.
    pub(crate) key: String,
    /// Persian?
    pub(crate) persian: bool,
    /// How one speaks of them: «خانم کریمی», "Ms Walker".
    pub(crate) short: String,
    /// Given name in the script of the language.
    pub(crate) given: &'static str,
    /// Family name in the script of the language.
    pub(crate) family: &'static str,
    /// Latin form of both, in small letters with a dot between.
    pub(crate) local: String,
    /// A woman?
    pub(crate) woman: bool,
    /// Mobile number.
    pub(crate) mobile: String,
    /// Place of the company.
    pub(crate) firm: Option<usize>,
    /// Place in the table of cities at home or abroad.
    pub(crate) city: usize,
    /// Group of goods that they buy most.
    pub(crate) taste: &'static str,
    /// Place of the owner among the users.
    pub(crate) owner: usize,
    /// Year of birth.
    pub(crate) born: i32,
}

/// An order of the workspace.
pub(crate) struct Order {
    /// External key.
    pub(crate) key: String,
    /// Number.
    pub(crate) number: String,
    /// Place of the buyer.
    pub(crate) person: usize,
    /// Day.
    pub(crate) day: i32,
    /// Place of the first product.
    pub(crate) good: usize,
    /// Was it sent back?
    pub(crate) returned: bool,
}

/// A deal of the workspace.
pub(crate) struct Deal {
    /// External key.
    pub(crate) key: String,
    /// Place of the contact.
    pub(crate) person: usize,
    /// First day.
    pub(crate) opened: i32,
    /// Last day, today for open ones.
    pub(crate) until: i32,
    /// Still open?
    pub(crate) open: bool,
    /// Place of the main product.
    pub(crate) good: usize,
}

/// What has been made so far.
pub(crate) struct World {
    /// Today, as days since 1970-01-01.
    pub(crate) today: i32,
    /// How large the company is.
    pub(crate) size: Size,
    /// Companies.
    pub(crate) firms: Vec<Firm>,
    /// Contacts, without the duplicates.
    pub(crate) people: Vec<Person>,
    /// Deals.
    pub(crate) deals: Vec<Deal>,
    /// Sales (not returns and cancellations).
    pub(crate) orders: Vec<Order>,
    /// Every text that has been written, so that none is written twice.
    pub(crate) said: BTreeSet<String>,
}

impl World {
    /// A world in which nothing has been made.
    pub(crate) const fn new(today: i32, size: Size) -> Self {
        Self {
            today,
            size,
            firms: Vec::new(),
            people: Vec::new(),
            deals: Vec::new(),
            orders: Vec::new(),
            said: BTreeSet::new(),
        }
    }

    /// The last day that is over wherever a customer is, at whatever hour the company is made.
    pub(crate) const fn over(&self) -> i32 {
        self.today - 2
    }
}

/// A link to an earlier record.
pub(crate) fn link(object: &str, key: &str) -> Value {
    json!({ "@": [object, key] })
}

/// The link to a product.
pub(crate) fn good_link(good: usize) -> Value {
    link("product", &code(good))
}

/// The code of a product.
pub(crate) fn code(good: usize) -> String {
    let group = GOODS.get(good).map_or("", |g| g.group);
    let letters: String = group.chars().take(2).collect::<String>().to_uppercase();
    format!("{letters}-{}", 1001 + good)
}

/// An amount in minor units.
pub(crate) fn money(minor: i64, currency: &str) -> Value {
    json!({ "amount": minor.to_string(), "currency": currency })
}
