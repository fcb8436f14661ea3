//! `peyvand serve`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use peyvand_app::App;
use peyvand_channels::LedgerFile;
use peyvand_domain::consent::Channel;
use peyvand_i18n::{Args, keys, text};

use crate::instance::Place;
use crate::server::{self, Rate, tls};
use crate::{control, terminal};

/// Arguments of `serve`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    /// Address to listen on.
    #[arg(long, env = "PEYVAND_LISTEN", default_value = "127.0.0.1:7373")]
    pub(crate) listen: SocketAddr,
    /// Carry messages by writing a line for each into this file: what would go out can be looked at, nothing is sent.
    #[arg(long, env = "PEYVAND_RECORD_MESSAGES", value_name = "FILE")]
    pub(crate) record_messages: Option<PathBuf>,
    /// Where people reach the program, `https://crm.example.com`: links that are sent begin with it.
    #[arg(long, env = "PEYVAND_URL")]
    pub(crate) url: Option<String>,
    /// File of the certificate chain (PEM).
    #[arg(long, env = "PEYVAND_TLS_CERT", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// File of the certificate's key (PEM).
    #[arg(long, env = "PEYVAND_TLS_KEY", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Serve other machines with a certificate that the server makes itself, about which every browser warns.
    #[arg(
        long,
        env = "PEYVAND_SELF_SIGNED",
        num_args = 0..=1,
        require_equals = true,
        action = clap::ArgAction::Set,
        default_value_t = false,
        default_missing_value = "true"
    )]
    pub(crate) self_signed: bool,
    /// Proxies before the server, each of which adds itself to `X-Forwarded-For`; with one, plain HTTP is served to it.
    #[arg(long, env = "PEYVAND_TRUSTED_PROXY", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=5))]
    pub(crate) trusted_proxy: u8,
    /// Requests of one token, session or network in a minute; 0 for no limit. Without this setting 6000, but none for
    /// programs on this machine.
    #[arg(long, env = "PEYVAND_RATE_LIMIT")]
    pub(crate) rate_limit: Option<u32>,
    /// Who shows this token may read the metrics from elsewhere.
    #[arg(long, env = "PEYVAND_METRICS_TOKEN", hide_env_values = true)]
    pub(crate) metrics_token: Option<String>,
}

/// Requests of one caller in a minute when nothing is set.
const RATE: u32 = 6_000;
/// A worker whose lease stands still for so long has lost its job.
const LEASE: std::time::Duration = std::time::Duration::from_secs(30);

/// Opens the instance and serves it.
pub(crate) async fn run(arguments: Arguments, place: &Place) -> Result<()> {
    let app = place.open().await?;
    open_workspaces(&app).await?;
    if let Some(file) = &arguments.record_messages {
        record_messages(&app, file)?;
    }
    serve(app, &arguments, place).await
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

/// The certificate: the configured one; none on loopback and behind a proxy; one of the server's own where it is asked for.
/// Where the server is reached from other machines and nothing of all this was said, it does not start: people would get
/// used to the warnings of their browsers.
fn certificate(arguments: &Arguments, place: &Place) -> Result<Option<tls::Tls>> {
    let listen = arguments.listen;
    match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(c), Some(k)) => tls::from_files(c, k).map(Some),
        _ if arguments.trusted_proxy > 0 => Ok(None),
        _ if listen.ip().is_loopback() => Ok(None),
        _ if arguments.self_signed => tls::self_signed(&place.data, listen).map(Some),
        _ => bail!(
            "the setting `listen`: {listen} is reached from other machines, and there is no certificate that they trust. \
             Give one (`tls-cert` and `tls-key`), or say how many proxies with a certificate stand before the server \
             (`trusted-proxy`), or let the server make one itself, about which browsers warn (`self-signed`)."
        ),
    }
}

/// A base of links: scheme and host, nothing behind them.
fn base_url(url: &str) -> Result<&str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if rest.is_empty() || !rest.trim_end_matches('/').chars().all(plain) {
        bail!("the setting `url`: `{url}` is not of the form https://host or https://host:port");
    }
    Ok(url)
}

/// Serves until it is told to stop; what was acknowledged is on the disk.
pub(crate) async fn serve(app: Arc<App>, arguments: &Arguments, place: &Place) -> Result<()> {
    if let Some(url) = &arguments.url {
        app.set_base_url(base_url(url)?);
    }
    let tls = certificate(arguments, place)?;
    let listener = server::bind(arguments.listen).await?;
    let at = listener.local_addr()?;
    let control = control::open(&app, place)?;
    let stopped = stop();
    let scheme = if tls.is_some() { "https" } else { "http" };
    let word = |key| text(terminal::language(), key, &Args::new());
    println!("{} {scheme}://{at}", word(keys::CLI_LISTENING));
    if let Some(t) = &tls {
        if arguments.tls_cert.is_none() {
            println!("{}", word(keys::CLI_OWN_CERTIFICATE));
        }
        println!("{} {}", word(keys::CLI_FINGERPRINT), t.fingerprint);
    }
    app.set_base_url(&format!("{scheme}://{at}"));
    for (slug, _) in app.workspaces().await? {
        let workspace = app.workspace(Some(&slug)).await?;
        if let Some(token) = app.create_set_up_link(&workspace).await? {
            println!(
                "{} {}/set-up?token={token}",
                word(keys::CLI_SET_UP),
                app.base_url()
            );
        }
    }
    let routes = peyvand_api::router(Arc::clone(&app)).merge(peyvand_web::router(Arc::clone(&app)));
    // While one is busy with a long import, the other seals, purges and exports.
    let workers =
        [(); 2].map(|()| tokio::spawn(peyvand_app::jobs::Worker::new(Arc::clone(&app), LEASE).run()));
    let settings = server::Settings {
        tls: tls.map(|t| t.config),
        hops: usize::from(arguments.trusted_proxy),
        rate: Rate {
            per_minute: arguments.rate_limit.unwrap_or(RATE),
            local: arguments.rate_limit.is_some(),
        },
        metrics_token: arguments.metrics_token.clone().filter(|t| !t.is_empty()),
        data: place.data.clone(),
    };
    let closing = Arc::clone(&app);
    let end = async move {
        stopped.await;
        // Streams would keep the service open for as long as somebody listens.
        closing.feed.close();
    };
    server::serve(Arc::clone(&app), routes, listener, settings, end)
        .await
        .context("serving")?;
    // A job that is cut here keeps its lease and is taken up again: handlers may run twice.
    drop(control);
    for worker in workers {
        worker.abort();
        drop(worker.await);
    }
    app.write_uses().await?;
    app.store.engine().close().await;
    Ok(())
}

/// Ends when the program is asked to stop. The signals are watched from this call on, not from the first poll: who reads
/// that the server listens may stop it at once.
fn stop() -> impl Future<Output = ()> + Send {
    #[cfg(unix)]
    let watched = {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::interrupt(), SignalKind::terminate()].map(signal)
    };
    async move {
        #[cfg(unix)]
        {
            let [interrupt, terminate] = watched.map(|s| async move {
                match s {
                    Ok(mut s) => {
                        s.recv().await;
                    }
                    Err(_) => std::future::pending().await,
                }
            });
            tokio::select! {
                () = interrupt => {}
                () = terminate => {}
            }
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn links_begin_with_a_plain_address() {
        for good in [
            "https://crm.example.com",
            "http://10.0.0.1:7373",
            "https://[::1]:8443/",
        ] {
            assert!(base_url(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "crm.example.com",
            "https://",
            "https://a b",
            "https://a\r\nb",
            "https://a/path?x",
            "ftp://a",
        ] {
            assert!(base_url(bad).is_err(), "{bad}");
        }
    }
}
