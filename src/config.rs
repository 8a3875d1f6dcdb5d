//! Settings of the daemon: what was typed ([`Typed`]) becomes what is meant ([`Config`]), or a reason why not.
//!
//! A setting is taken from its flag, else from its `FRONTIERD_*` variable, else from the TOML file, else it has its
//! default. Nothing is bound, opened or created before all of them are checked.

mod check;
mod public;
mod size;
mod typed;

pub use check::{ConfigError, resolve};
pub use typed::Typed;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::limits::{CHECKPOINT_LOG_BYTES_MIN, RING_BYTES_MAX, SLOW_CALL_MILLIS};

/// Default listen address: loopback, so that nothing is public by accident.
pub const LISTEN_DEFAULT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 50_051);
/// Default directory of the store.
pub const DATA_DIR_DEFAULT: &str = "frontierd-data";
/// Where the store is in the data directory; checkpoints and the like stand beside it.
pub fn store_dir(data_dir: &std::path::Path) -> PathBuf {
    data_dir.join("log")
}

/// Default cache of the store in bytes: sled's resident memory can reach ten times this.
pub const CACHE_BYTES_DEFAULT: u64 = 8 * 1024 * 1024;
/// Least cache in bytes: sled refuses less than one segment.
pub const CACHE_BYTES_MIN: u64 = 1024 * 1024;
/// Least ring in bytes: a few frames of the largest kind.
pub const RING_BYTES_MIN: usize = 64 * 1024;
/// Most worker threads: past this a typing error is likelier than a wish.
pub const WORKER_THREADS_MAX: usize = 256;
/// Most listen addresses.
pub const LISTEN_MAX: usize = 16;

/// What the daemon is to do, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where to listen, at least one; port 0 picks a free one.
    pub listen: Vec<SocketAddr>,
    /// Directory of the store; created if it does not exist.
    pub data_dir: PathBuf,
    /// What is logged, and how.
    pub log: LogSettings,
    /// Cache of the store in bytes.
    pub cache_bytes: u64,
    /// Most bytes of the ring that watches resume from.
    pub ring_bytes_max: usize,
    /// Whether a result of an unknown model is refused instead of creating the model.
    pub strict_models: bool,
    /// Host names that HTTP/1.1 and gRPC-Web requests may give besides the listen addresses.
    pub allowed_hosts: Vec<String>,
    /// Whether listening on anything but loopback is wanted although nobody is authenticated.
    pub insecure_public: bool,
    /// None: plaintext.
    pub tls: Option<TlsSettings>,
    /// Who may do what.
    pub access: AccessSettings,
    /// When checkpoints are written.
    pub checkpoint: CheckpointSettings,
    /// Where `/metrics` is served; none = nowhere. Port 0 picks a free one.
    pub metrics_listen: Option<SocketAddr>,
    /// Calls that take this long are logged as slow, streams apart.
    pub slow_call: Duration,
    /// Threads that serve calls; 1 = a current-thread runtime.
    pub worker_threads: usize,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// A filter such as `info` or `info,frontierd::commit=debug`.
    pub filter: String,
    /// The form of each line.
    pub format: LogFormat,
}

/// The form of a log line, on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// Where certificates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// The daemon's certificate chain, PEM.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// CAs that clients must have a certificate of, PEM; none = clients need no certificate.
    pub client_ca: Option<PathBuf>,
}

/// Who may do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessSettings {
    /// File of tokens; none = everybody may do everything.
    pub tokens: Option<PathBuf>,
    /// What callers without a token may do, where there are tokens.
    pub anonymous: Anonymous,
    /// Whether a proxy in front ends TLS, so that tokens come over plaintext.
    pub behind_proxy: bool,
    /// Whether health checks need no token.
    pub open_health: bool,
    /// Whether reflection needs no token.
    pub open_reflection: bool,
}

impl Default for AccessSettings {
    fn default() -> Self {
        Self {
            tokens: None,
            anonymous: Anonymous::Nothing,
            behind_proxy: false,
            open_health: true,
            open_reflection: false,
        }
    }
}

/// What callers without a token may do, where there are tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Anonymous {
    /// Nothing
    #[default]
    Nothing,
    /// Read and watch, as a token of role `read` may
    Read,
}

/// When checkpoints are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointSettings {
    /// False: start-up always replays the whole log.
    pub enabled: bool,
    /// Bytes of log since the last checkpoint that make a new one worth writing.
    pub log_bytes_min: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: vec![LISTEN_DEFAULT],
            data_dir: PathBuf::from(DATA_DIR_DEFAULT),
            log: LogSettings {
                filter: "info".to_owned(),
                format: LogFormat::Human,
            },
            cache_bytes: CACHE_BYTES_DEFAULT,
            ring_bytes_max: RING_BYTES_MAX,
            strict_models: false,
            allowed_hosts: Vec::new(),
            insecure_public: false,
            tls: None,
            access: AccessSettings::default(),
            checkpoint: CheckpointSettings {
                enabled: true,
                log_bytes_min: CHECKPOINT_LOG_BYTES_MIN,
            },
            metrics_listen: None,
            slow_call: Duration::from_millis(SLOW_CALL_MILLIS),
            worker_threads: std::thread::available_parallelism()
                .map_or(1, std::num::NonZeroUsize::get)
                .min(WORKER_THREADS_MAX),
        }
    }
}

#[cfg(test)]
mod tests;
