//! `peyvand import`.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use peyvand_app::Caller;
use peyvand_app::transfer::import::{ImportRequest, Report, RowNote, TransferError};
use peyvand_app::transfer::{Mapping, OnDuplicate};
use peyvand_core::{Id, Via};
use peyvand_exchange::{Cell, CsvWriteOptions, CsvWriter};
use peyvand_i18n::keys::{CLI_IMPORT_BEGINS, CLI_IMPORT_GOES_ON, CLI_IMPORT_ROWS_FAILED, CLI_IMPORT_STOPPED};
use peyvand_i18n::{Args, Key, keys, text};
use peyvand_numbers::Language;

use super::admin::{sentence, workspace};
use crate::instance::Place;
use crate::terminal::{Told, told, word};
use crate::{note, say, terminal};

/// Problems shown on the terminal; all of them stand in the report.
const SHOWN: usize = 20;

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Object of the records: `contacts`, `companies`, `orders` …; the mapping may say it.
    #[arg(long)]
    object: Option<String>,
    /// The file: CSV, NDJSON, XLSX or vCard.
    #[arg(required_unless_present = "undo", value_parser = crate::console::path)]
    file: Option<PathBuf>,
    /// Which column goes into which field, as TOML; proposed from the columns' names when not given.
    #[arg(long, value_parser = crate::console::path)]
    mapping: Option<PathBuf>,
    /// Show the mapping and what would happen, write nothing.
    #[arg(long)]
    dry_run: bool,
    /// What becomes of records that are there already: skip, fill, overwrite, create, ask.
    #[arg(long)]
    policy: Option<OnDuplicate>,
    /// Write what happened to single rows into this CSV file.
    #[arg(long, value_parser = crate::console::path)]
    report: Option<PathBuf>,
    /// Take the import with this id back; the id is told when it begins.
    #[arg(long, conflicts_with_all = ["file", "mapping", "dry_run", "policy"])]
    undo: Option<String>,
}

fn say(e: &TransferError) -> anyhow::Error {
    Told::with(e.code(), e.message(terminal::language()))
}

/// Runs it.
pub(crate) async fn run(arguments: Arguments, place: &Place) -> Result<()> {
    let app = place.open().await?;
    let w = workspace(&app, place).await?;
    let caller = Caller::system(&w, Via::Cli);
    if let Some(id) = &arguments.undo {
        // A Persian line puts marks of direction around what is Latin, and they are copied with it.
        let id: Id = id
            .trim_matches(|c: char| !c.is_ascii_alphanumeric())
            .parse()
            .map_err(|_| Told::of(keys::CLI_NO_IMPORT, &Args::new().text("id", id.clone())))?;
        let undone = app
            .undo_import(&caller, id, |n| status(place, n, keys::CLI_IMPORT_TAKEN_BACK))
            .await
            .map_err(|e| sentence(&e))?;
        if place.json {
            say!("{}", serde_json::to_string(&undone)?);
        } else {
            let args = Args::new()
                .number("deleted", undone.deleted as i64)
                .number("restored", undone.restored as i64)
                .number("withdrawn", undone.withdrawn as i64)
                .number("kept", undone.kept.len() as i64);
            say!("\r{}", told(keys::CLI_IMPORT_UNDONE, &args));
            for (object, id) in undone.kept.iter().take(SHOWN) {
                let args = Args::new().text("what", format!("{object} {id}"));
                say!("  {}", told(keys::CLI_IMPORT_KEPT, &args));
            }
        }
        place.close(&app).await;
        return Ok(());
    }
    let Some(file) = &arguments.file else {
        return Err(Told::of(keys::CLI_IMPORT_WHICH, &Args::new()));
    };
    let mapping = match &arguments.mapping {
        None => None,
        Some(p) => {
            let text = fs::read_to_string(p).with_context(|| format!("{}", p.display()))?;
            Some(Mapping::parse(&text).map_err(|e| anyhow!("{}: {e}", p.display()))?)
        }
    };
    let request = ImportRequest {
        object: arguments.object.clone(),
        mapping,
        policy: arguments.policy,
        dry_run: arguments.dry_run,
        name: None,
    };
    if arguments.dry_run && !place.json {
        let preview = app.preview_import(&caller, file, &request).map_err(|e| say(&e))?;
        say!("# {:?}, {:?}", preview.sniff.format, preview.sniff.encoding);
        if let Some(p) = &preview.proposed {
            if let Some(preset) = &p.preset {
                let args = Args::new().text("system", preset.clone());
                say!("# {}", told(keys::CLI_IMPORT_PRESET, &args));
            }
            for c in &p.left {
                let args = Args::new().text("column", c.clone());
                say!("# {}", told(keys::CLI_IMPORT_LEFT, &args));
            }
        }
        say!("{}", preview.mapping.to_toml());
    }
    let mut rows = match &arguments.report {
        None => None,
        Some(p) => {
            let headers = ["row", "object", "outcome", "field", "value", "reason"].map(str::to_owned);
            let out = BufWriter::new(File::create(p).with_context(|| format!("{}", p.display()))?);
            Some(CsvWriter::new(out, &headers, &CsvWriteOptions::default())?)
        }
    };
    let mut shown = 0;
    let mut failure = None;
    let started = app.clock.now();
    let mut done = 0;
    let mut tell = |n: RowNote| {
        if let Some(out) = &mut rows {
            let cells = [
                Cell::Number(n.row.to_string()),
                Cell::text(&n.object),
                Cell::text(&n.outcome),
                Cell::text(&n.field),
                Cell::text(&n.value),
                Cell::text(&n.reason),
            ];
            if let Err(e) = out.write_row(&cells) {
                failure.get_or_insert(e);
            }
        }
        if shown < SHOWN && !place.json && !n.reason.is_empty() {
            shown += 1;
            note!(
                "\r{}: {} {} «{}» {}",
                told(keys::CLI_IMPORT_ROW, &Args::new().number("row", n.row as i64)),
                outcome(&n.outcome),
                n.field,
                n.value,
                n.reason
            );
        }
    };
    // Whoever stops it has to know by what it is taken back.
    let mut begins = |id: Id, behind: u64| {
        let args = by_id(id).number("rows", behind);
        let key = if behind == 0 {
            CLI_IMPORT_BEGINS
        } else {
            CLI_IMPORT_GOES_ON
        };
        note!("{}", told(key, &args));
    };
    let result = app
        .import_told(&caller, file, &request, &mut begins, &mut tell, &mut |n| {
            done = n;
            status(place, n, keys::CLI_IMPORT_ROWS);
        })
        .await;
    let seconds = (app.clock.now().micros() - started.micros()) as f64 / 1e6;
    if let Some(out) = rows {
        out.finish()?;
    }
    let report = match result {
        Ok(report) => report,
        Err(e) => {
            if done > 0
                && !arguments.dry_run
                && let Ok(Some(id)) = app.interrupted_import(&caller).await
            {
                note!("{}", told(CLI_IMPORT_STOPPED, &by_id(id).number("rows", done)));
            }
            place.close(&app).await;
            return Err(say(&e));
        }
    };
    place.close(&app).await;
    if let Some(e) = failure {
        return Err(say(&e.into())).context(word(keys::CLI_IMPORT_REPORT));
    }
    print(&report, seconds, place, arguments.dry_run)?;
    let failed: u64 = report
        .outcomes
        .iter()
        .filter(|(what, _)| what.ends_with("failed"))
        .map(|(_, n)| *n)
        .sum();
    if failed > 0 {
        return Err(RowsFailed(failed).into());
    }
    Ok(())
}

/// An import that came to its end, and some rows of which were not written. It is no error of the program's, and whoever
/// has a script import files must see it.
#[derive(Debug)]
pub(crate) struct RowsFailed(u64);

impl RowsFailed {
    /// What the command ends with.
    pub(crate) const CODE: u8 = 3;
}

impl std::fmt::Display for RowsFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let args = Args::new().number("rows", self.0 as i64);
        let said = |language| text(language, CLI_IMPORT_ROWS_FAILED, &args);
        f.write_str(&said(terminal::language()))
    }
}

impl std::error::Error for RowsFailed {}

/// What became of a row, in words; a note that has none is shown as it is.
fn outcome(key: &str) -> String {
    word(match key {
        "created" => keys::CLI_IMPORT_CREATED,
        "updated" => keys::CLI_IMPORT_UPDATED,
        "unchanged" => keys::CLI_IMPORT_UNCHANGED,
        "duplicate" => keys::CLI_IMPORT_DUPLICATE,
        "failed" => keys::CLI_IMPORT_FAILED,
        "keyed" => keys::CLI_IMPORT_KEYED,
        other => return other.to_owned(),
    })
}

fn status(place: &Place, n: u64, what: Key) {
    if !place.json {
        crate::console::err(format_args!(
            "\r{}",
            told(what, &Args::new().number("count", n as i64))
        ));
    }
}

/// An import by its id, and the command by which it is taken back.
fn by_id(id: Id) -> Args {
    Args::new()
        .text("id", id.to_string())
        .exact("command", format!("peyvand import --undo {id}"))
}

fn print(report: &Report, seconds: f64, place: &Place, dry: bool) -> Result<()> {
    if place.json {
        let mut out = serde_json::to_value(report)?;
        out["seconds"] = seconds.into();
        say!("{out}");
        return Ok(());
    }
    crate::console::err(format_args!("\r"));
    let rate = report.rows as f64 / seconds.max(0.001);
    let args = Args::new()
        .number("count", report.rows as i64)
        .text("seconds", format!("{seconds:.1}"))
        .text("rate", format!("{rate:.0}"));
    say!("{}", told(keys::CLI_IMPORT_RATE, &args));
    if let Some(row) = report.resumed_after {
        let args = Args::new().number("row", row as i64);
        say!("  {}", told(keys::CLI_IMPORT_BEHIND, &args));
    }
    if report.blank > 0 {
        say!("  {:>9}  {}", report.blank, word(keys::CLI_IMPORT_BLANK));
    }
    for (what, n) in &report.outcomes {
        match what
            .split_once('.')
            .filter(|_| terminal::language() == Language::Fa)
        {
            Some((object, what)) => say!("  {n:>9}  {object}: {}", outcome(what)),
            None => say!("  {n:>9}  {what}"),
        }
    }
    for (what, n) in &report.notes {
        let said = if what == "value-left-out" {
            word(keys::CLI_IMPORT_LEFT_OUT)
        } else {
            told(keys::CLI_IMPORT_NOTED, &Args::new().text("note", what.clone()))
        };
        say!("  {n:>9}  {said}");
    }
    if dry {
        say!("{}", word(keys::CLI_IMPORT_DRY));
    } else {
        say!("{} {}", word(keys::CLI_IMPORT_BACK), report.id);
    }
    Ok(())
}
