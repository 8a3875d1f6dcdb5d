//! What results are about: benchmarks, models, prices, claims.

use serde::{Deserialize, Serialize};

use super::cost::Cost;
use super::date::Date;
use super::id::{BenchmarkId, ModelId, ProviderId, Text};

/// Which result counts among a model's active results on a benchmark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CountingRule {
    /// The newest observed date, then the newest revision.
    #[default]
    Latest,
    /// The best score; among equals the newest revision.
    Best,
}

/// Who ran an evaluation, relative to the maker of the model.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Relationship {
    /// The maker of the model.
    FirstParty,
    /// Somebody independent.
    ThirdParty,
    /// The maker together with somebody else.
    Collaborative,
    /// Anything else, or unknown.
    #[default]
    Other,
}

/// Whether a result or claim counts.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Status {
    /// Counts.
    #[default]
    Active,
    /// A result: still ranked, marked. A claim: counts only when pinned.
    Disputed,
    /// Does not count, still listed.
    Retracted,
}

/// The declared cost-decline curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The cost of a fixed capability falls by this factor r a year; greater than 1.
    pub annual_factor: f64,
    /// Slower end of r.
    pub annual_factor_low: Option<f64>,
    /// Faster end of r.
    pub annual_factor_high: Option<f64>,
    /// Tolerance k, at least 1.
    pub tolerance: f64,
}

impl Default for Curve {
    /// r = 4, k = 1.25.
    fn default() -> Self {
        Self {
            annual_factor: 4.0,
            annual_factor_low: None,
            annual_factor_high: None,
            tolerance: 1.25,
        }
    }
}

/// A named test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// Its id.
    pub id: BenchmarkId,
    /// Human name, may be empty.
    pub title: Text,
    /// What it measures, may be empty.
    pub description: Text,
    /// `PERCENT`, `FRACTION`, `USD`, `SECONDS` or free text.
    pub unit: Text,
    /// False where less is better.
    pub higher_is_better: bool,
    /// Least valid score.
    pub minimum: Option<f64>,
    /// Greatest valid score.
    pub maximum: Option<f64>,
    /// Score of guessing.
    pub chance: Option<f64>,
    /// Flawless score.
    pub perfect: Option<f64>,
    /// Number of questions.
    pub questions: Option<u64>,
    /// Which result counts.
    pub counting_rule: CountingRule,
    /// Most preferred first; those not named come after all named.
    pub preferred_relationships: Vec<Relationship>,
    /// Labels, sorted, unique.
    pub tags: Vec<Text>,
    /// The declared curve.
    pub curve: Curve,
    /// Weight of the input price in `TOKEN_PRICE`.
    pub blend_input_weight: f64,
    /// Weight of the output price in `TOKEN_PRICE`.
    pub blend_output_weight: f64,
    /// The version this one replaces.
    pub supersedes: Option<BenchmarkId>,
    /// Not part of `overall`.
    pub exclude_from_overall: bool,
    /// Where it is defined, may be empty.
    pub source_url: Text,
}

/// Unit of scores from 0 to 100.
pub const PERCENT: &str = "PERCENT";
/// Unit of scores from 0 to 1.
pub const FRACTION: &str = "FRACTION";

impl Benchmark {
    /// A benchmark in percent, higher is better, with all defaults.
    pub fn new(id: BenchmarkId) -> Self {
        Self {
            id,
            title: "".into(),
            description: "".into(),
            unit: PERCENT.into(),
            higher_is_better: true,
            minimum: Some(0.0),
            maximum: Some(100.0),
            chance: Some(0.0),
            perfect: Some(100.0),
            questions: None,
            counting_rule: CountingRule::Latest,
            preferred_relationships: Vec::new(),
            tags: Vec::new(),
            curve: Curve::default(),
            blend_input_weight: 3.0,
            blend_output_weight: 1.0,
            supersedes: None,
            exclude_from_overall: false,
            source_url: "".into(),
        }
    }

    /// The scale of a proportion: 100 for PERCENT, 1 for FRACTION, none for other units.
    pub fn proportion_scale(&self) -> Option<f64> {
        proportion_scale(&self.unit)
    }

    /// clip((score - chance) / (perfect - chance), 0, 1); none where chance or perfect is not defined.
    pub fn normalised(&self, score: f64) -> Option<f64> {
        let (chance, perfect) = (self.chance?, self.perfect?);
        Some(((score - chance) / (perfect - chance)).clamp(0.0, 1.0))
    }

    /// The score mirrored where less is better, so that greater is always better; never -0, which equals 0 but sorts
    /// before it.
    pub fn goodness(&self, score: f64) -> f64 {
        let sign = if self.higher_is_better { 1.0 } else { -1.0 };
        sign * score + 0.0
    }
}

/// The scale of a proportion in `unit`: 100 for PERCENT, 1 for FRACTION, none for other units.
pub fn proportion_scale(unit: &str) -> Option<f64> {
    match unit {
        PERCENT => Some(100.0),
        FRACTION => Some(1.0),
        _ => None,
    }
}

/// What is ranked. A variant inherits what is `None` (or empty, for tags) from the model without `@variant`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Its id.
    pub id: ModelId,
    /// Human name.
    pub title: Option<Text>,
    /// Who made it.
    pub organization: Option<Text>,
    /// First public availability.
    pub release_date: Option<Date>,
    /// Whether the weights can be downloaded.
    pub open_weights: Option<bool>,
    /// Licence of the weights.
    pub license: Option<Text>,
    /// Labels, sorted, unique.
    pub tags: Vec<Text>,
    /// The provider whose prices count.
    pub preferred_provider: Option<ProviderId>,
    /// Other names, sorted, unique.
    pub aliases: Vec<Text>,
    /// Where these facts come from.
    pub source_url: Option<Text>,
}

impl Model {
    /// A model of which only the id is known.
    pub fn new(id: ModelId) -> Self {
        Self {
            id,
            title: None,
            organization: None,
            release_date: None,
            open_weights: None,
            license: None,
            tags: Vec::new(),
            preferred_provider: None,
            aliases: Vec::new(),
            source_url: None,
        }
    }
}

/// The list price of a model at a provider from a date on, USD per million tokens; figures are at least zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// Whose price.
    pub model: ModelId,
    /// Who sells it.
    pub provider: ProviderId,
    /// First day in force.
    pub effective: Date,
    /// Uncached input.
    pub input: Option<f64>,
    /// Input read from a cache.
    pub cache_read: Option<f64>,
    /// Input written to a cache.
    pub cache_write: Option<f64>,
    /// Output, reasoning included.
    pub output: Option<f64>,
    /// Where it is stated, may be empty.
    pub source_url: Text,
    /// Stops the price of that provider and date from counting.
    pub withdrawn: bool,
}

/// What a training cost includes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrainingScope {
    /// Not said.
    #[default]
    Unknown,
    /// The final run only.
    FinalRun,
    /// Research, failed runs and all.
    WholeProgram,
}

/// What training cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingCost {
    /// USD; multiplied out where hours were given.
    pub cost: Cost,
    /// Accelerator, may be empty.
    pub accelerator: Text,
    /// Number of accelerators, informative.
    pub accelerator_count: Option<u64>,
    /// Accelerator hours in all.
    pub accelerator_hours: Option<f64>,
    /// USD per accelerator hour.
    pub usd_per_hour: Option<f64>,
    /// What is included.
    pub scope: TrainingScope,
}

/// When the training run took place; earliest <= central <= latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainingDate {
    /// Earliest.
    pub earliest: Date,
    /// The day to compute with.
    pub central: Date,
    /// Latest.
    pub latest: Date,
}

/// What a claim says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Statement {
    /// What training cost.
    TrainingCost(TrainingCost),
    /// When it was trained.
    TrainingDate(TrainingDate),
    /// The model it is said to be derived from.
    DerivedFrom(ModelId),
}

impl Statement {
    /// True when both are about the same thing, so that only one of them counts.
    pub fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// A dated, sourced statement about a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Whom it is about.
    pub model: ModelId,
    /// What it says.
    pub statement: Statement,
    /// Who says so, may be empty.
    pub claimant: Text,
    /// When it was said.
    pub date: Date,
    /// Where, may be empty.
    pub source_url: Text,
    /// Context, may be empty.
    pub note: Text,
    /// Status from the start.
    pub status: Status,
}
