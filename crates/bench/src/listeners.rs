//! What listeners of live events cost who have nothing to hear.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::figure::{Figure, Goal, number};
use crate::http::{Client, Request};
use crate::server::Server;
use crate::world::World;

/// Listeners that are measured.
const LISTENERS: usize = 200;
/// Listeners before them: what the first ones bring with them is not what each of them costs.
const FIRST: usize = 10;
/// Longer than the server takes to ask whether a listener is still let in, twice over.
const REST: Duration = Duration::from_secs(5);

/// A stream of live events.
struct Ear {
    stream: TcpStream,
    heard: String,
}

impl Ear {
    /// Begins to listen, and comes back when the server has said hello.
    fn open(to: SocketAddr, token: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(to)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        stream.write_all(&Request::get("/events", token).0)?;
        let mut ear = Self {
            stream,
            heard: String::new(),
        };
        ear.hears("event: hello")?;
        Ok(ear)
    }

    /// Reads until the words came.
    fn hears(&mut self, words: &str) -> Result<()> {
        let mut buffer = [0; 4096];
        while !self.heard.contains(words) {
            let n = self.stream.read(&mut buffer)?;
            ensure!(n > 0, "a stream ended before {words}: {}", self.heard);
            let more = String::from_utf8_lossy(buffer.get(..n).unwrap_or_default());
            self.heard.push_str(&more);
        }
        Ok(())
    }
}

/// The server's memory once it stands still: what the beginning took is given back only after a while, and a figure taken
/// before that would make listeners look cheaper than nothing.
fn settled(server: &Server) -> Result<(f64, f64)> {
    let mut last = server.memory()?;
    let mut still = 0;
    for _ in 0..24 {
        std::thread::sleep(REST);
        let now = server.memory()?;
        still = if (now.1 - last.1).abs() < 0.25 {
            still + 1
        } else {
            0
        };
        last = now;
        if still == 3 {
            return Ok(last);
        }
    }
    bail!("the memory of the server does not come to rest")
}

/// Memory of the server with the listeners less its memory without them; each of them signed in by a token of their own.
/// That they listen is shown in the end: each hears of a contact that is made.
pub(crate) fn run(world: &World, server: &Server) -> Result<Vec<Figure>> {
    let open = |tokens: &[String]| -> Result<Vec<Ear>> {
        tokens.iter().map(|t| Ear::open(server.address, t)).collect()
    };
    let (first, rest) = world
        .readers
        .split_at_checked(FIRST)
        .context("too few who could listen")?;
    let measured = rest.get(..LISTENERS).context("too few who could listen")?;
    let mut ears = open(first)?;
    let (before, own_before) = settled(server)?;
    ears.extend(open(measured)?);
    let (after, own_after) = settled(server)?;
    ensure!(
        own_after > own_before,
        "{LISTENERS} listeners cost nothing: {own_before} MiB, then {own_after}"
    );
    let contact = r#"{"name":"Somebody New"}"#;
    let made =
        Client::connect(server.address)?.json(&Request::new("POST", "/contacts", &world.admin, contact))?;
    let id = made.get("id").and_then(Value::as_str).context("no contact")?;
    for ear in &mut ears {
        ear.hears(id)?;
    }
    // MiB, as the system counts; the goal is in millions of bytes.
    let megabytes = |mib: f64| mib * 1024.0 * 1024.0 / 1e6;
    Ok(vec![
        Figure::new(
            "events",
            format!("{LISTENERS} idle listeners of live events, memory that is not of a file"),
            "MB",
            megabytes(own_after - own_before),
        )
        .goal(Goal::AtMost(20.0))
        .note(format!(
            "with what is in memory of the program and the database: {} MB",
            number(megabytes(after - before))
        )),
    ])
}
