//! The deterministic state machine: a board is a pure function of the log.
//!
//! No IO, no clock, no randomness, no async, no unordered iteration. What the log says is kept (catalog, facts);
//! what follows from it (rows, trees) is derived, and what depends on other rows (ranks, frontier, trend) is computed
//! when read. Only the former is in a checkpoint.

pub mod answer;
mod apply;
pub mod assess;
mod bench;
pub mod catalog;
pub mod change;
mod compare;
mod curves;
pub mod describe;
mod events;
mod fact;
mod field;
mod frontier;
mod indexes;
pub mod judge;
mod listing;
mod offers;
mod overall;
mod paged;
mod pricing;
pub mod query;
mod real;
mod reference;
mod requests;
mod results;
mod row;
mod sorted;
mod standing;
mod stored;
mod tree;
pub mod trend;
mod voices;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{BenchmarkId, Entry, Reason, Refusal, Revision};

pub use apply::Want;
pub use bench::BenchBoard;
pub use fact::Fact;
pub use overall::Overall;
pub use requests::Answered;
pub use standing::BoardView;
pub use stored::Stored;

use catalog::{BenchmarkKey, Catalog, ModelKey};
use paged::Paged;
use query::Selection;
use requests::Requests;
use results::Reading;

/// Version of the rules of this module and of the state's encoding. A checkpoint of another version is rebuilt.
pub const BOARD_VERSION: u32 = 3;

/// Runs two pieces of work to their ends, at once where it can. No board depends on which is done first.
pub type Both<'a> = &'a dyn Fn(&mut (dyn FnMut() + Send), &mut (dyn FnMut() + Send));

/// Runs one after the other.
pub fn in_turn(first: &mut (dyn FnMut() + Send), second: &mut (dyn FnMut() + Send)) {
    first();
    second();
}

/// Results from which on a board is worth two threads.
const LARGE_RESULTS: u64 = 32_768;

/// Where a result stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultPlace {
    /// On which benchmark.
    pub benchmark: BenchmarkKey,
    /// Of which model.
    pub model: ModelKey,
}

/// All boards at one revision.
#[derive(Clone, Debug, Default)]
pub struct Board {
    revision: Revision,
    catalog: Catalog,
    boards: Vec<Arc<BenchBoard>>,
    /// Where each result stands, by revision.
    results: Paged<ResultPlace>,
    /// Status changes of a result or claim, by its revision.
    history: BTreeMap<Revision, Vec<Revision>>,
    requests: Requests,
    selection: Selection,
    /// Only this benchmark's rows are derived; none = all.
    only: Option<BenchmarkId>,
    /// No rows are derived yet: entries change facts alone.
    deferred: bool,
}

impl Board {
    /// An empty board.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty board on which only some results count, or on which only one benchmark's rows are derived.
    pub fn selecting(selection: Selection, only: Option<BenchmarkId>) -> Self {
        Self {
            selection,
            only,
            ..Self::default()
        }
    }

    /// Takes entries without deriving rows, until [`Board::derive`]: many entries cost a fraction of what they cost one
    /// after the other. Until then there is nothing to read but the catalog, and nothing changes for watchers.
    #[must_use]
    pub fn deferred(mut self) -> Self {
        self.deferred = true;
        self
    }

    /// Derives all rows that were deferred, at once.
    pub fn derive(&mut self, both: Both<'_>) {
        if std::mem::take(&mut self.deferred) {
            self.build(both);
        }
    }

    /// The board of the same facts on which other results count.
    #[must_use]
    pub fn project(&self, selection: Selection, only: Option<BenchmarkId>) -> Self {
        let mut board = self.clone();
        board.selection = selection;
        board.only = only;
        board.build(&in_turn);
        board
    }

    /// Everything a log says, applied to an empty board.
    pub fn replay<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut board = Self::new().deferred();
        for entry in entries {
            board.apply(entry, Want::State);
        }
        board.derive(&in_turn);
        board
    }

    /// Builds the trees anew: of a large board in two halves, of small ones one half of the boards and the other.
    fn build(&mut self, both: Both<'_>) {
        let mut boards = std::mem::take(&mut self.boards);
        let keyed = boards.iter_mut().zip(0..);
        let built: Vec<(&mut Arc<BenchBoard>, BenchmarkKey)> =
            keyed.filter(|(_, key)| self.is_built(*key)).collect();
        let is_large = |(board, _): &(&mut Arc<BenchBoard>, BenchmarkKey)| {
            board.result_count() >= LARGE_RESULTS
        };
        let (large, mut small): (Vec<_>, Vec<_>) = built.into_iter().partition(is_large);
        for (board, key) in large {
            self.build_one(board, key, both);
        }
        let half = small.len() / 2;
        let (first, second) = small.split_at_mut(half);
        let in_order = |boards: &mut [(&mut Arc<BenchBoard>, BenchmarkKey)]| {
            for (board, key) in boards {
                self.build_one(board, *key, &in_turn);
            }
        };
        both(&mut || in_order(first), &mut || in_order(second));
        self.boards = boards;
    }

    fn build_one(&self, board: &mut Arc<BenchBoard>, key: BenchmarkKey, both: Both<'_>) {
        let mut new = BenchBoard::of(board.all_results().clone());
        // Where nobody else has the old one, its results are this one's alone from here on.
        *board = Arc::default();
        let record = self.catalog.benchmark(key);
        new.build(&self.catalog, record, &self.selection, both);
        *board = Arc::new(new);
    }

    /// The newest revision applied.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// What makes this board differ from the live one.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Benchmarks, models, prices, claims.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Number of results of any status.
    pub fn result_count(&self) -> u64 {
        self.results.len() as u64
    }

    /// Number of standings of a benchmark.
    pub fn standing_count(&self, benchmark: BenchmarkKey) -> usize {
        self.boards[benchmark as usize].len()
    }

    /// Where a result stands.
    pub fn result_place(&self, result: Revision) -> Option<ResultPlace> {
        self.results.get(result).copied()
    }

    /// The result with its status.
    pub fn fact(&self, result: Revision) -> Option<&Fact> {
        let place = self.results.get(result)?;
        self.boards[place.benchmark as usize]
            .results(place.model)?
            .fact(result)
    }

    /// The rank of the model of a result on its board; none when it does not stand there.
    pub fn rank_of_result(&self, result: Revision) -> Option<u32> {
        let place = self.results.get(result)?;
        let view = self.view(place.benchmark);
        Some(view.rank(view.row(place.model)?.good))
    }

    /// Revisions that changed the status of a result or claim, oldest first.
    pub fn history(&self, revision: Revision) -> &[Revision] {
        self.history.get(&revision).map_or(&[], Vec::as_slice)
    }

    /// What a request id was answered with.
    pub fn answered(&self, scope: &[u8; 16]) -> Option<Answered> {
        self.requests.get(scope)
    }

    /// One benchmark's board.
    pub fn view(&self, benchmark: BenchmarkKey) -> BoardView<'_> {
        BoardView {
            catalog: &self.catalog,
            record: self.catalog.benchmark(benchmark),
            board: &self.boards[benchmark as usize],
            selection: &self.selection,
        }
    }

    /// One benchmark's board by id.
    ///
    /// # Errors
    /// [`Reason::UnknownBenchmark`] with look-alikes.
    pub fn view_by_id(&self, id: &BenchmarkId, field: &str) -> Result<BoardView<'_>, Refusal> {
        match self.catalog.benchmark_key(id) {
            Some(key) => Ok(self.view(key)),
            None => Err(judge::unknown_benchmark(&self.catalog, id.as_str(), field)),
        }
    }

    /// A model by id or alias.
    ///
    /// # Errors
    /// [`Reason::UnknownModel`] with look-alikes.
    pub fn resolve(&self, name: &str, field: &str) -> Result<ModelKey, Refusal> {
        if name.is_empty() {
            return Err(Refusal::new(
                Reason::FieldRequired,
                field,
                format!("{field} is empty: name a model id or alias, such as `deepseek/v3`"),
            ));
        }
        self.catalog
            .resolve(name)
            .ok_or_else(|| judge::unknown_model(&self.catalog, name, field))
    }

    fn is_built(&self, benchmark: BenchmarkKey) -> bool {
        let is = |only: &BenchmarkId| *only == self.catalog.benchmark(benchmark).benchmark.id;
        !self.deferred && self.only.as_ref().is_none_or(is)
    }

    fn change_board(
        &mut self,
        benchmark: BenchmarkKey,
        change: impl FnOnce(&mut BenchBoard, Reading<'_>),
    ) {
        let reading = Reading {
            benchmark: &self.catalog.benchmark(benchmark).benchmark,
            selection: &self.selection,
            voices: self.catalog.voices(),
        };
        change(Arc::make_mut(&mut self.boards[benchmark as usize]), reading);
    }
}
