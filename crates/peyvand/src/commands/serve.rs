//! `peyvand serve`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use peyvand_app::App;
use peyvand_channels::LedgerFile;
use peyvand_domain::consent::Channel;
use tokio::net::TcpListener;

use crate::instance::Place;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Address to listen on.
    #[arg(long, env = "PEYVAND_LISTEN", default_value = "127.0.0.1:7373")]
    pub(crate) listen: SocketAddr,
    /// Carry messages by writing a line for each into this file: what would go out can be looked at, nothing is sent.
    #[arg(long, env = "PEYVAND_RECORD_MESSAGES", value_name = "FILE")]
    pub(crate) record_messages: Option<PathBuf>,
}

/// A worker whose lease stands still for so long has lost its job.
const LEASE: std::time::Duration = std::time::Duration::from_secs(30);

/// Opens the instance and serves it.
pub(crate) async fn run(arguments: Arguments, place: &Place) -> Result<()> {
    let app = place.open().await?;
    open_workspaces(&app).await?;
    if let Some(file) = &arguments.record_messages {
        record_messages(&app, file)?;
    }
    serve(app, arguments.listen).await
}

/// Every channel is carried by one file.
fn record_messages(app: &App, file: &Path) -> Result<()> {
    let mut all = Channel::ALL.iter().copied();
    let Some(first) = all.next() else { return Ok(()) };
    let ledger = LedgerFile::open(file, first).with_context(|| format!("{}", file.display()))?;
    for kind in all {
        app.channels.register(Arc::new(ledger.also(kind)));
    }
    app.channels.register(Arc::new(ledger));
    Ok(())
}

/// Opens every workspace, making a first one when there is none.
pub(crate) async fn open_workspaces(app: &Arc<App>) -> Result<()> {
    let list = app.workspaces().await?;
    if list.is_empty() {
        app.create_workspace("main", "Peyvand").await?;
    }
    for (slug, _) in list {
        app.workspace(Some(&slug)).await?;
    }
    Ok(())
}

/// Serves until it is told to stop; what was acknowledged is on the disk.
pub(crate) async fn serve(app: Arc<App>, listen: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("the address {listen}"))?;
    let at = listener.local_addr()?;
    println!("peyvand listens on http://{at}");
    for (slug, _) in app.workspaces().await? {
        let workspace = app.workspace(Some(&slug)).await?;
        if let Some(token) = app.create_set_up_link(&workspace).await? {
            println!("there is no user yet; begin at http://{at}/set-up?token={token}");
        }
    }
    let routes = peyvand_api::router(Arc::clone(&app)).merge(peyvand_web::router(Arc::clone(&app)));
    let mut worker = peyvand_app::jobs::Worker::new(Arc::clone(&app), LEASE);
    let imports = peyvand_app::transfer::wizard::ImportJob::new(Arc::clone(&app));
    worker.handle(peyvand_app::transfer::wizard::JOB, Arc::new(imports));
    let worker = tokio::spawn(worker.run());
    let closing = Arc::clone(&app);
    axum::serve(listener, routes)
        .with_graceful_shutdown(async move {
            stop().await;
            // Streams would keep the service open for as long as somebody listens.
            closing.feed.close();
        })
        .await?;
    worker.abort();
    app.store.engine().close().await;
    Ok(())
}

async fn stop() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut s) => {
                s.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
