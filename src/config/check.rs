//! The checks that turn what was typed into what is meant.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::public::Exposure;
use super::size::Size;
use super::{
    AccessSettings, CACHE_BYTES_MIN, CheckpointSettings, Config, LISTEN_MAX, LogSettings,
    RING_BYTES_MIN, TlsSettings, Typed, WORKER_THREADS_MAX,
};

/// A setting that cannot be used, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

pub(super) fn bad<T>(message: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError(message.into()))
}

/// Reads the file that `typed` names, fills in what flags and environment leave open, and checks everything.
///
/// # Errors
/// [`ConfigError`] naming the setting, what was given and the way out.
pub fn resolve(typed: Typed) -> Result<Config, ConfigError> {
    let typed = match typed.config.clone() {
        Some(path) => typed.or(read(&path)?),
        None => typed,
    };
    check(typed)
}

fn read(path: &PathBuf) -> Result<Typed, ConfigError> {
    let shown = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            return bad(format!(
                "cannot read the configuration file `{shown}`: {error}"
            ));
        }
    };
    parse(&text).or_else(|error| bad(format!("configuration file `{shown}`: {error}")))
}

/// Settings from the text of a TOML file.
pub(super) fn parse(text: &str) -> Result<Typed, toml::de::Error> {
    toml::from_str(text)
}

fn check(typed: Typed) -> Result<Config, ConfigError> {
    let default = Config::default();
    let listen = match &typed.listen {
        None => default.listen,
        Some(texts) => addresses(texts)?,
    };
    let metrics_listen = match typed.metrics_listen {
        None => None,
        Some(text) => addresses(&[text])?.pop(),
    };
    let insecure_public = typed.insecure_public.unwrap_or(default.insecure_public);
    let tls = tls(typed.tls_cert, typed.tls_key, typed.tls_client_ca)?;
    let access = AccessSettings {
        tokens: typed.tokens,
        anonymous: typed.anonymous.unwrap_or(default.access.anonymous),
        behind_proxy: typed.behind_proxy.unwrap_or(default.access.behind_proxy),
        open_health: typed.open_health.unwrap_or(default.access.open_health),
        open_reflection: typed
            .open_reflection
            .unwrap_or(default.access.open_reflection),
    };
    exposed(&listen, tls.is_some(), &access, insecure_public)?;
    // Nobody is asked for a token there.
    let unprotected = AccessSettings::default();
    exposed(
        metrics_listen.as_slice(),
        false,
        &unprotected,
        insecure_public,
    )?;
    Ok(Config {
        listen,
        data_dir: data_dir(typed.data_dir, default.data_dir)?,
        log: LogSettings {
            filter: log_filter(typed.log_level, default.log.filter)?,
            format: typed.log_format.unwrap_or(default.log.format),
        },
        cache_bytes: at_least(
            "cache_bytes",
            typed.cache_bytes,
            default.cache_bytes,
            CACHE_BYTES_MIN,
        )?,
        ring_bytes_max: at_least(
            "ring_bytes_max",
            typed.ring_bytes_max,
            default.ring_bytes_max as u64,
            RING_BYTES_MIN as u64,
        )? as usize,
        strict_models: typed.strict_models.unwrap_or(default.strict_models),
        allowed_hosts: hosts(typed.allowed_hosts.unwrap_or_default())?,
        insecure_public,
        tls,
        access,
        checkpoint: CheckpointSettings {
            enabled: typed.checkpoints.unwrap_or(default.checkpoint.enabled),
            log_bytes_min: at_least(
                "checkpoint_log_bytes_min",
                typed.checkpoint_log_bytes_min,
                default.checkpoint.log_bytes_min,
                1,
            )?,
        },
        metrics_listen,
        slow_call: typed
            .slow_call_ms
            .map_or(default.slow_call, Duration::from_millis),
        worker_threads: threads(typed.worker_threads, default.worker_threads)?,
    })
}

fn exposed(
    listen: &[SocketAddr],
    tls: bool,
    access: &AccessSettings,
    insecure_public: bool,
) -> Result<(), ConfigError> {
    Exposure {
        listen,
        tls,
        access,
        insecure_public,
    }
    .check()
}

fn addresses(texts: &[String]) -> Result<Vec<SocketAddr>, ConfigError> {
    if texts.is_empty() || texts.len() > LISTEN_MAX {
        return bad(format!(
            "`listen` names `{}` addresses: give 1 to {LISTEN_MAX}",
            texts.len()
        ));
    }
    texts
        .iter()
        .map(|text| {
            let text = text.trim();
            let literal = text
                .strip_prefix("localhost:")
                .map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
            literal.parse().or_else(|_| {
                bad(format!(
                    "listen address `{text}` is not ADDR:PORT: give one such as `127.0.0.1:50051` or `[::1]:50051`"
                ))
            })
        })
        .collect()
}

fn tls(
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
    client_ca: Option<PathBuf>,
) -> Result<Option<TlsSettings>, ConfigError> {
    let settings = match (cert, key, client_ca) {
        (None, None, None) => return Ok(None),
        (Some(cert), Some(key), client_ca) => TlsSettings {
            cert,
            key,
            client_ca,
        },
        (Some(_), None, _) => return bad("`tls_cert` without `tls_key`: give both"),
        (None, _, _) => {
            return bad(
                "TLS needs a certificate and its key: give `--tls-cert FILE` and `--tls-key FILE`",
            );
        }
    };
    if cfg!(feature = "tls") {
        Ok(Some(settings))
    } else {
        bad(
            "this build has no TLS: use one with the feature `tls`, or put a proxy in front and say `--behind-proxy`",
        )
    }
}

fn data_dir(typed: Option<PathBuf>, default: PathBuf) -> Result<PathBuf, ConfigError> {
    let path = typed.unwrap_or(default);
    if path.as_os_str().is_empty() {
        return bad("`data_dir` is empty: give a directory, such as `./frontierd-data`");
    }
    if path.exists() && !path.is_dir() {
        return bad(format!(
            "`data_dir` `{}` is not a directory: give one that is, or one that does not exist yet",
            path.display()
        ));
    }
    Ok(path)
}

fn log_filter(typed: Option<String>, default: String) -> Result<String, ConfigError> {
    let filter = typed.unwrap_or(default);
    match filter.parse::<tracing_subscriber::filter::Targets>() {
        Ok(_) => Ok(filter),
        Err(error) => bad(format!(
            "log level `{filter}` is malformed ({error}): give `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,frontierd::commit=debug`"
        )),
    }
}

fn at_least(name: &str, typed: Option<Size>, default: u64, least: u64) -> Result<u64, ConfigError> {
    match typed {
        Some(Size(bytes)) if bytes < least => bad(format!(
            "`{name}` of `{bytes}` bytes is too small: give at least {least}"
        )),
        Some(Size(bytes)) => Ok(bytes),
        None => Ok(default),
    }
}

fn hosts(texts: Vec<String>) -> Result<Vec<String>, ConfigError> {
    for host in &texts {
        let plain = host.bytes().all(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']')
        });
        if host.is_empty() || !plain {
            return bad(format!(
                "allowed host `{host}` is not a host name: give one such as `boards.example.org`, without scheme and path"
            ));
        }
    }
    Ok(texts
        .into_iter()
        .map(|host| host.to_ascii_lowercase())
        .collect())
}

fn threads(typed: Option<usize>, default: usize) -> Result<usize, ConfigError> {
    match typed {
        Some(threads) if threads == 0 || threads > WORKER_THREADS_MAX => bad(format!(
            "`worker_threads` `{threads}` is out of range: give 1 to {WORKER_THREADS_MAX}"
        )),
        Some(threads) => Ok(threads),
        None => Ok(default),
    }
}
