//! Records: lists, search, writing, memory and start, on one database.

use std::time::Instant;

use anyhow::{Context as _, Result};
use peyvand_core::random::SplitMix;
use peyvand_demo::names;
use peyvand_store_postgres::limits::BareReader as PostgresReader;
use peyvand_store_sqlite::limits::BareReader as SqliteReader;
use serde_json::{Value, json};

use crate::figure::{Figure, Goal, median, number};
use crate::http::{Client, Request, escaped, load, rounds};
use crate::server::Server;
use crate::world::{CityPage, World};

/// Different requests of a load.
pub(crate) const DIFFERENT: usize = 10_000;

/// The share of a goal that an engine has to reach.
fn share(world: &World) -> f64 {
    if world.program.database == "sqlite" {
        1.0
    } else {
        0.5
    }
}

fn name(world: &World) -> &'static str {
    if world.program.database == "sqlite" {
        "SQLite"
    } else {
        "PostgreSQL"
    }
}

pub(crate) fn at(world: &World) -> String {
    format!("{}, {} contacts", name(world), number(world.rows as f64))
}

/// Start, and memory before and after the loads.
pub(crate) fn start(world: &World) -> Result<Vec<Figure>> {
    let mut seconds = Vec::new();
    let mut idle = Vec::new();
    let mut own = Vec::new();
    for _ in 0..5 {
        let (server, s) = world.serve()?;
        seconds.push(s * 1e3);
        std::thread::sleep(std::time::Duration::from_secs(1));
        let (pss, anon) = server.memory()?;
        idle.push(pss);
        own.push(anon);
    }
    let goal = if world.rows > 100_000 { 300.0 } else { 100.0 };
    let binary = std::fs::metadata(&world.program.path)?.len() as f64 / 1e6;
    Ok(vec![
        Figure::new(
            "start",
            format!("start to first answer, a list ({})", at(world)),
            "ms",
            median(&mut seconds),
        )
        .goal(Goal::AtMost(goal)),
        Figure::new(
            "start",
            format!("memory at rest, PSS ({})", at(world)),
            "MiB",
            median(&mut idle),
        )
        .goal(Goal::AtMost(40.0))
        .note(format!("of it not of a file: {} MiB", number(median(&mut own)))),
        Figure::new("start", "size of the program", "MB", binary).goal(Goal::AtMost(40.0)),
    ])
}

/// Lists of fifty.
pub(crate) async fn list(world: &World, server: &Server) -> Result<Vec<Figure>> {
    let pages = world.pages(server)?;
    let cities: Vec<&str> = pages.iter().map(|p| p.path.as_str()).collect();
    let requests = World::lists(&cities, &world.readers, true, DIFFERENT);
    let many = rounds(server.address, 16, &requests, 3)?;
    let one = rounds(server.address, 1, requests.get(..2_000).unwrap_or(&requests), 3)?;
    let share = share(world);
    let mut out = vec![
        Figure::new(
            "list",
            format!(
                "list of 50: city, newest first, total; 16 connections, {} different requests ({})",
                number(requests.len() as f64),
                at(world)
            ),
            "requests/s",
            many.per_second,
        )
        .goal(Goal::AtLeast(5_000.0 * share)),
        Figure::new(
            "list",
            format!("the same, p99 ({})", at(world)),
            "ms",
            many.percentile(0.99),
        )
        .goal(Goal::AtMost(10.0 / share)),
    ];
    let single = |what: &str, value: f64, bare: f64| {
        Figure::new(
            "list",
            format!("{what}, 1 connection, p50 ({})", at(world)),
            "ms",
            value,
        )
        .beside(bare, Goal::AtMost(2.5))
    };
    out.push(single(
        "the same",
        one.percentile(0.5),
        bare_list(world, &pages, true).await?,
    ));
    let all = World::lists(&cities, std::slice::from_ref(&world.admin), false, 1_000);
    out.push(single(
        "the same without the total",
        rounds(server.address, 1, &all, 3)?.percentile(0.5),
        bare_list(world, &pages, false).await?,
    ));
    let newest = world.newest(server)?;
    let newest: Vec<&str> = newest.iter().map(String::as_str).collect();
    for (what, paths) in [("the newest 50", &newest), ("the newest 50 of a city", &cities)] {
        for total in [false, true] {
            out.push(of_a_team(world, server, what, paths, total)?);
        }
    }
    Ok(out)
}

/// The same questions of salespeople who see their team's records, beside the administrator's.
fn of_a_team(world: &World, server: &Server, what: &str, paths: &[&str], total: bool) -> Result<Figure> {
    let p50 = |tokens: &[String]| -> Result<f64> {
        let requests = World::lists(paths, tokens, total, 1_000);
        Ok(rounds(server.address, 1, &requests, 3)?.percentile(0.5))
    };
    let with = if total { " with the total" } else { "" };
    let what = format!(
        "{what}{with} under a role that reaches its team, p50, beside the administrator's ({})",
        at(world)
    );
    let chief = p50(std::slice::from_ref(&world.admin))?;
    Ok(Figure::new("list", what, "ms", p50(&world.sellers)?).beside(chief, Goal::AtMost(1.3)))
}

/// Milliseconds of the bare query with JSON by hand, and with the total or without.
pub(crate) async fn bare_list(world: &World, pages: &[CityPage], total: bool) -> Result<f64> {
    let mut sqlite = None;
    let mut postgres = None;
    if world.program.database == "sqlite" {
        sqlite = Some(SqliteReader::open(&world.program.data.join("peyvand.db"))?);
    } else {
        postgres = Some(PostgresReader::open(&world.program.database).await?);
    }
    let mut r = SplitMix::new(5);
    let mut body = Vec::new();
    let mut times = Vec::new();
    for n in 0..2_000 {
        let page = r.pick::<CityPage>(pages);
        let (city, before) = (peyvand_text::fold(page.city), page.before);
        let begun = Instant::now();
        if let Some(reader) = &sqlite {
            reader.contacts_of_city(1, &city, before, total, &mut body)?;
        }
        if let Some(reader) = &mut postgres {
            reader
                .contacts_of_city(1, &city, before, total, &mut body)
                .await?;
        }
        if n >= 200 {
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    anyhow::ensure!(body.len() > 1_000, "the bare query found nothing");
    Ok(median(&mut times))
}

/// What people type who look for somebody: words and pieces of words.
pub(crate) fn terms(count: usize) -> Vec<String> {
    let mut r = SplitMix::new(3);
    let mut out = std::collections::BTreeSet::new();
    while out.len() < count {
        let persian = r.chance(40);
        let (given, family) = if persian {
            (
                r.pick(peyvand_demo::names::WOMEN).0,
                r.pick(peyvand_demo::names::FAMILIES).0,
            )
        } else {
            (
                *r.pick(peyvand_demo::names::WOMEN_EN),
                *r.pick(peyvand_demo::names::FAMILIES_EN),
            )
        };
        let letters = 2 + r.below(4) as usize;
        let piece: String = family.chars().take(letters).collect();
        let inner: String = family.chars().skip(1).take(letters + 1).collect();
        let n = r.below(99_999) + 1;
        out.insert(match r.below(6) {
            0 => piece,
            1 => inner,
            2 | 3 => format!("{given} {piece}"),
            4 => format!("{family}{n}"),
            _ => format!("{given} {family}"),
        });
    }
    out.into_iter().collect()
}

/// Search as it is typed.
pub(crate) fn search(world: &World, server: &Server) -> Result<Vec<Figure>> {
    let mut r = SplitMix::new(13);
    let requests: Vec<Request> = terms(1_500)
        .iter()
        .map(|t| {
            Request::get(
                &format!("/contacts?q={}&limit=20", escaped(t)),
                r.pick::<String>(&world.readers),
            )
        })
        .collect();
    let one = rounds(server.address, 1, &requests, 3)?;
    let many = rounds(server.address, 16, &requests, 3)?;
    let share = share(world);
    Ok(vec![
        Figure::new(
            "search",
            format!(
                "search as typed, {} different texts, p50 ({})",
                requests.len(),
                at(world)
            ),
            "ms",
            one.percentile(0.5),
        )
        .goal(Goal::AtMost(1.5 / share)),
        Figure::new(
            "search",
            format!("the same, p95 ({})", at(world)),
            "ms",
            one.percentile(0.95),
        )
        .goal(Goal::AtMost(20.0 / share)),
        Figure::new(
            "search",
            format!("the same, 16 connections ({})", at(world)),
            "requests/s",
            many.per_second,
        ),
    ])
}

/// The body of a new contact, with a name as common as those of the imported ones.
pub(crate) fn body(n: usize) -> String {
    let mut r = SplitMix::new(n as u64);
    let (given, family) = (r.pick(names::WOMEN), r.pick(names::FAMILIES));
    json!({
        "name": {"given": given.0, "family": family.0},
        "emails": [format!("{}.{n}@example.net", given.1.to_lowercase().replace(' ', ""))],
        "phones": [format!("+98935{n:07}")],
        "job_title": "Buyer", "city": "تهران", "country": "IR", "lifecycle": "acquired",
        "description": "آشنایی در نمایشگاه، پیگیری تلفنی لازم است",
    })
    .to_string()
}

/// Durable creates, and a deal that moves on.
pub(crate) fn write(world: &World, server: &Server, limits: Option<(f64, f64)>) -> Result<Vec<Figure>> {
    let share = share(world);
    let mut out = Vec::new();
    let mut next = 0;
    for (connections, goal) in [(4, 6_000.0), (16, 10_000.0)] {
        let mut rates = Vec::new();
        let mut slow = Vec::new();
        for _ in 0..3 {
            let requests: Vec<Request> = (0..4_000)
                .map(|_| {
                    next += 1;
                    Request::new("POST", "/contacts", &world.admin, &body(next))
                })
                .collect();
            let l = load(server.address, connections, &requests)?;
            rates.push(l.per_second);
            slow.push(l.percentile(0.99));
        }
        let f = Figure::new(
            "create",
            format!(
                "contacts made over HTTP, durable, {connections} connections ({})",
                at(world)
            ),
            "per s",
            median(&mut rates),
        )
        .goal(Goal::AtLeast(goal * share))
        .note(format!("p99 {} ms", number(median(&mut slow))));
        out.push(match limits {
            None => f,
            Some((four, _)) if connections == 4 => f.beside(four, Goal::AtLeast(0.5)),
            Some((_, sixteen)) => f.beside(sixteen, Goal::AtLeast(0.5)),
        });
    }
    let mut client = Client::connect(server.address)?;
    let mut post = |path: &str, body: Value| -> Result<String> {
        let made = client.json(&Request::new("POST", path, &world.admin, &body.to_string()))?;
        Ok(made
            .get("id")
            .and_then(Value::as_str)
            .context("no id")?
            .to_owned())
    };
    let pipeline = post("/pipelines", json!({"name": "Sales"}))?;
    let mut stages = Vec::new();
    for name in ["new", "offer", "talks"] {
        stages.push(post("/stages", json!({"name": name, "pipeline_id": pipeline}))?);
    }
    let mut deals = Vec::new();
    for n in 0..500 {
        deals.push(post(
            "/deals",
            json!({"name": format!("Deal {n}"), "pipeline_id": pipeline, "stage_id": stages.first()}),
        )?);
    }
    let mut times = Vec::new();
    for stage in stages.iter().skip(1).chain(stages.iter().take(1)) {
        for deal in &deals {
            let request = Request::new(
                "PATCH",
                &format!("/deals/{deal}"),
                &world.admin,
                &json!({"stage_id": stage}).to_string(),
            );
            let begun = Instant::now();
            client.json(&request)?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    out.push(
        Figure::new(
            "create",
            format!("stage of a deal changed, p50 ({})", at(world)),
            "ms",
            median(&mut times),
        )
        .goal(Goal::AtMost(0.35 / share)),
    );
    Ok(out)
}

/// Memory behind the loads.
pub(crate) fn memory(world: &World, server: &Server) -> Result<Figure> {
    let (pss, own) = server.memory()?;
    Ok(Figure::new(
        "memory",
        format!("memory after the loads, PSS ({})", at(world)),
        "MiB",
        pss,
    )
    .goal(Goal::AtMost(150.0))
    .note(format!("of it not of a file: {} MiB", number(own))))
}

/// How fast the entries that an import left behind get their seals; nothing when an earlier run has sealed them.
pub(crate) async fn sealing(world: &World) -> Result<Option<Figure>> {
    let (sealed, seconds) = world.settle().await?;
    Ok((sealed as usize > world.rows).then(|| {
        Figure::new(
            "import",
            format!(
                "entries of the log and events sealed behind the import ({})",
                at(world)
            ),
            "per s",
            sealed as f64 / seconds.max(0.001),
        )
    }))
}

/// The import that made the database.
pub(crate) fn import(world: &World, bare: Option<f64>) -> Vec<Figure> {
    let number_of = |key: &str| world.import.get(key).and_then(Value::as_f64).unwrap_or_default();
    let rate = number_of("rows") / number_of("seconds").max(0.001);
    let goal = if world.rows > 100_000 { 18_000.0 } else { 25_000.0 } * share(world);
    let f = Figure::new(
        "import",
        format!("import of contacts ({})", at(world)),
        "rows/s",
        rate,
    )
    .goal(Goal::AtLeast(goal));
    let mut out = vec![match bare {
        Some(b) => f.beside(b, Goal::AtLeast(0.7)),
        None => f,
    }];
    if world.bytes.1 > 0 {
        out.push(
            Figure::new(
                "import",
                format!(
                    "bytes of a contact, with company, points, search, audit ({})",
                    at(world)
                ),
                "bytes",
                (world.bytes.1 - world.bytes.0) as f64 / world.rows as f64,
            )
            .goal(Goal::AtMost(3_000.0)),
        );
    }
    out
}
