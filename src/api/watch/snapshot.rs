//! Snapshots: all rows of a view at one revision, encoded once for everybody who starts then.
//!
//! The rows of a large board are read in parts, so that the writer never waits long, and what changed in between is
//! made good from the ring.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bytes::Bytes;

use super::spec::Spec;
use super::wire;
use crate::api::convert;
use crate::board::Board;
use crate::board::answer::{Intrinsic, Standing};
use crate::board::catalog::ModelKey;
use crate::commit::{Commit, Published};
use crate::limits::{SNAPSHOT_CHUNK_ROWS, SNAPSHOT_LOCK_ROWS};
use crate::model::{BenchmarkId, ModelId, Revision};
use crate::proto::v1;
use v1::watch_leaderboard_response::Frame as Kind;

/// How often reading in parts is tried before everything is read under one lock.
const TRIES: usize = 3;

/// Encoded frames: chunks and the end.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) revision: Revision,
    pub(super) frames: Vec<Bytes>,
}

impl Snapshot {
    /// Encodes rows, board by board.
    pub(super) fn encode<R>(
        store_id: &str,
        revision: Revision,
        boards: impl Iterator<Item = (String, R)>,
    ) -> Self
    where
        R: IntoIterator<Item = Bytes>,
    {
        let mut frames = Vec::new();
        let mut sizes = Vec::new();
        for (board, rows) in boards {
            let mut rows = rows.into_iter();
            let mut row_count = 0;
            loop {
                let chunk: Vec<Bytes> = rows.by_ref().take(SNAPSHOT_CHUNK_ROWS).collect();
                let first = row_count == 0;
                if chunk.is_empty() && !first {
                    break;
                }
                frames.push(wire::chunk(store_id, revision, &board, first, &chunk));
                row_count += chunk.len();
                if chunk.len() < SNAPSHOT_CHUNK_ROWS {
                    break;
                }
            }
            sizes.push(v1::BoardSize {
                board,
                row_count: row_count as i32,
            });
        }
        let end = Kind::SnapshotEnd(v1::SnapshotEnd { boards: sizes });
        frames.push(wire::whole(store_id, revision, Some(end)));
        Self { revision, frames }
    }

    /// All selected rows of the view's benchmarks, as they are now. Takes a core for a while.
    pub(super) fn gather(commit: &Commit, spec: &Spec) -> Self {
        let in_parts = || Rows::gather(commit, spec, SNAPSHOT_LOCK_ROWS);
        let (rows, revision) = (0..TRIES)
            .find_map(|_| in_parts())
            .unwrap_or_else(|| Rows::gather_at_once(&commit.board(), spec));
        let boards = rows.boards.into_iter();
        let boards = boards.map(|(board, rows)| (board.to_string(), rows.into_values()));
        Self::encode(commit.log().store_id(), revision, boards)
    }
}

/// Encoded rows by board and model.
#[derive(Default)]
struct Rows {
    boards: BTreeMap<BenchmarkId, BTreeMap<ModelId, Bytes>>,
}

/// Where reading goes on.
struct Place {
    benchmark: BenchmarkId,
    model: ModelKey,
}

impl Rows {
    /// None when a definition changed or the ring moved on meanwhile.
    fn gather(commit: &Commit, spec: &Spec, limit: usize) -> Option<(Self, Revision)> {
        let mut rows = Self::default();
        let mut place = None;
        let mut since = None;
        loop {
            let part = {
                let board = commit.board();
                since.get_or_insert(board.revision());
                Part::read(&board, spec, place.as_ref(), limit)
            };
            place = rows.absorb(part);
            if place.is_none() {
                break;
            }
        }
        let head = commit.hub().head();
        let items = commit.hub().after(since?, head, usize::MAX).ok()?;
        if items.iter().any(|item| spec.resets(item)) {
            return None;
        }
        for item in &items {
            rows.redo(spec, item);
        }
        Some((rows, head))
    }

    fn gather_at_once(board: &Board, spec: &Spec) -> (Self, Revision) {
        let mut rows = Self::default();
        rows.absorb(Part::read(board, spec, None, usize::MAX));
        (rows, board.revision())
    }

    fn absorb(&mut self, part: Part) -> Option<Place> {
        for (benchmark, rows) in part.boards {
            let board = self.boards.entry(benchmark).or_default();
            board.extend(
                rows.into_iter()
                    .map(|row| (row.model.id.clone(), encoded(&row))),
            );
        }
        part.next
    }

    /// A row read before the change gets its new state; one read after it had it already, or gets a later one below.
    fn redo(&mut self, spec: &Spec, item: &Published) {
        for change in spec.changes(item) {
            let board = self.boards.entry(change.benchmark().clone()).or_default();
            for row in &change.unpack().rows {
                let Some(model) = row.model() else {
                    continue;
                };
                match row.after.as_ref().filter(|row| spec.selects(&row.model)) {
                    Some(row) => {
                        board.insert(model.id.clone(), encoded(row));
                    }
                    None => {
                        board.remove(&model.id);
                    }
                }
            }
        }
    }
}

/// What was read under one lock.
struct Part {
    boards: Vec<(BenchmarkId, Vec<Intrinsic>)>,
    next: Option<Place>,
}

impl Part {
    fn read(board: &Board, spec: &Spec, from: Option<&Place>, limit: usize) -> Self {
        let mut boards = Vec::new();
        let mut left = limit;
        for (benchmark, view) in spec.views(board) {
            let from_model = match from {
                Some(place) if benchmark < place.benchmark => continue,
                Some(place) if benchmark == place.benchmark => place.model,
                _ => 0,
            };
            if left == 0 {
                let next = Some(Place {
                    benchmark,
                    model: from_model,
                });
                return Self { boards, next };
            }
            if !spec.models.is_empty() {
                let named = spec
                    .models
                    .iter()
                    .filter_map(|model| view.intrinsic_of(model));
                let selected = named.filter(|row| spec.selects(&row.model)).collect();
                boards.push((benchmark, selected));
                left = left.saturating_sub(spec.models.len());
                continue;
            }
            let before = view.board().len();
            let (rows, next) = view.intrinsic_from(from_model, left, |info| spec.selects(info));
            boards.push((benchmark.clone(), rows));
            if let Some(model) = next {
                let next = Some(Place { benchmark, model });
                return Self { boards, next };
            }
            // Empty boards count too: there may be thousands.
            left = left.saturating_sub(before + 1);
        }
        Self { boards, next: None }
    }
}

/// A row as it stands in frames, without what other rows can change.
pub(super) fn encoded(row: &Intrinsic) -> Bytes {
    convert::encoded_intrinsic(row).into_bytes()
}

/// A row as it stands in frames.
pub(super) fn encoded_full(row: &Standing) -> Bytes {
    convert::encoded_standing(row).into_bytes()
}

/// An end without a beginning, for views without rows: what was held is not continued.
pub(super) fn without_boards(store_id: &str, revision: Revision) -> Snapshot {
    let boards = std::iter::empty::<(String, Vec<Bytes>)>();
    Snapshot::encode(store_id, revision, boards)
}
