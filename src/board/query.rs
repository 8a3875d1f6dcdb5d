//! What can be asked of a board.

use serde::{Deserialize, Serialize};

use crate::model::{
    BenchmarkId, Cost, CostBasis, CurvePatch, Date, Reason, Refusal, Relationship, Revision,
    Status, Text,
};

use super::answer::{BasisDate, FitSelection, ModelFacts};

/// The name of a board.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BoardName {
    /// All standings of one benchmark.
    Benchmark(BenchmarkId),
    /// Mean win rate over all benchmarks.
    Overall,
    /// Mean win rate over the benchmarks with a tag.
    Suite(Text),
}

impl BoardName {
    /// Reads `overall`, `suite/TAG` or a benchmark id.
    ///
    /// # Errors
    /// [`Reason::UnknownBoard`] or [`Reason::IdMalformed`] naming `field`.
    pub fn parse(text: &str, field: &str) -> Result<Self, Refusal> {
        if text.is_empty() {
            return Err(Refusal::new(
                Reason::FieldRequired,
                field,
                format!("{field} is empty: name a benchmark id, `overall`, or `suite/TAG`"),
            ));
        }
        if text == "overall" {
            return Ok(Self::Overall);
        }
        if let Some(tag) = text.strip_prefix("suite/") {
            return Ok(Self::Suite(tag.into()));
        }
        BenchmarkId::parse(text, field).map(Self::Benchmark)
    }

    /// True for `overall` and suites.
    pub fn is_computed(&self) -> bool {
        !matches!(self, Self::Benchmark(_))
    }
}

impl std::fmt::Display for BoardName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Benchmark(id) => f.write_str(id.as_str()),
            Self::Overall => f.write_str("overall"),
            Self::Suite(tag) => write!(f, "suite/{tag}"),
        }
    }
}

/// Order of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {
    /// Best score first.
    #[default]
    Score,
    /// Most points per dollar first.
    Value,
    /// Least overpay first.
    Overpay,
    /// Highest q first.
    Conformance,
    /// Lowest cost first.
    Cost,
}

/// How much of a standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// Only what no other row can change.
    Intrinsic,
    /// Every field.
    Full,
}

/// Rows to select; ranks stay the whole board's.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowFilter {
    /// Any of these, ignoring case; empty = any.
    pub organizations: Vec<String>,
    /// Only open or only closed weights.
    pub open_weights: Option<bool>,
    /// All of these tags.
    pub tags: Vec<Text>,
    /// Released on or after.
    pub released_since: Option<Date>,
    /// Of the variants of a model only the best-scoring one.
    pub best_variant_only: bool,
}

impl RowFilter {
    /// Whether a model passes the conditions that concern it alone.
    pub fn matches(&self, model: &ModelFacts) -> bool {
        (self.organizations.is_empty()
            || self
                .organizations
                .iter()
                .any(|o| o.to_lowercase() == model.organization.to_lowercase()))
            && self
                .open_weights
                .is_none_or(|open| model.open_weights == Some(open))
            && self.tags.iter().all(|tag| model.tags.contains(tag))
            && self
                .released_since
                .is_none_or(|since| model.release_date.is_some_and(|date| date >= since))
    }
}

/// Results that may count; anything but the default makes another board.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResultFilter {
    /// Any of these; empty = any.
    pub evaluators: Vec<Text>,
    /// Any of these; empty = any.
    pub relationships: Vec<Relationship>,
    /// Any of these; empty = any.
    pub harnesses: Vec<Text>,
    /// Leave disputed results out.
    pub undisputed_only: bool,
}

impl ResultFilter {
    /// Whether it keeps nothing out.
    pub fn admits_all(&self) -> bool {
        let Self {
            evaluators,
            relationships,
            harnesses,
            undisputed_only,
        } = self;
        evaluators.is_empty()
            && relationships.is_empty()
            && harnesses.is_empty()
            && !undisputed_only
    }

    /// Whether a result may count.
    pub fn admits(
        &self,
        evaluator: &Text,
        relationship: Relationship,
        harness: &Text,
        status: Status,
    ) -> bool {
        (self.evaluators.is_empty() || self.evaluators.contains(evaluator))
            && (self.relationships.is_empty() || self.relationships.contains(&relationship))
            && (self.harnesses.is_empty() || self.harnesses.contains(harness))
            && !(self.undisputed_only && status == Status::Disputed)
    }
}

/// What makes a board differ from the live one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Selection {
    /// Results observed, models released and prices in force by this day.
    pub date: Option<Date>,
    /// Results that may count.
    pub results: ResultFilter,
    /// Price token usage on this day.
    pub reprice_at: Option<Date>,
}

/// A point in the past and what makes the board differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AsOf {
    /// What this revision knew; none = head.
    pub revision: Option<Revision>,
    /// Further differences.
    pub selection: Selection,
}

impl AsOf {
    /// True for the live board.
    pub fn is_live(&self) -> bool {
        *self == Self::default()
    }
}

/// A listing asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ListingQuery {
    /// Which board.
    pub board: BoardName,
    /// Order of rows.
    pub order: Order,
    /// Cost basis; none = the board's default.
    pub basis: Option<CostBasis>,
    /// How much of each row.
    pub detail: Detail,
    /// Rows to select.
    pub rows: RowFilter,
    /// Only rows with at least this good a score.
    pub min_score: Option<f64>,
    /// Computed boards: least share of benchmarks.
    pub min_coverage: Option<f64>,
    /// Position of the first row wanted.
    pub offset: usize,
    /// Most rows wanted.
    pub limit: usize,
}

/// One side of an assessment: numbers, or a model whose facts fill what is not given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AssessSide {
    /// Id or alias.
    pub model: Option<Text>,
    /// USD; goes before the catalog.
    pub cost: Option<Cost>,
    /// Goes before the catalog.
    pub date: Option<BasisDate>,
    /// A training claim to use instead of the one that counts.
    pub training_cost_claim: Option<Revision>,
}

/// (a)'s arithmetic asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct AssessQuery {
    /// What is judged.
    pub subject: AssessSide,
    /// What it is compared with.
    pub reference: AssessSide,
    /// Basis of costs looked up.
    pub basis: CostBasis,
    /// For TASK costs, and for its trend policy.
    pub benchmark: Option<BenchmarkId>,
    /// How many times less capable the subject is.
    pub gap: f64,
    /// Years (low, central, high) that override the dates; 0 < low <= central <= high.
    pub years: Option<(f64, f64, f64)>,
    /// Parts that override the benchmark's curve.
    pub curve: CurvePatch,
    /// Reference cost / subject cost, instead of both.
    pub observed_reduction: Option<f64>,
}

/// All three views of one standing, or of a board, asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendQuery {
    /// Which board.
    pub board: BoardName,
    /// The subject, an id or alias; none = curves only.
    pub model: Option<Text>,
    /// Cost basis; none = the board's default.
    pub basis: Option<CostBasis>,
    /// Whom (a) compares with, an id or alias; none = the best earlier offer.
    pub reference: Option<Text>,
    /// The gap to the named reference.
    pub gap: f64,
    /// Which standings (b) fits.
    pub selection: FitSelection,
    /// Score for (c); none = the subject's.
    pub threshold: Option<f64>,
    /// A point in the past.
    pub as_of: AsOf,
    /// Parts that override the benchmark's curve.
    pub curve: CurvePatch,
}
