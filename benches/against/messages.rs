//! What the load consists of.

use std::ops::Range;

use bytes::{BufMut, Bytes, BytesMut};
use frontierd::proto::v1;
use prost::Message;

use crate::grpc::HEAD_BYTES;

/// The board that everything is submitted to.
pub const BENCHMARK: &str = "gpqa-diamond";
/// Questions of that benchmark.
const QUESTIONS: i64 = 198;

/// Definition of the board.
pub fn benchmark() -> v1::Benchmark {
    v1::Benchmark {
        id: BENCHMARK.to_owned(),
        title: Some("GPQA-Diamond".to_owned()),
        questions: Some(QUESTIONS),
        ..v1::Benchmark::default()
    }
}

/// Id of the model with this number.
fn model(number: u64) -> String {
    format!("lab-{:02}/model-{number}", number % 32)
}

/// A number that looks random and is the same in every run (the finalizer of splitmix64).
fn scatter(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// What submissions and questions are about.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Mix {
    /// Models on the board
    #[arg(long, default_value_t = 1_000)]
    pub models: u64,
    /// Different requests, sent in a cycle
    #[arg(long, default_value_t = 4_096)]
    pub requests: u64,
    /// One observed date for all results: nothing is earlier, so there is no trend to judge by
    #[arg(long)]
    pub one_date: bool,
}

/// A result of a model as a nightly job submits it, another one for each seed.
///
/// A model keeps its observed date, so the newest result counts. Models differ in it over two years, so there are
/// earlier offers to judge a trend by, unless one date is asked for.
fn result(number: u64, seed: u64, one_date: bool) -> v1::Result {
    let drawn = scatter(seed);
    let day = if one_date {
        0
    } else {
        scatter(number) % (24 * 28)
    };
    v1::Result {
        benchmark: BENCHMARK.to_owned(),
        model: model(number),
        score: Some((drawn % 1_000) as f64 / 10.0),
        sample_count: Some(QUESTIONS),
        run_cost: Some(v1::CostRange {
            central_usd: Some(1.0 + (drawn >> 32) as f64 / 1e8),
            kind: v1::CostKind::Measured.into(),
            ..v1::CostRange::default()
        }),
        observed_date: format!(
            "{}-{:02}-{:02}",
            2024 + day / (12 * 28),
            day / 28 % 12 + 1,
            day % 28 + 1
        ),
        evaluator: "nightly".to_owned(),
        harness: "inspect".to_owned(),
        ..v1::Result::default()
    }
}

/// Requests that were framed and encoded before the measurement, one after the other in one buffer, to be sent in a
/// cycle.
pub struct Cycle {
    bytes: Bytes,
    /// Where each request begins, and the end of the last one.
    starts: Vec<usize>,
}

impl Cycle {
    fn of<M: Message>(requests: impl Iterator<Item = M>) -> Self {
        let mut bytes = BytesMut::new();
        let mut starts = vec![0];
        for request in requests {
            let length = request.encoded_len();
            bytes.reserve(HEAD_BYTES + length);
            bytes.put_u8(0);
            bytes.put_u32(length as u32);
            bytes.put(request.encode_to_vec().as_slice());
            starts.push(bytes.len());
        }
        Self {
            bytes: bytes.freeze(),
            starts,
        }
    }

    /// Submissions for random models of the board.
    pub fn submissions(mix: Mix) -> Self {
        Self::of((0..mix.requests).map(|at| v1::SubmitResultRequest {
            result: Some(result(scatter(at) % mix.models, at, mix.one_date)),
            ..v1::SubmitResultRequest::default()
        }))
    }

    /// Items of a stream for random models of the board.
    pub fn items(mix: Mix, detail: v1::AnswerDetail) -> Self {
        Self::of((0..mix.requests).map(|at| {
            let number = scatter(at) % mix.models;
            item(result(number, at, mix.one_date), detail)
        }))
    }

    /// One item of a stream for each model of a range.
    pub fn one_each(models: Range<u64>, one_date: bool) -> Self {
        let brief = v1::AnswerDetail::Brief;
        Self::of(models.map(|number| item(result(number, number, one_date), brief)))
    }

    /// Questions for the standings of random models of the board.
    pub fn standings(mix: Mix) -> Self {
        Self::of((0..mix.requests).map(|at| v1::GetStandingRequest {
            board: BENCHMARK.to_owned(),
            model: model(scatter(at) % mix.models),
            ..v1::GetStandingRequest::default()
        }))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The request with this number, going round.
    pub fn get(&self, number: usize) -> Bytes {
        let at = number % self.len();
        self.bytes.slice(self.starts[at]..self.starts[at + 1])
    }

    /// Up to `count` requests from this number on, as one piece; answers how many it holds.
    pub fn run(&self, number: usize, count: usize) -> (Bytes, usize) {
        let at = number % self.len();
        let end = (at + count).min(self.len());
        (
            self.bytes.slice(self.starts[at]..self.starts[end]),
            end - at,
        )
    }
}

fn item(result: v1::Result, detail: v1::AnswerDetail) -> v1::SubmitResultsRequest {
    v1::SubmitResultsRequest {
        result: Some(result),
        answer_detail: detail.into(),
        ..v1::SubmitResultsRequest::default()
    }
}
