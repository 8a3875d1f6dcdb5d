//! Which models stand on a page. The trees have most orders already, so that the first few rows of a large board cost no
//! look at the others.

use std::collections::BTreeSet;

use crate::board::catalog::ModelKey;
use crate::board::query::{ListingQuery, Order, RowFilter};
use crate::board::real::Real;
use crate::board::row::Row;
use crate::board::standing::BoardView;
use crate::model::{CostBasis, ModelId};

/// The models of a page, best first, and what is beside them.
pub(super) struct Page {
    pub(super) models: Vec<ModelKey>,
    /// Rows of the whole listing.
    pub(super) row_count: usize,
    /// Selected standings that the order omits.
    pub(super) unranked_count: usize,
}

/// Which models a listing selects.
struct Selected<'q> {
    rows: &'q RowFilter,
    /// Those that score well enough, sorted; none = all.
    scored: Option<Vec<ModelKey>>,
    /// The best variants; none = all.
    best: Option<BTreeSet<ModelKey>>,
    all: bool,
}

impl Page {
    /// Rows `offset` .. `offset + limit` of those that `each` names in order, until there are enough of them where
    /// `row_count` is known without going on.
    fn of(
        query: &ListingQuery,
        row_count: Option<usize>,
        each: impl FnOnce(&mut dyn FnMut(ModelKey) -> bool),
    ) -> Self {
        let last = query.offset.saturating_add(query.limit);
        let mut models = Vec::new();
        let mut count = 0;
        each(&mut |model| {
            if (query.offset..last).contains(&count) {
                models.push(model);
            }
            count += 1;
            row_count.is_none() || count < last
        });
        Self {
            models,
            row_count: row_count.unwrap_or(count),
            unranked_count: 0,
        }
    }
}

impl BoardView<'_> {
    /// A page of all selected models, or of some (sorted ids; empty = all).
    pub(super) fn page(&self, query: &ListingQuery, basis: CostBasis, only: &[ModelId]) -> Page {
        let selected = self.selected(query);
        if !only.is_empty() {
            let named = only.iter().filter_map(|id| self.catalog.model_key(id));
            return self.sorted(query, basis, &selected, named);
        }
        let ranked = match query.order {
            Order::Score => self.board.len(),
            Order::Value => self.board.indexes.bases[basis.index()].by_value.len(),
            Order::Cost => self.board.indexes.bases[basis.index()].by_cost.len(),
            Order::Overpay | Order::Conformance => {
                let all = self.results_from(ModelKey::MIN);
                return self.sorted(query, basis, &selected, all);
            }
        };
        let page = Page::of(query, selected.all.then_some(ranked), |take| {
            self.in_order(query.order, basis, |model| {
                !self.selects(&selected, model) || take(model)
            });
        });
        let total = if selected.all {
            self.board.len()
        } else if query.order == Order::Score {
            page.row_count
        } else {
            let mut total = 0;
            self.in_order(Order::Score, basis, |model| {
                total += usize::from(self.selects(&selected, model));
                true
            });
            total
        };
        Page {
            unranked_count: total - page.row_count,
            ..page
        }
    }

    /// A page of those of some models that are selected, each derived and all sorted.
    fn sorted(
        &self,
        query: &ListingQuery,
        basis: CostBasis,
        selected: &Selected<'_>,
        models: impl Iterator<Item = ModelKey>,
    ) -> Page {
        let mut keyed: Vec<(Real, &ModelId, ModelKey)> = Vec::new();
        let mut unranked_count = 0;
        let models = models.filter(|model| self.selects(selected, *model));
        for row in models.filter_map(|model| self.row(model)) {
            match self.order_key(&row, query.order, basis) {
                Some(key) => keyed.push((key, self.id(row.model), row.model)),
                None => unranked_count += 1,
            }
        }
        keyed.sort_unstable();
        let page = Page::of(query, Some(keyed.len()), |take| {
            let _ = keyed.iter().all(|(_, _, model)| take(*model));
        });
        Page {
            unranked_count,
            ..page
        }
    }

    /// Models with results here, whether they stand or not.
    fn results_from(&self, from: ModelKey) -> impl Iterator<Item = ModelKey> {
        self.board.results_from(from).map(|(model, _)| model)
    }

    fn selected<'q>(&self, query: &'q ListingQuery) -> Selected<'q> {
        let scored = query.min_score.map(|score| {
            let good = self.record.benchmark.goodness(score);
            let worse = (Real::new(good).reversed().next(), ModelKey::MIN);
            let mut scored = Vec::new();
            self.board
                .indexes
                .by_score
                .each(None, Some(&worse), |item| {
                    scored.push(item.key.1);
                    true
                });
            scored.sort_unstable();
            scored
        });
        Selected {
            rows: &query.rows,
            scored,
            best: query.rows.best_variant_only.then(|| self.best_variants()),
            all: query.min_score.is_none() && query.rows == RowFilter::default(),
        }
    }

    fn selects(&self, selected: &Selected<'_>, model: ModelKey) -> bool {
        let Selected {
            rows,
            scored,
            best,
            all,
        } = selected;
        *all || (rows.matches(self.catalog.facts(model))
            && scored
                .as_ref()
                .is_none_or(|scored| scored.binary_search(&model).is_ok())
            && best.as_ref().is_none_or(|best| best.contains(&model)))
    }

    /// Names the models that an order ranks until `visit` has seen enough; equal ones by id. Not for OVERPAY and
    /// CONFORMANCE, which no tree is in order of.
    fn in_order(&self, order: Order, basis: CostBasis, visit: impl FnMut(ModelKey) -> bool) {
        let indexes = &self.board.indexes;
        let mut ties = Ties {
            view: self,
            level: None,
            models: Vec::new(),
            visit,
        };
        match order {
            Order::Value => indexes.bases[basis.index()]
                .by_value
                .each(None, None, |item| ties.add(item.key.0, item.key.1)),
            Order::Cost => indexes.bases[basis.index()]
                .by_cost
                .each(None, None, |item| ties.add(item.key.0, item.key.2)),
            Order::Score | Order::Overpay | Order::Conformance => {
                indexes
                    .by_score
                    .each(None, None, |item| ties.add(item.key.0, item.key.1));
            }
        }
        ties.flush();
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
    fn best_variants(&self) -> BTreeSet<ModelKey> {
        let mut known = BTreeSet::new();
        let mut best = BTreeSet::new();
        self.in_order(Order::Score, CostBasis::Task, |model| {
            if known.insert(self.id(model).base_str()) {
                best.insert(model);
            }
            true
        });
        best
    }
}

/// Models of equal rank, collected to be named by id: the trees have them by key.
struct Ties<'a, 'b, F> {
    view: &'a BoardView<'b>,
    level: Option<Real>,
    models: Vec<ModelKey>,
    visit: F,
}

impl<F: FnMut(ModelKey) -> bool> Ties<'_, '_, F> {
    fn add(&mut self, level: Real, model: ModelKey) -> bool {
        let go_on = self.level == Some(level) || self.flush();
        self.level = Some(level);
        if go_on {
            self.models.push(model);
        }
        go_on
    }

    fn flush(&mut self) -> bool {
        let view = self.view;
        if self.models.len() > 1 {
            self.models.sort_unstable_by_key(|model| view.id(*model));
        }
        let visit = &mut self.visit;
        self.models.drain(..).all(visit)
    }
}
