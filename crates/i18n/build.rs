//! Holds the catalogs of the two languages against each other and makes a constant of every key.
//!
//! A key that one language lacks, a doubled key, unequal arguments or attributes, an unknown function and a broken
//! entry fail the build with the name of the file.

#[path = "src/check.rs"]
mod check;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    match make() {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            for fault in faults {
                println!("cargo::error={fault}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("cargo::error=the catalogs cannot be read: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make() -> io::Result<Vec<String>> {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=src/check.rs");
    let fa = read(&package.join("locales/fa"))?;
    let en = read(&package.join("locales/en"))?;
    let entries = match check::check(&fa, &en) {
        Ok(entries) => entries,
        Err(faults) => return Ok(faults),
    };
    let mut constants = String::new();
    let mut table = String::from("pub(crate) static ENTRIES: &[Entry] = &[\n");
    for (at, entry) in entries.iter().enumerate() {
        let _ = writeln!(
            constants,
            "/// `{}` in `{}`\npub const {}: Key = Key({at});",
            entry.name(),
            entry.file,
            entry.constant()
        );
        let _ = writeln!(
            table,
            "Entry {{ name: {:?}, id: {:?}, attribute: {:?}, arguments: &{:?} }},",
            entry.name(),
            entry.id,
            entry.attribute,
            entry.arguments
        );
    }
    table.push_str("];\n");
    for (name, sources) in [("FA", &fa), ("EN", &en)] {
        let _ = writeln!(table, "pub(crate) static {name}: &[&str] = &[");
        for source in sources {
            let _ = writeln!(table, "{:?},", source.text);
        }
        table.push_str("];\n");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("keys.rs"), constants)?;
    fs::write(out.join("table.rs"), table)?;
    Ok(Vec::new())
}

fn read(folder: &Path) -> io::Result<Vec<check::Source>> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "ftl") {
            let file = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            sources.push(check::Source {
                file,
                text: fs::read_to_string(&path)?,
            });
        }
    }
    sources.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(sources)
}
