//! The board of one benchmark: facts, the rows derived from them, and the trees over the rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{CostBasis, Curve, Revision, Status};

use super::catalog::{BenchmarkRecord, Catalog, ModelKey};
use super::fact::Fact;
use super::frontier::Moves;
use super::indexes::Indexes;
use super::query::Selection;
use super::results::{Reading, Results};
use super::row::Row;

/// See the module documentation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BenchBoard {
    /// All results ever, by model.
    results: BTreeMap<ModelKey, Results>,
    /// Number of results.
    result_count: u64,
    #[serde(skip)]
    rows: BTreeMap<ModelKey, Row>,
    #[serde(skip)]
    pub(crate) indexes: Indexes,
    /// Direction and curve that the trees were built with.
    #[serde(skip)]
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
    /// Number of results of any status.
    pub fn result_count(&self) -> u64 {
        self.result_count
    }

    /// Number of standings.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True without standings.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// True when a model stands on the board.
    pub fn has(&self, model: ModelKey) -> bool {
        self.rows.contains_key(&model)
    }

    /// Results of a model, oldest first.
    pub fn facts(&self, model: ModelKey) -> &[Fact] {
        self.results.get(&model).map_or(&[], Results::facts)
    }

    /// All results by model.
    pub fn all_facts(&self) -> impl Iterator<Item = (ModelKey, &[Fact])> {
        let results = self.results.iter();
        results.map(|(model, results)| (*model, results.facts()))
    }

    pub(crate) fn results(&self, model: ModelKey) -> Option<&Results> {
        self.results.get(&model)
    }

    pub(crate) fn row(&self, model: ModelKey) -> Option<&Row> {
        self.rows.get(&model)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    pub(crate) fn rows_from(&self, from: ModelKey) -> impl Iterator<Item = &Row> {
        self.rows.range(from..).map(|(_, row)| row)
    }

    /// TASK if any standing has it, else `TOKEN_PRICE`, else TRAINING.
    pub fn default_basis(&self) -> CostBasis {
        CostBasis::ALL
            .into_iter()
            .find(|basis| self.indexes.bases[basis.index()].by_cost.len() > 0)
            .unwrap_or(CostBasis::Task)
    }

    pub(crate) fn push_fact(&mut self, model: ModelKey, fact: Fact, reading: Reading<'_>) {
        self.results.entry(model).or_default().push(fact, reading);
        self.result_count += 1;
    }

    pub(crate) fn set_status(
        &mut self,
        model: ModelKey,
        result: Revision,
        status: Status,
        reading: Reading<'_>,
    ) {
        if let Some(results) = self.results.get_mut(&model) {
            results.set_status(result, status, reading);
        }
    }

    /// Derives all rows anew.
    pub(crate) fn rebuild(
        &mut self,
        catalog: &Catalog,
        record: &BenchmarkRecord,
        selection: &Selection,
    ) {
        self.rules = Rules {
            higher_is_better: record.benchmark.higher_is_better,
            curve: record.benchmark.curve,
        };
        self.rows.clear();
        let reading = Reading {
            benchmark: &record.benchmark,
            selection,
        };
        for (model, results) in &mut self.results {
            results.index(reading);
            let counting = results.counting(reading);
            let row = counting
                .and_then(|counting| Row::derive(catalog, record, selection, *model, counting));
            if let Some(row) = row {
                self.rows.insert(*model, row);
            }
        }
        let Rules {
            higher_is_better,
            curve,
        } = self.rules;
        self.indexes = Indexes::build(&self.rows.values(), higher_is_better, &curve);
    }

    /// Derives the row of one model anew. None when nothing about it changed.
    pub(crate) fn update(
        &mut self,
        catalog: &Catalog,
        record: &BenchmarkRecord,
        selection: &Selection,
        model: ModelKey,
    ) -> Option<RowUpdate> {
        let before = self.rows.get(&model).cloned();
        let reading = Reading {
            benchmark: &record.benchmark,
            selection,
        };
        let results = self.results.get(&model);
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
        match &after {
            Some(row) => self.rows.insert(model, row.clone()),
            None => self.rows.remove(&model),
        };
        let frontiers = self.frontier_moves(model, [before.as_ref(), after.as_ref()], was_member);
        Some(RowUpdate {
            before,
            after,
            frontiers,
        })
    }
}
