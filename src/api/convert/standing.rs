//! Standings.

use std::sync::Arc;

use super::enums::ToWire;
use super::parts;
use super::trend_answer::declared_trend;
use crate::board::answer::{
    BasisCost, CountingResult, Coverage, Economics, Interval, Intrinsic, ModelFacts, ModelInfo,
    OtherResult, Relative, Standing,
};
use crate::model::{Cost, Status};
use crate::proto::v1;

/// Level of every interval answered.
pub(super) const LEVEL: f64 = 0.95;

/// The row of one model on one board.
pub fn standing(row: Standing) -> v1::Standing {
    let Standing { own, relative } = row;
    let Intrinsic {
        model,
        score,
        normalised,
        interval: ends,
        costs,
        counting,
        coverage,
    } = Arc::unwrap_or_clone(own);
    let mut message = intrinsic(&model, score, normalised);
    message.interval = ends.map(interval);
    message.costs = costs.iter().cloned().map(basis_cost).collect();
    if let Some(counting) = counting {
        fill_counting(&mut message, counting);
    }
    if let Some(Coverage { benchmarks, share }) = coverage {
        message.benchmark_count = benchmarks as i32;
        message.coverage = Some(share);
    }
    if let Some(relative) = relative {
        fill_relative(&mut message, *relative);
    }
    message
}

/// A row of which only model and score are known. Every field is named, so that a new one does not compile until it is
/// filled in somewhere below.
fn intrinsic(model: &ModelInfo, score: f64, normalised: Option<f64>) -> v1::Standing {
    let ModelInfo { id, facts } = model;
    let ModelFacts {
        title,
        organization,
        release_date,
        open_weights: _,
        license: _,
        tags: _,
        preferred_provider: _,
        source_url: _,
        inherited: _,
    } = &**facts;
    v1::Standing {
        model: id.to_string(),
        title: title.to_string(),
        organization: organization.to_string(),
        score,
        normalised_score: normalised,
        interval: None,
        costs: Vec::new(),
        result_revision: 0,
        observed_date: String::new(),
        evaluator: String::new(),
        relationship: 0,
        harness: String::new(),
        // Computed boards have no counting result to say so: their rows stand.
        status: Status::Active.wire(),
        attempts: 0,
        biased_upward: false,
        other_results: Vec::new(),
        other_results_count: 0,
        spread_low: None,
        spread_high: None,
        benchmark_count: 0,
        coverage: None,
        release_date: parts::date_text(*release_date),
        rank: None,
        rank_best: None,
        rank_worst: None,
        cost_basis: 0,
        value: None,
        value_rank: None,
        on_frontier: None,
        dominated_by: Vec::new(),
        dominated_by_count: 0,
        cost_to_match_usd: None,
        overpay: None,
        trend: None,
    }
}

fn fill_counting(message: &mut v1::Standing, counting: CountingResult) {
    let CountingResult {
        revision,
        observed,
        evaluator,
        relationship,
        harness,
        status,
        attempts,
        biased_upward,
        others,
        others_count,
        spread,
    } = counting;
    message.result_revision = revision as i64;
    message.observed_date = observed.to_string();
    message.evaluator = evaluator.to_string();
    message.relationship = relationship.wire();
    message.harness = harness.to_string();
    message.status = status.wire();
    message.attempts = attempts as i32;
    message.biased_upward = biased_upward;
    message.other_results = others.into_iter().map(other_result).collect();
    message.other_results_count = others_count as i32;
    message.spread_low = spread.map(|(low, _)| low);
    message.spread_high = spread.map(|(_, high)| high);
}

fn fill_relative(message: &mut v1::Standing, relative: Relative) {
    let Relative {
        rank,
        rank_interval,
        basis,
        economics,
        trend,
    } = relative;
    message.rank = Some(rank as i32);
    message.rank_best = rank_interval.map(|(best, _)| best as i32);
    message.rank_worst = rank_interval.map(|(_, worst)| worst as i32);
    message.cost_basis = basis.wire();
    message.trend = trend.map(declared_trend);
    let Some(Economics {
        value,
        value_rank,
        on_frontier,
        dominated_by,
        dominated_by_count,
        cost_to_match,
        overpay,
    }) = economics
    else {
        return;
    };
    message.value = value;
    message.value_rank = value_rank.map(|rank| rank as i32);
    message.on_frontier = Some(on_frontier);
    message.dominated_by = parts::strings(&dominated_by);
    message.dominated_by_count = dominated_by_count as i32;
    message.cost_to_match_usd = Some(cost_to_match);
    message.overpay = Some(overpay);
}

fn other_result(other: OtherResult) -> v1::OtherResult {
    let OtherResult {
        revision,
        score,
        evaluator,
        harness,
        observed,
        status,
    } = other;
    v1::OtherResult {
        revision: revision as i64,
        score,
        evaluator: evaluator.to_string(),
        harness: harness.to_string(),
        observed_date: observed.to_string(),
        status: status.wire(),
    }
}

/// A 95 % interval.
pub(super) fn interval(interval: Interval) -> v1::ScoreInterval {
    let Interval { low, high, source } = interval;
    v1::ScoreInterval {
        low,
        high,
        source: source.wire(),
        confidence_level: Some(LEVEL),
    }
}

/// A standing's or result's cost on one basis.
pub(super) fn basis_cost(cost: BasisCost) -> v1::BasisCost {
    let BasisCost {
        basis,
        cost,
        date,
        provider,
        cache_price_missing,
        not_a_cost_proxy,
    } = cost;
    let Cost {
        low,
        central,
        high,
        kind,
    } = cost;
    let (date, date_rule, date_earliest, date_latest) = parts::basis_date(date);
    v1::BasisCost {
        basis: basis.wire(),
        low_usd: low,
        central_usd: central,
        high_usd: high,
        kind: kind.wire(),
        date,
        date_rule,
        date_earliest,
        date_latest,
        provider: provider.map_or_else(String::new, |provider| provider.to_string()),
        cache_price_missing,
        not_a_cost_proxy,
    }
}
