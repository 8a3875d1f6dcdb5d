//! What the clients ask for: mostly sound, sometimes not.

use frontierd::api::convert;
use frontierd::intake::Context;
use frontierd::model::{Date, Draft, Refusal};
use frontierd::proto::v1;

use crate::random::Random;

pub(crate) const BENCHMARKS: [&str; 2] = ["alpha", "beta"];
const MODELS: [&str; 5] = ["a/x", "a/y", "b/z", "b/z@high", "c/w"];
pub(crate) const LABEL: &str = "submission";
pub(crate) const FIRST_DAY: Date = Date::from_days(20_200);

/// One thing that a client wants, however often it has to ask.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) number: usize,
    pub(crate) client: usize,
    /// Empty = none, so it is never asked for again.
    pub(crate) request_id: String,
    kind: Kind,
    model: &'static str,
    benchmark: &'static str,
    amount: u8,
    /// The revision that it is about.
    of: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Result,
    OutOfRange,
    UnknownBenchmark,
    Status,
    Price,
    Model,
    Training,
    Benchmark,
}

const KINDS: [Kind; 14] = [
    Kind::Result,
    Kind::Result,
    Kind::Result,
    Kind::Result,
    Kind::Result,
    Kind::Result,
    Kind::Result,
    Kind::OutOfRange,
    Kind::UnknownBenchmark,
    Kind::Status,
    Kind::Status,
    Kind::Price,
    Kind::Model,
    Kind::Training,
];

impl Wish {
    /// The definition of a benchmark, with which a store begins.
    pub(crate) fn benchmark(number: usize, benchmark: &'static str) -> Self {
        Self {
            number,
            client: 0,
            request_id: format!("define-{benchmark}"),
            kind: Kind::Benchmark,
            model: MODELS[0],
            benchmark,
            amount: 0,
            of: 0,
        }
    }

    pub(crate) fn draw(number: usize, client: usize, head: u64, random: &mut Random) -> Self {
        let anonymous = random.percent(10);
        Self {
            number,
            client,
            request_id: if anonymous {
                String::new()
            } else {
                format!("wish-{number}")
            },
            kind: random.pick(&KINDS),
            model: random.pick(&MODELS),
            benchmark: random.pick(&BENCHMARKS),
            amount: random.below(10) as u8,
            of: 1 + random.below(head as usize + 1) as i64,
        }
    }

    /// Another wish under the same request id: a mistake of the client.
    pub(crate) fn reusing(&self, number: usize) -> Self {
        Self {
            number,
            kind: Kind::Result,
            amount: self.amount + 1,
            ..self.clone()
        }
    }

    pub(crate) fn is_result(&self) -> bool {
        self.kind == Kind::Result
    }

    pub(crate) fn author(&self) -> String {
        format!("client-{}", self.client)
    }

    /// The draft, well formed or refused before anybody looks at the state.
    pub(crate) fn draft(&self) -> Result<Draft, Refusal> {
        let context = Context::new(FIRST_DAY, &*self.author());
        let request_id = self.request_id.clone();
        let amount = f64::from(self.amount);
        match self.kind {
            Kind::Result | Kind::OutOfRange | Kind::UnknownBenchmark => {
                let message = v1::SubmitResultRequest {
                    result: Some(self.result()),
                    request_id,
                    ..Default::default()
                };
                Ok(convert::submit_result(message, &context)?.draft)
            }
            Kind::Status => {
                let message = v1::SetResultStatusRequest {
                    revision: self.of,
                    status: 1 + i32::from(self.amount % 3),
                    reason: "checked".to_owned(),
                    request_id,
                };
                convert::set_result_status(message, &context)
            }
            Kind::Price => {
                let price = v1::Price {
                    model: self.model.to_owned(),
                    effective_date: format!("2025-01-{:02}", 1 + self.amount),
                    input_usd_per_mtok: Some(1.0 + amount),
                    output_usd_per_mtok: Some(4.0 + amount),
                    ..Default::default()
                };
                let message = v1::PutPriceRequest {
                    price: Some(price),
                    request_id,
                    ..Default::default()
                };
                convert::put_price(message, &context)
            }
            Kind::Model => {
                let model = v1::Model {
                    id: self.model.to_owned(),
                    organization: Some(format!("organization {}", self.amount % 2)),
                    open_weights: Some(self.amount % 4 < 2),
                    ..Default::default()
                };
                let message = v1::PutModelRequest {
                    model: Some(model),
                    request_id,
                    ..Default::default()
                };
                convert::put_model(message, &context)
            }
            Kind::Training => self.training(request_id, &context),
            Kind::Benchmark => self.definition(request_id, &context),
        }
    }

    fn result(&self) -> v1::Result {
        let (benchmark, score) = match self.kind {
            Kind::UnknownBenchmark => ("gamma", 1.0),
            Kind::OutOfRange => (self.benchmark, 1_000.0),
            _ => (self.benchmark, f64::from(self.amount) * 9.0),
        };
        v1::Result {
            benchmark: benchmark.to_owned(),
            model: self.model.to_owned(),
            score: Some(score),
            run_cost: (!self.amount.is_multiple_of(3)).then(|| usd(1.0 + f64::from(self.amount))),
            task_count: Some(2),
            observed_date: "2025-01-01".to_owned(),
            labels: [(LABEL.to_owned(), self.number.to_string())].into(),
            ..Default::default()
        }
    }

    fn training(&self, request_id: String, context: &Context) -> Result<Draft, Refusal> {
        let cost = v1::TrainingCost {
            cost: Some(usd(1e6 * (1.0 + f64::from(self.amount)))),
            ..Default::default()
        };
        let claim = v1::Claim {
            model: self.model.to_owned(),
            statement: Some(v1::claim::Statement::TrainingCost(cost)),
            claimant: "somebody".to_owned(),
            date: "2025-01-01".to_owned(),
            ..Default::default()
        };
        let message = v1::PutClaimRequest {
            claim: Some(claim),
            request_id,
        };
        convert::put_claim(message, context)
    }

    fn definition(&self, request_id: String, context: &Context) -> Result<Draft, Refusal> {
        let definition = v1::Benchmark {
            id: self.benchmark.to_owned(),
            higher_is_better: Some(true),
            minimum: Some(0.0),
            maximum: Some(100.0),
            chance: Some(0.0),
            perfect: Some(100.0),
            ..Default::default()
        };
        let message = v1::PutBenchmarkRequest {
            benchmark: Some(definition),
            request_id,
            ..Default::default()
        };
        convert::put_benchmark(message, context)
    }
}

fn usd(amount: f64) -> v1::CostRange {
    v1::CostRange {
        central_usd: Some(amount),
        ..Default::default()
    }
}
