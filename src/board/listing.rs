//! Listings: the rows of a board in an order, filtered, page by page.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{CostBasis, ModelId, Reason, Refusal};

use super::Board;
use super::answer::{Intrinsic, Listing, ModelInfo, Standing};
use super::catalog::ModelKey;
use super::query::{BoardName, Detail, ListingQuery, Order};
use super::real::Real;
use super::row::Row;
use super::standing::BoardView;

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

    /// As [`Board::listing`], of some models only (sorted ids; empty = all).
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
    fn listing(&self, revision: u64, query: &ListingQuery, only: &[ModelId]) -> Listing {
        let basis = query.basis.unwrap_or_else(|| self.board.default_basis());
        let (mut models, unranked_count) = self.ordered(query, basis);
        if !only.is_empty() {
            models.retain(|model| only.binary_search(self.id(*model)).is_ok());
        }
        let last = (query.offset + query.limit).min(models.len());
        let page = models.get(query.offset..last).unwrap_or_default();
        let rows = page
            .iter()
            .filter_map(|model| self.row(*model))
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
            next: (last < models.len()).then_some(last),
            row_count: models.len() as u32,
            unranked_count,
            standing_count: self.board.len() as u32,
            unit: self.record.benchmark.unit.clone(),
            higher_is_better: self.record.benchmark.higher_is_better,
        }
    }

    /// All selected models in order, and how many the order omits.
    pub(crate) fn ordered(&self, query: &ListingQuery, basis: CostBasis) -> (Vec<ModelKey>, u32) {
        let least = query
            .min_score
            .map(|score| self.record.benchmark.goodness(score));
        let best_variants = query.rows.best_variant_only.then(|| self.best_variants());
        let selected = self.rows().filter(|row| {
            query.rows.matches(self.catalog.facts(row.model))
                && least.is_none_or(|least| row.good >= least)
                && best_variants
                    .as_ref()
                    .is_none_or(|best| best.get(self.id(row.model).base_str()) == Some(&row.model))
        });
        let mut unranked_count = 0;
        let mut keyed: Vec<(Real, &ModelId, ModelKey)> = Vec::new();
        for row in selected {
            match self.order_key(&row, query.order, basis) {
                Some(key) => keyed.push((key, self.id(row.model), row.model)),
                None => unranked_count += 1,
            }
        }
        keyed.sort_unstable();
        let models = keyed.into_iter().map(|(_, _, model)| model).collect();
        (models, unranked_count)
    }

    /// Least first; none where the order omits the row.
    fn order_key(&self, row: &Row, order: Order, basis: CostBasis) -> Option<Real> {
        match order {
            Order::Score => Some(Real::new(row.good).reversed()),
            Order::Value => row.value(basis).map(|value| Real::new(value).reversed()),
            Order::Cost => row.cost(basis).map(Real::new),
            Order::Overpay => {
                let index = &self.board.indexes.bases[basis.index()];
                row.cost(basis)
                    .map(|cost| Real::new(cost / index.cost_to_match(row.good)))
            }
            Order::Conformance => self
                .declared_alone(row, basis)
                .assessment
                .map(|assessment| Real::new(assessment.q).reversed()),
        }
    }

    /// Of the variants of each model the best-scoring one; among equals the smallest id.
    fn best_variants(&self) -> BTreeMap<&str, ModelKey> {
        let mut best: BTreeMap<&str, Row> = BTreeMap::new();
        for row in self.rows() {
            let id = self.id(row.model);
            let better = |other: &Row| {
                (Real::new(other.good).reversed(), self.id(other.model))
                    <= (Real::new(row.good).reversed(), id)
            };
            if !best.get(id.base_str()).is_some_and(better) {
                best.insert(id.base_str(), row);
            }
        }
        best.into_iter()
            .map(|(base, row)| (base, row.model))
            .collect()
    }
}
