//! One measurement: how much happened in how long, and who was busy.

use std::fs;
use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// Ticks a second in /proc: part of Linux's interface, on every architecture that Rust builds for.
const TICKS_PER_SECOND: f64 = 100.0;
/// Longest latency told apart, in nanoseconds.
const LATENCY_NS_MAX: u64 = 60_000_000_000;

/// What one measurement found.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Measured {
    /// Answers (or deliveries) checked.
    pub count: u64,
    /// How long it took.
    pub seconds: f64,
    /// Half were answered within this.
    pub p50_us: f64,
    /// All but one in a hundred.
    pub p99_us: f64,
    /// All but one in a thousand.
    pub p999_us: f64,
    /// The slowest.
    pub max_us: f64,
    /// How late the load client itself began what was due on a schedule: all but one in a hundred. Part of the latency.
    pub late_p99_us: f64,
    /// Mean bytes of one delivery; 0 = no deliveries.
    pub bytes: f64,
    /// Share of a core the server used; 0 = not asked for.
    pub server_cpu: f64,
    /// Share of a core the load client used.
    pub client_cpu: f64,
}

impl Measured {
    /// A second.
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.seconds
    }

    /// Server CPU for one, microseconds.
    pub fn server_us(&self) -> f64 {
        self.server_cpu * self.seconds * 1e6 / self.count as f64
    }
}

/// CPU time of a process, all its threads together.
pub fn cpu_seconds(pid: u32) -> Result<f64, Failure> {
    // User and system time.
    times(pid, 14)
}

/// CPU time of the children of this process that have ended.
pub fn ended_children_seconds() -> Result<f64, Failure> {
    times(process::id(), 16)
}

/// The sum of two neighbouring times of /proc/PID/stat, counted from 1 as proc(5) does.
fn times(pid: u32, field: usize) -> Result<f64, Failure> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may hold spaces. Field 3 is the first after it.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after
        .split_ascii_whitespace()
        .skip(field - 3)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum();
    Ok(ticks / TICKS_PER_SECOND)
}

/// Counts while a load runs; only what falls between warm-up and end is told.
pub struct Meter {
    count: AtomicU64,
    latency: Mutex<Histogram<u64>>,
    late: Mutex<Histogram<u64>>,
    stopped: AtomicBool,
    failure: Mutex<Option<Failure>>,
}

impl Meter {
    pub fn new() -> Result<Self, Failure> {
        Ok(Self {
            count: AtomicU64::new(0),
            latency: Mutex::new(Histogram::new_with_max(LATENCY_NS_MAX, 3)?),
            late: Mutex::new(Histogram::new_with_max(LATENCY_NS_MAX, 3)?),
            stopped: AtomicBool::new(false),
            failure: Mutex::new(None),
        })
    }

    /// One more.
    pub fn add(&self, count: u64) {
        self.count.fetch_add(count, Ordering::Relaxed);
    }

    /// One that took this long.
    pub fn record(&self, took: Duration) {
        record(&self.latency, took);
    }

    /// One that was due this long ago and only now begins.
    pub fn late(&self, by: Duration) {
        record(&self.late, by);
    }

    /// Whether the load is to end.
    pub fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Ends the measurement with the first failure of any caller.
    pub fn fail(&self, failure: Failure) {
        if let (Ok(mut first), false) = (self.failure.lock(), self.stopped()) {
            first.get_or_insert(failure);
        }
    }

    fn check(&self) -> Result<(), Failure> {
        let failed = self.failure.lock().map_err(|_| "a caller panicked")?.take();
        failed.map_or(Ok(()), Err)
    }

    async fn wait(&self, span: Duration) -> Result<(), Failure> {
        let end = Instant::now() + span;
        while Instant::now() < end {
            let left = end.saturating_duration_since(Instant::now());
            tokio::time::sleep(left.min(Duration::from_millis(200))).await;
            self.check()?;
        }
        Ok(())
    }

    /// Lets the load that has been started warm up, measures it, and stops it.
    pub async fn measure(
        &self,
        span: &super::role::Span,
        server: Option<u32>,
    ) -> Result<Measured, Failure> {
        self.wait(Duration::try_from_secs_f64(span.warm_up)?)
            .await?;
        let begun = self.mark(server)?;
        for histogram in [&self.latency, &self.late] {
            if let Ok(mut histogram) = histogram.lock() {
                histogram.reset();
            }
        }
        self.wait(Duration::try_from_secs_f64(span.seconds)?)
            .await?;
        let ended = self.mark(server)?;
        self.stopped.store(true, Ordering::Relaxed);
        let seconds = (ended.at - begun.at).as_secs_f64();
        let measured = Measured {
            server_cpu: (ended.server - begun.server) / seconds,
            client_cpu: (ended.client - begun.client) / seconds,
            ..self.tell(ended.count - begun.count, seconds)?
        };
        if measured.count == 0 {
            return Err("nothing was answered".into());
        }
        Ok(measured)
    }

    /// What was counted and recorded, without CPU times.
    pub fn tell(&self, count: u64, seconds: f64) -> Result<Measured, Failure> {
        let latency = self.latency.lock().map_err(|_| "a caller panicked")?;
        let late = self.late.lock().map_err(|_| "a caller panicked")?;
        let quantile = |share| latency.value_at_quantile(share) as f64 / 1e3;
        Ok(Measured {
            count,
            seconds,
            p50_us: quantile(0.5),
            p99_us: quantile(0.99),
            p999_us: quantile(0.999),
            max_us: latency.max() as f64 / 1e3,
            late_p99_us: late.value_at_quantile(0.99) as f64 / 1e3,
            ..Measured::default()
        })
    }

    fn mark(&self, server: Option<u32>) -> Result<Mark, Failure> {
        Ok(Mark {
            at: Instant::now(),
            count: self.count.load(Ordering::Relaxed),
            server: server.map_or(Ok(0.0), cpu_seconds)?,
            client: cpu_seconds(process::id())?,
        })
    }
}

fn record(histogram: &Mutex<Histogram<u64>>, span: Duration) {
    if let Ok(mut histogram) = histogram.lock() {
        histogram.saturating_record(span.as_nanos() as u64);
    }
}

struct Mark {
    at: Instant,
    count: u64,
    server: f64,
    client: f64,
}
