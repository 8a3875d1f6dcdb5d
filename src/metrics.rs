//! Metrics in the OpenMetrics text format, which Prometheus scrapes.
//!
//! What happens often is counted where it happens, in plain atomics ([`crate::measure`]); everything else is asked for
//! when somebody scrapes. Names end in their unit; numbers of labels are bounded, whatever callers send.

mod calls;
mod page;
mod process;
mod sources;

pub use calls::{CODES, Calls, METHODS, Method};
pub use process::{Process, bytes_below};

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::registry::Registry;

use crate::api::watch::Watches;
use crate::build;
use crate::clock::Clock;
use crate::commit::Commit;
use crate::measure::Counter;
use page::{BYTES, Page, SECONDS, about};

/// The content type of a page.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Connections since the start.
#[derive(Debug, Default)]
pub struct Connections {
    /// Accepted.
    pub accepted: Counter,
    /// Closed again.
    pub closed: Counter,
}

/// Everything that is measured. Clones are one.
#[derive(Clone)]
pub struct Metrics {
    shared: Arc<Shared>,
}

struct Shared {
    calls: Arc<Calls>,
    connections: Arc<Connections>,
    clock: Clock,
    started_micros: i64,
    data_dir: PathBuf,
    /// Empty until the log is replayed.
    opened: OnceLock<(Commit, Watches)>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Metrics of a daemon that has not opened its log yet, with its data in `data_dir`.
    pub fn new(clock: Clock, data_dir: PathBuf) -> Self {
        Self {
            shared: Arc::new(Shared {
                calls: Arc::default(),
                connections: Arc::default(),
                started_micros: clock.now().micros(),
                clock,
                data_dir,
                opened: OnceLock::new(),
            }),
        }
    }

    /// Where calls are counted.
    pub fn calls(&self) -> &Arc<Calls> {
        &self.shared.calls
    }

    /// Where connections are counted.
    pub fn connections(&self) -> &Arc<Connections> {
        &self.shared.connections
    }

    /// Tells the metrics whom to ask, once.
    pub fn open(&self, commit: Commit, watches: Watches) {
        // A second call changes nothing.
        let _ = self.shared.opened.set((commit, watches));
    }

    /// The page. Reads the directory of the data, so it may block for a moment.
    pub fn page(&self) -> String {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self.clone()));
        let mut page = String::with_capacity(32 * 1024);
        // Writing to a text does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut page, &registry);
        page
    }

    fn daemon(&self, page: &mut Page<'_>) -> fmt::Result {
        let features = build::FEATURES;
        page.info(
            about("frontierd_build", "The program that runs"),
            &[
                ("version", build::VERSION),
                ("commit", build::COMMIT),
                ("profile", build::PROFILE),
                ("features", features),
            ],
        )?;
        let ready = self.shared.opened.get().is_some();
        page.gauge(
            about(
                "frontierd_ready",
                "1 once the log is replayed and calls are answered",
            ),
            f64::from(u8::from(ready)),
        )?;
        let stored = bytes_below(&self.shared.data_dir);
        page.gauge(
            about(
                "frontierd_store",
                "Bytes of the files in the data directory",
            )
            .in_unit(BYTES),
            stored as f64,
        )
    }

    fn calls_and_connections(&self, page: &mut Page<'_>) -> fmt::Result {
        let calls = &self.shared.calls;
        let called: Vec<_> = calls
            .methods()
            .filter(|method| method.codes.iter().any(|count| *count > 0))
            .collect();
        page.counters(
            about(
                "frontierd_grpc_calls",
                "Calls that ended, by method and gRPC code",
            ),
            called.iter().flat_map(|method| {
                let codes = CODES
                    .iter()
                    .zip(method.codes)
                    .filter(|(_, count)| *count > 0);
                codes.map(|(code, count)| (vec![("method", method.method), ("code", *code)], count))
            }),
        )?;
        page.histograms(
            about(
                "frontierd_grpc_call_duration",
                "How long calls took, by method",
            )
            .in_unit(SECONDS),
            called
                .iter()
                .map(|method| (vec![("method", method.method)], method.durations.seconds())),
        )?;
        page.gauge(
            about(
                "frontierd_grpc_calls_open",
                "Calls that began and have not ended, watches included",
            ),
            calls.open() as f64,
        )?;
        let connections = &self.shared.connections;
        let closed = connections.closed.get();
        let accepted = connections.accepted.get();
        page.counter(
            about("frontierd_connections", "Connections accepted"),
            &accepted,
        )?;
        page.gauge(
            about("frontierd_connections_open", "Connections open now"),
            accepted.saturating_sub(closed) as f64,
        )
    }

    fn process(&self, page: &mut Page<'_>) -> fmt::Result {
        let process = Process::read();
        let whole = |count: Option<u64>| count.map(|count| count as f64);
        page.gauge(
            about(
                "process_start_time",
                "When the process began, seconds since 1970",
            )
            .in_unit(SECONDS),
            self.shared.started_micros as f64 / 1e6,
        )?;
        if let Some(seconds) = process.cpu_seconds {
            page.counter(
                about("process_cpu", "CPU time used").in_unit(SECONDS),
                &seconds,
            )?;
        }
        page.known(
            about("process_resident_memory", "Memory in RAM").in_unit(BYTES),
            whole(process.resident_bytes),
        )?;
        page.known(
            about("process_virtual_memory", "Address space").in_unit(BYTES),
            whole(process.virtual_bytes),
        )?;
        page.known(about("process_threads", "Threads"), whole(process.threads))?;
        page.known(
            about("process_open_fds", "Open files and sockets"),
            whole(process.open_fds),
        )?;
        page.known(
            about("process_max_fds", "Most files and sockets that may be open"),
            whole(process.max_fds),
        )
    }
}

impl Collector for Metrics {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let page = &mut Page(encoder);
        self.daemon(page)?;
        self.calls_and_connections(page)?;
        if let Some((commit, watches)) = self.shared.opened.get() {
            sources::submissions(page, commit)?;
            sources::store(page, commit, &self.shared.clock)?;
            sources::scrub(page, commit)?;
            sources::boards(page, &commit.board())?;
            sources::watches(page, commit, watches)?;
        }
        self.process(page)
    }
}
