//! What was typed: flags, environment and file, unchecked.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::size::Size;
use super::{Anonymous, LogFormat};

/// Settings as given by flags or `FRONTIERD_*` variables, or by a TOML file with the same names in `snake_case`.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Typed {
    /// TOML file with settings; flags and environment go before it
    #[arg(long, value_name = "FILE", env = "FRONTIERD_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Where to listen; repeat or separate by commas; port 0 picks a free one [default: 127.0.0.1:50051]
    #[arg(
        long,
        value_name = "ADDR:PORT",
        env = "FRONTIERD_LISTEN",
        value_delimiter = ','
    )]
    #[serde(deserialize_with = "one_or_many")]
    pub listen: Option<Vec<String>>,
    /// Directory of the store [default: ./frontierd-data]
    #[arg(long, value_name = "DIR", env = "FRONTIERD_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// What to log: `error`, `warn`, `info`, `debug`, `trace`, or a filter by module [default: info]
    #[arg(long, value_name = "FILTER", env = "FRONTIERD_LOG_LEVEL")]
    pub log_level: Option<String>,
    /// How to log [default: human]
    #[arg(long, value_name = "FORMAT", env = "FRONTIERD_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Cache of the store; resident memory can be several times this [default: 8MiB]
    #[arg(long, value_name = "SIZE", env = "FRONTIERD_CACHE_BYTES")]
    pub cache_bytes: Option<Size>,
    /// Most memory for the changes that watches resume from [default: 64MiB]
    #[arg(long, value_name = "SIZE", env = "FRONTIERD_RING_BYTES_MAX")]
    pub ring_bytes_max: Option<Size>,
    /// Refuse results of unknown models instead of creating the models
    #[arg(long, value_name = "BOOL", env = "FRONTIERD_STRICT_MODELS", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub strict_models: Option<bool>,
    /// Host name that browsers may use besides the listen addresses; repeat or separate by commas
    #[arg(
        long = "allowed-host",
        value_name = "HOST",
        env = "FRONTIERD_ALLOWED_HOSTS",
        value_delimiter = ','
    )]
    #[serde(deserialize_with = "one_or_many")]
    pub allowed_hosts: Option<Vec<String>>,
    /// Listen on more than loopback although nobody is authenticated
    #[arg(long, value_name = "BOOL", env = "FRONTIERD_INSECURE_PUBLIC", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub insecure_public: Option<bool>,
    /// Certificate chain in PEM; read again when it changes
    #[arg(long, value_name = "FILE", env = "FRONTIERD_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", env = "FRONTIERD_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// CAs in PEM: clients must have a certificate of one of them
    #[arg(long, value_name = "FILE", env = "FRONTIERD_TLS_CLIENT_CA")]
    pub tls_client_ca: Option<PathBuf>,
    /// File of tokens (`frontierd token create`): calls need one of them
    #[arg(long, value_name = "FILE", env = "FRONTIERD_TOKENS")]
    pub tokens: Option<PathBuf>,
    /// What callers without a token may do [default: nothing, where there are tokens]
    #[arg(long, value_name = "ROLE", env = "FRONTIERD_ANONYMOUS")]
    pub anonymous: Option<Anonymous>,
    /// A proxy in front ends TLS and reaches the daemon over a network that is trusted
    #[arg(long, value_name = "BOOL", env = "FRONTIERD_BEHIND_PROXY", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub behind_proxy: Option<bool>,
    /// Answer health checks without a token [default: true]
    #[arg(long, value_name = "BOOL", env = "FRONTIERD_OPEN_HEALTH", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub open_health: Option<bool>,
    /// Answer reflection (`grpcurl list`) without a token [default: false, where there are tokens]
    #[arg(long, value_name = "BOOL", env = "FRONTIERD_OPEN_REFLECTION", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub open_reflection: Option<bool>,
    /// Write checkpoints for a fast start [default: true]
    #[arg(long, value_name = "BOOL", env = "FRONTIERD_CHECKPOINTS", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub checkpoints: Option<bool>,
    /// Bytes of log that make a new checkpoint worth writing [default: 1MiB]
    #[arg(long, value_name = "SIZE", env = "FRONTIERD_CHECKPOINT_LOG_BYTES_MIN")]
    pub checkpoint_log_bytes_min: Option<Size>,
    /// Serve Prometheus metrics at http://ADDR:PORT/metrics; port 0 picks a free one [default: off]
    #[arg(long, value_name = "ADDR:PORT", env = "FRONTIERD_METRICS_LISTEN")]
    pub metrics_listen: Option<String>,
    /// Log calls that take this long as slow, in milliseconds [default: 1000]
    #[arg(long, value_name = "MS", env = "FRONTIERD_SLOW_CALL_MS")]
    pub slow_call_ms: Option<u64>,
    /// Threads that serve calls [default: one a core]
    #[arg(long, value_name = "N", env = "FRONTIERD_WORKER_THREADS")]
    pub worker_threads: Option<usize>,
}

impl Typed {
    /// These settings, and where one is not given that of `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let Self {
            config,
            listen,
            data_dir,
            log_level,
            log_format,
            cache_bytes,
            ring_bytes_max,
            strict_models,
            allowed_hosts,
            insecure_public,
            tls_cert,
            tls_key,
            tls_client_ca,
            tokens,
            anonymous,
            behind_proxy,
            open_health,
            open_reflection,
            checkpoints,
            checkpoint_log_bytes_min,
            metrics_listen,
            slow_call_ms,
            worker_threads,
        } = self;
        Self {
            config: config.or(other.config),
            listen: listen.or(other.listen),
            data_dir: data_dir.or(other.data_dir),
            log_level: log_level.or(other.log_level),
            log_format: log_format.or(other.log_format),
            cache_bytes: cache_bytes.or(other.cache_bytes),
            ring_bytes_max: ring_bytes_max.or(other.ring_bytes_max),
            strict_models: strict_models.or(other.strict_models),
            allowed_hosts: allowed_hosts.or(other.allowed_hosts),
            insecure_public: insecure_public.or(other.insecure_public),
            tls_cert: tls_cert.or(other.tls_cert),
            tls_key: tls_key.or(other.tls_key),
            tls_client_ca: tls_client_ca.or(other.tls_client_ca),
            tokens: tokens.or(other.tokens),
            anonymous: anonymous.or(other.anonymous),
            behind_proxy: behind_proxy.or(other.behind_proxy),
            open_health: open_health.or(other.open_health),
            open_reflection: open_reflection.or(other.open_reflection),
            checkpoints: checkpoints.or(other.checkpoints),
            checkpoint_log_bytes_min: checkpoint_log_bytes_min.or(other.checkpoint_log_bytes_min),
            metrics_listen: metrics_listen.or(other.metrics_listen),
            slow_call_ms: slow_call_ms.or(other.slow_call_ms),
            worker_threads: worker_threads.or(other.worker_threads),
        }
    }
}

/// A list, or a single text that stands for a list of one.
fn one_or_many<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a text or a list of texts")]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(Some(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(text) => vec![text],
        OneOrMany::Many(texts) => texts,
    }))
}
