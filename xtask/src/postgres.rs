//! A PostgreSQL server of the test run's own: made in a temporary folder, on a free port, gone afterwards.

use crate::child;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The version that the product is tested with, and the oldest that is taken in its place.
const WANTED: u32 = 15;
const OLDEST: u32 = 15;
const START_LIMIT: Duration = Duration::from_mins(1);
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// A running server; dropping it stops it and removes its folder.
pub(crate) struct Server {
    process: Child,
    url: String,
    // Dropped after the process has ended.
    _folder: TempDir,
}

impl Server {
    /// Finds or installs PostgreSQL, makes a cluster with the given locale and starts it.
    pub(crate) fn start(root: &Path, locale: &str) -> Result<Self> {
        // The cluster is thrown away after the run: no test here is about the loss of power under PostgreSQL.
        Self::start_with(
            root,
            locale,
            &["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
        )
    }

    /// The same, but what it acknowledges is on the disk, as in real use.
    pub(crate) fn start_durable(root: &Path, locale: &str) -> Result<Self> {
        Self::start_with(root, locale, &["shared_buffers=1GB", "max_wal_size=8GB"])
    }

    fn start_with(root: &Path, locale: &str, settings: &[&str]) -> Result<Self> {
        let programs = programs()?;
        let owner = Owner::choose(root)?;
        let folder = temporary_folder(root)?;
        owner.give(folder.path())?;
        let password = random_password()?;
        let password_file = folder.path().join("password");
        fs::write(&password_file, &password)?;
        owner.give(&password_file)?;
        let data = folder.path().join("data");
        initialise(&programs, &owner, &data, &password_file, locale)?;
        // Between the choice of a free port and its use somebody else may take it, hence a few attempts.
        let mut last = None;
        for _ in 0..5 {
            let port = free_port()?;
            match launch(&programs, &owner, folder.path(), &data, port, settings) {
                Ok(process) => {
                    let url = format!("postgres://peyvand:{password}@127.0.0.1:{port}/postgres");
                    return Ok(Self {
                        process,
                        url,
                        _folder: folder,
                    });
                }
                Err(error) if child::stopped() => return Err(error),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| anyhow::anyhow!("PostgreSQL did not start")))
    }

    /// The address with user and password; the user may create databases.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}

/// Who runs the server: PostgreSQL refuses to be run by root.
struct Owner {
    /// User and group number, when this program is root and has to step down.
    unprivileged: Option<(u32, u32)>,
}

impl Owner {
    fn choose(root: &Path) -> Result<Self> {
        if !is_root(root) {
            return Ok(Self { unprivileged: None });
        }
        let accounts =
            fs::read_to_string("/etc/passwd").context("cannot read the accounts of this machine")?;
        let number = |name: &str| {
            let line = accounts
                .lines()
                .find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        };
        let Some(ids) = number("postgres").or_else(|| number("nobody")) else {
            bail!(
                "PostgreSQL cannot run as root and there is neither a user postgres nor nobody: run as another user"
            );
        };
        Ok(Self {
            unprivileged: Some(ids),
        })
    }

    fn give(&self, path: &Path) -> Result<()> {
        if let Some((user, group)) = self.unprivileged {
            chown(path, Some(user), Some(group))
                .with_context(|| format!("cannot give away {}", path.display()))?;
        }
        Ok(())
    }

    /// A command run by the owner that gets SIGINT (a fast shutdown) if this program dies, even by SIGKILL.
    fn command(&self, program: &Path) -> Command {
        if !on_path("setpriv") {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        if let Some((user, group)) = self.unprivileged {
            command.args([
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".to_owned(),
            ]);
        }
        command.args(["--pdeathsig", "INT", "--"]).arg(program);
        command
    }
}

/// A process of root owns its own entry in /proc; where there is no /proc, the owner of the checkout is the best guess.
fn is_root(root: &Path) -> bool {
    fs::metadata("/proc/self")
        .or_else(|_| fs::metadata(root))
        .is_ok_and(|about| about.uid() == 0)
}

fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// The folder with `initdb` and `postgres`, installed by apt when that is possible.
fn programs() -> Result<PathBuf> {
    if let Some(folder) = find_programs() {
        return Ok(folder);
    }
    if is_root(Path::new("/")) && on_path("apt-get") {
        eprintln!("xtask: PostgreSQL {WANTED} is missing: installing it by apt-get");
        install()?;
        if let Some(folder) = find_programs() {
            return Ok(folder);
        }
    }
    bail!(
        "the tests need PostgreSQL {OLDEST} or newer (initdb and postgres) and found none: install it, on Debian by \
         `apt-get install postgresql`, or give a server in PEYVAND_TEST_POSTGRES=postgres://user:password@host/database"
    )
}

fn find_programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    for folder in std::env::split_paths(&path) {
        if let Some(version) = version_of(&folder.join("postgres")) {
            found.push((version, folder));
        }
    }
    found.retain(|(version, folder)| *version >= OLDEST && folder.join("initdb").is_file());
    // The wanted version first, else the newest.
    found.sort_by_key(|(version, _)| (*version == WANTED, *version));
    found.pop().map(|(_, folder)| folder)
}

/// The major version that a `postgres` program says it has: `postgres (PostgreSQL) 15.8 (Debian …)`.
fn version_of(program: &Path) -> Option<u32> {
    let output = Command::new(program)
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    major_version(&String::from_utf8_lossy(&output.stdout))
}

fn major_version(said: &str) -> Option<u32> {
    let digits: String = said
        .split(") ")
        .nth(1)?
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

fn install() -> Result<()> {
    let apt = |arguments: &[&str]| -> Result<bool> {
        let mut command = Command::new("apt-get");
        command
            .args(["-q", "-y"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        Ok(child::run_shown(&mut command)?.0.success())
    };
    if !apt(&["update"])? {
        bail!("`apt-get update` failed; PostgreSQL {WANTED} has to be installed by hand");
    }
    let wanted = format!("postgresql-{WANTED}");
    if apt(&["install", "--no-install-recommends", &wanted])?
        || apt(&["install", "--no-install-recommends", "postgresql"])?
    {
        return Ok(());
    }
    bail!("`apt-get install {wanted}` failed; PostgreSQL has to be installed by hand")
}

/// An empty folder outside the checkout, so that nothing of the server can be taken for a source.
fn temporary_folder(root: &Path) -> Result<TempDir> {
    let usual = std::env::temp_dir();
    let inside = usual
        .canonicalize()
        .is_ok_and(|usual| root.canonicalize().is_ok_and(|root| usual.starts_with(root)));
    let place = if inside {
        Path::new("/var").join("tmp")
    } else {
        usual
    };
    let folder = tempfile::Builder::new()
        .prefix("peyvand-postgres-")
        .tempdir_in(&place)
        .with_context(|| format!("cannot make a folder in {}", place.display()))?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
    Ok(folder)
}

/// 128 bits from the operating system, in hexadecimal.
fn random_password() -> Result<String> {
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn initialise(programs: &Path, owner: &Owner, data: &Path, password_file: &Path, locale: &str) -> Result<()> {
    let output = owner
        .command(&programs.join("initdb"))
        .arg("--pgdata")
        .arg(data)
        .arg("--pwfile")
        .arg(password_file)
        .args([
            "--username=peyvand",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-sync",
        ])
        .arg(format!("--locale={locale}"))
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .context("cannot start initdb")?;
    if !output.status.success() {
        bail!(
            "initdb with the locale {locale} failed:\n{}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

fn launch(
    programs: &Path,
    owner: &Owner,
    folder: &Path,
    data: &Path,
    port: u16,
    settings: &[&str],
) -> Result<Child> {
    let log_path = folder.join("log");
    let log = fs::File::create(&log_path)?;
    let mut command = owner.command(&programs.join("postgres"));
    command
        .arg("-D")
        .arg(data)
        .arg("-p")
        .arg(port.to_string())
        .arg("-k")
        .arg(folder);
    for setting in [
        "listen_addresses=127.0.0.1",
        // Tests run in parallel and each has a pool of its own.
        "max_connections=300",
        "max_locks_per_transaction=256",
        "timezone=UTC",
        "lc_messages=C",
    ]
    .iter()
    .chain(settings)
    {
        command.arg("-c").arg(setting);
    }
    let mut process = command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C is for this program, which then stops the server.
        .process_group(0)
        .spawn()
        .context("cannot start postgres")?;
    let begun = Instant::now();
    loop {
        // The log, not the port: the port may be answered by somebody else's server while ours has already given up.
        let ready =
            fs::read_to_string(&log_path).is_ok_and(|log| log.contains("ready to accept connections"));
        if process.try_wait()?.is_some() {
            bail!(
                "PostgreSQL ended at once:\n{}",
                fs::read_to_string(&log_path).unwrap_or_default().trim()
            );
        }
        if ready {
            return Ok(process);
        }
        if begun.elapsed() > START_LIMIT || child::stopped() {
            stop(&mut process);
            bail!(
                "PostgreSQL did not answer:\n{}",
                fs::read_to_string(&log_path).unwrap_or_default().trim()
            );
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Fast shutdown, and the hard way if that takes too long.
fn stop(process: &mut Child) {
    child::signal("INT", &process.id().to_string());
    let begun = Instant::now();
    while begun.elapsed() < STOP_LIMIT {
        if !matches!(process.try_wait(), Ok(None)) {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    let _ = process.kill();
    let _ = process.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_postgres_says() {
        assert_eq!(
            major_version("postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_version("something else"), None);
    }

    #[test]
    fn passwords_are_long_and_differ() -> Result<()> {
        let (one, other) = (random_password()?, random_password()?);
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
        Ok(())
    }
}
