//! Serving until a signal, with work of our own beside it.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{mpsc, oneshot};
use tracing::{error, info, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::Failure;
use super::signals::Signals;
use crate::config::{Config, ConfigError, LogFormat};
use crate::server::settings::{Adjust, Adjusted, Apply, changed};
use crate::server::{self, Ready, listen};

/// Reads the settings again, from where they were read.
pub(super) type Reread = Box<dyn Fn() -> Result<Config, ConfigError> + Send>;

/// Serves; once calls are answered runs `beside`, whose failure ends the serving; ends on Ctrl-C or SIGTERM, and at once
/// on a second one. SIGHUP takes new settings from `reread`; without one it ends the serving too. Work beside that is cut
/// short by such an end has not failed.
pub(super) async fn serve<F, B>(
    config: Config,
    reread: Option<Reread>,
    beside: F,
) -> Result<(), Failure>
where
    F: FnOnce(Ready) -> B,
    B: Future<Output = Result<(), Failure>>,
{
    let log = log_to_stderr(&config);
    let (reload, reloads) = mpsc::channel(1);
    let signals = Signals::catch(reread.is_some().then_some(reload))?;
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
            () = signals.end() => asking.store(true, Ordering::Relaxed),
            // A dropped sender means that the work beside is done, not that serving is to end.
            () = async { if stopped.await.is_err() { std::future::pending().await } } => {}
        }
    };
    let serving = server::run(config, listeners, shutdown, move |ready| {
        let _ = tell.send(ready);
    });
    let beside = async {
        let Ok(ready) = told.await else { return Ok(()) };
        if let Some(reread) = reread {
            tokio::spawn(follow(reloads, reread, log, ready.clone()));
        }
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

/// Takes new settings each time that it is asked to.
async fn follow(mut reloads: mpsc::Receiver<()>, reread: Reread, log: LogLevel, ready: Ready) {
    while reloads.recv().await.is_some() {
        ready.notifier.reloading();
        let reloaded = reread()
            .map_err(|error| error.to_string())
            .and_then(|config| ready.adjuster.adjust(config, &[&log]));
        match &reloaded {
            Ok(Adjusted {
                changed,
                needs_restart,
            }) => {
                let changed = changed.join("; ");
                let waiting = needs_restart.join(", ");
                match (changed.is_empty(), waiting.is_empty()) {
                    (true, true) => info!("settings read again: nothing is new"),
                    (false, true) => info!(changed, "settings read again"),
                    (_, false) => warn!(
                        changed,
                        needs_restart = waiting,
                        "settings read again; some of them need a restart"
                    ),
                }
            }
            Err(error) => error!(%error, "settings not taken: the old ones stay in force"),
        }
        ready.notifier.ready(match reloaded {
            Ok(_) => "serving",
            Err(_) => "serving; the last reload failed, see the log",
        });
    }
}

/// Changes what is logged.
struct LogLevel(Option<Set>);

type Set = Arc<dyn Fn(&str) + Send + Sync>;

impl Adjust for LogLevel {
    fn prepare(&self, old: &Config, new: &Config) -> Result<Option<(String, Apply)>, String> {
        let Some(what) = changed("log_level", &old.log.filter, &new.log.filter) else {
            return Ok(None);
        };
        let Some(set) = self.0.clone() else {
            return Err("log_level cannot change: the log is somebody else's".to_owned());
        };
        let filter = new.log.filter.clone();
        Ok(Some((what, Box::new(move || set(&filter)))))
    }
}

fn log_to_stderr(config: &Config) -> LogLevel {
    // Checked with the other settings.
    let filter = config.log.filter.parse::<Targets>().unwrap_or_default();
    let (filter, handle) = tracing_subscriber::reload::Layer::new(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log.format {
        LogFormat::Human => lines.with_ansi(colour()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    // Fails when a subscriber is set already: then that one is wanted.
    let ours = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .is_ok();
    let set = move |filter: &str| {
        if let Ok(filter) = filter.parse::<Targets>() {
            // Fails when the log is gone, and then there is nobody to tell.
            let _ = handle.reload(filter);
        }
    };
    LogLevel(ours.then(|| Arc::new(set) as Set))
}

fn colour() -> bool {
    use std::io::IsTerminal;
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !refused
}

/// The first address as one that this machine can connect to, `HOST:PORT`.
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

/// Where a browser finds the dashboard; nothing where it was left out of this build.
pub(super) fn dashboard_url(addr: SocketAddr, is_tls: bool) -> Option<String> {
    let scheme = if is_tls { "https" } else { "http" };
    cfg!(feature = "dashboard").then(|| format!("{scheme}://{addr}/"))
}
