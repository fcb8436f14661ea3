//! The pages as browsers ask for them: lists, the palette, a board of deals; what a person sees of them is in `browser.rs`.

use anyhow::{Context as _, Result, bail, ensure};
use peyvand_app::Visit;
use peyvand_app::sign_in::SignIn;
use peyvand_core::random::SplitMix;
use serde_json::{Value, json};

use crate::browser;
use crate::figure::{Figure, Goal, number};
use crate::http::{Client, Load, Request, escaped, load, load_looked_at, rounds};
use crate::records::{DIFFERENT, at, bare_list, terms};
use crate::server::Server;
use crate::world::{CHIEF, CityPage, READERS, World, app, drawn, engine, reader, whole};

/// What a row of a list begins with.
const ROW: &[u8] = b"<tr id=\"r-";
/// What a card of a board begins with.
const CARD: &[u8] = b"<article class=\"card";
/// Deals of the board.
const DEALS: usize = 2_000;
/// Stages of its pipeline.
const STAGES: usize = 5;
/// Cards of a column that are drawn at once.
const CARDS: usize = 60;
/// Milliseconds in which a list page is there, and whatever is done on it.
pub(crate) const SOON: f64 = 100.0;
/// Milliseconds from a key to what the palette has found.
pub(crate) const AT_ONCE: f64 = 50.0;
/// Milliseconds in which the board is there.
pub(crate) const BOARD: f64 = 300.0;

/// The sessions of the people who ask.
struct Sessions {
    admin: String,
    readers: Vec<String>,
}

impl Sessions {
    /// Everybody comes in by a link, as one that the administrator gives.
    async fn open(world: &World) -> Result<Self> {
        let app = app(&world.program, engine(&world.program).await?)?;
        let w = app.workspace(None).await?;
        let come = async |email: &str| -> Result<String> {
            let link = app.create_sign_in_link(&w, email).await?;
            match app.sign_in_by_link(&link, &Visit::default()).await? {
                SignIn::Done(opened) => Ok(opened.token),
                SignIn::NeedsCode(_) => bail!("a one-time code is asked for"),
            }
        };
        let admin = come(CHIEF).await?;
        let mut readers = Vec::new();
        for n in 0..READERS {
            readers.push(come(&reader(n)).await?);
        }
        app.store.engine().close().await;
        Ok(Self { admin, readers })
    }

    fn reader(&self, n: usize) -> &str {
        self.readers.get(n % READERS).map_or(&self.admin, String::as_str)
    }
}

/// Is there as much on a page as there should be? A page of nothing is never right: it would be a quick one.
fn holds(what: &str, body: &[u8], mark: &[u8], wanted: usize) -> Result<()> {
    let found = body.windows(mark.len()).filter(|w| *w == mark).count();
    ensure!(
        found > 0 && found == wanted,
        "a page has {found} {what} instead of {wanted}"
    );
    Ok(())
}

/// What a path says of a page that is not the first.
const CURSOR: &str = "&cursor=";
/// Rows that a list begins with.
const FIRST: usize = 25;

/// Rows of a page of a list.
fn shown(page: &CityPage) -> usize {
    if page.path.contains(CURSOR) {
        page.rows
    } else {
        page.rows.min(FIRST)
    }
}

/// A figure of this bench.
pub(crate) fn figure(what: impl Into<String>, unit: &'static str, value: f64) -> Figure {
    Figure::new("pages", what, unit, value)
}

/// The figures of this subject.
pub(crate) async fn run(world: &World) -> Result<Vec<Figure>> {
    let sessions = Sessions::open(world).await?;
    let (server, _) = world.serve()?;
    let pages = world.pages(&server)?;
    let mut out = list(world, &server, &sessions, &pages).await?;
    out.extend(palette(world, &server, &sessions)?);
    let board = pipeline(world, &server)?;
    out.extend(cards(world, &server, &sessions, &board)?);
    // What a browser waits for is a list as people open it; what is further down comes by itself while it is read.
    let opened = pages.iter().filter(|p| !p.path.contains(CURSOR));
    let opened: Vec<&str> = opened.map(|p| p.path.as_str()).collect();
    out.extend(browser::run(world, &server, &sessions.admin, &opened, &board)?);
    Ok(out)
}

/// Lists, beside what programs are given of the same records and beside the bare query.
async fn list(
    world: &World,
    server: &Server,
    sessions: &Sessions,
    pages: &[CityPage],
) -> Result<Vec<Figure>> {
    let asked = drawn(pages.len(), READERS, DIFFERENT);
    let of = |(page, reader): &(usize, usize)| Some((pages.get(*page)?, *reader));
    let html: Vec<Request> = asked
        .iter()
        .filter_map(of)
        .map(|(page, reader)| Request::page(&page.path, sessions.reader(reader), "text/html"))
        .collect();
    let json: Vec<Request> = asked
        .iter()
        .filter_map(of)
        .filter_map(|(page, reader)| Some(Request::get(&whole(&page.path), world.readers.get(reader)?)))
        .collect();
    load_looked_at(server.address, 16, &html, &|n, body| {
        let wanted = asked.get(n).and_then(of).map_or(0, |(page, _)| shown(page));
        holds("rows", body, ROW, wanted)
    })?;
    let many = rounds(server.address, 16, &html, 3)?;
    let some = |all: &[Request]| all.get(..2_000).unwrap_or(all).to_vec();
    let page = rounds(server.address, 1, &some(&html), 3)?.percentile(0.5);
    let data = rounds(server.address, 1, &some(&json), 3)?.percentile(0.5);
    let single = |beside: &str, limit: f64| {
        let what = format!("the same, 1 connection, p50, beside {beside} ({})", at(world));
        figure(what, "ms", page).beside(limit, Goal::None)
    };
    Ok(vec![
        figure(
            format!(
                "list page: 50 of a city, newest first, total; 16 connections, {} different requests ({})",
                number(html.len() as f64),
                at(world)
            ),
            "requests/s",
            many.per_second,
        )
        .goal(Goal::AtLeast(6_000.0)),
        figure(
            format!("the same, p99 ({})", at(world)),
            "ms",
            many.percentile(0.99),
        ),
        single("the same records as JSON", data),
        single("the bare query", bare_list(world, pages, true).await?),
    ])
}

/// Does an answer of the palette hold a record?
fn holds_record(body: &[u8]) -> Result<bool> {
    let answer: Value = serde_json::from_slice(body).context("the palette gives no JSON")?;
    let groups = answer.get("groups").and_then(Value::as_array);
    let groups = groups.context("the palette gives no groups")?;
    let mut items = groups.iter().filter_map(|g| g.get("items")?.as_array()).flatten();
    Ok(items.any(|i| {
        let to = i.get("to").and_then(Value::as_str).unwrap_or_default();
        to.starts_with("/contacts/") && to != "/contacts/new"
    }))
}

/// What the palette asks at each key.
fn palette(world: &World, server: &Server, sessions: &Sessions) -> Result<Vec<Figure>> {
    let texts = terms(1_500);
    let requests: Vec<Request> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let path = format!("/lookup?q={}", escaped(text));
            Request::page(&path, sessions.reader(n), "application/json")
        })
        .collect();
    let found = std::sync::atomic::AtomicUsize::new(0);
    load_looked_at(server.address, 16, &requests, &|_, body| {
        let n = usize::from(holds_record(body)?);
        found.fetch_add(n, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    })?;
    let found = found.into_inner();
    ensure!(
        found > requests.len() / 10,
        "the palette finds contacts for {found} of {} texts",
        requests.len()
    );
    let one = rounds(server.address, 1, &requests, 3)?;
    let shown = |what: String, share: f64| {
        figure(format!("{what} ({})", at(world)), "ms", one.percentile(share)).goal(Goal::AtMost(AT_ONCE))
    };
    Ok(vec![
        shown(
            format!("palette, a key, {} different texts, p50", requests.len()),
            0.5,
        )
        .note(format!("{found} of them find contacts")),
        shown("the same, p95".to_owned(), 0.95),
    ])
}

/// Makes a pipeline whose deals are the newest of all, and gives the path of its board.
fn pipeline(world: &World, server: &Server) -> Result<String> {
    let mut client = Client::connect(server.address)?;
    let mut made = |path: &str, body: &Value| -> Result<String> {
        let answer = client.json(&Request::new("POST", path, &world.admin, &body.to_string()))?;
        let id = answer.get("id").and_then(Value::as_str).context("no id")?;
        Ok(id.to_owned())
    };
    let pipeline = made("/pipelines", &json!({"name": "Large contracts"}))?;
    let mut stages = Vec::new();
    for n in 0..STAGES {
        let body = json!({"name": format!("Stage {n}"), "pipeline_id": pipeline, "position": n});
        stages.push(made("/stages", &body)?);
    }
    let filter = escaped("company_id != null and owner_id != null");
    let contacts = client.json(&Request::get(
        &format!("/contacts?filter={filter}&limit=200"),
        &world.admin,
    ))?;
    let contacts = contacts.get("data").and_then(Value::as_array);
    let contacts = contacts
        .filter(|c| !c.is_empty())
        .context("nobody to deal with")?;
    let mut r = SplitMix::new(19);
    let deals: Vec<Request> = (0..DEALS)
        .map(|n| {
            let contact = r.pick::<Value>(contacts);
            let body = json!({
                "name": format!("Contract {n}"), "pipeline_id": pipeline, "stage_id": stages.get(n % STAGES),
                "contact_id": contact.get("id"), "company_id": contact.get("company_id"),
                "owner_id": contact.get("owner_id"),
                "amount": {"amount": (r.below(900) * 1_000_000).to_string(), "currency": "IRR"},
                "expected_close": format!("2027-{:02}-{:02}", 1 + r.below(12), 1 + r.below(28)),
                "next_step": "ارسال پیش‌نویس قرارداد",
            });
            Request::new("POST", "/deals", &world.admin, &body.to_string())
        })
        .collect();
    load(server.address, 4, &deals)?;
    Ok(format!("/deals/board?pipeline={pipeline}"))
}

/// The board, asked for by one after the other.
fn cards(world: &World, server: &Server, sessions: &Sessions, board: &str) -> Result<Vec<Figure>> {
    let requests: Vec<Request> = (0..40)
        .map(|n| Request::page(board, sessions.reader(n), "text/html"))
        .collect();
    load_looked_at(server.address, 1, &requests, &|_, body| {
        holds("cards", body, CARD, STAGES * CARDS)
    })?;
    let load: Load = rounds(server.address, 1, &requests, 3)?;
    let what = format!(
        "board of {} deals in one pipeline, {STAGES} stages, p50 ({})",
        number(DEALS as f64),
        at(world)
    );
    Ok(vec![
        figure(what, "ms", load.percentile(0.5)).goal(Goal::AtMost(BOARD)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_lacks_is_seen() {
        let page =
            b"<tbody id=\"rows\"><tr id=\"r-1\"></tr><tr class=\"group\"></tr><tr id=\"r-2\"></tr></tbody>";
        let right = |body: &[u8], wanted| holds("rows", body, ROW, wanted).is_ok();
        assert!(right(page, 2));
        assert!(!right(page, 50));
        assert!(!right(b"<div class=\"empty\">", 2));
        assert!(!right(b"<div class=\"empty\">", 0));
        let answer = |to: &str| format!(r#"{{"groups": [{{"items": [{{"to": "{to}"}}]}}]}}"#);
        let found = |text: &str| holds_record(text.as_bytes());
        assert!(found(&answer("/contacts/019")).unwrap());
        assert!(!found(&answer("/contacts/new")).unwrap());
        assert!(!found(&answer("/contacts?q=a")).unwrap());
        assert!(found("<!doctype html>").is_err());
        assert!(found("{}").is_err());
    }
}
