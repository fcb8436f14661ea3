//! The hot calls of `docs/hot-calls.md` on a large database beside a small one: each must take about as long on both.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::figure::{Figure, Goal, median, number};
use crate::http::{Client, Request, escaped, load};
use crate::people;
use crate::server::Server;
use crate::world::World;

/// Requests of one call; no two of them are equal, in what they ask for or in who asks.
const ASKED: usize = 400;

/// How a call is judged.
#[derive(Debug, Clone, Copy)]
enum Bound {
    /// By the same call on the small database.
    Size,
    /// By milliseconds: a search has to look at everything that begins alike, of which there is more in more.
    Milliseconds(f64),
}

/// A call, how it is judged, and what it asks for.
type Call = (&'static str, Bound, Vec<String>);

fn list(object: &str, filter: &str, sort: &str) -> String {
    if filter.is_empty() {
        format!("/{object}?sort={sort}&limit=50")
    } else {
        format!("/{object}?filter={}&sort={sort}&limit=50", escaped(filter))
    }
}

/// Values of records that the calls ask for.
struct Pool {
    records: Vec<Value>,
}

impl Pool {
    /// Some hundred records of an object, from all over it.
    fn of(client: &mut Client, token: &str, object: &str, filter: &str, sort: &str) -> Result<Self> {
        let answer = client.json(&Request::get(
            &format!("/{object}?filter={}&sort={sort}&limit=200", escaped(filter)),
            token,
        ))?;
        let records = answer
            .get("data")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        anyhow::ensure!(!records.is_empty(), "no {object} where {filter}");
        Ok(Self { records })
    }

    /// A path for each, with a value of it in the place of `{}`.
    fn paths(&self, field: &str, path: impl Fn(&str) -> String) -> Vec<String> {
        let values = self.records.iter().filter_map(|r| r.get(field)?.as_str());
        values.map(path).collect()
    }
}

/// A list and the pages behind it.
fn pages(client: &mut Client, token: &str, first: &str) -> Result<Vec<String>> {
    let mut out = vec![first.to_owned()];
    for _ in 0..40 {
        let last = out.last().map_or(first, String::as_str);
        let answer = client.json(&Request::get(last, token))?;
        let Some(cursor) = answer.get("next_cursor").and_then(Value::as_str) else {
            break;
        };
        out.push(format!("{first}&cursor={}", escaped(cursor)));
    }
    Ok(out)
}

fn calls(client: &mut Client, world: &World) -> Result<Vec<Call>> {
    let token = &world.admin;
    let mut of = |object: &str, filter: &str, sort: &str| Pool::of(client, token, object, filter, sort);
    let contacts = of("contacts", "company_id != null", "-created_at")?;
    let deals = of("deals", "contact_id != null", "-created_at")?;
    let orders = of("orders", "contact_id != null", "-created_at")?;
    let activities = of("activities", "contact_id != null", "-created_at")?;
    let interactions = of("interactions", "contact_id != null", "-created_at")?;
    let notes = of("notes", "contact_id != null", "-created_at")?;
    let companies = of("companies", "name != null", "name")?;
    let by = |pool: &Pool, field: &str, object: &'static str, column: &'static str, sort: &'static str| {
        pool.paths(field, |v| list(object, &format!("{column} = \"{v}\""), sort))
    };
    let cities = people::CITIES.iter().chain(people::CITIES_EN);
    let names = crate::records::terms(200);
    let mut out: Vec<Call> = Vec::new();
    let mut sized = |name, paths| out.push((name, Bound::Size, paths));
    sized("one contact", contacts.paths("id", |v| format!("/contacts/{v}")));
    sized(
        "newest contacts",
        pages(client, token, &list("contacts", "", "-created_at"))?,
    );
    sized(
        "contacts by name",
        pages(client, token, &list("contacts", "", "name"))?,
    );
    sized(
        "contacts by last touch",
        pages(client, token, &list("contacts", "", "-last_touch_at"))?,
    );
    sized(
        "contacts of a city",
        cities
            .map(|c| list("contacts", &format!("city = \"{c}\""), "-created_at"))
            .collect(),
    );
    sized(
        "contacts of a stage of life",
        people::STAGES
            .iter()
            .map(|s| list("contacts", &format!("lifecycle = {s}"), "-created_at"))
            .collect(),
    );
    sized(
        "contacts of an owner",
        by(&contacts, "owner_id", "contacts", "owner_id", "-created_at"),
    );
    sized(
        "contacts of a company",
        by(&contacts, "company_id", "contacts", "company_id", "-created_at"),
    );
    sized(
        "companies by name",
        pages(client, token, &list("companies", "", "name"))?,
    );
    sized(
        "companies of a name",
        by(&companies, "name", "companies", "name", "-created_at"),
    );
    sized(
        "companies of an owner",
        by(&contacts, "owner_id", "companies", "owner_id", "-created_at"),
    );
    sized(
        "open deals of an owner",
        deals.paths("owner_id", |v| {
            list(
                "deals",
                &format!("owner_id = \"{v}\" and status = open"),
                "-created_at",
            )
        }),
    );
    sized(
        "deals of a contact",
        by(&deals, "contact_id", "deals", "contact_id", "-created_at"),
    );
    sized(
        "deals of a company",
        by(&deals, "company_id", "deals", "company_id", "-created_at"),
    );
    sized(
        "open deals by expected close",
        pages(client, token, &list("deals", "status = open", "expected_close"))?,
    );
    sized(
        "orders of a contact",
        by(&orders, "contact_id", "orders", "contact_id", "-ordered_at"),
    );
    sized(
        "orders of a company",
        by(&orders, "company_id", "orders", "company_id", "-ordered_at"),
    );
    sized(
        "lines of an order",
        by(&orders, "id", "order-lines", "order_id", "position"),
    );
    sized(
        "open activities of an owner",
        activities.paths("owner_id", |v| {
            list(
                "activities",
                &format!("owner_id = \"{v}\" and status = open"),
                "due_at",
            )
        }),
    );
    sized(
        "activities of a contact",
        by(&activities, "contact_id", "activities", "contact_id", "due_at"),
    );
    sized(
        "interactions of a contact",
        by(
            &interactions,
            "contact_id",
            "interactions",
            "contact_id",
            "-occurred_at",
        ),
    );
    sized(
        "notes of a contact",
        by(&notes, "contact_id", "notes", "contact_id", "-created_at"),
    );
    sized(
        "timeline of a contact",
        interactions.paths("contact_id", |v| format!("/contacts/{v}/timeline")),
    );
    sized(
        "audit entries of a contact",
        contacts.paths("id", |v| format!("/contacts/{v}/audit")),
    );
    let keys = (1..=ASKED).map(|n| format!("/contacts/by-key/bench/{}", n * (world.rows / ASKED).max(1)));
    sized("a contact by another system's key", keys.collect());
    let search = |text: &str| format!("/contacts?q={}&limit=20", escaped(text));
    let mut bounded = |name, paths| out.push((name, Bound::Milliseconds(20.0), paths));
    bounded("search: as typed", names.iter().map(|n| search(n)).collect());
    bounded(
        "search: a common name",
        vec![search("زهرا محمدی"), search("sadegh"), search("محمدی")],
    );
    bounded(
        "search: an address that nobody has",
        (0..100)
            .map(|n| search(&format!("ali.karimi{n}@example.com")))
            .collect(),
    );
    Ok(out)
}

/// A database that is served, and the calls of every day on it, each as it is asked by many.
struct Asked {
    server: Server,
    calls: Vec<(&'static str, Bound, Vec<Request>)>,
}

impl Asked {
    fn new(world: &World) -> Result<Self> {
        let (server, _) = world.serve()?;
        let mut client = Client::connect(server.address)?;
        let calls = calls(&mut client, world)?
            .into_iter()
            .map(|(name, bound, paths)| {
                let asker = |n: usize| world.readers.get(n % world.readers.len()).unwrap_or(&world.admin);
                let paths = paths.iter().cycle().take(ASKED).enumerate();
                (
                    name,
                    bound,
                    paths.map(|(n, path)| Request::get(path, asker(n))).collect(),
                )
            })
            .collect();
        Ok(Self { server, calls })
    }

    /// Milliseconds at the 95th percentile of one of the calls.
    fn p95(&self, call: usize) -> Result<f64> {
        let (name, _, requests) = self.calls.get(call).context("a call")?;
        let asked = || load(self.server.address, 1, requests).with_context(|| (*name).to_owned());
        // A core that slept takes longer to wake than a short call takes: the first requests wake it.
        asked()?;
        Ok(asked()?.percentile(0.95))
    }
}

/// The hot calls on a large database beside a small one. Both take turns, so that what else the machine does meets both
/// alike.
pub(crate) fn run(large: &World, small: &World) -> Result<Vec<Figure>> {
    let (big, little) = (Asked::new(large)?, Asked::new(small)?);
    let mut out = Vec::new();
    for (n, (name, bound, _)) in big.calls.iter().enumerate() {
        let (mut many, mut few) = (Vec::new(), Vec::new());
        for round in 0..6 {
            let (m, f) = (big.p95(n)?, little.p95(n)?);
            // The first round brings both into memory.
            if round > 0 {
                many.push(m);
                few.push(f);
            }
        }
        let figure = Figure::new(
            "hot",
            format!(
                "{name}, p95 at {} contacts beside {}",
                number(large.rows as f64),
                number(small.rows as f64)
            ),
            "ms",
            median(&mut many),
        );
        let few = median(&mut few);
        out.push(match bound {
            Bound::Size => figure.beside(few, Goal::AtMost(1.5)),
            Bound::Milliseconds(goal) => figure.beside(few, Goal::None).goal(Goal::AtMost(*goal)),
        });
    }
    Ok(out)
}
