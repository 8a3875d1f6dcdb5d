//! From a log to a running writer: checkpoint, replay, ring.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, watch};
use tracing::{info, warn};

use super::appender::Appender;
use super::reply::Answers;
use super::writer::Writer;
use super::{Commit, Published, Shared, projections};
use crate::board::{BOARD_VERSION, Board, Stored, Want};
use crate::clock::Clock;
use crate::hub::Hub;
use crate::limits::{
    CHECKPOINT_LOG_BYTES_MIN, MAX_QUEUED_SUBMISSIONS, RING_BYTES_MAX, RING_REVISIONS_MAX,
};
use crate::log::{Log, LogReader, ReadError, checkpoint};
use crate::model::{Revision, Timestamp};

/// How a writer is opened.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where checkpoints are kept; none = no checkpoints.
    pub checkpoints: Option<PathBuf>,
    /// Bytes of log since the last checkpoint that make a new one worth writing.
    pub checkpoint_log_bytes_min: u64,
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
    /// The system said no.
    Io(std::io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(error) => write!(
                f,
                "the log cannot be replayed: {error}; run `frontierd verify` to see how far it is sound"
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
        let replayed = replay(&*reader, &settings, progress)?;
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
        });
        let writer = Writer {
            shared: Arc::clone(&shared),
            log: Appender::start(log)?,
            answers: Answers::here(),
            newest: replayed.newest,
            replayed_bytes: replayed.bytes,
            checkpointed_bytes: 0,
            checkpoint_size: replayed.checkpoint_size,
            checkpoint_log_bytes_min: settings.checkpoint_log_bytes_min,
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

struct Replayed {
    board: Board,
    hub: Hub<Published>,
    newest: Timestamp,
    /// Revision of the newest checkpoint, whether or not it was used.
    checkpoint: Revision,
    checkpoint_size: u64,
    /// Bytes of log after the newest checkpoint.
    bytes: u64,
}

/// Revisions between two calls of the progress function.
const PROGRESS_EVERY: Revision = 16_384;

fn replay(
    reader: &dyn LogReader,
    settings: &Settings,
    mut progress: impl FnMut(Revision, Revision),
) -> Result<Replayed, OpenError> {
    let head = reader.head();
    let ring_from = head
        .revision
        .saturating_sub(settings.ring_revisions_max as Revision);
    let (mut board, checkpoint, checkpoint_size) = start(reader, settings, ring_from)?;
    let mut hub = Hub::new(
        board.revision(),
        settings.ring_revisions_max,
        settings.ring_bytes_max,
    );
    let mut previous = reader.head_at(board.revision())?;
    let mut newest = Timestamp::from_micros(i64::MIN);
    let from = board.revision() + 1;
    let mut bytes = 0;
    for chunk in reader.chunks(from) {
        let chunk = chunk?;
        if previous.is_some_and(|previous| chunk.previous_hash() != previous.hash) {
            return Err(ReadError::Framing {
                first: chunk.first,
                problem: "it does not continue the chain",
            }
            .into());
        }
        previous = Some(chunk.head());
        if chunk.last > checkpoint {
            bytes += chunk.bytes.len() as u64;
        }
        for entry in chunk.decode()? {
            if entry.revision < from {
                continue;
            }
            if entry.revision != board.revision() + 1 {
                let first = board.revision() + 1;
                return Err(ReadError::Missing { first }.into());
            }
            newest = newest.max(entry.received);
            if entry.revision <= ring_from {
                board.apply(&entry, Want::State);
                hub = Hub::new(
                    entry.revision,
                    settings.ring_revisions_max,
                    settings.ring_bytes_max,
                );
            } else {
                hub.push([Published::new(board.apply(&entry, Want::Changes))]);
            }
            if entry.revision % PROGRESS_EVERY == 0 {
                progress(entry.revision, head.revision);
            }
        }
    }
    progress(board.revision(), head.revision);
    Ok(Replayed {
        board,
        hub,
        newest,
        checkpoint,
        checkpoint_size,
        bytes,
    })
}

/// The newest checkpoint from which the ring can be filled, else an empty board.
fn start(
    reader: &dyn LogReader,
    settings: &Settings,
    ring_from: Revision,
) -> Result<(Board, Revision, u64), OpenError> {
    let Some(dir) = &settings.checkpoints else {
        return Ok((Board::new(), 0, 0));
    };
    let newest = checkpoint::list(dir)?
        .first()
        .map_or(0, |(revision, _)| *revision);
    let (found, discarded) = checkpoint::load::<Stored>(dir, reader, BOARD_VERSION, ring_from)?;
    for discarded in discarded {
        warn!(%discarded, "checkpoint discarded");
    }
    let Some(found) = found else {
        return Ok((Board::new(), newest, 0));
    };
    match found.state.build() {
        Some(board) if board.revision() == found.header.revision => {
            info!(revision = board.revision(), "checkpoint loaded");
            Ok((board, newest, found.state_bytes))
        }
        _ => {
            warn!("the checkpoint contradicts itself; replaying the whole log");
            Ok((Board::new(), newest, 0))
        }
    }
}
