//! The board of one benchmark: facts, and the trees over the rows derived from them. Rows themselves are not kept.

use crate::model::{CostBasis, Curve, Revision, Status};

use super::Both;
use super::catalog::{BenchmarkRecord, Catalog, ModelKey};
use super::fact::Fact;
use super::frontier::Moves;
use super::indexes::Indexes;
use super::paged::Paged;
use super::query::Selection;
use super::results::{Reading, Results};
use super::row::Row;

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

/// A changed row, with those that entered or left the frontier of each basis.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowUpdate {
    pub(crate) before: Option<Row>,
    pub(crate) after: Option<Row>,
    /// By basis.
    pub(crate) frontiers: [Moves; 3],
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
        both: Both<'_>,
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
        let row = |(model, results): (u64, &Results)| {
            let counting = results.counting(reading)?;
            // The numbers are keys of models.
            Row::derive(catalog, record, selection, model as ModelKey, counting)
        };
        let middle = self.results.middle();
        let first = self.results.iter().take_while(|(model, _)| *model < middle);
        let parts: [Box<dyn Iterator<Item = Row> + Send>; 2] = [
            Box::new(first.filter_map(row)),
            Box::new(self.results.range(middle).filter_map(row)),
        ];
        let Rules {
            higher_is_better,
            curve,
        } = self.rules;
        let rows_each = self.results.len() / 2 + 1;
        self.indexes = Indexes::build(parts, rows_each, (higher_is_better, &curve), both);
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
        let was_member = self.memberships(before.as_ref());
        self.indexes.replace(
            before.as_ref(),
            after.as_ref(),
            self.rules.higher_is_better,
            &self.rules.curve,
        );
        let frontiers = self.frontier_moves(model, [before.as_ref(), after.as_ref()], was_member);
        Some(RowUpdate {
            before,
            after,
            frontiers,
        })
    }
}
