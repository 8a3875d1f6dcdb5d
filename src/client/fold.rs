//! Folding the frames of a watch into boards: the law a subscriber is promised, as a pure function.

use std::collections::BTreeMap;
use std::fmt;

use crate::proto::v1::watch_leaderboard_response::Frame;
use crate::proto::v1::{Delta, SnapshotChunk, SnapshotEnd, Standing, WatchLeaderboardResponse};

/// The rows of one board by model id.
pub type Rows = BTreeMap<String, Standing>;

/// What a frame did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Part of a snapshot: nothing is visible yet.
    Collecting,
    /// A snapshot is complete: its boards were replaced.
    Snapshot,
    /// Rows changed, or events happened.
    Delta,
    /// Nothing but the revision moved.
    Progress,
}

/// A frame that breaks what a watch promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoldError {
    /// The frame has no content.
    EmptyFrame,
    /// The frame is of another store.
    StoreChanged {
        /// The store that is held.
        held: String,
        /// The store of the frame.
        given: String,
    },
    /// The frame goes back, or repeats a revision.
    RevisionWentBack {
        /// The revision held.
        held: i64,
        /// The revision of the frame.
        given: i64,
    },
    /// A delta does not begin where the last frame ended: something was skipped, or sent twice.
    Gap {
        /// The revision held.
        held: i64,
        /// The revision that the delta continues.
        from: i64,
    },
    /// Another frame came, or another revision, before the snapshot was complete.
    SnapshotTorn {
        /// The revision of the snapshot.
        snapshot: i64,
        /// The revision of the frame.
        given: i64,
    },
    /// The snapshot announces another number of rows than it sent.
    RowsMissing {
        /// The board.
        board: String,
        /// Rows announced.
        announced: i32,
        /// Rows received.
        received: usize,
    },
}

impl fmt::Display for FoldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyFrame => f.write_str("a frame has no content"),
            Self::StoreChanged { held, given } => {
                write!(f, "a frame is of store `{given}`, held is store `{held}`")
            }
            Self::RevisionWentBack { held, given } => {
                write!(
                    f,
                    "a frame is of revision `{given}`, held is revision `{held}` already"
                )
            }
            Self::Gap { held, from } => {
                write!(
                    f,
                    "a delta continues revision `{from}`, held is revision `{held}`"
                )
            }
            Self::SnapshotTorn { snapshot, given } => write!(
                f,
                "a frame of revision `{given}` came before the snapshot of revision `{snapshot}` was complete"
            ),
            Self::RowsMissing {
                board,
                announced,
                received,
            } => write!(
                f,
                "the snapshot of board `{board}` announces `{announced}` rows and has `{received}`"
            ),
        }
    }
}

impl std::error::Error for FoldError {}

/// Boards as of one revision, kept up to date by the frames of one watch.
///
/// After each frame the boards are exactly what `GetLeaderboard` answers at [`Fold::revision`] with the same detail
/// and filters. A snapshot becomes visible when it is complete, never in part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fold {
    store_id: String,
    revision: Option<i64>,
    boards: BTreeMap<String, Rows>,
    collecting: Option<Collecting>,
}

#[derive(Clone, Debug, PartialEq)]
struct Collecting {
    revision: i64,
    boards: BTreeMap<String, Rows>,
}

impl Fold {
    /// Holds nothing: the first frame may be of any revision.
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds no rows, and expects to continue after a revision.
    pub fn after(store_id: impl Into<String>, revision: i64) -> Self {
        Self {
            store_id: store_id.into(),
            revision: Some(revision),
            ..Self::default()
        }
    }

    /// Id of the store; empty = no frame came yet.
    pub fn store_id(&self) -> &str {
        &self.store_id
    }

    /// The revision held in full, to resume after; `None` before the first complete snapshot, delta or progress.
    pub fn revision(&self) -> Option<i64> {
        self.revision
    }

    /// The boards, by id, with their rows by model id.
    pub fn boards(&self) -> &BTreeMap<String, Rows> {
        &self.boards
    }

    /// The rows of one board; `None` = the board is not held.
    pub fn board(&self, board: &str) -> Option<&Rows> {
        self.boards.get(board)
    }

    /// Forgets a snapshot that did not complete, because the connection broke.
    pub fn disconnected(&mut self) {
        self.collecting = None;
    }

    /// Applies the next frame.
    ///
    /// # Errors
    /// [`FoldError`] when the frame does not continue what is held; the fold is unchanged then.
    pub fn apply(&mut self, frame: &WatchLeaderboardResponse) -> Result<Applied, FoldError> {
        let Some(content) = &frame.frame else {
            return Err(FoldError::EmptyFrame);
        };
        self.check_order(frame, content)?;
        let applied = match content {
            Frame::Snapshot(chunk) => {
                self.collect(frame.revision, chunk);
                Applied::Collecting
            }
            Frame::SnapshotEnd(end) => {
                self.complete(frame.revision, end)?;
                Applied::Snapshot
            }
            Frame::Delta(delta) => {
                self.change(delta);
                self.revision = Some(frame.revision);
                Applied::Delta
            }
            Frame::Progress(_) => {
                self.revision = Some(frame.revision);
                Applied::Progress
            }
        };
        if self.store_id.is_empty() {
            self.store_id.clone_from(&frame.store_id);
        }
        Ok(applied)
    }

    fn check_order(
        &self,
        frame: &WatchLeaderboardResponse,
        content: &Frame,
    ) -> Result<(), FoldError> {
        if !self.store_id.is_empty() && self.store_id != frame.store_id {
            return Err(FoldError::StoreChanged {
                held: self.store_id.clone(),
                given: frame.store_id.clone(),
            });
        }
        let in_snapshot = matches!(content, Frame::Snapshot(_) | Frame::SnapshotEnd(_));
        if let Some(collecting) = &self.collecting
            && (!in_snapshot || collecting.revision != frame.revision)
        {
            return Err(FoldError::SnapshotTorn {
                snapshot: collecting.revision,
                given: frame.revision,
            });
        }
        let Some(held) = self.revision else {
            return Ok(());
        };
        if let Frame::Delta(delta) = content
            && delta.from_revision != held
        {
            return Err(FoldError::Gap {
                held,
                from: delta.from_revision,
            });
        }
        let went_back = match content {
            Frame::Delta(_) => frame.revision <= held,
            _ => frame.revision < held,
        };
        if went_back {
            return Err(FoldError::RevisionWentBack {
                held,
                given: frame.revision,
            });
        }
        Ok(())
    }

    fn collect(&mut self, revision: i64, chunk: &SnapshotChunk) {
        let collecting = self.collecting.get_or_insert_with(|| Collecting {
            revision,
            boards: BTreeMap::new(),
        });
        let rows = collecting.boards.entry(chunk.board.clone()).or_default();
        if chunk.first {
            rows.clear();
        }
        rows.extend(
            chunk
                .rows
                .iter()
                .map(|row| (row.model.clone(), row.clone())),
        );
    }

    fn complete(&mut self, revision: i64, end: &SnapshotEnd) -> Result<(), FoldError> {
        let empty = BTreeMap::new();
        let collected = self.collecting.as_ref().map_or(&empty, |c| &c.boards);
        for size in &end.boards {
            let received = collected.get(&size.board).map_or(0, Rows::len);
            if usize::try_from(size.row_count) != Ok(received) {
                return Err(FoldError::RowsMissing {
                    board: size.board.clone(),
                    announced: size.row_count,
                    received,
                });
            }
        }
        let mut boards = self
            .collecting
            .take()
            .map_or_else(BTreeMap::new, |c| c.boards);
        for size in &end.boards {
            boards.entry(size.board.clone()).or_default();
        }
        self.boards.append(&mut boards);
        self.revision = Some(revision);
        Ok(())
    }

    fn change(&mut self, delta: &Delta) {
        for change in &delta.boards {
            let rows = self.boards.entry(change.board.clone()).or_default();
            for model in &change.left {
                rows.remove(model);
            }
            for row in &change.rows {
                rows.insert(row.model.clone(), row.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;
