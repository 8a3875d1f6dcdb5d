//! The Pareto frontier of a board: who is on it, and who enters or leaves when a row changes.
//!
//! A row is on the frontier when nobody cheaper is as good and nobody as cheap is better. Equal rows stand together.

use crate::model::CostBasis;

use super::bench::BenchBoard;
use super::catalog::ModelKey;
use super::indexes::{BestGood, ByCost};
use super::real::Real;
use super::row::Row;
use super::tree::Visitor;

/// Who entered and who left, each in order of keys.
pub(crate) type Moves = (Vec<ModelKey>, Vec<ModelKey>);

/// Cost and goodness of a row.
#[derive(Clone, Copy, PartialEq)]
struct Corner {
    cost: f64,
    good: f64,
}

impl Corner {
    fn of(row: Option<&Row>, basis: CostBasis) -> Option<Self> {
        let row = row?;
        Some(Self {
            cost: row.cost(basis)?,
            good: row.good,
        })
    }

    fn of_item(item: &ByCost) -> Self {
        Self {
            cost: item.cost(),
            good: item.good(),
        }
    }

    fn dominates(&self, other: &Self) -> bool {
        self.cost <= other.cost && self.good >= other.good && self != other
    }
}

impl BenchBoard {
    /// By basis, whether a row of the board is on the frontier.
    pub(crate) fn memberships(&self, row: Option<&Row>) -> [bool; 3] {
        CostBasis::ALL.map(|basis| {
            Corner::of(row, basis)
                .is_some_and(|corner| self.on_frontier(basis, corner.cost, corner.good))
        })
    }

    /// By basis, what changed on the frontier when the row of a model changed, as the board is after it.
    pub(crate) fn frontier_moves(
        &self,
        model: ModelKey,
        rows: [Option<&Row>; 2],
        was_member: [bool; 3],
    ) -> [Moves; 3] {
        CostBasis::ALL.map(|basis| {
            let [was, is] = rows.map(|row| Corner::of(row, basis));
            if was == is {
                return Moves::default();
            }
            // A row that somebody dominates keeps nobody out whom that one does not keep out.
            self.moves(
                basis,
                model,
                was.filter(|_| was_member[basis.index()]),
                is.filter(|is| self.on_frontier(basis, is.cost, is.good)),
            )
        })
    }

    /// `was` and `is` are where the row stood and stands on the frontier.
    fn moves(
        &self,
        basis: CostBasis,
        model: ModelKey,
        was: Option<Corner>,
        is: Option<Corner>,
    ) -> Moves {
        let (mut entered, mut left) = Moves::default();
        match (was, is) {
            (None, Some(_)) => entered.push(model),
            (Some(_), None) => left.push(model),
            _ => {}
        }
        if let Some(was) = was {
            self.walk_frontier(basis, None, was.cost, |item| {
                let corner = Corner::of_item(item);
                if was.dominates(&corner) && item.model() != model {
                    entered.push(item.model());
                }
                corner.good <= was.good
            });
        }
        if let Some(is) = is {
            self.walk_frontier(basis, Some(model), is.cost, |item| {
                let corner = Corner::of_item(item);
                let was_kept_out = was.is_some_and(|was| was.dominates(&corner));
                if is.dominates(&corner) && !was_kept_out {
                    left.push(item.model());
                }
                corner.good <= is.good
            });
        }
        entered.sort_unstable();
        left.sort_unstable();
        (entered, left)
    }

    /// Walks the frontier from the cheapest on, of those above or at a goodness.
    pub(crate) fn frontier(
        &self,
        basis: CostBasis,
        at_least: f64,
        visit: impl FnMut(&ByCost) -> bool,
    ) {
        let mut walk = FrontierWalk::new(at_least, None, visit);
        let tree = &self.indexes.bases[basis.index()].by_cost;
        tree.walk(None, None, &mut walk);
    }

    /// Walks the frontier from a cost on, of the board without a model.
    fn walk_frontier(
        &self,
        basis: CostBasis,
        without: Option<ModelKey>,
        from_cost: f64,
        visit: impl FnMut(&ByCost) -> bool,
    ) {
        let tree = &self.indexes.bases[basis.index()].by_cost;
        // Whoever is cheaper than `from_cost` must be beaten.
        let best = Real::new(f64::MAX).reversed();
        let from = (Real::new(from_cost), best, ModelKey::MIN);
        let beat = tree.summary_before(&from).bound.0;
        let mut walk = FrontierWalk::new(beat, without, visit);
        walk.beat = Some(beat);
        tree.walk(Some(&from), None, &mut walk);
    }

    /// Whether a (cost, goodness) is on the frontier: nobody cheaper is as good, nobody as cheap is better.
    pub(crate) fn on_frontier(&self, basis: CostBasis, cost: f64, good: f64) -> bool {
        let tree = &self.indexes.bases[basis.index()].by_cost;
        let ahead = (Real::new(cost), Real::new(good).reversed(), ModelKey::MIN);
        tree.summary_before(&ahead).bound.0 < good
    }
}

/// Visits the steps of the staircase. Equal rows stand on one step together.
struct FrontierWalk<F> {
    /// The next step must be at least this good,
    least: f64,
    /// which is this, reversed,
    limit: Real,
    /// and better than the last step or whoever is ahead of the walk; a twin of the last step is as good.
    beat: Option<f64>,
    last_cost: f64,
    /// Whom to walk past.
    without: Option<ModelKey>,
    visit: F,
}

impl<F> FrontierWalk<F> {
    fn new(least: f64, without: Option<ModelKey>, visit: F) -> Self {
        Self {
            least,
            limit: Real::new(least).reversed(),
            beat: None,
            last_cost: f64::NAN,
            without,
            visit,
        }
    }
}

impl<F: FnMut(&ByCost) -> bool> Visitor<ByCost> for FrontierWalk<F> {
    fn enter(&mut self, first: &(Real, Real, ModelKey), best: &BestGood) -> bool {
        best.0 > self.least
            || (best.0 == self.least && (self.beat.is_none() || first.0.get() <= self.last_cost))
    }

    fn item(&mut self, item: &ByCost) -> bool {
        // Most rows are below the staircase.
        if item.key.1 > self.limit || self.without == Some(item.model()) {
            return true;
        }
        let (cost, good) = (item.cost(), item.good());
        if self.beat == Some(good) && cost != self.last_cost {
            return true;
        }
        self.least = good;
        self.limit = item.key.1;
        self.beat = Some(good);
        self.last_cost = cost;
        (self.visit)(item)
    }
}
