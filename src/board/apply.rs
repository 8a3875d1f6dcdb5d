//! Entries change the board, one at a time, in the order of the log.

use std::sync::Arc;

use crate::limits::NAMED_MAX;
use crate::model::{Body, CostBasis, Entry, ModelId, ResultFacts, Revision, Status};

use super::answer::{FitSelection, ModelInfo, SubmitOutcome};
use super::bench::{BenchBoard, RowUpdate};
use super::catalog::{BenchmarkKey, ModelKey};
use super::change::{BoardChange, Change, Event, EventKind};
use super::events;
use super::fact::Fact;
use super::{Answered, Board, ResultPlace};

/// How much to compute along with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// State only: for replay before anything is shown.
    State,
    /// State and what watchers need.
    Changes,
    /// Also the outcome of a submission with rank, frontier and trend, on a basis (none = the board's default).
    Outcome(Option<CostBasis>),
}

impl Board {
    /// Applies the entry that follows the board's revision.
    pub fn apply(&mut self, entry: &Entry, want: Want) -> Change {
        debug_assert_eq!(entry.revision, self.revision + 1);
        let revision = entry.revision;
        self.revision = revision;
        if let Some(request) = entry.request {
            let answered = Answered {
                revision,
                content: request.content,
            };
            self.requests.insert(request.scope, answered);
        }
        let mut change = Change {
            revision,
            boards: Vec::new(),
            outcome: None,
        };
        match &entry.body {
            Body::Benchmark(benchmark) => {
                let key = self.catalog.put_benchmark((**benchmark).clone(), revision);
                self.reset(key, want, &mut change);
            }
            Body::Model(model) => {
                let before = self.family_infos(&model.id);
                let key = self.catalog.put_model((**model).clone(), revision);
                self.refresh_family(key, want, &mut change);
                restore_infos(&mut change, &before);
            }
            Body::Price(price) => {
                let pending = price.effective > entry.received.date();
                let key = self.catalog.put_price((**price).clone(), revision, pending);
                self.refresh_family(key, want, &mut change);
            }
            Body::PriceInForce {
                model,
                provider,
                effective,
            } => {
                if let Some(key) = self.catalog.price_in_force(model, provider, *effective) {
                    self.refresh_family(key, want, &mut change);
                }
            }
            Body::Claim(claim) => {
                let key = self.catalog.put_claim((**claim).clone(), revision);
                self.refresh_family(key, want, &mut change);
            }
            Body::ClaimStatus {
                claim,
                status,
                pinned,
                reason: _,
            } => {
                self.history.entry(*claim).or_default().push(revision);
                if let Some(key) = self.catalog.set_claim(*claim, *status, *pinned) {
                    self.refresh_family(key, want, &mut change);
                }
            }
            Body::Result(facts) => self.apply_result(revision, facts, want, &mut change),
            Body::ResultStatus {
                result,
                status,
                reason: _,
            } => self.apply_status(revision, *result, *status, want, &mut change),
        }
        change
    }

    fn apply_result(
        &mut self,
        revision: Revision,
        facts: &ResultFacts,
        want: Want,
        change: &mut Change,
    ) {
        let Some(benchmark) = self.catalog.benchmark_key(&facts.benchmark) else {
            return;
        };
        let created = self.catalog.resolve(facts.model.as_str()).is_none();
        let model = self.catalog.ensure_model(&facts.model);
        if created {
            // A base model that appears can pass nothing on yet: its facts are empty.
            debug_assert_eq!(self.catalog.model(model).revision, 0);
        }
        self.catalog.note_results(model, benchmark);
        self.results
            .insert(revision, ResultPlace { benchmark, model });
        let previous = match want {
            Want::Outcome(basis) if self.is_built(benchmark) => {
                let view = self.view(benchmark);
                let basis = basis.unwrap_or_else(|| view.board.default_basis());
                view.board.row(model).map(|row| view.full(row, basis))
            }
            _ => None,
        };
        self.board_mut(benchmark)
            .push_fact(model, Fact::new(revision, facts));
        let update = self.update_row(benchmark, model);
        if let Some(board_change) = self.row_change(benchmark, update.as_ref(), want) {
            change.boards.push(board_change);
        } else if want != Want::State && self.is_built(benchmark) {
            // It counts for nothing, and is listed among the other results of the row.
            let mut board = self.empty_change(benchmark);
            self.mark_change(ResultPlace { benchmark, model }, &mut board);
            change.boards.push(board);
        }
        let Want::Outcome(basis) = want else {
            return;
        };
        let view = self.view(benchmark);
        let basis = basis.unwrap_or_else(|| view.board.default_basis());
        let row = view.board.row(model);
        let overtaken = change
            .boards
            .first()
            .and_then(|board| board.overtakings.first())
            .map_or(&[][..], |overtaking| &overtaking.overtaken);
        let ids = |keys: &[ModelKey]| keys.iter().map(|key| view.id(*key).clone()).collect();
        let (entered, left) = update
            .as_ref()
            .map(|update| &update.frontiers[basis.index()])
            .map_or((Vec::new(), Vec::new()), |(e, l)| (ids(e), ids(l)));
        change.outcome = Some(Box::new(SubmitOutcome {
            standing: row.map(|row| view.full(row, basis)),
            previous,
            displaced: overtaken
                .iter()
                .take(NAMED_MAX)
                .map(|o| o.model.id.clone())
                .collect(),
            displaced_count: overtaken.len() as u32,
            frontier_entered: entered,
            frontier_left: left,
            fitted: row.map(|row| view.fitted(Some(row), basis, FitSelection::All)),
            price_to_reach: row.map(|row| view.price_to_reach(row.score, basis)),
            counting: row.is_some_and(|row| row.result == revision),
        }));
    }

    fn apply_status(
        &mut self,
        revision: Revision,
        result: Revision,
        status: Status,
        want: Want,
        change: &mut Change,
    ) {
        let Some(place) = self.results.get(&result).copied() else {
            return;
        };
        self.history.entry(result).or_default().push(revision);
        let was_counting = self.is_built(place.benchmark)
            && self
                .view(place.benchmark)
                .board
                .row(place.model)
                .map(|row| row.result)
                == Some(result);
        self.board_mut(place.benchmark)
            .set_status(place.model, result, status);
        let update = self.update_row(place.benchmark, place.model);
        if want == Want::State {
            return;
        }
        let mut board = self
            .row_change(place.benchmark, update.as_ref(), want)
            .unwrap_or_else(|| self.empty_change(place.benchmark));
        let model = Arc::clone(self.catalog.info(place.model));
        match status {
            Status::Disputed if was_counting => {
                // The row's numbers are the same; its mark is not.
                if update.is_none() {
                    self.mark_change(place, &mut board);
                }
                board.events.push(Event {
                    model,
                    kind: EventKind::Disputed,
                });
            }
            Status::Retracted => {
                // One result fewer is listed with the row.
                if update.is_none() {
                    self.mark_change(place, &mut board);
                }
                board.events.push(Event {
                    model,
                    kind: EventKind::Retracted,
                });
            }
            Status::Active | Status::Disputed => {
                if update.is_none() {
                    self.mark_change(place, &mut board);
                }
            }
        }
        change.boards.push(board);
    }

    /// The facts of a model and its variants, as they are.
    fn family_infos(&self, id: &ModelId) -> Vec<Arc<ModelInfo>> {
        let family = self.catalog.family_of(id).into_iter();
        family
            .map(|key| Arc::clone(self.catalog.info(key)))
            .collect()
    }

    /// A row whose numbers are the same but whose status, or the status of whose other results, is shown anew.
    fn mark_change(&self, place: ResultPlace, board: &mut BoardChange) {
        let view = self.view(place.benchmark);
        if let Some(row) = view.board.row(place.model) {
            let standing = Arc::new(view.intrinsic(row));
            board.rows.push(super::change::RowChange {
                before: Some(Arc::clone(&standing)),
                after: Some(standing),
            });
        }
    }

    fn empty_change(&self, benchmark: BenchmarkKey) -> BoardChange {
        let definition = &self.catalog.benchmark(benchmark).benchmark;
        BoardChange {
            benchmark: definition.id.clone(),
            reset: false,
            higher_is_better: definition.higher_is_better,
            default_basis: self.boards[benchmark as usize].default_basis(),
            rows: Vec::new(),
            events: Vec::new(),
            overtakings: Vec::new(),
        }
    }

    /// Derives the row of one model anew, where the board is built.
    fn update_row(&mut self, benchmark: BenchmarkKey, model: ModelKey) -> Option<RowUpdate> {
        if !self.is_built(benchmark) {
            return None;
        }
        let board = Arc::make_mut(&mut self.boards[benchmark as usize]);
        let record = self.catalog.benchmark(benchmark);
        board.update(&self.catalog, record, &self.selection, model)
    }

    /// After a definition changed: all rows anew, and a snapshot for watchers.
    fn reset(&mut self, benchmark: BenchmarkKey, want: Want, change: &mut Change) {
        while self.boards.len() <= benchmark as usize {
            self.boards.push(Arc::new(BenchBoard::default()));
        }
        if !self.is_built(benchmark) {
            return;
        }
        let board = Arc::make_mut(&mut self.boards[benchmark as usize]);
        let record = self.catalog.benchmark(benchmark);
        board.rebuild(&self.catalog, record, &self.selection);
        let shown = !board.is_empty();
        if want != Want::State {
            let mut board = self.empty_change(benchmark);
            // Nobody holds a row of an empty board.
            board.reset = shown;
            change.boards.push(board);
        }
    }

    /// After a fact, price or claim of a model changed: the rows of it and its variants on all their boards.
    fn refresh_family(&mut self, key: ModelKey, want: Want, change: &mut Change) {
        let mut places: Vec<(BenchmarkKey, ModelKey)> = self
            .catalog
            .family(key)
            .into_iter()
            .flat_map(|member| {
                let benchmarks = &self.catalog.model(member).benchmarks;
                benchmarks.iter().map(move |benchmark| (*benchmark, member))
            })
            .collect();
        places.sort_by_key(|(benchmark, member)| {
            let id = &self.catalog.benchmark(*benchmark).benchmark.id;
            (id.clone(), *member)
        });
        for (benchmark, member) in places {
            let update = self.update_row(benchmark, member);
            if want == Want::State || !self.is_built(benchmark) {
                continue;
            }
            let found = match self.row_change(benchmark, update.as_ref(), want) {
                Some(found) => found,
                // Title, organization and tags are shown with the row.
                None => {
                    let mut found = self.empty_change(benchmark);
                    let model = member;
                    self.mark_change(ResultPlace { benchmark, model }, &mut found);
                    found
                }
            };
            match change.boards.last_mut() {
                Some(last) if last.benchmark == found.benchmark => {
                    last.rows.extend(found.rows);
                    last.events.extend(found.events);
                    last.overtakings.extend(found.overtakings);
                }
                _ => change.boards.push(found),
            }
        }
    }

    fn row_change(
        &self,
        benchmark: BenchmarkKey,
        update: Option<&RowUpdate>,
        want: Want,
    ) -> Option<BoardChange> {
        if want == Want::State {
            return None;
        }
        let mut board = self.empty_change(benchmark);
        events::describe(&self.view(benchmark), update?, &mut board);
        Some(board)
    }
}

/// Rows before a change of their model show the facts of before: a filter must see that they matched.
fn restore_infos(change: &mut Change, before: &[Arc<ModelInfo>]) {
    let rows = change.boards.iter_mut().flat_map(|board| &mut board.rows);
    for row in rows.filter_map(|row| row.before.as_mut()) {
        if let Some(info) = before.iter().find(|info| info.id == row.model.id) {
            let mut standing = (**row).clone();
            standing.model = Arc::clone(info);
            *row = Arc::new(standing);
        }
    }
}
