//! Child processes that end when this program is told to end, and whose output can be read while it is shown.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

static STOPPED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C and SIGTERM only set a flag, so that what was started is also stopped.
pub(crate) fn watch_signals() -> Result<()> {
    ctrlc::set_handler(|| STOPPED.store(true, Ordering::SeqCst)).context("cannot watch for Ctrl-C")
}

/// Whether somebody asked this program to stop.
pub(crate) fn stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

/// Runs a command to its end, passes its output on line by line and returns it.
///
/// The command gets a process group of its own: on Ctrl-C the whole group is ended, cargo as well as the test
/// binaries that it started.
pub(crate) fn run_shown(command: &mut Command) -> Result<(ExitStatus, Vec<String>)> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    let out = child
        .stdout
        .take()
        .map(|pipe| thread::spawn(move || pass_on(pipe, std::io::stdout())));
    let err = child
        .stderr
        .take()
        .map(|pipe| thread::spawn(move || pass_on(pipe, std::io::stderr())));
    let mut asked = false;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if stopped() && !asked {
            asked = true;
            signal("TERM", &format!("-{}", child.id()));
        }
        thread::sleep(Duration::from_millis(50));
    };
    let mut lines = Vec::new();
    for reader in [out, err].into_iter().flatten() {
        lines.extend(reader.join().unwrap_or_default());
    }
    if stopped() {
        bail!("stopped by a signal");
    }
    Ok((status, lines))
}

/// Copies a stream line by line and keeps the lines. Bytes that are not UTF-8 are shown as they are.
fn pass_on(pipe: impl Read, mut shown: impl Write) -> Vec<String> {
    let mut reader = BufReader::new(pipe);
    let mut lines = Vec::new();
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(read) if read > 0) {
        // A closed terminal is no reason to stop reading: the child would block.
        let _ = shown.write_all(&line).and_then(|()| shown.flush());
        lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        line.clear();
    }
    lines
}

/// Sends a signal to a process, or to a process group when the number has a minus in front.
pub(crate) fn signal(name: &str, target: &str) {
    let _ = Command::new("kill")
        .args(["-s", name, "--", target])
        .stderr(Stdio::null())
        .status();
}
