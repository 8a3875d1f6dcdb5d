//! A slow walk of the durable log while the daemon serves, so that damage on the disk is known before the next start
//! needs what was damaged.
//!
//! A thread of the system, like whatever else blocks on the disk. It reads, and writes nothing but the line that says
//! what it found.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::limits::{SCRUB_BYTES_PER_SECOND, SCRUB_PAUSE_HOURS, SCRUB_STEP_BYTES};
use crate::log::{LogReader, Scrubber, Step};
use crate::model::{Revision, Timestamp};

/// What the walks have found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scrubbed {
    /// The log is sound up to here: as far as the walk under way has come, or the last one came.
    pub revision: Revision,
    /// When a walk last reached the head; none = not yet.
    pub finished: Option<Timestamp>,
    /// Where and how the chain breaks; none = it does not, as far as it was walked.
    pub fault: Option<String>,
}

/// The state that the thread writes and others read.
#[derive(Clone, Default)]
pub(super) struct Shown(Arc<Mutex<Scrubbed>>);

impl Shown {
    pub(super) fn get(&self) -> Scrubbed {
        self.held().clone()
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Scrubbed> {
        // Every change is one assignment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The running walk. Dropped, it ends within a step and lets go of the log.
pub struct Scrub {
    /// Never sent to; the thread ends when it is gone.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Scrub {
    pub(super) fn start(log: Arc<dyn LogReader>, clock: Clock, shown: Shown) -> Self {
        let (stop, stopped) = channel();
        let walk = move || {
            let wait = |pause| stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout);
            while walk(&*log, &clock, &shown, &wait)
                && wait(Duration::from_secs(SCRUB_PAUSE_HOURS * 3_600))
            {}
        };
        let thread = std::thread::Builder::new()
            .name("scrub".to_owned())
            .spawn(walk);
        let thread = thread
            .inspect_err(|error| warn!(%error, "no thread to walk the log; damage is found later"));
        Self {
            stop: Some(stop),
            thread: thread.ok(),
        }
    }
}

impl Drop for Scrub {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            error!("the thread that walks the log panicked");
        }
    }
}

/// Walks from the beginning to the head. False = asked to stop, or nothing more can be learned.
fn walk(
    log: &dyn LogReader,
    clock: &Clock,
    shown: &Shown,
    wait: &dyn Fn(Duration) -> bool,
) -> bool {
    let mut scrubber = Scrubber::new();
    loop {
        let (bytes, step) = scrubber.step(log, SCRUB_STEP_BYTES);
        let revision = scrubber.head().revision;
        match step {
            Step::On => shown.held().revision = revision,
            Step::Done => {
                let finished = Some(clock.now());
                *shown.held() = Scrubbed {
                    revision,
                    finished,
                    fault: None,
                };
                info!(revision, "the log is sound on the disk");
                return true;
            }
            Step::Broken(fault) => {
                error!(
                    %fault,
                    sound_revision = revision,
                    "the log is damaged on the disk, and the next start may be refused: while this daemon serves, export \
                     what it has; then restore a backup, or keep what is sound with `frontierd recover`"
                );
                let mut shown = shown.held();
                shown.revision = revision;
                shown.fault = Some(fault.to_string());
                return false;
            }
        }
        if !wait(Duration::from_micros(
            bytes * 1_000_000 / SCRUB_BYTES_PER_SECOND,
        )) {
            return false;
        }
    }
}
