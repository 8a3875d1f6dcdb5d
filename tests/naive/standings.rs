//! Relations between rows: ranks, frontier, value, the declared trend; listings in every order.

use std::sync::Arc;

use frontierd::board::answer::{
    Candidates, CountingResult, DeclaredTrend, Economics, Intrinsic, OtherResult, Relative,
    Standing, TrendPoint,
};
use frontierd::board::query::{Order, RowFilter};
use frontierd::board::trend::{Assessment, Verdict};
use frontierd::limits::NAMED_MAX;
use frontierd::model::{Benchmark, BenchmarkId, Cost, CostBasis, CountingRule, ModelId};

use super::rows::Row;
use super::world::World;

/// A score at a cost, whatever the board.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) model: ModelId,
    /// Greater is better.
    pub(crate) good: f64,
    pub(crate) cost: f64,
}

impl Point {
    fn beats(&self, other: &Self) -> bool {
        self.good >= other.good
            && self.cost <= other.cost
            && (self.good > other.good || self.cost < other.cost)
    }
}

/// The points that no other beats.
pub(crate) fn frontier(points: &[Point]) -> Vec<&Point> {
    let unbeaten = |point: &&Point| !points.iter().any(|other| other.beats(point));
    points.iter().filter(unbeaten).collect()
}

/// Frontier, dominators and overpay of a point; `points` come in the order in which equal ones are listed.
pub(crate) fn economics(points: &[Point], own: &Point) -> Economics {
    let frontier = frontier(points);
    let mut dominators: Vec<&&Point> = frontier.iter().filter(|other| other.beats(own)).collect();
    dominators.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    let reaching = points.iter().filter(|other| other.good >= own.good);
    let cost_to_match = reaching.map(|other| other.cost).fold(own.cost, f64::min);
    Economics {
        value: None,
        value_rank: None,
        on_frontier: frontier.iter().any(|member| member.model == own.model),
        dominated_by_count: dominators.len() as u32,
        dominated_by: dominators
            .iter()
            .take(NAMED_MAX)
            .map(|point| point.model.clone())
            .collect(),
        cost_to_match,
        overpay: own.cost / cost_to_match,
    }
}

/// The rows that have a cost on a basis, as points.
pub(crate) fn points(rows: &[Row], basis: CostBasis) -> Vec<Point> {
    let point = |row: &Row| {
        Some(Point {
            model: row.model.clone(),
            good: row.good,
            cost: row.cost(basis)?,
        })
    };
    rows.iter().filter_map(point).collect()
}

/// 1 + number strictly better.
pub(crate) fn rank(rows: &[Row], row: &Row) -> u32 {
    1 + rows.iter().filter(|other| other.good > row.good).count() as u32
}

fn rank_interval(rows: &[Row], row: &Row, higher_is_better: bool) -> Option<(u32, u32)> {
    row.interval?;
    let (low, high) = row.ends(higher_is_better);
    let ends = || rows.iter().map(|other| other.ends(higher_is_better));
    let best = 1 + ends().filter(|other| other.0 > high).count();
    let worst = ends().filter(|other| other.1 >= low).count();
    Some((best as u32, worst as u32))
}

/// TASK if any row has it, else `TOKEN_PRICE`, else TRAINING.
pub(crate) fn default_basis(rows: &[Row]) -> CostBasis {
    let has = |basis: &CostBasis| rows.iter().any(|row| row.cost(*basis).is_some());
    CostBasis::ALL
        .into_iter()
        .find(has)
        .unwrap_or(CostBasis::Task)
}

impl World {
    /// What no other row can change.
    pub(crate) fn intrinsic(&self, benchmark: &Benchmark, row: &Row) -> Intrinsic {
        Intrinsic {
            model: Arc::new(self.info(&row.model)),
            score: row.result.facts.score,
            normalised: row.normalised,
            interval: row.interval,
            costs: row.costs.iter().cloned().collect(),
            counting: Some(self.counting_result(benchmark, row)),
            coverage: None,
        }
    }

    /// Every field.
    pub(crate) fn standing(
        &self,
        benchmark: &Benchmark,
        rows: &[Row],
        row: &Row,
        basis: CostBasis,
    ) -> Standing {
        let economics = row.cost(basis).map(|cost| {
            let own = Point {
                model: row.model.clone(),
                good: row.good,
                cost,
            };
            let value = row.value(basis);
            let better = |value: f64| {
                let values = rows.iter().filter_map(|other| other.value(basis));
                values.filter(|other| *other > value).count() as u32
            };
            Economics {
                value,
                value_rank: value.map(|value| 1 + better(value)),
                ..economics(&points(rows, basis), &own)
            }
        });
        let relative = Relative {
            rank: rank(rows, row),
            rank_interval: rank_interval(rows, row, benchmark.higher_is_better),
            basis,
            economics,
            trend: Some(declared(benchmark, rows, row, basis)),
        };
        Standing {
            own: Arc::new(self.intrinsic(benchmark, row)),
            relative: Some(Box::new(relative)),
        }
    }

    fn counting_result(&self, benchmark: &Benchmark, row: &Row) -> CountingResult {
        let own = &row.result;
        let mut others = self.eligible(benchmark, &row.model);
        others.retain(|other| {
            other.revision != own.revision
                && (other.facts.evaluator != own.facts.evaluator
                    || other.facts.harness != own.facts.harness
                    || other.facts.source_url != own.facts.source_url)
        });
        others.sort_by_key(|other| (other.facts.observed, other.revision));
        others.reverse();
        let mut scores: Vec<f64> = others.iter().map(|other| other.facts.score).collect();
        scores.push(own.facts.score);
        scores.sort_by(f64::total_cmp);
        let spread = (scores[0], scores[scores.len() - 1]);
        CountingResult {
            revision: own.revision,
            observed: own.facts.observed,
            evaluator: own.facts.evaluator.clone(),
            relationship: own.facts.relationship,
            harness: own.facts.harness.clone(),
            status: own.status,
            attempts: row.attempts,
            biased_upward: benchmark.counting_rule == CountingRule::Best && row.attempts > 1,
            others_count: others.len() as u32,
            spread: (!others.is_empty()).then_some(spread),
            others: others
                .into_iter()
                .take(NAMED_MAX)
                .map(|other| OtherResult {
                    revision: other.revision,
                    score: other.facts.score,
                    evaluator: other.facts.evaluator.clone(),
                    harness: other.facts.harness.clone(),
                    observed: other.facts.observed,
                    status: other.status,
                })
                .collect(),
        }
    }

    /// The models of a listing in order, and how many the order omits.
    pub(crate) fn listing(
        &self,
        id: &BenchmarkId,
        order: Order,
        basis: CostBasis,
        filter: &RowFilter,
        min_score: Option<f64>,
    ) -> (Vec<ModelId>, u32) {
        let benchmark = self.benchmark(id);
        let rows = self.rows(id);
        let mut keyed: Vec<(f64, ModelId)> = Vec::new();
        let mut unranked = 0;
        for row in &rows {
            let enough = min_score.is_none_or(|least| {
                if benchmark.higher_is_better {
                    row.result.facts.score >= least
                } else {
                    row.result.facts.score <= least
                }
            });
            let variant = !filter.best_variant_only || is_best_variant(&rows, row);
            if !enough || !variant || !self.matches(filter, &row.model) {
                continue;
            }
            let standing = self.standing(benchmark, &rows, row, basis);
            let relative = standing.relative.expect("a full standing");
            let economics = relative.economics.as_ref();
            let key = match order {
                Order::Score => Some(-row.good),
                Order::Value => economics.and_then(|e| e.value).map(|value| -value),
                Order::Overpay => economics.map(|e| e.overpay),
                Order::Cost => row.cost(basis),
                Order::Conformance => {
                    let trend = relative.trend.as_ref();
                    trend
                        .and_then(|t| t.assessment.as_ref())
                        .map(|assessment| -assessment.q)
                }
            };
            match key {
                Some(key) => keyed.push((key, row.model.clone())),
                None => unranked += 1,
            }
        }
        keyed.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap().then(a.1.cmp(&b.1)));
        (
            keyed.into_iter().map(|(_, model)| model).collect(),
            unranked,
        )
    }

    /// Whether a model passes a filter; variants apart.
    pub(crate) fn matches(&self, filter: &RowFilter, model: &ModelId) -> bool {
        let info = self.info(model);
        let organization = info.organization.to_lowercase();
        let wanted = &filter.organizations;
        (wanted.is_empty() || wanted.iter().any(|o| o.to_lowercase() == organization))
            && (filter.open_weights.is_none() || filter.open_weights == info.open_weights)
            && filter.tags.iter().all(|tag| info.tags.contains(tag))
            && (filter.released_since.is_none() || filter.released_since <= info.release_date)
    }
}

/// No other variant of the model scores better, nor as well with a smaller id.
fn is_best_variant(rows: &[Row], row: &Row) -> bool {
    let mut variants = rows.iter();
    !variants.any(|other| {
        other.model.base_str() == row.model.base_str()
            && (other.good > row.good || (other.good == row.good && other.model < row.model))
    })
}

pub(crate) fn trend_point(row: &Row, basis: CostBasis) -> TrendPoint {
    TrendPoint {
        model: Some(row.model.clone()),
        score: Some(row.result.facts.score),
        normalised: row.normalised,
        cost: row.basis_cost(basis).map(|cost| cost.cost),
        date: row.dates[basis as usize],
    }
}

/// (a): against the best earlier offer.
pub(crate) fn declared(
    benchmark: &Benchmark,
    rows: &[Row],
    row: &Row,
    basis: CostBasis,
) -> DeclaredTrend {
    let factor = benchmark.curve.annual_factor;
    let mut answer = DeclaredTrend {
        verdict: Verdict::NoCost,
        basis,
        assessment: None,
        years: None,
        gap: 1.0,
        curve: benchmark.curve,
        subject: trend_point(row, basis),
        reference: None,
        candidates: None,
        uncosted: Vec::new(),
    };
    let Some(cost) = row.cost(basis) else {
        return answer;
    };
    let Some(date) = row.date(basis) else {
        answer.verdict = Verdict::NoDate;
        return answer;
    };
    let reached: Vec<&Row> = rows
        .iter()
        .filter(|other| other.good >= row.good)
        .filter(|other| other.date(basis).is_some_and(|earlier| earlier < date))
        .collect();
    let adjusted = |other: &Row| {
        let years = date.years_since(other.date(basis)?);
        Some(other.cost(basis)? * factor.powf(-years))
    };
    let mut offers: Vec<(f64, &Row)> = reached
        .iter()
        .filter_map(|other| Some((adjusted(other)?, *other)))
        .collect();
    offers.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.order.cmp(&b.1.order)));
    let costs: Vec<f64> = offers.iter().map(|(cost, _)| *cost).collect();
    let q_median = median(&costs).map(|median| median / cost);
    answer.candidates = Some(Candidates {
        count: offers.len() as u32,
        q_median,
        verdict: q_median.map(|q| verdict(q, benchmark.curve.tolerance)),
    });
    if let Some((_, best)) = offers.first() {
        answer.reference = Some(trend_point(best, basis));
        let assessed = assess(benchmark, row, best, basis);
        answer.verdict = assessed.0.verdict;
        answer.assessment = Some(assessed.0);
        answer.years = Some(assessed.1);
        return answer;
    }
    answer.verdict = if reached.is_empty() {
        Verdict::FirstToReach
    } else {
        Verdict::NoCostedReference
    };
    answer.uncosted = best_first(reached);
    answer
}

fn best_first(mut rows: Vec<&Row>) -> Vec<ModelId> {
    rows.sort_by(|a, b| {
        let by_score = b.good.partial_cmp(&a.good).unwrap();
        by_score.then(a.order.cmp(&b.order))
    });
    rows.truncate(NAMED_MAX);
    rows.iter().map(|row| row.model.clone()).collect()
}

fn median(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    (n > 0).then(|| f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]))
}

fn verdict(q: f64, tolerance: f64) -> Verdict {
    match q {
        q if q > tolerance => Verdict::Ahead,
        q if q < 1.0 / tolerance => Verdict::Behind,
        _ => Verdict::OnTrend,
    }
}

/// The arithmetic of section 5 (a) with gap 1, and the years (low, central, high).
fn assess(
    benchmark: &Benchmark,
    subject: &Row,
    reference: &Row,
    basis: CostBasis,
) -> (Assessment, (f64, f64, f64)) {
    let curve = benchmark.curve;
    let r = curve.annual_factor;
    let cost = |row: &Row| -> Cost { row.basis_cost(basis).unwrap().cost };
    let (c, c_ref) = (cost(subject), cost(reference));
    let (to, from) = (
        subject.dates[basis as usize].unwrap(),
        reference.dates[basis as usize].unwrap(),
    );
    let years = to.date.years_since(from.date);
    let (to_first, to_last) = to.range.unwrap_or((to.date, to.date));
    let (from_first, from_last) = from.range.unwrap_or((from.date, from.date));
    let (shortest, longest) = (
        to_first.years_since(from_last),
        to_last.years_since(from_first),
    );
    let ranged = to.range.is_some() || from.range.is_some();

    let q = c_ref.central / c.central * r.powf(-years);
    let low = c_ref.low.unwrap_or(c_ref.central) / c.high.unwrap_or(c.central);
    let high = c_ref.high.unwrap_or(c_ref.central) / c.low.unwrap_or(c.central);
    let (q_low, q_high) = (low * r.powf(-years), high * r.powf(-years));
    let (worst, best) = (low * r.powf(-longest), high * r.powf(-shortest));
    let annualised = (c_ref.central / c.central).powf(1.0 / years);
    let assessment = Assessment {
        verdict: verdict(q, curve.tolerance),
        verdict_at_worst: verdict(if ranged { worst } else { q_low }, curve.tolerance),
        verdict_at_best: verdict(if ranged { best } else { q_high }, curve.tolerance),
        q,
        q_low,
        q_high,
        q_low_with_dates: ranged.then_some(worst),
        q_high_with_dates: ranged.then_some(best),
        q_at_factor_low: curve
            .annual_factor_low
            .map(|r| c_ref.central / c.central * r.powf(-years)),
        q_at_factor_high: curve
            .annual_factor_high
            .map(|r| c_ref.central / c.central * r.powf(-years)),
        observed_reduction: c_ref.central / c.central,
        expected_reduction: r.powf(years),
        annualised,
        months_ahead: 12.0 * q.ln() / r.ln(),
        halving_months: (annualised > 1.0).then(|| 12.0 * 2f64.ln() / annualised.ln()),
        break_even_subject: Some(c_ref.central * r.powf(-years)),
        break_even_reference: Some(c.central * r.powf(years)),
        break_even_gap: q,
    };
    (assessment, (shortest, years, longest))
}
