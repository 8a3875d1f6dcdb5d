//! Revisions of the ring folded into the changes of one delta.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::events::Events;
use super::offers::Offers;
use super::snapshot::encoded;
use super::spec::Spec;
use super::wire::{self, BoardDelta};
use crate::api::frame::Frame;
use crate::board::answer::Intrinsic;
use crate::board::change::{BoardChange, PackedBoard, RowChange};
use crate::commit::{Commit, Published};
use crate::limits::DELTA_BYTES_SOFT;
use crate::model::{BenchmarkId, ModelId, Revision};

/// What a row and an event take in a frame, roughly, in bytes.
const ROW_BYTES: usize = 400;
const EVENT_BYTES: usize = 80;

/// The changes up to a revision, encoded; empty where nothing concerned the view.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) revision: Revision,
    /// What most watchers of the view were sent last.
    from: Revision,
    /// The frame for those.
    whole: Bytes,
    /// The part of it that does not depend on who gets it.
    body: Bytes,
}

impl Folded {
    pub(super) fn new(store_id: &str, from: Revision, revision: Revision, body: &[u8]) -> Self {
        let mut whole = match body {
            [] => Vec::new(),
            body => wire::delta_head(store_id, from, revision, body),
        };
        let head = whole.len();
        whole.extend_from_slice(body);
        let whole = Bytes::from(whole);
        Self {
            revision,
            from,
            body: whole.slice(head..),
            whole,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// Its size in memory, bytes.
    pub(super) fn len(&self) -> usize {
        self.whole.len()
    }

    /// The delta for a watcher that was last sent a revision.
    pub(super) fn frame(&self, store_id: &str, from: Revision) -> Frame {
        if from == self.from {
            return Frame {
                head: self.whole.clone(),
                body: Bytes::new(),
            };
        }
        Frame {
            head: wire::delta_head(store_id, from, self.revision, &self.body).into(),
            body: self.body.clone(),
        }
    }
}

/// Changes by board.
#[derive(Default)]
struct Fold {
    boards: BTreeMap<BenchmarkId, BoardFold>,
    bytes: usize,
}

#[derive(Default)]
struct BoardFold {
    rows: BTreeMap<ModelId, Net>,
    events: Events,
}

/// What became of a row: whether the view showed it before, and what it shows now.
struct Net {
    shown_before: bool,
    now: Option<Arc<Intrinsic>>,
}

/// Folds entries in order, up to the first that defines a watched benchmark anew and until the delta is large. The
/// first entry is always folded; the offers go along. Answers the last revision folded, and the body of the delta.
pub(super) fn fold(
    commit: &Commit,
    spec: &Spec,
    items: &[Arc<Published>],
    offers: &mut Offers,
) -> Option<(Revision, Vec<u8>)> {
    let mut fold = Fold::default();
    let mut revision = None;
    for item in items {
        if spec.resets(item) || fold.bytes > DELTA_BYTES_SOFT {
            break;
        }
        revision = Some(item.revision());
        let boards: Vec<BoardChange> = spec.changes(item).map(PackedBoard::unpack).collect();
        for board in &boards {
            offers.redo(spec, board);
        }
        for board in boards {
            fold.add(commit, spec, board, item.revision(), offers);
        }
    }
    Some((revision?, wire::delta_body(fold.finish())))
}

impl Fold {
    fn add(
        &mut self,
        commit: &Commit,
        spec: &Spec,
        change: BoardChange,
        revision: Revision,
        after: &Offers,
    ) {
        let board = self.boards.entry(change.benchmark.clone()).or_default();
        let events = board.events.listed.len();
        // The bound of the delta as a whole is its bytes.
        let most = usize::MAX;
        board
            .events
            .add(commit, spec, &change, revision, after, most);
        self.bytes += (board.events.listed.len() - events) * EVENT_BYTES;
        if !spec.events_only {
            for row in change.rows {
                if board.net(spec, row) {
                    self.bytes += ROW_BYTES;
                }
            }
        }
    }

    /// Changes of boards on which something happened, by board.
    fn finish(self) -> Vec<BoardDelta> {
        let boards = self.boards.into_iter();
        boards
            .map(|(benchmark, board)| board.finish(benchmark.to_string()))
            .filter(|delta| !delta.is_empty())
            .collect()
    }
}

impl BoardFold {
    /// Takes a change in; the newest counts. Answers whether it concerned the view.
    fn net(&mut self, spec: &Spec, change: RowChange) -> bool {
        let RowChange { before, after } = change;
        let before = before.filter(|row| spec.selects(&row.model));
        let now = after.filter(|row| spec.selects(&row.model));
        let info = now.as_ref().map(|row| &row.model);
        let Some(info) = info.or(before.as_ref().map(|row| &row.model)) else {
            return false;
        };
        let net = self.rows.entry(info.id.clone()).or_insert(Net {
            shown_before: before.is_some(),
            now: None,
        });
        net.now = now;
        true
    }

    fn finish(self, board: String) -> BoardDelta {
        let mut delta = BoardDelta {
            board,
            rows: Vec::new(),
            left: Vec::new(),
            events: self.events.listed,
            events_dropped: self.events.dropped,
        };
        for (model, net) in self.rows {
            match net.now {
                Some(row) => delta.rows.push(encoded(&row)),
                None if net.shown_before => delta.left.push(model.to_string()),
                None => {}
            }
        }
        delta
    }
}
