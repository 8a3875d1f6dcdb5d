//! What a view is: a watch without its start and its pace, in one canonical form.

use crate::api::convert::WatchAsk;
use crate::board::answer::ModelInfo;
use crate::board::change::PackedBoard;
use crate::board::query::{BoardName, Detail, ListingQuery, Order, RowFilter};
use crate::board::{Board, BoardView};
use crate::commit::Published;
use crate::limits::WATCH_ROWS_MAX;
use crate::model::{BenchmarkId, CostBasis, ModelId, Refusal};

/// Equal specs get equal frames.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spec {
    /// Sorted; empty = all benchmarks, those to come included.
    pub(super) boards: Vec<BoardName>,
    /// Sorted ids; empty = all.
    pub(super) models: Vec<ModelId>,
    pub(super) order: Order,
    pub(super) basis: Option<CostBasis>,
    pub(super) top: Option<u32>,
    pub(super) rows: RowFilter,
    pub(super) detail: Detail,
    pub(super) events_only: bool,
}

impl Spec {
    /// Resolves names against a board. What makes no difference to the frames is set to its default.
    ///
    /// # Errors
    /// An unknown benchmark, suite or model, or an order or basis that a board does not have.
    pub(super) fn resolve(ask: &WatchAsk, board: &Board) -> Result<Self, Refusal> {
        let mut models = Vec::with_capacity(ask.models.len());
        for name in &ask.models {
            let key = board.resolve(name, "models")?;
            models.push(board.catalog().id(key).clone());
        }
        models.sort_unstable();
        models.dedup();
        let mut spec = Self {
            boards: ask.boards.clone(),
            models,
            order: ask.top.map_or(Order::Score, |_| ask.order),
            basis: ask.basis,
            top: ask.top,
            rows: ask.rows.clone(),
            detail: ask.detail,
            events_only: ask.events_only,
        };
        if spec.events_only {
            spec.order = Order::Score;
            spec.top = None;
            spec.rows.best_variant_only = false;
            spec.detail = Detail::Intrinsic;
        }
        for name in &spec.boards {
            board.check_name(name, "boards")?;
        }
        Ok(spec)
    }

    /// Rows depend on other rows: which are in the window, or what they say.
    pub(super) fn is_windowed(&self) -> bool {
        self.has_computed()
            || self.top.is_some()
            || self.detail == Detail::Full
            || self.rows.best_variant_only
    }

    /// Some board is `overall` or a suite.
    pub(super) fn has_computed(&self) -> bool {
        self.boards.iter().any(BoardName::is_computed)
    }

    /// The benchmark's own board is watched.
    pub(super) fn watches(&self, benchmark: &BenchmarkId) -> bool {
        let is_it = |name: &BoardName| matches!(name, BoardName::Benchmark(id) if id == benchmark);
        self.boards.is_empty() || self.boards.iter().any(is_it)
    }

    /// What an entry changed on the benchmarks watched.
    pub(super) fn changes<'a>(
        &'a self,
        change: &'a Published,
    ) -> impl Iterator<Item = &'a PackedBoard> {
        let boards = change.boards().iter();
        boards.filter(|board| self.watches(board.benchmark()))
    }

    /// An entry can have changed a row of some watched board. Computed boards depend on all benchmarks.
    pub(super) fn concerns(&self, change: &Published) -> bool {
        (self.has_computed() && !change.boards().is_empty())
            || self.changes(change).next().is_some()
    }

    /// A watched benchmark was defined anew, so that its rows need a snapshot.
    pub(super) fn resets(&self, change: &Published) -> bool {
        !self.events_only && self.changes(change).any(PackedBoard::reset)
    }

    /// A model is among those named, or none are.
    pub(super) fn names(&self, model: &ModelId) -> bool {
        self.models.is_empty() || self.models.binary_search(model).is_ok()
    }

    /// A model's row is selected, as far as that depends on the model alone.
    pub(super) fn selects(&self, model: &ModelInfo) -> bool {
        self.names(&model.id) && self.rows.matches(model)
    }

    /// The boards at one state of the catalog.
    pub(super) fn boards_of(&self, board: &Board) -> Vec<BoardName> {
        if !self.boards.is_empty() {
            return self.boards.clone();
        }
        let all = board.catalog().benchmarks_by_id();
        all.map(|(id, _)| BoardName::Benchmark(id.clone()))
            .collect()
    }

    /// The benchmarks of the view with their boards, at one state of the catalog.
    pub(super) fn views<'a>(&self, board: &'a Board) -> Vec<(BenchmarkId, BoardView<'a>)> {
        let catalog = board.catalog();
        self.boards_of(board)
            .into_iter()
            .filter_map(|name| match name {
                BoardName::Benchmark(id) => Some((catalog.benchmark_key(&id)?, id)),
                BoardName::Overall | BoardName::Suite(_) => None,
            })
            .map(|(key, id)| (id, board.view(key)))
            .collect()
    }

    /// The listing that a window of a board shows; one row more than may be shown, where all are asked for.
    pub(super) fn listing(&self, board: BoardName) -> ListingQuery {
        ListingQuery {
            board,
            order: self.order,
            basis: self.basis,
            detail: self.detail,
            rows: self.rows.clone(),
            min_score: None,
            min_coverage: None,
            offset: 0,
            limit: self.top.map_or(WATCH_ROWS_MAX + 1, |top| top as usize),
        }
    }
}
