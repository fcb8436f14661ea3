//! `peyvand serve`.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use peyvand_app::App;
use tokio::net::TcpListener;

use crate::control;
use crate::instance::Place;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Address to listen on.
    #[arg(long, env = "PEYVAND_LISTEN", default_value = "127.0.0.1:7373")]
    pub(crate) listen: SocketAddr,
}

/// A worker whose lease stands still for so long has lost its job.
const LEASE: std::time::Duration = std::time::Duration::from_secs(30);

/// Opens the instance and serves it.
pub(crate) async fn run(arguments: Arguments, place: &Place) -> Result<()> {
    let app = place.open().await?;
    open_workspaces(&app).await?;
    serve(app, arguments.listen, place).await
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
pub(crate) async fn serve(app: Arc<App>, listen: SocketAddr, place: &Place) -> Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("the address {listen}"))?;
    let at = listener.local_addr()?;
    let control = control::open(&app, place)?;
    println!("peyvand listens on http://{at}");
    for (slug, _) in app.workspaces().await? {
        let workspace = app.workspace(Some(&slug)).await?;
        if let Some(token) = app.create_set_up_link(&workspace).await? {
            println!("there is no user yet; begin at http://{at}/set-up?token={token}");
        }
    }
    let routes = peyvand_api::router(Arc::clone(&app)).merge(peyvand_web::router(Arc::clone(&app)));
    let worker = peyvand_app::jobs::Worker::new(Arc::clone(&app), LEASE);
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
    drop(control);
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
