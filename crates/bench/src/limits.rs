//! What the machine can do with the rows of the product and none of its code: bare loops beside imports and creates.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use peyvand_app::Caller;
use peyvand_app::transfer::Mapping;
use peyvand_app::transfer::import::ImportRequest;
use peyvand_core::Via;
use peyvand_store_sqlite::limits::BareWriter;

use crate::people;
use crate::recorder::{Recorder, Tape};
use crate::server::Program;
use crate::world;

/// Creates whose rows the bare loop writes.
const CREATES: usize = 4_000;

/// Rows per second of a bare loop that writes, in the same chunks, the rows that an import of so many contacts writes.
pub(crate) async fn import(folder: &Path, path: &Path, rows: usize) -> Result<f64> {
    let (program, app, tape) = scratch(folder, path).await?;
    world::staff(&app).await?;
    let caller = Caller::system(&app.workspace(None).await?, Via::Cli);
    let file = program.data.join("contacts.csv");
    people::write(&file, rows)?;
    let request = ImportRequest {
        mapping: Some(Mapping::parse(people::MAPPING).map_err(anyhow::Error::msg)?),
        ..ImportRequest::default()
    };
    {
        let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
        tape.bare = Some(BareWriter::create(&program.data.join("bare.db"))?);
        tape.spent = Duration::ZERO;
    }
    app.import(&caller, &file, &request, &mut |_| {}, &mut |_| {})
        .await
        .map_err(|e| anyhow::anyhow!("{}", e.code()))?;
    app.store.engine().close().await;
    let spent = tape.lock().unwrap_or_else(PoisonError::into_inner).spent;
    Ok(rows as f64 / spent.as_secs_f64())
}

/// Creates per second of a bare loop that commits four, and sixteen, of them at a time.
pub(crate) async fn creates(folder: &Path, path: &Path) -> Result<(f64, f64)> {
    let (program, app, tape) = scratch(folder, path).await?;
    let caller = Caller::system(&app.workspace(None).await?, Via::Cli);
    let object = app
        .object(&caller, "contacts")
        .map_err(|e| anyhow::anyhow!("{}", e.code()))?;
    tape.lock().unwrap_or_else(PoisonError::into_inner).kept = Some(Vec::new());
    for n in 0..CREATES {
        let json: serde_json::Map<_, _> = serde_json::from_str(&crate::records::body(n))?;
        app.create(&caller, &object, &json, None)
            .await
            .map_err(|e| anyhow::anyhow!("{}", e.code()))?;
    }
    app.store.engine().close().await;
    let plans = tape
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .kept
        .take()
        .context("the plans")?;
    let rate = |name: &str, group: usize| -> Result<f64> {
        let mut bare = BareWriter::create(&program.data.join(name))?;
        let mut spent = Duration::ZERO;
        for part in plans.chunks(group) {
            spent += bare.write(&part.iter().collect::<Vec<_>>())?;
        }
        Ok(CREATES as f64 / spent.as_secs_f64())
    };
    Ok((rate("four.db", 4)?, rate("sixteen.db", 16)?))
}

async fn scratch(folder: &Path, path: &Path) -> Result<(Program, peyvand_app::App, Arc<Mutex<Tape>>)> {
    let program = Program {
        path: path.to_owned(),
        data: folder.to_owned(),
        database: "sqlite".to_owned(),
    };
    std::fs::create_dir_all(folder)?;
    program.run(&["admin", "create-workspace", "main"])?;
    let tape = Arc::new(Mutex::new(Tape::default()));
    let recorder = Recorder {
        inner: world::engine(&program).await?,
        tape: Arc::clone(&tape),
    };
    let app = world::app(&program, Arc::new(recorder))?;
    Ok((program, app, tape))
}
