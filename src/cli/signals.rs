//! The signals that a daemon is told by.

use std::io;

use tokio::sync::mpsc;

/// Signals caught from here on. Where there are no Unix signals, Ctrl-C alone.
pub(super) struct Signals {
    #[cfg(unix)]
    caught: unix::Caught,
    /// Told on SIGHUP; none = SIGHUP ends the serving.
    reload: Option<mpsc::Sender<()>>,
}

impl Signals {
    /// Catches signals, early enough that none is lost.
    pub(super) fn catch(reload: Option<mpsc::Sender<()>>) -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            caught: unix::Caught::new()?,
            reload,
        })
    }

    /// Waits for the first signal of any kind.
    #[cfg(all(unix, feature = "top"))]
    pub(super) async fn first(mut self) {
        self.caught.next().await;
    }

    /// Waits for Ctrl-C.
    #[cfg(all(not(unix), feature = "top"))]
    pub(super) async fn first(self) {
        self.end().await;
    }

    /// Waits for the signal to end. From then on a second one ends the process at once.
    #[cfg(unix)]
    pub(super) async fn end(mut self) {
        loop {
            match (self.caught.next().await, &self.reload) {
                // One that waits already does for both.
                (unix::Caught::HANGUP, Some(reload)) => drop(reload.try_send(())),
                (signal, _) => {
                    tracing::info!(
                        signal = unix::name(signal),
                        "asked to stop; a second signal ends at once"
                    );
                    break;
                }
            }
        }
        tokio::spawn(async move {
            let signal = self.caught.next().await;
            tracing::warn!(
                signal = unix::name(signal),
                "a second signal: leaving calls where they are"
            );
            // What was acknowledged is on the disk, and no destructor is needed for it.
            std::process::exit(128 + signal);
        });
    }

    /// Waits for Ctrl-C.
    #[cfg(not(unix))]
    pub(super) async fn end(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub(super) struct Caught {
        interrupt: Signal,
        terminate: Signal,
        hangup: Signal,
    }

    impl Caught {
        pub(super) const HANGUP: i32 = 1;
        const INTERRUPT: i32 = 2;
        const TERMINATE: i32 = 15;

        pub(super) fn new() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }

        /// The number of the next signal.
        pub(super) async fn next(&mut self) -> i32 {
            tokio::select! {
                _ = self.interrupt.recv() => Self::INTERRUPT,
                _ = self.terminate.recv() => Self::TERMINATE,
                _ = self.hangup.recv() => Self::HANGUP,
            }
        }
    }

    pub(super) fn name(signal: i32) -> &'static str {
        match signal {
            Caught::HANGUP => "SIGHUP",
            Caught::INTERRUPT => "SIGINT",
            _ => "SIGTERM",
        }
    }
}
