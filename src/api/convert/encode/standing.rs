//! `Standing` and what is in it.

use super::Encoder;
use super::trend;
use crate::api::convert::standing::LEVEL;
use crate::board::answer::{
    BasisCost, BasisDate, CountingResult, Coverage, Economics, Interval, Intrinsic, ModelFacts,
    ModelInfo, OtherResult, Relative, Standing,
};
use crate::model::{Cost, Status};

pub(super) fn standing(out: &mut Encoder, row: &Standing) {
    let Standing {
        own,
        relative: depends,
    } = row;
    intrinsic(out, own);
    if let Some(depends) = depends {
        relative(out, depends);
    }
}

/// The fields up to 22: all but those that other rows can change.
pub(super) fn intrinsic(out: &mut Encoder, row: &Intrinsic) {
    let Intrinsic {
        model,
        score,
        normalised,
        interval: ends,
        costs,
        counting,
        coverage,
    } = row;
    let ModelInfo { id, facts } = &**model;
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
    out.text(1, id.as_str());
    out.text(2, title);
    out.text(3, organization);
    out.double(4, *score);
    out.some_double(5, *normalised);
    if let Some(ends) = ends {
        out.message(6, |out| interval(out, ends));
    }
    for cost in costs.iter() {
        out.message(7, |out| basis_cost(out, cost));
    }
    match counting {
        Some(counting) => counting_result(out, counting),
        // Computed boards have no counting result to say so: their rows stand.
        None => out.word(13, Status::Active),
    }
    if let Some(Coverage { benchmarks, share }) = *coverage {
        out.int(20, i64::from(benchmarks));
        out.some_double(21, Some(share));
    }
    out.some_date(22, *release_date);
}

fn counting_result(out: &mut Encoder, counting: &CountingResult) {
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
    out.int(8, *revision as i64);
    out.date(9, *observed);
    out.text(10, evaluator);
    out.word(11, *relationship);
    out.text(12, harness);
    out.word(13, *status);
    out.int(14, i64::from(*attempts));
    out.flag(15, *biased_upward);
    for other in others {
        out.message(16, |out| other_result(out, other));
    }
    out.int(17, i64::from(*others_count));
    out.some_double(18, spread.map(|(low, _)| low));
    out.some_double(19, spread.map(|(_, high)| high));
}

fn other_result(out: &mut Encoder, other: &OtherResult) {
    let OtherResult {
        revision,
        score,
        evaluator,
        harness,
        observed,
        status,
    } = other;
    out.int(1, *revision as i64);
    out.double(2, *score);
    out.text(3, evaluator);
    out.text(4, harness);
    out.date(5, *observed);
    out.word(6, *status);
}

fn relative(out: &mut Encoder, relative: &Relative) {
    let Relative {
        rank,
        rank_interval,
        basis,
        economics: money,
        trend,
    } = relative;
    let rank_of = |rank: u32| Some(i64::from(rank));
    out.some_int(30, rank_of(*rank));
    out.some_int(31, rank_interval.and_then(|(best, _)| rank_of(best)));
    out.some_int(32, rank_interval.and_then(|(_, worst)| rank_of(worst)));
    out.word(33, *basis);
    if let Some(money) = money {
        economics(out, money);
    }
    if let Some(trend) = trend {
        out.message(41, |out| trend::declared(out, trend));
    }
}

fn economics(out: &mut Encoder, economics: &Economics) {
    let Economics {
        value,
        value_rank,
        on_frontier,
        dominated_by,
        dominated_by_count,
        cost_to_match,
        overpay,
    } = economics;
    out.some_double(34, *value);
    out.some_int(35, value_rank.map(i64::from));
    out.some_flag(36, Some(*on_frontier));
    out.items(37, dominated_by);
    out.int(38, i64::from(*dominated_by_count));
    out.some_double(39, Some(*cost_to_match));
    out.some_double(40, Some(*overpay));
}

fn interval(out: &mut Encoder, interval: &Interval) {
    let Interval { low, high, source } = *interval;
    out.double(1, low);
    out.double(2, high);
    out.word(3, source);
    out.some_double(4, Some(LEVEL));
}

fn basis_cost(out: &mut Encoder, cost: &BasisCost) {
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
    } = *cost;
    out.word(1, *basis);
    out.some_double(2, low);
    out.double(3, central);
    out.some_double(4, high);
    out.word(5, kind);
    basis_date(out, 6, *date);
    if let Some(provider) = provider {
        out.text(10, provider.as_str());
    }
    out.flag(11, *cache_price_missing);
    out.flag(12, *not_a_cost_proxy);
}

/// Date, rule, earliest and latest: four fields from `first` on.
pub(super) fn basis_date(out: &mut Encoder, first: u32, date: Option<BasisDate>) {
    let Some(BasisDate { date, rule, range }) = date else {
        return;
    };
    out.date(first, date);
    out.word(first + 1, rule);
    out.some_date(first + 2, range.map(|(earliest, _)| earliest));
    out.some_date(first + 3, range.map(|(_, latest)| latest));
}
