//! The data set is whole, consistent and sourced.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::limits::REQUEST_ID_BYTES_MAX;
use crate::model::{BenchmarkId, Date, ModelId, ProviderId};
use crate::proto::v1::claim::Statement;
use crate::proto::v1::{
    Benchmark, Claim, CostKind, EvaluatorRelationship, Model, Price, Result as ResultMessage,
    Status,
};

#[derive(Default)]
struct Set {
    benchmarks: BTreeMap<String, Benchmark>,
    models: BTreeMap<String, Model>,
    prices: Vec<Price>,
    claims: Vec<Claim>,
    results: Vec<ResultMessage>,
}

fn set() -> Set {
    let mut set = Set::default();
    for step in steps().expect("valid data") {
        match step {
            Step::Benchmark(request) => {
                let benchmark = request.benchmark.expect("a benchmark");
                set.benchmarks.insert(benchmark.id.clone(), benchmark);
            }
            Step::Model(request) => {
                let model = request.model.expect("a model");
                set.models.insert(model.id.clone(), model);
            }
            Step::Price(request) => set.prices.push(request.price.expect("a price")),
            Step::Claim { request, .. } => set.claims.push(request.claim.expect("a claim")),
            Step::Result(request) => set.results.push(request.result.expect("a result")),
        }
    }
    set
}

#[test]
fn the_set_has_the_facts_it_should() {
    let set = set();
    assert_eq!(set.benchmarks.len(), 10);
    let cards = set
        .benchmarks
        .values()
        .filter(|b| b.tags.iter().any(|t| t == "model-cards"));
    assert_eq!(cards.count(), 8);
    let in_overall = set
        .benchmarks
        .values()
        .filter(|b| b.exclude_from_overall != Some(true));
    assert_eq!(in_overall.count(), 8);
    let count = |benchmark: &str| {
        set.results
            .iter()
            .filter(|r| r.benchmark == benchmark)
            .count()
    };
    assert_eq!(
        [
            "mmlu",
            "mmlu-pro",
            "livecodebench-cot",
            "codeforces-percentile",
            "aider-polyglot",
            "mmlu-price-history"
        ]
        .map(count),
        [6, 5, 8, 7, 7, 5]
    );
    assert_eq!(set.results.len(), 6 + 5 + 4 * 6 + 8 + 7 + 7 + 5);
    let disputed = set
        .claims
        .iter()
        .filter(|c| c.status() == Status::Disputed)
        .count();
    assert_eq!((set.claims.len(), disputed), (7, 2));
}

#[test]
fn every_id_is_valid_and_every_reference_exists() {
    let set = set();
    for id in set.benchmarks.keys() {
        assert!(BenchmarkId::parse(id, "id").is_ok(), "{id}");
    }
    let mut names: BTreeSet<&str> = set.models.keys().map(String::as_str).collect();
    for (id, model) in &set.models {
        assert!(ModelId::parse(id, "id").is_ok(), "{id}");
        for alias in &model.aliases {
            assert!(names.insert(alias), "alias {alias} twice");
        }
    }
    for price in &set.prices {
        assert!(set.models.contains_key(&price.model), "{}", price.model);
        assert!(price.provider.is_empty() || ProviderId::parse(&price.provider, "p").is_ok());
        assert!(price.input_usd_per_mtok > Some(0.0) && price.output_usd_per_mtok > Some(0.0));
        assert!(price.effective_date.parse::<Date>().is_ok() && !price.source_url.is_empty());
    }
    for result in &set.results {
        assert!(
            set.benchmarks.contains_key(&result.benchmark),
            "{}",
            result.benchmark
        );
        assert!(set.models.contains_key(&result.model), "{}", result.model);
        assert!(
            result.observed_date.parse::<Date>().is_ok(),
            "{}",
            result.observed_date
        );
        assert!(!result.source_url.is_empty() && !result.evaluator.is_empty());
        let first = result.evaluator == "deepseek" && result.model.starts_with("deepseek/");
        assert_eq!(
            result.relationship() == EvaluatorRelationship::FirstParty,
            first
        );
    }
    for claim in &set.claims {
        assert!(set.models.contains_key(&claim.model), "{}", claim.model);
        if let Some(Statement::DerivedFrom(from)) = &claim.statement {
            assert!(set.models.contains_key(from), "{from}");
        }
    }
}

#[test]
fn request_ids_are_short_and_unique() {
    let mut ids = BTreeSet::new();
    for step in steps().expect("valid data") {
        let id = match step {
            Step::Benchmark(request) => request.request_id,
            Step::Model(request) => request.request_id,
            Step::Price(request) => request.request_id,
            Step::Claim { request, .. } => request.request_id,
            Step::Result(request) => request.request_id,
        };
        assert!(id.len() + "/pin".len() <= REQUEST_ID_BYTES_MAX, "{id}");
        assert!(ids.insert(id.clone()), "{id} twice");
    }
}

/// Newest observed date and score of each model on the benchmarks of the model cards.
fn newest(set: &Set) -> BTreeMap<&str, BTreeMap<&str, (&str, f64)>> {
    let mut boards: BTreeMap<&str, BTreeMap<&str, (&str, f64)>> = BTreeMap::new();
    for result in &set.results {
        let tags = &set.benchmarks[&result.benchmark].tags;
        if tags.iter().any(|tag| tag == "model-cards") {
            let entry = (
                result.observed_date.as_str(),
                result.score.expect("a score"),
            );
            let board = boards.entry(&result.benchmark).or_default();
            let held = board.entry(&result.model).or_insert(entry);
            *held = if entry.0 >= held.0 { entry } else { *held };
        }
    }
    boards
}

#[test]
fn the_newer_card_gives_the_documented_win_rates() {
    let set = set();
    let boards = newest(&set);
    let mut rates: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for rows in boards.values() {
        for (model, (_, score)) in rows {
            let worse = rows.values().filter(|(_, other)| other < score).count() as f64;
            let equal = rows.values().filter(|(_, other)| other == score).count() as f64;
            let rate = (worse + (equal - 1.0) / 2.0) / (rows.len() as f64 - 1.0);
            rates.entry(model).or_default().push(rate);
        }
    }
    for (model, expected) in [
        ("deepseek/r1", 0.9),
        ("openai/o1-2024-12-17", 0.857_14),
        ("deepseek/v3", 0.5125),
        ("anthropic/claude-3.5-sonnet-20241022", 0.418_75),
        ("meta/llama-3.1-405b-instruct", 0.231_25),
        ("openai/gpt-4o-2024-05-13", 0.125),
    ] {
        let mean = rates[model].iter().sum::<f64>() / rates[model].len() as f64;
        assert!((mean - expected).abs() < 1e-5, "{model}: {mean}");
    }
}

#[test]
fn measured_costs_and_training_claims_are_as_stated() {
    let set = set();
    let aider: Vec<_> = set
        .results
        .iter()
        .filter(|r| r.benchmark == "aider-polyglot")
        .collect();
    for run in &aider {
        let cost = run.run_cost.as_ref().expect("a cost");
        assert_eq!(cost.kind(), CostKind::Measured);
        assert!(cost.central_usd > Some(0.0) && run.task_count == run.sample_count);
    }
    let v3 = set.claims.iter().find_map(|claim| match &claim.statement {
        Some(Statement::TrainingCost(cost)) if claim.model == "deepseek/v3" => Some(cost),
        _ => None,
    });
    let v3 = v3.expect("a training cost");
    let usd = v3
        .accelerator_hours
        .zip(v3.usd_per_hour)
        .map(|(hours, usd)| hours * usd);
    assert_eq!(usd, Some(5_576_000.0));
}
