//! (a) of the trend on a board: the best earlier offer, the field of candidates, or a named reference.

use crate::limits::{MEDIAN_STANDINGS_MAX, NAMED_MAX};
use crate::model::{Cost, CostBasis, Curve, DAYS_PER_YEAR, Date, ModelId};

use super::answer::{BasisDate, Candidates, DeclaredTrend, TrendPoint};
use super::catalog::ModelKey;
use super::indexes::{Offer, OfferSummary, Uncosted};
use super::row::Row;
use super::standing::BoardView;
use super::tree::Visitor;
use super::trend::{Inputs, Range, Verdict, adjusted_cost, assess};

impl BoardView<'_> {
    /// (a) for a row, against the best earlier offer on its board, with the field of candidates.
    pub(crate) fn declared(&self, row: &Row, basis: CostBasis) -> DeclaredTrend {
        let mut trend = self.declared_alone(row, basis);
        let cost = row.costs[basis.index()].as_ref();
        if let (Some(cost), Some(date)) = (cost, row.dates[basis.index()]) {
            trend.candidates = self.candidates(row.good, cost.cost.central, date.date, basis);
        }
        trend
    }

    /// (a) for a row without its candidates, which are linear in the board.
    pub(crate) fn declared_alone(&self, row: &Row, basis: CostBasis) -> DeclaredTrend {
        let mut trend = self.no_verdict(row, basis, Verdict::NoCost);
        if row.costs[basis.index()].is_none() {
            return trend;
        }
        let Some(date) = row.dates[basis.index()] else {
            trend.verdict = Verdict::NoDate;
            return trend;
        };
        let Some(best) = self.best_earlier(row.good, date.date, basis) else {
            trend.uncosted = self.uncosted_earlier(row.good, date.date, basis);
            trend.verdict = if trend.uncosted.is_empty() {
                Verdict::FirstToReach
            } else {
                Verdict::NoCostedReference
            };
            return trend;
        };
        if let Some(reference) = self.row(best.key.1) {
            trend.reference = Some(self.trend_point(&reference, basis));
            judge(&mut trend);
        }
        trend
    }

    /// (a) for a row against a named model with a gap.
    pub(crate) fn declared_against(
        &self,
        row: &Row,
        basis: CostBasis,
        reference: &Row,
        gap: f64,
        curve: Curve,
    ) -> DeclaredTrend {
        let mut trend = self.no_verdict(row, basis, Verdict::NoCost);
        trend.gap = gap;
        trend.curve = curve;
        trend.reference = Some(self.trend_point(reference, basis));
        judge(&mut trend);
        trend
    }

    pub(crate) fn trend_point(&self, row: &Row, basis: CostBasis) -> TrendPoint {
        TrendPoint {
            model: Some(self.id(row.model).clone()),
            score: Some(row.score),
            normalised: row.normalised,
            cost: row.costs[basis.index()].as_ref().map(|c| c.cost),
            date: row.dates[basis.index()],
        }
    }

    fn no_verdict(&self, row: &Row, basis: CostBasis, verdict: Verdict) -> DeclaredTrend {
        DeclaredTrend {
            verdict,
            basis,
            assessment: None,
            years: None,
            gap: 1.0,
            curve: self.board.rules.curve,
            subject: self.trend_point(row, basis),
            reference: None,
            candidates: None,
            uncosted: Vec::new(),
        }
    }

    /// Among current offers of at least this goodness and strictly before a date, the one with the lowest
    /// trend-adjusted cost; among equals the model known first.
    fn best_earlier(&self, good: f64, before: Date, basis: CostBasis) -> Option<Offer> {
        let mut search = BestOffer { good, best: None };
        let to = (before, ModelKey::MIN, i32::MIN);
        self.board.indexes.bases[basis.index()]
            .offers
            .walk(None, Some(&to), &mut search);
        search.best
    }

    /// Count and median of the eligible references; left out on large boards, where both are linear in the board.
    fn candidates(
        &self,
        good: f64,
        cost: f64,
        before: Date,
        basis: CostBasis,
    ) -> Option<Candidates> {
        let offers = &self.board.indexes.bases[basis.index()].offers;
        if self.board.len() > MEDIAN_STANDINGS_MAX {
            return None;
        }
        let curve = &self.board.rules.curve;
        let mut adjusted = Vec::new();
        offers.each(None, Some(&(before, ModelKey::MIN, i32::MIN)), |offer| {
            if offer.current && offer.good >= good {
                adjusted.push(offer.adjusted);
            }
            true
        });
        // The adjusted cost rises with its key, so only the middle ones are computed.
        let usd = |key: f64| adjusted_cost(key, before, curve);
        let q_median = middle(&mut adjusted).map(|(a, b)| f64::midpoint(usd(a), usd(b)) / cost);
        Some(Candidates {
            count: adjusted.len() as u32,
            q_median,
            verdict: q_median.map(|q| Verdict::of(q, curve.tolerance)),
        })
    }

    fn uncosted_earlier(&self, good: f64, before: Date, basis: CostBasis) -> Vec<ModelId> {
        let mut reached = Reached {
            good,
            found: Vec::new(),
        };
        self.board.indexes.bases[basis.index()].uncosted.walk(
            None,
            Some(&(before, ModelKey::MIN)),
            &mut reached,
        );
        reached
            .found
            .iter()
            .map(|item| self.id(item.key.1).clone())
            .collect()
    }
}

/// The two values in the middle; of an odd number of values the same one twice.
fn middle(values: &mut [f64]) -> Option<(f64, f64)> {
    if values.is_empty() {
        return None;
    }
    let odd = values.len() % 2 == 1;
    let middle = values.len() / 2;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(if odd {
        (*upper, *upper)
    } else {
        (lower, *upper)
    })
}

/// Prunes subtrees whose best score or least adjusted cost cannot win.
struct BestOffer {
    good: f64,
    best: Option<Offer>,
}

impl Visitor<Offer> for BestOffer {
    fn enter(&mut self, _: &(Date, ModelKey, i32), summary: &OfferSummary) -> bool {
        summary.best_good >= self.good
            && summary.least_adjusted < f64::INFINITY
            && self
                .best
                .is_none_or(|best| summary.least_adjusted <= best.adjusted)
    }

    fn item(&mut self, item: &Offer) -> bool {
        let better = |best: Offer| (item.adjusted, item.key.1) < (best.adjusted, best.key.1);
        if item.current && item.good >= self.good && self.best.is_none_or(better) {
            self.best = Some(*item);
        }
        true
    }
}

/// The best few that reached a score, best first, the one known first among equals.
struct Reached {
    good: f64,
    found: Vec<Uncosted>,
}

impl Visitor<Uncosted> for Reached {
    fn enter(&mut self, _: &(Date, ModelKey), best: &f64) -> bool {
        *best >= self.good
    }

    fn item(&mut self, item: &Uncosted) -> bool {
        if item.good >= self.good {
            let worse = |other: &Uncosted| (-other.good, other.key.1) <= (-item.good, item.key.1);
            let at = self.found.partition_point(worse);
            self.found.insert(at, *item);
            self.found.truncate(NAMED_MAX);
            // Once full, only better ones are of interest.
            if self.found.len() == NAMED_MAX {
                self.good = self.found[NAMED_MAX - 1].good;
            }
        }
        true
    }
}

/// Fills in the verdict of a trend whose sides are known: `NO_COST`, `NO_DATE` or the arithmetic.
pub(crate) fn judge(trend: &mut DeclaredTrend) {
    let Some(reference) = &trend.reference else {
        return;
    };
    let (Some(subject_cost), Some(reference_cost)) = (trend.subject.cost, reference.cost) else {
        trend.verdict = if trend.subject.cost.is_none() {
            Verdict::NoCost
        } else {
            Verdict::NoCostedReference
        };
        return;
    };
    let (Some(subject_date), Some(reference_date)) = (trend.subject.date, reference.date) else {
        trend.verdict = Verdict::NoDate;
        return;
    };
    let (years, ranged) = years_between(reference_date, subject_date);
    if years.central <= 0.0 {
        trend.verdict = Verdict::NoDate;
        return;
    }
    let assessment = assess(&Inputs {
        subject: range(subject_cost),
        reference: range(reference_cost),
        years,
        years_ranged: ranged,
        gap: trend.gap,
        curve: trend.curve,
    });
    trend.verdict = assessment.verdict;
    trend.years = Some((years.low, years.central, years.high));
    trend.assessment = Some(assessment);
}

/// A cost with its ends.
pub(crate) fn range(cost: Cost) -> Range {
    Range {
        low: cost.low_or_central(),
        central: cost.central,
        high: cost.high_or_central(),
    }
}

/// Years from one date to another, with the shortest and longest that their ranges allow.
pub(crate) fn years_between(from: BasisDate, to: BasisDate) -> (Range, bool) {
    let ends = |date: BasisDate| date.range.unwrap_or((date.date, date.date));
    let ((from_first, from_last), (to_first, to_last)) = (ends(from), ends(to));
    let years = |days: i32| f64::from(days) / DAYS_PER_YEAR;
    let range = Range {
        low: years(to_first.days_since(from_last)),
        central: years(to.date.days_since(from.date)),
        high: years(to_last.days_since(from_first)),
    };
    (range, from.range.is_some() || to.range.is_some())
}
