//! Which models stand on a page. The trees have most orders already, so that the first few rows of a large board cost no
//! look at the others.

use std::collections::BTreeSet;

use crate::board::catalog::ModelKey;
use crate::board::indexes::ByScore;
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
    /// A page of models by key, least first, equal ones by id.
    fn of_keyed(query: &ListingQuery, mut keyed: Vec<(Real, &ModelId, ModelKey)>) -> Self {
        let row_count = keyed.len();
        let last = query.offset.saturating_add(query.limit);
        if last < row_count {
            keyed.select_nth_unstable(last);
            keyed.truncate(last);
        }
        keyed.sort_unstable();
        let page = keyed.get(query.offset..).unwrap_or_default();
        Self {
            models: page.iter().map(|(_, _, model)| *model).collect(),
            row_count,
            unranked_count: 0,
        }
    }

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
            Order::Overpay => return self.by_overpay(query, basis, &selected),
            Order::Conformance => {
                let all = self.board.results_from(ModelKey::MIN);
                return self.sorted(query, basis, &selected, all.map(|(model, _)| model));
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
        Page {
            unranked_count,
            ..Page::of_keyed(query, keyed)
        }
    }

    /// A page in order of overpay. One look at all rows, best first, knows the least cost at which each is matched.
    fn by_overpay(&self, query: &ListingQuery, basis: CostBasis, selected: &Selected<'_>) -> Page {
        let mut keyed: Vec<(Real, &ModelId, ModelKey)> = Vec::new();
        let mut unranked_count = 0;
        let mut least = f64::INFINITY;
        // Rows of one score match each other.
        let mut level: Vec<ByScore> = Vec::new();
        let mut rank = |level: &mut Vec<ByScore>| {
            let costs = level.iter().map(|row| row.costs[basis.index()]);
            least = costs.fold(least, f64::min);
            let rows = level.drain(..);
            for row in rows.filter(|row| self.selects(selected, row.key.1)) {
                let (cost, model) = (row.costs[basis.index()], row.key.1);
                if cost < f64::INFINITY {
                    keyed.push((Real::new(cost / least), self.id(model), model));
                } else {
                    unranked_count += 1;
                }
            }
        };
        self.board.indexes.by_score.each(None, None, |row| {
            if level.first().is_some_and(|first| first.key.0 != row.key.0) {
                rank(&mut level);
            }
            level.push(*row);
            true
        });
        rank(&mut level);
        Page {
            unranked_count,
            ..Page::of_keyed(query, keyed)
        }
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
