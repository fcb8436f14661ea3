//! Saying that a test cannot run on this machine.

use std::io::Write;

/// Says that a test did not run, and why. `cargo xtask test` fails on it unless `tests/skips.toml` names the test.
///
/// The line goes straight to the error stream, past the capture of the test harness, which would hide it in a test
/// that passes. `name` is the path of the test as the harness prints it.
///
/// ```
/// # fn locale_exists() -> bool { true }
/// fn sorts_as_persian_does() {
///     if !locale_exists() {
///         return peyvand_testkit::skip("sorts_as_persian_does", "this PostgreSQL has no Persian locale");
///     }
/// }
/// ```
pub fn skip(name: &str, reason: &str) {
    // One call with the whole line, so that lines of parallel tests do not mix. A closed stream is no failure.
    let _ = std::io::stderr().write_all(format!("SKIP {name}: {reason}\n").as_bytes());
}
