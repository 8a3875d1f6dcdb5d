//! Answers to changes of status and comparisons, and the brief answer to a submission.

use super::enums::ToWire;
use super::standing::standing;
use crate::board::answer::{BenchmarkComparison, Comparison, Standing, Warning};
use crate::model::Revision;
use crate::proto::v1;

/// What the writer knows of an accepted submission, beside its outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The revision it took, or would take.
    pub revision: Revision,
    /// Its request id was answered before.
    pub replayed: bool,
    /// What was noticed.
    pub warnings: Vec<Warning>,
}

/// `BriefAnswer`.
pub fn brief_answer(accepted: &Accepted, rank: Option<u32>) -> v1::BriefAnswer {
    let Accepted {
        revision,
        replayed,
        warnings,
    } = accepted;
    v1::BriefAnswer {
        revision: *revision as i64,
        rank: rank.map(|rank| rank as i32),
        replayed: *replayed,
        warning_count: warnings.len() as i32,
    }
}

/// `SetResultStatusResponse`.
pub fn set_result_status_response(
    revision: Revision,
    now: Option<Standing>,
    replayed: bool,
    unchanged: bool,
) -> v1::SetResultStatusResponse {
    v1::SetResultStatusResponse {
        revision: revision as i64,
        standing: now.map(standing),
        replayed,
        unchanged,
    }
}

/// A notice on something accepted.
pub fn warning(warning: Warning) -> v1::Warning {
    let Warning { reason, message } = warning;
    v1::Warning {
        reason: reason.to_owned(),
        message,
    }
}

/// `CompareModelsResponse`.
pub fn comparison(revision: Revision, comparison: Comparison) -> v1::CompareModelsResponse {
    let summary = summary(&comparison);
    let Comparison {
        a,
        b,
        benchmarks,
        a_better,
        b_better,
        tied,
    } = comparison;
    v1::CompareModelsResponse {
        revision: revision as i64,
        a: a.to_string(),
        b: b.to_string(),
        benchmarks: benchmarks.into_iter().map(benchmark_comparison).collect(),
        a_better: a_better as i32,
        b_better: b_better as i32,
        tied: tied as i32,
        summary,
    }
}

/// "A beats B on k of n", the better one first.
fn summary(comparison: &Comparison) -> String {
    let Comparison {
        a,
        b,
        benchmarks: _,
        a_better,
        b_better,
        tied,
    } = comparison;
    let n = a_better + b_better + tied;
    let (first, second, k) = if b_better > a_better {
        (b, a, b_better)
    } else {
        (a, b, a_better)
    };
    match (n, *tied) {
        (0, _) => format!("{a} and {b} share no benchmark"),
        (_, 0) if a_better == b_better => format!("{a} and {b} are level on {n}: {k} each"),
        (_, tied) if a_better == b_better => {
            format!("{a} and {b} are level on {n}: {k} each, {tied} tied")
        }
        (_, 0) => format!("{first} beats {second} on {k} of {n}"),
        (_, tied) => format!("{first} beats {second} on {k} of {n}, {tied} tied"),
    }
}

fn benchmark_comparison(row: BenchmarkComparison) -> v1::BenchmarkComparison {
    let BenchmarkComparison {
        benchmark,
        score_a,
        score_b,
        better,
        difference,
        margin,
        separated,
        basis,
        cost_a,
        cost_b,
        higher_is_better,
        unit,
    } = row;
    v1::BenchmarkComparison {
        benchmark: benchmark.to_string(),
        score_a,
        score_b,
        better: better.map_or_else(String::new, |model| model.to_string()),
        difference,
        difference_margin: margin,
        separated,
        cost_basis: basis.wire(),
        cost_a_usd: cost_a,
        cost_b_usd: cost_b,
        cost_ratio: cost_a.zip(cost_b).map(|(a, b)| a / b),
        higher_is_better,
        unit: unit.to_string(),
    }
}
