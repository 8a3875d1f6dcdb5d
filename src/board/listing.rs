//! Listings: the rows of a board in an order, filtered, page by page.

mod page;

use std::sync::Arc;

use crate::model::{CostBasis, ModelId, Reason, Refusal};

use super::Board;
use super::answer::{Intrinsic, Listing, ModelInfo, Standing};
use super::catalog::ModelKey;
use super::query::{BoardName, Detail, ListingQuery, Order, RowFilter};
use super::standing::BoardView;

use page::Page;

impl Board {
    /// One page of a board.
    ///
    /// # Errors
    /// An unknown board, or an order or basis that the board does not have.
    pub fn listing(&self, query: &ListingQuery) -> Result<Listing, Refusal> {
        self.listing_of(query, &[])
    }

    /// The standing of one model on one board.
    ///
    /// # Errors
    /// An unknown board or model, or a model that does not stand on it.
    pub fn standing(
        &self,
        board: &BoardName,
        model: &str,
        basis: Option<CostBasis>,
    ) -> Result<Standing, Refusal> {
        let key = self.resolve(model, "model")?;
        let id = self.catalog().id(key);
        let missing = || {
            Refusal::new(
                Reason::NoStanding,
                "model",
                format!(
                    "model `{id}` has no standing on board `{board}`: nothing active was submitted for it; see ListResults"
                ),
            )
        };
        let BoardName::Benchmark(benchmark) = board else {
            let overall = self.overall(board, basis)?;
            return overall.standing(id).ok_or_else(missing);
        };
        let view = self.view_by_id(benchmark, "board")?;
        let basis = basis.unwrap_or_else(|| view.board.default_basis());
        let row = view.row(key).ok_or_else(missing)?;
        Ok(view.full(&row, basis))
    }

    /// As [`Board::listing`], of some models only (sorted ids; empty = all): nothing of the others is counted but the
    /// standings of the whole board.
    ///
    /// # Errors
    /// As [`Board::listing`].
    pub fn listing_of(&self, query: &ListingQuery, models: &[ModelId]) -> Result<Listing, Refusal> {
        let BoardName::Benchmark(id) = &query.board else {
            let overall = self.overall(&query.board, query.basis)?;
            return overall.listing_of(self.revision(), query, models);
        };
        let view = self.view_by_id(id, "board")?;
        Ok(view.listing(self.revision(), query, models))
    }
}

impl BoardView<'_> {
    /// The row of a model, without what other rows can change.
    pub fn intrinsic_of(&self, model: &ModelId) -> Option<Intrinsic> {
        let row = self.row(self.catalog.model_key(model)?)?;
        Some(self.intrinsic(&row))
    }

    /// Some rows in order of model key, without what other rows can change: those that match among the next `limit`
    /// from a key on, and the key to go on from.
    pub fn intrinsic_from(
        &self,
        from: ModelKey,
        limit: usize,
        matches: impl Fn(&ModelInfo) -> bool,
    ) -> (Vec<Intrinsic>, Option<ModelKey>) {
        let mut rows = self.rows_from(from);
        let part = rows
            .by_ref()
            .take(limit)
            .filter(|row| matches(&self.info(row.model)))
            .map(|row| self.intrinsic(&row))
            .collect();
        (part, rows.next().map(|row| row.model))
    }
}

impl BoardView<'_> {
    /// Rows that answering a question looks at: of an order that a tree has, those up to the last one wanted.
    pub fn rows_read(&self, query: &ListingQuery) -> usize {
        let in_order = matches!(query.order, Order::Score | Order::Value | Order::Cost);
        let unfiltered = query.min_score.is_none() && query.rows == RowFilter::default();
        let wanted = query.offset.saturating_add(query.limit);
        match self.board.len() {
            all if in_order && unfiltered => all.min(wanted),
            all => all,
        }
    }

    fn listing(&self, revision: u64, query: &ListingQuery, only: &[ModelId]) -> Listing {
        let basis = query.basis.unwrap_or_else(|| self.board.default_basis());
        let Page {
            models,
            row_count,
            unranked_count,
        } = self.page(query, basis, only);
        let last = query.offset + models.len();
        let rows = models
            .into_iter()
            .filter_map(|model| self.row(model))
            .map(|row| match query.detail {
                Detail::Intrinsic => Standing {
                    own: Arc::new(self.intrinsic(&row)),
                    relative: None,
                },
                Detail::Full => self.full(&row, basis),
            })
            .collect();
        Listing {
            revision,
            basis,
            rows,
            next: (last < row_count).then_some(last),
            row_count: row_count as u32,
            unranked_count: unranked_count as u32,
            standing_count: self.board.len() as u32,
            unit: self.record.benchmark.unit.clone(),
            higher_is_better: self.record.benchmark.higher_is_better,
        }
    }
}
