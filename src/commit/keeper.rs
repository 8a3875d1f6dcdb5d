//! When checkpoints are written: on a thread of their own, while commits go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use tracing::{info, warn};

use super::Shared;

/// How much of the log no checkpoint holds, in bytes since the start of the log that was replayed.
pub(super) struct Due {
    /// Bytes of log that make a checkpoint worth writing.
    log_bytes_min: u64,
    /// Bytes of log replayed at the start, which no checkpoint holds yet.
    replayed: u64,
    /// Bytes of log at which the next checkpoint is due.
    at: AtomicU64,
}

impl Due {
    /// After a start that replayed `replayed` bytes which the newest checkpoint, of `size` bytes, does not hold.
    pub(super) fn new(log_bytes_min: u64, replayed: u64, size: u64) -> Self {
        let due = Self {
            log_bytes_min,
            replayed,
            at: AtomicU64::new(0),
        };
        due.written(0, size);
        due
    }

    /// Bytes of log as of now, of which `appended` since the start.
    pub(super) fn bytes(&self, appended: u64) -> u64 {
        self.replayed + appended
    }

    /// A checkpoint of `size` bytes holds the first `bytes` of log: the next one is due after half its size.
    pub(super) fn written(&self, bytes: u64, size: u64) {
        let next = bytes.saturating_add(self.log_bytes_min.max(size / 2));
        self.at.store(next, Ordering::Relaxed);
    }

    /// None was written: tried again after as much log as makes one worth writing.
    fn put_off(&self, bytes: u64) {
        self.written(bytes, 0);
    }

    fn is_due(&self, bytes: u64) -> bool {
        bytes >= self.at.load(Ordering::Relaxed)
    }
}

/// Writes checkpoints as they fall due, one at a time.
#[derive(Default)]
pub(super) struct Keeper {
    writing: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Begins a checkpoint if there is enough log that none holds, and no other is being written.
    pub(super) fn look(&mut self, shared: &Arc<Shared>) {
        let bytes = shared.log_bytes();
        if shared.checkpoints.is_none()
            || !shared.checkpoint_due.is_due(bytes)
            || self.writing.as_ref().is_some_and(|it| !it.is_finished())
        {
            return;
        }
        let kept = Arc::clone(shared);
        let thread = std::thread::Builder::new().name("checkpoint".to_owned());
        match thread.spawn(move || keep(&kept)) {
            Ok(writing) => self.writing = Some(writing),
            Err(error) => {
                shared.checkpoint_due.put_off(bytes);
                warn!(%error, "no thread to write a checkpoint; the next start takes longer");
            }
        }
    }

    /// Waits for the checkpoint that is being written.
    pub(super) fn finish(&mut self) {
        if let Some(writing) = self.writing.take()
            && writing.join().is_err()
        {
            warn!("the checkpoint's thread panicked; the next start takes longer");
        }
    }
}

fn keep(shared: &Shared) {
    let bytes = shared.log_bytes();
    match shared.checkpoint() {
        Ok((revision, size)) => info!(revision, bytes = size, "checkpoint written"),
        Err(message) => {
            shared.checkpoint_due.put_off(bytes);
            warn!(%message, "no checkpoint written; the next start takes longer");
        }
    }
}

impl Shared {
    /// Bytes of log since the newest checkpoint at the start.
    pub(super) fn log_bytes(&self) -> u64 {
        self.checkpoint_due.bytes(self.log.bytes_appended())
    }
}
