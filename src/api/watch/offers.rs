//! What watched models cost and score, revision by revision, to tell when somebody else becomes the better buy.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::spec::Spec;
use crate::api::convert;
use crate::board::Board;
use crate::board::answer::ModelInfo;
use crate::board::change::{BoardChange, Offer, Overtaking, PackedBoard, RowChange};
use crate::commit::{Commit, Published};
use crate::hub::Compacted;
use crate::model::{BenchmarkId, CostBasis, ModelId, Revision};
use crate::proto::v1;

/// The offers of the watched models on the watched benchmarks at one revision; empty where no models are named.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Offers {
    by_model: BTreeMap<(BenchmarkId, ModelId), Held>,
}

#[derive(Clone, Debug, PartialEq)]
struct Held {
    info: Arc<ModelInfo>,
    offer: Offer,
}

/// How one offer compares with a dearer one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cheaper {
    saving: f64,
    separated: Option<bool>,
}

/// Costs less than `dear`, at a score that is as good or not separated.
fn cheaper(offer: &Offer, dear: &Offer, basis: CostBasis, higher: bool) -> Option<Cheaper> {
    let saving = dear.costs[basis.index()]? - offer.costs[basis.index()]?;
    let as_good = offer.score == dear.score || (offer.score > dear.score) == higher;
    let separated = offer.separated(dear);
    let good_enough = as_good || separated == Some(false);
    (saving > 0.0 && good_enough).then_some(Cheaper { saving, separated })
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
                    let held = Held {
                        offer: Offer::of(&row),
                        info: row.model,
                    };
                    by_model.insert((benchmark.clone(), model.clone()), held);
                }
            }
        }
        Self { by_model }
    }

    fn undo(&mut self, spec: &Spec, item: &Published) {
        for board in spec.changes(item) {
            if board.reset() {
                // What the rows were before is not known, and better left unsaid than guessed.
                self.by_model
                    .retain(|(benchmark, _), _| benchmark != board.benchmark());
            }
            for row in board.unpack().rows.iter().rev() {
                let was = row.before.as_ref().map(|row| (&row.model, row.offer));
                self.set(spec, board.benchmark(), row.model(), was);
            }
        }
    }

    /// Goes on to the revision of an entry.
    pub(super) fn redo_all(&mut self, spec: &Spec, item: &Published) {
        let named = |board: &&PackedBoard| {
            let mut models = board.models().iter();
            !spec.models.is_empty() && models.any(|model| spec.names(&model.id))
        };
        for board in spec.changes(item).filter(named) {
            self.redo(spec, &board.unpack());
        }
    }

    /// Goes on past what an entry changed on a board.
    pub(super) fn redo(&mut self, spec: &Spec, board: &BoardChange) {
        if spec.models.is_empty() {
            return;
        }
        for row in &board.rows {
            let is = row.after.as_ref();
            let is = is.map(|row| (&row.model, Offer::of(row)));
            self.set(spec, &board.benchmark, row.model(), is);
        }
    }

    fn set(
        &mut self,
        spec: &Spec,
        benchmark: &BenchmarkId,
        model: Option<&Arc<ModelInfo>>,
        offer: Option<(&Arc<ModelInfo>, Offer)>,
    ) {
        let Some(model) = model.filter(|model| spec.names(&model.id)) else {
            return;
        };
        let key = (benchmark.clone(), model.id.clone());
        match offer {
            Some((info, offer)) => {
                let info = Arc::clone(info);
                self.by_model.insert(key, Held { info, offer })
            }
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
        listed: &[Arc<ModelInfo>],
        revision: Revision,
    ) -> Vec<v1::Event> {
        if listed.len() == overtaking.count as usize {
            return Vec::new();
        }
        let by = overtaking.now;
        let passed = |model: &&ModelId| {
            **model != overtaking.by.id && !listed.iter().any(|listed| listed.id == **model)
        };
        let watched = spec.models.iter().filter(passed).filter_map(|model| {
            let key = (board.benchmark.clone(), model.clone());
            let Held { info, offer } = self.by_model.get(&key)?;
            let passed = overtaking.passed(offer.score, board.higher_is_better);
            passed.then(|| {
                let separated = by.separated(offer);
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
            let Some(Held { info, offer: dear }) = self.by_model.get(&key) else {
                continue;
            };
            let own = |row: &&RowChange| row.model().is_some_and(|info| info.id == *model);
            let was_dear = match board.rows.iter().find(own) {
                Some(row) => row.before.as_ref().map(|row| row.offer),
                None => Some(*dear),
            };
            for row in &board.rows {
                let Some(now) = row.after.as_ref().filter(|row| row.model.id != *model) else {
                    continue;
                };
                let Some(cheaper_now) = cheaper(&Offer::of(now), dear, basis, higher) else {
                    continue;
                };
                let was = row.before.as_ref().zip(was_dear.as_ref());
                let already = was
                    .is_some_and(|(row, dear)| cheaper(&row.offer, dear, basis, higher).is_some());
                let selected = spec.rows.matches(&now.model) || spec.rows.matches(info);
                if !already && selected {
                    events.push(convert::cheaper_alternative(
                        revision,
                        info,
                        &now.model.id,
                        basis,
                        cheaper_now.saving,
                        cheaper_now.separated,
                    ));
                }
            }
        }
        events
    }
}
