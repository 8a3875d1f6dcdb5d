//! The row of a model on a board.

use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{
    Cost, CostBasis, Date, ModelId, ProviderId, Relationship, Revision, Status, Text,
};

use super::{DeclaredTrend, ModelInfo};

/// Where an uncertainty interval comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntervalSource {
    /// Given with the result.
    Reported,
    /// From the given standard error.
    StandardError,
    /// Wilson interval over the sample count.
    Derived,
}

/// A 95 % interval in the benchmark's unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Where it comes from.
    pub source: IntervalSource,
}

/// Which rule gave a date on a basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateRule {
    /// A training claim.
    TrainingDate,
    /// The model's release.
    ReleaseDate,
    /// The day the price took effect.
    PriceEffective,
    /// The day of the measurement.
    ObservedDate,
    /// Given in the request.
    Given,
}

/// The date on a basis that trend conformance uses, with the range that was claimed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BasisDate {
    /// The date to compute with.
    pub date: Date,
    /// The rule that gave it.
    pub rule: DateRule,
    /// Earliest and latest possible date, where a range was claimed.
    pub range: Option<(Date, Date)>,
}

/// A standing's cost on one basis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BasisCost {
    /// What it measures.
    pub basis: CostBasis,
    /// USD.
    pub cost: Cost,
    /// The date on this basis.
    pub date: Option<BasisDate>,
    /// The provider, for costs that rest on a list price.
    pub provider: Option<ProviderId>,
    /// Cached tokens were priced as input.
    pub cache_price_missing: bool,
    /// A token price of a reasoning model.
    pub not_a_cost_proxy: bool,
}

/// Another active result of the same model that differs in evaluator, harness or source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherResult {
    /// Its revision.
    pub revision: Revision,
    /// Its score.
    pub score: f64,
    /// Who ran it.
    pub evaluator: Text,
    /// Harness, may be empty.
    pub harness: Text,
    /// When it was measured.
    pub observed: Date,
    /// ACTIVE or DISPUTED.
    pub status: Status,
}

/// Costs by basis, at most one on each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Costs([Option<BasisCost>; 3]);

impl Costs {
    /// The cost on a basis.
    pub fn on(&self, basis: CostBasis) -> Option<&BasisCost> {
        self.0[basis.index()].as_ref()
    }

    /// All there are, in order of [`CostBasis::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = &BasisCost> {
        self.0.iter().flatten()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl FromIterator<BasisCost> for Costs {
    fn from_iter<I: IntoIterator<Item = BasisCost>>(costs: I) -> Self {
        let mut by_basis = Self::default();
        for cost in costs {
            let index = cost.basis.index();
            by_basis.0[index] = Some(cost);
        }
        by_basis
    }
}

/// The row of one model on one board, as far as no other row can change it.
#[derive(Clone, Debug, PartialEq)]
pub struct Intrinsic {
    /// The model.
    pub model: Arc<ModelInfo>,
    /// Score in the benchmark's unit; on computed boards the mean win rate.
    pub score: f64,
    /// Normalised score, 0 to 1.
    pub normalised: Option<f64>,
    /// 95 % interval.
    pub interval: Option<Interval>,
    /// Costs on each basis that has one.
    pub costs: Costs,
    /// The counting result; none on computed boards.
    pub counting: Option<CountingResult>,
    /// On computed boards: over how many benchmarks.
    pub coverage: Option<Coverage>,
}

/// The row of one model on one board at one revision.
///
/// Its own part is shared: what a submitter is answered is what watchers are told. It reads as if its fields were here.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// What no other row can change.
    pub own: Arc<Intrinsic>,
    /// What depends on other rows; none with detail INTRINSIC.
    pub relative: Option<Box<Relative>>,
}

impl Deref for Standing {
    type Target = Intrinsic;

    fn deref(&self) -> &Intrinsic {
        &self.own
    }
}

/// The result that counts, and the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountingResult {
    /// Its revision.
    pub revision: Revision,
    /// When it was measured.
    pub observed: Date,
    /// Who ran it.
    pub evaluator: Text,
    /// The evaluator's relationship to the maker.
    pub relationship: Relationship,
    /// Harness, may be empty.
    pub harness: Text,
    /// ACTIVE or DISPUTED.
    pub status: Status,
    /// Active results that were eligible.
    pub attempts: u32,
    /// Counting rule BEST with more than one attempt.
    pub biased_upward: bool,
    /// Newest first, bounded.
    pub others: Vec<OtherResult>,
    /// How many there are.
    pub others_count: u32,
    /// Least and greatest score among counting and others; none without others.
    pub spread: Option<(f64, f64)>,
}

/// Over how many benchmarks a win rate is the mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// Benchmarks the model stands on.
    pub benchmarks: u32,
    /// As a share of the board's.
    pub share: f64,
}

/// Fields of a standing that other rows can change.
#[derive(Clone, Debug, PartialEq)]
pub struct Relative {
    /// 1 + number strictly better.
    pub rank: u32,
    /// Best and worst rank the intervals allow.
    pub rank_interval: Option<(u32, u32)>,
    /// Basis of what follows.
    pub basis: CostBasis,
    /// None without a cost on the basis.
    pub economics: Option<Economics>,
    /// None on computed boards.
    pub trend: Option<DeclaredTrend>,
}

/// Cost against score, on one basis.
#[derive(Clone, Debug, PartialEq)]
pub struct Economics {
    /// Points per dollar; none without a normalised score.
    pub value: Option<f64>,
    /// 1 + number with strictly more value.
    pub value_rank: Option<u32>,
    /// On the Pareto frontier.
    pub on_frontier: bool,
    /// Frontier standings that dominate it, cheapest first, bounded.
    pub dominated_by: Vec<ModelId>,
    /// How many there are.
    pub dominated_by_count: u32,
    /// Lowest cost at which the board offers at least this score, USD.
    pub cost_to_match: f64,
    /// cost / `cost_to_match`.
    pub overpay: f64,
}
