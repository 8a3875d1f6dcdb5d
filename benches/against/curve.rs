//! How deliveries and their delay change with the number of watchers.

use std::fmt;

use serde::Serialize;

use crate::Failure;
use crate::meter::Measured;
use crate::peers::{Lab, NO_REDIS, redis_is_installed};
use crate::process::Server;
use crate::report::Report;
use crate::subjects::{WINDOWS, best_of};

/// Name of the row.
pub const NAME: &str = "watchers-curve";
/// What it tells.
pub const WHAT: &str =
    "deliveries/s at the peak, and their delay at half of it, by number of watchers; not a ratio";
/// The server that is ours.
const DAEMON: &str = "frontierd";
/// The greatest number is the most that a daemon has.
const WATCHERS: [usize; 5] = [1, 10, 100, 1_000, frontierd::limits::MAX_WATCHERS];

/// So many watchers of one server.
#[derive(Clone, Serialize)]
pub struct Point {
    pub server: &'static str,
    pub watchers: usize,
    pub turn: usize,
    /// At the peak.
    pub deliveries_per_second: f64,
    pub messages_per_second: f64,
    /// Server CPU for one delivery at the peak.
    pub server_us: f64,
    /// From when a message was due to be sent until a watcher has read it, at half the peak.
    pub p50_delay_us: f64,
    pub p99_delay_us: f64,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "  {:>2}  {:<10} {:>5} watchers {:>9.0} deliveries/s ({:>6.0} messages/s), server {:>6.2} us each; \
             at half that: delay p50 {:>7.0} us, p99 {:>7.0} us",
            self.turn + 1,
            self.server,
            self.watchers,
            self.deliveries_per_second,
            self.messages_per_second,
            self.server_us,
            self.p50_delay_us,
            self.p99_delay_us
        )
    }
}

/// Measures every number of watchers, frontierd and Redis in turns.
pub fn measure(lab: &Lab, report: &mut Report) -> Result<(), Failure> {
    let redis = redis_is_installed();
    if !redis {
        report.skip(NAME, NO_REDIS);
    }
    for turn in 0..lab.settings().repetitions {
        for watchers in WATCHERS {
            let daemon = &lab.small()?.server;
            let (point, peak) = point(lab, daemon, DAEMON, &["watch"], watchers)?;
            report.point(Point { turn, ..point });
            if redis {
                let bytes = format!("--bytes={:.0}", peak.bytes);
                let server = &lab.redis()?.server;
                let words = ["subscribe", &bytes];
                let (point, _) = self::point(lab, server, "Redis", &words, watchers)?;
                report.point(Point { turn, ..point });
            }
        }
    }
    Ok(())
}

fn point(
    lab: &Lab,
    server: &Server,
    name: &'static str,
    words: &[&str],
    watchers: usize,
) -> Result<(Point, Measured), Failure> {
    let settings = lab.settings();
    let count = format!("--watchers={watchers}");
    let load = |more: &str| {
        let words: Vec<&str> = words
            .iter()
            .copied()
            .chain([count.as_str(), more])
            .collect();
        let dates = settings.dates().filter(|_| name == DAEMON);
        server.load_with(settings, &words, dates)
    };
    let peak = best_of(&WINDOWS, load)?;
    let messages_per_second = peak.rate() / watchers as f64;
    let calm = load(&format!("--rate={}", messages_per_second / 2.0))?;
    let point = Point {
        server: name,
        watchers,
        turn: 0,
        deliveries_per_second: peak.rate(),
        messages_per_second,
        server_us: peak.server_us(),
        p50_delay_us: calm.p50_us,
        p99_delay_us: calm.p99_us,
    };
    Ok((point, peak))
}
