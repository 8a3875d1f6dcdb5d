//! Answers say what the domain says.

use std::sync::Arc;

use super::super::*;
use crate::board::answer::{
    BenchmarkComparison, Comparison, Costs, DeclaredTrend, Intrinsic, ModelFacts, ModelInfo,
    PriceToReach, Relative, Standing, TrendPoint,
};
use crate::board::trend::Verdict;
use crate::board::trend::declared::{Inputs, Range, assess};
use crate::model::{BenchmarkId, Cost, CostBasis, CostKind, Curve, ModelId};
use crate::proto::v1;

fn id(text: &str) -> ModelId {
    ModelId::parse(text, "model").expect("an id")
}

fn row(relative: Option<Box<Relative>>) -> Standing {
    let info = ModelInfo {
        id: id("deepseek/v3"),
        facts: Arc::new(ModelFacts {
            title: "DeepSeek-V3".into(),
            organization: "DeepSeek".into(),
            release_date: "2024-12-26".parse().ok(),
            open_weights: Some(true),
            license: "".into(),
            tags: Vec::new(),
            preferred_provider: None,
            source_url: "".into(),
            inherited: Vec::new(),
        }),
    };
    let own = Intrinsic {
        model: Arc::new(info),
        score: 59.1,
        normalised: Some(0.591),
        interval: None,
        costs: Costs::default(),
        counting: None,
        coverage: None,
    };
    Standing {
        own: Arc::new(own),
        relative,
    }
}

#[test]
fn an_intrinsic_row_has_nothing_that_other_rows_change() {
    let shown = standing(row(None));
    assert_eq!(shown.release_date, "2024-12-26");
    assert_eq!(shown.status, v1::Status::Active as i32);
    assert_eq!(
        (shown.rank, shown.on_frontier, shown.cost_basis),
        (None, None, 0)
    );
    assert!(shown.trend.is_none());

    let full = standing(row(Some(Box::new(Relative {
        rank: 3,
        rank_interval: Some((1, 5)),
        basis: CostBasis::TokenPrice,
        economics: None,
        trend: None,
    }))));
    assert_eq!(
        (full.rank, full.rank_best, full.rank_worst),
        (Some(3), Some(1), Some(5))
    );
    assert_eq!(full.cost_basis, v1::CostBasis::TokenPrice as i32);
    assert_eq!((full.overpay, full.on_frontier), (None, None));
}

fn point(usd: f64) -> TrendPoint {
    TrendPoint {
        model: None,
        score: None,
        normalised: None,
        cost: Some(Cost::exact(usd, CostKind::Reported)),
        date: None,
    }
}

fn declared(years: f64) -> DeclaredTrend {
    // Worked example 4.
    let inputs = Inputs {
        subject: Range::exact(5.576e6),
        reference: Range::exact(30e6),
        years: Range::exact(years),
        years_ranged: false,
        gap: 2.0,
        curve: Curve::default(),
    };
    let assessment = assess(&inputs);
    DeclaredTrend {
        verdict: assessment.verdict,
        basis: CostBasis::Training,
        assessment: Some(assessment),
        years: Some((years, years, years)),
        gap: 2.0,
        curve: Curve::default(),
        subject: point(5.576e6),
        reference: Some(point(30e6)),
        candidates: None,
        uncosted: Vec::new(),
    }
}

#[test]
fn a_declared_trend_names_its_estimator_and_inputs() {
    let shown = declared_trend(declared(1.0));
    assert_eq!(shown.verdict, v1::Verdict::Behind as i32);
    assert!(shown.q.is_some_and(|q| (q - 0.6725).abs() < 5e-5));
    for part in [
        "r = 4 a year",
        "k = 1.25",
        "g = 2",
        "1.0000 of 365.25 days",
        "TRAINING",
    ] {
        assert!(shown.method.contains(part), "{}", shown.method);
    }
    let none = declared_trend(DeclaredTrend {
        verdict: Verdict::NoCost,
        assessment: None,
        years: None,
        ..declared(1.0)
    });
    assert_eq!(none.q, None);
    assert!(
        none.method.contains("no cost on this basis"),
        "{}",
        none.method
    );
}

#[test]
fn a_rate_without_end_is_absent() {
    let mut trend = declared(1.0);
    if let Some(assessment) = &mut trend.assessment {
        assessment.annualised = f64::INFINITY;
    }
    assert_eq!(declared_trend(trend).annualised, None);
}

#[test]
fn too_few_record_lows_say_what_is_missing() {
    let shown = price_to_reach(PriceToReach {
        threshold: 86.0,
        missing: "1 of at least 4 points".to_owned(),
        basis: CostBasis::TokenPrice,
        record_lows: vec![point(37.5)],
        decline: None,
        span_days: 0,
    });
    assert!(!shown.sufficient);
    assert_eq!((shown.points, shown.annual_factor), (1, None));
    assert!(shown.method.contains("86") && shown.method.contains("descriptive"));
}

#[test]
fn a_comparison_ends_in_a_sentence() {
    let on = |cost_a, cost_b| BenchmarkComparison {
        benchmark: BenchmarkId::parse("mmlu", "benchmark").expect("an id"),
        score_a: 88.5,
        score_b: 90.8,
        better: Some(id("deepseek/r1")),
        difference: -2.3,
        margin: None,
        separated: None,
        basis: CostBasis::TokenPrice,
        cost_a,
        cost_b,
        higher_is_better: true,
        unit: "PERCENT".into(),
    };
    let of = |a_better, b_better, tied| {
        let answer = Comparison {
            a: id("deepseek/v3"),
            b: id("deepseek/r1"),
            benchmarks: vec![on(Some(1.0), Some(2.0)), on(None, Some(2.0))],
            a_better,
            b_better,
            tied,
        };
        comparison(9, answer)
    };
    let shown = of(0, 2, 0);
    assert_eq!(shown.summary, "deepseek/r1 beats deepseek/v3 on 2 of 2");
    assert_eq!(shown.benchmarks[0].cost_ratio, Some(0.5));
    assert_eq!(shown.benchmarks[1].cost_ratio, None);
    assert_eq!(
        of(1, 0, 1).summary,
        "deepseek/v3 beats deepseek/r1 on 1 of 2, 1 tied"
    );
    assert_eq!(
        of(1, 1, 0).summary,
        "deepseek/v3 and deepseek/r1 are level on 2: 1 each"
    );
    assert_eq!(
        of(0, 0, 0).summary,
        "deepseek/v3 and deepseek/r1 share no benchmark"
    );
}
