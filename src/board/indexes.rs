//! Order-statistic trees over the rows of one board. Every relation between rows is read from them in O(log n).

mod build;
mod leader;

use crate::model::{CostBasis, Curve, Date};

use super::catalog::ModelKey;
use super::field::Field;
use super::offers::{self, Offers};
use super::real::Real;
use super::row::Row;
use super::tree::{Bound, Item, Tree, Visitor};
use leader::Leader;

type ByScoreKey = (Real, ModelKey);

/// A row in order of score, best first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ByScore {
    /// Reversed goodness.
    pub(crate) key: ByScoreKey,
    /// Upper end of the interval, as goodness; [`Real::LEAST`] without an interval. Whoever walks many rows learns
    /// whether they are separated from one without looking each of them up.
    high: Real,
}

impl ByScore {
    /// Upper end of the interval, as goodness.
    pub(crate) fn high(&self) -> Option<f64> {
        (self.high != Real::LEAST).then(|| self.high.get())
    }
}

impl Item for ByScore {
    type Key = (Real, ModelKey);
    type Sum = ();
    type Bound = ();
    fn key(&self) -> Self::Key {
        self.key
    }
    fn sum(&self) {}
    fn bound(&self) {}
}

/// A row with a value, best first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ByValue {
    /// Reversed value.
    pub(crate) key: (Real, ModelKey),
}

impl Item for ByValue {
    type Key = (Real, ModelKey);
    type Sum = ();
    type Bound = ();
    fn key(&self) -> Self::Key {
        self.key
    }
    fn sum(&self) {}
    fn bound(&self) {}
}

/// A number of a row, only to be counted; whose it is does not matter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Counted(pub(crate) Real);

impl Item for Counted {
    type Key = Real;
    type Sum = ();
    type Bound = ();
    fn key(&self) -> Real {
        self.0
    }
    fn sum(&self) {}
    fn bound(&self) {}
}

/// The best goodness of some rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BestGood(pub(crate) f64);

impl Default for BestGood {
    fn default() -> Self {
        Self(f64::NEG_INFINITY)
    }
}

impl Bound for BestGood {
    fn join(&mut self, other: &Self) {
        if other.0 > self.0 {
            *self = *other;
        }
    }
    fn rests_on(&self, part: &Self) -> bool {
        part.0 >= self.0
    }
}

/// A row with a cost, cheapest first, better before worse; knows the best score of a subtree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ByCost {
    /// Cost, reversed goodness, model.
    pub(crate) key: (Real, Real, ModelKey),
}

impl ByCost {
    pub(crate) fn cost(&self) -> f64 {
        self.key.0.get()
    }
    pub(crate) fn good(&self) -> f64 {
        self.key.1.reversed().get()
    }
    pub(crate) fn model(&self) -> ModelKey {
        self.key.2
    }
}

impl Item for ByCost {
    type Key = (Real, Real, ModelKey);
    type Sum = ();
    type Bound = BestGood;
    fn key(&self) -> Self::Key {
        self.key
    }
    fn sum(&self) {}
    fn bound(&self) -> BestGood {
        BestGood(self.good())
    }
}

/// A standing that has a date but no cost on a basis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Uncosted {
    pub(crate) key: (Date, ModelKey),
    pub(crate) good: f64,
}

impl Item for Uncosted {
    type Key = (Date, ModelKey);
    type Sum = ();
    type Bound = BestGood;
    fn key(&self) -> Self::Key {
        self.key
    }
    fn sum(&self) {}
    fn bound(&self) -> BestGood {
        BestGood(self.good)
    }
}

/// The trees of one basis.
#[derive(Clone, Debug, Default)]
pub(crate) struct BasisIndex {
    pub(crate) by_cost: Tree<ByCost>,
    pub(crate) by_value: Tree<ByValue>,
    pub(crate) offers: Offers,
    pub(crate) field: Field,
    pub(crate) uncosted: Tree<Uncosted>,
}

impl BasisIndex {
    /// Least cost of the rows that are at least this good; infinite without one.
    pub(crate) fn cost_to_match(&self, good: f64) -> f64 {
        let mut search = Cheapest {
            good,
            limit: Real::new(good).reversed(),
            cost: f64::INFINITY,
        };
        self.by_cost.walk(None, None, &mut search);
        search.cost
    }
}

/// Goes straight to the first row by cost that is good enough.
struct Cheapest {
    good: f64,
    /// `good`, reversed.
    limit: Real,
    cost: f64,
}

impl Visitor<ByCost> for Cheapest {
    fn enter(&mut self, _: &(Real, Real, ModelKey), best: &BestGood) -> bool {
        best.0 >= self.good
    }

    fn item(&mut self, item: &ByCost) -> bool {
        let found = item.key.1 <= self.limit;
        if found {
            self.cost = item.cost();
        }
        !found
    }
}

/// All trees of a board.
#[derive(Clone, Debug, Default)]
pub(crate) struct Indexes {
    pub(crate) by_score: Tree<ByScore>,
    leader: Leader,
    /// Lower ends of intervals, as goodness.
    pub(crate) by_low: Tree<Counted>,
    /// Upper ends of intervals, as goodness.
    pub(crate) by_high: Tree<Counted>,
    pub(crate) bases: [BasisIndex; 3],
}

impl Indexes {
    /// Puts a row in the place of what it was before. Trees that know nothing of the difference are left alone.
    pub(crate) fn replace(
        &mut self,
        before: Option<&Row>,
        after: Option<&Row>,
        higher_is_better: bool,
        curve: &Curve,
    ) {
        let [old, new] = [before, after].map(|row| row.map(|row| by_score(row, higher_is_better)));
        self.leader.replace(old.as_ref(), new.as_ref());
        swap(&mut self.by_score, old, new);
        let [old, new] = [before, after].map(|row| row.map(|row| ends(row, higher_is_better)));
        swap(
            &mut self.by_low,
            old.map(|ends| ends.0),
            new.map(|ends| ends.0),
        );
        swap(
            &mut self.by_high,
            old.map(|ends| ends.1),
            new.map(|ends| ends.1),
        );
        for basis in CostBasis::ALL {
            let index = &mut self.bases[basis.index()];
            let [old, new] = [before, after].map(|row| row.and_then(|row| by_cost(row, basis)));
            swap(&mut index.by_cost, old, new);
            let [old, new] = [before, after].map(|row| row.and_then(|row| by_value(row, basis)));
            swap(&mut index.by_value, old, new);
            let [old, new] = [before, after].map(|row| row.and_then(|row| uncosted(row, basis)));
            swap(&mut index.uncosted, old, new);
            offers::replace(
                &mut index.offers,
                &mut index.field,
                before,
                after,
                basis,
                curve,
            );
        }
    }
}

fn swap<T: Item + PartialEq, const LEAF: usize>(
    tree: &mut Tree<T, LEAF>,
    before: Option<T>,
    after: Option<T>,
) {
    if before == after {
        return;
    }
    if let Some(item) = before {
        tree.remove(&item.key());
    }
    if let Some(item) = after {
        tree.insert(item);
    }
}

fn by_score(row: &Row, higher_is_better: bool) -> ByScore {
    let high = row.interval.map(|_| row.good_ends(higher_is_better).1);
    ByScore {
        key: (Real::new(row.good).reversed(), row.model),
        high: high.map_or(Real::LEAST, Real::new),
    }
}

/// Lower and upper end.
fn ends(row: &Row, higher_is_better: bool) -> (Counted, Counted) {
    let (low, high) = row.good_ends(higher_is_better);
    (Counted(Real::new(low)), Counted(Real::new(high)))
}

fn by_cost(row: &Row, basis: CostBasis) -> Option<ByCost> {
    row.cost(basis).map(|cost| ByCost {
        key: (Real::new(cost), Real::new(row.good).reversed(), row.model),
    })
}

fn by_value(row: &Row, basis: CostBasis) -> Option<ByValue> {
    row.value(basis).map(|value| ByValue {
        key: (Real::new(value).reversed(), row.model),
    })
}

fn uncosted(row: &Row, basis: CostBasis) -> Option<Uncosted> {
    match (row.cost(basis), row.dates[basis.index()]) {
        (None, Some(date)) => Some(Uncosted {
            key: (date.date, row.model),
            good: row.good,
        }),
        _ => None,
    }
}
