//! The door of the pages: headers on every answer, no change by looking, no change from elsewhere, nobody is led away,
//! links that do not follow the request's host, and everything that a visitor types shown as text.

mod addresses;
mod elsewhere;
mod entry;
mod hidden;
mod pages;
mod world;
