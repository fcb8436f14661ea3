//! The server: connections with or without TLS, limits, metrics, and an end that finishes what it acknowledged.

mod limit;
mod metrics;
mod observe;
mod patient;
mod peer;
mod rest;
pub(crate) mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use peyvand_app::App;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tower::Service as _;

pub(crate) use limit::Rate;

/// Longest time in which the head of a request must arrive, and that a connection may stand idle.
const HEAD_TIME: Duration = Duration::from_secs(15);
/// Longest time of a TLS handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Longest time that requests which are under way get when the program ends.
const LAST_TIME: Duration = Duration::from_secs(20);
/// Longest time in which the other side takes nothing of an answer.
const STALLED: Duration = Duration::from_secs(30);
/// Most headers of a request.
const HEADERS: usize = 64;
/// Most bytes of the head of a request.
const HEAD_BYTES: usize = 32 * 1024;
/// Most connections at once.
const CONNECTIONS: usize = 2_000;
/// Most connections of one address.
const CONNECTIONS_OF_ONE: usize = 400;

/// How the server is reached.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The certificate, for TLS.
    pub(crate) tls: Option<Arc<rustls::ServerConfig>>,
    /// Proxies before it, each of which adds itself to `X-Forwarded-For`.
    pub(crate) hops: usize,
    /// Requests of one caller.
    pub(crate) rate: Rate,
    /// The token that may read the metrics from elsewhere.
    pub(crate) metrics_token: Option<String>,
    /// The data folder, whose size is measured.
    pub(crate) data: std::path::PathBuf,
}

/// Serves until `stop`; then takes no more, and lets what is under way end.
pub(crate) async fn serve(
    app: Arc<App>,
    routes: Router,
    listener: TcpListener,
    settings: Settings,
    stop: impl Future<Output = ()>,
) -> Result<()> {
    let state = Arc::new(observe::State::new(app, &settings));
    let routes = observe::wrap(routes, Arc::clone(&state));
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(15))
        .max_header_list_size(HEAD_BYTES as u32)
        .max_concurrent_streams(64);
    let acceptor = settings.tls.clone().map(TlsAcceptor::from);
    let graceful = Arc::new(GracefulShutdown::new());
    let open = Arc::new(limit::Connections::new(CONNECTIONS, CONNECTIONS_OF_ONE));
    let hops = settings.hops;
    tokio::pin!(stop);
    loop {
        let (stream, remote) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(a) => a,
                Err(e) => {
                    // Out of descriptors, most likely: some will be free again.
                    tracing::warn!("no connection taken: {e}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        // Behind a proxy every connection has the proxy's address.
        let Some(place) = open.take((hops == 0).then_some(remote.ip())) else {
            state.metrics.refused_connection();
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (builder, routes) = (builder.clone(), routes.clone());
        let (graceful, acceptor) = (Arc::clone(&graceful), acceptor.clone());
        let stream = patient::Patient::new(stream, STALLED);
        tokio::spawn(async move {
            let _place = place;
            match acceptor {
                None => connection(&builder, &graceful, routes, stream, remote, false, hops).await,
                Some(a) => {
                    if let Some(stream) = handshake(&a, stream).await {
                        connection(&builder, &graceful, routes, stream, remote, true, hops).await;
                    }
                }
            }
        });
    }
    drop(listener);
    if let Some(graceful) = Arc::into_inner(graceful) {
        end(graceful).await;
    } else {
        // Tasks hold it for the moment of registering their connection: what they hold ends with the process.
        tokio::time::sleep(Duration::from_millis(500)).await;
        state.wait_idle(LAST_TIME).await;
    }
    Ok(())
}

async fn end(graceful: GracefulShutdown) {
    if tokio::time::timeout(LAST_TIME, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
}

async fn handshake(
    acceptor: &TlsAcceptor,
    stream: patient::Patient<TcpStream>,
) -> Option<tokio_rustls::server::TlsStream<patient::Patient<TcpStream>>> {
    match tokio::time::timeout(HANDSHAKE_TIME, acceptor.accept(stream)).await {
        Ok(Ok(s)) => Some(s),
        Ok(Err(e)) => {
            tracing::debug!("no TLS: {e}");
            None
        }
        Err(_) => None,
    }
}

async fn connection<S>(
    builder: &Builder<TokioExecutor>,
    graceful: &GracefulShutdown,
    routes: Router,
    stream: S,
    remote: SocketAddr,
    tls: bool,
    hops: usize,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let (rest, waits) = (rest::Rest::default(), rest::waits(request.headers()));
        // Streams of the newer protocol have no rest that could stand in the way of another.
        let one_by_one = request.version() < hyper::Version::HTTP_2;
        let mut request: Request = request.map(|body| axum::body::Body::new(rest.of(body)));
        let peer = peer::of(request.headers(), remote.ip(), tls, hops);
        request.extensions_mut().insert(peer);
        request
            .extensions_mut()
            .insert(peer::Direct(hops == 0 && remote.ip().is_loopback()));
        let answered = routes.clone().call(request);
        async move {
            let mut answer = answered.await?;
            if one_by_one {
                rest.done(waits, &mut answer).await;
            }
            Ok::<_, std::convert::Infallible>(answer)
        }
    });
    let served = builder.serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(served.into_owned());
    if let Err(e) = watched.await {
        tracing::debug!("a connection ended: {e}");
    }
}

/// Opens the address.
pub(crate) async fn bind(listen: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(listen)
        .await
        .with_context(|| format!("the setting `listen`: the address {listen} cannot be used"))
}
