//! Worked examples of published figures, from entries to answers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "board_examples/trend.rs"]
mod trend;

use std::collections::BTreeMap;

use frontierd::board::query::{BoardName, Detail, ListingQuery, Order, RowFilter};
use frontierd::board::{Board, Want};
use frontierd::model::{
    Benchmark, BenchmarkId, Body, Claim, Cost, CostKind, Date, Entry, ModelId, Relationship,
    ResultFacts, Revision, Statement, Status, Timestamp, Uncertainty,
};

const V3: &str = "deepseek/v3";
const R1: &str = "deepseek/r1";
const SONNET: &str = "anthropic/claude-3.5-sonnet@1022";
const GPT_4O: &str = "openai/gpt-4o@0513";
const LLAMA: &str = "meta/llama-3.1-405b";
const O1: &str = "openai/o1@1217";
/// In the order of the table below.
const MODELS: [&str; 6] = [V3, R1, SONNET, GPT_4O, LLAMA, O1];

/// Benchmark, questions, scores of the model cards by model; where two cards disagree, the newer score comes second.
type Card = (&'static str, Option<u64>, [&'static [f64]; 6]);
const CARDS: [Card; 8] = [
    (
        "mmlu",
        Some(14_042),
        [&[88.5], &[90.8], &[88.3], &[87.2], &[88.6], &[91.8]],
    ),
    (
        "mmlu-pro",
        Some(12_032),
        [&[75.9], &[84.0], &[78.0], &[72.6], &[73.3], &[]],
    ),
    (
        "gpqa-diamond",
        Some(198),
        [&[59.1], &[71.5], &[65.0], &[49.9], &[51.1], &[75.7]],
    ),
    (
        "math-500",
        Some(500),
        [&[90.2], &[97.3], &[78.3], &[74.6], &[73.8], &[96.4]],
    ),
    (
        "aime-2024",
        Some(30),
        [&[39.2], &[79.8], &[16.0], &[9.3], &[23.3], &[79.2]],
    ),
    (
        "swe-bench-verified",
        Some(500),
        [&[42.0], &[49.2], &[50.8], &[38.8], &[24.5], &[48.9]],
    ),
    (
        "livecodebench-cot",
        None,
        [
            &[40.5],
            &[65.9],
            &[36.3, 33.8],
            &[33.4, 34.2],
            &[28.4],
            &[63.4],
        ],
    ),
    (
        "codeforces-percentile",
        None,
        [&[51.6, 58.7], &[96.3], &[20.3], &[23.6], &[25.3], &[96.6]],
    ),
];

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn model(id: &str) -> ModelId {
    ModelId::parse(id, "model").unwrap()
}

fn benchmark(id: &str) -> Benchmark {
    Benchmark::new(BenchmarkId::parse(id, "benchmark").unwrap())
}

/// A board and its next entry.
#[derive(Default)]
struct Log(Board);

impl Log {
    fn add(&mut self, body: Body) -> Revision {
        let revision = self.0.revision() + 1;
        let entry = Entry {
            revision,
            received: Timestamp::from_micros(i64::from(day("2025-02-10").days()) * 86_400_000_000),
            author: "analyst".into(),
            request: None,
            body,
        };
        self.0.apply(&entry, Want::State);
        revision
    }

    fn score(&mut self, id: &str, on: &str, score: f64, observed: &str, task_usd: Option<f64>) {
        let facts = ResultFacts {
            benchmark: BenchmarkId::parse(on, "benchmark").unwrap(),
            model: model(id),
            score,
            uncertainty: Uncertainty::default(),
            run_cost: task_usd.map(|usd| Cost::exact(usd, CostKind::Measured)),
            tokens: None,
            task_count: Some(1),
            repeats: None,
            observed: day(observed),
            evaluator: "card".into(),
            relationship: Relationship::FirstParty,
            harness: "".into(),
            harness_version: "".into(),
            source_url: "".into(),
            labels: BTreeMap::new(),
        };
        self.add(Body::Result(Box::new(facts)));
    }

    fn claim(&mut self, id: &str, statement: Statement, status: Status) -> Revision {
        self.add(Body::Claim(Box::new(Claim {
            model: model(id),
            statement,
            claimant: "somebody".into(),
            date: day("2025-01-31"),
            source_url: "".into(),
            note: "".into(),
            status,
        })))
    }

    fn pin(&mut self, claim: Revision) {
        self.add(Body::ClaimStatus {
            claim,
            status: None,
            pinned: Some(true),
            reason: "the better source".into(),
        });
    }
}

/// The table of model cards for the first few models.
fn cards(models: usize) -> Board {
    let mut log = Log::default();
    for (name, questions, scores) in CARDS {
        log.add(Body::Benchmark(Box::new(Benchmark {
            questions,
            ..benchmark(name)
        })));
        for (id, scores) in MODELS.iter().zip(scores).take(models) {
            for (score, observed) in scores.iter().zip(["2024-12-26", "2025-01-20"]) {
                log.score(id, name, *score, observed, None);
            }
        }
    }
    log.0
}

#[test]
fn rank_intervals_of_gpqa_diamond() {
    let board = cards(5);
    let interval = |board: &Board, id: &str| {
        let name = BoardName::parse("gpqa-diamond", "board").unwrap();
        let standing = board.standing(&name, id, None).unwrap();
        standing.relative.unwrap().rank_interval.unwrap()
    };
    for (id, expected) in [
        (R1, (1, 3)),
        (SONNET, (1, 3)),
        (V3, (1, 5)),
        (GPT_4O, (3, 5)),
        (LLAMA, (3, 5)),
    ] {
        assert_eq!(interval(&board, id), expected, "{id} of five");
    }
    let board = cards(6);
    for (id, expected) in [
        (O1, (1, 3)),
        (R1, (1, 4)),
        (SONNET, (1, 4)),
        (V3, (2, 6)),
        (LLAMA, (4, 6)),
        (GPT_4O, (4, 6)),
    ] {
        assert_eq!(interval(&board, id), expected, "{id} of six");
    }
}

#[test]
fn mean_win_rates_over_eight_benchmarks() {
    let rates = |models: usize| -> Vec<(String, f64)> {
        let listing = cards(models).listing(&ListingQuery {
            board: BoardName::Overall,
            order: Order::Score,
            basis: None,
            detail: Detail::Full,
            rows: RowFilter::default(),
            min_score: None,
            min_coverage: None,
            offset: 0,
            limit: 10,
        });
        let rows = listing.unwrap().rows;
        rows.iter()
            .map(|row| (row.model.id.to_string(), row.score))
            .collect()
    };
    let expect = |found: Vec<(String, f64)>, expected: &[(&str, f64)]| {
        assert_eq!(found.len(), expected.len());
        for ((id, rate), (expected_id, expected_rate)) in found.iter().zip(expected) {
            assert_eq!(id, expected_id);
            assert!((rate - expected_rate).abs() < 5e-6, "{id} {rate}");
        }
    };
    expect(
        rates(5),
        &[
            (R1, 0.968_75),
            (V3, 0.625),
            (SONNET, 0.468_75),
            (LLAMA, 0.281_25),
            (GPT_4O, 0.156_25),
        ],
    );
    expect(
        rates(6),
        &[
            (R1, 0.9),
            (O1, 0.857_14),
            (V3, 0.5125),
            (SONNET, 0.418_75),
            (LLAMA, 0.231_25),
            (GPT_4O, 0.125),
        ],
    );
    let board = cards(6);
    let o1 = board.standing(&BoardName::Overall, O1, None).unwrap();
    assert_eq!(o1.coverage.map(|coverage| coverage.benchmarks), Some(7));
}

#[test]
fn comparisons_of_the_model_cards() {
    let board = cards(6);
    let wins = |a: &str, b: &str| {
        let comparison = board.compare(a, b, None, None).unwrap();
        (comparison.a_better, comparison.benchmarks.len())
    };
    assert_eq!(wins(V3, GPT_4O), (8, 8));
    assert_eq!(wins(V3, SONNET), (5, 8));
    assert_eq!(wins(R1, O1), (4, 7));
}
