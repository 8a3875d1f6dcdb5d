//! Which named events of a board a view lists.

use std::sync::Arc;

use super::offers::Offers;
use super::spec::Spec;
use crate::api::convert;
use crate::board::answer::ModelInfo;
use crate::board::change::{BoardChange, Event, EventKind, Overtaking};
use crate::commit::Commit;
use crate::limits::EVENTS_PER_REVISION_MAX;
use crate::model::{CostBasis, Revision};
use crate::proto::v1;

/// The events of one board, with the number of those that found no room.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) listed: Vec<v1::Event>,
    pub(super) dropped: usize,
}

/// How an event stands to the models that a view names.
#[derive(Clone, Copy, PartialEq)]
enum Concern {
    /// Not selected.
    None,
    /// Listed where there is room.
    Other,
    /// Listed in any case: about a model that is named.
    Watched,
}

impl Events {
    /// Adds the events of a revision, of which there are at most `most` in all but for those about named models;
    /// `after` holds the offers after it.
    pub(super) fn add(
        &mut self,
        commit: &Commit,
        spec: &Spec,
        board: &BoardChange,
        revision: Revision,
        after: &Offers,
        most: usize,
    ) {
        let left = most.saturating_sub(self.listed.len());
        let mut room = left.min(EVENTS_PER_REVISION_MAX);
        let basis = spec.basis.unwrap_or(board.default_basis);
        for event in board.events.iter().filter(|event| on_basis(event, basis)) {
            let concern = concern(spec, &event.model, other_of(event));
            self.push(concern, &mut room, || convert::event(revision, event));
        }
        for overtaking in &board.overtakings {
            let overtaken = models(commit, overtaking);
            self.add_overtaking(spec, overtaking, &overtaken, revision, &mut room);
            let unlisted = overtaking.count as usize - overtaken.len();
            let watched = after.overtaken_beyond(spec, board, overtaking, &overtaken, revision);
            // Of those that are not listed only the watched ones are known by name.
            if spec.models.is_empty() {
                self.dropped += unlisted;
            }
            for event in watched {
                self.push(Concern::Watched, &mut room, || event);
            }
        }
        for event in after.cheaper_alternatives(spec, board, revision) {
            self.push(Concern::Watched, &mut room, || event);
        }
    }

    /// Adds an event of a computed board.
    pub(super) fn add_one(&mut self, spec: &Spec, revision: Revision, event: &Event) {
        let concern = concern(spec, &event.model, other_of(event));
        self.push(concern, &mut 1, || convert::event(revision, event));
    }

    fn add_overtaking(
        &mut self,
        spec: &Spec,
        overtaking: &Overtaking,
        overtaken: &[Arc<ModelInfo>],
        revision: Revision,
        room: &mut usize,
    ) {
        let events = convert::overtaken(revision, overtaking, overtaken);
        for (model, event) in overtaken.iter().zip(events) {
            let concern = concern(spec, model, Some(&overtaking.by));
            self.push(concern, room, || event);
        }
    }

    fn push(&mut self, concern: Concern, room: &mut usize, event: impl FnOnce() -> v1::Event) {
        if concern == Concern::None {
            return;
        }
        if concern == Concern::Other && *room == 0 {
            self.dropped += 1;
            return;
        }
        *room = room.saturating_sub(1);
        self.listed.push(event());
    }
}

/// Those overtaken, in their order. The ring knows them by key, so a row filter sees them as they are now.
fn models(commit: &Commit, overtaking: &Overtaking) -> Vec<Arc<ModelInfo>> {
    let board = commit.board();
    let catalog = board.catalog();
    let overtaken = overtaking.overtaken.iter();
    overtaken.map(|row| catalog.info(row.model)).collect()
}

/// Events that rest on a cost are those of the view's basis.
fn on_basis(event: &Event, basis: CostBasis) -> bool {
    match event.kind {
        EventKind::FrontierEntered(of)
        | EventKind::FrontierLeft(of)
        | EventKind::Verdict(of, _) => of == basis,
        EventKind::LeaderChanged { .. }
        | EventKind::Disputed
        | EventKind::Retracted
        | EventKind::PriceChanged { .. } => true,
    }
}

/// The other model of an event.
fn other_of(event: &Event) -> Option<&ModelInfo> {
    match &event.kind {
        EventKind::LeaderChanged { before } => before.as_deref(),
        _ => None,
    }
}

fn concern(spec: &Spec, model: &ModelInfo, other: Option<&ModelInfo>) -> Concern {
    let rows = &spec.rows;
    let selected = rows.matches(model) || other.is_some_and(|other| rows.matches(other));
    if !selected {
        return Concern::None;
    }
    if spec.models.is_empty() {
        return Concern::Other;
    }
    if spec.names(&model.id) {
        return Concern::Watched;
    }
    // A named model that overtakes a thousand others is one piece of news, not a thousand.
    match other {
        Some(other) if spec.names(&other.id) => Concern::Other,
        _ => Concern::None,
    }
}
