//! The control socket: while a server runs on a data folder, the commands of the program run inside it. So there is one
//! writer, and what a command changes the server knows at once.
//!
//! The socket `peyvand.sock` lies in the data folder and is for the folder's owner only. A request is one frame: its length
//! as four bytes (big-endian) and a JSON object. The answer is a row of [`Frame`]s, the last of which is the exit code.
//! Without a server the command takes the lock `peyvand.lock` and opens the database itself.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Parser as _;
use peyvand_app::App;
use peyvand_core::Deadline;
use peyvand_i18n::Args;
use peyvand_numbers::Language;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::console::{Console, Frame};
use crate::instance::Place;
use crate::terminal::Told;
use crate::{Cli, commands, exit_code, help, terminal};

const SOCKET: &str = "peyvand.sock";
const LOCK: &str = "peyvand.lock";
/// How long a command waits for another one to end.
const PATIENCE: Duration = Duration::from_secs(10);
/// So long nothing is said of it.
const SILENCE: Duration = Duration::from_millis(300);
/// Longest name of a socket: `sun_path` of unix(7) has 108 bytes, the last of which is NUL.
const LONGEST_PATH: usize = 107;
/// Longest request.
const MOST: u32 = 1 << 20;

/// What the asker sends.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    /// The words of the command, the program's name first.
    words: Vec<String>,
    /// The folder in which it was typed.
    base: PathBuf,
    /// The workspace, which may stand in a variable of the asker's.
    workspace: Option<String>,
    /// What the command reads of the standard input.
    input: Option<String>,
    /// Whether the asker's terminal speaks Persian.
    #[serde(default)]
    persian: bool,
}

/// The lock of the data folder, held as long as the process lives.
static HELD: OnceLock<File> = OnceLock::new();

/// Takes the lock; `false` when another process holds it.
fn lock(data: &Path) -> Result<bool> {
    if HELD.get().is_some() {
        return Ok(true);
    }
    let path = data.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| path.display().to_string())?;
    match file.try_lock() {
        Ok(()) => {
            // Told to whoever comes meanwhile; that it cannot be written is no reason not to work.
            drop(
                file.set_len(0)
                    .and_then(|()| write!(&file, "{}", std::process::id())),
            );
            HELD.get_or_init(|| file);
            Ok(true)
        }
        Err(fs::TryLockError::WouldBlock) => Ok(false),
        Err(fs::TryLockError::Error(e)) => Err(e).with_context(|| path.display().to_string()),
    }
}

/// Waiting for the process that holds the lock. A command that is about to end is not spoken of.
struct Patience {
    end: Deadline,
    silent: Option<Deadline>,
}

impl Patience {
    fn new() -> Self {
        Self {
            end: Deadline::after(PATIENCE),
            silent: Some(Deadline::after(SILENCE)),
        }
    }

    /// Waits a moment.
    ///
    /// # Errors
    /// When it has lasted long enough.
    async fn wait(&mut self, data: &Path) -> Result<()> {
        if self.end.passed() {
            return Err(Told::with("data-in-use", in_use("data-in-use", data)));
        }
        if self.silent.as_ref().is_some_and(|d| d.passed()) {
            self.silent = None;
            eprintln!("peyvand: {}", in_use("data-in-use-waiting", data));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(())
    }
}

/// Who works on the folder, in the language of the terminal.
fn in_use(code: &str, data: &Path) -> String {
    let process = fs::read_to_string(data.join(LOCK)).unwrap_or_default();
    let known = !process.is_empty() && process.bytes().all(|b| b.is_ascii_digit());
    let args = Args::new()
        .text("process", if known { process } else { "?".to_owned() })
        .text("folder", data.display().to_string())
        .text("seconds", PATIENCE.as_secs().to_string());
    peyvand_i18n::text_of_code(terminal::language(), code, &args)
}

/// Takes the lock, waiting a moment for a command that is about to end.
pub(crate) async fn hold(data: &Path) -> Result<()> {
    let mut patience = Patience::new();
    while !lock(data)? {
        patience.wait(data).await?;
    }
    Ok(())
}

/// A server to ask, or the lock: one of both, within the time that a command may wait.
async fn server(data: &Path) -> Result<Option<UnixStream>> {
    let mut patience = Patience::new();
    loop {
        if let Ok(stream) = UnixStream::connect(data.join(SOCKET)) {
            return Ok(Some(stream));
        }
        if lock(data)? {
            return Ok(None);
        }
        patience.wait(data).await?;
    }
}

/// Lets the server run the command, when there is one; `None` when the caller has to run it.
pub(crate) async fn ask(command: &commands::Command, place: &Place) -> Result<Option<ExitCode>> {
    if !command.is_for_the_server() || !place.data.exists() {
        return Ok(None);
    }
    let Some(mut stream) = server(&place.data).await? else {
        return Ok(None);
    };
    let words: Option<Vec<String>> = std::env::args_os().map(|w| w.into_string().ok()).collect();
    let Some(words) = words else {
        bail!("a word of the command is not UTF-8");
    };
    let input = if words.iter().any(|w| w == "-") {
        Some(crate::console::read_all()?)
    } else if command.takes_a_line() || words.iter().any(|w| w.ends_with("-stdin")) {
        Some(crate::console::read_line()?)
    } else {
        None
    };
    let request = Request {
        words,
        base: std::env::current_dir()?,
        workspace: place.workspace.clone(),
        input,
        persian: terminal::language() == Language::Fa,
    };
    let text = serde_json::to_vec(&request)?;
    stream.write_all(&u32::try_from(text.len())?.to_be_bytes())?;
    stream.write_all(&text)?;
    tokio::task::spawn_blocking(move || listen(&mut stream))
        .await?
        .map(Some)
}

/// Shows what the server says until it names the exit code.
fn listen(stream: &mut UnixStream) -> Result<ExitCode> {
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head).context("the server is gone")?;
        let [tag, a, b, c, d] = head;
        let mut bytes = vec![0; u32::from_be_bytes([a, b, c, d]) as usize];
        stream.read_exact(&mut bytes).context("the server is gone")?;
        match Frame::of(tag) {
            // A reader that has gone away, as `head` does, ends the command.
            Some(Frame::Out) => {
                let mut to = io::stdout();
                to.write_all(&bytes)?;
                to.flush()?;
            }
            Some(Frame::Err) => io::stderr().write_all(&bytes)?,
            Some(Frame::Exit) => return Ok(ExitCode::from(bytes.first().copied().unwrap_or(1))),
            None => bail!("the server is of another version"),
        }
    }
}

/// The open socket; its file goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Control {
    path: PathBuf,
}

impl Drop for Control {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

/// Opens the socket and serves it. The lock is held already: a socket that lies there belongs to nobody.
pub(crate) fn open(app: &Arc<App>, place: &Place) -> Result<Control> {
    let path = place.data.join(SOCKET);
    let fresh = place.data.join("peyvand.sock.new");
    if fresh.as_os_str().len() > LONGEST_PATH {
        tracing::warn!(
            "the path of the data folder is too long for a control socket: commands wait until the server ends"
        );
        return Ok(Control { path });
    }
    for old in [&path, &fresh] {
        match fs::remove_file(old) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e.into()),
            _ => {}
        }
    }
    let listener = UnixListener::bind(&fresh).with_context(|| fresh.display().to_string())?;
    // Under its own name only when it is closed to others.
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600))?;
    fs::rename(&fresh, &path)?;
    let (app, place, handle) = (Arc::clone(app), place.clone(), Handle::current());
    std::thread::Builder::new()
        .name("control".to_owned())
        .spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (app, place, runtime) = (Arc::clone(&app), place.clone(), handle.clone());
                let done = std::thread::Builder::new()
                    .name("command".to_owned())
                    .spawn(move || {
                        if let Err(e) = answer(&mut stream, app, &place, &runtime) {
                            tracing::debug!("a command: {e:#}");
                        }
                    });
                if let Err(e) = done {
                    tracing::warn!("a command: {e}");
                }
            }
        })?;
    Ok(Control { path })
}

fn read_request(stream: &mut UnixStream) -> Result<Request> {
    let mut head = [0; 4];
    stream.read_exact(&mut head)?;
    let length = u32::from_be_bytes(head);
    if length > MOST {
        bail!("a request of {length} bytes");
    }
    let mut text = vec![0; length as usize];
    stream.read_exact(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

/// Runs one command and says what it says.
fn answer(stream: &mut UnixStream, app: Arc<App>, place: &Place, runtime: &Handle) -> Result<()> {
    let request = read_request(stream)?;
    let language = if request.persian {
        Language::Fa
    } else {
        Language::En
    };
    let console = Console::new(stream.try_clone()?, request.base, request.input, language);
    let code = match console.within(|| Cli::try_parse_from(&request.words)) {
        Err(e) => {
            let said = help::fault(language, &e).unwrap_or_else(|| e.to_string());
            console.send(Frame::Err, said.as_bytes())?;
            2
        }
        Ok(cli) if !cli.command.is_for_the_server() => {
            console.send(
                Frame::Err,
                b"peyvand: this command does not run inside the server\n",
            )?;
            2
        }
        Ok(cli) => {
            let place = Place {
                workspace: request.workspace.or(cli.place.workspace),
                json: cli.place.json,
                served: Some(app),
                ..place.clone()
            };
            // Whoever asked and went away does not want the rest: what is written so far stays whole.
            let (gone, left) = oneshot::channel();
            let mut watch = stream.try_clone()?;
            let watcher = std::thread::spawn(move || {
                drop(watch.read(&mut [0]));
                gone.send(()).ok();
            });
            let outcome = runtime.block_on(console.clone().scope(async {
                tokio::select! {
                    outcome = commands::run(cli.command, &place) => Some(outcome),
                    _ = left => None,
                }
            }));
            let code = match outcome {
                None => 1,
                Some(Ok(())) => 0,
                Some(Err(e)) => {
                    drop(console.send(
                        Frame::Err,
                        console.within(|| crate::failure(&e, place.json)).as_bytes(),
                    ));
                    exit_code(&e)
                }
            };
            drop(console.send(Frame::Exit, &[code]));
            drop(stream.shutdown(std::net::Shutdown::Both));
            drop(watcher.join());
            return Ok(());
        }
    };
    console.send(Frame::Exit, &[code])?;
    Ok(())
}
