//! Boards and submissions to measure with: made up, and the same on every run.

#![allow(dead_code, reason = "each bench uses a part of it")]

use std::collections::BTreeMap;

use frontierd::board::{Board, Want};
use frontierd::model::{
    Benchmark, BenchmarkId, Body, Change, Cost, CostKind, Date, Draft, Entry, ModelId,
    Relationship, ResultDraft, ResultFacts, Revision, Timestamp, Uncertainty,
};

/// The day on which everything is received.
pub(crate) const TODAY: Date = Date::from_days(20_600);
/// Results are observed within so many days up to `TODAY`.
const OBSERVED_DAYS: u64 = 1_500;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Numbers without a pattern that matters: xorshift, 64 bits.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new() -> Self {
        Self(88_172_645_463_325_252)
    }

    /// A number from 0 to below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// How scores and costs relate.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Not at all: few rows are on the frontier.
    Spread,
    /// Whoever is better costs more: every row is on the frontier.
    Frontier,
    /// Twenty scores and three costs for everybody.
    Ties,
}

impl Shape {
    /// A score in percent and a cost in USD.
    fn draw(self, draw: &mut Draw) -> (f64, f64) {
        match self {
            Self::Spread => {
                let score = draw.below(100_000) as f64 / 1_000.0;
                (score, (1 + draw.below(1_000_000)) as f64 / 100.0)
            }
            Self::Frontier => {
                let place = (1 + draw.below(100_000_000)) as f64;
                (place / 1e6, place / 1e4)
            }
            Self::Ties => {
                let score = draw.below(20) as f64 * 5.0;
                (score, [1.0, 10.0, 100.0][draw.below(3) as usize])
            }
        }
    }
}

/// The id of a made-up benchmark.
pub(crate) fn benchmark_id(number: u64) -> BenchmarkId {
    BenchmarkId::parse(&format!("made-up-{number}"), "benchmark").expect("a benchmark id")
}

/// The id of a made-up model.
pub(crate) fn model_id(number: u64) -> ModelId {
    ModelId::parse(&format!("lab-{}/model-{number}", number % 50), "model").expect("a model id")
}

/// Makes entries and drafts, one after the other.
pub(crate) struct Source {
    shape: Shape,
    draw: Draw,
    /// Revision of the newest entry made.
    revision: Revision,
}

impl Source {
    pub(crate) fn new(shape: Shape) -> Self {
        Self {
            shape,
            draw: Draw::new(),
            revision: 0,
        }
    }

    fn entry(&mut self, body: Body) -> Entry {
        self.revision += 1;
        Entry {
            revision: self.revision,
            received: Timestamp::from_micros(i64::from(TODAY.days()) * MICROS_PER_DAY),
            author: "unknown".into(),
            request: None,
            body,
        }
    }

    /// The entry that defines a benchmark.
    pub(crate) fn definition(&mut self, benchmark: u64) -> Entry {
        let benchmark = Benchmark::new(benchmark_id(benchmark));
        self.entry(Body::Benchmark(Box::new(benchmark)))
    }

    /// The entry of a model's next result on a benchmark.
    pub(crate) fn result(&mut self, benchmark: u64, model: u64) -> Entry {
        let facts = self.facts(benchmark, model);
        self.entry(Body::Result(Box::new(facts)))
    }

    /// Results of some of the first models on some of the first benchmarks, any of them.
    pub(crate) fn resubmissions(
        &mut self,
        benchmarks: u64,
        models: u64,
        count: usize,
    ) -> Vec<Entry> {
        let any = |source: &mut Self| {
            let (benchmark, model) = source.any(benchmarks, models);
            source.result(benchmark, model)
        };
        (0..count).map(|_| any(self)).collect()
    }

    fn facts(&mut self, benchmark: u64, model: u64) -> ResultFacts {
        let (score, cost) = self.shape.draw(&mut self.draw);
        let age = self.draw.below(OBSERVED_DAYS) as i32;
        ResultFacts {
            benchmark: benchmark_id(benchmark),
            model: model_id(model),
            score,
            uncertainty: Uncertainty {
                sample_count: Some(198),
                ..Uncertainty::default()
            },
            run_cost: Some(Cost::exact(cost, CostKind::Measured)),
            tokens: None,
            task_count: Some(198),
            repeats: None,
            observed: TODAY.plus_days(-age),
            evaluator: "evaluator".into(),
            relationship: Relationship::ThirdParty,
            harness: "harness".into(),
            harness_version: "1.4.2".into(),
            source_url: "".into(),
            labels: BTreeMap::new(),
        }
    }

    /// A model's next result as a submitter asks for it.
    pub(crate) fn draft(&mut self, benchmark: u64, model: u64) -> Draft {
        let facts = self.facts(benchmark, model);
        let result = ResultDraft {
            benchmark: facts.benchmark.text().clone(),
            model: facts.model.text().clone(),
            score: facts.score,
            unit: None,
            uncertainty: facts.uncertainty,
            run_cost: facts.run_cost,
            tokens: facts.tokens,
            task_count: facts.task_count,
            repeats: facts.repeats,
            observed: facts.observed,
            evaluator: facts.evaluator,
            relationship: facts.relationship,
            harness: facts.harness,
            harness_version: facts.harness_version,
            source_url: facts.source_url,
            labels: facts.labels,
            require_known_model: false,
        };
        Draft {
            author: "unknown".into(),
            request: None,
            change: Change::SubmitResult(Box::new(result)),
        }
    }

    /// Drafts of some of the first models on some of the first benchmarks, any of them.
    pub(crate) fn drafts(&mut self, benchmarks: u64, models: u64, count: usize) -> Vec<Draft> {
        let any = |source: &mut Self| {
            let (benchmark, model) = source.any(benchmarks, models);
            source.draft(benchmark, model)
        };
        (0..count).map(|_| any(self)).collect()
    }

    fn any(&mut self, benchmarks: u64, models: u64) -> (u64, u64) {
        let benchmark = self.draw.below(benchmarks);
        (benchmark, self.draw.below(models))
    }
}

/// The entries of a log after which as many models stand on one benchmark, one result each.
pub(crate) fn log_of(source: &mut Source, standings: u64) -> Vec<Entry> {
    let mut entries = vec![source.definition(0)];
    entries.extend((0..standings).map(|model| source.result(0, model)));
    entries
}

/// Boards with so many standings each, and the source of what comes next.
pub(crate) fn boards_of(shape: Shape, benchmarks: u64, standings: u64) -> (Board, Source) {
    let mut source = Source::new(shape);
    let mut board = Board::new();
    for benchmark in 0..benchmarks {
        board.apply(&source.definition(benchmark), Want::State);
    }
    for model in 0..standings {
        for benchmark in 0..benchmarks {
            board.apply(&source.result(benchmark, model), Want::State);
        }
    }
    (board, source)
}

/// One board with so many standings, and the source of what comes next.
pub(crate) fn board_of(shape: Shape, standings: u64) -> (Board, Source) {
    boards_of(shape, 1, standings)
}
