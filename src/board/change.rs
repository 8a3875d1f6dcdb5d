//! What one entry of the log changed: rows, events, and what to tell the submitter.

use std::sync::Arc;

use crate::model::{BenchmarkId, CostBasis, Revision};

use super::answer::{ModelInfo, Standing, SubmitOutcome};
use super::trend::Verdict;

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
    pub before: Option<Arc<Standing>>,
    /// After.
    pub after: Option<Arc<Standing>>,
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
        let row = self.after.as_ref().or(self.before.as_ref())?;
        Some(&row.model)
    }
}

/// A row that passed others.
#[derive(Clone, Debug, PartialEq)]
pub struct Overtaking {
    /// Who passed.
    pub by: Arc<ModelInfo>,
    /// Its row now.
    pub now: Arc<Standing>,
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
#[derive(Clone, Debug, PartialEq)]
pub struct Overtaken {
    /// Who.
    pub model: Arc<ModelInfo>,
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

impl Change {
    /// A rough size in memory, for the bound of the ring.
    pub fn bytes(&self) -> usize {
        let row =
            |row: &Option<Arc<Standing>>| row.as_ref().map_or(0, |row| 400 + row.costs.len() * 128);
        let rows = |board: &BoardChange| {
            board
                .rows
                .iter()
                .map(|change| row(&change.before) + row(&change.after))
                .sum::<usize>()
        };
        let events = |board: &BoardChange| {
            board.events.len() * 80
                + board
                    .overtakings
                    .iter()
                    .map(|o| 64 + o.overtaken.len() * 24)
                    .sum::<usize>()
        };
        let boards: usize = self.boards.iter().map(|b| 128 + rows(b) + events(b)).sum();
        64 + boards
    }
}
