//! From a log to a running writer.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::JoinHandle;

use super::appender::Appender;
use super::counts::{Counts, ReplayCounts};
use super::keeper::{Due, Keeper};
use super::replay::replay;
use super::reply::Answers;
use super::ring::Written;
use super::writer::Writer;
use super::{Commit, Shared, projections};
use crate::clock::{Clock, Stopwatch};
use crate::limits::{
    CHECKPOINT_LOG_BYTES_MIN, MAX_QUEUED_SUBMISSIONS, RING_BYTES_MAX, RING_LOG_BYTES_MIN,
    RING_REVISIONS_MAX,
};
use crate::log::{Log, ReadError};
use crate::model::Revision;
use tokio::sync::{mpsc, watch};

/// How a writer is opened.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where checkpoints are kept; none = no checkpoints.
    pub checkpoints: Option<PathBuf>,
    /// Bytes of log since the last checkpoint that make a new one worth writing.
    pub checkpoint_log_bytes_min: u64,
    /// Bytes of log after which what was published since is worth a file.
    pub ring_log_bytes_min: u64,
    /// Revisions the ring holds at most.
    pub ring_revisions_max: usize,
    /// Bytes the ring holds at most.
    pub ring_bytes_max: usize,
    /// Stamps entries.
    pub clock: Clock,
}

impl Default for Settings {
    /// No checkpoints, the full ring, the system's clock.
    fn default() -> Self {
        Self {
            checkpoints: None,
            checkpoint_log_bytes_min: CHECKPOINT_LOG_BYTES_MIN,
            ring_log_bytes_min: RING_LOG_BYTES_MIN,
            ring_revisions_max: RING_REVISIONS_MAX,
            ring_bytes_max: RING_BYTES_MAX,
            clock: Clock::system(),
        }
    }
}

/// A running writer.
pub struct Opened {
    /// The handle.
    pub commit: Commit,
    /// Ends when the last handle is gone and everything queued is answered.
    pub writer: JoinHandle<()>,
}

/// Why a log could not be replayed.
#[derive(Debug)]
pub enum OpenError {
    /// A chunk cannot be read or does not belong where it is.
    Log(ReadError),
    /// A checkpoint of this very store has what the log no longer has.
    LostEnd {
        /// Revision of the checkpoint.
        checkpoint: Revision,
        /// Where the log ends.
        head: Revision,
    },
    /// The system said no.
    Io(std::io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(error) => write!(
                f,
                "the log cannot be replayed: {error}; run `frontierd verify` to see how far it is sound, then restore a backup, or keep what is sound with \
                 `frontierd recover`"
            ),
            Self::LostEnd { checkpoint, head } => write!(
                f,
                "the log ends at revision `{head}` and does not go through revision `{checkpoint}` as it did when a \
                 checkpoint was written there: it was damaged or changed; restore a backup, or keep what is sound, as a \
                 new store, with `frontierd recover`"
            ),
            Self::Io(error) => write!(f, "the store cannot be opened: {error}"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<ReadError> for OpenError {
    fn from(error: ReadError) -> Self {
        Self::Log(error)
    }
}

impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl Commit {
    /// Replays a log and starts its writer. `progress` is told (applied, head) now and then.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was written.
    pub fn open(
        log: Box<dyn Log>,
        settings: Settings,
        progress: impl FnMut(Revision, Revision),
    ) -> Result<Opened, OpenError> {
        let reader = log.reader();
        let started = Stopwatch::start();
        let replayed = replay(&*reader, &settings, progress)?;
        let counts = ReplayCounts {
            entries: replayed.entries,
            took: started.elapsed(),
        };
        let ring = Written::new(replayed.ring_written, &settings);
        let ring_due = Due::new(settings.ring_log_bytes_min, replayed.ring_bytes, 0);
        let (jobs, queue) = mpsc::channel(MAX_QUEUED_SUBMISSIONS);
        let shared = Arc::new(Shared {
            board: RwLock::new(replayed.board),
            hub: replayed.hub,
            log: reader,
            clock: settings.clock,
            lag: AtomicU64::new(0),
            poisoned: AtomicBool::new(false),
            poison: watch::Sender::new(false),
            projecting: projections(),
            previewing: projections(),
            projections: Mutex::new(Vec::new()),
            overalls: Mutex::new(Vec::new()),
            checkpoints: settings.checkpoints,
            checkpoint_revision: AtomicU64::new(replayed.checkpoint),
            checkpointing: Mutex::new(()),
            hurry: AtomicBool::new(false),
            checkpoint_due: Due::new(
                settings.checkpoint_log_bytes_min,
                replayed.bytes,
                replayed.checkpoint_size,
            ),
            scrubbed: super::scrub::Shown::default(),
            counts: Counts::new(counts, replayed.checkpoint_time),
            ring,
            ring_due,
        });
        let writer = Writer {
            shared: Arc::clone(&shared),
            log: Appender::start(log)?,
            answers: Answers::here(),
            newest: replayed.newest,
            keeper: Keeper::default(),
            begun: Stopwatch::start(),
        };
        let writer = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || writer.run(queue))?;
        Ok(Opened {
            commit: Self::new(shared, jobs),
            writer,
        })
    }
}
