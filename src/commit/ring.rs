//! What was published, in files beside the checkpoints, so that a start need not compute it anew.
//!
//! A watch resumes after any of the newest revisions, also after a restart. What an entry meant to watchers follows
//! from the board as it was then; to compute it again, a start would need that old board. So it is kept: each file
//! holds the changes of a stretch of revisions, the next one goes on where it ends, and together they are the ring.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tracing::warn;

use super::{OpenError, Published, Settings, Shared};
use crate::board::catalog::Catalog;
use crate::board::change::{Keeping, Kept};
use crate::board::{BOARD_VERSION, Board};
use crate::hub::{Compacted, Hub};
use crate::log::checkpoint::{self, Header, Kind, Mismatch, Pace, Whole};
use crate::log::{Head, LogReader};
use crate::model::Revision;

/// What a file begins with.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Stretch {
    /// The revision before its first.
    from: Revision,
    /// The ring did not hold what was before, being bound to so many bytes.
    cut_at_bytes: Option<u64>,
}

/// Files that together hold the newest of what was published up to a revision.
#[derive(Default)]
pub(super) struct Chain {
    /// Newest first; each reaches at least to where the one before it begins.
    files: Vec<(PathBuf, Stretch, Whole)>,
}

impl Chain {
    /// The files that hold all that a ring holds of the revisions after `ring_from`; none when some are missing.
    pub(super) fn find(
        dir: &Path,
        reader: &dyn LogReader,
        settings: &Settings,
        ring_from: Revision,
    ) -> Result<Self, OpenError> {
        let mut files: Vec<(PathBuf, Stretch, Whole)> = Vec::new();
        for (revision, path) in checkpoint::list(dir, Kind::Ring)? {
            if files.is_empty() && revision <= ring_from {
                // All of it has left the ring.
                break;
            }
            let begins = files.last().map(|(_, stretch, _)| stretch.from);
            if begins.is_some_and(|begins| revision < begins) {
                break;
            }
            let whole = checkpoint::matching(&path, revision, reader, BOARD_VERSION);
            let begun = whole.and_then(|whole| Ok((whole.begin::<Stretch>()?.0, whole)));
            let (stretch, whole) = match begun {
                Ok(begun) => begun,
                // Only what was durable is in a file.
                Err(Mismatch::Chunk(checkpoint)) => {
                    let head = reader.head().revision;
                    return Err(OpenError::LostEnd { checkpoint, head });
                }
                Err(mismatch) => {
                    discard(path, mismatch)?;
                    continue;
                }
            };
            if begins.is_some_and(|begins| stretch.from >= begins) {
                continue;
            }
            files.push((path, stretch, whole));
            let bytes_max = settings.ring_bytes_max as u64;
            let cut = (stretch.cut_at_bytes).is_some_and(|was| was >= bytes_max);
            if cut || stretch.from <= ring_from {
                return Ok(Self { files });
            }
        }
        Ok(Self::default())
    }

    /// The last revision in it; none when it is empty.
    pub(super) fn until(&self) -> Option<Revision> {
        let (_, _, newest) = self.files.first()?;
        Some(newest.header().revision)
    }

    /// Puts everything into a ring. None when a file does not hold what it says: it is discarded.
    pub(super) fn load(self, catalog: &Catalog, settings: &Settings) -> Option<Hub<Published>> {
        let mut hub: Option<Hub<Published>> = None;
        for (path, stretch, whole) in self.files.into_iter().rev() {
            let until = whole.header().revision;
            let held = decode(stretch, whole, catalog);
            match held {
                Ok(changes) => {
                    let hub = hub.get_or_insert_with(|| new_ring(stretch.from, settings));
                    let begun = hub.head() - stretch.from;
                    hub.push(changes.into_iter().skip(begun as usize));
                    debug_assert_eq!(hub.head(), until);
                }
                Err(mismatch) => {
                    // The start goes on without it.
                    if let Err(error) = discard(path, mismatch) {
                        warn!(%error, "a file of the ring cannot be removed");
                    }
                    return None;
                }
            }
        }
        hub
    }
}

fn decode(stretch: Stretch, whole: Whole, catalog: &Catalog) -> Result<Vec<Published>, Mismatch> {
    let until = whole.header().revision;
    let (_, kept): (Stretch, Kept) = whole.decode()?.state;
    let changes = kept.packed(stretch.from, catalog);
    let whole = changes.filter(|changes| stretch.from + changes.len() as Revision == until);
    whole.ok_or_else(|| Mismatch::State("it is of another catalog".to_owned()))
}

fn discard(path: PathBuf, mismatch: Mismatch) -> std::io::Result<()> {
    let discarded = checkpoint::discard(path, mismatch)?;
    warn!(%discarded, "the ring is filled from the log");
    Ok(())
}

/// A ring that goes on after a revision.
pub(super) fn new_ring(after: Revision, settings: &Settings) -> Hub<Published> {
    Hub::new(after, settings.ring_revisions_max, settings.ring_bytes_max)
}

/// How much of the ring files hold, and its bounds.
pub(super) struct Written {
    /// The last revision that they hold.
    revision: Mutex<Revision>,
    revisions_max: usize,
    bytes_max: usize,
}

impl Written {
    pub(super) fn new(revision: Revision, settings: &Settings) -> Self {
        Self {
            revision: Mutex::new(revision),
            revisions_max: settings.ring_revisions_max,
            bytes_max: settings.ring_bytes_max,
        }
    }

    fn written(&self) -> Revision {
        *self.revision.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wrote(&self, revision: Revision) {
        *self.revision.lock().unwrap_or_else(PoisonError::into_inner) = revision;
    }
}

/// What was published up to a revision, to be written.
pub(super) struct Unwritten {
    stretch: Stretch,
    changes: Vec<Arc<Published>>,
    catalog: Catalog,
    head: Head,
}

impl Unwritten {
    /// The end of the log that it reaches to.
    pub(super) fn head(&self) -> Head {
        self.head
    }
}

impl Shared {
    /// Revisions published that no file holds.
    pub(super) fn ring_unwritten(&self) -> Revision {
        let written = self.ring.written();
        self.hub.head().saturating_sub(written)
    }

    /// What no file holds yet, and what the board says at that revision.
    pub(super) fn ring_taken<T>(
        &self,
        also: impl FnOnce(&Board) -> T,
    ) -> Result<(Unwritten, T), String> {
        let written = self.ring.written();
        // The ring is at the board's revision for as long as that is held.
        let board = self.board.read().unwrap_or_else(PoisonError::into_inner);
        let revision = board.revision();
        let (from, changes) = match self.hub.after(written, revision, usize::MAX) {
            Ok(changes) => (written, changes),
            Err(Compacted { oldest }) => {
                let held = self.hub.after(oldest, revision, usize::MAX);
                (oldest, held.unwrap_or_default())
            }
        };
        let (catalog, also) = (board.catalog().clone(), also(&board));
        drop(board);
        let head = self
            .log
            .head_at(revision)
            .map_err(|error| error.to_string())?;
        let head = head.ok_or("the board is inside a chunk: another writer is at work; retry")?;
        let cut = from > written && revision - from < self.ring.revisions_max as Revision;
        let stretch = Stretch {
            from,
            cut_at_bytes: cut.then_some(self.ring.bytes_max as u64),
        };
        let unwritten = Unwritten {
            stretch,
            changes,
            catalog,
            head,
        };
        Ok((unwritten, also))
    }

    /// Writes what no file holds yet.
    pub(super) fn write_ring(
        &self,
        dir: &Path,
        unwritten: Unwritten,
        pace: Pace<'_>,
    ) -> Result<(), String> {
        let Unwritten {
            stretch,
            changes,
            catalog,
            head,
        } = unwritten;
        if changes.is_empty() {
            return Ok(());
        }
        let header = self.header(head);
        let kept = (stretch, Keeping::new(&changes, &catalog));
        checkpoint::write(dir, Kind::Ring, &header, &kept, pace)
            .map_err(|error| error.to_string())?;
        self.ring.wrote(head.revision);
        let oldest = head
            .revision
            .saturating_sub(self.ring.revisions_max as Revision);
        checkpoint::prune(dir, Kind::Ring, |_, revision| revision > oldest)
            .map_err(|error| error.to_string())?;
        Ok(())
    }

    /// What a file at a revision is of.
    pub(super) fn header(&self, head: Head) -> Header {
        Header {
            store_id: self.log.store_id().to_owned(),
            revision: head.revision,
            chunk_hash: head.hash,
            board_version: BOARD_VERSION,
        }
    }
}
