//! What leads from one window to a later one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::events::Events;
use super::fold::{self, Folded};
use super::offers::Offers;
use super::spec::Spec;
use super::window::{Shown, Window};
use super::wire;
use crate::api::convert;
use crate::board::answer::{ModelInfo, Standing};
use crate::board::change::{Event, EventKind};
use crate::board::query::BoardName;
use crate::commit::Published;
use crate::limits::WINDOW_EVENTS_MAX;
use crate::model::ModelId;
use crate::proto::v1;

/// The delta between two windows, with the events of the entries between. The offers go along.
pub(super) fn delta(
    spec: &Spec,
    from: &Window,
    to: &Window,
    items: &[Arc<Published>],
    offers: &mut Offers,
) -> Folded {
    let mut deltas: BTreeMap<BoardName, v1::BoardDelta> = BTreeMap::new();
    if !spec.events_only {
        for name in from.boards.keys().chain(to.boards.keys()) {
            let difference = || difference(from.boards.get(name), to.boards.get(name));
            deltas.entry(name.clone()).or_insert_with(difference);
        }
    }
    for (name, events) in events(spec, from, to, items, offers) {
        let delta = deltas.entry(name).or_default();
        delta.events = events.listed;
        delta.events_dropped = events.dropped as i32;
    }
    let named = deltas.into_iter().map(|(name, delta)| v1::BoardDelta {
        board: name.to_string(),
        ..delta
    });
    Folded {
        revision: to.revision,
        body: wire::delta_body(named.filter(|delta| !fold::is_empty(delta)).collect()),
    }
}

fn events(
    spec: &Spec,
    from: &Window,
    to: &Window,
    items: &[Arc<Published>],
    offers: &mut Offers,
) -> BTreeMap<BoardName, Events> {
    let mut events: BTreeMap<BoardName, Events> = BTreeMap::new();
    for item in items {
        offers.redo(spec, item);
        for change in spec.changes(&item.change) {
            let name = BoardName::Benchmark(change.benchmark.clone());
            let board = events.entry(name).or_default();
            board.add(
                spec,
                change,
                item.change.revision,
                offers,
                WINDOW_EVENTS_MAX,
            );
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
fn difference(before: Option<&Shown>, after: Option<&Shown>) -> v1::BoardDelta {
    let (mut before, after) = (by_model(before), by_model(after));
    let mut delta = v1::BoardDelta::default();
    for (model, row) in after {
        if before.remove(model) != Some(row) {
            delta.rows.push(convert::standing(row.clone()));
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
