//! From a log to its board and ring.
//!
//! Entries are read, checked and decoded on a thread of their own, ahead of the one that applies them.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tracing::{info, warn};

use super::ring::{Chain, new_ring};
use super::{OpenError, Published, Settings};
use crate::board::{BOARD_VERSION, Board, Stored, Want};
use crate::hub::Hub;
use crate::log::checkpoint::{self, Kind, Mismatch};
use crate::log::{Head, LogReader, ReadError};
use crate::model::{Entry, Revision, Timestamp};

/// What a log comes to.
pub(super) struct Replayed {
    pub(super) board: Board,
    pub(super) hub: Hub<Published>,
    pub(super) newest: Timestamp,
    /// Revision of the newest checkpoint, whether or not it was used.
    pub(super) checkpoint: Revision,
    pub(super) checkpoint_size: u64,
    /// When the newest checkpoint was written, as far as the file system knows.
    pub(super) checkpoint_time: Option<Timestamp>,
    /// Entries applied.
    pub(super) entries: u64,
    /// Bytes of log after the newest checkpoint.
    pub(super) bytes: u64,
    /// Last revision that files of the ring hold.
    pub(super) ring_written: Revision,
    /// Bytes of log after that.
    pub(super) ring_bytes: u64,
}

/// Revisions between two calls of the progress function.
const PROGRESS_EVERY: Revision = 16_384;
/// Entries that change hands together: a switch of threads costs as much as several of them.
const TOGETHER: usize = 512;
/// Such parcels waiting to be applied: a megabyte or two.
const PARCELS_AHEAD: usize = 4;

/// Folds a log, from the best checkpoint on.
pub(super) fn replay(
    reader: &dyn LogReader,
    settings: &Settings,
    mut progress: impl FnMut(Revision, Revision),
) -> Result<Replayed, OpenError> {
    let newest = reader.head().revision;
    let ring_from = newest.saturating_sub(settings.ring_revisions_max as Revision);
    loop {
        let chain = match &settings.checkpoints {
            Some(dir) => Chain::find(dir, reader, settings, ring_from)?,
            None => Chain::default(),
        };
        // What is published is computed from here on.
        let derive_from = chain.until().unwrap_or(ring_from);
        let start = start(reader, settings, derive_from)?;
        let ring_written = chain.until().unwrap_or(0);
        let reading = Reading {
            reader,
            from: start.board.revision() + 1,
            checkpoint: start.newest,
            ring_written,
        };
        let from = reading.from;
        let mut folding = Folding {
            settings,
            derive_from,
            chain: Some(chain),
            hub: None,
            newest: Timestamp::from_micros(i64::MIN),
            bytes: (0, 0),
            board: start.board,
        };
        let mut progress = |revision| progress(revision, newest);
        let folded = decoded(&reading, |parcel| folding.take(&parcel, &mut progress));
        match folded.and_then(|()| folding.finish()) {
            Ok((board, hub)) => {
                progress(board.revision());
                return Ok(Replayed {
                    board,
                    hub,
                    newest: folding.newest,
                    checkpoint: start.newest,
                    checkpoint_size: start.size,
                    checkpoint_time: checkpoint_time(settings),
                    entries: newest + 1 - from,
                    bytes: folding.bytes.0,
                    ring_written,
                    ring_bytes: folding.bytes.1,
                });
            }
            // The file is gone: without it, all is in the log.
            Err(Stop::Ring) => {}
            Err(Stop::Log(error)) => return Err(error.into()),
        }
    }
}

/// Why folding stops.
enum Stop {
    Log(ReadError),
    /// A file of the ring does not hold what it says.
    Ring,
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Log(error)
    }
}

/// A board on its way to the head, with its ring.
struct Folding<'a> {
    settings: &'a Settings,
    /// Entries up to here change facts alone; rows are derived at once after them.
    derive_from: Revision,
    /// Holds what was published up to there; taken when the rows are derived.
    chain: Option<Chain>,
    hub: Option<Hub<Published>>,
    newest: Timestamp,
    /// Bytes of log that the newest checkpoint does not hold, and that the ring does not.
    bytes: (u64, u64),
    board: Board,
}

impl Folding<'_> {
    fn take(&mut self, parcel: &Parcel, progress: &mut impl FnMut(Revision)) -> Result<(), Stop> {
        self.bytes.0 += parcel.bytes;
        self.bytes.1 += parcel.ring_bytes;
        for entry in &parcel.entries {
            let next = self.board.revision() + 1;
            if entry.revision != next {
                return Err(ReadError::Missing { first: next }.into());
            }
            self.newest = self.newest.max(entry.received);
            if entry.revision <= self.derive_from {
                self.board.apply(entry, Want::State);
            } else {
                self.derive()?;
                let change = self.board.apply(entry, Want::Changes);
                if let Some(hub) = &self.hub {
                    hub.push([Published::new(change)]);
                }
            }
            if entry.revision % PROGRESS_EVERY == 0 {
                progress(entry.revision);
            }
        }
        Ok(())
    }

    /// Derives the rows and reads the ring, both at once, unless that is done.
    fn derive(&mut self) -> Result<(), Stop> {
        let Some(chain) = self.chain.take() else {
            return Ok(());
        };
        let (board, settings) = (&mut self.board, self.settings);
        let after = board.revision();
        let hub = if chain.until().is_none() {
            board.derive(&at_once);
            Some(new_ring(after, settings))
        } else {
            let catalog = board.catalog().clone();
            std::thread::scope(|scope| {
                let loading = scope.spawn(move || chain.load(&catalog, settings));
                board.derive(&at_once);
                loading.join().ok().flatten()
            })
        };
        self.hub = Some(hub.filter(|hub| hub.head() == after).ok_or(Stop::Ring)?);
        Ok(())
    }

    fn finish(&mut self) -> Result<(Board, Hub<Published>), Stop> {
        self.derive()?;
        let hub = self.hub.take().ok_or(Stop::Ring)?;
        Ok((std::mem::take(&mut self.board), hub))
    }
}

fn checkpoint_time(settings: &Settings) -> Option<Timestamp> {
    let newest = checkpoint::list(settings.checkpoints.as_deref()?, Kind::State).ok()?;
    let modified = newest.first()?.1.metadata().ok()?.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_micros(since.as_micros() as i64))
}

/// What of a log is read.
struct Reading<'a> {
    reader: &'a dyn LogReader,
    /// The first revision wanted.
    from: Revision,
    /// Revision of the newest checkpoint.
    checkpoint: Revision,
    /// Last revision that files of the ring hold.
    ring_written: Revision,
}

/// Consecutive entries of a sound chain.
#[derive(Default)]
struct Parcel {
    entries: Vec<Entry>,
    /// Bytes of their chunks, as far as they are after the newest checkpoint.
    bytes: u64,
    /// The same, as far as no file of the ring holds them.
    ring_bytes: u64,
}

/// Calls `take` with all entries in order, which another thread reads meanwhile. Ends at the first error of either.
fn decoded(
    reading: &Reading<'_>,
    mut take: impl FnMut(Parcel) -> Result<(), Stop>,
) -> Result<(), Stop> {
    std::thread::scope(|scope| {
        let (parcels, ready): (SyncSender<_>, Receiver<Result<Parcel, ReadError>>) =
            sync_channel(PARCELS_AHEAD);
        scope.spawn(move || {
            let send = |parcel| match parcels.send(parcel) {
                Ok(()) => ControlFlow::Continue(()),
                // The one who applies them has met an error.
                Err(_) => ControlFlow::Break(()),
            };
            if let Err(error) = reading.parcels(|parcel| send(Ok(parcel))) {
                let _ = send(Err(error));
            }
        });
        ready.into_iter().try_for_each(|parcel| take(parcel?))
    })
}

impl Reading<'_> {
    /// Reads on for as long as `give` wants more.
    fn parcels(&self, give: impl Fn(Parcel) -> ControlFlow<()>) -> Result<(), ReadError> {
        let mut previous: Option<Head> = self.reader.head_at(self.from - 1)?;
        let mut parcel = Parcel::default();
        for chunk in self.reader.chunks(self.from) {
            let chunk = chunk?;
            if previous.is_some_and(|previous| chunk.previous_hash() != previous.hash) {
                return Err(ReadError::Framing {
                    first: chunk.first,
                    problem: "it does not continue the chain",
                });
            }
            previous = Some(chunk.head());
            if chunk.last > self.checkpoint {
                parcel.bytes += chunk.bytes.len() as u64;
            }
            if chunk.last > self.ring_written {
                parcel.ring_bytes += chunk.bytes.len() as u64;
            }
            let entries = chunk.decode()?.into_iter();
            let wanted = entries.filter(|entry| entry.revision >= self.from);
            parcel.entries.extend(wanted);
            if parcel.entries.len() >= TOGETHER && give(std::mem::take(&mut parcel)).is_break() {
                return Ok(());
            }
        }
        let _ = give(parcel);
        Ok(())
    }
}

/// Runs two pieces of work on two threads.
fn at_once(first: &mut (dyn FnMut() + Send), second: &mut (dyn FnMut() + Send)) {
    std::thread::scope(|scope| {
        scope.spawn(second);
        first();
    });
}

/// Where folding begins.
struct Start {
    /// Its rows are not derived yet.
    board: Board,
    /// Revision of the newest checkpoint, whether or not it is this.
    newest: Revision,
    /// Bytes of the state that was loaded.
    size: u64,
}

/// The newest checkpoint at or below a revision, else an empty board.
fn start(
    reader: &dyn LogReader,
    settings: &Settings,
    at_most: Revision,
) -> Result<Start, OpenError> {
    let empty = |newest| Start {
        board: Board::new().deferred(),
        newest,
        size: 0,
    };
    let Some(dir) = &settings.checkpoints else {
        return Ok(empty(0));
    };
    let newest = checkpoint::list(dir, Kind::State)?;
    let newest = newest.first().map_or(0, |(revision, _)| *revision);
    let (found, discarded) = checkpoint::load::<Stored>(dir, reader, BOARD_VERSION, at_most)?;
    for discarded in discarded {
        if let Mismatch::Chunk(checkpoint) = discarded.mismatch {
            let head = reader.head().revision;
            return Err(OpenError::LostEnd { checkpoint, head });
        }
        warn!(%discarded, "checkpoint discarded");
    }
    let Some(found) = found else {
        return Ok(empty(newest));
    };
    match found.state.deferred(&at_once) {
        Some(board) if board.revision() == found.header.revision => {
            info!(revision = board.revision(), "checkpoint loaded");
            Ok(Start {
                board,
                newest,
                size: found.state_bytes,
            })
        }
        _ => {
            warn!("the checkpoint contradicts itself; replaying the whole log");
            Ok(empty(newest))
        }
    }
}
