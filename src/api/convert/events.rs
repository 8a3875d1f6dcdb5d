//! Named events of a board.

use std::sync::Arc;

use super::enums::ToWire;
use crate::board::answer::ModelInfo;
use crate::board::change::{Event, EventKind, Overtaken, Overtaking};
use crate::model::{CostBasis, ModelId, Revision};
use crate::proto::v1;

/// An event of which only its kind and whom it concerns are known. Every field is named, so that a new one does not
/// compile until it is handled.
fn bare(kind: v1::EventKind, revision: Revision, model: &ModelInfo) -> v1::Event {
    v1::Event {
        kind: kind as i32,
        revision: revision as i64,
        model: model.id.to_string(),
        other_model: String::new(),
        separated: None,
        rank_before: None,
        rank_after: None,
        cost_basis: 0,
        saving_usd: None,
        verdict: 0,
        price_before_usd_per_mtok: None,
        price_after_usd_per_mtok: None,
    }
}

/// `Event`, but for overtakings and cheaper alternatives.
pub fn event(revision: Revision, event: &Event) -> v1::Event {
    let Event { model, kind } = event;
    let of = |kind| bare(kind, revision, model);
    match kind {
        EventKind::LeaderChanged { before } => v1::Event {
            other_model: before
                .as_ref()
                .map_or_else(String::new, |before| before.id.to_string()),
            ..of(v1::EventKind::LeaderChanged)
        },
        EventKind::FrontierEntered(basis) => v1::Event {
            cost_basis: basis.wire(),
            ..of(v1::EventKind::FrontierEntered)
        },
        EventKind::FrontierLeft(basis) => v1::Event {
            cost_basis: basis.wire(),
            ..of(v1::EventKind::FrontierLeft)
        },
        EventKind::Verdict(basis, verdict) => v1::Event {
            cost_basis: basis.wire(),
            verdict: verdict.wire(),
            ..of(v1::EventKind::Verdict)
        },
        EventKind::Disputed => of(v1::EventKind::Disputed),
        EventKind::Retracted => of(v1::EventKind::Retracted),
        EventKind::PriceChanged { before, after } => v1::Event {
            cost_basis: CostBasis::TokenPrice.wire(),
            price_before_usd_per_mtok: *before,
            price_after_usd_per_mtok: *after,
            ..of(v1::EventKind::PriceChanged)
        },
    }
}

/// One `OVERTAKEN` event for each row that was passed, best first; `models` are theirs.
pub fn overtaken(
    revision: Revision,
    overtaking: &Overtaking,
    models: &[Arc<ModelInfo>],
) -> impl Iterator<Item = v1::Event> {
    let Overtaking {
        by,
        now: _,
        score_before: _,
        overtaken,
        count: _,
    } = overtaking;
    overtaken.iter().zip(models).map(move |(row, info)| {
        let Overtaken {
            model: _,
            separated,
            rank_before,
        } = *row;
        v1::Event {
            other_model: by.id.to_string(),
            separated,
            rank_before: Some(rank_before as i32),
            rank_after: Some(rank_before as i32 + 1),
            ..bare(v1::EventKind::Overtaken, revision, info)
        }
    })
}

/// An `OVERTAKEN` of a watched model that is not among the first few; its ranks are not known.
pub fn overtaken_unranked(
    revision: Revision,
    model: &ModelInfo,
    by: &ModelId,
    separated: Option<bool>,
) -> v1::Event {
    v1::Event {
        other_model: by.to_string(),
        separated,
        ..bare(v1::EventKind::Overtaken, revision, model)
    }
}

/// A `CHEAPER_ALTERNATIVE` to a watched model; `saving` is what it costs more than the other, USD on the basis.
pub fn cheaper_alternative(
    revision: Revision,
    model: &ModelInfo,
    other: &ModelId,
    basis: CostBasis,
    saving: f64,
    separated: Option<bool>,
) -> v1::Event {
    v1::Event {
        other_model: other.to_string(),
        separated,
        cost_basis: basis.wire(),
        saving_usd: Some(saving),
        ..bare(v1::EventKind::CheaperAlternative, revision, model)
    }
}
