//! What leads from one window to a later one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::events::Events;
use super::offers::Offers;
use super::snapshot::encoded_full;
use super::spec::Spec;
use super::window::{Shown, Window};
use super::wire::{self, BoardDelta};
use crate::board::answer::{ModelInfo, Standing};
use crate::board::change::{BoardChange, Event, EventKind, PackedBoard};
use crate::board::query::BoardName;
use crate::commit::{Commit, Published};
use crate::limits::WINDOW_EVENTS_MAX;
use crate::model::ModelId;

/// The body of the delta between two windows, with the events of the entries between. The offers go along.
pub(super) fn delta(
    commit: &Commit,
    spec: &Spec,
    (from, to): (&Window, &Window),
    items: &[Arc<Published>],
    offers: &mut Offers,
) -> Vec<u8> {
    let mut deltas: BTreeMap<BoardName, BoardDelta> = BTreeMap::new();
    if !spec.events_only {
        for name in from.boards.keys().chain(to.boards.keys()) {
            let difference = || difference(from.boards.get(name), to.boards.get(name));
            deltas.entry(name.clone()).or_insert_with(difference);
        }
    }
    for (name, events) in events(commit, spec, (from, to), items, offers) {
        let delta = deltas.entry(name).or_default();
        delta.events = events.listed;
        delta.events_dropped = events.dropped;
    }
    let named = deltas.into_iter().map(|(name, delta)| BoardDelta {
        board: name.to_string(),
        ..delta
    });
    wire::delta_body(named.filter(|delta| !delta.is_empty()).collect())
}

fn events(
    commit: &Commit,
    spec: &Spec,
    (from, to): (&Window, &Window),
    items: &[Arc<Published>],
    offers: &mut Offers,
) -> BTreeMap<BoardName, Events> {
    let mut events: BTreeMap<BoardName, Events> = BTreeMap::new();
    for item in items {
        let changes: Vec<BoardChange> = spec.changes(item).map(PackedBoard::unpack).collect();
        for change in &changes {
            offers.redo(spec, change);
        }
        for change in &changes {
            let name = BoardName::Benchmark(change.benchmark.clone());
            let (board, most) = (events.entry(name).or_default(), WINDOW_EVENTS_MAX);
            board.add(commit, spec, change, item.revision(), offers, most);
        }
    }
    for (name, shown) in to.boards.iter().filter(|(name, _)| name.is_computed()) {
        let before = from.boards.get(name);
        let before = before.and_then(|board| board.leader.clone());
        if let Some(event) = leader_changed(before, shown.leader.as_ref()) {
            let board = events.entry(name.clone()).or_default();
            board.add_one(spec, to.revision, &event);
        }
    }
    events
}

/// Rows that are new or differ, and models that left.
fn difference(before: Option<&Shown>, after: Option<&Shown>) -> BoardDelta {
    let (mut before, after) = (by_model(before), by_model(after));
    let mut delta = BoardDelta::default();
    for (model, row) in after {
        if before.remove(model) != Some(row) {
            delta.rows.push(encoded_full(row));
        }
    }
    delta.left = before.into_keys().map(ToString::to_string).collect();
    delta
}

fn by_model(shown: Option<&Shown>) -> BTreeMap<&ModelId, &Standing> {
    let rows = shown.map_or(&[][..], |shown| &shown.rows);
    rows.iter().map(|row| (&row.model.id, &**row)).collect()
}

fn leader_changed(before: Option<Arc<ModelInfo>>, now: Option<&Arc<ModelInfo>>) -> Option<Event> {
    let now = now?;
    if before.as_ref().is_some_and(|before| before.id == now.id) {
        return None;
    }
    Some(Event {
        model: Arc::clone(now),
        kind: EventKind::LeaderChanged { before },
    })
}
