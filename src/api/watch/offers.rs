//! What watched models cost and score, revision by revision, to tell when somebody else becomes the better buy.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::spec::Spec;
use crate::api::convert;
use crate::board::Board;
use crate::board::answer::{ModelInfo, Standing};
use crate::board::change::{BoardChange, Overtaking, RowChange};
use crate::commit::{Commit, Published};
use crate::hub::Compacted;
use crate::model::{BenchmarkId, CostBasis, ModelId, Revision};
use crate::proto::v1;

/// The offers of the watched models on the watched benchmarks at one revision; empty where no models are named.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Offers {
    by_model: BTreeMap<(BenchmarkId, ModelId), Offer>,
}

/// A row, as far as a buyer is concerned.
#[derive(Clone, Debug, PartialEq)]
struct Offer {
    info: Arc<ModelInfo>,
    score: f64,
    /// 95 % interval.
    ends: Option<(f64, f64)>,
    /// USD by [`CostBasis::index`].
    costs: [Option<f64>; 3],
}

/// How one offer compares with a dearer one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cheaper {
    saving: f64,
    separated: Option<bool>,
}

impl Offer {
    fn of(row: &Standing) -> Self {
        let mut costs = [None; 3];
        for cost in &row.costs {
            costs[cost.basis.index()] = Some(cost.cost.central);
        }
        Self {
            info: Arc::clone(&row.model),
            score: row.score,
            ends: row.interval.map(|ends| (ends.low, ends.high)),
            costs,
        }
    }

    /// Whether the intervals do not overlap; none without both uncertainties.
    fn separated(&self, other: &Self) -> Option<bool> {
        let ends = self.ends.zip(other.ends);
        ends.map(|(a, b)| a.0 > b.1 || b.0 > a.1)
    }

    /// Costs less than `dear`, at a score that is as good or not separated.
    fn cheaper_than(&self, dear: &Self, basis: CostBasis, higher: bool) -> Option<Cheaper> {
        let saving = dear.costs[basis.index()]? - self.costs[basis.index()]?;
        let as_good = self.score == dear.score || (self.score > dear.score) == higher;
        let separated = self.separated(dear);
        let good_enough = as_good || separated == Some(false);
        (saving > 0.0 && good_enough).then_some(Cheaper { saving, separated })
    }
}

impl Offers {
    /// The offers at a revision that the ring reaches back to: those of now, with what came after undone.
    ///
    /// # Errors
    /// [`Compacted`] when the ring has moved on.
    pub(super) fn at(commit: &Commit, spec: &Spec, revision: Revision) -> Result<Self, Compacted> {
        if spec.models.is_empty() {
            return Ok(Self::default());
        }
        let (mut offers, live) = {
            let board = commit.board();
            (Self::live(&board, spec), board.revision())
        };
        let since = commit.hub().after(revision, live, usize::MAX)?;
        for item in since.iter().rev() {
            offers.undo(spec, item);
        }
        Ok(offers)
    }

    fn live(board: &Board, spec: &Spec) -> Self {
        let mut by_model = BTreeMap::new();
        for (benchmark, view) in spec.views(board) {
            for model in &spec.models {
                if let Some(row) = view.intrinsic_of(model) {
                    by_model.insert((benchmark.clone(), model.clone()), Offer::of(&row));
                }
            }
        }
        Self { by_model }
    }

    fn undo(&mut self, spec: &Spec, item: &Published) {
        for board in spec.changes(&item.change) {
            if board.reset {
                // What the rows were before is not known, and better left unsaid than guessed.
                self.by_model
                    .retain(|(benchmark, _), _| *benchmark != board.benchmark);
            }
            for row in board.rows.iter().rev() {
                self.set(spec, &board.benchmark, row.model(), row.before.as_ref());
            }
        }
    }

    /// Goes on to the revision of an entry.
    pub(super) fn redo(&mut self, spec: &Spec, item: &Published) {
        if spec.models.is_empty() {
            return;
        }
        for board in spec.changes(&item.change) {
            for row in &board.rows {
                self.set(spec, &board.benchmark, row.model(), row.after.as_ref());
            }
        }
    }

    fn set(
        &mut self,
        spec: &Spec,
        benchmark: &BenchmarkId,
        model: Option<&Arc<ModelInfo>>,
        row: Option<&Arc<Standing>>,
    ) {
        let Some(model) = model.filter(|model| spec.names(&model.id)) else {
            return;
        };
        let key = (benchmark.clone(), model.id.clone());
        match row {
            Some(row) => self.by_model.insert(key, Offer::of(row)),
            None => self.by_model.remove(&key),
        };
    }

    /// Watched models that were overtaken but are not among the first few that an overtaking names. `self` holds the
    /// offers after the change.
    pub(super) fn overtaken_beyond(
        &self,
        spec: &Spec,
        board: &BoardChange,
        overtaking: &Overtaking,
        revision: Revision,
    ) -> Vec<v1::Event> {
        let listed = overtaking.overtaken.len();
        if listed == overtaking.count as usize {
            return Vec::new();
        }
        let by = Offer::of(&overtaking.now);
        let passed = |model: &&ModelId| {
            **model != overtaking.by.id
                && !overtaking
                    .overtaken
                    .iter()
                    .any(|row| row.model.id == **model)
        };
        let watched = spec.models.iter().filter(passed).filter_map(|model| {
            let key = (board.benchmark.clone(), model.clone());
            let offer = self.by_model.get(&key)?;
            let passed = overtaking.passed(offer.score, board.higher_is_better);
            passed.then(|| {
                let (info, separated) = (&offer.info, by.separated(offer));
                convert::overtaken_unranked(revision, info, &overtaking.by.id, separated)
            })
        });
        watched.collect()
    }

    /// Rows that became a cheaper alternative to a watched model. `self` holds the offers after the change.
    pub(super) fn cheaper_alternatives(
        &self,
        spec: &Spec,
        board: &BoardChange,
        revision: Revision,
    ) -> Vec<v1::Event> {
        let mut events = Vec::new();
        let basis = spec.basis.unwrap_or(board.default_basis);
        let higher = board.higher_is_better;
        for model in &spec.models {
            let key = (board.benchmark.clone(), model.clone());
            let Some(dear) = self.by_model.get(&key) else {
                continue;
            };
            let own = |row: &&RowChange| row.model().is_some_and(|info| info.id == *model);
            let was_dear = match board.rows.iter().find(own) {
                Some(row) => row.before.as_deref().map(Offer::of),
                None => Some(dear.clone()),
            };
            for row in &board.rows {
                let Some(now) = row.after.as_ref().filter(|row| row.model.id != *model) else {
                    continue;
                };
                let Some(cheaper) = Offer::of(now).cheaper_than(dear, basis, higher) else {
                    continue;
                };
                let was = row.before.as_ref().zip(was_dear.as_ref());
                let already = was.is_some_and(|(row, dear)| {
                    let offer = Offer::of(row);
                    offer.cheaper_than(dear, basis, higher).is_some()
                });
                let selected = spec.rows.matches(&now.model) || spec.rows.matches(&dear.info);
                if !already && selected {
                    events.push(convert::cheaper_alternative(
                        revision,
                        &dear.info,
                        &now.model.id,
                        basis,
                        cheaper.saving,
                        cheaper.separated,
                    ));
                }
            }
        }
        events
    }
}
