//! Entries change the board, one at a time, in the order of the log.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::limits::NAMED_MAX;
use crate::model::{BenchmarkId, Body, CostBasis, Entry, ModelId, ResultFacts, Revision, Status};

use super::answer::{FitSelection, Intrinsic, ModelInfo, Standing, SubmitOutcome};
use super::bench::{BenchBoard, RowUpdate};
use super::catalog::{BenchmarkKey, ModelKey};
use super::change::{Before, BoardChange, Change, Event, EventKind, Offer, RowChange};
use super::events;
use super::fact::Fact;
use super::row::Row;
use super::{Board, ResultPlace, in_turn};

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
            self.requests.insert(request, revision);
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
                let seen = self.seen_family(&model.id, want);
                self.catalog.put_model((**model).clone(), revision);
                self.refresh_family(seen, want, &mut change);
            }
            Body::Price(price) => {
                let pending = price.effective > entry.received.date();
                let seen = self.seen_family(&price.model, want);
                self.catalog.put_price((**price).clone(), revision, pending);
                self.refresh_family(seen, want, &mut change);
            }
            Body::PriceInForce {
                model,
                provider,
                effective,
            } => {
                let seen = self.seen_family(model, want);
                self.catalog.price_in_force(model, provider, *effective);
                self.refresh_family(seen, want, &mut change);
            }
            Body::Claim(claim) => {
                let seen = self.seen_family(&claim.model, want);
                self.catalog.put_claim((**claim).clone(), revision);
                self.refresh_family(seen, want, &mut change);
            }
            Body::ClaimStatus {
                claim,
                status,
                pinned,
                reason: _,
            } => {
                self.history.entry(*claim).or_default().push(revision);
                let model = self.catalog.claim(*claim).map(|(model, _)| model);
                if let Some(model) = model {
                    let id = self.catalog.id(model).clone();
                    let seen = self.seen_family(&id, want);
                    self.catalog.set_claim(*claim, *status, *pinned);
                    self.refresh_family(seen, want, &mut change);
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
        // A base model that appears can pass nothing on to variants yet: its facts are empty.
        let model = self.catalog.ensure_model(&facts.model, revision);
        self.catalog.note_results(model, benchmark);
        self.results
            .insert(revision, ResultPlace { benchmark, model });
        let seen = self.seen(benchmark, [model], want);
        let previous = match want {
            Want::Outcome(basis) => self.previous(&seen, basis),
            Want::State | Want::Changes => None,
        };
        let voice = self.catalog.voice(&facts.evaluator, &facts.harness);
        let fact = Fact::new(revision, facts, voice);
        self.change_board(benchmark, |board, reading| {
            board.push_fact(model, fact, reading);
        });
        let refreshed = self.refresh(seen, want);
        if let Want::Outcome(basis) = want {
            let outcome = self.outcome((benchmark, model), revision, basis, &refreshed);
            change.outcome = Some(Box::new(SubmitOutcome {
                previous,
                ..outcome
            }));
        }
        change.boards.extend(refreshed.board);
    }

    /// The full standing of the only model seen.
    fn previous(&self, seen: &Seen, basis: Option<CostBasis>) -> Option<Standing> {
        let view = self.view(seen.benchmark);
        let basis = basis.unwrap_or_else(|| view.board.default_basis());
        let seen = seen.rows.first()?;
        let own = Arc::clone(seen.shown.as_ref()?);
        Some(view.placed(seen.row.as_ref()?, own, basis))
    }

    /// What the submitter of a result is told, but for what was before.
    fn outcome(
        &self,
        (benchmark, model): (BenchmarkKey, ModelKey),
        revision: Revision,
        basis: Option<CostBasis>,
        refreshed: &Refreshed,
    ) -> SubmitOutcome {
        let view = self.view(benchmark);
        let basis = basis.unwrap_or_else(|| view.board.default_basis());
        let update = refreshed.updates.first().and_then(Option::as_ref);
        let row = match update {
            Some(update) => update.after.as_ref().map(Cow::Borrowed),
            None => view.row(model).map(Cow::Owned),
        };
        let row = row.as_deref();
        let own = refreshed.shown.first().and_then(Option::as_ref);
        let overtaking = refreshed
            .board
            .as_ref()
            .and_then(|board| board.overtakings.first());
        let overtaken = overtaking.map_or(&[][..], |overtaking| &overtaking.overtaken);
        let id = |model: &ModelKey| view.id(*model).clone();
        let named = overtaken.iter().take(NAMED_MAX);
        let ids = |models: &[ModelKey]| models.iter().map(id).collect();
        let (entered, left) = update
            .map(|update| &update.frontiers[basis.index()])
            .map_or((Vec::new(), Vec::new()), |(e, l)| (ids(e), ids(l)));
        SubmitOutcome {
            standing: row
                .zip(own)
                .map(|(row, own)| view.placed(row, Arc::clone(own), basis)),
            previous: None,
            displaced: named.map(|row| id(&row.model)).collect(),
            displaced_count: overtaking.map_or(0, |overtaking| overtaking.count),
            frontier_entered: entered,
            frontier_left: left,
            fitted: row.map(|row| view.fitted(Some(row), basis, FitSelection::All)),
            price_to_reach: row.map(|row| view.price_to_reach(row.score, basis)),
            counting: row.is_some_and(|row| row.result == revision),
        }
    }

    fn apply_status(
        &mut self,
        revision: Revision,
        result: Revision,
        status: Status,
        want: Want,
        change: &mut Change,
    ) {
        let Some(place) = self.results.get(result).copied() else {
            return;
        };
        self.history.entry(result).or_default().push(revision);
        let built = self.is_built(place.benchmark);
        let seen = self.seen(place.benchmark, [place.model], want);
        let was_counting = seen
            .row(place.model)
            .is_some_and(|row| row.result == result);
        self.change_board(place.benchmark, |board, reading| {
            board.set_status(place.model, result, status, reading);
        });
        let Refreshed { board, .. } = self.refresh(seen, want);
        if want == Want::State || !built {
            return;
        }
        let mut board = board.unwrap_or_else(|| self.empty_change(place.benchmark));
        let kind = match status {
            Status::Disputed if was_counting => Some(EventKind::Disputed),
            Status::Retracted => Some(EventKind::Retracted),
            Status::Active | Status::Disputed => None,
        };
        board.events.extend(kind.map(|kind| Event {
            model: self.catalog.info(place.model),
            kind,
        }));
        if board.says_something() {
            change.boards.push(board);
        }
    }

    /// Some rows of a board as they are before an entry, and as watchers know them where somebody asks; no rows of a
    /// board that is not built.
    fn seen(
        &self,
        benchmark: BenchmarkKey,
        models: impl IntoIterator<Item = ModelKey>,
        want: Want,
    ) -> Seen {
        let built = self.is_built(benchmark);
        let wanted = want != Want::State && built;
        let view = self.view(benchmark);
        let seen = |model| {
            let row = built.then(|| view.row(model)).flatten();
            let shown = row.as_ref().filter(|_| wanted);
            let shown = shown.map(|row| Arc::new(view.intrinsic(row)));
            SeenRow { model, row, shown }
        };
        Seen {
            benchmark,
            leader: wanted.then(|| events::leader(&view)).flatten(),
            rows: models.into_iter().map(seen).collect(),
        }
    }

    /// The rows of a model and its variants on all their boards, by benchmark id: all that its facts, prices and claims
    /// can change.
    fn seen_family(&self, id: &ModelId, want: Want) -> Vec<Seen> {
        let mut places: BTreeMap<&BenchmarkId, (BenchmarkKey, Vec<ModelKey>)> = BTreeMap::new();
        for member in self.catalog.family(id) {
            for benchmark in self.catalog.model(member).benchmarks() {
                let id = &self.catalog.benchmark(benchmark).benchmark.id;
                let place = places.entry(id).or_insert((benchmark, Vec::new()));
                place.1.push(member);
            }
        }
        places
            .into_values()
            .map(|(benchmark, models)| self.seen(benchmark, models, want))
            .collect()
    }

    fn refresh_family(&mut self, seen: Vec<Seen>, want: Want, change: &mut Change) {
        for seen in seen {
            change.boards.extend(self.refresh(seen, want).board);
        }
    }

    /// Derives rows anew, and says what is different.
    fn refresh(&mut self, seen: Seen, want: Want) -> Refreshed {
        let Seen {
            benchmark,
            leader,
            rows,
        } = seen;
        let mut updates = Vec::with_capacity(rows.len());
        let mut before = Vec::with_capacity(rows.len());
        for seen in rows {
            updates.push(self.update_row(benchmark, seen.model, seen.row));
            before.push((seen.model, seen.shown));
        }
        let mut refreshed = Refreshed {
            board: None,
            updates,
            shown: Vec::new(),
        };
        if want == Want::State || !self.is_built(benchmark) {
            return refreshed;
        }
        let mut board = self.empty_change(benchmark);
        let view = self.view(benchmark);
        for ((model, before), update) in before.into_iter().zip(&refreshed.updates) {
            let row = match update {
                Some(update) => update.after.as_ref().map(Cow::Borrowed),
                None => view.row(model).map(Cow::Owned),
            };
            let after = row.map(|row| {
                let was = before.as_ref().map(|before| &before.model);
                let info = was.map_or_else(
                    || view.info(model),
                    |was| self.catalog.info_after(model, was),
                );
                view.intrinsic_with(&row, info)
            });
            // What is equal stays one.
            let after = match before {
                Some(before) if after.as_ref() == Some(&*before) => Some(before),
                before => {
                    let after = after.map(Arc::new);
                    board.rows.extend(row_change(before, after.clone()));
                    after
                }
            };
            refreshed.shown.push(after);
        }
        let info = |model| refreshed.info(model).unwrap_or_else(|| view.info(model));
        events::describe(&view, leader, &refreshed.updates, &info, &mut board);
        refreshed.board = board.says_something().then_some(board);
        refreshed
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

    /// Derives the row of one model anew, which was `before`, where the board is built.
    fn update_row(
        &mut self,
        benchmark: BenchmarkKey,
        model: ModelKey,
        before: Option<Row>,
    ) -> Option<RowUpdate> {
        if !self.is_built(benchmark) {
            return None;
        }
        let board = Arc::make_mut(&mut self.boards[benchmark as usize]);
        let record = self.catalog.benchmark(benchmark);
        board.update(&self.catalog, record, &self.selection, model, before)
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
        board.build(&self.catalog, record, &self.selection, &in_turn);
        // Nobody holds a row of an empty board.
        if want != Want::State && !board.is_empty() {
            let mut board = self.empty_change(benchmark);
            board.reset = true;
            change.boards.push(board);
        }
    }
}

/// Rows of a board before an entry: rows are not kept, and once the entry is in, these can no longer be derived.
struct Seen {
    benchmark: BenchmarkKey,
    /// None where nobody asks.
    leader: Option<ModelKey>,
    rows: Vec<SeenRow>,
}

/// One of them.
struct SeenRow {
    model: ModelKey,
    row: Option<Row>,
    /// As watchers know it; none where nobody asks.
    shown: Option<Arc<Intrinsic>>,
}

/// Rows of a board after an entry, in the order they were seen in.
struct Refreshed {
    /// None where nothing is different, or where nobody asks.
    board: Option<BoardChange>,
    /// None where the row is as it was.
    updates: Vec<Option<RowUpdate>>,
    /// As watchers know them; empty where nobody asks.
    shown: Vec<Option<Arc<Intrinsic>>>,
}

impl Refreshed {
    /// The model of a changed row, as its row has it.
    fn info(&self, model: ModelKey) -> Option<Arc<ModelInfo>> {
        let mut rows = self.updates.iter().zip(&self.shown);
        rows.find_map(|(update, shown)| {
            let after = update.as_ref()?.after.as_ref()?;
            let shown = shown.as_ref().filter(|_| after.model == model)?;
            Some(Arc::clone(&shown.model))
        })
    }
}

/// None where there was no row, and is none.
fn row_change(before: Option<Arc<Intrinsic>>, after: Option<Arc<Intrinsic>>) -> Option<RowChange> {
    if before.is_none() && after.is_none() {
        return None;
    }
    let before = before.map(|before| Before {
        offer: Offer::of(&before),
        model: Arc::clone(&before.model),
    });
    Some(RowChange { before, after })
}

impl Seen {
    fn row(&self, model: ModelKey) -> Option<&Row> {
        let seen = self.rows.iter().find(|seen| seen.model == model)?;
        seen.row.as_ref()
    }
}
