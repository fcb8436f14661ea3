//! The settings file `peyvand.toml`: what the options and variables of the environment leave open.

use std::path::{Path, PathBuf};

use anyhow::Result;
use peyvand_i18n::{Args, keys};

use crate::terminal::Told;

/// Settings of all commands, and those of the server.
const PLACE: &[&str] = &[
    "data",
    "database",
    "workspace",
    "leaked-passwords",
    "scanner",
    "no-upgrade-backup",
];
const SERVE: &[&str] = &[
    "listen",
    "url",
    "tls-cert",
    "tls-key",
    "self-signed",
    "trusted-proxy",
    "rate-limit",
    "metrics-token",
];

/// The file that is read: `--config FILE`, `PEYVAND_CONFIG`, or `peyvand.toml` here when there is one.
fn file() -> Option<(PathBuf, bool)> {
    let mut arguments = std::env::args_os().skip(1);
    while let Some(a) = arguments.next() {
        if a == "--config" {
            return arguments.next().map(|f| (f.into(), true));
        }
        if let Some(f) = a.to_str().and_then(|a| a.strip_prefix("--config=")) {
            return Some((f.into(), true));
        }
    }
    if let Some(f) = std::env::var_os("PEYVAND_CONFIG") {
        return Some((f.into(), true));
    }
    let here = Path::new("peyvand.toml");
    here.exists().then(|| (here.to_owned(), false))
}

/// A setting: the name of its option, its value, and whether it is the server's own.
type Setting = (&'static str, String, bool);

/// The settings of a text; an unknown or misshapen one is named.
fn read(text: &str) -> Result<Vec<Setting>> {
    let table: toml::Table = text
        .parse()
        .map_err(|e: toml::de::Error| anyhow::anyhow!("{}", e.message()))?;
    let mut out = Vec::new();
    for (key, value) in table {
        let name = key.replace('_', "-");
        let known = |list: &'static [&'static str]| list.iter().find(|k| **k == name).copied();
        let (name, serve) = match (known(PLACE), known(SERVE)) {
            (Some(n), _) => (n, false),
            (_, Some(n)) => (n, true),
            _ => {
                let args = Args::new()
                    .text("name", key)
                    .text("known", [PLACE, SERVE].concat().join(", "));
                return Err(Told::of(keys::CLI_NO_SETTING, &args));
            }
        };
        let value = match value {
            toml::Value::String(s) => s,
            toml::Value::Integer(i) => i.to_string(),
            toml::Value::Boolean(b) => b.to_string(),
            _ => return Err(Told::of(keys::CLI_SETTING_SHAPE, &Args::new().text("name", key))),
        };
        out.push((name, value, serve));
    }
    Ok(out)
}

fn in_file(path: &Path, reason: &dyn std::fmt::Display) -> anyhow::Error {
    let args = Args::new()
        .text("file", path.display().to_string())
        .text("reason", reason.to_string());
    Told::of(keys::CLI_SETTINGS_FILE, &args)
}

/// Puts the settings of the file in place of the defaults of the options.
pub(crate) fn apply(mut command: clap::Command) -> Result<clap::Command> {
    let Some((path, named)) = file() else {
        return Ok(command);
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(t) => t,
        Err(e) if named || e.kind() != std::io::ErrorKind::NotFound => return Err(in_file(&path, &e)),
        Err(_) => return Ok(command),
    };
    let settings = read(&text).map_err(|e| in_file(&path, &e))?;
    for (name, value, serve) in settings {
        // Read once, kept for the life of the process, as clap wants it.
        let value: &'static str = value.leak();
        let id = name.replace('-', "_");
        if serve {
            for sub in ["serve", "demo"] {
                let id = id.clone();
                command = command.mut_subcommand(sub, |c| c.mut_arg(id, |a| a.default_value(value)));
            }
        } else {
            command = command.mut_arg(id, |a| a.default_value(value));
        }
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_named_when_they_are_wrong() {
        let ok = read("listen = \"0.0.0.0:8443\"\nrate_limit = 600\n").unwrap();
        assert_eq!(
            ok,
            [
                ("listen", "0.0.0.0:8443".to_owned(), true),
                ("rate-limit", "600".to_owned(), true)
            ]
        );
        for (text, named) in [
            ("lisen = 1", "`lisen`"),
            ("listen = [1]", "`listen`"),
            ("data = { a = 1 }", "`data`"),
        ] {
            let e = read(text).unwrap_err().to_string();
            assert!(e.contains(named), "{text}: {e}");
        }
        assert!(read("listen = ").is_err());
    }
}
