//! Standings, computed when read: ranks, intervals of rank, value, frontier, overpay.

use std::sync::Arc;

use crate::limits::NAMED_MAX;
use crate::model::{CostBasis, ModelId, Status};

use super::answer::{
    BasisCost, CountingResult, Economics, Intrinsic, ModelInfo, OtherResult, Relative, Standing,
};
use super::bench::BenchBoard;
use super::catalog::{BenchmarkRecord, Catalog, ModelKey};
use super::fact::Fact;
use super::query::Selection;
use super::real::Real;
use super::results::{Reading, Results};
use super::row::Row;

/// One benchmark's board with what is needed to read it.
#[derive(Clone, Copy)]
pub struct BoardView<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) record: &'a BenchmarkRecord,
    pub(crate) board: &'a BenchBoard,
    pub(crate) selection: &'a Selection,
}

impl<'a> BoardView<'a> {
    /// The benchmark.
    pub fn record(&self) -> &'a BenchmarkRecord {
        self.record
    }

    /// Its board.
    pub fn board(&self) -> &'a BenchBoard {
        self.board
    }

    pub(crate) fn info(&self, model: ModelKey) -> Arc<ModelInfo> {
        self.catalog.info(model)
    }

    pub(crate) fn id(&self, model: ModelKey) -> &'a ModelId {
        self.catalog.id(model)
    }

    /// The row of a model, derived from its results and the catalog; none where it does not stand.
    pub(crate) fn row(&self, model: ModelKey) -> Option<Row> {
        self.derive(model, self.board.results(model)?)
    }

    /// All rows in order of model key.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> {
        self.rows_from(ModelKey::MIN)
    }

    /// All rows from a model key on.
    pub(crate) fn rows_from(&self, from: ModelKey) -> impl Iterator<Item = Row> {
        let results = self.board.results_from(from);
        results.filter_map(|(model, results)| self.derive(model, results))
    }

    /// True when a model stands on the board.
    pub fn has(&self, model: ModelKey) -> bool {
        self.row(model).is_some()
    }

    fn derive(&self, model: ModelKey, results: &Results) -> Option<Row> {
        // A board whose trees are not built shows no rows.
        if self.board.is_empty() {
            return None;
        }
        let counting = results.counting(self.reading())?;
        Row::derive(self.catalog, self.record, self.selection, model, counting)
    }

    fn reading(&self) -> Reading<'a> {
        Reading {
            benchmark: &self.record.benchmark,
            selection: self.selection,
            voices: self.catalog.voices(),
        }
    }

    /// What no other row can change.
    pub(crate) fn intrinsic(&self, row: &Row) -> Intrinsic {
        self.intrinsic_with(row, self.info(row.model))
    }

    /// The same of a row whose model is known.
    pub(crate) fn intrinsic_with(&self, row: &Row, model: Arc<ModelInfo>) -> Intrinsic {
        let costs = CostBasis::ALL
            .into_iter()
            .filter_map(|basis| basis_cost(row, basis))
            .collect();
        Intrinsic {
            model,
            score: row.score,
            normalised: row.normalised,
            interval: row.interval,
            costs,
            counting: self.counting_result(row),
            coverage: None,
        }
    }

    /// Every field.
    pub(crate) fn full(&self, row: &Row, basis: CostBasis) -> Standing {
        self.placed(row, Arc::new(self.intrinsic(row)), basis)
    }

    /// Every field of a row whose own part is known.
    pub(crate) fn placed(&self, row: &Row, own: Arc<Intrinsic>, basis: CostBasis) -> Standing {
        let relative = Relative {
            rank: self.rank(row.good),
            rank_interval: self.rank_interval(row),
            basis,
            economics: self.economics(row, basis),
            trend: Some(self.declared(row, basis)),
        };
        Standing {
            own,
            relative: Some(Box::new(relative)),
        }
    }

    /// 1 + number strictly better.
    pub(crate) fn rank(&self, good: f64) -> u32 {
        let better = self
            .board
            .indexes
            .by_score
            .rank(&(Real::new(good).reversed(), 0));
        1 + better as u32
    }

    /// best = 1 + #{j: `L_j` > `U_i`}, worst = #{j: `U_j` >= `L_i`}, counting i.
    pub(crate) fn rank_interval(&self, row: &Row) -> Option<(u32, u32)> {
        row.interval?;
        let (low, high) = row.good_ends(self.board.rules.higher_is_better);
        let indexes = &self.board.indexes;
        let not_above = indexes.by_low.rank(&Real::new(high).next());
        let best = 1 + indexes.by_low.len() - not_above;
        let worst = indexes.by_high.len() - indexes.by_high.rank(&Real::new(low));
        Some((best as u32, worst as u32))
    }

    pub(crate) fn economics(&self, row: &Row, basis: CostBasis) -> Option<Economics> {
        let cost = row.cost(basis)?;
        let index = &self.board.indexes.bases[basis.index()];
        let value = row.value(basis);
        let value_rank =
            value.map(|value| 1 + index.by_value.rank(&(Real::new(value).reversed(), 0)) as u32);
        let cost_to_match = index.cost_to_match(row.good);
        let on_frontier = self.board.on_frontier(basis, cost, row.good);
        let (dominated_by, dominated_by_count) = if on_frontier {
            (Vec::new(), 0)
        } else {
            self.dominators(basis, cost, row.good)
        };
        Some(Economics {
            value,
            value_rank,
            on_frontier,
            dominated_by,
            dominated_by_count,
            cost_to_match,
            overpay: cost / cost_to_match,
        })
    }

    /// Frontier members at most as dear and at least as good, cheapest first.
    fn dominators(&self, basis: CostBasis, cost: f64, good: f64) -> (Vec<ModelId>, u32) {
        let mut named = Vec::new();
        let mut count = 0;
        self.board.frontier(basis, good, |item| {
            if item.cost() > cost {
                return false;
            }
            count += 1;
            if named.len() < NAMED_MAX {
                named.push(self.id(item.model()).clone());
            }
            true
        });
        (named, count)
    }

    fn counting_result(&self, row: &Row) -> Option<CountingResult> {
        let results = self.board.results(row.model)?;
        let fact = results.fact(row.result)?;
        let others = results.others(fact, self.reading());
        let (evaluator, harness) = self.catalog.voices().get(fact.voice()).clone();
        let best = self.record.benchmark.counting_rule == crate::model::CountingRule::Best;
        Some(CountingResult {
            revision: fact.revision(),
            observed: fact.observed(),
            evaluator,
            relationship: fact.relationship(),
            harness,
            status: fact.status(),
            attempts: row.attempts,
            biased_upward: best && row.attempts > 1,
            others_count: others.count as u32,
            others: others.newest.iter().map(|f| self.other_result(f)).collect(),
            spread: others.spread,
        })
    }

    fn other_result(&self, fact: &Fact) -> OtherResult {
        debug_assert!(fact.status() != Status::Retracted);
        let (evaluator, harness) = self.catalog.voices().get(fact.voice()).clone();
        OtherResult {
            revision: fact.revision(),
            score: fact.score(),
            evaluator,
            harness,
            observed: fact.observed(),
            status: fact.status(),
        }
    }
}

pub(super) fn basis_cost(row: &Row, basis: CostBasis) -> Option<BasisCost> {
    let cost = row.costs[basis.index()].as_ref()?;
    Some(BasisCost {
        basis,
        cost: cost.cost,
        date: row.dates[basis.index()],
        provider: cost.provider.clone(),
        cache_price_missing: cost.cache_price_missing,
        not_a_cost_proxy: cost.not_a_cost_proxy,
    })
}
