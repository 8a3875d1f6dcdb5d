//! Order-statistic trees over the rows of one board. Every relation between rows is read from them in O(log n).

mod build;

use crate::model::{CostBasis, Curve, Date};

use super::catalog::ModelKey;
use super::real::Real;
use super::row::Row;
use super::tree::{Item, Tree};
use super::trend::{Extent, FitPoint, FitSums, adjusted_cost_key};

/// A row in order of score, best first; knows the cheapest of a subtree on each basis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ByScore {
    /// Reversed goodness.
    pub(crate) key: (Real, ModelKey),
    /// Cost by basis; infinite where there is none.
    pub(crate) costs: [f64; 3],
}

impl Item for ByScore {
    type Key = (Real, ModelKey);
    type Summary = [f64; 3];
    fn key(&self) -> Self::Key {
        self.key
    }
    fn empty() -> Self::Summary {
        [f64::INFINITY; 3]
    }
    fn add(summary: &mut Self::Summary, item: &Self) {
        Self::join(summary, &item.costs);
    }
    fn join(summary: &mut Self::Summary, other: &Self::Summary) {
        for (least, cost) in summary.iter_mut().zip(other) {
            *least = least.min(*cost);
        }
    }
}

/// A number of a row, only to be counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Counted {
    pub(crate) key: (Real, ModelKey),
}

impl Item for Counted {
    type Key = (Real, ModelKey);
    type Summary = ();
    fn key(&self) -> Self::Key {
        self.key
    }
    fn empty() {}
    fn add((): &mut (), _: &Self) {}
    fn join((): &mut (), (): &()) {}
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
    type Summary = f64;
    fn key(&self) -> Self::Key {
        self.key
    }
    fn empty() -> f64 {
        f64::NEG_INFINITY
    }
    fn add(summary: &mut f64, item: &Self) {
        *summary = summary.max(item.good());
    }
    fn join(summary: &mut f64, other: &f64) {
        *summary = summary.max(*other);
    }
}

/// An offer of a score at a cost from a date on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Offer {
    /// Date, model, effective date of the price (0 on other bases).
    pub(crate) key: (Date, ModelKey, i32),
    pub(crate) good: f64,
    /// Not a number where the board has no chance or perfect score.
    pub(crate) normalised: f64,
    pub(crate) cost: f64,
    pub(crate) ln_cost: f64,
    /// Orders offers by trend-adjusted cost, whatever the date of the subject.
    pub(crate) adjusted: f64,
    /// The standing's own offer; false for past prices.
    pub(crate) current: bool,
    /// The model's first offer: counts distinct models.
    pub(crate) first: bool,
}

impl Offer {
    /// As a point of a fit; none without a normalised score.
    pub(crate) fn fit_point(&self) -> Option<FitPoint> {
        self.normalised.is_finite().then_some(FitPoint {
            date: self.key.0,
            normalised: self.normalised,
            ln_cost: self.ln_cost,
        })
    }
}

/// What a subtree of offers can hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OfferSummary {
    pub(crate) best_good: f64,
    pub(crate) least_cost: f64,
    /// Least adjusted cost of a current offer.
    pub(crate) least_adjusted: f64,
    pub(crate) sums: FitSums,
    /// Distinct models among the points of the fit.
    pub(crate) models: u32,
    /// Dates and scores that the points of the fit span.
    pub(crate) extent: Option<Extent>,
}

impl Item for Offer {
    type Key = (Date, ModelKey, i32);
    type Summary = OfferSummary;
    fn key(&self) -> Self::Key {
        self.key
    }
    fn empty() -> OfferSummary {
        OfferSummary {
            best_good: f64::NEG_INFINITY,
            least_cost: f64::INFINITY,
            least_adjusted: f64::INFINITY,
            sums: FitSums::default(),
            models: 0,
            extent: None,
        }
    }
    fn add(summary: &mut OfferSummary, item: &Self) {
        summary.best_good = summary.best_good.max(item.good);
        summary.least_cost = summary.least_cost.min(item.cost);
        if item.current {
            summary.least_adjusted = summary.least_adjusted.min(item.adjusted);
        }
        let Some(point) = item.fit_point() else {
            return;
        };
        summary.sums.add(&point);
        summary.models += u32::from(item.first);
        summary.extent = union(summary.extent, Some(Extent::of(&point)));
    }
    fn join(summary: &mut OfferSummary, other: &OfferSummary) {
        summary.best_good = summary.best_good.max(other.best_good);
        summary.least_cost = summary.least_cost.min(other.least_cost);
        summary.least_adjusted = summary.least_adjusted.min(other.least_adjusted);
        summary.sums.merge(&other.sums);
        summary.models += other.models;
        summary.extent = union(summary.extent, other.extent);
    }
}

fn union(a: Option<Extent>, b: Option<Extent>) -> Option<Extent> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.union(b)),
        (one, other) => one.or(other),
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
    type Summary = f64;
    fn key(&self) -> Self::Key {
        self.key
    }
    fn empty() -> f64 {
        f64::NEG_INFINITY
    }
    fn add(summary: &mut f64, item: &Self) {
        *summary = summary.max(item.good);
    }
    fn join(summary: &mut f64, other: &f64) {
        *summary = summary.max(*other);
    }
}

/// The trees of one basis.
#[derive(Clone, Debug, Default)]
pub(crate) struct BasisIndex {
    pub(crate) by_cost: Tree<ByCost>,
    pub(crate) by_value: Tree<Counted>,
    pub(crate) offers: Tree<Offer>,
    pub(crate) uncosted: Tree<Uncosted>,
}

/// All trees of a board.
#[derive(Clone, Debug, Default)]
pub(crate) struct Indexes {
    pub(crate) by_score: Tree<ByScore>,
    /// Lower ends of intervals, as goodness.
    pub(crate) by_low: Tree<Counted>,
    /// Upper ends of intervals, as goodness.
    pub(crate) by_high: Tree<Counted>,
    pub(crate) bases: [BasisIndex; 3],
}

impl Indexes {
    pub(crate) fn insert(&mut self, row: &Row, higher_is_better: bool, curve: &Curve) {
        let model = row.model;
        self.by_score.insert(by_score(row));
        let (low, high) = row.good_ends(higher_is_better);
        let counted = |value: f64| Counted {
            key: (Real::new(value), model),
        };
        self.by_low.insert(counted(low));
        self.by_high.insert(counted(high));
        for basis in CostBasis::ALL {
            let index = &mut self.bases[basis.index()];
            if let Some(item) = by_cost(row, basis) {
                index.by_cost.insert(item);
            }
            if let Some(item) = by_value(row, basis) {
                index.by_value.insert(item);
            }
            for offer in offers(row, basis, curve) {
                index.offers.insert(offer);
            }
            if let Some(item) = uncosted(row, basis) {
                index.uncosted.insert(item);
            }
        }
    }

    pub(crate) fn remove(&mut self, row: &Row, higher_is_better: bool, curve: &Curve) {
        let model = row.model;
        self.by_score.remove(&by_score(row).key);
        let (low, high) = row.good_ends(higher_is_better);
        self.by_low.remove(&(Real::new(low), model));
        self.by_high.remove(&(Real::new(high), model));
        for basis in CostBasis::ALL {
            let index = &mut self.bases[basis.index()];
            if let Some(item) = by_cost(row, basis) {
                index.by_cost.remove(&item.key);
            }
            if let Some(item) = by_value(row, basis) {
                index.by_value.remove(&item.key);
            }
            for offer in offers(row, basis, curve) {
                index.offers.remove(&offer.key);
            }
            if let Some(item) = uncosted(row, basis) {
                index.uncosted.remove(&item.key);
            }
        }
    }
}

fn by_score(row: &Row) -> ByScore {
    let cost = |basis| row.cost(basis).unwrap_or(f64::INFINITY);
    ByScore {
        key: (Real::new(row.good).reversed(), row.model),
        costs: CostBasis::ALL.map(cost),
    }
}

fn by_cost(row: &Row, basis: CostBasis) -> Option<ByCost> {
    row.cost(basis).map(|cost| ByCost {
        key: (Real::new(cost), Real::new(row.good).reversed(), row.model),
    })
}

fn by_value(row: &Row, basis: CostBasis) -> Option<Counted> {
    row.value(basis).map(|value| Counted {
        key: (Real::new(value).reversed(), row.model),
    })
}

/// The offers of a row on a basis, by date: every dated list price, or the one cost with a date.
pub(crate) fn offers(row: &Row, basis: CostBasis, curve: &Curve) -> Vec<Offer> {
    let offer = |date: Date, effective: i32, cost: f64, current: bool, first: bool| {
        let ln_cost = libm::log(cost);
        Offer {
            key: (date, row.model, effective),
            good: row.good,
            normalised: row.normalised.unwrap_or(f64::NAN),
            cost,
            ln_cost,
            adjusted: adjusted_cost_key(ln_cost, date, curve),
            current,
            first,
        }
    };
    if basis == CostBasis::TokenPrice {
        return row
            .prices
            .iter()
            .enumerate()
            .map(|(at, p)| offer(p.date, p.effective.days(), p.cost, p.current, at == 0))
            .collect();
    }
    match (row.cost(basis), row.dates[basis.index()]) {
        (Some(cost), Some(date)) => vec![offer(date.date, 0, cost, true, true)],
        _ => Vec::new(),
    }
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
