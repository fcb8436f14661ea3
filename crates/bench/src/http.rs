//! A small HTTP client that keeps its connections, and load made of prepared requests.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

/// One connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A request, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Request(pub(crate) Vec<u8>);

impl Request {
    /// A request of the interface. `path` begins behind `/api/v1`; what has to be escaped in it is escaped.
    pub(crate) fn new(method: &str, path: &str, token: &str, body: &str) -> Self {
        let mut text = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        );
        if !body.is_empty() {
            text.push_str("Content-Type: application/json\r\n");
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        Self(text.into_bytes())
    }

    pub(crate) fn get(path: &str, token: &str) -> Self {
        Self::new("GET", path, token, "")
    }

    /// A request for a page, or for what its script asks for, of somebody who is signed in by a session.
    pub(crate) fn page(path: &str, session: &str, accept: &str) -> Self {
        let text = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: peyvand_session={session}\r\nAccept: {accept}\r\n\r\n"
        );
        Self(text.into_bytes())
    }
}

/// A text as it stands in a query string.
pub(crate) fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

impl Client {
    pub(crate) fn connect(to: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(to)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(1 << 17),
        })
    }

    /// Sends a request and gives status and body.
    pub(crate) fn ask(&mut self, request: &Request) -> Result<(u16, &[u8])> {
        self.stream.write_all(&request.0)?;
        self.buffer.clear();
        let mut chunk = vec![0u8; 1 << 15];
        let (head, length) = loop {
            let n = self.stream.read(&mut chunk)?;
            ensure!(n > 0, "the server closed the connection");
            self.buffer.extend_from_slice(chunk.get(..n).unwrap_or_default());
            if let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(self.buffer.get(..at).unwrap_or_default()).to_lowercase();
                let length = head
                    .lines()
                    .find_map(|l| l.strip_prefix("content-length:"))
                    .and_then(|v| v.trim().parse::<usize>().ok())
                    .context("an answer without a length")?;
                break (at + 4, length);
            }
        };
        while self.buffer.len() < head + length {
            let n = self.stream.read(&mut chunk)?;
            ensure!(n > 0, "the server closed the connection");
            self.buffer.extend_from_slice(chunk.get(..n).unwrap_or_default());
        }
        let status = std::str::from_utf8(self.buffer.get(9..12).unwrap_or_default())?.parse()?;
        Ok((status, self.buffer.get(head..head + length).unwrap_or_default()))
    }

    /// Asks and takes the answer as JSON; any status but success is an error.
    pub(crate) fn json(&mut self, request: &Request) -> Result<serde_json::Value> {
        let (status, body) = self.ask(request)?;
        if !(200..300).contains(&status) {
            bail!("{status}: {}", String::from_utf8_lossy(body));
        }
        Ok(serde_json::from_slice(body)?)
    }
}

/// What a load showed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Load {
    /// Requests per second.
    pub(crate) per_second: f64,
    /// Times of single requests in milliseconds, sorted.
    pub(crate) times: Vec<f64>,
}

impl Load {
    /// The time below which this share of the requests stayed, in milliseconds.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let at = ((self.times.len() as f64 * share) as usize).min(self.times.len().saturating_sub(1));
        self.times.get(at).copied().unwrap_or_default()
    }
}

/// Sends each of the requests once, over so many connections at a time.
pub(crate) fn load(to: SocketAddr, connections: usize, requests: &[Request]) -> Result<Load> {
    load_looked_at(to, connections, requests, &|_, _| Ok(()))
}

/// The same with a look at each body, told the place of its request; what it does not like ends the load. It takes time of
/// its own: what is measured is looked at beforehand.
pub(crate) fn load_looked_at(
    to: SocketAddr,
    connections: usize,
    requests: &[Request],
    look: &(dyn Fn(usize, &[u8]) -> Result<()> + Sync),
) -> Result<Load> {
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    let parts: Vec<Result<Vec<f64>>> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = Client::connect(to)?;
                    let mut times = Vec::with_capacity(requests.len() / connections * 2);
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        let Some(request) = requests.get(n) else { break };
                        let start = Instant::now();
                        let (status, body) = client.ask(request)?;
                        if !(200..300).contains(&status) {
                            bail!("{status}: {}", String::from_utf8_lossy(body));
                        }
                        times.push(start.elapsed().as_secs_f64() * 1e3);
                        look(n, body)?;
                    }
                    Ok(times)
                })
            })
            .collect();
        handles
            .into_iter()
            .map(|h| h.join().unwrap_or_else(|_| bail!("a thread of the load died")))
            .collect()
    });
    let seconds = begun.elapsed().as_secs_f64();
    let mut times = Vec::with_capacity(requests.len());
    for part in parts {
        times.extend(part?);
    }
    times.sort_by(f64::total_cmp);
    Ok(Load {
        per_second: times.len() as f64 / seconds,
        times,
    })
}

/// Several rounds of the same load; the round whose rate is the median, after one round that is thrown away.
pub(crate) fn rounds(
    to: SocketAddr,
    connections: usize,
    requests: &[Request],
    rounds: usize,
) -> Result<Load> {
    load(
        to,
        connections,
        requests.get(..requests.len() / 4).unwrap_or_default(),
    )?;
    let mut all: Vec<Load> = (0..rounds)
        .map(|_| load(to, connections, requests))
        .collect::<Result<_>>()?;
    all.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    let middle = all.len() / 2;
    Ok(all.swap_remove(middle))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A server that gives one answer to each of so many requests.
    fn always(answer: &'static str, times: usize) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            for _ in 0..times {
                let _ = stream.read(&mut [0; 4096]).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        at
    }

    #[test]
    fn a_load_ends_at_an_answer_that_is_not_right() {
        let requests = vec![Request::page("/contacts", "token", "text/html"); 3];
        let good = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes";
        assert_eq!(load(always(good, 3), 1, &requests).unwrap().times.len(), 3);
        // Whoever is not signed in is sent away.
        let away = "HTTP/1.1 303 See Other\r\nLocation: /sign-in\r\nContent-Length: 0\r\n\r\n";
        assert!(load(always(away, 3), 1, &requests).is_err());
        let look = |n: usize, body: &[u8]| {
            ensure!(body == b"yes" && n < 2, "no");
            Ok(())
        };
        assert!(load_looked_at(always(good, 3), 1, &requests[..2], &look).is_ok());
        assert!(load_looked_at(always(good, 3), 1, &requests, &look).is_err());
    }
}
