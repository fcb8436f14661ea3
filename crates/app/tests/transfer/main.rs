//! Files go in and come out: a look-alike of a shop's order lines with its faults, contacts in two languages, undo, and
//! the way out and in again.

mod again;
mod circles;
mod columns;
mod keys;
mod kinds;
mod lines;
mod links;
mod numbers;
mod presets;
mod repeats;
mod round;
mod shop;
mod tags;
mod values;
mod wizard;
mod world;
