//! Dated offers of a score at a cost: what the trend is made of, and the tree over them.

use crate::model::{CostBasis, Curve, Date};

use super::catalog::ModelKey;
use super::field::Field;
use super::real::Real;
use super::row::{PricePoint, Row};
use super::tree::{Bound, Item, Sum, Summary, Tree};
use super::trend::{Extent, FitSums, adjusted_cost_key, is_clipped, logit};

/// Offers by date.
pub(crate) type Offers = Tree<Offer, 32>;

/// Date, reversed goodness, model, effective date of the price (0 on other bases). Those of one day go by goodness, so
/// that on a large board few leaves hold both good offers and bad ones.
pub(crate) type OfferKey = (Date, Real, ModelKey, i32);

/// The key before all offers from a date on.
pub(crate) fn since(date: Date) -> OfferKey {
    (date, Real::LEAST, ModelKey::MIN, i32::MIN)
}

/// An offer of a score at a cost from a date on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Offer {
    pub(crate) key: OfferKey,
    /// The standing's own offer; false for past prices.
    pub(crate) current: bool,
    /// The model's first offer: counts distinct models.
    first: bool,
    /// The normalised score is beyond what the fit takes.
    clipped: bool,
    pub(crate) cost: f64,
    ln_cost: f64,
    /// Of the normalised score; not a number where the board has no chance or perfect score.
    logit: f64,
    /// Orders offers by trend-adjusted cost, whatever the date of the subject.
    pub(crate) adjusted: f64,
}

impl Offer {
    pub(crate) fn date(&self) -> Date {
        self.key.0
    }

    pub(crate) fn good(&self) -> f64 {
        self.key.1.reversed().get()
    }

    pub(crate) fn model(&self) -> ModelKey {
        self.key.2
    }

    pub(crate) fn effective(&self) -> Date {
        Date::from_days(self.key.3)
    }

    /// Orders the offers of one day as they became known.
    pub(crate) fn known(&self) -> (ModelKey, i32) {
        (self.key.2, self.key.3)
    }

    /// Whether it is a point of a fit: only with a normalised score.
    pub(crate) fn is_fitted(&self) -> bool {
        self.logit.is_finite()
    }
}

#[cfg(test)]
impl Offer {
    /// An offer of which little matters.
    pub(crate) fn plain(
        date: Date,
        model: ModelKey,
        good: f64,
        adjusted: f64,
        current: bool,
    ) -> Self {
        Self {
            key: (date, Real::new(good).reversed(), model, 0),
            current,
            first: true,
            clipped: false,
            cost: 1.0,
            ln_cost: 0.0,
            logit: 0.0,
            adjusted,
        }
    }
}

/// What offers of some models before others add up to.
pub(crate) type OfferSummary = Summary<OfferEnds, OfferSum>;

/// The sums of a fit, and the distinct models among its points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct OfferSum {
    pub(crate) fit: FitSums,
    pub(crate) models: u32,
}

impl Sum for OfferSum {
    fn add(&mut self, other: &Self) {
        self.fit.merge(&other.fit);
        self.models += other.models;
    }
    fn subtract(&mut self, other: &Self) {
        self.fit.subtract(&other.fit);
        self.models -= other.models;
    }
}

/// What a subtree of offers can hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OfferEnds {
    pub(crate) best_good: f64,
    pub(crate) least_cost: f64,
    /// Least adjusted cost of a current offer.
    pub(crate) least_adjusted: f64,
    /// What the points of the fit span; ends the wrong way round where there are none.
    extent: Extent,
}

impl OfferEnds {
    /// Dates and scores that the points of the fit span.
    pub(crate) fn extent(&self) -> Option<Extent> {
        (self.extent.first <= self.extent.last).then_some(self.extent)
    }
}

const NO_EXTENT: Extent = Extent {
    first: Date::from_days(i32::MAX),
    last: Date::from_days(i32::MIN),
    logit_low: f64::INFINITY,
    logit_high: f64::NEG_INFINITY,
};

impl Default for OfferEnds {
    fn default() -> Self {
        Self {
            best_good: f64::NEG_INFINITY,
            least_cost: f64::INFINITY,
            least_adjusted: f64::INFINITY,
            extent: NO_EXTENT,
        }
    }
}

impl Bound for OfferEnds {
    fn join(&mut self, other: &Self) {
        self.best_good = greater(self.best_good, other.best_good);
        self.least_cost = less(self.least_cost, other.least_cost);
        self.least_adjusted = less(self.least_adjusted, other.least_adjusted);
        self.extent = Extent {
            first: self.extent.first.min(other.extent.first),
            last: self.extent.last.max(other.extent.last),
            logit_low: less(self.extent.logit_low, other.extent.logit_low),
            logit_high: greater(self.extent.logit_high, other.extent.logit_high),
        };
    }

    fn rests_on(&self, part: &Self) -> bool {
        part.best_good >= self.best_good
            || part.least_cost <= self.least_cost
            || part.least_adjusted <= self.least_adjusted
            || part.extent.first <= self.extent.first
            || part.extent.last >= self.extent.last
            || part.extent.logit_low <= self.extent.logit_low
            || part.extent.logit_high >= self.extent.logit_high
    }
}

/// Of two numbers that are ones; plain comparisons are one instruction each.
fn less(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

fn greater(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

impl Item for Offer {
    type Key = OfferKey;
    type Sum = OfferSum;
    type Bound = OfferEnds;

    fn key(&self) -> OfferKey {
        self.key
    }

    fn sum(&self) -> OfferSum {
        if !self.is_fitted() {
            return OfferSum::default();
        }
        OfferSum {
            fit: FitSums::of_logs(self.key.0, self.logit, self.clipped, self.ln_cost),
            models: u32::from(self.first),
        }
    }

    fn bound(&self) -> OfferEnds {
        let mut ends = OfferEnds {
            best_good: self.good(),
            least_cost: self.cost,
            least_adjusted: if self.current {
                self.adjusted
            } else {
                f64::INFINITY
            },
            extent: NO_EXTENT,
        };
        if self.is_fitted() {
            ends.extent = Extent {
                first: self.key.0,
                last: self.key.0,
                logit_low: self.logit,
                logit_high: self.logit,
            };
        }
        ends
    }
}

/// What an offer follows from, before any logarithm is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Basics {
    key: OfferKey,
    normalised: Option<f64>,
    cost: f64,
    current: bool,
    first: bool,
}

impl Basics {
    fn offer(&self, curve: &Curve) -> Offer {
        let ln_cost = libm::log(self.cost);
        let normalised = self.normalised.unwrap_or(f64::NAN);
        Offer {
            key: self.key,
            current: self.current,
            first: self.first,
            clipped: is_clipped(normalised),
            cost: self.cost,
            ln_cost,
            logit: logit(normalised),
            adjusted: adjusted_cost_key(ln_cost, self.key.0, curve),
        }
    }
}

/// By date: every dated list price, or the one cost with a date.
fn basics(row: &Row, basis: CostBasis) -> impl Iterator<Item = Basics> + '_ {
    let good = Real::new(row.good).reversed();
    let of = move |date: Date, effective: i32, cost: f64, current: bool, first: bool| Basics {
        key: (date, good, row.model, effective),
        normalised: row.normalised,
        cost,
        current,
        first,
    };
    let listed = basis == CostBasis::TokenPrice;
    let prices: &[PricePoint] = if listed { &row.prices } else { &[] };
    let own = match (row.cost(basis), row.dates[basis.index()]) {
        (Some(cost), Some(date)) if !listed => Some(of(date.date, 0, cost, true, true)),
        _ => None,
    };
    let priced = prices.iter().enumerate();
    own.into_iter().chain(
        priced.map(move |(at, p)| of(p.date, p.effective.days(), p.cost, p.current, at == 0)),
    )
}

/// The offers of a row on a basis, by date.
pub(crate) fn offers<'a>(
    row: &'a Row,
    basis: CostBasis,
    curve: &'a Curve,
) -> impl Iterator<Item = Offer> + 'a {
    basics(row, basis).map(|basics| basics.offer(curve))
}

/// All offers by date, those of one day as they became known.
pub(crate) fn by_date(tree: &Offers) -> Vec<Offer> {
    let mut all = tree.items();
    all.sort_unstable_by_key(|offer| (offer.date(), offer.known()));
    all
}

/// Key and cost of the offer that a row is judged by.
pub(crate) fn current_offer(row: &Row, basis: CostBasis) -> Option<(OfferKey, f64)> {
    let mut all = basics(row, basis);
    all.find(|basics| basics.current)
        .map(|basics| (basics.key, basics.cost))
}

/// Puts the offers of a row in the place of those of what the row was before.
pub(crate) fn replace<'a>(
    tree: &mut Offers,
    field: &mut Field,
    before: Option<&'a Row>,
    after: Option<&'a Row>,
    basis: CostBasis,
    curve: &Curve,
) {
    let of = |row: Option<&'a Row>| row.into_iter().flat_map(move |row| basics(row, basis));
    if of(before).eq(of(after)) {
        return;
    }
    for old in of(before) {
        if let Some(offer) = tree.remove(&old.key) {
            field.remove(&offer);
        }
    }
    for new in of(after) {
        let offer = new.offer(curve);
        tree.insert(offer);
        field.insert(&offer);
    }
    if field.is_due() {
        *field = Field::of(tree.items().iter());
    }
}
