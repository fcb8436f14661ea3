//! The log on another machine: each line also goes to a syslog server, in the form of RFC 5424, by UDP (RFC 5426) or by TCP
//! with octet counting (RFC 6587). Nobody waits for that server: lines gather while it is away, and when there are too many,
//! how many were lost is the first thing that it is told.

use std::io::{self, Write};
use std::net::{TcpStream, ToSocketAddrs as _, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use peyvand_core::{Clock as _, SystemClock};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait at most.
const WAITING: usize = 10_000;
/// Longest message (RFC 5424 asks receivers for 2,048 at least; RFC 5426 warns of more than fits a datagram).
const LONGEST: usize = 8 * 1024;
/// Pause before the next try.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest time for a connection or a line.
const TIME: Duration = Duration::from_secs(5);
/// The end of the program waits for so long at most until all has been sent.
const LAST: Duration = Duration::from_secs(2);
/// The facility "system daemons", eight times.
const DAEMON: u8 = 3 * 8;

/// How lines get there.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Road {
    Udp(String),
    Tcp(String),
}

fn road(text: &str) -> Result<Road, String> {
    let known = |at: &str| {
        at.rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
    };
    match text.split_once("://") {
        Some(("udp", at)) if known(at) => Ok(Road::Udp(at.to_owned())),
        Some(("tcp", at)) if known(at) => Ok(Road::Tcp(at.to_owned())),
        _ => Err(format!("`{text}` is neither udp://host:port nor tcp://host:port")),
    }
}

enum Item {
    Line(Level, Vec<u8>),
    Flush(Sender<()>),
}

/// Where lines are handed over.
#[derive(Debug, Clone)]
pub(crate) struct Syslog {
    lines: SyncSender<Item>,
    lost: Arc<AtomicU64>,
}

/// One line on its way.
#[derive(Debug)]
pub(crate) struct Line {
    to: Syslog,
    level: Level,
}

impl Write for Line {
    /// A line comes in one piece.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let item = Item::Line(self.level, line.to_vec());
        if self.to.lines.try_send(item).is_err() {
            self.to.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Syslog {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line {
            to: self.clone(),
            level: Level::INFO,
        }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Line {
        Line {
            to: self.clone(),
            level: *about.level(),
        }
    }
}

impl Syslog {
    /// Begins to send to this server.
    ///
    /// # Errors
    /// What is wrong with the address.
    pub(crate) fn to(address: &str) -> Result<Self, String> {
        let road = road(address)?;
        let (lines, items) = sync_channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let of_thread = Arc::clone(&lost);
        std::thread::Builder::new()
            .name("syslog".to_owned())
            .spawn(move || carry(&road, &items, &of_thread))
            .map_err(|e| e.to_string())?;
        Ok(Self { lines, lost })
    }

    /// Waits until what has been said is sent, for a moment at most.
    pub(crate) fn flush(&self) {
        let (done, sent) = channel();
        if self.lines.try_send(Item::Flush(done)).is_ok() {
            // Gone or late: the program ends all the same.
            let _ = sent.recv_timeout(LAST);
        }
    }
}

const fn severity(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

/// The name of this machine as the header may hold it.
fn host() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = String::new();
    let plain: String = name.chars().filter(char::is_ascii_graphic).take(255).collect();
    if plain.is_empty() { "-".to_owned() } else { plain }
}

/// A message of RFC 5424: the line without its end, one line whatever stands in it.
fn message(level: Level, at: &str, host: &str, line: &[u8]) -> Vec<u8> {
    let id = std::process::id();
    let mut out = format!("<{}>1 {at} {host} peyvand {id} - - ", DAEMON + severity(level)).into_bytes();
    let text = String::from_utf8_lossy(line);
    for c in text.trim_end_matches('\n').chars() {
        if out.len() + c.len_utf8() > LONGEST {
            break;
        }
        let c = if c.is_control() { ' ' } else { c };
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out
}

/// What is open at the moment.
enum Open {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

fn connect(road: &Road) -> io::Result<Open> {
    let (Road::Udp(at) | Road::Tcp(at)) = road;
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in at.to_socket_addrs()? {
        let opened = match road {
            Road::Udp(_) => {
                let own = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                UdpSocket::bind(own).and_then(|s| s.connect(address).map(|()| Open::Udp(s)))
            }
            Road::Tcp(_) => TcpStream::connect_timeout(&address, TIME).and_then(|s| {
                s.set_write_timeout(Some(TIME))?;
                Ok(Open::Tcp(s))
            }),
        };
        match opened {
            Ok(o) => return Ok(o),
            Err(e) => last = e,
        }
    }
    Err(last)
}

fn send(open: &mut Open, message: &[u8]) -> io::Result<()> {
    match open {
        Open::Udp(s) => s.send(message).map(drop),
        Open::Tcp(s) => {
            // A server that has closed says so only to who reads; what is written to it is lost without a word.
            s.set_nonblocking(true)?;
            let closed = matches!(s.peek(&mut [0]), Ok(0));
            s.set_nonblocking(false)?;
            if closed {
                return Err(io::Error::from(io::ErrorKind::ConnectionReset));
            }
            let mut framed = format!("{} ", message.len()).into_bytes();
            framed.extend_from_slice(message);
            s.write_all(&framed)
        }
    }
}

fn carry(road: &Road, items: &Receiver<Item>, lost: &AtomicU64) {
    let clock = SystemClock::default();
    let host = host();
    let mut open: Option<Open> = None;
    let mut deliver = |level: Level, line: &[u8]| {
        let message = message(level, &clock.now().to_string(), &host, line);
        loop {
            let sent = match &mut open {
                Some(o) => send(o, &message),
                None => connect(road).and_then(|mut o| {
                    send(&mut o, &message)?;
                    open = Some(o);
                    Ok(())
                }),
            };
            match sent {
                Ok(()) => return,
                Err(_) if open.take().is_some() => {}
                Err(_) => std::thread::sleep(PAUSE),
            }
        }
    };
    for item in items {
        match item {
            Item::Line(level, line) => {
                let gone = lost.swap(0, Ordering::Relaxed);
                if gone > 0 {
                    deliver(
                        Level::WARN,
                        format!("{gone} lines of the log were lost").as_bytes(),
                    );
                }
                deliver(level, &line);
            }
            Item::Flush(done) => drop(done.send(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_the_form_of_the_standard() {
        let at = "2026-11-22T08:30:00.000000Z";
        let m = String::from_utf8(message(
            Level::WARN,
            at,
            "host",
            "a\nb \u{1b}[31m سلام\n".as_bytes(),
        ))
        .unwrap();
        let id = std::process::id();
        assert_eq!(m, format!("<28>1 {at} host peyvand {id} - - a b  [31m سلام"));
        assert!(message(Level::ERROR, at, "h", b"x").starts_with(b"<27>1 "));
        assert!(message(Level::INFO, at, "h", b"x").starts_with(b"<30>1 "));
        let long = message(Level::INFO, at, "h", "ش".repeat(LONGEST).as_bytes());
        assert!(long.len() <= LONGEST && String::from_utf8(long).is_ok());
    }

    #[test]
    fn roads_are_read() {
        assert_eq!(
            road("udp://log.example.com:514"),
            Ok(Road::Udp("log.example.com:514".to_owned()))
        );
        assert_eq!(road("tcp://[::1]:601"), Ok(Road::Tcp("[::1]:601".to_owned())));
        for bad in [
            "",
            "log.example.com:514",
            "tls://h:1",
            "tcp://h",
            "udp://:514",
            "tcp://h:x",
        ] {
            assert!(road(bad).is_err(), "{bad}");
        }
    }
}
