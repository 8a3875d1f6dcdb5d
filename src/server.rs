//! The server: who may connect, what is logged, when calls are answered, how it ends.

mod auth;
mod connections;
mod dispatch;
mod gate;
pub mod guard;
mod inside;
pub mod listen;
mod load;
pub mod notify;
#[cfg(feature = "dashboard")]
mod pages;
mod reload;
mod scrape;
pub mod settings;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "server/no_tls.rs"]
mod tls;
mod together;
pub mod trace;
mod transport;

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tracing::{error, info, warn};

use crate::api::watch::Watches;
use crate::api::{Api, Rules};
use crate::clock::{Clock, Stopwatch};
use crate::commit::{Commit, Opened, Settings};
use crate::config::{Config, store_dir};
use crate::log::{Log, SledLog, SledOptions};
use crate::metrics::{Calls, Metrics};
use crate::model::Revision;
use crate::proto::DESCRIPTORS;
use auth::{Auth, Authenticated, Tokens};
use dispatch::Dispatch;
use gate::{Gate, Gated};
use guard::{Guard, Guarded};
pub use inside::Inside;
use load::{Load, Loaded};
use notify::{Notifier, Watchdog};
pub use reload::{Reload, Reloaded};
use scrape::Scraping;
use settings::{Adjust, Adjuster};
use tls::Tls;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::Layer;
use trace::{Trace, Traced};
use transport::{Connections, Ended, Link};

/// How long open calls may take to end after shutdown was asked for.
const DRAIN: Duration = Duration::from_secs(10);
/// How long answers to callers in flight may take to leave after the store failed.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// How long a start may be silent before the service manager gives it up.
const REPLAY_PATIENCE: Duration = Duration::from_secs(60);
/// How often the day is looked at, so that a price due today comes into force today, whatever happens to the clock.
const DAY_CHECK: Duration = Duration::from_secs(60);
/// Names that health answers for, besides the whole server.
const SERVICES: [&str; 4] = [
    "frontier.v1.LeaderboardService",
    "frontier.v1.CatalogService",
    "frontier.v1.TrendService",
    "frontier.v1.AdminService",
];

/// What is known once calls are answered.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Addresses bound.
    pub addrs: Vec<SocketAddr>,
    /// Where metrics are served.
    pub metrics_addr: Option<SocketAddr>,
    /// Id of the store.
    pub store_id: String,
    /// Newest durable revision.
    pub head_revision: Revision,
    /// Calls from inside the process.
    pub inside: Inside,
    /// Takes settings that change, and reads files again that can change.
    pub adjuster: Arc<Adjuster>,
    /// The service manager.
    pub notifier: Arc<Notifier>,
}

/// Why serving failed.
#[derive(Debug)]
pub enum ServeError {
    /// The store cannot be opened or replayed.
    Store(String),
    /// A file that a setting names cannot be used.
    Setting(String),
    /// Metrics cannot be served.
    Metrics(String),
    /// A thread or task ended that must not.
    Task(String),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(message) | Self::Setting(message) => f.write_str(message),
            Self::Metrics(message) => write!(f, "metrics: {message}"),
            Self::Task(message) => write!(f, "a part of the server ended: {message}"),
        }
    }
}

impl std::error::Error for ServeError {}

/// Serves the store of `config` on bound listeners until `shutdown`. Health and reflection answer at once, everything
/// else once the log is replayed, which `ready` is told.
///
/// # Errors
/// [`ServeError`]. After a failed write the process exits instead: nothing that follows it could be trusted.
pub async fn run(
    config: Config,
    listeners: Vec<TcpListener>,
    shutdown: impl Future<Output = ()> + Send + 'static,
    ready: impl FnOnce(Ready) + Send,
) -> Result<(), ServeError> {
    run_with(config, Clock::system(), listeners, shutdown, ready).await
}

/// As [`run`], with a clock of one's own.
///
/// # Errors
/// As [`run`].
pub async fn run_with(
    config: Config,
    clock: Clock,
    listeners: Vec<TcpListener>,
    shutdown: impl Future<Output = ()> + Send + 'static,
    ready: impl FnOnce(Ready) + Send,
) -> Result<(), ServeError> {
    let addrs = addresses(&listeners);
    let (closing, closed) = watch::channel(false);
    let (health, health_service) = tonic_health::server::health_reporter();
    tell_health(&health, ServingStatus::NotServing).await;
    let api = Api::unopened();
    let metrics = Metrics::new(clock.clone(), config.data_dir.clone());
    let access = Access::load(&config, &clock, &metrics)?;
    let dispatch = Load::default().layer(Dispatch::new(&api, routes(health_service)?));
    let scraping = Scraping::start(&config, &metrics).await?;
    let front = Front::new(&config, &addrs, &metrics);
    let stack = front.before(access.auth.layer(dispatch));
    let (inside, ended) = start(listeners, stack, access.settings, closed.clone());

    tokio::pin!(shutdown);
    let notifier = Arc::new(Notifier::from_env());
    let _watchdog = Watchdog::start(&notifier);
    let opening = opening(&config, clock, &notifier);
    let Opened { commit, writer } = tokio::select! {
        opened = opening => opened?,
        () = &mut shutdown => {
            notifier.stopping("stopping during the start", Duration::ZERO);
            info!("asked to stop before the log was replayed; nothing was changed");
            return Ok(());
        }
    };
    let watches = Watches::new(commit.clone(), closed.clone());
    metrics.open(commit.clone(), watches.clone());
    api.open(commit.clone(), watches.clone(), rules(&config), closed);
    front.gate.open();
    tell_health(&health, ServingStatus::Serving).await;
    let head_revision = commit.log().head().revision;
    info!(?addrs, head_revision, "serving");
    ready(Ready {
        addrs,
        metrics_addr: scraping.as_ref().map(|scraping| scraping.addr),
        store_id: commit.log().store_id().to_owned(),
        head_revision,
        inside,
        adjuster: Arc::new(front.adjuster(config, scraping.as_ref(), &access.reload)),
        notifier: Arc::clone(&notifier),
    });
    notifier.ready(&format!("serving, at revision {head_revision}"));

    let files = tokio::spawn(access.reload.follow_files());
    let days = tokio::spawn(watch_days(commit.clone()));
    let scrub = commit.scrub();
    tokio::select! {
        () = shutdown => {}
        () = commit.poisoned() => last_words(&health).await,
    }
    tell_health(&health, ServingStatus::NotServing).await;
    notifier.stopping("draining", 2 * DRAIN);
    days.abort();
    files.abort();
    say_goodbye(&metrics, &watches);
    closing.send_replace(true);
    drain(ended, metrics.calls()).await;
    drop(scrub);
    close(&commit, writer).await;
    Ok(())
}

fn say_goodbye(metrics: &Metrics, watches: &Watches) {
    info!(
        open_calls = metrics.calls().open(),
        watchers = watches.watchers(),
        "shutting down: watches end with a revision to resume after"
    );
}

fn rules(config: &Config) -> Rules {
    Rules {
        strict_models: config.strict_models,
        open_to_anybody: config.access.tokens.is_none(),
    }
}

fn addresses(listeners: &[TcpListener]) -> Vec<SocketAddr> {
    let addrs = listeners.iter().map(TcpListener::local_addr);
    addrs.filter_map(Result::ok).collect()
}

/// Who may connect and call, by the files that the settings name.
struct Access {
    auth: Auth,
    settings: transport::Settings,
    reload: Reload,
}

impl Access {
    fn load(config: &Config, clock: &Clock, metrics: &Metrics) -> Result<Self, ServeError> {
        let tls = config.tls.as_ref().map(Tls::load).transpose();
        let tls = tls.map_err(ServeError::Setting)?;
        let path = config.access.tokens.as_deref();
        let tokens = path.map(Tokens::load).transpose();
        let tokens = tokens.map_err(ServeError::Setting)?;
        if let Some(tokens) = &tokens {
            let count = tokens.current().len();
            info!(file = %tokens.path().display(), count, "tokens loaded");
        }
        Ok(Self {
            auth: Auth::new(tokens.clone(), &config.access, clock.clone()),
            reload: Reload::new(tokens, tls.clone(), clock.clone()),
            settings: transport::Settings {
                tls,
                tally: Arc::clone(metrics.connections()),
                behind_proxy: config.access.behind_proxy,
            },
        })
    }
}

/// Opens the store on a thread of its own.
async fn opening(
    config: &Config,
    clock: Clock,
    notifier: &Arc<Notifier>,
) -> Result<Opened, ServeError> {
    let (config, notifier) = (config.clone(), Arc::clone(notifier));
    let opened = tokio::task::spawn_blocking(move || open(&config, clock, &notifier)).await;
    let opened = opened.map_err(|error| ServeError::Task(error.to_string()))?;
    let opened = opened.map_err(ServeError::Store)?;
    match opened.commit.bring_prices_into_force().await {
        Ok(_) => Ok(opened),
        Err(refusal) => Err(ServeError::Store(refusal.message)),
    }
}

/// What answers each connection.
type Stack = Traced<Guarded<Paged<Gated<GrpcWebService<Authenticated<Loaded<Dispatch>>>>>>>;
#[cfg(feature = "dashboard")]
type Paged<S> = pages::WithPages<S>;
#[cfg(not(feature = "dashboard"))]
type Paged<S> = S;

/// A service beside the dashboard, in a build that has one.
fn with_pages<S>(service: S) -> Paged<S> {
    #[cfg(feature = "dashboard")]
    let service = pages::Pages.layer(service);
    service
}

/// What a call passes before it is dispatched, outermost first. Clones are one.
#[derive(Clone)]
struct Front {
    trace: Trace,
    guard: Guard,
    gate: Gate,
}

impl Front {
    fn new(config: &Config, addrs: &[SocketAddr], metrics: &Metrics) -> Self {
        let trace = Trace::new(Arc::clone(metrics.calls()));
        trace.set_slow(config.slow_call);
        Self {
            trace,
            guard: Guard::new(addrs, &config.allowed_hosts),
            gate: Gate::closed(),
        }
    }

    fn before(&self, called: Authenticated<Loaded<Dispatch>>) -> Stack {
        let web = GrpcWebLayer::new().layer(called);
        let paged = with_pages(self.gate.layer(web));
        self.trace.layer(self.guard.layer(paged))
    }

    /// Everything whose settings can change. Files come last: they are taken as they are read.
    fn adjuster(&self, config: Config, scraping: Option<&Scraping>, files: &Reload) -> Adjuster {
        let mut parts: Vec<Box<dyn Adjust>> =
            vec![Box::new(self.trace.clone()), Box::new(self.guard.clone())];
        parts.extend(scraping.map(|it| Box::new(it.guard.clone()) as Box<dyn Adjust>));
        parts.push(Box::new(files.clone()));
        Adjuster::new(config, parts)
    }
}

/// Answers on the listeners until `closed` turns true.
fn start(
    listeners: Vec<TcpListener>,
    stack: Stack,
    settings: transport::Settings,
    closed: watch::Receiver<bool>,
) -> (Inside, Ended) {
    let (connections, running, ended) = Connections::new(stack, settings, closed);
    for listener in listeners {
        connections.listen(listener, running.clone());
    }
    let inside = Inside::new(move || connections.inside(Link::inside()));
    (inside, ended)
}

/// Waits for open calls to end, up to a deadline, and says what became of them.
async fn drain(ended: Ended, calls: &Calls) {
    let watch = Stopwatch::start();
    if tokio::time::timeout(DRAIN, ended.wait()).await.is_ok() {
        info!(seconds = watch.elapsed().as_secs_f64(), "all calls ended");
        return;
    }
    warn!(
        open_calls = calls.open(),
        seconds = DRAIN.as_secs(),
        "calls still open after the drain; leaving them"
    );
}

/// Waits for the writer to answer what is queued and let go of the store.
async fn close(commit: &Commit, writer: std::thread::JoinHandle<()>) {
    commit.close().await;
    let joined = tokio::task::spawn_blocking(move || writer.join().is_ok());
    let revision = commit.log().head().revision;
    match tokio::time::timeout(DRAIN, joined).await {
        Ok(Ok(true)) => info!(revision, "store closed; stopped"),
        Ok(_) => error!("the writer panicked"),
        Err(_) => warn!("the writer is still at work; leaving it"),
    }
}

/// The routes of health and reflection.
fn routes(
    health: impl tonic::codegen::Service<
        http::Request<tonic::body::Body>,
        Response = http::Response<tonic::body::Body>,
        Error = std::convert::Infallible,
        Future: Send + 'static,
    > + tonic::server::NamedService
    + Clone
    + Send
    + Sync
    + 'static,
) -> Result<tonic::service::Routes, ServeError> {
    let unusable = |error: tonic_reflection::server::Error| ServeError::Task(error.to_string());
    // Each protocol of reflection lists itself, so the other one is added.
    let reflection = |other: &'static [u8]| {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            // So that a shell can read the details of a refusal.
            .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(other)
    };
    let v1 = reflection(tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET).build_v1();
    let v1alpha = reflection(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET).build_v1alpha();
    Ok(tonic::service::Routes::new(health)
        .add_service(v1.map_err(unusable)?)
        .add_service(v1alpha.map_err(unusable)?))
}

fn open(config: &Config, clock: Clock, notifier: &Notifier) -> Result<Opened, String> {
    let options = SledOptions {
        cache_bytes: config.cache_bytes,
        create: true,
    };
    let dir = store_dir(&config.data_dir);
    let (log, events) = SledLog::open(&dir, options).map_err(|error| error.to_string())?;
    for event in events {
        info!("{event}");
    }
    let head = log.head().revision;
    let settings = Settings {
        checkpoints: checkpoints(config),
        checkpoint_log_bytes_min: config.checkpoint.log_bytes_min,
        ring_bytes_max: config.ring_bytes_max,
        clock,
        ..Settings::default()
    };
    let mut progress = Progress::new(head);
    Commit::open(Box::new(log), settings, |done, of| {
        progress.tell(done, of, notifier);
    })
    .map_err(|error| error.to_string())
}

fn checkpoints(config: &Config) -> Option<std::path::PathBuf> {
    let dir: &Path = &config.data_dir;
    config.checkpoint.enabled.then(|| dir.join("checkpoints"))
}

/// Says now and then how far the replay is.
struct Progress {
    watch: Stopwatch,
    said: Duration,
    head: Revision,
}

impl Progress {
    fn new(head: Revision) -> Self {
        Self {
            watch: Stopwatch::start(),
            said: Duration::ZERO,
            head,
        }
    }

    fn tell(&mut self, done: Revision, of: Revision, notifier: &Notifier) {
        let elapsed = self.watch.elapsed();
        let last = done >= of;
        if !last && elapsed.saturating_sub(self.said) < Duration::from_secs(1) {
            return;
        }
        self.said = elapsed;
        let percent = done * 100 / of.max(1);
        notifier.starting(&format!("replaying the log: {percent} %"), REPLAY_PATIENCE);
        info!(
            revision = done,
            of = self.head,
            percent,
            seconds = elapsed.as_secs_f64(),
            "{}",
            if last {
                "log replayed"
            } else {
                "replaying the log"
            }
        );
    }
}

async fn watch_days(commit: Commit) {
    let mut today = commit.clock().today();
    loop {
        tokio::time::sleep(DAY_CHECK).await;
        let now = commit.clock().today();
        if now == today {
            continue;
        }
        match commit.bring_prices_into_force().await {
            Ok(0) => {}
            Ok(count) => info!(count, day = %now, "prices came into force"),
            Err(refusal) => warn!(%refusal, "prices that fell due are not in force yet"),
        }
        today = now;
    }
}

async fn tell_health(health: &HealthReporter, status: ServingStatus) {
    health.set_service_status("", status).await;
    for service in SERVICES {
        health.set_service_status(service, status).await;
    }
}

/// After a failed write nothing can be trusted but what is on the disk: say so and leave, without any destructor.
async fn last_words(health: &HealthReporter) {
    tell_health(health, ServingStatus::NotServing).await;
    tokio::time::sleep(LAST_WORDS).await;
    error!("exiting, because the store failed to write; restart to go on from what is on the disk");
    std::process::exit(1);
}
