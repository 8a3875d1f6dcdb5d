//! The board of one benchmark: facts, and the trees over the rows derived from them. Rows themselves are not kept.

use std::collections::BTreeSet;

use crate::model::{CostBasis, Curve, Revision, Status};

use super::catalog::{BenchmarkRecord, Catalog, ModelKey};
use super::fact::Fact;
use super::indexes::{ByCost, Indexes};
use super::paged::Paged;
use super::query::Selection;
use super::real::Real;
use super::results::{Reading, Results};
use super::row::Row;
use super::tree::Visitor;

/// See the module documentation.
#[derive(Clone, Debug, Default)]
pub struct BenchBoard {
    /// All results ever, by model.
    results: Paged<Results>,
    /// Number of results.
    result_count: u64,
    pub(crate) indexes: Indexes,
    /// Direction and curve that the trees were built with.
    pub(crate) rules: Rules,
}

/// What the order of the trees depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rules {
    pub(crate) higher_is_better: bool,
    pub(crate) curve: Curve,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            higher_is_better: true,
            curve: Curve::default(),
        }
    }
}

/// Where a row stood and stands on one basis: (cost, goodness).
type Corner = Option<(f64, f64)>;

/// A changed row, with those that entered or left the frontier of each basis.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowUpdate {
    pub(crate) before: Option<Row>,
    pub(crate) after: Option<Row>,
    /// By basis: (entered, left).
    pub(crate) frontiers: [(Vec<ModelKey>, Vec<ModelKey>); 3],
}

impl BenchBoard {
    /// The board of some results, before its trees are built.
    pub(crate) fn of(results: Paged<Results>) -> Self {
        let counts = results.iter().map(|(_, results)| results.facts().len());
        Self {
            result_count: counts.sum::<usize>() as u64,
            results,
            ..Self::default()
        }
    }

    /// Number of results of any status.
    pub fn result_count(&self) -> u64 {
        self.result_count
    }

    /// Number of standings.
    pub fn len(&self) -> usize {
        self.indexes.by_score.len()
    }

    /// True without standings.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Results of a model, oldest first.
    pub fn facts(&self, model: ModelKey) -> &[Fact] {
        self.results(model).map_or(&[], Results::facts)
    }

    /// All results by model.
    pub fn all_facts(&self) -> impl Iterator<Item = (ModelKey, &[Fact])> {
        let results = self.results_from(ModelKey::MIN);
        results.map(|(model, results)| (model, results.facts()))
    }

    pub(crate) fn results(&self, model: ModelKey) -> Option<&Results> {
        self.results.get(u64::from(model))
    }

    pub(crate) fn all_results(&self) -> &Paged<Results> {
        &self.results
    }

    /// Models with results, from a key on.
    pub(crate) fn results_from(
        &self,
        from: ModelKey,
    ) -> impl Iterator<Item = (ModelKey, &Results)> {
        let results = self.results.range(u64::from(from));
        // The numbers are keys of models.
        results.map(|(model, results)| (model as ModelKey, results))
    }

    /// TASK if any standing has it, else `TOKEN_PRICE`, else TRAINING.
    pub fn default_basis(&self) -> CostBasis {
        CostBasis::ALL
            .into_iter()
            .find(|basis| self.indexes.bases[basis.index()].by_cost.len() > 0)
            .unwrap_or(CostBasis::Task)
    }

    pub(crate) fn push_fact(&mut self, model: ModelKey, fact: Fact, reading: Reading<'_>) {
        match self.results.get_mut(u64::from(model)) {
            Some(results) => results.push(fact, reading),
            None => self.results.insert(u64::from(model), Results::new(fact)),
        }
        self.result_count += 1;
    }

    pub(crate) fn set_status(
        &mut self,
        model: ModelKey,
        result: Revision,
        status: Status,
        reading: Reading<'_>,
    ) {
        if let Some(results) = self.results.get_mut(u64::from(model)) {
            results.set_status(result, status, reading);
        }
    }

    /// Builds the trees anew, from all rows.
    pub(crate) fn build(
        &mut self,
        catalog: &Catalog,
        record: &BenchmarkRecord,
        selection: &Selection,
    ) {
        self.rules = Rules {
            higher_is_better: record.benchmark.higher_is_better,
            curve: record.benchmark.curve,
        };
        let reading = Reading {
            benchmark: &record.benchmark,
            selection,
            voices: catalog.voices(),
        };
        let indexed = self.results.iter().filter(|(_, r)| r.is_indexed());
        let indexed: Vec<u64> = indexed.map(|(model, _)| model).collect();
        for model in indexed {
            if let Some(results) = self.results.get_mut(model) {
                results.index(reading);
            }
        }
        let rows = self
            .results_from(ModelKey::MIN)
            .filter_map(|(model, results)| {
                let counting = results.counting(reading)?;
                Row::derive(catalog, record, selection, model, counting)
            });
        let Rules {
            higher_is_better,
            curve,
        } = self.rules;
        self.indexes = Indexes::build(rows, higher_is_better, &curve);
    }

    /// Derives the row of one model anew, which was `before`. None when nothing about it changed.
    pub(crate) fn update(
        &mut self,
        catalog: &Catalog,
        record: &BenchmarkRecord,
        selection: &Selection,
        model: ModelKey,
        before: Option<Row>,
    ) -> Option<RowUpdate> {
        let reading = Reading {
            benchmark: &record.benchmark,
            selection,
            voices: catalog.voices(),
        };
        let results = self.results(model);
        let after = results
            .and_then(|results| results.counting(reading))
            .and_then(|counting| Row::derive(catalog, record, selection, model, counting));
        if before == after {
            return None;
        }
        let corner = |row: &Option<Row>, basis| {
            let row = row.as_ref()?;
            Some((row.cost(basis)?, row.good))
        };
        let mut members = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
        for basis in CostBasis::ALL {
            let corners = [corner(&before, basis), corner(&after, basis)];
            members[basis.index()] = self.frontier_behind(basis, corners);
        }
        if let Some(row) = &before {
            self.indexes
                .remove(row, self.rules.higher_is_better, &self.rules.curve);
        }
        if let Some(row) = &after {
            self.indexes
                .insert(row, self.rules.higher_is_better, &self.rules.curve);
        }
        let frontiers = CostBasis::ALL.map(|basis| {
            let corners = [corner(&before, basis), corner(&after, basis)];
            let was = &members[basis.index()];
            let is = self.frontier_behind(basis, corners);
            (
                is.difference(was).copied().collect(),
                was.difference(&is).copied().collect(),
            )
        });
        Some(RowUpdate {
            before,
            after,
            frontiers,
        })
    }

    /// Frontier members that cost at least as much and score at most as well as a corner: only these can enter or
    /// leave when a row appears at, or disappears from, that corner.
    fn frontier_behind(&self, basis: CostBasis, corners: [Corner; 2]) -> BTreeSet<ModelKey> {
        let mut members = BTreeSet::new();
        for (cost, good) in corners.into_iter().flatten() {
            self.frontier(basis, Some(cost), f64::NEG_INFINITY, |item| {
                let behind = item.good() <= good;
                if behind {
                    members.insert(item.model());
                }
                behind
            });
        }
        members
    }

    /// Walks the Pareto frontier from the cheapest on, from a cost on and above or at a goodness.
    pub(crate) fn frontier(
        &self,
        basis: CostBasis,
        from_cost: Option<f64>,
        at_least: f64,
        visit: impl FnMut(&ByCost) -> bool,
    ) {
        let tree = &self.indexes.bases[basis.index()].by_cost;
        // Whoever is cheaper than `from_cost` must be beaten.
        let from = from_cost.map(|cost| (Real::new(cost), Real::new(f64::MAX).reversed(), 0));
        let best_before = from
            .as_ref()
            .map_or(f64::NEG_INFINITY, |key| tree.summary_before(key));
        let mut walk = FrontierWalk {
            beat: best_before,
            at_least,
            last_cost: f64::NAN,
            visit,
        };
        tree.walk(from.as_ref(), None, &mut walk);
    }

    /// Whether a (cost, goodness) is on the frontier: nobody cheaper is as good, nobody as cheap is better.
    pub(crate) fn on_frontier(&self, basis: CostBasis, cost: f64, good: f64) -> bool {
        let tree = &self.indexes.bases[basis.index()].by_cost;
        let cheaper = (Real::new(cost), Real::new(f64::MAX).reversed(), 0);
        let dearer = (Real::new(cost).next(), Real::new(f64::MAX).reversed(), 0);
        tree.summary_before(&cheaper) < good && tree.summary_before(&dearer) <= good
    }
}

/// Visits the steps of the staircase. Equal rows stand on one step together.
struct FrontierWalk<F> {
    /// The best goodness so far; the next step must be better.
    beat: f64,
    /// Steps below this goodness are passed over.
    at_least: f64,
    last_cost: f64,
    visit: F,
}

impl<F: FnMut(&ByCost) -> bool> Visitor<ByCost> for FrontierWalk<F> {
    fn enter(&mut self, first: &(Real, Real, ModelKey), best: &f64) -> bool {
        *best >= self.at_least
            && (*best > self.beat || (*best == self.beat && first.0.get() <= self.last_cost))
    }

    fn item(&mut self, item: &ByCost) -> bool {
        if item.good() < self.at_least {
            return true;
        }
        let twin = item.good() == self.beat && item.cost() == self.last_cost;
        if item.good() > self.beat || twin {
            self.beat = item.good();
            self.last_cost = item.cost();
            return (self.visit)(item);
        }
        true
    }
}
