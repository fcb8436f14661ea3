//! What a firm does with its contacts: deals, orders with lines, tasks, calls and notes, as files that the program imports.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};

use anyhow::Result;
use peyvand_core::random::SplitMix;

use crate::people;
use crate::server::Program;

/// The mapping that all of these files share.
const SHARED: &str = r#"
source = "bench"
key = ["id"]
currency = "EUR"
language = "en"
time_zone = "UTC"

[[columns]]
name = "contact"
field = "contact_id"
link = { by = "key" }
"#;

/// How the columns besides are read: the object, what stands before the columns, and the columns.
fn mapping(
    object: &str,
    head: &str,
    columns: &[(&str, &str)],
    links: &[(&str, &str, &str)],
    tail: &str,
) -> String {
    let mut out = format!("object = \"{object}\"\n{head}{SHARED}");
    for (name, field) in columns {
        out += &format!("\n[[columns]]\nname = \"{name}\"\nfield = \"{field}\"\n");
    }
    for (name, field, by) in links {
        // A firm for which nobody works yet is made.
        let make = match *name {
            "company" => ", make = { name = \"{company}\" }",
            _ => "",
        };
        out += &format!(
            "\n[[columns]]\nname = \"{name}\"\nfield = \"{field}\"\nlink = {{ by = \"{by}\"{make} }}\n"
        );
    }
    out + tail
}

const LINES: &str = r#"
[lines]
object = "order_line"
parent = "order_id"

[[lines.columns]]
name = "item"
field = "description"

[[lines.columns]]
name = "quantity"
field = "quantity"

[[lines.columns]]
name = "price"
field = "unit_price"
"#;

/// A moment of the last two years before 22 November 2026, in ISO 8601.
fn moment(r: &mut SplitMix) -> String {
    format!(
        "{}-{:02}-{:02}T{:02}:{:02}:00Z",
        2025 + r.below(2),
        1 + r.below(10),
        1 + r.below(28),
        7 + r.below(11),
        r.below(60)
    )
}

/// How many people do the work of a firm with so many contacts. A larger firm has more of them, so that a list of what one
/// of them has to do is a full page in each, and what differs is the database alone.
fn workers(contacts: usize) -> u64 {
    (contacts / 2_500).clamp(1, people::TEAMS * people::PER_TEAM) as u64
}

/// Imports the work of a firm with so many contacts: a deal, an order with two lines, a task and a call for every tenth, a
/// note for every twentieth.
pub(crate) fn import(program: &Program, contacts: usize) -> Result<()> {
    let mut r = SplitMix::new(77);
    let r = &mut r;
    let some = contacts / 10;
    let contact = |r: &mut SplitMix| r.below(contacts as u64) + 1;
    let owner = |r: &mut SplitMix| people::seller(r.below(workers(contacts)) as usize);
    let firm = |r: &mut SplitMix| people::firm(r.below(people::firms(contacts)) as usize, false);
    let file =
        |name: &str, mapping: &str, head: &str, rows: &mut dyn Iterator<Item = String>| -> Result<()> {
            let path = program.data.join(format!("{name}.csv"));
            let mut out = BufWriter::new(File::create(&path)?);
            writeln!(out, "{head}")?;
            for row in rows {
                writeln!(out, "{row}")?;
            }
            out.flush()?;
            fs::write(path.with_extension("toml"), mapping)?;
            crate::world::import(program, &path)?;
            fs::remove_file(path)?;
            Ok(())
        };
    file(
        "deals",
        &mapping(
            "deals",
            "",
            &[
                ("name", "name"),
                ("amount", "amount"),
                ("status", "status"),
                ("close", "expected_close"),
            ],
            &[("owner", "owner_id", "email"), ("company", "company_id", "name")],
            "",
        ),
        "id,name,amount,status,close,contact,owner,company",
        &mut (0..some).map(|n| {
            let close = moment(r);
            format!(
                "{n},Deal {n},{},{},{},{},{},{}",
                r.below(90_000) + 100,
                r.pick(&["open", "open", "won", "lost"]),
                close.split('T').next().unwrap_or_default(),
                contact(r),
                owner(r),
                firm(r)
            )
        }),
    )?;
    file(
        "orders",
        &mapping(
            "orders",
            "group = true\nset = { kind = \"sale\", status = \"delivered\" }\n",
            &[("number", "number"), ("at", "ordered_at")],
            &[("company", "company_id", "name")],
            LINES,
        ),
        "id,number,at,contact,company,item,quantity,price",
        &mut (0..some).flat_map(|n| {
            let head = format!("{n},B-{n},{},{},{}", moment(r), contact(r), firm(r));
            [
                format!("{head},Saffron 5 g,{},4.50", r.below(20) + 1),
                format!("{head},Tea 500 g,{},7.25", r.below(9) + 1),
            ]
        }),
    )?;
    file(
        "activities",
        &mapping(
            "activities",
            "set = { kind = \"call\" }\n",
            &[("subject", "subject"), ("status", "status"), ("due", "due_at")],
            &[("owner", "owner_id", "email")],
            "",
        ),
        "id,subject,status,due,contact,owner",
        &mut (0..some).map(|n| {
            format!(
                "{n},Call back about offer {n},{},{},{},{}",
                r.pick(&["open", "done"]),
                moment(r),
                contact(r),
                owner(r)
            )
        }),
    )?;
    file(
        "interactions",
        &mapping(
            "interactions",
            "set = { kind = \"call\", channel = \"phone\", direction = \"out\" }\n",
            &[("subject", "subject"), ("at", "occurred_at"), ("body", "body")],
            &[],
            "",
        ),
        "id,subject,at,body,contact",
        &mut (0..some).map(|n| {
            format!(
                "{n},Call {n},{},گفت‌وگو دربارهٔ پیشنهاد و زمان تحویل,{}",
                moment(r),
                contact(r)
            )
        }),
    )?;
    file(
        "notes",
        &mapping("notes", "", &[("body", "body")], &[], ""),
        "id,body,contact",
        &mut (0..some / 2).map(|n| format!("{n},Asks for delivery before noon ({n}),{}", contact(r))),
    )
}
