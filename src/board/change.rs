//! What one entry of the log changed: rows, events, and what to tell the submitter.

mod packed;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{BenchmarkId, CostBasis, Revision};

use super::answer::{Intrinsic, ModelInfo, SubmitOutcome};
use super::catalog::ModelKey;
use super::row::Row;
use super::trend::Verdict;

pub use packed::{Keeping, Kept, Packed, PackedBoard};

/// All that an entry changed, in the order of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The entry.
    pub revision: Revision,
    /// Boards with changed rows, by benchmark id.
    pub boards: Vec<BoardChange>,
    /// What the submission did, when the entry is a result.
    pub outcome: Option<Box<SubmitOutcome>>,
}

/// What changed on one board.
#[derive(Clone, Debug, PartialEq)]
pub struct BoardChange {
    /// The benchmark.
    pub benchmark: BenchmarkId,
    /// The definition of a board with rows changed: every row is new, watchers need a snapshot.
    pub reset: bool,
    /// Direction of the scores.
    pub higher_is_better: bool,
    /// The board's default basis after the change.
    pub default_basis: CostBasis,
    /// Changed rows.
    pub rows: Vec<RowChange>,
    /// Named events, but for those overtaken.
    pub events: Vec<Event>,
    /// Who overtook whom.
    pub overtakings: Vec<Overtaking>,
}

/// One changed row, before and after; absent = no row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowChange {
    /// Before.
    pub before: Option<Before>,
    /// After.
    pub after: Option<Arc<Intrinsic>>,
}

/// What is kept of a row that is no more.
#[derive(Clone, Debug, PartialEq)]
pub struct Before {
    /// Its model, as it was.
    pub model: Arc<ModelInfo>,
    /// What it offered.
    pub offer: Offer,
}

/// A row, as far as a buyer is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// Score in the benchmark's unit.
    pub score: f64,
    /// 95 % interval.
    pub ends: Option<(f64, f64)>,
    /// Central cost in USD, by [`CostBasis::index`].
    pub costs: [Option<f64>; 3],
}

impl Offer {
    /// The offer of a row.
    pub fn of(row: &Intrinsic) -> Self {
        Self {
            score: row.score,
            ends: row.interval.map(|ends| (ends.low, ends.high)),
            costs: CostBasis::ALL.map(|basis| row.costs.on(basis).map(|cost| cost.cost.central)),
        }
    }

    pub(crate) fn of_row(row: &Row) -> Self {
        Self {
            score: row.score,
            ends: row.interval.map(|ends| (ends.low, ends.high)),
            costs: CostBasis::ALL.map(|basis| row.cost(basis)),
        }
    }

    /// Whether the intervals do not overlap; none without both uncertainties.
    pub fn separated(&self, other: &Self) -> Option<bool> {
        let ends = self.ends.zip(other.ends);
        ends.map(|(a, b)| a.0 > b.1 || b.0 > a.1)
    }
}

impl BoardChange {
    /// Whether anything on the board changed or happened.
    pub(crate) fn says_something(&self) -> bool {
        self.reset
            || !(self.rows.is_empty() && self.events.is_empty() && self.overtakings.is_empty())
    }
}

impl RowChange {
    /// The model whose row it is.
    pub fn model(&self) -> Option<&Arc<ModelInfo>> {
        let after = self.after.as_ref().map(|row| &row.model);
        after.or(self.before.as_ref().map(|row| &row.model))
    }
}

/// A row that passed others.
#[derive(Clone, Debug, PartialEq)]
pub struct Overtaking {
    /// Who passed.
    pub by: Arc<ModelInfo>,
    /// Its row now.
    pub now: Offer,
    /// Its score before; none = it had no row.
    pub score_before: Option<f64>,
    /// Who was passed, best first, the first few of them. Each fell by one rank.
    pub overtaken: Vec<Overtaken>,
    /// How many were passed.
    pub count: u32,
}

impl Overtaking {
    /// Whether a row with this score, which did not change, was passed.
    pub fn passed(&self, score: f64, higher_is_better: bool) -> bool {
        let good = |score: f64| if higher_is_better { score } else { -score };
        let score = good(score);
        score < good(self.now.score) && self.score_before.is_none_or(|was| score >= good(was))
    }
}

/// A row that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overtaken {
    /// Who.
    pub model: ModelKey,
    /// Whether the intervals are separated; none without both uncertainties.
    pub separated: Option<bool>,
    /// Rank before.
    pub rank_before: u32,
}

/// A named event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Whom it concerns.
    pub model: Arc<ModelInfo>,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// Leads the board.
    LeaderChanged {
        /// Who led before.
        before: Option<Arc<ModelInfo>>,
    },
    /// Entered the frontier of a basis.
    FrontierEntered(CostBasis),
    /// Left the frontier of a basis.
    FrontierLeft(CostBasis),
    /// The trend verdict of a changed row.
    Verdict(CostBasis, Verdict),
    /// The counting result is disputed.
    Disputed,
    /// A result was retracted.
    Retracted,
    /// The blended list price changed, USD per million tokens.
    PriceChanged {
        /// Before.
        before: Option<f64>,
        /// After.
        after: Option<f64>,
    },
}
