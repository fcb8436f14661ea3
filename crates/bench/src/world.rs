//! A database with many contacts, made by the product itself.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use peyvand_app::App;
use peyvand_app::people::NewUser;
use peyvand_core::random::SplitMix;
use peyvand_core::{Id, IdSource, SystemClock};
use peyvand_store::{Engine, Keys, Secret, Store};
use peyvand_store_postgres::PostgresEngine;
use peyvand_store_sqlite::{Options, SqliteEngine};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::http::{Client, Request, escaped};
use crate::people;
use crate::server::{Program, Server};

/// Users that read everything, beside the salespeople.
pub(crate) const READERS: usize = 300;
/// The address of the administrator.
pub(crate) const CHIEF: &str = "chief@firm.example.com";
/// Pages of a list that are asked for, of each city, spread over all that there are.
const PAGES: usize = 100;

/// The database and who may ask it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) program: Program,
    kept: Kept,
}

impl Deref for World {
    type Target = Kept;

    fn deref(&self) -> &Kept {
        &self.kept
    }
}

/// What is remembered beside a database, so that another run can use it again.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) rows: usize,
    /// What the import of the contacts reported.
    pub(crate) import: Value,
    /// Bytes of the database before and after the import; SQLite only.
    pub(crate) bytes: (u64, u64),
    pub(crate) admin: String,
    pub(crate) readers: Vec<String>,
    pub(crate) sellers: Vec<String>,
}

/// The address of a reader.
pub(crate) fn reader(n: usize) -> String {
    format!("reader{n}@firm.example.com")
}

/// An engine on the data of a program.
pub(crate) async fn engine(program: &Program) -> Result<Arc<dyn Engine>> {
    let engine: Arc<dyn Engine> = if program.database == "sqlite" {
        Arc::new(SqliteEngine::open(
            &program.data.join("peyvand.db"),
            &Options::default(),
        )?)
    } else {
        Arc::new(PostgresEngine::open(&program.database).await?)
    };
    engine.migrate().await?;
    Ok(engine)
}

/// The application on an engine, with the key of the data folder.
pub(crate) fn app(program: &Program, engine: Arc<dyn Engine>) -> Result<App> {
    let key = fs::read(program.data.join("instance.key"))?;
    let key = Secret::read(&key).context("the key of the instance")?;
    Ok(App::new(
        Arc::new(Store::new(engine, Keys::new(key))),
        Arc::new(SystemClock::default()),
        Arc::new(IdSource::default()),
    ))
}

/// The people who work with the contacts: an administrator, teams of salespeople, readers. Gives a token of each.
pub(crate) async fn staff(app: &App) -> Result<(String, Vec<String>, Vec<String>)> {
    let w = app.workspace(None).await?;
    let all = ["*".to_owned()];
    let mut teams = Vec::new();
    for n in 0..people::TEAMS {
        teams.push(app.create_team(&w, &people::team(n), None).await?);
    }
    let user = async |email: String, role: &str, team| -> Result<String> {
        let new = NewUser {
            name: email.clone(),
            email: email.clone(),
            role: role.to_owned(),
            active: true,
            team,
        };
        app.create_user(&w, &new).await?;
        Ok(app.create_token(&w, &email, "bench", &all).await?)
    };
    let mut sellers = Vec::new();
    for n in 0..people::TEAMS * people::PER_TEAM {
        let team = teams.get(n / people::PER_TEAM).copied();
        sellers.push(user(people::seller(n), "seller", team).await?);
    }
    let mut readers = Vec::new();
    for n in 0..READERS {
        readers.push(user(reader(n), "reader", None).await?);
    }
    let admin = user(CHIEF.to_owned(), "admin", None).await?;
    Ok((admin, sellers, readers))
}

impl World {
    /// Makes the database, or takes the one that an earlier run has kept; what it holds is imported by the program.
    pub(crate) async fn build(program: Program, rows: usize) -> Result<Self> {
        let kept = program.data.join("world.json");
        if let Ok(text) = fs::read_to_string(&kept) {
            let kept: Kept = serde_json::from_str(&text)?;
            anyhow::ensure!(
                kept.rows == rows,
                "{} holds {} contacts",
                program.data.display(),
                kept.rows
            );
            return Ok(Self { program, kept });
        }
        fs::create_dir_all(&program.data)?;
        program.run(&["admin", "create-workspace", "main"])?;
        let engine = engine(&program).await?;
        let (admin, sellers, readers) = staff(&app(&program, Arc::clone(&engine))?).await?;
        engine.close().await;
        drop(engine);
        let sqlite = program.database == "sqlite";
        let size = || -> Result<u64> {
            Ok(if sqlite {
                peyvand_store_sqlite::limits::size(&program.data.join("peyvand.db"))?
            } else {
                0
            })
        };
        let before = size()?;
        let file = program.data.join("contacts.csv");
        people::write(&file, rows)?;
        fs::write(file.with_extension("toml"), people::MAPPING)?;
        let import = import(&program, &file)?;
        let bytes = (before, size()?);
        let world = Kept {
            rows,
            import,
            bytes,
            admin,
            readers,
            sellers,
        };
        fs::write(kept, serde_json::to_string(&world)?)?;
        Ok(Self { program, kept: world })
    }

    /// Seals what the imports have left unsealed, as a server does in the background, so that it is not measured along
    /// with something else: how many entries, and in how many seconds.
    pub(crate) async fn settle(&self) -> Result<(u64, f64)> {
        let engine = engine(&self.program).await?;
        let app = app(&self.program, Arc::clone(&engine))?;
        let workspace = app.workspace(None).await?;
        let begun = Instant::now();
        let sealed = app.seal(&workspace).await?;
        let seconds = begun.elapsed().as_secs_f64();
        engine.close().await;
        Ok((sealed, seconds))
    }

    /// Serves, and says how many seconds the first answer took.
    pub(crate) fn serve(&self) -> Result<(Server, f64)> {
        self.program
            .serve(&Request::get("/contacts?limit=50&sort=-created_at", &self.admin))
    }

    /// Pages of each city's contacts, newest first, from the first to the last, as many as there are up to a bound. Were
    /// they the newest ones only, whoever sees everything would ask for the same few thousand records again and again,
    /// and whoever sees a part of them for other ones.
    pub(crate) fn pages(&self, server: &Server) -> Result<Vec<CityPage>> {
        let mut client = Client::connect(server.address)?;
        let mut pages = Vec::new();
        for city in people::CITIES.iter().chain(people::CITIES_EN) {
            let all = self.walk(&mut client, city)?;
            let step = all.len().div_ceil(PAGES).max(1);
            pages.extend(all.into_iter().step_by(step));
        }
        Ok(pages)
    }

    /// All pages of a city's contacts, newest first.
    fn walk(&self, client: &mut Client, city: &'static str) -> Result<Vec<CityPage>> {
        let filter = escaped(&format!("city = \"{city}\""));
        let first = format!("/contacts?filter={filter}&sort=-created_at");
        let (mut path, mut before) = (first.clone(), Id::from_bytes([0xFF; 16]));
        let mut pages = Vec::new();
        loop {
            let (ids, cursor) = self.ids(client, &path, 50)?;
            pages.push(CityPage {
                path,
                rows: ids.len(),
                city,
                before,
            });
            let Some(cursor) = cursor else { return Ok(pages) };
            path = format!("{first}&cursor={}", escaped(&cursor));
            before = ids.last().context("a page without ids")?.parse()?;
        }
    }

    /// Where pages of all contacts begin, newest first, from the newest to the oldest.
    pub(crate) fn newest(&self, server: &Server) -> Result<Vec<String>> {
        let mut client = Client::connect(server.address)?;
        let first = "/contacts?sort=-created_at";
        let mut paths = vec![first.to_owned()];
        while let Some(last) = paths.last()
            && let (_, Some(cursor)) = self.ids(&mut client, last, 200)?
        {
            paths.push(format!("{first}&cursor={}", escaped(&cursor)));
        }
        Ok(paths)
    }

    /// The ids of so many contacts from a place on, and the cursor behind them.
    fn ids(&self, client: &mut Client, path: &str, limit: usize) -> Result<(Vec<String>, Option<String>)> {
        let path = format!("{path}&fields=id&limit={limit}");
        let answer = client.json(&Request::get(&path, &self.admin))?;
        let text = |v: &Value| v.as_str().map(str::to_owned);
        let rows = answer.get("data").and_then(Value::as_array);
        let ids = rows
            .into_iter()
            .flatten()
            .filter_map(|r| text(r.get("id")?))
            .collect();
        Ok((ids, answer.get("next_cursor").and_then(text)))
    }

    /// Different requests of these people for pages that begin there: so many, or half of those that there are.
    pub(crate) fn lists(pages: &[&str], tokens: &[String], total: bool, count: usize) -> Vec<Request> {
        drawn(pages.len(), tokens.len(), count)
            .into_iter()
            .filter_map(|(page, token)| {
                let path = pages.get(page)?;
                let path = if total {
                    whole(path)
                } else {
                    format!("{path}&limit=50")
                };
                Some(Request::get(&path, tokens.get(token)?))
            })
            .collect()
    }
}

/// A page of a city's contacts.
#[derive(Debug)]
pub(crate) struct CityPage {
    /// Its path with its query.
    pub(crate) path: String,
    /// How many records it holds.
    pub(crate) rows: usize,
    /// The city.
    pub(crate) city: &'static str,
    /// The contact behind which it begins.
    pub(crate) before: Id,
}

/// The path of a page of a list as programs ask for it: as many records as a person sees, and how many there are in all.
pub(crate) fn whole(path: &str) -> String {
    format!("{path}&count=true&limit=50")
}

/// Different pairs of a page and an asker, in no order that the database could like: so many, or half of those that there are.
pub(crate) fn drawn(pages: usize, askers: usize, count: usize) -> Vec<(usize, usize)> {
    let mut r = SplitMix::new(7);
    let mut all = BTreeSet::new();
    while all.len() < count.min(pages * askers / 2) {
        all.insert((r.below(pages as u64) as usize, r.below(askers as u64) as usize));
    }
    let mut all: Vec<_> = all.into_iter().collect();
    for i in (1..all.len()).rev() {
        all.swap(i, r.below(i as u64 + 1) as usize);
    }
    all
}

/// Imports a file by the program, as the mapping beside it says, and gives its report.
pub(crate) fn import(program: &Program, file: &Path) -> Result<Value> {
    let mapping = file.with_extension("toml");
    let said = program.run(&[
        "--json",
        "import",
        "--mapping",
        &mapping.to_string_lossy(),
        &file.to_string_lossy(),
    ])?;
    let line = said.lines().last().context("the import reported nothing")?;
    let report: Value = serde_json::from_str(line)?;
    let outcomes = report
        .get("outcomes")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    for (outcome, n) in outcomes {
        // A file of which a part is left out would make all figures too good.
        anyhow::ensure!(
            outcome.ends_with(".created"),
            "{n} {outcome} of {}",
            file.display()
        );
    }
    Ok(report)
}
