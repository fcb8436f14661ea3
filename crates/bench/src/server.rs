//! The program as it is shipped, run as a child.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::http::{Client, Request};

/// Where the program and its data are.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// The binary.
    pub(crate) path: PathBuf,
    /// The data folder.
    pub(crate) data: PathBuf,
    /// `sqlite` or a URL.
    pub(crate) database: String,
}

impl Program {
    fn command(&self) -> Command {
        let mut c = Command::new(&self.path);
        c.arg("--data")
            .arg(&self.data)
            .arg("--database")
            .arg(&self.database);
        c.stdin(Stdio::null());
        c
    }

    /// Runs a command to its end, and gives what it printed.
    pub(crate) fn run(&self, words: &[&str]) -> Result<String> {
        let out = self
            .command()
            .args(words)
            .output()
            .with_context(|| self.path.display().to_string())?;
        ensure!(
            out.status.success(),
            "peyvand {}: {}",
            words.join(" "),
            String::from_utf8_lossy(&out.stderr)
        );
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    }

    /// Starts serving, and says how many seconds it took until the request was answered.
    pub(crate) fn serve(&self, first: &Request) -> Result<(Server, f64)> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let begun = Instant::now();
        let child = self
            .command()
            .args(["serve", "--listen"])
            .arg(address.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Server { child, address };
        loop {
            if let Ok(mut c) = Client::connect(address) {
                let (status, body) = c.ask(first)?;
                ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(body));
                return Ok((server, begun.elapsed().as_secs_f64()));
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended at once: {status}");
            }
            ensure!(
                begun.elapsed() < Duration::from_secs(60),
                "the server does not answer"
            );
            std::thread::sleep(Duration::from_micros(500));
        }
    }
}

/// A serving program; ended when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Its memory in MiB: all of it by share (PSS), and the part that is its own and not of a file.
    pub(crate) fn memory(&self) -> Result<(f64, f64)> {
        let text = std::fs::read_to_string(
            Path::new("/proc")
                .join(self.child.id().to_string())
                .join("smaps_rollup"),
        )?;
        let field = |name: &str| {
            text.lines()
                .find_map(|l| l.strip_prefix(name))
                .and_then(|v| v.split_whitespace().next())
                .and_then(|v| v.parse::<f64>().ok())
                .map(|kib| kib / 1024.0)
                .unwrap_or_default()
        };
        Ok((field("Pss:"), field("Pss_Anon:")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The ordinary end: the log is written back, as when the machine goes down.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        for _ in 0..100 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
