//! Results.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalog::Relationship;
use super::cost::{Cost, Tokens};
use super::date::Date;
use super::id::{BenchmarkId, ModelId, Text};

/// An interval as given; low <= high, 0 < level < 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenInterval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Confidence level.
    pub level: f64,
}

/// What the submitter said about uncertainty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Uncertainty {
    /// An interval.
    pub interval: Option<GivenInterval>,
    /// A standard error greater than zero.
    pub standard_error: Option<f64>,
    /// Questions answered, at least 1.
    pub sample_count: Option<u64>,
}

/// One measured outcome of one model on one benchmark; score and uncertainty in the benchmark's unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultFacts {
    /// Which benchmark.
    pub benchmark: BenchmarkId,
    /// Which model.
    pub model: ModelId,
    /// The score.
    pub score: f64,
    /// Its uncertainty.
    pub uncertainty: Uncertainty,
    /// USD of the whole run.
    pub run_cost: Option<Cost>,
    /// Tokens of the whole run.
    pub tokens: Option<Tokens>,
    /// Tasks in the run, at least 1.
    pub task_count: Option<u64>,
    /// Attempts per task, at least 1.
    pub repeats: Option<u32>,
    /// When it was measured.
    pub observed: Date,
    /// Who ran it.
    pub evaluator: Text,
    /// The evaluator's relationship to the maker.
    pub relationship: Relationship,
    /// Harness, may be empty.
    pub harness: Text,
    /// Version of the harness, may be empty.
    pub harness_version: Text,
    /// Where it is stated, may be empty.
    pub source_url: Text,
    /// Free labels.
    pub labels: BTreeMap<Text, Text>,
}
