//! What a board answers: standings, listings, comparisons, assessments.

mod row;

use std::ops::Deref;
use std::sync::Arc;

use crate::model::{
    BenchmarkId, Cost, CostBasis, CostKind, Curve, Date, ModelId, ProviderId, Revision, Text,
};

use super::trend::{Assessment, Verdict};

pub use row::{
    BasisCost, BasisDate, Costs, CountingResult, Coverage, DateRule, Economics, Interval,
    IntervalSource, Intrinsic, OtherResult, Relative, Standing,
};

/// A model: its id, and its facts with inherited ones filled in, which read as if they were its own fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// Its id.
    pub id: ModelId,
    /// The facts; shared by all models of which nothing is known.
    pub facts: Arc<ModelFacts>,
}

impl Deref for ModelInfo {
    type Target = ModelFacts;

    fn deref(&self) -> &ModelFacts {
        &self.facts
    }
}

/// Facts of a model with inherited ones filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelFacts {
    /// Human name, may be empty.
    pub title: Text,
    /// Who made it, may be empty.
    pub organization: Text,
    /// First public availability.
    pub release_date: Option<Date>,
    /// Whether the weights can be downloaded.
    pub open_weights: Option<bool>,
    /// Licence, may be empty.
    pub license: Text,
    /// Labels.
    pub tags: Vec<Text>,
    /// The provider whose prices count, where one is set.
    pub preferred_provider: Option<ProviderId>,
    /// Source, may be empty.
    pub source_url: Text,
    /// Names of the fields above that are inherited.
    pub inherited: Vec<&'static str>,
}

/// One side of a trend comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendPoint {
    /// The model; none for given numbers.
    pub model: Option<ModelId>,
    /// Score.
    pub score: Option<f64>,
    /// Normalised score.
    pub normalised: Option<f64>,
    /// USD.
    pub cost: Option<Cost>,
    /// Its date on the basis.
    pub date: Option<BasisDate>,
}

/// (a) Conformance with the declared curve, with inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredTrend {
    /// The verdict, or why there is none.
    pub verdict: Verdict,
    /// Basis of all costs.
    pub basis: CostBasis,
    /// The numbers, where there is a verdict.
    pub assessment: Option<Assessment>,
    /// Years between reference and subject (low, central, high), where there is a verdict.
    pub years: Option<(f64, f64, f64)>,
    /// Gap used.
    pub gap: f64,
    /// Curve used.
    pub curve: Curve,
    /// What is judged.
    pub subject: TrendPoint,
    /// What it is compared with.
    pub reference: Option<TrendPoint>,
    /// Eligible references and the comparison with their median; none where not computed.
    pub candidates: Option<Candidates>,
    /// For `NO_COSTED_REFERENCE`: who reached the score earlier, best first, bounded.
    pub uncosted: Vec<ModelId>,
}

/// The field of eligible references.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidates {
    /// How many were eligible.
    pub count: u32,
    /// q against the median trend-adjusted cost; none when count = 0.
    pub q_median: Option<f64>,
    /// Verdict against the median.
    pub verdict: Option<Verdict>,
}

/// Which standings a fit uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FitSelection {
    /// All with cost, date and normalised score.
    #[default]
    All,
    /// Those on the frontier on the day they appeared.
    FrontierAtRelease,
}

/// (b) The fitted curve and the subject's place on it.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedTrend {
    /// The verdict, or why there is none; none without a subject.
    pub verdict: Option<Verdict>,
    /// What is missing, in words; empty when sufficient.
    pub missing: String,
    /// Which standings.
    pub selection: FitSelection,
    /// Points in the fit.
    pub points: u32,
    /// Distinct models.
    pub models: u32,
    /// Points whose normalised score was clipped.
    pub clipped: u32,
    /// Days between first and last point.
    pub span_days: i32,
    /// Basis of all costs.
    pub basis: CostBasis,
    /// The curve, when sufficient.
    pub fit: Option<super::trend::Fit>,
    /// The subject against the curve.
    pub subject: Option<FittedSubject>,
    /// Dates and scores that the points span; none without points.
    pub extent: Option<super::trend::Extent>,
}

/// A subject against a fitted curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FittedSubject {
    /// Expected cost, USD.
    pub expected: f64,
    /// Lower end of the 90 % prediction interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Expected / observed.
    pub q: f64,
    /// Outside the dates or scores of the fit.
    pub extrapolated: bool,
}

/// (c) Record-low prices for a score.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceToReach {
    /// Scores at least this good count.
    pub threshold: f64,
    /// What is missing, in words; empty when sufficient.
    pub missing: String,
    /// Basis of all costs.
    pub basis: CostBasis,
    /// The record lows, by date.
    pub record_lows: Vec<TrendPoint>,
    /// The regression, when sufficient.
    pub decline: Option<super::trend::PriceToReach>,
    /// Days between first and last record low.
    pub span_days: i32,
}

/// What a submission did.
#[derive(Clone, Debug, PartialEq)]
pub struct SubmitOutcome {
    /// The model's standing now.
    pub standing: Option<Standing>,
    /// The model's standing before.
    pub previous: Option<Standing>,
    /// Who was overtaken, best first, bounded.
    pub displaced: Vec<ModelId>,
    /// How many were.
    pub displaced_count: u32,
    /// Who entered the frontier.
    pub frontier_entered: Vec<ModelId>,
    /// Who left it.
    pub frontier_left: Vec<ModelId>,
    /// (b).
    pub fitted: Option<FittedTrend>,
    /// (c).
    pub price_to_reach: Option<PriceToReach>,
    /// The result counts for the model.
    pub counting: bool,
}

/// A notice on something accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// `UPPER_SNAKE`.
    pub reason: &'static str,
    /// What was noticed, and what to do.
    pub message: String,
}

/// One page of a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The revision it is true at.
    pub revision: Revision,
    /// Basis used.
    pub basis: CostBasis,
    /// Rows of the page.
    pub rows: Vec<Standing>,
    /// Position of the row after the page; none on the last page.
    pub next: Option<usize>,
    /// Rows of the whole listing.
    pub row_count: u32,
    /// Standings the order omits.
    pub unranked_count: u32,
    /// Standings of the whole board.
    pub standing_count: u32,
    /// Unit of scores.
    pub unit: Text,
    /// Direction.
    pub higher_is_better: bool,
}

/// Two models on one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct BenchmarkComparison {
    /// The benchmark.
    pub benchmark: BenchmarkId,
    /// Score of A.
    pub score_a: f64,
    /// Score of B.
    pub score_b: f64,
    /// The better one; none = tied.
    pub better: Option<ModelId>,
    /// `score_a` - `score_b`.
    pub difference: f64,
    /// 1.96 `sqrt(se_a^2` + `se_b^2`); none without both uncertainties.
    pub margin: Option<f64>,
    /// |difference| > margin.
    pub separated: Option<bool>,
    /// Basis of costs.
    pub basis: CostBasis,
    /// Cost of A, USD.
    pub cost_a: Option<f64>,
    /// Cost of B, USD.
    pub cost_b: Option<f64>,
    /// Direction.
    pub higher_is_better: bool,
    /// Unit of scores.
    pub unit: Text,
}

/// Two models on all benchmarks they share.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// A.
    pub a: ModelId,
    /// B.
    pub b: ModelId,
    /// One row per shared benchmark, by id.
    pub benchmarks: Vec<BenchmarkComparison>,
    /// Benchmarks on which A is better.
    pub a_better: u32,
    /// Benchmarks on which B is better.
    pub b_better: u32,
    /// Benchmarks on which they tie.
    pub tied: u32,
}

/// What is known of a cost kind, in words for messages.
pub fn kind_word(kind: CostKind) -> &'static str {
    match kind {
        CostKind::Measured => "measured",
        CostKind::Reported => "reported",
        CostKind::Estimated => "estimated",
        CostKind::Derived => "derived",
    }
}
