//! Settings that change while the daemon serves.
//!
//! Taking new settings has two steps. First every part reads what it needs of the new settings; if one cannot, nothing changes.
//! Then all of them take the new settings.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::guard::Guard;
use super::reload::Reload;
use super::trace::Trace;
use crate::config::{Config, LogSettings};

/// What takes a part's new settings.
pub type Apply = Box<dyn FnOnce() + Send>;

/// A part of the daemon whose settings can change.
pub trait Adjust: Send + Sync {
    /// Reads what the new settings ask for, without changing anything; what is new, in words, with the step that makes it
    /// so. None = nothing is new.
    ///
    /// # Errors
    /// What is wrong with the new settings, and the way out.
    fn prepare(&self, old: &Config, new: &Config) -> Result<Option<(String, Apply)>, String>;
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adjusted {
    /// What is new, in words.
    pub changed: Vec<String>,
    /// Settings that differ and wait for a restart.
    pub needs_restart: Vec<&'static str>,
}

/// All parts, and the settings in force.
pub struct Adjuster {
    config: Mutex<Config>,
    parts: Vec<Box<dyn Adjust>>,
}

impl fmt::Debug for Adjuster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adjuster").finish_non_exhaustive()
    }
}

impl Adjuster {
    pub(super) fn new(config: Config, parts: Vec<Box<dyn Adjust>>) -> Self {
        Self {
            config: Mutex::new(config),
            parts,
        }
    }

    /// Takes new settings, for the parts of the daemon and for those of the caller.
    ///
    /// # Errors
    /// What is wrong with them; the old ones stay in force, all of them.
    pub fn adjust(&self, new: Config, beside: &[&dyn Adjust]) -> Result<Adjusted, String> {
        let mut config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        let own = self.parts.iter().map(AsRef::as_ref);
        let mut prepared = Vec::new();
        for part in own.chain(beside.iter().copied()) {
            prepared.extend(part.prepare(&config, &new)?);
        }
        let needs_restart = needs_restart(&config, &new);
        let mut changed = Vec::with_capacity(prepared.len());
        for (what, apply) in prepared {
            apply();
            // Two listeners may have the same setting.
            if !changed.contains(&what) {
                changed.push(what);
            }
        }
        *config = in_force(&config, new);
        Ok(Adjusted {
            changed,
            needs_restart,
        })
    }
}

/// A line for a setting that differs: `name: OLD -> NEW`.
pub fn changed<T: PartialEq + fmt::Debug>(name: &str, old: &T, new: &T) -> Option<String> {
    (old != new).then(|| format!("{name}: {old:?} -> {new:?}"))
}

/// Names of the settings that differ and that nothing takes while the daemon serves.
fn needs_restart(old: &Config, new: &Config) -> Vec<&'static str> {
    // Whoever adds a setting decides here whether it can change.
    let Config {
        listen,
        data_dir,
        log,
        cache_bytes,
        ring_bytes_max,
        strict_models,
        allowed_hosts: _,
        insecure_public: _,
        tls,
        access,
        checkpoint,
        metrics_listen,
        slow_call: _,
        worker_threads,
    } = old;
    let differs = [
        ("listen", *listen != new.listen),
        ("data_dir", *data_dir != new.data_dir),
        ("log_format", log.format != new.log.format),
        ("cache_bytes", *cache_bytes != new.cache_bytes),
        ("ring_bytes_max", *ring_bytes_max != new.ring_bytes_max),
        ("strict_models", *strict_models != new.strict_models),
        ("tls", *tls != new.tls),
        ("access", *access != new.access),
        ("checkpoints", checkpoint.enabled != new.checkpoint.enabled),
        (
            "checkpoint_log_bytes_min",
            checkpoint.log_bytes_min != new.checkpoint.log_bytes_min,
        ),
        ("metrics_listen", *metrics_listen != new.metrics_listen),
        ("worker_threads", *worker_threads != new.worker_threads),
    ];
    let differs = differs.into_iter().filter(|(_, differs)| *differs);
    differs.map(|(name, _)| name).collect()
}

/// The new settings where something takes them, the old ones elsewhere: the next reload names those again.
fn in_force(old: &Config, new: Config) -> Config {
    Config {
        log: LogSettings {
            filter: new.log.filter,
            format: old.log.format,
        },
        allowed_hosts: new.allowed_hosts,
        insecure_public: new.insecure_public,
        slow_call: new.slow_call,
        ..old.clone()
    }
}

impl Adjust for Trace {
    fn prepare(&self, old: &Config, new: &Config) -> Result<Option<(String, Apply)>, String> {
        let (trace, slow) = (self.clone(), new.slow_call);
        let what = changed("slow_call", &old.slow_call, &slow);
        Ok(what.map(|what| (what, Box::new(move || trace.set_slow(slow)) as Apply)))
    }
}

impl Adjust for Reload {
    fn prepare(&self, _: &Config, _: &Config) -> Result<Option<(String, Apply)>, String> {
        let read = self.reload()?;
        let tokens = read.tokens.map(|tokens| format!("tokens: {tokens} read"));
        let certificates = read.certificates.then(|| "certificates: read".to_owned());
        let what: Vec<String> = tokens.into_iter().chain(certificates).collect();
        Ok((!what.is_empty()).then(|| (what.join(", "), Box::new(|| {}) as Apply)))
    }
}

impl Adjust for Guard {
    fn prepare(&self, old: &Config, new: &Config) -> Result<Option<(String, Apply)>, String> {
        let (guard, hosts) = (self.clone(), new.allowed_hosts.clone());
        let what = changed("allowed_hosts", &old.allowed_hosts, &hosts);
        Ok(what.map(|what| (what, Box::new(move || guard.allow(&hosts)) as Apply)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    struct Slow(Arc<AtomicUsize>);

    impl Adjust for Slow {
        fn prepare(&self, old: &Config, new: &Config) -> Result<Option<(String, Apply)>, String> {
            let (applied, what) = (
                Arc::clone(&self.0),
                changed("slow", &old.slow_call, &new.slow_call),
            );
            Ok(what.map(|what| {
                let apply: Apply = Box::new(move || {
                    applied.fetch_add(1, Ordering::Relaxed);
                });
                (what, apply)
            }))
        }
    }

    struct NoZero;

    impl Adjust for NoZero {
        fn prepare(&self, _: &Config, new: &Config) -> Result<Option<(String, Apply)>, String> {
            if new.slow_call.is_zero() {
                return Err("zero".to_owned());
            }
            Ok(None)
        }
    }

    #[test]
    fn one_part_that_cannot_leaves_all_as_they_were() {
        let applied = Arc::default();
        let old = Config::default();
        let adjuster = Adjuster::new(old.clone(), vec![Box::new(Slow(Arc::clone(&applied)))]);
        let with = |seconds| Config {
            slow_call: Duration::from_secs(seconds),
            strict_models: true,
            ..old.clone()
        };
        assert_eq!(adjuster.adjust(with(0), &[&NoZero]), Err("zero".to_owned()));
        assert_eq!(applied.load(Ordering::Relaxed), 0);
        let adjusted = adjuster.adjust(with(7), &[&NoZero]).expect("sound");
        assert_eq!(adjusted.changed, ["slow: 1s -> 7s"]);
        assert_eq!(adjusted.needs_restart, ["strict_models"]);
        assert_eq!(applied.load(Ordering::Relaxed), 1);
        // The second time there is nothing new, and the restart is still due.
        let adjusted = adjuster.adjust(with(7), &[&NoZero]).expect("sound");
        assert_eq!(adjusted.changed, Vec::<String>::new());
        assert_eq!(adjusted.needs_restart, ["strict_models"]);
    }
}
