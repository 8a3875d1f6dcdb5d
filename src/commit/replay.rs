//! From a log to its board and ring.
//!
//! Entries are read, checked and decoded on a thread of their own, ahead of the one that applies them.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tracing::{info, warn};

use super::{OpenError, Published, Settings};
use crate::board::{BOARD_VERSION, Board, Stored, Want};
use crate::hub::Hub;
use crate::log::checkpoint::{self, Mismatch};
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
    let head = reader.head();
    let ring_from = head
        .revision
        .saturating_sub(settings.ring_revisions_max as Revision);
    let (mut board, checkpoint, checkpoint_size) = start(reader, settings, ring_from)?;
    let from = board.revision() + 1;
    let reading = Reading {
        reader,
        from,
        checkpoint,
    };
    let ring = |after| Hub::new(after, settings.ring_revisions_max, settings.ring_bytes_max);
    let mut hub = None;
    let mut newest = Timestamp::from_micros(i64::MIN);
    let mut bytes = 0;
    decoded(&reading, |parcel| {
        bytes += parcel.bytes;
        for entry in &parcel.entries {
            if entry.revision != board.revision() + 1 {
                let first = board.revision() + 1;
                return Err(ReadError::Missing { first });
            }
            newest = newest.max(entry.received);
            if entry.revision <= ring_from {
                board.apply(entry, Want::State);
            } else {
                let hub = hub.get_or_insert_with(|| ring(board.revision()));
                hub.push([Published::new(board.apply(entry, Want::Changes))]);
            }
            if entry.revision % PROGRESS_EVERY == 0 {
                progress(entry.revision, head.revision);
            }
        }
        Ok(())
    })?;
    progress(board.revision(), head.revision);
    Ok(Replayed {
        hub: hub.unwrap_or_else(|| ring(board.revision())),
        board,
        newest,
        checkpoint,
        checkpoint_size,
        checkpoint_time: checkpoint_time(settings),
        entries: head.revision + 1 - from,
        bytes,
    })
}

fn checkpoint_time(settings: &Settings) -> Option<Timestamp> {
    let newest = checkpoint::list(settings.checkpoints.as_deref()?).ok()?;
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
}

/// Consecutive entries of a sound chain.
#[derive(Default)]
struct Parcel {
    entries: Vec<Entry>,
    /// Bytes of their chunks, as far as they are after the newest checkpoint.
    bytes: u64,
}

/// Calls `take` with all entries in order, which another thread reads meanwhile. Ends at the first error of either.
fn decoded(
    reading: &Reading<'_>,
    mut take: impl FnMut(Parcel) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
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
        if let Mismatch::Chunk(checkpoint) = discarded.mismatch {
            let head = reader.head().revision;
            return Err(OpenError::LostEnd { checkpoint, head });
        }
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
