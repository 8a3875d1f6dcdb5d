//! Named events of a changed row.

use std::sync::Arc;

use crate::model::CostBasis;

use super::answer::ModelInfo;
use super::bench::RowUpdate;
use super::catalog::ModelKey;
use super::change::{BoardChange, Event, EventKind, Overtaken, Overtaking, RowChange};
use super::fact::Fact;
use super::real::Real;
use super::row::Row;
use super::standing::BoardView;
use super::trend::Verdict;

/// Writes the change of one row, as the board is after it.
pub(crate) fn describe(view: &BoardView<'_>, update: &RowUpdate, board: &mut BoardChange) {
    let (before, after) = (update.before.as_ref(), update.after.as_ref());
    board.rows.push(RowChange {
        before: before.map(|row| Arc::new(view.intrinsic_before(row))),
        after: after.map(|row| Arc::new(view.intrinsic(row))),
    });
    leader(view, before, after, board);
    if let Some(row) = after {
        overtaking(view, before, row, board);
    }
    for basis in CostBasis::ALL {
        let (entered, left) = &update.frontiers[basis.index()];
        let event = |key: &ModelKey, kind: EventKind| Event {
            model: Arc::clone(view.info(*key)),
            kind,
        };
        let entered = entered
            .iter()
            .map(|key| event(key, EventKind::FrontierEntered(basis)));
        let left = left
            .iter()
            .map(|key| event(key, EventKind::FrontierLeft(basis)));
        board.events.extend(entered.chain(left));
    }
    if let Some(row) = after {
        verdicts(view, before, row, board);
        price(view, before, row, board);
    }
}

impl BoardView<'_> {
    /// A row as it was; the model's other facts are those of now.
    fn intrinsic_before(&self, row: &Row) -> super::answer::Standing {
        self.intrinsic(row)
    }
}

/// The first row of the listing: best score, then smallest id.
fn first(view: &BoardView<'_>, without: Option<ModelKey>) -> Option<(f64, Arc<ModelInfo>)> {
    let mut best: Option<(f64, Arc<ModelInfo>)> = None;
    view.board.indexes.by_score.each(None, None, |item| {
        if Some(item.key.1) == without {
            return true;
        }
        let good = item.key.0.reversed().get();
        let info = view.info(item.key.1);
        match &best {
            Some((top, _)) if good < *top => return false,
            Some((_, leader)) if leader.id <= info.id => {}
            _ => best = Some((good, Arc::clone(info))),
        }
        true
    });
    best
}

fn leader(
    view: &BoardView<'_>,
    before: Option<&Row>,
    after: Option<&Row>,
    board: &mut BoardChange,
) {
    let Some(model) = before.or(after).map(|row| row.model) else {
        return;
    };
    // A row below the best of now, before and after, cannot have led.
    let top = view.board.indexes.by_score.first().map(|item| item.key.0);
    let reached = |row: Option<&Row>| {
        row.is_some_and(|row| top.is_none_or(|top| Real::new(row.good).reversed() <= top))
    };
    if !reached(before) && !reached(after) {
        return;
    }
    let now = first(view, None);
    let others = first(view, Some(model));
    // Only one row changed, so the leader before was it or the best of the others.
    let was = match (before, others) {
        (Some(row), Some(others)) => {
            let ahead = (Real::new(row.good).reversed(), &view.info(model).id)
                < (Real::new(others.0).reversed(), &others.1.id);
            Some(if ahead {
                Arc::clone(view.info(model))
            } else {
                others.1
            })
        }
        (Some(_), None) => Some(Arc::clone(view.info(model))),
        (None, others) => others.map(|(_, info)| info),
    };
    if let Some((_, now)) = now
        && was.as_ref().is_none_or(|was| was.id != now.id)
    {
        board.events.push(Event {
            model: now,
            kind: EventKind::LeaderChanged { before: was },
        });
    }
}

/// Rows that were level or ahead (or all worse ones, for a new row) and are behind now.
fn overtaking(view: &BoardView<'_>, before: Option<&Row>, row: &Row, board: &mut BoardChange) {
    let was = before.map_or(f64::NEG_INFINITY, |before| before.good);
    if was >= row.good {
        return;
    }
    let from = (Real::new(row.good).reversed().next(), ModelKey::MIN);
    let to = before.map(|before| (Real::new(before.good).reversed().next(), ModelKey::MIN));
    let higher = view.board.rules.higher_is_better;
    let (low, _) = row.good_ends(higher);
    let mut overtaken = Vec::new();
    let mut level = (f64::INFINITY, 0);
    let mut position = view.board.indexes.by_score.rank(&from);
    view.board
        .indexes
        .by_score
        .each(Some(&from), to.as_ref(), |item| {
            let good = item.key.0.reversed().get();
            if good != level.0 {
                level = (good, position as u32);
            }
            position += 1;
            if item.key.1 == row.model {
                return true;
            }
            let separated = view.board.row(item.key.1).and_then(|other| {
                row.interval?;
                other.interval?;
                Some(low > other.good_ends(higher).1)
            });
            overtaken.push(Overtaken {
                model: Arc::clone(view.info(item.key.1)),
                separated,
                // Without the one that passed, which stands ahead of it now.
                rank_before: level.1,
            });
            true
        });
    if !overtaken.is_empty() {
        board.overtakings.push(Overtaking {
            by: Arc::clone(view.info(row.model)),
            overtaken,
        });
    }
}

fn verdicts(view: &BoardView<'_>, before: Option<&Row>, row: &Row, board: &mut BoardChange) {
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
                model: Arc::clone(view.info(row.model)),
                kind: EventKind::Verdict(basis, verdict),
            });
        }
    }
}

fn price(view: &BoardView<'_>, before: Option<&Row>, row: &Row, board: &mut BoardChange) {
    let Some(was) = before else {
        return;
    };
    let (was, now) = (
        was.cost(CostBasis::TokenPrice),
        row.cost(CostBasis::TokenPrice),
    );
    if was != now {
        board.events.push(Event {
            model: Arc::clone(view.info(row.model)),
            kind: EventKind::PriceChanged {
                before: was,
                after: now,
            },
        });
    }
}

/// Half the width of the interval of a difference, unpaired: 1.96 sqrt(se_a^2 + se_b^2).
pub(crate) fn difference_margin(a: &Row, b: &Row) -> Option<f64> {
    let (a, b) = (
        Fact::standard_error(a.interval?),
        Fact::standard_error(b.interval?),
    );
    Some(super::fact::Z95 * (a * a + b * b).sqrt())
}
