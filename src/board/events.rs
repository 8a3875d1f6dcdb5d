//! Named events of a changed row.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::limits::EVENTS_PER_REVISION_MAX;
use crate::model::CostBasis;

use super::answer::ModelInfo;
use super::bench::RowUpdate;
use super::catalog::ModelKey;
use super::change::{BoardChange, Event, EventKind, Offer, Overtaken, Overtaking};
use super::fact::Fact;
use super::real::Real;
use super::row::Row;
use super::standing::BoardView;
use super::trend::Verdict;

/// Writes what happened to some rows of one board, as the board is after it. `info` says what is known of a model.
pub(crate) fn describe(
    view: &BoardView<'_>,
    leader_before: Option<ModelKey>,
    updates: &[Option<RowUpdate>],
    info: &dyn Fn(ModelKey) -> Arc<ModelInfo>,
    board: &mut BoardChange,
) {
    if let Some(now) = leader(view)
        && leader_before != Some(now)
    {
        let before = leader_before.map(info);
        board.events.push(Event {
            model: info(now),
            kind: EventKind::LeaderChanged { before },
        });
    }
    frontiers(updates, info, board);
    for update in updates.iter().flatten() {
        if let Some(row) = &update.after {
            let before = update.before.as_ref();
            let model = info(row.model);
            overtaking(view, before, row, &model, board);
            verdicts(view, before, row, &model, board);
            price(before, row, &model, board);
        }
    }
}

/// The first row of the listing: best score, then smallest id.
pub(crate) fn leader(view: &BoardView<'_>) -> Option<ModelKey> {
    view.board.indexes.leader(|model| view.id(model))
}

/// Who entered and who left in all. One row after the other changed: who did both did neither.
fn frontiers(
    updates: &[Option<RowUpdate>],
    info: &dyn Fn(ModelKey) -> Arc<ModelInfo>,
    board: &mut BoardChange,
) {
    for basis in CostBasis::ALL {
        let mut moves: BTreeMap<ModelKey, i32> = BTreeMap::new();
        for update in updates.iter().flatten() {
            let (entered, left) = &update.frontiers[basis.index()];
            for model in entered {
                *moves.entry(*model).or_default() += 1;
            }
            for model in left {
                *moves.entry(*model).or_default() -= 1;
            }
        }
        let event = |model: &ModelKey, kind| Event {
            model: info(*model),
            kind,
        };
        let entered = moves.iter().filter(|(_, net)| **net > 0);
        let left = moves.iter().filter(|(_, net)| **net < 0);
        board
            .events
            .extend(entered.map(|(model, _)| event(model, EventKind::FrontierEntered(basis))));
        board
            .events
            .extend(left.map(|(model, _)| event(model, EventKind::FrontierLeft(basis))));
    }
}

/// Rows that were level or ahead (or all worse ones, for a new row) and are behind now: how many, and the first few.
fn overtaking(
    view: &BoardView<'_>,
    before: Option<&Row>,
    row: &Row,
    model: &Arc<ModelInfo>,
    board: &mut BoardChange,
) {
    if before.is_some_and(|before| before.good >= row.good) {
        return;
    }
    let by_score = &view.board.indexes.by_score;
    let from = (Real::new(row.good).reversed().next(), ModelKey::MIN);
    let to = before.map(|before| (Real::new(before.good).reversed().next(), ModelKey::MIN));
    let first = by_score.rank(&from);
    let count = to.map_or(by_score.len(), |to| by_score.rank(&to)) - first;
    if count == 0 {
        return;
    }
    let higher = view.board.rules.higher_is_better;
    let (low, _) = row.good_ends(higher);
    let mut overtaken = Vec::with_capacity(count.min(EVENTS_PER_REVISION_MAX));
    let mut level = (f64::INFINITY, 0);
    by_score.each(Some(&from), to.as_ref(), |item| {
        let good = item.key.0.reversed().get();
        if good != level.0 {
            level = (good, (first + overtaken.len()) as u32);
        }
        let separated = row.interval.and(item.high()).map(|high| low > high);
        overtaken.push(Overtaken {
            model: item.key.1,
            separated,
            // Without the one that passed, which stands ahead of it now.
            rank_before: level.1,
        });
        overtaken.len() < EVENTS_PER_REVISION_MAX
    });
    board.overtakings.push(Overtaking {
        by: Arc::clone(model),
        now: Offer::of_row(row),
        score_before: before.map(|before| before.score),
        overtaken,
        count: count as u32,
    });
}

fn verdicts(
    view: &BoardView<'_>,
    before: Option<&Row>,
    row: &Row,
    model: &Arc<ModelInfo>,
    board: &mut BoardChange,
) {
    for basis in CostBasis::ALL {
        let at = basis.index();
        let same = before.is_some_and(|b| {
            b.costs[at] == row.costs[at] && b.dates[at] == row.dates[at] && b.good == row.good
        });
        if same || row.cost(basis).is_none() {
            continue;
        }
        let verdict = view.declared_alone(row, basis).verdict;
        if !matches!(verdict, Verdict::NoCost | Verdict::NoDate) {
            board.events.push(Event {
                model: Arc::clone(model),
                kind: EventKind::Verdict(basis, verdict),
            });
        }
    }
}

fn price(before: Option<&Row>, row: &Row, model: &Arc<ModelInfo>, board: &mut BoardChange) {
    let Some(was) = before else {
        return;
    };
    let (was, now) = (
        was.cost(CostBasis::TokenPrice),
        row.cost(CostBasis::TokenPrice),
    );
    if was != now {
        board.events.push(Event {
            model: Arc::clone(model),
            kind: EventKind::PriceChanged {
                before: was,
                after: now,
            },
        });
    }
}

/// Half the width of the interval of a difference, unpaired: 1.96 `sqrt(se_a^2` + `se_b^2`).
pub(crate) fn difference_margin(a: &Row, b: &Row) -> Option<f64> {
    let (a, b) = (
        Fact::standard_error(a.interval?),
        Fact::standard_error(b.interval?),
    );
    Some(super::fact::Z95 * (a * a + b * b).sqrt())
}
