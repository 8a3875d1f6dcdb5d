//! Revisions of the ring folded into the changes of one delta.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::events::Events;
use super::offers::Offers;
use super::spec::Spec;
use super::wire;
use crate::api::convert;
use crate::board::answer::Standing;
use crate::board::change::{BoardChange, RowChange};
use crate::commit::Published;
use crate::limits::DELTA_BYTES_SOFT;
use crate::model::{BenchmarkId, ModelId, Revision};
use crate::proto::v1;

/// What a row and an event take in a frame, roughly, in bytes.
const ROW_BYTES: usize = 400;
const EVENT_BYTES: usize = 80;

/// The changes up to a revision, encoded; empty where nothing concerned the view.
#[derive(Clone, Debug)]
pub(super) struct Folded {
    pub(super) revision: Revision,
    pub(super) body: Bytes,
}

/// Changes by board.
#[derive(Default)]
struct Fold<'a> {
    boards: BTreeMap<&'a BenchmarkId, BoardFold<'a>>,
    bytes: usize,
}

#[derive(Default)]
struct BoardFold<'a> {
    rows: BTreeMap<&'a ModelId, Net<'a>>,
    events: Events,
}

/// What became of a row: whether the view showed it before, and what it shows now.
struct Net<'a> {
    shown_before: bool,
    now: Option<&'a Standing>,
}

/// Folds entries in order, up to the first that defines a watched benchmark anew and until the delta is large. The
/// first entry is always folded; the offers go along.
pub(super) fn fold(spec: &Spec, items: &[Arc<Published>], offers: &mut Offers) -> Option<Folded> {
    let mut fold = Fold::default();
    let mut revision = None;
    for item in items {
        if spec.resets(&item.change) || fold.bytes > DELTA_BYTES_SOFT {
            break;
        }
        offers.redo(spec, item);
        revision = Some(item.change.revision);
        for board in spec.changes(&item.change) {
            fold.add(spec, board, item.change.revision, offers);
        }
    }
    Some(Folded {
        revision: revision?,
        body: wire::delta_body(fold.finish()),
    })
}

impl<'a> Fold<'a> {
    fn add(&mut self, spec: &Spec, change: &'a BoardChange, revision: Revision, after: &Offers) {
        let board = self.boards.entry(&change.benchmark).or_default();
        if !spec.events_only {
            for row in &change.rows {
                if board.net(spec, row) {
                    self.bytes += ROW_BYTES;
                }
            }
        }
        let events = board.events.listed.len();
        // The bound of the delta as a whole is its bytes.
        board.events.add(spec, change, revision, after, usize::MAX);
        self.bytes += (board.events.listed.len() - events) * EVENT_BYTES;
    }

    /// Changes of boards on which something happened, by board.
    fn finish(self) -> Vec<v1::BoardDelta> {
        let boards = self.boards.into_iter();
        boards
            .map(|(benchmark, board)| board.finish(benchmark.to_string()))
            .filter(|delta| !is_empty(delta))
            .collect()
    }
}

impl<'a> BoardFold<'a> {
    /// Takes a change in; the newest counts. Answers whether it concerned the view.
    fn net(&mut self, spec: &Spec, change: &'a RowChange) -> bool {
        let shown = |row: &'a Option<Arc<Standing>>| {
            let row = row.as_deref();
            row.filter(|row| spec.selects(&row.model))
        };
        let (before, now) = (shown(&change.before), shown(&change.after));
        let Some(row) = now.or(before) else {
            return false;
        };
        self.rows
            .entry(&row.model.id)
            .or_insert(Net {
                shown_before: before.is_some(),
                now: None,
            })
            .now = now;
        true
    }

    fn finish(self, board: String) -> v1::BoardDelta {
        let mut delta = v1::BoardDelta {
            board,
            rows: Vec::new(),
            left: Vec::new(),
            events: self.events.listed,
            events_dropped: self.events.dropped as i32,
        };
        for (model, net) in self.rows {
            match net.now {
                Some(row) => delta.rows.push(convert::standing(row.clone())),
                None if net.shown_before => delta.left.push(model.to_string()),
                None => {}
            }
        }
        delta
    }
}

/// Nothing to tell about a board.
pub(super) fn is_empty(delta: &v1::BoardDelta) -> bool {
    delta.rows.is_empty()
        && delta.left.is_empty()
        && delta.events.is_empty()
        && delta.events_dropped == 0
}
