//! Serving until a signal, with work of our own beside it.

use std::future::Future;
#[cfg(feature = "cli")]
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::oneshot;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::Failure;
use crate::config::{Config, LogFormat};
use crate::server::{self, Ready, listen};

/// Serves; once calls are answered runs `beside`, whose failure ends the serving; ends on Ctrl-C or SIGTERM. Work beside
/// that is cut short by such an end has not failed.
pub(super) async fn serve<F, B>(config: Config, beside: F) -> Result<(), Failure>
where
    F: FnOnce(Ready) -> B,
    B: Future<Output = Result<(), Failure>>,
{
    log_to_stderr(&config);
    let bound = listen::bind(&config.listen)
        .await
        .map_err(|error| Failure::Failed(error.to_string()))?;
    let listeners = bound.into_iter().map(|(listener, _)| listener).collect();
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell, told) = oneshot::channel();
    let asked_to_end = Arc::new(AtomicBool::new(false));
    let asking = Arc::clone(&asked_to_end);
    let shutdown = async move {
        tokio::select! {
            () = signalled() => asking.store(true, Ordering::Relaxed),
            // A dropped sender means that the work beside is done, not that serving is to end.
            () = async { if stopped.await.is_err() { std::future::pending().await } } => {}
        }
    };
    let serving = server::run(config, listeners, shutdown, move |ready| {
        let _ = tell.send(ready);
    });
    let beside = async {
        let Ok(ready) = told.await else { return Ok(()) };
        let done = beside(ready).await;
        if done.is_err() {
            let _ = stop.send(());
        }
        done
    };
    let (served, done) = tokio::join!(serving, beside);
    served.map_err(|error| Failure::Failed(error.to_string()))?;
    if asked_to_end.load(Ordering::Relaxed) {
        return Ok(());
    }
    done
}

/// Waits for Ctrl-C or, where there is such a thing, SIGTERM. Where signals cannot be had, waits for ever.
async fn signalled() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! { () = interrupt => {}, () = terminate => {} }
    }
    #[cfg(not(unix))]
    interrupt.await;
}

fn log_to_stderr(config: &Config) {
    // Checked with the other settings.
    let filter = config.log.filter.parse::<Targets>().unwrap_or_default();
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log.format {
        LogFormat::Human => lines.with_ansi(colour()).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    // Fails when a subscriber is set already: then that one is wanted.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init();
}

fn colour() -> bool {
    use std::io::IsTerminal;
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !refused
}

/// The first address as one that this machine can connect to, `HOST:PORT`.
#[cfg(feature = "cli")]
pub(super) fn reachable(ready: &Ready) -> Result<SocketAddr, Failure> {
    let Some(addr) = ready.addrs.first() else {
        return Err(Failure::Failed("the server bound no address".to_owned()));
    };
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    Ok(SocketAddr::new(ip, addr.port()))
}
