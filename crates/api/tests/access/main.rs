//! Who may call what: every operation of the table by every kind of caller, on both engines, against expectations that
//! are written by hand; a denied call changes nothing; a hidden value is seen through no door.

#![allow(
    clippy::allow_attributes,
    unreachable_pub,
    reason = "the files of one test share a world"
)]

mod background;
mod children;
mod clock;
mod closed;
mod cookie;
mod hidden;
mod masked;
mod matrix;
mod pages;
mod points;
mod repeat;
mod views;
mod world;
