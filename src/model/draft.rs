//! Drafts: what a caller asks for, well formed and not yet judged against the state.

use std::collections::BTreeMap;

use super::catalog::{CountingRule, Relationship, Status, TrainingCost, TrainingDate};
use super::cost::{Cost, Tokens};
use super::date::Date;
use super::entry::RequestKey;
use super::id::{BenchmarkId, ModelId, ProviderId, Revision, Text};
use super::result::Uncertainty;

/// One mutation asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Authenticated submitter, else `unknown`.
    pub author: Text,
    /// The request id, hashed, where one was given.
    pub request: Option<RequestKey>,
    /// What is asked.
    pub change: Change,
}

/// The closed list of mutations.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Create or change a benchmark.
    PutBenchmark(Box<BenchmarkPatch>),
    /// Create or change a model.
    PutModel(Box<ModelPatch>),
    /// Set or withdraw a price.
    PutPrice(Box<PriceDraft>),
    /// Record a claim.
    PutClaim(Box<ClaimDraft>),
    /// Change a claim's status or pin.
    SetClaimStatus {
        /// The claim.
        claim: Revision,
        /// New status.
        status: Option<Status>,
        /// New pin.
        pinned: Option<bool>,
        /// Why.
        reason: Text,
    },
    /// Submit a result.
    SubmitResult(Box<ResultDraft>),
    /// Change a result's status.
    SetResultStatus {
        /// The result.
        result: Revision,
        /// New status.
        status: Status,
        /// Why.
        reason: Text,
    },
    /// A future price fell due: asked by the daemon's own clock.
    PriceDue {
        /// Whose price.
        model: ModelId,
        /// At which provider.
        provider: ProviderId,
        /// The price's effective date.
        effective: Date,
    },
}

/// What to do with one field of an upsert.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Patch<T> {
    /// Leave it as it is.
    #[default]
    Keep,
    /// Unset it.
    Clear,
    /// Set it.
    Set(T),
}

impl<T> Patch<T> {
    /// The new value of an optional field.
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The new value of a field with a default.
    pub fn apply_or(self, current: T, default: T) -> T {
        match self {
            Self::Keep => current,
            Self::Clear => default,
            Self::Set(value) => value,
        }
    }
}

/// Parts of a declared curve; absent parts stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CurvePatch {
    /// r.
    pub annual_factor: Option<f64>,
    /// Slower end of r.
    pub annual_factor_low: Option<f64>,
    /// Faster end of r.
    pub annual_factor_high: Option<f64>,
    /// k.
    pub tolerance: Option<f64>,
}

/// An upsert of a benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct BenchmarkPatch {
    /// Which.
    pub id: BenchmarkId,
    /// Refuse unless the current revision is this; 0 = must not exist.
    pub expected_revision: Option<Revision>,
    /// Title.
    pub title: Patch<Text>,
    /// Description.
    pub description: Patch<Text>,
    /// Unit.
    pub unit: Patch<Text>,
    /// Direction.
    pub higher_is_better: Patch<bool>,
    /// Least valid score.
    pub minimum: Patch<f64>,
    /// Greatest valid score.
    pub maximum: Patch<f64>,
    /// Score of guessing.
    pub chance: Patch<f64>,
    /// Flawless score.
    pub perfect: Patch<f64>,
    /// Questions.
    pub questions: Patch<u64>,
    /// Which result counts.
    pub counting_rule: Patch<CountingRule>,
    /// Preference among relationships.
    pub preferred_relationships: Patch<Vec<Relationship>>,
    /// Tags, sorted, unique.
    pub tags: Patch<Vec<Text>>,
    /// Declared curve.
    pub curve: Patch<CurvePatch>,
    /// Blend weight of input.
    pub blend_input_weight: Patch<f64>,
    /// Blend weight of output.
    pub blend_output_weight: Patch<f64>,
    /// Version replaced.
    pub supersedes: Patch<BenchmarkId>,
    /// Not part of `overall`.
    pub exclude_from_overall: Patch<bool>,
    /// Source.
    pub source_url: Patch<Text>,
}

/// An upsert of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelPatch {
    /// Which: an id or alias.
    pub name: Text,
    /// Refuse unless the current revision is this; 0 = must not exist.
    pub expected_revision: Option<Revision>,
    /// Title.
    pub title: Patch<Text>,
    /// Organization.
    pub organization: Patch<Text>,
    /// Release date.
    pub release_date: Patch<Date>,
    /// Open weights.
    pub open_weights: Patch<bool>,
    /// Licence.
    pub license: Patch<Text>,
    /// Tags, sorted, unique.
    pub tags: Patch<Vec<Text>>,
    /// Provider whose prices count.
    pub preferred_provider: Patch<ProviderId>,
    /// Aliases, sorted, unique.
    pub aliases: Patch<Vec<Text>>,
    /// Source.
    pub source_url: Patch<Text>,
}

/// A price; the model may be an alias.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceDraft {
    /// Whose price: an id or alias.
    pub model: Text,
    /// Who sells it; none = the vendor part of the model id.
    pub provider: Option<ProviderId>,
    /// First day in force.
    pub effective: Date,
    /// Uncached input.
    pub input: Option<f64>,
    /// Cache read.
    pub cache_read: Option<f64>,
    /// Cache write.
    pub cache_write: Option<f64>,
    /// Output.
    pub output: Option<f64>,
    /// Source.
    pub source_url: Text,
    /// Withdraws the price of that provider and date.
    pub withdrawn: bool,
    /// Refuse unless the current revision of that price is this; 0 = must not exist.
    pub expected_revision: Option<Revision>,
}

/// What a claim says; names not yet resolved.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementDraft {
    /// What training cost.
    TrainingCost(TrainingCost),
    /// When it was trained.
    TrainingDate(TrainingDate),
    /// An id or alias.
    DerivedFrom(Text),
}

/// A claim.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimDraft {
    /// An id or alias.
    pub model: Text,
    /// The statement.
    pub statement: StatementDraft,
    /// Claimant.
    pub claimant: Text,
    /// When it was said.
    pub date: Date,
    /// Source.
    pub source_url: Text,
    /// Note.
    pub note: Text,
    /// ACTIVE or DISPUTED.
    pub status: Status,
}

/// A result as submitted: names not yet resolved, score in its own unit.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultDraft {
    /// Benchmark id as given; judged against the catalog, so that a look-alike can be suggested.
    pub benchmark: Text,
    /// Model id or alias as given.
    pub model: Text,
    /// The score, in `unit`.
    pub score: f64,
    /// Unit of score and uncertainty; none = the benchmark's.
    pub unit: Option<Text>,
    /// Uncertainty, in `unit`.
    pub uncertainty: Uncertainty,
    /// USD of the whole run.
    pub run_cost: Option<Cost>,
    /// Tokens of the whole run.
    pub tokens: Option<Tokens>,
    /// Tasks.
    pub task_count: Option<u64>,
    /// Attempts per task.
    pub repeats: Option<u32>,
    /// When it was measured.
    pub observed: Date,
    /// Evaluator.
    pub evaluator: Text,
    /// Relationship.
    pub relationship: Relationship,
    /// Harness.
    pub harness: Text,
    /// Harness version.
    pub harness_version: Text,
    /// Source.
    pub source_url: Text,
    /// Labels.
    pub labels: BTreeMap<Text, Text>,
    /// Refuse an unknown model instead of creating it.
    pub require_known_model: bool,
}
