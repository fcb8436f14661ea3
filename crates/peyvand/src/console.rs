//! Where a command speaks: the terminal, or, when it runs inside the server, the terminal of whoever asked for it.

use std::fmt;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use peyvand_numbers::Language;

tokio::task_local! {
    static CONSOLE: Console;
}

/// A terminal at the other end of the control socket.
#[derive(Debug, Clone)]
pub(crate) struct Console {
    stream: Arc<Mutex<UnixStream>>,
    /// The folder that file names are relative to.
    base: PathBuf,
    /// What the command reads of the standard input.
    input: Option<String>,
    /// The language of that terminal.
    language: Language,
}

/// What a frame on the socket carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Frame {
    /// Bytes for the standard output.
    Out = b'o',
    /// Bytes for the error stream.
    Err = b'e',
    /// One byte: the exit code. The last frame.
    Exit = b'x',
}

impl Frame {
    /// Of the first byte.
    pub(crate) const fn of(tag: u8) -> Option<Self> {
        match tag {
            b'o' => Some(Self::Out),
            b'e' => Some(Self::Err),
            b'x' => Some(Self::Exit),
            _ => None,
        }
    }
}

impl Console {
    /// At this end of the socket.
    pub(crate) fn new(stream: UnixStream, base: PathBuf, input: Option<String>, language: Language) -> Self {
        Self {
            stream: Arc::new(Mutex::new(stream)),
            base,
            input,
            language,
        }
    }

    /// Sends a frame: its kind, its length as four bytes (big-endian), its bytes.
    pub(crate) fn send(&self, frame: Frame, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let mut message = Vec::with_capacity(bytes.len() + 5);
        message.push(frame as u8);
        message.extend_from_slice(&length.to_be_bytes());
        message.extend_from_slice(bytes);
        self.stream
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(&message)
    }

    /// Runs a command that speaks here.
    pub(crate) async fn scope<F: Future>(self, command: F) -> F::Output {
        CONSOLE.scope(self, command).await
    }

    /// Does something whose file names are relative to the asker's folder.
    pub(crate) fn within<T>(&self, f: impl FnOnce() -> T) -> T {
        CONSOLE.sync_scope(self.clone(), f)
    }
}

fn remote() -> Option<Console> {
    CONSOLE.try_with(Clone::clone).ok()
}

/// The language of the terminal at the other end, when there is one.
pub(crate) fn language() -> Option<Language> {
    CONSOLE.try_with(|c| c.language).ok()
}

/// A file name as it was meant by who typed it.
pub(crate) fn path(name: &str) -> Result<PathBuf, std::convert::Infallible> {
    Ok(match CONSOLE.try_with(|c| c.base.join(name)) {
        Ok(p) => p,
        Err(_) => PathBuf::from(name),
    })
}

/// A command that asks for what was not sent along is told so: nothing is not an empty answer.
fn nothing_sent() -> io::Error {
    io::Error::other("the standard input was not sent to the server")
}

/// The first line of the standard input.
pub(crate) fn read_line() -> io::Result<String> {
    if let Some(c) = remote() {
        let text = c.input.ok_or_else(nothing_sent)?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line)
}

/// All of the standard input.
pub(crate) fn read_all() -> io::Result<String> {
    match remote() {
        Some(c) => c.input.ok_or_else(nothing_sent),
        None => io::read_to_string(io::stdin()),
    }
}

/// The standard output of the command.
#[derive(Debug)]
pub(crate) struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match remote() {
            Some(c) => c.send(Frame::Out, bytes).map(|()| bytes.len()),
            None => io::stdout().write(bytes),
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        if remote().is_some() {
            Ok(())
        } else {
            io::stdout().flush()
        }
    }
}

/// Writes to the standard output. A closed one is no failure of the command.
pub(crate) fn out(text: fmt::Arguments<'_>) {
    drop(Output.write_all(text.to_string().as_bytes()));
}

/// Writes to the error stream.
pub(crate) fn err(text: fmt::Arguments<'_>) {
    let text = text.to_string();
    match remote() {
        Some(c) => drop(c.send(Frame::Err, text.as_bytes())),
        None => {
            let mut to = io::stderr();
            drop(to.write_all(text.as_bytes()));
            drop(to.flush());
        }
    }
}

/// A line on the standard output.
#[macro_export]
macro_rules! say {
    ($($words:tt)*) => { $crate::console::out(format_args!("{}\n", format_args!($($words)*))) };
}

/// A line on the error stream.
#[macro_export]
macro_rules! note {
    ($($words:tt)*) => { $crate::console::err(format_args!("{}\n", format_args!($($words)*))) };
}
