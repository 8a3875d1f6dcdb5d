//! Tells the service manager how it goes (`sd_notify(3)`): a few lines in a datagram to the socket that `NOTIFY_SOCKET`
//! names. Without one nothing is told.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tracing::warn;

use crate::clock;

/// The way to the service manager.
#[derive(Debug, Default)]
pub struct Notifier {
    #[cfg(unix)]
    socket: Option<unix::Socket>,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// The service manager that started this process, if one did.
    pub fn from_env() -> Self {
        let text = |name: &str| std::env::var(name).ok();
        Self {
            #[cfg(unix)]
            socket: text("NOTIFY_SOCKET").and_then(|path| unix::Socket::open(&path)),
            watchdog: watchdog(
                text("WATCHDOG_USEC").as_deref(),
                text("WATCHDOG_PID").as_deref(),
            ),
        }
    }

    /// Calls are answered.
    pub fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={status}"));
    }

    /// Settings are being read again; [`Notifier::ready`] follows.
    pub fn reloading(&self) {
        self.tell(&format!(
            "RELOADING=1\nMONOTONIC_USEC={}",
            clock::monotonic_micros()
        ));
    }

    /// The end has begun, and takes at most `within`.
    pub fn stopping(&self, status: &str, within: Duration) {
        let micros = within.as_micros();
        self.tell(&format!(
            "STOPPING=1\nSTATUS={status}\nEXTEND_TIMEOUT_USEC={micros}"
        ));
    }

    /// What goes on during a start that takes longer; the next word comes within `within`.
    pub fn starting(&self, status: &str, within: Duration) {
        let micros = within.as_micros();
        self.tell(&format!("STATUS={status}\nEXTEND_TIMEOUT_USEC={micros}"));
    }

    /// How often the manager wants to hear that the process lives: half of the time after which it gives it up.
    pub fn watchdog(&self) -> Option<Duration> {
        self.watchdog.map(|limit| limit / 2)
    }

    /// The process lives.
    pub fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    fn tell(&self, message: &str) {
        #[cfg(unix)]
        if let Some(socket) = &self.socket
            && let Err(error) = socket.send(message)
        {
            warn!(%error, "the service manager cannot be told");
        }
        #[cfg(not(unix))]
        let _ = message;
    }
}

/// Tells the service manager that the runtime turns; ends when it is dropped.
pub(super) struct Watchdog(Option<JoinHandle<()>>);

impl Watchdog {
    pub(super) fn start(notifier: &Arc<Notifier>) -> Self {
        Self(notifier.watchdog().map(|every| {
            let notifier = Arc::clone(notifier);
            tokio::spawn(async move {
                loop {
                    notifier.alive();
                    tokio::time::sleep(every).await;
                }
            })
        }))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// The limit of `WATCHDOG_USEC`, if it is meant for this process.
fn watchdog(micros: Option<&str>, pid: Option<&str>) -> Option<Duration> {
    let ours = pid.is_none_or(|pid| pid == std::process::id().to_string());
    let micros: u64 = micros?.parse().ok()?;
    (ours && micros > 0).then(|| Duration::from_micros(micros))
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    use tracing::warn;

    #[derive(Debug)]
    pub(super) struct Socket {
        socket: UnixDatagram,
        manager: SocketAddr,
    }

    impl Socket {
        /// A socket towards a path, or towards an abstract name, which begins with `@`.
        pub(super) fn open(path: &str) -> Option<Self> {
            let opened = || {
                Ok::<_, io::Error>(Self {
                    manager: address(path)?,
                    socket: UnixDatagram::unbound()?,
                })
            };
            match opened() {
                Ok(socket) => Some(socket),
                Err(error) => {
                    warn!(%error, path, "NOTIFY_SOCKET cannot be used; the service manager is told nothing");
                    None
                }
            }
        }

        pub(super) fn send(&self, message: &str) -> io::Result<()> {
            self.socket
                .send_to_addr(message.as_bytes(), &self.manager)
                .map(drop)
        }
    }

    fn address(path: &str) -> io::Result<SocketAddr> {
        #[cfg(target_os = "linux")]
        if let Some(name) = path.strip_prefix('@') {
            use std::os::linux::net::SocketAddrExt;
            return SocketAddr::from_abstract_name(name);
        }
        SocketAddr::from_pathname(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watchdog_for_another_process_is_not_ours() {
        let ours = std::process::id().to_string();
        let limit = Some(Duration::from_secs(3));
        assert_eq!(watchdog(Some("3000000"), None), limit);
        assert_eq!(watchdog(Some("3000000"), Some(&ours)), limit);
        assert_eq!(watchdog(Some("3000000"), Some("1")), None);
        assert_eq!(watchdog(Some("0"), None), None);
        assert_eq!(watchdog(Some("soon"), None), None);
        assert_eq!(watchdog(None, None), None);
    }
}
