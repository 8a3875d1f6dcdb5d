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
pub const BOARD_VERSION: u32 = 2;

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
    pub fn derive(&mut self) {
        if std::mem::take(&mut self.deferred) {
            self.build();
        }
    }

    /// The board of the same facts on which other results count.
    #[must_use]
    pub fn project(&self, selection: Selection, only: Option<BenchmarkId>) -> Self {
        let mut board = self.clone();
        board.selection = selection;
        board.only = only;
        board.build();
        board
    }

    /// Everything a log says, applied to an empty board.
    pub fn replay<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut board = Self::new().deferred();
        for entry in entries {
            board.apply(entry, Want::State);
        }
        board.derive();
        board
    }

    /// Builds the trees anew.
    fn build(&mut self) {
        for key in 0..self.boards.len() as BenchmarkKey {
            let built = self.is_built(key);
            let record = self.catalog.benchmark(key);
            if built {
                let results = self.boards[key as usize].all_results().clone();
                let mut board = BenchBoard::of(results);
                board.build(&self.catalog, record, &self.selection);
                self.boards[key as usize] = Arc::new(board);
            }
        }
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
