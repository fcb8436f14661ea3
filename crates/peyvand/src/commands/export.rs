//! `peyvand export`.

use std::fs::{self, File};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use peyvand_app::Caller;
use peyvand_app::transfer::export::ExportFormat;
use peyvand_core::Via;
use peyvand_i18n::{Args, keys};

use super::admin::workspace;
use crate::console::Output;
use crate::instance::Place;
use crate::terminal::{Told, told};
use crate::{note, terminal};

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Object of the records, by key or plural.
    #[arg(long)]
    object: String,
    /// Which of them; all, when not given.
    #[arg(long)]
    filter: Option<String>,
    /// csv, ndjson, xlsx or vcf.
    #[arg(long, default_value = "csv")]
    format: ExportFormat,
    /// The file; standard output when not given (not for xlsx).
    #[arg(long, short, value_parser = crate::console::path)]
    out: Option<PathBuf>,
}

/// Standard output, which is never gone back in: the writers of text formats do not.
struct Stdout(Output);

impl Write for Stdout {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.0.write(buf)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Seek for Stdout {
    fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
        Err(std::io::Error::from(std::io::ErrorKind::NotSeekable))
    }
}

/// Runs it.
pub(crate) async fn run(arguments: Arguments, place: &Place) -> Result<()> {
    let app = place.open_existing().await?;
    let w = workspace(&app, place).await?;
    let caller = Caller::system(&w, Via::Cli);
    let catalog = w.catalog();
    let object = catalog
        .by_plural(&arguments.object)
        .or_else(|| catalog.object(&arguments.object))
        .cloned()
        .ok_or_else(|| {
            Told::of(
                keys::CLI_NO_OBJECT,
                &Args::new().text("object", arguments.object.clone()),
            )
        })?;
    let filter = arguments.filter.as_deref();
    let format = arguments.format;
    let progress = |n: u64| tracing::debug!(n, "exported");
    let result = match &arguments.out {
        Some(p) => {
            // Under its own name only when it is whole.
            let part = p.with_extension("part");
            let file = File::create(&part).with_context(|| format!("{}", part.display()))?;
            let result = app
                .export(&caller, &object, filter, format, BufWriter::new(file), progress)
                .await;
            if result.is_ok() {
                fs::rename(&part, p).with_context(|| format!("{}", p.display()))?;
            } else {
                fs::remove_file(&part).ok();
            }
            result
        }
        None if format == ExportFormat::Xlsx => {
            return Err(Told::of(keys::CLI_EXPORT_NEEDS_FILE, &Args::new()));
        }
        None => {
            let out = BufWriter::new(Stdout(Output));
            app.export(&caller, &object, filter, format, out, progress).await
        }
    };
    place.close(&app).await;
    let done = result.map_err(|e| Told::with(e.code(), e.message(terminal::language())))?;
    note!(
        "{}",
        told(
            keys::CLI_EXPORT_RECORDS,
            &Args::new().number("count", done.records as i64)
        )
    );
    if done.restricted > 0 {
        let args = Args::new().number("count", done.restricted as i64);
        note!("{}", told(keys::CLI_EXPORT_RESTRICTED, &args));
    }
    if let Some(x) = done
        .xlsx
        .filter(|x| x.sheets > 1 || x.cut_texts > 0 || x.numbers_as_text > 0)
    {
        let args = Args::new()
            .number("sheets", i64::from(x.sheets))
            .number("texts", x.cut_texts as i64)
            .number("numbers", x.numbers_as_text as i64);
        note!("{}", told(keys::CLI_EXPORT_SHEETS, &args));
    }
    Ok(())
}
