//! (b) and (c) of the trend on a board: the fitted curve, and the record-low prices for a score.

use std::collections::BTreeMap;

use crate::model::{Cost, CostBasis, CostKind, Date};

use super::answer::{
    BasisDate, DateRule, FitSelection, FittedSubject, FittedTrend, PriceToReach, TrendPoint,
};
use super::catalog::ModelKey;
use super::indexes::ByCost;
use super::offers::{Offer, OfferEnds, OfferKey, OfferSummary, by_date, current_offer, since};
use super::real::Real;
use super::row::Row;
use super::standing::BoardView;
use super::tree::{Bound, Item, Sum, Tree, Visitor};
use super::trend::{FitSums, RecordLows, Verdict};

impl BoardView<'_> {
    /// (b) for a subject, against strictly earlier points of other models; without a subject over all points.
    pub(crate) fn fitted(
        &self,
        subject: Option<&Row>,
        basis: CostBasis,
        selection: FitSelection,
    ) -> FittedTrend {
        let own = subject.and_then(|row| current_offer(row, basis));
        let frontier = match selection {
            FitSelection::All => None,
            FitSelection::FrontierAtRelease => Some(self.frontier_at_release(basis)),
        };
        let summary = match (&frontier, subject) {
            (Some(points), _) => summarise(points, subject.map(|row| row.model), own),
            (None, Some(row)) => self.earlier(basis, row, own),
            (None, None) => self.board.indexes.bases[basis.index()].offers.summary(),
        };
        let extent = summary.bound.extent();
        let sums = &summary.sum.fit;
        let mut answer = FittedTrend {
            verdict: None,
            missing: String::new(),
            selection,
            points: sums.n() as u32,
            models: summary.sum.models,
            clipped: sums.clipped() as u32,
            span_days: extent.map_or(0, |e| e.last.days_since(e.first)),
            basis,
            fit: None,
            subject: None,
            extent,
        };
        solve(&mut answer, sums);
        if let Some(row) = subject {
            let released_on_frontier = frontier.as_ref().is_none_or(|points| {
                own.is_some_and(|(key, _)| points.iter().any(|point| point.key == key))
            });
            answer.verdict = Some(self.place(row, basis, own, released_on_frontier, &mut answer));
        }
        answer
    }

    fn place(
        &self,
        row: &Row,
        basis: CostBasis,
        own: Option<(OfferKey, f64)>,
        released_on_frontier: bool,
        answer: &mut FittedTrend,
    ) -> Verdict {
        if row.cost(basis).is_none() {
            return Verdict::NoCost;
        }
        let Some(((date, ..), cost)) = own else {
            return Verdict::NoDate;
        };
        if !released_on_frontier {
            return Verdict::NotOnFrontier;
        }
        let Some(fit) = answer.fit else {
            return Verdict::InsufficientData;
        };
        let Some(normalised) = row.normalised else {
            answer.missing = format!(
                "a normalised score: benchmark `{}` has no chance or perfect score",
                self.record.benchmark.id
            );
            return Verdict::InsufficientData;
        };
        let prediction = fit.predict(date, normalised);
        let judgement = prediction.judge(cost);
        answer.subject = Some(FittedSubject {
            expected: prediction.expected,
            low: prediction.low,
            high: prediction.high,
            q: judgement.q,
            extrapolated: answer
                .extent
                .is_some_and(|extent| extent.extrapolated(date, normalised)),
        });
        judgement.verdict
    }

    /// What offers of other models sum to: the strictly earlier ones where the subject has an offer, else all.
    fn earlier(
        &self,
        basis: CostBasis,
        subject: &Row,
        own: Option<(OfferKey, f64)>,
    ) -> OfferSummary {
        let tree = &self.board.indexes.bases[basis.index()].offers;
        let until = own.map(|((date, ..), _)| date);
        let to = until.map(since);
        let before = |date: Date| until.is_none_or(|until| date < until);
        let past_prices =
            basis == CostBasis::TokenPrice && subject.prices.iter().any(|price| before(price.date));
        if !past_prices {
            return match &to {
                Some(to) => tree.summary_before(to),
                None => tree.summary(),
            };
        }
        let mut summary = OfferSummary::default();
        tree.each(None, to.as_ref(), |offer| {
            if offer.model() != subject.model {
                take(&mut summary, offer);
            }
            true
        });
        summary
    }

    /// The offers that were on the frontier on the day they appeared, among the prices in force on that day.
    pub(crate) fn frontier_at_release(&self, basis: CostBasis) -> Vec<Offer> {
        let all = by_date(&self.board.indexes.bases[basis.index()].offers);
        let mut in_force: Tree<ByCost> = Tree::default();
        let mut offered: BTreeMap<ModelKey, (Date, ByCost)> = BTreeMap::new();
        let mut on_frontier = Vec::new();
        for day in all.chunk_by(|a, b| a.date() == b.date()) {
            for offer in day {
                let item = ByCost {
                    key: (Real::new(offer.cost), offer.key.1, offer.model()),
                };
                if let Some((_, old)) = offered.insert(offer.model(), (offer.effective(), item)) {
                    in_force.remove(&old.key);
                }
                in_force.insert(item);
            }
            // Of two prices that a model had before its release only the later one was ever offered.
            on_frontier.extend(day.iter().filter(|offer| {
                let (effective, item) = offered[&offer.model()];
                effective == offer.effective() && undominated(&in_force, &item)
            }));
        }
        on_frontier
    }

    /// (c): record-low prices for scores of at least a threshold, in the benchmark's unit.
    pub(crate) fn price_to_reach(&self, threshold: f64, basis: CostBasis) -> PriceToReach {
        let good = self.record.benchmark.goodness(threshold);
        let mut walk = LowWalk {
            good,
            limit: Real::new(good).reversed(),
            lows: RecordLows::default(),
        };
        self.board.indexes.bases[basis.index()]
            .offers
            .walk(None, None, &mut walk);
        let (decline, missing) = match walk.lows.solve() {
            Ok(decline) => (Some(decline), String::new()),
            Err(insufficient) => (None, insufficient.missing),
        };
        let kept = walk.lows.kept();
        let mut record_lows = Vec::with_capacity(kept.len());
        record_lows.extend(
            kept.iter()
                .filter_map(|low| self.offer_point(&low.name, basis)),
        );
        PriceToReach {
            threshold,
            missing,
            basis,
            record_lows,
            decline,
            span_days: walk.lows.span_days(),
        }
    }

    /// An offer as a point to answer.
    pub(crate) fn offer_point(&self, offer: &Offer, basis: CostBasis) -> Option<TrendPoint> {
        let row = self.row(offer.model())?;
        let mut point = self.trend_point(&row, basis);
        if !offer.current {
            point.cost = Some(Cost::exact(offer.cost, CostKind::Reported));
            let rule = if offer.date() == offer.effective() {
                DateRule::PriceEffective
            } else {
                DateRule::ReleaseDate
            };
            point.date = Some(BasisDate {
                date: offer.date(),
                rule,
                range: None,
            });
        }
        Some(point)
    }

    /// The points of (b), by date.
    pub(crate) fn fit_points(&self, basis: CostBasis, selection: FitSelection) -> Vec<Offer> {
        match selection {
            FitSelection::All => by_date(&self.board.indexes.bases[basis.index()].offers),
            FitSelection::FrontierAtRelease => self.frontier_at_release(basis),
        }
    }
}

fn solve(answer: &mut FittedTrend, sums: &FitSums) {
    let epoch = Date::from_days(0);
    let (first, last) = answer.extent.map_or((epoch, epoch), |e| (e.first, e.last));
    match sums.solve(first, last) {
        Ok(fit) => answer.fit = Some(fit),
        Err(insufficient) => answer.missing = insufficient.missing,
    }
}

fn take(summary: &mut OfferSummary, offer: &Offer) {
    summary.bound.join(&offer.bound());
    summary.sum.add(&offer.sum());
}

/// Sums points of other models than the subject, strictly earlier than its offer where it has one.
fn summarise(
    points: &[Offer],
    subject: Option<ModelKey>,
    own: Option<(OfferKey, f64)>,
) -> OfferSummary {
    let mut summary = OfferSummary::default();
    let mut models = std::collections::BTreeSet::new();
    for offer in points {
        if Some(offer.model()) != subject && own.is_none_or(|(key, _)| offer.date() < key.0) {
            take(&mut summary, offer);
            if offer.is_fitted() {
                models.insert(offer.model());
            }
        }
    }
    summary.sum.models = models.len() as u32;
    summary
}

fn undominated(tree: &Tree<ByCost>, item: &ByCost) -> bool {
    let best = Real::new(f64::MAX).reversed();
    let cheaper = tree.summary_before(&(item.key.0, best, 0)).bound.0;
    let as_cheap = tree.summary_before(&(item.key.0.next(), best, 0)).bound.0;
    cheaper < item.good() && as_cheap <= item.good()
}

/// Walks by date from record low to record low.
struct LowWalk {
    good: f64,
    /// `good`, reversed.
    limit: Real,
    lows: RecordLows<Offer>,
}

impl Visitor<Offer> for LowWalk {
    fn enter(&mut self, first: &OfferKey, ends: &OfferEnds) -> bool {
        ends.best_good >= self.good
            && self.lows.newest().is_none_or(|low| {
                ends.least_cost < low.cost || (ends.least_cost == low.cost && first.0 == low.date)
            })
    }

    fn item(&mut self, item: &Offer) -> bool {
        self.items(std::slice::from_ref(item))
    }

    fn items(&mut self, items: &[Offer]) -> bool {
        let mut cheapest = self.lows.cheapest().unwrap_or(f64::INFINITY);
        for item in items {
            // Most are dearer.
            if item.cost > cheapest || item.key.1 > self.limit {
                continue;
            }
            if item.cost < cheapest {
                self.lows.offer(item.date(), item.cost, *item);
                cheapest = item.cost;
            } else if let Some(low) = self.lows.newest()
                && low.date == item.date()
                && item.known() < low.name.known()
            {
                // Of equal prices of one day the one known first counts, and offers of a day do not come in that order.
                low.name = *item;
            }
        }
        true
    }
}
